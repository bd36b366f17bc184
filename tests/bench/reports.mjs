// tests/bench/reports.mjs - how long reports take and how much memory their child needs, for a thousand and for a hundred thousand
// projects. Against a running installation (its `stack.sh env`): node tests/bench/reports.mjs
import { readFileSync } from 'node:fs';
import { get, newUser, ok, post } from '../lib/api.mjs';
import { descendants, pid, sql } from '../lib/running.mjs';
import { claimsOf } from '../lib/tokens.mjs';

const peak = (p) => {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${p}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0; // gone
  }
};
for (const count of [1000, 100000]) {
  const person = await newUser();
  sql(`insert into pocs (tenant_id, user_id, name, language, tags, frameworks, repository_url, created_at)
    select '${claimsOf(person.token).tenant}', '${person.id}', 'Project ' || n, (array['C','Rust','Python','Go'])[1 + n % 4], array['tag' || n % 50], array['lib' || n % 30],
           'https://example.org/p/' || n, now() - n * interval '5 minutes' from generate_series(1, ${count}) n`);
  for (const format of count > 1000 ? ['CSV', 'EXCEL'] : ['CSV', 'EXCEL', 'PDF']) {
    const from = performance.now();
    const { reportId } = ok(await post('/content/reports', { title: `${format} of ${count}`, format, groupBy: 'language' }, { token: person.token }), 202);
    let most = 0, state;
    do {
      most = Math.max(most, ...descendants(pid('worker')).map(peak));
      await new Promise((r) => setTimeout(r, 20));
      state = ok(await get(`/content/reports/${reportId}`, { token: person.token }));
    } while (!['COMPLETED', 'FAILED'].includes(state.status));
    console.log(`bench report_${format.toLowerCase()}_${count} ${state.status} seconds ${((performance.now() - from) / 1000).toFixed(1)} megabytes ${(state.sizeBytes / 1e6).toFixed(1)} peak_kB ${most}`);
  }
}
