// tests/api/tenants.test.mjs - communities over HTTP: the operator makes and changes them, their administrators give them
// looks and rules, everybody sees the public part; and a module that is off is not there.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, describe, test } from 'node:test';
import { ctl, fails, failing, get, newUser, ok, password, patch, post, until } from '../lib/api.mjs';
import { newPerson } from '../lib/people.mjs';
import { allRoutes, callAt } from '../lib/routes.mjs';
import { sql } from '../lib/running.mjs';

const by = (who) => ({ token: who.token });
const unique = () => `t${randomUUID().replaceAll('-', '').slice(0, 16)}`;
const acts = (id) => sql(`select action || ' ' || actor_id from audit_log where target_kind = 'tenant' and target_id = '${id}' order by at`).split('\n');
const register = (host, extra = {}) => {
  const name = unique();
  return callAt(host, 'POST', '/api/v1/auth/register', { json: { email: `${name}@example.test`, username: name, password, ...extra } });
};
/** What is remembered of a community is five seconds old at most. */
const soon = (check, what) => until(check, { every: 250, what });

let operator, admin;
const make = async (fields = {}) => {
  const slug = unique();
  return ok(await post('/tenants', { slug, hosts: [`${slug}.localhost`], ...fields }, by(operator)), 201);
};
/** An administrator of another community, with a token for it. */
async function adminOf(tenant) {
  const host = tenant.hosts[0];
  const name = unique();
  await until(async () => (await callAt(host, 'POST', '/api/v1/auth/register', { json: { email: `${name}@example.test`, username: name, password } })).status === 201, { what: 'the community' });
  const login = (await callAt(host, 'POST', '/api/v1/auth/login', { json: { username: name, password } })).data;
  ctl('user', 'role', name, 'admin', '--tenant', tenant.slug);
  sql(`update users set mfa_enabled_at = now() where id = '${login.userId}'`);
  return (await callAt(host, 'POST', '/api/v1/auth/refresh', { json: { refreshToken: login.refreshToken } })).data.accessToken;
}

before(async () => {
  operator = await newPerson('operator');
  admin = await newPerson('admin');
});

