// tests/api/at-once.test.mjs - everything that people do to each other and their things, many at once: likes and unlikes,
// comments, answers, edits, deletes, follows, blocks, playlists, notifications, devices. Nothing fails for want of a lock,
// and every counter is true in the end.
import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { ctl, del, get, newUser, ok, patch, post, put } from '../lib/api.mjs';
import { commentOn, readyVideo, sql } from '../lib/social.mjs';

const PEOPLE = 8;
const ACTS = 400;
let people, videos, tops, lists;
const as = (user) => ({ token: user.token });

before(async () => {
  people = await Promise.all(Array.from({ length: PEOPLE }, () => newUser()));
  videos = await Promise.all(people.slice(0, 3).map((p) => readyVideo(p)));
  tops = await Promise.all(people.map((p, i) => commentOn(p, videos[i % 3], `Top ${i}`)));
  lists = await Promise.all(people.map(async (p) => ok(await post('/playlists', { name: 'At once' }, as(p)), 201).id));
});

/** What somebody may do; x, y: any numbers. Returns the statuses. */
const acts = [
  (me, x) => post(`/videos/${videos[x % 3]}/like`, undefined, as(me)),
  (me, x) => del(`/videos/${videos[x % 3]}/like`, as(me)),
  (me, x) => post(`/comments/${tops[x % PEOPLE].id}/like`, undefined, as(me)),
  (me, x) => del(`/comments/${tops[x % PEOPLE].id}/like`, as(me)),
  (me, x, y) => post(`/comments/${tops[x % PEOPLE].id}/reply`, { text: `Hello @${people[y % PEOPLE].username}` }, as(me)),
  (me, x, y) => post(`/videos/${videos[x % 3]}/comment`, { text: `Number ${y}` }, as(me)),
  async (me, x) => {
    const made = await post(`/videos/${videos[x % 3]}/comment`, { text: 'Soon gone' }, as(me));
    return made.status === 201 ? Promise.all([del(`/comments/${made.data.id}`, as(me)), put(`/comments/${made.data.id}`, { text: 'Edited' }, as(me)), post(`/comments/${made.data.id}/like`, undefined, as(me))]) : made;
  },
  (me, x) => post(`/users/${people[x % PEOPLE].id}/follow`, undefined, as(me)),
  (me, x) => del(`/users/${people[x % PEOPLE].id}/follow`, as(me)),
  (me, x) => post(`/playlists/${lists[people.indexOf(me)]}/videos`, { videoId: videos[x % 3], first: x % 2 === 0 }, as(me)),
  (me, x) => patch(`/playlists/${lists[people.indexOf(me)]}/videos/${videos[x % 3]}`, { first: true }, as(me)),
  (me, x) => del(`/playlists/${lists[people.indexOf(me)]}/videos/${videos[x % 3]}`, as(me)),
  (me) => post('/notifications/read-all', undefined, as(me)),
  (me) => del('/notifications', as(me)),
  (me, x) => get('/notifications?limit=5', as(me)).then((r) => Promise.all((r.data ?? []).map((n) => (x % 2 ? del : post)(`/notifications/${n.id}${x % 2 ? '' : '/read'}`, ...(x % 2 ? [as(me)] : [undefined, as(me)]))))),
  (me, x) => patch('/notifications/preferences/comment_liked', { push: x % 2 === 0 }, as(me)),
  (me, x) => post('/devices', { token: `a-device-of-somebody-${x % 3}`, platform: 'web' }, as(me)),
  (me, x) => post(`/comments/${tops[x % PEOPLE].id}/${x % 2 ? 'pin' : 'heart'}`, undefined, as(people[x % 3])),
];

it('no act fails, and nothing is counted wrongly', async () => {
  let random = 7;
  const pick = (n) => (random = (random * 48271) % 2147483647) % n;
  const one = () => acts[pick(acts.length)](people[pick(PEOPLE)], pick(1000), pick(1000));
  const statuses = [];
  for (let wave = 0; wave < ACTS / 40; wave++)
    statuses.push(...(await Promise.all(Array.from({ length: 40 }, one))).flat().map((r) => r.status));
  const expected = new Set([200, 201, 204, 404, 409]);
  assert.deepEqual(statuses.filter((status) => !expected.has(status)), []);
  assert.ok(statuses.filter((status) => status < 300).length > ACTS / 2, 'most of them did something');
  assert.deepEqual(JSON.parse(ctl('recount', '--dry-run', '--json')), []);
  const mine = videos.map((v) => `'${v}'`).join();
  assert.equal(sql(`select count(*) from (select video_id from comments where pinned_at is not null and video_id in (${mine}) group by 1 having count(*) > 1) x`), '0');
  assert.equal(sql("select count(*) from (select token from devices where token like 'a-device-of-somebody-%' group by tenant_id, token having count(*) > 1) x"), '0');
});

it('the same write by twenty at once is one write', async () => {
  const [me, other] = people;
  const twenty = (fn) => Promise.all(Array.from({ length: 20 }, (_, i) => fn(i)));
  const video = await readyVideo(other);
  const c = await commentOn(other, video, 'One');
  const list = ok(await post('/playlists', { name: 'Once' }, as(me)), 201).id;
  const alike = async (fn, ...statuses) => (await twenty(fn)).forEach((r) => assert.ok(statuses.includes(r.status), r.text));
  await alike(() => post(`/videos/${video}/like`, undefined, as(me)), 200);
  await alike(() => post(`/comments/${c.id}/like`, undefined, as(me)), 200);
  await alike(() => post(`/playlists/${list}/videos`, { videoId: video }, as(me)), 200, 201);
  await alike(() => post('/devices', { token: 'the-same-device-twenty-times', platform: 'ios' }, as(me)), 201);
  const key = `key-${Math.random()}`;
  const made = await twenty(() => post(`/videos/${video}/comment`, { text: 'Twenty times' }, { ...as(me), key }));
  assert.equal(new Set(made.filter((r) => r.status === 201).map((r) => r.data.id)).size, 1);
  assert.deepEqual(sql(`select v.like_count, v.comment_count, c.like_count, p.video_count, (select count(*) from devices where token = 'the-same-device-twenty-times')
    from videos v, comments c, playlists p where v.id = '${video}' and c.id = '${c.id}' and p.id = '${list}'`), '1|2|1|1|1');
  const removed = await twenty(() => del(`/comments/${c.id}`, as(other)));
  assert.deepEqual(removed.map((r) => r.status).sort(), [204, ...Array(19).fill(404)]);
  const out = await twenty(() => del(`/playlists/${list}/videos/${video}`, as(me)));
  assert.deepEqual(out.map((r) => r.status).sort(), [204, ...Array(19).fill(404)]);
  await alike(() => post('/notifications/read-all', undefined, as(other)), 200);
  assert.deepEqual(JSON.parse(ctl('recount', '--dry-run', '--json')), []);
});
