// tests/api/comments.test.mjs - comments in two levels: written, answered, edited, removed, liked, pinned; who sees and hears of them.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { ctl, del, fails, failing, get, newUser, ok, patch, post, put } from '../lib/api.mjs';
import { commentOn, readyVideo, replyTo, sql, told } from '../lib/social.mjs';
import { resign } from '../lib/tokens.mjs';

let ann, ben, cid, id; // id: a video of Ann's
before(async () => {
  [ann, ben, cid] = await Promise.all([newUser(), newUser(), newUser()]);
  id = await readyVideo(ann);
});

const as = (user) => ({ token: user?.token });
const comment = async (user, c) => ok(await get(`/comments/${c.id ?? c}`, as(user)));
const listed = async (video, { user = cid, query = '' } = {}) => ok(await get(`/videos/${video}/comments${query}`, as(user)));
const replies = async (c, user) => ok(await get(`/comments/${c.id}/replies`, as(user)));
const count = async (video) => ok(await get(`/videos/${video}`, as(ann))).stats.comments;
const kindsOf = async (user, c) => (await told(user)).items.filter((n) => n.subject.id === c.id).map((n) => n.kind);

describe('writing', () => {
  it('a comment is made in either way, and is there', async () => {
    const video = await readyVideo(ann);
    const res = await post('/comments', { videoId: video, text: 'Lovely work' }, as(ben));
    const first = ok(res, 201);
    assert.equal(res.headers.get('location'), `/api/v1/comments/${first.id}`);
    assert.deepEqual([first.text, first.videoId, first.parentId, first.user.username, first.stats, first.isEdited], ['Lovely work', video, null, ben.username, { likes: 0, replies: 0 }, false]);
    const second = ok(await post(`/videos/${video}/comment`, { text: 'Indeed' }, as(ann)), 201);
    assert.deepEqual([first.user.isCreator, second.user.isCreator], [false, true]);
    assert.deepEqual((await listed(video, { query: '?sort=new' })).map((c) => c.text), ['Indeed', 'Lovely work']);
    assert.equal(await count(video), 2);
  });
  it('an answer to an answer stands beside it', async () => {
    const top = await commentOn(ben, id, 'Question?');
    const first = await replyTo(cid, top, 'Answer');
    const second = await replyTo(ann, first, 'Another one');
    assert.deepEqual([first.parentId, second.parentId, second.replyToId], [top.id, top.id, first.id]);
    assert.deepEqual((await replies(top)).map((c) => c.text), ['Answer', 'Another one']);
    assert.equal((await comment(ben, top)).stats.replies, 2);
    assert.deepEqual((await replies(first)), []);
    const third = ok(await post('/comments', { videoId: id, parentId: top.id, text: 'A third' }, as(ben)), 201);
    assert.equal(third.parentId, top.id);
    fails(await post('/comments', { videoId: await readyVideo(ann), parentId: top.id, text: 'x' }, as(ben)), 400, 'VALIDATION_ERROR');
  });
  it('refuses what is empty or too long, and names every field', async () => {
    for (const text of ['', ' \n ', 'x'.repeat(5001)]) assert.deepEqual(failing(fails(await post(`/videos/${id}/comment`, { text }, as(ben)), 400)), ['text'], text.slice(0, 9));
    assert.deepEqual(failing(fails(await post('/comments', {}, as(ben)), 400)), ['text', 'videoId']);
    ok(await post(`/videos/${id}/comment`, { text: '😀'.repeat(5000) }, as(ben)), 201);
    fails(await post(`/videos/${id}/comment`, { text: 'x' }), 401, 'UNAUTHENTICATED');
  });
  it('the same Idempotency-Key makes one comment', async () => {
    const key = `k-${Math.random()}`;
    const [a, b] = [await post(`/videos/${id}/comment`, { text: 'Once' }, { ...as(ben), key }), await post(`/videos/${id}/comment`, { text: 'Once' }, { ...as(ben), key })];
    assert.equal(ok(a, 201).id, ok(b, 201).id);
  });
  it('is not possible where comments are turned off; what was said stays', async () => {
    const video = await readyVideo(ann);
    const top = await commentOn(ben, video, 'Before');
    ok(await patch(`/videos/${video}`, { commentsEnabled: false }, as(ann)));
    fails(await post(`/videos/${video}/comment`, { text: 'x' }, as(ben)), 403, 'COMMENTS_DISABLED');
    fails(await post(`/comments/${top.id}/reply`, { text: 'x' }, as(ben)), 403, 'COMMENTS_DISABLED');
    assert.equal((await listed(video)).length, 1);
  });
});

