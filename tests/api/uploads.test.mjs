// tests/api/uploads.test.mjs - what uploads promise when things go wrong: crashes between the steps, two at once, keys
// that come again, slow senders, room that is promised to others.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, statSync, statfsSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { apiUrl, call, del, fails, failing, get, newUser, ok, post, until } from '../lib/api.mjs';
import { dir, sql } from '../lib/running.mjs';

let user, other;
before(async () => {
  [user, other] = await Promise.all([newUser(), newUser()]);
});

const tusHeaders = () => ({ authorization: `Bearer ${user.token}`, 'tus-resumable': '1.0.0' });
const b64 = (text) => Buffer.from(text).toString('base64');
const path = (url) => url.slice(url.indexOf('/api/v1') + 7);
const idOf = (url) => url.split('/').at(-1);
/** Nothing of earlier tests is worked on any more: room that was promised to it has been given back. */
const isResting = () =>
  until(() => sql(`select count(*) from jobs j join videos v on v.id = j.subject_id where j.kind = 'transcode' and j.state in ('queued', 'running') and v.user_id = '${user.id}'`) === '0', { every: 50, what: 'the end of earlier work' });
const video = async (id) => ok(await get(`/videos/${id}`, { token: user.token }));

async function tusCreate(length, { metadata = `title ${b64('Through tus')}`, body, headers = {} } = {}) {
  const res = await call('POST', '/uploads', {
    headers: { ...tusHeaders(), 'upload-length': String(length), 'upload-metadata': metadata, ...(body ? { 'content-type': 'application/offset+octet-stream' } : {}), ...headers },
    body,
  });
  assert.equal(res.status, 201, res.text);
  return { url: res.headers.get('location'), videoId: res.headers.get('x-video-id') };
}
const tusHead = (url) => call('HEAD', path(url), { headers: tusHeaders() });
const tusPatch = (url, offset, body, headers = {}) =>
  call('PATCH', path(url), { headers: { ...tusHeaders(), 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream', ...headers }, body });

/** PUTs bytes with a pause between each; resolves with the status. */
function slowly(method, url, headers, pieces, pauseMs) {
  return new Promise((resolve, reject) => {
    const req = request(url, { method, headers: { ...headers, 'content-length': pieces.join('').length } }, (res) => {
      res.resume();
      res.on('end', () => resolve(res));
    });
    req.on('error', reject);
    const next = () => {
      if (!pieces.length) return req.end();
      req.write(pieces.shift());
      setTimeout(next, pauseMs);
    };
    next();
  });
}

describe('a resumable upload', () => {
  it('whose last byte came but whose end was not recorded is finished by whoever asks how far it is', { skip: !dir && 'no STACK_DIR' }, async () => {
    const { url, videoId } = await tusCreate(12);
    writeFileSync(join(dir, 'media/incoming', idOf(url)), 'hello, world');
    const head = await tusHead(url);
    assert.equal(head.headers.get('upload-offset'), '12');
    assert.notEqual((await video(videoId)).status, 'uploading');
  });
  it('still says that it is whole after it was finished, so that a lost answer starts nothing again', async () => {
    const { url, videoId } = await tusCreate(5, { body: 'abcde' });
    const head = await tusHead(url);
    assert.equal(head.status, 200);
    assert.equal(head.headers.get('upload-offset'), '5');
    assert.equal(head.headers.get('upload-length'), '5');
    assert.equal((await tusPatch(url, 5, '')).status, 204, 'nothing more to send is fine');
    assert.equal((await video(videoId)).sizeBytes, 5);
  });
  it('tells its metadata again', async () => {
    const metadata = `filename ${b64('clip.mp4')},title ${b64('Ein Titel äöü')},isConfidential`;
    const { url } = await tusCreate(5, { metadata });
    assert.equal((await tusHead(url)).headers.get('upload-metadata'), metadata);
  });
  it('takes PATCH as POST from clients that cannot say PATCH', async () => {
    const { url } = await tusCreate(5);
    const res = await call('POST', path(url), { headers: { ...tusHeaders(), 'x-http-method-override': 'PATCH', 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' }, body: 'ab' });
    assert.equal(res.status, 204, res.text);
    assert.equal(res.headers.get('upload-offset'), '2');
    fails(await call('POST', path(url), { headers: tusHeaders() }), 405);
  });
  it('may be sent for longer than a request may take', async () => {
    const { url } = await tusCreate(8);
    const res = await slowly('PATCH', apiUrl + path(url), { ...tusHeaders(), 'upload-offset': 0, 'content-type': 'application/offset+octet-stream' }, [...'abcdefgh'], 4500);
    assert.equal(res.statusCode, 204);
    assert.equal(res.headers['upload-offset'], '8');
  });
  it('is written by one request at a time', async () => {
    const { url } = await tusCreate(8);
    const slow = slowly('PATCH', apiUrl + path(url), { ...tusHeaders(), 'upload-offset': 0, 'content-type': 'application/offset+octet-stream' }, [...'abcdefgh'], 150);
    await new Promise((r) => setTimeout(r, 300));
    const second = await tusPatch(url, 0, 'xx');
    fails(second, 409, 'CONFLICT');
    fails(await call('DELETE', path(url), { headers: tusHeaders() }), 409, 'CONFLICT');
    assert.equal((await slow).statusCode, 204);
  });
});

describe('creating', () => {
  it('the same Idempotency-Key makes one video, also by POST /videos', async () => {
    const key = randomUUID();
    const first = await post('/videos', { title: 'Only once' }, { token: user.token, key });
    const again = await post('/videos', { title: 'Only once' }, { token: user.token, key });
    assert.equal(ok(again, 201).id, ok(first, 201).id);
    assert.equal(again.headers.get('location'), first.headers.get('location'));
    fails(await post('/videos', { title: 'Only Once' }, { token: user.token, key }), 409, 'IDEMPOTENCY_CONFLICT');
  });
  it('and in a form, whatever its boundary', async () => {
    const key = randomUUID();
    const send = async (title) => {
      const form = new FormData();
      form.append('title', title);
      form.append('file', new Blob(['not much']), 'a.mp4');
      return call('POST', '/videos', { token: user.token, key, body: form });
    };
    const first = ok(await send('One form'), 201);
    assert.equal(ok(await send('One form'), 201).id, first.id);
    fails(await send('Another'), 409, 'IDEMPOTENCY_CONFLICT');
  });
  it('names every field that is wrong', async () => {
    const wrong = { title: 'x', visibility: 'secret', tags: Array(11).fill('t'), scheduledAt: 'tomorrow', description: 'd'.repeat(5001), commentsEnabled: 'yes', nonsense: 1 };
    assert.deepEqual(failing(fails(await post('/videos', wrong, { token: user.token }), 400)), ['commentsEnabled', 'description', 'nonsense', 'scheduledAt', 'tags', 'title', 'visibility']);
  });
});

describe('a presigned address', () => {
  it('that two clients use at once takes one of the files, whole', async () => {
    const { uploadUrl, videoId } = ok(await post('/videos/upload-url', {}, { token: user.token }), 201);
    const files = ['a'.repeat(300_000), 'b'.repeat(500_000), 'c'.repeat(700_000), 'd'.repeat(900_000)];
    const sent = await Promise.all(files.map((body) => fetch(uploadUrl, { method: 'PUT', body }).then((r) => r.status)));
    assert.equal(sent.filter((s) => s === 204).length, 1, sent.join());
    assert.equal((await video(videoId)).sizeBytes, files[sent.indexOf(204)].length);
    if (dir) assert.equal(statSync(join(dir, 'media/originals', sql(`select original_key from videos where id = '${videoId}'`))).size, files[sent.indexOf(204)].length);
  });
  it('of a file whose size was not told is not bound to the size of a try that failed', async () => {
    const { uploadUrl, videoId } = ok(await post('/videos/upload-url', {}, { token: user.token }), 201);
    await new Promise((resolve) => {
      const req = request(uploadUrl, { method: 'PUT', headers: { 'content-length': 100_000 } });
      req.on('error', resolve).on('close', resolve);
      req.write('the beginning');
      setTimeout(() => req.destroy(), 200);
    });
    const whole = await until(async () => ((await fetch(uploadUrl, { method: 'PUT', body: 'whole' })).status === 204 ? true : null), { what: 'the second try' });
    assert.ok(whole);
    assert.equal((await video(videoId)).sizeBytes, 5);
  });
  it('is refused before its bytes are kept when it is not ours', { skip: !dir && 'no STACK_DIR' }, async () => {
    const spool = join(dir, 'media/spool');
    const url = `${apiUrl}/uploads/${randomUUID()}/file?expires=9999999999&signature=${'A'.repeat(40)}`;
    let seen = 0;
    const watch = setInterval(() => (seen = Math.max(seen, ...readdirSync(spool).map((f) => statSync(join(spool, f), { throwIfNoEntry: false })?.size ?? 0))), 5);
    const status = await slowly('PUT', url, {}, Array(10).fill('x'.repeat(1_000_000)), 20).then((r) => r.statusCode, () => 'cut');
    clearInterval(watch);
    assert.ok(status === 403 || status === 'cut', String(status));
    assert.equal(seen, 0, 'nothing was spooled');
  });
  it('and a form without a token as well, in our own words', async () => {
    const headers = { 'content-type': 'multipart/form-data; boundary=x' };
    fails(await call('POST', '/videos', { headers, body: '--x--' }), 401, 'UNAUTHENTICATED');
    fails(await call('POST', '/videos', { headers, body: '--x--', token: 'nonsense' }), 401, 'TOKEN_INVALID');
  });
});

describe('what nobody finishes', () => {
  it('is swept: its file, its reservation, and its video says so', { skip: !dir && 'no STACK_DIR' }, async () => {
    const usage = () => sql(`select coalesce(sum(reserved_bytes), 0) from user_usage where user_id = '${user.id}'`);
    await isResting();
    const before = usage();
    const { url, videoId } = await tusCreate(10);
    await tusPatch(url, 0, 'half');
    const file = join(dir, 'media/incoming', idOf(url));
    assert.equal(statSync(file).size, 4);
    sql(`update uploads set expires_at = now() - interval '1 s' where id = '${idOf(url)}'; select job_enqueue('sweep', '{}', null, null)`);
    const swept = await until(async () => (await video(videoId)).status === 'failed' && video(videoId), { what: 'the sweep' });
    assert.deepEqual([swept.failure.code, swept.failure.message], ['upload_expired', 'The file did not arrive in time. Please upload it again.']);
    await until(() => !existsSync(file), { what: 'the end of its file' });
    assert.equal(usage(), before);
    assert.equal((await tusHead(url)).status, 404);
  });
});

describe('room', () => {
  it('that other uploads were promised is not promised again', { skip: !dir && 'no STACK_DIR' }, async () => {
    // each fits alone, all together do not
    const { bavail, bsize } = statfsSync(join(dir, 'media'));
    const size = Math.min(Math.floor(bavail * bsize * 0.15), 9e9);
    sql(`update users set quota_bytes = 1e15 where id = '${user.id}'`);
    const made = [];
    let refused;
    for (let i = 0; i < 60 && !refused; i++) {
      const res = await call('POST', '/uploads', { headers: { ...tusHeaders(), 'upload-length': String(size) } });
      if (res.status === 201) made.push(res.headers.get('location'));
      else refused = res;
    }
    for (const url of made) await call('DELETE', path(url), { headers: tusHeaders() });
    assert.ok(refused, 'somebody is refused');
    fails(refused, 507, 'STORAGE_FULL');
  });
  it('stays reserved until the renditions are made, and is given back when the video fails or goes', async () => {
    const usage = () => Number(sql(`select coalesce(sum(reserved_bytes), 0) from user_usage where user_id = '${user.id}'`));
    await isResting();
    const before = usage();
    const { url, videoId } = await tusCreate(1000);
    assert.ok(usage() >= before + 1000);
    await tusPatch(url, 0, 'x'.repeat(1000));
    await until(async () => (await video(videoId)).status === 'failed', { what: 'the end of what is no video' });
    assert.equal(usage(), before);
    const second = await tusCreate(1000);
    ok(await del(`/videos/${second.videoId}`, { token: user.token }), 204);
    assert.equal(usage(), before);
  });
});

describe('a public video', () => {
  const show = (id) => sql(`insert into renditions (tenant_id, video_id, name, state, height, media_key) select tenant_id, id, '360p', 'ready', 360, 'x' from videos where id = '${id}'`);
  it('has as many likes as people who like it, when all of them come at once', async () => {
    const v = ok(await post('/videos', { title: 'Liked' }, { token: user.token }), 201);
    show(v.id);
    const people = await Promise.all(Array.from({ length: 12 }, () => newUser()));
    const all = (method) => Promise.all(people.flatMap((p) => [1, 2].map(() => call(method, `/videos/${v.id}/like`, { token: p.token }))));
    for (const r of await all('POST')) ok(r);
    assert.equal((await video(v.id)).stats.likes, people.length);
    await Promise.all([...people.slice(0, 5).map((p) => del(`/videos/${v.id}/like`, { token: p.token })), ...people.map((p) => post(`/videos/${v.id}/like`, undefined, { token: p.token }))]);
    assert.equal((await video(v.id)).stats.likes, Number(sql(`select count(*) from video_likes where video_id = '${v.id}'`)));
    for (const r of await all('DELETE')) ok(r);
    assert.equal((await video(v.id)).stats.likes, 0);
  });
  it('is new when it is made public, not when it was private', async () => {
    const v = ok(await post('/videos', { title: 'A draft', visibility: 'private' }, { token: user.token }), 201);
    show(v.id);
    assert.equal((await video(v.id)).publishedAt, null);
    const at = Date.now();
    const now = ok(await call('PATCH', `/videos/${v.id}`, { token: user.token, json: { visibility: 'public' } }));
    assert.ok(Date.parse(now.publishedAt) > at - 2000);
    assert.equal(ok(await get('/videos/feed?limit=1', { token: other.token }))[0].id, v.id);
    const later = ok(await post('/videos', { title: 'Later', visibility: 'private', scheduledAt: new Date(Date.now() + 3600_000).toISOString() }, { token: user.token }), 201);
    show(later.id);
    ok(await call('PATCH', `/videos/${later.id}`, { token: user.token, json: { visibility: 'public' } }));
    assert.equal((await video(later.id)).publishedAt, null, 'its time has not come');
  });
});

describe('a video that others may not see', () => {
  let hidden;
  before(async () => {
    hidden = ok(await post('/videos', { title: 'Hidden', visibility: 'private' }, { token: user.token }), 201);
    sql(`insert into renditions (tenant_id, video_id, name, state, height, media_key) select tenant_id, id, '360p', 'ready', 360, 'x' from videos where id = '${hidden.id}'`);
  });
  it('is not there for a like, for taking one back, or for a view', async () => {
    assert.equal((await video(hidden.id)).status, 'ready');
    fails(await post(`/videos/${hidden.id}/like`, undefined, { token: other.token }), 404, 'NOT_FOUND');
    fails(await del(`/videos/${hidden.id}/like`, { token: other.token }), 404, 'NOT_FOUND');
    fails(await post(`/videos/${hidden.id}/view`, {}, { token: other.token }), 404, 'NOT_FOUND');
  });
  it('neither while its time has not come', async () => {
    sql(`update videos set visibility = 'public', scheduled_at = now() + interval '1 day', published_at = null where id = '${hidden.id}'`);
    for (const res of [
      await get(`/videos/${hidden.id}`, { token: other.token }),
      await get(`/videos/${hidden.id}/stream`, { token: other.token }),
      await post(`/videos/${hidden.id}/like`, undefined, { token: other.token }),
      await del(`/videos/${hidden.id}/like`, { token: other.token }),
      await post(`/videos/${hidden.id}/view`, {}, { token: other.token }),
    ])
      fails(res, 404, 'NOT_FOUND');
    assert.ok(!ok(await get('/videos/feed?limit=100', { token: other.token })).some((v) => v.id === hidden.id));
    assert.equal((await video(hidden.id)).status, 'ready');
  });
});
