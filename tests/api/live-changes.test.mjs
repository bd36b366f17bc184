// tests/api/live-changes.test.mjs - what those on a socket may do, and that it changes while they are there: observers, suspended people,
// other roles, groups that end, a module that is switched off.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { del, fails, get, newUser, ok, post, put, until } from '../lib/api.mjs';
import { newPerson, renewed } from '../lib/people.mjs';
import { commentOn, readyVideo, sql } from '../lib/social.mjs';
import { connect, listenTo } from '../lib/sockets.mjs';
import { claimsOf } from '../lib/tokens.mjs';

const by = (who) => ({ token: who.token });
const open = [];
async function enter(who, dojo) {
  const s = connect(`/dojos/${dojo.id}/live`, { token: who.token });
  open.push(s);
  return Object.assign(s, { hello: await s.next({ type: 'CONNECTION_STATUS' }) });
}
/** Its close code, which comes soon. */
const ended = (s) => Promise.race([s.closed.then((e) => e.code), new Promise((_, no) => setTimeout(() => no(new Error('still open')), 10_000).unref())]);
const to = async (...args) => open[open.push(await listenTo(...args)) - 1];
after(() => open.forEach((s) => s.ws.terminate()));

let ann, ben, admin;
before(async () => {
  [ann, ben] = await Promise.all([newUser({ displayName: 'Ann' }), newUser({ displayName: 'Ben' })]);
  admin = await newPerson('admin');
});
const make = async () => ok(await post('/dojos', { name: 'Changes', language: 'bash', initialCode: 'echo one' }, by(ann)), 201);
const join = async (who, dojo, role) => ok(await post(`/dojos/${dojo.id}/join`, role ? { role } : {}, by(who)));
const attempts = [{ type: 'CHAT_MESSAGE', text: 'Let me' }, { type: 'RUN_CODE', code: 'echo mine' }, { type: 'CURSOR_POSITION', position: 1 }, { type: 'CODE_UPDATE', baseRevision: 0, content: 'mine' }];
/** Nothing that they try is done, nor told to the others. */
async function onlyReads(s, witness) {
  for (const frame of attempts) {
    await s.send(frame);
    const e = await s.next({ type: 'error' });
    assert.deepEqual([e.code, e.ref], ['FORBIDDEN', frame.type]);
  }
  await witness.none((f) => attempts.some((a) => a.type === f.type) || f.type === 'CODE_EXECUTION_STARTED', 300);
}
const writes = async (s, witness, content, baseRevision) => {
  await s.send({ type: 'CODE_UPDATE', baseRevision, content });
  await witness.next({ type: 'CODE_UPDATE', revision: baseRevision + 1 });
};

describe('in a dojo', () => {
  test('an observer hears what is said and run, and says nothing', async () => {
    const d = await make();
    await join(ben, d, 'OBSERVER');
    const [a, b] = [await enter(ann, d), await enter(ben, d)];
    assert.equal(b.hello.role, 'OBSERVER');
    await onlyReads(b, a);
    await a.send({ type: 'CHAT_MESSAGE', text: 'Welcome' });
    assert.equal((await b.next({ type: 'CHAT_MESSAGE' })).text, 'Welcome');
    await a.send({ type: 'RUN_CODE', code: 'echo heard' });
    assert.equal((await b.next({ type: 'CODE_EXECUTION_RESULT' }, 40_000)).output, 'heard\n');
    assert.deepEqual(ok(await get(`/dojos/${d.id}/chat`, by(ann))).map((m) => m.text), ['Welcome']);
    assert.equal(sql(`select count(*) from dojo_runs where user_id = '${ben.id}'`), '0');
  });

  test('an observer who takes part now may write at once, over the same socket', async () => {
    const d = await make();
    await join(ben, d, 'OBSERVER');
    const [a, b] = [await enter(ann, d), await enter(ben, d)];
    await onlyReads(b, a);
    await join(ben, d, 'PARTICIPANT');
    await a.next((f) => f.type === 'PARTICIPANT_LIST' && f.participants.some((p) => p.userId === ben.id && p.role === 'PARTICIPANT'));
    await writes(b, a, 'echo two', 0);
    await b.send({ type: 'CHAT_MESSAGE', text: 'Me too' });
    assert.equal((await a.next({ type: 'CHAT_MESSAGE' })).text, 'Me too');
    a.frames.length = 0; // lists of before
    sql(`update dojo_people set role = 'OBSERVER' where dojo_id = '${d.id}' and user_id = '${ben.id}'`);
    await a.next((f) => f.type === 'PARTICIPANT_LIST' && f.participants.some((p) => p.userId === ben.id && p.role === 'OBSERVER'));
    await b.send({ type: 'CODE_UPDATE', baseRevision: 1, content: 'too late' });
    assert.equal((await b.next({ type: 'error' })).code, 'FORBIDDEN', 'and the other way round');
  });

  test('somebody who is suspended is closed, comes back to read, and writes again when it is over', async () => {
    const d = await make(), person = await newUser();
    await join(person, d);
    const a = await enter(ann, d), s = await enter(person, d);
    await writes(s, a, 'echo before', 0);
    ok(await post(`/users/${person.id}/suspend`, { reason: 'other', until: new Date(Date.now() + 86_400_000).toISOString() }, by(admin)));
    assert.equal(await ended(s), 4001);
    const suspended = await renewed(person);
    assert.equal(claimsOf(suspended.token).role, 'suspended');
    const reads = await enter(suspended, d);
    assert.equal(reads.hello.content, 'echo before');
    await onlyReads(reads, a);
    fails(await post(`/dojos/${d.id}/execute`, { code: 'echo mine' }, by(suspended)), 403);
    await a.send({ type: 'CHAT_MESSAGE', text: 'Still here' });
    await reads.next({ type: 'CHAT_MESSAGE', text: 'Still here' });
    ok(await post(`/users/${person.id}/unsuspend`, undefined, by(admin)));
    assert.equal(await ended(reads), 4001, 'what they may has changed');
    const again = await enter(await renewed(suspended), d);
    await writes(again, a, 'echo after', 1);
  });

  test('another role of a person closes their sockets, and is theirs when they come back', async () => {
    const d = await make(), person = await newUser();
    await join(person, d);
    const [s, own] = [await enter(person, d), await to(person, `user:${person.id}`)];
    ok(await put(`/users/${person.id}/role`, { role: 'creator' }, by(admin)));
    assert.deepEqual(await Promise.all([s, own].map(ended)), [4001, 4001]);
    assert.equal((await connect('/live', { token: person.token }).closed).code, 4001, 'the old token is none any more');
    const now = await renewed(person);
    assert.equal(claimsOf(now.token).role, 'creator');
    assert.equal((await enter(now, d)).hello.role, 'PARTICIPANT');
  });
});