describe('changing', () => {
  it('an edit is marked, and is its author’s alone', async () => {
    const c = await commentOn(ben, id, 'Teh text');
    const edited = ok(await put(`/comments/${c.id}`, { text: 'The text' }, as(ben)));
    assert.deepEqual([edited.text, edited.isEdited], ['The text', true]);
    for (const user of [ann, cid]) fails(await put(`/comments/${c.id}`, { text: 'Mine' }, as(user)), 404, 'NOT_FOUND');
  });
  it('a removed one is gone; with answers it keeps its place without text and author', async () => {
    const video = await readyVideo(ann);
    const [lone, asked] = [await commentOn(ben, video, 'Lone'), await commentOn(ben, video, 'Asked')];
    const answer = await replyTo(cid, asked, 'Answered');
    for (const c of [lone, asked]) {
      fails(await del(`/comments/${c.id}`, as(cid)), 404, 'NOT_FOUND');
      ok(await del(`/comments/${c.id}`, as(ben)), 204);
    }
    fails(await get(`/comments/${lone.id}`), 404, 'NOT_FOUND');
    const [left, ...more] = await listed(video);
    assert.deepEqual([left.id, left.isDeleted, left.text, left.user, left.stats.replies, more], [asked.id, true, null, null, 1, []]);
    assert.equal(await count(video), 1);
    fails(await post(`/comments/${asked.id}/reply`, { text: 'Late' }, as(cid)), 404, 'NOT_FOUND');
    fails(await put(`/comments/${asked.id}`, { text: 'Back' }, as(ben)), 404, 'NOT_FOUND');
    ok(await del(`/comments/${answer.id}`, as(cid)), 204);
    assert.deepEqual([await listed(video), await count(video)], [[], 0]);
    assert.equal(sql(`select string_agg(text, '') from comments where video_id = '${video}'`), '', 'the words are gone from the database, too');
  });
  it('is the right of the video’s author and of moderators, and that is on record', async () => {
    const [one, two] = [await commentOn(ben, id, 'One'), await commentOn(ben, id, 'Two')];
    ok(await del(`/comments/${one.id}`, as(ann)), 204);
    ok(await del(`/comments/${two.id}`, { token: await resign(cid.token, { role: 'moderator' }) }), 204);
    assert.equal(sql(`select count(*) from audit_log where action = 'comment.deleted' and target_id in ('${one.id}', '${two.id}')`), '1');
  });
});

