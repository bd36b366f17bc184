// tests/api/analytics.test.mjs - views and players' events: from the request over Redis and the worker to daily figures that are exact
// against the raw events, and to what the author is shown.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { before, describe, it } from 'node:test';
import { call, fails, get, newUser, ok, post, until } from '../lib/api.mjs';
import { claimsOf } from '../lib/tokens.mjs';
import { plantVideos, plantViews, sql } from '../lib/video.mjs';

const redis = (...words) => execFileSync('redis-cli', ['-s', process.env.REDIS_SOCK, ...words], { encoding: 'utf8' }).trim();
const done = async (kind) => {
  const id = sql(`select job_enqueue('${kind}', '{}', 'asked for by a test ${randomUUID()}')`);
  await until(() => sql(`select state from jobs where id = '${id}'`) === 'done', { seconds: 30, what: `a run of ${kind}` });
};
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
const flushed = () => sleep(200).then(() => until(() => redis('llen', 'views:pending') === '0' && redis('llen', 'views:batches') === '0' && redis('llen', 'engagement:pending') === '0' && redis('llen', 'engagement:batches') === '0', { seconds: 30, what: 'the flush' })); // a web process gathers for a moment
const today = new Date().toISOString().slice(0, 10);
const make = (user, set = 'duration_s = 100') => {
  const [id] = plantVideos(user, 1);
  sql(`update videos set ${set} where id = '${id}'`);
  return id;
};

let author, reader, video;
before(async () => {
  [author, reader] = await Promise.all([newUser(), newUser()]);
  video = make(author);
});

describe('intake', () => {
  it('a view counts once per session, under either address', async () => {
    const sessionId = randomUUID();
    assert.equal(ok(await post('/analytics/view', { videoId: video, sessionId, device: 'tv', referrer: 'https://www.google.com/search?q=x' })).recorded, true);
    assert.equal(ok(await post(`/videos/${video}/view`, { sessionId })).recorded, false);
    fails(await post('/analytics/view', { videoId: randomUUID(), sessionId }), 404);
    fails(await post('/analytics/view', { videoId: video, device: 'toaster' }), 400, 'VALIDATION_ERROR');
  });
  it('a view that two machines have taken counts once', async () => {
    const { tenant } = claimsOf(author.token);
    const id = make(author);
    const now = Math.floor(Date.now() / 1000);
    const line = (print, session) => `${print} ${JSON.stringify({ tenant, video: id, at: new Date().toISOString(), session, device: 'tv', source: 'direct' })}`;
    const [a, b] = [1, 2].map(() => randomUUID().replaceAll('-', '').slice(0, 16));
    redis('rpush', 'views:pending', `@${now}\n${line(a, 'a')}\n${line(b, 'b')}`, `@${now + 1}\n${line(a, 'a')}`);
    await flushed();
    assert.equal(sql(`select view_count from videos where id = '${id}'`), '2');
    assert.equal(sql(`select string_agg(session, ' ' order by session) from view_events where video_id = '${id}'`), 'a b');
  });
  it('events come in batches, and each is checked', async () => {
    const event = { eventType: 'progress', videoId: video, sessionId: 's', position: 10, watchDuration: 10 };
    assert.equal(ok(await post('/analytics/engagement', { events: [event, event] }), 202).accepted, 2);
    const bad = await post('/analytics/engagement', { events: [event, { ...event, eventType: 'sleep', position: -1 }] });
    fails(bad, 400, 'VALIDATION_ERROR');
    assert.deepEqual(bad.body.error.details.map((d) => d.field).sort(), ['events[1].eventType', 'events[1].position']);
    fails(await post('/analytics/engagement', { events: [] }), 400, 'VALIDATION_ERROR');
    fails(await post('/analytics/engagement', { events: Array(101).fill(event) }), 400, 'VALIDATION_ERROR');
  });
});

