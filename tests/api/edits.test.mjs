// tests/api/edits.test.mjs - trim, crop, rotate, mute: a new edition of the original, and back.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { before, describe, it } from 'node:test';
import { base, call, del, fails, get, newUser, ok, post, until } from '../lib/api.mjs';
import { colourName, makeQuarters, sizeOf } from '../lib/look.mjs';
import { probe } from '../lib/media.mjs';
import { settled, sql, uploadMultipart } from '../lib/video.mjs';

let owner, other, video;
before(async () => {
  [owner, other] = await Promise.all([newUser(), newUser()]);
  video = await settled(owner, (await uploadMultipart(owner, makeQuarters())).id);
});

const edits = (id = video.id) => get(`/videos/${id}/edits`, { token: owner.token });
const edit = (json, { id = video.id, user = owner } = {}) => post(`/videos/${id}/edits`, json, { token: user.token });
const undo = (id = video.id, user = owner) => del(`/videos/${id}/edits/latest`, { token: user.token });
/** Waits until nothing works on the video; the address of its best rendition. */
async function edition(id = video.id) {
  await until(() => sql(`select count(*) from jobs where subject_id = '${id}' and kind = 'transcode' and state in ('queued', 'running')`) === '0', { seconds: 60, what: 'the edition' });
  const s = ok(await get(`/videos/${id}/stream`, { token: owner.token }));
  return { ...s, mp4: base + s.mp4Urls[s.qualities[0]] };
}
const kinds = (url) => probe(url).streams.map((s) => s.codec_type).sort();

