<?xml version="1.0" encoding="UTF-8"?>
<!-- Videos in any state. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:template match="page" mode="title">Videos</xsl:template>
  <xsl:template match="page" mode="main">
    <form method="get" action="/admin/videos" class="filters">
      <xsl:call-template name="search"><xsl:with-param name="label">Words, @author or id</xsl:with-param></xsl:call-template>
      <xsl:call-template name="choice"><xsl:with-param name="name" select="'state'"/><xsl:with-param name="label">State</xsl:with-param><xsl:with-param name="codes" select="'ready hidden failed underWay'"/></xsl:call-template>
      <xsl:call-template name="show"/>
    </form>
    <xsl:choose>
      <xsl:when test="not(videos/data/row)"><xsl:call-template name="empty"><xsl:with-param name="text">No video fits.</xsl:with-param></xsl:call-template></xsl:when>
      <xsl:otherwise>
        <ul class="cards"><xsl:apply-templates select="videos/data/row"/></ul>
        <xsl:apply-templates select="videos/meta" mode="pager"/>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>
  <xsl:template match="videos/data/row">
    <li>
      <xsl:choose>
        <xsl:when test="thumbnailUrl"><img src="{thumbnailUrl}" alt="" loading="lazy" width="120" height="68"/></xsl:when>
        <xsl:otherwise><span class="picture" aria-hidden="true"></span></xsl:otherwise>
      </xsl:choose>
      <div>
        <p class="head"><a href="/admin/videos/{id}"><xsl:value-of select="title"/></a></p>
        <p class="marks">
          <span><xsl:attribute name="class">mark<xsl:if test="status = 'failed'"> bad</xsl:if></xsl:attribute><xsl:apply-templates select="status" mode="code"/></span>
          <xsl:if test="hiddenAt"><xsl:text> </xsl:text><span class="mark bad"><xsl:choose><xsl:when test="removedAt">Removed</xsl:when><xsl:otherwise>Hidden</xsl:otherwise></xsl:choose></span></xsl:if>
          <xsl:if test="ageRestricted = 'true'"><xsl:text> </xsl:text><span class="mark warn">18+</span></xsl:if>
          <xsl:text> </xsl:text><span class="mark"><xsl:apply-templates select="visibility" mode="code"/></span>
          <xsl:if test="caseId"><xsl:text> </xsl:text><a class="mark warn" href="/admin/cases/{caseId}">Open case</a></xsl:if>
        </p>
        <xsl:if test="failureReason"><p><xsl:value-of select="failureReason"/></p></xsl:if>
        <p class="quiet"><xsl:call-template name="person"><xsl:with-param name="user" select="user"/></xsl:call-template>
          · Views: <xsl:call-template name="number"><xsl:with-param name="n" select="stats/views"/></xsl:call-template> · <xsl:call-template name="time"><xsl:with-param name="at" select="createdAt"/></xsl:call-template></p>
      </div>
    </li>
  </xsl:template>
</xsl:stylesheet>
