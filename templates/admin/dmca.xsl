<?xml version="1.0" encoding="UTF-8"?>
<!-- Copyright notices, latest first. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:template match="page" mode="title">Copyright notices</xsl:template>
  <xsl:template match="page" mode="acts"><p class="acts"><a href="/transparency">What the public is told</a></p></xsl:template>
  <xsl:template match="page" mode="main">
    <form method="get" action="/admin/dmca" class="filters">
      <xsl:call-template name="choice"><xsl:with-param name="name" select="'state'"/><xsl:with-param name="label">State</xsl:with-param><xsl:with-param name="codes" select="'received taken_down countered restored upheld rejected withdrawn'"/></xsl:call-template>
      <xsl:call-template name="show"/>
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
      <p class="head"><xsl:value-of select="claimant/name"/></p>
      <p class="marks"><span><xsl:attribute name="class">mark<xsl:if test="state = 'received' or state = 'countered'"> warn</xsl:if></xsl:attribute><xsl:apply-templates select="state" mode="code"/></span>
        <xsl:if test="state = 'countered'"><xsl:text> </xsl:text><span class="mark">comes back on <xsl:call-template name="time"><xsl:with-param name="at" select="restoreAt"/></xsl:call-template></span></xsl:if></p>
      <blockquote class="words"><xsl:value-of select="work"/></blockquote>
      <dl class="small">
        <xsl:if test="claimant/onBehalfOf"><dt>On behalf of</dt><dd><xsl:value-of select="claimant/onBehalfOf"/></dd></xsl:if>
        <dt>Address</dt><dd class="words"><xsl:value-of select="claimantAddress"/></dd>
        <dt>E-mail</dt><dd><xsl:value-of select="claimantEmail"/></dd>
        <dt>Signed</dt><dd><xsl:value-of select="claimantSignature"/> · <xsl:call-template name="time"><xsl:with-param name="at" select="createdAt"/></xsl:call-template></dd>
        <xsl:if test="takenDownAt"><dt>Taken down</dt><dd><xsl:call-template name="time"><xsl:with-param name="at" select="takenDownAt"/></xsl:call-template></dd></xsl:if>
        <xsl:if test="note"><dt>Note</dt><dd class="words"><xsl:value-of select="note"/></dd></xsl:if>
      </dl>
      <xsl:if test="counter/statement">
        <h2>Counter-notice</h2>
        <blockquote class="words"><xsl:value-of select="counter/statement"/></blockquote>
        <dl class="small">
          <dt>Name</dt><dd><xsl:value-of select="counter/name"/></dd><dt>Address</dt><dd class="words"><xsl:value-of select="counter/address"/></dd>
          <dt>Signed</dt><dd><xsl:value-of select="counter/signature"/> · <xsl:call-template name="time"><xsl:with-param name="at" select="counteredAt"/></xsl:call-template></dd>
        </dl>
      </xsl:if>
      <p><a href="/admin/videos/{videoId}">The video</a></p>
      <xsl:if test="state = 'received' or state = 'taken_down' or state = 'countered'">
        <form method="post" action="/admin/do" class="filters">
          <xsl:call-template name="call"><xsl:with-param name="call" select="concat('POST /moderation/dmca/', id)"/></xsl:call-template>
          <p><label for="w-{id}">What to do</label><select name="action" id="w-{id}" required="required">
            <option value="">Choose…</option>
            <xsl:if test="state = 'received'"><option value="take_down">Take the video down</option><option value="reject">Reject the notice</option></xsl:if>
            <xsl:if test="state != 'received'"><option value="uphold">Uphold: they went to court</option></xsl:if>
            <xsl:if test="state = 'countered'"><option value="restore">Restore the video</option></xsl:if>
            <option value="withdraw">Withdrawn by the claimant</option>
          </select></p>
          <p><label for="k-{id}">Note</label><input name="note" id="k-{id}" maxlength="2000"/></p>
          <p class="go"><button class="plain">Do it</button></p>
        </form>
      </xsl:if>
    </div></li>
  </xsl:template>
</xsl:stylesheet>
