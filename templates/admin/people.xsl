<?xml version="1.0" encoding="UTF-8"?>
<!-- The people of the community. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:template match="page" mode="title">People</xsl:template>
  <xsl:template match="page" mode="main">
    <form method="get" action="/admin/people" class="filters">
      <xsl:call-template name="search"><xsl:with-param name="label">Name or address</xsl:with-param></xsl:call-template>
      <xsl:call-template name="choice"><xsl:with-param name="name" select="'role'"/><xsl:with-param name="label">Role</xsl:with-param><xsl:with-param name="codes" select="'user creator coach employer moderator admin operator'"/></xsl:call-template>
      <xsl:call-template name="choice"><xsl:with-param name="name" select="'status'"/><xsl:with-param name="label">Status</xsl:with-param><xsl:with-param name="codes" select="'active suspended banned'"/></xsl:call-template>
      <xsl:call-template name="show"/>
    </form>
    <xsl:choose>
      <xsl:when test="not(people/data/row)"><xsl:call-template name="empty"><xsl:with-param name="text">Nobody fits.</xsl:with-param></xsl:call-template></xsl:when>
      <xsl:otherwise>
        <xsl:call-template name="total"><xsl:with-param name="meta" select="people/meta"/></xsl:call-template>
        <div class="scroll">
        <table class="stack">
          <thead><tr><th>Name</th><th>Address</th><th>Role</th><th>Status</th><th>Second factor</th><th class="n">Videos</th><th>Since</th></tr></thead>
          <tbody>
            <xsl:for-each select="people/data/row">
              <tr>
                <th scope="row"><a href="/admin/people/{id}">@<xsl:value-of select="username"/></a><span class="quiet below"><xsl:value-of select="displayName"/></span></th>
                <td data-label="Address"><xsl:value-of select="email"/><xsl:if test="emailVerified = 'false'"><xsl:text> </xsl:text><span class="mark warn">not confirmed</span></xsl:if></td>
                <td data-label="Role"><xsl:apply-templates select="role" mode="code"/></td>
                <td data-label="Status"><xsl:choose><xsl:when test="status = 'active'"><xsl:apply-templates select="status" mode="code"/></xsl:when><xsl:otherwise><span class="mark bad"><xsl:apply-templates select="status" mode="code"/></span></xsl:otherwise></xsl:choose></td>
                <td data-label="Second factor"><xsl:apply-templates select="mfaEnabled" mode="code"/></td>
                <td data-label="Videos" class="n"><xsl:call-template name="number"><xsl:with-param name="n" select="stats/videos"/></xsl:call-template></td>
                <td data-label="Since"><xsl:call-template name="time"><xsl:with-param name="at" select="createdAt"/></xsl:call-template></td>
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
