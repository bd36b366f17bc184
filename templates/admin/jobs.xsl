<?xml version="1.0" encoding="UTF-8"?>
<!-- The queue: what runs, what waits, what failed and why. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:template match="page" mode="title">Jobs</xsl:template>
  <xsl:template match="page" mode="head"><xsl:if test="query/state = 'running' or query/state = 'queued'"><meta http-equiv="refresh" content="5"/></xsl:if></xsl:template>
  <xsl:template match="page" mode="main">
    <form method="get" action="/admin/jobs" class="filters">
      <xsl:call-template name="choice"><xsl:with-param name="name" select="'state'"/><xsl:with-param name="label">State</xsl:with-param><xsl:with-param name="codes" select="'running queued dead cancelled done'"/></xsl:call-template>
      <p><label for="kind">Kind</label><input name="kind" id="kind" value="{query/kind}" accesskey="s" maxlength="40"/></p>
      <p><label for="reason">Code of the reason</label><input name="reasonCode" id="reason" value="{query/reasonCode}" maxlength="60"/></p>
      <xsl:call-template name="show"/>
    </form>
    <xsl:if test="failures/data/row">
      <section>
        <h2>Why jobs failed</h2>
        <div class="scroll">
        <table class="stack"><thead><tr><th>Kind</th><th>Reason</th><th class="n">Jobs</th><th>Last</th><th><span class="hidden">Acts</span></th></tr></thead><tbody>
          <xsl:for-each select="failures/data/row"><tr>
            <th scope="row"><a href="/admin/jobs?state=dead&amp;kind={kind}&amp;reasonCode={reasonCode}"><xsl:value-of select="kind"/></a></th>
            <td data-label="Reason"><xsl:value-of select="reason"/><code class="quiet below"><xsl:value-of select="reasonCode"/></code></td><td data-label="Jobs" class="n"><xsl:call-template name="number"><xsl:with-param name="n" select="jobs"/></xsl:call-template></td>
            <td data-label="Last"><xsl:call-template name="time"><xsl:with-param name="at" select="lastAt"/></xsl:call-template></td>
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
      <p class="quiet"><a href="/admin/jobs?state=running">What runs</a> and <a href="/admin/jobs?state=queued">what waits</a> is shown anew every five seconds.</p>
      <xsl:choose>
        <xsl:when test="not(jobs/data/row)"><xsl:call-template name="empty"><xsl:with-param name="text">No job fits.</xsl:with-param></xsl:call-template></xsl:when>
        <xsl:otherwise>
          <div class="scroll">
          <table class="stack"><thead><tr><th>Kind</th><th>State</th><th>Community</th><th class="n">Attempts</th><th>Asked for</th><th>What went wrong</th></tr></thead><tbody>
            <xsl:for-each select="jobs/data/row"><tr>
              <th scope="row"><a href="/admin/jobs/{id}"><xsl:value-of select="kind"/></a></th>
              <td data-label="State"><xsl:call-template name="job-state"/></td>
              <td data-label="Community"><xsl:value-of select="tenant"/></td>
              <td data-label="Attempts" class="n"><xsl:value-of select="attempts"/>&#160;/&#160;<xsl:value-of select="maxAttempts"/></td>
              <td data-label="Asked for"><xsl:call-template name="time"><xsl:with-param name="at" select="createdAt"/></xsl:call-template></td>
              <td data-label="What went wrong"><xsl:value-of select="reason"/></td>
            </tr></xsl:for-each>
          </tbody></table>
          </div>
          <xsl:apply-templates select="jobs/meta" mode="pager"/>
        </xsl:otherwise>
      </xsl:choose>
    </section>
  </xsl:template>

  <xsl:template name="job-state">
    <span><xsl:attribute name="class">mark<xsl:if test="state = 'dead'"> bad</xsl:if><xsl:if test="state = 'running'"> good</xsl:if></xsl:attribute><xsl:apply-templates select="state" mode="code"/></span>
    <xsl:if test="state = 'running'"><xsl:text> </xsl:text><progress max="100" value="{progress}" aria-label="Progress"></progress></xsl:if>
  </xsl:template>
</xsl:stylesheet>
