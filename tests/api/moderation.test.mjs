// tests/api/moderation.test.mjs - reports become cases, cases are decided, and what was decided holds everywhere at once.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { base, del, failing, fails, get, newUser, ok, patch, post, statusOf, until } from '../lib/api.mjs';
import { makeClip } from '../lib/media.mjs';
import { newPerson } from '../lib/people.mjs';
import { sql as asAnybody } from '../lib/running.mjs';
import { plantVideos, settled, sql, uploadMultipart } from '../lib/video.mjs';
import { claimsOf } from '../lib/tokens.mjs';

let moderator, colleague, author, reporter;
before(async () => {
  [moderator, colleague, author, reporter] = await Promise.all([newPerson('moderator'), newPerson('moderator'), newUser(), newUser()]);
});

const by = (who) => ({ token: who.token });
const report = (kind, id, who, body = { category: 'spam', text: 'Look at this' }) => post(`/${kind}s/${id}/report`, body, by(who));
const caseOf = (id) => sql(`select id from cases where subject_id = '${id}' and state = 'open'`);
const review = (id, body, who = moderator) => post(`/moderation/review/${id}`, { reason: 'spam', ...body }, by(who));
const newVideo = (of = author) => plantVideos(of, 1)[0];
const reported = async (of) => {
  const id = newVideo(of);
  ok(await report('video', id, reporter), 201);
  return { id, case: caseOf(id) };
};
const news = async (who, kind) => ok(await get('/notifications', by(who))).filter((n) => n.kind === kind || n.type === kind);

describe('a report', () => {
  test('of a video, a comment or a person makes one case for each of them', async () => {
    const video = newVideo();
    const comment = ok(await post('/comments', { videoId: video, text: 'Buy cheap watches' }, by(author)), 201);
    const person = await newUser();
    for (const [kind, id] of [['video', video], ['comment', comment.id], ['user', person.id]]) {
      const made = ok(await report(kind, id, reporter), 201);
      assert.deepEqual(made.subject, { kind, id });
      ok(await report(kind, id, colleague, { category: 'hate' }), 201);
      assert.equal(sql(`select count(*) || ' ' || max(report_count) || ' ' || max(categories::text) from cases where subject_id = '${id}'`), '1 2 {hate,spam}');
    }
  });

  test('names the seconds of a video, and is replaced by one\'s next', async () => {
    const video = newVideo();
    const first = ok(await report('video', video, reporter, { category: 'violence', startSeconds: 3, endSeconds: 7.5 }), 201);
    assert.deepEqual([first.startSeconds, first.endSeconds], [3, 7.5]);
    const second = ok(await report('video', video, reporter, { category: 'spam' }), 201);
    assert.deepEqual([second.id, second.category, second.startSeconds], [first.id, 'spam', null]);
    fails(await report('video', video, colleague, { category: 'spam', startSeconds: 7, endSeconds: 3 }), 400, 'VALIDATION_ERROR');
    assert.deepEqual(failing(fails(await report('video', video, reporter, { category: 'ugly', text: 5 }), 400)), ['category', 'text']);
  });

  test('is of what the reporter can see, and not of their own', async () => {
    fails(await report('video', plantVideos(author, 1, { visibility: 'private' })[0], reporter), 404);
    fails(await report('video', newVideo(), author), 400);
    fails(await post(`/videos/${newVideo()}/report`, { category: 'spam' }), 401);
  });

  test('of many at once is counted once for each', async () => {
    const video = newVideo();
    const people = await Promise.all(Array.from({ length: 8 }, () => newUser()));
    await Promise.all(people.map(async (p) => ok(await report('video', video, p), 201)));
    assert.equal(sql(`select count(*) || ' ' || sum(report_count) from cases where subject_id = '${video}'`), '1 8');
  });
});

