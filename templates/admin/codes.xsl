<?xml version="1.0" encoding="UTF-8"?>
<!-- The words for the codes of the API. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:template match="*|@*" mode="code"><xsl:call-template name="code-text"><xsl:with-param name="code" select="."/></xsl:call-template></xsl:template>
  <xsl:template match="role|@role" mode="code"><xsl:call-template name="role"><xsl:with-param name="code" select="."/></xsl:call-template></xsl:template>
  <xsl:template name="role">
    <xsl:param name="code"/>
    <xsl:choose><xsl:when test="$code = 'user'">Member</xsl:when><xsl:otherwise><xsl:call-template name="code-text"><xsl:with-param name="code" select="$code"/></xsl:call-template></xsl:otherwise></xsl:choose>
  </xsl:template>
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
      <xsl:when test="$code = 'watched_words'">watched words</xsl:when>
      <xsl:when test="$code = 'links'">many links</xsl:when>
      <xsl:when test="$code = 'repeated'">the same again</xsl:when>
      <xsl:when test="$code = 'toxicity'">tone</xsl:when>
      <xsl:when test="$code = 'frames'">pictures</xsl:when>
      <xsl:when test="$code = 'audio'">sound</xsl:when>
      <xsl:when test="$code = 'classifier'">what pictures show</xsl:when>
      <xsl:when test="$code = 'virus'">virus</xsl:when>
      <xsl:when test="$code = 'first_videos'">first videos</xsl:when>
      <xsl:when test="$code = 'PENDING'">Waiting</xsl:when>
      <xsl:when test="$code = 'PROCESSING'">Running</xsl:when>
      <xsl:when test="$code = 'COMPLETED'">Ready</xsl:when>
      <xsl:when test="$code = 'FAILED'">Failed</xsl:when>
      <xsl:when test="$code = 'CANCELLED'">Cancelled</xsl:when>
      <xsl:otherwise><xsl:value-of select="$code"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>
</xsl:stylesheet>
