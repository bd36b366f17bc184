// tests/faults/live.test.mjs - two daemons of sockets side by side, with a heartbeat of a second: what is told at one is heard at the other,
// one is killed, its clients go to the other, miss nothing, and their text is one; Redis and PostgreSQL go away and come back.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import WebSocket from 'ws';
import { newUser, ok, post, until } from '../lib/api.mjs';
import { dir, restart, sql, start, stop } from '../lib/running.mjs';
import { commentOn, readyVideo } from '../lib/social.mjs';
import { assertDescribed } from '../lib/frames.mjs';
import { connect, listenTo } from '../lib/sockets.mjs';

const { TextOperation } = createRequire(import.meta.url)('ot');
const by = (who) => ({ token: who.token });
const at = (daemon) => `ws+unix://${join(dir, 'run', daemon)}:`;
let ann, ben, video;
const brisk = { ATELIER_LIVE_HEARTBEAT: '1s' };
before(async () => {
  stop('live');
  start('live', brisk);
  start('live2', brisk);
  [ann, ben] = await Promise.all([newUser(), newUser()]);
  video = await readyVideo(ann);
});
after(() => {
  stop('live2');
  stop('live');
  start('live');
});

/** A socket straight at one of the daemons. */
function direct(daemon, path, token) {
  const ws = new WebSocket(`${at(daemon)}/api/v1${path}${path.includes('?') ? '&' : '?'}token=${token}`, { headers: { host: 'localhost' } });
  const frames = [];
  ws.on('message', (m) => {
    frames.push(JSON.parse(m));
    assertDescribed(path, frames.at(-1));
  });
  ws.on('error', () => {});
  const seen = (fits, what) => until(() => frames.find(fits), { every: 20, what });
  return { ws, frames, seen, send: (f) => ws.send(JSON.stringify(f)), closed: new Promise((r) => ws.on('close', (code) => r(code))) };
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
  start('live', brisk);
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
  start('live', brisk);
});

const present = async (daemon, who, channel) => {
  const s = direct(daemon, '/live', who.token);
  await s.seen((f) => f.type === 'welcome', 'the welcome');
  s.send({ type: 'subscribe', channel, presence: true });
  await s.seen((f) => f.type === 'subscribed', 'the subscription');
  return s;
};
const left = (who) => (f) => f.event === 'presence.left' && f.data.userId === who.id;

it('says again and again that all is well; who does not answer is gone, and so are the people of a daemon that died', async () => {
  const channel = `video:${video}`, a = await present('live.sock', ann, channel), cid = await newUser(), dan = await newUser();
  const c = await present('live-2.sock', cid, channel), d = await present('live.sock', dan, channel);
  for (const who of [cid, dan]) await a.seen((f) => f.event === 'presence.joined' && f.data.userId === who.id, 'who has come');
  d.ws._socket.pause(); // its machine was unplugged
  stop('live2', 'KILL');
  await c.closed;
  for (const who of [cid, dan]) await a.seen(left(who), 'who is gone');
  await a.seen(() => a.frames.filter((f) => f.type === 'heartbeat').length >= 3, 'three heartbeats');
  d.ws.terminate();
  a.ws.close();
  start('live2', brisk);
});

it('a session whose time is over ends its sockets', async () => {
  const late = await newUser(), s = connect('/live', { token: late.token });
  await s.next({ type: 'welcome' });
  sql(`update sessions set expires_at = now() - interval '1 second' where user_id = '${late.id}'`);
  assert.equal((await s.closed).code, 4001);
});

it('a daemon that is told to end sends its clients away and is not found any more; they come in at the other', async () => {
  const s = direct('live.sock', '/live', ben.token);
  await s.seen((f) => f.type === 'welcome', 'the welcome');
  s.send({ type: 'subscribe', channel: `video:${video}` });
  const { lastId } = await s.seen((f) => f.type === 'subscribed', 'the subscription');
  const began = Date.now();
  stop('live');
  assert.equal(await s.closed, 1001);
  assert.ok(Date.now() - began < 15000, 'at once, not when its time is over');
  const missed = await commentOn(ann, video, 'While it restarts');
  const again = connect('/live', { token: ben.token });
  await again.next({ type: 'welcome' });
  await again.send({ type: 'subscribe', channel: `video:${video}`, after: lastId });
  await again.next((f) => f.event === 'comment.created' && f.data.commentId === missed.id);
  await again.close();
  start('live', brisk);
});

it('PostgreSQL restarts: nothing is lost that it holds, and what was narrowed unheard is asked for', async () => {
  const shown = await readyVideo(ann), s = await listenTo(ben, `video:${video}`, `video:${shown}`);
  const dojo = ok(await post('/dojos', { name: 'Goes on', language: 'c', initialCode: '' }, by(ann)), 201), path = `/dojos/${dojo.id}/live`;
  const a = direct('live-2.sock', path, ann.token);
  await a.seen((f) => f.type === 'CONNECTION_STATUS', 'the greeting');
  // the notification goes to a connection that is gone
  sql(`select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'atelier-live%'; update videos set visibility = 'private' where id = '${shown}'`);
  assert.equal((await s.next({ type: 'error', ref: `video:${shown}` }, 15_000)).code, 'NOT_FOUND');
  stop('postgres', 'INT');
  a.send({ type: 'CODE_UPDATE', baseRevision: 0, ops: ['lost?'], requestId: 'r1' });
  start('postgres');
  await until(async () => (await post(`/videos/${video}/comment`, { text: 'After it' }, by(ann))).status === 201, { seconds: 20, what: 'a comment' });
  await s.next({ event: 'comment.created' }, 15_000);
  await until(() => {
    // whoever has no answer sends it again
    a.send({ type: 'CODE_UPDATE', baseRevision: 0, ops: ['lost?'], requestId: 'r1' });
    return a.frames.some((f) => f.type === 'CODE_UPDATE' && f.requestId === 'r1' && f.revision === 1);
  }, { seconds: 15, what: 'the edit to be written' });
  assert.equal(sql(`select count(*) from dojo_operations where dojo_id = '${dojo.id}'`), '1');
  a.ws.close();
  await s.close();
});

it('Redis goes away and comes back: what happened meanwhile is told, also to who had heard nothing yet; a past that was lost is owned to', async () => {
  const s = await listenTo(ben, `video:${video}`), silent = await listenTo(ann, `video:${video}`, `user:${ann.id}`);
  await commentOn(ann, video, 'Before');
  await s.next({ event: 'comment.created' });
  stop('redis', 'KILL');
  const c = await commentOn(ann, video, 'Meanwhile');
  await s.send({ type: 'subscribe', channel: `user:${ben.id}` });
  await s.next({ type: 'subscribed', channel: `user:${ben.id}` }, 15_000);
  start('redis');
  for (const one of [s, silent]) assert.equal((await one.next((f) => f.event === 'comment.created' && f.data.commentId === c.id, 20_000)).data.videoId, video);
  ok(await post(`/users/${ben.id}/follow`, undefined, by(ann)));
  await s.next({ event: 'notification' }, 20_000);
  await silent.none({ type: 'subscribed' }, 100);
  stop('redis', 'KILL');
  rmSync(join(dir, 'redis/appendonlydir'), { recursive: true });
  start('redis');
  for (const channel of [`video:${video}`, `user:${ann.id}`]) await silent.next({ type: 'subscribed', channel, isWhole: false }, 20_000);
  await commentOn(ann, video, 'After the loss');
  await silent.next({ event: 'comment.created' }, 20_000);
  await s.close();
  await silent.close();
  restart('fcgi');
});
