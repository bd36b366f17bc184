// tests/api/standing.test.mjs - roles, suspensions and bans, as an administrator gives them and as the person meets them.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { ctl, del, fails, get, newUser, ok, password, patch, post, put } from '../lib/api.mjs';
import { newPerson, renewed } from '../lib/people.mjs';
import { sql } from '../lib/running.mjs';
import { claimsOf } from '../lib/tokens.mjs';

let admin, moderator;
before(async () => {
  admin = await newPerson('admin');
  moderator = await newPerson('moderator');
});

const by = (who) => ({ token: who.token });
const suspend = (user, body = { reason: 'a test of ours' }) => post(`/users/${user.id}/suspend`, body, by(admin));
const acts = (id) => sql(`select action || ' ' || coalesce(before ->> 'status', '') || ' ' || coalesce(after ->> 'status', '') from audit_log where target_id = '${id}' and action ~ '^user.(role_set|suspended|unsuspended|banned|unbanned)$' order by at`);

describe('the list of people', () => {
  test('is found by a part of a name or an address, by role and by status, page by page', async () => {
    const mark = `q${Date.now()}x`;
    const people = [];
    for (const n of [1, 2, 3]) people.push(await newUser({ displayName: `Zoë ${mark} ${n}%_` }));
    const list = async (query) => {
      const res = await get(`/users?${query}`, by(admin));
      ok(res);
      return res;
    };
    const found = await list(`q=${mark}&sort=createdAt&limit=2`);
    assert.deepEqual(found.data.map((u) => u.id), people.slice(0, 2).map((u) => u.id));
    assert.deepEqual(found.meta, { page: 1, limit: 2, total: 3, totalPages: 2 });
    assert.deepEqual((await list(`q=${mark}&sort=createdAt&limit=2&page=2`)).data.map((u) => u.id), [people[2].id]);
    assert.equal((await list(`q=${encodeURIComponent(people[1].email.slice(0, 12))}`)).data[0].email, people[1].email);
    assert.equal((await list(`q=${mark}%20_%25_`)).data.length, 0); // signs of `like` are letters here
    assert.equal((await list(`q=${encodeURIComponent(`${mark} 1%_`)}`)).data.length, 1);
    ok(await suspend(people[2]));
    assert.deepEqual((await list(`q=${mark}&status=suspended`)).data.map((u) => [u.id, u.statusReason]), [[people[2].id, 'a test of ours']]);
    assert.ok((await list('role=admin')).data.some((u) => u.id === admin.id));
    fails(await get('/users?sort=password', by(admin)), 400, 'VALIDATION_ERROR');
    fails(await get('/users?nonsense=1', by(admin)), 400, 'UNKNOWN_FIELD');
  });
});

describe('a role', () => {
  test('ends the access tokens given out so far; the next refresh brings the new one', async () => {
    const user = await newUser();
    const { data } = await put(`/users/${user.id}/role`, { role: 'creator' }, by(admin));
    assert.equal(data.role, 'creator');
    for (let i = 0; i < 4; i++) fails(await get('/users/me', by(user)), 401, 'TOKEN_EXPIRED');
    const now = await renewed(user);
    assert.equal(claimsOf(now.token).role, 'creator');
    ok(await get('/users/me', by(now)));
    assert.match(sql(`select before ->> 'role' || '>' || (after ->> 'role') || ' ' || actor_id from audit_log where target_id = '${user.id}' and action = 'user.role_set'`), new RegExp(`user>creator ${admin.id}`));
  });
  test('is nothing to give for who does not manage people, nor on oneself, nor an operator’s by an administrator', async () => {
    const user = await newUser();
    const operator = await newPerson('operator');
    fails(await put(`/users/${user.id}/role`, { role: 'creator' }, by(moderator)), 403, 'FORBIDDEN');
    fails(await put(`/users/${admin.id}/role`, { role: 'user' }, by(admin)), 403, 'FORBIDDEN');
    fails(await put(`/users/${user.id}/role`, { role: 'operator' }, by(admin)), 403, 'FORBIDDEN');
    fails(await put(`/users/${operator.id}/role`, { role: 'user' }, by(admin)), 403, 'FORBIDDEN');
    fails(await post(`/users/${operator.id}/ban`, { reason: 'a coup' }, by(admin)), 403, 'FORBIDDEN');
    fails(await put(`/users/${user.id}/role`, { role: 'king' }, by(admin)), 400, 'VALIDATION_ERROR');
    ok(await put(`/users/${user.id}/role`, { role: 'operator' }, by(operator)));
  });
});