describe('/tenants', () => {
  test('makes a community that lives at its host names at once', async () => {
    const slug = unique();
    const res = await post('/tenants', {
      slug, name: 'Oficina do Porto', hosts: [`${slug}.localhost`, `WWW.${slug}.localhost`], locale: 'pt', modules: ['pocs'],
      corsOrigins: ['https://app.example'], maxVideoBytes: 5_000_000, userQuotaBytes: 9_000_000, storageQuotaBytes: null,
      branding: { primaryColor: '#aa3300', tagline: 'Fazer e mostrar' }, settings: { registration: 'closed' },
    }, by(operator));
    const made = ok(res, 201);
    assert.match(res.headers.get('location'), new RegExp(`/tenants/${made.id}$`));
    assert.deepEqual(made.hosts, [`${slug}.localhost`, `www.${slug}.localhost`]);
    assert.deepEqual(made.modules, ['core', 'pocs']);
    assert.equal(made.storageQuotaBytes, null);
    for (const host of made.hosts) {
      const seen = await callAt(host, 'GET', '/api/v1/tenant');
      assert.deepEqual(seen.data, { name: 'Oficina do Porto', locale: 'pt', modules: ['core', 'pocs'], branding: { primaryColor: '#aa3300', tagline: 'Fazer e mostrar' }, registration: 'closed' });
    }
    assert.equal((await register(made.hosts[0])).status, 403);
    const res2 = await callAt(made.hosts[0], 'OPTIONS', '/api/v1/users/me', { headers: { origin: 'https://app.example', 'access-control-request-method': 'GET' } });
    assert.equal(res2.headers['access-control-allow-origin'], 'https://app.example');
    assert.deepEqual(acts(made.id), [`tenant.created ${operator.id}`]);
  });

  test('lists them page by page, and finds one by a part of its name', async () => {
    const made = await make({ name: `A place called ${unique()}` });
    const found = await get(`/tenants?q=${encodeURIComponent(made.name.slice(-12).toUpperCase())}`, by(operator));
    assert.deepEqual(ok(found).map((t) => t.id), [made.id]);
    assert.equal(found.meta.total, 1);
    const page = await get('/tenants?limit=1&page=2', by(operator));
    assert.equal(ok(page).length, 1);
    assert.ok(page.meta.total >= 3 && page.meta.totalPages === page.meta.total);
    assert.equal(ok(await get(`/tenants/${made.id}`, by(operator))).slug, made.slug);
    fails(await get(`/tenants/${randomUUID()}`, by(operator)), 404, 'NOT_FOUND');
  });

  test('changes what is named and keeps the rest, with a trace of before and after', async () => {
    const made = await make({ branding: { tagline: 'Old', primaryColor: '#000000' } });
    const change = (json) => patch(`/tenants/${made.id}`, json, by(operator));
    const now = ok(await change({ name: 'New name', branding: { tagline: null, accentColor: '#ffffff' }, storageQuotaBytes: 1000, maxVideoBytes: 77 }));
    assert.deepEqual(now.branding, { primaryColor: '#000000', accentColor: '#ffffff' });
    assert.deepEqual([now.name, now.storageQuotaBytes, now.maxVideoBytes, now.userQuotaBytes], ['New name', 1000, 77, made.userQuotaBytes]);
    assert.deepEqual(now.hosts, made.hosts);
    assert.equal(ok(await change({ storageQuotaBytes: null })).storageQuotaBytes, null);
    assert.equal(sql(`select (before ->> 'name') || '>' || (after ->> 'name') from audit_log where target_id = '${made.id}' and action = 'tenant.changed' order by at limit 1`), `${made.slug}>New name`);
  });

  test('moves to other host names, and takes none that another community has', async () => {
    const [one, two] = [await make(), await make()];
    const next = [`new-${one.slug}.localhost`, one.hosts[0]];
    assert.deepEqual(ok(await patch(`/tenants/${one.id}`, { hosts: next }, by(operator))).hosts, next);
    await soon(async () => (await callAt(next[0], 'GET', '/api/v1/tenant')).data?.name === one.slug, 'the new host name');
    ok(await patch(`/tenants/${one.id}`, { hosts: [next[0]] }, by(operator)));
    await soon(async () => (await callAt(one.hosts[0], 'GET', '/api/v1/tenant')).error?.code === 'TENANT_UNKNOWN', 'the end of the old one');
    fails(await patch(`/tenants/${two.id}`, { hosts: [two.hosts[0], next[0].toUpperCase()] }, by(operator)), 409, 'CONFLICT');
    assert.deepEqual(ok(await get(`/tenants/${two.id}`, by(operator))).hosts, two.hosts);
    fails(await post('/tenants', { slug: unique(), hosts: [next[0]] }, by(operator)), 409, 'CONFLICT');
    fails(await post('/tenants', { slug: two.slug, hosts: [`${unique()}.localhost`] }, by(operator)), 409, 'CONFLICT');
  });

  test('is closed for the time that it is not active', async () => {
    const made = await make();
    ok(await patch(`/tenants/${made.id}`, { isActive: false }, by(operator)));
    await soon(async () => (await callAt(made.hosts[0], 'GET', '/api/v1/tenant')).status === 404, 'the end');
    ok(await patch(`/tenants/${made.id}`, { isActive: true }, by(operator)));
    await soon(async () => (await callAt(made.hosts[0], 'GET', '/api/v1/tenant')).status === 200, 'the return');
  });

  test('names everything that is wrong, and is the operator’s alone', async () => {
    const error = fails(await post('/tenants', {
      slug: 'No Slug', hosts: ['http://x/y'], modules: ['everything'], locale: 'klingon-x', corsOrigins: ['x.example'], maxVideoBytes: 0,
      branding: { primaryColor: 'red', logoUrl: 'javascript:alert(1)' }, settings: { registration: 'maybe' },
    }, by(operator)), 400);
    for (const field of ['slug', 'hosts[0]', 'modules[0]', 'corsOrigins[0]', 'maxVideoBytes', 'branding.primaryColor', 'branding.logoUrl', 'settings.registration'])
      assert.ok(failing(error).includes(field), `${field} in ${JSON.stringify(error.details)}`);
    fails(await post('/tenants', { slug: unique(), hosts: [] }, by(operator)), 400, 'VALIDATION_ERROR');
    fails(await patch(`/tenants/${randomUUID()}`, { branding: { colour: '#000000' } }, by(operator)), 400);
    fails(await patch(`/tenants/${randomUUID()}`, { name: 'Nobody' }, by(operator)), 404, 'NOT_FOUND');
    for (const who of [admin, await newPerson('moderator'), await newUser()]) {
      fails(await get('/tenants', by(who)), 403, 'FORBIDDEN');
      fails(await post('/tenants', { slug: unique(), hosts: ['x.localhost'] }, by(who)), 403, 'FORBIDDEN');
    }
  });
});

