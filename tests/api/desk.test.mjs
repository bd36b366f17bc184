// tests/api/desk.test.mjs - what moderators and operators work with: figures, lists of everything, the queue, the log.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, describe, test } from 'node:test';
import { call, ctl, del, fails, get, newUser, ok, password, patch, post, until } from '../lib/api.mjs';
import { newPerson } from '../lib/people.mjs';
import { callAt } from '../lib/routes.mjs';
import { claimsOf } from '../lib/tokens.mjs';
import { plantVideos, sql } from '../lib/video.mjs';

let moderator, admin, operator, author, stranger;
const by = (who) => ({ token: who.token });
const other = 'other.localhost';
before(async () => {
  [moderator, admin, operator, author] = await Promise.all([newPerson('moderator'), newPerson('admin'), newPerson('operator'), newUser()]);
  // an administrator of the other community
  const name = `s${randomUUID().replaceAll('-', '').slice(0, 18)}`;
  if ((await callAt(other, 'GET', '/api/v1/tenant')).status !== 200) ctl('tenant', 'create', 'other', '--host', other, '--base-url', `http://${other}`);
  await callAt(other, 'POST', '/api/v1/auth/register', { json: { email: `${name}@example.test`, username: name, password } });
  sql(`update users set role = 'admin', mfa_enabled_at = now() where username = '${name}'`);
  sql(`update users set mfa_enabled_at = null where username = '${name}'`);
  const { accessToken, refreshToken } = (await callAt(other, 'POST', '/api/v1/auth/login', { json: { email: `${name}@example.test`, password } })).data;
  sql(`update users set mfa_enabled_at = now() where username = '${name}'`);
  stranger = (await callAt(other, 'POST', '/api/v1/auth/refresh', { json: { refreshToken } })).data?.accessToken ?? accessToken;
});
const newJob = (extra = {}) => {
  const j = { kind: 'check_text', state: 'dead', code: 'desk_test', ...extra };
  return sql(`insert into jobs (tenant_id, kind, user_id, state, attempts, reason, reason_code, finished_at)
    values ('${claimsOf(author.token).tenant}', '${j.kind}', '${author.id}', '${j.state}', 3, 'It broke', '${j.code}', now()) returning id`).split('\n')[0];
};

