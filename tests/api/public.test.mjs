// tests/api/public.test.mjs - videos for other sites, feed readers and search engines: only what anybody may see, as text.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { before, describe, it } from 'node:test';
import { newUser, ok, patch } from '../lib/api.mjs';
import { base } from '../lib/api.mjs';
import { plantVideos, sql } from '../lib/video.mjs';

const open = async (path, init) => {
  const res = await fetch(path.startsWith('http') ? path : base + path, { redirect: 'manual', ...init });
  return { status: res.status, headers: res.headers, text: await res.text() };
};
/** xmllint, which is of libxml2's makers, says whether it is well-formed, and evaluates XPath. */
const xpath = (xml, path, html = false) => execFileSync('xmllint', [...(html ? ['--html'] : []), '--xpath', path, '-'], { input: xml, encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] }).trim();
const nasty = `</title><script>alert("1")</script> & 'more' ]]>`;

let author, video, hidden;
before(async () => {
  author = await newUser();
  ok(await patch('/users/me', { displayName: 'Inês <b>', bio: 'Dances & sings' }, { token: author.token }));
  [video, hidden] = plantVideos(author, 2);
  sql(`update videos set title = '${nasty.replaceAll("'", "''")}', width = 1920, height = 1080, duration_s = 61, master_key = 'a/b/c/master.m3u8', thumbnail_key = 'a/b/c/t.jpg', poster_key = 'a/b/c/p.jpg' where id = '${video}';
       update renditions set media_key = 'a/b/c/720p.mp4', height = 720, size_bytes = 12345 where video_id = '${video}';
       update videos set visibility = 'private' where id = '${hidden}'`);
});

describe('the player page', () => {
  it('plays without a script, may stand in frames, and shows what people wrote as text', async () => {
    const page = await open(`/embed/${video}`);
    assert.equal(page.status, 200, page.text);
    assert.match(page.headers.get('content-security-policy'), /default-src 'none'.*frame-ancestors \*/);
    assert.equal(page.headers.get('x-frame-options'), null);
    assert.equal(xpath(page.text, 'count(//script)', true), '0');
    assert.equal(xpath(page.text, 'string(//video/@aria-label)', true), nasty);
    assert.match(xpath(page.text, 'string(//video/source[@type="video/mp4"]/@src)', true), /\/media\/[^/]+\/a\/b\/c\/720p\.mp4$/);
    assert.match(xpath(page.text, 'string(//video/source[1]/@src)', true), /master\.m3u8$/);
    assert.equal((await open('/embed/style.css')).headers.get('content-type'), 'text/css; charset=utf-8');
  });
  it('is not there for what is not for everybody', async () => {
    assert.equal((await open(`/embed/${hidden}`)).status, 404);
    assert.equal((await open(`/api/v1/videos/${hidden}/file`)).status, 404);
  });
});

describe('oEmbed', () => {
  const oembed = (url, more = '') => open(`/oembed?url=${encodeURIComponent(url)}${more}`);
  it('says how to show the video of an address', async () => {
    const answer = await oembed(`${base}/embed/${video}`, '&maxwidth=400');
    assert.equal(answer.status, 200, answer.text);
    const o = JSON.parse(answer.text);
    assert.deepEqual([o.version, o.type, o.width, o.height, o.title], ['1.0', 'video', 400, 225, nasty]);
    assert.equal(xpath(o.html, 'string(//iframe/@src)', true), `${o.provider_url}/embed/${video}`);
    assert.equal(xpath(o.html, 'string(//iframe/@title)', true), nasty);
    const small = JSON.parse((await oembed(`${base}/videos/${video}?t=5`, '&maxwidth=400&maxheight=100')).text);
    assert.deepEqual([small.width, small.height], [177, 100]);
  });
  it('knows no addresses of others, and nothing private', async () => {
    for (const url of [`https://example.com/embed/${video}`, `${base}.example.com/embed/${video}`, `${base}/embed/`, `${base}/embed/${hidden}`, 'x']) assert.equal((await oembed(url)).status, 404, url);
    assert.equal((await open('/oembed')).status, 400);
    assert.equal((await oembed(`${base}/embed/${video}`, '&format=xml')).status, 400);
  });
});

describe('RSS', () => {
  it('has the newest public videos with their files', async () => {
    for (const name of [author.id, `@${author.username}`]) {
      const feed = await open(`/feeds/users/${name}.xml`);
      assert.equal(feed.status, 200, feed.text);
      assert.equal(xpath(feed.text, 'count(//item)'), '1');
      assert.equal(xpath(feed.text, 'string(//item/title)'), nasty);
      assert.match(xpath(feed.text, 'string(//channel/title)'), /^Inês <b> – /);
      assert.equal(xpath(feed.text, 'string(//item/enclosure/@length)'), '12345');
      assert.match(xpath(feed.text, 'string(//item/pubDate)'), /^\w{3}, \d{2} \w{3} \d{4} [\d:]{8} GMT$/);
      const file = await open(xpath(feed.text, 'string(//item/enclosure/@url)'));
      assert.equal(file.status, 302);
      assert.match(file.headers.get('location'), /\/media\/[^/]+\/a\/b\/c\/720p\.mp4$/);
    }
    for (const bad of ['nobody.xml', '@nobody_at_all.xml', `${author.id}`, `${author.id}.xml.xml`]) assert.equal((await open(`/feeds/users/${bad}`)).status, 404, bad);
  });
});

describe('the sitemap', () => {
  it('lists pages, and they list every public video and no other', async () => {
    const fresh = { headers: { cookie: 'nginx=keeps-nothing-for-me' } };
    const index = await open('/sitemap.xml', fresh);
    assert.equal(index.status, 200, index.text);
    const count = Number(xpath(index.text, 'count(//*[local-name()="loc"])'));
    assert.ok(count >= 1);
    const all = [];
    for (let i = 1; i <= count; i++) {
      const page = await open(xpath(index.text, `string((//*[local-name()="loc"])[${i}])`), fresh);
      assert.equal(page.status, 200);
      all.push(page.text);
    }
    const text = all.join('');
    assert.ok(text.includes(`/embed/${video}<`));
    assert.ok(!text.includes(hidden));
    assert.ok(xpath(all[0], `string(//*[local-name()="video"][*[local-name()="player_loc" and contains(text(), "${video}")]]/*[local-name()="title"])`) === nasty || count > 1);
  });
});
