// tests/api/permissions.test.mjs - who may call what: asks the running server for every route as every role and compares
// with the reviewed table tests/api/permissions.matrix. After a change on purpose: UPDATE_MATRIX=1, and review the diff.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { base, newUser } from '../lib/api.mjs';
import { allRoutes, callAt } from '../lib/routes.mjs';
import { resign } from '../lib/tokens.mjs';

const file = new URL('./permissions.matrix', import.meta.url);
const roles = ['nobody', 'suspended', 'user', 'creator', 'coach', 'employer', 'moderator', 'admin', 'operator'];
const host = new URL(base).hostname;

/** Nobody's account with that role: what it may do it does to nothing. */
const tokenOf = async (token, role) =>
  role === 'nobody' ? undefined : resign(token, { role, sub: randomUUID(), sid: randomUUID() });

/** yes: past the gate, whatever the handler says then. The gate stands before bodies are looked at. */
async function may(route, token) {
  const path = route.path.replace(/\{\w+\}/g, randomUUID());
  const res = await callAt(host, route.method, path, { token, ...(route.hasBody && { json: { noSuchField: true } }) });
  if (!token && res.status === 401 && res.error?.code === 'UNAUTHENTICATED') return '.';
  if (res.status === 403 && res.error?.code === 'FORBIDDEN') return '-';
  return res.status < 500 || res.status === 503 ? 'yes' : `?${res.status}`;
}

test('every route answers every role as the reviewed matrix says', async () => {
  const { token } = await newUser();
  const tokens = Object.fromEntries(await Promise.all(roles.map(async (r) => [r, await tokenOf(token, r)])));
  const lines = [];
  for (const route of await allRoutes()) {
    const cells = await Promise.all(roles.map((role) => may(route, tokens[role])));
    lines.push([route.method.padEnd(7), route.path.padEnd(44), route.permission.padEnd(18), ...cells.map((c, i) => c.padEnd(roles[i].length))].join(' ').trimEnd());
  }
  const head = [
    '# Who may call what: yes, - (403), . (sign in first). Made by tests/api/permissions.test.mjs; review every change.',
    ['# method', 'path'.padEnd(43), 'permission'.padEnd(18), ...roles].join(' '),
  ];
  const seen = `${[...head, ...lines].join('\n')}\n`;
  if (process.env.UPDATE_MATRIX) writeFileSync(file, seen);
  assert.equal(seen, readFileSync(file, 'utf8'));
});
