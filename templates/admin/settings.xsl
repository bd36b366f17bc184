<?xml version="1.0" encoding="UTF-8"?>
<!-- How the community is set up. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:template match="page" mode="title">Settings</xsl:template>
  <xsl:template match="page" mode="main">
    <section>
      <h2>The community</h2>
      <xsl:for-each select="tenant/data">
        <form method="post" action="/admin/do">
          <xsl:call-template name="call"><xsl:with-param name="call" select="'PATCH /tenant'"/></xsl:call-template>
          <div class="fields">
            <p><label for="name">Name</label><input name="name" id="name" value="{name}" maxlength="200" required="required"/></p>
            <p><label for="locale">Language</label><input name="locale" id="locale" value="{locale}" maxlength="20"/></p>
          </div>
          <p><button class="main">Save</button></p>
        </form>
        <dl><dt>Address</dt><dd><xsl:value-of select="baseUrl"/></dd><dt>Modules</dt><dd><xsl:for-each select="modules/row"><xsl:if test="position() &gt; 1">, </xsl:if><xsl:value-of select="."/></xsl:for-each></dd></dl>
      </xsl:for-each>
    </section>
    <section>
      <h2>Moderation</h2>
      <xsl:for-each select="rules/data">
        <form method="post" action="/admin/do">
          <xsl:call-template name="call"><xsl:with-param name="call" select="'PATCH /moderation/settings'"/></xsl:call-template>
          <div class="fields">
            <p><label for="strikeDays">Days until a strike expires</label><input type="number" name="strikeDays" id="strikeDays" value="{strikeDays}" min="0" max="3650"/></p>
            <p><label for="strikesToSuspend">Strikes to a suspension (0: never)</label><input type="number" name="strikesToSuspend" id="strikesToSuspend" value="{strikesToSuspend}" min="0" max="3650"/></p>
            <p><label for="suspendDays">Days of such a suspension</label><input type="number" name="suspendDays" id="suspendDays" value="{suspendDays}" min="0" max="3650"/></p>
            <p><label for="strikesToBan">Strikes to a ban (0: never)</label><input type="number" name="strikesToBan" id="strikesToBan" value="{strikesToBan}" min="0" max="3650"/></p>
            <p><label for="appealDays">Days to appeal</label><input type="number" name="appealDays" id="appealDays" value="{appealDays}" min="0" max="3650"/></p>
            <p><label for="purgeDays">Days until removed videos are deleted</label><input type="number" name="purgeDays" id="purgeDays" value="{purgeDays}" min="0" max="3650"/></p>
            <p><label for="dmcaDays">Business days of the copyright clock</label><input type="number" name="dmcaDays" id="dmcaDays" value="{dmcaDays}" min="0" max="3650"/></p>
            <p><label for="claimMinutes">Minutes that a case is held</label><input type="number" name="claimMinutes" id="claimMinutes" value="{claimMinutes}" min="0" max="3650"/></p>
            <p><label for="hideAfterReports">Hide after so many reports (0: never)</label><input type="number" name="hideAfterReports" id="hideAfterReports" value="{hideAfterReports}" min="0" max="3650"/></p>
            <p><label for="reviewFirstVideos">First videos that wait for a moderator</label><input type="number" name="reviewFirstVideos" id="reviewFirstVideos" value="{reviewFirstVideos}" min="0" max="3650"/></p>
            <p><label for="newAccountDays">Days that an account is new</label><input type="number" name="newAccountDays" id="newAccountDays" value="{newAccountDays}" min="0" max="3650"/></p>
            <p><label for="maxLinks">Links in a text</label><input type="number" name="maxLinks" id="maxLinks" value="{maxLinks}" min="0" max="3650"/></p>
            <p><label for="maxLinksNew">Links in a text of a new account</label><input type="number" name="maxLinksNew" id="maxLinksNew" value="{maxLinksNew}" min="0" max="3650"/></p>
            <p><label for="scoreText">Ask the scorer of texts</label><select name="scoreText" id="scoreText">
              <xsl:call-template name="option"><xsl:with-param name="value" select="'false'"/><xsl:with-param name="chosen" select="scoreText"/></xsl:call-template>
              <xsl:call-template name="option"><xsl:with-param name="value" select="'true'"/><xsl:with-param name="chosen" select="scoreText"/></xsl:call-template></select></p>
            <p><label for="classifyFrames">Ask the classifier of pictures</label><select name="classifyFrames" id="classifyFrames">
              <xsl:call-template name="option"><xsl:with-param name="value" select="'false'"/><xsl:with-param name="chosen" select="classifyFrames"/></xsl:call-template>
              <xsl:call-template name="option"><xsl:with-param name="value" select="'true'"/><xsl:with-param name="chosen" select="classifyFrames"/></xsl:call-template></select></p>
            <p><label for="scanFiles">Scan files for viruses</label><select name="scanFiles" id="scanFiles">
              <xsl:call-template name="option"><xsl:with-param name="value" select="'false'"/><xsl:with-param name="chosen" select="scanFiles"/></xsl:call-template>
              <xsl:call-template name="option"><xsl:with-param name="value" select="'true'"/><xsl:with-param name="chosen" select="scanFiles"/></xsl:call-template></select></p>
          </div>
          <p><button class="main">Save</button></p>
        </form>
      </xsl:for-each>
    </section>
    <section>
      <h2>What people are told</h2>
      <div class="scroll" tabindex="0" role="region" aria-label="What people are told">
      <table><thead><tr><th>Reason</th><th>Language</th><th>Title</th><th>Words</th></tr></thead><tbody>
        <xsl:for-each select="reasons/data/row"><tr><th scope="row"><xsl:apply-templates select="code" mode="code"/></th><td><xsl:value-of select="locale"/></td><td><xsl:value-of select="title"/></td><td><xsl:value-of select="body"/></td></tr></xsl:for-each>
      </tbody></table>
      </div>
    </section>
  </xsl:template>
</xsl:stylesheet>
