// tests/api/accounts.test.mjs - registration, sign-in, sessions, mailed tokens, profiles, follows and blocks.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { call, del, failing, fails, get, newUser, ok, password, patch, post, put } from '../lib/api.mjs';

const unique = () => `t${randomUUID().replaceAll('-', '').slice(0, 18)}`;
const account = (extra = {}) => {
  const name = unique();
  return { email: `${name}@example.test`, username: name, password, ...extra };
};

test('a person registers, signs in and sees herself', async () => {
  const who = account({ displayName: 'Ana Sousa', role: 'creator', companyName: 'Ateliê' });
  const res = await post('/auth/register', who);
  const user = ok(res, 201);
  assert.equal(user.username, who.username);
  assert.equal(user.role, 'creator');
  assert.equal(user.passwordHash, undefined);
  assert.match(res.headers.get('location'), new RegExp(`/users/${user.id}$`));

  for (const login of [{ email: who.email }, { username: who.username }, { email: who.email.toUpperCase() }, { email: who.username }]) {
    const session = ok(await post('/auth/login', { ...login, password }));
    assert.equal(session.userId, user.id);
    assert.equal(session.tokenType, 'Bearer');
    assert.equal(session.expiresIn, 900);
    const me = ok(await get('/users/me', { token: session.accessToken }));
    assert.equal(me.displayName, 'Ana Sousa');
    assert.equal(me.companyName, 'Ateliê');
  }
});

test('every bad field of a registration is named', async () => {
  const error = fails(await post('/auth/register', { email: 'nobody', username: 'a b', password: 'short', role: 'admin' }), 400, 'VALIDATION_ERROR');
  assert.deepEqual(failing(error), ['email', 'password', 'role', 'username']);
  assert.deepEqual(failing(fails(await post('/auth/register', {}), 400)), ['email', 'password', 'username']);
  fails(await post('/auth/register', { ...account(), isAdmin: true }), 400, 'UNKNOWN_FIELD');
});

test('passwords that are tried first are refused', async () => {
  for (const bad of ['password123', 'Qwertyuiop', '1234567890', 'aaaaaaaaaaaa', 'iloveyou2024', 'letmein12345', 'abcabcabcabc'])
    assert.deepEqual(failing(fails(await post('/auth/register', account({ password: bad })), 400)), ['password'], bad);
  ok(await post('/auth/register', account({ password: 'Plum-cake at 7 tonight' })), 201);
});

test('a taken name or address is a conflict, in any case', async () => {
  const who = account();
  ok(await post('/users', who), 201);
  const error = fails(await post('/auth/register', { ...who, username: who.username.toUpperCase(), email: who.email.toUpperCase() }), 409, 'CONFLICT');
  assert.deepEqual(failing(error), ['email', 'username']);
});

test('an unknown address and a wrong password get the same answer, headers and body', async () => {
  const who = account();
  ok(await post('/auth/register', who), 201);
  const wrong = await post('/auth/login', { email: who.email, password: 'not the password at all' });
  const nobody = await post('/auth/login', { email: `x${who.email}`, password: 'not the password at all' });
  fails(wrong, 401, 'CREDENTIALS_INVALID');
  fails(nobody, 401, 'CREDENTIALS_INVALID');
  const strip = (r) => ({ ...r.error, requestId: '' });
  assert.deepEqual(strip(wrong), strip(nobody));
  const names = (r) => [...r.headers.keys()].sort();
  assert.deepEqual(names(wrong), names(nobody));
});

test('a refresh token works once; used again, it ends the session and every token of it', async () => {
  const user = await newUser();
  const second = ok(await post('/auth/refresh', { refreshToken: user.refreshToken }));
  assert.notEqual(second.refreshToken, user.refreshToken);
  ok(await get('/users/me', { token: second.accessToken }));
  fails(await post('/auth/refresh', { refreshToken: user.refreshToken }), 401, 'TOKEN_INVALID');
  fails(await post('/auth/refresh', { refreshToken: second.refreshToken }), 401, 'TOKEN_INVALID');
  fails(await get('/users/me', { token: second.accessToken }), 401);
});

test('a made-up refresh token ends nobody’s session', async () => {
  const user = await newUser();
  const bytes = Buffer.from(user.refreshToken, 'base64url');
  bytes[bytes.length - 1] ^= 1;
  fails(await post('/auth/refresh', { refreshToken: bytes.toString('base64url') }), 401);
  fails(await post('/auth/refresh', { refreshToken: 'x' }), 401);
  ok(await post('/auth/refresh', { refreshToken: user.refreshToken }));
});

