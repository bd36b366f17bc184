<?xml version="1.0" encoding="UTF-8"?>
<!-- The cases that wait, the heaviest first; many can be decided at once. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:template match="page" mode="title">Queue</xsl:template>
  <xsl:template match="page" mode="main">
    <form method="get" action="/admin/queue" class="filters">
      <p><label for="kind">About</label><select name="kind" id="kind">
        <xsl:call-template name="option"><xsl:with-param name="value" select="''"/><xsl:with-param name="chosen" select="query/kind"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'video'"/><xsl:with-param name="chosen" select="query/kind"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'comment'"/><xsl:with-param name="chosen" select="query/kind"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'user'"/><xsl:with-param name="chosen" select="query/kind"/></xsl:call-template>
      </select></p>
      <p><label for="category">Category</label><select name="category" id="category">
        <xsl:call-template name="option"><xsl:with-param name="value" select="''"/><xsl:with-param name="chosen" select="query/category"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'child_safety'"/><xsl:with-param name="chosen" select="query/category"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'self_harm'"/><xsl:with-param name="chosen" select="query/category"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'violence'"/><xsl:with-param name="chosen" select="query/category"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'sexual'"/><xsl:with-param name="chosen" select="query/category"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'hate'"/><xsl:with-param name="chosen" select="query/category"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'harassment'"/><xsl:with-param name="chosen" select="query/category"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'dangerous'"/><xsl:with-param name="chosen" select="query/category"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'privacy'"/><xsl:with-param name="chosen" select="query/category"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'copyright'"/><xsl:with-param name="chosen" select="query/category"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'impersonation'"/><xsl:with-param name="chosen" select="query/category"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'misinformation'"/><xsl:with-param name="chosen" select="query/category"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'spam'"/><xsl:with-param name="chosen" select="query/category"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'review'"/><xsl:with-param name="chosen" select="query/category"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'other'"/><xsl:with-param name="chosen" select="query/category"/></xsl:call-template>
      </select></p>
      <p><label for="claimed">Held by</label><select name="claimed" id="claimed">
        <xsl:call-template name="option"><xsl:with-param name="value" select="''"/><xsl:with-param name="chosen" select="query/claimed"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'me'"/><xsl:with-param name="chosen" select="query/claimed"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'nobody'"/><xsl:with-param name="chosen" select="query/claimed"/></xsl:call-template>
      </select></p>
      <p><button class="plain">Show</button></p>
    </form>
    <div class="acts">
      <xsl:call-template name="button">
        <xsl:with-param name="call" select="'POST /moderation/next'"/><xsl:with-param name="done" select="'claimed'"/>
        <xsl:with-param name="back" select="'/admin/cases/{id}'"/><xsl:with-param name="class" select="'main'"/><xsl:with-param name="text">Take the next case</xsl:with-param>
      </xsl:call-template>
      <a href="/admin/decided">Decided cases</a>
    </div>
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
      <div>
        <p class="head"><span class="mark"><xsl:apply-templates select="subject/kind" mode="code"/></span>
          <a href="/admin/cases/{id}"><xsl:apply-templates select="." mode="words"/></a></p>
        <p class="quiet">
          <xsl:for-each select="categories/row"><span class="mark warn"><xsl:apply-templates select="." mode="code"/></span><xsl:text> </xsl:text></xsl:for-each>
          <xsl:if test="isHeld = 'true'"><span class="mark bad">Held</span><xsl:text> </xsl:text></xsl:if>
          Reports: <xsl:value-of select="reportCount"/> · <xsl:call-template name="time"><xsl:with-param name="at" select="lastReportAt"/></xsl:call-template>
          <xsl:if test="user/id"> · <xsl:call-template name="person"><xsl:with-param name="user" select="user"/></xsl:call-template></xsl:if>
          <xsl:if test="user/strikes &gt; 0"> · <xsl:value-of select="user/strikes"/> strikes</xsl:if>
          <xsl:if test="claimedBy/id"> · held by @<xsl:value-of select="claimedBy/username"/></xsl:if>
        </p>
      </div>
    </li>
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
