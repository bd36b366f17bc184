<?xml version="1.0" encoding="UTF-8"?>
<!-- How times, numbers and people are said. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:decimal-format name="en" decimal-separator="." grouping-separator=","/>
  <xsl:decimal-format name="pt" decimal-separator="," grouping-separator="."/>

  <xsl:template name="time">
    <xsl:param name="at"/>
    <xsl:if test="$at != ''">
      <time datetime="{$at}">
        <xsl:choose>
          <xsl:when test="substring($at, 1, 10) = substring(/page/@now, 1, 10)">today</xsl:when>
          <xsl:otherwise><xsl:call-template name="day"><xsl:with-param name="at" select="$at"/></xsl:call-template></xsl:otherwise>
        </xsl:choose>
        <xsl:value-of select="concat('&#160;', substring($at, 12, 5))"/>
      </time>
    </xsl:if>
  </xsl:template>
  <xsl:template name="day">
    <xsl:param name="at"/>
    <xsl:choose>
      <xsl:when test="$lang = 'pt'"><xsl:value-of select="concat(substring($at, 9, 2), '/', substring($at, 6, 2), '/', substring($at, 1, 4))"/></xsl:when>
      <xsl:otherwise><xsl:value-of select="concat(number(substring($at, 9, 2)), '&#160;', substring('JanFebMarAprMayJunJulAugSepOctNovDec', 3 * number(substring($at, 6, 2)) - 2, 3), '&#160;', substring($at, 1, 4))"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>
  <!-- 28 Nov, 28/11 -->
  <xsl:template name="short-day">
    <xsl:param name="at"/>
    <xsl:choose>
      <xsl:when test="$lang = 'pt'"><xsl:value-of select="concat(substring($at, 9, 2), '/', substring($at, 6, 2))"/></xsl:when>
      <xsl:otherwise><xsl:value-of select="concat(number(substring($at, 9, 2)), '&#160;', substring('JanFebMarAprMayJunJulAugSepOctNovDec', 3 * number(substring($at, 6, 2)) - 2, 3))"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>
  <!-- of 2026-11: Nov 2026, 11/2026 -->
  <xsl:template name="month">
    <xsl:param name="at"/>
    <xsl:choose>
      <xsl:when test="$lang = 'pt'"><xsl:value-of select="concat(substring($at, 6, 2), '/', substring($at, 1, 4))"/></xsl:when>
      <xsl:otherwise><xsl:value-of select="concat(substring('JanFebMarAprMayJunJulAugSepOctNovDec', 3 * number(substring($at, 6, 2)) - 2, 3), '&#160;', substring($at, 1, 4))"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template name="number">
    <xsl:param name="n"/>
    <xsl:param name="digits" select="0"/>
    <xsl:choose>
      <xsl:when test="string(number($n)) = 'NaN'">–</xsl:when>
      <xsl:when test="$lang = 'pt' and $digits = 0"><xsl:value-of select="format-number($n, '#.##0', 'pt')"/></xsl:when>
      <xsl:when test="$lang = 'pt'"><xsl:value-of select="format-number($n, '#.##0,0', 'pt')"/></xsl:when>
      <xsl:when test="$digits = 0"><xsl:value-of select="format-number($n, '#,##0', 'en')"/></xsl:when>
      <xsl:otherwise><xsl:value-of select="format-number($n, '#,##0.0', 'en')"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>
  <!-- what is counted up to ten thousand only -->
  <xsl:template name="count">
    <xsl:param name="n"/>
    <xsl:choose>
      <xsl:when test="$n &gt; 10000"><xsl:call-template name="number"><xsl:with-param name="n" select="10000"/></xsl:call-template>+</xsl:when>
      <xsl:otherwise><xsl:call-template name="number"><xsl:with-param name="n" select="$n"/></xsl:call-template></xsl:otherwise>
    </xsl:choose>
  </xsl:template>
  <xsl:template name="bytes">
    <xsl:param name="n"/>
    <xsl:variable name="unit"><xsl:choose><xsl:when test="$n &gt;= 1000000000000">TB</xsl:when><xsl:when test="$n &gt;= 1000000000">GB</xsl:when><xsl:when test="$n &gt;= 1000000">MB</xsl:when><xsl:otherwise>kB</xsl:otherwise></xsl:choose></xsl:variable>
    <xsl:variable name="size"><xsl:choose><xsl:when test="$unit = 'TB'">1000000000000</xsl:when><xsl:when test="$unit = 'GB'">1000000000</xsl:when><xsl:when test="$unit = 'MB'">1000000</xsl:when><xsl:otherwise>1000</xsl:otherwise></xsl:choose></xsl:variable>
    <xsl:call-template name="number"><xsl:with-param name="n" select="$n div $size"/><xsl:with-param name="digits" select="number($n &gt; 0)"/></xsl:call-template>
    <xsl:value-of select="concat('&#160;', $unit)"/>
  </xsl:template>
  <xsl:template name="seconds">
    <xsl:param name="s"/>
    <xsl:if test="$s != ''">
      <xsl:if test="$s &gt;= 3600"><xsl:value-of select="concat(floor($s div 3600), ':')"/></xsl:if>
      <xsl:choose>
        <xsl:when test="$s &gt;= 3600"><xsl:value-of select="format-number(floor($s div 60) mod 60, '00')"/></xsl:when>
        <xsl:otherwise><xsl:value-of select="floor($s div 60)"/></xsl:otherwise>
      </xsl:choose>
      <xsl:value-of select="concat(':', format-number(floor($s) mod 60, '00'))"/>
    </xsl:if>
  </xsl:template>
  <!-- how long, from seconds: in the largest unit that fits -->
  <xsl:template name="span">
    <xsl:param name="s"/>
    <xsl:choose>
      <xsl:when test="string(number($s)) = 'NaN' or $s &lt; 0">–</xsl:when>
      <xsl:when test="$s &gt;= 172800"><xsl:call-template name="number"><xsl:with-param name="n" select="floor($s div 86400)"/></xsl:call-template><xsl:text>&#160;</xsl:text>d</xsl:when>
      <xsl:when test="$s &gt;= 7200"><xsl:call-template name="number"><xsl:with-param name="n" select="floor($s div 3600)"/></xsl:call-template><xsl:text>&#160;</xsl:text>h</xsl:when>
      <xsl:when test="$s &gt;= 120"><xsl:call-template name="number"><xsl:with-param name="n" select="floor($s div 60)"/></xsl:call-template><xsl:text>&#160;</xsl:text>min</xsl:when>
      <xsl:otherwise><xsl:call-template name="number"><xsl:with-param name="n" select="floor($s)"/></xsl:call-template><xsl:text>&#160;</xsl:text>s</xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template name="person">
    <xsl:param name="user"/>
    <xsl:if test="$user/id">
      <a href="/admin/people/{$user/id}">@<xsl:value-of select="$user/username"/></a>
      <xsl:if test="$user/status and $user/status != 'active'">
        <xsl:text> </xsl:text><span class="mark bad"><xsl:apply-templates select="$user/status" mode="code"/></span>
      </xsl:if>
      <xsl:if test="$user/strikes &gt; 0">
        <xsl:text> </xsl:text><span class="mark warn">Strikes: <xsl:value-of select="$user/strikes"/></span>
      </xsl:if>
    </xsl:if>
  </xsl:template>

  <!-- a thing by its words: of a case, or of a row of one -->
  <xsl:template match="row|data" mode="subject">
    <xsl:choose>
      <xsl:when test="subject/words/title"><xsl:value-of select="substring(subject/words/title, 1, 120)"/></xsl:when>
      <xsl:when test="subject/words/text"><xsl:value-of select="substring(subject/words/text, 1, 120)"/></xsl:when>
      <xsl:when test="subject/words/username">@<xsl:value-of select="subject/words/username"/></xsl:when>
      <xsl:when test="user/username">@<xsl:value-of select="user/username"/></xsl:when>
      <xsl:otherwise><xsl:value-of select="substring(subject/words, 1, 120)"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>
</xsl:stylesheet>
