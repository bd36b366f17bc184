// tests/faults/web.test.mjs - the web process loses children, its master's configuration, PostgreSQL and Redis while
// people use it. Reads may not fail where another child can answer; what was acknowledged is there afterwards.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { base, get, newUser, ok, post, until } from '../lib/api.mjs';
import { makeClip } from '../lib/media.mjs';
import { children, pid, restart, start, stop } from '../lib/running.mjs';
import { plantVideos, settled, sql, uploadMultipart } from '../lib/video.mjs';

const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
let user, clip;
before(async () => {
  user = await newUser();
  clip = makeClip({ seconds: 1 });
});

/** Calls work() over and over in `width` lanes until the returned function is called, which resolves with what was seen. */
function load(work, width = 8) {
  let running = true;
  const seen = {};
  const lanes = Array.from({ length: width }, async () => {
    while (running) {
      const outcome = await work().catch((e) => `error ${e.cause?.code ?? e.message}`);
      seen[outcome] = (seen[outcome] ?? 0) + 1;
    }
  });
  return async () => {
    running = false;
    await Promise.all(lanes);
    return seen;
  };
}

const read = async () => {
  const res = await fetch(`${base}/api/v1/users/me`, { headers: { authorization: `Bearer ${user.token}` }, signal: AbortSignal.timeout(20_000) });
  await res.text();
  return String(res.status);
};
const back = () => until(async () => (await get('//ready')).status === 200, { seconds: 30, what: 'readiness' });

describe('children', () => {
  it('killed under load: reads go on, the master starts others', async () => {
    const done = load(read);
    for (let i = 0; i < 6; i++) {
      await sleep(400);
      const victims = children(pid('fcgi'));
      process.kill(victims[i % victims.length], 'SIGKILL');
    }
    await sleep(1000);
    const seen = await done();
    assert.deepEqual(Object.keys(seen), ['200'], JSON.stringify(seen));
    assert.ok(seen['200'] > 100, JSON.stringify(seen));
  });
  it('a reload under load fails no request', async () => {
    const done = load(read);
    const before = children(pid('fcgi'));
    for (let i = 0; i < 3; i++) {
      await sleep(700);
      process.kill(pid('fcgi'), 'SIGHUP');
    }
    await until(async () => children(pid('fcgi')).every((c) => !before.includes(c)), { what: 'new children' });
    const seen = await done();
    assert.deepEqual(Object.keys(seen), ['200'], JSON.stringify(seen));
  });
  it('a stopped server answers what it has, and its next start is clean', async () => {
    restart('fcgi');
    await back();
    assert.equal(await read(), '200');
  });
});

/** `count` views by as many sessions, some at a time; each must be answered as counted. */
async function view(id, count, session) {
  for (let i = 0; i < count; i += 10)
    await Promise.all(Array.from({ length: 10 }, async (_, k) => assert.equal(ok(await post(`/videos/${id}/view`, { sessionId: `${session}-${i + k}` })).recorded, true)));
}
const viewsOf = (id) => Number(sql(`select view_count from videos where id = '${id}'`));

describe('views', () => {
  it('that were answered are counted, though children are replaced and the server is stopped', async () => {
    const [id] = plantVideos(user, 1);
    for (let i = 0; i < 3; i++) {
      process.kill(pid('fcgi'), 'SIGHUP');
      await view(id, 100, `reload-${i}`);
    }
    restart('fcgi');
    await back();
    await until(() => viewsOf(id) >= 300, { seconds: 30, what: 'all views to be counted' });
    assert.equal(viewsOf(id), 300);
  });
  it('wait for Redis while it is away', async () => {
    const [id] = plantVideos(user, 1);
    await view(id, 10, 'before');
    stop('redis');
    await view(id, 50, 'away');
    start('redis');
    await view(id, 10, 'after');
    await until(() => viewsOf(id) >= 70, { seconds: 30, what: 'all views to be counted' });
    assert.equal(viewsOf(id), 70);
    assert.equal(ok(await post(`/videos/${id}/view`, { sessionId: 'away-7' })).recorded, false);
  });
});

describe('what it stands on', () => {
  it('PostgreSQL restarted under load: 503 with Retry-After meanwhile, then as before, and no like is lost', async () => {
    const v = await settled(user, (await uploadMultipart(user, clip)).id);
    const fans = await Promise.all(Array.from({ length: 6 }, () => newUser()));
    const done = load(read, 4);
    restart('postgres');
    await back();
    const seen = await done();
    for (const outcome of Object.keys(seen)) assert.ok(['200', '503'].includes(outcome), JSON.stringify(seen));
    for (const fan of fans) ok(await post(`/videos/${v.id}/like`, undefined, { token: fan.token }));
    assert.equal(ok(await get(`/videos/${v.id}`)).stats.likes, fans.length);
  });
  it('PostgreSQL away: an error that says so, at once', async () => {
    stop('postgres', 'INT');
    const res = await get('/users/me', { token: user.token });
    assert.equal(res.status, 503, res.text);
    assert.ok(res.headers.get('retry-after'));
    start('postgres');
    await back();
    assert.equal(await read(), '200');
  });
  it('Redis away: reads go on; back again by itself', async () => {
    const done = load(read, 4);
    stop('redis');
    await sleep(500);
    assert.equal(await read(), '200');
    ok(await get('/recommendations/for-you', { token: user.token })); // the latest, for there are no lists
    assert.equal(ok(await get(`/analytics/creator/${user.id}`, { token: user.token })).uniqueViewers, null, 'nobody knows');
    const [first] = plantVideos(user, 3); // nobody knows what trends: the latest
    const pages = await Promise.all([1, 2].map((page) => get(`/videos/trending?limit=2&page=${page}`, { token: user.token })));
    assert.equal(ok(pages[0])[0].id, first);
    assert.ok(pages[0].meta.total >= 3, `of all: ${pages[0].meta.total}`);
    assert.equal(new Set(pages.flatMap((p) => ok(p)).map((v) => v.id)).size, ok(pages[0]).length + ok(pages[1]).length, 'no video twice');
    start('redis');
    await back();
    const seen = await done();
    assert.deepEqual(Object.keys(seen), ['200'], JSON.stringify(seen));
  });
});
