// tests/api/playlists.test.mjs - ordered lists of videos: kept in order through any moves, and leaking nothing.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { ctl, del, fails, failing, get, newUser, ok, patch, post, put } from '../lib/api.mjs';
import { readyVideo, sql } from '../lib/social.mjs';

let ann, ben, videos;
const as = (user) => ({ token: user?.token });
before(async () => {
  [ann, ben] = await Promise.all([newUser(), newUser()]);
  videos = await Promise.all(Array.from({ length: 12 }, (_, i) => readyVideo(ann, { title: `Number ${i}` })));
});

const playlist = async (user, fields = {}) => ok(await post('/playlists', { name: 'Mine', ...fields }, as(user)), 201);
const add = (user, list, videoId, where = {}) => post(`/playlists/${list.id}/videos`, { videoId, ...where }, as(user));
const move = (user, list, videoId, where) => patch(`/playlists/${list.id}/videos/${videoId}`, where, as(user));
const remove = (user, list, videoId) => del(`/playlists/${list.id}/videos/${videoId}`, as(user));
const order = async (user, list) => ok(await get(`/playlists/${list.id}/videos?limit=100`, as(user))).map((v) => v.id);
const mine = async (user) => ok(await get('/users/me/playlists?limit=100', as(user)));

describe('a playlist', () => {
  it('is made, read, changed and deleted by its owner', async () => {
    const res = await post('/playlists', { name: 'Warm-ups', description: 'For the morning' }, as(ann));
    const made = ok(res, 201);
    assert.equal(res.headers.get('location'), `/api/v1/playlists/${made.id}`);
    assert.deepEqual([made.name, made.visibility, made.videoCount, made.user.username, made.kind], ['Warm-ups', 'public', 0, ann.username, 'user']);
    assert.equal(ok(await put(`/playlists/${made.id}`, { name: 'Stretches' }, as(ann))).name, 'Stretches');
    assert.equal(ok(await patch(`/playlists/${made.id}`, { visibility: 'unlisted' }, as(ann))).description, 'For the morning');
    for (const res of [await patch(`/playlists/${made.id}`, { name: 'Ben’s' }, as(ben)), await del(`/playlists/${made.id}`, as(ben)), await add(ben, made, videos[0])]) fails(res, 404, 'NOT_FOUND');
    ok(await del(`/playlists/${made.id}`, as(ann)), 204);
    fails(await get(`/playlists/${made.id}`, as(ann)), 404, 'NOT_FOUND');
    assert.deepEqual(failing(fails(await post('/playlists', { visibility: 'secret' }, as(ann)), 400)), ['name', 'visibility']);
  });
  it('takes videos to its end, its start, or behind another one; each once', async () => {
    const list = await playlist(ann);
    const [a, b, c, d] = videos;
    assert.equal(ok(await add(ann, list, a), 201).videoCount, 1);
    ok(await add(ann, list, b), 201);
    ok(await add(ann, list, c, { first: true }), 201);
    ok(await add(ann, list, d, { afterId: a }), 201);
    assert.equal(ok(await add(ann, list, a, { first: true })).videoCount, 4);
    assert.deepEqual(await order(ben, list), [c, a, d, b]);
    ok(await remove(ann, list, a), 204);
    ok(await del(`/playlists/${list.id}/videos?videoId=${b}`, as(ann)), 204);
    fails(await remove(ann, list, a), 404, 'NOT_FOUND');
    assert.deepEqual(await order(ben, list), [c, d]);
    assert.deepEqual(failing(fails(await add(ann, list, a, { afterId: b }), 400)), ['afterId']);
    assert.deepEqual(failing(fails(await move(ann, list, c, { afterId: c }), 400)), ['afterId']);
    fails(await move(ann, list, a, { first: true }), 404, 'NOT_FOUND');
  });
  it('is paged in its order', async () => {
    const list = await playlist(ann);
    for (const id of videos) ok(await add(ann, list, id), 201);
    const seen = [];
    for (let cursor = ''; cursor !== null; ) {
      const res = await get(`/playlists/${list.id}/videos?limit=5&cursor=${cursor}`, as(ben));
      seen.push(...ok(res).map((v) => v.id));
      cursor = res.meta.cursor;
    }
    assert.deepEqual(seen, videos);
  });
  it('stays in order through any moves, and a move changes one row', async () => {
    const list = await playlist(ann);
    let model = [...videos];
    for (const id of model) ok(await add(ann, list, id), 201);
    let random = 20;
    const pick = (n) => (random = (random * 48271) % 2147483647) % n;
    const positions = () => new Map(sql(`select video_id, position from playlist_items where playlist_id = '${list.id}'`).split('\n').map((l) => l.split('|')));
    for (let step = 0; step < 120; step++) {
      const id = model[pick(model.length)];
      const rest = model.filter((x) => x !== id);
      const at = pick(rest.length + 1);
      const before = step % 10 === 0 && positions();
      ok(await move(ann, list, id, at === 0 ? { first: true } : at === rest.length && step % 2 ? {} : { afterId: rest[at - 1] }), 204);
      model = rest.toSpliced(at, 0, id);
      if (!before) continue;
      assert.ok([...positions()].every(([k, v]) => k === id || before.get(k) === v), `step ${step} moved others`);
      assert.deepEqual(await order(ann, list), model, `after step ${step}`);
    }
    assert.deepEqual(await order(ann, list), model);
  });
  it('makes its positions anew when a gap is used up, and only then', async () => {
    const list = await playlist(ann);
    for (const id of videos.slice(0, 4)) ok(await add(ann, list, id), 201);
    const [a, b, c, d] = videos;
    let renumbered = 0;
    const of = (id) => sql(`select position from playlist_items where playlist_id = '${list.id}' and video_id = '${id}'`);
    for (let i = 0; i < 90; i++) {
      const before = of(d);
      ok(await move(ann, list, i % 2 ? b : c, { afterId: a }), 204); // always between the first and the next
      renumbered += of(d) !== before;
    }
    assert.deepEqual(await order(ann, list), [a, b, c, d]);
    assert.ok(renumbered >= 1 && renumbered <= 3, `${renumbered} times in 90 moves`);
  });
});

