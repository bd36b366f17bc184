// tests/bench/hostile_edit.mjs - how long edits made to be costly hold up atelier-live for everybody else: another socket asks for a
// pong all the time (from a thread of its own) while they are worked off. Against a running installation: node tests/bench/hostile_edit.mjs
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';

const { newUser, ok, post } = await import('../lib/api.mjs');
const { connect } = await import('../lib/sockets.mjs');

if (!isMainThread) {
  const s = connect('/live', { token: workerData.token });
  await s.next({ type: 'welcome' });
  let worst = 0, count = 0;
  parentPort.on('message', (word) => { parentPort.postMessage(word === 'end' ? { worst, count } : 'begun'); worst = count = 0; });
  parentPort.postMessage('begun');
  for (;;) {
    const from = performance.now();
    await s.send({ type: 'ping' });
    await s.next({ type: 'pong' });
    worst = Math.max(worst, performance.now() - from);
    count++;
    await new Promise((r) => setTimeout(r, 25)); // as often as a socket may say something
  }
}

const TEXT = 99_000, UNITS = 30;
/** For a text of TEXT units: at 3,300 places one letter for another. 9,900 parts. */
const ops = (letter) => Array.from({ length: TEXT / UNITS }, () => [letter, -1, UNITS - 1]).flat();
/** 5,000 times a letter more, 5,000 times some are kept. */
const more = (length) => Array.from({ length: 5000 }, (_, i) => [i < 4999 ? Math.floor(length / 5000) : length - 4999 * Math.floor(length / 5000), 'x']).flat();

const [ann, ben] = await Promise.all([newUser(), newUser()]);
const watcher = new Worker(new URL(import.meta.url), { workerData: { token: ben.token } });
const said = () => new Promise((resolve) => watcher.once('message', resolve));
await said();
async function measured(what, run) {
  watcher.postMessage('begin');
  await said();
  const from = performance.now(), note = await run();
  const ms = performance.now() - from;
  await new Promise((r) => setTimeout(r, 100));
  watcher.postMessage('end');
  const { worst, count } = await said();
  console.log(`bench hostile_${what} ms ${ms.toFixed(0)} worst_pong_ms ${worst.toFixed(1)} pongs ${count}${note ? ` ${note}` : ''}`);
}
async function dojo(initialCode = 'a'.repeat(50_000)) {
  const d = ok(await post('/dojos', { name: 'Hostile', language: 'c', initialCode }, { token: ann.token }), 201);
  const s = connect(`/dojos/${d.id}/live`, { token: ann.token });
  await s.next({ type: 'CONNECTION_STATUS' });
  return s;
}
let n = 0;
const edit = async (s, baseRevision, what) => {
  const requestId = `h${n++}`;
  await s.send({ type: 'CODE_UPDATE', baseRevision, requestId, ...what });
  const answer = await s.next((f) => f.requestId === requestId || f.type === 'error', 60_000);
  return answer.type === 'error' ? answer.code : 'taken';
};

const s = await dojo();
await edit(s, 0, { ops: [50_000, 'a'.repeat(TEXT - 50_000)] });
await measured('nothing', () => new Promise((r) => setTimeout(r, 2000)));
await measured('one_of_9900_parts', async () => { for (let i = 0; i < 20; i++) await edit(s, i + 1, { ops: ops('bc'[i % 2]) }); });
await measured('past_of_such', async () => { for (let i = 20; i < 395; i++) await Promise.all([edit(s, i + 1, { ops: ops('bc'[i % 2]) }), new Promise((r) => setTimeout(r, 22))]); });
await measured('against_394_of_such', () => edit(s, 2, { ops: ops('d') }));
await measured('small_against_394_of_such', () => edit(s, 2, { ops: ['d', TEXT] }));
await measured('deletion_against_394_of_such', () => edit(s, 2, { ops: [-TEXT] }));
await measured('text_of_394_ago', () => edit(s, 2, { content: 'b'.repeat(TEXT - 1) + 'z' }));
await measured('frames_of_240000_parts', async () => { for (let i = 0; i < 10; i++) await edit(s, 2, { ops: Array(240_000).fill(1) }); });
await measured('frames_of_80000_members', async () => { for (let i = 0; i < 10; i++) await edit(s, 2, { ops: [1], position: Object.fromEntries(Array.from({ length: 40_000 }, (_, k) => [k, 1])) }); });
const far = (k) => Array.from({ length: TEXT }, (_, i) => 'abcdefghij'[(i * i * k + (i >> 3)) % 10]).join('');
await measured('whole_texts_far_apart', async () => { for (let i = 0; i < 10; i++) await edit(s, 394 + i, { content: far(i + 1) }); });
const t = await dojo('a'.repeat(50_000));
await measured('insertions_that_meet', async () => { const seen = {}; for (let i = 0; i < 8; i++) { const r = await edit(t, 0, { ops: more(50_000) }); seen[r] = (seen[r] ?? 0) + 1; } return JSON.stringify(seen); });
process.exit(0);
