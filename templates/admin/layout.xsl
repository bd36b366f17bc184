<?xml version="1.0" encoding="UTF-8"?>
<!-- What all pages share: the frame, navigation, forms, how times, numbers and codes are said. A page's own sheet includes this
     one and has <page> in the modes title and main. Texts are English; po/ has the other languages. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="html" encoding="UTF-8" indent="no" doctype-system="about:legacy-compat"/>
  <xsl:decimal-format name="en" decimal-separator="." grouping-separator=","/>
  <xsl:decimal-format name="pt" decimal-separator="," grouping-separator="."/>
  <xsl:variable name="lang" select="/page/@lang"/>
  <xsl:variable name="here">
    <xsl:value-of select="/page/@path"/>
    <xsl:if test="/page/query/@text != ''">?<xsl:value-of select="/page/query/@text"/></xsl:if>
  </xsl:variable>

  <xsl:template match="/page">
    <html lang="{@lang}">
      <head>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <meta name="robots" content="noindex"/>
        <title><xsl:apply-templates select="." mode="title"/> – <xsl:value-of select="site/@name"/></title>
        <link rel="stylesheet" href="/admin/style.css"/>
        <xsl:apply-templates select="." mode="head"/>
      </head>
      <body>
        <a class="skip" href="#main">To the content</a>
        <xsl:if test="me"><xsl:call-template name="navigation"/></xsl:if>
        <main id="main" tabindex="-1">
          <xsl:apply-templates select="flash"/>
          <h1><xsl:apply-templates select="." mode="title"/></h1>
          <xsl:apply-templates select="." mode="main"/>
        </main>
      </body>
    </html>
  </xsl:template>
  <xsl:template match="page" mode="head"/>

  <!-- the frame -->

  <xsl:template name="navigation">
    <header>
      <p class="site"><a href="/admin"><xsl:value-of select="site/@name"/></a></p>
        <nav aria-label="Pages">
          <ul>
            <xsl:if test="me/may = 'report:review'">
              <li><a href="/admin" accesskey="1"><xsl:call-template name="current"><xsl:with-param name="path" select="'/admin'"/></xsl:call-template>Overview</a></li>
              <li><a href="/admin/queue" accesskey="2"><xsl:call-template name="current"><xsl:with-param name="path" select="'/admin/queue'"/></xsl:call-template>Queue</a></li>
              <li><a href="/admin/videos" accesskey="3"><xsl:call-template name="current"><xsl:with-param name="path" select="'/admin/videos'"/></xsl:call-template>Videos</a></li>
              <li><a href="/admin/comments" accesskey="4"><xsl:call-template name="current"><xsl:with-param name="path" select="'/admin/comments'"/></xsl:call-template>Comments</a></li>
            </xsl:if>
            <xsl:if test="me/may = 'user:manage'">
              <li><a href="/admin/people" accesskey="5"><xsl:call-template name="current"><xsl:with-param name="path" select="'/admin/people'"/></xsl:call-template>People</a></li>
            </xsl:if>
            <xsl:if test="me/may = 'report:review'">
              <li><a href="/admin/appeals" accesskey="6"><xsl:call-template name="current"><xsl:with-param name="path" select="'/admin/appeals'"/></xsl:call-template>Appeals</a></li>
              <li><a href="/admin/dmca"><xsl:call-template name="current"><xsl:with-param name="path" select="'/admin/dmca'"/></xsl:call-template>Copyright</a></li>
              <li><a href="/admin/words"><xsl:call-template name="current"><xsl:with-param name="path" select="'/admin/words'"/></xsl:call-template>Watch lists</a></li>
            </xsl:if>
            <xsl:if test="me/may = 'job:manage'">
              <li><a href="/admin/jobs" accesskey="7"><xsl:call-template name="current"><xsl:with-param name="path" select="'/admin/jobs'"/></xsl:call-template>Jobs</a></li>
            </xsl:if>
            <xsl:if test="me/may = 'metrics:view'">
              <li><a href="/admin/health"><xsl:call-template name="current"><xsl:with-param name="path" select="'/admin/health'"/></xsl:call-template>Health</a></li>
            </xsl:if>
            <xsl:if test="me/may = 'audit:view'">
              <li><a href="/admin/audit" accesskey="8"><xsl:call-template name="current"><xsl:with-param name="path" select="'/admin/audit'"/></xsl:call-template>Audit log</a></li>
            </xsl:if>
            <xsl:if test="me/may = 'tenant:edit'">
              <li><a href="/admin/settings"><xsl:call-template name="current"><xsl:with-param name="path" select="'/admin/settings'"/></xsl:call-template>Settings</a></li>
              <li><a href="/admin/mails"><xsl:call-template name="current"><xsl:with-param name="path" select="'/admin/mails'"/></xsl:call-template>Mails</a></li>
            </xsl:if>
            <xsl:if test="me/may = 'tenant:manage'">
              <li><a href="/admin/tenants" accesskey="9"><xsl:call-template name="current"><xsl:with-param name="path" select="'/admin/tenants'"/></xsl:call-template>Communities</a></li>
            </xsl:if>
          </ul>
          <div class="me">
            <p><xsl:value-of select="me/@name"/> · <xsl:apply-templates select="me/@role" mode="code"/> · <a href="/admin/keys" accesskey="h">Shortcuts</a></p>
            <form method="post" action="/admin/sign-out">
              <input type="hidden" name="csrf" value="{@csrf}"/>
              <button class="plain">Sign out</button>
            </form>
          </div>
        </nav>
    </header>
  </xsl:template>

  <xsl:template name="current">
    <xsl:param name="path"/>
    <xsl:if test="/page/@path = $path"><xsl:attribute name="aria-current">page</xsl:attribute></xsl:if>
  </xsl:template>

  <xsl:template match="flash">
    <p class="flash {@kind}">
      <xsl:attribute name="role"><xsl:choose><xsl:when test="@kind = 'done'">status</xsl:when><xsl:otherwise>alert</xsl:otherwise></xsl:choose></xsl:attribute>
      <xsl:choose>
        <xsl:when test=". = 'claimed'">The case is yours for a while.</xsl:when>
        <xsl:when test=". = 'released'">The case is free again.</xsl:when>
        <xsl:when test=". = 'assigned'">The case was given to your colleague.</xsl:when>
        <xsl:when test=". = 'decided'">Decided. Whoever is concerned has been told.</xsl:when>
        <xsl:when test=". = 'decided-last'">Decided. Nothing else is waiting that nobody works on.</xsl:when>
        <xsl:when test=". = 'answered'">The appeal was answered.</xsl:when>
        <xsl:when test=". = 'none-left'">Nothing is waiting that nobody works on.</xsl:when>
        <xsl:when test=". = 'saved'">Saved.</xsl:when>
        <xsl:when test=". = 'added'">Added.</xsl:when>
        <xsl:when test=". = 'removed'">Removed.</xsl:when>
        <xsl:when test=". = 'retried'">It will be done again.</xsl:when>
        <xsl:when test=". = 'cancelled'">It was cancelled, or was asked to stop.</xsl:when>
        <xsl:when test=". = 'signed-out'">Signed out everywhere.</xsl:when>
        <xsl:when test="starts-with(., 'some:')">
          <xsl:value-of select="substring-before(substring-after(., ':'), ':')"/> of <xsl:value-of select="substring-after(substring-after(., ':'), ':')"/> were decided. Somebody else holds the others, or has decided them.
        </xsl:when>
        <xsl:otherwise><xsl:value-of select="."/></xsl:otherwise>
      </xsl:choose>
    </p>
  </xsl:template>

  <!-- forms: each is a call of the API (handlers/admin/do.c) -->

  <xsl:template name="call">
    <xsl:param name="call"/>
    <xsl:param name="done" select="'saved'"/>
    <xsl:param name="back" select="$here"/>
    <input type="hidden" name="csrf" value="{/page/@csrf}"/>
    <input type="hidden" name="call" value="{$call}"/>
    <input type="hidden" name="done" value="{$done}"/>
    <input type="hidden" name="back" value="{$back}"/>
  </xsl:template>

  <xsl:template name="button">
    <xsl:param name="call"/>
    <xsl:param name="done" select="'saved'"/>
    <xsl:param name="back" select="$here"/>
    <xsl:param name="text"/>
    <xsl:param name="class" select="'plain'"/>
    <form method="post" action="/admin/do" class="inline">
      <xsl:call-template name="call">
        <xsl:with-param name="call" select="$call"/><xsl:with-param name="done" select="$done"/><xsl:with-param name="back" select="$back"/>
      </xsl:call-template>
      <button class="{$class}"><xsl:copy-of select="$text"/></button>
    </form>
  </xsl:template>

  <!-- what a decision takes; the context is anything -->
  <xsl:template name="decision-fields">
    <xsl:param name="person" select="false()"/>
    <xsl:param name="id" select="'d'"/>
    <div class="fields">
      <p>
        <label for="{$id}-action">Decision</label>
        <select name="action" id="{$id}-action" required="required">
          <option value="">Choose…</option>
          <option value="dismiss">Dismiss</option>
          <xsl:if test="not($person)">
            <option value="hide">Hide</option>
            <option value="remove">Remove, with a strike</option>
            <option value="age_restrict">Restrict by age</option>
          </xsl:if>
          <option value="restore">Restore</option>
          <option value="warn">Warn the person</option>
          <option value="suspend">Suspend the person</option>
          <option value="ban">Ban the person</option>
        </select>
      </p>
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
  </xsl:template>

  <!-- lists -->

  <xsl:template name="empty">
    <xsl:param name="text"/>
    <p class="empty"><xsl:copy-of select="$text"/></p>
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
        <xsl:if test="page &gt; 1"><a rel="prev" accesskey="p" href="?{$filters}page={page - 1}">Previous</a></xsl:if>
        <span><xsl:value-of select="page"/> / <xsl:value-of select="totalPages"/></span>
        <xsl:if test="page &lt; totalPages"><a rel="next" accesskey="n" href="?{$filters}page={page + 1}">Next</a></xsl:if>
      </nav>
    </xsl:if>
    <xsl:if test="cursor or /page/query/cursor">
      <nav class="pager" aria-label="Pages of this list">
        <xsl:if test="/page/query/cursor"><a href="?{$filters}">To the newest</a></xsl:if>
        <xsl:if test="cursor"><a rel="next" accesskey="n" href="?{$filters}cursor={cursor}">Older</a></xsl:if>
      </nav>
    </xsl:if>
  </xsl:template>

  <xsl:template name="total">
    <xsl:param name="meta"/>
    <p class="total"><xsl:call-template name="number"><xsl:with-param name="n" select="$meta/total"/></xsl:call-template><xsl:if test="$meta/totalIsEstimate">+</xsl:if> in this list</p>
  </xsl:template>

  <xsl:template name="option">
    <xsl:param name="value"/>
    <xsl:param name="chosen"/>
    <option value="{$value}">
      <xsl:if test="$value = $chosen"><xsl:attribute name="selected">selected</xsl:attribute></xsl:if>
      <xsl:call-template name="code-text"><xsl:with-param name="code" select="$value"/></xsl:call-template>
    </option>
  </xsl:template>

  <!-- times, numbers -->

  <xsl:template name="time">
    <xsl:param name="at"/>
    <xsl:if test="$at != ''">
      <time datetime="{$at}">
        <xsl:call-template name="day"><xsl:with-param name="at" select="$at"/></xsl:call-template>
        <xsl:value-of select="concat(' ', substring($at, 12, 5))"/>
      </time>
    </xsl:if>
  </xsl:template>
  <xsl:template name="day">
    <xsl:param name="at"/>
    <xsl:choose>
      <xsl:when test="$lang = 'pt'"><xsl:value-of select="concat(substring($at, 9, 2), '/', substring($at, 6, 2), '/', substring($at, 1, 4))"/></xsl:when>
      <xsl:otherwise><xsl:value-of select="concat(number(substring($at, 9, 2)), ' ', substring('JanFebMarAprMayJunJulAugSepOctNovDec', 3 * number(substring($at, 6, 2)) - 2, 3), ' ', substring($at, 1, 4))"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>
  <xsl:template name="number">
    <xsl:param name="n"/>
    <xsl:param name="digits" select="0"/>
    <xsl:choose>
      <xsl:when test="string(number($n)) = 'NaN'">–</xsl:when>
      <xsl:when test="$lang = 'pt' and $digits = 0"><xsl:value-of select="format-number($n, '#.##0', 'pt')"/></xsl:when>
      <xsl:when test="$lang = 'pt'"><xsl:value-of select="format-number($n, '#.##0,0', 'pt')"/></xsl:when>
      <xsl:when test="$digits = 0"><xsl:value-of select="format-number($n, '#,##0', 'en')"/></xsl:when>
      <xsl:otherwise><xsl:value-of select="format-number($n, '#,##0.0', 'en')"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>
  <xsl:template name="bytes">
    <xsl:param name="n"/>
    <xsl:variable name="unit"><xsl:choose><xsl:when test="$n &gt;= 1000000000">GB</xsl:when><xsl:when test="$n &gt;= 1000000">MB</xsl:when><xsl:otherwise>kB</xsl:otherwise></xsl:choose></xsl:variable>
    <xsl:variable name="size"><xsl:choose><xsl:when test="$unit = 'GB'">1000000000</xsl:when><xsl:when test="$unit = 'MB'">1000000</xsl:when><xsl:otherwise>1000</xsl:otherwise></xsl:choose></xsl:variable>
    <xsl:call-template name="number"><xsl:with-param name="n" select="$n div $size"/><xsl:with-param name="digits" select="1"/></xsl:call-template>
    <xsl:value-of select="concat(' ', $unit)"/>
  </xsl:template>
  <xsl:template name="seconds">
    <xsl:param name="s"/>
    <xsl:if test="$s != ''">
      <xsl:value-of select="concat(floor($s div 60), ':', format-number(floor($s) mod 60, '00'))"/>
    </xsl:if>
  </xsl:template>

  <xsl:template name="person">
    <xsl:param name="user"/>
    <xsl:if test="$user/id">
      <a href="/admin/people/{$user/id}">@<xsl:value-of select="$user/username"/></a>
      <xsl:if test="$user/status and $user/status != 'active'">
        <xsl:text> </xsl:text><span class="mark bad"><xsl:apply-templates select="$user/status" mode="code"/></span>
      </xsl:if>
    </xsl:if>
  </xsl:template>

  <!-- codes -->

  <xsl:template match="*|@*" mode="code"><xsl:call-template name="code-text"><xsl:with-param name="code" select="."/></xsl:call-template></xsl:template>
  <xsl:template name="code-text">
    <xsl:param name="code"/>
    <xsl:choose>
      <xsl:when test="$code = ''">Any</xsl:when>
      <xsl:when test="$code = 'video'">Video</xsl:when>
      <xsl:when test="$code = 'comment'">Comment</xsl:when>
      <xsl:when test="$code = 'user'">Person</xsl:when>
      <xsl:when test="$code = 'creator'">Creator</xsl:when>
      <xsl:when test="$code = 'coach'">Coach</xsl:when>
      <xsl:when test="$code = 'employer'">Employer</xsl:when>
      <xsl:when test="$code = 'moderator'">Moderator</xsl:when>
      <xsl:when test="$code = 'admin'">Administrator</xsl:when>
      <xsl:when test="$code = 'operator'">Operator</xsl:when>
      <xsl:when test="$code = 'open'">Open</xsl:when>
      <xsl:when test="$code = 'decided'">Decided</xsl:when>
      <xsl:when test="$code = 'dismiss'">Dismiss</xsl:when>
      <xsl:when test="$code = 'hide'">Hide</xsl:when>
      <xsl:when test="$code = 'remove'">Remove</xsl:when>
      <xsl:when test="$code = 'restore'">Restore</xsl:when>
      <xsl:when test="$code = 'age_restrict'">Restrict by age</xsl:when>
      <xsl:when test="$code = 'warn'">Warning</xsl:when>
      <xsl:when test="$code = 'suspend'">Suspension</xsl:when>
      <xsl:when test="$code = 'ban'">Ban</xsl:when>
      <xsl:when test="$code = 'child_safety'">Safety of children</xsl:when>
      <xsl:when test="$code = 'self_harm'">Self-harm</xsl:when>
      <xsl:when test="$code = 'violence'">Violence</xsl:when>
      <xsl:when test="$code = 'sexual'">Sexual content</xsl:when>
      <xsl:when test="$code = 'hate'">Hate</xsl:when>
      <xsl:when test="$code = 'harassment'">Harassment</xsl:when>
      <xsl:when test="$code = 'dangerous'">Dangerous</xsl:when>
      <xsl:when test="$code = 'privacy'">Privacy</xsl:when>
      <xsl:when test="$code = 'copyright'">Copyright</xsl:when>
      <xsl:when test="$code = 'impersonation'">Impersonation</xsl:when>
      <xsl:when test="$code = 'misinformation'">Misinformation</xsl:when>
      <xsl:when test="$code = 'spam'">Spam</xsl:when>
      <xsl:when test="$code = 'review'">Review before publishing</xsl:when>
      <xsl:when test="$code = 'other'">Other</xsl:when>
      <xsl:when test="$code = 'me'">Me</xsl:when>
      <xsl:when test="$code = 'nobody'">Nobody</xsl:when>
      <xsl:when test="$code = 'active'">Active</xsl:when>
      <xsl:when test="$code = 'suspended'">Suspended</xsl:when>
      <xsl:when test="$code = 'banned'">Banned</xsl:when>
      <xsl:when test="$code = 'deleted'">Deleted</xsl:when>
      <xsl:when test="$code = 'ready'">Ready</xsl:when>
      <xsl:when test="$code = 'failed'">Failed</xsl:when>
      <xsl:when test="$code = 'queued'">Waiting</xsl:when>
      <xsl:when test="$code = 'processing'">Processing</xsl:when>
      <xsl:when test="$code = 'uploading'">Uploading</xsl:when>
      <xsl:when test="$code = 'underWay'">Under way</xsl:when>
      <xsl:when test="$code = 'hidden'">Hidden</xsl:when>
      <xsl:when test="$code = 'running'">Running</xsl:when>
      <xsl:when test="$code = 'done'">Done</xsl:when>
      <xsl:when test="$code = 'dead'">Failed for good</xsl:when>
      <xsl:when test="$code = 'cancelled'">Cancelled</xsl:when>
      <xsl:when test="$code = 'public'">Public</xsl:when>
      <xsl:when test="$code = 'unlisted'">Unlisted</xsl:when>
      <xsl:when test="$code = 'private'">Private</xsl:when>
      <xsl:when test="$code = 'granted'">Granted</xsl:when>
      <xsl:when test="$code = 'denied'">Denied</xsl:when>
      <xsl:when test="$code = 'received'">Received</xsl:when>
      <xsl:when test="$code = 'rejected'">Rejected</xsl:when>
      <xsl:when test="$code = 'taken_down'">Taken down</xsl:when>
      <xsl:when test="$code = 'countered'">Countered</xsl:when>
      <xsl:when test="$code = 'restored'">Restored</xsl:when>
      <xsl:when test="$code = 'upheld'">Upheld</xsl:when>
      <xsl:when test="$code = 'withdrawn'">Withdrawn</xsl:when>
      <xsl:when test="$code = 'allow'">Allow</xsl:when>
      <xsl:when test="$code = 'hold'">Hold</xsl:when>
      <xsl:when test="$code = 'reject'">Reject</xsl:when>
      <xsl:when test="$code = 'block'">Block</xsl:when>
      <xsl:when test="$code = 'title'">Title</xsl:when>
      <xsl:when test="$code = 'description'">Description</xsl:when>
      <xsl:when test="$code = 'profile'">Profile</xsl:when>
      <xsl:when test="$code = 'report'">Report</xsl:when>
      <xsl:when test="$code = 'check'">Check</xsl:when>
      <xsl:when test="$code = 'true'">Yes</xsl:when>
      <xsl:when test="$code = 'false'">No</xsl:when>
      <xsl:when test="$code = 'text'">Text</xsl:when>
      <xsl:when test="$code = 'tags'">Tags</xsl:when>
      <xsl:when test="$code = 'username'">Name</xsl:when>
      <xsl:when test="$code = 'displayName'">Displayed name</xsl:when>
      <xsl:when test="$code = 'bio'">About the person</xsl:when>
      <xsl:when test="$code = 'strikes'">Repeated violations</xsl:when>
      <xsl:when test="$code = 'closed'">Closed</xsl:when>
      <xsl:otherwise><xsl:value-of select="$code"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>
</xsl:stylesheet>
