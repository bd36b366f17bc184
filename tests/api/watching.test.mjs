// tests/api/watching.test.mjs - progress and history, shares, chapters, schedules, named people, one's own original, and
// what its uploader is told of a video.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { base, del, fails, get, newUser, ok, patch, post, put, statusOf, until } from '../lib/api.mjs';
import { makeClip } from '../lib/media.mjs';
import { plantVideos, settled, sql, uploadMultipart } from '../lib/video.mjs';

let author, reader, clip;
before(async () => {
  [author, reader] = await Promise.all([newUser(), newUser()]);
  clip = makeClip({ seconds: 2 });
});
const watch = (id, position, user = reader) => put(`/videos/${id}/progress`, { position }, { token: user.token });
const history = async (user, limit = 20) => {
  const seen = [];
  for (let cursor = ''; cursor !== null; ) {
    const page = await get(`/users/me/history?limit=${limit}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`, { token: user.token });
    seen.push(...ok(page));
    cursor = page.meta.cursor;
  }
  return seen;
};

describe('progress and history', () => {
  it('remember how far, and put the latest first', async () => {
    const me = await newUser();
    const made = plantVideos(author, 5);
    sql(`update videos set duration_s = 100 where id in ('${made.join("','")}')`);
    for (const id of made) ok(await watch(id, 10, me));
    assert.equal(ok(await watch(made[0], 97.5, me)).completed, true);
    assert.equal(ok(await watch(made[0], 500, me)).position, 100, 'not further than the end');
    const seen = await history(me, 2);
    assert.deepEqual(seen.map((v) => v.id), [made[0], ...made.slice(1).reverse()]);
    assert.deepEqual([seen[1].position, seen[1].completed], [10, false]);
    assert.equal(seen[0].user.id, author.id);
  });
  it('refuse what is no position, and videos that one may not see', async () => {
    const [id] = plantVideos(author, 1, { visibility: 'private' });
    fails(await watch(id, 1), 404, 'NOT_FOUND');
    for (const position of [-1, 'x', null, 1e9]) fails(await watch(id, position), 400, 'VALIDATION_ERROR');
    fails(await put(`/videos/${id}/progress`, { position: 1 }), 401);
  });
  it('forget one video, or all; what is gone from sight is gone from it', async () => {
    const me = await newUser();
    const [a, b, c] = plantVideos(author, 3);
    for (const id of [a, b, c]) ok(await watch(id, 1, me));
    sql(`update videos set hidden_at = now() where id = '${c}'`);
    assert.deepEqual((await history(me)).map((v) => v.id), [b, a]);
    ok(await del(`/users/me/history/${a}`, { token: me.token }), 204);
    fails(await del(`/users/me/history/${a}`, { token: me.token }), 404);
    assert.deepEqual((await history(me)).map((v) => v.id), [b]);
    ok(await del('/users/me/history', { token: me.token }), 204);
    assert.deepEqual(await history(me), []);
  });
});

describe('at once', () => {
  it('shares are all counted, a progress is one row, and a grant is one', async () => {
    const [id] = plantVideos(author, 1);
    const people = await Promise.all(Array.from({ length: 4 }, () => newUser()));
    const all = (send) => Promise.all(people.flatMap((p) => Array.from({ length: 10 }, (_, i) => send(p, i)))).then((rs) => rs.map((r) => r.status));
    const only = (statuses, wanted) => assert.deepEqual([...new Set(statuses)], wanted);
    only(await all((p) => post(`/videos/${id}/share`, undefined, { token: p.token })), [200]);
    assert.equal(ok(await get(`/videos/${id}`, { token: author.token })).stats.shares, 40);
    only(await all((p, i) => watch(id, i, p)), [200]);
    for (const p of people) assert.equal((await history(p)).length, 1);
    only(await all((p, i) => put(`/videos/${id}/access/${p.id}`, { access: i % 2 ? 'viewer' : 'editor' }, { token: author.token })), [200]);
    assert.equal(ok(await get(`/videos/${id}/access`, { token: author.token })).length, 4);
    const ends = await all((p) => del(`/videos/${id}/access/${p.id}`, { token: author.token }));
    assert.equal(ends.filter((s) => s === 204).length, 4, 'each grant ended once');
    assert.ok(ends.every((s) => s === 204 || s === 404));
  });
});

