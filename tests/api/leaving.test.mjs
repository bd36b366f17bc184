// tests/api/leaving.test.mjs - the archive of one's data, and what is left of a deleted account.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { base, call, fails, get, newUser, ok, password, patch, post, until } from '../lib/api.mjs';

const sql = (text) => execFileSync('psql', ['-XAtq', '-U', 'atelier_owner', '-d', 'atelier', '-v', 'ON_ERROR_STOP=1', '-c', text], { encoding: 'utf8' }).trim();
const mails = join(process.env.STACK_DIR, 'mail');

test('the archive has everything that is kept, nothing secret, and is reached by a signed link only', async () => {
  const [ana, bia] = [await newUser({ displayName: 'Ana Arquivo' }), await newUser()];
  ok(await patch('/users/me', { bio: 'what I wrote about myself' }, { token: ana.token }));
  ok(await post(`/users/${bia.id}/follow`, undefined, { token: ana.token }));
  ok(await post('/videos', { title: 'A film of mine', sizeBytes: 1000 }, { token: ana.token }), 201);
  assert.equal(ok(await post('/users/me/export', undefined, { token: ana.token }), 202).status, 'PENDING');

  const mail = await until(() =>
    readdirSync(mails).filter((f) => f.endsWith('.eml')).map((f) => readFileSync(join(mails, f), 'utf8'))
      .find((t) => t.includes(`To: <${ana.email}>`) && t.includes('is ready')), { seconds: 30, what: 'the mail' });
  const link = mail.match(/^https?:\/\/\S+export\.zip/m)[0];
  const { pathname } = new URL(link);
  const res = await fetch(base + pathname);
  assert.equal(res.status, 200);
  assert.equal((await fetch(base + pathname.replace(/\/media\/./, '/media/x'))).status, 403);

  const zip = join(mkdtempSync(join(tmpdir(), 'atelier-zip-')), 'a.zip');
  writeFileSync(zip, Buffer.from(await res.arrayBuffer()));
  const files = JSON.parse(execFileSync('python3', ['-c', 'import sys,json,zipfile; z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print(json.dumps({n: z.read(n).decode() for n in z.namelist() if n.endswith(".json")}))', zip], { encoding: 'utf8' }));
  const profile = JSON.parse(files['profile.json']);
  assert.equal(profile.bio, 'what I wrote about myself');
  assert.equal(profile.email, ana.email);
  assert.equal(JSON.parse(files['following.json'])[0].username, bia.username);
  assert.equal(JSON.parse(files['videos.json'])[0].title, 'A film of mine');
  assert.equal(JSON.parse(files['sessions.json']).length, 1);
  for (const [name, text] of Object.entries(files))
    for (const secret of ['password_hash', 'argon2id', 'refresh_hash', 'mfa_secret', bia.email]) assert.ok(!text.includes(secret), `${name} has ${secret}`);
});

test('every table that keeps something of people is known to the archive and to the purge', () => {
  const queries = readFileSync(new URL('../../db/queries/leaving.sql', import.meta.url), 'utf8');
  const tables = sql("select distinct table_name from information_schema.columns join information_schema.tables using (table_schema, table_name) where table_schema = 'public' and table_type = 'BASE TABLE' and column_name in ('user_id', 'caller', 'follower_id', 'blocker_id') order by 1").split('\n');
  // jobs are pruned by age, usage is a figure without content, partitions belong to view_events
  const known = new Set(['jobs', 'user_usage', 'recovery_codes', 'one_time_tokens', 'idempotency_keys']);
  for (const table of tables.filter((t) => !/^view_events_/.test(t)))
    assert.ok(known.has(table) || new RegExp(`\\b${table}\\b`).test(queries), `db/queries/leaving.sql does not speak of ${table}`);
});

test('a deleted account is anonymised when its time is over, and not before', async () => {
  const [ana, bia] = [await newUser(), await newUser()];
  ok(await post(`/users/${bia.id}/follow`, undefined, { token: ana.token }));
  const video = ok(await post('/videos', { title: 'A film to forget', sizeBytes: 1000 }, { token: ana.token }), 201);
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
  assert.ok(!sql(`select string_agg(to_jsonb(v)::text, '') from videos v where user_id = '${ana.id}'`).includes('A film to forget'));
  assert.equal(ok(await get(`/users/${bia.id}`)).stats.followers, 0);
  ok(await post('/auth/register', { email: ana.email, username: ana.username, password }), 201); // the name is free again
});
