<?xml version="1.0" encoding="UTF-8"?>
<!-- The password once more, before something privileged is done: the form that was sent, waiting. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:template match="page" mode="title">Your password once more</xsl:template>
  <xsl:template match="page" mode="main">
    <p>What you are about to do needs to be you. You will not be asked again for a while.</p>
    <form method="post" action="/admin/do" class="narrow panel">
      <xsl:for-each select="form/field"><input type="hidden" name="{@name}" value="{.}"/></xsl:for-each>
      <p><label for="password">Password</label><input id="password" type="password" name="confirmWith" required="required" autocomplete="current-password" maxlength="1024" autofocus="autofocus"/></p>
      <p class="acts"><button class="main">Go on</button><a href="{form/field[@name = 'back']}">Leave it</a></p>
    </form>
  </xsl:template>
</xsl:stylesheet>