describe('an edit', () => {
  it('shows a span, a part of the picture, turned, without sound; taking it back shows the whole', async () => {
    const made = ok(await edit({ trim: { start: 1, end: 3 }, crop: { x: 0, y: 0, width: 0.5, height: 1 }, rotate: 90, mute: true }), 202);
    assert.deepEqual([made.state, made.trim, made.rotate, made.mute], ['processing', { start: 1, end: 3 }, 90, true]);
    const cut = await edition();
    assert.ok(Math.abs(cut.duration - 2) < 0.1, `${cut.duration} s instead of 2`);
    const { width, height } = sizeOf(cut.mp4);
    assert.deepEqual([width, height], [360, 320]);
    assert.equal(colourName(cut.mp4, 0.1, 0.5, 0.3), 'green', 'the left half, its bottom turned to the left');
    assert.equal(colourName(cut.mp4, 0.9, 0.5, 0.3), 'red');
    assert.equal(colourName(cut.mp4, 0.5, 0.5, 1.5), 'yellow');
    assert.deepEqual(kinds(cut.mp4), ['video']);
    const thumbnail = Buffer.from(await (await fetch(base + cut.thumbnails[0])).arrayBuffer());
    assert.equal(colourName(thumbnail, 0.1, 0.5), 'green', 'the stills show the same');
    const told = ok(await edits());
    assert.equal(told.edits[0].state, 'applied');
    assert.deepEqual([told.source.width, told.source.height, told.source.hasAudio, Math.round(told.source.duration)], [640, 360, true, 4], 'the original is told as it is');

    assert.equal(ok(await undo(), 202).state, 'undone');
    const whole = await edition();
    assert.ok(Math.abs(whole.duration - 4) < 0.1, `${whole.duration} s instead of 4`);
    assert.equal(colourName(whole.mp4, 0.9, 0.9, 1), 'white');
    assert.deepEqual(kinds(whole.mp4), ['audio', 'video']);
    fails(await undo(), 404);
  });

  it('keeps sound and picture together, and is always of the original', async () => {
    ok(await edit({ trim: { start: 3 } }), 202);
    await edition();
    ok(await edit({ trim: { start: 1 } }), 202);
    const now = await edition();
    assert.ok(Math.abs(now.duration - 3) < 0.1, `${now.duration} s instead of 3`);
    assert.equal(colourName(now.mp4, 0.1, 0.1, 0.9), 'red');
    assert.equal(colourName(now.mp4, 0.1, 0.1, 1.1), 'yellow');
    const log = execFileSync('sh', ['-c', `ffmpeg -hide_banner -i '${now.mp4}' -af silencedetect=n=-30dB:d=0.3 -f null - 2>&1`], { encoding: 'utf8' });
    const end = Number(/silence_end: ([0-9.]+)/.exec(log)?.[1]);
    assert.ok(Math.abs(end - 1) < 0.06, `the tone begins at ${end} s instead of 1`);
    ok(await undo(), 202);
    assert.ok(Math.abs((await edition()).duration - 1) < 0.1, 'the one before it shows again');
    ok(await undo(), 202);
    await edition();
  });

  it('cuts what people see, also of a file that players turn', async () => {
    const turned = await settled(owner, (await uploadMultipart(owner, makeQuarters({ rotation: 90 }))).id);
    const before = await edition(turned.id);
    assert.deepEqual([0.1, 0.9].map((x) => colourName(before.mp4, x, 0.1, 1)), ['green', 'red']);
    ok(await edit({ crop: { x: 0.5, y: 0, width: 0.5, height: 0.5 } }, { id: turned.id }), 202);
    const { mp4 } = await edition(turned.id);
    const { width, height } = sizeOf(mp4);
    assert.deepEqual([width, height], [180, 320]);
    assert.deepEqual([[0.1, 0.1], [0.9, 0.9]].map(([x, y]) => colourName(mp4, x, y, 1)), ['red', 'red']);
  });

  it('takes the captions along, and a search leads to the right second', async () => {
    const clip = await settled(owner, (await uploadMultipart(owner, makeQuarters(), { title: 'Words' })).id);
    const word = `uttered${Date.now()}`;
    const body = `WEBVTT\n\n00:00.000 --> 00:00.900\ngone\n\n00:02.000 --> 00:03.500\n${word}\n`;
    ok(await call('PUT', `/videos/${clip.id}/captions/en`, { token: owner.token, body, headers: { 'content-type': 'text/vtt' } }));
    ok(await edit({ trim: { start: 1, end: 3 } }, { id: clip.id }), 202);
    await edition(clip.id);
    const text = await until(async () => {
      const [c] = ok(await get(`/videos/${clip.id}/captions`, { token: owner.token }));
      const r = c.url && (await fetch(base + c.url)); // an address of before the edition leads nowhere any more
      const t = r && (await r.text());
      return r?.ok && !t.includes('gone') && t;
    }, { what: 'the captions of the edition' });
    assert.equal(text, `WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n${word}\n`);
    const found = await until(async () => ok(await get(`/search?q=${word}`)).videos?.[0] ?? ok(await get(`/search?q=${word}&type=videos`))[0], { what: 'the video in the search' });
    assert.equal(found.said.at, 1);
  });

  it('is one at a time, and only of what can be', async () => {
    const all = await Promise.all(Array.from({ length: 6 }, (_, i) => edit({ rotate: 90 * (i % 3 + 1) })));
    assert.deepEqual(all.map((r) => r.status).sort(), [202, 409, 409, 409, 409, 409]);
    await edition();
    for (const [json, field] of [
      [{}, 'trim'], [{ rotate: 45 }, 'rotate'], [{ trim: { start: 2, end: 1 } }, 'trim.end'], [{ trim: { start: 60 } }, 'trim.start'],
      [{ crop: { x: 0.6, y: 0, width: 0.6, height: 1 } }, 'crop'], [{ crop: { x: 0, y: 0, width: 1 } }, 'crop.height'],
    ]) assert.equal(fails(await edit(json), 400).details[0].field, field, JSON.stringify(json));
    fails(await edit({ mute: true }, { user: other }), 404);
    fails(await undo(video.id, other), 404);
    fails(await get(`/videos/${video.id}/edits`, { token: other.token }), 404);
    fails(await edit({ trim: { start: 3.99999 } }, { id: (ok(await post('/videos', { title: 'No file yet' }, { token: owner.token }), 201)).id }), 409);
  });

  it('that leaves nothing fails with a reason, and what played goes on', async () => {
    const clip = await settled(owner, (await uploadMultipart(owner, makeQuarters())).id);
    sql(`update videos set source = source || '{"duration": 100}' where id = '${clip.id}'`); // a file that says more than it has
    ok(await edit({ trim: { start: 50 } }, { id: clip.id }), 202);
    const last = await until(async () => { const [e] = ok(await edits(clip.id)).edits; return e.state === 'failed' && e; }, { seconds: 60, what: 'the failure' });
    assert.match(last.failureReason, /Nothing of this video would be left/);
    assert.ok(Math.abs((await edition(clip.id)).duration - 4) < 0.1);
  });
});