describe('the desk', () => {
  test('tells what waits and what came in', async () => {
    const f = ok(await get('/desk/figures', by(moderator)));
    assert.equal(f.days.length, 30);
    assert.equal(f.days.at(-1).day, new Date().toISOString().slice(0, 10));
    assert.ok(f.days.at(-1).people >= 4 && Number.isInteger(f.open.cases));
    fails(await get('/desk/figures', by(author)), 403);
  });

  test('lists videos in any state: all once, by author, by words, by state', async () => {
    const person = await newUser();
    const word = `desk${Date.now()}`;
    const made = plantVideos(person, 7, { title: `Step ${word}`, visibility: 'private' });
    sql(`update videos set hidden_at = now() where id in ('${made[0]}', '${made[1]}')`);
    const seen = [];
    let cursor = '';
    do {
      const page = await get(`/desk/videos?q=@${person.username}&limit=3${cursor && `&cursor=${cursor}`}`, by(moderator));
      seen.push(...ok(page).map((v) => v.id));
      cursor = page.body.meta.cursor ?? '';
    } while (cursor);
    assert.deepEqual(seen.sort(), [...made].sort());
    assert.deepEqual(ok(await get(`/desk/videos?state=hidden&q=${word}`, by(moderator))).map((v) => v.id).sort(), [made[0], made[1]].sort());
    assert.deepEqual(ok(await get(`/desk/videos?q=${made[3]}`, by(moderator))).map((v) => v.id), [made[3]]);
    const one = ok(await get(`/desk/videos/${made[0]}`, by(moderator)));
    assert.equal(one.user.username, person.username);
    fails(await get('/desk/videos?state=nonsense', by(moderator)), 400);
  });

  test('lists comments, by author and by words', async () => {
    const [video] = plantVideos(author, 1);
    const person = await newUser();
    const word = `say${Date.now()}`;
    const comment = ok(await post('/comments', { videoId: video, text: `Something ${word}` }, by(person)), 201);
    assert.deepEqual(ok(await get(`/desk/comments?q=@${person.username}`, by(moderator))).map((c) => c.id), [comment.id]);
    assert.deepEqual(ok(await get(`/desk/comments?q=${word}`, by(moderator))).map((c) => c.id), [comment.id]);
    assert.deepEqual(ok(await get(`/desk/comments?q=${word}&state=hidden`, by(moderator))), []);
  });

  test('shows a person, and signs them out everywhere', async () => {
    const person = await newUser();
    const seen = ok(await get(`/desk/people/@${person.username}`, by(moderator)));
    assert.deepEqual([seen.id, seen.email, seen.sessions, seen.strikeCount], [person.id, null, null, 0], 'addresses are for those who manage people');
    assert.equal(ok(await get(`/desk/people/${person.id}`, by(admin))).sessions.length, 1);
    fails(await del(`/desk/people/${person.id}/sessions`, by(moderator)), 403);
    assert.equal(ok(await del(`/desk/people/${person.id}/sessions`, by(admin))).signedOut, 1);
    assert.equal((await get('/users/me', by(person))).status, 401);
    assert.equal(sql(`select count(*) from audit_log where action = 'user.signed_out' and target_id = '${person.id}' and actor_id = '${admin.id}'`), '1');
  });

  test('ends one session of a person: its tokens, and no other’s', async () => {
    const person = await newUser();
    const phone = ok(await call('POST', '/auth/login', { json: { email: person.email, password: person.password }, headers: { 'user-agent': 'A telephone' } }));
    const seen = ok(await get(`/desk/people/${person.id}`, by(admin))).sessions;
    assert.equal(seen.length, 2);
    const { id } = seen.find((s) => s.device === 'A telephone');
    const where = `/desk/people/${person.id}/sessions/${id}`;
    fails(await del(where, by(moderator)), 403);
    fails(await del(`/desk/people/${author.id}/sessions/${id}`, by(admin)), 404);
    ok(await get('/users/me', { token: phone.accessToken }));
    ok(await del(where, by(admin)), 204);
    assert.equal((await get('/users/me', { token: phone.accessToken })).status, 401, 'at once');
    fails(await post('/auth/refresh', { refreshToken: phone.refreshToken }), 401, 'TOKEN_INVALID');
    ok(await get('/users/me', by(person)));
    assert.deepEqual(ok(await get(`/desk/people/${person.id}`, by(admin))).sessions.map((s) => s.id), seen.filter((s) => s.id !== id).map((s) => s.id));
    fails(await del(where, by(admin)), 404);
    assert.equal(sql(`select string_agg(before ->> 'sessionId', ' ') from audit_log where action = 'user.session_ended' and target_id = '${person.id}' and actor_id = '${admin.id}'`), id);
  });
});

