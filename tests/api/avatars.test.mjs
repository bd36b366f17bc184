// tests/api/avatars.test.mjs - a person's picture: made anew by the worker, square, upright, without metadata; and what is
// refused, with a reason.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { crc32, deflateSync } from 'node:zlib';
import { base, call, del, fails, get, newUser, ok, until } from '../lib/api.mjs';
import { colourAt, sizeOf } from '../lib/look.mjs';
import { dir, sql } from '../lib/running.mjs';

const folder = mkdtempSync(join(tmpdir(), 'atelier-avatars-'));
const ffmpeg = (...args) => execFileSync('ffmpeg', ['-v', 'error', '-y', ...args]);

/** A picture made by ffmpeg from a lavfi source. */
function picture(name, source, ...how) {
  const path = join(folder, name);
  ffmpeg('-f', 'lavfi', '-i', source, '-frames:v', '1', ...how, path);
  return readFileSync(path);
}

const is = (seen, wanted) => seen.every((c, i) => Math.abs(c - wanted[i]) < 40);
const [RED, BLUE, WHITE] = [[255, 0, 0], [0, 0, 255], [255, 255, 255]];

/** A JPEG with an EXIF block behind its beginning: an orientation, and where it was taken. */
function withExif(jpeg, orientation) {
  const tiff = Buffer.alloc(200);
  tiff.write('II*\0\x08\0\0\0', 0, 'latin1');
  tiff.writeUInt16LE(2, 8);
  const entry = (at, tag, type, count, value) => {
    tiff.writeUInt16LE(tag, at);
    tiff.writeUInt16LE(type, at + 2);
    tiff.writeUInt32LE(count, at + 4);
    tiff.writeUInt32LE(value, at + 8);
  };
  entry(10, 0x0112, 3, 1, orientation);
  entry(22, 0x8825, 4, 1, 40); // the GPS directory
  tiff.writeUInt16LE(2, 40);
  entry(42, 1, 2, 2, 'N'.charCodeAt(0));
  entry(54, 2, 5, 3, 80); // latitude 38° 42' 25"
  [38, 1, 42, 1, 25, 1].forEach((n, i) => tiff.writeUInt32LE(n, 80 + 4 * i));
  tiff.write('LISBOA-GPS-MARK', 120, 'latin1');
  const body = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff]);
  const head = Buffer.from([0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, body, jpeg.subarray(2)]);
}

/** A PNG of so many pixels that is a few kilobytes: each line is nothing. */
function bomb(width, height) {
  const chunk = (type, data) => {
    const all = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const out = Buffer.alloc(all.length + 8);
    out.writeUInt32BE(data.length, 0);
    all.copy(out, 4);
    out.writeUInt32BE(crc32(all), all.length + 4);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head[8] = 1; // one bit a pixel
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head), chunk('IDAT', deflateSync(Buffer.alloc(Math.ceil(width / 8 + 1) * height))), chunk('IEND', Buffer.alloc(0))]);
}

const send = (user, bytes, type) => call('PUT', '/users/me/avatar', { token: user.token, body: bytes, headers: { 'content-type': type } });
const me = async (user) => ok(await get('/users/me', { token: user.token }));

/** Sends a picture and waits for what became of it: the caller's profile. */
async function settled(user, bytes, type = 'image/png') {
  const sent = ok(await send(user, bytes, type), 202);
  assert.equal(sent.status, 'processing');
  return until(async () => {
    const now = await me(user);
    return now.avatar?.status !== 'processing' && now;
  }, { seconds: 20, what: 'the picture' });
}
const fetched = async (url) => {
  const res = await fetch(new URL(url, base));
  assert.equal(res.status, 200, url);
  return { type: res.headers.get('content-type'), bytes: Buffer.from(await res.arrayBuffer()) };
};

let halves, jpeg;
before(() => {
  halves = 'color=red:size=300x200[a];color=blue:size=300x200[b];[a][b]hstack'; // 600x200: red, blue
  jpeg = picture('halves.jpg', halves, '-q:v', '2', '-pix_fmt', 'yuvj444p');
});

