// tests/api/digest.test.mjs - followers hear of new videos, and people get mails about what they have not read.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { newUser, ok, patch, post, until } from '../lib/api.mjs';
import { commentOn, prefer, readyVideo, sql, told } from '../lib/social.mjs';

const folder = join(process.env.STACK_DIR, 'mail');
const as = (user) => ({ token: user.token });
const follow = async (user, whom) => ok(await post(`/users/${whom.id}/follow`, undefined, as(user)));
const mailsTo = (user) =>
  readdirSync(folder)
    .filter((f) => f.endsWith('.eml'))
    .map((f) => readFileSync(join(folder, f), 'utf8'))
    .filter((text) => text.includes(`To: <${user.email}>`) && text.includes('List-Unsubscribe:'))
    .map((text) => {
      const end = text.indexOf('\r\n\r\n');
      return text.slice(0, end) + text.slice(end).replaceAll('=\r\n', '').replace(/(=[0-9A-F]{2})+/g, (q) => Buffer.from(q.replaceAll('=', ''), 'hex').toString());
    });
const published = (user) => told(user).then(({ items }) => items.filter((n) => n.kind === 'video_published'));
const announced = (id) => until(() => sql(`select finished_at is not null from video_announcements where video_id = '${id}'`) === 't', { seconds: 15, every: 50, what: `the announcement of ${id}` });

/** As if the last digest were two weeks old; then the hourly job. */
async function digestNow(...users) {
  for (const user of users)
    sql(`update users set email_verified_at = now() where id = '${user.id}'; insert into digests (tenant_id, user_id, sent_at) select tenant_id, id, now() - interval '14 days' from users where id = '${user.id}' on conflict (user_id) do update set sent_at = excluded.sent_at`);
  const key = `test-${Math.random()}`;
  sql(`select job_enqueue('digest', '{}', '${key}')`);
  await until(() => sql(`select state from jobs where unique_key = '${key}'`) === 'done', { seconds: 20, every: 50, what: 'the digests' });
}
const mail = (user) => until(() => mailsTo(user)[0], { seconds: 15, every: 50, what: `a digest for ${user.email}` });

let ann, ben;
before(async () => {
  [ann, ben] = await Promise.all([newUser({ displayName: 'Ann Ärmel' }), newUser()]);
});

describe('a new video', () => {
  it('is told to the followers, once, when it first appears in lists', async () => {
    const eve = await newUser();
    await follow(eve, ann);
    const id = await readyVideo(ann, { visibility: 'unlisted', title: 'Late for all' });
    assert.equal(sql(`select count(*) from video_announcements where video_id = '${id}'`), '0');
    ok(await patch(`/videos/${id}`, { visibility: 'public' }, as(ann)));
    await announced(id);
    assert.deepEqual((await published(eve)).map((n) => [n.actor.id, n.video.title]), [[ann.id, 'Late for all']]);
    for (const visibility of ['private', 'public']) ok(await patch(`/videos/${id}`, { visibility }, as(ann)));
    assert.equal((await published(eve)).length, 1);
    assert.deepEqual(await published(ben), []);
  });
  it('is told in batches that can be broken off anywhere', async () => {
    const author = await newUser();
    const fans = await Promise.all(Array.from({ length: 7 }, () => newUser()));
    for (const fan of fans) await follow(fan, author);
    const tenant = sql(`select tenant_id from users where id = '${author.id}'`);
    const id = sql(`insert into videos (tenant_id, user_id, title) values ('${tenant}', '${author.id}', 'In batches') returning id`);
    sql(`insert into video_announcements (tenant_id, video_id) values ('${tenant}', '${id}')`); // so that no job runs
    sql(`insert into renditions (tenant_id, video_id, name, state) values ('${tenant}', '${id}', '360p', 'ready')`);
    const batch = (limit, most = 100) => sql(`select video_announce_batch('${id}', ${limit}, ${most})`);
    const count = () => sql(`select count(*) from notifications where subject_id = '${id}' and kind = 'video_published'`);
    assert.deepEqual([batch(3), count(), batch(3), count(), batch(3), count(), batch(3), count()], ['t', '3', 't', '6', 'f', '7', 'f', '7']);
    assert.equal(sql(`select count(distinct user_id) from notifications where subject_id = '${id}' and kind = 'video_published'`), '7');
    sql(`update video_announcements set finished_at = null, told = 0, after_at = now() where video_id = '${id}'; delete from notifications where subject_id = '${id}'`);
    assert.deepEqual([batch(3, 3), batch(3, 3), count()], ['t', 'f', '3'], 'no more than wanted');
  });
});

