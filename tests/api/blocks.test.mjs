// tests/api/blocks.test.mjs - a block works both ways and everywhere. Every GET of the running server is asked, so that a
// new list or a new page about a person is tested the day it appears.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { call, del, fails, get, newUser, ok, post, put } from '../lib/api.mjs';
import { newPerson } from '../lib/people.mjs';
import { allRoutes } from '../lib/routes.mjs';
import { readyVideo, sql } from '../lib/social.mjs';

const by = (who) => ({ token: who.token });
let ana, bia, cai, moderator; // ana blocks bia
const videos = {};

before(async () => {
  [ana, bia, cai] = [await newUser(), await newUser(), await newUser()];
  moderator = await newPerson('moderator');
  for (const [a, b] of [[ana, bia], [bia, ana], [ana, cai], [bia, cai], [cai, ana], [cai, bia]]) ok(await post(`/users/${b.id}/follow`, undefined, by(a)));
  for (const [name, who] of Object.entries({ ana, bia })) {
    videos[name] = await readyVideo(who, { title: `A clip of ${name}`, tags: ['blocks'] });
    const shared = (videos[`${name}Shared`] = await readyVideo(who, { visibility: 'private' }));
    const other = who === ana ? bia : ana;
    sql(`insert into video_access (tenant_id, video_id, user_id) select tenant_id, id, '${other.id}' from videos where id = '${shared}'`);
    ok(await get(`/videos/${shared}`, by(other)));
    ok(await post(`/videos/${videos[name]}/like`, undefined, by(other)));
  }
  ok(await get(`/users/${bia.id}`, by(ana)));
  ok(await post(`/users/${bia.id}/block`, undefined, by(ana)));
});

const sides = () => [
  { me: ana, them: bia, theirs: [videos.bia, videos.biaShared] },
  { me: bia, them: ana, theirs: [videos.ana, videos.anaShared] },
];