describe('chapters', () => {
  const chapters = async (description) => {
    const [id] = plantVideos(author, 1);
    sql(`update videos set duration_s = 3700 where id = '${id}'`);
    ok(await patch(`/videos/${id}`, { description }, { token: author.token }));
    return ok(await get(`/videos/${id}`, { token: author.token })).chapters;
  };
  it('are the lines that begin with a time', async () => {
    assert.deepEqual(await chapters('All about it\n0:00 Intro\n(1:30) - The <b>work</b>\r\n1:01:05 Ende – schön\n9:59:59 never'), [
      { start: 0, end: 90, title: 'Intro' },
      { start: 90, end: 3665, title: 'The <b>work</b>' },
      { start: 3665, end: 3700, title: 'Ende – schön' },
    ]);
  });
  it('are none when the first is not at the beginning, or when they go back', async () => {
    assert.deepEqual(await chapters('0:10 Late'), []);
    assert.deepEqual(await chapters('0:00 A\n2:00 B\n1:00 C'), []);
    assert.deepEqual(await chapters('no times here, at 0:61 neither'), []);
  });
});

describe('a scheduled video', () => {
  it('appears at its time', async () => {
    const [id] = plantVideos(author, 1);
    sql(`update videos set published_at = null, scheduled_at = now() + interval '1 second' where id = '${id}'`);
    fails(await get(`/videos/${id}`, { token: reader.token }), 404);
    assert.ok(!ok(await get('/videos/feed?limit=20', { token: reader.token })).some((v) => v.id === id));
    await until(
      async () => {
        sql("select job_enqueue('sweep', '{}', 'scheduled-test')"); // as cron does each minute
        return ok(await get('/videos/feed?limit=100', { token: reader.token })).some((v) => v.id === id);
      },
      { seconds: 20, every: 500, what: 'the video in the feed' },
    );
    ok(await get(`/videos/${id}`, { token: reader.token }));
  });
  it('whose time is called off waits no longer, and appears only when that is said', async () => {
    const waiting = (ids) => sql(`update videos set published_at = null, scheduled_at = now() + interval '1 day' where id in ('${ids.join("','")}')`);
    const made = plantVideos(author, 4), [off, out, moved, over] = made;
    const change = async (id, json) => ok(await patch(`/videos/${id}`, json, { token: author.token }));
    const isSeen = async (id) => (await get(`/videos/${id}`, { token: reader.token })).status === 200;
    waiting([off, out, moved]);
    assert.notEqual((await change(off, { title: 'Not yet' })).scheduledAt, null, 'what is not given stays');
    let v = await change(off, { scheduledAt: null });
    assert.deepEqual([v.scheduledAt, v.publishedAt, v.visibility, await isSeen(off)], [null, null, 'private', false]);
    v = await change(off, { visibility: 'public' });
    assert.ok(v.publishedAt && (await isSeen(off)), 'then it is published as any other');
    v = await change(out, { scheduledAt: null, visibility: 'public' });
    assert.deepEqual([v.scheduledAt, v.visibility, await isSeen(out)], [null, 'public', true]);
    const later = new Date(Date.now() + 3600_000).toISOString();
    v = await change(moved, { scheduledAt: later });
    assert.deepEqual([Date.parse(v.scheduledAt), v.visibility, await isSeen(moved)], [Date.parse(later), 'public', false]);
    sql(`update videos set scheduled_at = published_at where id = '${over}'`);
    v = await change(over, { scheduledAt: null });
    assert.deepEqual([v.scheduledAt, v.visibility, await isSeen(over)], [null, 'public', true]);
    v = await change(over, { scheduledAt: null });
    assert.equal(v.visibility, 'public', 'there was no time to call off');
    fails(await patch(`/videos/${over}`, { scheduledAt: 'tomorrow' }, { token: author.token }), 400, 'VALIDATION_ERROR');
  });
});

