<?xml version="1.0" encoding="UTF-8"?>
<!-- Errors, in the same frame. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:template match="page" mode="title"><xsl:choose>
      <xsl:when test="error/@status = '404'">Not found</xsl:when>
      <xsl:when test="error/@status = '403'">Not allowed</xsl:when>
      <xsl:when test="error/@status = '400'">This cannot be asked</xsl:when>
      <xsl:when test="error/@status = '429'">Too many requests</xsl:when>
      <xsl:when test="error/@status = '503'">Not available now</xsl:when>
      <xsl:otherwise>Something went wrong</xsl:otherwise>
    </xsl:choose></xsl:template>
  <xsl:template match="page" mode="main">
    <p><xsl:value-of select="error/message"/></p>
    <xsl:if test="error/@status = '403' and me">
      <p>You are signed in as <xsl:value-of select="me/@name"/> (<xsl:apply-templates select="me/@role" mode="code"/>). Whoever must have a second factor is an ordinary member until there is one.</p>
    </xsl:if>
    <p class="quiet">Request: <code><xsl:value-of select="error/@request"/></code></p>
    <xsl:if test="me"><p><a class="button" href="/admin">To the overview</a></p></xsl:if>
  </xsl:template>
</xsl:stylesheet>
