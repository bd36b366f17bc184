<?xml version="1.0" encoding="UTF-8"?>
<!-- The queue: what runs, what waits, what failed and why. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:template match="page" mode="title">Jobs</xsl:template>
  <xsl:template match="page" mode="head"><xsl:if test="query/state = 'running' or query/state = 'queued'"><meta http-equiv="refresh" content="5"/></xsl:if></xsl:template>
  <xsl:template match="page" mode="main">
    <form method="get" action="/admin/jobs" class="filters">
      <p><label for="state">State</label><select name="state" id="state">
        <xsl:call-template name="option"><xsl:with-param name="value" select="''"/><xsl:with-param name="chosen" select="query/state"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'running'"/><xsl:with-param name="chosen" select="query/state"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'queued'"/><xsl:with-param name="chosen" select="query/state"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'dead'"/><xsl:with-param name="chosen" select="query/state"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'cancelled'"/><xsl:with-param name="chosen" select="query/state"/></xsl:call-template>
        <xsl:call-template name="option"><xsl:with-param name="value" select="'done'"/><xsl:with-param name="chosen" select="query/state"/></xsl:call-template>
      </select></p>
      <p><label for="kind">Kind</label><input name="kind" id="kind" value="{query/kind}" maxlength="40"/></p>
      <p><label for="reason">Reason</label><input name="reasonCode" id="reason" value="{query/reasonCode}" maxlength="60"/></p>
      <p><button class="plain">Show</button></p>
    </form>
    <p class="quiet">Lists of what runs or waits load themselves again every five seconds.</p>
    <xsl:if test="failures/data/row">
      <section>
        <h2>Why jobs failed</h2>
        <div class="scroll" tabindex="0" role="region" aria-label="Why jobs failed">
        <table><thead><tr><th>Kind</th><th>Reason</th><th class="n">Jobs</th><th>Last</th><th></th></tr></thead><tbody>
          <xsl:for-each select="failures/data/row"><tr>
            <th scope="row"><a href="/admin/jobs?state=dead&amp;kind={kind}&amp;reasonCode={reasonCode}"><xsl:value-of select="kind"/></a></th>
            <td><xsl:value-of select="reason"/><br/><code class="quiet"><xsl:value-of select="reasonCode"/></code></td><td class="n"><xsl:value-of select="jobs"/></td>
            <td><xsl:call-template name="time"><xsl:with-param name="at" select="lastAt"/></xsl:call-template></td>
            <td><form method="post" action="/admin/do" class="inline">
              <xsl:call-template name="call"><xsl:with-param name="call" select="'POST /desk/jobs/retry'"/><xsl:with-param name="done" select="'retried'"/></xsl:call-template>
              <input type="hidden" name="kind" value="{kind}"/><input type="hidden" name="reasonCode" value="{reasonCode}"/><button class="plain">Do all again</button></form></td>
          </tr></xsl:for-each>
        </tbody></table>
        </div>
      </section>
    </xsl:if>
    <section>
      <h2>Jobs, newest first</h2>
      <xsl:choose>
        <xsl:when test="not(jobs/data/row)"><xsl:call-template name="empty"><xsl:with-param name="text">No job fits.</xsl:with-param></xsl:call-template></xsl:when>
        <xsl:otherwise>
          <ul class="cards"><xsl:for-each select="jobs/data/row">
            <li><div>
              <p class="head"><a href="/admin/jobs/{id}"><xsl:value-of select="kind"/></a><xsl:text> </xsl:text><span><xsl:attribute name="class">mark<xsl:if test="state = 'dead'"> bad</xsl:if><xsl:if test="state = 'running'"> good</xsl:if></xsl:attribute><xsl:apply-templates select="state" mode="code"/></span><xsl:if test="state = 'running'"><xsl:text> </xsl:text><progress max="100" value="{progress}" aria-label="Progress"></progress></xsl:if></p>
              <p class="quiet"><xsl:if test="tenant"><xsl:value-of select="tenant"/> · </xsl:if><xsl:call-template name="time"><xsl:with-param name="at" select="createdAt"/></xsl:call-template> · attempt <xsl:value-of select="attempts"/> of <xsl:value-of select="maxAttempts"/>
                <xsl:if test="reason"><br/><xsl:value-of select="reason"/></xsl:if></p>
            </div></li>
          </xsl:for-each></ul>
          <xsl:apply-templates select="jobs/meta" mode="pager"/>
        </xsl:otherwise>
      </xsl:choose>
    </section>
  </xsl:template>
</xsl:stylesheet>
