// tests/clients/workbook.test.mjs - a report opened by LibreOffice: numbers stay numbers, dates dates, texts texts.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { base, get, newUser, ok, post, until } from '../lib/api.mjs';
import { plantVideos, sql } from '../lib/video.mjs';

const folder = mkdtempSync(join(tmpdir(), 'atelier-workbook-'));
after(() => rmSync(folder, { recursive: true, force: true }));

it('LibreOffice opens a workbook and finds the types that were meant', async () => {
  const owner = await newUser();
  const [id] = plantVideos(owner, 2, { title: 'Çok güzel 中文' });
  sql(`insert into video_views_daily (tenant_id, video_id, day, views) select tenant_id, id, current_date, 1234567 from videos where id = '${id}'`);
  const { reportId } = ok(await post('/content/reports', { title: 'Opened', format: 'EXCEL', kind: 'videos' }, { token: owner.token }), 202);
  const done = await until(async () => { const s = ok(await get(`/content/reports/${reportId}`, { token: owner.token })); return s.status === 'COMPLETED' && s; }, { seconds: 60, what: 'the report' });
  writeFileSync(join(folder, 'r.xlsx'), Buffer.from(await (await fetch(base + done.reportUrl)).arrayBuffer()));
  execFileSync('soffice', ['--headless', `-env:UserInstallation=file://${folder}/profile`, '--convert-to', 'fods', '--outdir', folder, join(folder, 'r.xlsx')], { stdio: 'pipe', timeout: 120_000 });
  const opened = readFileSync(join(folder, 'r.fods'), 'utf8');
  assert.match(opened, /office:value-type="float" office:value="1234567"/);
  assert.match(opened, new RegExp(`office:value-type="date" office:date-value="${new Date().toISOString().slice(0, 10)}`));
  assert.match(opened, /<text:p>Çok güzel 中文 1<\/text:p>/);
  const sheets = opened.split(/<table:table (?!table:name="local-table")/).slice(1);
  assert.deepEqual(sheets.map((s) => /table:name="([^"]+)"/.exec(s)[1]), ['Summary', 'Charts', 'Details']);
  assert.match(sheets[1], /<draw:object/, 'charts are on their sheet');
});
