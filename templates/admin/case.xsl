<?xml version="1.0" encoding="UTF-8"?>
<!-- One case: the thing itself, what was said of it, whom it concerns, the decision. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:template match="page" mode="title"><xsl:apply-templates select="case/data/subject/kind" mode="code"/>: <xsl:apply-templates select="case/data" mode="words"/></xsl:template>
  <xsl:template match="page" mode="main">
    <xsl:variable name="c" select="case/data"/>
    <div class="acts">
      <span class="mark"><xsl:apply-templates select="$c/state" mode="code"/></span>
      <xsl:if test="$c/isHeld = 'true'"><span class="mark bad">Held</span></xsl:if>
      <xsl:for-each select="$c/categories/row"><span class="mark warn"><xsl:apply-templates select="." mode="code"/></span></xsl:for-each>
      <xsl:if test="$c/claimedBy/id"><span>Held by @<xsl:value-of select="$c/claimedBy/username"/> until <xsl:call-template name="time"><xsl:with-param name="at" select="$c/claimedUntil"/></xsl:call-template></span></xsl:if>
    </div>
    <xsl:if test="$c/state = 'open'">
      <div class="acts">
        <xsl:choose>
          <xsl:when test="$c/claimedBy/username = me/@name">
            <xsl:call-template name="button"><xsl:with-param name="call" select="concat('DELETE /moderation/cases/', $c/id, '/claim')"/><xsl:with-param name="done" select="'released'"/><xsl:with-param name="text">Give it back</xsl:with-param></xsl:call-template>
          </xsl:when>
          <xsl:otherwise>
            <xsl:call-template name="button"><xsl:with-param name="call" select="concat('POST /moderation/cases/', $c/id, '/claim')"/><xsl:with-param name="done" select="'claimed'"/><xsl:with-param name="class" select="'main'"/><xsl:with-param name="text">Claim this case</xsl:with-param></xsl:call-template>
          </xsl:otherwise>
        </xsl:choose>
      </div>
    </xsl:if>
    <xsl:if test="$c/state = 'open' and colleagues/data/row">
      <form method="post" action="/admin/do" class="filters">
        <xsl:call-template name="call"><xsl:with-param name="call" select="concat('POST /moderation/cases/', $c/id, '/assign')"/><xsl:with-param name="done" select="'assigned'"/></xsl:call-template>
        <p><label for="colleague">Give it to a colleague</label><select name="userId" id="colleague" required="required">
          <option value="">Choose…</option>
          <xsl:for-each select="colleagues/data/row"><option value="{id}">@<xsl:value-of select="username"/></option></xsl:for-each>
        </select></p>
        <p><button class="plain">Give</button></p>
      </form>
    </xsl:if>
    <div class="columns">
      <section>
        <h2>What it is about</h2>
        <xsl:if test="$c/subject/kind = 'video'">
          <xsl:variable name="start" select="$c/reports/row[startSeconds][1]/startSeconds"/>
          <xsl:choose>
            <xsl:when test="$c/mp4Url">
              <xsl:variable name="at"><xsl:if test="$start">#t=<xsl:value-of select="$start"/></xsl:if></xsl:variable>
              <video controls="controls" preload="metadata" poster="{$c/posterUrl}" src="{$c/mp4Url}{$at}" aria-label="The reported video"></video>
            </xsl:when>
            <xsl:otherwise><p class="empty">This video does not play (any more).</p></xsl:otherwise>
          </xsl:choose>
          <p><a href="/admin/videos/{$c/subject/id}">All about this video</a></p>
        </xsl:if>
        <dl>
          <xsl:for-each select="$c/subject/words/*[. != '']"><dt><xsl:call-template name="code-text"><xsl:with-param name="code" select="name()"/></xsl:call-template></dt><dd class="words"><xsl:value-of select="."/></dd></xsl:for-each>
        </dl>
      </section>
      <section>
        <h2>What was said of it</h2>
        <ul class="plain">
          <xsl:for-each select="$c/reports/row">
            <li>
              <span class="mark warn"><xsl:apply-templates select="category" mode="code"/></span>
              <xsl:if test="startSeconds"> <span class="mark">from <xsl:call-template name="seconds"><xsl:with-param name="s" select="startSeconds"/></xsl:call-template><xsl:if test="endSeconds"> to <xsl:call-template name="seconds"><xsl:with-param name="s" select="endSeconds"/></xsl:call-template></xsl:if></span></xsl:if>
              <span class="quiet">
                <xsl:choose><xsl:when test="reporter"> @<xsl:value-of select="reporter"/></xsl:when><xsl:when test="check"> automatic: <xsl:value-of select="check"/><xsl:if test="score"> (<xsl:value-of select="score"/>)</xsl:if></xsl:when></xsl:choose>
                · <xsl:call-template name="time"><xsl:with-param name="at" select="createdAt"/></xsl:call-template></span>
              <xsl:if test="text"><p class="words"><xsl:value-of select="text"/></p></xsl:if>
            </li>
          </xsl:for-each>
        </ul>
        <xsl:if test="$c/user/id">
          <h2>Whom it concerns</h2>
          <p><xsl:call-template name="person"><xsl:with-param name="user" select="$c/user"/></xsl:call-template> · <xsl:value-of select="$c/user/strikes"/> strikes</p>
          <xsl:call-template name="history"><xsl:with-param name="rows" select="$c/history/row"/></xsl:call-template>
        </xsl:if>
      </section>
    </div>
    <xsl:if test="$c/state = 'open'">
      <section>
        <h2>Decide</h2>
        <form method="post" action="/admin/do">
          <xsl:call-template name="call"><xsl:with-param name="call" select="concat('POST /moderation/review/', $c/id)"/><xsl:with-param name="done" select="'decided'"/><xsl:with-param name="back" select="'/admin/queue'"/></xsl:call-template>
          <xsl:call-template name="decision-fields"><xsl:with-param name="person" select="$c/subject/kind = 'user'"/></xsl:call-template>
          <div class="acts"><button class="main" accesskey="d">Decide</button><button class="plain" accesskey="x" name="then" value="next">Decide, and take the next case</button></div>
        </form>
      </section>
    </xsl:if>
  </xsl:template>
  <xsl:template match="data" mode="words">
    <xsl:choose>
      <xsl:when test="subject/words/title"><xsl:value-of select="substring(subject/words/title, 1, 120)"/></xsl:when>
      <xsl:when test="subject/words/text"><xsl:value-of select="substring(subject/words/text, 1, 120)"/></xsl:when>
      <xsl:otherwise>@<xsl:value-of select="user/username"/></xsl:otherwise>
    </xsl:choose>
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
