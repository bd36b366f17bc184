// tests/api/account-pages.test.mjs - the pages behind mailed links, as a browser without JavaScript uses them; and the
// change of an address.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { base, fails, get, newUser, ok, password, post, until } from '../lib/api.mjs';
import { sql } from '../lib/running.mjs';

const folder = join(process.env.STACK_DIR, 'mail');
/** The newest mail to an address whose subject fits, with its quoted-printable undone. */
const mailTo = (address, subject) =>
  until(() =>
    readdirSync(folder).filter((f) => f.endsWith('.eml')).sort().reverse().map((f) => readFileSync(join(folder, f), 'utf8'))
      .find((text) => text.includes(`To: <${address}>`) && subject.test(text.match(/^Subject: (.*)$/m)[1])), { seconds: 20, what: `a mail to ${address}` });
const linkIn = (mail) => new URL(mail.replaceAll('=\r\n', '').replaceAll('=3D', '=').match(/https?:\/\/\S+token=[\w-]{43}/)[0]);

const open = async (link, language = 'en') => {
  const res = await fetch(base + link.pathname + link.search, { headers: { 'accept-language': language } });
  return { status: res.status, headers: res.headers, text: await res.text() };
};
/** Sends the form of a page, as its inputs say. */
async function submit(page, fields = {}) {
  const action = page.text.match(/<form method="post" action="([^"]+)"/)[1];
  const form = new URLSearchParams({ token: page.text.match(/name="token" value="([^"]*)"/)[1], ...fields });
  const res = await fetch(base + action, { method: 'POST', body: form });
  return { status: res.status, headers: res.headers, text: await res.text() };
}

describe('the page that confirms an address', () => {
  test('does so when its button is pressed, once; opening it changes nothing', async () => {
    const user = await newUser();
    const link = linkIn(await mailTo(user.email, /Confirm your address/));
    const page = await open(link);
    assert.equal(page.status, 200);
    assert.match(page.headers.get('content-type'), /^text\/html/);
    assert.match(page.text, /<html lang="en">/);
    assert.match(page.text, /Confirm my address/);
    assert.equal((await open(link, 'pt-BR,pt;q=0.9')).text.includes('Confirmar meu endereço'), true);
    assert.equal(ok(await get('/users/me', { token: user.token })).emailVerified, false);
    const done = await submit(page);
    assert.equal(done.status, 200);
    assert.match(done.text, /your address is confirmed/);
    assert.equal(ok(await get('/users/me', { token: user.token })).emailVerified, true);
    const again = await submit(page);
    assert.equal(again.status, 400);
    assert.match(again.text, /This link was used/);
  });

  test('is safe: no script, no frame, no referrer, nothing of the address in its words', async () => {
    const page = await open({ pathname: '/account/verify-email', search: '?token=%22%3E%3Cscript%3Ealert(1)%3C/script%3E' });
    assert.equal(page.status, 400);
    assert.ok(!page.text.includes('<script'));
    const csp = page.headers.get('content-security-policy');
    assert.match(csp, /default-src 'none'/);
    assert.match(csp, /frame-ancestors 'none'/);
    assert.ok(!/unsafe-inline/.test(csp) && !/ style=|<style|<script| on\w+=/.test(page.text));
    assert.equal(page.headers.get('referrer-policy'), 'no-referrer');
    assert.equal(page.headers.get('x-content-type-options'), 'nosniff');
    assert.match(page.headers.get('cache-control'), /no-store/);
    const style = await fetch(`${base}/account/style.css`);
    assert.match(style.headers.get('content-type'), /^text\/css/);
    assert.match(await style.text(), /body/);
  });
});

describe('the page for a new password', () => {
  test('sets one, says what is wrong with a weak one, and works once', async () => {
    const user = await newUser();
    ok(await post('/auth/forgot-password', { email: user.email }), 202);
    const page = await open(linkIn(await mailTo(user.email, /new password/)));
    assert.match(page.text, /<label for="password">/);
    for (const [weak, words] of [['short', /at least 10 characters/], ['password123', /tried first/]]) {
      const refused = await submit(page, { password: weak });
      assert.equal(refused.status, 400);
      assert.match(refused.text, words);
      assert.match(refused.text, /role="alert"/);
    }
    assert.equal((await submit(page, { password: 'um segredo bem comprido 99' })).status, 200);
    fails(await get('/users/me', { token: user.token }), 401);
    ok(await post('/auth/login', { email: user.email, password: 'um segredo bem comprido 99' }));
    assert.equal((await submit(page, { password: 'a third long phrase 78' })).status, 400);
    fails(await post('/auth/login', { email: user.email, password: 'a third long phrase 78' }), 401);
  });
});

describe('a change of address', () => {
  const change = (user, email, pw = password) => post('/auth/change-email', { email, password: pw }, { token: user.token });

  test('asks for the password, writes to the new address, and holds when its page says so', async () => {
    const user = await newUser();
    const next = `new-${user.username}@example.test`;
    fails(await change(user, next, 'not the password'), 401, 'CREDENTIALS_INVALID');
    ok(await change(user, next), 202);
    const page = await open(linkIn(await mailTo(next, /new address/)));
    assert.equal(ok(await get('/users/me', { token: user.token })).email, user.email);
    const done = await submit(page);
    assert.equal(done.status, 200, done.text);
    const me = ok(await get('/users/me', { token: user.token }));
    assert.deepEqual([me.email, me.emailVerified], [next, true]);
    await mailTo(user.email, /was changed/);
    fails(await post('/auth/login', { email: user.email, password }), 401);
    ok(await post('/auth/login', { email: next, password }));
    assert.equal(sql(`select count(*) from audit_log where target_id = '${user.id}' and action = 'user.email_changed'`), '1');
  });

  test('over the API, too', async () => {
    const user = await newUser();
    const next = `api-${user.username}@example.test`;
    ok(await change(user, next), 202);
    const token = linkIn(await mailTo(next, /new address/)).searchParams.get('token');
    assert.deepEqual(ok(await post('/auth/confirm-email', { token })), { userId: user.id, email: next });
    fails(await post('/auth/confirm-email', { token }), 400, 'BAD_REQUEST');
    fails(await post('/auth/verify-email', { token }), 400, 'BAD_REQUEST');
  });

  test('tells nobody that an address is taken, and takes none that somebody else got meanwhile', async () => {
    const [user, other] = [await newUser(), await newUser()];
    const asked = ok(await change(user, other.email.toUpperCase()), 202);
    const next = `late-${user.username}@example.test`;
    assert.deepEqual(ok(await change(user, next), 202), asked);
    assert.equal(sql(`select count(*) from one_time_tokens where user_id = '${user.id}' and purpose = 'change_email'`), '1');
    const page = await open(linkIn(await mailTo(next, /new address/)));
    ok(await post('/auth/register', { email: next, username: `l${user.username.slice(1)}`, password }), 201);
    const late = await submit(page);
    assert.equal(late.status, 400);
    assert.match(late.text, /belongs to another account/);
    assert.equal(ok(await get('/users/me', { token: user.token })).email, user.email);
  });
});
