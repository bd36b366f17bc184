// tests/api/videos.test.mjs - a clip goes in, a stream comes out: the three ways in, visibility, streams, feed, likes, views.
import assert from 'node:assert/strict';
import { execFile as execFileThen } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { base, call, del, failing, fails, get, newUser, ok, patch, post, statusOf, until } from '../lib/api.mjs';
import { makeClip, probe } from '../lib/media.mjs';
import { sql } from '../lib/running.mjs';
import { settled, uploadMultipart, uploadPut, video } from '../lib/video.mjs';

const execFile = promisify(execFileThen);
let owner, other, clip, ready;
before(async () => {
  [owner, other] = await Promise.all([newUser(), newUser()]);
  clip = makeClip();
  ready = await settled(owner, (await uploadMultipart(owner, clip, { title: 'The first one', tags: 'dance,top rock' })).id);
});

describe('ways in', () => {
  it('multipart: the file and its fields in one body', async () => {
    assert.equal(ready.status, 'ready');
    assert.equal(ready.title, 'The first one');
    assert.deepEqual(ready.tags, ['dance', 'top rock']);
    assert.ok(Math.abs(ready.duration - 4) < 0.1, `duration ${ready.duration}`);
    assert.deepEqual([ready.width, ready.height], [640, 360]);
  });
  it('a presigned address for metadata that came first', async () => {
    const v = await settled(owner, (await uploadPut(owner, clip, { title: 'By PUT', visibility: 'unlisted' })).id);
    assert.equal(v.status, 'ready');
    assert.equal(v.visibility, 'unlisted');
  });
  it('a presigned address first, confirmed afterwards', async () => {
    const announced = ok(await post('/videos/upload-url', { fileName: 'clip.mp4', sizeBytes: readFileSync(clip).length }, { token: owner.token }), 201);
    assert.ok(Date.parse(announced.expiresAt) - Date.now() > 3500_000);
    assert.equal((await video(owner, announced.videoId)).visibility, 'private');
    const sent = await fetch(announced.uploadUrl, { method: 'PUT', body: readFileSync(clip) });
    assert.equal(sent.status, 204, await sent.text());
    const v = ok(await post('/videos', { videoId: announced.videoId, title: 'Confirmed' }, { token: owner.token }), 201);
    assert.equal(v.visibility, 'public');
    assert.equal((await settled(owner, announced.videoId)).title, 'Confirmed');
  });
  it('an address works once, for its own file, with its own signature', async () => {
    const announced = ok(await post('/videos/upload-url', { sizeBytes: 10 }, { token: owner.token }), 201);
    const send = (url, body) => call('PUT', new URL(url).pathname.replace('/api/v1', '') + new URL(url).search, { body });
    fails(await send(announced.uploadUrl, 'not ten bytes long'), 400);
    fails(await send(announced.uploadUrl.replace(/signature=(.)/, (_, c) => `signature=${c === '_' ? '-' : '_'}`), '0123456789'), 403, 'SIGNATURE_INVALID');
    fails(await send(announced.uploadUrl.replace(/expires=\d+/, 'expires=9999999999'), '0123456789'), 403, 'SIGNATURE_INVALID');
    ok(await send(announced.uploadUrl, '0123456789'), 204);
    fails(await send(announced.uploadUrl, '0123456789'), 404, 'NOT_FOUND');
    assert.equal((await settled(owner, announced.videoId)).failure.code, 'not_media');
  });
  it('the same Idempotency-Key makes one video', async () => {
    const key = `k-${Math.random()}`;
    const first = await post('/videos/upload-url', { sizeBytes: 5 }, { token: owner.token, key });
    const again = await post('/videos/upload-url', { sizeBytes: 5 }, { token: owner.token, key });
    assert.deepEqual(ok(again, 201), ok(first, 201));
    fails(await post('/videos/upload-url', { sizeBytes: 6 }, { token: owner.token, key }), 409, 'IDEMPOTENCY_CONFLICT');
  });
  it('a multipart body without a file, without an end, or with two files is refused', async () => {
    const send = (text) => call('POST', '/videos', { token: owner.token, headers: { 'content-type': 'multipart/form-data; boundary=x' }, body: text.replaceAll('\n', '\r\n') });
    const part = (name, value) => `--x\nContent-Disposition: form-data; name="${name}"\n\n${value}\n`;
    const file = '--x\nContent-Disposition: form-data; name="file"; filename="a.mp4"\n\nabc\n';
    assert.deepEqual(failing(fails(await send(`${part('title', 'Some title')}--x--\n`), 400)), ['file']);
    fails(await send(part('title', 'Some title')), 400);
    fails(await send(`${part('title', 'Some title')}${file}${file}--x--\n`), 400);
    assert.deepEqual(failing(fails(await send(`${part('titel', 'x')}${file}--x--\n`), 400)), ['titel', 'title']);
    fails(await call('POST', '/videos', { token: owner.token, headers: { 'content-type': 'multipart/form-data' }, body: 'x' }), 400);
  });
  it('a file that is no video fails with words for its uploader', async () => {
    const bad = ok(await post('/videos', { title: 'Not a video' }, { token: owner.token }), 201);
    await fetch(bad.uploadUrl, { method: 'PUT', body: 'just some text that nobody could play' });
    const v = await settled(owner, bad.id);
    assert.equal(v.status, 'failed');
    assert.equal(v.failure.code, 'not_media');
    assert.match(v.failure.message, /not a video/);
    fails(await get(`/videos/${bad.id}`, { token: other.token }), 404);
  });
  it('more than the limit is refused before it is sent', async () => {
    fails(await post('/videos', { title: 'Huge', sizeBytes: 1e13 }, { token: owner.token }), 413, 'PAYLOAD_TOO_LARGE');
  });
});

