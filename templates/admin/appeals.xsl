<?xml version="1.0" encoding="UTF-8"?>
<!-- Appeals, the oldest first. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:template match="page" mode="title">Appeals</xsl:template>
  <xsl:template match="page" mode="main">
    <form method="get" action="/admin/appeals" class="filters">
      <xsl:call-template name="choice"><xsl:with-param name="name" select="'state'"/><xsl:with-param name="label">State</xsl:with-param><xsl:with-param name="codes" select="'open granted denied'"/><xsl:with-param name="any" select="false()"/></xsl:call-template>
      <xsl:call-template name="show"/>
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
      <p class="head"><xsl:call-template name="person"><xsl:with-param name="user" select="user"/></xsl:call-template></p>
      <p class="marks"><span class="mark bad"><xsl:apply-templates select="decision/action" mode="code"/></span><xsl:text> </xsl:text><span class="mark"><xsl:apply-templates select="decision/subject/kind" mode="code"/></span>
        <xsl:if test="decision/reason"><xsl:text> </xsl:text><span class="mark warn"><xsl:apply-templates select="decision/reason" mode="code"/></span></xsl:if>
        <xsl:if test="state != 'open'"><xsl:text> </xsl:text><span class="mark"><xsl:apply-templates select="state" mode="code"/></span></xsl:if>
        <xsl:if test="claimedBy/username"><xsl:text> </xsl:text><span class="mark good">@<xsl:value-of select="claimedBy/username"/> works on it</span></xsl:if></p>
      <blockquote class="words"><xsl:value-of select="text"/></blockquote>
      <dl class="small">
        <xsl:if test="decision/words"><dt>What the person was told</dt><dd class="words"><xsl:value-of select="decision/words"/></dd></xsl:if>
        <xsl:if test="decisionNote"><dt>Note for moderators</dt><dd class="words"><xsl:value-of select="decisionNote"/></dd></xsl:if>
        <dt>Decided by</dt><dd><xsl:choose><xsl:when test="decidedOnBy">@<xsl:value-of select="decidedOnBy"/></xsl:when><xsl:otherwise>the system</xsl:otherwise></xsl:choose></dd>
        <dt>Appealed</dt><dd><xsl:call-template name="time"><xsl:with-param name="at" select="createdAt"/></xsl:call-template></dd>
        <xsl:if test="answer"><dt>Answer</dt><dd class="words"><xsl:value-of select="answer"/></dd></xsl:if>
      </dl>
      <p class="acts">
        <xsl:if test="decision/subject/kind = 'video'"><a href="/admin/videos/{decision/subject/id}">The video</a></xsl:if>
        <xsl:if test="caseId"><a href="/admin/cases/{caseId}">The case</a></xsl:if>
      </p>
      <xsl:if test="state = 'open'">
        <xsl:choose>
          <xsl:when test="decidedOnBy = /page/me/@name"><p class="quiet">This was your decision: a colleague answers.</p></xsl:when>
          <xsl:otherwise><xsl:call-template name="answer"/></xsl:otherwise>
        </xsl:choose>
      </xsl:if>
    </div></li>
  </xsl:template>

  <xsl:template name="answer">
    <xsl:if test="not(claimedBy/username)">
      <xsl:call-template name="button"><xsl:with-param name="call" select="concat('POST /moderation/appeals/', id, '/claim')"/><xsl:with-param name="done" select="'appeal-claimed'"/><xsl:with-param name="text">Claim this appeal</xsl:with-param></xsl:call-template>
    </xsl:if>
    <form method="post" action="/admin/do">
      <xsl:call-template name="call"><xsl:with-param name="call" select="concat('POST /moderation/appeals/', id)"/><xsl:with-param name="done" select="'answered'"/></xsl:call-template>
      <fieldset class="choices"><legend>Answer</legend>
        <label><input type="radio" name="granted" value="true" required="required"/><span>Grant: the decision falls</span></label>
        <label><input type="radio" name="granted" value="false"/><span>Deny: the decision stands</span></label>
      </fieldset>
      <div class="fields">
        <p class="wide"><label for="a-{id}">What the person is told</label><textarea name="answer" id="a-{id}" rows="2" required="required" maxlength="2000"></textarea></p>
        <p class="wide"><label for="n-{id}">Note for moderators</label><textarea name="note" id="n-{id}" rows="1" maxlength="2000"></textarea></p>
      </div>
      <p><button class="main">Answer</button></p>
    </form>
  </xsl:template>
</xsl:stylesheet>
