// tests/api/dojos.test.mjs - dojos: who may find and join them, what they say, and the text that many write at once.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { base, del, failing, fails, get, newUser, ok, patch, post, until } from '../lib/api.mjs';
import { connect } from '../lib/sockets.mjs';
import { sql } from '../lib/video.mjs';

const { TextOperation } = createRequire(import.meta.url)('ot');
const by = (who) => ({ token: who.token });
const make = async (who, json = {}) => ok(await post('/dojos', { name: 'Evening kata', language: 'python', ...json }, by(who)), 201);
const join = (who, dojo, json = {}) => post(`/dojos/${dojo.id}/join`, json, by(who));
/** Ends it and calls its film off: the one that is looked at below is dear enough. */
async function endUnfilmed(dojo) {
  const ended = ok(await post(`/dojos/${dojo.id}/end`, undefined, by(ann)));
  sql(`select job_cancel(id, null) from jobs where kind = 'dojo_film' and subject_id = '${dojo.id}'`);
  return ended;
}
const open = [];
async function enter(who, dojo, query = {}) {
  const s = connect(`/dojos/${dojo.id}/live`, { token: who.token, query });
  open.push(s);
  return Object.assign(s, { hello: await s.next({ type: 'CONNECTION_STATUS' }), who });
}
after(() => open.forEach((s) => s.ws.terminate()));

let ann, ben, cid;
before(async () => {
  [ann, ben, cid] = await Promise.all(['Ann', 'Ben', 'Cid'].map((displayName) => newUser({ displayName })));
});