describe('streams', () => {
  it('say where everything is, signed and the same for an hour', async () => {
    const s = ok(await get(`/videos/${ready.id}/stream`));
    assert.deepEqual(s.qualities, ['360p']);
    assert.equal(s.thumbnails.length, 3);
    for (const path of [s.hlsUrl, s.posterUrl, s.storyboardUrl, s.mp4Urls['360p'], ...s.thumbnails]) {
      const res = await fetch(base + path);
      assert.equal(res.status, 200, path);
      await res.arrayBuffer();
    }
    assert.deepEqual(ok(await get(`/videos/${ready.id}/stream-url`)), s);
  });
  it('play: the master names the rung, the rung is bytes of one file that is an MP4 by itself', async () => {
    const s = ok(await get(`/videos/${ready.id}/stream`));
    const hls = probe(base + s.hlsUrl);
    assert.deepEqual(hls.streams.map((x) => x.codec_name).sort(), ['aac', 'h264']);
    const mp4 = probe(base + s.mp4Urls['360p']);
    assert.ok(Math.abs(Number(mp4.format.duration) - 4) < 0.2, mp4.format.duration);
    const part = await fetch(base + s.mp4Urls['360p'], { headers: { range: 'bytes=0-99' } });
    assert.equal(part.status, 206);
    assert.equal((await part.arrayBuffer()).byteLength, 100);
  });
  it('need their signature', async () => {
    const { hlsUrl } = ok(await get(`/videos/${ready.id}/stream`));
    const [, mediaBase, token, ...key] = hlsUrl.split('/');
    const forged = (t, k = key.join('/')) => fetch(`${base}/${mediaBase}/${t}/${k}`).then((r) => r.status);
    assert.equal(await forged(token), 200);
    assert.equal(await forged(token.replace(/^./, (c) => (c === 'a' ? 'b' : 'a'))), 403);
    assert.equal(await forged('x'), 403);
    assert.equal(await forged(token, ['..', ...key].join('/')), 404);
    const another = await settled(owner, (await uploadMultipart(owner, clip)).id);
    assert.equal(await forged(token, another.videoUrl.split('/').slice(3).join('/')), 403, "one video's token is no other's");
    assert.notEqual(await forged(token, `${key.slice(0, 3).join('/')}/../../../../../etc/passwd`), 200);
  });
  it('carry no metadata of the camera', async () => {
    const s = ok(await get(`/videos/${ready.id}/stream`));
    const tags = Object.keys(probe(base + s.mp4Urls['360p']).format.tags ?? {});
    for (const tag of tags) assert.ok(['major_brand', 'minor_version', 'compatible_brands', 'encoder'].includes(tag), tag);
  });
});

