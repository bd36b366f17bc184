<?xml version="1.0" encoding="UTF-8"?>
<!-- Decided cases, latest first. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:template match="page" mode="title">Decided cases</xsl:template>
  <xsl:template match="page" mode="main">
    <p><a href="/admin/queue">To the queue</a></p>
    <xsl:choose>
      <xsl:when test="not(cases/data/row)"><xsl:call-template name="empty"><xsl:with-param name="text">Nothing was decided yet.</xsl:with-param></xsl:call-template></xsl:when>
      <xsl:otherwise>
        <ul class="cards">
          <xsl:for-each select="cases/data/row">
            <li><div>
              <p class="head"><span class="mark"><xsl:apply-templates select="subject/kind" mode="code"/></span><xsl:text> </xsl:text><a href="/admin/cases/{id}"><xsl:apply-templates select="." mode="words"/></a></p>
              <p class="quiet"><xsl:call-template name="time"><xsl:with-param name="at" select="decidedAt"/></xsl:call-template><xsl:if test="user/id"> · <xsl:call-template name="person"><xsl:with-param name="user" select="user"/></xsl:call-template></xsl:if></p>
            </div></li>
          </xsl:for-each>
        </ul>
        <xsl:apply-templates select="cases/meta" mode="pager"/>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template match="row" mode="words">
    <xsl:choose>
      <xsl:when test="subject/words/title"><xsl:value-of select="substring(subject/words/title, 1, 120)"/></xsl:when>
      <xsl:when test="subject/words/text"><xsl:value-of select="substring(subject/words/text, 1, 120)"/></xsl:when>
      <xsl:when test="subject/words/username">@<xsl:value-of select="subject/words/username"/></xsl:when>
      <xsl:otherwise><xsl:value-of select="substring(subject/words, 1, 120)"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>
</xsl:stylesheet>
