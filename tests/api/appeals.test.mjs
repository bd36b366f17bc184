// tests/api/appeals.test.mjs - appeals, copyright notices and their clock, and what the public is told.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { failing, fails, get, newUser, ok, post, until } from '../lib/api.mjs';
import { newPerson, renewed } from '../lib/people.mjs';
import { plantVideos, sql } from '../lib/video.mjs';

let moderator, colleague;
before(async () => {
  [moderator, colleague] = await Promise.all([newPerson('moderator'), newPerson('moderator')]);
});

const by = (who) => ({ token: who.token });
const decide = async (kind, id, action, more = {}) =>
  ok(await post('/moderation/decide', { kind, id, action, reason: 'spam', ...more }, by(moderator))).decisions[0].id;
const appeal = (who, decisionId, text = 'This is a mistake.') => post('/appeals', { decisionId, text }, by(who));
const answer = (id, granted, who = colleague) => post(`/moderation/appeals/${id}`, { granted, answer: 'We looked again.' }, by(who));
const isHidden = (id) => sql(`select hidden_at is not null from videos where id = '${id}'`) === 't';
async function removed() {
  const author = await newUser();
  const [video] = plantVideos(author, 1);
  return { author, video, decision: await decide('video', video, 'remove') };
}

describe('an appeal', () => {
  test('is made once for each decision, by whom it concerns', async () => {
    const { author, decision } = await removed();
    const mine = ok(await get('/users/me/decisions', by(author)));
    assert.deepEqual([mine[0].id, mine[0].action, mine[0].appeal, mine[0].subject.words.title], [decision, 'remove', null, 'Planted 1']);
    fails(await appeal(await newUser(), decision), 404);
    const both = await Promise.all([appeal(author, decision), appeal(author, decision)]);
    assert.deepEqual(both.map((r) => r.status).sort(), [201, 409]);
    fails(await appeal(author, decision), 409, 'CONFLICT');
    assert.deepEqual(failing(fails(await post('/appeals', { text: '' }, by(author)), 400)), ['decisionId', 'text']);
  });

  test('is decided by another moderator, and granted it restores: the video, the strike, the count', async () => {
    const { author, video, decision } = await removed();
    const { id } = ok(await appeal(author, decision), 201);
    assert.ok(ok(await get('/moderation/appeals?limit=100', by(colleague))).some((a) => a.id === id && a.decidedOnBy === moderator.username));
    fails(await answer(id, true, moderator), 403);
    fails(await post(`/moderation/appeals/${id}/claim`, undefined, by(moderator)), 403);
    ok(await post(`/moderation/appeals/${id}/claim`, undefined, by(colleague)));
    assert.ok(isHidden(video));
    assert.equal(ok(await answer(id, true)).state, 'granted');
    assert.ok(!isHidden(video));
    assert.equal(sql(`select strike_count('${author.id}')`), '0');
    assert.equal(sql(`select actor_id from audit_log where target_id = '${video}' and action = 'appeal.granted'`), colleague.id);
    fails(await answer(id, false), 409);
    const [told] = ok(await get('/notifications', by(author))).filter((n) => JSON.stringify(n).includes('appeal_answered'));
    assert.equal(told.data.granted, true);
  });

  test('denied leaves all as it is; two who decide at once are one', async () => {
    const { author, video, decision } = await removed();
    const { id } = ok(await appeal(author, decision), 201);
    const third = await newPerson('moderator');
    const both = await Promise.all([answer(id, false), answer(id, false, third)]);
    assert.deepEqual(both.map((r) => r.status).sort(), [200, 409]);
    assert.ok(isHidden(video));
    assert.equal(ok(await get('/appeals', by(author)))[0].state, 'denied');
  });

  test('against one of two decisions leaves what the other says', async () => {
    const { author, video, decision } = await removed();
    await decide('video', video, 'hide');
    const { id } = ok(await appeal(author, decision), 201);
    ok(await answer(id, true));
    assert.equal(sql(`select (hidden_at is not null) || ' ' || (removed_at is not null) from videos where id = '${video}'`), 'true false');
  });

  test('can be made by somebody suspended, who can do nothing else; granted lets them in again', async () => {
    let author = await newUser();
    const decision = await decide('user', author.id, 'suspend', { days: 7 });
    await until(async () => (await get('/users/me', by(author))).status === 401, { every: 50, what: 'the end of the token' });
    author = await renewed(author);
    fails(await post('/playlists', { name: 'x' }, by(author)), 403);
    fails(await post(`/users/${colleague.id}/report`, { category: 'spam' }, by(author)), 403);
    const { id } = ok(await appeal(author, decision), 201);
    ok(await answer(id, true));
    assert.equal(sql(`select status from users where id = '${author.id}'`), 'active');
    await until(async () => (await get('/users/me', by(author))).status === 401, { every: 50, what: 'the end of the token' });
    author = await renewed(author);
    ok(await post('/playlists', { name: 'x' }, by(author)), 201);
  });

  test('falls with the strikes that led to a suspension, and comes too late after its time', async () => {
    let author = await newUser();
    const decisions = [];
    for (const video of plantVideos(author, 3)) decisions.push(await decide('video', video, 'remove'));
    assert.equal(sql(`select status from users where id = '${author.id}'`), 'suspended');
    const { id } = ok(await appeal((author = await renewed(author)), decisions[0]), 201);
    ok(await answer(id, true));
    assert.equal(sql(`select status from users where id = '${author.id}'`), 'active');
    sql(`update decisions set created_at = now() - interval '31 days' where id = '${decisions[1]}'`);
    fails(await appeal(await renewed(author), decisions[1]), 409);
  });
});

