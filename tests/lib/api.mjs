// tests/lib/api.mjs - the API as a test speaks it: through the real web server at ATELIER_URL.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { spawnSync } from 'node:child_process';

export const base = process.env.ATELIER_URL ?? 'http://127.0.0.1:8080';
export const apiUrl = `${base}/api/v1`;

/** One request. `json` is sent as JSON, `body` as it is. Paths are below /api/v1 unless they begin with "/" + "/". */
export async function call(method, path, { json, body, headers = {}, token, key } = {}) {
  const url = path.startsWith('//') ? base + path.slice(1) : apiUrl + path;
  const all = { ...headers };
  if (token) all.authorization = `Bearer ${token}`;
  if (key) all['idempotency-key'] = key;
  if (json !== undefined) {
    all['content-type'] ??= 'application/json';
    body = JSON.stringify(json);
  }
  const res = await fetch(url, { method, headers: all, body, redirect: 'manual', duplex: body?.getReader ? 'half' : undefined }).catch((cause) => {
    throw new Error(`${method} ${path}: ${cause.cause?.code ?? ''} ${cause.cause?.message ?? cause.message}`, { cause });
  });
  const text = await res.text();
  let parsed;
  if (text && res.headers.get('content-type')?.startsWith('application/json')) parsed = JSON.parse(text);
  return { status: res.status, headers: res.headers, text, body: parsed, data: parsed?.data, meta: parsed?.meta, error: parsed?.error };
}

/** The status of a GET at an address. Nobody reads the body: left alone it would hold the connection, and with it this process, for a minute. */
export async function statusOf(url) {
  const res = await fetch(url);
  await res.body?.cancel();
  return res.status;
}

export const get = (path, options) => call('GET', path, options);
export const post = (path, json, options) => call('POST', path, { json, ...options });
export const put = (path, json, options) => call('PUT', path, { json, ...options });
export const patch = (path, json, options) => call('PATCH', path, { json, ...options });
export const del = (path, options) => call('DELETE', path, options);

/** The success envelope with this status; returns data. */
export function ok(res, status = 200) {
  assert.equal(res.status, status, `expected ${status}, saw ${res.status}: ${res.text.slice(0, 500)}`);
  if (status === 204) return undefined;
  assert.equal(res.body?.success, true, res.text.slice(0, 500));
  return res.data;
}

/** The error envelope with this status and code; returns the error. */
export function fails(res, status, code) {
  assert.equal(res.status, status, `expected ${status} ${code ?? ''}, saw ${res.status}: ${res.text.slice(0, 500)}`);
  assert.equal(res.body?.success, false, res.text.slice(0, 500));
  assert.equal(typeof res.error.message, 'string');
  assert.equal(res.error.requestId, res.headers.get('x-request-id'));
  if (code) assert.equal(res.error.code, code);
  return res.error;
}

/** The fields that an error's details name. */
export const failing = (error) => (error.details ?? []).map((d) => d.field).sort();

export const password = 'a long and uncommon phrase 42';

/** Registers and signs in somebody nobody else uses. */
export async function newUser(extra = {}) {
  const name = `u${randomUUID().replaceAll('-', '').slice(0, 20)}`;
  const account = { email: `${name}@example.test`, username: name, password, displayName: `Person ${name.slice(0, 6)}`, ...extra };
  const user = ok(await post('/auth/register', account), 201);
  const session = ok(await post('/auth/login', { email: account.email, password: account.password }));
  return { id: user.id ?? session.userId, ...account, token: session.accessToken, refreshToken: session.refreshToken };
}

/** Calls check until it returns something truthy; fails with what it last saw. */
export async function until(check, { seconds = 60, every = 200, what = 'the condition' } = {}) {
  const end = Date.now() + seconds * 1000;
  let last;
  for (;;) {
    last = await check();
    if (last) return last;
    if (Date.now() > end) assert.fail(`${what} did not come true within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}

/** atelierctl against the same installation (ATELIER_CONF and friends are in the environment). */
export function ctl(...args) {
  const run = spawnSync(process.env.ATELIERCTL ?? 'atelierctl', args, { encoding: 'utf8' });
  assert.equal(run.status, 0, `atelierctl ${args.join(' ')}: ${run.stderr}`);
  return run.stdout;
}
