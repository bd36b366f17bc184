// tests/clips/clips.test.mjs - every real clip and every file that is none ends as its manifest says, through the product.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { base, get, newUser, ok } from '../lib/api.mjs';
import { hasMedia, manifest, mediaDir, probe } from '../lib/media.mjs';
import { settled, uploadPut } from '../lib/video.mjs';

const reasons = (note) => note.split(/[ (]/)[0];
const isCloseTo = (a, b, by) => Math.abs(a - b) <= by;

describe('the clips of the manifest', { skip: !hasMedia && 'no ATELIER_MEDIA_DIR', concurrency: 4 }, () => {
  let user;
  before(async () => {
    user = await newUser();
  });
  for (const { file, duration, expect } of manifest)
    it(file, async () => {
      const v = await settled(user, (await uploadPut(user, `${mediaDir}/${file}`)).id, 400);
      assert.equal(v.status, expect.status, `${v.failure?.code}: ${v.failure?.message}`);
      if (expect.status === 'failed') {
        assert.ok(v.failure.message.length > 10 && v.failure.message.endsWith('.'));
        assert.equal(v.failure.code, reasons(expect.note));
        return;
      }
      const [w, h] = expect.display.split('x').map(Number);
      assert.ok(isCloseTo(v.width, w, 2) && isCloseTo(v.height, h, 2), `shown as ${v.width}x${v.height}, wanted ${expect.display}`);
      if (duration && !/truncated/.test(expect.note ?? '')) assert.ok(isCloseTo(v.duration, duration, Math.max(0.35, duration * 0.03)), `${v.duration} s, wanted ${duration}`);
      const warned = /warn: (\w+)/.exec(expect.note ?? '')?.[1];
      if (warned) assert.ok(v.warnings.some((x) => x.code === warned), JSON.stringify(v.warnings));
      const stream = ok(await get(`/videos/${v.id}/stream`));
      const sides = [];
      for (const path of Object.values(stream.mp4Urls)) {
        const { streams } = probe(base + path);
        const picture = streams.find((s) => s.codec_type === 'video');
        const sound = streams.find((s) => s.codec_type === 'audio');
        sides.push(Math.min(picture.width, picture.height));
        assert.equal(picture.pix_fmt, 'yuv420p');
        assert.equal(picture.codec_name, 'h264');
        assert.ok(isCloseTo(picture.width / picture.height, w / h, (w / h) * (Math.min(w, h) < 64 ? 0.5 : 0.02)), `${picture.width}x${picture.height} keeps ${expect.display}`);
        assert.equal(Boolean(sound), expect.audio === 'transcode', 'sound');
        if (sound) assert.deepEqual([sound.codec_name, sound.sample_rate, sound.channels], ['aac', '48000', 2]);
      }
      const wanted = expect.rungs_by_short_side.map((r) => (r === 'source' ? Math.max(2, Math.min(w, h) & ~1) : r));
      assert.deepEqual(sides.sort((a, b) => a - b), wanted.sort((a, b) => a - b));
    });
});
