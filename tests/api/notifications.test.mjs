// tests/api/notifications.test.mjs - who is told what, in groups while it is unread, and only where it is wanted.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { del, failing, fails, get, newUser, ok, patch, post } from '../lib/api.mjs';
import { prefer, readyVideo, sql, told } from '../lib/social.mjs';

let ann, ben, cid, dan;
before(async () => {
  [ann, ben, cid, dan] = await Promise.all([newUser(), newUser(), newUser(), newUser()]);
});

const like = async (user, id) => ok(await post(`/videos/${id}/like`, undefined, { token: user.token }));
const unlike = async (user, id) => ok(await del(`/videos/${id}/like`, { token: user.token }));
const follow = async (user, whom) => ok(await post(`/users/${whom.id}/follow`, undefined, { token: user.token }));
const about = (items, id) => items.filter((n) => n.subject?.id === id);

describe('being told', () => {
  it('several likes of one video are one line, the latest person first', async () => {
    const id = await readyVideo(ann, { title: 'Liked by three' });
    for (const user of [ben, cid, dan]) await like(user, id);
    const [line, ...more] = about((await told(ann)).items, id);
    assert.deepEqual(more, []);
    assert.deepEqual([line.kind, line.actorCount, line.isRead], ['video_liked', 3, false]);
    assert.equal(line.actor.id, dan.id);
    assert.deepEqual(line.actors.map((a) => a.username), [dan, cid, ben].map((u) => u.username));
    assert.deepEqual([line.video.id, line.video.title], [id, 'Liked by three']);
  });
  it('what was read stays as it was; who comes later begins a new line', async () => {
    const id = await readyVideo(ann);
    await like(ben, id);
    const [first] = about((await told(ann)).items, id);
    ok(await post(`/notifications/${first.id}/read`, undefined, { token: ann.token }), 204);
    await like(cid, id);
    const lines = about((await told(ann)).items, id);
    assert.deepEqual(lines.map((n) => [n.actor.id, n.isRead]), [[cid.id, false], [ben.id, true]]);
    ok(await del(`/notifications/${first.id}/read`, { token: ann.token }), 204);
    assert.equal(about((await told(ann, '?unread=true')).items, id).length, 2);
  });
  it('a like taken back is taken out of the line, and with the last one the line goes', async () => {
    const id = await readyVideo(ann);
    await like(ben, id);
    await like(cid, id);
    await unlike(cid, id);
    assert.deepEqual(about((await told(ann)).items, id).map((n) => [n.actor.id, n.actorCount]), [[ben.id, 1]]);
    await unlike(ben, id);
    assert.deepEqual(about((await told(ann)).items, id), []);
    await like(ben, id);
    assert.equal(about((await told(ann)).items, id).length, 1);
  });
  it('ten people who like and unlike at once are counted one by one', async () => {
    const id = await readyVideo(ann);
    const people = await Promise.all(Array.from({ length: 10 }, () => newUser()));
    await Promise.all(people.flatMap((p) => [like(p, id), like(p, id)]));
    assert.deepEqual(about((await told(ann)).items, id).map((n) => n.actorCount), [10]);
    await Promise.all(people.map((p, i) => (i % 2 ? unlike(p, id) : like(p, id))));
    const [line] = about((await told(ann)).items, id);
    assert.deepEqual([line.actorCount, line.actors.every((a) => people.findIndex((p) => p.id === a.id) % 2 === 0)], [5, true]);
    await Promise.all(people.map((p) => unlike(p, id)));
    assert.deepEqual(about((await told(ann)).items, id), []);
  });
  it('nobody is told of what they do themselves', async () => {
    const id = await readyVideo(ann);
    await like(ann, id);
    assert.deepEqual(about((await told(ann)).items, id), []);
  });
  it('a new follower is told of, once', async () => {
    const eve = await newUser();
    await follow(ben, eve);
    await follow(ben, eve);
    await follow(cid, eve);
    const { items, unread } = await told(eve);
    assert.deepEqual(items.map((n) => [n.kind, n.actorCount]), [['new_follower', 2]]);
    assert.equal(unread, 1);
    ok(await del(`/users/${eve.id}/follow`, { token: cid.token }), 204);
    assert.deepEqual((await told(eve)).items.map((n) => n.actor.id), [ben.id]);
  });
});

describe('what became of a video', () => {
  it('is told to its author: that it plays, or why it will not', async () => {
    const eve = await newUser();
    const good = await readyVideo(eve, { title: 'It plays' }, { quiet: false });
    const [ready] = (await told(eve)).items;
    assert.deepEqual([ready.kind, ready.actor, ready.video.id, ready.video.title], ['video_ready', null, good, 'It plays']);
    const { id: bad } = ok(await post('/videos', { title: 'It does not' }, { token: eve.token }), 201);
    const fail = () => sql(`update videos set uploaded_at = now(), failure_code = null where id = '${bad}'; update videos set failure_code = 'not_media', failure_reason = 'This is not a video.' where id = '${bad}'`);
    fail();
    fail();
    const { items, unread } = await told(eve);
    assert.deepEqual([items[0].kind, items[0].data], ['video_failed', { code: 'not_media', message: 'This is not a video.' }]);
    assert.equal(unread, 2);
  });
});