describe('figures', () => {
  let seen;
  before(async () => {
    seen = make(author);
    const view = (sessionId, more) => post('/analytics/view', { videoId: seen, sessionId, ...more });
    for (let i = 0; i < 6; i++) ok(await view(`a${i}`, { device: 'mobile', referrer: 'https://blog.example.com/post' }));
    for (let i = 0; i < 3; i++) ok(await view(`b${i}`, { device: 'desktop' }));
    ok(await view('c', { device: 'desktop', referrer: 'https://m.facebook.com/' }));
    const play = (sessionId, until) => [
      { eventType: 'play', videoId: seen, sessionId, position: 0 },
      ...Array.from({ length: until / 10 }, (_, i) => ({ eventType: 'progress', videoId: seen, sessionId, position: (i + 1) * 10, watchDuration: 10 })),
    ];
    ok(await post('/analytics/engagement', { events: [...play('x', 100), ...play('y', 50), ...play('z', 50), ...play('w', 20), { eventType: 'complete', videoId: seen, sessionId: 'x', position: 100 }] }), 202);
    await flushed();
  });
  it('what the author is shown', async () => {
    const a = ok(await get(`/analytics/video/${seen}`, { token: author.token }));
    assert.equal(a.views, 10);
    assert.equal(a.uniqueViewers, 10);
    assert.equal(a.watchTime, 220);
    assert.equal(a.averageViewDuration, 22);
    assert.deepEqual([a.plays, a.completes], [4, 1]);
    assert.deepEqual(a.devices, [{ value: 'mobile', views: 6 }, { value: 'desktop', views: 4 }]);
    assert.deepEqual(a.sources, [{ value: 'blog.example.com', views: 6 }, { value: 'direct', views: 3 }, { value: 'social', views: 1 }]);
    assert.equal(a.byDay.length, 28);
    assert.deepEqual(a.byDay.at(-1), { day: today, views: 10, watchTime: 220 });
    assert.equal(a.retention.length, 100);
    assert.deepEqual([a.retention[5], a.retention[30], a.retention[70]], [1, 0.75, 0.25]);
  });
  it('a range leaves out what lies outside', async () => {
    const a = ok(await get(`/analytics/video/${seen}?from=2020-01-01&to=2020-01-10`, { token: author.token }));
    assert.deepEqual([a.views, a.uniqueViewers, a.watchTime, a.byDay.length], [0, 0, 0, 10]);
    fails(await get(`/analytics/video/${seen}?from=yesterday`, { token: author.token }), 400, 'VALIDATION_ERROR');
    fails(await get(`/analytics/video/${seen}?from=2026-02-31`, { token: author.token }), 400);
  });
  it('a person over all of their videos', async () => {
    const a = ok(await get(`/analytics/creator/@${author.username}`, { token: author.token }));
    assert.ok(a.views >= 10 && a.watchTime >= 220);
    assert.equal(a.topVideos[0].videoId, seen);
    assert.equal(a.byDay.length, 28);
  });
  it('nobody else sees them', async () => {
    fails(await get(`/analytics/video/${seen}`, { token: reader.token }), 403, 'FORBIDDEN');
    fails(await get(`/analytics/video/${seen}`), 401);
    fails(await get(`/analytics/creator/${author.id}`, { token: reader.token }), 403, 'FORBIDDEN');
    const hidden = make(author, "visibility = 'private'");
    fails(await get(`/analytics/video/${hidden}`, { token: reader.token }), 404);
  });
});

