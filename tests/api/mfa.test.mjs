// tests/api/mfa.test.mjs - the second factor, against an independent authenticator (otplib).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authenticator } from 'otplib';
import { ctl, fails, get, newUser, ok, password, post } from '../lib/api.mjs';
import { claimsOf } from '../lib/tokens.mjs';

/** The code of so many 30-second steps from now: each is good once, so a test that needs several walks along. */
const code = (secret, steps = 0) => {
  authenticator.options = { epoch: Date.now() + steps * 30_000 };
  return authenticator.generate(secret);
};

async function withFactor(user) {
  // codes are counted from now: no step may begin while a test walks along them
  const left = 30_000 - (Date.now() % 30_000);
  if (left < 8_000) await new Promise((resolve) => setTimeout(resolve, left + 50));
  const setup = ok(await post('/auth/mfa/setup', { password }, { token: user.token }));
  ok(await post('/auth/mfa/enable', { totp: code(setup.secret, -1) }, { token: user.token }));
  return setup;
}

test('setting up gives a secret, an address for authenticators, a QR code and ten recovery codes', async () => {
  const user = await newUser();
  fails(await post('/auth/mfa/setup', { password: 'wrong wrong wrong' }, { token: user.token }), 401, 'CREDENTIALS_INVALID');
  const setup = ok(await post('/auth/mfa/setup', { password }, { token: user.token }));
  const uri = new URL(setup.otpauthUri);
  assert.equal(uri.protocol, 'otpauth:');
  assert.equal(uri.searchParams.get('secret'), setup.secret);
  assert.ok(decodeURIComponent(uri.pathname).includes(user.email));
  const png = Buffer.from(setup.qrCode.replace('data:image/png;base64,', ''), 'base64');
  assert.equal(png.subarray(1, 4).toString(), 'PNG');
  assert.equal(new Set(setup.recoveryCodes).size, 10);
  fails(await post('/auth/mfa/enable', { totp: '000000' }, { token: user.token }), 400, 'VALIDATION_ERROR');
  assert.equal(ok(await get('/users/me', { token: user.token })).mfaEnabled, false);
});

test('with a second factor on, a sign-in needs its code, and each code once', async () => {
  const user = await newUser();
  const { secret } = await withFactor(user);
  assert.equal(ok(await get('/users/me', { token: user.token })).mfaEnabled, true);
  const login = (totp) => post('/auth/login', { email: user.email, password, ...(totp && { totp }) });

  fails(await login(), 401, 'MFA_REQUIRED');
  fails(await post('/auth/login', { email: user.email, password: 'wrong wrong wrong' }), 401, 'CREDENTIALS_INVALID');
  fails(await login('000000'), 401, 'CREDENTIALS_INVALID');
  fails(await login(code(secret, -1)), 401); // the one that switched it on
  fails(await login(code(secret, 5)), 401);
  const now = code(secret);
  ok(await login(now));
  fails(await login(now), 401, 'CREDENTIALS_INVALID');
});

test('a recovery code opens once', async () => {
  const user = await newUser();
  const { recoveryCodes } = await withFactor(user);
  const login = (extra) => post('/auth/login', { email: user.email, password, ...extra });
  ok(await login({ totp: recoveryCodes[0] }));
  fails(await login({ totp: recoveryCodes[0] }), 401);
  ok(await login({ recoveryCode: recoveryCodes[1].toUpperCase().replace('-', ' ') }));
  fails(await login({ recoveryCode: 'aaaaa-aaaaa' }), 401);
});

test('ten sign-ins with one code at the same time: one gets in', async () => {
  const user = await newUser();
  const { secret } = await withFactor(user);
  const totp = code(secret);
  const all = await Promise.all(Array.from({ length: 4 }, () => post('/auth/login', { email: user.email, password, totp })));
  assert.equal(all.filter((r) => r.status === 200).length, 1);
});

test('switching it on signs the other devices out; off needs password and code', async () => {
  const user = await newUser();
  const other = ok(await post('/auth/login', { email: user.email, password }));
  const { secret } = await withFactor(user);
  fails(await get('/users/me', { token: other.accessToken }), 401);
  fails(await post('/auth/mfa/setup', { password }, { token: user.token }), 409);
  fails(await post('/auth/mfa/disable', { password: 'wrong wrong wrong', totp: code(secret) }, { token: user.token }), 401);
  fails(await post('/auth/mfa/disable', { password, totp: '000000' }, { token: user.token }), 401);
  ok(await post('/auth/mfa/disable', { password, totp: code(secret) }, { token: user.token }));
  ok(await post('/auth/login', { email: user.email, password }));
});

test('a coach without a second factor is an ordinary user until there is one', async () => {
  const user = await newUser({ role: 'coach' });
  const before = ok(await post('/auth/login', { email: user.email, password }));
  assert.equal(before.mfaSetupRequired, true);
  assert.equal(claimsOf(before.accessToken).role, 'user');
  const { secret } = await withFactor({ ...user, token: before.accessToken });
  const after = ok(await post('/auth/login', { email: user.email, password, totp: code(secret) }));
  assert.equal(after.mfaSetupRequired, false);
  assert.equal(claimsOf(after.accessToken).role, 'coach');
});

test('who lost device and codes is helped by an operator', async () => {
  const user = await newUser();
  await withFactor(user);
  ctl('user', 'mfa-reset', user.email, '--tenant', 'main');
  ok(await post('/auth/login', { email: user.email, password }));
});