describe('reading it again', () => {
  it('an ETag says whether it changed, and an edit of what changed meanwhile is refused', async () => {
    const c = await commentOn(ben, id, 'As it was');
    const read = () => get(`/comments/${c.id}`, as(ben));
    const etag = (await read()).headers.get('etag');
    assert.equal((await get(`/comments/${c.id}`, { ...as(ben), headers: { 'if-none-match': etag } })).status, 304);
    ok(await put(`/comments/${c.id}`, { text: 'By one device' }, { ...as(ben), headers: { 'if-match': etag } }));
    fails(await put(`/comments/${c.id}`, { text: 'By another' }, { ...as(ben), headers: { 'if-match': etag } }), 412, 'PRECONDITION_FAILED');
    assert.equal(ok(await read()).text, 'By one device');
  });
  it('a list for everybody is kept for a moment, and not when the video is private since', async () => {
    const video = await readyVideo(ann);
    await commentOn(ben, video, 'For all to see');
    const res = await get(`/videos/${video}/comments`);
    assert.match(res.headers.get('cache-control'), /public/);
    assert.match((await get(`/videos/${video}/comments`, as(ben))).headers.get('cache-control'), /private/);
    ok(await patch(`/videos/${video}`, { visibility: 'private' }, as(ann)));
    await new Promise((resolve) => setTimeout(resolve, 2100)); // nginx counts whole seconds
    fails(await get(`/videos/${video}/comments`), 404, 'NOT_FOUND');
  });
});

it('removed comments are forgotten after a month, unless others answered them', async () => {
  const video = await readyVideo(ann);
  const [lone, asked] = [await commentOn(ben, video, 'Lone'), await commentOn(ben, video, 'Asked')];
  await replyTo(cid, asked, 'Answer');
  for (const c of [lone, asked]) ok(await del(`/comments/${c.id}`, as(ben)), 204);
  const left = () => sql(`select string_agg(id::text, ' ' order by id) from comments where video_id = '${video}' and parent_id is null`);
  sql('select comments_prune(30)');
  assert.equal(left(), `${lone.id} ${asked.id}`);
  sql(`update comments set deleted_at = now() - interval '31 days' where id in ('${lone.id}', '${asked.id}'); select comments_prune(30)`);
  assert.equal(left(), asked.id);
});

describe('liking, pinning, hearts', () => {
  it('a like counts once and is taken back once', async () => {
    const c = await commentOn(ben, id, 'Likeable');
    for (let i = 0; i < 2; i++) assert.deepEqual(ok(await post(`/comments/${c.id}/like`, undefined, as(cid))), { liked: true, likes: 1 });
    assert.equal((await comment(cid, c)).userHasLiked, true);
    for (let i = 0; i < 2; i++) assert.deepEqual(ok(await del(`/comments/${c.id}/like`, as(cid))), { liked: false, likes: 0 });
  });
  it('the most liked lead, the pinned one before them; pages miss none', async () => {
    const video = await readyVideo(ann);
    const all = [];
    for (let i = 0; i < 5; i++) all.push(await commentOn(ben, video, `Number ${i}`));
    for (const [i, user] of [[1, ann], [1, ben], [3, ann]]) ok(await post(`/comments/${all[i].id}/like`, undefined, as(user)));
    fails(await post(`/comments/${all[2].id}/pin`, undefined, as(ben)), 404, 'NOT_FOUND');
    for (const i of [0, 2]) ok(await post(`/comments/${all[i].id}/pin`, undefined, as(ann)), 204);
    const order = [];
    for (let cursor = ''; cursor !== null; ) {
      const res = await get(`/videos/${video}/comments?limit=2&cursor=${cursor}`, as(ben));
      order.push(...ok(res));
      cursor = res.meta.cursor;
    }
    assert.deepEqual(order.map((c) => all.findIndex((a) => a.id === c.id)), [2, 1, 3, 4, 0]);
    assert.deepEqual(order.map((c) => c.isPinned), [true, false, false, false, false]);
    ok(await del(`/comments/${all[2].id}/pin`, as(ann)), 204);
    assert.equal((await listed(video))[0].id, all[1].id);
    fails(await get(`/videos/${video}/comments?sort=best`), 400, 'VALIDATION_ERROR');
  });
  it('an answer cannot be pinned', async () => {
    const answer = await replyTo(ann, await commentOn(ben, id, 'Top'), 'Below');
    fails(await post(`/comments/${answer.id}/pin`, undefined, as(ann)), 404, 'NOT_FOUND');
  });
  it('a heart is the video’s author’s to give', async () => {
    const c = await commentOn(ben, id, 'Dear');
    fails(await post(`/comments/${c.id}/heart`, undefined, as(ben)), 404, 'NOT_FOUND');
    ok(await post(`/comments/${c.id}/heart`, undefined, as(ann)), 204);
    assert.equal((await comment(ben, c)).isHearted, true);
    assert.deepEqual(await kindsOf(ben, c), ['comment_hearted']);
    ok(await del(`/comments/${c.id}/heart`, as(ann)), 204);
    assert.equal((await comment(ben, c)).isHearted, false);
  });
});

