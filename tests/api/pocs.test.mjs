// tests/api/pocs.test.mjs - proof-of-concept projects: written down, found with facets, seen by whom they are for, as tables.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { before, describe, test } from 'node:test';
import { base, call, del, failing, fails, get, newUser, ok, patch, post, statusOf, until } from '../lib/api.mjs';
import { colourName, sizeOf } from '../lib/look.mjs';
import { newPerson } from '../lib/people.mjs';
import { callAt } from '../lib/routes.mjs';
import { sql } from '../lib/video.mjs';

let owner, other, moderator;
const by = (who) => ({ token: who.token });
const word = `poc${Date.now()}`;
before(async () => { [owner, other, moderator] = await Promise.all([newUser(), newUser(), newPerson('moderator')]); });
const make = async (json = {}, who = owner) => ok(await post('/pocs', { name: 'Parser', ...json }, by(who)), 201);
const list = (query, who) => get(`/pocs?${query}`, who && by(who));
const names = async (query, who) => ok(await list(query, who)).map((p) => p.name);

describe('a project', () => {
  test('is written down, read, changed and put away', async () => {
    const made = await make({ description: 'Reads things', repositoryUrl: 'git@example.org:me/parser.git', language: 'C', tags: ['parsing'], frameworks: ['libcsv'], isPublic: true });
    assert.deepEqual([made.isMine, made.user.username, made.snippetCount, made.tags], [true, owner.username, 0, ['parsing']]);
    const changed = ok(await patch(`/pocs/${made.id}`, { language: '', tags: ['a', 'b'] }, by(owner)));
    assert.deepEqual([changed.language, changed.tags, changed.description, changed.isPublic], [null, ['a', 'b'], 'Reads things', true]);
    assert.equal(ok(await call('PUT', `/pocs/${made.id}`, { json: { name: 'Reader' }, token: owner.token })).name, 'Reader');
    ok(await del(`/pocs/${made.id}`, by(owner)), 204);
    for (const who of [owner, moderator]) fails(await get(`/pocs/${made.id}`, by(who)), 404);
    assert.equal(sql(`select deleted_at is not null from pocs where id = '${made.id}'`), 't', 'softly');
  });

  test('says all that is wrong with it', async () => {
    const error = fails(await post('/pocs', { name: 'x'.repeat(101), repositoryUrl: 'javascript:alert(1)', tags: Array(21).fill('t'), nonsense: 1 }, by(owner)), 400);
    assert.deepEqual(failing(error), ['name', 'nonsense', 'repositoryUrl', 'tags']);
    for (const repositoryUrl of ['http://a.b/c', 'https://a.b', 'https://münchen.example/x?y#z', 'git://a.b/c', 'ssh://git@a.b:22/c', 'ssh://git@[::1]/c', 'git@a.b:c/d', 'git@a.b:~me/d.git'])
      assert.equal((await make({ repositoryUrl })).repositoryUrl, repositoryUrl);
    for (const repositoryUrl of ['https://me:secret@a.b/c', 'https://token@a.b/c', 'ssh://me:secret@a.b/c', 'https://', 'https:///c', 'https://a.b/c d', 'ftp://a.b/c', 'git@a.b:', 'a.b/c', '"https://a.b'])
      fails(await post('/pocs', { name: 'x', repositoryUrl }, by(owner)), 400);
    fails(await post('/pocs', { name: 'x' }), 401);
  });

  test('that is private is not there for others, in no way', async () => {
    const secret = await make({ name: `Secret ${word}x`, tags: [`tag${word}`] });
    ok(await post(`/pocs/${secret.id}/snippets`, { title: 'Key', code: `open_${word}x()` }, by(owner)), 201);
    for (const who of [other, undefined]) {
      fails(await get(`/pocs/${secret.id}`, who && by(who)), 404);
      fails(await get(`/pocs/${secret.id}/snippets`, who && by(who)), 404);
      const found = await list(`search=${word}x`, who);
      assert.deepEqual([ok(found), found.body.meta.total, found.body.meta.facets.tags], [[], 0, []]);
    }
    fails(await patch(`/pocs/${secret.id}`, { name: 'Mine' }, by(other)), 404);
    fails(await del(`/pocs/${secret.id}`, by(other)), 404);
    fails(await post(`/pocs/${secret.id}/snippets`, { title: 'x', code: 'x' }, by(other)), 404);
    assert.equal(ok(await get(`/pocs/${secret.id}`, by(moderator))).isMine, false);
    assert.deepEqual(await names(`search=${word}x`, owner), [`Secret ${word}x`]);
  });
});

