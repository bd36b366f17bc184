<?xml version="1.0" encoding="UTF-8"?>
<!-- Storage and queue. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:template match="page" mode="title">Health</xsl:template>
  <xsl:template match="page" mode="main">
    <xsl:variable name="s" select="storage/data"/>
    <section>
      <h2>Storage</h2>
      <ul class="tiles wide">
        <li><b><xsl:call-template name="bytes"><xsl:with-param name="n" select="$s/usedBytes"/></xsl:call-template></b> <span>stored by this community</span>
          <xsl:if test="$s/quotaBytes &gt; 0"><meter min="0" max="{$s/quotaBytes}" high="{0.9 * $s/quotaBytes}" value="{$s/usedBytes}" aria-label="Part of what is allowed"></meter><small>of <xsl:call-template name="bytes"><xsl:with-param name="n" select="$s/quotaBytes"/></xsl:call-template></small></xsl:if></li>
        <li><b><xsl:call-template name="bytes"><xsl:with-param name="n" select="$s/reservedBytes"/></xsl:call-template></b> <span>promised to uploads</span></li>
        <xsl:if test="$s/disk">
          <li><b><xsl:call-template name="bytes"><xsl:with-param name="n" select="$s/disk/freeBytes"/></xsl:call-template></b> <span>free on the disk</span>
            <meter min="0" max="{$s/disk/sizeBytes}" high="{0.9 * $s/disk/sizeBytes}" value="{$s/disk/sizeBytes - $s/disk/freeBytes}" aria-label="Part of the disk that is full"></meter><small>of <xsl:call-template name="bytes"><xsl:with-param name="n" select="$s/disk/sizeBytes"/></xsl:call-template></small></li>
          <li><b><xsl:call-template name="bytes"><xsl:with-param name="n" select="$s/disk/roomBytes"/></xsl:call-template></b> <span>left for uploads</span></li>
        </xsl:if>
      </ul>
      <xsl:if test="$s/people/row">
        <h3>Who stores most</h3>
        <div class="scroll">
        <table><thead><tr><th>Person</th><th class="n">Stored</th></tr></thead><tbody>
          <xsl:for-each select="$s/people/row"><tr><th scope="row">@<xsl:value-of select="username"/></th><td class="n"><xsl:call-template name="bytes"><xsl:with-param name="n" select="usedBytes"/></xsl:call-template></td></tr></xsl:for-each>
        </tbody></table>
        </div>
      </xsl:if>
    </section>
    <section>
      <h2>Queue</h2>
      <xsl:choose>
        <xsl:when test="queue/data/row">
          <div class="scroll">
          <table class="stack"><thead><tr><th>Kind</th><th>State</th><th class="n">Jobs</th><th class="n">The oldest is there for</th></tr></thead><tbody>
            <xsl:for-each select="queue/data/row"><tr><th scope="row"><a href="/admin/jobs?kind={kind}&amp;state={state}"><xsl:value-of select="kind"/></a></th><td data-label="State"><span><xsl:attribute name="class">mark<xsl:if test="state = 'dead'"> bad</xsl:if><xsl:if test="state = 'running'"> good</xsl:if></xsl:attribute><xsl:apply-templates select="state" mode="code"/></span></td><td data-label="Jobs" class="n"><xsl:call-template name="number"><xsl:with-param name="n" select="jobs"/></xsl:call-template></td><td data-label="The oldest is there for" class="n"><xsl:call-template name="span"><xsl:with-param name="s" select="oldestSeconds"/></xsl:call-template></td></tr></xsl:for-each>
          </tbody></table>
          </div>
        </xsl:when>
        <xsl:when test="queue"><xsl:call-template name="empty"><xsl:with-param name="text">Nothing waits, runs or has failed.</xsl:with-param></xsl:call-template></xsl:when>
        <xsl:when test="not(failures/data/row)"><xsl:call-template name="empty"><xsl:with-param name="text">No job of this community has failed.</xsl:with-param></xsl:call-template></xsl:when>
      </xsl:choose>
      <xsl:if test="failures/data/row">
        <h3>Why jobs failed</h3>
        <ul class="plain"><xsl:for-each select="failures/data/row"><li><a href="/admin/jobs?state=dead&amp;kind={kind}&amp;reasonCode={reasonCode}"><xsl:value-of select="kind"/></a>: <xsl:call-template name="number"><xsl:with-param name="n" select="jobs"/></xsl:call-template><span class="quiet below"><xsl:value-of select="reason"/></span></li></xsl:for-each></ul>
      </xsl:if>
    </section>
  </xsl:template>
</xsl:stylesheet>
