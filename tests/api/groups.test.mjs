// tests/api/groups.test.mjs - videos shared with named groups of people: who sees them, who changes them, and when that ends.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { del, fails, get, newUser, ok, patch, post, put } from '../lib/api.mjs';
import { told } from '../lib/social.mjs';
import { plantVideos, sql } from '../lib/video.mjs';

const by = (who) => ({ token: who.token });
let ana, bia, cai;
before(async () => {
  [ana, bia, cai] = await Promise.all([newUser(), newUser(), newUser()]);
});

const groupOf = async (owner, ...members) => {
  const { id } = ok(await post('/groups', { name: 'Class of Monday' }, by(owner)), 201);
  for (const m of members) ok(await put(`/groups/${id}/members/${m.id}`, undefined, by(owner)));
  return id;
};
const planted = (owner, visibility = 'private') => plantVideos(owner, 1, { visibility })[0];
const sees = async (who, video) => (await get(`/videos/${video}`, by(who))).status === 200;

describe('a group', () => {
  it('is made, renamed, listed and deleted by its owner', async () => {
    const made = await post('/groups', { name: 'Class of Monday' }, by(ana));
    const group = ok(made, 201);
    assert.equal(made.headers.get('location'), `/api/v1/groups/${group.id}`);
    assert.deepEqual([group.name, group.isOwner, group.memberCount, group.user.id], ['Class of Monday', true, 0, ana.id]);
    assert.equal(ok(await patch(`/groups/${group.id}`, { name: 'Class of Tuesday' }, by(ana))).name, 'Class of Tuesday');
    ok(await put(`/groups/${group.id}/members/@${bia.username}`, undefined, by(ana)));
    ok(await put(`/groups/${group.id}/members/${bia.id}`, undefined, by(ana)), 200);
    assert.equal(ok(await get(`/groups/${group.id}`, by(ana))).memberCount, 1);
    assert.deepEqual(ok(await get(`/groups/${group.id}/members`, by(ana))).map((m) => m.id), [bia.id]);
    assert.ok(ok(await get('/groups', by(ana))).some((g) => g.id === group.id));
    ok(await del(`/groups/${group.id}`, by(ana)), 204);
    fails(await get(`/groups/${group.id}`, by(ana)), 404);
  });
  it('is seen by who is in it, without the others, and left by them', async () => {
    const group = await groupOf(ana, bia);
    const seen = ok(await get(`/groups/${group}`, by(bia)));
    assert.deepEqual([seen.isOwner, seen.memberCount], [false, null]);
    assert.deepEqual(ok(await get('/groups?as=member', by(bia))).map((g) => g.id), [group]);
    fails(await get(`/groups/${group}/members`, by(bia)), 404);
    fails(await get(`/groups/${group}`, by(cai)), 404);
    fails(await put(`/groups/${group}/members/${cai.id}`, undefined, by(bia)), 404);
    fails(await del(`/groups/${group}/members/${bia.id}`, by(cai)), 404);
    fails(await patch(`/groups/${group}`, { name: 'Mine now' }, by(bia)), 404);
    fails(await del(`/groups/${group}`, by(bia)), 404);
    ok(await del(`/groups/${group}/members/${bia.id}`, by(bia)), 204);
    fails(await get(`/groups/${group}`, by(bia)), 404);
  });
  it('takes nobody who is not there, is its owner, or has blocked them', async () => {
    const group = await groupOf(ana);
    const stranger = await newUser();
    ok(await post(`/users/${ana.id}/block`, undefined, by(stranger)));
    for (const name of ['@nobody_at_all', ana.id, stranger.id]) fails(await put(`/groups/${group}/members/${name}`, undefined, by(ana)), 404);
    fails(await post('/groups', { name: ' ' }, by(ana)), 400);
  });
});

