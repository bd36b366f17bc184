<?xml version="1.0" encoding="UTF-8"?>
<!-- The pages behind mailed links. Input: <page name state lang> with <data> (site, home, token, message) and <words>
     (templates/account/LANGUAGE.xml). They work without JavaScript and load nothing but our own style sheet. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="html" encoding="UTF-8" indent="no" doctype-system="about:legacy-compat"/>

  <xsl:variable name="words" select="/page/words/page[@name = /page/@name]"/>

  <xsl:template match="/page">
    <html lang="{@lang}">
      <head>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <meta name="robots" content="noindex"/>
        <title><xsl:value-of select="$words/title"/> – <xsl:value-of select="data/site"/></title>
        <link rel="stylesheet" href="/account/style.css"/>
      </head>
      <body>
        <main>
          <p class="site"><xsl:value-of select="data/site"/></p>
          <h1><xsl:value-of select="$words/title"/></h1>
          <xsl:apply-templates select="data/message"/>
          <xsl:choose>
            <xsl:when test="@state = 'ask'"><xsl:call-template name="form"/></xsl:when>
            <xsl:when test="@state = 'done'">
              <p role="status"><xsl:value-of select="$words/done"/></p>
              <xsl:call-template name="home"/>
            </xsl:when>
            <xsl:otherwise>
              <p><xsl:value-of select="$words/failed"/></p>
              <xsl:call-template name="home"/>
            </xsl:otherwise>
          </xsl:choose>
        </main>
      </body>
    </html>
  </xsl:template>

  <xsl:template match="message">
    <p class="problem" role="alert"><xsl:value-of select="/page/words/problem[@name = current()]"/></p>
  </xsl:template>

  <xsl:template name="form">
    <p><xsl:value-of select="$words/ask"/></p>
    <form method="post" action="/account/{@name}">
      <input type="hidden" name="token" value="{data/token}"/>
      <xsl:if test="$words/field">
        <label for="password"><xsl:value-of select="$words/field"/></label>
        <input type="password" id="password" name="password" required="required" minlength="10" maxlength="1024"
          autocomplete="new-password" aria-describedby="hint"/>
        <small id="hint"><xsl:value-of select="$words/hint"/></small>
      </xsl:if>
      <button type="submit"><xsl:value-of select="$words/button"/></button>
    </form>
  </xsl:template>

  <xsl:template name="home">
    <p><a href="{data/home}"><xsl:value-of select="/page/words/home"/></a></p>
  </xsl:template>
</xsl:stylesheet>
