<?xml version="1.0" encoding="UTF-8"?>
<!-- What mails look like. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <!-- to begin with, in the language of the reader -->
  <xsl:variable name="in"><xsl:choose><xsl:when test="/page/query/lang = 'en' or /page/query/lang = 'pt'"><xsl:value-of select="/page/query/lang"/></xsl:when><xsl:otherwise><xsl:value-of select="$lang"/></xsl:otherwise></xsl:choose></xsl:variable>
  <xsl:template match="page" mode="title">Mails</xsl:template>
  <xsl:template match="page" mode="main">
    <form method="get" action="/admin/mails" class="filters">
      <p><label for="mail">Mail</label><select name="mail" id="mail">
        <xsl:variable name="chosen" select="query/mail"/>
        <xsl:for-each select="mails/data/row"><option value="{name}"><xsl:if test="name = $chosen"><xsl:attribute name="selected">selected</xsl:attribute></xsl:if><xsl:apply-templates select="name" mode="mail"/></option></xsl:for-each>
      </select></p>
      <p><label for="lang">Language</label><select name="lang" id="lang">
        <option value="en" lang="en"><xsl:if test="$in = 'en'"><xsl:attribute name="selected">selected</xsl:attribute></xsl:if>English</option>
        <option value="pt" lang="pt"><xsl:if test="$in = 'pt'"><xsl:attribute name="selected">selected</xsl:attribute></xsl:if>Português</option>
      </select></p>
      <xsl:call-template name="show"/>
    </form>
    <xsl:variable name="mail" select="mails/data/row[name = current()/query/mail or (not(current()/query/mail) and position() = 1)]/name"/>
    
    <xsl:if test="$mail">
      <div class="columns">
        <section>
          <h2>As it looks</h2>
          <iframe class="preview" src="/admin/mails/{$mail}?lang={$in}" title="As it looks" sandbox=""></iframe>
        </section>
        <section>
          <h2>As plain text</h2>
          <iframe class="preview" src="/admin/mails/{$mail}?lang={$in}&amp;part=text" title="As plain text" sandbox=""></iframe>
        </section>
      </div>
    </xsl:if>
  </xsl:template>

  <!-- mails by the names of their templates -->
  <xsl:template match="name" mode="mail">
    <xsl:choose>
      <xsl:when test=". = 'account-banned'">Account closed by moderators</xsl:when>
      <xsl:when test=". = 'account-deleted'">Account deleted</xsl:when>
      <xsl:when test=". = 'account-suspended'">Account suspended</xsl:when>
      <xsl:when test=". = 'change-email'">New address to be confirmed</xsl:when>
      <xsl:when test=". = 'digest'">What is new</xsl:when>
      <xsl:when test=". = 'dojo-soon'">A dojo begins soon</xsl:when>
      <xsl:when test=". = 'email-changed'">Address changed</xsl:when>
      <xsl:when test=". = 'export-ready'">Own data ready</xsl:when>
      <xsl:when test=". = 'mfa-changed'">Second factor changed</xsl:when>
      <xsl:when test=". = 'password-changed'">Password changed</xsl:when>
      <xsl:when test=". = 'recap-ready'">Film ready</xsl:when>
      <xsl:when test=". = 'report-ready'">Report ready</xsl:when>
      <xsl:when test=". = 'reset'">New password</xsl:when>
      <xsl:when test=". = 'session-reused'">Key of a device used twice</xsl:when>
      <xsl:when test=". = 'verify'">Address to be confirmed</xsl:when>
      <xsl:otherwise><xsl:value-of select="translate(., '-', ' ')"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>
</xsl:stylesheet>
