<?xml version="1.0" encoding="UTF-8"?>
<!-- One person: standing, strikes, history, sessions. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:template match="page" mode="title">@<xsl:value-of select="person/data/username"/></xsl:template>
  <xsl:template match="page" mode="main">
    <xsl:variable name="p" select="person/data"/>
    <div class="columns">
      <section>
        <h2>Who it is</h2>
        <dl>
          <dt>Name</dt><dd><xsl:value-of select="$p/displayName"/></dd>
          <xsl:if test="$p/email"><dt>Address</dt><dd><xsl:value-of select="$p/email"/></dd></xsl:if>
          <dt>Role</dt><dd><xsl:apply-templates select="$p/role" mode="code"/></dd>
          <dt>Status</dt><dd><xsl:apply-templates select="$p/status" mode="code"/><xsl:if test="$p/suspendedUntil"> until <xsl:call-template name="time"><xsl:with-param name="at" select="$p/suspendedUntil"/></xsl:call-template></xsl:if>
            <xsl:if test="$p/statusReason"><br/><xsl:value-of select="$p/statusReason"/></xsl:if></dd>
          <dt>Second factor</dt><dd><xsl:apply-templates select="$p/mfaEnabled" mode="code"/></dd>
          <dt>Strikes</dt><dd><xsl:value-of select="$p/strikeCount"/></dd>
          <dt>Member since</dt><dd><xsl:call-template name="time"><xsl:with-param name="at" select="$p/createdAt"/></xsl:call-template></dd>
        </dl>
        <xsl:if test="$p/bio != ''"><p class="words"><xsl:value-of select="$p/bio"/></p></xsl:if>
        <p><a href="/admin/videos?q=@{$p/username}">Videos</a> · <a href="/admin/comments?q=@{$p/username}">Comments</a><xsl:if test="me/may = 'audit:view'"> · <a href="/admin/audit?actor=@{$p/username}">Acts</a> · <a href="/admin/audit?target={$p/id}">What was done to them</a></xsl:if></p>
        <h2>Decisions</h2>
        <xsl:call-template name="history"><xsl:with-param name="rows" select="$p/history/row"/></xsl:call-template>
      </section>
      <section>
        <xsl:if test="me/may = 'user:manage'">
          <h2>Standing</h2>
          <form method="post" action="/admin/do" class="filters">
            <xsl:call-template name="call"><xsl:with-param name="call" select="concat('PUT /users/', $p/id, '/role')"/></xsl:call-template>
            <p><label for="role">Role</label><select name="role" id="role">
              <xsl:call-template name="option"><xsl:with-param name="value" select="'user'"/><xsl:with-param name="chosen" select="$p/role"/></xsl:call-template>
              <xsl:call-template name="option"><xsl:with-param name="value" select="'creator'"/><xsl:with-param name="chosen" select="$p/role"/></xsl:call-template>
              <xsl:call-template name="option"><xsl:with-param name="value" select="'coach'"/><xsl:with-param name="chosen" select="$p/role"/></xsl:call-template>
              <xsl:call-template name="option"><xsl:with-param name="value" select="'employer'"/><xsl:with-param name="chosen" select="$p/role"/></xsl:call-template>
              <xsl:call-template name="option"><xsl:with-param name="value" select="'moderator'"/><xsl:with-param name="chosen" select="$p/role"/></xsl:call-template>
              <xsl:call-template name="option"><xsl:with-param name="value" select="'admin'"/><xsl:with-param name="chosen" select="$p/role"/></xsl:call-template>
            </select></p>
            <p><button class="plain">Set the role</button></p>
          </form>
          <xsl:choose>
            <xsl:when test="$p/status = 'suspended'"><xsl:call-template name="button"><xsl:with-param name="call" select="concat('POST /users/', $p/id, '/unsuspend')"/><xsl:with-param name="text">End the suspension</xsl:with-param></xsl:call-template></xsl:when>
            <xsl:when test="$p/status = 'banned'"><xsl:call-template name="button"><xsl:with-param name="call" select="concat('POST /users/', $p/id, '/unban')"/><xsl:with-param name="text">Let them in again</xsl:with-param></xsl:call-template></xsl:when>
          </xsl:choose>
          <h2>Signed in at</h2>
          <xsl:choose>
            <xsl:when test="not($p/sessions/row)"><p class="quiet">Nowhere.</p></xsl:when>
            <xsl:otherwise>
              <ul class="plain"><xsl:for-each select="$p/sessions/row"><li><xsl:value-of select="device"/><br/><span class="quiet"><xsl:value-of select="ip"/> · <xsl:call-template name="time"><xsl:with-param name="at" select="lastActiveAt"/></xsl:call-template></span></li></xsl:for-each></ul>
              <xsl:call-template name="button"><xsl:with-param name="call" select="concat('DELETE /desk/people/', $p/id, '/sessions')"/><xsl:with-param name="done" select="'signed-out'"/><xsl:with-param name="text">Sign out everywhere</xsl:with-param></xsl:call-template>
            </xsl:otherwise>
          </xsl:choose>
        </xsl:if>
        <h2>Strikes</h2>
        <xsl:choose>
          <xsl:when test="not($p/strikes/row)"><p class="quiet">None.</p></xsl:when>
          <xsl:otherwise><ul class="plain"><xsl:for-each select="$p/strikes/row"><li><xsl:call-template name="time"><xsl:with-param name="at" select="createdAt"/></xsl:call-template> – <xsl:call-template name="time"><xsl:with-param name="at" select="expiresAt"/></xsl:call-template><xsl:if test="revokedAt"><xsl:text> </xsl:text><span class="mark">Reversed</span></xsl:if></li></xsl:for-each></ul></xsl:otherwise>
        </xsl:choose>
      </section>
    </div>
    <section>
      <h2>Decide</h2>
      <form method="post" action="/admin/do">
        <xsl:call-template name="call"><xsl:with-param name="call" select="'POST /moderation/decide'"/><xsl:with-param name="done" select="'decided'"/></xsl:call-template>
        <input type="hidden" name="kind" value="user"/><input type="hidden" name="id" value="{$p/id}"/>
        <xsl:call-template name="decision-fields"><xsl:with-param name="person" select="true()"/></xsl:call-template>
        <p><button class="main">Decide</button></p>
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