describe('not being told', () => {
  it('of people whom one has blocked, before or after', async () => {
    const [eve, fay] = await Promise.all([newUser(), newUser()]);
    await follow(fay, eve);
    assert.equal((await told(eve)).unread, 1);
    ok(await post(`/users/${fay.id}/block`, undefined, { token: eve.token }));
    assert.deepEqual(await told(eve), { items: [], unread: 0 });
  });
  it('of a kind that is turned off on every channel', async () => {
    const eve = await newUser();
    assert.deepEqual(await prefer(eve, 'new_follower', { inApp: false, push: false, mail: false }), { kind: 'new_follower', isCompulsory: false, inApp: false, push: false, mail: false });
    await follow(ben, eve);
    assert.deepEqual(await told(eve), { items: [], unread: 0 });
    assert.equal(sql(`select count(*) from notifications where user_id = '${eve.id}'`), '0');
    await prefer(eve, 'new_follower', { inApp: true });
    await follow(cid, eve);
    assert.equal((await told(eve)).unread, 1);
  });
  it('of a video that was made private since', async () => {
    const [eve, id] = [await newUser(), await readyVideo(ann)];
    sql(`select set_config('atelier.tenant', tenant_id::text, false), notify('${eve.id}', 'video_published', '${ann.id}', 'video', '${id}', null) from users where id = '${eve.id}'`);
    assert.equal((await told(eve)).items[0].video.id, id);
    ok(await patch(`/videos/${id}`, { visibility: 'private' }, { token: ann.token }));
    assert.deepEqual(await told(eve), { items: [], unread: 0 });
  });
});

describe('the list', () => {
  it('is read, emptied and paged by its owner alone', async () => {
    const eve = await newUser();
    const ids = [];
    for (let i = 0; i < 5; i++) ids.push(await readyVideo(eve));
    for (const id of ids) await like(ben, id);
    const seen = [];
    for (let cursor = ''; cursor !== null; ) {
      const res = await get(`/notifications?limit=2&cursor=${cursor}`, { token: eve.token });
      seen.push(...ok(res));
      assert.equal(res.meta.unread, 5);
      cursor = res.meta.cursor;
    }
    assert.deepEqual(seen.map((n) => n.subject.id), ids.toReversed());
    fails(await post(`/notifications/${seen[0].id}/read`, undefined, { token: ben.token }), 404, 'NOT_FOUND');
    fails(await del(`/notifications/${seen[0].id}`, { token: ben.token }), 404, 'NOT_FOUND');
    ok(await del(`/notifications/${seen[0].id}`, { token: eve.token }), 204);
    assert.deepEqual(ok(await post('/notifications/read-all', undefined, { token: eve.token })), { read: 4 });
    assert.equal((await told(eve)).unread, 0);
    assert.deepEqual(ok(await del('/notifications', { token: eve.token })), { deleted: 4 });
    assert.deepEqual((await told(eve)).items, []);
  });
  it('has preferences for every kind', async () => {
    const kinds = ok(await get('/notifications/preferences', { token: dan.token }));
    for (const kind of ['new_follower', 'video_liked', 'video_commented', 'comment_replied', 'mentioned', 'video_ready', 'video_failed', 'video_published', 'moderation_outcome'])
      assert.ok(kinds.some((k) => k.kind === kind && k.inApp === true), kind);
    assert.equal((await prefer(dan, 'moderation_outcome', { inApp: false })).inApp, true, 'nobody turns off what they must know');
    fails(await patch('/notifications/preferences/nonsense', { push: false }, { token: dan.token }), 404, 'NOT_FOUND');
    for (const notifications of [['odd'], { mentions: {} }, { mentioned: true }, { mentioned: { sms: true } }, { mentioned: { push: 'no' } }])
      assert.deepEqual(failing(fails(await patch('/users/me/preferences', { notifications }, { token: dan.token }), 400)), ['notifications'], JSON.stringify(notifications));
    ok(await patch('/users/me/preferences', { notifications: { mentioned: { inApp: false, push: true } } }, { token: dan.token }));
    assert.equal(ok(await get('/notifications/preferences', { token: dan.token })).find((k) => k.kind === 'mentioned').inApp, false);
    ok(await patch('/users/me/preferences', { notifications: null }, { token: dan.token }));
    sql(`update users set preferences = preferences || '{"notifications": ["odd"]}' where id = '${dan.id}'`);
    ok(await patch('/users/me/preferences', { pushNotifications: false }, { token: dan.token }));
    assert.ok(ok(await get('/notifications/preferences', { token: dan.token })).every((k) => !k.push));
    assert.deepEqual(await prefer(dan, 'mentioned', { mail: false }), { kind: 'mentioned', isCompulsory: false, inApp: true, push: false, mail: false });
  });
});

it('what is old is forgotten: read ones after two months, others after half a year', async () => {
  const eve = await newUser();
  const make = (days, read) => sql(`insert into notifications (tenant_id, user_id, kind, updated_at, read_at) select tenant_id, id, 'moderation_outcome', now() - interval '${days} days', ${read ? 'now()' : 'null'} from users where id = '${eve.id}' returning id`);
  const [kept, unread] = [make(59, true), make(170, false)];
  for (const [days, read] of [[61, true], [181, false]]) make(days, read);
  sql('select notifications_prune(60, 180)');
  assert.deepEqual((await told(eve)).items.map((n) => n.id), [kept, unread]);
});
