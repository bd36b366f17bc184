// tests/api/feed.test.mjs - the three tabs of the feed: pages without gaps or repeats while videos arrive, who is in them,
// and who is not.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { before, describe, it } from 'node:test';
import { del, fails, get, newUser, ok, post } from '../lib/api.mjs';
import { claimsOf } from '../lib/tokens.mjs';
import { plantVideos, sql } from '../lib/video.mjs';

const redis = (...words) => execFileSync('redis-cli', ['-s', process.env.REDIS_SOCK, ...words], { encoding: 'utf8' });
const follow = async (user, other) => ok(await post(`/users/${other.id}/follow`, undefined, { token: user.token }));

/** All pages of a tab; `between` runs before each next page. Stops after `most` items. */
async function readAll(user, tab, { limit = 10, most = Infinity, between = async () => {} } = {}) {
  const seen = [];
  for (let cursor = ''; ; ) {
    const page = await get(`/videos/feed?tab=${tab}&limit=${limit}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`, { token: user.token });
    seen.push(...ok(page));
    assert.equal(page.meta.hasMore, page.meta.cursor !== null);
    if (!page.meta.hasMore || seen.length >= most) return seen;
    cursor = page.meta.cursor;
    await between();
  }
}
const ids = (items) => items.map((v) => v.id);
const only = (items, wanted) => ids(items).filter((id) => wanted.includes(id));

let author, reader;
before(async () => {
  [author, reader] = await Promise.all([newUser(), newUser()]);
});

describe('latest', () => {
  it('repeats and misses nothing while new videos arrive', async () => {
    const there = plantVideos(author, 35);
    const arrived = [];
    const seen = await readAll(reader, 'latest', { most: 60, between: async () => arrived.push(...plantVideos(author, 3, { every: '0 seconds' })) });
    assert.equal(new Set(ids(seen)).size, seen.length, 'no item twice');
    assert.deepEqual(only(seen, there), there, 'all that were there, in order');
    assert.ok(arrived.length > 0 && only(seen, arrived).length === 0, 'what came later is on the first page of the next visit');
    assert.ok(only(ok(await get('/videos/feed?limit=100', { token: reader.token })), arrived).length > 0);
  });
  it('an item says all that a client shows', async () => {
    const [id] = plantVideos(author, 1);
    ok(await post(`/videos/${id}/like`, undefined, { token: reader.token }));
    const item = ok(await get('/videos/feed?limit=100', { token: reader.token })).find((v) => v.id === id);
    assert.deepEqual(Object.keys(item.user).sort(), ['avatarUrl', 'displayName', 'id', 'isVerified', 'level', 'username']);
    assert.deepEqual(item.stats, { views: 0, likes: 1, comments: 0, validations: 0 });
    assert.equal(item.userHasLiked, true);
    assert.equal(item.userHasValidated, false);
    for (const key of ['challenge', 'caption', 'hashtags', 'videoUrl', 'thumbnailUrl', 'duration', 'createdAt']) assert.ok(key in item, key);
  });
});

describe('following', () => {
  it('shows the videos of those whom one follows, newest first, and nobody else', async () => {
    const [me, a, b, stranger] = await Promise.all([newUser(), newUser(), newUser(), newUser()]);
    await Promise.all([follow(me, a), follow(me, b)]);
    const theirs = [...plantVideos(a, 25, { every: '2 seconds' }), ...plantVideos(b, 12, { every: '5 seconds' })];
    plantVideos(stranger, 3);
    plantVideos(a, 2, { visibility: 'private' });
    const inOrder = sql(`select id from videos where id in ('${theirs.join("','")}') order by published_at desc, id desc`).split('\n');
    assert.deepEqual(ids(await readAll(me, 'following', { between: async () => plantVideos(b, 1, { every: '0 seconds' }) })), inOrder);
  });
  it('is empty for who follows nobody, and asks the others to sign in', async () => {
    assert.deepEqual(await readAll(await newUser(), 'following'), []);
    fails(await get('/videos/feed?tab=following'), 401, 'UNAUTHENTICATED');
    fails(await get('/videos/feed?tab=foryou'), 401, 'UNAUTHENTICATED');
    fails(await get('/videos/feed?tab=best'), 400, 'VALIDATION_ERROR');
  });
  it('ends with the following', async () => {
    const [me, a] = await Promise.all([newUser(), newUser()]);
    await follow(me, a);
    plantVideos(a, 2);
    assert.equal((await readAll(me, 'following')).length, 2);
    ok(await del(`/users/${a.id}/follow`, { token: me.token }), 204);
    assert.deepEqual(await readAll(me, 'following'), []);
  });
});