/** What a path is asked about: a person, a video, or nothing in particular. */
function paths(route, { them, theirs }) {
  const path = route.path.replace('/api/v1', '');
  if (!route.params.length) return [path];
  if (/^\/users\/\{id\}/.test(path)) return [path.replace('{id}', them.id), path.replace('{id}', `@${them.username}`)];
  if (/^\/(analytics\/)?videos?\/\{/.test(path) && route.params.length === 1) return theirs.map((id) => path.replace(/\{\w+\}/, id));
  return [];
}

describe('between two people with a block', () => {
  test('no GET of the API shows the one to the other', async () => {
    let asked = 0;
    for (const side of sides())
      for (const route of await allRoutes()) {
        if (route.method !== 'GET' || !route.path.startsWith('/api/v1/') || !['public', 'signed-in'].includes(route.permission)) continue;
        if (route.path.endsWith('/users/me/blocks')) continue; // where the blocker finds whom to unblock
        for (const path of paths(route, side)) {
          const res = await get(path, by(side.me));
          asked++;
          if (route.params.length) assert.equal(res.status, 404, `${path}: ${res.status} ${res.text.slice(0, 200)}`);
          // one's own notifications of before may name a video of one's own, never the other
          for (const id of [side.them.id, side.them.username, ...side.theirs])
            assert.ok(!res.text.includes(id) || /notifications/.test(path), `${path} shows ${id}`);
        }
      }
    assert.ok(asked > 40, `${asked} requests`);
  });

  test('neither follows, likes, views or shares the other’s', async () => {
    for (const { me, them, theirs } of sides()) {
      fails(await post(`/users/${them.id}/follow`, undefined, by(me)), 404);
      for (const id of theirs) {
        fails(await post(`/videos/${id}/like`, undefined, by(me)), 404);
        fails(await call('DELETE', `/videos/${id}/like`, by(me)), 404);
        fails(await post(`/videos/${id}/view`, { sessionId: 'session-1234567890' }, by(me)), 404);
        fails(await put(`/videos/${id}`, { title: 'Mine now' }, by(me)), 404);
      }
      assert.equal(ok(await get('/users/me', by(me))).stats.following, 1);
    }
  });

  test('neither is in the lists of followers that the other sees; a third person sees both', async () => {
    for (const { me, them } of sides())
      for (const list of ['followers', 'following']) {
        assert.deepEqual(ok(await get(`/users/${cai.id}/${list}`, by(me))).map((u) => u.id), [me.id]);
        assert.equal(ok(await get(`/users/${cai.id}/${list}`, by(cai))).length, 2);
        assert.equal(ok(await get(`/users/${them.id}/${list}`, by(cai))).length, 1);
      }
  });

  test('those who moderate see both', async () => {
    ok(await post(`/users/${moderator.id}/block`, undefined, by(bia)));
    ok(await get(`/users/${bia.id}`, by(moderator)));
    ok(await get(`/videos/${videos.bia}`, by(moderator)));
  });

  test('it is over when the one who blocked ends it, and what was shared stays taken back', async () => {
    ok(await del(`/users/${ana.id}/block`, by(bia)), 204); // bia blocks nobody: nothing ends
    fails(await get(`/users/${ana.id}`, by(bia)), 404);
    assert.deepEqual(ok(await get('/users/me/blocks', by(ana))).map((u) => u.id), [bia.id]);
    ok(await del(`/users/${bia.id}/block`, by(ana)), 204);
    for (const { me, them, theirs } of sides()) {
      ok(await get(`/users/${them.id}`, by(me)));
      ok(await get(`/videos/${theirs[0]}`, by(me)));
      fails(await get(`/videos/${theirs[1]}`, by(me)), 404);
      assert.equal(ok(await get('/users/me', by(me))).stats.following, 1);
    }
  });
});

describe('GET /users/:id/videos', () => {
  test('shows what plays and is public; the owner sees the unlisted and private ones too', async () => {
    const who = await newUser();
    const ids = {};
    for (const visibility of ['public', 'unlisted', 'private']) ids[visibility] = await readyVideo(who, { visibility });
    ids.hidden = await readyVideo(who);
    sql(`update videos set hidden_at = now() where id = '${ids.hidden}'`);
    ok(await post('/videos', { title: 'Not sent yet' }, by(who)), 201);
    const listed = async (as) => ok(await get(`/users/@${who.username}/videos`, as)).map((v) => v.id);
    assert.deepEqual(await listed(), [ids.public]);
    assert.deepEqual(await listed(by(cai)), [ids.public]);
    assert.deepEqual(await listed(by(who)), [ids.hidden, ids.private, ids.unlisted, ids.public]);
    fails(await get('/users/@nobody_at_all/videos'), 404, 'NOT_FOUND');
  });

  test('goes on where it was, also while more arrive', async () => {
    const who = await newUser();
    const ids = [];
    for (let i = 0; i < 5; i++) ids.unshift(await readyVideo(who));
    for (const as of [{}, by(who)]) {
      const first = await get(`/users/${who.id}/videos?limit=2`, as);
      assert.deepEqual(ok(first).map((v) => v.id), ids.slice(0, 2));
      assert.equal(first.meta.hasMore, true);
      ids.unshift(await readyVideo(who));
      const next = await get(`/users/${who.id}/videos?limit=20&cursor=${first.meta.cursor}`, as);
      assert.deepEqual(ok(next).map((v) => v.id), ids.slice(3));
      assert.equal(next.meta.hasMore, false);
    }
  });
});

describe('GET /users/:id/playlists', () => {
  test('shows the public ones; the owner sees all; who is blocked sees none', async () => {
    const [who, stranger] = [await newUser(), await newUser()];
    const made = {};
    for (const visibility of ['public', 'unlisted', 'private'])
      made[visibility] = ok(await post('/playlists', { name: `The ${visibility} one`, visibility }, by(who)), 201).id;
    const listed = async (as) => ok(await get(`/users/@${who.username}/playlists`, as)).filter((p) => p.kind === 'user').map((p) => p.id);
    assert.deepEqual(await listed(), [made.public]);
    assert.deepEqual(await listed(by(stranger)), [made.public]);
    assert.deepEqual(await listed(by(who)), [made.private, made.unlisted, made.public]);
    for (let i = 0; i < 3; i++) ok(await post('/playlists', { name: 'One more', visibility: 'public' }, by(who)), 201);
    const first = await get(`/users/${who.id}/playlists?limit=2`);
    assert.equal(ok(first).length, 2);
    assert.equal(ok(await get(`/users/${who.id}/playlists?cursor=${first.meta.cursor}`)).length, 2);
    ok(await post(`/users/${stranger.id}/block`, undefined, by(who)));
    fails(await get(`/users/${who.id}/playlists`, by(stranger)), 404, 'NOT_FOUND');
  });
});
