<?xml version="1.0" encoding="UTF-8"?>
<!-- What mails look like. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:template match="page" mode="title">Mails</xsl:template>
  <xsl:template match="page" mode="main">
    <form method="get" action="/admin/mails" class="filters">
      <p><label for="mail">Mail</label><select name="mail" id="mail">
        <xsl:variable name="chosen" select="query/mail"/>
        <xsl:for-each select="mails/data/row"><option value="{name}"><xsl:if test="name = $chosen"><xsl:attribute name="selected">selected</xsl:attribute></xsl:if><xsl:value-of select="translate(name, '-', ' ')"/></option></xsl:for-each>
      </select></p>
      <p><label for="lang">Language</label><select name="lang" id="lang">
        <option value="en" lang="en"><xsl:if test="query/lang = 'en'"><xsl:attribute name="selected">selected</xsl:attribute></xsl:if>English</option>
        <option value="pt" lang="pt"><xsl:if test="query/lang = 'pt'"><xsl:attribute name="selected">selected</xsl:attribute></xsl:if>Português</option>
      </select></p>
      <xsl:call-template name="show"/>
    </form>
    <xsl:variable name="mail" select="mails/data/row[name = current()/query/mail or (not(current()/query/mail) and position() = 1)]/name"/>
    <xsl:variable name="in"><xsl:choose><xsl:when test="query/lang = 'pt'">pt</xsl:when><xsl:otherwise>en</xsl:otherwise></xsl:choose></xsl:variable>
    <xsl:if test="$mail">
      <div class="columns">
        <section>
          <h2>As it looks</h2>
          <iframe class="preview" src="/admin/mails/{$mail}?lang={$in}" title="{$mail}" sandbox=""></iframe>
        </section>
        <section>
          <h2>As plain text</h2>
          <iframe class="preview" src="/admin/mails/{$mail}?lang={$in}&amp;part=text" title="{$mail}, plain" sandbox=""></iframe>
        </section>
      </div>
    </xsl:if>
  </xsl:template>
</xsl:stylesheet>
