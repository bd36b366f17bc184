// tests/api/captions.test.mjs - captions in, WebVTT beside the stream out: what is taken, what is not, and where it appears.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { base, call, del, failing, fails, get, newUser, ok, put, statusOf, until } from '../lib/api.mjs';
import { makeClip, probe } from '../lib/media.mjs';
import { plantVideos, settled, sql, uploadMultipart } from '../lib/video.mjs';

const srt = '1\r\n00:00:00,200 --> 00:00:01,500\r\n<font color="red">Bom dia</font> &amp; olá\r\n\r\n2\r\n00:00:01,600 --> 00:00:01,900\r\n<script>alert(1)</script>ende\r\n';
const vtt = 'WEBVTT\n\nSTYLE\n::cue { background: url(http://evil.test) }\n\nNOTE secret\n\n00:00.000 --> 00:01.000 position:10%\n<v Ann>Hello <b>there</b>\n';

let owner, other, clip, video;
before(async () => {
  [owner, other] = await Promise.all([newUser(), newUser()]);
  clip = makeClip({ seconds: 2 });
  video = await settled(owner, (await uploadMultipart(owner, clip)).id);
});
const send = (id, lang, body, user = owner, query = '') => call('PUT', `/videos/${id}/captions/${lang}${query}`, { token: user.token, body, headers: { 'content-type': 'text/plain' } });
const placed = (id, lang) =>
  until(async () => ok(await get(`/videos/${id}/captions`, { token: owner.token })).find((c) => c.lang === lang && c.url), { seconds: 20, what: `the file of ${lang}` });
const text = async (path) => (await fetch(base + path)).text();
const master = async (id) => text(ok(await get(`/videos/${id}/stream`, { token: owner.token })).hlsUrl);

