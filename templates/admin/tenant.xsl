<?xml version="1.0" encoding="UTF-8"?>
<!-- One community. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:include href="community.xsl"/>
  <xsl:template match="page" mode="title"><xsl:value-of select="tenant/data/name"/></xsl:template>
  <xsl:template match="page" mode="crumb"><xsl:call-template name="crumb"><xsl:with-param name="to" select="'/admin/tenants'"/><xsl:with-param name="text">Communities</xsl:with-param></xsl:call-template></xsl:template>
  <xsl:template match="page" mode="main">
    <xsl:for-each select="tenant/data">
      <form method="post" action="/admin/do">
        <xsl:call-template name="call"><xsl:with-param name="call" select="concat('PATCH /tenants/', id)"/></xsl:call-template>
        <fieldset class="panel"><legend>The community</legend><div class="fields">
          <p><label for="name">Name</label><input name="name" id="name" value="{name}" maxlength="200" required="required"/></p>
          <p><label for="baseUrl">Address</label><input name="baseUrl" id="baseUrl" value="{baseUrl}" maxlength="300"/></p>
          <p><label for="locale">Language</label><input name="locale" id="locale" value="{locale}" maxlength="20"/></p>
          <p><label for="hosts">Hosts, separated by commas</label><input name="hosts" id="hosts" required="required"><xsl:attribute name="value"><xsl:for-each select="hosts/row"><xsl:if test="position() &gt; 1">,</xsl:if><xsl:value-of select="."/></xsl:for-each></xsl:attribute></input></p>
          <p><label for="modules">Modules, separated by commas</label><input name="modules" id="modules"><xsl:attribute name="value"><xsl:for-each select="modules/row"><xsl:if test="position() &gt; 1">,</xsl:if><xsl:value-of select="."/></xsl:for-each></xsl:attribute></input></p>
          <xsl:call-template name="choice"><xsl:with-param name="name" select="'isActive'"/><xsl:with-param name="label">Active</xsl:with-param><xsl:with-param name="codes" select="'true false'"/><xsl:with-param name="chosen" select="isActive"/><xsl:with-param name="any" select="false()"/></xsl:call-template>
        </div></fieldset>
        <fieldset class="panel"><legend>Room</legend><div class="fields">
          <p><label for="maxVideoBytes">Largest video, in bytes</label><input type="number" name="maxVideoBytes" id="maxVideoBytes" value="{maxVideoBytes}" min="1"/>
            <small><xsl:call-template name="bytes"><xsl:with-param name="n" select="maxVideoBytes"/></xsl:call-template></small></p>
          <p><label for="userQuotaBytes">Room for each person, in bytes</label><input type="number" name="userQuotaBytes" id="userQuotaBytes" value="{userQuotaBytes}" min="0"/>
            <small><xsl:call-template name="bytes"><xsl:with-param name="n" select="userQuotaBytes"/></xsl:call-template></small></p>
          <p><label for="storageQuotaBytes">Room for the community, in bytes</label><input type="number" name="storageQuotaBytes" id="storageQuotaBytes" value="{storageQuotaBytes}" min="0"/>
            <small><xsl:choose><xsl:when test="storageQuotaBytes"><xsl:call-template name="bytes"><xsl:with-param name="n" select="storageQuotaBytes"/></xsl:call-template></xsl:when><xsl:otherwise>As much as the disk has</xsl:otherwise></xsl:choose></small></p>
        </div></fieldset>
        <xsl:apply-templates select="." mode="looks"/>
        <xsl:apply-templates select="." mode="rules"/>
        <p><button class="main">Save</button></p>
      </form>
    </xsl:for-each>
  </xsl:template>
</xsl:stylesheet>
