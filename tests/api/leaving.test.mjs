// tests/api/leaving.test.mjs - the archive of one's data, and what is left of a deleted account.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { base, call, fails, get, newUser, ok, password, patch, post, statusOf, until } from '../lib/api.mjs';
import { readyVideo, sql } from '../lib/social.mjs';

const mails = join(process.env.STACK_DIR, 'mail');

test('the archive has everything that is kept, nothing secret, and is reached by a signed link only', async () => {
  const [ana, bia] = [await newUser({ displayName: 'Ana Arquivo' }), await newUser()];
  ok(await patch('/users/me', { bio: 'what I wrote about myself' }, { token: ana.token }));
  ok(await post(`/users/${bia.id}/follow`, undefined, { token: ana.token }));
  ok(await post('/playlists', { name: 'A list of mine' }, { token: ana.token }), 201);
  ok(await post(`/videos/${await readyVideo(bia)}/comment`, { text: 'Words of mine' }, { token: ana.token }), 201);
  ok(await post('/videos', { title: 'A film of mine', sizeBytes: 1000 }, { token: ana.token }), 201);
  assert.equal(ok(await post('/users/me/export', undefined, { token: ana.token }), 202).status, 'PENDING');

  const mail = await until(() =>
    readdirSync(mails).filter((f) => f.endsWith('.eml')).map((f) => readFileSync(join(mails, f), 'utf8'))
      .find((t) => t.includes(`To: <${ana.email}>`) && t.includes('is ready')), { seconds: 30, what: 'the mail' });
  const link = mail.match(/^https?:\/\/\S+export\.zip/m)[0];
  const { pathname } = new URL(link);
  const res = await fetch(base + pathname);
  assert.equal(res.status, 200);
  assert.equal(await statusOf(base + pathname.replace(/\/media\/./, '/media/x')), 403);

  const zip = join(mkdtempSync(join(tmpdir(), 'atelier-zip-')), 'a.zip');
  writeFileSync(zip, Buffer.from(await res.arrayBuffer()));
  const files = JSON.parse(execFileSync('python3', ['-c', 'import sys,json,zipfile; z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print(json.dumps({n: z.read(n).decode() for n in z.namelist() if n.endswith(".json")}))', zip], { encoding: 'utf8' }));
  const profile = JSON.parse(files['profile.json']);
  assert.equal(profile.bio, 'what I wrote about myself');
  assert.equal(profile.email, ana.email);
  assert.equal(JSON.parse(files['following.json'])[0].username, bia.username);
  assert.equal(JSON.parse(files['videos.json'])[0].title, 'A film of mine');
  assert.equal(JSON.parse(files['sessions.json']).length, 1);
  assert.equal(JSON.parse(files['comments.json'])[0].text, 'Words of mine');
  assert.ok(JSON.parse(files['playlists.json']).some((p) => p.name === 'A list of mine'));
  for (const list of ['likes', 'views', 'uploads', 'notifications', 'devices', 'api-keys', 'identities', 'followers', 'blocks', 'audit', 'usage'])
    assert.ok(Array.isArray(JSON.parse(files[`${list}.json`])), list);
  for (const [name, text] of Object.entries(files))
    for (const secret of ['password_hash', 'argon2id', 'refresh_hash', 'mfa_secret', bia.email]) assert.ok(!text.includes(secret), `${name} has ${secret}`);
});

test('every column that names a person stands in the one list of db/queries/leaving.sql', () => {
  const queries = readFileSync(new URL('../../db/queries/leaving.sql', import.meta.url), 'utf8');
  const lines = [...queries.matchAll(/^\t\('(\w+)', '(\w+)', .*?(null|'[\w-]+\.json'), '\{[^}]*\}', (true|false)\),?(.*)$/gm)];
  const listed = new Set(lines.map(([, table, column]) => `${table}.${column}`));
  const referring = sql(`select c.conrelid::regclass || '.' || a.attname from pg_constraint c cross join unnest(c.conkey) k(n)
    join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.n
   where c.contype = 'f' and c.confrelid = 'users'::regclass and a.attname <> 'tenant_id'`).split('\n');
  const named = sql(`select table_name || '.' || column_name from information_schema.columns join information_schema.tables using (table_schema, table_name)
   where table_schema = 'public' and table_type = 'BASE TABLE' and data_type = 'uuid'
     and column_name in ('user_id', 'actor_id', 'author_id', 'owner_id', 'reporter_id', 'moderator_id', 'created_by', 'follower_id', 'blocker_id')`).split('\n');
  for (const column of [...referring, ...named].filter((c) => !/^(view|engagement)_events_\w+\./.test(c)))
    assert.ok(listed.has(column), `${column}: say in PERSON_TABLES of db/queries/leaving.sql whether it is exported and forgotten`);
  for (const [line, , , file, goes, why] of lines)
    if (file === 'null' || goes === 'false') assert.match(why, /-- \w+/, `${line} says why`);
});

test('a deleted account is anonymised when its time is over, and not before', async () => {
  const [ana, bia] = [await newUser(), await newUser()];
  ok(await post(`/users/${bia.id}/follow`, undefined, { token: ana.token }));
  const video = ok(await post('/videos', { title: 'A film to forget', sizeBytes: 1000 }, { token: ana.token }), 201);
  const theirs = await readyVideo(bia);
  ok(await post(`/videos/${theirs}/like`, undefined, { token: ana.token }));
  ok(await post('/playlists', { name: 'A list to forget' }, { token: ana.token }), 201);
  ok(await post(`/videos/${theirs}/comment`, { text: 'Words to forget' }, { token: ana.token }), 201);
  sql(`insert into view_events (tenant_id, video_id, user_id, session) select tenant_id, id, '${ana.id}', 'a session of hers' from videos where id = '${theirs}'`);
  ok(await call('DELETE', '/users/me', { token: ana.token, json: { password } }), 202);
  fails(await get(`/videos/${video.id ?? video.videoId}`, { token: bia.token }), 404);
  assert.equal(sql(`select state || ' ' || (run_at > now() + interval '13 days') from jobs where kind = 'account_purge' and user_id = '${ana.id}'`), 'queued true');
  assert.equal(sql(`select email from users where id = '${ana.id}'`), ana.email);

  sql(`update users set purge_at = now() where id = '${ana.id}'; update jobs set run_at = now() where kind = 'account_purge' and user_id = '${ana.id}'`);
  sql("select pg_notify('atelier_jobs', 'account_purge')");
  await until(() => sql(`select email from users where id = '${ana.id}'`).startsWith('deleted-'), { seconds: 30, what: 'the purge' });
  const row = sql(`select to_jsonb(u)::text from users u where id = '${ana.id}'`);
  for (const trace of [ana.email, ana.username, ana.displayName]) assert.ok(!row.includes(trace), row);
  assert.equal(sql(`select count(*) from sessions where user_id = '${ana.id}'`), '0');
  for (const table of ['video_likes', 'playlists', 'notifications', 'devices', 'view_events', 'api_keys'])
    assert.equal(sql(`select count(*) from ${table} where user_id = '${ana.id}'`), '0', table);
  assert.equal(sql(`select count(*) from view_events where video_id = '${theirs}'`), '1'); // without who it was
  assert.equal(sql(`select string_agg(text, '') from comments where user_id = '${ana.id}'`), '');
  assert.ok(!sql(`select string_agg(to_jsonb(v)::text, '') from videos v where user_id = '${ana.id}'`).includes('A film to forget'));
  assert.equal(ok(await get(`/users/${bia.id}`)).stats.followers, 0);
  ok(await post('/auth/register', { email: ana.email, username: ana.username, password }), 201); // the name is free again
});
