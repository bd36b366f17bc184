// tests/api/checks.test.mjs - watched words, links, first videos, scorers and scanners: what is let through, held, refused.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { del, fails, get, newUser, ok, patch, post, until } from '../lib/api.mjs';
import { newPerson } from '../lib/people.mjs';
import { plantVideos, settled, sql, uploadMultipart } from '../lib/video.mjs';
import { claimsOf } from '../lib/tokens.mjs';

let moderator, author, video;
before(async () => {
  [moderator, author] = await Promise.all([newPerson('moderator'), newUser()]);
  [video] = plantVideos(author, 1);
});

const by = (who) => ({ token: who.token });
const secret = () => `w${randomUUID().replaceAll('-', '').slice(0, 12)}`; // words nobody else's tests write
const made = [];
async function watch(pattern, action, more = {}) {
  const word = ok(await post('/moderation/watched-words', { pattern, action, ...more }, by(moderator)), 201);
  made.push(word.id);
  return word;
}
after(() => Promise.all(made.map((id) => del(`/moderation/watched-words/${id}`, by(moderator)))));
const comment = (text, who = author) => post('/comments', { videoId: video, text }, by(who));
const heldCase = (id) => sql(`select c.source || ' ' || c.is_held || ' ' || r.check_kind from cases c join reports r on r.case_id = c.id where c.subject_id = '${id}' and c.state = 'open'`);

describe('a watched word', () => {
  test('that rejects keeps a text out of comments, titles, descriptions and profiles', async () => {
    const word = secret();
    await watch(`\\m${word}s?\\M`, 'reject');
    fails(await comment(`Such a ${word.toUpperCase()}S here`), 400, 'TEXT_REJECTED');
    fails(await post('/videos', { title: `My ${word}`, sizeBytes: 10 }, by(author)), 400, 'TEXT_REJECTED');
    fails(await patch(`/videos/${video}`, { description: word }, by(author)), 400, 'TEXT_REJECTED');
    fails(await patch('/users/me', { bio: `I am ${word}` }, by(author)), 400, 'TEXT_REJECTED');
    ok(await comment(`${word}xyz is another word`), 201);
    assert.equal(ok(await get(`/videos/${video}`)).description, '');
  });

  test('that holds hides a text until a moderator lets it go', async () => {
    const word = secret();
    await watch(word, 'hold');
    const held = ok(await comment(`Held ${word}`), 201);
    assert.ok(!(await get(`/videos/${video}/comments`)).text.includes(word));
    assert.equal(heldCase(held.id), 'check true watched_words');
    const [id] = sql(`select id from cases where subject_id = '${held.id}'`).split('\n');
    ok(await post(`/moderation/review/${id}`, { action: 'dismiss' }, by(moderator)));
    assert.equal(sql(`select hidden_at is null from comments where id = '${held.id}'`), 't');
    ok(await patch(`/videos/${video}`, { title: `Now ${word}` }, by(author)));
    assert.equal(heldCase(video), 'check true watched_words');
    await until(async () => (await get(`/videos/${video}`)).status === 404, { every: 50, what: 'its end' });
    ok(await post('/moderation/decide', { kind: 'video', id: video, action: 'dismiss' }, by(moderator)));
    ok(await get(`/videos/${video}`, by(author)));
  });

  test('is found under accents, other letter forms and invisible signs; an allowed one is left out', async () => {
    const word = secret();
    await watch(word, 'reject');
    await watch(`good${word}`, 'allow');
    for (const text of [[...word].join('\u200b'), word.replace('w', 'ｗ'), `${word[0]}\u00ad${word.slice(1)}`]) fails(await comment(text), 400, 'TEXT_REJECTED');
    ok(await comment(`a good${word}`), 201);
  });

  test('applies where it is said to, and can be tried', async () => {
    const word = secret();
    await watch(word, 'reject', { appliesTo: ['title'] });
    ok(await comment(word), 201);
    const tried = ok(await post('/moderation/check-text', { text: `a ${word}`, field: 'title' }, by(moderator)));
    assert.deepEqual([tried.verdict, tried.findings[0].match], ['reject', word]);
    assert.equal(ok(await post('/moderation/check-text', { text: word, field: 'comment' }, by(moderator))).verdict, 'allow');
    fails(await post('/moderation/check-text', { text: word }, by(author)), 403);
  });

  test('cannot hang anything: what could is refused, what is taken is fast on the worst text', async () => {
    for (const pattern of ['(', '[z-a]', '(a)\\1', 'a*', '', '.{1,60}x{99}', '***:abc', '(?b)x'])
      fails(await post('/moderation/watched-words', { pattern, action: 'hold' }, by(moderator)), 400);
    for (const pattern of ['(a+)+$y', '(a|a)*by', '(x+x+)+zy', '((a{1,50}){1,50}){1,50}y', '^(([a-z])+.)+[A-Z]([a-z])+$y', '(.*)*(.*)*(.*)*yy', '(?=a*b)a*y', '(a?){50}a{50}y']) {
      const began = Date.now();
      const res = await post('/moderation/watched-words', { pattern, action: 'hold' }, by(moderator));
      assert.ok(Date.now() - began < 15000, `${pattern}: ${Date.now() - began} ms to take or refuse`);
      if (res.status !== 201) continue;
      const start = Date.now();
      ok(await post('/moderation/check-text', { text: 'a'.repeat(10000) }, by(moderator)));
      assert.ok(Date.now() - start < 15000, `${pattern}: ${Date.now() - start} ms`);
      ok(await del(`/moderation/watched-words/${res.data.id}`, by(moderator)), 204);
    }
  });
});

