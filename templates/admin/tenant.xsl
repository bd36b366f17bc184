<?xml version="1.0" encoding="UTF-8"?>
<!-- One community. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:template match="page" mode="title"><xsl:value-of select="tenant/data/name"/></xsl:template>
  <xsl:template match="page" mode="main">
    <xsl:for-each select="tenant/data">
      <form method="post" action="/admin/do">
        <xsl:call-template name="call"><xsl:with-param name="call" select="concat('PATCH /tenants/', id)"/></xsl:call-template>
        <div class="fields">
          <p><label for="name">Name</label><input name="name" id="name" value="{name}" maxlength="200"/></p>
          <p><label for="baseUrl">Address</label><input name="baseUrl" id="baseUrl" value="{baseUrl}" maxlength="300"/></p>
          <p><label for="locale">Language</label><input name="locale" id="locale" value="{locale}" maxlength="20"/></p>
          <p><label for="hosts">Hosts, separated by commas</label><input name="hosts" id="hosts"><xsl:attribute name="value"><xsl:for-each select="hosts/row"><xsl:if test="position() &gt; 1">,</xsl:if><xsl:value-of select="."/></xsl:for-each></xsl:attribute></input></p>
          <p><label for="modules">Modules, separated by commas</label><input name="modules" id="modules"><xsl:attribute name="value"><xsl:for-each select="modules/row"><xsl:if test="position() &gt; 1">,</xsl:if><xsl:value-of select="."/></xsl:for-each></xsl:attribute></input></p>
          <p><label for="maxVideoBytes">Largest video, in bytes</label><input type="number" name="maxVideoBytes" id="maxVideoBytes" value="{maxVideoBytes}"/></p>
          <p><label for="userQuotaBytes">Room for each person, in bytes</label><input type="number" name="userQuotaBytes" id="userQuotaBytes" value="{userQuotaBytes}"/></p>
          <p><label for="isActive">Active</label><select name="isActive" id="isActive">
            <xsl:call-template name="option"><xsl:with-param name="value" select="'true'"/><xsl:with-param name="chosen" select="isActive"/></xsl:call-template>
            <xsl:call-template name="option"><xsl:with-param name="value" select="'false'"/><xsl:with-param name="chosen" select="isActive"/></xsl:call-template></select></p>
        </div>
        <p><button class="main">Save</button></p>
      </form>
    </xsl:for-each>
    <p><a href="/admin/tenants">All communities</a></p>
  </xsl:template>
</xsl:stylesheet>