describe('the queue', () => {
  test('has the heaviest first, and is for those who moderate', async () => {
    const light = await reported();
    const heavy = newVideo();
    ok(await report('video', heavy, reporter, { category: 'child_safety' }), 201);
    const res = await get('/moderation/queue?limit=100', by(moderator));
    const order = ok(res).map((c) => c.subject.id);
    assert.ok(order.indexOf(heavy) >= 0 && (order.indexOf(light.id) < 0 || order.indexOf(heavy) < order.indexOf(light.id)));
    assert.ok(res.meta.total >= 2);
    const priorities = ok(res).map((c) => c.priority);
    assert.deepEqual(priorities, priorities.toSorted((a, b) => b - a));
    fails(await get('/moderation/queue', by(reporter)), 403);
    fails(await get('/moderation/queue?kind=song', by(moderator)), 400);
  });

  test('shows a case with its reports and the history of its author', async () => {
    const someone = await newUser();
    const first = await reported(someone);
    ok(await review(first.case, { action: 'warn' }));
    const second = await reported(someone);
    const shown = ok(await get(`/moderation/cases/${second.case}`, by(moderator)));
    assert.equal(shown.reports[0].reporter, reporter.username);
    assert.equal(shown.user.id, someone.id);
    assert.deepEqual(shown.history.map((d) => d.action), ['warn']);
    assert.equal(shown.subject.words.title, 'Planted 1');
  });

  test('gives a case to one of two who take it at once, and back', async () => {
    const { case: id } = await reported();
    const taken = await Promise.all([moderator, colleague].map((who) => post(`/moderation/cases/${id}/claim`, undefined, by(who))));
    assert.deepEqual(taken.map((r) => r.status).sort(), [200, 409]);
    const [winner, loser] = taken[0].status === 200 ? [moderator, colleague] : [colleague, moderator];
    fails(await review(id, { action: 'hide' }, loser), 409, 'CONFLICT');
    fails(await del(`/moderation/cases/${id}/claim`, by(loser)), 404);
    ok(await del(`/moderation/cases/${id}/claim`, by(winner)), 204);
    ok(await post(`/moderation/cases/${id}/claim`, undefined, by(loser)));
    sql(`update cases set claimed_until = now() where id = '${id}'`); // the lease runs out
    ok(await post(`/moderation/cases/${id}/assign`, { userId: winner.id }, by(loser)));
    assert.equal(ok(await get(`/moderation/cases/${id}`, by(loser))).claimedBy.id, winner.id);
    fails(await post(`/moderation/cases/${id}/assign`, { userId: reporter.id }, by(loser)), 400);
  });

  test('hands out the next case to everybody another one', async () => {
    await Promise.all([reported(), reported(), reported()]);
    const next = await Promise.all([moderator, colleague].map((who) => post('/moderation/next', undefined, by(who))));
    const [a, b] = next.map((r) => ok(r).id);
    assert.notEqual(a, b);
    await Promise.all([del(`/moderation/cases/${a}/claim`, by(moderator)), del(`/moderation/cases/${b}/claim`, by(colleague))]);
  });
});

