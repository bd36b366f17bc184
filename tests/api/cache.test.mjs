// tests/api/cache.test.mjs - answers kept for everybody: nothing hidden or deleted is given again, people get their own.
// The web server may keep a public answer for its one second on top (nginx counts whole seconds: up to two).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { before, describe, it } from 'node:test';
import { base, call, del, get, newUser, ok, patch, post, until } from '../lib/api.mjs';
import { makeClip } from '../lib/media.mjs';
import { allRoutes } from '../lib/routes.mjs';
import { claimsOf } from '../lib/tokens.mjs';
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
  // Each cached route: where it shows a video, and by what (its id, if nothing else is said). A new one fails here until it has its line.
  const anyOf = (v, turn, path) => `${path}${path.includes('?') ? '&' : '?'}limit=${turn}`;
  const shows = {
    'GET /api/v1/videos/feed': { path: (v, turn) => anyOf(v, turn, '/videos/feed') },
    'GET /api/v1/videos/{id}': { path: (v) => `/videos/${v.id}` },
    'GET /api/v1/videos/{id}/stream': { path: (v) => `/videos/${v.id}/stream` },
    'GET /api/v1/videos/{id}/stream-url': { path: (v) => `/videos/${v.id}/stream-url` },
    'GET /api/v1/videos/{id}/comments': { path: (v) => `/videos/${v.id}/comments`, by: 'comment' },
    'GET /api/v1/videos/trending': { path: (v, turn) => anyOf(v, turn, '/videos/trending') },
    'GET /api/v1/analytics/trending': { path: (v, turn) => anyOf(v, turn, '/analytics/trending') },
    'GET /api/v1/recommendations/trending': { path: (v, turn) => anyOf(v, turn, '/recommendations/trending') },
    'GET /api/v1/search': { path: (v, turn) => anyOf(v, turn, `/search?q=${v.word}`) },
    'GET /api/v1/videos/search': { path: (v, turn) => anyOf(v, turn, `/videos/search?q=${v.word}`) },
    'GET /api/v1/search/autocomplete': { path: (v) => `/search/autocomplete?q=${v.word.slice(0, -2)}`, by: 'title' },
    'GET /embed/{id}': { path: (v) => `//embed/${v.id}`, by: 'title', isForAll: true },
    'GET /oembed': { path: (v) => `//oembed?url=${encodeURIComponent(`${base}/embed/${v.id}`)}`, isForAll: true },
    'GET /feeds/users/{file}': { path: (v) => `//feeds/users/${v.user}.xml`, isForAll: true },
    'GET /sitemap.xml': { path: (v, turn) => `//sitemap.xml?${turn}`, isForAll: true },
    'GET /sitemaps/{id}': { path: (v) => `//sitemaps/${v.id}`, isForAll: true },
    'GET /api/v1/users/{id}': { path: (v) => `/users/${v.user}`, by: 'user' },
  };
  const showsNothing = {
    'GET /api/v1/search/suggestions': 'what several people have typed',
    'GET /api/v1/tenant': 'the community itself',
    'GET /api/v1/transparency': 'numbers',
    'GET /api/v1/openapi.json': 'the routes',
  };
  const endings = {
    'made private': (v) => patch(`/videos/${v.id}`, { visibility: 'private' }, { token: v.token }),
    deleted: (v) => del(`/videos/${v.id}`, { token: v.token }),
    // not through the API: what a moderator's query, a job or an operator does
    hidden: (v) => sql(`update videos set hidden_at = now() where id = '${v.id}'`),
    'its author banned': (v) => sql(`update users set status = 'banned' where id = '${v.user}'; update videos set hidden_at = now() where id = '${v.id}'`),
  };
  const secret = (v, show) => v[show.by ?? 'id'];
  const planted = async () => {
    const author = await newUser();
    const v = { user: author.id, token: author.token, word: `zq${randomUUID().replaceAll('-', '').slice(0, 14)}` };
    v.title = `${v.word} for all`;
    [v.id] = plantVideos(author, 1, { every: '0 seconds', title: v.title });
    v.comment = ok(await post(`/videos/${v.id}/comment`, { text: 'Well done' }, { token: author.token }), 201).id;
    execFileSync('redis-cli', ['-s', process.env.REDIS_SOCK, 'zadd', `trending:${claimsOf(author.token).tenant}:day`, '1e9', v.id]);
    return v;
  };
  const unplant = (v) => execFileSync('redis-cli', ['-s', process.env.REDIS_SOCK, 'zrem', `trending:${claimsOf(v.token).tenant}:day`, v.id]);

  it('is in this table', async () => {
    const cached = (await allRoutes()).filter((r) => r.operation['x-shared-cache'] || r.operation['x-web-cache']).map((r) => `${r.method} ${r.path}`);
    assert.deepEqual(cached.sort(), [...Object.keys(shows), ...Object.keys(showsNothing)].sort());
  });
  it('is all that is called public: no handler lets others keep what is not in the table', async () => {
    const v = await planted();
    for (const r of (await allRoutes()).filter((r) => r.method === 'GET' && r.permission === 'public' && !r.operation['x-web-cache'])) {
      const res = await call('GET', `/${r.path.replace(/\{(\w+)\}/g, (_, name) => ({ file: `${v.user}.xml` })[name] ?? (r.path.includes('/users/') ? v.user : v.id))}`);
      if (/\.css$|jwks/.test(r.path)) continue; // ours, the same for everybody
      assert.doesNotMatch(res.headers.get('cache-control') ?? '', /public/, r.path);
    }
    unplant(v);
  });
  for (const [what, end] of Object.entries(endings))
    it(`forgets a video that is ${what}, and says who is asked again`, async () => {
      const v = await planted();
      const asked = Object.entries(shows).filter(([name]) => name !== 'GET /api/v1/users/{id}' || what.includes('author')).map(([name, show]) => ({ name, show, path: show.path(v, turn++ % 60 + 40) }));
      const tell = async () => (await Promise.all(asked.map(async (a) => ({ ...a, res: await get(a.path) })))).filter((a) => a.res.status === 200 && a.res.text.includes(secret(v, a.show))).map((a) => a.name);
      for (let i = 0; i < 2; i++) assert.deepEqual(await tell(), asked.map((a) => a.name), 'each shows it, and keeps its answer');
      await end(v);
      await second(); // the web server's
      assert.deepEqual(await tell(), []);
      unplant(v);
    });
  it('is not given to somebody from whom a block parts its author', async () => {
    const v = await planted();
    const reader = await newUser();
    ok(await post(`/users/${reader.id}/block`, undefined, { token: v.token }));
    for (const [name, show] of Object.entries(shows).filter(([, show]) => !show.isForAll)) {
      const path = show.path(v, 39);
      assert.ok((await get(path)).text.includes(secret(v, show)), name);
      const res = await get(path, { token: reader.token });
      assert.ok(res.status === 404 || !res.text.includes(secret(v, show)), `${name}: ${res.text.slice(0, 300)}`);
    }
    unplant(v);
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
    const v = await planted();
    for (const [name, show] of Object.entries(shows)) {
      const path = show.path(v, 38);
      const res = await get(path);
      assert.match(res.headers.get('etag'), name === 'GET /api/v1/videos/{id}' ? /^"[0-9a-f]{10}\.[0-9a-f]{10}"$/ : /^"[0-9a-f]{16}"$/, name);
      assert.match(res.headers.get('cache-control'), /^public, max-age=1$/, name);
      assert.equal((await get(path, { headers: { 'if-none-match': res.headers.get('etag') } })).status, 304, name);
    }
    unplant(v);
  });
});

describe('what nobody keeps', () => {
  it('is answered to many at once, not to one after the other', async () => {
    const at = performance.now();
    const all = await Promise.all(Array.from({ length: 40 }, () => get('/users/me')));
    assert.ok(all.every((r) => r.status === 401));
    assert.ok(performance.now() - at < 30000, `${performance.now() - at} ms`); // in a row they would be 5 s each
  });
});
