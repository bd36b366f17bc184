// tests/faults/limits.test.mjs - jobs that hang, take too long, crash again and again, are cancelled, or have no room:
// each ends, says why, and leaves the others alone. An installation of its own, with short limits.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startStack } from '../lib/stack.mjs';

const settings = {
  ATELIER_WORKER_JOB_STALL: '3s',
  ATELIER_WORKER_LEASE: '4s',
  ATELIER_WORKER_GRACE: '1s',
  ATELIER_MEDIA_URL_TTL: '1s',
  ATELIER_RATELIMIT_SCALE: '1000',
};
const stack = startStack(settings);
Object.assign(process.env, stack.env, settings); // settings: for services that are started again
const { newUser, until, post, del, ok } = await import('../lib/api.mjs');
const { makeClip } = await import('../lib/media.mjs');
const { children, descendants, dir, log, pid, sql, start, stop } = await import('../lib/running.mjs');
const { settled, uploadPut, video } = await import('../lib/video.mjs');

let user, clip, brief, short;
before(async () => {
  user = await newUser();
  clip = makeClip({ seconds: 8, size: '1280x720', name: 'long.mp4' }); // work that is not done when somebody says stop
  brief = makeClip({ seconds: 4, size: '1280x720', name: 'brief.mp4' }); // work that is caught at its beginning
  short = makeClip({ seconds: 1 });
});
after(() => stack.stop());

const job = (id, kind = 'transcode') => {
  const row = sql(`select state, attempts, coalesce(reason_code, ''), coalesce(reason, ''), progress from jobs where kind = '${kind}' and subject_id = '${id}' order by created_at desc limit 1`);
  const [state, attempts, code, reason, progress] = row.split('|');
  return { state, attempts: Number(attempts), code, reason, progress: Number(progress) };
};
const soon = (id) => sql(`update jobs set run_at = now() where subject_id = '${id}' and state = 'queued'; select pg_notify('atelier_jobs', 'transcode')`);
const worker = () => pid('worker');
/** The child that works on a transcode; other jobs are over in no time. */
const worksOn = (id) => until(() => job(id).state === 'running' && children(worker())[0], { what: 'a child at work', every: 20 });
const folder = (id) => join(dir, 'media/public', sql(`select tenant_id from videos where id = '${id}'`), id);
const editions = (id) => (existsSync(folder(id)) ? readdirSync(folder(id)) : []);

/** Programs of the stack as its user, with its settings. */
const asRunner = process.getuid() === 0 ? ['setpriv', '--reuid', 'atelier-stack', '--regid', 'atelier-stack', '--init-groups'] : ['env'];
const program = [...asRunner, `${stack.env.STACK_PREFIX}/sbin/atelier-worker`, '-c', join(dir, 'etc/atelier.conf')];
const environment = { ...process.env, ...settings };
const enqueue = (name) => execFileSync(program[0], [...program.slice(1), 'enqueue', name], { env: environment, stdio: 'pipe' });