describe('the last administrator', () => {
  test('is not demoted, suspended, banned or let go, also when two go at the same time', async () => {
    // a community of its own, where nobody else makes administrators
    const slug = `last${Date.now()}`;
    ctl('tenant', 'create', slug, '--host', `${slug}.localhost`);
    const make = (n) => sql(`insert into users (tenant_id, email, username, display_name, role) select id, 'a${n}@example.test', 'admin_${n}', 'A', 'admin' from tenants where slug = '${slug}' returning id`).split('\n')[0];
    const [one, two] = [make(1), make(2)];
    const demote = (id) => sql(`begin; select set_config('atelier.tenant', tenant_id::text, true) from users where id = '${id}'; select user_set_role('${id}', 'user'); commit`);
    demote(one);
    for (const act of [`user_set_role('${two}', 'user')`, `user_suspend('${two}', null, 'x')`, `user_ban('${two}', 'x')`])
      assert.throws(() => sql(`select ${act}`), /last administrator/);
    assert.throws(() => sql(`update users set status = 'deleted' where id = '${two}'`), /last administrator/);
    assert.throws(() => ctl('user', 'role', 'admin_2', 'user', '--tenant', slug), /last administrator/);
    // the race itself is run in tests/db/test_schema.c
  });
});

describe('somebody suspended', () => {
  test('reads, and does nothing else, from this moment on', async () => {
    const user = await newUser();
    ok(await suspend(user, { reason: 'a test of ours', until: new Date(Date.now() + 86400_000).toISOString() }));
    fails(await patch('/users/me', { bio: 'still here' }, by(user)), 401, 'TOKEN_EXPIRED');
    const now = await renewed(user);
    assert.equal(claimsOf(now.token).role, 'suspended');
    const me = ok(await get('/users/me', by(now)));
    assert.equal(me.status, 'suspended');
    ok(await get('/videos/feed', by(now)));
    fails(await patch('/users/me', { bio: 'still here' }, by(now)), 403, 'FORBIDDEN');
    fails(await post('/videos', { title: 'A clip of mine' }, by(now)), 403, 'FORBIDDEN');
    fails(await post(`/users/${admin.id}/follow`, undefined, by(now)), 403, 'FORBIDDEN');
    const again = ok(await post('/auth/login', { email: user.email, password }));
    assert.equal(claimsOf(again.accessToken).role, 'suspended');
    ok(await post(`/users/${user.id}/unsuspend`, undefined, by(admin)));
    ok(await patch('/users/me', { bio: 'back' }, by(await renewed(now))));
    fails(await post(`/users/${user.id}/unsuspend`, undefined, by(admin)), 409, 'CONFLICT');
    assert.equal(acts(user.id), 'user.suspended active suspended\nuser.unsuspended suspended active');
  });
  test('is free again when the time is over', async () => {
    const user = await newUser();
    fails(await suspend(user, { reason: 'in the past', until: '2020-01-01T00:00:00Z' }), 400, 'VALIDATION_ERROR');
    ok(await suspend(user, { reason: 'a test of ours', until: new Date(Date.now() + 3000).toISOString() }));
    await new Promise((resolve) => setTimeout(resolve, 3100));
    ok(await patch('/users/me', { bio: 'free' }, by(await renewed(user))));
  });
  test('has keys that read and do nothing else', async () => {
    const user = await newUser();
    const { key } = ok(await post('/auth/api-keys', { name: 'robot', scopes: ['read', 'write'], password }, by(user)), 201);
    ok(await patch('/users/me', { bio: 'by a robot' }, { token: key }));
    ok(await suspend(user));
    ok(await get('/users/me', { token: key }));
    fails(await patch('/users/me', { bio: 'by a robot' }, { token: key }), 403, 'FORBIDDEN');
  });
});

describe('somebody banned', () => {
  test('is out at once everywhere, and does not come in', async () => {
    const user = await newUser();
    const { key } = ok(await post('/auth/api-keys', { name: 'robot', scopes: ['read'], password }, by(user)), 201);
    ok(await post(`/users/${user.id}/ban`, { reason: 'a test of ours' }, by(admin)));
    for (let i = 0; i < 4; i++) fails(await get('/users/me', by(user)), 401, 'TOKEN_EXPIRED');
    fails(await post('/auth/refresh', { refreshToken: user.refreshToken }), 401, 'TOKEN_INVALID');
    fails(await post('/auth/login', { email: user.email, password }), 403, 'ACCOUNT_LOCKED');
    fails(await get('/users/me', { token: key }), 401, 'TOKEN_INVALID');
    fails(await get(`/users/${user.id}`), 404, 'NOT_FOUND');
    fails(await suspend(user), 409, 'CONFLICT');
    ok(await post(`/users/${user.id}/unban`, undefined, by(admin)));
    ok(await post('/auth/login', { email: user.email, password }));
    ok(await get(`/users/${user.id}`));
    assert.equal(acts(user.id), 'user.banned active banned\nuser.unbanned banned active');
  });
  test('leaves no trace in the log when the change did not happen', async () => {
    const user = await newUser();
    fails(await post(`/users/${user.id}/unban`, undefined, by(admin)), 409, 'CONFLICT');
    assert.equal(acts(user.id), '');
    ok(await del('/users/me', { ...by(user), json: { password } }), 202);
    fails(await post(`/users/${user.id}/ban`, { reason: 'too late' }, by(admin)), 404, 'NOT_FOUND');
  });
});
