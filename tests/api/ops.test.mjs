// tests/api/ops.test.mjs - what machines read: health, readiness, figures, the API's own description.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { it } from 'node:test';
import { get, ok } from '../lib/api.mjs';

it('is alive and ready, and says how long the queue is', async () => {
  assert.deepEqual(ok(await get('//health')), { status: 'ok' });
  const ready = ok(await get('//ready'));
  assert.deepEqual([ready.database, ready.redis, ready.storage], ['ok', 'ok', 'ok']);
  assert.equal(typeof ready.queueDepth, 'number');
});

it('has figures that promtool accepts, of all children together', async () => {
  for (let i = 0; i < 20; i++) await get('//health');
  const { text } = await get('//metrics');
  const checked = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
  assert.equal(checked.status, 0, checked.stdout + checked.stderr);
  const health = /atelier_http_requests_total\{method="GET",route="\/health",status="200"\} (\d+)/.exec(text);
  assert.ok(Number(health?.[1]) >= 20, 'requests of every child are counted');
  for (const name of ['atelier_db_queries_total', 'atelier_cache_hits_total', 'atelier_children_started_total', 'atelier_http_request_duration_seconds_bucket'])
    assert.match(text, new RegExp(`^${name}`, 'm'));
});

it('describes itself in OpenAPI that a linter accepts', async () => {
  const { text } = await get('/openapi.json');
  const file = join(mkdtempSync(join(tmpdir(), 'atelier-openapi-')), 'openapi.json');
  writeFileSync(file, text);
  const redocly = resolve(import.meta.dirname, '../node_modules/.bin/redocly');
  const out = execFileSync(redocly, ['lint', '--extends=spec', '--format=json', file], { encoding: 'utf8', env: { ...process.env, REDOCLY_TELEMETRY: 'off', CI: 'true' } });
  assert.equal(JSON.parse(out.slice(out.indexOf('{'))).totals.errors, 0, out);
});

it('describes every route once, with who may use it', async () => {
  const { paths } = JSON.parse((await get('/openapi.json')).text);
  const ids = Object.values(paths).flatMap((p) => Object.values(p).map((op) => op.operationId));
  assert.equal(new Set(ids).size, ids.length, 'operation ids are unique');
  for (const [path, item] of Object.entries(paths))
    for (const op of Object.values(item)) {
      assert.ok(op['x-permission'], path);
      assert.ok(op.summary, path);
    }
});
