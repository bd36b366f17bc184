// tests/api/keys.test.mjs - signing with RS256 and ES256, the published keys, and a rotation; on a stack of its own.
import assert from 'node:assert/strict';
import { createPublicKey, randomUUID } from 'node:crypto';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { apiOf, startStack } from '../lib/stack.mjs';
import { resign } from '../lib/tokens.mjs';

let stack, api, keys;
const jwks = async () => (await fetch(`${stack.url}/.well-known/jwks.json`)).json();
const sign = (algorithm, signing, previous) => {
  const set = (key, file) => (file ? { [`ATELIER_AUTH_${key}_FILE`]: join(keys, file) } : {});
  const env = { ...process.env, STACK_FAST: '1', ATELIER_RATELIMIT_SCALE: '1000', ATELIER_AUTH_ALGORITHM: algorithm, ...set('SIGNING_KEY', signing), ...set('PREVIOUS_KEY', previous) };
  stack.restart('fcgi', env);
};

before(async () => {
  stack = startStack({ ATELIER_RATELIMIT_SCALE: '1000' });
  api = await apiOf(stack);
  keys = stack.dir;
  for (const [alg, name] of [['RS256', 'one.pem'], ['ES256', 'two.pem']]) {
    stack.ctl('key', 'create', alg, join(keys, name));
    chmodSync(join(keys, name), 0o644);
  }
});
after(() => stack?.stop());

test('tokens signed with RS256 verify against the published keys, and by anybody else’s library', async () => {
  const old = await api.newUser();
  sign('RS256', 'one.pem');
  api.fails(await api.get('/users/me', { token: old.token }), 401, 'TOKEN_INVALID'); // signed with a key that is no more
  const user = await api.newUser();
  api.ok(await api.get('/users/me', { token: user.token }));
  const { payload, protectedHeader } = await jwtVerify(user.token, createLocalJWKSet(await jwks()), { issuer: 'atelier', audience: 'atelier' });
  assert.equal(protectedHeader.alg, 'RS256');
  assert.equal(payload.sub, user.id);
});

test('the public RSA key as an HMAC secret opens nothing', async () => {
  const user = await api.newUser();
  const pem = createPublicKey(readFileSync(join(keys, 'one.pem'))).export({ type: 'spki', format: 'pem' });
  const { kid } = JSON.parse(Buffer.from(user.token.split('.')[0], 'base64url'));
  for (const secret of [pem, pem.trim()])
    api.fails(await api.get('/users/me', { token: await resign(user.token, { role: 'admin' }, { key: Buffer.from(secret), kid }) }), 401, 'TOKEN_INVALID');
});

test('during a rotation both keys count; afterwards only the new one', async () => {
  const user = await api.newUser();
  sign('ES256', 'two.pem', 'one.pem');
  api.ok(await api.get('/users/me', { token: user.token }));
  const next = api.ok(await api.post('/auth/refresh', { refreshToken: user.refreshToken }));
  assert.equal(JSON.parse(Buffer.from(next.accessToken.split('.')[0], 'base64url')).alg, 'ES256');
  const set = await jwks();
  assert.deepEqual(set.keys.map((k) => k.kty).sort(), ['EC', 'RSA']);
  for (const key of set.keys) assert.equal(key.d, undefined);
  await jwtVerify(next.accessToken, createLocalJWKSet(set));

  sign('ES256', 'two.pem');
  api.fails(await api.get('/users/me', { token: user.token }), 401, 'TOKEN_INVALID');
  api.ok(await api.get('/users/me', { token: next.accessToken }));
});