describe('a decision', () => {
  test('is made once when two decide at once, with one audit row', async () => {
    const { id, case: c } = await reported();
    const both = await Promise.all([review(c, { action: 'hide' }), review(c, { action: 'dismiss' }, colleague)]);
    assert.deepEqual(both.map((r) => r.status).sort(), [200, 409]);
    assert.equal(sql(`select count(*) from decisions where subject_id = '${id}'`), '1');
    assert.equal(sql(`select count(*) from audit_log where target_id = '${id}' and action like 'moderation.%'`), '1');
  });

  test('tells the person why and those who reported that somebody looked', async () => {
    const { id, case: c } = await reported();
    ok(await review(c, { action: 'remove', note: 'for us only', reply: 'Thank you.' }));
    const [told] = await news(author, 'moderation_outcome');
    assert.equal(told.data.words, 'This is advertising, repeated, or meant to mislead.');
    assert.ok(!JSON.stringify(told).includes('for us only') && !JSON.stringify(told).includes(moderator.id));
    const mine = ok(await get('/users/me/reports', by(reporter))).find((r) => r.subject.id === id);
    assert.deepEqual([mine.state, mine.reply], ['decided', 'Thank you.']);
    const row = JSON.parse(sql(`select row_to_json(l) from audit_log l where target_id = '${id}' and action = 'moderation.remove'`));
    assert.deepEqual([row.actor_id, row.actor_role, row.note, row.before.hiddenAt], [moderator.id, 'moderator', 'for us only', null]);
    assert.ok(row.after.removedAt && row.request_id && row.address);
  });

  test('does not happen when its audit row cannot be written', async () => {
    const { id, case: c } = await reported(await newUser());
    const note = `unwritable ${id}`;
    asAnybody(`create function "${note}"() returns trigger language plpgsql as $$ begin raise exception 'the log is full'; end $$;
      create trigger "${note}" before insert on audit_log for each row when (new.note = '${note}') execute function "${note}"()`);
    try {
      assert.equal((await review(c, { action: 'remove', note })).status, 500);
      assert.equal(sql(`select state || ' ' || (select hidden_at is null from videos where id = '${id}') || ' ' || (select count(*) from decisions where subject_id = '${id}') from cases where id = '${c}'`), 'open true 0');
    } finally {
      asAnybody(`drop trigger "${note}" on audit_log; drop function "${note}"()`);
    }
    ok(await review(c, { action: 'remove', note }));
  });

  test('needs a reason, fits the thing and does not contradict itself', async () => {
    const { case: c } = await reported();
    for (const body of [{ action: 'hide', reason: null }, { action: 'hide', reason: 'no_such' }, { actions: ['hide', 'remove'] }, { actions: ['dismiss', 'warn'] }, { action: 'suspend' }, {}])
      fails(await review(c, body), 400, 'VALIDATION_ERROR');
    const person = await newUser();
    ok(await report('user', person.id, reporter), 201);
    fails(await review(caseOf(person.id), { action: 'hide' }), 400);
    fails(await post('/moderation/decide', { kind: 'video', id: newVideo(moderator), action: 'hide', reason: 'spam' }, by(moderator)), 403);
  });

  test('can be several acts at once, and restoring takes each back', async () => {
    const someone = await newUser();
    const { id, case: c } = await reported(someone);
    const made = ok(await review(c, { actions: ['remove', 'suspend'], days: 3 }));
    assert.deepEqual(made.decisions.map((d) => d.action), ['remove', 'suspend']);
    await until(async () => (await post('/playlists', { name: 'x' }, by(someone))).status !== 201, { every: 50, what: 'the suspension' });
    ok(await post('/moderation/decide', { kind: 'user', id: someone.id, action: 'restore' }, by(moderator)));
    ok(await post('/moderation/decide', { kind: 'video', id, action: 'restore' }, by(moderator)));
    assert.equal(sql(`select status || ' ' || (select count(*) from strikes where user_id = u.id and revoked_at is null) from users u where id = '${someone.id}'`), 'active 0');
    ok(await get(`/videos/${id}`));
  });

  test('of many cases at once leaves out only what cannot be decided', async () => {
    const cases = await Promise.all([reported(), reported(), reported()]);
    ok(await review(cases[1].case, { action: 'dismiss' }));
    const results = ok(await post('/moderation/review', { caseIds: cases.map((c) => c.case), action: 'hide', reason: 'spam' }, by(moderator)));
    assert.equal(results.filter((r) => r.isDecided).length, 2);
    assert.match(results.find((r) => !r.isDecided).problem, /decided/);
  });

  test('bans: no way in any more', async () => {
    const someone = await newUser();
    ok(await post('/moderation/decide', { kind: 'user', id: someone.id, action: 'ban', reason: 'harassment' }, by(moderator)));
    fails(await post('/auth/login', { email: someone.email, password: someone.password }), 403);
    await until(async () => (await get('/users/me', by(someone))).status === 401, { every: 50, what: 'the end of the session' });
    assert.equal(sql(`select payload ->> 'template' from jobs where user_id = '${someone.id}' and kind = 'mail' and payload ->> 'template' like 'account-ban%'`), 'account-banned');
  });

  test('on somebody who moderates is for administrators', async () => {
    fails(await post('/moderation/decide', { kind: 'user', id: colleague.id, action: 'suspend', days: 1, reason: 'spam' }, by(moderator)), 403);
  });
});

