// tests/api/trending.test.mjs - what is watched these days: which first, for whom not, and back again when Redis was emptied.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { before, describe, it } from 'node:test';
import { fails, get, newUser, ok, post, until } from '../lib/api.mjs';
import { claimsOf } from '../lib/tokens.mjs';
import { plantVideos, plantViews, sql } from '../lib/video.mjs';

const redis = (...words) => execFileSync('redis-cli', ['-s', process.env.REDIS_SOCK, ...words], { encoding: 'utf8' });
const renewed = async () => {
  const id = sql(`select job_enqueue('trending', '{}', 'asked for by a test ${Math.random()}')`);
  await until(() => sql(`select state from jobs where id = '${id}'`) === 'done', { seconds: 30, what: 'a run of trending' });
};
const trending = async (window, mine, user) =>
  ok(await get(`/videos/trending?window=${window}&limit=100`, user && { token: user.token })).map((v) => v.id).filter((id) => mine.includes(id));

let author, mine, tenant;
before(async () => {
  author = await newUser();
  tenant = claimsOf(author.token).tenant;
  mine = plantVideos(author, 4);
  const watched = (id, n, ago) => {
    sql(`insert into view_events (tenant_id, video_id, session, seen_at) select '${tenant}', '${id}', 's' || n, now() - interval '${ago}' from generate_series(1, ${n}) n`);
    plantViews(id, n, `(now() - interval '${ago}')::date`);
  };
  watched(mine[0], 40, '1 minute');
  watched(mine[1], 60, '100 minutes');
  watched(mine[2], 3000, '3 days');
  watched(mine[3], 2000, '5 minutes');
  sql(`update videos set visibility = 'unlisted' where id = '${mine[3]}'`);
  await renewed();
});

describe('trending', () => {
  it('the newer a view, the more it counts; each window looks as far back as it says', async () => {
    assert.deepEqual(await trending('hour', mine), [mine[0], mine[1]]);
    assert.deepEqual(await trending('day', mine), [mine[1], mine[0]]);
    assert.equal((await trending('week', mine))[0], mine[2]);
  });
  it('the same under each of its names, with pages', async () => {
    for (const path of ['/analytics/trending', '/recommendations/trending']) assert.ok(ok(await get(`${path}?limit=100`)).length > 0, path);
    const [first] = ok(await get('/videos/trending?window=week&limit=1')), second = await get('/videos/trending?window=week&limit=1&page=2');
    assert.notEqual(first.id, ok(second)[0].id);
    assert.ok(second.meta.total >= 3);
    fails(await get('/videos/trending?window=year'), 400, 'VALIDATION_ERROR');
  });
  it('nobody sees what became private meanwhile, or of people with whom there is a block', async () => {
    const reader = await newUser();
    assert.equal((await trending('hour', mine, reader)).length, 2);
    ok(await post(`/users/${author.id}/block`, undefined, { token: reader.token }));
    assert.deepEqual(await trending('hour', mine, reader), []);
    sql(`update videos set hidden_at = now() where id = '${mine[1]}'`);
    assert.deepEqual(await trending('hour', mine, await newUser()), [mine[0]]);
    sql(`update videos set hidden_at = null where id = '${mine[1]}'`);
  });
  it('is right again within one run when Redis was emptied', async () => {
    const before = await trending('week', mine, author);
    redis('eval', "for _, k in ipairs(redis.call('keys', 'trending:*')) do redis.call('del', k) end", '0');
    assert.deepEqual(await trending('week', mine, author), []);
    await renewed();
    assert.deepEqual(await trending('week', mine, author), before);
  });
});
