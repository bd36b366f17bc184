// tests/api/tokens.test.mjs - access tokens that must not pass, one reason each; and who answers for another tenant.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { base, fails, get, newUser, ok } from '../lib/api.mjs';
import { b64, claimsOf, hsKey, resign } from '../lib/tokens.mjs';

const me = (token) => get('/users/me', { token });

test('the token of a sign-in says what the specification lists', async () => {
  const { token, id } = await newUser();
  const claims = claimsOf(token);
  assert.equal(claims.sub, id);
  assert.equal(claims.exp - claims.iat, 900);
  for (const name of ['tenant', 'role', 'sid', 'iss', 'aud']) assert.equal(typeof claims[name], 'string', name);
  assert.equal(JSON.parse(Buffer.from(token.split('.')[0], 'base64url')).kid, hsKey().kid);
  ok(await me(await resign(token)));
});

const mutations = {
  'another audience': (t) => resign(t, { aud: 'somebody-else' }),
  'another issuer': (t) => resign(t, { iss: 'https://evil.example' }),
  'no issuer': (t) => resign(t, { iss: undefined }),
  'another tenant': (t) => resign(t, { tenant: '01900000-0000-7000-8000-00000000dead' }),
  'no tenant': (t) => resign(t, { tenant: undefined }),
  'a role that does not exist': (t) => resign(t, { role: 'emperor' }),
  'no expiry': (t) => resign(t, { exp: undefined }),
  'another key': (t) => resign(t, {}, { key: Buffer.alloc(32, 7) }),
  'an unknown kid': (t) => resign(t, {}, { kid: 'nobody' }),
  'another algorithm of the family': (t) => resign(t, {}, { alg: 'HS512' }),
  'alg none, no signature': (t) => `${b64({ alg: 'none', typ: 'JWT' })}.${t.split('.')[1]}.`,
  'alg none with our kid': (t) => `${b64({ alg: 'none', typ: 'JWT', kid: hsKey().kid })}.${t.split('.')[1]}.${t.split('.')[2]}`,
  'alg None in capitals': (t) => `${b64({ alg: 'NONE', typ: 'JWT', kid: hsKey().kid })}.${t.split('.')[1]}.`,
  'its signature cut off': (t) => t.slice(0, t.lastIndexOf('.') + 1),
  'a changed claim under the old signature': (t) =>
    `${t.split('.')[0]}.${b64({ ...claimsOf(t), role: 'admin' })}.${t.split('.')[2]}`,
  'only two parts': (t) => t.split('.').slice(0, 2).join('.'),
  'no token at all': () => 'x',
};
for (const [name, mutate] of Object.entries(mutations))
  test(`a token with ${name} is refused`, async () => {
    const { token } = await newUser();
    fails(await me(await mutate(token)), 401, 'TOKEN_INVALID');
    fails(await get('/videos/feed', { token: await mutate(token) }), 401); // also where none is needed
  });

test('an expired token is refused, and says so', async () => {
  const { token } = await newUser();
  const now = Math.floor(Date.now() / 1000);
  fails(await me(await resign(token, { iat: now - 1000, exp: now - 100 })), 401, 'TOKEN_EXPIRED');
});

test('a token is good at its own community’s host only', async (t) => {
  const { token } = await newUser();
  const { port } = new URL(base);
  const status = await new Promise((resolve, reject) => {
    const r = request({ host: '127.0.0.1', port, path: '/api/v1/users/me', headers: { host: 'other.localhost', authorization: `Bearer ${token}` } },
      (res) => resolve(res.resume().statusCode));
    r.on('error', reject).end();
  });
  if (status === 404) return t.skip('no second community here');
  assert.equal(status, 401);
});