/** A second worker beside the stack's. */
function start2() {
  const child = spawn(program[0], program.slice(1), { env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
  let text = '';
  child.stderr.on('data', (d) => (text += d));
  const ended = new Promise((resolve) => child.on('exit', resolve));
  return {
    log: () => text.split('\n').filter(Boolean).map((l) => JSON.parse(l)),
    stop: () => (child.kill('SIGTERM'), ended),
  };
}

describe('a job', () => {
  it('that shows no life is ended by the stall limit, tried again, and ends well', async () => {
    const { id } = await uploadPut(user, brief);
    process.kill(await worksOn(id), 'SIGSTOP');
    await until(() => job(id).state === 'queued', { seconds: 20, what: 'the stall limit' });
    assert.deepEqual([job(id).attempts, job(id).code], [1, 'STALLED']);
    soon(id);
    const v = await settled(user, id);
    assert.equal(v.status, 'ready');
    assert.equal(job(id).attempts, 2);
  });

  it('that crashes three times is dead, its uploader is told, and it can be tried again', async () => {
    const { id } = await uploadPut(user, brief);
    for (let attempt = 1; attempt <= 3; attempt++) {
      await until(() => job(id).attempts === attempt && job(id).state === 'running', { what: `attempt ${attempt}` });
      process.kill(await worksOn(id), 'SIGSEGV');
      await until(() => job(id).state !== 'running', { what: 'the end of it' });
      if (attempt < 3) soon(id);
    }
    assert.deepEqual([job(id).state, job(id).code], ['dead', 'CRASHED']);
    const v = await video(user, id);
    if (v.status !== 'ready') {
      assert.equal(v.status, 'failed');
      assert.equal(v.failure.code, 'CRASHED');
      assert.match(v.failure.message, /\.$/);
    }
    assert.match(stack.ctl('job', 'retry', '--kind', 'transcode', '--reason', 'CRASHED'), /1/);
    const again = await settled(user, id);
    assert.equal(again.status, 'ready', JSON.stringify(again.failure));
    assert.equal(again.failure ?? null, null);
  });

  it('whose worker dies three times is dead, too, and its uploader is told', async () => {
    const { id } = await uploadPut(user, brief);
    await worksOn(id);
    sql(`update jobs set attempts = 3 where subject_id = '${id}'`); // the third attempt, for short
    stop('worker', 'KILL');
    sql(`delete from renditions where video_id = '${id}'`);
    start('worker');
    await until(() => job(id).state === 'dead', { seconds: 40, what: 'the lease to run out' });
    assert.equal(job(id).code, 'WORKER_LOST');
    const v = await video(user, id);
    assert.deepEqual([v.status, v.failure.code], ['failed', 'WORKER_LOST']);
  });

  it('that is cancelled ends at once, says so, and can be asked for again', async () => {
    const { id } = await uploadPut(user, clip);
    const child = await worksOn(id);
    stack.ctl('job', 'cancel', sql(`select id from jobs where subject_id = '${id}' and kind = 'transcode'`));
    await until(() => job(id).state === 'cancelled', { what: 'the cancellation', every: 20 });
    assert.ok(!descendants(worker()).includes(child));
    stack.ctl('video', 'reprocess', id);
    assert.equal((await settled(user, id)).status, 'ready');
  });

  it('that waits and is cancelled says so, too', async () => {
    stop('worker');
    const { id } = await uploadPut(user, short);
    stack.ctl('job', 'cancel', sql(`select id from jobs where subject_id = '${id}' and kind = 'transcode'`));
    assert.deepEqual([(await video(user, id)).status, (await video(user, id)).failure.code], ['failed', 'CANCELLED']);
    start('worker');
    stack.ctl('job', 'retry', sql(`select id from jobs where subject_id = '${id}' and kind = 'transcode'`));
    assert.equal((await settled(user, id)).status, 'ready');
  });

  it('whose worker is asked to stop is given back: the attempt does not count, nothing stays behind', async () => {
    const { id } = await uploadPut(user, clip);
    await worksOn(id);
    stop('worker');
    assert.deepEqual([job(id).state, job(id).attempts], ['queued', 0]);
    start('worker');
    assert.equal((await settled(user, id)).status, 'ready');
    assert.equal(job(id).attempts, 1);
    await until(() => editions(id).length === 1, { what: 'the broken edition to go' });
  });
});

describe('a video', () => {
  it('plays its old edition until the new one is whole, also when making it fails', async () => {
    const { id } = await uploadPut(user, brief);
    const first = await settled(user, id);
    const rows = () => sql(`select string_agg(name || media_key, ',' order by name) from renditions where video_id = '${id}' and state = 'ready'`);
    const before = rows();
    stack.ctl('video', 'reprocess', id);
    process.kill(await worksOn(id), 'SIGKILL');
    await until(() => job(id).state === 'queued', { what: 'the end of the attempt' });
    assert.equal(rows(), before);
    assert.equal((await video(user, id)).status, 'ready');
    soon(id);
    await until(() => job(id).state === 'done', { what: 'the new edition' });
    assert.notEqual(rows(), before);
    const now = await settled(user, id);
    assert.equal(now.status, 'ready');
    assert.notEqual(now.videoUrl, first.videoUrl);
    await until(() => editions(id).length === 1, { what: 'the old edition to go', seconds: 30 });
  });

  it('deleted while it is worked on leaves nothing behind', async () => {
    const { id } = await uploadPut(user, brief);
    await worksOn(id);
    const at = folder(id);
    const original = join(dir, 'media/originals', sql(`select original_key from videos where id = '${id}'`));
    assert.ok(existsSync(original));
    ok(await del(`/videos/${id}`, { token: user.token }), 204);
    await until(() => !existsSync(at) && !existsSync(original), { seconds: 40, what: 'the files to go' });
    await until(() => ['cancelled', 'dead'].includes(job(id).state), { what: 'the end of the work' });
    assert.equal(existsSync(at), false);
  });
});

describe('the queue', () => {
  it('two workers never do one job twice, and short work does not wait behind long', async () => {
    const second = start2();
    try {
      const ids = await Promise.all(Array.from({ length: 6 }, async () => (await uploadPut(user, short)).id));
      const long = await Promise.all(Array.from({ length: 4 }, async () => (await uploadPut(user, brief)).id));
      await until(() => sql(`select count(*) from jobs where state = 'running' and kind = 'transcode'`) >= 2, { what: 'work' });
      await newUser(); // its mail goes out although every slot is taken
      await until(() => sql(`select count(*) from jobs where kind = 'mail' and state <> 'done'`) === '0', { what: 'the mail' });
      for (const id of [...ids, ...long]) assert.equal((await settled(user, id, 240)).status, 'ready');
      for (const id of [...ids, ...long]) {
        assert.deepEqual([job(id).state, job(id).attempts], ['done', 1]);
        assert.equal(editions(id).length, 1);
      }
      const ended = [...log('worker'), ...second.log()].filter((l) => l.event === 'job' && l.kind === 'transcode' && l.ended === 'done');
      for (const id of ids) assert.equal(ended.filter((l) => l.job === sql(`select id from jobs where subject_id = '${id}' and kind = 'transcode'`)).length, 1);
      assert.ok(second.log().some((l) => l.event === 'job' && l.ended === 'done'), 'the second one worked, too');
    } finally {
      await second.stop();
    }
  });

  it('a periodic job is asked for once in a period, and what was missed is one run', async () => {
    sql(`delete from cron_runs; delete from jobs where kind = 'upkeep'`);
    for (let i = 0; i < 3; i++) enqueue('upkeep');
    await until(() => sql(`select count(*) from jobs where kind = 'upkeep' and state = 'done'`) === '1', { what: 'the run' });
    enqueue('upkeep');
    assert.equal(sql(`select count(*) from jobs where kind = 'upkeep'`), '1');
    stop('worker');
    sql(`update cron_runs set period = period - 5, asked_at = now() - interval '5 days' where name = 'upkeep'`);
    start('worker');
    await until(() => sql(`select count(*) from jobs where kind = 'upkeep' and state = 'done'`) === '2', { what: 'the missed run' });
    assert.equal(sql(`select count(*) from jobs where kind = 'upkeep'`), '2');
  });

  it('every line of the log is JSON and names the job, its kind and the trace of the request', async () => {
    const text = readFileSync(join(dir, 'log/worker.log'), 'utf8').trim().split('\n');
    for (const line of text) assert.doesNotThrow(() => JSON.parse(line), line);
    const done = log('worker').filter((l) => l.event === 'job' && l.kind === 'transcode');
    assert.ok(done.length > 5);
    for (const line of done) assert.match(line.job, /^[0-9a-f-]{36}$/);
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    const v = ok(await post('/videos', { title: 'Traced' }, { token: user.token }), 201);
    await fetch(v.uploadUrl, { method: 'PUT', body: readFileSync(short), headers: { traceparent: `00-${trace}-00f067aa0ba902b7-01` } });
    await settled(user, v.id);
    await until(() => log('worker').some((l) => l.event === 'job' && l.traceId === trace), { what: 'the line' });
  });
});