describe('a private video', () => {
  it('is shared with all in a group, also who comes later, until they go, it goes, or it is shared no longer', async () => {
    const group = await groupOf(ana, bia);
    const video = planted(ana);
    assert.ok(!(await sees(bia, video)));
    assert.equal(ok(await put(`/videos/${video}/groups/${group}`, {}, by(ana))).access, 'viewer');
    assert.ok(await sees(bia, video));
    assert.ok(!(await sees(cai, video)));
    ok(await put(`/groups/${group}/members/${cai.id}`, undefined, by(ana)));
    assert.ok(await sees(cai, video));
    ok(await del(`/groups/${group}/members/${cai.id}`, by(ana)), 204);
    assert.ok(!(await sees(cai, video)));
    assert.deepEqual(ok(await get(`/videos/${video}/groups`, by(ana))).map((g) => [g.group.id, g.access]), [[group, 'viewer']]);
    fails(await get(`/videos/${video}/groups`, by(bia)), 404);
    ok(await del(`/videos/${video}/groups/${group}`, by(ana)), 204);
    assert.ok(!(await sees(bia, video)));
    ok(await put(`/videos/${video}/groups/${group}`, {}, by(ana)));
    ok(await del(`/groups/${group}`, by(ana)), 204);
    assert.ok(!(await sees(bia, video)));
  });
  it('is changed by a group of editors; of two shares the larger counts', async () => {
    const group = await groupOf(ana, bia);
    const video = planted(ana);
    ok(await put(`/videos/${video}/access/${bia.id}`, { access: 'viewer' }, by(ana)));
    fails(await patch(`/videos/${video}`, { title: 'By the class' }, by(bia)), 404);
    ok(await put(`/videos/${video}/groups/${group}`, { access: 'editor' }, by(ana)));
    ok(await patch(`/videos/${video}`, { title: 'By the class' }, by(bia)));
    fails(await put(`/videos/${video}/groups/${group}`, { access: 'owner' }, by(ana)), 400);
    fails(await del(`/videos/${video}`, by(bia)), 404);
  });
  it('is shared by its owner alone, with a group of their own', async () => {
    const [group, theirs, video] = [await groupOf(ana, bia), await groupOf(bia, cai), planted(ana)];
    fails(await put(`/videos/${video}/groups/${theirs}`, {}, by(ana)), 404);
    fails(await put(`/videos/${video}/groups/${theirs}`, {}, by(bia)), 404);
    ok(await put(`/videos/${video}/groups/${group}`, { access: 'editor' }, by(ana)));
    fails(await put(`/videos/${video}/groups/${theirs}`, {}, by(bia)), 404);
    fails(await put(`/videos/${video}/access/${cai.id}`, {}, by(bia)), 404);
  });
  it('is told to whom it is shown, once, and is in their list', async () => {
    const reader = await newUser();
    const group = await groupOf(ana, reader);
    const [first, second, open] = [planted(ana), planted(ana), planted(ana, 'public')];
    ok(await put(`/videos/${first}/access/${reader.id}`, {}, by(ana)));
    for (const video of [first, second, open]) ok(await put(`/videos/${video}/groups/${group}`, { access: 'editor' }, by(ana)));
    ok(await del(`/videos/${second}/groups/${group}`, by(ana)), 204);
    ok(await put(`/videos/${second}/groups/${group}`, {}, by(ana)));
    const news = (await told(reader)).items.filter((n) => n.kind === 'video_shared');
    assert.deepEqual(news.map((n) => n.video.id).sort(), [first, second].sort(), 'not of the public one, and not twice');
    const list = ok(await get('/users/me/shared', by(reader)));
    assert.deepEqual(list.map((v) => [v.id, v.access]), [[second, 'viewer'], [open, 'editor'], [first, 'editor']]);
    const page = await get('/users/me/shared?limit=1', by(reader));
    assert.equal(ok(await get(`/users/me/shared?limit=1&cursor=${encodeURIComponent(page.meta.cursor)}`, by(reader)))[0].id, open);
    ok(await del(`/groups/${group}/members/${reader.id}`, by(reader)), 204);
    assert.deepEqual(ok(await get('/users/me/shared', by(reader))).map((v) => v.id), [first]);
    assert.deepEqual((await told(reader)).items.filter((n) => n.kind === 'video_shared').map((n) => n.video.id), [first]);
  });
  it('that moderation hides is hidden from them, too', async () => {
    const [group, video] = [await groupOf(ana, bia), planted(ana)];
    ok(await put(`/videos/${video}/access/${cai.id}`, {}, by(ana)));
    ok(await put(`/videos/${video}/groups/${group}`, { access: 'editor' }, by(ana)));
    sql(`update videos set hidden_at = now() where id = '${video}'`);
    for (const who of [bia, cai]) {
      for (const path of [`/videos/${video}`, `/videos/${video}/stream`, `/videos/${video}/comments`]) fails(await get(path, by(who)), 404);
      assert.ok(!ok(await get('/users/me/shared', by(who))).some((v) => v.id === video));
    }
    fails(await patch(`/videos/${video}`, { title: 'Still there' }, by(bia)), 404);
    assert.ok(await sees(ana, video));
  });
  it('is shared no longer between two whom a block parts', async () => {
    const reader = await newUser();
    const [group, video] = [await groupOf(ana, reader), planted(ana)];
    ok(await put(`/videos/${video}/groups/${group}`, {}, by(ana)));
    assert.ok(await sees(reader, video));
    ok(await post(`/users/${ana.id}/block`, undefined, by(reader)));
    assert.ok(!(await sees(reader, video)));
    assert.equal(ok(await get(`/groups/${group}`, by(ana))).memberCount, 0);
  });
});