test('two refreshes at the same time: one wins, the session ends', async () => {
  const user = await newUser();
  const both = await Promise.all([1, 2].map(() => post('/auth/refresh', { refreshToken: user.refreshToken })));
  assert.deepEqual(both.map((r) => r.status).sort(), [200, 401]);
  const winner = both.find((r) => r.status === 200).data;
  fails(await post('/auth/refresh', { refreshToken: winner.refreshToken }), 401);
});

test('signing out ends the access token at once, on every child', async () => {
  const user = await newUser();
  ok(await post('/auth/logout', undefined, { token: user.token }), 204);
  for (let i = 0; i < 12; i++) fails(await get('/users/me', { token: user.token }), 401);
  fails(await post('/auth/refresh', { refreshToken: user.refreshToken }), 401);
});

test('signing out works by the refresh token too, and needs one of the two', async () => {
  const user = await newUser();
  fails(await post('/auth/logout', {}), 401);
  ok(await post('/auth/logout', { refreshToken: user.refreshToken }), 204);
  fails(await get('/users/me', { token: user.token }), 401);
});

test('sessions are listed with device and address, and ended one by one or all', async () => {
  const user = await newUser();
  const login = () => post('/auth/login', { email: user.email, password }, { headers: { 'user-agent': 'Phone/1.0' } });
  const [phone, tablet] = [ok(await login()), ok(await login())];
  const list = ok(await get('/auth/sessions', { token: user.token }));
  assert.equal(list.length, 3);
  assert.equal(list.filter((s) => s.current).length, 1);
  assert.ok(list.some((s) => s.device === 'Phone/1.0' && s.ip));

  const sid = JSON.parse(Buffer.from(phone.accessToken.split('.')[1], 'base64url')).sid;
  ok(await del(`/auth/sessions/${sid}`, { token: user.token }), 204);
  fails(await get('/users/me', { token: phone.accessToken }), 401);
  fails(await del(`/auth/sessions/${sid}`, { token: user.token }), 404);
  ok(await get('/users/me', { token: tablet.accessToken }));

  const other = await newUser();
  const mine = list.find((s) => s.current).id;
  fails(await del(`/auth/sessions/${mine}`, { token: other.token }), 404, 'NOT_FOUND');

  ok(await post('/auth/logout-all', undefined, { token: user.token }), 204);
  for (const token of [user.token, tablet.accessToken]) fails(await get('/users/me', { token }), 401);
});

test('asking for a mail tells nothing about who has an account', async () => {
  const user = await newUser();
  for (const path of ['/auth/forgot-password', '/auth/resend-verification']) {
    const known = await post(path, { email: user.email });
    const unknown = await post(path, { email: `x${user.email}` });
    assert.deepEqual(ok(known, 202), ok(unknown, 202));
  }
  fails(await post('/auth/reset-password', { token: 'made-up', password: 'another long phrase 77' }), 400);
  fails(await post('/auth/verify-email', { token: 'made-up' }), 400);
});

test('a password is changed by the present one; other devices are signed out', async () => {
  const user = await newUser();
  const other = ok(await post('/auth/login', { email: user.email, password }));
  const next = 'another long phrase 77';
  fails(await post('/auth/change-password', { currentPassword: 'wrong wrong wrong', newPassword: next }, { token: user.token }), 401, 'CREDENTIALS_INVALID');
  ok(await post('/auth/change-password', { currentPassword: password, newPassword: next }, { token: user.token }));
  ok(await get('/users/me', { token: user.token }));
  fails(await get('/users/me', { token: other.accessToken }), 401);
  fails(await post('/auth/login', { email: user.email, password }), 401);
  ok(await post('/auth/login', { email: user.email, password: next }));
});

test('of eight changes at once by the same password one is made', async () => {
  const user = await newUser();
  const next = Array.from({ length: 8 }, (_, i) => `another long phrase ${i} 77`);
  const answers = await Promise.all(next.map((newPassword) => post('/auth/change-password', { currentPassword: password, newPassword }, { token: user.token })));
  const made = next.filter((_, i) => answers[i].status === 200);
  assert.equal(made.length, 1, answers.map((r) => r.status).join());
  for (const r of answers.filter((r) => r.status !== 200)) fails(r, 401, 'CREDENTIALS_INVALID');
  ok(await post('/auth/login', { email: user.email, password: made[0] }));
  fails(await post('/auth/login', { email: user.email, password: next.find((n) => n !== made[0]) }), 401);
  assert.equal(ok(await get('/users/me', { token: user.token })).emailVerified, false, 'a change confirms no address');
});

