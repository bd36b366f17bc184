<?xml version="1.0" encoding="UTF-8"?>
<!-- A chart with a bar for each day or month: two lines that say how high, the first, the middle and the last day below. It is scaled as a
     whole, so that its figures stay figures. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <!-- The next number of the sort 2, 4, 10, 20, 40, 100: one that its half is a whole number of, too. -->
  <xsl:template name="round-up">
    <xsl:param name="n"/>
    <xsl:param name="unit" select="1"/>
    <xsl:choose>
      <xsl:when test="$n &lt;= 2 * $unit"><xsl:value-of select="2 * $unit"/></xsl:when>
      <xsl:when test="$n &lt;= 4 * $unit"><xsl:value-of select="4 * $unit"/></xsl:when>
      <xsl:when test="$n &lt;= 10 * $unit"><xsl:value-of select="10 * $unit"/></xsl:when>
      <xsl:otherwise><xsl:call-template name="round-up"><xsl:with-param name="n" select="$n"/><xsl:with-param name="unit" select="10 * $unit"/></xsl:call-template></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template name="bars">
    <xsl:param name="name"/>
    <xsl:param name="rows"/>
    <xsl:param name="key"/>
    <xsl:param name="time" select="'day'"/>
    <xsl:variable name="values" select="$rows/*[name() = $key]"/>
    <xsl:variable name="most">
      <xsl:for-each select="$values"><xsl:sort select="." data-type="number" order="descending"/><xsl:if test="position() = 1"><xsl:value-of select="."/></xsl:if></xsl:for-each>
    </xsl:variable>
    <xsl:variable name="top"><xsl:call-template name="round-up"><xsl:with-param name="n" select="concat('0', $most)"/></xsl:call-template></xsl:variable>
    <xsl:variable name="middle" select="floor((count($rows) + 1) div 2)"/>
    <xsl:variable name="step" select="296 div count($rows)"/>
    <figure>
      <figcaption><span><xsl:copy-of select="$name"/></span> <b><xsl:call-template name="number"><xsl:with-param name="n" select="sum($values)"/></xsl:call-template></b></figcaption>
      <svg viewBox="0 0 340 132" role="img" aria-label="{$name}">
        <g class="grid">
          <line x1="40" x2="336" y1="8" y2="8"/><line x1="40" x2="336" y1="58" y2="58"/><line class="axis" x1="40" x2="336" y1="108" y2="108"/>
        </g>
        <g class="label" aria-hidden="true">
          <text x="35" y="12" text-anchor="end"><xsl:call-template name="number"><xsl:with-param name="n" select="$top"/></xsl:call-template></text>
          <text x="35" y="62" text-anchor="end"><xsl:call-template name="number"><xsl:with-param name="n" select="$top div 2"/></xsl:call-template></text>
          <text x="35" y="112" text-anchor="end">0</text>
          <text x="40" y="126"><xsl:call-template name="short-time"><xsl:with-param name="at" select="$rows[1]/*[name() = $time]"/></xsl:call-template></text>
          <xsl:if test="count($rows) &gt; 2"><text x="{40 + ($middle - .5) * $step}" y="126" text-anchor="middle"><xsl:call-template name="short-time"><xsl:with-param name="at" select="$rows[$middle]/*[name() = $time]"/></xsl:call-template></text></xsl:if>
          <xsl:if test="count($rows) &gt; 1"><text x="336" y="126" text-anchor="end"><xsl:call-template name="short-time"><xsl:with-param name="at" select="$rows[last()]/*[name() = $time]"/></xsl:call-template></text></xsl:if>
        </g>
        <g class="bars">
          <xsl:for-each select="$values">
            <rect x="{40 + (position() - 1) * $step + 1}" width="{$step - 2}" y="{108 - 100 * . div $top}" height="{100 * . div $top}" rx="1"><title><xsl:call-template name="whole-time"><xsl:with-param name="at" select="../*[name() = $time]"/></xsl:call-template>: <xsl:call-template name="number"><xsl:with-param name="n" select="."/></xsl:call-template></title></rect>
          </xsl:for-each>
        </g>
      </svg>
    </figure>
  </xsl:template>

  <!-- a day or a month -->
  <xsl:template name="short-time">
    <xsl:param name="at"/>
    <xsl:choose>
      <xsl:when test="string-length($at) = 7"><xsl:call-template name="month"><xsl:with-param name="at" select="$at"/></xsl:call-template></xsl:when>
      <xsl:otherwise><xsl:call-template name="short-day"><xsl:with-param name="at" select="$at"/></xsl:call-template></xsl:otherwise>
    </xsl:choose>
  </xsl:template>
  <xsl:template name="whole-time">
    <xsl:param name="at"/>
    <xsl:choose>
      <xsl:when test="string-length($at) = 7"><xsl:call-template name="month"><xsl:with-param name="at" select="$at"/></xsl:call-template></xsl:when>
      <xsl:otherwise><xsl:call-template name="day"><xsl:with-param name="at" select="$at"/></xsl:call-template></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- A row of a table of class counts: how many, and how much of all it is. -->
  <xsl:template name="share">
    <xsl:param name="label"/>
    <xsl:param name="n"/>
    <xsl:param name="total"/>
    <tr><th scope="row"><xsl:copy-of select="$label"/></th>
      <td><svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect width="{100 * $n div $total}" height="8"/></svg></td>
      <td class="n"><xsl:call-template name="number"><xsl:with-param name="n" select="$n"/></xsl:call-template></td></tr>
  </xsl:template>
</xsl:stylesheet>