describe('a digest', () => {
  it('says in the person’s language what was not read yet, once', async () => {
    const [eve, fay] = await Promise.all([newUser({ displayName: 'Eve' }), newUser()]);
    ok(await patch('/users/me', { locale: 'pt-BR' }, as(fay)));
    for (const user of [eve, fay]) {
      await follow(ann, user);
      await commentOn(ann, await readyVideo(user, { title: 'My <best> one' }), 'Well & done');
      await commentOn(ann, await readyVideo(user), 'Read already');
      ok(await post(`/notifications/${(await told(user)).items[0].id}/read`, undefined, as(user)), 204);
    }
    await digestNow(eve, fay);
    const text = await mail(eve);
    assert.match(text, /^Subject: What is new for you at /m);
    assert.match(text, /- Ann Ärmel commented on “My <best> one”: Well & done/);
    assert.match(text, /<li[^>]*>Ann Ärmel follows you\.<\/li>/);
    assert.match(text, /My &lt;best&gt; one/);
    assert.doesNotMatch(text, /Read already/);
    assert.match(await mail(fay), /Ann Ärmel comentou em “My <best> one”/);
    await digestNow(eve);
    assert.equal(mailsTo(eve).length, 1);
  });
  it('does not come where it is not wanted, not due, or the address was never confirmed', async () => {
    const [off, kind, unconfirmed, fresh] = await Promise.all([newUser(), newUser(), newUser(), newUser()]);
    ok(await patch('/users/me/preferences', { digest: 'off' }, as(off)));
    await prefer(kind, 'new_follower', { mail: false });
    for (const user of [off, kind, unconfirmed, fresh]) await follow(ann, user);
    await digestNow(off, kind);
    sql(`update users set email_verified_at = now() where id = '${fresh.id}'; insert into digests (tenant_id, user_id) select tenant_id, id from users where id = '${fresh.id}'`);
    await digestNow();
    await new Promise((resolve) => setTimeout(resolve, 300));
    for (const user of [off, kind, unconfirmed, fresh]) assert.deepEqual(mailsTo(user), []);
  });
  it('is due at eight in the morning where the person lives: every day, or on Mondays', () => {
    const due = (preferences, zone, last, now) => sql(`select digest_is_due('${JSON.stringify(preferences)}', '${zone}', '${last}', '${now}')`);
    const lisbon = (digest, last, now) => due({ digest }, 'Europe/Lisbon', last, now);
    // Wednesday 2026-01-14; Lisbon is at UTC in winter, Auckland 13 h before
    assert.equal(lisbon('daily', '2026-01-13T09:00Z', '2026-01-14T07:59Z'), 'f');
    assert.equal(lisbon('daily', '2026-01-13T09:00Z', '2026-01-14T08:00:01Z'), 't');
    assert.equal(lisbon('weekly', '2026-01-12T09:00Z', '2026-01-14T09:00Z'), 'f');
    assert.equal(lisbon('weekly', '2026-01-11T09:00Z', '2026-01-14T09:00Z'), 't', 'also late, when nobody asked on Monday');
    assert.equal(lisbon('off', '2026-01-01T09:00Z', '2026-01-14T09:00Z'), '');
    assert.equal(due({ digest: 'daily' }, 'Pacific/Auckland', '2026-01-13T09:00Z', '2026-01-13T19:01Z'), 't');
    assert.equal(due({}, 'Europe/Lisbon', '2026-01-11T09:00Z', '2026-01-12T08:01Z'), 't', 'weekly unless they say otherwise');
    assert.equal(due({ digest: 'daily', emailNotifications: false }, 'Europe/Lisbon', '2026-01-01T09:00Z', '2026-01-14T09:00Z'), '');
  });
  it('ends with one click of the mail program, and by nobody else’s', async () => {
    const eve = await newUser();
    await follow(ann, eve);
    await digestNow(eve);
    const link = new URL((await mail(eve)).match(/^List-Unsubscribe: <(.*)>\r?$/m)[1]);
    const call = (query) => fetch(`${process.env.ATELIER_URL}${link.pathname}?${query}`, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'List-Unsubscribe=One-Click' });
    assert.equal((await call(new URLSearchParams({ user: ben.id, signature: link.searchParams.get('signature') }))).status, 403);
    assert.equal((await call(link.searchParams)).status, 204);
    assert.equal(sql(`select preferences->>'digest' from users where id = '${eve.id}'`), 'off');
  });
});