describe('/tenant', () => {
  test('gives its administrators their own community, and no more of it than is theirs', async () => {
    const made = await make();
    const token = await adminOf(made);
    const own = (method, path, json) => callAt(made.hosts[0], method, `/api/v1${path}`, { token, json });
    assert.equal((await own('GET', '/tenant/settings')).data.id, made.id);
    const changed = await own('PATCH', '/tenant', { name: 'Ours', locale: 'pt', branding: { contactEmail: 'us@example.test' }, settings: { requireVerified: true } });
    assert.equal(changed.status, 200, changed.text);
    assert.deepEqual(changed.data.settings, { requireVerified: true });
    for (const field of ['modules', 'hosts', 'maxVideoBytes', 'storageQuotaBytes', 'isActive', 'corsOrigins'])
      assert.equal((await own('PATCH', '/tenant', { [field]: field === 'isActive' ? false : 1 })).error.code, 'UNKNOWN_FIELD', field);
    await soon(async () => (await callAt(made.hosts[0], 'GET', '/api/v1/tenant')).data.name === 'Ours', 'the new name');
    assert.equal(acts(made.id).length, 2);
    fails(await patch('/tenant', { name: 'Mine' }, by(await newUser())), 403, 'FORBIDDEN');
  });

  test('demands a confirmed address, or takes no new members, when its administrator says so', async () => {
    const made = await make();
    const host = made.hosts[0];
    const token = await adminOf(made);
    const rule = (settings) => callAt(host, 'PATCH', '/api/v1/tenant', { token, json: { settings } });
    const name = unique();
    assert.equal((await callAt(host, 'POST', '/api/v1/auth/register', { json: { email: `${name}@example.test`, username: name, password } })).status, 201);
    const login = () => callAt(host, 'POST', '/api/v1/auth/login', { json: { username: name, password } });
    assert.equal((await login()).status, 200);
    assert.equal((await rule({ requireVerified: true, registration: 'closed' })).status, 200);
    await soon(async () => (await login()).error?.code === 'ACCOUNT_UNVERIFIED', 'the rule');
    await soon(async () => (await register(host)).error?.code === 'FORBIDDEN', 'the closed door');
    sql(`update users set email_verified_at = now() where username = '${name}'`);
    assert.equal((await login()).status, 200);
    assert.equal((await rule({ requireVerified: null, registration: null })).status, 200);
    await soon(async () => (await register(host)).status === 201, 'the open door');
  });
});

describe('a module', () => {
  test('that is off is not there, for anybody; switched on, it is', async () => {
    const made = await make();
    const host = made.hosts[0];
    const token = await adminOf(made);
    const routes = (await allRoutes()).filter((r) => (r.operation['x-module'] ?? 'core') !== 'core');
    const ask = (r) => callAt(host, r.method, r.path.replace(/\{\w+\}/g, randomUUID()), { token, ...(r.hasBody && { json: { noSuchField: 1 } }) });
    const isThere = (res) => !(res.status === 404 && res.error.message === 'There is no such thing here.' && !res.headers['ratelimit-limit']);
    for (const r of routes) {
      const res = await ask(r);
      assert.equal(res.status, 404, `${r.method} ${r.path}: ${res.status}`);
    }
    const modules = [...new Set(routes.map((r) => r.operation['x-module']))];
    ok(await patch(`/tenants/${made.id}`, { modules }, by(operator)));
    for (const r of routes) await soon(async () => isThere(await ask(r)), `${r.method} ${r.path}`);
  });
});
