// tests/api/geoip.test.mjs - a view gets a country where a GeoIP file is configured, and the server runs without a readable one.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { mmdb } from '../lib/mmdb.mjs';
import { askAs } from '../lib/sql.mjs';
import { startStack } from '../lib/stack.mjs';

test('the country of an address, from the file', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'geoip-'));
  const file = join(dir, 'countries.mmdb');
  chmodSync(dir, 0o755);
  writeFileSync(file, mmdb({ '127.0.0.0/8': 'TR', '203.0.113.0/24': 'PT' }), { mode: 0o644 });
  const stack = startStack({ ATELIER_ANALYTICS_GEOIP_FILE: file });
  try {
    const sql = (text) => askAs('atelier_owner', text, `${stack.dir}/run`);
    const video = randomUUID();
    sql(`with person as (insert into users (tenant_id, email, username, display_name) select id, 'g@example.test', 'geo_person', 'G' from tenants returning id, tenant_id),
              made as (insert into videos (id, tenant_id, user_id, title, renditions_total, renditions_ready, published_at) select '${video}', tenant_id, id, 'Planted', 1, 1, now() from person returning 1)
         select 1 from made`);
    const res = await fetch(`${stack.url}/api/v1/videos/${video}/view`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"sessionId":"s"}' });
    assert.equal(res.status, 200, await res.text());
    for (let i = 0; sql('select count(*) from view_events') === '0' && i < 150; i++) await new Promise((go) => setTimeout(go, 100));
    assert.equal(sql('select country from view_events'), 'TR');
  } finally {
    stack.stop();
    rmSync(dir, { recursive: true });
  }
});
