<?xml version="1.0" encoding="UTF-8"?>
<!-- The people of the community. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:template match="page" mode="title">People</xsl:template>
  <xsl:template match="page" mode="main">
    <form method="get" action="/admin/people" class="filters">
      <p><label for="q">Name or address</label><input type="search" name="q" id="q" value="{query/q}" accesskey="s" maxlength="100"/></p>
      <p><label for="role">Role</label><select name="role" id="role">
        <xsl:call-template name="option"><xsl:with-param name="value" select="''"/><xsl:with-param name="chosen" select="query/role"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'user'"/><xsl:with-param name="chosen" select="query/role"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'creator'"/><xsl:with-param name="chosen" select="query/role"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'coach'"/><xsl:with-param name="chosen" select="query/role"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'employer'"/><xsl:with-param name="chosen" select="query/role"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'moderator'"/><xsl:with-param name="chosen" select="query/role"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'admin'"/><xsl:with-param name="chosen" select="query/role"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'operator'"/><xsl:with-param name="chosen" select="query/role"/></xsl:call-template>
      </select></p>
      <p><label for="status">Status</label><select name="status" id="status">
        <xsl:call-template name="option"><xsl:with-param name="value" select="''"/><xsl:with-param name="chosen" select="query/status"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'active'"/><xsl:with-param name="chosen" select="query/status"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'suspended'"/><xsl:with-param name="chosen" select="query/status"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'banned'"/><xsl:with-param name="chosen" select="query/status"/></xsl:call-template>
      </select></p>
      <p><button class="plain">Show</button></p>
    </form>

    <xsl:choose>
      <xsl:when test="not(people/data/row)"><xsl:call-template name="empty"><xsl:with-param name="text">Nobody fits.</xsl:with-param></xsl:call-template></xsl:when>
      <xsl:otherwise>
        <xsl:call-template name="total"><xsl:with-param name="meta" select="people/meta"/></xsl:call-template>
        <div class="scroll" tabindex="0" role="region" aria-label="People">
        <table>
          <thead><tr><th>Name</th><th>Address</th><th>Role</th><th>Status</th><th>Second factor</th><th class="n">Videos</th><th>Since</th></tr></thead>
          <tbody>
            <xsl:for-each select="people/data/row">
              <tr>
                <th scope="row"><a href="/admin/people/{id}">@<xsl:value-of select="username"/></a><br/><span class="quiet"><xsl:value-of select="displayName"/></span></th>
                <td><xsl:value-of select="email"/><xsl:if test="emailVerified = 'false'"><br/><span class="mark warn">not confirmed</span></xsl:if></td>
                <td><xsl:apply-templates select="role" mode="code"/></td>
                <td><xsl:apply-templates select="status" mode="code"/></td>
                <td><xsl:apply-templates select="mfaEnabled" mode="code"/></td>
                <td class="n"><xsl:call-template name="number"><xsl:with-param name="n" select="stats/videos"/></xsl:call-template></td>
                <td><xsl:call-template name="time"><xsl:with-param name="at" select="createdAt"/></xsl:call-template></td>
              </tr>
            </xsl:for-each>
          </tbody>
        </table>
        </div>
        <xsl:apply-templates select="people/meta" mode="pager"/>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>
</xsl:stylesheet>
