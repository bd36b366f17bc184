<?xml version="1.0" encoding="UTF-8"?>
<!-- Decided cases, latest first. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:template match="page" mode="title">Decided cases</xsl:template>
  <xsl:template match="page" mode="main">
    <form method="get" action="/admin/decided" class="filters">
      <xsl:call-template name="choice"><xsl:with-param name="name" select="'kind'"/><xsl:with-param name="label">About</xsl:with-param><xsl:with-param name="codes" select="'video comment user'"/></xsl:call-template>
      <xsl:call-template name="show"/>
    </form>
    <xsl:choose>
      <xsl:when test="not(cases/data/row)"><xsl:call-template name="empty"><xsl:with-param name="text">Nothing was decided yet.</xsl:with-param></xsl:call-template></xsl:when>
      <xsl:otherwise>
        <ul class="cards">
          <xsl:for-each select="cases/data/row">
            <li>
              <xsl:if test="thumbnailUrl"><img src="{thumbnailUrl}" alt="" loading="lazy" width="120" height="68"/></xsl:if>
              <div>
                <p class="head"><a href="/admin/cases/{id}"><xsl:apply-templates select="." mode="subject"/></a></p>
                <p class="marks"><span class="mark"><xsl:apply-templates select="subject/kind" mode="code"/></span>
                  <xsl:for-each select="decided/row"><xsl:text> </xsl:text><span class="mark"><xsl:apply-templates select="." mode="code"/></span></xsl:for-each></p>
                <p class="quiet"><xsl:call-template name="time"><xsl:with-param name="at" select="decidedAt"/></xsl:call-template>
                  · <xsl:choose><xsl:when test="decidedBy">@<xsl:value-of select="decidedBy"/></xsl:when><xsl:otherwise>the system</xsl:otherwise></xsl:choose>
                  <xsl:if test="user/id"> · <xsl:call-template name="person"><xsl:with-param name="user" select="user"/></xsl:call-template></xsl:if></p>
              </div>
            </li>
          </xsl:for-each>
        </ul>
        <xsl:apply-templates select="cases/meta" mode="pager"/>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>
</xsl:stylesheet>