describe('a copyright notice', () => {
  const notice = (videoId, more = {}) => post('/dmca/notices', { videoId, name: 'Clara', email: 'clara@example.test', postalAddress: 'A street', work: 'My film', signature: 'Clara', goodFaith: true, underPerjury: true, ...more });
  const act = (id, action, who = moderator) => post(`/moderation/dmca/${id}`, { action }, by(who));
  const counter = (who, id) => post(`/dmca/notices/${id}/counter`, { name: 'Ann', postalAddress: 'B street', statement: 'I made it.', signature: 'Ann' }, by(who));
  async function takenDown() {
    const author = await newUser();
    const [video] = plantVideos(author, 1);
    const { id } = ok(await notice(video), 201);
    ok(await act(id, 'take_down'));
    return { author, video, id };
  }

  test('needs its statements, and takes a video down with a strike', async () => {
    const [video] = plantVideos(await newUser(), 1);
    fails(await notice(video, { goodFaith: false }), 400);
    assert.deepEqual(failing(fails(await notice(video, { work: undefined, email: 'x' }), 400)), ['email', 'work']);
    const { id, author } = await takenDown();
    fails(await act(id, 'take_down'), 409);
    assert.equal(sql(`select strike_count('${author.id}')`), '1');
    const mine = ok(await get('/users/me/dmca-notices', by(author)));
    assert.equal(mine[0].state, 'taken_down');
    assert.ok(!('claimantEmail' in mine[0]));
  });

  test('is answered by the author: the clock runs for business days, and then it is back', async () => {
    const { author, video, id } = await takenDown();
    fails(await counter(await newUser(), id), 404);
    const countered = ok(await counter(author, id));
    const days = Math.round((Date.parse(countered.restoreAt) - Date.now()) / 86400e3);
    assert.ok(days >= 13 && days <= 16, `${days} days`);
    assert.equal(sql(`select string_agg(business_days_after(d::timestamptz, n)::date::text, ' ' order by d) from (values ('2026-01-02 12:00Z', 1), ('2026-01-05 12:00Z', 5), ('2026-01-10 12:00Z', 10), ('2026-01-11 12:00Z', 14)) x(d, n)`), '2026-01-05 2026-01-12 2026-01-23 2026-01-29');
    assert.ok(isHidden(video));
    sql('select dmca_run_clock()');
    assert.ok(isHidden(video), 'not before its time');
    sql(`update dmca_notices set restore_at = now() where id = '${id}'`);
    sql('select dmca_run_clock()');
    assert.ok(!isHidden(video));
    assert.equal(sql(`select strike_count('${author.id}') || ' ' || (select state from dmca_notices where id = '${id}')`), '0 restored');
  });

  test('that went to court stays, a withdrawn one comes back, a rejected one was never', async () => {
    const court = await takenDown();
    ok(await counter(court.author, court.id));
    ok(await act(court.id, 'uphold'));
    sql(`update dmca_notices set restore_at = now() where id = '${court.id}'`);
    sql('select dmca_run_clock()');
    assert.ok(isHidden(court.video));
    const back = await takenDown();
    ok(await act(back.id, 'withdraw'));
    assert.ok(!isHidden(back.video));
    const [video] = plantVideos(await newUser(), 1);
    const { id } = ok(await notice(video), 201);
    ok(await act(id, 'reject'));
    assert.ok(!isHidden(video));
    assert.ok(ok(await get('/moderation/dmca?state=rejected&limit=100', by(moderator))).some((n) => n.id === id));
    fails(await get('/moderation/dmca', by(court.author)), 403);
  });
});

test('the public is told how much, and nobody who; moderators see it by month', async () => {
  await removed();
  const seen = ok(await get('/transparency'));
  assert.ok(seen.decisions.remove >= 1 && seen.dmca.received >= 0 && seen.appeals.filed >= 0);
  assert.ok(!/[0-9a-f]{8}-[0-9a-f]{4}/.test(JSON.stringify(seen)));
  const none = ok(await get('/transparency?from=2001-01-01T00:00:00Z&until=2002-01-01T00:00:00Z'));
  assert.deepEqual([none.reports, none.decisions, none.appeals.filed], [0, {}, 0]);
  const months = ok(await get('/moderation/months?months=3', by(moderator)));
  assert.equal(months.length, 3);
  assert.ok(months[0].actions.remove >= 1 && months[0].byModerator[moderator.username] >= 1);
  fails(await get('/moderation/months', by(await newUser())), 403);
});
