<?xml version="1.0" encoding="UTF-8"?>
<!-- One case: the thing itself and what was said of it at one side, the decision and whom it concerns at the other. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:variable name="c" select="/page/case/data"/>
  <xsl:template match="page" mode="title"><xsl:apply-templates select="$c" mode="subject"/></xsl:template>
  <xsl:template match="page" mode="crumb"><xsl:call-template name="crumb"><xsl:with-param name="to" select="'/admin/queue'"/><xsl:with-param name="text">Queue</xsl:with-param></xsl:call-template></xsl:template>
  <xsl:template match="page" mode="acts">
    <xsl:if test="$c/state = 'open'">
      <div class="acts">
        <xsl:choose>
          <xsl:when test="$c/claimedBy/username = me/@name">
            <xsl:call-template name="button"><xsl:with-param name="call" select="concat('DELETE /moderation/cases/', $c/id, '/claim')"/><xsl:with-param name="done" select="'released'"/><xsl:with-param name="key" select="'c'"/><xsl:with-param name="text">Give it back</xsl:with-param></xsl:call-template>
          </xsl:when>
          <xsl:otherwise>
            <xsl:call-template name="button"><xsl:with-param name="call" select="concat('POST /moderation/cases/', $c/id, '/claim')"/><xsl:with-param name="done" select="'claimed'"/><xsl:with-param name="class" select="'main'"/><xsl:with-param name="key" select="'c'"/><xsl:with-param name="text">Claim this case</xsl:with-param></xsl:call-template>
          </xsl:otherwise>
        </xsl:choose>
        <xsl:if test="colleagues/data/row">
          <form method="post" action="/admin/do" class="pair">
            <xsl:call-template name="call"><xsl:with-param name="call" select="concat('POST /moderation/cases/', $c/id, '/assign')"/><xsl:with-param name="done" select="'assigned'"/></xsl:call-template>
            <label for="colleague" class="hidden">Give it to a colleague</label><select name="userId" id="colleague" required="required">
              <option value="">To a colleague…</option>
              <xsl:for-each select="colleagues/data/row"><option value="{id}">@<xsl:value-of select="username"/></option></xsl:for-each>
            </select>
            <button class="plain">Give</button>
          </form>
        </xsl:if>
      </div>
    </xsl:if>
  </xsl:template>

  <xsl:template match="page" mode="main">
    <p class="marks">
      <span class="mark"><xsl:apply-templates select="$c/subject/kind" mode="code"/></span><xsl:text> </xsl:text>
      <span class="mark"><xsl:apply-templates select="$c/state" mode="code"/></span>
      <xsl:if test="$c/isHeld = 'true'"><xsl:text> </xsl:text><span class="mark bad">Held</span></xsl:if>
      <xsl:for-each select="$c/categories/row"><xsl:text> </xsl:text><span class="mark warn"><xsl:apply-templates select="." mode="code"/></span></xsl:for-each>
      <xsl:if test="$c/claimedBy/id"><xsl:text> </xsl:text><span class="mark good">@<xsl:value-of select="$c/claimedBy/username"/> works on it until <xsl:call-template name="time"><xsl:with-param name="at" select="$c/claimedUntil"/></xsl:call-template></span></xsl:if>
    </p>
    <div class="columns">
      <div>
        <section>
          <h2 class="hidden">What it is about</h2>
          <xsl:if test="$c/subject/kind = 'video'"><xsl:call-template name="player"/></xsl:if>
          <dl>
            <xsl:for-each select="$c/subject/words/*[. != '']"><dt><xsl:call-template name="code-text"><xsl:with-param name="code" select="name()"/></xsl:call-template></dt><dd class="words"><xsl:value-of select="."/></dd></xsl:for-each>
          </dl>
          <xsl:if test="$c/subject/kind = 'video'"><p><a href="/admin/videos/{$c/subject/id}">All about this video</a></p></xsl:if>
        </section>
        <section>
          <h2>What was said of it</h2>
          <xsl:choose>
            <xsl:when test="$c/reports/row"><ul class="plain"><xsl:apply-templates select="$c/reports/row"/></ul></xsl:when>
            <xsl:otherwise><p class="quiet">Nobody reported it: a moderator opened this case.</p></xsl:otherwise>
          </xsl:choose>
        </section>
      </div>
      <div>
        <xsl:if test="$c/state = 'open'">
          <section class="panel">
            <h2>Decide</h2>
            <form method="post" action="/admin/do">
              <xsl:call-template name="call"><xsl:with-param name="call" select="concat('POST /moderation/review/', $c/id)"/><xsl:with-param name="done" select="'decided'"/><xsl:with-param name="back" select="'/admin/queue'"/></xsl:call-template>
              <xsl:call-template name="decision-fields"><xsl:with-param name="person" select="$c/subject/kind = 'user'"/></xsl:call-template>
              <div class="acts"><button class="main" accesskey="x" name="then" value="next">Decide, and take the next case<kbd aria-hidden="true">x</kbd></button><button class="plain" accesskey="d">Decide<kbd aria-hidden="true">d</kbd></button></div>
            </form>
          </section>
        </xsl:if>
        <xsl:if test="$c/user/id">
          <section>
            <h2>Whom it concerns</h2>
            <p><xsl:call-template name="person"><xsl:with-param name="user" select="$c/user"/></xsl:call-template></p>
            <xsl:call-template name="history"><xsl:with-param name="rows" select="$c/history/row"/></xsl:call-template>
          </section>
        </xsl:if>
      </div>
    </div>
  </xsl:template>

  <!-- Plays from ?at=, else from the first second that somebody named: that frame is its picture. -->
  <xsl:template name="player">
    <xsl:variable name="start"><xsl:choose><xsl:when test="number(/page/query/at) &gt;= 0"><xsl:value-of select="number(/page/query/at)"/></xsl:when><xsl:otherwise><xsl:value-of select="$c/reports/row[startSeconds][1]/startSeconds"/></xsl:otherwise></xsl:choose></xsl:variable>
    <xsl:choose>
      <xsl:when test="$c/mp4Url">
        <video controls="controls" preload="auto" id="video" aria-label="The reported video">
          <xsl:attribute name="src"><xsl:value-of select="$c/mp4Url"/><xsl:if test="$start != ''">#t=<xsl:value-of select="$start"/></xsl:if></xsl:attribute>
          <xsl:if test="$start = '' and $c/posterUrl"><xsl:attribute name="poster"><xsl:value-of select="$c/posterUrl"/></xsl:attribute></xsl:if>
        </video>
      </xsl:when>
      <xsl:otherwise><p class="empty">This video does not play (any more).</p></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template match="reports/row">
    <li>
      <span class="mark warn"><xsl:apply-templates select="category" mode="code"/></span>
      <xsl:if test="startSeconds"><xsl:text> </xsl:text><a class="mark" href="{/page/@path}?at={startSeconds}#video">from <xsl:call-template name="seconds"><xsl:with-param name="s" select="startSeconds"/></xsl:call-template><xsl:if test="endSeconds"> to <xsl:call-template name="seconds"><xsl:with-param name="s" select="endSeconds"/></xsl:call-template></xsl:if></a></xsl:if>
      <span class="quiet">
        <xsl:text> </xsl:text>
        <xsl:choose><xsl:when test="reporter">@<xsl:value-of select="reporter"/></xsl:when><xsl:when test="check">automatic: <xsl:apply-templates select="check" mode="code"/><xsl:if test="score"> (<xsl:call-template name="number"><xsl:with-param name="n" select="100 * score"/></xsl:call-template>&#160;%)</xsl:if></xsl:when></xsl:choose>
        · <xsl:call-template name="time"><xsl:with-param name="at" select="createdAt"/></xsl:call-template></span>
      <xsl:if test="text != ''"><p class="words"><xsl:value-of select="text"/></p></xsl:if>
      <xsl:if test="reply"><p class="quiet words">Answered: <xsl:value-of select="reply"/></p></xsl:if>
    </li>
  </xsl:template>
</xsl:stylesheet>
