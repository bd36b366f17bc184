// tests/api/push.test.mjs - pushes through Firebase Cloud Messaging: a strict stand-in for Google's two servers checks what
// it is sent, on a stack of its own.
import assert from 'node:assert/strict';
import { createVerify, generateKeyPairSync, randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { apiOf, startStack } from '../lib/stack.mjs';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pushes = []; // { token, message, access }
const problems = []; // what Google would have refused
let stack, api, social, google, googleUrl, exchanges = 0, lifeS = 3600, current, answers = {};
let ann, ben;

const json = (res, status, value, headers = {}) => res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
const only = (object, keys, where) => {
  for (const key of Object.keys(object)) if (!keys.includes(key)) problems.push(`${where}.${key} is not a field`);
};

function exchange(text, res) {
  const form = new URLSearchParams(text);
  const [head, body, signature] = (form.get('assertion') ?? '').split('.');
  const claims = JSON.parse(Buffer.from(body, 'base64url'));
  const header = JSON.parse(Buffer.from(head, 'base64url'));
  const now = Date.now() / 1000;
  const good = form.get('grant_type') === 'urn:ietf:params:oauth:grant-type:jwt-bearer' && header.alg === 'RS256' && header.kid === 'key-1' &&
    createVerify('RSA-SHA256').update(`${head}.${body}`).verify(publicKey, signature, 'base64url') &&
    claims.iss === 'push@project.example' && claims.aud === `${googleUrl}/token` && claims.scope === 'https://www.googleapis.com/auth/firebase.messaging' &&
    Math.abs(claims.iat - now) < 60 && claims.exp - claims.iat <= 3600 && claims.exp > now;
  if (!good) {
    problems.push(`assertion ${JSON.stringify({ header, claims })}`);
    return json(res, 400, { error: 'invalid_grant' });
  }
  exchanges++;
  current = `access-${randomUUID()}`;
  return json(res, 200, { access_token: current, expires_in: lifeS, token_type: 'Bearer' });
}

function send(req, text, res) {
  if (req.headers.authorization !== `Bearer ${current}`) return json(res, 401, { error: { code: 401, status: 'UNAUTHENTICATED' } });
  if (req.headers['content-type'] !== 'application/json') problems.push(req.headers['content-type']);
  const body = JSON.parse(text);
  const m = body.message;
  only(body, ['message', 'validate_only'], '');
  only(m, ['token', 'notification', 'data', 'android', 'apns', 'webpush'], 'message');
  only(m.notification, ['title', 'body', 'image'], 'notification');
  only(m.android, ['collapse_key', 'priority', 'ttl', 'notification'], 'android');
  only(m.apns, ['headers', 'payload'], 'apns');
  for (const [k, v] of [...Object.entries(m.data), ...Object.entries(m.apns.headers)]) if (typeof v !== 'string') problems.push(`${k} is no string`);
  pushes.push({ token: m.token, message: m });
  const [status, error, headers] = answers[m.token]?.shift() ?? [200];
  if (status === 200) return json(res, 200, { name: `projects/p/messages/${randomUUID()}` });
  return json(res, status, { error: { code: status, ...error } }, headers);
}

before(async () => {
  google = createServer(async (req, res) => {
    let text = '';
    for await (const part of req) text += part;
    if (req.method === 'POST' && req.url === '/token') return exchange(text, res);
    if (req.method === 'POST' && req.url === '/v1/projects/a-project/messages:send') return send(req, text, res);
    problems.push(`${req.method} ${req.url}`);
    return res.writeHead(404).end();
  });
  await new Promise((resolve) => google.listen(0, '127.0.0.1', resolve));
  googleUrl = `http://127.0.0.1:${google.address().port}`;
  const folder = mkdtempSync(join(tmpdir(), 'atelier-push-'));
  chmodSync(folder, 0o755);
  const file = join(folder, 'account.json');
  writeFileSync(file, JSON.stringify({ type: 'service_account', project_id: 'a-project', private_key_id: 'key-1', private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }), client_email: 'push@project.example', token_uri: `${googleUrl}/token` }));
  chmodSync(file, 0o644);
  stack = startStack({ ATELIER_RATELIMIT_SCALE: '1000', ATELIER_PUSH_SERVICE_ACCOUNT_FILE: file, ATELIER_PUSH_URL: googleUrl });
  api = await apiOf(stack);
  social = await import('../lib/social.mjs');
  [ann, ben] = await Promise.all([newUser({ displayName: 'Ann "the" Ä.' }), newUser()]);
});
after(() => {
  stack?.stop();
  google?.close().closeAllConnections();
});
beforeEach(() => {
  pushes.length = 0;
});

const newUser = (extra) => api.newUser(extra);
const as = (user) => ({ token: user.token });
const device = async (user, token, platform = 'android') => api.ok(await api.post('/devices', { token, platform }, as(user)), 201);
const devices = async (user) => api.ok(await api.get('/users/me/devices', as(user)));
const follow = async (user, whom) => api.ok(await api.post(`/users/${whom.id}/follow`, undefined, as(user)));
const arrived = (count) => api.until(() => pushes.length >= count && [...pushes], { seconds: 15, what: `${count} pushes`, every: 50 });
const quiet = () => api.until(() => social.sql("select count(*) from jobs where kind in ('push', 'announce') and (state = 'running' or (state = 'queued' and run_at <= now()))") === '0', { seconds: 15, every: 50, what: 'no push under way' });