describe('who sees what', () => {
  it('a private video is not there for others: by id, stream, feed, view and like', async () => {
    const v = await settled(owner, (await uploadMultipart(owner, clip, { visibility: 'private' })).id);
    for (const options of [{}, { token: other.token }]) {
      fails(await get(`/videos/${v.id}`, options), 404, 'NOT_FOUND');
      fails(await get(`/videos/${v.id}/stream`, options), 404, 'NOT_FOUND');
      fails(await post(`/videos/${v.id}/view`, {}, options), 404, 'NOT_FOUND');
    }
    fails(await post(`/videos/${v.id}/like`, undefined, { token: other.token }), 404, 'NOT_FOUND');
    assert.ok(!ok(await get('/videos/feed?limit=100')).some((x) => x.id === v.id));
    assert.equal(ok(await get(`/videos/${v.id}/stream`, { token: owner.token })).qualities.length, 1);
  });
  it('an unlisted one is seen by its id and not in the feed', async () => {
    const v = await settled(owner, (await uploadMultipart(owner, clip, { visibility: 'unlisted' })).id);
    ok(await get(`/videos/${v.id}`));
    assert.ok(!ok(await get('/videos/feed?limit=100')).some((x) => x.id === v.id));
  });
  it("others cannot change or delete it, nor see the owner's list", async () => {
    fails(await patch(`/videos/${ready.id}`, { title: 'Mine now' }, { token: other.token }), 404, 'NOT_FOUND');
    fails(await del(`/videos/${ready.id}`, { token: other.token }), 404, 'NOT_FOUND');
    assert.ok(ok(await get('/users/me/videos', { token: owner.token })).some((x) => x.id === ready.id));
    assert.deepEqual(ok(await get('/users/me/videos', { token: other.token })), []);
  });
  it('a deleted one is gone at once, and its bytes soon', async () => {
    const v = await settled(owner, (await uploadMultipart(owner, clip)).id);
    ok(await del(`/videos/${v.id}`, { token: owner.token }), 204);
    fails(await get(`/videos/${v.id}`, { token: owner.token }), 404);
    fails(await get(`/videos/${v.id}/stream`, { token: owner.token }), 404);
    await until(async () => await statusOf(base + v.videoUrl) !== 200, { seconds: 20, what: 'the end of its address' });
  });
});

describe('changes', () => {
  it('touch what is given and nothing else; an If-Match that is old is refused', async () => {
    const before = await get(`/videos/${ready.id}`, { token: owner.token });
    const etag = before.headers.get('etag');
    const changed = await patch(`/videos/${ready.id}`, { title: 'Another title', category: 'dance' }, { token: owner.token, headers: { 'if-match': etag } });
    const now = ok(changed);
    assert.equal(now.title, 'Another title');
    assert.ok(changed.headers.get('ratelimit-limit'), 'the gates\u2019 headers are there too');
    assert.equal(now.category, 'dance');
    assert.deepEqual(now.tags, before.data.tags);
    fails(await patch(`/videos/${ready.id}`, { title: 'Too late' }, { token: owner.token, headers: { 'if-match': etag } }), 412, 'PRECONDITION_FAILED');
    assert.equal(ok(await patch(`/videos/${ready.id}`, { category: '' }, { token: owner.token })).category, null);
  });
  it('of many at once that have read the same one is made, and the others are told so', async () => {
    for (const path of [`/videos/${ready.id}`, `/playlists/${ok(await post('/playlists', { name: 'At once' }, { token: owner.token }), 201).id}`]) {
      const etag = (await get(path, { token: owner.token })).headers.get('etag');
      const all = await Promise.all(Array.from({ length: 10 }, (_, i) => patch(path, { description: `Number ${i}` }, { token: owner.token, headers: { 'if-match': etag } })));
      assert.deepEqual(all.map((r) => r.status).sort(), [200, ...Array(9).fill(412)], path);
      assert.equal(ok(await get(path, { token: owner.token })).description, ok(all.find((r) => r.status === 200)).description);
    }
  });
  it('are not refused because somebody watched or liked meanwhile, which a reader is told of all the same', async () => {
    const path = `/videos/${ready.id}`;
    const read = async (token) => (await get(path, { token })).headers.get('etag');
    const [mine, theirs] = [await read(owner.token), await read()];
    const fan = await newUser();
    ok(await post(`${path}/like`, undefined, { token: fan.token }));
    const views = (change) => sql(`update videos set view_count = view_count ${change} where id = '${ready.id}'`);
    views('+ 1');
    assert.equal((await get(path, { token: owner.token, headers: { 'if-none-match': mine } })).status, 200);
    assert.notEqual(await read(owner.token), mine);
    ok(await patch(path, { title: 'After a view' }, { token: owner.token, headers: { 'if-match': mine } }));
    fails(await patch(path, { title: 'After an edit' }, { token: owner.token, headers: { 'if-match': mine } }), 412, 'PRECONDITION_FAILED');
    fails(await patch(path, { title: 'After an edit' }, { token: owner.token, headers: { 'if-match': theirs } }), 412, 'PRECONDITION_FAILED');
    const now = await read(owner.token);
    fails(await patch(path, { title: 'Made up' }, { token: owner.token, headers: { 'if-match': now.replace(/\w/, (c) => (c === '0' ? '1' : '0')) } }), 412);
    ok(await patch(path, { title: 'Anybody’s' }, { token: owner.token, headers: { 'if-match': `"x", W/${now}` } }));
    views('- 1');
    ok(await del(`${path}/like`, { token: fan.token }));
  });
  it('are not refused by a counter of the same moment either, but by another edit', async () => {
    const path = `/videos/${ready.id}`;
    const during = async (change) => {
      const etag = (await get(path, { token: owner.token })).headers.get('etag');
      const held = execFile('psql', ['-h', join(process.env.STACK_DIR, 'run'), '-U', 'postgres', '-d', 'atelier', '-XAqtc', `begin; update videos set ${change} where id = '${ready.id}'; select pg_sleep(0.7); commit`]);
      await until(() => sql("select count(*) from pg_stat_activity where query like '%pg_sleep(0.7)%' and wait_event = 'PgSleep'") === '1', { every: 20, what: 'the row to be locked' });
      const answer = await patch(path, { description: 'At the same moment' }, { token: owner.token, headers: { 'if-match': etag } });
      await held;
      return answer;
    };
    ok(await during('view_count = view_count'));
    fails(await during('updated_at = now()'), 412, 'PRECONDITION_FAILED');
  });
  it('an unchanged video is a 304', async () => {
    // the first answer may be one of before the last change, kept for a second
    await until(async () => {
      const etag = (await get(`/videos/${ready.id}`)).headers.get('etag');
      assert.ok(etag);
      return (await get(`/videos/${ready.id}`, { headers: { 'if-none-match': etag } })).status === 304;
    }, { what: 'a 304' });
  });
});