test('a profile changes only where it is told to', async () => {
  const user = await newUser();
  const changed = ok(await patch('/users/me', { bio: 'Luthier', website: 'https://ana.example', industries: ['wood', 'music'], timeZone: 'America/Sao_Paulo' }, { token: user.token }));
  assert.equal(changed.bio, 'Luthier');
  assert.deepEqual(changed.industries, ['wood', 'music']);
  const again = ok(await patch('/users/me', { location: 'Recife', website: null }, { token: user.token }));
  assert.equal(again.bio, 'Luthier');
  assert.equal(again.website, null);
  assert.equal(again.displayName, user.displayName);
  const error = fails(await patch('/users/me', { website: 'javascript:alert(1)', displayName: '', timeZone: 'Mars/Olympus' }, { token: user.token }), 400);
  assert.deepEqual(failing(error).slice(0, 2), ['displayName', 'website']);
  assert.deepEqual(failing(fails(await patch('/users/me', { timeZone: 'Mars/Olympus' }, { token: user.token }), 400)), ['timeZone']);
  fails(await patch('/users/me', { role: 'admin' }, { token: user.token }), 400, 'UNKNOWN_FIELD');
  fails(await put(`/users/${user.id}`, { bio: 'x' }, { token: (await newUser()).token }), 403, 'FORBIDDEN');
});

test('people are found by id and by @name, without what is private', async () => {
  const user = await newUser();
  for (const ref of [user.id, `@${user.username}`, `@${user.username.toUpperCase()}`]) {
    const seen = ok(await get(`/users/${ref}`));
    assert.equal(seen.id, user.id);
    for (const secret of ['email', 'mfaEnabled', 'passwordHash', 'locale']) assert.equal(seen[secret], undefined, secret);
  }
  fails(await get('/users/@nobody_here_at_all'), 404);
  fails(await get(`/users/${randomUUID()}`), 404);
});

test('following counts once, both ways, and is listed', async () => {
  const [ana, bia] = [await newUser(), await newUser()];
  for (let i = 0; i < 2; i++) ok(await post(`/users/${bia.id}/follow`, undefined, { token: ana.token }));
  assert.equal(ok(await get(`/users/${bia.id}`, { token: ana.token })).isFollowing, true);
  assert.equal(ok(await get(`/users/${bia.id}`, { token: ana.token })).stats.followers, 1);
  assert.equal(ok(await get('/users/me', { token: ana.token })).stats.following, 1);
  assert.deepEqual(ok(await get(`/users/@${bia.username}/followers`)).map((u) => u.id), [ana.id]);
  assert.deepEqual(ok(await get(`/users/${ana.id}/following`)).map((u) => u.id), [bia.id]);
  ok(await del(`/users/${bia.id}/follow`, { token: ana.token }), 204);
  assert.equal(ok(await get(`/users/${bia.id}`, { token: ana.token })).stats.followers, 0);
  fails(await post(`/users/${ana.id}/follow`, undefined, { token: ana.token }), 404);
  fails(await get(`/users/${randomUUID()}/followers`), 404);
});

