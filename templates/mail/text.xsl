<?xml version="1.0" encoding="UTF-8"?>
<!-- The plain part of every mail; its first line is the subject. Same input as html.xsl. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="text" encoding="UTF-8"/>

  <xsl:template match="/mail">
    <xsl:variable name="subject"><xsl:apply-templates select="words/subject/node()"/></xsl:variable>
    <xsl:value-of select="normalize-space($subject)"/>
    <xsl:text>&#10;</xsl:text>
    <xsl:apply-templates select="words/*[not(self::subject)]"/>
  </xsl:template>

  <xsl:template match="p | small">
    <xsl:variable name="paragraph"><xsl:apply-templates/></xsl:variable>
    <xsl:text>&#10;</xsl:text>
    <xsl:value-of select="normalize-space($paragraph)"/>
    <xsl:text>&#10;</xsl:text>
  </xsl:template>

  <xsl:template match="button">
    <xsl:text>&#10;</xsl:text>
    <xsl:value-of select="normalize-space(.)"/>
    <xsl:text>:&#10;</xsl:text>
    <xsl:value-of select="/mail/data/link"/>
    <xsl:text>&#10;</xsl:text>
  </xsl:template>

  <xsl:template match="items">
    <xsl:text>&#10;</xsl:text>
    <xsl:for-each select="/mail/data/item">
      <xsl:text>- </xsl:text>
      <xsl:value-of select="normalize-space(.)"/>
      <xsl:text>&#10;</xsl:text>
    </xsl:for-each>
  </xsl:template>

  <xsl:template match="name"><xsl:value-of select="/mail/data/name"/></xsl:template>
  <xsl:template match="site"><xsl:value-of select="/mail/data/site"/></xsl:template>
  <xsl:template match="detail"><xsl:value-of select="/mail/data/detail"/></xsl:template>
</xsl:stylesheet>
