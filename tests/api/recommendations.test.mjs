// tests/api/recommendations.test.mjs - what is chosen for whom by a real run of the worker: tastes, new people, what is never shown.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { before, describe, it } from 'node:test';
import { fails, get, newUser, ok, patch, post, until } from '../lib/api.mjs';
import { claimsOf } from '../lib/tokens.mjs';
import { plantVideos, sql } from '../lib/video.mjs';

const redis = (...words) => execFileSync('redis-cli', ['-s', process.env.REDIS_SOCK, ...words], { encoding: 'utf8' }).trim();
const word = () => 'zq' + Array.from({ length: 8 }, () => String.fromCharCode(97 + Math.floor(Math.random() * 26))).join('');
const like = (user, id) => post(`/videos/${id}/like`, undefined, { token: user.token }).then((r) => ok(r));
const ids = (items) => items.map((v) => v.id);
const forYou = async (user, limit = 20) => ids(ok(await get(`/recommendations/for-you?limit=${limit}`, { token: user.token })));
const similar = async (id, user) => ids(ok(await get(`/recommendations/similar/${id}?limit=10`, user && { token: user.token })));
const list = (kind, user, id = user.id) => redis('lrange', `rec:${kind}:${claimsOf(user.token).tenant}:${id}`, '0', '-1').split('\n').filter(Boolean);

/** A run of the worker for the community of the tests. */
async function renewed() {
  const id = sql(`select job_enqueue('recommend', '{}', 'asked for by a test ${Math.random()}', (select id from tenants where slug = 'main'))`);
  await until(() => sql(`select state from jobs where id = '${id}'`) === 'done', { seconds: 60, every: 100, what: 'a run of recommend' });
}

/** Videos by one or several people with words that no others have. */
const taste = (users, count, set = {}) => {
  const title = word();
  const made = [users].flat().flatMap((user) => plantVideos(user, count, { title }));
  const pairs = Object.entries({ tags: `{${word()}}`, ...set }).map(([key, value]) => `${key} = '${value}'`);
  sql(`update videos set ${pairs.join(', ')} where id in ('${made.join("','")}')`);
  return made;
};

let author, authors, dancer, cook, dance, bread;
before(async () => {
  [dancer, cook, ...authors] = await Promise.all(Array.from({ length: 8 }, () => newUser()));
  [author] = authors;
  dance = taste(authors, 2);
  bread = taste(authors, 2);
  await Promise.all([...dance.slice(0, 3).map((id) => like(dancer, id)), ...bread.slice(0, 3).map((id) => like(cook, id))]);
  await renewed();
});