describe('the list', () => {
  test('filters, sorts, pages and counts facets of all that fit', async () => {
    const person = await newUser();
    const tag = `t${word}`;
    for (const [name, language, extra] of [['Bravo', 'Rust', 'web'], ['alpha', 'C', 'web'], ['Charlie', 'C', 'cli'], ['Delta', null, 'cli']])
      await make({ name, ...(language && { language }), tags: [tag, extra], frameworks: extra === 'web' ? ['nginx'] : [], isPublic: true }, person);
    const page = await list(`tags=${tag}&pageSize=3&sortBy=name`);
    assert.deepEqual(ok(page).map((p) => p.name), ['alpha', 'Bravo', 'Charlie']);
    assert.deepEqual([page.body.meta.total, page.body.meta.totalPages], [4, 2]);
    assert.deepEqual(page.body.meta.facets, {
      languages: [{ value: 'C', count: 2 }, { value: 'Rust', count: 1 }],
      tags: [{ value: tag, count: 4 }, { value: 'cli', count: 2 }, { value: 'web', count: 2 }],
      frameworks: [{ value: 'nginx', count: 2 }],
    });
    assert.deepEqual(await names(`tags=${tag}&pageSize=3&sortBy=name&page=2`), ['Delta']);
    assert.deepEqual(await names(`tags=${tag}&sortBy=name&sortOrder=desc`), ['Delta', 'Charlie', 'Bravo', 'alpha']);
    assert.deepEqual(await names(`tags=${tag},web&language=c`), ['alpha']);
    assert.deepEqual(await names(`tags=${tag}&frameworks=nginx&sortBy=createdAt&sortOrder=asc`), ['Bravo', 'alpha']);
    assert.equal((await list('sortBy=nonsense')).status, 400);
    fails(await list('mine=true'), 401);
    assert.equal((await list('mine=true', person)).body.meta.total, 4);
  });

  test('finds words without accents and begun ones, and names in code but not its keywords', async () => {
    const p = await make({ name: `Análise ${word}y`, isPublic: true });
    ok(await post(`/pocs/${p.id}/snippets`, { title: 'Read', language: 'JavaScript', code: `const readFileP${word}z = async function () { return while_${word}w; };` }, by(owner)), 201);
    assert.deepEqual(await names(`search=analise+${word}y`), [p.name]);
    assert.deepEqual(await names(`search=anal+${word}y`), [p.name]);
    assert.deepEqual(await names(`search=p${word}z`), [p.name], 'a part of a name');
    assert.deepEqual(await names(`search=readFileP${word}z`), [p.name]);
    assert.equal(sql("select code_words('for (const x of y) return') @@ 'return'::tsquery"), 'f');
    assert.deepEqual(await names(`search=async+function+p${word}z`), [p.name], 'what every program has need not be found');
    assert.equal(sql("select code_words('parseHTTPHeader(raw_bytes)') @@ 'http & header & raw & bytes & parsehttpheader'::tsquery"), 't');
    const [s] = ok(await get(`/pocs/${p.id}/snippets`));
    ok(await patch(`/pocs/${p.id}/snippets/${s.id}`, { code: 'nothing' }, by(owner)));
    assert.deepEqual(await names(`search=p${word}z`), []);
    ok(await del(`/pocs/${p.id}/snippets/${s.id}`, by(owner)), 204);
    assert.equal(ok(await get(`/pocs/${p.id}`)).snippetCount, 0);
  });

  test('is part of the search of everything, as long as it is public', async () => {
    const w = `find${Date.now()}`;
    const p = await make({ name: `Tool ${w}`, isPublic: true });
    ok(await post(`/pocs/${p.id}/snippets`, { title: 'Code', code: `inner${w}()` }, by(owner)), 201);
    const found = async (q) => ok(await get(`/search?type=pocs&q=${q}`, by(other))).map((x) => x.id);
    assert.deepEqual(await found(w), [p.id]);
    assert.deepEqual(await found(`inner${w}`), [p.id]);
    ok(await patch(`/pocs/${p.id}`, { isPublic: false }, by(owner)));
    assert.deepEqual(await found(w), []);
    ok(await patch(`/pocs/${p.id}`, { isPublic: true }, by(owner)));
    ok(await del(`/pocs/${p.id}`, by(owner)), 204);
    assert.deepEqual(await found(w), []);
  });

  test('takes any words for words', async () => {
    for (const q of ["'", '" or 1=1', '& | !', ':*', '\\', '(((', '%', '\u{1F600}']) assert.equal((await list(`search=${encodeURIComponent(q)}`)).status, 200, q);
  });
});

