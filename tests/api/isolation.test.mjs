// tests/api/isolation.test.mjs - every route of the server, asked by another community: with its tokens, and for its
// things by their true ids. Nothing is read and nothing changes.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, test } from 'node:test';
import { base, ctl, newUser, ok, password, post } from '../lib/api.mjs';
import { allRoutes, callAt } from '../lib/routes.mjs';
import { bodyOf, fill, makeAll, nameOf, thingsOf } from '../lib/things.mjs';
import { claimsOf } from '../lib/tokens.mjs';
import { sql } from '../lib/video.mjs';

const here = new URL(base).hostname;
const other = `iso-${randomUUID().slice(0, 8)}.localhost`;
const marker = `marker${randomUUID().replaceAll('-', '').slice(0, 16)}`;

/** Routes that belong to no community. */
const common = new Set(['GET /health', 'GET /ready', 'GET /api/v1/openapi.json', 'GET /.well-known/jwks.json']);

let mine; // a person of this community and her things
let stranger; // a person of the other community: its token
let routes;

/** A hash of every row of this community in every table that has a tenant_id. */
function snapshot() {
  const tables = sql("select table_name from information_schema.columns join information_schema.tables using (table_schema, table_name) where column_name = 'tenant_id' and table_schema = 'public' and table_type = 'BASE TABLE' order by 1").split('\n');
  return Object.fromEntries(tables.filter((t) => t !== 'jobs').map((t) => [t, sql(`select md5(coalesce(string_agg(r::text, '|' order by r::text), '')) from ${t} r where tenant_id = '${mine.tenant}'`)]));
}

before(async () => {
  const owner = await newUser({ displayName: marker });
  const claims = claimsOf(owner.token);
  const apiKey = ok(await post('/auth/api-keys', { name: marker, scopes: ['read'], password }, { token: owner.token }), 201).id;
  mine = thingsOf({ ...owner, tenant: claims.tenant, session: claims.sid, apiKey }, marker);
  makeAll(mine);
  ctl('tenant', 'create', other.split('.')[0], '--modules', 'core,skills,coaching,pocs,moves', '--host', other, '--base-url', `http://${other}`);
  const name = `s${randomUUID().replaceAll('-', '').slice(0, 18)}`;
  const account = { email: `${name}@example.test`, username: name, password };
  assert.equal((await callAt(other, 'POST', '/api/v1/auth/register', { json: account })).status, 201);
  stranger = (await callAt(other, 'POST', '/api/v1/auth/login', { json: { email: account.email, password } })).data.accessToken;
  routes = await allRoutes();
});

test('the ids are true ones: their own community finds them', async () => {
  for (const path of [`/api/v1/users/${mine.id}`, `/api/v1/videos/${mine.video}`, '/api/v1/auth/sessions', '/api/v1/auth/api-keys']) {
    const res = await callAt(here, 'GET', path, { token: mine.token });
    assert.equal(res.status, 200, `${path}: ${res.text}`);
  }
});

test('a token of this community opens no route of the other', async () => {
  for (const route of routes.filter((r) => !common.has(nameOf(r)))) {
    const res = await callAt(other, route.method, fill(route, mine), { token: mine.token, json: bodyOf(route, mine) });
    assert.equal(res.status, 401, `${nameOf(route)}: ${res.status} ${res.text.slice(0, 200)}`);
  }
});

test('the other community, with a token of its own and our ids, reads and changes nothing', async () => {
  const before = snapshot();
  for (const route of routes.filter((r) => !common.has(nameOf(r)))) {
    if (/\/(logout-all|logout)$/.test(route.path)) continue; // last, below
    const res = await callAt(other, route.method, fill(route, mine), { token: stranger, json: bodyOf(route, mine) });
    for (const secret of [marker, mine.id, mine.email, mine.video, mine.session, mine.apiKey])
      assert.ok(!res.text.includes(secret), `${nameOf(route)} tells of ${secret}: ${res.text.slice(0, 300)}`);
    if (route.params.length && !route.path.includes('/oauth/'))
      assert.ok([400, 403, 404, 409, 412, 415].includes(res.status), `${nameOf(route)}: ${res.status} ${res.text.slice(0, 200)}`);
    assert.ok(res.status < 500, `${nameOf(route)}: ${res.status}`);
  }
  sql(`select job_cancel(id, null) from jobs where kind = 'recap' and tenant_id = '${claimsOf(stranger).tenant}'`); // the film that they asked for
  for (const path of ['/api/v1/auth/logout', '/api/v1/auth/logout-all'])
    await callAt(other, 'POST', path, { token: stranger, json: { refreshToken: mine.refreshToken } });
  assert.deepEqual(snapshot(), before);
});

test('nobody in particular sees nothing of ours there either', async () => {
  const before = snapshot();
  for (const route of routes.filter((r) => !common.has(nameOf(r)) && r.permission === 'public')) {
    const res = await callAt(other, route.method, fill(route, mine), { json: bodyOf(route, mine) });
    for (const secret of [marker, mine.id, mine.video]) assert.ok(!res.text.includes(secret), `${nameOf(route)} tells of ${secret}`);
  }
  assert.deepEqual(snapshot(), before);
  assert.equal((await callAt(here, 'GET', '/api/v1/users/me', { token: mine.token })).status, 200);
});

test('a host that nobody has is no community', async () => {
  const res = await callAt('nobody.example', 'GET', '/api/v1/users/me');
  assert.equal(res.status, 404);
});