test('more links than somebody new may write are held', async () => {
  const links = (n) => Array.from({ length: n }, (_, i) => `https://e${i}.example/`).join(' ');
  const few = ok(await comment(links(3)), 201);
  const many = ok(await comment(links(4)), 201);
  assert.equal(heldCase(few.id), '');
  assert.equal(heldCase(many.id), 'check true links');
  sql(`update users set created_at = now() - interval '30 days' where id = '${author.id}'`);
  const older = ok(await comment(links(4)), 201);
  assert.equal(heldCase(older.id), '');
});

test('what moderators write is not looked at', async () => {
  const word = secret();
  await watch(word, 'reject');
  ok(await comment(word, moderator), 201);
});

test('first videos wait for a moderator where a community wants that, and are new when they are let go', async () => {
  const someone = await newUser();
  const { tenant } = claimsOf(someone.token);
  // in one transaction: other tests of this community go on as they are
  const state = sql(`begin; select set_config('atelier.tenant', '${tenant}', true);
    update moderation_settings set review_first_videos = 1 where tenant_id = '${tenant}';
    insert into videos (tenant_id, user_id, title, uploaded_at) values ('${tenant}', '${someone.id}', 'First', now() - interval '1 day');
    insert into renditions (tenant_id, video_id, name, state) select tenant_id, id, '720p', 'ready' from videos where user_id = '${someone.id}';
    select hidden_at is not null from videos where user_id = '${someone.id}';
    select categories || case_decide(id, '${moderator.id}', '{dismiss}', null, null, null)::text from cases where user_id = '${someone.id}' and is_held;
    select hidden_at is null and published_at = now() from videos where user_id = '${someone.id}';
    insert into videos (tenant_id, user_id, title, uploaded_at, renditions_total, renditions_ready) values ('${tenant}', '${someone.id}', 'Second', now(), 1, 1);
    select count(*) from videos where user_id = '${someone.id}' and hidden_at is not null; rollback`).split('\n');
  assert.deepEqual([state[1], state[3], state[4]], ['t', 't', '0']);
  assert.match(state[2], /review/);
});

const picture = 'mandelbrot=size=320x240:rate=10';
const clip = (input, name, ...args) => {
  const path = join(mkdtempSync(join(tmpdir(), 'atelier-blocked-')), name);
  execFileSync('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', input, '-t', '3', '-c:v', 'libx264', '-preset', 'ultrafast', ...args, path]);
  return path;
};
const changed = () => clip(picture, 'b.mp4', '-crf', '34', '-vf', 'eq=brightness=0.08,scale=200:150,pad=200:200:0:25');
const different = () => clip('testsrc2=size=320x240:rate=10', 'c.mp4');

