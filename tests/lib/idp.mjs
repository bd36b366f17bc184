// tests/lib/idp.mjs - providers with ways of their own, as strict as the real ones: Apple (a client secret that is a token,
// an answer as a form, the name once) and LinkedIn (no PKCE, no nonce). They answer with { url, forget, ... }.
import assert from 'node:assert/strict';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { exportJWK, jwtVerify, SignJWT } from 'jose';

const listen = (handler) =>
  new Promise((resolve) => {
    const server = createServer((req, res) => handler(req, res).catch((e) => res.writeHead(500).end(String(e)))).listen(0, '127.0.0.1', () =>
      resolve({ url: `http://127.0.0.1:${server.address().port}`, close: () => server.close().closeAllConnections() }));
  });
const say = (res, value, status = 200) => res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
async function formOf(req) {
  let text = '';
  for await (const part of req) text += part;
  return new URLSearchParams(text);
}

/** What both share: discovery, keys, codes that are good once. `rules` says the rest. */
async function idp({ clientId, path = '', authorize, checkSecret, checkExchange, claims }) {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', use: 'sig', alg: 'RS256' };
  const codes = new Map();
  const self = { who: undefined, refused: undefined, tamper: {}, asked: undefined };
  const server = await listen(async (req, res) => {
    const url = new URL(req.url, 'http://x');
    const issuer = self.url + path;
    if (url.pathname === `${path}/.well-known/openid-configuration`)
      return say(res, { issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks` });
    if (url.pathname === `${path}/jwks`) return say(res, { keys: [jwk] });
    if (url.pathname === `${path}/authorize`) {
      const q = Object.fromEntries(url.searchParams);
      self.asked = q;
      if (q.client_id !== clientId || q.response_type !== 'code') return say(res, { error: 'invalid_request' }, 400);
      const code = randomUUID();
      codes.set(code, { nonce: q.nonce, redirect: q.redirect_uri, who: self.who });
      return authorize(res, q, code, self);
    }
    if (url.pathname === `${path}/token`) {
      const form = await formOf(req);
      const given = codes.get(form.get('code'));
      codes.delete(form.get('code'));
      const refuse = (error) => {
        self.refused = error;
        say(res, { error }, 400);
      };
      if (form.get('client_id') !== clientId || !(await checkSecret(form.get('client_secret'), issuer))) return refuse('invalid_client');
      if (!given || given.redirect !== form.get('redirect_uri')) return refuse('invalid_grant');
      const wrong = checkExchange?.(form);
      if (wrong) return refuse(wrong);
      const token = await new SignJWT({ ...claims(given), ...self.tamper })
        .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
        .setIssuer(self.tamper.iss ?? issuer).setAudience(self.tamper.aud ?? clientId).setIssuedAt().setExpirationTime('5m').sign(privateKey);
      return say(res, { access_token: 'x', token_type: 'Bearer', expires_in: 3600, id_token: token });
    }
    return res.writeHead(404).end();
  });
  return Object.assign(self, server);
}

/** Apple: the key that it gave us signs the client secret. */
export async function apple() {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const clientId = 'test.atelier.web';
  const known = new Set();
  const self = await idp({
    clientId,
    authorize(res, q, code, me) {
      if (q.response_mode !== 'form_post') return say(res, { error: 'invalid_request: response_mode must be form_post when name or email is asked for' }, 400);
      const fields = { code, state: q.state };
      if (!known.has(me.who.sub)) fields.user = JSON.stringify({ name: { firstName: me.who.first, lastName: me.who.last }, email: me.who.email });
      known.add(me.who.sub);
      // what Apple's page would post; the test's browser does it
      return say(res, { post: q.redirect_uri, fields });
    },
    async checkSecret(secret, issuer) {
      const { payload, protectedHeader } = await jwtVerify(secret, publicKey, { issuer: 'TEAM123456', audience: issuer, subject: clientId, algorithms: ['ES256'] }).catch(() => ({}));
      return payload && protectedHeader.kid === 'KEY1234567' && payload.exp - payload.iat <= 15_777_000;
    },
    claims: ({ nonce, who }) => ({ sub: who.sub, email: who.email, email_verified: 'true', is_private_email: 'false', nonce, nonce_supported: true }),
  });
  return Object.assign(self, { clientId, key: privateKey.export({ format: 'pem', type: 'pkcs8' }) });
}

/** LinkedIn: refuses a code verifier, repeats no nonce. */
export async function linkedin() {
  const clientId = 'li-client';
  const self = await idp({
    clientId,
    path: '/oauth',
    authorize(res, q, code) {
      assert.equal(q.scope, 'openid email profile');
      const back = new URL(q.redirect_uri);
      back.search = new URLSearchParams({ code, state: q.state });
      return res.writeHead(302, { location: back.href }).end();
    },
    checkSecret: async (secret) => secret === 'li-secret',
    checkExchange: (form) => (form.has('code_verifier') ? 'invalid_client' : undefined),
    claims: ({ who }) => ({ sub: who.sub, name: who.name, given_name: 'L', family_name: 'I', email: who.email, email_verified: 'true' }),
  });
  return Object.assign(self, { clientId });
}
