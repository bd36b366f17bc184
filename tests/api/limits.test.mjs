// tests/api/limits.test.mjs - rate limits as the specification has them, lock-out, CORS; on a stack of its own, at scale 1.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { apiOf, startStack } from '../lib/stack.mjs';

let stack, api;
const password = 'a long and uncommon phrase 42';
const people = [];
const wrong = { password: 'wrong wrong wrong' };

/** Made by the operator: registering is limited here. */
function person() {
  const name = `p${randomUUID().replaceAll('-', '').slice(0, 12)}`;
  stack.ctl('user', 'create', '--tenant', 'main', '--email', `${name}@example.test`, '--username', name, { input: `${password}\n` });
  return { email: `${name}@example.test` };
}
const redis = async (...words) => {
  const { execFileSync } = await import('node:child_process');
  return execFileSync('redis-cli', ['-s', stack.env.REDIS_SOCK, ...words], { encoding: 'utf8' });
};
const forget = () => redis('FLUSHALL');

before(async () => {
  stack = startStack({ STACK_NO_MICRO_CACHE: '1' });
  api = await apiOf(stack);
  for (let i = 0; i < 5; i++) people.push(person());
});
after(() => stack?.stop());

test('five sign-ins a minute from an address, then 429 with Retry-After', async () => {
  await forget();
  const left = [];
  for (let i = 0; i < 5; i++) {
    const res = await api.post('/auth/login', { email: `nobody${i}@example.test`, ...wrong });
    api.fails(res, 401);
    left.push(Number(res.headers.get('ratelimit-remaining')));
  }
  const over = await api.post('/auth/login', { email: people[0].email, password });
  api.fails(over, 429, 'RATE_LIMITED');
  assert.ok(Number(over.headers.get('retry-after')) >= 1 && Number(over.headers.get('retry-after')) <= 12);
  assert.equal(over.headers.get('ratelimit-limit'), '5');
  assert.equal(over.headers.get('ratelimit-remaining'), '0');
});

test('three registrations an hour from an address', async () => {
  await forget();
  for (let i = 0; i < 3; i++) api.fails(await api.post('/auth/register', {}), 400);
  const over = await api.post('/auth/register', {});
  api.fails(over, 429);
  assert.ok(Number(over.headers.get('retry-after')) > 60);
});

test('three password mails an hour for an address, known or not', async () => {
  await forget();
  for (const email of [people[0].email, 'nobody@example.test']) {
    for (let i = 0; i < 3; i++) api.ok(await api.post('/auth/forgot-password', { email }), 202);
    api.fails(await api.post('/auth/forgot-password', { email }), 429);
  }
});

test('five comments a minute for a person, whichever way they are written', async () => {
  await forget();
  const token = api.ok(await api.post('/auth/login', { email: people[1].email, password })).accessToken;
  const nowhere = randomUUID();
  const ways = [() => api.post('/comments', { videoId: nowhere, text: 'x' }, { token }), () => api.post(`/videos/${nowhere}/comment`, { text: 'x' }, { token }), () => api.post(`/comments/${nowhere}/reply`, { text: 'x' }, { token })];
  for (let i = 0; i < 5; i++) api.fails(await ways[i % 3](), 404);
  for (const way of ways) api.fails(await way(), 429, 'RATE_LIMITED');
});

test('anonymous reads: a hundred a minute and fifty on top; signed-in ones are counted apart', async () => {
  await forget();
  const session = api.ok(await api.post('/auth/login', { email: people[0].email, password }));
  const all = [];
  for (let i = 0; i < 160; i++) all.push((await api.get('/users/@nobody_at_all')).status);
  assert.equal(all.filter((s) => s === 404).length >= 150, true);
  assert.equal(all.filter((s) => s === 404).length <= 153, true, 'refilled faster than the limit says');
  assert.equal(all.at(-1), 429);
  const mine = await api.get('/users/me', { token: session.accessToken });
  api.ok(mine);
  assert.equal(mine.headers.get('ratelimit-limit'), '1000');
});

test('five wrong passwords lock an account, and a name that nobody has all the same', async () => {
  for (const email of [people[1].email, 'absent@example.test']) {
    await forget();
    for (let i = 0; i < 5; i++) api.fails(await api.post('/auth/login', { email, ...wrong }), 401, 'CREDENTIALS_INVALID');
    await forget();
    const locked = await api.post('/auth/login', { email, password });
    api.fails(locked, 403, 'ACCOUNT_LOCKED');
    assert.ok(Number(locked.headers.get('retry-after')) > 60);
  }
});

