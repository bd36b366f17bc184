<?xml version="1.0" encoding="UTF-8"?>
<!-- Lists: filters, options, pages, and what is said when there is nothing. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:template name="empty">
    <xsl:param name="text"/>
    <p class="empty"><xsl:copy-of select="$text"/></p>
  </xsl:template>

  <xsl:template name="total">
    <xsl:param name="meta"/>
    <p class="total"><xsl:call-template name="number"><xsl:with-param name="n" select="$meta/total"/></xsl:call-template><xsl:if test="$meta/totalIsEstimate">+</xsl:if> in this list</p>
  </xsl:template>

  <!-- the query string without page and cursor, ending in & -->
  <xsl:template name="filters">
    <xsl:for-each select="/page/query/*[name() != 'page' and name() != 'cursor']">
      <xsl:value-of select="concat(name(), '=')"/><xsl:call-template name="escaped"><xsl:with-param name="text" select="."/></xsl:call-template><xsl:value-of select="'&amp;'"/>
    </xsl:for-each>
  </xsl:template>
  <xsl:template name="escaped">
    <xsl:param name="text"/>
    <xsl:variable name="first" select="substring($text, 1, 1)"/>
    <xsl:if test="$text != ''">
      <xsl:choose>
        <xsl:when test="$first = '&amp;'">%26</xsl:when>
        <xsl:when test="$first = '+'">%2B</xsl:when>
        <xsl:when test="$first = '%'">%25</xsl:when>
        <xsl:when test="$first = '#'">%23</xsl:when>
        <xsl:when test="$first = '='">%3D</xsl:when>
        <xsl:when test="$first = ' '">+</xsl:when>
        <xsl:otherwise><xsl:value-of select="$first"/></xsl:otherwise>
      </xsl:choose>
      <xsl:call-template name="escaped"><xsl:with-param name="text" select="substring($text, 2)"/></xsl:call-template>
    </xsl:if>
  </xsl:template>

  <xsl:template match="meta" mode="pager">
    <xsl:variable name="filters"><xsl:call-template name="filters"/></xsl:variable>
    <xsl:if test="page and (page &gt; 1 or page &lt; totalPages)">
      <nav class="pager" aria-label="Pages of this list">
        <xsl:if test="page &gt; 1"><a rel="prev" accesskey="p" href="{/page/@path}?{$filters}page={page - 1}">Previous</a></xsl:if>
        <span><xsl:call-template name="number"><xsl:with-param name="n" select="page"/></xsl:call-template> / <xsl:call-template name="number"><xsl:with-param name="n" select="totalPages"/></xsl:call-template></span>
        <xsl:if test="page &lt; totalPages"><a rel="next" accesskey="n" href="{/page/@path}?{$filters}page={page + 1}">Next</a></xsl:if>
      </nav>
    </xsl:if>
    <xsl:if test="cursor or /page/query/cursor">
      <nav class="pager" aria-label="Pages of this list">
        <xsl:if test="/page/query/cursor"><a href="{/page/@path}?{$filters}">To the newest</a></xsl:if>
        <xsl:if test="cursor"><a rel="next" accesskey="n" href="{/page/@path}?{$filters}cursor={cursor}">Older</a></xsl:if>
      </nav>
    </xsl:if>
  </xsl:template>

  <!-- a choice among codes, separated by spaces; with `any`, the first one is no choice at all -->
  <xsl:template name="choice">
    <xsl:param name="name"/>
    <xsl:param name="id" select="$name"/>
    <xsl:param name="label"/>
    <xsl:param name="codes"/>
    <xsl:param name="chosen" select="/page/query/*[name() = $name]"/>
    <xsl:param name="any" select="true()"/>
    <p>
      <label for="{$id}"><xsl:copy-of select="$label"/></label>
      <select name="{$name}" id="{$id}">
        <xsl:if test="$any"><option value="">Any</option></xsl:if>
        <xsl:call-template name="options"><xsl:with-param name="of" select="$name"/><xsl:with-param name="codes" select="concat($codes, ' ')"/><xsl:with-param name="chosen" select="$chosen"/></xsl:call-template>
      </select>
    </p>
  </xsl:template>
  <xsl:template name="options">
    <xsl:param name="of"/>
    <xsl:param name="codes"/>
    <xsl:param name="chosen"/>
    <xsl:variable name="first" select="substring-before($codes, ' ')"/>
    <xsl:if test="$first != ''">
      <option value="{$first}">
        <xsl:if test="$first = $chosen"><xsl:attribute name="selected">selected</xsl:attribute></xsl:if>
        <xsl:choose>
          <xsl:when test="$of = 'role'"><xsl:call-template name="role"><xsl:with-param name="code" select="$first"/></xsl:call-template></xsl:when>
          <xsl:otherwise><xsl:call-template name="code-text"><xsl:with-param name="code" select="$first"/></xsl:call-template></xsl:otherwise>
        </xsl:choose>
      </option>
      <xsl:call-template name="options"><xsl:with-param name="of" select="$of"/><xsl:with-param name="codes" select="substring-after($codes, ' ')"/><xsl:with-param name="chosen" select="$chosen"/></xsl:call-template>
    </xsl:if>
  </xsl:template>
  <xsl:variable name="categories" select="'child_safety self_harm violence sexual hate harassment dangerous privacy copyright impersonation misinformation spam review other'"/>

  <!-- the field that lists are searched with -->
  <xsl:template name="search">
    <xsl:param name="label"/>
    <p class="search"><label for="q"><xsl:copy-of select="$label"/></label><input type="search" name="q" id="q" value="{/page/query/q}" accesskey="s" maxlength="100"/></p>
  </xsl:template>
  <xsl:template name="show"><p class="go"><button class="plain">Show</button></p></xsl:template>
</xsl:stylesheet>