describe('the blocklist', () => {
  test('knows a video again: encoded anew, smaller, with bars, brighter; and leaves others alone', async () => {
    const [theirs, again] = await Promise.all([newUser(), newUser()]);
    const unwanted = await uploadMultipart(theirs, clip(picture, 'a.mp4'), { title: 'Not wanted' });
    await settled(theirs, unwanted.id);
    const { id } = ok(await post('/moderation/blocklist', { videoId: unwanted.id, label: 'Mandelbrot', action: 'hold' }, by(moderator)), 201);
    try {
      await until(async () => ok(await get('/moderation/blocklist', by(moderator))).find((b) => b.id === id).frames > 0, { seconds: 30, what: 'its prints' });
      const copy = await uploadMultipart(again, changed(), { title: 'Another name' });
      const other = await uploadMultipart(again, different(), { title: 'Something else' });
      const checked = () => sql(`select count(*) from video_prints where video_id in ('${copy.id}', '${other.id}')`) === '2';
      await until(async () => checked(), { seconds: 60, what: 'both checks' });
      assert.equal(heldCase(copy.id), 'check true frames');
      assert.equal(heldCase(other.id), '');
      fails(await get(`/videos/${copy.id}`, by(theirs)), 404);
      assert.equal(sql(`select state from jobs where kind = 'check_video' and subject_id = '${other.id}'`), 'done');
      assert.ok('jobId' in ok(await post('/moderation/check-video', { videoId: other.id }, by(moderator)), 202));
    } finally {
      ok(await del(`/moderation/blocklist/${id}`, by(moderator)), 204);
    }
  });

  describe('and what was uploaded earlier', () => {
    let unwanted, copy, other, author, tenant;
    const entries = [];
    const block = async (action = 'hold') => {
      const { id } = ok(await post('/moderation/blocklist', { videoId: unwanted.id, label: 'Of earlier', action }, by(moderator)), 201);
      entries.push(id);
      return id;
    };
    const inTenant = (text) => sql(`begin; select set_config('atelier.tenant', '${tenant}', true); ${text}; commit`).split('\n').slice(1).join('\n');
    const walks = (entry, more = '') => Number(sql(`select count(*) from jobs where kind = 'check_earlier' and subject_id = '${entry}' ${more}`));
    const walked = (entry, times = 1) => until(() => walks(entry, "and state = 'done'") >= times && !walks(entry, "and state in ('queued', 'running')"), { what: 'the end of the walk' });
    const checks = (video) => sql(`select count(*) from jobs where kind = 'check_video' and subject_id = '${video.id}'`);
    const state = () => sql(`select md5(coalesce(string_agg(x, ' ' order by x), '')) from (
      select c::text as x from cases c where tenant_id = '${tenant}' union all select r::text from reports r where tenant_id = '${tenant}'
      union all select d::text from decisions d where tenant_id = '${tenant}' union all select id || hidden_at::text from videos where tenant_id = '${tenant}' and hidden_at is not null
      union all select id::text from jobs where tenant_id = '${tenant}' and kind = 'check_video' and not payload ? 'blockedMediaId') all_of_it`);
    before(async () => {
      author = await newUser();
      tenant = claimsOf(author.token).tenant;
      unwanted = await uploadMultipart(author, clip(picture, 'a.mp4'), { title: 'Not wanted' });
      [copy, other] = [await uploadMultipart(author, changed(), { title: 'Another name' }), await uploadMultipart(author, different(), { title: 'Something else' })];
      await Promise.all([unwanted, copy, other].map((v) => settled(author, v.id)));
      const ids = [unwanted, copy, other].map((v) => `'${v.id}'`).join();
      await until(() => sql(`select count(*) from jobs where kind = 'check_video' and state in ('queued', 'running') and subject_id in (${ids})`) === '0');
      sql(`delete from video_prints where video_id in (${ids})`); // as if the list had been empty then
    });
    after(() => Promise.all(entries.map((id) => del(`/moderation/blocklist/${id}`, by(moderator)))));

    test('without prints: they are made, behind all uploads, and compared', async () => {
      const [had, hadOther] = [checks(copy), checks(other)];
      const id = await block();
      await walked(id);
      await until(() => sql(`select count(*) from video_prints where video_id in ('${copy.id}', '${other.id}')`) === '2', { what: 'their prints' });
      assert.equal(heldCase(copy.id), 'check true frames');
      assert.deepEqual([heldCase(other.id), heldCase(unwanted.id)], ['', '']);
      assert.deepEqual([checks(copy) - had, checks(other) - hadOther], [1, 1]);
      assert.equal(sql(`select distinct priority from jobs where kind = 'check_video' and subject_id in ('${copy.id}', '${other.id}') and created_at > now() - interval '1 minute' and priority < 0`), '-5');
      ok(await post('/moderation/decide', { kind: 'video', id: copy.id, action: 'dismiss' }, by(moderator)));
      ok(await del(`/moderation/blocklist/${id}`, by(moderator)), 204);
      entries.pop();
    });

    test('with prints: it waits for a moderator as an upload would, and is not looked at again', async () => {
      const had = checks(copy);
      const id = await block();
      await walked(id);
      assert.equal(heldCase(copy.id), 'check true frames');
      assert.deepEqual([heldCase(other.id), heldCase(unwanted.id)], ['', '']);
      assert.equal((await get(`/videos/${copy.id}`)).status, 404);
      assert.equal(checks(copy), had);
      const report = JSON.parse(sql(`select r.details from reports r join cases c on c.id = r.case_id where c.subject_id = '${copy.id}' and c.state = 'open'`));
      assert.deepEqual([report.blockedMediaId, report.label], [id, 'Of earlier']);
    });

    test('the same again changes nothing: not while it waits, and not when it is decided', async () => {
      const [id] = entries;
      const again = async () => {
        const done = walks(id, "and state = 'done'");
        inTenant(`select check_earlier_enqueue('${id}', null, 0)`);
        await walked(id, done + 1);
      };
      let was = state();
      await again();
      assert.equal(state(), was);
      const second = await block();
      await walked(second);
      assert.equal(state(), was, 'another entry about the same: it waits already');
      ok(await post('/moderation/decide', { kind: 'video', id: copy.id, action: 'dismiss' }, by(moderator)));
      ok(await del(`/moderation/blocklist/${second}`, by(moderator)), 204);
      entries.pop();
      was = state();
      await again();
      assert.equal(state(), was);
      assert.equal((await get(`/videos/${copy.id}`)).status, 200);
    });

    test('of an entry that blocks, what is like it is removed at once', async () => {
      const id = await block('block');
      await walked(id);
      assert.equal(sql(`select removed_at is not null from videos where id = '${copy.id}'`), 't');
      assert.equal(sql(`select removed_at is null and hidden_at is null from videos where id = '${other.id}'`), 't');
    });

    test('so many wait to be looked at, and the others come when those are done', async () => {
      const [id] = entries;
      const done = walks(id, "and state = 'done'");
      sql(`delete from video_prints where video_id = '${other.id}'`);
      sql(`insert into jobs (tenant_id, kind, priority, run_at, subject_id) select '${tenant}', 'check_video', -5, now() + interval '1 day', '${id}' from generate_series(1, 100)`);
      const asked = checks(other);
      inTenant(`select check_earlier_enqueue('${id}', null, 0)`);
      await until(() => walks(id, "and state = 'queued' and run_at > now() + interval '30 seconds'") === 1, { what: 'the next walk' });
      assert.equal(checks(other), asked);
      sql(`delete from jobs where kind = 'check_video' and subject_id = '${id}'`);
      sql(`update jobs set run_at = now() where kind = 'check_earlier' and subject_id = '${id}' and state = 'queued'`);
      await walked(id, done + 2);
      assert.equal(Number(checks(other)), Number(asked) + 1);
    });

    test('what is being looked at while an entry gets its prints is looked at again', async () => {
      await until(() => sql(`select count(*) from jobs where kind = 'check_video' and subject_id = '${other.id}' and state in ('queued', 'running')`) === '0', { what: 'the check of before' });
      const counted = (compared) => sql(`begin; select set_config('atelier.tenant', '${tenant}', true);
        select video_checked('${other.id}', '{"frames": [], "at": [], "sound": [], "matches": []}', '{}', array(select id from blocked_media where tenant_id = '${tenant}' and cardinality(frames) > 0 and ${compared}));
        select count(*) from jobs where kind = 'check_video' and subject_id = '${other.id}' and state = 'queued' and created_at = now(); rollback`).split('\n').pop();
      assert.deepEqual([counted('true'), counted(`id <> '${entries[0]}'`)], ['0', '1']);
    });
  });
});