describe('a dojo', () => {
  test('is opened, shown, changed, listed, put away', async () => {
    const d = await make(ann, { description: 'FizzBuzz', initialCode: 'print("hello")\n', maxParticipants: 3 });
    assert.match(d.joinCode, /^[A-HJ-NP-Z2-9]{8}$/);
    assert.deepEqual([d.status, d.isPrivate, d.maxParticipants, d.myRole, d.participantCount, d.owner.displayName], ['ACTIVE', false, 3, 'OWNER', 1, 'Ann']);
    for (const who of [ann, ben]) assert.ok(!('joinCode' in ok(await get(`/dojos/${d.id}`, by(who)))), 'the code is told once');
    assert.equal(ok(await patch(`/dojos/${d.id}`, { name: 'Morning kata', maxParticipants: 5 }, by(ann))).name, 'Morning kata');
    fails(await patch(`/dojos/${d.id}`, { name: 'Mine now' }, by(ben)), 404);
    assert.ok(ok(await get('/dojos?status=ACTIVE&language=Python', by(ben))).some((x) => x.id === d.id));
    assert.ok(!ok(await get('/dojos?mine=true', by(ben))).some((x) => x.id === d.id));
    fails(await del(`/dojos/${d.id}`, by(ben)), 404);
    ok(await del(`/dojos/${d.id}`, by(ann)), 204);
    fails(await get(`/dojos/${d.id}`, by(ann)), 404);
    assert.deepEqual(failing(fails(await post('/dojos', { name: '', maxParticipants: 0, scheduledStartTime: 'soon' }, by(ann)), 400)), ['language', 'maxParticipants', 'name', 'scheduledStartTime']);
  });
  test('that is private is found by its code alone', async () => {
    const d = await make(ann, { isPrivate: true });
    fails(await get(`/dojos/${d.id}`, by(ben)), 404);
    fails(await join(ben, d), 404);
    fails(await join(ben, d, { joinCode: 'WRONGONE' }), 403);
    assert.equal((await connect(`/dojos/${d.id}/live`, { token: ben.token }).closed).code, 4002);
    assert.equal(ok(await post('/dojos/join', { joinCode: d.joinCode.toLowerCase() }, by(ben))).id, d.id);
    assert.equal(ok(await get(`/dojos/${d.id}`, by(ben))).myRole, 'PARTICIPANT');
    assert.equal(ok(await post(`/dojos/${d.id}/invite`, { userIds: [cid.id, ann.id] }, by(ann))).invited, 1);
    const told = await until(async () => (await get('/notifications', by(cid))).data.find((n) => n.kind === 'dojo_invited'), { what: 'the invitation' });
    assert.equal(told.actor.id, ann.id);
    assert.equal(ok(await post(`/dojos/${d.id}/invite`, { userIds: [cid.id] }, by(ann))).invited, 0, 'told once');
    assert.equal(ok(await get(`/dojos/${d.id}`, by(cid))).myRole, null, 'who is invited may see it');
    ok(await join(cid, d));
    ok(await post(`/dojos/${d.id}/leave`, undefined, by(cid)), 204);
    ok(await post(`/dojos/${d.id}/leave`, undefined, by(ben)), 204);
    assert.deepEqual(ok(await get(`/dojos/${d.id}/participants`, by(ann))).map((p) => [p.user.displayName, p.role, p.leftAt === null]), [['Ann', 'OWNER', true], ['Ben', 'PARTICIPANT', false], ['Cid', 'PARTICIPANT', false]]);
    fails(await post(`/dojos/${d.id}/leave`, undefined, by(ann)), 404);
  });
  test('has a join code that nobody can read, and that its owner can change', async () => {
    const d = await make(ann, { isPrivate: true });
    fails(await post(`/dojos/${d.id}/join-code`, undefined, by(ben)), 404);
    const { joinCode } = ok(await post(`/dojos/${d.id}/join-code`, undefined, by(ann)));
    assert.match(joinCode, /^[A-HJ-NP-Z2-9]{8}$/);
    fails(await post('/dojos/join', { joinCode: d.joinCode }, by(ben)), 404);
    const row = sql(`select d::text, (select string_agg(n.data::text, '') from notifications n where n.kind = 'dojo_invited') from dojos d where id = '${d.id}'`);
    for (const code of [d.joinCode, joinCode]) assert.ok(!row.includes(code), 'not in the database');
    assert.equal(ok(await join(ben, d, { joinCode })).id, d.id);
  });
  test('has room for so many, also when they come at once; observers do not count', async () => {
    const d = await make(ann, { maxParticipants: 3 });
    const people = await Promise.all(Array.from({ length: 6 }, () => newUser()));
    const answers = await Promise.all(people.map((p) => join(p, d)));
    assert.deepEqual(answers.map((r) => r.status).sort(), [200, 200, 409, 409, 409, 409]);
    const late = people[answers.findIndex((r) => r.status === 409)], early = people[answers.findIndex((r) => r.status === 200)];
    ok(await join(late, d, { role: 'OBSERVER' }));
    ok(await patch(`/dojos/${d.id}`, { maxParticipants: 1 }, by(ann)));
    assert.equal((await connect(`/dojos/${d.id}/live`, { token: early.token }).closed).code, 4003);
    assert.equal((await enter(late, d)).hello.role, 'OBSERVER');
  });
  test('that is scheduled begins by itself, and its people are told before', async () => {
    const d = await make(ann, { scheduledStartTime: new Date(Date.now() + 600_000).toISOString() });
    assert.equal(d.status, 'SCHEDULED');
    ok(await join(ben, d));
    const s = await enter(ben, d);
    const due = () => sql("select job_enqueue('dojos', '{}', gen_random_uuid()::text)");
    due();
    await until(async () => (await get('/notifications', by(ben))).data.some((n) => n.kind === 'dojo_soon'), { what: 'the reminder' });
    sql(`update dojos set scheduled_at = now() where id = '${d.id}'`);
    due();
    assert.equal((await s.next({ type: 'DOJO_STATUS' }, 15_000)).status, 'ACTIVE');
    const early = await make(ann, { scheduledStartTime: new Date(Date.now() + 9e7).toISOString() });
    assert.equal(ok(await post(`/dojos/${early.id}/start`, undefined, by(ann))).status, 'ACTIVE');
    assert.equal((await endUnfilmed(early)).status, 'COMPLETED');
    fails(await post(`/dojos/${early.id}/end`, undefined, by(ann)), 404);
    fails(await join(ben, early), 409);
  });
});

