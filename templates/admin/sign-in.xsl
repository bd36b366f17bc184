<?xml version="1.0" encoding="UTF-8"?>
<!-- Signing in to the pages. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:template match="page" mode="title">Sign in</xsl:template>
  <xsl:template match="page" mode="crumb"><p class="crumb"><xsl:value-of select="site/@name"/></p></xsl:template>
  <xsl:template match="page" mode="main">
    <form method="post" action="/admin/sign-in" class="narrow panel">
      <input type="hidden" name="next" value="{query/next}"/>
      <p><label for="name">Name or e-mail address</label><input id="name" name="name" required="required" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="254" autofocus="autofocus"/></p>
      <p><label for="password">Password</label><input id="password" type="password" name="password" required="required" autocomplete="current-password" maxlength="1024"/></p>
      <p><label for="code">Code of your authenticator</label><input id="code" name="code" autocomplete="one-time-code" maxlength="20" aria-describedby="code-hint"/>
        <small id="code-hint">Or one of your recovery codes. Leave it empty when your account has no second factor.</small></p>
      <p><button class="main">Sign in</button></p>
    </form>
  </xsl:template>
</xsl:stylesheet>
