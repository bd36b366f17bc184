// tests/api/confirm.test.mjs - what is privileged asks for the password again after a while.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { call, del, fails, get, newUser, ok, password, patch, post, put } from '../lib/api.mjs';
import { newPerson } from '../lib/people.mjs';
import { allRoutes } from '../lib/routes.mjs';
import { claimsOf } from '../lib/tokens.mjs';
import { sql } from '../lib/video.mjs';

const by = (who) => ({ token: who.token });
let admin, person;
before(async () => {
  [admin, person] = await Promise.all([newPerson('admin'), newUser()]);
});
const age = (who) => sql(`update sessions set confirmed_at = now() - interval '16 minutes' where user_id = '${who.id}'`);

describe('an act that is privileged', () => {
  test('is refused until the password was given again, and changes nothing', async () => {
    const acts = [
      () => put(`/users/${person.id}/role`, { role: 'creator' }, by(admin)), () => post(`/users/${person.id}/suspend`, { days: 1, reason: 'x' }, by(admin)),
      () => post(`/users/${person.id}/ban`, { reason: 'x' }, by(admin)), () => patch('/moderation/settings', { claimMinutes: 30 }, by(admin)),
      () => patch('/tenant', { name: 'x' }, by(admin)), () => del(`/desk/people/${person.id}/sessions`, by(admin)),
      () => del(`/desk/people/${person.id}/sessions/${claimsOf(person.token).sid}`, by(admin)),
      () => post('/webhooks', { url: 'https://example.com/', events: ['video.ready'] }, by(admin)),
    ];
    age(admin);
    const state = () => sql(`select role || status || (select claim_minutes from moderation_settings m where m.tenant_id = u.tenant_id) from users u where id = '${person.id}'`);
    const was = state();
    for (const act of acts) fails(await act(), 403, 'CONFIRMATION_REQUIRED');
    assert.equal(state(), was);
    ok(await get('/users/me', by(person)));
    fails(await post('/auth/confirm', { password: 'not the password' }, by(admin)), 401, 'CREDENTIALS_INVALID');
    fails(await acts[0](), 403, 'CONFIRMATION_REQUIRED');
    ok(await post('/auth/confirm', { password }, by(admin)), 204);
    ok(await acts[0]());
    assert.equal(sql(`select role from users where id = '${person.id}'`), 'creator');
  });

  test('is asked for by the session that does it, not by another one of the same person', async () => {
    const session = ok(await post('/auth/login', { email: person.email, password }));
    assert.ok(session.accessToken);
    age(person);
    ok(await post('/auth/confirm', { password }, { token: session.accessToken }), 204);
    assert.equal(sql(`select count(*) from sessions where user_id = '${person.id}' and confirmed_at > now() - interval '1 minute'`), '1');
  });

  test('refreshing a session does not stand for the password', async () => {
    age(admin);
    const { accessToken } = ok(await post('/auth/refresh', { refreshToken: admin.refreshToken }));
    fails(await patch('/moderation/settings', { claimMinutes: 15 }, { token: accessToken }), 403, 'CONFIRMATION_REQUIRED');
  });

  test('is what its row says: nothing else is refused', async () => {
    age(admin);
    ok(await get('/audit', by(admin)));
    ok(await post('/moderation/decide', { kind: 'user', id: person.id, action: 'warn', reason: 'spam' }, by(admin)));
    assert.ok((await allRoutes()).some((r) => r.path === '/api/v1/auth/confirm'));
    assert.equal((await call('POST', '/auth/confirm', { json: { password } })).status, 401);
  });
});
