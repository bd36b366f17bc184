<?xml version="1.0" encoding="UTF-8"?>
<!-- What a report would say, before it is made: of the community, or of the reader's own things. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:include href="chart.xsl"/>
  <xsl:variable name="kind"><xsl:choose><xsl:when test="/page/query/kind"><xsl:value-of select="/page/query/kind"/></xsl:when><xsl:otherwise>moderation</xsl:otherwise></xsl:choose></xsl:variable>
  <xsl:variable name="charts" select="/page/preview/data/charts/row[bars/row[value != 0]]"/>
  <xsl:template match="page" mode="title">What a report would say</xsl:template>
  <xsl:template match="page" mode="crumb"><xsl:call-template name="crumb"><xsl:with-param name="to" select="'/admin/reports'"/><xsl:with-param name="text">Moderation reports</xsl:with-param></xsl:call-template></xsl:template>
  <xsl:template match="page" mode="main">
    <form method="get" action="/admin/reports/preview" class="filters">
      <p><label for="kind">Kind of report</label><select name="kind" id="kind">
        <option value="moderation">Moderation</option>
        <option value="videos"><xsl:if test="$kind = 'videos'"><xsl:attribute name="selected">selected</xsl:attribute></xsl:if>Your own videos</option>
        <xsl:if test="community/data/modules/row = 'pocs'"><option value="pocs"><xsl:if test="$kind = 'pocs'"><xsl:attribute name="selected">selected</xsl:attribute></xsl:if>Your own projects</option></xsl:if>
      </select></p>
      <p><label for="fromDate">From</label><input type="date" name="fromDate" id="fromDate" value="{query/fromDate}"/></p>
      <p><label for="toDate">Until the end of</label><input type="date" name="toDate" id="toDate" value="{query/toDate}"/></p>
      <xsl:call-template name="show"/>
    </form>
    <xsl:apply-templates select="preview/data"/>
  </xsl:template>

  <xsl:template match="preview/data">
    <p>From <xsl:call-template name="day"><xsl:with-param name="at" select="from"/></xsl:call-template>, before <xsl:call-template name="day"><xsl:with-param name="at" select="until"/></xsl:call-template>. The report itself lists each of them, too.</p>
    <ul class="tiles">
      <xsl:for-each select="figures/row"><li><b><xsl:call-template name="number"><xsl:with-param name="n" select="value"/></xsl:call-template></b><span><xsl:value-of select="name"/></span></li></xsl:for-each>
    </ul>
    <xsl:choose>
      <xsl:when test="$charts">
        <section class="charts">
          <xsl:for-each select="$charts">
            <xsl:choose>
              <xsl:when test="isByTime = 'true'"><xsl:call-template name="bars"><xsl:with-param name="name" select="string(title)"/><xsl:with-param name="rows" select="bars/row"/><xsl:with-param name="key" select="'value'"/><xsl:with-param name="time" select="'label'"/></xsl:call-template></xsl:when>
              <xsl:otherwise>
                <figure>
                  <figcaption><xsl:value-of select="title"/></figcaption>
                  <table class="counts"><tbody>
                    <xsl:variable name="total" select="sum(bars/row/value)"/>
                    <xsl:for-each select="bars/row">
                      <xsl:call-template name="share">
                        <xsl:with-param name="n" select="value"/><xsl:with-param name="total" select="$total"/>
                        <xsl:with-param name="label"><xsl:choose><xsl:when test="isWord = 'true'"><xsl:call-template name="code-text"><xsl:with-param name="code" select="label"/></xsl:call-template></xsl:when><xsl:otherwise><xsl:value-of select="label"/></xsl:otherwise></xsl:choose></xsl:with-param>
                      </xsl:call-template>
                    </xsl:for-each>
                  </tbody></table>
                </figure>
              </xsl:otherwise>
            </xsl:choose>
          </xsl:for-each>
        </section>
      </xsl:when>
      <xsl:otherwise><section><xsl:call-template name="empty"><xsl:with-param name="text">Nothing was found in this time.</xsl:with-param></xsl:call-template></section></xsl:otherwise>
    </xsl:choose>
  </xsl:template>
</xsl:stylesheet>
