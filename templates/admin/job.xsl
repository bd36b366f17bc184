<?xml version="1.0" encoding="UTF-8"?>
<!-- One job, how far it is, and why it failed each time. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:variable name="j" select="/page/job/data"/>
  <xsl:template match="page" mode="title"><xsl:value-of select="$j/kind"/></xsl:template>
  <xsl:template match="page" mode="head"><xsl:if test="$j/state = 'running' or $j/state = 'queued'"><meta http-equiv="refresh" content="3"/></xsl:if></xsl:template>
  <xsl:template match="page" mode="crumb"><xsl:call-template name="crumb"><xsl:with-param name="to" select="'/admin/jobs'"/><xsl:with-param name="text">Jobs</xsl:with-param></xsl:call-template></xsl:template>
  <xsl:template match="page" mode="acts">
    <div class="acts">
      <xsl:if test="$j/state = 'dead' or $j/state = 'cancelled'"><xsl:call-template name="button"><xsl:with-param name="call" select="concat('POST /desk/jobs/', $j/id, '/retry')"/><xsl:with-param name="done" select="'retried'"/><xsl:with-param name="class" select="'main'"/><xsl:with-param name="key" select="'r'"/><xsl:with-param name="text">Do it again</xsl:with-param></xsl:call-template></xsl:if>
      <xsl:if test="$j/state = 'queued' or $j/state = 'running'"><xsl:call-template name="button"><xsl:with-param name="call" select="concat('POST /desk/jobs/', $j/id, '/cancel')"/><xsl:with-param name="done" select="'cancelled'"/><xsl:with-param name="text">Cancel</xsl:with-param></xsl:call-template></xsl:if>
    </div>
  </xsl:template>
  <xsl:template match="page" mode="main">
    <p class="marks">
      <span><xsl:attribute name="class">mark<xsl:if test="$j/state = 'dead'"> bad</xsl:if><xsl:if test="$j/state = 'running'"> good</xsl:if></xsl:attribute><xsl:apply-templates select="$j/state" mode="code"/></span>
      <xsl:if test="$j/state = 'running'"><xsl:text> </xsl:text><progress max="100" value="{$j/progress}" aria-label="Progress"></progress><xsl:text> </xsl:text><xsl:value-of select="$j/progress"/>&#160;%</xsl:if>
    </p>
    <xsl:if test="$j/state = 'running' or $j/state = 'queued'"><p class="quiet">This page is shown anew every three seconds.</p></xsl:if>
    <xsl:if test="$j/reason">
      <section class="panel">
        <h2>What went wrong</h2>
        <p><xsl:value-of select="$j/reason"/></p>
        <p><code><xsl:value-of select="$j/reasonCode"/></code></p>
      </section>
    </xsl:if>
    <xsl:if test="$j/failures/row">
      <section>
        <h2>Log of its failures</h2>
        <div class="scroll">
        <table class="stack"><thead><tr><th>When</th><th class="n">Attempt</th><th>Reason</th><th>What it said</th></tr></thead><tbody>
          <xsl:for-each select="$j/failures/row"><tr>
            <th scope="row"><xsl:call-template name="time"><xsl:with-param name="at" select="at"/></xsl:call-template></th>
            <td data-label="Attempt" class="n"><xsl:value-of select="attempt"/></td>
            <td data-label="Reason"><xsl:value-of select="reason"/><code class="quiet below"><xsl:value-of select="reasonCode"/></code></td>
            <td data-label="What it said"><xsl:if test="log"><pre><xsl:value-of select="log"/></pre></xsl:if></td>
          </tr></xsl:for-each>
        </tbody></table>
        </div>
      </section>
    </xsl:if>
    <section>
      <h2>Facts</h2>
      <dl>
        <dt>Attempts</dt><dd><xsl:value-of select="$j/attempts"/>&#160;/&#160;<xsl:value-of select="$j/maxAttempts"/></dd>
        <xsl:if test="$j/tenant"><dt>Community</dt><dd><xsl:value-of select="$j/tenant"/></dd></xsl:if>
        <xsl:if test="$j/subjectId"><dt>About</dt><dd>
          <xsl:choose>
            <xsl:when test="contains(' transcode captions thumbnail purge_files check_video check_image check_file ', concat(' ', $j/kind, ' '))"><a href="/admin/videos/{$j/subjectId}"><code><xsl:value-of select="$j/subjectId"/></code></a></xsl:when>
            <xsl:otherwise><code><xsl:value-of select="$j/subjectId"/></code></xsl:otherwise>
          </xsl:choose></dd></xsl:if>
        <dt>Asked for</dt><dd><xsl:call-template name="time"><xsl:with-param name="at" select="$j/createdAt"/></xsl:call-template></dd>
        <xsl:if test="$j/state = 'queued'"><dt>Not before</dt><dd><xsl:call-template name="time"><xsl:with-param name="at" select="$j/runAt"/></xsl:call-template></dd></xsl:if>
        <xsl:if test="$j/startedAt"><dt>Begun</dt><dd><xsl:call-template name="time"><xsl:with-param name="at" select="$j/startedAt"/></xsl:call-template></dd></xsl:if>
        <xsl:if test="$j/finishedAt"><dt>Ended</dt><dd><xsl:call-template name="time"><xsl:with-param name="at" select="$j/finishedAt"/></xsl:call-template></dd></xsl:if>
        <xsl:if test="$j/worker"><dt>Worker</dt><dd><code><xsl:value-of select="$j/worker"/></code></dd></xsl:if>
        <xsl:if test="$j/traceparent"><dt>Trace</dt><dd><code><xsl:value-of select="$j/traceparent"/></code></dd></xsl:if>
        <dt>Id</dt><dd><code><xsl:value-of select="$j/id"/></code></dd>
      </dl>
      <xsl:if test="$j/payload/*">
        <h3>What it was given</h3>
        <dl class="small"><xsl:for-each select="$j/payload/*"><dt><code><xsl:value-of select="name()"/></code></dt><dd><code><xsl:value-of select="."/></code></dd></xsl:for-each></dl>
      </xsl:if>
    </section>
  </xsl:template>
</xsl:stylesheet>
