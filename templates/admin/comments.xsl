<?xml version="1.0" encoding="UTF-8"?>
<!-- Comments, newest first. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:template match="page" mode="title">Comments</xsl:template>
  <xsl:template match="page" mode="main">
    <form method="get" action="/admin/comments" class="filters">
      <p><label for="q">Words or @author</label><input type="search" name="q" id="q" value="{query/q}" accesskey="s" maxlength="100"/></p>
      <p><label for="state">State</label><select name="state" id="state">
        <xsl:call-template name="option"><xsl:with-param name="value" select="''"/><xsl:with-param name="chosen" select="query/state"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'hidden'"/><xsl:with-param name="chosen" select="query/state"/></xsl:call-template>
      </select></p>
      <p><button class="plain">Show</button></p>
    </form>

    <xsl:choose>
      <xsl:when test="not(comments/data/row)"><xsl:call-template name="empty"><xsl:with-param name="text">No comment fits.</xsl:with-param></xsl:call-template></xsl:when>
      <xsl:otherwise>
        <ul class="cards">
          <xsl:for-each select="comments/data/row">
            <li><div>
              <p class="words"><xsl:value-of select="text"/></p>
              <p class="quiet"><xsl:call-template name="person"><xsl:with-param name="user" select="user"/></xsl:call-template> · <a href="/admin/videos/{video/id}"><xsl:value-of select="video/title"/></a> · <xsl:call-template name="time"><xsl:with-param name="at" select="createdAt"/></xsl:call-template>
                <xsl:if test="hiddenAt"><xsl:text> </xsl:text><span class="mark bad">Hidden</span></xsl:if>
                <xsl:if test="caseId"> · <a href="/admin/cases/{caseId}">Open case</a></xsl:if></p>
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
          </xsl:for-each>
        </ul>
        <xsl:apply-templates select="comments/meta" mode="pager"/>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>
</xsl:stylesheet>