describe('watch later', () => {
  it('is there from the start, first in the list, private and not to be removed', async () => {
    const [later] = await mine(ben);
    assert.deepEqual([later.kind, later.visibility, later.videoCount], ['watch_later', 'private', 0]);
    ok(await add(ben, later, videos[0]), 201);
    await playlist(ben, { name: 'Newer' });
    assert.deepEqual((await mine(ben)).map((p) => [p.kind, p.videoCount]), [['watch_later', 1], ['user', 0]]);
    fails(await patch(`/playlists/${later.id}`, { visibility: 'public' }, as(ben)), 409, 'CONFLICT');
    fails(await del(`/playlists/${later.id}`, as(ben)), 409, 'CONFLICT');
    fails(await get(`/playlists/${later.id}`, as(ann)), 404, 'NOT_FOUND');
    fails(await get(`/playlists/${later.id}/videos`), 404, 'NOT_FOUND');
  });
});

describe('nothing leaks', () => {
  it('of a private video inside a public playlist: not in the list, the count or the picture', async () => {
    const [open, hidden] = [await readyVideo(ann), await readyVideo(ann, { title: 'Never to be seen' })];
    const list = await playlist(ann);
    ok(await add(ann, list, hidden), 201);
    ok(await add(ann, list, open), 201);
    sql(`update videos set thumbnail_key = tenant_id || '/' || id || '/x/' || 'thumb.jpg' where id in ('${open}', '${hidden}')`);
    assert.ok(ok(await get(`/playlists/${list.id}`, as(ben))).thumbnailUrl.includes(hidden));
    ok(await patch(`/videos/${hidden}`, { visibility: 'private' }, as(ann)));
    for (const user of [undefined, ben]) {
      const res = [await get(`/playlists/${list.id}`, as(user)), await get(`/playlists/${list.id}/videos`, as(user))];
      for (const r of res) assert.ok(r.status === 200 && !r.text.includes(hidden) && !r.text.includes('Never to be seen'), r.text);
      assert.equal(res[0].data.videoCount, 1);
    }
    assert.deepEqual(await order(ann, list), [hidden, open]);
    ok(await del(`/videos/${open}`, as(ann)), 204);
    assert.deepEqual(await order(ben, list), []);
  });
  it('of an unlisted video that somebody else collects', async () => {
    const unlisted = await readyVideo(ann, { visibility: 'unlisted' });
    const [hers, his] = [await playlist(ann), await playlist(ben)];
    for (const [user, list] of [[ann, hers], [ben, his]]) ok(await add(user, list, unlisted), 201);
    const eve = await newUser();
    assert.deepEqual([await order(eve, hers), await order(eve, his), await order(ben, his)], [[unlisted], [], [unlisted]]);
  });
  it('of a private playlist, or one of somebody whom a block parts from the reader', async () => {
    const [secret, open] = [await playlist(ann, { visibility: 'private' }), await playlist(ann)];
    const eve = await newUser();
    fails(await get(`/playlists/${secret.id}`, as(eve)), 404, 'NOT_FOUND');
    ok(await get(`/playlists/${open.id}`, as(eve)));
    ok(await post(`/users/${eve.id}/block`, undefined, as(ann)));
    fails(await get(`/playlists/${open.id}`, as(eve)), 404, 'NOT_FOUND');
    fails(await get(`/playlists/${open.id}/videos`, as(eve)), 404, 'NOT_FOUND');
  });
  it('by adding what one may not see', async () => {
    const secret = await readyVideo(ann, { visibility: 'private' });
    fails(await add(ben, await playlist(ben), secret), 404, 'NOT_FOUND');
  });
});

it('many at once leave each video once, in some order, and true counters', async () => {
  const list = await playlist(ann);
  const act = (i) => {
    const [a, b] = [videos[i % 12], videos[(i * 5 + 1) % 12]];
    return [() => add(ann, list, a), () => add(ann, list, a, { first: true }), () => move(ann, list, a, { afterId: b }), () => remove(ann, list, b), () => move(ann, list, b, { first: true })][i % 5]();
  };
  const statuses = (await Promise.all(Array.from({ length: 100 }, (_, i) => act(i)))).map((r) => r.status);
  assert.deepEqual([...new Set(statuses)].filter((s) => ![200, 201, 204, 400, 404].includes(s)), []);
  const left = await order(ann, list);
  assert.equal(new Set(left).size, left.length);
  assert.deepEqual(JSON.parse(ctl('recount', '--dry-run', '--json')), []);
});
