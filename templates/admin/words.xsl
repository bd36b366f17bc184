<?xml version="1.0" encoding="UTF-8"?>
<!-- Watched words, blocked videos, and trying a text. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:template match="page" mode="title">Watch lists</xsl:template>
  <xsl:template match="page" mode="main">
    <section>
      <h2>Try it on a text</h2>
      <form method="get" action="/admin/words" class="filters">
        <p><label for="text">Text</label><input name="text" id="text" value="{query/text}" maxlength="1000"/></p>
        <p><label for="field">Where it stands</label><select name="field" id="field">
          <xsl:call-template name="option"><xsl:with-param name="value" select="'comment'"/><xsl:with-param name="chosen" select="query/field"/></xsl:call-template>
          <xsl:call-template name="option"><xsl:with-param name="value" select="'title'"/><xsl:with-param name="chosen" select="query/field"/></xsl:call-template>
          <xsl:call-template name="option"><xsl:with-param name="value" select="'description'"/><xsl:with-param name="chosen" select="query/field"/></xsl:call-template>
          <xsl:call-template name="option"><xsl:with-param name="value" select="'profile'"/><xsl:with-param name="chosen" select="query/field"/></xsl:call-template>
        </select></p>
        <p><button class="plain">Try</button></p>
      </form>
      <xsl:if test="tried/data">
        <p role="status"><span><xsl:attribute name="class">mark<xsl:if test="tried/data/verdict != 'allow'"> bad</xsl:if></xsl:attribute><xsl:apply-templates select="tried/data/verdict" mode="code"/></span>
          <xsl:for-each select="tried/data/findings/row"><xsl:text> </xsl:text><code><xsl:value-of select="."/></code></xsl:for-each></p>
      </xsl:if>
    </section>
    <section>
      <h2>Watched words</h2>
      <form method="post" action="/admin/do" class="filters">
        <xsl:call-template name="call"><xsl:with-param name="call" select="'POST /moderation/watched-words'"/><xsl:with-param name="done" select="'added'"/><xsl:with-param name="back" select="'/admin/words'"/></xsl:call-template>
        <p><label for="pattern">Regular expression</label><input name="pattern" id="pattern" required="required" maxlength="300"/></p>
        <p><label for="w-action">Action</label><select name="action" id="w-action"><option value="hold">Hold</option><option value="reject">Reject</option><option value="allow">Allow</option></select></p>
        <p><label for="w-note">Note</label><input name="note" id="w-note" maxlength="500"/></p>
        <p><button class="plain">Watch for it</button></p>
      </form>
      <xsl:choose>
        <xsl:when test="not(words/data/row)"><xsl:call-template name="empty"><xsl:with-param name="text">Nothing is watched for.</xsl:with-param></xsl:call-template></xsl:when>
        <xsl:otherwise>
          <div class="scroll" tabindex="0" role="region" aria-label="Watched words">
          <table><thead><tr><th>Expression</th><th>Action</th><th>Where</th><th>Note</th><th></th></tr></thead><tbody>
            <xsl:for-each select="words/data/row"><tr>
              <th scope="row"><code><xsl:value-of select="pattern"/></code></th><td><xsl:apply-templates select="action" mode="code"/></td>
              <td><xsl:for-each select="appliesTo/row"><xsl:if test="position() &gt; 1">, </xsl:if><xsl:apply-templates select="." mode="code"/></xsl:for-each></td><td><xsl:value-of select="note"/></td>
              <td><xsl:call-template name="button"><xsl:with-param name="call" select="concat('DELETE /moderation/watched-words/', id)"/><xsl:with-param name="done" select="'removed'"/><xsl:with-param name="text">Remove<span class="hidden"> <xsl:value-of select="pattern"/></span></xsl:with-param></xsl:call-template></td>
            </tr></xsl:for-each>
          </tbody></table>
          </div>
        </xsl:otherwise>
      </xsl:choose>
    </section>
    <section>
      <h2>Blocked videos</h2>
      <p class="quiet">A video is put here from its own page. Its pictures and its sound are known again when they are encoded anew.</p>
      <xsl:choose>
        <xsl:when test="not(blocked/data/row)"><xsl:call-template name="empty"><xsl:with-param name="text">No video is blocked.</xsl:with-param></xsl:call-template></xsl:when>
        <xsl:otherwise>
          <div class="scroll" tabindex="0" role="region" aria-label="Blocked videos">
          <table><thead><tr><th>Name</th><th>Action</th><th class="n">Pictures</th><th class="n">Sound</th><th>Since</th><th></th></tr></thead><tbody>
            <xsl:for-each select="blocked/data/row"><tr>
              <th scope="row"><xsl:value-of select="label"/></th><td><xsl:apply-templates select="action" mode="code"/></td><td class="n"><xsl:value-of select="frames"/></td><td class="n"><xsl:value-of select="sound"/></td>
              <td><xsl:call-template name="time"><xsl:with-param name="at" select="createdAt"/></xsl:call-template></td>
              <td><xsl:call-template name="button"><xsl:with-param name="call" select="concat('DELETE /moderation/blocklist/', id)"/><xsl:with-param name="done" select="'removed'"/><xsl:with-param name="text">Remove<span class="hidden"> <xsl:value-of select="label"/></span></xsl:with-param></xsl:call-template></td>
            </tr></xsl:for-each>
          </tbody></table>
          </div>
        </xsl:otherwise>
      </xsl:choose>
    </section>
  </xsl:template>
</xsl:stylesheet>