describe('hearing of it', () => {
  it('the video’s author of a comment, whoever was answered of an answer', async () => {
    const top = await commentOn(ben, id, 'To Ann');
    const answer = await replyTo(cid, top, 'To Ben');
    const second = await replyTo(ann, answer, 'To Cid, below Ben');
    assert.deepEqual(await kindsOf(ann, top), ['video_commented']);
    assert.deepEqual([await kindsOf(ben, answer), await kindsOf(ann, answer)], [['comment_replied'], []]);
    assert.deepEqual([await kindsOf(cid, second), await kindsOf(ben, second)], [['comment_replied'], ['comment_replied']]);
    const [line] = (await told(cid)).items.filter((n) => n.subject.id === second.id);
    assert.deepEqual([line.actor.id, line.comment.text, line.video.id], [ann.id, 'To Cid, below Ben', id]);
  });
  it('whoever is mentioned, once, also by an edit; not by an address, nor twice for one comment', async () => {
    const dan = await newUser();
    const c = await commentOn(ben, id, `Look @${dan.username.toUpperCase()}, @${dan.username} and mail me@${cid.username}`);
    assert.deepEqual(c.mentions, [{ id: dan.id, username: dan.username }]);
    assert.deepEqual([await kindsOf(dan, c), await kindsOf(cid, c)], [['mentioned'], []]);
    ok(await put(`/comments/${c.id}`, { text: `And @${cid.username}, @${dan.username}` }, as(ben)));
    assert.deepEqual([await kindsOf(dan, c), await kindsOf(cid, c)], [['mentioned'], ['mentioned']]);
    const both = await commentOn(ben, id, `@${ann.username} is who is told anyway`);
    assert.deepEqual(await kindsOf(ann, both), ['video_commented']);
  });
  it('nobody of what they cannot see', async () => {
    const video = await readyVideo(ann, { visibility: 'private' });
    const c = await commentOn(ann, video, `Secret, @${ben.username}`);
    assert.deepEqual(await kindsOf(ben, c), []);
  });
  it('later, of a comment that moderation held', async () => {
    const c = await commentOn(ben, id, 'Held');
    sql(`update comments set hidden_at = now() where id = '${c.id}'`);
    assert.deepEqual(await kindsOf(ann, c), []);
    const held = sql(`insert into comments (tenant_id, video_id, user_id, text, hidden_at) select tenant_id, video_id, user_id, 'From the start', now() from comments where id = '${c.id}' returning id`);
    assert.equal(sql(`select count(*) from notifications where subject_id = '${held}'`), '0');
    sql(`update comments set hidden_at = null where id = '${held}'`);
    assert.deepEqual(await kindsOf(ann, { id: held }), ['video_commented']);
  });
});

