<?xml version="1.0" encoding="UTF-8"?>
<!-- Comments, newest first. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:template match="page" mode="title">Comments</xsl:template>
  <xsl:template match="page" mode="main">
    <form method="get" action="/admin/comments" class="filters">
      <xsl:call-template name="search"><xsl:with-param name="label">Words or @author</xsl:with-param></xsl:call-template>
      <xsl:call-template name="choice"><xsl:with-param name="name" select="'state'"/><xsl:with-param name="label">State</xsl:with-param><xsl:with-param name="codes" select="'hidden'"/></xsl:call-template>
      <xsl:call-template name="show"/>
    </form>
    <xsl:choose>
      <xsl:when test="not(comments/data/row)"><xsl:call-template name="empty"><xsl:with-param name="text">No comment fits.</xsl:with-param></xsl:call-template></xsl:when>
      <xsl:otherwise>
        <ul class="cards"><xsl:apply-templates select="comments/data/row"/></ul>
        <xsl:apply-templates select="comments/meta" mode="pager"/>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>
  <xsl:template match="comments/data/row">
    <li><div>
      <p class="words"><xsl:value-of select="text"/></p>
      <xsl:if test="hiddenAt or caseId">
        <p class="marks"><xsl:if test="hiddenAt"><span class="mark bad">Hidden</span><xsl:text> </xsl:text></xsl:if><xsl:if test="caseId"><a class="mark warn" href="/admin/cases/{caseId}">Open case</a></xsl:if></p>
      </xsl:if>
      <p class="quiet"><xsl:call-template name="person"><xsl:with-param name="user" select="user"/></xsl:call-template> · <a href="/admin/videos/{video/id}"><xsl:value-of select="video/title"/></a> · <xsl:call-template name="time"><xsl:with-param name="at" select="createdAt"/></xsl:call-template></p>
      <xsl:if test="not(caseId)">
        <details><summary>Decide</summary>
          <form method="post" action="/admin/do">
            <xsl:call-template name="call"><xsl:with-param name="call" select="'POST /moderation/decide'"/><xsl:with-param name="done" select="'decided'"/></xsl:call-template>
            <input type="hidden" name="kind" value="comment"/><input type="hidden" name="id" value="{id}"/>
            <xsl:call-template name="decision-fields"><xsl:with-param name="id" select="id"/></xsl:call-template>
            <p><button class="main">Decide</button></p>
          </form>
        </details>
      </xsl:if>
    </div></li>
  </xsl:template>
</xsl:stylesheet>
