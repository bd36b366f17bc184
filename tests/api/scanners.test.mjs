// tests/api/scanners.test.mjs - texts scored by a strict stand-in of the scorer, files looked at by a real clamd with a
// signature of our own, on a stack of its own.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, chmodSync, existsSync, mkdtempSync, mkdirSync, openAsBlob, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { makeClip } from '../lib/media.mjs';
import { apiOf, startStack } from '../lib/stack.mjs';

const clamd = ['/usr/sbin/clamd', '/usr/bin/clamd'].find(existsSync);
const eicar = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('');
const folder = mkdtempSync(join(tmpdir(), 'atelier-scan-'));
const socket = join(folder, 'clamd.sock');
const problems = [];
let scanner, scorer, stack, api, videos, ann;

/** Scores by what a text says: "score 0.9"; without that, nothing bad. "broken" is answered badly. */
function answer(text, res) {
  const body = JSON.parse(text);
  if (Object.keys(body).sort().join() !== 'kind,words' || !['video', 'comment', 'user'].includes(body.kind)) problems.push(text);
  const said = JSON.stringify(body.words);
  if (said.includes('broken')) return res.writeHead(200, { 'content-type': 'application/json' }).end('{"score":"high"}');
  res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ score: Number(/score (0\.\d+)/.exec(said)?.[1] ?? 0), labels: ['insult'] }));
}

/** The classifier: a JPEG, and what the test says of it. */
let pictureScore = 0, pictures = 0;
async function picture(req, res) {
  const parts = [];
  for await (const part of req) parts.push(part);
  const bytes = Buffer.concat(parts);
  if (req.headers['content-type'] !== 'image/jpeg' || bytes.readUInt16BE(0) !== 0xffd8 || bytes.readUInt16BE(bytes.length - 2) !== 0xffd9) problems.push('no whole JPEG');
  pictures++;
  res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ score: pictures % 3 ? 0.1 : pictureScore, labels: ['nudity'] }));
}

const answers = (path) => new Promise((resolve) => {
  const s = connect(path, () => { s.end(); resolve(true); });
  s.on('error', () => resolve(false));
});

before(async () => {
  scorer = createServer(async (req, res) => {
    if (req.method === 'POST' && req.url === '/images') return picture(req, res);
    let text = '';
    for await (const part of req) text += part;
    if (req.method !== 'POST' || req.url !== '/score' || req.headers['content-type'] !== 'application/json') problems.push(`${req.method} ${req.url}`);
    answer(text, res);
  });
  await new Promise((resolve) => scorer.listen(0, '127.0.0.1', resolve));
  if (clamd) {
    mkdirSync(join(folder, 'db'));
    writeFileSync(join(folder, 'db', 'own.ndb'), `Eicar-Test:0:*:${Buffer.from(eicar).toString('hex')}\n`);
    writeFileSync(join(folder, 'clamd.conf'), `LocalSocket ${socket}\nLocalSocketMode 666\nDatabaseDirectory ${join(folder, 'db')}\nForeground yes\nStreamMaxLength 20M\n`);
    chmodSync(folder, 0o755);
    scanner = spawn(clamd, ['-c', join(folder, 'clamd.conf')], { stdio: 'ignore' });
  }
  stack = startStack({ ATELIER_RATELIMIT_SCALE: '1000', ATELIER_MODERATION_TEXT_SCORER_URL: `http://127.0.0.1:${scorer.address().port}/score`, ATELIER_MODERATION_IMAGE_CLASSIFIER_URL: `http://127.0.0.1:${scorer.address().port}/images`, ATELIER_MODERATION_CLAMD_SOCKET: socket });
  api = await apiOf(stack);
  videos = await import(`../lib/video.mjs?${encodeURIComponent(stack.url)}`);
  videos.sql('update moderation_settings set score_text = true, classify_frames = true, scan_files = true');
  ann = await api.newUser();
});
after(() => {
  stack?.stop();
  scorer?.close().closeAllConnections();
  scanner?.kill();
  rmSync(folder, { recursive: true, force: true });
});

