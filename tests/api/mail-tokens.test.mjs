// tests/api/mail-tokens.test.mjs - what our mails carry, read from the folder that mail.dir names (STACK_DIR/mail).
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fails, get, newUser, ok, password, post, until } from '../lib/api.mjs';

const folder = join(process.env.STACK_DIR, 'mail');

/** The newest mail to an address whose subject fits, as text with its quoted-printable undone. */
const mailTo = (address, subject) =>
  until(() =>
    readdirSync(folder)
      .filter((f) => f.endsWith('.eml'))
      .sort()
      .reverse()
      .map((f) => readFileSync(join(folder, f), 'utf8'))
      .find((text) => text.includes(`To: <${address}>`) && subject.test(text.match(/^Subject: (.*)$/m)[1])),
  { seconds: 20, what: `a mail to ${address}` });
const tokenIn = (mail) => mail.replaceAll('=\r\n', '').replaceAll('=3D', '=').match(/token=([\w-]{43})/)[1];

test('the mailed token confirms the address, once', async () => {
  const user = await newUser();
  const mail = await mailTo(user.email, /Confirm your address/);
  assert.match(mail, /multipart\/alternative/);
  const token = tokenIn(mail);
  ok(await post('/auth/verify-email', { token }));
  assert.equal(ok(await get('/users/me', { token: user.token })).emailVerified, true);
  fails(await post('/auth/verify-email', { token }), 400, 'BAD_REQUEST');
  fails(await post('/auth/reset-password', { token, password: 'another long phrase 77' }), 400);
});

test('the mailed token sets a new password, once, and signs out everywhere', async () => {
  const user = await newUser();
  ok(await post('/auth/forgot-password', { email: user.email }), 202);
  const first = tokenIn(await mailTo(user.email, /new password/));
  fails(await post('/auth/reset-password', { token: first, password: 'password123' }), 400, 'VALIDATION_ERROR');
  ok(await post('/auth/reset-password', { token: first, password: 'another long phrase 77' }));
  fails(await post('/auth/reset-password', { token: first, password: 'a third long phrase 78' }), 400);
  fails(await get('/users/me', { token: user.token }), 401);
  fails(await post('/auth/refresh', { refreshToken: user.refreshToken }), 401);
  fails(await post('/auth/login', { email: user.email, password }), 401);
  ok(await post('/auth/login', { email: user.email, password: 'another long phrase 77' }));
  await mailTo(user.email, /was changed/);
});

test('a newer reset mail ends the older one', async () => {
  const user = await newUser();
  ok(await post('/auth/forgot-password', { email: user.email }), 202);
  const first = tokenIn(await mailTo(user.email, /new password/));
  ok(await post('/auth/forgot-password', { email: user.email }), 202);
  fails(await post('/auth/reset-password', { token: first, password: 'another long phrase 77' }), 400);
});

test('mails speak the person’s language', async () => {
  const user = await newUser({ locale: 'pt-BR', displayName: 'João' });
  const mail = await mailTo(user.email, /=\?UTF-8\?Q\?Confirme/);
  assert.match(mail, /Content-Language: pt/);
  assert.match(mail, /Ol=C3=A1, Jo=C3=A3o!/);
  assert.equal(tokenIn(mail).length, 43);
});

test('a display name cannot write into the mail', async () => {
  const user = await newUser({ displayName: '<b>x</b> & "y"' });
  const mail = await mailTo(user.email, /Confirm your address/);
  assert.ok(mail.includes('&lt;b&gt;x&lt;/b&gt; &amp;'));
  assert.ok(!mail.split('text/html')[1].includes('<b>x</b>'));
});

test('no token lies in the database in the clear', async () => {
  const user = await newUser();
  const token = tokenIn(await mailTo(user.email, /Confirm your address/));
  const { execFileSync } = await import('node:child_process');
  const dump = execFileSync('pg_dump', ['-h', process.env.PGHOST, '-U', 'atelier_owner', '--data-only', 'atelier'], { encoding: 'utf8', maxBuffer: 1 << 30 });
  for (const clear of [token, user.refreshToken, user.token, password]) assert.ok(!dump.includes(clear));
});
