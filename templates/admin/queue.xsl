<?xml version="1.0" encoding="UTF-8"?>
<!-- The cases that wait, the heaviest first; many can be decided at once. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:template match="page" mode="title">Queue</xsl:template>
  <xsl:template match="page" mode="acts"><div class="acts"><xsl:call-template name="next-case"/></div></xsl:template>
  <xsl:template match="page" mode="main">
    <form method="get" action="/admin/queue" class="filters">
      <xsl:call-template name="choice"><xsl:with-param name="name" select="'kind'"/><xsl:with-param name="label">About</xsl:with-param><xsl:with-param name="codes" select="'video comment user'"/></xsl:call-template>
      <xsl:call-template name="choice"><xsl:with-param name="name" select="'category'"/><xsl:with-param name="label">Category</xsl:with-param><xsl:with-param name="codes" select="$categories"/></xsl:call-template>
      <xsl:call-template name="choice"><xsl:with-param name="name" select="'claimed'"/><xsl:with-param name="label">Who works on it</xsl:with-param><xsl:with-param name="codes" select="'me nobody'"/></xsl:call-template>
      <xsl:call-template name="choice"><xsl:with-param name="name" select="'held'"/><xsl:with-param name="label">Held until decided</xsl:with-param><xsl:with-param name="codes" select="'true false'"/></xsl:call-template>
      <xsl:call-template name="show"/>
    </form>
    <xsl:choose>
      <xsl:when test="not(cases/data/row)"><xsl:call-template name="empty"><xsl:with-param name="text">Nothing waits here. Well done.</xsl:with-param></xsl:call-template></xsl:when>
      <xsl:otherwise>
        <xsl:call-template name="total"><xsl:with-param name="meta" select="cases/meta"/></xsl:call-template>
        <form method="post" action="/admin/do">
          <xsl:call-template name="call"><xsl:with-param name="call" select="'POST /moderation/review'"/><xsl:with-param name="done" select="'decided'"/></xsl:call-template>
          <ul class="cards"><xsl:apply-templates select="cases/data/row"/></ul>
          <details class="bulk"><summary>Decide the ticked ones at once</summary>
            <xsl:call-template name="decision-fields"><xsl:with-param name="id" select="'bulk'"/></xsl:call-template>
            <p><button class="main">Decide all that are ticked</button></p>
          </details>
        </form>
        <xsl:apply-templates select="cases/meta" mode="pager"/>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template match="cases/data/row">
    <li>
      <p class="tick"><input type="checkbox" name="caseIds" value="{id}" id="c-{id}"/><label for="c-{id}" class="hidden">Decide this case with others</label></p>
      <xsl:if test="thumbnailUrl"><img src="{thumbnailUrl}" alt="" loading="lazy" width="120" height="68"/></xsl:if>
      <div>
        <p class="head"><a href="/admin/cases/{id}"><xsl:apply-templates select="." mode="subject"/></a></p>
        <p class="marks">
          <span class="mark"><xsl:apply-templates select="subject/kind" mode="code"/></span>
          <xsl:for-each select="categories/row"><xsl:text> </xsl:text><span class="mark warn"><xsl:apply-templates select="." mode="code"/></span></xsl:for-each>
          <xsl:if test="isHeld = 'true'"><xsl:text> </xsl:text><span class="mark bad">Held</span></xsl:if>
          <xsl:if test="claimedBy/id"><xsl:text> </xsl:text><span class="mark good">@<xsl:value-of select="claimedBy/username"/> works on it</span></xsl:if>
        </p>
        <p class="quiet">
          Reports: <xsl:value-of select="reportCount"/> · <xsl:call-template name="time"><xsl:with-param name="at" select="lastReportAt"/></xsl:call-template>
          <xsl:if test="user/id"> · <xsl:call-template name="person"><xsl:with-param name="user" select="user"/></xsl:call-template></xsl:if>
        </p>
      </div>
    </li>
  </xsl:template>
</xsl:stylesheet>