describe('code', () => {
  const ran = async (who, d, json) => {
    const { requestId } = ok(await post(`/dojos/${d.id}/execute`, json, by(who)), 202);
    return until(async () => { const r = ok(await get(`/dojos/${d.id}/runs/${requestId}`, by(who))); return !['QUEUED', 'RUNNING'].includes(r.status) && r; }, { seconds: 40, what: 'the result' });
  };
  test('is run in the sandbox, and what comes of it is told to all', async () => {
    const d = await make(ann);
    ok(await join(ben, d));
    ok(await join(cid, d, { role: 'OBSERVER' }));
    const [a, b] = [await enter(ann, d), await enter(ben, d)];
    await a.send({ type: 'RUN_CODE', code: 'print(6 * 7)' });
    const { requestId } = await b.next({ type: 'CODE_EXECUTION_STARTED' });
    const result = await b.next({ type: 'CODE_EXECUTION_RESULT' }, 40_000);
    assert.deepEqual([result.requestId, result.status, result.output, result.error], [requestId, 'SUCCESS', '42\n', null]);
    assert.ok(result.executionTime > 0 && result.memory > 0);
    const own = await ran(ben, d, { language: 'c', code: 'int main(void) {\n  return x;\n}\n' });
    assert.deepEqual([own.status, own.error.line, own.error.column], ['ERROR', 2, 10]);
    assert.match(own.error.message, /undeclared/);
    assert.deepEqual((await ran(ann, d, { code: 'print(input()[::-1])', input: 'olá' })).output, 'álo\n');
    assert.equal((await ran(ann, d, { code: 'x', language: 'cobol' })).error.message, 'This language is not known here.');
    assert.deepEqual([own.output, own.stderr.includes('undeclared'), own.cpuTime >= 0], ['', true, true]);
    const both = await ran(ann, d, { language: 'bash', code: 'echo to one; echo to the other >&2' });
    assert.deepEqual([both.status, both.output, both.stderr, both.error], ['SUCCESS', 'to one\n', 'to the other\n', null]);
    const last = await b.next((f) => f.type === 'CODE_EXECUTION_RESULT' && f.requestId === both.requestId);
    assert.deepEqual([last.stderr, last.cpuTime], [both.stderr, both.cpuTime]);
    fails(await post(`/dojos/${d.id}/execute`, { code: 'print(1)' }, by(cid)), 403);
    const stranger = await newUser();
    fails(await post(`/dojos/${d.id}/execute`, { code: 'print(1)' }, by(stranger)), 403);
    await endUnfilmed(d);
    fails(await post(`/dojos/${d.id}/execute`, { code: 'print(1)' }, by(ann)), 409);
  });
  test('of one person waits behind that of others, and only so much of it', async () => {
    const d = await make(ann);
    ok(await join(ben, d));
    const asked = await Promise.all(Array.from({ length: 24 }, (_, i) => post(`/dojos/${d.id}/execute`, { language: 'bash', code: `sleep .2; echo ${i}` }, by(ann))));
    assert.ok(asked.filter((r) => r.status === 429).length >= 1, `too many: ${asked.map((r) => r.status)}`);
    const taken = asked.filter((r) => r.status === 202).map((r) => r.body.data.requestId);
    assert.equal((await ran(ben, d, { language: 'bash', code: 'echo mine' })).output, 'mine\n');
    const waiting = Number(sql(`select count(*) from dojo_runs where dojo_id = '${d.id}' and user_id = '${ann.id}' and status = 'QUEUED'`));
    assert.ok(waiting > taken.length / 2, `Ann's wait (${waiting} of ${taken.length}) when Ben's is done`);
    await until(() => sql(`select count(*) from dojo_runs where dojo_id = '${d.id}' and status in ('QUEUED', 'RUNNING')`) === '0', { seconds: 60, what: 'all of them' });
  });
  test('is answered also where the worker could not run it', async () => {
    const d = await make(ann), s = await enter(ann, d);
    const run = sql(`with r as (insert into dojo_runs (tenant_id, dojo_id, user_id, language, code) select tenant_id, id, owner_id, 'c', 'x' from dojos where id = '${d.id}' returning *)
      insert into jobs (tenant_id, kind, user_id, subject_id, payload, state, attempts, max_attempts, worker, lease_until, priority) select tenant_id, 'code_run', user_id, id, '{}', 'running', 3, 3, 'gone', now() - interval '1 minute', 100 from r returning subject_id`);
    const told = await s.next((f) => f.type === 'CODE_EXECUTION_RESULT' && f.requestId === run.split('\n')[0], 30_000);
    assert.deepEqual([told.status, told.error.message], ['ERROR', 'The program could not be run; try again.']);
  });
});

