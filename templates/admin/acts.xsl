<?xml version="1.0" encoding="UTF-8"?>
<!-- What people do on pages: each form is a call of the API (handlers/admin/do.c); decisions, and what was decided. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:template name="call">
    <xsl:param name="call"/>
    <xsl:param name="done" select="'saved'"/>
    <xsl:param name="back" select="$here"/>
    <input type="hidden" name="csrf" value="{/page/@csrf}"/>
    <input type="hidden" name="call" value="{$call}"/>
    <input type="hidden" name="done" value="{$done}"/>
    <input type="hidden" name="from" value="{$here}"/>
    <input type="hidden" name="back" value="{$back}"/>
  </xsl:template>

  <xsl:template name="button">
    <xsl:param name="call"/>
    <xsl:param name="done" select="'saved'"/>
    <xsl:param name="back" select="$here"/>
    <xsl:param name="text"/>
    <xsl:param name="class" select="'plain'"/>
    <xsl:param name="key"/>
    <form method="post" action="/admin/do" class="inline">
      <xsl:call-template name="call">
        <xsl:with-param name="call" select="$call"/><xsl:with-param name="done" select="$done"/><xsl:with-param name="back" select="$back"/>
      </xsl:call-template>
      <button class="{$class}">
        <xsl:if test="$key"><xsl:attribute name="accesskey"><xsl:value-of select="$key"/></xsl:attribute></xsl:if>
        <xsl:copy-of select="$text"/>
        <xsl:if test="$key"><kbd aria-hidden="true"><xsl:value-of select="$key"/></kbd></xsl:if>
      </button>
    </form>
  </xsl:template>

  <xsl:template name="next-case">
    <xsl:call-template name="button">
      <xsl:with-param name="call" select="'POST /moderation/next'"/><xsl:with-param name="done" select="'claimed'"/><xsl:with-param name="key" select="'t'"/>
      <xsl:with-param name="back" select="'/admin/cases/{id}'"/><xsl:with-param name="class" select="'main'"/><xsl:with-param name="text">Take the next case</xsl:with-param>
    </xsl:call-template>
  </xsl:template>

  <!-- What a decision takes. About a person there is one act; about a thing one, and what else happens to its author. -->
  <xsl:template name="decision-fields">
    <xsl:param name="person" select="false()"/>
    <xsl:param name="id" select="'d'"/>
    <fieldset class="choices">
      <legend><xsl:choose><xsl:when test="$person">What happens</xsl:when><xsl:otherwise>What happens to it</xsl:otherwise></xsl:choose></legend>
      <label><input type="radio" name="actions" value="dismiss" required="required"/><span>Dismiss</span></label>
      <xsl:choose>
        <xsl:when test="$person">
          <label><input type="radio" name="actions" value="warn"/><span>Warn</span></label>
          <label><input type="radio" name="actions" value="suspend"/><span>Suspend</span></label>
          <label><input type="radio" name="actions" value="ban"/><span>Ban</span></label>
        </xsl:when>
        <xsl:otherwise>
          <label><input type="radio" name="actions" value="hide"/><span>Hide</span></label>
          <label><input type="radio" name="actions" value="remove"/><span>Remove, with a strike</span></label>
          <label><input type="radio" name="actions" value="age_restrict"/><span>Restrict by age</span></label>
          <label><input type="radio" name="actions" value=""/><span>Leave it</span></label>
        </xsl:otherwise>
      </xsl:choose>
      <label><input type="radio" name="actions" value="restore"/><span>Restore</span></label>
    </fieldset>
    <xsl:if test="not($person)">
      <fieldset class="choices">
        <legend>And to its author</legend>
        <label><input type="checkbox" name="actions" value="warn"/><span>Warn</span></label>
        <label><input type="checkbox" name="actions" value="suspend"/><span>Suspend</span></label>
        <label><input type="checkbox" name="actions" value="ban"/><span>Ban</span></label>
      </fieldset>
    </xsl:if>
    <div class="fields">
      <p>
        <label for="{$id}-reason">Reason</label>
        <select name="reason" id="{$id}-reason">
          <option value="">None</option>
          <xsl:variable name="mine" select="/page/reasons/data/row[locale = $lang and isActive = 'true']"/>
          <xsl:for-each select="$mine"><option value="{code}"><xsl:value-of select="title"/></option></xsl:for-each>
        </select>
      </p>
      <p>
        <label for="{$id}-days">Days of a suspension</label>
        <input type="number" name="days" id="{$id}-days" min="1" max="3650"/>
      </p>
      <p>
        <label for="{$id}-strike">Strike</label>
        <select name="strike" id="{$id}-strike"><option value="">As the reason says</option><option value="true">With a strike</option><option value="false">Without a strike</option></select>
      </p>
      <p class="wide">
        <label for="{$id}-words">What the person is told instead of the template</label>
        <textarea name="words" id="{$id}-words" rows="2" maxlength="2000"></textarea>
      </p>
      <p class="wide">
        <label for="{$id}-reply">To those who reported</label>
        <textarea name="reply" id="{$id}-reply" rows="2" maxlength="2000"></textarea>
      </p>
      <p class="wide">
        <label for="{$id}-note">Note for moderators</label>
        <textarea name="note" id="{$id}-note" rows="2" maxlength="2000"></textarea>
      </p>
    </div>
    <details><summary>What the templates say</summary>
      <dl class="small"><xsl:for-each select="/page/reasons/data/row[locale = $lang and isActive = 'true']"><dt><xsl:value-of select="title"/></dt><dd><xsl:value-of select="body"/></dd></xsl:for-each></dl>
    </details>
  </xsl:template>

  <!-- what was decided about somebody or something -->
  <xsl:template name="history">
    <xsl:param name="rows"/>
    <xsl:choose>
      <xsl:when test="not($rows)"><p class="quiet">Nothing was decided before.</p></xsl:when>
      <xsl:otherwise>
        <ul class="plain">
          <xsl:for-each select="$rows">
            <li>
              <b><xsl:apply-templates select="action" mode="code"/></b>
              <xsl:if test="reason"> · <xsl:apply-templates select="reason" mode="code"/></xsl:if>
              <xsl:if test="days"> · Days: <xsl:value-of select="days"/></xsl:if>
              <xsl:if test="reversedAt"><xsl:text> </xsl:text><span class="mark good">Reversed</span></xsl:if>
              <span class="quiet below"><xsl:call-template name="time"><xsl:with-param name="at" select="createdAt"/></xsl:call-template>
                <xsl:choose><xsl:when test="isAutomatic = 'true'"> · automatic</xsl:when><xsl:when test="moderator"> · @<xsl:value-of select="moderator"/></xsl:when></xsl:choose></span>
              <xsl:if test="note"><span class="quiet below words"><xsl:value-of select="note"/></span></xsl:if>
            </li>
          </xsl:for-each>
        </ul>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>
</xsl:stylesheet>
