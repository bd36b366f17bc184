<?xml version="1.0" encoding="UTF-8"?>
<!-- Who did what. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:template match="page" mode="title">Audit log</xsl:template>
  <xsl:template match="page" mode="acts">
    <xsl:variable name="filters"><xsl:call-template name="filters"/></xsl:variable>
    <p class="acts"><a href="/admin/audit.csv?{$filters}">As a table (CSV)</a></p>
  </xsl:template>
  <xsl:template match="page" mode="main">
    <form method="get" action="/admin/audit" class="filters">
      <xsl:call-template name="search"><xsl:with-param name="label">Anywhere</xsl:with-param></xsl:call-template>
      <p><label for="actor">Who (@name)</label><input name="actor" id="actor" value="{query/actor}" maxlength="60"/></p>
      <p><label for="action">What (begins with)</label><input name="action" id="action" value="{query/action}" maxlength="60"/></p>
      <p><label for="target">On what (id)</label><input name="target" id="target" value="{query/target}" maxlength="36"/></p>
      <p><label for="from">From</label><input type="date" name="from" id="from" value="{query/from}"/></p>
      <p><label for="until">Before</label><input type="date" name="until" id="until" value="{query/until}"/></p>
      <xsl:call-template name="show"/>
    </form>
    <xsl:choose>
      <xsl:when test="not(rows/data/row)"><xsl:call-template name="empty"><xsl:with-param name="text">Nothing fits.</xsl:with-param></xsl:call-template></xsl:when>
      <xsl:otherwise>
        <div class="scroll">
        <table class="stack"><thead><tr><th>When</th><th>Who</th><th>What</th><th>On what</th><th>Before and after</th><th>From where</th></tr></thead><tbody>
          <xsl:apply-templates select="rows/data/row"/>
        </tbody></table>
        </div>
        <xsl:apply-templates select="rows/meta" mode="pager"/>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>
  <xsl:template match="rows/data/row">
    <tr>
      <td data-label="When"><xsl:call-template name="time"><xsl:with-param name="at" select="at"/></xsl:call-template></td>
      <td data-label="Who"><xsl:choose><xsl:when test="actor/username"><a href="/admin/people/{actor/id}">@<xsl:value-of select="actor/username"/></a></xsl:when><xsl:when test="actor/id"><code><xsl:value-of select="actor/id"/></code></xsl:when><xsl:otherwise>the system</xsl:otherwise></xsl:choose></td>
      <th scope="row"><xsl:value-of select="action"/><xsl:if test="note"><span class="quiet below words"><xsl:value-of select="note"/></span></xsl:if></th>
      <td data-label="On what"><xsl:value-of select="target/kind"/><xsl:if test="target/id"><a class="quiet below" href="/admin/audit?target={target/id}"><code><xsl:value-of select="target/id"/></code></a></xsl:if></td>
      <td data-label="Before and after"><xsl:if test="before/* or after/*"><details><summary>Show</summary><dl class="small"><xsl:for-each select="before/*"><dt>− <xsl:value-of select="name()"/></dt><dd><xsl:value-of select="."/></dd></xsl:for-each><xsl:for-each select="after/*"><dt>+ <xsl:value-of select="name()"/></dt><dd><xsl:value-of select="."/></dd></xsl:for-each></dl></details></xsl:if></td>
      <td data-label="From where" class="quiet"><xsl:value-of select="address"/><code class="below"><xsl:value-of select="substring(requestId, 1, 8)"/></code></td>
    </tr>
  </xsl:template>
</xsl:stylesheet>
