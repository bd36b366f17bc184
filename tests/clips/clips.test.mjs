// tests/clips/clips.test.mjs - every real clip and every file that is none ends as its manifest says, through the product: what
// people are told of it, what the web server sends them, and every promise of a stream, on the files that the worker left.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { before, describe, it } from 'node:test';
import { base, get, newUser, ok } from '../lib/api.mjs';
import { hasMedia, manifest, mediaDir } from '../lib/media.mjs';
import { settled, sql, uploadPut } from '../lib/video.mjs';
import { checkStream } from '../media/stream.mjs';

const reasons = (note) => note.split(/[ (]/)[0];
const isCloseTo = (a, b, by) => Math.abs(a - b) <= by;
const published = (...parts) => join(process.env.STACK_DIR, 'media/public', ...parts);
const filesOf = (id, tenant) => (existsSync(published(tenant, id)) ? readdirSync(published(tenant, id), { recursive: true }) : []);

/** What the worker wrote down of a video: its renditions as stream.mjs wants them, their folder, and the size that was seen. */
function workOn(id) {
  const { rungs, ...work } = JSON.parse(sql(`select json_build_object('tenant', tenant_id, 'size', (source ->> 'width') || 'x' || (source ->> 'height'),
      'rungs', (select json_agg(r) from renditions r where video_id = v.id and state = 'ready')) from videos v where id = '${id}'`));
  return {
    ...work,
    folder: rungs && published(dirname(rungs[0].media_key)),
    rungs: rungs?.map((r) => ({ ...r, file: basename(r.media_key), size: `${r.width}x${r.height}`, bytes: r.size_bytes })),
  };
}

/** Both sides of each rendition keep the clip's shape, and their shorter ones are those that the manifest names. */
function checkShape(expect, work) {
  const [wide, high] = expect.display.split('x').map(Number);
  assert.equal(work.size, expect.display);
  for (const { width: w, height: h } of work.rungs)
    assert.ok(Math.abs(w - (h * wide) / high) <= 2.01 || Math.abs(h - (w * high) / wide) <= 2.01, `${w}x${h} keeps the shape`);
  const shorts = work.rungs.map((r) => Math.min(r.width, r.height)).sort((a, b) => a - b);
  assert.deepEqual(shorts, expect.rungs_by_short_side.map((r) => (r === 'source' ? Math.max(2, Math.min(wide, high) & ~1) : r)).sort((a, b) => a - b));
}

function checkFailed(v, expect) {
  assert.ok(v.failure.message.length > 10 && v.failure.message.endsWith('.'));
  assert.equal(v.failure.code, reasons(expect.note));
  assert.deepEqual(filesOf(v.id, workOn(v.id).tenant).filter((f) => /\.(mp4|part)$/.test(f)), []);
}

/** What the stream's addresses send is what lies there. */
async function checkServed(id, work) {
  const { mp4Urls } = ok(await get(`/videos/${id}/stream`));
  assert.deepEqual(Object.keys(mp4Urls).sort(), work.rungs.map((r) => r.name).sort());
  for (const r of work.rungs) {
    const res = await fetch(base + mp4Urls[r.name]);
    assert.equal(res.status, 200);
    assert.ok(readFileSync(join(work.folder, r.file)).equals(Buffer.from(await res.arrayBuffer())), `${r.file} as it is`);
  }
}

describe('the clips of the manifest', { skip: !hasMedia && 'no ATELIER_MEDIA_DIR', concurrency: 4 }, () => {
  let user;
  before(async () => {
    user = await newUser();
  });
  it('are there', () => assert.ok(manifest.length > 0));
  for (const { file, duration, expect } of manifest)
    it(file, async () => {
      const v = await settled(user, (await uploadPut(user, `${mediaDir}/${file}`)).id, 400, 500);
      assert.equal(v.status, expect.status, `${v.failure?.code}: ${v.failure?.message}`);
      if (expect.status === 'failed') return checkFailed(v, expect);
      const work = workOn(v.id);
      checkShape(expect, work);
      assert.equal(`${v.width}x${v.height}`, expect.display);
      const isTruncated = v.warnings.some((w) => w.code === 'truncated');
      if (duration && !/truncated/.test(expect.note ?? '')) assert.ok(isCloseTo(v.duration, duration, Math.max(0.35, duration * 0.03)), `${v.duration} s, wanted ${duration}`);
      const warned = /warn: (\w+)/.exec(expect.note ?? '')?.[1];
      if (warned) assert.ok(v.warnings.some((x) => x.code === warned), JSON.stringify(v.warnings));
      for (const s of checkStream(work.folder, work.rungs)) {
        assert.equal(s.audio ? 'transcode' : 'none', expect.audio, 'sound');
        if (duration && !isTruncated) assert.ok(isCloseTo(s.seconds, duration, 0.15), `${s.seconds} s of ${duration}`);
        assert.ok(isCloseTo(s.listed, s.seconds, 0.6), 'the playlist is as long as the film');
      }
      assert.deepEqual(filesOf(v.id, work.tenant).filter((f) => f.endsWith('.part')), []);
      await checkServed(v.id, work);
    });
});

it('the worker and its children said nothing but their log', { skip: !hasMedia }, () => {
  for (const line of readFileSync(join(process.env.STACK_DIR, 'log/worker.log'), 'utf8').split('\n').filter(Boolean)) assert.doesNotThrow(() => JSON.parse(line), line);
});