const checked = (id, kind) => api.until(() => videos.sql(`select state from jobs where kind = '${kind}' and subject_id = '${id}'`) === 'done', { seconds: 40, every: 100, what: `${kind} of ${id}` });

const upload = async (path) => {
  const form = new FormData();
  form.append('title', 'A file');
  form.append('file', await openAsBlob(path), 'a.mp4');
  const res = await fetch(`${stack.url}/api/v1/videos`, { method: 'POST', body: form, headers: { authorization: `Bearer ${ann.token}` } });
  assert.equal(res.status, 201);
  return (await res.json()).data.id;
};

describe('a scored text', () => {
  const comment = async (video, text) => api.ok(await api.post('/comments', { videoId: video, text }, { token: ann.token }), 201).id;
  const state = (id) => videos.sql(`select (hidden_at is not null) || ' ' || coalesce((select r.score || ' ' || (r.details ->> 'verdict') from cases c join reports r on r.case_id = c.id where c.subject_id = m.id), '') from comments m where id = '${id}'`);

  test('is hidden above 0.8, held above 0.5, and let through below; an odd answer is no score', async () => {
    const [video] = videos.plantVideos(ann, 1);
    const ids = [];
    for (const text of ['score 0.81', 'score 0.8', 'score 0.51', 'score 0.5', 'kind words']) ids.push(await comment(video, text));
    for (const id of ids) await checked(id, 'check_text');
    assert.deepEqual(ids.map(state), ['true 0.81 hide', 'true 0.8 hold', 'true 0.51 hold', 'false', 'false']);
    const odd = await comment(video, 'broken');
    await api.until(() => videos.sql(`select reason_code from jobs where kind = 'check_text' and subject_id = '${odd}'`) === 'SCORER_ODD', { every: 50, what: 'the failed attempt' });
    assert.equal(state(odd), 'false');
    assert.deepEqual(problems, []);
  });
});

test('the stills of a video are shown to the classifier: removed above 0.9, held above 0.7', async () => {
  const clip = makeClip({ seconds: 1, size: '320x180', name: 'still.mp4' });
  for (const [score, expected] of [[0.7, 'false false'], [0.71, 'true false'], [0.91, 'true true']]) {
    [pictureScore, pictures] = [score, 0];
    const id = await upload(clip);
    await checked(id, 'check_image');
    assert.equal(pictures, 3);
    assert.equal(videos.sql(`select (hidden_at is not null) || ' ' || (removed_at is not null) from videos where id = '${id}'`), expected, String(score));
  }
  pictureScore = 0;
  assert.deepEqual(problems, []);
});

describe('an uploaded file', { skip: !clamd && 'no clamd here' }, () => {
  test('with a known signature is removed, and its uploader told; a clean one plays', async () => {
    await api.until(() => answers(socket), { seconds: 30, what: 'clamd' });
    const clean = makeClip({ seconds: 1, size: '320x180', name: 'clean.mp4' });
    const bad = join(folder, 'bad.mp4');
    execFileSync('cp', [clean, bad]);
    appendFileSync(bad, `\0\0\0\x4cfree${eicar}`, 'latin1');
    const [good, infected] = [await upload(clean), await upload(bad)];
    await checked(good, 'check_file');
    await checked(infected, 'check_file');
    assert.equal(videos.sql(`select (removed_at is not null) || ' ' || (select r.check_kind || ' ' || (r.details ->> 'name') || ' ' || d.action || ' ' || d.is_automatic from cases c join reports r on r.case_id = c.id join decisions d on d.case_id = c.id where c.subject_id = v.id) from videos v where id = '${infected}'`),
      'true virus Eicar-Test.UNOFFICIAL remove true');
    assert.equal(videos.sql(`select removed_at is null and hidden_at is null from videos where id = '${good}'`), 't');
    assert.ok(api.ok(await api.get('/notifications', { token: ann.token })).some((n) => n.data?.words?.includes('automatic check')));
  });
});
