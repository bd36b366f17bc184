// tests/api/reports.test.mjs - reports on request: PDF, workbook, table; one for each question, for their owner, for a while.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { base, call, del, failing, fails, get, newUser, ok, patch, post, statusOf, until } from '../lib/api.mjs';
import { newPerson } from '../lib/people.mjs';
import { claimsOf } from '../lib/tokens.mjs';
import { plantVideos, plantViews, sql } from '../lib/video.mjs';

const folder = mkdtempSync(join(tmpdir(), 'atelier-reports-'));
const run = (program, ...args) => execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const by = (who) => ({ token: who.token });
const ask = (who, json) => post('/content/reports', { title: 'My projects', format: 'CSV', ...json }, by(who));
const state = async (who, id) => ok(await get(`/content/reports/${id}`, by(who)));
async function made(who, json) {
  const { reportId } = ok(await ask(who, json), 202);
  return until(async () => { const s = await state(who, reportId); assert.notEqual(s.status, 'FAILED', s.errorMessage); return s.status === 'COMPLETED' && s; }, { seconds: 60, what: 'the report' });
}
async function fileOf(report) {
  const res = await fetch(base + report.reportUrl);
  assert.equal(res.status, 200, report.reportUrl);
  const path = join(folder, decodeURIComponent(report.reportUrl.split('/').at(-1)));
  writeFileSync(path, Buffer.from(await res.arrayBuffer()));
  return path;
}
const plant = (who, count) =>
  sql(`insert into pocs (tenant_id, user_id, name, language, tags, frameworks, repository_url, created_at)
    select '${claimsOf(who.token).tenant}', '${who.id}', 'Project ' || n, (array['C','Rust','Python','Go'])[1 + n % 4], array['tag' || n % 5], array['lib' || n % 3],
           'https://example.org/p/' || n, now() - n * interval '6 hours' from generate_series(1, ${count}) n`);
const strange = ['Çok güzel bir proje: ışığın hızı', 'Ação, emoção e informação', 'مشروع تجريبي لمعالجة النصوص', '用中文写的概念验证项目', 'Emoji 🎉🚀👩‍💻 inside', 'W'.repeat(100)];

let owner, other;
before(async () => {
  [owner, other] = await Promise.all([newUser({ displayName: 'Ana Exemplo' }), newUser()]);
  plant(owner, 120);
  for (const name of strange) ok(await post('/pocs', { name, language: 'C', tags: ['strange'] }, by(owner)), 201);
});

