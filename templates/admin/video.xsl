<?xml version="1.0" encoding="UTF-8"?>
<!-- One video as a moderator sees it. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:variable name="v" select="/page/video/data"/>
  <xsl:template match="page" mode="title"><xsl:value-of select="$v/title"/></xsl:template>
  <xsl:template match="page" mode="crumb"><xsl:call-template name="crumb"><xsl:with-param name="to" select="'/admin/videos'"/><xsl:with-param name="text">Videos</xsl:with-param></xsl:call-template></xsl:template>
  <xsl:template match="page" mode="main">
    <p class="marks">
      <span><xsl:attribute name="class">mark<xsl:if test="$v/status = 'failed'"> bad</xsl:if></xsl:attribute><xsl:apply-templates select="$v/status" mode="code"/></span>
      <xsl:text> </xsl:text><span class="mark"><xsl:apply-templates select="$v/visibility" mode="code"/></span>
      <xsl:if test="$v/hiddenAt"><xsl:text> </xsl:text><span class="mark bad">Hidden</span></xsl:if>
      <xsl:if test="$v/removedAt"><xsl:text> </xsl:text><span class="mark bad">Removed</span></xsl:if>
      <xsl:if test="$v/ageRestricted = 'true'"><xsl:text> </xsl:text><span class="mark warn">18+</span></xsl:if>
    </p>
    <div class="columns">
      <div>
        <section>
          <h2 class="hidden">The video</h2>
          <xsl:choose>
            <xsl:when test="$v/mp4Url"><video controls="controls" preload="metadata" poster="{$v/posterUrl}" src="{$v/mp4Url}" aria-label="This video"></video></xsl:when>
            <xsl:otherwise><p class="empty">This video does not play (any more).</p></xsl:otherwise>
          </xsl:choose>
          <xsl:if test="$v/description != ''"><p class="words"><xsl:value-of select="$v/description"/></p></xsl:if>
          <xsl:if test="$v/tags/row"><p class="marks"><xsl:for-each select="$v/tags/row"><span class="mark">#<xsl:value-of select="."/></span><xsl:text> </xsl:text></xsl:for-each></p></xsl:if>
        </section>
        <section>
          <h2>Facts</h2>
          <dl>
            <xsl:if test="$v/failureReason"><dt>Why it failed</dt><dd><xsl:value-of select="$v/failureReason"/></dd></xsl:if>
            <dt>Author</dt><dd><xsl:call-template name="person"><xsl:with-param name="user" select="$v/user"/></xsl:call-template></dd>
            <xsl:if test="$v/duration"><dt>Length</dt><dd><xsl:call-template name="seconds"><xsl:with-param name="s" select="$v/duration"/></xsl:call-template><xsl:if test="$v/width"> · <xsl:value-of select="$v/width"/>×<xsl:value-of select="$v/height"/></xsl:if></dd></xsl:if>
            <dt>Stored</dt><dd><xsl:call-template name="bytes"><xsl:with-param name="n" select="$v/storedBytes"/></xsl:call-template></dd>
            <dt>Views</dt><dd><xsl:call-template name="number"><xsl:with-param name="n" select="$v/stats/views"/></xsl:call-template></dd>
            <dt>Likes</dt><dd><xsl:call-template name="number"><xsl:with-param name="n" select="$v/stats/likes"/></xsl:call-template></dd>
            <dt>Comments</dt><dd><xsl:call-template name="number"><xsl:with-param name="n" select="$v/stats/comments"/></xsl:call-template></dd>
            <dt>Uploaded</dt><dd><xsl:call-template name="time"><xsl:with-param name="at" select="$v/createdAt"/></xsl:call-template></dd>
            <dt>Id</dt><dd><code><xsl:value-of select="$v/id"/></code></dd>
          </dl>
        </section>
        <xsl:if test="$v/jobs/row">
          <section>
            <h2>Jobs</h2>
            <ul class="plain"><xsl:for-each select="$v/jobs/row"><li>
              <xsl:choose><xsl:when test="/page/me/may = 'job:manage'"><a href="/admin/jobs/{id}"><xsl:value-of select="kind"/></a></xsl:when><xsl:otherwise><xsl:value-of select="kind"/></xsl:otherwise></xsl:choose>
              <xsl:text> </xsl:text><span><xsl:attribute name="class">mark<xsl:if test="state = 'dead'"> bad</xsl:if></xsl:attribute><xsl:apply-templates select="state" mode="code"/></span>
              <span class="quiet below"><xsl:call-template name="time"><xsl:with-param name="at" select="createdAt"/></xsl:call-template><xsl:if test="reason"> · <xsl:value-of select="reason"/></xsl:if></span></li></xsl:for-each></ul>
          </section>
        </xsl:if>
      </div>
      <div>
        <section class="panel">
          <h2>Decide</h2>
          <xsl:choose>
            <xsl:when test="$v/caseId"><p><a href="/admin/cases/{$v/caseId}">There is an open case about this video: decide there.</a></p></xsl:when>
            <xsl:otherwise>
              <form method="post" action="/admin/do">
                <xsl:call-template name="call"><xsl:with-param name="call" select="'POST /moderation/decide'"/><xsl:with-param name="done" select="'decided'"/></xsl:call-template>
                <input type="hidden" name="kind" value="video"/><input type="hidden" name="id" value="{$v/id}"/>
                <xsl:call-template name="decision-fields"/>
                <p><button class="main" accesskey="d">Decide<kbd aria-hidden="true">d</kbd></button></p>
              </form>
            </xsl:otherwise>
          </xsl:choose>
        </section>
        <section>
          <h2>Decisions</h2>
          <xsl:call-template name="history"><xsl:with-param name="rows" select="$v/history/row"/></xsl:call-template>
        </section>
        <section>
          <h2>Blocklist</h2>
          <p class="quiet">Whoever uploads this video again, also changed, is stopped.</p>
          <form method="post" action="/admin/do" class="filters">
            <xsl:call-template name="call"><xsl:with-param name="call" select="'POST /moderation/blocklist'"/><xsl:with-param name="done" select="'added'"/><xsl:with-param name="back" select="'/admin/words'"/></xsl:call-template>
            <input type="hidden" name="videoId" value="{$v/id}"/>
            <p><label for="label">Name of the entry</label><input name="label" id="label" required="required" maxlength="200"/></p>
            <xsl:call-template name="choice"><xsl:with-param name="name" select="'action'"/><xsl:with-param name="id" select="'b-action'"/><xsl:with-param name="label">Action</xsl:with-param><xsl:with-param name="codes" select="'hold block'"/><xsl:with-param name="any" select="false()"/></xsl:call-template>
            <p class="go"><button class="plain">Put it on the blocklist</button></p>
          </form>
        </section>
      </div>
    </div>
  </xsl:template>
</xsl:stylesheet>
