// tests/api/recap.test.mjs - films of a year on request: asked for, listed, taken back, deleted; once a year for everybody. What they look
// and sound like is in tests/media/recap.test.mjs, whole ones through the worker are in tests/faults/recap.test.mjs.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { base, del, failing, fails, get, newUser, ok, post, statusOf, until } from '../lib/api.mjs';
import { claimsOf } from '../lib/tokens.mjs';
import { plantVideos, sql } from '../lib/video.mjs';

const by = (who) => ({ token: who.token });
const ask = (who, json) => post('/content/videos', { title: 'My year', style: 'classic', ...json }, by(who));
const state = async (who, id) => ok(await get(`/content/videos/${id}`, by(who)));
/** Asked for, but not worked on: no film is made in this test that it does not need. */
const wait = (id) => sql(`update jobs set run_at = now() + interval '1 day' where kind = 'recap' and subject_id = '${id}' and state = 'queued'`);

let owner, other;
before(async () => {
  [owner, other] = await Promise.all([newUser({ displayName: 'Ana Exemplo' }), newUser()]);
});

describe('a film', () => {
  test('of a year without anything is made all the same, and is there for its owner', async () => {
    const asked = ok(await ask(owner, { title: 'Quiet', description: 'A calm one', style: 'paper', mailWhenReady: true }), 202);
    assert.equal(asked.status, 'PENDING');
    const film = await until(async () => { const s = await state(owner, asked.videoId); assert.notEqual(s.status, 'FAILED', s.errorMessage); return s.status === 'COMPLETED' && s; }, { seconds: 120, what: 'the film' });
    assert.deepEqual([film.progress, film.title, film.description, film.style, film.kind], [100, 'Quiet', 'A calm one', 'paper', 'pocs']);
    assert.match(film.videoUrl, /\/Quiet\.mp4$/);
    const res = await fetch(base + film.videoUrl);
    assert.deepEqual([res.status, res.headers.get('content-type')], [200, 'video/mp4']);
    assert.equal((await res.arrayBuffer()).byteLength, film.sizeBytes);
    const poster = await fetch(base + film.thumbnailUrl);
    assert.deepEqual([poster.status, poster.headers.get('content-type')], [200, 'image/jpeg']);
    await until(async () => (await get('/notifications', by(owner))).data.some((n) => n.kind === 'recap_ready'), { what: 'the good news' });
    ok(await del(`/content/videos/${asked.videoId}`, by(owner)), 204);
    await until(async () => await statusOf(base + film.videoUrl) === 404, { what: 'the end of the file' });
  });
  test('is asked for once within a minute, and its owner’s alone', async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => ask(other, { title: 'Once' })));
    const ids = new Set(all.map((r) => ok(r, 202).videoId));
    assert.equal(ids.size, 1);
    const [id] = ids;
    wait(id);
    fails(await get(`/content/videos/${id}`, by(owner)), 404);
    fails(await post(`/content/videos/${id}/cancel`, undefined, by(owner)), 404);
    fails(await del(`/content/videos/${id}`, by(owner)), 404);
    fails(await get(`/content/reports/${id}`, by(other)), 404);
    assert.deepEqual(ok(await get('/content/videos', by(other))).map((f) => [f.id, f.title, f.style]), [[id, 'Once', 'classic']]);
    assert.equal(ok(await post(`/content/videos/${id}/cancel`, undefined, by(other))).id, id);
    await until(async () => (await state(other, id)).status === 'CANCELLED', { what: 'the end of the work' });
    assert.equal(ok(await get('/content/reports', by(other))).length, 0);
  });
  test('says all that is wrong with what is asked', async () => {
    assert.deepEqual(failing(fails(await post('/content/videos', { style: 'baroque', kind: 'moderation', fromDate: 'x' }, by(owner)), 400)), ['fromDate', 'kind', 'style', 'title']);
    assert.deepEqual(failing(fails(await ask(owner, { musicTrack: '../../etc/passwd' }), 400)), ['musicTrack']);
    assert.deepEqual(failing(fails(await ask(owner, { fromDate: '2026-02-01T00:00:00Z', toDate: '2026-01-01T00:00:00Z' }), 400)), ['fromDate']);
    fails(await post('/content/videos', { title: 'x', style: 'neon' }), 401);
    assert.deepEqual(ok(await get('/content/tracks', by(owner))), []);
  });
});

test('a year’s films are asked for once, for those who made something, where that is wanted', async () => {
  const { tenant } = claimsOf(owner.token);
  const [maker, idle] = await Promise.all([newUser(), newUser()]);
  const films = (who) => sql(`select title, options ->> 'kind', options ->> 'from' from content_items where owner_id = '${who.id}' order by 2`);
  plantVideos(maker, 1);
  sql(`update videos set created_at = '1999-03-01' where user_id = '${maker.id}'`);
  sql(`insert into pocs (tenant_id, user_id, name, created_at) values ('${tenant}', '${maker.id}', 'An old one', '1999-05-01')`);
  assert.equal(sql('select recap_year_ask(1999)'), '0', 'not where nobody said so');
  sql(`update tenants set settings = settings || '{"yearlyRecaps":true}' where id = '${tenant}'`);
  try {
    sql("select recap_year_ask(1999); update jobs set run_at = now() + interval '1 day' where kind = 'recap' and state = 'queued'");
    sql('select recap_year_ask(1999)');
    assert.equal(films(maker), '1999|pocs|1999-01-01T00:00:00Z\n1999|videos|1999-01-01T00:00:00Z');
    assert.equal(films(idle), '');
    assert.equal(sql(`select count(*) from jobs where kind = 'recap' and user_id = '${maker.id}'`), '2');
  } finally {
    sql(`update tenants set settings = settings - 'yearlyRecaps' where id = '${tenant}'`);
  }
});
