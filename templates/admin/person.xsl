<?xml version="1.0" encoding="UTF-8"?>
<!-- One person: standing, strikes, history, sessions. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:variable name="p" select="/page/person/data"/>
  <xsl:template match="page" mode="title">@<xsl:value-of select="$p/username"/></xsl:template>
  <xsl:template match="page" mode="crumb"><xsl:if test="me/may = 'user:manage'"><xsl:call-template name="crumb"><xsl:with-param name="to" select="'/admin/people'"/><xsl:with-param name="text">People</xsl:with-param></xsl:call-template></xsl:if></xsl:template>
  <xsl:template match="page" mode="main">
    <p class="marks">
      <span class="mark"><xsl:apply-templates select="$p/role" mode="code"/></span><xsl:text> </xsl:text>
      <span><xsl:attribute name="class">mark<xsl:if test="$p/status != 'active'"> bad</xsl:if></xsl:attribute><xsl:apply-templates select="$p/status" mode="code"/><xsl:if test="$p/suspendedUntil"> until <xsl:call-template name="time"><xsl:with-param name="at" select="$p/suspendedUntil"/></xsl:call-template></xsl:if></span>
      <xsl:if test="$p/strikeCount &gt; 0"><xsl:text> </xsl:text><span class="mark warn">Strikes: <xsl:value-of select="$p/strikeCount"/></span></xsl:if>
    </p>
    <div class="columns">
      <div>
        <section>
          <h2 class="hidden">Who it is</h2>
          <dl>
            <dt>Name</dt><dd><xsl:value-of select="$p/displayName"/></dd>
            <xsl:if test="$p/email"><dt>Address</dt><dd><xsl:value-of select="$p/email"/><xsl:if test="$p/emailVerified = 'false'"><xsl:text> </xsl:text><span class="mark warn">not confirmed</span></xsl:if></dd></xsl:if>
            <xsl:if test="$p/statusReason"><dt>Why</dt><dd><xsl:value-of select="$p/statusReason"/></dd></xsl:if>
            <dt>Second factor</dt><dd><xsl:apply-templates select="$p/mfaEnabled" mode="code"/></dd>
            <dt>Videos</dt><dd><xsl:call-template name="number"><xsl:with-param name="n" select="$p/stats/videos"/></xsl:call-template></dd>
            <dt>Followers</dt><dd><xsl:call-template name="number"><xsl:with-param name="n" select="$p/stats/followers"/></xsl:call-template></dd>
            <dt>Member since</dt><dd><xsl:call-template name="time"><xsl:with-param name="at" select="$p/createdAt"/></xsl:call-template></dd>
          </dl>
          <xsl:if test="$p/bio != ''"><p class="words"><xsl:value-of select="$p/bio"/></p></xsl:if>
          <p class="acts"><a href="/admin/videos?q=@{$p/username}">Videos</a><a href="/admin/comments?q=@{$p/username}">Comments</a><xsl:if test="me/may = 'audit:view'"><a href="/admin/audit?actor=@{$p/username}">Acts</a><a href="/admin/audit?target={$p/id}">What was done to them</a></xsl:if></p>
        </section>
        <section>
          <h2>Decisions</h2>
          <xsl:call-template name="history"><xsl:with-param name="rows" select="$p/history/row"/></xsl:call-template>
        </section>
        <section>
          <h2>Strikes</h2>
          <xsl:choose>
            <xsl:when test="not($p/strikes/row)"><p class="quiet">None.</p></xsl:when>
            <xsl:otherwise><ul class="plain"><xsl:for-each select="$p/strikes/row"><li><xsl:call-template name="time"><xsl:with-param name="at" select="createdAt"/></xsl:call-template> – <xsl:call-template name="time"><xsl:with-param name="at" select="expiresAt"/></xsl:call-template><xsl:if test="revokedAt"><xsl:text> </xsl:text><span class="mark good">Reversed</span></xsl:if></li></xsl:for-each></ul></xsl:otherwise>
          </xsl:choose>
        </section>
      </div>
      <div>
        <section class="panel">
          <h2>Decide</h2>
          <form method="post" action="/admin/do">
            <xsl:call-template name="call"><xsl:with-param name="call" select="'POST /moderation/decide'"/><xsl:with-param name="done" select="'decided'"/></xsl:call-template>
            <input type="hidden" name="kind" value="user"/><input type="hidden" name="id" value="{$p/id}"/>
            <xsl:call-template name="decision-fields"><xsl:with-param name="person" select="true()"/></xsl:call-template>
            <p><button class="main" accesskey="d">Decide<kbd aria-hidden="true">d</kbd></button></p>
          </form>
        </section>
        <xsl:if test="me/may = 'user:manage'"><xsl:call-template name="standing"/></xsl:if>
      </div>
    </div>
  </xsl:template>

  <xsl:template name="standing">
    <section>
      <h2>Standing</h2>
      <form method="post" action="/admin/do" class="filters">
        <xsl:call-template name="call"><xsl:with-param name="call" select="concat('PUT /users/', $p/id, '/role')"/></xsl:call-template>
        <xsl:call-template name="choice"><xsl:with-param name="name" select="'role'"/><xsl:with-param name="label">Role</xsl:with-param><xsl:with-param name="codes" select="'user creator coach employer moderator admin'"/><xsl:with-param name="chosen" select="$p/role"/><xsl:with-param name="any" select="false()"/></xsl:call-template>
        <p class="go"><button class="plain">Set the role</button></p>
      </form>
      <xsl:choose>
        <xsl:when test="$p/status = 'suspended'"><xsl:call-template name="button"><xsl:with-param name="call" select="concat('POST /users/', $p/id, '/unsuspend')"/><xsl:with-param name="text">End the suspension</xsl:with-param></xsl:call-template></xsl:when>
        <xsl:when test="$p/status = 'banned'"><xsl:call-template name="button"><xsl:with-param name="call" select="concat('POST /users/', $p/id, '/unban')"/><xsl:with-param name="text">Let them in again</xsl:with-param></xsl:call-template></xsl:when>
      </xsl:choose>
    </section>
    <section>
      <h2>Signed in at</h2>
      <xsl:choose>
        <xsl:when test="not($p/sessions/row)"><p class="quiet">Nowhere.</p></xsl:when>
        <xsl:otherwise>
          <ul class="plain"><xsl:for-each select="$p/sessions/row"><li><xsl:value-of select="device"/><span class="quiet below"><xsl:value-of select="ip"/> · <xsl:call-template name="time"><xsl:with-param name="at" select="lastActiveAt"/></xsl:call-template></span>
            <xsl:call-template name="button"><xsl:with-param name="call" select="concat('DELETE /desk/people/', $p/id, '/sessions/', id)"/><xsl:with-param name="done" select="'session-ended'"/><xsl:with-param name="text">End this session</xsl:with-param></xsl:call-template></li></xsl:for-each></ul>
          <p><xsl:call-template name="button"><xsl:with-param name="call" select="concat('DELETE /desk/people/', $p/id, '/sessions')"/><xsl:with-param name="done" select="'signed-out'"/><xsl:with-param name="text">Sign out everywhere</xsl:with-param></xsl:call-template></p>
        </xsl:otherwise>
      </xsl:choose>
    </section>
  </xsl:template>
</xsl:stylesheet>
