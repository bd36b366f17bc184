<?xml version="1.0" encoding="UTF-8"?>
<!-- One job, and why it failed. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:template match="page" mode="title"><xsl:value-of select="job/data/kind"/></xsl:template>
  <xsl:template match="page" mode="head"><xsl:if test="job/data/state = 'running' or job/data/state = 'queued'"><meta http-equiv="refresh" content="3"/></xsl:if></xsl:template>
  <xsl:template match="page" mode="main">
    <xsl:for-each select="job/data">
      <div class="acts"><span><xsl:attribute name="class">mark<xsl:if test="state = 'dead'"> bad</xsl:if><xsl:if test="state = 'running'"> good</xsl:if></xsl:attribute><xsl:apply-templates select="state" mode="code"/></span>
        <xsl:if test="state = 'running'"><progress max="100" value="{progress}" aria-label="Progress"></progress></xsl:if>
        <xsl:if test="state = 'dead' or state = 'cancelled'"><xsl:call-template name="button"><xsl:with-param name="call" select="concat('POST /desk/jobs/', id, '/retry')"/><xsl:with-param name="done" select="'retried'"/><xsl:with-param name="class" select="'main'"/><xsl:with-param name="text">Do it again</xsl:with-param></xsl:call-template></xsl:if>
        <xsl:if test="state = 'queued' or state = 'running'"><xsl:call-template name="button"><xsl:with-param name="call" select="concat('POST /desk/jobs/', id, '/cancel')"/><xsl:with-param name="done" select="'cancelled'"/><xsl:with-param name="text">Cancel</xsl:with-param></xsl:call-template></xsl:if>
      </div>
      <dl>
        <xsl:if test="reason"><dt>What went wrong</dt><dd><xsl:value-of select="reason"/><br/><code><xsl:value-of select="reasonCode"/></code></dd></xsl:if>
        <dt>Attempts</dt><dd><xsl:value-of select="attempts"/> of <xsl:value-of select="maxAttempts"/></dd>
        <xsl:if test="tenant"><dt>Community</dt><dd><xsl:value-of select="tenant"/></dd></xsl:if>
        <xsl:if test="subjectId"><dt>About</dt><dd>
          <xsl:choose>
            <xsl:when test="contains(' transcode captions thumbnail purge_files check_video check_image check_file ', concat(' ', kind, ' '))"><a href="/admin/videos/{subjectId}"><xsl:value-of select="subjectId"/></a></xsl:when>
            <xsl:otherwise><xsl:value-of select="subjectId"/></xsl:otherwise>
          </xsl:choose></dd></xsl:if>
        <dt>Asked for</dt><dd><xsl:call-template name="time"><xsl:with-param name="at" select="createdAt"/></xsl:call-template></dd>
        <xsl:if test="startedAt"><dt>Begun</dt><dd><xsl:call-template name="time"><xsl:with-param name="at" select="startedAt"/></xsl:call-template></dd></xsl:if>
        <xsl:if test="finishedAt"><dt>Ended</dt><dd><xsl:call-template name="time"><xsl:with-param name="at" select="finishedAt"/></xsl:call-template></dd></xsl:if>
        <xsl:if test="worker"><dt>Worker</dt><dd><xsl:value-of select="worker"/></dd></xsl:if>
        <xsl:if test="traceparent"><dt>Trace</dt><dd><code><xsl:value-of select="traceparent"/></code></dd></xsl:if>
        <xsl:for-each select="payload/*"><dt data-code=""><xsl:value-of select="name()"/></dt><dd><code><xsl:value-of select="."/></code></dd></xsl:for-each>
      </dl>
    </xsl:for-each>
    <p><a href="/admin/jobs">All jobs</a></p>
  </xsl:template>
</xsl:stylesheet>
