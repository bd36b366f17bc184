// tests/api/cache.test.mjs - answers kept for everybody: nothing hidden or deleted is given again, people get their own.
// The web server may keep a public answer for its one second on top (nginx counts whole seconds: up to two).
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { call, del, get, newUser, ok, patch, until } from '../lib/api.mjs';
import { makeClip } from '../lib/media.mjs';
import { allRoutes } from '../lib/routes.mjs';
import { plantVideos, settled, sql, uploadMultipart } from '../lib/video.mjs';

const second = () => new Promise((r) => setTimeout(r, 2100));
// a page of its own for each test, so that each begins with a cold cache
let turn = 40;
const feed = (limit, options) => get(`/videos/feed?limit=${limit}`, options);
const has = (page, id) => ok(page).some((v) => v.id === id);

let owner, clip;
before(async () => {
  owner = await newUser();
  clip = makeClip({ seconds: 1 });
});

async function shown() {
  const v = await settled(owner, (await uploadMultipart(owner, clip)).id);
  const limit = turn++;
  await until(async () => has(await feed(limit), v.id), { seconds: 15, what: 'the video in the feed' });
  return { v, limit };
}

describe('the feed of people without an account', () => {
  it('comes from the cache, with the same ETag', async () => {
    const limit = turn++;
    const hits = async () => Number(/^atelier_cache_hits_total(?:{[^}]*})? (\d+)/m.exec((await call('GET', '//metrics')).text)?.[1] ?? NaN);
    const first = await feed(limit);
    const before = await hits();
    await second();
    const again = await feed(limit);
    assert.equal(again.headers.get('etag'), first.headers.get('etag'));
    assert.deepEqual(again.body, first.body);
    assert.ok((await hits()) > before, 'a hit was counted');
    assert.equal((await feed(limit, { headers: { 'if-none-match': first.headers.get('etag') } })).status, 304);
  });
  it('loses a video that is made private', async () => {
    const { v, limit } = await shown();
    ok(await patch(`/videos/${v.id}`, { visibility: 'private' }, { token: owner.token }));
    await second();
    assert.ok(!has(await feed(limit), v.id));
    assert.equal((await get(`/videos/${v.id}`)).status, 404);
  });
  it('loses a video that is deleted', async () => {
    const { v, limit } = await shown();
    ok(await del(`/videos/${v.id}`, { token: owner.token }), 204);
    await second();
    assert.ok(!has(await feed(limit), v.id));
    assert.equal((await get(`/videos/${v.id}`)).status, 404);
  });
  it('is nobody else’s: who is signed in sees their own likes', async () => {
    const { v, limit } = await shown();
    ok(await call('POST', `/videos/${v.id}/like`, { token: owner.token }));
    const mine = ok(await feed(limit, { token: owner.token })).find((x) => x.id === v.id);
    assert.equal(mine.userHasLiked, true);
    const theirs = await feed(limit);
    assert.equal(ok(theirs).find((x) => x.id === v.id).userHasLiked, false);
    assert.match(theirs.headers.get('cache-control'), /public/);
    assert.match((await feed(limit, { token: owner.token })).headers.get('cache-control'), /private/);
  });
  it('keeps no errors', async () => {
    for (let i = 0; i < 2; i++) assert.equal((await get('/videos/feed?limit=0')).status, 400);
  });
});

describe('every answer that is kept', () => {
  // Each cached route: where it shows a video, as `video` or its author. A new one fails here until it has its line.
  const shows = {
    'GET /api/v1/videos/feed': (v, turn) => `/videos/feed?limit=${turn}`,
    'GET /api/v1/videos/{id}': (v) => `/videos/${v.id}`,
    'GET /api/v1/videos/{id}/stream': (v) => `/videos/${v.id}/stream`,
    'GET /api/v1/videos/{id}/stream-url': (v) => `/videos/${v.id}/stream-url`,
    'GET /api/v1/users/{id}': (v) => `/users/${v.user}`,
  };
  const endings = {
    'made private': (v) => patch(`/videos/${v.id}`, { visibility: 'private' }, { token: v.token }),
    deleted: (v) => del(`/videos/${v.id}`, { token: v.token }),
    // not through the API: what a moderator's query, a job or an operator does
    hidden: (v) => sql(`update videos set hidden_at = now() where id = '${v.id}'`),
    'its author banned': (v) => sql(`update users set status = 'banned' where id = '${v.user}'; update videos set hidden_at = now() where id = '${v.id}'`),
  };
  it('is in this table', async () => {
    const cached = (await allRoutes()).filter((r) => r.operation['x-shared-cache']).map((r) => `${r.method} ${r.path}`);
    assert.deepEqual(cached.sort(), Object.keys(shows).sort());
  });
  for (const [what, end] of Object.entries(endings))
    it(`forgets a video that is ${what}, and says who is asked again`, async () => {
      const author = await newUser();
      const [id] = plantVideos(author, 1, { every: '0 seconds' });
      const v = { id, user: author.id, token: author.token };
      const paths = Object.entries(shows).filter(([name]) => !name.includes('/users/') || what.includes('author')).map(([, path]) => path(v, turn++));
      const tells = async () => (await Promise.all(paths.map((path) => get(path)))).filter((r) => r.status === 200 && (r.text.includes(id) || r.text.includes(v.user)));
      for (let i = 0; i < 2; i++) assert.equal((await tells()).length, paths.length, 'each shows it, and keeps its answer');
      await end(v);
      await second(); // the web server's
      assert.deepEqual((await tells()).map((r) => r.text), []);
    });
  it('is counted by route', async () => {
    const [id] = plantVideos(owner, 1);
    const count = async (result) => {
      const line = new RegExp(`^atelier_cache_answers_total{method="GET",route="/videos/{id:uuid}",result="${result}"} (\\d+)`, 'm');
      return Number(line.exec((await call('GET', '//metrics')).text)?.[1] ?? 0);
    };
    const before = [await count('miss'), await count('hit')];
    ok(await get(`/videos/${id}`));
    await second();
    ok(await get(`/videos/${id}`));
    assert.ok((await count('miss')) > before[0] && (await count('hit')) > before[1]);
  });
  it('carries an ETag and may be kept by the web server', async () => {
    const [id] = plantVideos(owner, 1);
    const v = { id, user: owner.id };
    for (const path of Object.values(shows)) {
      const res = await get(path(v, turn));
      assert.match(res.headers.get('etag'), /^"[0-9a-f]{16}"$/);
      assert.match(res.headers.get('cache-control'), /^public, max-age=\d+$/);
      assert.equal((await get(path(v, turn), { headers: { 'if-none-match': res.headers.get('etag') } })).status, 304);
    }
  });
});

describe('what nobody keeps', () => {
  it('is answered to many at once, not to one after the other', async () => {
    const at = performance.now();
    const all = await Promise.all(Array.from({ length: 40 }, () => get('/users/me')));
    assert.ok(all.every((r) => r.status === 401));
    assert.ok(performance.now() - at < 4000, `${performance.now() - at} ms`);
  });
});
