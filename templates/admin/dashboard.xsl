<?xml version="1.0" encoding="UTF-8"?>
<!-- What waits, what today was, and the last thirty days. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:include href="chart.xsl"/>
  <xsl:variable name="days" select="/page/figures/data/days/row"/>
  <xsl:template match="page" mode="title">Overview</xsl:template>
  <xsl:template match="page" mode="acts"><div class="acts"><xsl:call-template name="next-case"/></div></xsl:template>
  <xsl:template match="page" mode="main">
    <xsl:variable name="f" select="figures/data"/>
    <section>
      <h2>Waiting</h2>
      <ul class="tiles">
        <li><a href="/admin/queue"><b><xsl:call-template name="count"><xsl:with-param name="n" select="$f/open/cases"/></xsl:call-template></b> <span>open cases</span></a></li>
        <li><a href="/admin/queue?held=true"><b><xsl:call-template name="count"><xsl:with-param name="n" select="$f/open/held"/></xsl:call-template></b> <span>held until decided</span></a></li>
        <li><a href="/admin/appeals"><b><xsl:call-template name="count"><xsl:with-param name="n" select="$f/open/appeals"/></xsl:call-template></b> <span>open appeals</span></a></li>
        <li><a href="/admin/dmca"><b><xsl:call-template name="count"><xsl:with-param name="n" select="$f/open/notices"/></xsl:call-template></b> <span>copyright notices</span></a></li>
        <li><a href="/admin/videos?state=underWay"><b><xsl:call-template name="count"><xsl:with-param name="n" select="$f/videos/underWay"/></xsl:call-template></b> <span>videos under way</span></a></li>
        <li><a href="/admin/videos?state=failed"><b><xsl:call-template name="count"><xsl:with-param name="n" select="$f/videos/failed"/></xsl:call-template></b> <span>videos failed</span></a></li>
        <li><a href="/admin/videos?state=hidden"><b><xsl:call-template name="count"><xsl:with-param name="n" select="$f/videos/hidden"/></xsl:call-template></b> <span>videos hidden</span></a></li>
      </ul>
    </section>
    <section>
      <h2>Today</h2>
      <ul class="tiles">
        <xsl:call-template name="today"><xsl:with-param name="key" select="'reports'"/><xsl:with-param name="name">reports</xsl:with-param></xsl:call-template>
        <xsl:call-template name="today"><xsl:with-param name="key" select="'decisions'"/><xsl:with-param name="name">decisions</xsl:with-param></xsl:call-template>
        <xsl:call-template name="today"><xsl:with-param name="key" select="'videos'"/><xsl:with-param name="name">new videos</xsl:with-param></xsl:call-template>
        <xsl:call-template name="today"><xsl:with-param name="key" select="'comments'"/><xsl:with-param name="name">new comments</xsl:with-param></xsl:call-template>
        <xsl:call-template name="today"><xsl:with-param name="key" select="'people'"/><xsl:with-param name="name">new people</xsl:with-param></xsl:call-template>
      </ul>
    </section>
    <section>
      <h2>The last thirty days</h2>
      <div class="charts">
        <xsl:call-template name="bars"><xsl:with-param name="name">Reports</xsl:with-param><xsl:with-param name="rows" select="$days"/><xsl:with-param name="key" select="'reports'"/></xsl:call-template>
        <xsl:call-template name="bars"><xsl:with-param name="name">Decisions</xsl:with-param><xsl:with-param name="rows" select="$days"/><xsl:with-param name="key" select="'decisions'"/></xsl:call-template>
        <xsl:call-template name="bars"><xsl:with-param name="name">New videos</xsl:with-param><xsl:with-param name="rows" select="$days"/><xsl:with-param name="key" select="'videos'"/></xsl:call-template>
        <xsl:call-template name="bars"><xsl:with-param name="name">New comments</xsl:with-param><xsl:with-param name="rows" select="$days"/><xsl:with-param name="key" select="'comments'"/></xsl:call-template>
        <xsl:call-template name="bars"><xsl:with-param name="name">New people</xsl:with-param><xsl:with-param name="rows" select="$days"/><xsl:with-param name="key" select="'people'"/></xsl:call-template>
      </div>
      <details><summary>These figures as a table</summary>
        <div class="scroll" tabindex="0" role="region" aria-label="The last thirty days">
        <table>
          <thead><tr><th>Day</th><th class="n">Reports</th><th class="n">Decisions</th><th class="n">New videos</th><th class="n">New comments</th><th class="n">New people</th></tr></thead>
          <tbody>
            <xsl:for-each select="$days"><xsl:sort select="day" order="descending"/>
              <tr>
                <th scope="row"><xsl:call-template name="day"><xsl:with-param name="at" select="day"/></xsl:call-template></th>
                <td class="n"><xsl:call-template name="number"><xsl:with-param name="n" select="reports"/></xsl:call-template></td>
                <td class="n"><xsl:call-template name="number"><xsl:with-param name="n" select="decisions"/></xsl:call-template></td>
                <td class="n"><xsl:call-template name="number"><xsl:with-param name="n" select="videos"/></xsl:call-template></td>
                <td class="n"><xsl:call-template name="number"><xsl:with-param name="n" select="comments"/></xsl:call-template></td>
                <td class="n"><xsl:call-template name="number"><xsl:with-param name="n" select="people"/></xsl:call-template></td>
              </tr>
            </xsl:for-each>
          </tbody>
        </table>
        </div>
      </details>
    </section>
    <section>
      <h2>By month</h2>
      <div class="scroll" tabindex="0" role="region" aria-label="By month">
      <table>
        <thead><tr><th>Month</th><th class="n">Reports</th><th class="n">Cases decided</th><th class="n">Median hours to a decision</th><th class="n">Strikes</th><th class="n">Appeals</th><th class="n">Appeals granted</th></tr></thead>
        <tbody>
          <xsl:for-each select="months/data/row">
            <tr>
              <th scope="row"><xsl:call-template name="month"><xsl:with-param name="at" select="month"/></xsl:call-template></th>
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

  <xsl:template name="today">
    <xsl:param name="key"/>
    <xsl:param name="name"/>
    <li>
      <b><xsl:call-template name="number"><xsl:with-param name="n" select="$days[last()]/*[name() = $key]"/></xsl:call-template></b>
      <span><xsl:copy-of select="$name"/></span>
      <small>Yesterday: <xsl:call-template name="number"><xsl:with-param name="n" select="$days[last() - 1]/*[name() = $key]"/></xsl:call-template></small>
    </li>
  </xsl:template>
</xsl:stylesheet>