describe('likes and views', () => {
  it('a like counts once, and can be taken back', async () => {
    assert.deepEqual(ok(await post(`/videos/${ready.id}/like`, undefined, { token: other.token })), { liked: true, likes: 1 });
    assert.deepEqual(ok(await post(`/videos/${ready.id}/like`, undefined, { token: other.token })), { liked: true, likes: 1 });
    const seen = ok(await get(`/videos/${ready.id}`, { token: other.token }));
    assert.equal(seen.userHasLiked, true);
    assert.equal(seen.stats.likes, 1);
    assert.deepEqual(ok(await del(`/videos/${ready.id}/like`, { token: other.token })), { liked: false, likes: 0 });
    assert.equal((await video(owner, ready.id)).stats.likes, 0);
  });
  it('a view counts once per session', async () => {
    const session = `s-${Math.random()}`;
    assert.deepEqual(ok(await post(`/videos/${ready.id}/view`, { sessionId: session, watchedMs: 1000 })), { recorded: true });
    assert.deepEqual(ok(await post(`/videos/${ready.id}/view`, { sessionId: session })), { recorded: false });
    assert.deepEqual(ok(await post(`/videos/${ready.id}/view`, { sessionId: `${session}b` })), { recorded: true });
    fails(await post('/videos/01900000-0000-7000-8000-000000000000/view', {}), 404);
  });
});

describe('the feed', () => {
  it('refuses cursors that are not its own, and limits that are none', async () => {
    fails(await get('/videos/feed?cursor=abc'), 400, 'INVALID_CURSOR');
    const { meta } = await get('/users/me/videos?limit=1', { token: owner.token });
    fails(await get(`/videos/feed?cursor=${meta.cursor}`), 400, 'INVALID_CURSOR');
    for (const limit of ['0', '101', 'x', '-1', '']) fails(await get(`/videos/feed?limit=${limit}`), 400, 'VALIDATION_ERROR');
    fails(await get('/videos/feed?tab=nonsense'), 400, 'VALIDATION_ERROR');
    fails(await get('/videos/feed?nonsense=1'), 400);
  });
});