describe('a push', () => {
  it('goes to every device, says what happened, and is never sent without a valid assertion', async () => {
    const [one, two] = [`tok-${randomUUID()}`, `tok-${randomUUID()}`];
    await device(ben, one);
    await device(ben, two, 'ios');
    await follow(ann, ben);
    const seen = await arrived(2);
    assert.deepEqual(seen.map((p) => p.token).sort(), [one, two].sort());
    const { message } = seen[0];
    const [line] = (await api.get('/notifications', as(ben))).data;
    assert.equal(message.notification.body, 'Ann "the" Ä. follows you.');
    assert.deepEqual([message.data.kind, message.data.notificationId, message.data.unread, message.apns.payload.aps.badge, message.android.collapse_key], ['new_follower', line.id, '1', 1, line.id]);
    assert.equal(exchanges, 1, 'the access token is kept');
    assert.deepEqual(problems, []);
  });
  it('says it in the reader’s language', async () => {
    const eve = await newUser();
    await device(eve, `tok-${randomUUID()}`);
    api.ok(await api.patch('/users/me', { locale: 'pt-BR' }, as(eve)));
    await follow(ann, eve);
    assert.match((await arrived(1))[0].message.notification.body, /começou a seguir você/);
  });
  it('is not sent again for each who joins a group, nor for what was turned off', async () => {
    const eve = await newUser();
    const token = `tok-${randomUUID()}`;
    await device(eve, token);
    await follow(ann, eve);
    await arrived(1);
    for (const user of [ben, await newUser()]) await follow(user, eve);
    const id = await social.readyVideo(eve);
    await social.prefer(eve, 'video_liked', { push: false });
    api.ok(await api.post(`/videos/${id}/like`, undefined, as(ann)));
    await quiet();
    assert.deepEqual(pushes.filter((p) => p.token === token).map((p) => p.message.data.kind), ['new_follower']);
  });
  it('ends where somebody signed out, or took the device back', async () => {
    const eve = await newUser();
    const { id } = await device(eve, `tok-${randomUUID()}`);
    assert.equal((await devices(eve)).length, 1);
    api.fails(await api.del(`/devices/${id}`, as(ann)), 404, 'NOT_FOUND');
    api.ok(await api.del(`/users/me/devices/${id}`, as(eve)), 204);
    await device(eve, `tok-${randomUUID()}`);
    const session = api.ok(await api.post('/auth/login', { email: eve.email, password: eve.password }));
    api.ok(await api.post('/auth/logout', { refreshToken: eve.refreshToken }, as(eve)), 204);
    await follow(ann, eve);
    await quiet();
    assert.deepEqual(pushes, []);
    assert.equal((await devices({ token: session.accessToken })).length, 1);
  });
});

describe('what Google answers', () => {
  it('UNREGISTERED: the device is forgotten, the others are pushed to', async () => {
    const eve = await newUser();
    const [dead, alive] = [`dead-${randomUUID()}`, `tok-${randomUUID()}`];
    answers[dead] = [[404, { status: 'NOT_FOUND', details: [{ '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode: 'UNREGISTERED' }] }]];
    await device(eve, dead);
    const kept = await device(eve, alive);
    await follow(ann, eve);
    await arrived(2);
    await api.until(async () => (await devices(eve)).length === 1, { what: 'one device left' });
    assert.deepEqual((await devices(eve)).map((d) => d.id), [kept.id]);
  });
  it('429 and 5xx: that device again, after the time asked for; the others not twice', async () => {
    const eve = await newUser();
    const [busy, fine] = [`busy-${randomUUID()}`, `tok-${randomUUID()}`];
    answers[busy] = [[503, { status: 'UNAVAILABLE' }, { 'retry-after': '90' }], [429, { status: 'RESOURCE_EXHAUSTED' }]];
    await device(eve, busy);
    await device(eve, fine);
    await follow(ann, eve);
    await arrived(2);
    await quiet();
    const waiting = () => social.sql(`select round(extract(epoch from run_at - created_at)), payload->>'tries' from jobs where kind = 'push' and user_id = '${eve.id}' and state = 'queued'`);
    assert.equal(waiting(), '90|1');
    const now = () => social.sql(`update jobs set run_at = now() where kind = 'push' and user_id = '${eve.id}' and state = 'queued'; select pg_notify('atelier_jobs', 'push')`);
    now();
    await arrived(3);
    await quiet();
    assert.equal(waiting(), '60|2');
    now();
    await arrived(4);
    await quiet();
    assert.deepEqual([waiting(), pushes.filter((p) => p.token === busy).length, pushes.filter((p) => p.token === fine).length], ['', 3, 1]);
  });
  it('401: a new access token, once', async () => {
    const eve = await newUser();
    const before = exchanges;
    await device(eve, `tok-${randomUUID()}`);
    current = 'revoked at Google';
    await follow(ann, eve);
    await arrived(1);
    assert.equal(exchanges, before + 1);
  });
});

it('a device is registered with what Google can use, and belongs to who signed in on it last', async () => {
  const [eve, fay] = await Promise.all([newUser(), newUser()]);
  assert.deepEqual(api.failing(api.fails(await api.post('/devices', { token: 'with space here', platform: 'toaster' }, as(eve)), 400)), ['platform', 'token']);
  const token = `tok-${randomUUID()}`;
  await device(eve, token);
  await device(fay, token);
  assert.deepEqual([(await devices(eve)).length, (await devices(fay)).length], [0, 1]);
});

it('in all this, nothing was sent that Google would not take', () => assert.deepEqual(problems, []));
