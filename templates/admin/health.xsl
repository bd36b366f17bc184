<?xml version="1.0" encoding="UTF-8"?>
<!-- Storage and queue. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:template match="page" mode="title">Health</xsl:template>
  <xsl:template match="page" mode="main">
    <xsl:variable name="s" select="storage/data"/>
    <section>
      <h2>Storage</h2>
      <ul class="tiles">
        <li><b><xsl:call-template name="bytes"><xsl:with-param name="n" select="$s/usedBytes"/></xsl:call-template></b> stored by this community</li>
        <li><b><xsl:call-template name="bytes"><xsl:with-param name="n" select="$s/reservedBytes"/></xsl:call-template></b> promised to uploads</li>
        <xsl:if test="$s/quotaBytes"><li><b><xsl:call-template name="bytes"><xsl:with-param name="n" select="$s/quotaBytes"/></xsl:call-template></b> at most</li></xsl:if>
        <xsl:if test="$s/disk"><li><b><xsl:call-template name="bytes"><xsl:with-param name="n" select="$s/disk/freeBytes"/></xsl:call-template></b> free of <xsl:call-template name="bytes"><xsl:with-param name="n" select="$s/disk/sizeBytes"/></xsl:call-template></li></xsl:if>
      </ul>
      <xsl:if test="$s/people/row">
        <h3>Who stores most</h3>
        <ul class="plain"><xsl:for-each select="$s/people/row"><li>@<xsl:value-of select="username"/>: <xsl:call-template name="bytes"><xsl:with-param name="n" select="usedBytes"/></xsl:call-template></li></xsl:for-each></ul>
      </xsl:if>
    </section>
    <section>
      <h2>Queue</h2>
      <xsl:choose>
        <xsl:when test="queue/data/row">
          <div class="scroll" tabindex="0" role="region" aria-label="Queue">
          <table><thead><tr><th>Kind</th><th>State</th><th class="n">Jobs</th><th class="n">Oldest, seconds</th></tr></thead><tbody>
            <xsl:for-each select="queue/data/row"><tr><th scope="row"><a href="/admin/jobs?kind={kind}&amp;state={state}"><xsl:value-of select="kind"/></a></th><td><xsl:apply-templates select="state" mode="code"/></td><td class="n"><xsl:call-template name="number"><xsl:with-param name="n" select="jobs"/></xsl:call-template></td><td class="n"><xsl:call-template name="number"><xsl:with-param name="n" select="oldestSeconds"/></xsl:call-template></td></tr></xsl:for-each>
          </tbody></table>
          </div>
        </xsl:when>
        <xsl:when test="queue"><xsl:call-template name="empty"><xsl:with-param name="text">Nothing waits, runs or has failed.</xsl:with-param></xsl:call-template></xsl:when>
        <xsl:when test="not(failures/data/row)"><xsl:call-template name="empty"><xsl:with-param name="text">No job of this community has failed.</xsl:with-param></xsl:call-template></xsl:when>
      </xsl:choose>
      <xsl:if test="failures/data/row">
        <h3>Why jobs failed</h3>
        <ul class="plain"><xsl:for-each select="failures/data/row"><li><a href="/admin/jobs?state=dead&amp;kind={kind}&amp;reasonCode={reasonCode}"><xsl:value-of select="kind"/></a>: <xsl:call-template name="number"><xsl:with-param name="n" select="jobs"/></xsl:call-template> · <xsl:value-of select="reason"/></li></xsl:for-each></ul>
      </xsl:if>
      <p><a href="/admin/jobs">Jobs</a></p>
    </section>
  </xsl:template>
</xsl:stylesheet>