describe('a report', () => {
  test('as a table has a line for each project, and nothing that a spreadsheet would run', async () => {
    ok(await post('/pocs', { name: '=HYPERLINK("http://evil.test")', tags: ['strange'] }, by(owner)), 201);
    const r = await made(owner, { includeTags: ['strange'] });
    assert.match(r.reportUrl, /\/My-projects\.csv$/);
    const text = readFileSync(await fileOf(r), 'utf8');
    assert.equal(text.trim().split('\r\n').length, 1 + strange.length + 1);
    assert.match(text, /^"Group","Name","Language","Tags",/);
    for (const name of strange) assert.ok(text.includes(name), name);
    assert.match(text, /"'=HYPERLINK/);
    assert.deepEqual([r.progress, r.format, r.sizeBytes], [100, 'CSV', Buffer.byteLength(text)]);
  });

  test('as pages is a designed document: bookmarks, embedded letters, text that can be taken out, headings on each page', async () => {
    const r = await made(owner, { format: 'PDF', groupBy: 'language', title: 'A year of projects' });
    const pdf = await fileOf(r);
    run('qpdf', '--check', pdf);
    const info = run('pdfinfo', pdf);
    assert.match(info, /Title: +A year of projects/);
    assert.match(run('qpdf', '--qdf', '--object-streams=disable', pdf, '-'), /\/Lang \(en\)/);
    assert.match(info, /Author: +Ana Exemplo/);
    const pages = Number(/Pages: +(\d+)/.exec(info)[1]);
    assert.ok(pages >= 5, `${pages} pages`);
    const fonts = run('pdffonts', pdf).trim().split('\n').slice(2);
    assert.ok(fonts.length > 0 && fonts.every((l) => / yes +(yes|no) +(yes|no) +\d+ +\d+$/.test(l)), fonts.join('\n'));
    const text = run('pdftotext', '-layout', pdf, '-');
    for (const words of ['Ana Exemplo', 'Summary', 'By language', 'Project 77', '🎉', 'ışığın', 'emoção', '用中文写的概念验证项目']) assert.ok(text.includes(words), words);
    for (let page = 3; page <= pages; page++) assert.match(run('pdftotext', '-f', String(page), '-l', String(page), '-layout', pdf, '-'), /Name +Language +Tags +Frameworks +Repository +Date/, `page ${page}`);
    const shape = JSON.parse(run('qpdf', '--json', pdf));
    assert.deepEqual(shape.outlines.map((o) => o.title), ['A year of projects', 'Summary', 'Details']);
    assert.deepEqual(shape.outlines[2].kids.map((o) => o.title).filter((t) => t !== '–'), ['C', 'Go', 'Python', 'Rust']);
    assert.match(run('qpdf', '--qdf', '--object-streams=disable', pdf, '-').toString('latin1'), /\/URI \(https:\/\/example\.org\/p\//);
  });

  test('as a workbook keeps what is a number and a date, and has its charts on a sheet of their own', async () => {
    const [video] = plantVideos(owner, 3, { title: 'Counted' });
    plantViews(video, 1234);
    plantViews(video, 77777, 'current_date - 500');
    sql(`insert into video_engagement_daily (tenant_id, video_id, day, watched_s) select tenant_id, id, current_date, 12340 from videos where id = '${video}'`);
    const r = await made(owner, { format: 'EXCEL', kind: 'videos', title: 'Views' });
    const path = await fileOf(r);
    const figures = [...run('unzip', '-p', path, 'xl/worksheets/sheet1.xml').matchAll(/<v>([\d.]+)<\/v>/g)].map((m) => Number(m[1]));
    assert.deepEqual(figures, [3, 1234, 0, 3, 10, 0, 0, 0], 'of the time asked for: videos, views, viewers, hours, seconds a view, likes, comments, followers');
    assert.match(run('unzip', '-p', path, 'xl/worksheets/sheet2.xml'), /<drawing/);
    assert.match(run('unzip', '-p', path, 'xl/charts/chart1.xml'), /<c:barDir val="col"\/>/, 'months are columns');
    const parts = run('unzip', '-p', path, 'xl/worksheets/sheet3.xml');
    assert.match(parts, /<v>1234<\/v>/, 'a number, not a text');
    const day = Math.floor(Date.now() / 86400000) + 25569;
    assert.ok(parts.includes(`<v>${day}</v>`), 'a date');
  });

  test('of videos says how many different people watched them, or that nobody knows', async () => {
    const creator = await newUser(), [a, b, other] = plantVideos(creator, 3), day = new Date().toISOString().slice(0, 10), key = (id) => `uniques:${id}:${day.replaceAll('-', '')}`;
    const redis = (...words) => run('redis-cli', '-s', process.env.REDIS_SOCK, ...words);
    sql(`update videos set tags = '{these}' where id in ('${a}', '${b}')`);
    plantViews([a, b, other], 500, `'${day}'`);
    redis('pfadd', key(a), 'x', 'y');
    redis('pfadd', key(b), 'x', 'z');
    redis('pfadd', key(other), 'somebody else');
    const shown = async (title) => run('pdftotext', '-layout', await fileOf(await made(creator, { kind: 'videos', format: 'PDF', title, includeTags: ['these'] })), '-');
    assert.match(await shown('Known'), /1,000 +3 [^]*Views +Unique viewers/);
    redis('set', key(b), 'no sketch');
    assert.match(await shown('Unknown'), /1,000 +unknown/);
    const book = await fileOf(await made(creator, { kind: 'videos', format: 'EXCEL', title: 'Unknown' }));
    assert.match(run('unzip', '-p', book, 'xl/worksheets/sheet1.xml'), /unknown/);
    redis('del', key(b));
  });

  test('of moderation is for those who moderate', async () => {
    fails(await ask(owner, { kind: 'moderation' }), 403);
    const moderator = await newPerson('moderator');
    const r = await made(moderator, { kind: 'moderation', format: 'PDF', title: 'This month' });
    run('qpdf', '--check', await fileOf(r));
  });

  test('can be the table of all projects that goes in again, however large', async () => {
    const [person, third, rich] = await Promise.all([newUser(), newUser(), newUser()]);
    ok(await post('/pocs', { name: '=old', description: 'a "b"', tags: ['x', 'y'], frameworks: ['f'], isPublic: true }, by(person)), 201);
    sql(`update pocs set created_at = '2001-02-03' where user_id = '${person.id}'`);
    ok(await post('/pocs', { name: 'New', language: 'C', repositoryUrl: 'https://example.org/x' }, by(person)), 201);
    const table = readFileSync(await fileOf(await made(person, { kind: 'pocs-table', title: 'All' })), 'utf8');
    const [heading, ...rows] = table.split('\r\n');
    assert.equal([heading.replaceAll('"', ''), ...rows].join('\r\n'), (await get('/pocs/export', by(person))).text);
    assert.equal(ok(await call('POST', '/pocs/import', { token: third.token, body: table, headers: { 'content-type': 'text/csv' } })).imported, 2);
    assert.deepEqual(failing(fails(await ask(person, { kind: 'pocs-table', format: 'PDF' }), 400)), ['format']);
    sql(`insert into pocs (tenant_id, user_id, name, description) select '${claimsOf(rich.token).tenant}', '${rich.id}', 'Project ' || n, repeat('x', 10000) from generate_series(1, 8000) n`);
    assert.match(fails(await get('/pocs/export', by(rich)), 413).message, /pocs-table/);
    assert.ok((await made(rich, { kind: 'pocs-table', title: 'Many' })).sizeBytes > 80e6);
  });

  test('of nothing says so', async () => {
    const pdf = await fileOf(await made(other, { format: 'PDF', title: '!!' }));
    assert.match(pdf, /report\.pdf$/);
    assert.match(run('pdftotext', pdf, '-'), /Nothing was found in this time/);
    for (const kind of ['pocs', 'videos']) {
      const book = await fileOf(await made(other, { format: 'EXCEL', kind, title: 'Empty' }));
      for (const sheet of [2, 3]) assert.match(run('unzip', '-p', book, `xl/worksheets/sheet${sheet}.xml`), /Nothing was found in this time/, `${kind}, sheet ${sheet}`);
      assert.doesNotMatch(run('unzip', '-l', book), /chart1/, 'no chart of nothing');
    }
  });

  test('can be seen before it is made: the same figures and charts', async () => {
    const preview = (who, query) => get(`/content/reports/preview?${query}`, by(who));
    const seen = ok(await preview(owner, 'kind=pocs&excludeTags=strange'));
    const figure = Object.fromEntries(seen.figures.map((f) => [f.name, f.value]));
    assert.deepEqual([figure.Projects, figure.Languages, figure.Frameworks], [120, 4, 3]);
    const [months, languages] = seen.charts;
    assert.deepEqual([months.title, months.isByTime, months.bars.reduce((sum, b) => sum + b.value, 0)], ['Projects by month', true, 120]);
    assert.deepEqual([languages.title, languages.isByTime, languages.bars.map((b) => b.label)], ['By language', false, ['C', 'Go', 'Python', 'Rust']]);
    const text = run('pdftotext', '-layout', await fileOf(await made(owner, { format: 'PDF', excludeTags: ['strange'], title: 'As seen' })), '-');
    assert.match(text, /\n +120 +4 +3 /);
    const empty = ok(await preview(other, 'kind=videos&fromDate=2026-01-01&toDate=2026-03-31'));
    assert.ok(empty.figures.length > 4 && empty.figures.every((f) => f.value === 0));
    assert.deepEqual(empty.charts.map((c) => [c.title, c.bars.map((b) => [b.label, b.value])]), [['Views by month', [['2026-01', 0], ['2026-02', 0], ['2026-03', 0]]]]);
    assert.deepEqual([empty.from, empty.until].map((t) => new Date(t).toISOString()), ['2026-01-01T00:00:00.000Z', '2026-04-01T00:00:00.000Z']);
    fails(await preview(owner, 'kind=moderation'), 403, 'FORBIDDEN');
    assert.ok(ok(await preview(await newPerson('moderator'), 'kind=moderation')).figures.some((f) => f.name === 'Cases decided'));
    assert.deepEqual(failing(fails(await preview(owner, 'fromDate=2026-02-01&toDate=2026-01-01'), 400)), ['fromDate']);
    assert.deepEqual(failing(fails(await preview(owner, 'kind=pocs-table&fromDate=x'), 400)), ['fromDate', 'kind']);
    assert.equal((await get('/content/reports/preview')).status, 401);
  });
});

test('a file has the name of its title, in any script, and is kept, not shown', async () => {
  const r = await made(other, { format: 'PDF', title: 'Çok güzel / 中文 🎉' });
  const name = decodeURIComponent(r.reportUrl.split('/').at(-1));
  assert.equal(name, 'Çok-güzel-中文.pdf');
  const res = await fetch(base + r.reportUrl);
  assert.equal(res.headers.get('content-type'), 'application/pdf');
  assert.match(res.headers.get('content-disposition'), /^attachment/);
});

test('the time is a day or a time, and its last day is named', async () => {
  const r = await made(owner, { format: 'PDF', title: 'Two months', fromDate: '2026-01-01', toDate: '2026-02-28' });
  assert.deepEqual([r.options.from, r.options.until], ['2026-01-01T00:00:00Z', '2026-03-01T00:00:00Z']);
  assert.match(run('pdftotext', await fileOf(r), '-'), /1 January 2026 – 28 February 2026/);
  const year = await made(owner, { format: 'PDF', title: 'A year', fromDate: '2025-01-01', toDate: '2026-01-01T00:00:00Z' });
  assert.match(run('pdftotext', await fileOf(year), '-'), /^2025$/m);
  fails(await ask(owner, { fromDate: '2026-01-02T01:00:00+03:00', toDate: '2026-01-01T21:00:00Z' }), 400);
});

describe('when a month ends', () => {
  const ask = () => Number(sql("select moderation_month_ask((now() at time zone 'UTC')::date)")); // the month that runs: communities of tests are no older
  const ofCommunity = async (who) => ok(await get('/content/reports', by(who))).filter((r) => r.isOfCommunity);

  test('cron asks for one report for each community that wants it, for those who moderate, in its words', async () => {
    const [moderator, admin, author, fan] = [await newPerson('moderator'), await newPerson('admin'), await newUser(), await newUser()];
    const [quiet, byMail] = [await newPerson('admin'), await newPerson('admin')];
    for (const [who, channels] of [[quiet, { inApp: false, push: false, mail: false }], [byMail, { inApp: false, push: false, mail: true }]])
      ok(await patch('/notifications/preferences/moderation_report_ready', channels, by(who)));
    const { tenant } = claimsOf(owner.token), [video] = plantVideos(author, 1), month = new Date().toISOString().slice(0, 7);
    ok(await post(`/videos/${video}/report`, { category: 'self_harm', text: 'Look' }, by(fan)), 201);
    ok(await post(`/moderation/review/${sql(`select id from cases where subject_id = '${video}'`)}`, { actions: ['age_restrict'], reason: 'dangerous' }, by(moderator)));
    const locale = sql(`select locale from tenants where id = '${tenant}'`);
    try {
      ok(await call('PATCH', '/moderation/settings', { json: { monthlyReport: false }, token: admin.token }));
      ask();
      assert.deepEqual(await ofCommunity(moderator), [], 'not where it is not wanted');
      ok(await call('PATCH', '/moderation/settings', { json: { monthlyReport: true }, token: admin.token }));
      sql(`update tenants set locale = 'pt' where id = '${tenant}'`);
      assert.equal(ask(), 1);
      assert.equal(ask(), 0, 'once');
      const report = await until(async () => { const [r] = await ofCommunity(moderator); return r.status === 'COMPLETED' && r; }, { seconds: 60, what: 'the report' });
      assert.deepEqual([report.title, report.kind, report.options.month], [`Moderação ${month}`, 'moderation', month]);
      const text = run('pdftotext', '-layout', await fileOf(report), '-');
      for (const words of ['Automutilação', 'Restringir por idade', 'Prática perigosa', 'Vídeo', 'Denúncias por categoria']) assert.ok(text.includes(words), `${words} in ${text}`);
      for (const code of ['self', 'restrict ', 'age_', 'dangerous']) assert.ok(!text.includes(code), code);
      assert.equal((await ofCommunity(admin)).length, 1);
      const told = async (who) => ok(await get('/notifications', by(who))).filter((n) => n.kind === 'moderation_report_ready');
      assert.deepEqual((await told(admin)).map((n) => [n.subject, n.data]), [[{ kind: 'report', id: report.id }, { title: `Moderação ${month}`, month }]]);
      for (const who of [quiet, moderator, author]) assert.deepEqual(await told(who), [], 'who does not want to know it, or is not responsible');
      assert.equal(sql(`select count(*) from notifications where user_id = '${byMail.id}' and kind = 'moderation_report_ready' and mail_due and not in_app`), '1', 'as they want it');
      assert.deepEqual(await ofCommunity(author), []);
      fails(await get(`/content/reports/${report.id}`, by(author)), 404);
      assert.equal(ok(await get(`/content/reports/${report.id}`, by(admin))).isOfCommunity, true);
      fails(await del(`/content/reports/${report.id}`, by(moderator)), 404);
    } finally {
      sql(`update tenants set locale = '${locale}' where id = '${tenant}'`);
    }
    const own = run('pdftotext', '-layout', await fileOf(await made(moderator, { kind: 'moderation', format: 'PDF', title: 'Mine' })), '-');
    for (const words of ['Self-harm', 'Restrict by age', 'Dangerous practice']) assert.ok(own.includes(words), words);
  });

  test('the month that ended is the one that the job asks for', async () => {
    const { tenant } = claimsOf(owner.token), last = sql("select to_char((now() at time zone 'UTC') - interval '1 month', 'YYYY-MM')");
    const [there, since] = [sql(`select options ->> 'from', options ->> 'until' from content_items where tenant_id = '${tenant}' and options ->> 'month' = '${last}'`), sql(`select created_at from tenants where id = '${tenant}'`)];
    assert.equal(there, '', 'the community is younger');
    sql(`update tenants set created_at = '2020-01-01' where id = '${tenant}'`);
    const id = sql("select job_enqueue('moderation_month', '{}', 'reports-test')");
    await until(() => sql(`select state from jobs where id = '${id}'`) === 'done', { seconds: 30, what: 'the run' });
    sql(`update tenants set created_at = '${since}' where id = '${tenant}'`);
    assert.equal(sql(`select options ->> 'from' from content_items where tenant_id = '${tenant}' and options ->> 'month' = '${last}' and owner_id is null`), `${last}-01T00:00:00Z`);
    assert.equal(sql(`select options ->> 'until' from content_items where tenant_id = '${tenant}' and options ->> 'month' = '${last}'`), `${new Date().toISOString().slice(0, 7)}-01T00:00:00Z`);
  });
});

describe('asking', () => {
  test('twice within a minute is asking once, also at the same time', async () => {
    const person = await newUser();
    const all = await Promise.all(Array.from({ length: 6 }, () => ask(person, { title: 'Once' })));
    assert.deepEqual([...new Set(all.map((r) => ok(r, 202).reportId))].length, 1);
    assert.notEqual(ok(await ask(person, { title: 'Another' }), 202).reportId, all[0].data.reportId);
    assert.equal(ok(await get('/content/reports', by(person))).length, 2);
  });
  test('says all that is wrong', async () => {
    assert.deepEqual(failing(fails(await post('/content/reports', { format: 'DOC', groupBy: 'x', fromDate: 'yesterday' }, by(owner)), 400)), ['format', 'fromDate', 'groupBy', 'title']);
    fails(await ask(owner, { fromDate: '2026-02-01T00:00:00Z', toDate: '2026-01-01T00:00:00Z' }), 400);
    fails(await post('/content/reports', { title: 'x', format: 'CSV' }), 401);
  });
  test('is one’s own: others neither see, cancel nor delete it', async () => {
    const { reportId } = ok(await ask(owner, { title: 'Mine' }), 202);
    fails(await get(`/content/reports/${reportId}`, by(other)), 404);
    fails(await post(`/content/reports/${reportId}/cancel`, undefined, by(other)), 404);
    fails(await del(`/content/reports/${reportId}`, by(other)), 404);
  });
  test('can be taken back, deleted, and ends by itself', async () => {
    const person = await newUser();
    const r = await made(person, { title: 'Short' });
    await fileOf(r);
    ok(await del(`/content/reports/${r.id}`, by(person)), 204);
    fails(await get(`/content/reports/${r.id}`, by(person)), 404);
    await until(async () => await statusOf(base + r.reportUrl) !== 200, { what: 'the end of the file' });
    const old = await made(person, { title: 'Old' });
    sql(`update content_items set expires_at = now() - interval '1 second' where id = '${old.id}'`);
    assert.equal((await state(person, old.id)).reportUrl, null);
    await until(async () => { sql("select job_enqueue('sweep', '{}', 'reports-test')"); return (await state(person, old.id)).status === 'EXPIRED'; }, { every: 500, what: 'its end' });
    const waiting = ok(await ask(person, { title: 'Never' }), 202);
    const res = await call('POST', `/content/reports/${waiting.reportId}/cancel`, { token: person.token });
    assert.ok([200, 404].includes(res.status), 'unless it was quicker');
  });
});

describe('files', () => {
  const item = (person, status) => {
    const [id, job] = [randomUUID(), randomUUID()], { tenant } = claimsOf(person.token), key = `${tenant}/reports/${id}/x.csv`;
    sql(`insert into jobs (id, tenant_id, user_id, kind, subject_id, state, attempts, run_at) values ('${job}', '${tenant}', '${person.id}', 'document', '${id}', 'queued', 1, now() + interval '1 day');
      insert into content_items (id, tenant_id, owner_id, kind, title, options, status, job_id, file_key, size_bytes, expires_at)
      values ('${id}', '${tenant}', '${person.id}', 'report', 'x', '{}', '${status}', '${job}', ${status === 'COMPLETED' ? `'${key}', 1000, now() + interval '1 day'` : 'null, null, null'})`);
    return { id, job };
  };
  const removals = (id) => sql(`select count(*) from jobs where kind = 'content_remove' and subject_id = '${id}' and payload ->> 'folder' like '%/reports/${id}' and state in ('queued', 'running', 'done')`);

  test('of work that was taken back half done go, unless it is tried again', async () => {
    const { id, job } = item(await newUser(), 'PENDING');
    sql(`update jobs set state = 'cancelled', finished_at = now() where id = '${job}'`);
    assert.equal(removals(id), '1');
    sql(`update jobs set state = 'queued' where id = '${job}'`);
    assert.equal(removals(id), '0');
  });
  test('go with the row that names them', async () => {
    const { id } = item(await newUser(), 'COMPLETED');
    sql(`delete from content_items where id = '${id}'`);
    assert.equal(removals(id), '1');
  });
  test('count against what their owner may keep', async () => {
    const person = await newUser();
    item(person, 'COMPLETED');
    sql(`update users set quota_bytes = 1000 where id = '${person.id}'`);
    fails(await ask(person), 413, 'QUOTA_EXCEEDED');
    sql(`update users set quota_bytes = 1001 where id = '${person.id}'`);
    ok(await ask(person), 202);
  });
  test('are told of by mail when that was wished, also by who asks a second time', async () => {
    const person = await newUser();
    await made(person, { title: 'Without' });
    const told = () => sql(`select count(*) from jobs where kind = 'mail' and payload::text like '%report-ready%' and created_at > now() - interval '1 minute' and tenant_id = '${claimsOf(person.token).tenant}'`);
    const before = Number(told());
    const r = await made(person, { title: 'With', mailWhenReady: true });
    assert.equal(Number(told()), before + 1);
    assert.equal(sql(`select tells_by_mail from content_items where id = '${r.id}'`), 't');
    const { id, job } = item(person, 'PENDING');
    sql(`update content_items c set title = 'Waits', options = o.options from content_items o where o.id = '${r.id}' and c.id = '${id}'`);
    assert.equal(ok(await ask(person, { title: 'Waits', mailWhenReady: true }), 202).reportId, id);
    assert.equal(sql(`select tells_by_mail from content_items where id = '${id}'`), 't');
    sql(`delete from content_items where id = '${id}'; delete from jobs where id = '${job}'`);
  });
});