/** A client of ot.js against our server: what was sent is either acknowledged or made again after a reconnection. */
class Client {
  constructor(socket, me) {
    Object.assign(this, { me, text: socket.hello.content, revision: socket.hello.revision, inflight: null, buffer: null, n: 0 });
    this.attach(socket);
  }
  attach(socket) {
    this.socket = socket;
    this.stop = false;
    this.loop = (async () => {
      for (;;) {
        let frame;
        try {
          frame = await socket.next({ type: 'CODE_UPDATE' }, 60_000);
        } catch {
          return;
        }
        this.receive(frame);
      }
    })().catch((error) => (this.error = error.message));
  }
  receive(frame) {
    if (frame.isRepeated || (frame.requestId && this.inflight && frame.requestId === this.inflight.id)) {
      if (!frame.isRepeated) this.revision = frame.revision;
      this.inflight = null;
      if (this.buffer) this.send(this.buffer, (this.buffer = null));
      return;
    }
    if (frame.revision !== this.revision + 1) throw new Error(`revision ${frame.revision} after ${this.revision}`);
    let op = TextOperation.fromJSON(frame.ops);
    if (this.inflight) [this.inflight.op, op] = TextOperation.transform(this.inflight.op, op);
    if (this.buffer) [this.buffer, op] = TextOperation.transform(this.buffer, op);
    this.text = op.apply(this.text);
    this.revision = frame.revision;
  }
  send(op) {
    this.inflight = { op, id: `${this.me}-${this.n++}` };
    this.socket.send({ type: 'CODE_UPDATE', baseRevision: this.revision, ops: op.toJSON(), requestId: this.inflight.id }).catch(() => {});
  }
  edit(make) {
    const op = make(new TextOperation(), this.text);
    this.text = op.apply(this.text);
    if (!this.inflight) this.send(op);
    else this.buffer = this.buffer ? this.buffer.compose(op) : op;
  }
  get isQuiet() {
    return !this.inflight && !this.buffer;
  }
}
/** Never inside a character outside the basic plane: no editor does that, and the server refuses it. */
const whole = (text, at) => (/[\udc00-\udfff]/.test(text[at] ?? '') ? at + 1 : Math.min(at, text.length));
const insertAt = (at, words) => (op, text) => op.retain(whole(text, at)).insert(words).retain(text.length - whole(text, at));
const serverText = async (who, d) => (await enter(who, d)).hello.content;

