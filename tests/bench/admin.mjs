// tests/bench/admin.mjs - how long each admin page takes on a large community: 100,000 reports, and as many videos as are there
// (tests/bench/big.sh seeds a million). Against a running installation (its `stack.sh env`): node tests/bench/admin.mjs
import { launch, fill, newStaff, pagesOf, signIn } from '../lib/pages.mjs';
import { sql } from '../lib/running.mjs';

const tenant = sql("select id from tenants where slug = 'main'");
const have = Number(sql('select count(*) from (select from cases limit 100000) c'));
if (have < 100000)
  sql(`set session_replication_role = replica;
    with picked as (
      select id, user_id, title, row_number() over () as n from videos where tenant_id = '${tenant}' limit ${100000 - have}
    ), made as (
      insert into cases (tenant_id, subject_kind, subject_id, user_id, snapshot, source, report_count, categories, priority, created_at, last_report_at, state, decided_at)
      select '${tenant}', 'video', id, user_id, jsonb_build_object('title', title), 'report', 1, array[(array['spam','hate','sexual','other'])[1 + n % 4]],
             (random() * 100)::int, now() - n * interval '20 seconds', now() - n * interval '20 seconds', case when n % 4 = 0 then 'decided' else 'open' end,
             case when n % 4 = 0 then now() - n * interval '19 seconds' end
        from picked on conflict do nothing returning id, created_at, categories
    )
    insert into reports (tenant_id, case_id, category, body, created_at) select '${tenant}', id, categories[1], 'Look', created_at from made;
    analyze cases; analyze reports; analyze videos; analyze comments; analyze users`);
sql('select community_days_keep(31)'); // as the daily upkeep does
const browser = await launch();
const stuff = { ...(await fill('Measured')), tenant };
const page = await signIn(browser, await newStaff('operator'));
const cookie = (await page.context().cookies()).map((c) => `${c.name}=${c.value}`).join('; ');
const base = new URL(page.url()).origin;
await browser.close();
const [videos, reports, cases] = sql("select count(*) from videos; select count(*) from reports; select count(*) from cases where state = 'open'").split('\n');
console.log(`${videos} videos, ${reports} reports, ${cases} open cases`);
const extra = ['/admin/queue?kind=video&category=spam', '/admin/queue?claimed=nobody&page=50', '/admin/videos?state=hidden', '/admin/videos?q=dance', '/admin/comments?q=the', '/admin/people?q=ann', '/admin/jobs?state=dead'];
let worst = 0;
for (const path of [...pagesOf(stuff).map(([p]) => p), ...extra]) {
  const ms = [];
  for (let i = 0; i < 12; i++) {
    const from = performance.now();
    const res = await fetch(base + path, { headers: { cookie }, redirect: 'manual' });
    await res.arrayBuffer();
    if (res.status !== 200) throw new Error(`${path}: ${res.status}`);
    if (i > 1) ms.push(performance.now() - from); // the first two find caches cold and sheets not compiled
  }
  ms.sort((a, b) => a - b);
  worst = Math.max(worst, ms.at(-1));
  console.log(`${path.replace(/[0-9a-f-]{36}/, '{id}').padEnd(48)} p50 ${ms[5].toFixed(1).padStart(7)} ms   max ${ms.at(-1).toFixed(1).padStart(7)} ms`);
}
console.log(`bench admin_pages ours ${worst.toFixed(1)} wanted 100`);