describe('exactness', () => {
  it('daily figures are what the raw events say, also when a batch comes twice', async () => {
    const { tenant } = claimsOf(author.token);
    const id = make(author);
    const events = Array.from({ length: 500 }, (_, i) => ({
      tenant, video: id, session: `s${i % 90}`, type: ['play', 'progress', 'complete'][i % 3], position: (i * 7) % 100, watched: i % 11,
      at: new Date(Date.now() - ((i * 97) % 80000) * 1000).toISOString(), device: 'mobile', source: 'direct',
    }));
    const views = events.map(({ video, session, at, device, source }) => ({ tenant, video, session, at, device, source }));
    const batch = randomUUID();
    for (let i = 0; i < 2; i++) {
      assert.equal(sql(`select engagement_apply('e${batch}', '${JSON.stringify(events)}')`), i === 0 ? '500' : '0');
      assert.equal(sql(`select views_apply('v${batch}', '${JSON.stringify(views)}')`), i === 0 ? '500' : '0');
    }
    const day = "(at at time zone 'UTC')::date";
    assert.equal(
      sql(`select count(*) from (select ${day} as day, sum(watched_s), count(*) filter (where type = 'play'), count(*) filter (where type = 'complete') from engagement_events where video_id = '${id}' group by 1
           except select day, watched_s, plays, completes from video_engagement_daily where video_id = '${id}') x`), '0', 'watch time, plays and completions by day');
    assert.equal(sql(`select count(*) from (select (seen_at at time zone 'UTC')::date, count(*) from view_events where video_id = '${id}' group by 1 except select day, views from video_views_daily where video_id = '${id}') x`), '0', 'views by day');
    assert.equal(sql(`select sum(views) from video_breakdown_daily where video_id = '${id}' and dimension = 'device'`), '500');
    assert.equal(
      sql(`with raw as (select n, count(*) as times from engagement_events, generate_series(0, 99) n
             where video_id = '${id}' and watched_s > 0 and position_s > 0
               and n between floor(position_s - watched_s) and ceil(position_s) - 1 group by 1)
           select count(*) from video_retention, unnest(watched) with ordinality as h(times, n) left join raw on raw.n = h.n - 1
            where video_id = '${id}' and h.times <> coalesce(raw.times, 0)`), '0', 'the retention curve');
  });
  it('unique viewers are within two in a hundred, and outlive Redis', async () => {
    const id = make(author);
    const key = `uniques:${id}:${today.replaceAll('-', '')}`;
    const people = 20000;
    for (let from = 0; from < people; from += 5000) redis('pfadd', key, ...Array.from({ length: 5000 }, (_, i) => `person ${from + i}`));
    plantViews(id, people);
    const counted = async () => ok(await get(`/analytics/video/${id}`, { token: author.token })).uniqueViewers;
    const before = await counted();
    assert.ok(Math.abs(before - people) <= people * 0.02, `${before} of ${people}`);
    await done('uniques');
    redis('del', key, 'uniques:kept');
    assert.equal(await counted(), 0);
    await done('uniques');
    assert.equal(await counted(), before);
  });
  it('who watched several videos of a person, on several days, is one viewer; what nobody knows is no number', async () => {
    const person = await newUser(), [a, b] = [make(person), make(person)], day = (n) => new Date(Date.now() - n * 86400000).toISOString().slice(0, 10);
    const watched = (id, n, ...who) => {
      redis('pfadd', `uniques:${id}:${day(n).replaceAll('-', '')}`, ...who);
      plantViews(id, who.length, `'${day(n)}'`);
    };
    const viewers = async (query = '') => ok(await get(`/analytics/creator/${person.id}${query}`, { token: person.token })).uniqueViewers;
    assert.equal(await viewers(`?to=${day(1)}`), 0);
    watched(a, 0, 'x', 'y');
    watched(a, 3, 'x', 'z');
    watched(b, 0, 'x', 'v', 'w');
    watched(b, 40, 'long ago');
    assert.equal(await viewers(), 5, 'x, y, z, v, w');
    assert.equal(await viewers(`?from=${day(3)}&to=${day(2)}`), 2);
    plantViews(a, 1, `'${day(401)}'`);
    assert.equal(await viewers(`?from=${day(402)}&to=${day(300)}`), null, 'its sketch has gone');
    redis('set', `uniques:${b}:${day(40).replaceAll('-', '')}`, 'no sketch');
    assert.equal(await viewers(`?from=${day(50)}`), null, 'Redis refuses');
    redis('del', `uniques:${b}:${day(40).replaceAll('-', '')}`);
    const many = plantVideos(person, 250); // more than are merged at once
    redis('eval', "for i, k in ipairs(KEYS) do redis.call('pfadd', k, 'viewer ' .. i % 50, 'x') end", '250', ...many.map((id) => `uniques:${id}:${day(1).replaceAll('-', '')}`));
    plantViews(many, 2, `'${day(1)}'`);
    assert.equal(await viewers(`?from=${day(1)}`), 54, 'fifty, and those of today');
    assert.equal(redis('keys', 'uniques:sum:*'), '', 'nothing is left behind');
  });
  it('months are made ahead and go, whole, when they are old', () => {
    const months = () => sql("select string_agg(c.relname, ' ' order by c.relname) from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'engagement_events'::regclass").split(' ');
    const next = new Date(Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth() + 1, 1)).toISOString().slice(0, 7).replace('-', '');
    assert.ok(months().includes(`engagement_events_${next}`));
    sql("select view_events_month('2020-03-01')");
    assert.ok(months().includes('engagement_events_202003'));
    sql('select events_prune(400)');
    assert.ok(!months().includes('engagement_events_202003'));
    assert.ok(months().includes(`engagement_events_${next}`));
  });
});
