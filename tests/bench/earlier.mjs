// tests/bench/earlier.mjs - what it costs to compare what was uploaded earlier with a new entry of the blocklist: so many videos, each
// with the prints of so many seconds, made up and in a community of their own. Against a running stack (its `stack.sh env`):
// node tests/bench/earlier.mjs [VIDEOS] [SECONDS]
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ctl } from '../lib/api.mjs';
import { descendants, pid, sql } from '../lib/running.mjs';

const videos = Number(process.argv[2] ?? 100_000);
const seconds = Number(process.argv[3] ?? 30);
const [pictures, sounds] = [Math.min(120, seconds * 4), Math.min(5000, seconds * 8)];
const slug = `earlier${randomUUID().slice(0, 8)}`;
ctl('tenant', 'create', slug, '--host', `${slug}.localhost`);
const tenant = sql(`select id from tenants where slug = '${slug}'`);
const random = (count, bits, salt) => `array(select (random() * 2::float8 ^ ${bits})::numeric::bigint from generate_series(1, ${count} + 0 * ${salt}))`;

sql(`set session_replication_role = replica; set atelier.tenant = '${tenant}';
  insert into users (tenant_id, email, username, display_name) values ('${tenant}', '${slug}@example.test', '${slug}', 'x');
  insert into videos (tenant_id, user_id, title, uploaded_at) select tenant_id, id, 'Earlier ' || n, now() from users, generate_series(1, ${videos}) n where tenant_id = '${tenant}';
  insert into video_prints (tenant_id, video_id, frames, audio)
  select tenant_id, id, ${random(pictures, 62, 'length(title)')}, ${random(sounds, 30, 'length(title)')}::integer[] from videos where tenant_id = '${tenant}';
  insert into blocked_media (tenant_id, label, frames, audio) select '${tenant}', 'x', frames, audio from video_prints where tenant_id = '${tenant}' limit 1`);
sql('vacuum analyze videos, video_prints');

const begun = performance.now();
const entry = sql(`begin; select set_config('atelier.tenant', '${tenant}', true); select check_earlier_enqueue(id, null, 0) from blocked_media where tenant_id = '${tenant}'; commit`) &&
  sql(`select id from blocked_media where tenant_id = '${tenant}'`);
const jobs = (more) => Number(sql(`select count(*) from jobs where kind = 'check_earlier' and subject_id = '${entry}' and ${more}`));
let memory = 0;
while (jobs("state in ('queued', 'running')")) {
  for (const p of descendants(pid('worker'))) {
    const status = (() => { try { return readFileSync(`/proc/${p}/status`, 'utf8'); } catch { return ''; } })();
    memory = Math.max(memory, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
  }
  await new Promise((resolve) => setTimeout(resolve, 500));
}
const took = (performance.now() - begun) / 1000;
console.log(`${videos} videos of ${seconds} s (${pictures} pictures, ${sounds} numbers of sound): ${took.toFixed(1)} s in ${jobs("state = 'done'")} jobs, ` +
  `${(took / videos * 100_000).toFixed(0)} s per 100,000; ${jobs("state = 'dead'")} failed; a child had ${(memory / 1024).toFixed(0)} MB at most; ` +
  `found: ${sql(`select count(*) from cases where tenant_id = '${tenant}'`)} of 1`);
sql(`set session_replication_role = replica; delete from video_prints where tenant_id = '${tenant}'; delete from videos where tenant_id = '${tenant}'; delete from blocked_media where tenant_id = '${tenant}'`);
