// tests/api/operator.test.mjs - what an operator asks atelierctl: is it set up well, do counters and files agree with the
// rows, what is in the queue. Against the running installation.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, describe, it } from 'node:test';
import { ctl, newUser, ok, post, put, until } from '../lib/api.mjs';
import { makeClip } from '../lib/media.mjs';
import { dir, sql } from '../lib/running.mjs';
import { settled, uploadPut } from '../lib/video.mjs';

const json = (...args) => JSON.parse(ctl(...args, '--json'));
const status = (...args) => spawnSync(process.env.ATELIERCTL, args, { encoding: 'utf8' });
const row = (id) => {
  const [tenant, prefix, original] = sql(`select tenant_id, storage_prefix, original_key from videos where id = '${id}'`).split('|');
  return { tenant, prefix, original };
};

let user, id;
before(async () => {
  user = await newUser();
  id = (await uploadPut(user, makeClip({ seconds: 1 }))).id;
  assert.equal((await settled(user, id)).status, 'ready');
});

describe('atelierctl doctor', () => {
  it('finds nothing to mend in the database, Redis, media and web server of this installation', () => {
    const said = JSON.parse(status('doctor', '--json').stdout);
    const verdicts = Object.fromEntries(said.map((s) => [s.what, s.verdict]));
    for (const what of ['database', 'schema', 'redis', 'worker', 'communities', 'web server', 'upload limit'])
      assert.notEqual(verdicts[what], 'bad', JSON.stringify(said));
    assert.ok(!said.some((s) => s.verdict === 'bad' && s.what === 'media'), JSON.stringify(said));
  });
  it('says what is wrong, and how to mend it', () => {
    const env = { ...process.env, ATELIER_DATABASE_URL: 'host=/nowhere dbname=atelier', ATELIER_MEDIA_ROOT: '/nowhere', ATELIER_UPLOAD_MAX_SIZE: '20G' };
    const run = spawnSync(process.env.ATELIERCTL, ['doctor', '--json'], { env, encoding: 'utf8' });
    const bad = JSON.parse(run.stdout).filter((s) => s.verdict === 'bad');
    assert.equal(run.status, 1);
    for (const what of ['database', 'media', 'upload limit']) assert.ok(bad.some((s) => s.what === what && s.text.length > 20), run.stdout);
  });
  it('says whether programs of dojos can be run, and what the kernel must allow', (t) => {
    const programs = (said) => JSON.parse(said).filter((s) => s.what === 'programs');
    const here = programs(status('doctor', '--json').stdout);
    if (here.some((s) => s.verdict === 'bad')) return t.skip(here[0].text);
    assert.equal(here.at(-1).verdict, 'ok', JSON.stringify(here));
    // a machine of its own, as far as namespaces go, that gives no more of them; nor may it read this installation's secret
    const without = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$0" doctor --json';
    const run = spawnSync('unshare', ['--user', '--map-root-user', 'sh', '-c', without, process.env.ATELIERCTL], {
      env: { PATH: process.env.PATH, ATELIER_SECRET: 'x'.repeat(64), ATELIER_DATABASE_URL: 'host=/nowhere' }, encoding: 'utf8',
    });
    const [there] = programs(run.stdout);
    assert.equal(there.verdict, 'bad', run.stdout);
    assert.match(there.text, /sysctl user\.max_user_namespaces=/);
  });
});

describe('atelierctl config check', () => {
  it('reads what the daemons read, and names every problem', () => {
    assert.deepEqual(json('config', 'check'), { ok: true });
    const file = join(dir, 'wrong.conf');
    writeFileSync(file, '[main]\nbase_ur = x\n[worker]\nslots = many\n');
    chmodSync(file, 0o644);
    const run = status('config', 'check', '--config', file);
    assert.equal(run.status, 1);
    assert.match(run.stderr, /base_ur/);
    assert.match(run.stderr, /slots/);
    rmSync(file);
  });
});

