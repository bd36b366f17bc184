<?xml version="1.0" encoding="UTF-8"?>
<!-- What the public is told of moderation: counts only. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:include href="chart.xsl"/>
  <xsl:variable name="f" select="/page/figures/data"/>
  <xsl:template match="page" mode="title">Transparency</xsl:template>
  <xsl:template match="page" mode="crumb"><p class="crumb"><xsl:value-of select="site/@name"/></p></xsl:template>
  <xsl:template match="page" mode="acts">
    <xsl:variable name="year" select="number(substring(@now, 1, 4))"/>
    <nav class="acts" aria-label="Years">
      <xsl:call-template name="year"><xsl:with-param name="year" select="$year - 2"/></xsl:call-template>
      <xsl:call-template name="year"><xsl:with-param name="year" select="$year - 1"/></xsl:call-template>
      <xsl:call-template name="year"><xsl:with-param name="year" select="$year"/></xsl:call-template>
    </nav>
  </xsl:template>
  <xsl:template name="year">
    <xsl:param name="year"/>
    <a href="{/page/@path}?from={$year}-01-01&amp;until={$year + 1}-01-01"><xsl:if test="starts-with($f/from, $year)"><xsl:attribute name="aria-current">true</xsl:attribute></xsl:if><xsl:value-of select="$year"/></a>
  </xsl:template>

  <xsl:template match="page" mode="main">
    <p>What was reported here, what moderators did, and who objected, from <xsl:call-template name="day"><xsl:with-param name="at" select="$f/from"/></xsl:call-template> to <xsl:call-template name="day"><xsl:with-param name="at" select="$f/until"/></xsl:call-template>.</p>
    <div class="columns">
      <section class="panel">
        <h2>Reports</h2>
        <xsl:call-template name="counts"><xsl:with-param name="rows" select="$f/reportsByCategory/*"/><xsl:with-param name="total" select="$f/reports"/></xsl:call-template>
      </section>
      <section class="panel">
        <h2>Decisions</h2>
        <xsl:call-template name="counts"><xsl:with-param name="rows" select="$f/decisions/*"/><xsl:with-param name="total" select="sum($f/decisions/*)"/></xsl:call-template>
        <p class="quiet">Made by automatic checks: <xsl:call-template name="number"><xsl:with-param name="n" select="$f/automaticDecisions"/></xsl:call-template>. They can be appealed, too.</p>
      </section>
      <section class="panel">
        <h2>Appeals</h2>
        <table class="counts"><tbody>
          <tr><th scope="row">Filed</th><td class="n"><xsl:call-template name="number"><xsl:with-param name="n" select="$f/appeals/filed"/></xsl:call-template></td></tr>
          <tr><th scope="row">Granted</th><td class="n"><xsl:call-template name="number"><xsl:with-param name="n" select="$f/appeals/granted"/></xsl:call-template></td></tr>
          <tr><th scope="row">Denied</th><td class="n"><xsl:call-template name="number"><xsl:with-param name="n" select="$f/appeals/denied"/></xsl:call-template></td></tr>
        </tbody></table>
      </section>
      <section class="panel">
        <h2>Copyright notices</h2>
        <table class="counts"><tbody>
          <tr><th scope="row">Received</th><td class="n"><xsl:call-template name="number"><xsl:with-param name="n" select="$f/dmca/received"/></xsl:call-template></td></tr>
          <tr><th scope="row">Rejected</th><td class="n"><xsl:call-template name="number"><xsl:with-param name="n" select="$f/dmca/rejected"/></xsl:call-template></td></tr>
          <tr><th scope="row">Taken down</th><td class="n"><xsl:call-template name="number"><xsl:with-param name="n" select="$f/dmca/takenDown"/></xsl:call-template></td></tr>
          <tr><th scope="row">Countered</th><td class="n"><xsl:call-template name="number"><xsl:with-param name="n" select="$f/dmca/countered"/></xsl:call-template></td></tr>
          <tr><th scope="row">Restored</th><td class="n"><xsl:call-template name="number"><xsl:with-param name="n" select="$f/dmca/restored"/></xsl:call-template></td></tr>
        </tbody></table>
      </section>
    </div>
    <p class="quiet">The same figures for programs: <a href="/api/v1/transparency"><code>/api/v1/transparency</code></a></p>
  </xsl:template>

  <!-- each with a bar that says how much of all it is -->
  <xsl:template name="counts">
    <xsl:param name="rows"/>
    <xsl:param name="total"/>
    <xsl:choose>
      <xsl:when test="not($rows)"><p class="quiet">None.</p></xsl:when>
      <xsl:otherwise>
        <table class="counts"><tbody>
          <xsl:for-each select="$rows"><xsl:sort select="." data-type="number" order="descending"/>
            <xsl:call-template name="share">
              <xsl:with-param name="n" select="."/><xsl:with-param name="total" select="$total"/>
              <xsl:with-param name="label"><xsl:call-template name="code-text"><xsl:with-param name="code" select="name()"/></xsl:call-template></xsl:with-param>
            </xsl:call-template>
          </xsl:for-each>
        </tbody><tfoot><tr><th scope="row">All</th><td></td><td class="n"><xsl:call-template name="number"><xsl:with-param name="n" select="$total"/></xsl:call-template></td></tr></tfoot></table>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>
</xsl:stylesheet>