describe('captions', () => {
  it('become WebVTT without markup, subtitles of the master, and a line of the video', async () => {
    assert.deepEqual(ok(await send(video.id, 'pt-BR', srt, owner, '?label=Portugu%C3%AAs')), { lang: 'pt-BR', label: 'Português', cueCount: 2 });
    ok(await send(video.id, 'en', vtt));
    const [pt, en] = [await placed(video.id, 'pt-BR'), await placed(video.id, 'en')];
    assert.equal(await text(pt.url), 'WEBVTT\n\n00:00:00.200 --> 00:00:01.500\nBom dia &amp; olá\n\n00:00:01.600 --> 00:00:01.900\nalert(1)ende\n');
    assert.equal(await text(en.url), 'WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nHello there\n');
    assert.match((await fetch(base + en.url)).headers.get('content-type'), /^text\/vtt/);
    const m = await master(video.id);
    assert.match(m, /#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="captions",LANGUAGE="pt-BR",NAME="Português",.*URI="captions-pt-BR-[0-9a-f]{8}\.m3u8"/);
    assert.match(m, /#EXT-X-STREAM-INF:.*,SUBTITLES="captions"\n/);
    const { captions } = ok(await get(`/videos/${video.id}`, { token: owner.token }));
    assert.deepEqual(captions, [{ lang: 'en', label: 'en' }, { lang: 'pt-BR', label: 'Português' }]);
    const { hlsUrl } = ok(await get(`/videos/${video.id}/stream`, { token: owner.token }));
    assert.deepEqual(probe(base + hlsUrl).streams.map((s) => s.codec_type).filter((t) => t !== 'subtitle').sort(), ['audio', 'video'], 'it still plays');
  });
  it('are replaced whole, and taken away without a trace', async () => {
    const old = await placed(video.id, 'en');
    ok(await send(video.id, 'en', vtt.replace('Hello', 'Hi')));
    const url = await until(async () => (await placed(video.id, 'en')).url !== old.url && (await placed(video.id, 'en')).url, { what: 'the new file' });
    assert.match(await text(url), /Hi there/);
    for (const lang of ['en', 'pt-BR']) ok(await del(`/videos/${video.id}/captions/${lang}`, { token: owner.token }), 204);
    fails(await del(`/videos/${video.id}/captions/en`, { token: owner.token }), 404);
    await until(async () => !/SUBTITLES/.test(await master(video.id)), { what: 'a master without subtitles' });
    await until(async () => (await statusOf(base + url)) === 404, { what: 'the end of the file that no master names' });
    assert.equal(sql(`select count(*) from caption_cues where video_id = '${video.id}'`), '0');
  });
  it('survive that the video is made anew', async () => {
    ok(await send(video.id, 'de', srt));
    const old = await placed(video.id, 'de');
    sql(`insert into jobs (tenant_id, user_id, kind, subject_id, unique_key) select tenant_id, user_id, 'transcode', id, id::text from videos where id = '${video.id}'`);
    const now = await until(async () => (await placed(video.id, 'de')).url !== old.url && (await placed(video.id, 'de')).url, { what: 'the new edition’s file' });
    assert.match(await text(now), /Bom dia/);
    assert.match(await master(video.id), /LANGUAGE="de"/);
  });
  it('are searched as what is said', async () => {
    const word = `spoken${Date.now()}`;
    ok(await send(video.id, 'en', vtt.replace('Hello', word)));
    assert.ok(ok(await get(`/search?q=${word}&type=videos`, { token: other.token })).some((v) => JSON.stringify(v).includes(video.id)));
  });
  it('are refused when they are none, with the line that is wrong', async () => {
    for (const [body, words] of [
      ['just words', /no captions/],
      ['00:05.000 --> 00:01.000\nx', /Line 1: .*ends before/],
      ['WEBVTT\n\n1:99.000 --> 2:00.000\nx', /Line 3: .*no times/],
      [Buffer.from([0xff, 0xfe, 0x41]), /UTF-8/],
      [`00:00.000 --> 00:01.000\n${'x'.repeat(3000)}`, /longer than/],
    ]) {
      const error = fails(await send(video.id, 'en', body), 400, 'VALIDATION_ERROR');
      assert.deepEqual(failing(error), ['body']);
      assert.match(error.details[0].message, words);
    }
    fails(await send(video.id, 'en', 'x'.repeat(1024 * 1024 + 1)), 413);
    for (const lang of ['English', 'e', '..', 'en_US', 'en-"x']) assert.ok([400, 404].includes((await send(video.id, encodeURIComponent(lang), vtt)).status), lang);
  });
  it('are put by its owner and editors alone, and seen by whoever sees the video', async () => {
    fails(await send(video.id, 'en', vtt, other), 404);
    const [id] = plantVideos(owner, 1, { visibility: 'private' });
    ok(await send(id, 'en', vtt));
    fails(await get(`/videos/${id}/captions`, { token: other.token }), 404);
    fails(await get(`/videos/${id}/captions`), 404);
    ok(await put(`/videos/${id}/access/${other.id}`, { access: 'editor' }, { token: owner.token }));
    ok(await send(id, 'fr', vtt, other));
    assert.equal(ok(await get(`/videos/${id}/captions`, { token: other.token })).length, 2);
  });
  it('of one language put at once by many are one, whole', async () => {
    const results = await Promise.all(Array.from({ length: 12 }, (_, i) => send(video.id, 'it', vtt.replace('Hello', `Ciao ${i}`))));
    assert.ok(results.every((r) => r.status === 200), results.map((r) => r.status).join());
    assert.equal(sql(`select count(*) from caption_cues where video_id = '${video.id}' and lang = 'it'`), '1');
    assert.equal(sql(`select count(*) from captions c join caption_cues q using (video_id, lang) where c.video_id = '${video.id}' and lang = 'it' and strpos(c.vtt, q.text) > 0`), '1');
  });
  it('of a deleted video are gone with it', async () => {
    const v = await settled(owner, (await uploadMultipart(owner, clip)).id);
    ok(await send(v.id, 'en', vtt));
    const { url } = await placed(v.id, 'en');
    assert.equal(await statusOf(base + url), 200);
    ok(await del(`/videos/${v.id}`, { token: owner.token }), 204);
    await until(async () => await statusOf(base + url) !== 200, { seconds: 20, what: 'the end of its address' });
  });
});