test('a project of somebody whom one has blocked, or who was banned, is neither listed nor counted', async () => {
  const [person, viewer] = await Promise.all([newUser(), newUser()]);
  const tag = `gone${word}`;
  await make({ tags: [tag], isPublic: true }, person);
  const seen = async () => { const r = await list(`tags=${tag}`, viewer); return [ok(r).length, r.body.meta.total, r.body.meta.facets.tags.length]; };
  assert.deepEqual(await seen(), [1, 1, 1]);
  ok(await post(`/users/${person.id}/block`, undefined, by(viewer)), 200);
  assert.deepEqual(await seen(), [0, 0, 0]);
  ok(await del(`/users/${person.id}/block`, by(viewer)), 204);
  sql(`update users set status = 'banned' where id = '${person.id}'`);
  assert.deepEqual(await seen(), [0, 0, 0]);
});

describe('tables', () => {
  const send = (body, type, who = owner) => call('POST', '/pocs/import', { token: who.token, body, headers: { 'content-type': type } });
  test('CSV goes in row by row; what is wrong is told by row and field', async () => {
    const person = await newUser();
    const csv = '\ufeffname,description,language,tags,isPublic\r\n"Quoted, ""name""","two\nlines",C,"a, b",true\r\n,no name,C,,\r\nThird,,,,maybe\r\nFourth,,,,no\r\n';
    const done = ok(await send(csv, 'text/csv', person));
    assert.equal(done.imported, 2);
    assert.deepEqual(done.failed.map((f) => [f.row, f.errors.map((e) => e.field)]), [[2, ['name']], [3, ['isPublic']]]);
    const rows = ok(await list('mine=true&sortBy=name', person));
    assert.deepEqual(rows.map((r) => [r.name, r.description, r.tags, r.isPublic]), [['Fourth', '', [], false], ['Quoted, "name"', 'two\nlines', ['a', 'b'], true]]);
  });
  test('that a spreadsheet of another country wrote go in, too; what has no column is told', async () => {
    const person = await newUser();
    const done = ok(await send('name;tags\r\nFirst; a , b\r\nSecond;c;lost\r\n', 'text/csv', person));
    assert.deepEqual([done.imported, done.failed.map((f) => [f.row, f.errors[0].field])], [1, [[2, 'column 3']]]);
    assert.deepEqual(ok(await list('mine=true', person)).map((p) => p.tags), [['a', 'b']]);
    assert.match(fails(await send(Buffer.from('\ufeffname\r\nx', 'utf16le'), 'text/csv', person), 400).message, /UTF-16/);
  });
  test('what went out goes in again, also what looks like a formula', async () => {
    const [from, to] = await Promise.all([newUser(), newUser()]);
    await make({ name: "'=quoted", description: "'-1" }, from);
    await make({ name: '=cmd()', description: 'a "b", c', tags: ['x', 'y'], language: 'C++' }, from);
    await make({ name: 'Second', repositoryUrl: 'https://example.org/x', frameworks: ['f'], isPublic: true }, from);
    const csv = await get('/pocs/export', by(from));
    assert.match(csv.headers.get('content-disposition'), /projects\.csv/);
    assert.match(csv.text, /"'=cmd\(\)"/);
    assert.equal(ok(await send(csv.text, 'text/csv', to)).imported, 3);
    const bare = (list) => list.map(({ name, description, tags, frameworks, language, repositoryUrl, isPublic }) => ({ name, description, tags, frameworks, language, repositoryUrl, isPublic }));
    const json = JSON.parse((await get('/pocs/export?format=json', by(to))).text);
    assert.deepEqual(bare(json).sort((a, b) => (a.name < b.name ? -1 : 1)), bare(ok(await list('mine=true&sortBy=name', from))));
    assert.equal(ok(await send(JSON.stringify(bare(json).map((p) => Object.fromEntries(Object.entries(p).filter(([, v]) => v !== null)))), 'application/json', to)).imported, 3);
  });
  test('go in once under an Idempotency-Key, with the same answer; other rows are another table', async () => {
    const [person, key] = [await newUser(), randomUUID()];
    const keyed = (body, type = 'text/csv', k = key) => call('POST', '/pocs/import', { token: person.token, key: k, body, headers: { 'content-type': type } });
    const first = ok(await keyed('name\r\nOnce\r\n\r\n' + 'x'.repeat(101)));
    assert.deepEqual([first.imported, first.failed.length], [1, 1]);
    const again = await keyed('name\r\nOnce\r\n\r\n' + 'x'.repeat(101));
    assert.deepEqual([ok(again), again.headers.get('idempotent-replayed')], [first, 'true']);
    fails(await keyed('name\r\nTwice'), 409, 'IDEMPOTENCY_CONFLICT');
    const other = randomUUID();
    fails(await keyed('{}', 'application/json', other), 400);
    ok(await keyed('name\r\nAfter a mistake', 'text/csv', other));
    const atOnce = randomUUID(), all = await Promise.all(Array.from({ length: 6 }, () => keyed('[{"name": "At once"}]', 'application/json', atOnce)));
    for (const r of all) assert.ok([200, 409].includes(r.status), r.text);
    assert.deepEqual(ok(await list('mine=true&sortBy=name', person)).map((p) => p.name), ['After a mistake', 'At once', 'Once']);
  });
  test('are refused when they are none, or too long', async () => {
    fails(await send('{}', 'application/json'), 400);
    fails(await send('name\n"unclosed', 'text/csv'), 400);
    fails(await send(Buffer.from([0xff, 0xfe, 0x00]), 'text/csv'), 400);
    fails(await send('x', 'text/plain'), 415);
    fails(await send(JSON.stringify(Array(2001).fill({ name: 'x' })), 'application/json'), 413);
    assert.deepEqual(ok(await send('[1, {"name": "x", "tags": "no list"}]', 'application/json')).failed.map((f) => f.row), [1, 2]);
  });
});

