<?xml version="1.0" encoding="UTF-8"?>
<!-- What a community looks like and which rules it has: fields of a form that changes one, for its own administrators and for the operator. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:template match="data" mode="looks">
    <fieldset class="panel"><legend>Looks</legend>
      <div class="fields broad">
        <p class="wide"><label for="tagline">What it is about, in a line</label><input name="branding.tagline" id="tagline" value="{branding/tagline}" maxlength="200"/></p>
        <p><label for="primaryColor">Main colour<xsl:apply-templates select="branding/primaryColor" mode="swatch"/></label><input name="branding.primaryColor" id="primaryColor" value="{branding/primaryColor}" pattern="#[0-9A-Fa-f]{{6}}" placeholder="#1e4fd8" spellcheck="false"/></p>
        <p><label for="accentColor">Second colour<xsl:apply-templates select="branding/accentColor" mode="swatch"/></label><input name="branding.accentColor" id="accentColor" value="{branding/accentColor}" pattern="#[0-9A-Fa-f]{{6}}" placeholder="#f59e0b" spellcheck="false"/></p>
        <p><label for="logoUrl">Address of its logo</label><input type="url" name="branding.logoUrl" id="logoUrl" value="{branding/logoUrl}" maxlength="300"/></p>
        <p><label for="faviconUrl">Address of its icon</label><input type="url" name="branding.faviconUrl" id="faviconUrl" value="{branding/faviconUrl}" maxlength="300"/></p>
      </div>
    </fieldset>
    <fieldset class="panel"><legend>Who is responsible</legend>
      <div class="fields broad">
        <p><label for="contactEmail">Address for mail</label><input type="email" name="branding.contactEmail" id="contactEmail" value="{branding/contactEmail}" maxlength="254"/></p>
        <p><label for="imprintUrl">Imprint</label><input type="url" name="branding.imprintUrl" id="imprintUrl" value="{branding/imprintUrl}" maxlength="300"/></p>
        <p><label for="privacyUrl">Privacy policy</label><input type="url" name="branding.privacyUrl" id="privacyUrl" value="{branding/privacyUrl}" maxlength="300"/></p>
        <p><label for="termsUrl">Terms of use</label><input type="url" name="branding.termsUrl" id="termsUrl" value="{branding/termsUrl}" maxlength="300"/></p>
      </div>
    </fieldset>
  </xsl:template>

  <!-- the colour itself, behind its label -->
  <xsl:template match="*" mode="swatch">
    <svg class="swatch" viewBox="0 0 16 16" role="img" aria-label="{.}"><rect width="16" height="16" rx="4" fill="{.}"/></svg>
  </xsl:template>

  <xsl:template match="data" mode="rules">
    <fieldset class="panel"><legend>Accounts</legend>
      <div class="fields broad">
        <p><label for="registration">May people make accounts?</label><select name="settings.registration" id="registration">
          <option value="">Yes</option>
          <option value="closed"><xsl:if test="settings/registration = 'closed'"><xsl:attribute name="selected">selected</xsl:attribute></xsl:if>No</option>
        </select></p>
        <p><label for="requireVerified">Sign in with a confirmed address alone</label><select name="settings.requireVerified" id="requireVerified">
          <option value="">As everywhere here</option>
          <option value="true"><xsl:if test="settings/requireVerified = 'true'"><xsl:attribute name="selected">selected</xsl:attribute></xsl:if>Yes</option>
          <option value="false"><xsl:if test="settings/requireVerified = 'false'"><xsl:attribute name="selected">selected</xsl:attribute></xsl:if>No</option>
        </select></p>
        <p><label for="yearlyRecaps">Make everybody a film of their year</label><select name="settings.yearlyRecaps" id="yearlyRecaps">
          <option value="">No</option>
          <option value="true"><xsl:if test="settings/yearlyRecaps = 'true'"><xsl:attribute name="selected">selected</xsl:attribute></xsl:if>Yes</option>
        </select></p>
      </div>
    </fieldset>
  </xsl:template>
</xsl:stylesheet>
