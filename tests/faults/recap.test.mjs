// tests/faults/recap.test.mjs - a film of real uploads, made by the confined child; its worker is killed in the middle, and there is one
// whole film in the end.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, it } from 'node:test';
import { get, newUser, ok, post, until } from '../lib/api.mjs';
import { colourAt } from '../lib/look.mjs';
import { makeClip, probe } from '../lib/media.mjs';
import { children, dir, pid, sql, start, stop } from '../lib/running.mjs';
import { settled, uploadPut } from '../lib/video.mjs';

let user;
before(async () => {
  user = await newUser({ displayName: 'Ana Exemplo' });
  const { id } = await uploadPut(user, makeClip({ seconds: 8, size: '640x360', name: 'played.mp4' }), { title: 'It plays inside' });
  assert.equal((await settled(user, id)).status, 'ready');
});

it('a film whose worker is killed is made again, whole, once', async () => {
  execFileSync('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', 'sine=f=220:d=8', join(dir, 'music/low tone.flac')]);
  assert.ok(ok(await get('/content/tracks', { token: user.token })).some((t) => t.name === 'low tone.flac'));
  const { videoId } = ok(await post('/content/videos', { title: 'Clips', style: 'classic', kind: 'videos', musicTrack: 'low tone.flac' }, { token: user.token }), 202);
  const film = async () => ok(await get(`/content/videos/${videoId}`, { token: user.token }));
  await until(async () => (await film()).progress >= 30, { seconds: 60, every: 100, what: 'a third of the film' });
  const [child] = children(pid('worker'));
  stop('worker', 'KILL');
  await until(() => !existsSync(`/proc/${child}`), { what: 'the end of the child' });
  assert.notEqual((await film()).status, 'COMPLETED');
  sql(`update jobs set lease_until = now() - interval '1 second' where subject_id = '${videoId}' and state = 'running'`);
  start('worker');
  sql(`update jobs set run_at = now() where subject_id = '${videoId}' and state = 'queued'`);
  const done = await until(async () => {
    sql(`update jobs set run_at = now() where subject_id = '${videoId}' and state = 'queued'`);
    const f = await film();
    assert.notEqual(f.status, 'FAILED', f.errorMessage);
    return f.status === 'COMPLETED' && f;
  }, { seconds: 120, every: 500, what: 'the film' });
  const key = sql(`select file_key from content_items where id = '${videoId}'`);
  assert.deepEqual(readdirSync(join(dir, 'media/public', key, '..')).sort(), ['Clips.mp4', 'poster.jpg']);
  assert.ok(done.videoUrl.endsWith('/Clips.mp4'));
  const file = join(dir, 'media/public', key), { format, streams } = probe(file);
  assert.deepEqual(streams.filter((s) => s.codec_type !== 'data').map((s) => s.codec_name), ['h264', 'aac']);
  // title, figures, two or three charts, the month: the clip's scene is the last but one
  const at = Number(format.duration) - 4.5 - 2, seen = [0.55, 0.65, 0.75, 0.85].map((x) => colourAt(file, x, 0.45, at));
  assert.ok(seen.some((c) => Math.max(...c) - Math.min(...c) > 60 || c[0] + c[1] + c[2] > 300), `the clip plays: ${JSON.stringify(seen)}`);
});
