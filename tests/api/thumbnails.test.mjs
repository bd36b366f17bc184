// tests/api/thumbnails.test.mjs - a thumbnail of one's own: a picture, or what the video shows at a time.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { before, describe, it } from 'node:test';
import { base, call, del, fails, get, newUser, ok, post, put, statusOf, until } from '../lib/api.mjs';
import { colourName, makeQuarters, sizeOf } from '../lib/look.mjs';
import { settled, sql, uploadMultipart } from '../lib/video.mjs';

let owner, other, video;
before(async () => {
  [owner, other] = await Promise.all([newUser(), newUser()]);
  video = await settled(owner, (await uploadMultipart(owner, makeQuarters())).id);
});
const picture = (source, codec = 'png') =>
  execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', source, '-frames:v', '1', '-c:v', codec, '-f', 'image2pipe', '-'], { maxBuffer: 1 << 26 });
const send = (body, type = 'image/png', user = owner, id = video.id) => call('PUT', `/videos/${id}/thumbnail`, { token: user.token, body, headers: { 'content-type': type } });
const state = async (id = video.id) => ok(await get(`/videos/${id}/thumbnail`, { token: owner.token }));
const done = (id) => until(async () => { const s = await state(id); return !s.isProcessing && s; }, { what: 'the thumbnail' });
const bytes = async (url) => { const r = await fetch(base + url); assert.equal(r.status, 200, url); return Buffer.from(await r.arrayBuffer()); };

describe('a thumbnail of one’s own', () => {
  it('is a picture, made anew in its own shape, wherever the video shows', async () => {
    ok(await send(picture('color=blue:s=2000x1000')), 202);
    const s = await done();
    assert.equal(s.isCustom, true);
    const [thumb, poster] = await Promise.all([bytes(s.thumbnailUrl), bytes(s.posterUrl)]);
    assert.deepEqual(sizeOf(thumb), { codec: 'mjpeg', width: 640, height: 320 });
    assert.deepEqual(sizeOf(poster), { codec: 'mjpeg', width: 1280, height: 640 });
    assert.equal(colourName(thumb, 0.5, 0.5), 'blue');
    assert.equal(colourName(await bytes(ok(await get(`/videos/${video.id}`, { token: owner.token })).thumbnailUrl), 0.5, 0.5), 'blue');
    assert.equal(colourName(await bytes(ok(await get(`/videos/${video.id}/stream`, { token: owner.token })).posterUrl), 0.5, 0.5), 'blue');
  });
  it('is what shows at a time, and the newest counts', async () => {
    const old = (await state()).thumbnailUrl;
    ok(await put(`/videos/${video.id}/thumbnail`, { time: 3 }, { token: owner.token }), 202);
    let s = await done();
    assert.equal(colourName(await bytes(s.thumbnailUrl), 0.1, 0.1), 'yellow');
    assert.notEqual(s.thumbnailUrl, old);
    ok(await put(`/videos/${video.id}/thumbnail`, { time: 1 }, { token: owner.token }), 202);
    s = await done();
    const now = await bytes(s.thumbnailUrl);
    assert.deepEqual([[0.1, 0.1], [0.9, 0.1], [0.1, 0.9], [0.9, 0.9]].map(([x, y]) => colourName(now, x, y)), ['red', 'blue', 'green', 'white']);
  });
  it('stays when the video is made anew, and shows what an edit shows', async () => {
    ok(await post(`/videos/${video.id}/edits`, { crop: { x: 0.5, y: 0, width: 0.5, height: 1 }, trim: { start: 1 } }, { token: owner.token }), 202);
    const before = (await state()).thumbnailUrl;
    await until(() => sql(`select count(*) from jobs where subject_id = '${video.id}' and kind = 'transcode' and state in ('queued', 'running')`) === '0', { seconds: 60, what: 'the edition' });
    const folder = (url) => url.split('/').slice(-2, -1)[0];
    assert.equal(folder((await state()).thumbnailUrl), folder(before), 'the one that was chosen stays');
    ok(await put(`/videos/${video.id}/thumbnail`, { time: 0.5 }, { token: owner.token }), 202);
    const now = await bytes((await done()).thumbnailUrl);
    assert.deepEqual([[0.1, 0.1], [0.1, 0.9]].map(([x, y]) => colourName(now, x, y)), ['blue', 'white'], 'a time is of what plays');
    ok(await put(`/videos/${video.id}/thumbnail`, { time: 2 }, { token: owner.token }), 202);
    assert.equal(colourName(await bytes((await done()).thumbnailUrl), 0.5, 0.5), 'yellow');
  });
  it('goes, and the one that was made is there again', async () => {
    const own = (await state()).thumbnailUrl;
    ok(await del(`/videos/${video.id}/thumbnail`, { token: owner.token }), 204);
    const s = await state();
    assert.equal(s.isCustom, false);
    await bytes(s.thumbnailUrl);
    await until(async () => await statusOf(base + own) !== 200, { seconds: 30, what: 'the end of the old address' });
  });
  it('is refused with a reason when it is no picture, and is its owner’s', async () => {
    ok(await send(Buffer.from('\x89PNG but not really')), 202);
    const s = await done();
    assert.match(s.failureReason, /not a PNG, JPEG or WebP/);
    assert.equal(s.isCustom, false);
    fails(await send(Buffer.from('GIF89a'), 'image/gif'), 415);
    fails(await send(Buffer.alloc(9 << 20)), 413);
    fails(await put(`/videos/${video.id}/thumbnail`, { time: -1 }, { token: owner.token }), 400);
    fails(await put(`/videos/${video.id}/thumbnail`, { time: 1, x: 1 }, { token: owner.token }), 400, 'UNKNOWN_FIELD');
    fails(await send(picture('color=blue:s=20x20'), 'image/png', other), 404);
    fails(await get(`/videos/${video.id}/thumbnail`, { token: other.token }), 404);
    fails(await del(`/videos/${video.id}/thumbnail`, { token: other.token }), 404);
    const open = ok(await post('/videos', { title: 'No file yet' }, { token: owner.token }), 201);
    fails(await put(`/videos/${open.id}/thumbnail`, { time: 1 }, { token: owner.token }), 409);
  });
  it('takes a late time as the end, and far times of a long file quickly', async () => {
    const v = await settled(owner, (await uploadMultipart(owner, makeQuarters())).id);
    ok(await put(`/videos/${v.id}/thumbnail`, { time: 5000 }, { token: owner.token }), 202);
    assert.equal(colourName(await bytes((await done(v.id)).thumbnailUrl), 0.5, 0.5), 'yellow');
  });
});