test('a new password by mail or operator ends the lock', async () => {
  await forget();
  stack.ctl('user', 'passwd', people[1].email, '--tenant', 'main', { input: 'yet another phrase 99\n' });
  api.ok(await api.post('/auth/login', { email: people[1].email, password: 'yet another phrase 99' }));
});

test('other origins: the tenant’s list and nobody else, preflights included', async () => {
  await forget();
  stack.ctl('tenant', 'set', 'main', '--cors-origins', 'https://app.example,https://b.example');
  await new Promise((r) => setTimeout(r, 6000)); // children remember a tenant for some seconds
  const ask = (origin, method = 'GET') =>
    api.call(method, '/users/@nobody', { headers: { origin, ...(method === 'OPTIONS' && { 'access-control-request-method': 'PUT' }) } });
  for (const origin of ['https://app.example', 'https://b.example']) {
    const res = await ask(origin);
    assert.equal(res.headers.get('access-control-allow-origin'), origin);
    assert.match(res.headers.get('vary'), /Origin/);
    const pre = await ask(origin, 'OPTIONS');
    assert.equal(pre.status, 204);
    assert.match(pre.headers.get('access-control-allow-methods'), /PUT/);
    assert.match(pre.headers.get('access-control-allow-headers'), /Authorization/);
    assert.equal(pre.headers.get('access-control-allow-credentials'), null);
  }
  for (const origin of ['https://evil.example', 'https://app.example.evil.test', 'http://app.example', 'null', 'https://app.exampl'])
    for (const method of ['GET', 'OPTIONS']) assert.equal((await ask(origin, method)).headers.get('access-control-allow-origin'), null, origin);
});

test('sixty programs and messages a minute of a person in dojos, over all of their sockets; edits are free', async () => {
  await forget();
  const { connect } = await import('../lib/sockets.mjs');
  const { sql } = await import('../lib/running.mjs');
  sql("update tenants set modules = '{core,pocs}' where slug = 'main'");
  const [token, other] = await Promise.all([people[2], people[3]].map(async ({ email }) => api.ok(await api.post('/auth/login', { email, password })).accessToken));
  const d = api.ok(await api.until(async () => { const r = await api.post('/dojos', { name: 'Quick', language: 'bash' }, { token }); return r.status === 201 && r; }, { seconds: 20, what: 'the module' }), 201);
  api.ok(await api.post(`/dojos/${d.id}/join`, {}, { token: other }));
  const enter = async (who) => { const s = connect(`/dojos/${d.id}/live`, { token: who, url: stack.url }); await s.next({ type: 'CONNECTION_STATUS' }); return s; };
  const sockets = [await enter(token), await enter(token)], code = async (s, frame) => { await s.send(frame); return (await s.next({ type: 'error' })).code; };
  let taken = 0;
  while (taken < 70 && (await code(sockets[taken % 2], { type: 'RUN_CODE' })) === 'VALIDATION_ERROR') taken++; // no code: asked for, and counted, all the same
  assert.ok(taken >= 60 && taken <= 64, `${taken} before the limit`);
  for (const s of sockets) assert.equal(await code(s, { type: 'CHAT_MESSAGE', text: 'Too much' }), 'RATE_LIMITED');
  await sockets[0].send({ type: 'CODE_UPDATE', baseRevision: 0, content: 'echo free' });
  await sockets[1].next({ type: 'CODE_UPDATE', revision: 1 });
  const s = await enter(other);
  await s.send({ type: 'CHAT_MESSAGE', text: 'Mine are my own' });
  await sockets[0].next({ type: 'CHAT_MESSAGE' });
  for (const x of [...sockets, s]) await x.close();
});

test('without Redis reads go on, and sign-ins are limited per process', async () => {
  await forget();
  stack.service('stop', 'redis');
  try {
    for (let i = 0; i < 200; i++) assert.equal((await api.get('/users/@nobody_at_all')).status, 404);
    const seen = [];
    for (let i = 0; i < 20; i++) seen.push((await api.post('/auth/login', { email: `gone${i}@example.test`, ...wrong })).status);
    assert.ok(seen.includes(401) && seen.includes(429), seen.join(' '));
    assert.ok(seen.filter((s) => s === 401).length <= 10, 'at most five for each of two children');
  } finally {
    stack.service('start', 'redis');
  }
  await api.until(async () => (await api.get('/users/@nobody_at_all')).headers.get('ratelimit-limit') === '100', { seconds: 20, what: 'counting in Redis again' });
});
