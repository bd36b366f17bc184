<?xml version="1.0" encoding="UTF-8"?>
<!-- The HTML part of every mail. Input: <mail> with <data> (who, what, where) and <words> (templates/mail/LANGUAGE/NAME.xml). -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="html" encoding="UTF-8" indent="yes" doctype-system="about:legacy-compat"/>

  <xsl:template match="/mail">
    <html lang="{@lang}">
      <head>
        <meta name="viewport" content="width=device-width"/>
        <title><xsl:apply-templates select="words/subject/node()"/></title>
      </head>
      <body style="margin:0;padding:24px;background:#f4f4f5;font:16px/1.5 system-ui,sans-serif;color:#18181b">
        <div style="max-width:34em;margin:0 auto;padding:32px;background:#fff;border-radius:8px">
          <p style="margin:0 0 24px;font-weight:600"><xsl:value-of select="data/site"/></p>
          <xsl:apply-templates select="words/*[not(self::subject)]"/>
        </div>
      </body>
    </html>
  </xsl:template>

  <xsl:template match="p">
    <p style="margin:0 0 16px"><xsl:apply-templates/></p>
  </xsl:template>

  <xsl:template match="small">
    <p style="margin:24px 0 0;font-size:13px;color:#52525b"><xsl:apply-templates/></p>
  </xsl:template>

  <xsl:template match="button">
    <p style="margin:0 0 16px">
      <a href="{/mail/data/link}" style="display:inline-block;padding:12px 20px;border-radius:6px;background:#1d4ed8;color:#fff;text-decoration:none">
        <xsl:apply-templates/>
      </a>
    </p>
  </xsl:template>

  <xsl:template match="items">
    <ul style="margin:0 0 16px;padding:0 0 0 20px">
      <xsl:for-each select="/mail/data/item"><li style="margin:0 0 8px"><xsl:value-of select="."/></li></xsl:for-each>
    </ul>
  </xsl:template>

  <xsl:template match="name"><xsl:value-of select="/mail/data/name"/></xsl:template>
  <xsl:template match="site"><xsl:value-of select="/mail/data/site"/></xsl:template>
  <xsl:template match="detail"><xsl:value-of select="/mail/data/detail"/></xsl:template>
</xsl:stylesheet>
