<?xml version="1.0" encoding="UTF-8"?>
<!-- Copyright notices, latest first. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:template match="page" mode="title">Copyright notices</xsl:template>
  <xsl:template match="page" mode="main">
    <form method="get" action="/admin/dmca" class="filters">
      <p><label for="state">State</label><select name="state" id="state">
        <xsl:call-template name="option"><xsl:with-param name="value" select="''"/><xsl:with-param name="chosen" select="query/state"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'received'"/><xsl:with-param name="chosen" select="query/state"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'taken_down'"/><xsl:with-param name="chosen" select="query/state"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'countered'"/><xsl:with-param name="chosen" select="query/state"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'restored'"/><xsl:with-param name="chosen" select="query/state"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'upheld'"/><xsl:with-param name="chosen" select="query/state"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'rejected'"/><xsl:with-param name="chosen" select="query/state"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'withdrawn'"/><xsl:with-param name="chosen" select="query/state"/></xsl:call-template>
      </select></p>
      <p><button class="plain">Show</button></p>
    </form>
    <xsl:choose>
      <xsl:when test="not(notices/data/row)"><xsl:call-template name="empty"><xsl:with-param name="text">There is no notice.</xsl:with-param></xsl:call-template></xsl:when>
      <xsl:otherwise>
        <ul class="cards"><xsl:apply-templates select="notices/data/row"/></ul>
        <xsl:apply-templates select="notices/meta" mode="pager"/>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>
  <xsl:template match="notices/data/row">
    <li><div>
      <p class="head"><xsl:value-of select="claimant/name"/><xsl:if test="claimant/onBehalfOf"> (<xsl:value-of select="claimant/onBehalfOf"/>)</xsl:if><xsl:text> </xsl:text><span class="mark"><xsl:apply-templates select="state" mode="code"/></span></p>
      <p class="words"><xsl:value-of select="work"/></p>
      <p class="quiet"><a href="/admin/videos/{videoId}">The video</a> · <xsl:call-template name="time"><xsl:with-param name="at" select="createdAt"/></xsl:call-template> · <xsl:value-of select="claimantEmail"/> · <xsl:value-of select="claimantAddress"/><xsl:if test="restoreAt"> · comes back on <xsl:call-template name="time"><xsl:with-param name="at" select="restoreAt"/></xsl:call-template></xsl:if></p>
      <xsl:if test="counter/statement"><p class="words"><b>Counter-notice</b> (<xsl:value-of select="counter/name"/>): <xsl:value-of select="counter/statement"/></p></xsl:if>
      <xsl:if test="state = 'received' or state = 'taken_down' or state = 'countered'">
        <form method="post" action="/admin/do" class="filters">
          <xsl:call-template name="call"><xsl:with-param name="call" select="concat('POST /moderation/dmca/', id)"/></xsl:call-template>
          <p><label for="w-{id}">What to do</label><select name="action" id="w-{id}">
            <xsl:if test="state = 'received'"><option value="take_down">Take the video down</option><option value="reject">Reject the notice</option></xsl:if>
            <xsl:if test="state = 'countered'"><option value="uphold">Uphold: they went to court</option></xsl:if>
            <xsl:if test="state != 'received'"><option value="restore">Restore the video</option></xsl:if>
            <option value="withdraw">Withdrawn by the claimant</option>
          </select></p>
          <p><label for="k-{id}">Note</label><input name="note" id="k-{id}" maxlength="2000"/></p>
          <p><button class="plain">Do it</button></p>
        </form>
      </xsl:if>
    </div></li>
  </xsl:template>
</xsl:stylesheet>