describe('the channel of a private video', () => {
  const groupOf = async (...members) => {
    const { id } = ok(await post('/groups', { name: 'Class' }, by(ann)), 201);
    for (const m of members) ok(await put(`/groups/${id}/members/${m.id}`, undefined, by(ann)));
    return id;
  };
  const shared = async (group) => {
    const video = await readyVideo(ann, { visibility: 'private' });
    ok(await put(`/videos/${video}/groups/${group}`, {}, by(ann)));
    return video;
  };
  const refused = async (who, video) => {
    const s = await to(who);
    await s.send({ type: 'subscribe', channel: `video:${video}` });
    assert.equal((await s.next({ type: 'error', ref: `video:${video}` })).code, 'NOT_FOUND');
  };

  test('is open to those of a group, and to nobody else', async () => {
    const video = await shared(await groupOf(ben)), s = await to(ben, `video:${video}`);
    await refused(await newUser(), video);
    const { id } = await commentOn(ann, video, 'For the class');
    assert.equal((await s.next({ event: 'comment.created' })).data.commentId, id);
  });

  for (const [what, end] of [
    ['who leaves the group', (group) => del(`/groups/${group}/members/${ben.id}`, by(ben))],
    ['who is taken out of it', (group) => del(`/groups/${group}/members/${ben.id}`, by(ann))],
    ['all of a group that it is shared with no more', (group, video) => del(`/videos/${video}/groups/${group}`, by(ann))],
    ['all of a group that is no more', (group) => del(`/groups/${group}`, by(ann))],
  ])
    test(`closes to ${what}`, async () => {
      const group = await groupOf(ben), video = await shared(group), s = await to(ben, `video:${video}`), own = await to(ann, `video:${video}`);
      ok(await end(group, video), 204);
      assert.equal((await s.next({ type: 'error', ref: `video:${video}` })).code, 'NOT_FOUND');
      await commentOn(ann, video, 'Unheard');
      await own.next({ event: 'comment.created' });
      await s.none({ event: 'comment.created' }, 300);
      await refused(ben, video);
    });

  test('stays open to who has another way in', async () => {
    const [first, second] = [await groupOf(ben), await groupOf(ben)], video = await shared(first), s = await to(ben, `video:${video}`);
    ok(await put(`/videos/${video}/groups/${second}`, {}, by(ann)));
    ok(await del(`/groups/${first}`, by(ann)), 204);
    const { id } = await commentOn(ann, video, 'Still for you');
    assert.equal((await s.next({ event: 'comment.created' })).data.commentId, id);
    assert.deepEqual(s.frames.filter((f) => f.type === 'error'), []);
  });
});

test('a module that is switched off closes its sockets, keeps others, and lets nobody in until it is on again', async () => {
  const d = await make(), { tenant } = claimsOf(ann.token);
  await join(ben, d);
  const [a, b, other] = [await enter(ann, d), await enter(ben, d), await to(ann, `user:${ann.id}`)];
  await writes(b, a, 'echo kept', 0);
  const modules = sql(`select modules from tenants where id = '${tenant}'`);
  sql(`update tenants set modules = array_remove(modules, 'pocs') where id = '${tenant}'`);
  try {
    assert.deepEqual(await Promise.all([a, b].map(ended)), [4002, 4002]);
    assert.equal((await connect(`/dojos/${d.id}/live`, { token: ben.token }).closed).code, 4002);
    await other.send({ type: 'ping' });
    await other.next({ type: 'pong' });
  } finally {
    sql(`update tenants set modules = '${modules}' where id = '${tenant}'`);
    await until(async () => (await get(`/dojos/${d.id}`, by(ann))).status === 200, { seconds: 30, what: 'the module' });
  }
  assert.equal((await enter(ben, d)).hello.content, 'echo kept');
});
