<?xml version="1.0" encoding="UTF-8"?>
<!-- Videos in any state. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:template match="page" mode="title">Videos</xsl:template>
  <xsl:template match="page" mode="main">
    <form method="get" action="/admin/videos" class="filters">
      <p><label for="q">Words, @author or id</label><input type="search" name="q" id="q" value="{query/q}" accesskey="s" maxlength="100"/></p>
      <p><label for="state">State</label><select name="state" id="state">
        <xsl:call-template name="option"><xsl:with-param name="value" select="''"/><xsl:with-param name="chosen" select="query/state"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'ready'"/><xsl:with-param name="chosen" select="query/state"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'hidden'"/><xsl:with-param name="chosen" select="query/state"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'failed'"/><xsl:with-param name="chosen" select="query/state"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'underWay'"/><xsl:with-param name="chosen" select="query/state"/></xsl:call-template>
      </select></p>
      <p><button class="plain">Show</button></p>
    </form>

    <xsl:choose>
      <xsl:when test="not(videos/data/row)"><xsl:call-template name="empty"><xsl:with-param name="text">No video fits.</xsl:with-param></xsl:call-template></xsl:when>
      <xsl:otherwise>
        <ul class="cards">
          <xsl:for-each select="videos/data/row">
            <li>
              <xsl:if test="thumbnailUrl"><img src="{thumbnailUrl}" alt="" loading="lazy" width="120" height="68"/></xsl:if>
              <div>
                <p class="head"><a href="/admin/videos/{id}"><xsl:value-of select="title"/></a></p>
                <p class="quiet">
                  <span><xsl:attribute name="class">mark<xsl:if test="status = 'failed'"> bad</xsl:if></xsl:attribute><xsl:apply-templates select="status" mode="code"/></span>
                  <xsl:if test="hiddenAt"><xsl:text> </xsl:text><span class="mark bad">Hidden</span></xsl:if>
                  <xsl:if test="ageRestricted = 'true'"><xsl:text> </xsl:text><span class="mark warn">18+</span></xsl:if>
                  · <xsl:apply-templates select="visibility" mode="code"/> · <xsl:call-template name="person"><xsl:with-param name="user" select="user"/></xsl:call-template>
                  · <xsl:call-template name="number"><xsl:with-param name="n" select="stats/views"/></xsl:call-template> views · <xsl:call-template name="time"><xsl:with-param name="at" select="createdAt"/></xsl:call-template>
                  <xsl:if test="caseId"> · <a href="/admin/cases/{caseId}">Open case</a></xsl:if>
                  <xsl:if test="failureReason"><br/><xsl:value-of select="failureReason"/></xsl:if>
                </p>
              </div>
            </li>
          </xsl:for-each>
        </ul>
        <xsl:apply-templates select="videos/meta" mode="pager"/>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>
</xsl:stylesheet>
