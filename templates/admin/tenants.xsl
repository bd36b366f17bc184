<?xml version="1.0" encoding="UTF-8"?>
<!-- The communities of this installation. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:template match="page" mode="title">Communities</xsl:template>
  <xsl:template match="page" mode="main">
    <form method="get" action="/admin/tenants" class="filters">
      <xsl:call-template name="search"><xsl:with-param name="label">Name</xsl:with-param></xsl:call-template>
      <xsl:call-template name="show"/>
    </form>
    <xsl:choose>
      <xsl:when test="not(tenants/data/row)"><xsl:call-template name="empty"><xsl:with-param name="text">No community fits.</xsl:with-param></xsl:call-template></xsl:when>
      <xsl:otherwise>
        <div class="scroll">
        <table class="stack"><thead><tr><th>Name</th><th>Hosts</th><th>Modules</th><th>Active</th></tr></thead><tbody>
          <xsl:for-each select="tenants/data/row"><tr>
            <th scope="row"><a href="/admin/tenants/{id}"><xsl:value-of select="name"/></a><span class="quiet below"><xsl:value-of select="slug"/></span></th>
            <td data-label="Hosts"><xsl:for-each select="hosts/row"><xsl:if test="position() &gt; 1">, </xsl:if><xsl:value-of select="."/></xsl:for-each></td>
            <td data-label="Modules"><xsl:for-each select="modules/row"><xsl:if test="position() &gt; 1">, </xsl:if><xsl:value-of select="."/></xsl:for-each></td>
            <td data-label="Active"><xsl:choose><xsl:when test="isActive = 'true'">Yes</xsl:when><xsl:otherwise><span class="mark bad">No</span></xsl:otherwise></xsl:choose></td>
          </tr></xsl:for-each>
        </tbody></table>
        </div>
        <xsl:apply-templates select="tenants/meta" mode="pager"/>
      </xsl:otherwise>
    </xsl:choose>
    <section>
      <h2>A new community</h2>
      <form method="post" action="/admin/do" class="filters">
        <xsl:call-template name="call"><xsl:with-param name="call" select="'POST /tenants'"/><xsl:with-param name="done" select="'added'"/></xsl:call-template>
        <p><label for="slug">Short name</label><input name="slug" id="slug" required="required" maxlength="63" pattern="[a-z0-9]([a-z0-9\-]*[a-z0-9])?"/></p>
        <p><label for="t-name">Name</label><input name="name" id="t-name" maxlength="200"/></p>
        <p><label for="hosts">Hosts, separated by commas</label><input name="hosts" id="hosts" required="required"/></p>
        <p class="go"><button class="plain">Add</button></p>
      </form>
    </section>
  </xsl:template>
</xsl:stylesheet>