describe('seeing', () => {
  it('nothing below a video that one may not see', async () => {
    const video = await readyVideo(ann);
    const c = await commentOn(ben, video, 'Soon gone');
    ok(await patch(`/videos/${video}`, { visibility: 'private' }, as(ann)));
    for (const user of [undefined, ben]) {
      for (const path of [`/videos/${video}/comments`, `/comments/${c.id}`, `/comments/${c.id}/replies`]) fails(await get(path, as(user)), 404, 'NOT_FOUND');
    }
    for (const path of [`/videos/${video}/comment`, `/comments/${c.id}/reply`]) fails(await post(path, { text: 'x' }, as(ben)), 404, 'NOT_FOUND');
    fails(await post(`/comments/${c.id}/like`, undefined, as(ben)), 404, 'NOT_FOUND');
    assert.equal((await listed(video, { user: ann })).length, 1);
  });
  it('nothing of each other, for two whom a block parts', async () => {
    const [dan, eve] = await Promise.all([newUser(), newUser()]);
    const [his, hers] = [await commentOn(dan, id, 'His'), await commentOn(eve, id, 'Hers')];
    ok(await post(`/users/${eve.id}/block`, undefined, as(dan)));
    const texts = async (user) => (await listed(id, { user, query: '?limit=100&sort=new' })).map((c) => c.text);
    assert.ok(!(await texts(dan)).includes('Hers') && !(await texts(eve)).includes('His'));
    for (const [user, c] of [[dan, hers], [eve, his]]) {
      fails(await get(`/comments/${c.id}`, as(user)), 404, 'NOT_FOUND');
      fails(await post(`/comments/${c.id}/reply`, { text: 'x' }, as(user)), 404, 'NOT_FOUND');
      fails(await post(`/comments/${c.id}/like`, undefined, as(user)), 404, 'NOT_FOUND');
    }
    ok(await post(`/users/${dan.id}/block`, undefined, as(ann)));
    fails(await post(`/videos/${id}/comment`, { text: 'x' }, as(dan)), 404, 'NOT_FOUND');
  });
  it('what moderation hid is seen by its author and moderators, and counted by nobody', async () => {
    const video = await readyVideo(ann);
    const c = await commentOn(ben, video, 'Rude');
    sql(`update comments set hidden_at = now() where id = '${c.id}'`);
    assert.equal(await count(video), 0);
    assert.deepEqual(await listed(video, { user: cid }), []);
    assert.equal((await listed(video, { user: ben }))[0].isHidden, true);
    assert.equal(ok(await get(`/comments/${c.id}`, { token: await resign(cid.token, { role: 'moderator' }) })).text, 'Rude');
    fails(await get(`/comments/${c.id}`, as(cid)), 404, 'NOT_FOUND');
  });
});

it('everything at once ends with true counters', async () => {
  const video = await readyVideo(ann);
  const people = [ann, ben, cid, ...(await Promise.all(Array.from({ length: 5 }, () => newUser())))];
  const tops = await Promise.all(people.map((p, i) => commentOn(p, video, `Top ${i}`)));
  const act = async (p, i) => {
    const top = tops[(i * 7) % tops.length];
    const mine = await replyTo(p, tops[i % tops.length], `@${ann.username} ${i}`).catch(() => undefined);
    const all = [post(`/comments/${top.id}/like`, undefined, as(p)), post(`/videos/${video}/like`, undefined, as(p))];
    if (mine && i % 2) all.push(del(`/comments/${mine.id}`, as(p)));
    if (i % 3 === 0) all.push(del(`/comments/${top.id}/like`, as(p)), del(`/videos/${video}/like`, as(p)));
    if (i % 5 === 0) all.push(post(`/comments/${tops[i % tops.length].id}/pin`, undefined, as(ann)), post(`/users/${ann.id}/follow`, undefined, as(p)));
    if (i === 11) all.push(del(`/comments/${tops[3].id}`, as(people[3])));
    return (await Promise.all(all)).map((r) => r.status);
  };
  const statuses = (await Promise.all(Array.from({ length: 64 }, (_, i) => act(people[i % people.length], i)))).flat();
  assert.deepEqual([...new Set(statuses)].filter((s) => ![200, 204, 404, 409].includes(s)), []);
  assert.ok(sql(`select count(*) from comments where video_id = '${video}' and pinned_at is not null`) <= 1);
  assert.deepEqual(JSON.parse(ctl('recount', '--dry-run', '--json')), []);
});
