// tests/clients/tus.test.mjs - the real tus-js-client, unchanged: whole, in chunks, cut off by a restart, resumed, given up.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { before, describe, it } from 'node:test';
import * as tus from 'tus-js-client';
import { apiUrl, call, fails, newUser, until } from '../lib/api.mjs';
import { makeHeavyClip } from '../lib/media.mjs';
import { restart } from '../lib/running.mjs';
import { settled } from '../lib/video.mjs';

let user, clip, size;
before(async () => {
  user = await newUser();
  clip = makeHeavyClip(30_000_000);
  size = statSync(clip).size;
});

const bytes = () => readFileSync(clip);

/** Uploads with tus-js-client; resolves with the video's id. `options` go to the client. */
function upload(options = {}, onStart = () => {}) {
  return new Promise((resolve, reject) => {
    let videoId;
    const up = new tus.Upload(options.source ?? bytes(), {
      endpoint: `${apiUrl}/uploads`,
      headers: { authorization: `Bearer ${user.token}` },
      metadata: { filename: 'long.mp4', title: 'Through tus' },
      retryDelays: [100, 300, 500, 1000, 2000, 3000],
      onAfterResponse: (_req, res) => (videoId ??= res.getHeader('X-Video-Id')),
      onError: reject,
      onSuccess: () => resolve({ videoId, url: up.url }),
      ...options,
    });
    onStart(up);
    up.start();
  });
}

describe('tus-js-client', () => {
  it('uploads in one piece and in chunks', async () => {
    for (const chunkSize of [Infinity, 200_000]) {
      const { videoId } = await upload({ chunkSize });
      const v = await settled(user, videoId);
      assert.equal(v.status, 'ready', JSON.stringify(v.failure));
      assert.equal(v.sizeBytes, size);
      assert.equal(v.title, 'Through tus');
    }
  });
  it('creates and sends in one request', async () => {
    const { videoId } = await upload({ uploadDataDuringCreation: true });
    assert.equal((await settled(user, videoId)).sizeBytes, size);
  });
  it('resumes after the server was restarted in the middle, from where it was', async () => {
    let cut = false;
    const offsets = [];
    const { videoId } = await upload({
      source: createReadStream(clip, { highWaterMark: 64 * 1024 }),
      uploadSize: size,
      chunkSize: 150_000,
      onAfterResponse: undefined,
      onChunkComplete: (_chunk, accepted) => {
        offsets.push(accepted);
        if (accepted > size / 3 && !cut) {
          cut = true;
          restart('fcgi');
        }
      },
      onShouldRetry: () => true,
    }).then(async (up) => ({ ...up, videoId: up.videoId ?? (await newest()) }));
    assert.ok(cut);
    assert.deepEqual(offsets, [...offsets].sort((a, b) => a - b), 'the offset never goes back');
    assert.equal((await settled(user, videoId)).sizeBytes, size);
  });
});

const newest = async () => (await call('GET', '/users/me/videos?limit=1', { token: user.token })).data[0].id;
const auth = () => ({ authorization: `Bearer ${user.token}`, 'tus-resumable': '1.0.0' });
const create = async (length, extra = {}) => {
  const res = await fetch(`${apiUrl}/uploads`, { method: 'POST', headers: { ...auth(), 'upload-length': String(length), 'upload-metadata': `title ${Buffer.from('By hand').toString('base64')}`, ...extra } });
  assert.equal(res.status, 201, await res.text());
  return res.headers.get('location');
};
const send = (url, offset, body, extra = {}) =>
  fetch(url, { method: 'PATCH', body, duplex: 'half', headers: { ...auth(), 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream', ...extra } });
const head = async (url) => {
  const res = await fetch(url, { method: 'HEAD', headers: auth() });
  return { status: res.status, offset: Number(res.headers.get('upload-offset')), length: Number(res.headers.get('upload-length')) };
};

describe('the protocol', () => {
  it('tells what it can', async () => {
    const res = await fetch(`${apiUrl}/uploads`, { method: 'OPTIONS' });
    assert.equal(res.status, 204);
    assert.equal(res.headers.get('tus-version'), '1.0.0');
    assert.match(res.headers.get('tus-extension'), /creation.*termination.*checksum.*expiration/);
    assert.ok(Number(res.headers.get('tus-max-size')) > 1e9);
  });
  it('keeps what arrived before a connection was cut', async () => {
    const url = new URL(await create(1_000_000));
    const half = request(url, { method: 'PATCH', headers: { ...auth(), 'upload-offset': '0', 'content-type': 'application/offset+octet-stream', 'content-length': '1000000' } });
    half.on('error', () => {});
    half.write(Buffer.alloc(400_000));
    await new Promise((r) => setTimeout(r, 500));
    half.destroy();
    const kept = await until(async () => (await head(url)).offset, { what: 'bytes on disk' });
    assert.equal(kept, 400_000);
    const rest = await until(async () => {
      const res = await send(url, kept, Buffer.alloc(600_000));
      return res.status !== 409 && res; // the cut request may still hold the file for a moment
    });
    assert.equal(rest.status, 204, await rest.text());
    assert.equal(rest.headers.get('upload-offset'), '1000000');
  });
  it('refuses another offset, another type, another version, and more bytes than were told', async () => {
    const url = await create(10);
    const status = async (promise) => (await promise).status;
    assert.equal(await status(send(url, 5, 'hello')), 409);
    assert.equal(await status(send(url, 0, 'hello', { 'content-type': 'text/plain' })), 415);
    assert.equal(await status(send(url, 0, 'hello', { 'tus-resumable': '0.2.2' })), 412);
    assert.equal(await status(send(url, 0, 'x'.repeat(11))), 413);
    assert.equal((await head(url)).status, 200);
  });
  it('checks a checksum, and takes nothing of a chunk whose sum is wrong', async () => {
    const url = await create(10);
    const sum = (s) => `sha1 ${createHash('sha1').update(s).digest('base64')}`;
    const wrong = await send(url, 0, 'hello', { 'upload-checksum': sum('other') });
    assert.equal(wrong.status, 460);
    assert.equal((await head(url)).offset, 0);
    assert.equal((await send(url, 0, 'hello', { 'upload-checksum': sum('hello') })).status, 204);
    assert.equal((await head(url)).offset, 5);
    assert.equal((await send(url, 5, 'world', { 'upload-checksum': 'crc32 AAAA' })).status, 400);
  });
  it('gives an upload up', async () => {
    const url = await create(10);
    assert.equal((await fetch(url, { method: 'DELETE', headers: auth() })).status, 204);
    assert.equal((await head(url)).status, 404);
  });
  it("is nobody else's", async () => {
    const url = await create(10);
    const stranger = await newUser();
    const res = await fetch(url, { method: 'HEAD', headers: { ...auth(), authorization: `Bearer ${stranger.token}` } });
    assert.equal(res.status, 404);
  });
  it('refuses malformed metadata and lengths', async () => {
    const bad = (headers) => call('POST', '/uploads', { token: user.token, headers: { 'tus-resumable': '1.0.0', ...headers } });
    fails(await bad({ 'upload-length': '10', 'upload-metadata': 'title not*base64' }), 400);
    fails(await bad({ 'upload-length': 'many' }), 400);
    fails(await bad({ 'upload-length': '-1' }), 400);
    fails(await bad({}), 400);
    fails(await bad({ 'upload-length': '99999999999999' }), 413, 'PAYLOAD_TOO_LARGE');
    fails(await bad({ 'upload-length': '10', 'upload-metadata': `title ${Buffer.from('x').toString('base64')}` }), 400, 'VALIDATION_ERROR');
  });
});
