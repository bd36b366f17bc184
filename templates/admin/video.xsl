<?xml version="1.0" encoding="UTF-8"?>
<!-- One video as a moderator sees it. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:template match="page" mode="title"><xsl:value-of select="video/data/title"/></xsl:template>
  <xsl:template match="page" mode="main">
    <xsl:variable name="v" select="video/data"/>
    <div class="columns">
      <section>
        <h2>The video</h2>
        <xsl:choose>
          <xsl:when test="$v/mp4Url"><video controls="controls" preload="metadata" poster="{$v/posterUrl}" src="{$v/mp4Url}" aria-label="This video"></video></xsl:when>
          <xsl:otherwise><p class="empty">This video does not play (any more).</p></xsl:otherwise>
        </xsl:choose>
        <xsl:if test="$v/description != ''"><p class="words"><xsl:value-of select="$v/description"/></p></xsl:if>
        <xsl:if test="$v/tags/row"><p><xsl:for-each select="$v/tags/row"><span class="mark">#<xsl:value-of select="."/></span><xsl:text> </xsl:text></xsl:for-each></p></xsl:if>
      </section>
      <section>
        <h2>Facts</h2>
        <dl>
          <dt>State</dt><dd><xsl:apply-templates select="$v/status" mode="code"/><xsl:if test="$v/hiddenAt"><xsl:text> </xsl:text><span class="mark bad">Hidden</span></xsl:if><xsl:if test="$v/removedAt"><xsl:text> </xsl:text><span class="mark bad">Removed</span></xsl:if></dd>
          <xsl:if test="$v/failureReason"><dt>Why it failed</dt><dd><xsl:value-of select="$v/failureReason"/></dd></xsl:if>
          <dt>Visibility</dt><dd><xsl:apply-templates select="$v/visibility" mode="code"/></dd>
          <dt>Author</dt><dd><xsl:call-template name="person"><xsl:with-param name="user" select="$v/user"/></xsl:call-template> · <xsl:value-of select="$v/user/strikes"/> strikes</dd>
          <dt>Length</dt><dd><xsl:call-template name="seconds"><xsl:with-param name="s" select="$v/duration"/></xsl:call-template> · <xsl:value-of select="$v/width"/>×<xsl:value-of select="$v/height"/></dd>
          <dt>Stored</dt><dd><xsl:call-template name="bytes"><xsl:with-param name="n" select="$v/storedBytes"/></xsl:call-template></dd>
          <dt>Seen</dt><dd><xsl:call-template name="number"><xsl:with-param name="n" select="$v/stats/views"/></xsl:call-template> views · <xsl:call-template name="number"><xsl:with-param name="n" select="$v/stats/likes"/></xsl:call-template> likes · <xsl:call-template name="number"><xsl:with-param name="n" select="$v/stats/comments"/></xsl:call-template> comments</dd>
          <dt>Uploaded</dt><dd><xsl:call-template name="time"><xsl:with-param name="at" select="$v/createdAt"/></xsl:call-template></dd>
        </dl>
        <h2>Decisions</h2>
        <xsl:call-template name="history"><xsl:with-param name="rows" select="$v/history/row"/></xsl:call-template>
        <xsl:if test="$v/jobs/row">
          <h2>Jobs</h2>
          <ul class="plain"><xsl:for-each select="$v/jobs/row"><li>
            <xsl:choose><xsl:when test="/page/me/may = 'job:manage'"><a href="/admin/jobs/{id}"><xsl:value-of select="kind"/></a></xsl:when><xsl:otherwise><xsl:value-of select="kind"/></xsl:otherwise></xsl:choose>
            · <xsl:apply-templates select="state" mode="code"/> · <xsl:call-template name="time"><xsl:with-param name="at" select="createdAt"/></xsl:call-template>
            <xsl:if test="reason"><br/><span class="quiet"><xsl:value-of select="reason"/></span></xsl:if></li></xsl:for-each></ul>
        </xsl:if>
      </section>
    </div>
    <section>
      <h2>Decide</h2>
      <xsl:choose>
        <xsl:when test="$v/caseId"><p><a href="/admin/cases/{$v/caseId}">There is an open case about this video: decide there.</a></p></xsl:when>
        <xsl:otherwise>
          <form method="post" action="/admin/do">
            <xsl:call-template name="call"><xsl:with-param name="call" select="'POST /moderation/decide'"/><xsl:with-param name="done" select="'decided'"/></xsl:call-template>
            <input type="hidden" name="kind" value="video"/><input type="hidden" name="id" value="{$v/id}"/>
            <xsl:call-template name="decision-fields"/>
            <p><button class="main">Decide</button></p>
          </form>
        </xsl:otherwise>
      </xsl:choose>
      <form method="post" action="/admin/do" class="filters">
        <xsl:call-template name="call"><xsl:with-param name="call" select="'POST /moderation/blocklist'"/><xsl:with-param name="done" select="'added'"/><xsl:with-param name="back" select="'/admin/words'"/></xsl:call-template>
        <input type="hidden" name="videoId" value="{$v/id}"/>
        <p><label for="label">Do not let this video in again: name of the entry</label><input name="label" id="label" required="required" maxlength="200"/></p>
        <p><button class="plain">Put it on the blocklist</button></p>
      </form>
    </section>
  </xsl:template>

  <xsl:template name="history">
    <xsl:param name="rows"/>
    <xsl:choose>
      <xsl:when test="not($rows)"><p class="quiet">Nothing was decided before.</p></xsl:when>
      <xsl:otherwise>
        <ul class="plain">
          <xsl:for-each select="$rows">
            <li>
              <b><xsl:apply-templates select="action" mode="code"/></b>
              <xsl:if test="reason"> · <xsl:apply-templates select="reason" mode="code"/></xsl:if>
              <xsl:if test="days"> · <xsl:value-of select="days"/> days</xsl:if>
              · <xsl:call-template name="time"><xsl:with-param name="at" select="createdAt"/></xsl:call-template>
              <xsl:choose><xsl:when test="isAutomatic = 'true'"> · automatic</xsl:when><xsl:when test="moderator"> · @<xsl:value-of select="moderator"/></xsl:when></xsl:choose>
              <xsl:if test="reversedAt"><xsl:text> </xsl:text><span class="mark">Reversed</span></xsl:if>
              <xsl:if test="note"><br/><span class="quiet"><xsl:value-of select="note"/></span></xsl:if>
            </li>
          </xsl:for-each>
        </ul>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>
</xsl:stylesheet>