describe('atelierctl recount', () => {
  it('finds nothing after real use', async () => {
    ok(await post(`/videos/${id}/like`, undefined, { token: user.token }));
    const off = json('recount', '--dry-run');
    assert.deepEqual(off, []);
  });
  it('finds and mends what somebody bent by hand', () => {
    sql(`update videos set like_count = 41, renditions_total = 9 where id = '${id}'; update user_usage set used_bytes = 1 where user_id = '${user.id}'`);
    const off = json('recount', '--dry-run').map((c) => c.counter).sort();
    assert.deepEqual(off, ['user.stored_bytes', 'video.likes', 'video.renditions']);
    assert.equal(json('recount').length, 3);
    assert.deepEqual(json('recount'), []);
    assert.equal(sql(`select like_count from videos where id = '${id}'`), '1');
  });
});

describe('atelierctl storage', () => {
  it('verify finds a file that is gone, and one that is not whole', () => {
    const about = (text) => text.split('\n').filter((l) => l.includes(id) && !l.startsWith('unneeded'));
    assert.deepEqual(about(status('storage', 'verify').stdout), []);
    const { prefix, original } = row(id);
    const playlist = join(dir, 'media/public', prefix, 'master.m3u8');
    const file = join(dir, 'media/originals', original);
    renameSync(playlist, `${playlist}.away`);
    const size = sql(`select original_bytes from videos where id = '${id}'`);
    sql(`update videos set original_bytes = original_bytes + 1 where id = '${id}'`);
    const run = status('storage', 'verify');
    sql(`update videos set original_bytes = ${size} where id = '${id}'`);
    renameSync(`${playlist}.away`, playlist);
    assert.equal(run.status, 1);
    assert.match(run.stdout, new RegExp(`missing\\t.*${prefix}/master.m3u8`));
    assert.match(run.stdout, new RegExp(`damaged\\t.*${original}`));
    assert.ok(existsSync(file));
  });
  it('gc removes what nothing needs, and only when it has been left alone for a day', () => {
    ctl('storage', 'gc'); // whatever others left
    const { tenant, prefix } = row(id);
    const old = join(dir, 'media/public', tenant, id, '0badcafe');
    const young = join(dir, 'media/public', tenant, id, '0badc0de');
    const foreign = join(dir, 'media/public', tenant, 'exports/keep');
    for (const folder of [old, young, foreign]) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'x.mp4'), 'x'.repeat(1000));
    }
    const yesterday = Date.now() / 1000 - 2 * 86400;
    for (const path of [old, foreign, join(dir, 'media/public', prefix)]) utimesSync(path, yesterday, yesterday);
    assert.deepEqual(json('storage', 'gc', '--dry-run'), { unneeded: 1, bytes: 1000, removed: 0 });
    assert.ok(existsSync(old));
    assert.deepEqual(json('storage', 'gc'), { unneeded: 1, bytes: 1000, removed: 1 });
    assert.ok(!existsSync(old) && existsSync(young) && existsSync(foreign) && existsSync(join(dir, 'media/public', prefix, 'master.m3u8')));
    rmSync(young, { recursive: true });
    rmSync(dirname(foreign), { recursive: true });
  });
});

describe('atelierctl job and video', () => {
  it('lists by state, kind and video', () => {
    const jobs = json('job', 'list', '--video', id, '--kind', 'transcode');
    assert.deepEqual(jobs.map((j) => [j.kind, j.state, j.attempts]), [['transcode', 'done', 1]]);
    assert.equal(json('job', 'list', '--kind', 'no_such_kind').length, 0);
  });
  it('refuses what makes no sense', () => {
    assert.equal(status('job', 'retry').status, 2);
    assert.equal(status('job', 'cancel', 'x').status, 1);
    assert.equal(status('job', 'cancel', id).status, 1);
    assert.equal(status('video', 'reprocess', user.id).status, 1);
    assert.deepEqual(json('job', 'retry', '--kind', 'no_such_kind'), { retried: 0 });
  });
  it('reprocess makes a stream anew; --dry-run does not', async () => {
    assert.deepEqual(json('video', 'reprocess', id, '--dry-run'), { queued: 1 });
    assert.equal(json('job', 'list', '--video', id, '--kind', 'transcode').length, 1);
    const { prefix } = row(id);
    assert.deepEqual(json('video', 'reprocess', id), { queued: 1 });
    await until(() => row(id).prefix !== prefix, { what: 'the new edition' });
    assert.equal((await settled(user, id)).status, 'ready');
    ok(await put(`/videos/${id}`, { title: 'Made anew' }, { token: user.token }));
  });
});