describe('jobs', () => {
  test('are found, told of, done again one by one or by reason, and cancelled', async () => {
    const code = `desk_${Date.now()}`;
    const [one, two] = [newJob({ code }), newJob({ code })];
    assert.deepEqual(ok(await get(`/desk/jobs?reasonCode=${code}`, by(admin))).map((j) => j.id).sort(), [one, two].sort());
    const told = ok(await get('/desk/jobs/failures', by(admin))).find((f) => f.reasonCode === code);
    assert.deepEqual([told.kind, told.jobs, told.reason], ['check_text', 2, 'It broke']);
    assert.equal(ok(await get(`/desk/jobs/${one}`, by(admin))).reason, 'It broke');
    assert.equal(ok(await post(`/desk/jobs/${one}/retry`, undefined, by(admin))).retried, 1);
    assert.equal(ok(await post('/desk/jobs/retry', { kind: 'check_text', reasonCode: code }, by(admin))).retried, 1);
    assert.equal(sql(`select count(*) from audit_log where action = 'job.retried' and actor_id = '${admin.id}'`), '2');
    const waiting = sql(`insert into jobs (tenant_id, kind, user_id, run_at) values ('${claimsOf(author.token).tenant}', 'check_text', '${author.id}', now() + interval '1 day') returning id`).split('\n')[0];
    assert.equal(ok(await post(`/desk/jobs/${waiting}/cancel`, undefined, by(admin))).state, 'cancelled');
    fails(await post(`/desk/jobs/${waiting}/cancel`, undefined, by(admin)), 404);
    fails(await get('/desk/jobs', by(moderator)), 403);
    assert.ok(ok(await get('/desk/jobs/figures', by(operator))).length >= 0);
    fails(await get('/desk/jobs/figures', by(admin)), 403);
  });
  test('tell of each failure what their process logged', async () => {
    const id = sql(`insert into jobs (tenant_id, kind, subject_id, payload) values ('${claimsOf(author.token).tenant}', 'transcode', gen_random_uuid(), '{"videoId":"${randomUUID()}"}') returning id`).split('\n')[0];
    await until(() => sql(`select state from jobs where id = '${id}'`) === 'dead', { seconds: 20, every: 100, what: 'the end of a job about nothing' });
    const job = ok(await get(`/desk/jobs/${id}`, by(admin)));
    assert.equal(job.failures.length, job.attempts);
    assert.deepEqual([job.failures[0].reasonCode, job.failures[0].reason], [job.reasonCode, job.reason]);
    // a child that dies says nothing: the kernel's word stands for it
    const died = sql(`insert into jobs (tenant_id, kind, state, attempts, worker, started_at, lease_until) values ('${claimsOf(author.token).tenant}', 'desk_died', 'running', 1, 'w', now(), now() + interval '1 hour') returning id`).split('\n')[0];
    sql(`select job_fail('${died}', 'w', 1, 'CRASHED', 'It stopped.', true, 'signal 11 (Segmentation fault)')`);
    assert.deepEqual(ok(await get(`/desk/jobs/${died}`, by(admin))).failures.map((f) => [f.attempt, f.log]), [[1, 'signal 11 (Segmentation fault)']]);
    assert.equal((await callAt(other, 'GET', `/api/v1/desk/jobs/${died}`, { token: stranger })).status, 404);
  });

  test('of one community are not the other’s', async () => {
    const id = newJob();
    assert.equal((await callAt(other, 'GET', `/api/v1/desk/jobs/${id}`, { token: stranger })).status, 404);
    assert.equal((await callAt(other, 'POST', `/api/v1/desk/jobs/${id}/retry`, { token: stranger })).status, 404);
    assert.equal((await callAt(other, 'POST', `/api/v1/desk/jobs/${id}/cancel`, { token: stranger })).status, 404);
    assert.equal((await callAt(other, 'POST', '/api/v1/desk/jobs/retry', { token: stranger, json: { kind: 'check_text' } })).data.retried, 0);
    assert.equal(sql(`select state from jobs where id = '${id}'`), 'dead');
    for (const path of ['jobs', 'videos', 'comments']) {
      const res = await callAt(other, 'GET', `/api/v1/desk/${path}?limit=100`, { token: stranger });
      assert.equal(res.status, 200, res.text);
      assert.ok(!res.text.includes(author.id) && !res.text.includes(id), path);
    }
    const named = await callAt(other, 'GET', `/api/v1/desk/videos?q=@${author.username}`, { token: stranger });
    assert.deepEqual(named.data, []);
    assert.ok((await callAt(other, 'GET', '/api/v1/audit?limit=100', { token: stranger })).data.every((a) => a.actor.id !== admin.id));
  });
});

