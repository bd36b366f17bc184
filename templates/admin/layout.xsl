<?xml version="1.0" encoding="UTF-8"?>
<!-- The frame of all pages. A page's own sheet includes this one and has <page> in the modes title and main; in the modes
     crumb (the list that it belongs to), head and acts where it needs them. Texts are English; po/ has the other languages. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="values.xsl"/>
  <xsl:include href="lists.xsl"/>
  <xsl:include href="acts.xsl"/>
  <xsl:include href="codes.xsl"/>
  <xsl:output method="html" encoding="UTF-8" indent="no" doctype-system="about:legacy-compat"/>
  <xsl:variable name="lang" select="/page/@lang"/>
  <xsl:variable name="here">
    <xsl:value-of select="/page/@path"/>
    <xsl:if test="/page/query/@text != ''">?<xsl:value-of select="/page/query/@text"/></xsl:if>
  </xsl:variable>

  <xsl:template match="/page">
    <html lang="{@lang}">
      <head>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <meta name="robots" content="noindex"/>
        <meta name="color-scheme" content="light dark"/>
        <title><xsl:apply-templates select="." mode="title"/> – <xsl:value-of select="site/@name"/></title>
        <link rel="stylesheet" href="/admin/style.css"/>
        <xsl:apply-templates select="." mode="head"/>
      </head>
      <body class="{@name}">
        <a class="skip" href="#main">To the content</a>
        <xsl:if test="me"><xsl:call-template name="navigation"/></xsl:if>
        <main id="main" tabindex="-1">
          <xsl:apply-templates select="flash"/>
          <xsl:apply-templates select="refused[text]"/>
          <div class="top">
            <div>
              <xsl:apply-templates select="." mode="crumb"/>
              <h1><xsl:apply-templates select="." mode="title"/></h1>
            </div>
            <xsl:apply-templates select="." mode="acts"/>
          </div>
          <xsl:apply-templates select="." mode="main"/>
        </main>
      </body>
    </html>
  </xsl:template>
  <xsl:template match="page" mode="head"/>
  <xsl:template match="page" mode="crumb"/>
  <xsl:template match="page" mode="acts"/>

  <xsl:template name="crumb">
    <xsl:param name="to"/>
    <xsl:param name="text"/>
    <p class="crumb"><a href="{$to}"><xsl:copy-of select="$text"/></a></p>
  </xsl:template>

  <!-- navigation; on a telephone it is opened by a link to it -->

  <xsl:template name="navigation">
    <header>
      <p class="site"><a href="/admin"><xsl:value-of select="site/@name"/></a></p>
      <a class="open" href="#menu">Menu</a>
      <nav id="menu" aria-label="Pages">
        <a class="close" href="#main">Close the menu</a>
        <xsl:if test="me/may = 'report:review'">
          <h2>Moderation</h2>
          <ul>
            <xsl:call-template name="link"><xsl:with-param name="to" select="'/admin'"/><xsl:with-param name="key" select="1"/><xsl:with-param name="text">Overview</xsl:with-param></xsl:call-template>
            <xsl:call-template name="link"><xsl:with-param name="to" select="'/admin/queue'"/><xsl:with-param name="also" select="'/admin/cases/'"/><xsl:with-param name="key" select="2"/><xsl:with-param name="text">Queue</xsl:with-param></xsl:call-template>
            <xsl:call-template name="link"><xsl:with-param name="to" select="'/admin/decided'"/><xsl:with-param name="text">Decided</xsl:with-param></xsl:call-template>
            <xsl:call-template name="link"><xsl:with-param name="to" select="'/admin/appeals'"/><xsl:with-param name="key" select="6"/><xsl:with-param name="text">Appeals</xsl:with-param></xsl:call-template>
            <xsl:call-template name="link"><xsl:with-param name="to" select="'/admin/dmca'"/><xsl:with-param name="text">Copyright</xsl:with-param></xsl:call-template>
            <xsl:call-template name="link"><xsl:with-param name="to" select="'/admin/words'"/><xsl:with-param name="text">Watch lists</xsl:with-param></xsl:call-template>
            <xsl:call-template name="link"><xsl:with-param name="to" select="'/admin/reports'"/><xsl:with-param name="also" select="'/admin/reports/'"/><xsl:with-param name="text">Moderation reports</xsl:with-param></xsl:call-template>
          </ul>
          <h2>Community</h2>
          <ul>
            <xsl:call-template name="link"><xsl:with-param name="to" select="'/admin/videos'"/><xsl:with-param name="also" select="'/admin/videos/'"/><xsl:with-param name="key" select="3"/><xsl:with-param name="text">Videos</xsl:with-param></xsl:call-template>
            <xsl:call-template name="link"><xsl:with-param name="to" select="'/admin/comments'"/><xsl:with-param name="key" select="4"/><xsl:with-param name="text">Comments</xsl:with-param></xsl:call-template>
            <xsl:if test="me/may = 'user:manage'">
              <xsl:call-template name="link"><xsl:with-param name="to" select="'/admin/people'"/><xsl:with-param name="also" select="'/admin/people/'"/><xsl:with-param name="key" select="5"/><xsl:with-param name="text">People</xsl:with-param></xsl:call-template>
            </xsl:if>
            <xsl:if test="me/may = 'tenant:edit'">
              <xsl:call-template name="link"><xsl:with-param name="to" select="'/admin/settings'"/><xsl:with-param name="also" select="'/admin/reasons/'"/><xsl:with-param name="text">Settings</xsl:with-param></xsl:call-template>
              <xsl:call-template name="link"><xsl:with-param name="to" select="'/admin/mails'"/><xsl:with-param name="text">Mails</xsl:with-param></xsl:call-template>
            </xsl:if>
          </ul>
        </xsl:if>
        <xsl:if test="me/may = 'job:manage'">
          <h2>Operation</h2>
          <ul>
            <xsl:call-template name="link"><xsl:with-param name="to" select="'/admin/jobs'"/><xsl:with-param name="also" select="'/admin/jobs/'"/><xsl:with-param name="key" select="7"/><xsl:with-param name="text">Jobs</xsl:with-param></xsl:call-template>
            <xsl:if test="me/may = 'metrics:view'"><xsl:call-template name="link"><xsl:with-param name="to" select="'/admin/health'"/><xsl:with-param name="text">Health</xsl:with-param></xsl:call-template></xsl:if>
            <xsl:if test="me/may = 'audit:view'"><xsl:call-template name="link"><xsl:with-param name="to" select="'/admin/audit'"/><xsl:with-param name="key" select="8"/><xsl:with-param name="text">Audit log</xsl:with-param></xsl:call-template></xsl:if>
            <xsl:if test="me/may = 'tenant:manage'"><xsl:call-template name="link"><xsl:with-param name="to" select="'/admin/tenants'"/><xsl:with-param name="also" select="'/admin/tenants/'"/><xsl:with-param name="key" select="9"/><xsl:with-param name="text">Communities</xsl:with-param></xsl:call-template></xsl:if>
          </ul>
        </xsl:if>
        <div class="me">
          <p><b><xsl:value-of select="me/@name"/></b><br/><xsl:apply-templates select="me/@role" mode="code"/></p>
          <p><a href="/admin/keys" accesskey="h">Shortcuts</a> · <span>Times are UTC</span></p>
          <form method="post" action="/admin/sign-out">
            <input type="hidden" name="csrf" value="{@csrf}"/>
            <button class="plain">Sign out</button>
          </form>
        </div>
      </nav>
    </header>
  </xsl:template>

  <!-- also: how the paths of the pages behind that list begin -->
  <xsl:template name="link">
    <xsl:param name="to"/>
    <xsl:param name="also"/>
    <xsl:param name="key"/>
    <xsl:param name="text"/>
    <li>
      <a href="{$to}">
        <xsl:if test="$key"><xsl:attribute name="accesskey"><xsl:value-of select="$key"/></xsl:attribute></xsl:if>
        <xsl:choose>
          <xsl:when test="/page/@path = $to"><xsl:attribute name="aria-current">page</xsl:attribute></xsl:when>
          <xsl:when test="$also and starts-with(/page/@path, $also)"><xsl:attribute name="aria-current">true</xsl:attribute></xsl:when>
        </xsl:choose>
        <xsl:copy-of select="$text"/>
        <xsl:if test="$key"><kbd aria-hidden="true"><xsl:value-of select="$key"/></kbd></xsl:if>
      </a>
    </li>
  </xsl:template>

  <!-- of a form that was refused and stands here no more (handlers/admin/refused.c) -->
  <xsl:template match="refused">
    <section class="panel" id="kept">
      <h2>What you had written</h2>
      <xsl:for-each select="text"><p class="words"><xsl:value-of select="."/></p></xsl:for-each>
    </section>
  </xsl:template>

  <!-- what was just done -->

  <xsl:template match="flash">
    <p class="flash {@kind}">
      <xsl:attribute name="role"><xsl:choose><xsl:when test="@kind = 'done'">status</xsl:when><xsl:otherwise>alert</xsl:otherwise></xsl:choose></xsl:attribute>
      <xsl:choose>
        <xsl:when test=". = 'claimed'">The case is yours for a while.</xsl:when>
        <xsl:when test=". = 'released'">The case is free again.</xsl:when>
        <xsl:when test=". = 'assigned'">The case was given to your colleague.</xsl:when>
        <xsl:when test=". = 'decided'">Decided. Whoever is concerned has been told.</xsl:when>
        <xsl:when test=". = 'decided-last'">Decided. Nothing else is waiting that nobody works on.</xsl:when>
        <xsl:when test=". = 'answered'">The appeal was answered.</xsl:when>
        <xsl:when test=". = 'appeal-claimed'">The appeal is yours for a while.</xsl:when>
        <xsl:when test=". = 'none-left'">Nothing is waiting that nobody works on.</xsl:when>
        <xsl:when test=". = 'saved'">Saved.</xsl:when>
        <xsl:when test=". = 'added'">Added.</xsl:when>
        <xsl:when test=". = 'removed'">Removed.</xsl:when>
        <xsl:when test=". = 'retried'">It will be done again.</xsl:when>
        <xsl:when test=". = 'cancelled'">It was cancelled, or was asked to stop.</xsl:when>
        <xsl:when test=". = 'signed-out'">Signed out everywhere.</xsl:when>
        <xsl:when test=". = 'session-ended'">The session was ended.</xsl:when>
        <xsl:when test=". = 'ordered'">The report is being made. This page loads itself again until it is there.</xsl:when>
        <xsl:when test="starts-with(., 'some:')">
          <xsl:value-of select="substring-before(substring-after(., ':'), ':')"/> of <xsl:value-of select="substring-after(substring-after(., ':'), ':')"/> were decided. Somebody else holds the others, or has decided them.
        </xsl:when>
        <xsl:otherwise><xsl:value-of select="."/></xsl:otherwise>
      </xsl:choose>
    </p>
  </xsl:template>
</xsl:stylesheet>
