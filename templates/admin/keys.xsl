<?xml version="1.0" encoding="UTF-8"?>
<!-- Keyboard shortcuts: those of access keys, so that they need no script. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="layout.xsl"/>
  <xsl:template match="page" mode="title">Keyboard shortcuts</xsl:template>
  <xsl:template match="page" mode="main">
    <p>Press the key together with what your browser uses for access keys: Alt and Shift in Firefox, Alt in Chromium, Control and Option on a Mac. Pages show the keys where they act.</p>
    <div class="columns">
      <section>
        <h2>Pages</h2>
        <table class="keys"><thead><tr><th>Key</th><th>What it does</th></tr></thead><tbody>
          <tr><th scope="row"><kbd>1</kbd></th><td>Overview</td></tr>
          <tr><th scope="row"><kbd>2</kbd></th><td>Queue</td></tr>
          <tr><th scope="row"><kbd>3</kbd></th><td>Videos</td></tr>
          <tr><th scope="row"><kbd>4</kbd></th><td>Comments</td></tr>
          <tr><th scope="row"><kbd>5</kbd></th><td>People</td></tr>
          <tr><th scope="row"><kbd>6</kbd></th><td>Appeals</td></tr>
          <tr><th scope="row"><kbd>7</kbd></th><td>Jobs</td></tr>
          <tr><th scope="row"><kbd>8</kbd></th><td>Audit log</td></tr>
          <tr><th scope="row"><kbd>9</kbd></th><td>Communities</td></tr>
          <tr><th scope="row"><kbd>h</kbd></th><td>This page</td></tr>
        </tbody></table>
      </section>
      <section>
        <h2>Work</h2>
        <table class="keys"><thead><tr><th>Key</th><th>What it does</th></tr></thead><tbody>
          <tr><th scope="row"><kbd>t</kbd></th><td>Take the next case</td></tr>
          <tr><th scope="row"><kbd>c</kbd></th><td>Claim the case, or give it back</td></tr>
          <tr><th scope="row"><kbd>d</kbd></th><td>Decide the case</td></tr>
          <tr><th scope="row"><kbd>x</kbd></th><td>Decide, and take the next case</td></tr>
          <tr><th scope="row"><kbd>r</kbd></th><td>Do a failed job again</td></tr>
          <tr><th scope="row"><kbd>s</kbd></th><td>To the search field</td></tr>
          <tr><th scope="row"><kbd>n</kbd></th><td>Next page of a list</td></tr>
          <tr><th scope="row"><kbd>p</kbd></th><td>Previous page of a list</td></tr>
        </tbody></table>
      </section>
    </div>
  </xsl:template>
</xsl:stylesheet>
