<?xml version="1.0" encoding="UTF-8"?>
<!-- What waits, and the last thirty days. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:template match="page" mode="title">Overview</xsl:template>
  <xsl:template match="page" mode="main">
    <xsl:variable name="f" select="figures/data"/>
    <ul class="tiles">
      <li><a href="/admin/queue"><b><xsl:call-template name="number"><xsl:with-param name="n" select="$f/open/cases"/></xsl:call-template></b> open cases</a></li>
      <li><a href="/admin/queue?category=review"><b><xsl:call-template name="number"><xsl:with-param name="n" select="$f/open/held"/></xsl:call-template></b> held until decided</a></li>
      <li><a href="/admin/appeals"><b><xsl:call-template name="number"><xsl:with-param name="n" select="$f/open/appeals"/></xsl:call-template></b> open appeals</a></li>
      <li><a href="/admin/dmca"><b><xsl:call-template name="number"><xsl:with-param name="n" select="$f/open/notices"/></xsl:call-template></b> copyright notices</a></li>
      <li><a href="/admin/videos?state=underWay"><b><xsl:call-template name="number"><xsl:with-param name="n" select="$f/videos/underWay"/></xsl:call-template></b> videos under way</a></li>
      <li><a href="/admin/videos?state=failed"><b><xsl:call-template name="number"><xsl:with-param name="n" select="$f/videos/failed"/></xsl:call-template></b> videos failed</a></li>
      <li><a href="/admin/videos?state=hidden"><b><xsl:call-template name="number"><xsl:with-param name="n" select="$f/videos/hidden"/></xsl:call-template></b> videos hidden</a></li>
    </ul>
    <xsl:call-template name="button">
      <xsl:with-param name="call" select="'POST /moderation/next'"/><xsl:with-param name="done" select="'claimed'"/>
      <xsl:with-param name="back" select="'/admin/cases/{id}'"/><xsl:with-param name="class" select="'main'"/><xsl:with-param name="text">Take the next case</xsl:with-param>
    </xsl:call-template>
    <section>
      <h2>The last thirty days</h2>
      <div class="charts">
        <xsl:call-template name="bars"><xsl:with-param name="name">Reports</xsl:with-param><xsl:with-param name="key" select="'reports'"/></xsl:call-template>
        <xsl:call-template name="bars"><xsl:with-param name="name">Decisions</xsl:with-param><xsl:with-param name="key" select="'decisions'"/></xsl:call-template>
        <xsl:call-template name="bars"><xsl:with-param name="name">New videos</xsl:with-param><xsl:with-param name="key" select="'videos'"/></xsl:call-template>
        <xsl:call-template name="bars"><xsl:with-param name="name">New comments</xsl:with-param><xsl:with-param name="key" select="'comments'"/></xsl:call-template>
        <xsl:call-template name="bars"><xsl:with-param name="name">New people</xsl:with-param><xsl:with-param name="key" select="'people'"/></xsl:call-template>
      </div>
    </section>
    <section>
      <h2>By month</h2>
      <div class="scroll" tabindex="0" role="region" aria-label="By month">
      <table>
        <thead><tr><th>Month</th><th class="n">Reports</th><th class="n">Cases decided</th><th class="n">Median hours</th><th class="n">Strikes</th><th class="n">Appeals</th><th class="n">granted</th></tr></thead>
        <tbody>
          <xsl:for-each select="months/data/row">
            <tr>
              <th scope="row"><xsl:value-of select="month"/></th>
              <td class="n"><xsl:call-template name="number"><xsl:with-param name="n" select="reports"/></xsl:call-template></td>
              <td class="n"><xsl:call-template name="number"><xsl:with-param name="n" select="casesDecided"/></xsl:call-template></td>
              <td class="n"><xsl:call-template name="number"><xsl:with-param name="n" select="medianHours"/><xsl:with-param name="digits" select="1"/></xsl:call-template></td>
              <td class="n"><xsl:call-template name="number"><xsl:with-param name="n" select="strikes"/></xsl:call-template></td>
              <td class="n"><xsl:call-template name="number"><xsl:with-param name="n" select="appeals/filed"/></xsl:call-template></td>
              <td class="n"><xsl:call-template name="number"><xsl:with-param name="n" select="appeals/granted"/></xsl:call-template></td>
            </tr>
          </xsl:for-each>
        </tbody>
      </table>
      </div>
    </section>
  </xsl:template>

  <!-- a bar for each day; the figures are said in words for those who do not see it -->
  <xsl:template name="bars">
    <xsl:param name="name"/>
    <xsl:param name="key"/>
    <xsl:variable name="days" select="figures/data/days/row"/>
    <xsl:variable name="values" select="$days/*[name() = $key]"/>
    <xsl:variable name="most">
      <xsl:for-each select="$values"><xsl:sort select="." data-type="number" order="descending"/><xsl:if test="position() = 1"><xsl:value-of select="."/></xsl:if></xsl:for-each>
    </xsl:variable>
    <xsl:variable name="top"><xsl:choose><xsl:when test="$most &gt; 0"><xsl:value-of select="$most"/></xsl:when><xsl:otherwise>1</xsl:otherwise></xsl:choose></xsl:variable>
    <figure>
      <figcaption><xsl:copy-of select="$name"/>: <b><xsl:call-template name="number"><xsl:with-param name="n" select="sum($values)"/></xsl:call-template></b></figcaption>
      <svg viewBox="0 0 300 90" role="img" aria-label="{$name}" preserveAspectRatio="none">
        <line class="axis" x1="0" x2="300" y1="80" y2="80"/>
        <xsl:for-each select="$values">
          <rect class="bar" x="{(position() - 1) * 10 + 1}" width="8" y="{80 - 70 * . div $top}" height="{70 * . div $top}"><title><xsl:value-of select="../day"/>: <xsl:value-of select="."/></title></rect>
        </xsl:for-each>
      </svg>
      <p class="range"><span><xsl:call-template name="day"><xsl:with-param name="at" select="$days[1]/day"/></xsl:call-template></span><span>max. <xsl:call-template name="number"><xsl:with-param name="n" select="$most"/></xsl:call-template></span><span><xsl:call-template name="day"><xsl:with-param name="at" select="$days[last()]/day"/></xsl:call-template></span></p>
    </figure>
  </xsl:template>
</xsl:stylesheet>