describe('the audit log', () => {
  test('is searched, paged and exported', async () => {
    const person = await newUser({ displayName: 'Logged' });
    ok(await call('PUT', `/users/${person.id}/role`, { json: { role: 'creator' }, token: admin.token }));
    ok(await call('PUT', `/users/${person.id}/role`, { json: { role: 'user' }, token: admin.token }));
    const rows = ok(await get(`/audit?actor=@${admin.username}&action=user.role&target=${person.id}`, by(admin)));
    assert.deepEqual(rows.map((r) => [r.action, r.before.role, r.after.role]), [['user.role_set', 'creator', 'user'], ['user.role_set', 'user', 'creator']]);
    const first = await get(`/audit?target=${person.id}&limit=1`, by(admin));
    const second = await get(`/audit?target=${person.id}&limit=1&cursor=${first.body.meta.cursor}`, by(admin));
    assert.deepEqual([ok(first)[0].id, ok(second)[0].id], rows.map((r) => r.id));
    assert.equal(ok(await get(`/audit?q=${person.id.slice(0, 13)}&from=2100-01-01T00:00:00Z`, by(admin))).length, 0);
    sql(`insert into audit_log (tenant_id, actor_id, action, target_kind, target_id, note) values ('${claimsOf(admin.token).tenant}', '${admin.id}', 'test.note', 'user', '${person.id}', '=cmd|" /C calc"!A0')`);
    const csv = (await get(`/audit/export?target=${person.id}`, by(admin))).text.split('\r\n');
    assert.equal(csv.length, 5);
    assert.match(csv[0], /^at,action,actor,/);
    assert.match(csv[1], /"'=cmd\|"" \/C calc""!A0"/, 'a formula is text');
    fails(await get('/audit', by(moderator)), 403);
    fails(await get('/audit/export', by(moderator)), 403);
  });
});

describe('templates of reasons', () => {
  test('are added, changed and taken out of use by those who run the community, with audit rows', async () => {
    const code = `r${Date.now()}`;
    fails(await post('/moderation/reasons', { code, locale: 'en', title: 'Loud', body: 'Too loud.' }, by(moderator)), 403);
    const made = ok(await post('/moderation/reasons', { code, locale: 'en', title: 'Loud', body: 'Too loud.', strike: 'never' }, by(admin)), 201);
    assert.equal(made.addsStrike, false);
    fails(await post('/moderation/reasons', { code, locale: 'en', title: 'Again', body: 'x' }, by(admin)), 409);
    fails(await post('/moderation/reasons', { code: 'Not A Code', locale: 'en', title: 'x', body: 'x' }, by(admin)), 400);
    ok(await post('/moderation/decide', { kind: 'user', id: author.id, action: 'warn', reason: code }, by(moderator)));
    assert.equal(sql(`select words from decisions where user_id = '${author.id}' and reason = '${code}'`), 'Too loud.');
    ok(await patch(`/moderation/reasons/${made.id}`, { isActive: false, strike: 'as_action' }, by(admin)));
    const seen = ok(await get('/moderation/reasons', by(moderator))).find((r) => r.id === made.id);
    assert.deepEqual([seen.isActive, seen.addsStrike, seen.body], [false, null, 'Too loud.']);
    fails(await post('/moderation/decide', { kind: 'user', id: author.id, action: 'warn', reason: code }, by(moderator)), 400);
    assert.equal(sql(`select string_agg(action, ' ' order by at) from audit_log where target_id = '${made.id}'`), 'reason.created reason.changed');
  });
});

test('the log is searched by day', async () => {
  const day = new Date().toISOString().slice(0, 10);
  assert.ok(ok(await get(`/audit?from=${day}`, by(admin))).length > 0);
  assert.equal(ok(await get(`/audit?until=2001-01-01`, by(admin))).length, 0);
  fails(await get('/audit?from=2001-13-01', by(admin)), 400);
});
