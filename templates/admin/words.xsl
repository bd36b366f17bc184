<?xml version="1.0" encoding="UTF-8"?>
<!-- Watched words, blocked videos, and trying a text. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:template match="page" mode="title">Watch lists</xsl:template>
  <xsl:template match="page" mode="main">
    <section>
      <h2>Try it on a text</h2>
      <form method="get" action="/admin/words" class="filters">
        <p class="search"><label for="text">Text</label><input name="text" id="text" value="{query/text}" accesskey="s" maxlength="1000"/></p>
        <xsl:call-template name="choice"><xsl:with-param name="name" select="'field'"/><xsl:with-param name="label">Where it stands</xsl:with-param><xsl:with-param name="codes" select="'comment title description profile'"/><xsl:with-param name="any" select="false()"/></xsl:call-template>
        <p class="go"><button class="plain">Try</button></p>
      </form>
      <xsl:if test="tried/data">
        <div class="panel" role="status"><p class="marks"><span><xsl:attribute name="class">mark<xsl:choose><xsl:when test="tried/data/verdict = 'allow'"> good</xsl:when><xsl:otherwise> bad</xsl:otherwise></xsl:choose></xsl:attribute><xsl:apply-templates select="tried/data/verdict" mode="code"/></span></p>
          <xsl:if test="tried/data/findings/row">
            <ul class="plain"><xsl:for-each select="tried/data/findings/row"><li><xsl:apply-templates select="check" mode="code"/><xsl:for-each select="*[name() != 'check' and name() != 'category']"> · <code><xsl:value-of select="name()"/>: <xsl:value-of select="."/></code></xsl:for-each></li></xsl:for-each></ul>
          </xsl:if>
        </div>
      </xsl:if>
    </section>
    <section>
      <h2>Watched words</h2>
      <form method="post" action="/admin/do" class="filters">
        <xsl:call-template name="call"><xsl:with-param name="call" select="'POST /moderation/watched-words'"/><xsl:with-param name="done" select="'added'"/><xsl:with-param name="back" select="'/admin/words'"/></xsl:call-template>
        <p class="search"><label for="pattern">Regular expression</label><input name="pattern" id="pattern" required="required" maxlength="300"/></p>
        <xsl:call-template name="choice"><xsl:with-param name="name" select="'action'"/><xsl:with-param name="id" select="'w-action'"/><xsl:with-param name="label">Action</xsl:with-param><xsl:with-param name="codes" select="'hold reject allow'"/><xsl:with-param name="any" select="false()"/></xsl:call-template>
        <p><label for="w-note">Note</label><input name="note" id="w-note" maxlength="500"/></p>
        <fieldset class="choices"><legend>Where (nothing ticked: everywhere)</legend>
          <label><input type="checkbox" name="appliesTo" value="title"/><span>Title</span></label>
          <label><input type="checkbox" name="appliesTo" value="description"/><span>Description</span></label>
          <label><input type="checkbox" name="appliesTo" value="comment"/><span>Comment</span></label>
          <label><input type="checkbox" name="appliesTo" value="profile"/><span>Profile</span></label>
        </fieldset>
        <fieldset class="choices"><legend>Letters</legend><label><input type="checkbox" name="isCaseSensitive" value="true"/><span>Capitals matter</span></label></fieldset>
        <p class="go"><button class="plain">Watch for it</button></p>
      </form>
      <xsl:choose>
        <xsl:when test="not(words/data/row)"><xsl:call-template name="empty"><xsl:with-param name="text">Nothing is watched for.</xsl:with-param></xsl:call-template></xsl:when>
        <xsl:otherwise>
          <div class="scroll">
          <table class="stack"><thead><tr><th>Expression</th><th>Action</th><th>Where</th><th>Note</th><th><span class="hidden">Acts</span></th></tr></thead><tbody>
            <xsl:for-each select="words/data/row"><tr>
              <th scope="row"><code><xsl:value-of select="pattern"/></code><xsl:if test="isCaseSensitive = 'true'"><span class="quiet below">Capitals matter</span></xsl:if></th><td data-label="Action"><xsl:apply-templates select="action" mode="code"/></td>
              <td data-label="Where"><xsl:choose><xsl:when test="count(appliesTo/row) = 4">Everywhere</xsl:when><xsl:otherwise><xsl:for-each select="appliesTo/row"><xsl:if test="position() &gt; 1">, </xsl:if><xsl:apply-templates select="." mode="code"/></xsl:for-each></xsl:otherwise></xsl:choose></td>
              <td data-label="Note"><xsl:value-of select="note"/></td>
              <td><xsl:call-template name="button"><xsl:with-param name="call" select="concat('DELETE /moderation/watched-words/', id)"/><xsl:with-param name="done" select="'removed'"/><xsl:with-param name="text">Remove<span class="hidden"> <xsl:value-of select="pattern"/></span></xsl:with-param></xsl:call-template></td>
            </tr></xsl:for-each>
          </tbody></table>
          </div>
        </xsl:otherwise>
      </xsl:choose>
    </section>
    <section>
      <h2>Blocked videos</h2>
      <p class="quiet">A video is put here from its own page. Its pictures and its sound are known again when they are encoded anew, also in what was uploaded earlier.</p>
      <xsl:choose>
        <xsl:when test="not(blocked/data/row)"><xsl:call-template name="empty"><xsl:with-param name="text">No video is blocked.</xsl:with-param></xsl:call-template></xsl:when>
        <xsl:otherwise>
          <div class="scroll">
          <table class="stack"><thead><tr><th>Name</th><th>Action</th><th class="n">Pictures</th><th class="n">Sound</th><th>Since</th><th><span class="hidden">Acts</span></th></tr></thead><tbody>
            <xsl:for-each select="blocked/data/row"><tr>
              <th scope="row"><xsl:choose><xsl:when test="videoId"><a href="/admin/videos/{videoId}"><xsl:value-of select="label"/></a></xsl:when><xsl:otherwise><xsl:value-of select="label"/></xsl:otherwise></xsl:choose></th><td data-label="Action"><xsl:apply-templates select="action" mode="code"/></td>
              <td data-label="Pictures" class="n"><xsl:call-template name="number"><xsl:with-param name="n" select="frames"/></xsl:call-template></td><td data-label="Sound" class="n"><xsl:call-template name="number"><xsl:with-param name="n" select="sound"/></xsl:call-template></td>
              <td data-label="Since"><xsl:call-template name="time"><xsl:with-param name="at" select="createdAt"/></xsl:call-template></td>
              <td><xsl:call-template name="button"><xsl:with-param name="call" select="concat('DELETE /moderation/blocklist/', id)"/><xsl:with-param name="done" select="'removed'"/><xsl:with-param name="text">Remove<span class="hidden"> <xsl:value-of select="label"/></span></xsl:with-param></xsl:call-template></td>
            </tr></xsl:for-each>
          </tbody></table>
          </div>
        </xsl:otherwise>
      </xsl:choose>
    </section>
  </xsl:template>
</xsl:stylesheet>
