// tests/faults/jobs.test.mjs - the worker and its children die in the middle of jobs. Nothing acknowledged is lost,
// nothing is done twice where that shows.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { newUser, ok, post, until } from '../lib/api.mjs';
import { makeClip } from '../lib/media.mjs';
import { children, dir, pid, restart, sql, start, stop } from '../lib/running.mjs';
import { claimsOf } from '../lib/tokens.mjs';
import { settled, uploadPut, video } from '../lib/video.mjs';

let user, clip;
before(async () => {
  user = await newUser();
  clip = makeClip({ seconds: 6, size: '1280x720', name: 'work.mp4' });
});

const job = (id) => {
  const [state, attempts, reason] = sql(`select state, attempts, coalesce(reason_code, '') from jobs where kind = 'transcode' and subject_id = '${id}'`).split('|');
  return { state, attempts: Number(attempts), reason };
};
const soon = (id) => sql(`update jobs set run_at = now() where subject_id = '${id}' and state = 'queued'; select pg_notify('atelier_jobs', 'transcode')`);
const worksOn = (id) => until(() => job(id).state === 'running' && children(pid('worker'))[0], { what: 'a child at work', every: 50 });

/** Every edition of a video that lies on the disk. */
const editions = (id) => {
  const tenant = sql(`select tenant_id from videos where id = '${id}'`);
  return readdirSync(join(dir, 'media/public', tenant, id)).filter((e) => statSync(join(dir, 'media/public', tenant, id, e)).isDirectory());
};

async function endsWell(id) {
  const v = await settled(user, id, 120);
  assert.equal(v.status, 'ready', JSON.stringify(v.failure));
  assert.equal(job(id).state, 'done');
  assert.equal(sql(`select count(*) from renditions where video_id = '${id}'`), '3');
  assert.equal(sql(`select count(*) from jobs where subject_id = '${id}' and kind = 'transcode'`), '1');
  // what broken attempts left goes when the addresses given out have expired
  sql(`update jobs set run_at = now() where kind = 'purge_files' and subject_id = '${id}'`);
  const left = await until(() => editions(id).length === 1 && editions(id), { seconds: 20, what: 'one edition on the disk' });
  assert.ok(v.videoUrl.includes(`/${left[0]}/`));
}

describe('a transcode', () => {
  it('whose child is killed runs again', async () => {
    const { id } = await uploadPut(user, clip);
    process.kill(await worksOn(id), 'SIGKILL');
    await until(() => job(id).attempts === 1 && job(id).state === 'queued', { what: 'the job to wait for its second attempt' });
    assert.equal(job(id).reason, 'CRASHED');
    soon(id);
    await endsWell(id);
    assert.equal(job(id).attempts, 2);
  });
  it('whose worker is killed is taken over when the lease is over', async () => {
    const { id } = await uploadPut(user, clip);
    const child = await worksOn(id);
    stop('worker', 'KILL');
    await until(() => !existsProcess(child), { what: 'the end of the child' });
    sql(`update jobs set lease_until = now() - interval '1 second' where subject_id = '${id}' and state = 'running'`);
    start('worker');
    await until(() => job(id).state !== 'running' || job(id).attempts === 2, { seconds: 30, what: 'the job to be taken back' });
    soon(id);
    await endsWell(id);
  });
  it('whose worker is asked to stop is given back unharmed, or ends in time', async () => {
    const { id } = await uploadPut(user, clip);
    await worksOn(id);
    stop('worker');
    assert.ok(['queued', 'done'].includes(job(id).state), JSON.stringify(job(id)));
    assert.ok(job(id).attempts <= 1);
    start('worker');
    await endsWell(id);
  });
  it('goes on while PostgreSQL restarts', async () => {
    const { id } = await uploadPut(user, clip);
    await worksOn(id);
    restart('postgres');
    await until(() => video(user, id).catch(() => false), { what: 'the API' });
    soon(id);
    await endsWell(id);
  });
  it('that fails for good says why, and is not tried again', async () => {
    const { id } = await uploadPut(user, process.execPath, { title: 'The node program' }).catch(() => ({}));
    if (!id) return;
    const v = await settled(user, id);
    assert.equal(v.failure.code, 'not_media');
    assert.equal(job(id).state, 'dead');
    assert.equal(job(id).attempts, 1);
  });
});

function existsProcess(id) {
  try {
    process.kill(id, 0);
    return true;
  } catch {
    return false;
  }
}

describe('views', () => {
  it('are flushed once, also when a flush is repeated', async () => {
    assert.equal(sql(`select views_apply('a batch of this test', '[]')`), '0');
    assert.equal(sql(`select views_apply('a batch of this test', '[]')`), '0');
    assert.equal(sql(`select count(*) from view_batches where id = 'a batch of this test'`), '1');
  });
});

const reportJob = (id) => sql(`select state || '|' || attempts from jobs where kind = 'document' and subject_id = '${id}'`);

describe('a report', () => {
  it('whose child is killed in the middle is one whole file in the end', async () => {
    const { tenant } = claimsOf(user.token);
    sql(`update tenants set modules = array(select distinct unnest(modules || '{pocs}')) where id = '${tenant}'`);
    sql(`insert into pocs (tenant_id, user_id, name) select '${tenant}', '${user.id}', 'Project ' || n from generate_series(1, 20000) n`);
    const ask = () => post('/content/reports', { title: 'Cut in the middle', format: 'CSV' }, { token: user.token });
    await until(async () => (await ask()).status !== 400, { seconds: 15, what: 'the module' });
    const { reportId } = ok(await ask(), 202);
    const folder = join(dir, 'media/public', tenant, 'reports', reportId);
    const written = () => (existsSync(folder) ? readdirSync(folder) : []);
    await until(() => written().some((f) => f.endsWith('.part')), { every: 5, what: 'the file that is being written' });
    for (const child of children(pid('worker'))) process.kill(child, 'SIGKILL');
    await until(() => reportJob(reportId) === 'queued|1' || reportJob(reportId).startsWith('done'), { what: 'the second attempt to be waited for' });
    sql(`update jobs set run_at = now() where subject_id = '${reportId}' and state = 'queued'`);
    await until(() => reportJob(reportId).startsWith('done'), { what: 'the report' });
    assert.deepEqual(written(), ['Cut-in-the-middle.csv']);
    assert.equal(readFileSync(join(folder, 'Cut-in-the-middle.csv'), 'utf8').trimEnd().split('\r\n').length, 20001);
    sql(`delete from pocs where user_id = '${user.id}'`);
  });
});

it('a worker does the kinds of jobs that it is told, and leaves the others', async () => {
  const ask = (kind) => sql(`select job_enqueue('${kind}', '{}', gen_random_uuid()::text)`);
  const states = (kind) => sql(`select string_agg(distinct state, ',') from jobs where kind = '${kind}' and created_at > now() - interval '1 minute'`);
  try {
    for (const [kinds, done, left] of [['trending', 'trending', 'uniques'], ['-uniques,-mail', 'trending', 'uniques']]) {
      stop('worker');
      sql("delete from jobs where kind in ('trending', 'uniques')");
      start('worker', { ATELIER_WORKER_KINDS: kinds });
      [left, done].forEach(ask);
      await until(() => states(done) === 'done', { seconds: 20, what: `${done}, with ${kinds}` });
      assert.equal(states(left), 'queued', kinds);
    }
  } finally {
    stop('worker');
    start('worker');
  }
});