describe('a private video', () => {
  it('is shared with named people: to watch, or to change', async () => {
    const [id] = plantVideos(author, 1, { visibility: 'private' });
    const grant = (access) => put(`/videos/${id}/access/@${reader.username}`, { access }, { token: author.token });
    fails(await get(`/videos/${id}`, { token: reader.token }), 404);
    assert.equal(ok(await grant('viewer')).user.id, reader.id);
    ok(await get(`/videos/${id}`, { token: reader.token }));
    fails(await patch(`/videos/${id}`, { title: 'Changed by a friend' }, { token: reader.token }), 404);
    ok(await grant('editor'));
    ok(await patch(`/videos/${id}`, { title: 'Changed by a friend' }, { token: reader.token }));
    assert.equal(ok(await get(`/videos/${id}/access/${reader.id}`, { token: author.token })).access, 'editor');
    ok(await del(`/videos/${id}/access/${reader.id}`, { token: author.token }), 204);
    fails(await get(`/videos/${id}`, { token: reader.token }), 404);
  });
  it('ends the addresses of before, and has new ones for those who see it', async () => {
    const v = await settled(author, (await uploadMultipart(author, clip)).id);
    const plays = (url) => statusOf(base + url);
    const streamOf = async (who) => ok(await get(`/videos/${v.id}/stream`, who && { token: who.token }));
    const open = await streamOf();
    assert.equal(await plays(open.hlsUrl), 200);
    ok(await put(`/videos/${v.id}/progress`, { position: 1 }, { token: author.token }));
    const list = ok(await post('/playlists', { name: 'With a private one', visibility: 'private' }, { token: author.token }), 201).id;
    ok(await post(`/playlists/${list}/videos`, { videoId: v.id }, { token: author.token }), 201);
    ok(await patch(`/videos/${v.id}`, { visibility: 'private' }, { token: author.token }));
    await until(async () => (await plays(open.hlsUrl)) === 403, { what: 'the end of the address' });
    for (const url of [open.mp4Urls['360p'] ?? Object.values(open.mp4Urls)[0], open.thumbnails[0]]) assert.equal(await plays(url), 403);
    ok(await put(`/videos/${v.id}/access/${reader.id}`, {}, { token: author.token }));
    const given = new Set();
    const gather = (o) => typeof o === 'string' ? o.startsWith('/media/') && given.add(o) : o && typeof o === 'object' && Object.values(o).forEach(gather);
    for (const path of [`/videos/${v.id}`, `/videos/${v.id}/stream`, `/videos/${v.id}/original`, `/videos/${v.id}/thumbnail`, '/users/me/videos', '/users/me/history', `/playlists/${list}`, `/playlists/${list}/videos`, '/users/me/playlists'])
      gather(ok(await get(path, { token: author.token })));
    for (const path of [`/videos/${v.id}`, `/videos/${v.id}/stream`, '/users/me/shared', '/notifications']) gather(ok(await get(path, { token: reader.token })));
    const mine = [...given].filter((url) => url.includes(v.id));
    assert.ok(mine.length > 5, `${mine.length} addresses`);
    for (const url of mine) assert.equal(await plays(url), 200, url);
  });
  it('is shared by nobody but its owner, with nobody who is blocked or not there', async () => {
    const [id] = plantVideos(author, 1);
    const stranger = await newUser();
    fails(await put(`/videos/${id}/access/${stranger.id}`, {}, { token: reader.token }), 404);
    fails(await get(`/videos/${id}/access`, { token: reader.token }), 404);
    fails(await put(`/videos/${id}/access/${author.id}`, {}, { token: author.token }), 404);
    fails(await put(`/videos/${id}/access/${stranger.id}`, { access: 'owner' }, { token: author.token }), 400);
    ok(await post(`/users/${author.id}/block`, undefined, { token: stranger.token }));
    fails(await put(`/videos/${id}/access/${stranger.id}`, {}, { token: author.token }), 404);
  });
});

describe('the original', () => {
  const sum = (bytes) => createHash('sha256').update(Buffer.from(bytes)).digest('hex');
  it('is its owner’s to take along, byte for byte, and others’ where its owner allows it', async () => {
    const v = await settled(author, (await uploadMultipart(author, clip)).id);
    const mine = ok(await get(`/videos/${v.id}/original`, { token: author.token }));
    assert.equal(mine.isOriginal, true);
    assert.equal(sum(await (await fetch(base + mine.url)).arrayBuffer()), sum(readFileSync(clip)));
    assert.equal(ok(await get(`/videos/${v.id}/original`, { token: author.token })).url, mine.url);
    fails(await get(`/videos/${v.id}/original`, { token: reader.token }), 403, 'FORBIDDEN');
    fails(await get(`/videos/${v.id}/original`), 401);
    ok(await patch(`/videos/${v.id}`, { downloadEnabled: true }, { token: author.token }));
    assert.equal(ok(await get(`/videos/${v.id}/original`, { token: reader.token })).url, mine.url);
    ok(await del(`/videos/${v.id}`, { token: author.token }), 204);
    await until(async () => await statusOf(base + mine.url) !== 200, { seconds: 20, what: 'the end of its address' });
  });
});

describe('the uploader', () => {
  const told = async (user, kind) => ok(await get('/notifications', { token: user.token })).filter((n) => n.kind === kind);
  it('is told when a video plays, and why when it cannot', async () => {
    const me = await newUser();
    const good = await settled(me, (await uploadMultipart(me, clip, { title: 'A good one' })).id);
    const bad = ok(await post('/videos', { title: 'A bad one' }, { token: me.token }), 201);
    await fetch(bad.uploadUrl, { method: 'PUT', body: 'only words' });
    await settled(me, bad.id);
    const [ready] = await until(async () => ((await told(me, 'video_ready')).length ? told(me, 'video_ready') : null), { what: 'the good news' });
    assert.equal(ready.subject?.id ?? ready.subjectId, good.id);
    const failed = await until(async () => ((await told(me, 'video_failed')).length ? told(me, 'video_failed') : null), { what: 'the bad news' });
    assert.equal(failed.length, 1);
    assert.match(JSON.stringify(failed[0]), /not a video/);
    assert.equal((await told(me, 'video_ready')).length, 1, 'once, not for each rung');
  });
});
