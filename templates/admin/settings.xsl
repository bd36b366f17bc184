<?xml version="1.0" encoding="UTF-8"?>
<!-- How the community is set up. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:include href="community.xsl"/>
  <xsl:template match="page" mode="title">Settings</xsl:template>
  <xsl:template match="page" mode="main">
    <xsl:apply-templates select="tenant/data"/>
    <xsl:apply-templates select="rules/data"/>
    <xsl:call-template name="reasons"/>
  </xsl:template>

  <xsl:template match="tenant/data">
    <section>
      <h2>The community</h2>
      <form method="post" action="/admin/do">
        <xsl:call-template name="call"><xsl:with-param name="call" select="'PATCH /tenant'"/></xsl:call-template>
        <fieldset class="panel"><legend>Name</legend><div class="fields">
          <p><label for="name">Name</label><input name="name" id="name" value="{name}" maxlength="200" required="required"/></p>
          <p><label for="locale">Language</label><input name="locale" id="locale" value="{locale}" maxlength="20"/></p>
        </div></fieldset>
        <xsl:apply-templates select="." mode="looks"/>
        <xsl:apply-templates select="." mode="rules"/>
        <p><button class="main">Save</button></p>
      </form>
      <dl><dt>Address</dt><dd><xsl:value-of select="baseUrl"/></dd><dt>Modules</dt><dd><xsl:for-each select="modules/row"><xsl:if test="position() &gt; 1">, </xsl:if><xsl:value-of select="."/></xsl:for-each></dd></dl>
    </section>
  </xsl:template>

  <xsl:template match="rules/data">
    <section>
      <h2>Moderation</h2>
      <form method="post" action="/admin/do">
        <xsl:call-template name="call"><xsl:with-param name="call" select="'PATCH /moderation/settings'"/></xsl:call-template>
        <fieldset class="panel"><legend>Strikes and appeals</legend><div class="fields">
          <p><label for="strikeDays">Days until a strike expires</label><input type="number" name="strikeDays" id="strikeDays" value="{strikeDays}" min="1" max="3650" required="required"/></p>
          <p><label for="strikesToSuspend">Strikes to a suspension (0: never)</label><input type="number" name="strikesToSuspend" id="strikesToSuspend" value="{strikesToSuspend}" min="0" max="100" required="required"/></p>
          <p><label for="suspendDays">Days of such a suspension</label><input type="number" name="suspendDays" id="suspendDays" value="{suspendDays}" min="1" max="3650" required="required"/></p>
          <p><label for="strikesToBan">Strikes to a ban (0: never)</label><input type="number" name="strikesToBan" id="strikesToBan" value="{strikesToBan}" min="0" max="100" required="required"/></p>
          <p><label for="appealDays">Days to appeal</label><input type="number" name="appealDays" id="appealDays" value="{appealDays}" min="1" max="365" required="required"/></p>
        </div></fieldset>
        <fieldset class="panel"><legend>Queue</legend><div class="fields">
          <p><label for="claimMinutes">Minutes that a case is held</label><input type="number" name="claimMinutes" id="claimMinutes" value="{claimMinutes}" min="1" max="1440" required="required"/></p>
          <p><label for="hideAfterReports">Hide after so many reports (0: never)</label><input type="number" name="hideAfterReports" id="hideAfterReports" value="{hideAfterReports}" min="0" max="1000" required="required"/></p>
          <p><label for="reviewFirstVideos">First videos that wait for a moderator</label><input type="number" name="reviewFirstVideos" id="reviewFirstVideos" value="{reviewFirstVideos}" min="0" max="100" required="required"/></p>
        </div></fieldset>
        <fieldset class="panel"><legend>Removed videos and copyright</legend><div class="fields">
          <p><label for="purgeDays">Days until removed videos are deleted</label><input type="number" name="purgeDays" id="purgeDays" value="{purgeDays}" min="1" max="3650" required="required"/></p>
          <p><label for="dmcaDays">Business days of the copyright clock</label><input type="number" name="dmcaDays" id="dmcaDays" value="{dmcaDays}" min="10" max="14" required="required"/></p>
        </div></fieldset>
        <fieldset class="panel"><legend>Texts of new accounts</legend><div class="fields">
          <p><label for="newAccountDays">Days that an account is new</label><input type="number" name="newAccountDays" id="newAccountDays" value="{newAccountDays}" min="0" max="365" required="required"/></p>
          <p><label for="maxLinks">Links in a text</label><input type="number" name="maxLinks" id="maxLinks" value="{maxLinks}" min="0" max="1000" required="required"/></p>
          <p><label for="maxLinksNew">Links in a text of a new account</label><input type="number" name="maxLinksNew" id="maxLinksNew" value="{maxLinksNew}" min="0" max="1000" required="required"/></p>
        </div></fieldset>
        <fieldset class="panel"><legend>Reports of moderation</legend><div class="fields">
          <xsl:call-template name="choice"><xsl:with-param name="name" select="'monthlyReport'"/><xsl:with-param name="label">One when a month ends</xsl:with-param><xsl:with-param name="codes" select="'true false'"/><xsl:with-param name="chosen" select="monthlyReport"/><xsl:with-param name="any" select="false()"/></xsl:call-template>
        </div></fieldset>
        <fieldset class="panel"><legend>Checks by others</legend><div class="fields">
          <xsl:call-template name="choice"><xsl:with-param name="name" select="'scoreText'"/><xsl:with-param name="label">Ask the scorer of texts</xsl:with-param><xsl:with-param name="codes" select="'false true'"/><xsl:with-param name="chosen" select="scoreText"/><xsl:with-param name="any" select="false()"/></xsl:call-template>
          <xsl:call-template name="choice"><xsl:with-param name="name" select="'classifyFrames'"/><xsl:with-param name="label">Ask the classifier of pictures</xsl:with-param><xsl:with-param name="codes" select="'false true'"/><xsl:with-param name="chosen" select="classifyFrames"/><xsl:with-param name="any" select="false()"/></xsl:call-template>
          <xsl:call-template name="choice"><xsl:with-param name="name" select="'scanFiles'"/><xsl:with-param name="label">Scan files for viruses</xsl:with-param><xsl:with-param name="codes" select="'false true'"/><xsl:with-param name="chosen" select="scanFiles"/><xsl:with-param name="any" select="false()"/></xsl:call-template>
        </div></fieldset>
        <p><button class="main">Save</button></p>
      </form>
    </section>
  </xsl:template>

  <!-- what people are told when something is decided, by reason and language -->
  <xsl:template name="reasons">
    <section>
      <h2>What people are told</h2>
      <p class="quiet">Moderators choose one of these reasons; whoever is concerned reads its words, in their own language where there are any.</p>
      <ul class="cards"><xsl:apply-templates select="reasons/data/row"/></ul>
      <details class="bulk"><summary>A new reason, or one in another language</summary>
        <form method="post" action="/admin/do">
          <xsl:call-template name="call"><xsl:with-param name="call" select="'POST /moderation/reasons'"/><xsl:with-param name="done" select="'added'"/></xsl:call-template>
          <div class="fields">
            <p><label for="r-code">Code</label><input name="code" id="r-code" required="required" maxlength="40" pattern="[a-z][a-z0-9_]*"/></p>
            <p><label for="r-locale">Language</label><input name="locale" id="r-locale" required="required" minlength="2" maxlength="10"/></p>
            <xsl:call-template name="reason-fields"><xsl:with-param name="id" select="'r-new'"/></xsl:call-template>
          </div>
          <p><button class="main">Add</button></p>
        </form>
      </details>
    </section>
  </xsl:template>
  <xsl:template match="reasons/data/row">
    <li><div>
      <p class="head"><xsl:value-of select="title"/></p>
      <p class="marks"><span class="mark"><xsl:value-of select="locale"/></span><xsl:text> </xsl:text><code><xsl:value-of select="code"/></code><xsl:if test="isActive = 'false'"><xsl:text> </xsl:text><span class="mark bad">Not in use</span></xsl:if></p>
      <p class="words"><xsl:value-of select="body"/></p>
      <details><summary>Change<span class="hidden"> <xsl:value-of select="concat(code, ' ', locale)"/></span></summary>
        <form method="post" action="/admin/do">
          <xsl:call-template name="call"><xsl:with-param name="call" select="concat('PATCH /moderation/reasons/', id)"/></xsl:call-template>
          <div class="fields">
            <xsl:call-template name="reason-fields"><xsl:with-param name="id" select="concat('r-', id)"/></xsl:call-template>
            <xsl:call-template name="choice"><xsl:with-param name="name" select="'isActive'"/><xsl:with-param name="id" select="concat('r-', id, '-active')"/><xsl:with-param name="label">In use</xsl:with-param><xsl:with-param name="codes" select="'true false'"/><xsl:with-param name="chosen" select="isActive"/><xsl:with-param name="any" select="false()"/></xsl:call-template>
          </div>
          <p><button class="main">Save</button></p>
        </form>
      </details>
    </div></li>
  </xsl:template>
  <xsl:template name="reason-fields">
    <xsl:param name="id"/>
    <p><label for="{$id}-title">Title</label><input name="title" id="{$id}-title" value="{title}" required="required" maxlength="100"/></p>
    <p><label for="{$id}-strike">Strike</label><select name="strike" id="{$id}-strike">
      <option value="as_action">As the decision says</option>
      <option value="always"><xsl:if test="addsStrike = 'true'"><xsl:attribute name="selected">selected</xsl:attribute></xsl:if>With a strike</option>
      <option value="never"><xsl:if test="addsStrike = 'false'"><xsl:attribute name="selected">selected</xsl:attribute></xsl:if>Without a strike</option>
    </select></p>
    <p class="wide"><label for="{$id}-body">Words</label><textarea name="body" id="{$id}-body" rows="3" required="required" maxlength="2000"><xsl:value-of select="body"/></textarea></p>
  </xsl:template>
</xsl:stylesheet>
