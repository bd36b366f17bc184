// tests/api/oauth.test.mjs - signing in through others: a real OpenID provider (oidc-provider), a small GitHub, an Apple and
// a LinkedIn as strict as they are, all started here; on a stack of its own.
import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import Provider from 'oidc-provider';
import { authenticator } from 'otplib';
import { apple as openApple, linkedin as openLinkedin } from '../lib/idp.mjs';
import { apiOf, startStack } from '../lib/stack.mjs';

const password = 'a long and uncommon phrase 42';
const person = (extra = {}) => ({ sub: randomUUID(), email: `o${randomUUID().slice(0, 8)}@example.test`, email_verified: true, name: 'Olga Ora', ...extra });
let apple, linkedin;
let stack, api, who, github, oidc, oidcUrl, githubUrl, seenVerifier;
const servers = [];
const listen = (handler) =>
  new Promise((resolve) => {
    const s = createServer(handler).listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${s.address().port}`));
    servers.push(s);
  });

/** The provider lets `who` in without asking. */
function openProvider(issuer, redirect) {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'atelier', client_secret: 'hush', redirect_uris: [redirect], token_endpoint_auth_method: 'client_secret_post' }],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'one' }] },
    pkce: { required: () => true, methods: ['S256'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    conformIdTokenClaims: false,
    cookies: { keys: ['k'] },
    findAccount: (ctx, id) => ({ accountId: id, claims: () => who }),
    features: { devInteractions: { enabled: false } },
    interactions: { url: (ctx, i) => `/in/${i.uid}` },
  });
  provider.proxy = true;
  return provider;
}

/** What a browser would do: follows redirects, keeping cookies per origin, until it is back at our callback. */
async function browse(start, { jar = new Map(), stop = () => false } = {}) {
  let url = start;
  for (let i = 0; i < 12; i++) {
    const { origin } = new URL(url);
    const cookies = [...(jar.get(origin) ?? new Map())].map(([k, v]) => `${k}=${v}`).join('; ');
    const res = await fetch(url, { redirect: 'manual', headers: cookies ? { cookie: cookies } : {} });
    for (const line of res.headers.getSetCookie()) {
      const [pair] = line.split(';');
      if (!jar.has(origin)) jar.set(origin, new Map());
      jar.get(origin).set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    }
    if (res.status < 300 || res.status >= 400) return { res, url, body: await res.json().catch(() => undefined), jar };
    url = new URL(res.headers.get('location'), url).href;
    if (stop(url)) return { url, jar };
  }
  throw new Error('too many redirects');
}
const signIn = (provider = 'test', query = '') => browse(`${stack.url}/api/v1/auth/oauth/${provider}${query}`);
const isCallback = (url) => url.includes('/callback?');

before(async () => {
  stack = startStack({ ATELIER_RATELIMIT_SCALE: '1000' });
  api = await apiOf(stack);
  oidcUrl = await listen((req, res) => {
    if (req.url.startsWith('/in/'))
      return oidc.interactionDetails(req, res).then(async ({ params, prompt }) => {
        if (prompt.name === 'login') return oidc.interactionFinished(req, res, { login: { accountId: who.sub } });
        const grant = new oidc.Grant({ accountId: who.sub, clientId: params.client_id });
        grant.addOIDCScope('openid email profile');
        return oidc.interactionFinished(req, res, { consent: { grantId: await grant.save() } });
      });
    return oidc.callback()(req, res);
  });
  oidc = openProvider(oidcUrl, `${stack.url}/api/v1/auth/oauth/test/callback`);

  const codes = new Map();
  githubUrl = await listen(async (req, res) => {
    const url = new URL(req.url, 'http://x');
    const say = (v) => res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(v));
    if (url.pathname === '/authorize') {
      const code = randomUUID();
      codes.set(code, url.searchParams.get('code_challenge'));
      const back = new URL(url.searchParams.get('redirect_uri'));
      back.search = new URLSearchParams({ code, state: url.searchParams.get('state') });
      return res.writeHead(302, { location: back.href }).end();
    }
    if (url.pathname === '/token') {
      let text = '';
      for await (const part of req) text += part;
      const form = new URLSearchParams(text);
      seenVerifier = form.get('code_verifier');
      const good = codes.get(form.get('code')) === createHash('sha256').update(seenVerifier).digest('base64url');
      codes.delete(form.get('code'));
      return say(good ? { access_token: 'gh', token_type: 'bearer' } : { error: 'bad_verification_code' });
    }
    if (req.headers.authorization !== 'Bearer gh') return res.writeHead(401).end();
    return say(url.pathname === '/user' ? { id: github.id, login: 'octo', name: github.name } : github.emails);
  });

  apple = await openApple();
  linkedin = await openLinkedin();
  const file = join(stack.dir, 'oauth.ini');
  const keyFile = join(stack.dir, 'apple.p8');
  writeFileSync(keyFile, apple.key);
  chmodSync(keyFile, 0o644);
  writeFileSync(file, `[test]\nissuer = ${oidcUrl}\nclient_id = atelier\nclient_secret = hush\n\n` +
    `[github]\nkind = github\nclient_id = gh\nclient_secret = hush\nauthorize_url = ${githubUrl}/authorize\ntoken_url = ${githubUrl}/token\napi_url = ${githubUrl}\n\n` +
    `[apple]\nkind = apple\nissuer = ${apple.url}\nclient_id = ${apple.clientId}\nteam_id = TEAM123456\nkey_id = KEY1234567\nkey_file = ${keyFile}\n\n` +
    `[linkedin]\nkind = linkedin\nissuer = ${linkedin.url}/oauth\nclient_id = ${linkedin.clientId}\nclient_secret = li-secret\n`);
  chmodSync(file, 0o644);
  stack.restart('fcgi', { ...process.env, STACK_FAST: '1', ATELIER_RATELIMIT_SCALE: '1000', ATELIER_AUTH_OAUTH_FILE: file });
});
after(() => {
  stack?.stop();
  apple?.close();
  linkedin?.close();
  for (const s of servers) s.close().closeAllConnections();
});

test('the first visit makes an account, the second finds it', async () => {
  who = person();
  const { body } = await signIn();
  assert.equal(body?.success, true, JSON.stringify(body));
  const me = api.ok(await api.get('/users/me', { token: body.data.accessToken }));
  assert.equal(me.email, who.email);
  assert.equal(me.emailVerified, true);
  assert.equal(me.displayName, 'Olga Ora');
  assert.equal((await signIn()).body.data.userId, me.id);
});

test('an account with that address is linked when both sides confirmed it', async () => {
  who = person();
  const name = `l${randomUUID().replaceAll('-', '').slice(0, 12)}`;
  stack.ctl('user', 'create', '--tenant', 'main', '--email', who.email, '--username', name, { input: `${password}\n` });
  const { body } = await signIn();
  assert.equal(api.ok(await api.get('/users/me', { token: body.data.accessToken })).username, name);
});

test('an account that registered the address without confirming it is not given away', async () => {
  who = person();
  api.ok(await api.post('/auth/register', { email: who.email, username: `v${randomUUID().replaceAll('-', '').slice(0, 12)}`, password }), 201);
  const { res, body } = await signIn();
  assert.equal(res.status, 409);
  assert.equal(body.error.code, 'CONFLICT');
});

test('an address that the provider did not confirm takes over nothing and makes nothing', async () => {
  who = person({ email_verified: false });
  assert.equal((await signIn()).res.status, 403);
  stack.ctl('user', 'create', '--tenant', 'main', '--email', who.email, '--username', `w${randomUUID().replaceAll('-', '').slice(0, 12)}`, { input: `${password}\n` });
  assert.equal((await signIn()).res.status, 409);
});

test('an answer without the browser that asked, of another provider, or twice, is refused', async () => {
  who = person();
  const { url, jar } = await browse(`${stack.url}/api/v1/auth/oauth/test`, { stop: isCallback });
  assert.equal((await browse(url)).res.status, 400); // no cookie
  const forged = new URL(url);
  forged.searchParams.set('state', `${forged.searchParams.get('state').slice(0, -2)}AA`);
  assert.equal((await browse(forged.href, { jar })).res.status, 400);
  assert.equal((await browse(url.replace('/test/', '/github/'), { jar })).res.status, 400);
  assert.equal((await browse(url, { jar })).res.status, 200);
  assert.equal((await browse(url, { jar })).res.status, 401); // the code is spent
});

test('a page of ours gets a code that is good once; a foreign page gets nothing', async () => {
  who = person();
  assert.equal((await signIn('test', '?redirect=https://evil.example/x')).res.status, 400);
  assert.equal((await signIn('test', `?redirect=${encodeURIComponent(`${stack.url}.evil.example/`)}`)).res.status, 400);
  const { url } = await browse(`${stack.url}/api/v1/auth/oauth/test?redirect=${encodeURIComponent(`${stack.url}/app`)}`, { stop: (u) => u.includes('/app?code=') });
  const code = new URL(url).searchParams.get('code');
  api.ok(await api.post('/auth/oauth/token', { code }));
  api.fails(await api.post('/auth/oauth/token', { code }), 401);
});

test('a second factor is asked for here too', async () => {
  who = person();
  const name = `m${randomUUID().replaceAll('-', '').slice(0, 12)}`;
  stack.ctl('user', 'create', '--tenant', 'main', '--email', who.email, '--username', name, { input: `${password}\n` });
  const session = api.ok(await api.post('/auth/login', { email: who.email, password }));
  const { secret } = api.ok(await api.post('/auth/mfa/setup', { password }, { token: session.accessToken }));
  const code = (steps) => {
    authenticator.options = { epoch: Date.now() + steps * 30_000 };
    return authenticator.generate(secret);
  };
  api.ok(await api.post('/auth/mfa/enable', { totp: code(-1) }, { token: session.accessToken }));
  const { body } = await signIn();
  assert.equal(body.data.accessToken, undefined);
  assert.equal(body.data.mfaRequired, true);
  api.fails(await api.post('/auth/oauth/token', { code: body.data.code }), 401, 'MFA_REQUIRED');
  api.fails(await api.post('/auth/oauth/token', { code: body.data.code, totp: '000000' }), 401);
  api.ok(await api.post('/auth/oauth/token', { code: body.data.code, totp: code(0) }));
});

test('GitHub: the primary address when it is confirmed, PKCE sent', async () => {
  github = { id: 4711, name: 'Octo', emails: [{ email: 'x@example.test', primary: false, verified: true }, { email: 'octo@example.test', primary: true, verified: true }] };
  const { body } = await signIn('github');
  assert.equal(api.ok(await api.get('/users/me', { token: body.data.accessToken })).email, 'octo@example.test');
  assert.ok(seenVerifier.length >= 43);
  github = { ...github, id: 4712, emails: [{ email: 'octo2@example.test', primary: true, verified: false }] };
  assert.equal((await signIn('github')).res.status, 403);
});

/** Goes to Apple and sends the form that its page would send; `change` bends it. */
async function signInWithApple(person, change = (f) => f) {
  apple.who = person;
  const { body, jar } = await browse(`${stack.url}/api/v1/auth/oauth/apple`);
  const cookies = [...(jar.get(new URL(stack.url).origin) ?? new Map())].map(([k, v]) => `${k}=${v}`).join('; ');
  const res = await fetch(body.post, { method: 'POST', redirect: 'manual', headers: { cookie: cookies, origin: apple.url }, body: new URLSearchParams(change(body.fields)) });
  return { res, body: await res.json().catch(() => undefined), fields: body.fields };
}

test('Apple: a signed client secret, an answer as a form, the name on the first visit', async () => {
  const person = { sub: `000.${randomUUID()}`, email: `a${randomUUID().slice(0, 8)}@privaterelay.example`, first: 'Ada', last: 'Maçã' };
  const first = await signInWithApple(person);
  assert.equal(first.body?.success, true, `${JSON.stringify(first.body)} ${apple.refused}`);
  const me = api.ok(await api.get('/users/me', { token: first.body.data.accessToken }));
  assert.deepEqual([me.displayName, me.email, me.emailVerified], ['Ada Maçã', person.email, true]);
  assert.deepEqual([apple.asked.response_mode, apple.asked.scope], ['form_post', 'name email']);
  const second = await signInWithApple({ ...person, first: 'Eve', last: 'Another' });
  assert.equal(second.fields.user, undefined);
  assert.equal(second.body.data.userId, me.id);
  // a name that is sent again, or bent, changes nobody
  const third = await signInWithApple(person, (f) => ({ ...f, user: JSON.stringify({ name: { firstName: 'Eve' }, email: 'eve@example.test' }) }));
  assert.equal(third.body.data.userId, me.id);
  assert.deepEqual(api.ok(await api.get('/users/me', { token: third.body.data.accessToken })).displayName, 'Ada Maçã');
});

test('Apple: a form that another page sends, or with no sense in it, gets nothing', async () => {
  const person = { sub: `000.${randomUUID()}`, email: `a${randomUUID().slice(0, 8)}@privaterelay.example`, first: 'Bo', last: '' };
  assert.equal((await signInWithApple(person, (f) => ({ ...f, state: `${f.state}A` }))).res.status, 400);
  assert.equal((await signInWithApple(person, (f) => ({ ...f, code: randomUUID() }))).res.status, 401);
  apple.who = person;
  const { body } = await browse(`${stack.url}/api/v1/auth/oauth/apple`);
  assert.equal((await fetch(body.post, { method: 'POST', body: new URLSearchParams(body.fields) })).status, 400); // without the cookie
  const odd = await signInWithApple({ ...person, sub: `001.${randomUUID()}`, email: `b${randomUUID().slice(0, 8)}@privaterelay.example` }, (f) => ({ ...f, user: '[1,{"name":' }));
  assert.equal(odd.res.status, 200);
  for (const tamper of [{ aud: 'somebody.else' }, { iss: 'https://appleid.apple.com' }, { nonce: 'another' }, { email_verified: 'false' }]) {
    apple.tamper = tamper;
    const res = await signInWithApple({ ...person, sub: `002.${randomUUID()}` });
    assert.ok([401, 403].includes(res.res.status), JSON.stringify(tamper));
  }
  apple.tamper = {};
});

test('LinkedIn: without PKCE and nonce, which it does not know; bound to the browser all the same', async () => {
  linkedin.who = { sub: randomUUID().slice(0, 10), email: `l${randomUUID().slice(0, 8)}@example.test`, name: 'Lin Kedin' };
  const { body } = await signIn('linkedin');
  assert.equal(body?.success, true, `${JSON.stringify(body)} ${linkedin.refused}`);
  const me = api.ok(await api.get('/users/me', { token: body.data.accessToken }));
  assert.deepEqual([me.displayName, me.email], ['Lin Kedin', linkedin.who.email]);
  assert.equal(linkedin.asked.code_challenge, undefined);
  assert.equal((await signIn('linkedin')).body.data.userId, me.id);
  const { url } = await browse(`${stack.url}/api/v1/auth/oauth/linkedin`, { stop: isCallback });
  assert.equal((await browse(url)).res.status, 400); // another browser
  linkedin.tamper = { nonce: 'of another sign-in' };
  assert.equal((await signIn('linkedin')).res.status, 401);
  linkedin.tamper = {};
});

test('a provider that is not there is not there', async () => {
  assert.equal((await fetch(`${stack.url}/api/v1/auth/oauth/nobody`)).status, 404);
  assert.deepEqual(api.ok(await api.get('/auth/oauth')).map((p) => p.provider).sort(), ['apple', 'github', 'linkedin', 'test']);
});