describe('PUT /users/me/avatar', () => {
  test('makes two squares of a PNG, a JPEG and a WebP', async () => {
    const user = await newUser();
    for (const [type, bytes] of [['image/png', picture('a.png', halves)], ['image/jpeg', jpeg], ['image/webp', picture('a.webp', halves, '-c:v', 'libwebp')]]) {
      const profile = await settled(user, bytes, type);
      assert.equal(profile.avatar, null);
      const large = await fetched(profile.avatarUrl);
      const small = await fetched(profile.avatarSmallUrl);
      assert.equal(large.type, 'image/jpeg');
      assert.deepEqual(sizeOf(large.bytes), { codec: 'mjpeg', width: 512, height: 512 });
      assert.deepEqual(sizeOf(small.bytes), { codec: 'mjpeg', width: 128, height: 128 });
      // the middle square: half of each colour
      for (const { bytes: b } of [large, small]) {
        assert.ok(is(colourAt(b, 0.2, 0.5), RED), `${type}: ${colourAt(b, 0.2, 0.5)}`);
        assert.ok(is(colourAt(b, 0.8, 0.5), BLUE), `${type}: ${colourAt(b, 0.8, 0.5)}`);
      }
    }
    const seen = ok(await get(`/users/${user.id}`));
    assert.ok(seen.avatarUrl && seen.avatarSmallUrl);
  });

  test('turns a photograph upright, and keeps nothing of where and with what it was taken', async () => {
    const user = await newUser();
    for (const [orientation, red, blue] of [[1, [0.2, 0.5], [0.8, 0.5]], [2, [0.8, 0.5], [0.2, 0.5]], [3, [0.8, 0.5], [0.2, 0.5]], [6, [0.5, 0.2], [0.5, 0.8]], [8, [0.5, 0.8], [0.5, 0.2]]]) {
      const sent = withExif(jpeg, orientation);
      assert.ok(sent.includes('LISBOA-GPS-MARK'));
      const profile = await settled(user, sent, 'image/jpeg');
      for (const url of [profile.avatarUrl, profile.avatarSmallUrl]) {
        const { bytes } = await fetched(url);
        for (const trace of ['Exif', 'GPS', 'LISBOA', 'Lavc']) assert.ok(!bytes.includes(trace), `${trace} in orientation ${orientation}`);
        assert.ok(is(colourAt(bytes, ...red), RED) && is(colourAt(bytes, ...blue), BLUE), `orientation ${orientation}`);
      }
    }
    assert.ok(!readdirSync(join(dir, 'media/incoming')).some((f) => sql(`select count(*) from users where avatar_pending = '${f}'`) !== '0' && f.startsWith('avatar-')));
  });

  test('puts what is transparent on white', async () => {
    const user = await newUser();
    const clear = picture('clear.png', 'color=black@0.0:size=64x64,format=rgba');
    const { avatarUrl } = await settled(user, clear);
    assert.ok(is(colourAt((await fetched(avatarUrl)).bytes, 0.5, 0.5), WHITE));
  });

  test('says why a file is refused, and keeps the old picture', async () => {
    const user = await newUser();
    const { avatarUrl } = await settled(user, jpeg, 'image/jpeg');
    const huge = bomb(30_000, 30_000);
    assert.ok(huge.length < 200_000);
    for (const [what, bytes, reason] of [
      ['a bomb', huge, /too many pixels/],
      ['a text', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), /not a PNG, JPEG or WebP/],
      ['a page behind the right first bytes', Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.from('<html>'.repeat(100))]), /not a PNG, JPEG or WebP/],
      ['a film', picture('a.gif', 'testsrc=size=64x64', '-f', 'gif'), /not a PNG, JPEG or WebP/],
      ['half a header', jpeg.subarray(0, 10), /not a PNG, JPEG or WebP/],
    ]) {
      const profile = await settled(user, bytes);
      assert.equal(profile.avatar?.status, 'failed', what);
      assert.match(profile.avatar.message, reason, what);
      assert.equal(profile.avatarUrl.split('/').at(-2), avatarUrl.split('/').at(-2), what);
    }
    assert.equal((await settled(user, jpeg, 'image/jpeg')).avatar, null);
  });

  test('refuses at once what no worker need look at', async () => {
    const user = await newUser();
    fails(await send(user, Buffer.from('GIF89a'), 'image/gif'), 415, 'UNSUPPORTED_MEDIA_TYPE');
    fails(await send(user, Buffer.from('x'), 'application/json'), 415, 'UNSUPPORTED_MEDIA_TYPE');
    fails(await send(user, Buffer.alloc(9 << 20), 'image/png'), 413, 'PAYLOAD_TOO_LARGE');
    fails(await send(user, undefined, 'image/png'), 400, 'BAD_REQUEST');
    fails(await call('PUT', '/users/me/avatar', { body: jpeg, headers: { 'content-type': 'image/jpeg' } }), 401, 'UNAUTHENTICATED');
  });

  test('removes the old one when it is replaced, and the last one when it is taken back', async () => {
    const user = await newUser();
    const path = () => join(dir, 'media/public', sql(`select avatar_key from users where id = '${user.id}'`), '..');
    await settled(user, jpeg, 'image/jpeg');
    const first = path();
    await settled(user, picture('b.png', 'color=red:size=50x50'));
    const second = path();
    assert.ok(first !== second && existsSync(second));
    assert.equal(sql(`update jobs set run_at = now() where user_id = '${user.id}' and kind = 'avatar' and state = 'queued' returning 1`).split('\n')[0], '1');
    await until(() => !existsSync(first), { what: 'the removal of the old picture' });
    ok(await del('/users/me/avatar', { token: user.token }), 204);
    assert.equal((await me(user)).avatarUrl, null);
    await until(() => !existsSync(second), { what: 'the removal of the last picture' });
  });

  test('takes the newest of two that come together', async () => {
    const user = await newUser();
    await Promise.all([send(user, jpeg, 'image/jpeg'), send(user, picture('c.png', 'color=red:size=50x50'), 'image/png')]);
    await until(async () => (await me(user)).avatar === null && (await me(user)).avatarUrl, { seconds: 20 });
    const [key] = sql(`select avatar_key from users where id = '${user.id}'`).split('|');
    assert.ok(existsSync(join(dir, 'media/public', key)));
  });
});