describe('foryou', () => {
  const choose = (user, list) => redis('rpush', `rec:foryou:${claimsOf(user.token).tenant}:${user.id}`, ...list);

  it('is the list that was chosen, then the latest that are not in it', async () => {
    const me = await newUser();
    const made = plantVideos(author, 30);
    const chosen = [...made].sort();
    choose(me, chosen.slice(0, 25));
    const seen = await readAll(me, 'foryou', { most: 100 });
    assert.deepEqual(ids(seen).slice(0, 25), chosen.slice(0, 25));
    assert.equal(new Set(ids(seen)).size, seen.length, 'no item twice');
    assert.deepEqual(only(seen.slice(25), chosen.slice(25)).length, 5);
  });
  it('goes on in the same list when another one is chosen meanwhile', async () => {
    const me = await newUser();
    const made = plantVideos(author, 30);
    choose(me, made.slice(0, 25));
    const again = async () => {
      redis('del', `rec:foryou:${claimsOf(me.token).tenant}:${me.id}`);
      choose(me, [...made].reverse());
    };
    const seen = await readAll(me, 'foryou', { most: 25, between: again });
    assert.deepEqual(ids(seen).slice(0, 25), made.slice(0, 25));
  });
  it('shows nothing of the list that one may not see (any more)', async () => {
    const [me, blocked] = await Promise.all([newUser(), newUser()]);
    const [shown] = plantVideos(author, 1);
    const [gone, hidden, privat] = plantVideos(author, 3);
    const theirs = plantVideos(blocked, 1);
    sql(`update videos set deleted_at = now() where id = '${gone}'; update videos set hidden_at = now() where id = '${hidden}'`);
    sql(`update videos set visibility = 'private' where id = '${privat}'`);
    ok(await post(`/users/${blocked.id}/block`, undefined, { token: me.token }));
    choose(me, [gone, hidden, privat, ...theirs, shown, 'not-an-id']);
    const seen = await readAll(me, 'foryou', { most: 30 });
    assert.equal(seen[0].id, shown);
    assert.deepEqual(only(seen, [gone, hidden, privat, ...theirs]), []);
  });
  it('is what trends in their language, then the latest, for who has no list yet', async () => {
    const me = await newUser();
    const there = plantVideos(author, 12);
    const { tenant } = claimsOf(me.token);
    sql(`update users set locale = 'qaa' where id = '${me.id}'`);
    redis('rpush', `rec:trending:${tenant}:qaa`, there[7], there[3]);
    const expected = [there[7], there[3], ...there.filter((_, i) => i !== 7 && i !== 3)];
    assert.deepEqual(only(await readAll(me, 'foryou', { most: 100 }), there), expected);
    redis('del', `rec:trending:${tenant}:qaa`);
  });
  it("takes no other list's cursor", async () => {
    const page = await get('/videos/feed?limit=1', { token: reader.token });
    fails(await get(`/videos/feed?tab=foryou&cursor=${encodeURIComponent(page.meta.cursor)}`, { token: reader.token }), 400, 'INVALID_CURSOR');
    fails(await get(`/videos/feed?tab=following&cursor=${encodeURIComponent(page.meta.cursor)}`, { token: reader.token }), 400, 'INVALID_CURSOR');
  });
});