describe('strikes', () => {
  test('add up to a suspension and to a ban, expire, and count two at once as two', async () => {
    const someone = await newUser();
    const status = () => sql(`select status from users where id = '${someone.id}'`);
    const two = await Promise.all([reported(someone), reported(someone)]);
    await Promise.all(two.map(async (c) => ok(await review(c.case, { action: 'remove' }))));
    assert.equal(status(), 'active');
    sql(`update strikes set expires_at = now() where user_id = '${someone.id}' and id = (select min(id::text)::uuid from strikes where user_id = '${someone.id}')`);
    ok(await review((await reported(someone)).case, { action: 'remove' }));
    assert.equal(status(), 'active'); // one has expired
    ok(await review((await reported(someone)).case, { action: 'warn', strike: true }));
    assert.equal(status(), 'suspended');
    for (let i = 0; i < 2; i++) ok(await review((await reported(someone)).case, { action: 'remove' }));
    assert.equal(status(), 'banned');
    assert.equal(sql(`select count(*) from decisions where user_id = '${someone.id}' and is_automatic`), '3'); // another one made the suspension longer
  });
});

describe('within a second, what is hidden', () => {
  let video, owner, stranger;
  before(async () => {
    [owner, stranger] = await Promise.all([newUser(), newUser()]);
    video = await uploadMultipart(owner, makeClip({ seconds: 1, size: '320x180' }), { title: `Hidden ${Date.now()}` });
    await settled(owner, video.id);
  });
  const media = async (who) => ok(await get(`/videos/${video.id}/stream`, who ? by(who) : {})).hlsUrl;
  const plays = (url) => statusOf(base + url);
  const decide = (action) => post('/moderation/decide', { kind: 'video', id: video.id, action, reason: 'spam' }, by(moderator));
  const listed = async () => ok(await get('/videos/feed?limit=100')).some((v) => v.id === video.id);

  test('is gone from the feed, the search, the page and behind addresses given out before', async () => {
    const given = await media();
    const seenBy = async () => [(await fetch(`${base}/embed/${video.id}`)).status, (await fetch(`${base}/oembed?url=${encodeURIComponent(`${base}/embed/${video.id}`)}`)).status, (await (await fetch(`${base}/feeds/users/@${owner.username}.xml`)).text()).includes(video.id)];
    assert.deepEqual(await seenBy(), [200, 200, true]);
    assert.equal(await plays(given), 200);
    assert.ok(await listed());
    ok(await decide('hide'));
    await until(async () => !(await listed()) && (await get(`/videos/${video.id}`)).status === 404 && (await plays(given)) === 403, { every: 50, what: 'its end' });
    await until(async () => JSON.stringify(await seenBy()) === '[404,404,false]', { every: 50, what: 'its end in pages and feeds of other sites' });
    assert.ok(!ok(await get(`/videos/search?q=${encodeURIComponent(video.title)}`)).some((v) => v.id === video.id));
    fails(await get(`/videos/${video.id}`, by(stranger)), 404);
  });

  test('still plays for its author and for those who moderate; what is removed, for the latter only', async () => {
    assert.equal(await plays(await media(owner)), 200);
    assert.equal(await plays(await media(moderator)), 200);
    assert.equal(ok(await get(`/videos/${video.id}`, by(owner))).isHidden, true);
    const his = await media(owner);
    ok(await decide('remove'));
    await until(async () => (await plays(his)) === 403, { every: 50, what: 'his end' });
    assert.equal(await plays(await media(moderator)), 200);
  });

  test('is back when it is restored', async () => {
    ok(await decide('restore'));
    await until(async () => (await listed()) && (await get(`/videos/${video.id}`)).status === 200, { every: 50, what: 'its return' });
    await until(async () => (await plays(await media())) === 200, { every: 50, what: 'its media' });
  });

  test('age restriction is shown and taken back', async () => {
    ok(await decide('age_restrict'));
    assert.equal(ok(await get(`/videos/${video.id}`, by(owner))).isAgeRestricted, true);
    ok(await decide('restore'));
    assert.equal(ok(await get(`/videos/${video.id}`, by(owner))).isAgeRestricted, false);
  });
});

test('a hidden comment is gone for others, and its count with it', async () => {
  const video = newVideo();
  const comment = ok(await post('/comments', { videoId: video, text: 'Rude words' }, by(author)), 201);
  ok(await post('/moderation/decide', { kind: 'comment', id: comment.id, action: 'remove', reason: 'harassment' }, by(moderator)));
  assert.ok(!(await get(`/videos/${video}/comments`)).text.includes('Rude words'));
  assert.equal(sql(`select comment_count from videos where id = '${video}'`), '0');
  ok(await post('/moderation/decide', { kind: 'comment', id: comment.id, action: 'restore' }, by(moderator)));
  await until(async () => (await get(`/videos/${video}/comments`)).text.includes('Rude words'), { every: 50 });
});