describe('its socket', () => {
  test('says where one is, who is there, and what is said', async () => {
    const d = await make(ann, { initialCode: 'x = 1\n' });
    ok(await join(ben, d));
    assert.equal((await connect(`/dojos/${d.id}/live`, { token: cid.token }).closed).code, 4004, 'not joined');
    assert.equal((await connect(`/dojos/${crypto.randomUUID()}/live`, { token: ann.token }).closed).code, 4002);
    assert.equal((await connect(`/dojos/${d.id}/live`, {}).closed).code, 4001);
    const a = await enter(ann, d);
    assert.deepEqual([a.hello.content, a.hello.revision, a.hello.role, a.hello.dojo], ['x = 1\n', 0, 'OWNER', { name: 'Evening kata', language: 'python', status: 'ACTIVE' }]);
    const b = await enter(ben, d);
    const list = await a.next((f) => f.type === 'PARTICIPANT_LIST' && f.participants.filter((p) => p.isOnline).length === 2);
    assert.deepEqual(list.participants.map((p) => [p.userName, p.role]), [['Ann', 'OWNER'], ['Ben', 'PARTICIPANT']]);
    await b.send({ type: 'CHAT_MESSAGE', text: 'Olá <b>Ann</b>' });
    const said = await a.next({ type: 'CHAT_MESSAGE' });
    assert.deepEqual([said.text, said.userId, said.userName], ['Olá <b>Ann</b>', ben.id, 'Ben']);
    assert.equal(ok(await get(`/dojos/${d.id}/chat`, by(ann)))[0].text, 'Olá <b>Ann</b>');
    await a.send({ type: 'CURSOR_POSITION', position: 3, selection: { start: 1, end: 3 } });
    const cursor = await b.next({ type: 'CURSOR_POSITION' });
    assert.deepEqual([cursor.position, cursor.selection, cursor.userName], [3, { start: 1, end: 3 }, 'Ann']);
    await b.close();
    await a.next((f) => f.type === 'PARTICIPANT_LIST' && f.participants.filter((p) => p.isOnline).length === 1);
  });
  test('takes a whole text as the least edit, and refuses what is none', async () => {
    const d = await make(ann, { initialCode: 'one two three' });
    ok(await join(ben, d));
    ok(await join(cid, d, { role: 'OBSERVER' }));
    const [a, b, c] = [await enter(ann, d), await enter(ben, d), await enter(cid, d)];
    await a.send({ type: 'CODE_UPDATE', content: 'one 2 three', baseRevision: 0, position: 5 });
    const update = await b.next({ type: 'CODE_UPDATE' });
    assert.deepEqual([update.revision, update.ops, update.userName, update.position], [1, [4, '2', -3, 6], 'Ann', 5]);
    assert.ok(Math.abs(Date.parse(update.timestamp) - Date.now()) < 60_000);
    // written against what was: both stay
    await b.send({ type: 'CODE_UPDATE', content: 'one two three four', baseRevision: 0 });
    await a.next({ type: 'CODE_UPDATE', revision: 2 });
    assert.equal(await serverText(ann, d), 'one 2 three four');
    for (const bad of [{ ops: [3, 'x'] }, { ops: 'x' }, { ops: [99] }, {}, { content: 5 }]) {
      await a.send({ type: 'CODE_UPDATE', baseRevision: 2, ...bad });
      assert.equal((await a.next({ type: 'error' })).code, 'VALIDATION_ERROR', JSON.stringify(bad));
    }
    await a.send({ type: 'CODE_UPDATE', baseRevision: 77, content: 'x' });
    assert.equal((await a.next({ type: 'error' })).code, 'RESYNC');
    await c.send({ type: 'CODE_UPDATE', baseRevision: 2, content: 'mine' });
    assert.equal((await c.next({ type: 'error' })).code, 'FORBIDDEN');
    await endUnfilmed(d);
    assert.equal((await b.next({ type: 'DOJO_STATUS' })).status, 'COMPLETED');
    await b.send({ type: 'CODE_UPDATE', baseRevision: 2, content: 'too late' });
    assert.equal((await b.next({ type: 'error' })).code, 'FORBIDDEN');
  });
  test('refuses what is made to be costly, and takes what is only late', async () => {
    const units = 30_000, d = await make(ann, { initialCode: 'a'.repeat(units) }), many = (letter) => Array.from({ length: units / 10 }, () => [letter, -1, 9]).flat();
    ok(await join(ben, d));
    const a = await enter(ann, d), b = await enter(ben, d);
    const edit = async (s, frame) => {
      await s.send({ type: 'CODE_UPDATE', requestId: `r${JSON.stringify(frame).length}`, ...frame });
      const answer = await s.next((f) => f.type === 'error' || (f.type === 'CODE_UPDATE' && f.userId === s.who.id), 20_000);
      return answer.code ?? answer.revision;
    };
    await b.send({ type: 'CODE_UPDATE', baseRevision: 0, ops: Array(100_000).fill(1) });
    assert.equal((await b.next({ type: 'error' })).code, 'VALIDATION_ERROR', 'no edit has so many parts');
    const late = [];
    for (let i = 0; i < 30; i++) late.push(await edit(a, { baseRevision: i, ops: many('bc'[i % 2]), requestId: `a${i}` }));
    assert.deepEqual(late, Array.from({ length: 30 }, (_, i) => i + 1));
    assert.equal(await edit(b, { baseRevision: 0, ops: many('d') }), 'RESYNC', 'thirty times nine thousand parts against nine thousand');
    assert.equal(await edit(b, { baseRevision: 20, ops: ['late ', units] }), 31);
    const [c, e] = [await make(ann, { initialCode: 'a'.repeat(units) }), []];
    ok(await join(ben, c));
    const meet = (letter) => Array.from({ length: 5000 }, () => [6, letter]).flat();
    for (const s of [await enter(ann, c), await enter(ben, c)]) e.push(await edit(s, { baseRevision: 0, ops: meet('x') }));
    assert.deepEqual(e, [1, 'RESYNC'], 'more parts than an edit may have, once it is for the present text');
  });
  test('many who write at once with ot.js end with one text', async () => {
    const d = await make(ann, { initialCode: 'start\n', maxParticipants: 20 });
    const people = [ann, ...(await Promise.all(Array.from({ length: 7 }, () => newUser())))];
    for (const p of people.slice(1)) ok(await join(p, d));
    const clients = await Promise.all(people.map(async (p, i) => new Client(await enter(p, d), `c${i}`)));
    for (let round = 0; round < 25; round++) {
      clients.forEach((c, i) => c.edit(insertAt((round * 31 + i * 17) % (c.text.length + 1), i % 3 === 2 ? `🎉${round}` : `[${i}.${round}]`)));
      if (round % 3 === 0) clients[round % 8].edit((op, text) => op.delete(whole(text, 4)).retain(text.length - whole(text, 4)));
      await new Promise((r) => setTimeout(r, 8));
    }
    const state = () => JSON.stringify(clients.map((c) => [c.revision, c.inflight?.id, c.buffer !== null, c.error, c.socket.frames.filter((f) => f.type === 'error')]));
    await until(() => clients.every((c) => c.isQuiet) && new Set(clients.map((c) => c.revision)).size === 1, { every: 50, what: 'everybody to have everything' })
      .catch((cause) => assert.fail(`${cause.message}: ${state()}`));
    const texts = new Set(clients.map((c) => c.text));
    assert.equal(texts.size, 1, [...texts].map((t) => t.slice(0, 200)).join('\n---\n'));
    assert.equal(await serverText(ann, d), clients[0].text);
    ok(await post(`/dojos/${d.id}/end`, undefined, by(ann)));
    const replay = ok(await get(`/dojos/${d.id}/replay`, by(ann)));
    assert.equal(replay.operations.length, clients[0].revision);
    assert.equal(replay.operations.reduce((text, o) => TextOperation.fromJSON(o.ops).apply(text), replay.initialCode), clients[0].text);
    const snapshots = await until(async () => { const s = ok(await get(`/dojos/${d.id}/snapshots`, by(ann))); return s.length > 0 && s; }, { what: 'a snapshot' });
    const filmed = await until(async () => { const x = ok(await get(`/dojos/${d.id}`, by(ann))); return x.recordingUrl && x; }, { seconds: 60, what: 'the recording' });
    const film = await fetch(base + filmed.recordingUrl);
    assert.deepEqual([film.status, film.headers.get('content-type')], [200, 'video/mp4']);
    assert.ok((await film.arrayBuffer()).byteLength > 10_000);
    const at = snapshots[0].revision;
    assert.equal(replay.operations.slice(0, at).reduce((text, o) => TextOperation.fromJSON(o.ops).apply(text), replay.initialCode), snapshots[0].content);
  });
  test('one who comes back has what was missed, and what they sent counts once', async () => {
    const d = await make(ann, { initialCode: '' });
    ok(await join(ben, d));
    const a = new Client(await enter(ann, d), 'a'), b = await enter(ben, d);
    a.edit(insertAt(0, 'one '));
    await b.next({ type: 'CODE_UPDATE', revision: 1 });
    await b.close();
    for (const word of ['two ', 'three ']) {
      await until(() => a.isQuiet, { what: 'the answer' });
      a.edit((op, text) => op.retain(text.length).insert(word));
    }
    await until(() => a.isQuiet && a.revision === 3, { what: 'the answers' });
    const again = await enter(ben, d, { revision: 1 });
    assert.deepEqual([again.hello.revision, again.hello.content, again.hello.operations], [3, undefined, [[4, 'two '], [8, 'three ']]]);
    const edit = { type: 'CODE_UPDATE', baseRevision: 3, ops: [14, 'four'], requestId: 'sent-twice' };
    await again.send(edit);
    await again.next({ type: 'CODE_UPDATE', requestId: 'sent-twice', revision: 4 });
    await again.send(edit);
    assert.equal((await again.next({ type: 'CODE_UPDATE', isRepeated: true })).revision, 4);
    assert.equal(await serverText(ann, d), 'one two three four');
  });
  test('of one who is sent away, or of a dojo that is no more, is closed', async () => {
    const d = await make(ann);
    ok(await join(ben, d));
    const [a, b] = [await enter(ann, d), await enter(ben, d)];
    ok(await post(`/dojos/${d.id}/leave`, undefined, by(ben)), 204);
    assert.equal((await b.closed).code, 4004);
    ok(await del(`/dojos/${d.id}`, by(ann)), 204);
    assert.equal((await a.closed).code, 4002);
  });
});
