<?xml version="1.0" encoding="UTF-8"?>
<!-- Appeals, the oldest first. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:template match="page" mode="title">Appeals</xsl:template>
  <xsl:template match="page" mode="main">
    <form method="get" action="/admin/appeals" class="filters">
      <p><label for="state">State</label><select name="state" id="state">
        <xsl:call-template name="option"><xsl:with-param name="value" select="'open'"/><xsl:with-param name="chosen" select="query/state"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'granted'"/><xsl:with-param name="chosen" select="query/state"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'denied'"/><xsl:with-param name="chosen" select="query/state"/></xsl:call-template>
      </select></p>
      <p><button class="plain">Show</button></p>
    </form>
    <xsl:choose>
      <xsl:when test="not(appeals/data/row)"><xsl:call-template name="empty"><xsl:with-param name="text">No appeal waits.</xsl:with-param></xsl:call-template></xsl:when>
      <xsl:otherwise>
        <xsl:call-template name="total"><xsl:with-param name="meta" select="appeals/meta"/></xsl:call-template>
        <ul class="cards"><xsl:apply-templates select="appeals/data/row"/></ul>
        <xsl:apply-templates select="appeals/meta" mode="pager"/>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>
  <xsl:template match="appeals/data/row">
    <li><div>
      <p class="head"><xsl:call-template name="person"><xsl:with-param name="user" select="user"/></xsl:call-template>: <xsl:apply-templates select="decision/action" mode="code"/> (<xsl:apply-templates select="decision/subject/kind" mode="code"/>)</p>
      <p class="words"><xsl:value-of select="text"/></p>
      <p class="quiet">
        <xsl:call-template name="time"><xsl:with-param name="at" select="createdAt"/></xsl:call-template>
        · decided by <xsl:choose><xsl:when test="decidedOnBy">@<xsl:value-of select="decidedOnBy"/></xsl:when><xsl:otherwise>the system</xsl:otherwise></xsl:choose>
        <xsl:if test="decision/reason"> · <xsl:apply-templates select="decision/reason" mode="code"/></xsl:if>
        <xsl:if test="decision/subject/kind = 'video'"> · <a href="/admin/videos/{decision/subject/id}">The video</a></xsl:if>
      </p>
      <xsl:if test="decision/words"><p class="quiet">What the person was told: <xsl:value-of select="decision/words"/></p></xsl:if>
      <xsl:if test="decisionNote"><p class="quiet">Note: <xsl:value-of select="decisionNote"/></p></xsl:if>
      <xsl:if test="answer"><p class="words"><xsl:value-of select="answer"/></p></xsl:if>
      <xsl:if test="state = 'open'">
        <xsl:choose>
          <xsl:when test="decidedOnBy = /page/me/@name"><p class="quiet">This was your decision: a colleague answers.</p></xsl:when>
          <xsl:otherwise>
            <form method="post" action="/admin/do">
              <xsl:call-template name="call"><xsl:with-param name="call" select="concat('POST /moderation/appeals/', id)"/><xsl:with-param name="done" select="'answered'"/></xsl:call-template>
              <div class="fields">
                <p><label for="g-{id}">Answer</label><select name="granted" id="g-{id}" required="required"><option value="">Choose…</option><option value="true">Grant: the decision falls</option><option value="false">Deny: the decision stands</option></select></p>
                <p class="wide"><label for="a-{id}">What the person is told</label><textarea name="answer" id="a-{id}" rows="2" required="required" maxlength="2000"></textarea></p>
                <p class="wide"><label for="n-{id}">Note for moderators</label><textarea name="note" id="n-{id}" rows="1" maxlength="2000"></textarea></p>
              </div>
              <p><button class="main">Answer</button></p>
            </form>
          </xsl:otherwise>
        </xsl:choose>
      </xsl:if>
    </div></li>
  </xsl:template>
</xsl:stylesheet>