test('thirty followers at the same time are thirty, page by page', async () => {
  const star = await newUser();
  const fans = await Promise.all(Array.from({ length: 30 }, () => newUser()));
  await Promise.all(fans.map((f) => post(`/users/${star.id}/follow`, undefined, { token: f.token })));
  assert.equal(ok(await get(`/users/${star.id}`)).stats.followers, 30);
  const seen = [];
  let cursor = '';
  do {
    const page = await get(`/users/${star.id}/followers?limit=7${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    seen.push(...ok(page).map((u) => u.id));
    assert.equal(page.meta.hasMore, page.meta.cursor !== null);
    cursor = page.meta.cursor;
  } while (cursor);
  assert.deepEqual([...seen].sort(), fans.map((f) => f.id).sort());
  assert.equal(new Set(seen).size, 30);
  fails(await get(`/users/${star.id}/following?limit=7&cursor=AAAA`), 400, 'INVALID_CURSOR');
});

test('a block hides both from each other everywhere and ends following', async () => {
  const [ana, bia, cai] = [await newUser(), await newUser(), await newUser()];
  ok(await post(`/users/${bia.id}/follow`, undefined, { token: ana.token }));
  ok(await post(`/users/${ana.id}/follow`, undefined, { token: bia.token }));
  ok(await post(`/users/${cai.id}/follow`, undefined, { token: ana.token }));
  ok(await post(`/users/${ana.id}/block`, undefined, { token: bia.token }));

  fails(await get(`/users/${bia.id}`, { token: ana.token }), 404);
  fails(await get(`/users/@${bia.username}/followers`, { token: ana.token }), 404);
  fails(await post(`/users/${bia.id}/follow`, undefined, { token: ana.token }), 404);
  fails(await post(`/users/${ana.id}/follow`, undefined, { token: bia.token }), 404);
  assert.equal(ok(await get(`/users/${cai.id}/followers`, { token: bia.token })).length, 0);
  assert.equal(ok(await get(`/users/${cai.id}/followers`)).length, 1);
  assert.equal(ok(await get('/users/me', { token: ana.token })).stats.followers, 0);
  assert.deepEqual(ok(await get('/users/me/blocks', { token: bia.token })).map((u) => u.id), [ana.id]);

  ok(await del(`/users/${ana.id}/block`, { token: bia.token }), 204);
  ok(await get(`/users/${bia.id}`, { token: ana.token }));
});

test('preferences are merged, and null takes one away', async () => {
  const { token } = await newUser();
  assert.deepEqual(ok(await get('/users/me/preferences', { token })), {});
  ok(await patch('/users/me/preferences', { theme: 'dark', autoplay: false }, { token }));
  assert.deepEqual(ok(await patch('/users/me/preferences', { theme: null, digest: 'weekly' }, { token })), { autoplay: false, digest: 'weekly' });
  fails(await patch('/users/me/preferences', { theme: 'pink' }, { token }), 400);
  fails(await patch('/users/me/preferences', { colour: 'pink' }, { token }), 400, 'UNKNOWN_FIELD');
});

test('deleting an account asks for the password, says until when, and is seen at once', async () => {
  const user = await newUser();
  fails(await call('DELETE', '/users/me', { token: user.token, json: {} }), 400);
  fails(await call('DELETE', '/users/me', { token: user.token, json: { password: 'wrong wrong wrong' } }), 401);
  const gone = ok(await call('DELETE', '/users/me', { token: user.token, json: { password } }), 202);
  assert.ok(new Date(gone.deletedBy) - Date.now() < 30 * 86400e3);
  fails(await get(`/users/${user.id}`), 404);
  fails(await get('/users/me', { token: user.token }), 401);
  fails(await post('/auth/refresh', { refreshToken: user.refreshToken }), 401);
  fails(await post('/auth/login', { email: user.email, password }), 401, 'CREDENTIALS_INVALID');
});

test('an API key is shown once, does what its scopes say, and ends', async () => {
  const user = await newUser();
  const made = ok(await post('/auth/api-keys', { name: 'bot', scopes: ['read'], password }, { token: user.token }), 201);
  assert.match(made.key, /^atl_/);
  const [listed] = ok(await get('/auth/api-keys', { token: user.token }));
  assert.equal(listed.key, undefined);
  assert.equal(listed.hint, made.key.slice(-4));

  ok(await get('/users/me', { token: made.key }));
  fails(await patch('/users/me', { bio: 'x' }, { token: made.key }), 403);
  fails(await get('/auth/sessions', { token: made.key }), 403);
  fails(await post('/auth/api-keys', { name: 'x', scopes: ['write'], password }, { token: made.key }), 403);
  fails(await post('/auth/api-keys', { name: 'x', scopes: ['everything'], password }, { token: user.token }), 400);
  fails(await post('/auth/api-keys', { name: 'x', scopes: ['read'], password: 'wrong wrong wrong' }, { token: user.token }), 401);

  const writer = ok(await post('/auth/api-keys', { name: 'w', scopes: ['write'], password }, { token: user.token }), 201);
  ok(await patch('/users/me', { bio: 'by key' }, { token: writer.key }));
  fails(await del(`/auth/api-keys/${made.id}`, { token: (await newUser()).token }), 404);
  ok(await del(`/auth/api-keys/${made.id}`, { token: user.token }), 204);
  fails(await get('/users/me', { token: made.key }), 401);
});