describe('for you', () => {
  it('is what is like what one liked, and not what one has seen', async () => {
    const [mine, theirs] = [await forYou(dancer, 8), await forYou(cook, 8)];
    assert.ok(mine.slice(0, 5).every((id) => dance.includes(id)), 'dance for the dancer');
    assert.ok(theirs.slice(0, 5).every((id) => bread.includes(id)), 'bread for the cook');
    assert.ok(!mine.some((id) => dance.slice(0, 3).includes(id)), 'nothing that was liked');
  });
  it('what people with the same taste watched, though it has no word in common', async () => {
    const other = taste(author, 1);
    const friends = await Promise.all([newUser(), newUser(), newUser()]);
    await Promise.all(friends.flatMap((f) => [...dance.slice(0, 3), ...other].map((id) => like(f, id))));
    await renewed();
    assert.ok(list('foryou', dancer).length > 0);
    await like(dancer, dance[3]);
    await renewed();
    assert.ok(list('foryou', dancer).slice(0, 10).includes(other[0]));
  });
  it('never what is seen, hidden, private, own or of blocked people, even from an old list', async () => {
    const [me, blocked] = await Promise.all([newUser(), newUser()]);
    const [shown, seen, hidden, privat, liked, watched] = plantVideos(author, 6);
    const theirs = plantVideos(blocked, 1), own = plantVideos(me, 1);
    const tenant = claimsOf(me.token).tenant;
    redis('rpush', `rec:foryou:${tenant}:${me.id}`, seen, hidden, privat, liked, watched, ...theirs, ...own, shown);
    sql(`update videos set hidden_at = now() where id = '${hidden}'; update videos set visibility = 'private' where id = '${privat}'`);
    sql(`insert into view_events (tenant_id, video_id, user_id, session) values ('${tenant}', '${seen}', '${me.id}', 's')`);
    await like(me, liked);
    sql(`insert into watch_progress (tenant_id, user_id, video_id, position_s) values ('${tenant}', '${me.id}', '${watched}', 3)`);
    ok(await post(`/users/${blocked.id}/block`, undefined, { token: me.token }));
    const first = await get('/recommendations/for-you', { token: me.token });
    assert.deepEqual(ids(ok(first)), [shown]);
    const rest = ids(ok(await get(`/recommendations/for-you?limit=100&cursor=${encodeURIComponent(first.meta.cursor)}`, { token: me.token })));
    assert.ok(rest.length > 0, 'behind the list comes the latest');
    for (const id of [shown, seen, hidden, privat, liked, watched, ...theirs, ...own]) assert.ok(!rest.includes(id));
  });
  it('is what trends in their language for who is new', async () => {
    const me = await newUser();
    const [first, second] = taste(author, 2, { language: 'is-IS' });
    const [latin] = taste(author, 1, { language: 'la' });
    await Promise.all([like(cook, second), like(dancer, second), like(cook, first), like(dancer, latin)]);
    sql(`update users set locale = 'is' where id = '${me.id}'`);
    await renewed();
    const chosen = await forYou(me, 100);
    assert.ok(chosen.indexOf(second) >= 0 && chosen.indexOf(second) < chosen.indexOf(first));
    const trending = redis('lrange', `rec:trending:${claimsOf(me.token).tenant}:is`, '0', '-1').split('\n');
    assert.ok(trending.includes(first) && !trending.includes(latin));
    assert.ok((await forYou(await newUser(), 100)).length > 0);
  });
  it('pages follow each other without repeats while the list is renewed', async () => {
    const seen = [];
    for (let cursor = '', page; seen.length < 60; cursor = `&cursor=${encodeURIComponent(page.meta.cursor)}`) {
      page = await get(`/recommendations/for-you?limit=7${cursor}`, { token: cook.token });
      seen.push(...ids(ok(page)));
      if (!page.meta.hasMore) break;
      await like(dancer, dance[4 + (seen.length % 5)]);
      if (seen.length < 20) await renewed();
    }
    assert.equal(new Set(seen).size, seen.length);
    fails(await get('/recommendations/for-you'), 401, 'UNAUTHENTICATED');
  });
  it("takes no cursor of the feed's", async () => {
    const page = await get('/videos/feed?tab=foryou&limit=1', { token: cook.token });
    fails(await get(`/recommendations/for-you?cursor=${encodeURIComponent(page.meta.cursor)}`, { token: cook.token }), 400, 'INVALID_CURSOR');
  });
});

describe('similar', () => {
  it('is what has the same words, also for who is not signed in', async () => {
    const found = await similar(bread[5]);
    assert.ok(found.slice(0, 5).every((id) => bread.includes(id)), JSON.stringify(found));
    assert.ok(!found.includes(bread[5]));
    assert.equal(new Set(found).size, found.length);
  });
  it('is filled with what trends for a video that the worker does not know yet', async () => {
    const [fresh] = plantVideos(author, 1);
    const found = await similar(fresh);
    assert.ok(found.length > 0 && !found.includes(fresh));
  });
  it('tells nothing of what the caller may not see', async () => {
    const [secret] = plantVideos(author, 1, { visibility: 'private' });
    fails(await get(`/recommendations/similar/${secret}`), 404, 'NOT_FOUND');
    assert.ok((await similar(secret, author)).length > 0);
    const target = (await similar(bread[6]))[0];
    sql(`update videos set visibility = 'private' where id = '${target}'`);
    assert.ok(!(await similar(bread[6])).includes(target));
    sql(`update videos set visibility = 'public' where id = '${target}'`);
  });
});

describe('the lists', () => {
  it('are made for whom something changed, and all of them when Redis was emptied', async () => {
    const tenant = claimsOf(cook.token).tenant;
    const before = list('foryou', cook);
    sql(`update video_likes set created_at = created_at - interval '1 day' where user_id = '${cook.id}'`);
    redis('del', `rec:foryou:${tenant}:${cook.id}`);
    await renewed();
    assert.deepEqual(list('foryou', cook), [], 'nothing new of the cook');
    redis('del', `rec:ran:${tenant}`, `rec:whole:${tenant}`);
    await renewed();
    assert.equal(list('foryou', cook).length > 0, before.length > 0);
  });
  it("never hold another community's videos", async () => {
    const foreign = sql(`
      with t as (select id from tenants where slug = 'other'), u as (
        insert into users (tenant_id, email, username, display_name) select id, '${word()}@example.test', '${word()}', 'Somebody' from t returning id, tenant_id)
      insert into videos (tenant_id, user_id, title, tags, uploaded_at, renditions_total, renditions_ready, published_at)
      select tenant_id, id, 'Of others', '{${word()}}', now(), 1, 1, now() from u returning id`);
    await like(cook, bread[7]);
    await renewed();
    for (const key of redis('--scan', '--pattern', `rec:*:${claimsOf(cook.token).tenant}:*`).split('\n').slice(0, 200))
      assert.ok(!redis('lrange', key, '0', '-1').includes(foreign), key);
  });
});