describe('pictures', () => {
  const picture = (source) => execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', source, '-frames:v', '1', '-c:v', 'png', '-f', 'image2pipe', '-'], { maxBuffer: 1 << 26 });
  const send = (method, path, body, who = owner) => call(method, path, { token: who.token, body, headers: { 'content-type': 'image/png' } });
  const pictures = async (id, who = owner) => ok(await get(`/pocs/${id}/pictures`, who ? by(who) : {}));
  const settled = (id) => until(async () => { const p = await pictures(id); return p.every((x) => !x.isProcessing) && p; }, { what: 'the pictures' });
  const bytes = async (url) => Buffer.from(await (await fetch(base + url)).arrayBuffer());

  test('are made anew in two sizes; a new thumbnail takes the place of the old one, files and all', async () => {
    const p = await make({ name: 'With pictures', isPublic: true });
    ok(await send('PUT', `/pocs/${p.id}/thumbnail`, picture('color=red:s=3000x1500')), 202);
    ok(await send('POST', `/pocs/${p.id}/screenshots?caption=The%20first%20screen`, picture('color=blue:s=800x600')), 202);
    const [thumbnail, screenshot] = await settled(p.id);
    assert.deepEqual([thumbnail.kind, screenshot.kind, screenshot.caption], ['thumbnail', 'screenshot', 'The first screen']);
    assert.deepEqual(sizeOf(await bytes(thumbnail.url)), { codec: 'mjpeg', width: 1920, height: 960 });
    assert.deepEqual(sizeOf(await bytes(screenshot.smallUrl)), { codec: 'mjpeg', width: 480, height: 360 });
    assert.equal(colourName(await bytes(ok(await get(`/pocs/${p.id}`)).thumbnailUrl), 0.5, 0.5), 'red');
    ok(await send('PUT', `/pocs/${p.id}/thumbnail`, picture('color=blue:s=100x100')), 202);
    const now = await until(async () => { const all = await settled(p.id); return all.filter((x) => x.kind === 'thumbnail').length === 1 && all[0].url !== thumbnail.url && all; }, { what: 'the new thumbnail' });
    assert.equal(colourName(await bytes(now[0].url), 0.5, 0.5), 'blue');
    await until(async () => await statusOf(base + thumbnail.url) !== 200, { what: 'the end of the old one' });
    ok(await del(`/pocs/${p.id}/pictures/${screenshot.id}`, by(owner)), 204);
    await until(async () => await statusOf(base + screenshot.url) !== 200, { what: 'the end of the screenshot' });
  });
  test('that are none are refused with a reason that only their owner sees', async () => {
    const p = await make({ name: 'No picture', isPublic: true });
    ok(await send('POST', `/pocs/${p.id}/screenshots`, Buffer.from("\x89PNG but not really")), 202);
    assert.match((await settled(p.id))[0].failureReason, /not a PNG, JPEG or WebP/);
    assert.deepEqual(await pictures(p.id, null), []);
    fails(await send('POST', `/pocs/${p.id}/screenshots`, picture('color=red:s=20x20'), other), 404);
    fails(await send('PUT', `/pocs/${p.id}/thumbnail`, Buffer.alloc(9 << 20)), 413);
    sql(`insert into poc_pictures (tenant_id, poc_id, kind) select tenant_id, id, 'screenshot' from pocs, generate_series(1, 9) where id = '${p.id}'`);
    fails(await send('POST', `/pocs/${p.id}/screenshots`, picture('color=red:s=20x20')), 409);
  });
});

test('where the module is off there are none', async () => {
  assert.equal((await callAt('other.localhost', 'GET', '/api/v1/pocs')).status, 404);
});
