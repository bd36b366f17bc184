// tests/api/live.test.mjs - what happens is told to those who listen and may know of it, as it happens.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { del, newUser, ok, post, until } from '../lib/api.mjs';
import { newPerson } from '../lib/people.mjs';
import { commentOn, readyVideo, sql } from '../lib/social.mjs';
import { connect, listenTo } from '../lib/sockets.mjs';
import { claimsOf, resign } from '../lib/tokens.mjs';

const by = (who) => ({ token: who.token });
const open = [];
const to = async (...args) => {
  const s = await listenTo(...args);
  open.push(s);
  return s;
};
let ann, ben, video;
before(async () => {
  [ann, ben] = await Promise.all([newUser({ displayName: 'Ann' }), newUser({ displayName: 'Ben' })]);
  video = await readyVideo(ann);
});
after(() => open.forEach((s) => s.ws.terminate()));

describe('a socket', () => {
  test('is for people with a token, in the address or as a header', async () => {
    for (const token of [undefined, 'nonsense', `${ann.token}x`]) assert.equal((await connect('/live', { token }).closed).code, 4001);
    const expired = await resign(ann.token, { exp: Math.floor(Date.now() / 1000) - 10 });
    assert.equal((await connect('/live', { token: expired }).closed).code, 4001);
    for (const header of [true, false]) {
      const s = connect('/live', { token: ann.token, header });
      assert.equal((await s.next({ type: 'welcome' })).userId, ann.id);
      await s.close();
    }
  });
  test('of another community is nobody’s', async () => {
    const s = connect('/live', { token: ann.token, host: 'other.localhost' });
    assert.equal((await s.closed).code, 4001);
  });
  test('answers a ping, and says what it does not understand', async () => {
    const s = await to(ann);
    await s.send({ type: 'ping' });
    await s.next({ type: 'pong' });
    for (const [frame, code] of [['{', 'MALFORMED_JSON'], ['[1]', 'MALFORMED_JSON'], [{}, 'VALIDATION_ERROR'], [{ type: 'dance' }, 'VALIDATION_ERROR'], [{ type: 'subscribe' }, 'VALIDATION_ERROR']]) {
      await s.send(frame);
      assert.equal((await s.next({ type: 'error' })).code, code, JSON.stringify(frame));
    }
    await s.send({ type: 'ping' });
    await s.next({ type: 'pong' });
  });
  test('that is flooded, or sends too much at once, is closed with a reason', async () => {
    const flood = await to(ann);
    for (let i = 0; i < 1000; i++) flood.ws.send('{"type":"ping"}');
    assert.equal((await flood.closed).code, 4009);
    const large = await to(ann);
    large.ws.send('x'.repeat(600 * 1024));
    assert.equal((await large.closed).code, 1009);
  });
  test('whose reader is slow is dropped, and nobody else waits', async () => {
    const [slow, quick] = [await to(ann, `user:${ann.id}`), await to(ann, `user:${ann.id}`)];
    slow.ws._socket.pause();
    const { tenant } = claimsOf(ann.token);
    let sent = 0;
    await until(async () => {
      sql(`select live_emit('${tenant}', 'user:${ann.id}', 'big', jsonb_build_object('text', repeat('x', 60000), 'n', n)) from generate_series(1, 10) n`);
      sent += 10;
      await new Promise((r) => setTimeout(r, 200));
      slow.ws._socket.resume();
      slow.ws._socket.pause();
      return sent >= 400;
    }, { seconds: 30, every: 50, what: 'four hundred large events' });
    await until(() => quick.frames.filter((f) => f.event === 'big').length >= 400, { seconds: 20, what: 'all of them at the quick one' });
    slow.ws._socket.resume();
    const end = await slow.closed;
    assert.ok([4008, 1006].includes(end.code), JSON.stringify(end));
    assert.ok(slow.frames.filter((f) => f.event === 'big').length < 400);
  });
});