test('how a community moderates is set by administrators, within limits, and audited', async () => {
  const admin = await newPerson('admin');
  const was = ok(await get('/moderation/settings', by(moderator)));
  fails(await patch('/moderation/settings', { strikeDays: 30 }, by(moderator)), 403);
  assert.deepEqual(failing(fails(await patch('/moderation/settings', { dmcaDays: 9, maxLinks: -1 }, by(admin)), 400)), ['dmcaDays', 'maxLinks']);
  assert.equal(ok(await patch('/moderation/settings', { purgeDays: was.purgeDays + 1 }, by(admin))).purgeDays, was.purgeDays + 1);
  assert.equal(sql(`select after ->> 'purge_days' from audit_log where action = 'moderation.settings' and actor_id = '${admin.id}'`), String(was.purgeDays + 1));
  ok(await patch('/moderation/settings', { purgeDays: was.purgeDays }, by(admin)));
  assert.ok(ok(await get('/moderation/reasons', by(moderator))).some((r) => r.code === 'spam' && r.locale === 'pt'));
});

test('what was removed long ago is deleted, but not while an appeal is open', async () => {
  const { tenant } = claimsOf(author.token);
  const [gone, kept] = await Promise.all([reported(), reported()]);
  for (const c of [gone, kept]) ok(await review(c.case, { action: 'remove', strike: false }));
  const decision = sql(`select id from decisions where subject_id = '${kept.id}'`);
  ok(await post('/appeals', { decisionId: decision, text: 'It is mine.' }, by(author)), 201);
  sql(`update videos set removed_at = now() - interval '11 years' where id in ('${gone.id}', '${kept.id}')`);
  sql(`select set_config('atelier.tenant', '${tenant}', false); select removed_purge()`);
  assert.equal(sql(`select string_agg((deleted_at is not null)::text, ' ' order by id = '${kept.id}') from videos where id in ('${gone.id}', '${kept.id}')`), 'true false');
});

test('so many reports hide a thing until somebody looked, where a community wants that', async () => {
  const { tenant } = claimsOf(author.token);
  const id = newVideo();
  // in one transaction: other tests of this community go on as they are
  const states = sql(`begin; select set_config('atelier.tenant', '${tenant}', true);
    update moderation_settings set hide_after_reports = 2 where tenant_id = '${tenant}';
    select (report_file('video', '${id}', '${reporter.id}', 'spam', '')).category; select hidden_at is null from videos where id = '${id}';
    select (report_file('video', '${id}', '${colleague.id}', 'spam', '')).category; select hidden_at is null from videos where id = '${id}';
    select count(*) from case_decide((select id from cases where subject_id = '${id}'), '${moderator.id}', '{dismiss}', null, null, null);
    select hidden_at is null from videos where id = '${id}'; rollback`).split('\n');
  assert.deepEqual(states.slice(1), ['spam', 't', 'spam', 'f', '1', 't']);
});

test('a moderator of another community finds none of our cases', async () => {
  const { case: id, id: video } = await reported();
  const elsewhere = sql("select id from tenants where id <> (select tenant_id from cases limit 1) limit 1");
  const tried = (call) => asAnybody(`set role atelier_app; select set_config('atelier.tenant', '${elsewhere || '00000000-0000-0000-0000-000000000000'}', false);
    do $$ begin perform ${call}; raise exception 'done'; exception when sqlstate 'AT404' then null; end $$; select 'refused'`).split('\n').at(-1);
  for (const call of [`case_claim('${id}', '${moderator.id}')`, `case_decide('${id}', '${moderator.id}', '{dismiss}', null, null, null)`,
    `subject_decide('video', '${video}', '${moderator.id}', '{hide}', 'spam', null, null)`, `report_file('video', '${video}', '${reporter.id}', 'spam', '')`])
    assert.equal(tried(call), 'refused', call);
  assert.equal(caseOf(video), id);
});
