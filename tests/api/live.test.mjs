// tests/api/live.test.mjs - what happens is told to those who listen and may know of it, as it happens.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Parser } from '@asyncapi/parser';
import { base, del, newUser, ok, post, put, until } from '../lib/api.mjs';
import { file as asyncapi } from '../lib/frames.mjs';
import { newPerson, renewed } from '../lib/people.mjs';
import { commentOn, readyVideo, sql } from '../lib/social.mjs';
import { connect, listenTo, listenWith } from '../lib/sockets.mjs';
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
  test('takes frames in pieces, and none that is not text or not JSON as it should be', async () => {
    const s = await to(ann);
    for (const [piece, fin] of [['{"type":', false], ['"pi', false], ['', false], ['ng"}', true]]) s.ws.send(piece, { fin });
    await s.next({ type: 'pong' });
    const bomb = (open, close) => `{"type":"ping","x":${open.repeat(50_000)}${close.repeat(50_000)}}`;
    for (const frame of [bomb('[', ']'), bomb('{"a":', '}'), '{"type":"ping","type":"pong"}', '{"type":"ping","n":1e999}', '{"type":"p\\u0000"}', '{"type":"ping"} {}', '"ping"', 'null', '']) {
      await s.send(frame);
      const { code } = await s.next({ type: 'error' });
      assert.ok(['MALFORMED_JSON', 'VALIDATION_ERROR'].includes(code), `${frame.slice(0, 60)}: ${code}`);
    }
    await s.send({ type: 'x'.repeat(100_000) });
    assert.equal((await s.next({ type: 'error' })).ref, null, 'what is long is not repeated');
    await s.send({ type: 'ping' });
    await s.next({ type: 'pong' });
    for (const [data, binary, code] of [[Buffer.from('{"type":"ping"}'), true, 1003], [Buffer.from([0x22, 0xff, 0xfe, 0x22]), false, 1007], [Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), false, 1007]]) {
      const t = await to(ann);
      t.ws.send(data, { binary });
      assert.equal((await t.closed).code, code);
    }
  });
  test('has so many subscriptions, and a person so many sockets', async () => {
    const own = await newUser(), s = await to(own);
    for (let i = 0; i < 100; i++) {
      const { id } = ok(await post('/videos', { title: `Number ${i}` }, by(own)), 201);
      await s.send({ type: 'subscribe', channel: `video:${id}` });
    }
    await until(() => s.frames.filter((f) => f.type === 'subscribed').length === 100, { what: 'a hundred subscriptions' });
    await s.send({ type: 'subscribe', channel: `user:${own.id}` });
    assert.equal((await s.next({ type: 'error', ref: `user:${own.id}` })).code, 'RATE_LIMITED');
    const many = await newUser();
    await Promise.all(Array.from({ length: 100 }, () => to(many)));
    assert.equal((await connect('/live', { token: many.token }).closed).code, 4009);
  });
  test('that says something and goes is heard', async () => {
    const channel = `video:${video}`, watching = await to(ann);
    await watching.send({ type: 'subscribe', channel, presence: true });
    await watching.next({ type: 'subscribed' });
    const s = await to(ben);
    s.ws.send(JSON.stringify({ type: 'subscribe', channel, presence: true }));
    s.ws.close();
    await watching.next((f) => f.event === 'presence.joined' && f.data.userId === ben.id);
    await watching.next((f) => f.event === 'presence.left' && f.data.userId === ben.id);
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
    const free = async () => open[open.push(await listenWith({ token: ann.token, isFree: true }, `user:${ann.id}`)) - 1];
    const [slow, quick] = [await free(), await free()];
    slow.ws._socket.pause();
    const { tenant } = claimsOf(ann.token);
    let sent = 0;
    while (sent < 400) { // a batch is less than what may wait for one reader
      sql(`select live_emit('${tenant}', 'user:${ann.id}', 'big', jsonb_build_object('text', repeat('x', 60000), 'n', n)) from generate_series(1, 25) n`);
      sent += 25;
      await until(() => quick.frames.filter((f) => f.event === 'big').length >= sent, { seconds: 20, every: 50, what: `all ${sent} of them at the quick one` });
      slow.ws._socket.resume();
      slow.ws._socket.pause();
    }
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
  test('is taken up again also by one who had heard nothing', async () => {
    const quiet = await readyVideo(ann), channel = `video:${quiet}`, first = await to(ben);
    await first.send({ type: 'subscribe', channel });
    const { lastId } = await first.next({ type: 'subscribed' });
    await first.close();
    const c = await commentOn(ann, quiet, 'Meanwhile');
    const again = await to(ben);
    await again.send({ type: 'subscribe', channel, after: lastId });
    assert.equal((await again.next({ event: 'comment.created' })).data.commentId, c.id);
    assert.equal((await again.next({ type: 'subscribed' })).isWhole, true);
    for (const after of ['nonsense', '1', '-', '1-', `${'9'.repeat(30)}-1`, '1-1 + COUNT']) {
      await again.send({ type: 'subscribe', channel, after });
      assert.equal((await again.next({ type: 'error' })).code, 'VALIDATION_ERROR', after);
    }
  });
  test('keeps the last two hundred, and says when it has forgotten', async () => {
    const channel = `user:${ann.id}`, { tenant } = claimsOf(ann.token), first = await to(ann);
    const tell = (n) => sql(`select live_emit('${tenant}', '${channel}', 'video.status', jsonb_build_object('videoId', '${video}', 'status', 'n' || n)) from generate_series(1, ${n}) n`);
    await first.send({ type: 'subscribe', channel });
    const { lastId } = await first.next({ type: 'subscribed' });
    tell(250);
    await until(() => first.frames.filter((f) => f.event === 'video.status').length === 250, { what: 'all of them' });
    const late = await to(ann);
    await late.send({ type: 'subscribe', channel, after: lastId });
    assert.equal((await late.next({ type: 'subscribed' })).isWhole, false);
    const heard = late.frames.filter((f) => f.event === 'video.status').map((f) => f.data.status);
    assert.deepEqual(heard, Array.from({ length: 200 }, (_, i) => `n${i + 51}`));
  });
  test('loses nothing and tells nothing twice, however often one comes back while much is told', async () => {
    const channel = `user:${ben.id}`, { tenant } = claimsOf(ben.token), heard = [];
    const first = await to(ben);
    await first.send({ type: 'subscribe', channel });
    let last = (await first.next({ type: 'subscribed' })).lastId;
    await first.close();
    for (let round = 0; round < 12; round++) {
      const s = connect('/live', { token: ben.token });
      await s.next({ type: 'welcome' });
      await s.send({ type: 'subscribe', channel, after: last });
      sql(`select live_emit('${tenant}', '${channel}', 'video.status', jsonb_build_object('videoId', '${video}', 'status', '${round}.' || n)) from generate_series(1, 20) n`);
      if (round === 11) await until(() => s.frames.some((f) => f.data?.status === '11.20'), { what: 'the last' });
      else await new Promise((r) => setTimeout(r, 15 * (round % 4)));
      await s.close();
      const events = s.frames.filter((f) => f.event === 'video.status');
      heard.push(...events.map((f) => f.data.status));
      last = events.at(-1)?.id ?? last;
    }
    assert.deepEqual(heard, Array.from({ length: 12 }, (_, round) => Array.from({ length: 20 }, (_, n) => `${round}.${n + 1}`)).flat());
  });
  test('shows who else is there', async () => {
    const a = await to(ann), channel = `video:${video}`;
    await a.send({ type: 'subscribe', channel, presence: true });
    assert.deepEqual((await a.next({ type: 'subscribed' })).present, [ann.id]);
    const b = await to(ben);
    await b.send({ type: 'subscribe', channel, presence: true });
    assert.deepEqual((await b.next({ type: 'subscribed' })).present.sort(), [ann.id, ben.id].sort());
    assert.equal((await a.next((f) => f.event === 'presence.joined' && f.data.userId === ben.id)).data.userName, 'Ben');
    // asked twice is being there once; asked without it, not any more
    await b.send({ type: 'subscribe', channel, presence: true });
    await b.next({ type: 'subscribed' });
    await b.send({ type: 'subscribe', channel });
    await a.next((f) => f.event === 'presence.left' && f.data.userId === ben.id);
    await b.send({ type: 'subscribe', channel, presence: true });
    await a.next((f) => f.event === 'presence.joined' && f.data.userId === ben.id);
    const twice = await to(ben);
    await twice.send({ type: 'subscribe', channel, presence: true });
    await twice.next({ type: 'subscribed' });
    await b.close();
    await a.none((f) => f.event === 'presence.left', 300);
    await twice.close();
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
  test('so does being blocked, and losing a share of a private one; who was there is gone', async () => {
    const shown = await readyVideo(ann), hidden = await readyVideo(ann, { visibility: 'private' }), blocked = await newUser({ displayName: 'Bad' });
    const { tenant } = claimsOf(ann.token);
    sql(`insert into video_access (tenant_id, video_id, user_id) values ('${tenant}', '${hidden}', '${blocked.id}')`);
    const own = await to(ann), s = await to(blocked, `video:${hidden}`);
    await own.send({ type: 'subscribe', channel: `video:${shown}`, presence: true });
    await own.next({ type: 'subscribed' });
    await s.send({ type: 'subscribe', channel: `video:${shown}`, presence: true });
    await own.next((f) => f.event === 'presence.joined' && f.data.userId === blocked.id);
    sql(`delete from video_access where video_id = '${hidden}'`);
    assert.equal((await s.next({ type: 'error', ref: `video:${hidden}` })).code, 'NOT_FOUND');
    ok(await post(`/users/${blocked.id}/block`, undefined, by(ann)));
    assert.equal((await s.next({ type: 'error', ref: `video:${shown}` })).code, 'NOT_FOUND');
    await own.next((f) => f.event === 'presence.left' && f.data.userId === blocked.id);
    await commentOn(ann, shown, 'Among friends');
    await s.none({ event: 'comment.created' }, 300);
  });
  test('a moderator who is none any more hears of no case', async () => {
    const moderator = await newPerson('moderator'), admin = await newPerson('admin');
    const s = await to(moderator, 'moderation');
    ok(await put(`/users/${moderator.id}/role`, { role: 'user' }, by(admin)));
    assert.equal((await s.closed).code, 4001);
    const again = await to(await renewed(moderator));
    await again.send({ type: 'subscribe', channel: 'moderation' });
    assert.equal((await again.next({ type: 'error' })).code, 'FORBIDDEN');
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

test('the figures of the daemons are among those of the server', async () => {
  await to(ann);
  const count = await until(async () => Number(/^atelier_live_connections\{daemon="[^"]+"\} (\d+)$/m.exec(await (await fetch(`${base}/metrics`)).text())?.[1]), { seconds: 15, what: 'a connection to be counted' });
  assert.ok(count >= 1);
});

test('the description of the frames is a valid AsyncAPI file that names every event', async () => {
  const { document, diagnostics } = await new Parser().parse(readFileSync(asyncapi, 'utf8'));
  assert.deepEqual(diagnostics.filter((d) => d.severity < 2).map((d) => `${d.path.join('.')}: ${d.message}`), []);
  assert.deepEqual(document.channels().all().map((c) => c.address()).sort(), ['/api/v1/dojos/{dojoId}/live', '/api/v1/live']);
  const text = readFileSync(asyncapi, 'utf8');
  const told = readFileSync(resolve(import.meta.dirname, '../../db/migrations/0130_live.sql'), 'utf8').match(/'(comment|case|video)\.[a-z]+'/g);
  for (const name of [...told.map((t) => t.slice(1, -1)), 'notification', 'counts', 'presence.joined']) assert.ok(text.includes(name), name);
});
