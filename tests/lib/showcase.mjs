// tests/lib/showcase.mjs - a community as it is after some months, for looking at: names and words of several scripts and
// lengths, each state that a page can show, figures of thirty days. Called twice, it is there twice.
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { newUser, ok, post } from './api.mjs';
import { makeClip, mediaDir } from './media.mjs';
import { newPerson } from './people.mjs';
import { sql } from './running.mjs';
import { settled, uploadMultipart } from './video.mjs';

const clip = (name) => (existsSync(join(mediaDir, 'files', name)) ? join(mediaDir, 'files', name) : makeClip({ seconds: 8 }));

const people = [
  ['ines_cardoso', 'Inês Cardoso'], ['b_girl_terra', 'B-Girl Terra'], ['tomas', 'Tomás Azevedo e Sousa de Vasconcelos-Brito'], ['yuki_h', '林 由紀'],
  ['leila', 'ليلى منصور'], ['footwork4life', 'Footwork4Life'], ['oficina_do_ze', 'Oficina do Zé'], ['maria_joao', 'Maria João'],
];
const clips = [
  ['moviepy_fire2.mp4', 'Lighting a forge safely: the first ten minutes', 'What to wear, where to stand, and how to tell that the coal is ready.\n\n0:00 Clothes\n0:03 The first spark'],
  ['mdn_flower.mp4', 'Grafting a rose, step by step', 'A clean cut is half of it.'],
  ['flutter_Butterfly-209.webm', 'Six steps of footwork, slowly and from both sides', 'For those who begin. Watch the weight on the hands.'],
  ['mediabunny_rotate-buck-bunny.mp4', 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft: an unbroken word explained', ''],
  ['peertube_the_last_man_on_earth.mp4', 'O último homem: análise de uma cena de cinema clássico', 'Enquadramento, luz e ritmo.'],
  ['mdn_friday.mp4', 'FREE WATCHES click now!!! https://watches.example/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'cheap cheap cheap'],
];
const comments = ['This helped me more than two years of lessons. Thank you!', 'No minuto 2 a mão está errada: veja o apoio.', 'You people should all disappear.', 'Is there a version for left-handed people?', 'Buy followers at https://followers.example/x?ref=123456789'];

/** Reports of several people about a thing; the last one's answer. */
async function report(path, reporters, reports) {
  for (const [i, json] of reports.entries()) ok(await post(path, json, { token: reporters[i % reporters.length].token }), 201);
}

/** Thirty days that are over, busier at weekends, and decisions of some months. */
function history(tenant, who) {
  sql(`insert into community_days (tenant_id, day, people, videos, comments, reports, decisions)
    select '${tenant}', d::date, 18 + k * 7 + (n * 37) % 11, 42 + k * 31 + (n * 53) % 23, 210 + k * 160 + (n * 97) % 90, 6 + k * 5 + (n * 29) % 7, 5 + k * 5 + (n * 31) % 6
      from generate_series(current_date - 30, current_date - 1, interval '1 day') with ordinality g(d, n), lateral (select case when extract(isodow from d) > 5 then 1 else 0 end as k) w
    on conflict (tenant_id, day) do update set people = excluded.people, videos = excluded.videos, comments = excluded.comments, reports = excluded.reports, decisions = excluded.decisions`);
  sql(`with made as (
      insert into cases (tenant_id, subject_kind, subject_id, user_id, snapshot, source, state, report_count, categories, created_at, last_report_at, decided_at, decided_by)
      select '${tenant}', 'user', '${randomUUID()}'::uuid, '${who.author}', '{"username":"gone"}', 'report', 'decided', 1, '{spam}', t, t, t + make_interval(hours => 1 + n::int % 9), '${who.moderator}'
        from (select n, now() - n * interval '31 hours' as t from generate_series(1, 140) n) x returning *
    ), told as (
      insert into reports (tenant_id, case_id, category, body, created_at) select tenant_id, id, 'spam', 'Look at this', created_at from made
    ) insert into decisions (tenant_id, case_id, subject_kind, subject_id, user_id, moderator_id, action, reason, created_at)
      select tenant_id, id, 'user', subject_id, '${who.author}', '${who.moderator}', (array['warn','dismiss','dismiss'])[1 + extract(hour from created_at)::int % 3], 'spam', decided_at from made`);
}

/** Jobs in each state, with failures of several reasons. */
function jobs(tenant, video, user) {
  const job = (fields) => sql(`insert into jobs (tenant_id, ${Object.keys(fields).join(', ')}) values ('${tenant}', ${Object.values(fields).map((v) => (v === null ? 'null' : typeof v === 'string' && v.includes('(') ? v : `'${v}'`)).join(', ')}) returning id`).split('\n')[0];
  const reason = 'The file ends in the middle: it was probably cut off while it was uploaded.';
  const failed = job({ kind: 'transcode', user_id: user, subject_id: video, state: 'dead', attempts: 3, reason, reason_code: 'TRUNCATED', started_at: "(now() - interval '9 min')", finished_at: '(now())', payload: `{"videoId":"${video}","rung":"720p"}` });
  for (const n of [1, 2, 3])
    sql(`insert into job_failures (tenant_id, job_id, attempt, worker, reason_code, reason, log, at) values ('${tenant}', '${failed}', ${n}, 'w1:4711', 'TRUNCATED', '${reason}',
      '{"time":"2026-01-31T09:3${n}:07.114Z","level":"warn","program":"atelier-worker","event":"decode_failed","job":"${failed}","kind":"transcode","message":"mov,mp4: moov atom not found"}', now() - interval '${9 - 3 * n} min')`);
  job({ kind: 'webhook', state: 'dead', attempts: 3, reason: 'The address answered 500 three times.', reason_code: 'WEBHOOK_REFUSED', finished_at: '(now())' });
  job({ kind: 'showcase_slow', state: 'running', attempts: 1, progress: 62, worker: 'w1', started_at: '(now())', lease_until: "(now() + interval '1 day')" });
  job({ kind: 'mail', state: 'done', attempts: 1, finished_at: '(now())' });
  return failed;
}

export async function showcase() {
  const suffix = randomUUID().slice(0, 4);
  const tenant = sql("select id from tenants where slug = 'main'");
  const [moderator, ...members] = await Promise.all([newPerson('moderator', { username: `rui_${suffix}` }), ...people.map(([name, displayName]) => newUser({ username: `${name}_${suffix}`, displayName }))]);
  const videos = [];
  for (const [i, [file, title, description]] of clips.entries()) {
    const owner = members[i];
    const { id } = await uploadMultipart(owner, clip(file), { title, description, tags: 'craft,beginners' });
    videos.push({ ...(await settled(owner, id)), owner });
  }
  const said = [];
  for (const [i, text] of comments.entries()) said.push(ok(await post('/comments', { videoId: videos[i % 3].id, text }, { token: members[(i + 3) % 8].token }), 201));
  const others = [members[6], members[2], members[7]];
  await report(`/videos/${videos[0].id}/report`, others, [
    { category: 'dangerous', text: 'He holds the lighter next to the gas bottle. Somebody will do this at home!', startSeconds: 2, endSeconds: 4 },
    { category: 'dangerous', text: 'Sem luvas. Crianças vêem isto.', startSeconds: 3 }, { category: 'other', text: '' }]);
  await report(`/videos/${videos[5].id}/report`, others, [{ category: 'spam', text: 'Advertising' }, { category: 'spam', text: 'again and again' }]);
  await report(`/videos/${videos[4].id}/report`, others, [{ category: 'copyright', text: 'This is from a film.' }]);
  await report(`/comments/${said[2].id}/report`, others, [{ category: 'hate', text: 'Please look at this one' }]);
  await report(`/comments/${said[4].id}/report`, others, [{ category: 'spam', text: '' }]);
  await report(`/users/${members[5].id}/report`, [members[1]], [{ category: 'impersonation', text: 'This is not the crew that I know: they are at @footwork.' }]);
  const act = (json) => post('/moderation/decide', { reason: 'spam', ...json }, { token: moderator.token });
  ok(await act({ kind: 'video', id: videos[3].id, action: 'hide', reason: 'copyright', note: 'Same music as last week.' }));
  ok(await act({ kind: 'user', id: members[5].id, action: 'suspend', days: 3, reason: 'harassment', note: 'Third time this month.' }));
  ok(await act({ kind: 'user', id: members[0].id, action: 'warn', reason: 'dangerous', note: 'Gas bottle again.' }));
  const decision = (user, action) => sql(`select id from decisions where user_id = '${user}' and action = '${action}'`);
  ok(await post('/appeals', { decisionId: decision(members[3].id, 'hide'), text: 'The music is my own: I recorded it in my kitchen in March. I can send you the project file, and the neighbours heard all of it.' }, { token: members[3].token }), 201);
  const notice = { videoId: videos[4].id, name: 'Cinemateca do Norte, Lda.', email: 'rights@cinemateca.example', postalAddress: 'Rua das Flores 12, 3.º\n4050-262 Porto', work: 'The film “The Last Man on Earth”, 1964: minutes 3 to 5. The original is at https://cinemateca.example/films/1964/the-last-man-on-earth', signature: 'A. Moreira', goodFaith: true, underPerjury: true };
  ok(await post('/dmca/notices', notice), 201);
  const second = ok(await post('/dmca/notices', { ...notice, videoId: videos[3].id, name: 'Blender Rights Agency', onBehalfOf: 'Somebody Else B.V.' }), 201).id;
  ok(await post(`/moderation/dmca/${second}`, { action: 'take_down', note: 'Looks right.' }, { token: moderator.token }));
  ok(await post(`/dmca/notices/${second}/counter`, { name: '林 由紀', postalAddress: '東京都台東区上野 1-2-3', statement: 'The film is under a Creative Commons licence and I name its authors.', signature: '林 由紀' }, { token: members[3].token }));
  for (const [pattern, action, note] of [['cheap\\s+watches?', 'hold', 'since the wave of March'], ['(buy|get)\\s+followers', 'reject', ''], ['bre?akdance', 'allow', 'is what we do']])
    await post('/moderation/watched-words', { pattern, action, note }, { token: moderator.token });
  ok(await post('/moderation/blocklist', { videoId: videos[5].id, label: 'Watches, first wave', action: 'block' }, { token: moderator.token }), 201);
  history(tenant, { author: members[6].id, moderator: moderator.id });
  const job = jobs(tenant, videos[1].id, members[1].id);
  ok(await post('/content/reports', { title: 'Moderation, this year', kind: 'moderation', format: 'PDF' }, { token: moderator.token }), 202);
  return { caseId: sql(`select id from cases where subject_id = '${videos[0].id}' and state = 'open'`), video: videos[0], author: members[0], job, tenant };
}
