<?xml version="1.0" encoding="UTF-8"?>
<!-- Reports of moderation: asked for, made by the worker, seen here. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:variable name="mine" select="/page/reports/data/row[kind = 'moderation']"/>
  <xsl:template match="page" mode="title">Moderation reports</xsl:template>
  <xsl:template match="page" mode="head"><xsl:if test="$mine[status = 'PENDING' or status = 'PROCESSING']"><meta http-equiv="refresh" content="3"/></xsl:if></xsl:template>
  <xsl:template match="page" mode="main">
    <p>What was reported, decided and appealed, with charts: as pages, as a workbook or as a table. <a href="/admin/reports/preview?kind=moderation">What it would say</a></p>
    <form method="post" action="/admin/do" class="filters">
      <xsl:call-template name="call"><xsl:with-param name="call" select="'POST /content/reports'"/><xsl:with-param name="done" select="'ordered'"/><xsl:with-param name="back" select="'/admin/reports'"/></xsl:call-template>
      <input type="hidden" name="kind" value="moderation"/>
      <p class="search"><label for="title">Title</label><input name="title" id="title" required="required" maxlength="200"/></p>
      <p><label for="fromDate">From</label><input type="date" name="fromDate" id="fromDate"/></p>
      <p><label for="toDate">Before</label><input type="date" name="toDate" id="toDate"/></p>
      <p><label for="format">Format</label><select name="format" id="format"><option value="PDF">PDF</option><option value="EXCEL">Excel</option><option value="CSV">CSV</option></select></p>
      <p class="go"><button class="main">Make the report</button></p>
    </form>
    <xsl:choose>
      <xsl:when test="not($mine)"><xsl:call-template name="empty"><xsl:with-param name="text">There is no report yet.</xsl:with-param></xsl:call-template></xsl:when>
      <xsl:otherwise>
        <div class="scroll">
        <table class="stack"><thead><tr><th>Title</th><th>Format</th><th>State</th><th class="n">Size</th><th>Date</th><th><span class="hidden">Acts</span></th></tr></thead><tbody>
          <xsl:apply-templates select="$mine"/>
        </tbody></table>
        </div>
        <xsl:apply-templates select="reports/meta" mode="pager"/>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>
  <xsl:template match="reports/data/row">
    <tr>
      <th scope="row"><xsl:choose><xsl:when test="reportUrl"><a href="{reportUrl}"><xsl:value-of select="title"/></a></xsl:when><xsl:otherwise><xsl:value-of select="title"/></xsl:otherwise></xsl:choose></th>
      <td data-label="Format"><xsl:value-of select="format"/></td>
      <td data-label="State"><span><xsl:attribute name="class">mark<xsl:if test="status = 'FAILED'"> bad</xsl:if><xsl:if test="status = 'COMPLETED'"> good</xsl:if></xsl:attribute><xsl:apply-templates select="status" mode="code"/></span>
        <xsl:if test="status = 'PROCESSING'"><xsl:text> </xsl:text><progress max="100" value="{progress}" aria-label="Progress"></progress></xsl:if>
        <xsl:if test="errorMessage"><span class="quiet below"><xsl:value-of select="errorMessage"/></span></xsl:if></td>
      <td data-label="Size" class="n"><xsl:if test="sizeBytes"><xsl:call-template name="bytes"><xsl:with-param name="n" select="sizeBytes"/></xsl:call-template></xsl:if></td>
      <td data-label="Date"><xsl:call-template name="time"><xsl:with-param name="at" select="createdAt"/></xsl:call-template></td>
      <td class="n"><xsl:choose>
        <xsl:when test="isOfCommunity = 'true'"><span class="quiet">of the community</span></xsl:when>
        <xsl:otherwise><xsl:call-template name="button"><xsl:with-param name="call" select="concat('DELETE /content/reports/', id)"/><xsl:with-param name="done" select="'removed'"/><xsl:with-param name="back" select="'/admin/reports'"/><xsl:with-param name="text">Remove<span class="hidden"> <xsl:value-of select="title"/></span></xsl:with-param></xsl:call-template></xsl:otherwise>
      </xsl:choose></td>
    </tr>
  </xsl:template>
</xsl:stylesheet>
