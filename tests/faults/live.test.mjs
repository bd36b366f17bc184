// tests/faults/live.test.mjs - two daemons of sockets side by side: what is told at one is heard at the other, one is killed, its
// clients go to the other, miss nothing, and their text is one; Redis goes away and comes back.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import WebSocket from 'ws';
import { newUser, ok, post, until } from '../lib/api.mjs';
import { dir, restart, sql, start, stop } from '../lib/running.mjs';
import { commentOn, readyVideo } from '../lib/social.mjs';
import { connect, listenTo } from '../lib/sockets.mjs';

const { TextOperation } = createRequire(import.meta.url)('ot');
const by = (who) => ({ token: who.token });
const at = (daemon) => `ws+unix://${join(dir, 'run', daemon)}:`;
let ann, ben, video;
before(async () => {
  start('live2');
  [ann, ben] = await Promise.all([newUser(), newUser()]);
  video = await readyVideo(ann);
});
after(() => {
  stop('live2');
  start('live');
});

/** A socket straight at one of the daemons. */
function direct(daemon, path, token) {
  const ws = new WebSocket(`${at(daemon)}/api/v1${path}${path.includes('?') ? '&' : '?'}token=${token}`, { headers: { host: 'localhost' } });
  const frames = [];
  ws.on('message', (m) => frames.push(JSON.parse(m)));
  ws.on('error', () => {});
  const seen = (fits, what) => until(() => frames.find(fits), { seconds: 10, every: 20, what });
  return { ws, frames, seen, send: (f) => ws.send(JSON.stringify(f)), closed: new Promise((r) => ws.on('close', r)) };
}

it('events cross from daemon to daemon, and a client that comes back at the other has missed nothing', async () => {
  const one = direct('live.sock', '/live', ben.token), two = direct('live-2.sock', '/live', ben.token);
  for (const s of [one, two]) {
    await s.seen((f) => f.type === 'welcome', 'the welcome');
    s.send({ type: 'subscribe', channel: `video:${video}` });
    await s.seen((f) => f.type === 'subscribed', 'the subscription');
  }
  await commentOn(ann, video, 'One');
  for (const s of [one, two]) await s.seen((f) => f.event === 'comment.created', 'the comment');
  const last = one.frames.findLast((f) => f.id).id;
  stop('live', 'KILL');
  await one.closed;
  const missed = await commentOn(ann, video, 'Two');
  await two.seen((f) => f.event === 'comment.created' && f.data.commentId === missed.id, 'the second comment, by the daemon that is left');
  const again = connect('/live', { token: ben.token }); // through the web server: it knows the other daemon
  await again.next({ type: 'welcome' });
  await again.send({ type: 'subscribe', channel: `video:${video}`, after: last });
  assert.equal((await again.next({ event: 'comment.created' })).data.commentId, missed.id);
  await again.close();
  two.ws.close();
  start('live');
});

it('a dojo at two daemons is one text, also when one of them is killed in the middle', async () => {
  const dojo = ok(await post('/dojos', { name: 'Two daemons', language: 'c', initialCode: 'start' }, by(ann)), 201);
  ok(await post(`/dojos/${dojo.id}/join`, {}, by(ben)));
  const path = `/dojos/${dojo.id}/live`;
  const a = direct('live.sock', path, ann.token), b = direct('live-2.sock', path, ben.token);
  for (const s of [a, b]) await s.seen((f) => f.type === 'CONNECTION_STATUS', 'the greeting');
  // both at once, each against revision 0 of what it knows
  for (let i = 0; i < 20; i++) {
    a.send({ type: 'CODE_UPDATE', baseRevision: 0, ops: ['A', 5], requestId: `a${i}` });
    b.send({ type: 'CODE_UPDATE', baseRevision: 0, ops: [5, 'B'], requestId: `b${i}` });
  }
  const text = (s) => {
    const updates = s.frames.filter((f) => f.type === 'CODE_UPDATE' && f.ops);
    updates.forEach((f, i) => assert.equal(f.revision, i + 1, 'every revision, in order'));
    return updates.reduce((t, f) => TextOperation.fromJSON(f.ops).apply(t), 'start');
  };
  const has = (s, n) => s.seen(() => s.frames.filter((f) => f.type === 'CODE_UPDATE' && f.ops).length === n, `${n} edits`);
  await Promise.all([has(a, 40), has(b, 40)]);
  assert.equal(text(a), text(b));
  assert.match(text(a), /^A{20}startB{20}$/);
  for (let i = 0; i < 30; i++) a.send({ type: 'CODE_UPDATE', baseRevision: 40, ops: [45, 'x'], requestId: `late${i}` });
  stop('live', 'KILL');
  await a.closed;
  const sent = Array.from({ length: 30 }, (_, i) => `late${i}`);
  const c = direct('live-2.sock', `${path}?revision=40`, ann.token);
  const hello = await c.seen((f) => f.type === 'CONNECTION_STATUS', 'the greeting');
  for (const id of sent) c.send({ type: 'CODE_UPDATE', baseRevision: 40, ops: [45, 'x'], requestId: id }); // whatever came through: once
  await c.seen(() => sent.every((id) => c.frames.some((f) => f.requestId === id)), 'an answer to each');
  const final = await until(() => sql(`select count(*) from dojo_operations where dojo_id = '${dojo.id}'`) === '70' && '70', { what: 'seventy edits, none twice' });
  assert.equal(final, '70');
  await has(b, 70);
  assert.match(text(b), /^A{20}startB{20}x{30}$/);
  assert.ok(hello.revision >= 40);
  b.ws.close();
  c.ws.close();
  start('live');
});

it('Redis goes away and comes back: what happened meanwhile is told', async () => {
  const s = await listenTo(ben, `video:${video}`);
  await commentOn(ann, video, 'Before');
  await s.next({ event: 'comment.created' });
  stop('redis', 'KILL');
  const c = await commentOn(ann, video, 'Meanwhile');
  start('redis');
  assert.equal((await s.next((f) => f.event === 'comment.created' && f.data.commentId === c.id, 20_000)).data.videoId, video);
  await s.close();
  restart('fcgi');
});