describe('a channel', () => {
  test('is for those who may know of it', async () => {
    const hidden = await readyVideo(ann, { visibility: 'private' });
    const s = await to(ben);
    for (const [channel, code] of [[`user:${ann.id}`, 'FORBIDDEN'], ['moderation', 'FORBIDDEN'], [`video:${hidden}`, 'NOT_FOUND'], ['no such', 'NOT_FOUND'], ['video:1', 'NOT_FOUND'], ['x'.repeat(200), 'VALIDATION_ERROR']]) {
      await s.send({ type: 'subscribe', channel });
      const e = await s.next({ type: 'error', ref: channel });
      assert.equal(e.code, code, channel);
    }
    const moderator = await to(await newPerson('moderator'), 'moderation');
    ok(await post(`/videos/${video}/report`, { category: 'spam', text: 'Look' }, by(ben)), 201);
    const e = await moderator.next({ event: 'case.opened' });
    assert.equal(e.data.subjectKind, 'video');
  });
  test('of a video tells of comments and counts', async () => {
    const s = await to(ben, `video:${video}`);
    const c = await commentOn(ann, video, 'Live');
    assert.deepEqual((await s.next({ event: 'comment.created' })).data, { commentId: c.id, videoId: video, parentId: null });
    await Promise.all([ann, ben].map((p) => post(`/videos/${video}/like`, undefined, by(p))));
    const counts = await s.next((f) => f.event === 'counts' && f.data.likes === 2);
    assert.equal(counts.data.comments, 1);
    ok(await del(`/comments/${c.id}`, by(ann)), 204);
    await s.next({ event: 'comment.deleted' });
  });
  test('of one’s own tells of notifications and of the work on videos', async () => {
    const s = await to(ann, `user:${ann.id}`);
    ok(await post(`/users/${ann.id}/follow`, undefined, by(ben)));
    const n = await s.next((f) => f.event === 'notification' && f.data.kind === 'new_follower');
    assert.equal(n.data.actorId, ben.id);
    const { id } = ok(await post('/videos', { title: 'On its way' }, by(ann)), 201);
    sql(`update videos set uploaded_at = now(), processing_at = now(), progress = 40 where id = '${id}'`);
    const v = await s.next((f) => f.event === 'video.status' && f.data.videoId === id);
    assert.deepEqual([v.data.status, v.data.progress], ['processing', 40]);
  });
  test('unsubscribed is silent', async () => {
    const s = await to(ben, `video:${video}`);
    await s.send({ type: 'unsubscribe', channel: `video:${video}` });
    await s.next({ type: 'unsubscribed' });
    await commentOn(ann, video, 'Unheard');
    await s.none({ type: 'event' });
  });
  test('is taken up again where it was left', async () => {
    const first = await to(ben, `video:${video}`);
    await commentOn(ann, video, 'One');
    const { id } = await first.next({ event: 'comment.created' });
    await first.close();
    const missed = [];
    for (const text of ['Two', 'Three', 'Four']) missed.push((await commentOn(ann, video, text)).id);
    await until(() => sql('select count(*) from live_events') === '0', { what: 'the outbox to be empty' });
    const again = await to(ben);
    await again.send({ type: 'subscribe', channel: `video:${video}`, after: id });
    assert.equal((await again.next({ type: 'subscribed' })).isWhole, true);
    const heard = [];
    for (const _ of missed) heard.push((await again.next({ event: 'comment.created' })).data.commentId);
    assert.deepEqual(heard, missed);
    await again.send({ type: 'unsubscribe', channel: `video:${video}` });
    await again.send({ type: 'subscribe', channel: `video:${video}`, after: '1-0' });
    assert.equal((await again.next({ type: 'subscribed', isWhole: false })).channel, `video:${video}`, 'too long ago: said so');
  });
  test('shows who else is there', async () => {
    const a = await to(ann), channel = `video:${video}`;
    await a.send({ type: 'subscribe', channel, presence: true });
    assert.deepEqual((await a.next({ type: 'subscribed' })).present, [ann.id]);
    const b = await to(ben);
    await b.send({ type: 'subscribe', channel, presence: true });
    assert.deepEqual((await b.next({ type: 'subscribed' })).present.sort(), [ann.id, ben.id].sort());
    assert.equal((await a.next((f) => f.event === 'presence.joined' && f.data.userId === ben.id)).data.userName, 'Ben');
    await b.close();
    await a.next((f) => f.event === 'presence.left' && f.data.userId === ben.id);
  });
});

describe('what may be known changes', () => {
  test('a video that is hidden closes its channel', async () => {
    const shown = await readyVideo(ann);
    const s = await to(ben, `video:${shown}`), own = await to(ann, `video:${shown}`);
    sql(`update videos set visibility = 'private' where id = '${shown}'`);
    assert.equal((await s.next({ type: 'error', ref: `video:${shown}` })).code, 'NOT_FOUND');
    await own.none({ type: 'error' }, 200);
  });
  test('who is signed out or banned is disconnected', async () => {
    const [out, banned] = await Promise.all([newUser(), newUser()]);
    const [s, t] = [await to(out), await to(banned)];
    ok(await post('/auth/logout', {}, by(out)), 204);
    assert.equal((await s.closed).code, 4001);
    const admin = await newPerson('admin');
    assert.ok((await post(`/users/${banned.id}/ban`, { reason: 'other' }, by(admin))).status < 300);
    assert.equal((await t.closed).code, 4001);
  });
});

test('the description of the frames is a valid AsyncAPI file that names every event', async () => {
  const folder = resolve(import.meta.dirname, '../..');
  const out = execFileSync(join(folder, 'tests/node_modules/.bin/redocly'), ['lint', '--extends=spec', '--format=json', join(folder, 'doc/asyncapi.yaml')], { encoding: 'utf8', env: { ...process.env, REDOCLY_TELEMETRY: 'off', CI: 'true' } });
  assert.equal(JSON.parse(out.slice(out.indexOf('{'))).totals.errors, 0, out);
  const text = readFileSync(join(folder, 'doc/asyncapi.yaml'), 'utf8');
  const told = readFileSync(join(folder, 'db/migrations/0130_live.sql'), 'utf8').match(/'(comment|case|video)\.[a-z]+'/g);
  for (const name of [...told.map((t) => t.slice(1, -1)), 'notification', 'counts', 'presence.joined']) assert.ok(text.includes(name), name);
});
