// tests/faults/engine.test.mjs - the event engine through nginx: children come and go under load, a table is locked,
// clients leave. Nobody else may notice.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { once, setMaxListeners } from 'node:events';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../lib/api.mjs';
import { startStack } from '../lib/stack.mjs';

let stack, master;

before(() => {
  stack = startStack({ STACK_ENGINE: 'event', STACK_CHILDREN: '2', ATELIER_RATELIMIT_SCALE: '1000000' });
  master = Number(stack.service('pid', 'fcgi').split('\n')[0]);
});
after(() => stack?.stop());

/** Children of the master, all pools. */
const children = () => readFileSync(`/proc/${master}/task/${master}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);

const agent = () => new http.Agent({ keepAlive: true, maxSockets: 64 });

/** One request; resolves to status and milliseconds, never rejects: 0 is a broken connection. */
function ask(method, path, { through = http.globalAgent, json, signal } = {}) {
  const began = performance.now();
  return new Promise((resolve) => {
    const done = (status) => resolve({ status, ms: performance.now() - began });
    const body = json && JSON.stringify(json);
    const headers = body ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } : {};
    const rq = http.request(stack.url + path, { method, agent: through, headers, signal }, (rs) => {
      rs.resume();
      rs.on('end', () => done(rs.statusCode));
      rs.on('error', () => done(0));
    });
    rq.on('error', () => done(0));
    rq.end(body);
  });
}

const view = (options) => ask('POST', `/api/v1/videos/${randomUUID()}/view`, { json: { watchedMs: 900 }, ...options });
const video = (options) => ask('GET', `/api/v1/videos/${randomUUID()}`, options);

/** `clients` keep-alive clients for as long as meanwhile() takes; counts statuses. */
async function underLoad(clients, what, meanwhile) {
  const seen = new Map();
  const through = agent();
  let over = false;
  const client = async () => {
    while (!over) {
      const { status } = await what({ through });
      seen.set(status, (seen.get(status) ?? 0) + 1);
    }
  };
  const all = Array.from({ length: clients }, client);
  try {
    await sleep(300);
    await meanwhile();
  } finally {
    over = true;
    await Promise.all(all);
    through.destroy();
  }
  return Object.fromEntries(seen);
}

const isFailure = (status) => status === '0' || status >= 500;
const failures = (seen) => Object.entries(seen).filter(([status]) => isFailure(status));

test('children are scheduled as batches where many ask, and only there', async () => {
  const SCHED_BATCH = 3, policy = 38; // of /proc/PID/stat, behind the name
  const batches = () => children().filter((pid) => Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ')[policy]) === SCHED_BATCH).length;
  await until(() => batches() === 0, { what: 'quiet' });
  await underLoad(32, video, () => until(() => batches() > 0, { what: 'patience' }));
  await until(() => batches() === 0, { what: 'its end' });
});

test('children are recycled and the configuration is reloaded under load, and no request fails, not even a POST', async () => {
  const file = `${stack.dir}/etc/atelier.conf`;
  writeFileSync(file, readFileSync(file, 'utf8').replace(/(\[pool:api\][^[]*max_requests = )\d+/, '$1200'));
  process.kill(master, 'SIGHUP');
  await sleep(500);
  const first = children();
  const seen = await underLoad(32, view, async () => {
    for (let i = 0; i < 6; i++) {
      await sleep(800);
      process.kill(master, 'SIGHUP');
    }
  });
  assert.deepEqual(failures(seen), [], JSON.stringify(seen));
  assert.ok(seen[404] > 400, `only ${JSON.stringify(seen)}`);
  assert.equal(children().filter((pid) => first.includes(pid)).length, 0, 'a child of the first generation is still there');
});

const killed = new Set(); // a slow machine may not have replaced one when its turn comes again

test('a killed child costs its own requests: reads are repeated elsewhere, the rest gets a clean 503', async () => {
  const kill = async () => {
    for (let i = 0; i < 5; i++) {
      await sleep(400);
      const api = children().filter((pid) => readdirSync(`/proc/${pid}/fd`).length > 0);
      process.kill(api[i % api.length], 'SIGKILL');
      killed.add(api[i % api.length]);
    }
  };
  const reads = await underLoad(64, video, kill); // more kept connections than nginx tries
  assert.deepEqual(failures(reads), [], JSON.stringify(reads));
  const writes = await underLoad(16, view, kill);
  const bad = failures(writes);
  assert.ok(bad.every(([status]) => status === '503'), JSON.stringify(writes));
  assert.ok(bad.reduce((n, [, count]) => n + count, 0) <= 5 * 16, JSON.stringify(writes));
  assert.equal((await video()).status, 404);
});

test('a locked table holds up those who need it, and nobody else', async () => {
  const psql = spawn('psql', ['-X', '-q', '-h', `${stack.dir}/run`, '-U', 'atelier_owner', '-d', 'atelier'], { stdio: ['pipe', 'ignore', 'inherit'] });
  psql.stdin.write('begin; lock table renditions in access exclusive mode;\n');
  await sleep(300);
  const stuck = Array.from({ length: 6 }, () => ask('GET', `/api/v1/videos/${randomUUID()}/stream`));
  const times = [];
  const through = agent();
  const end = Date.now() + 2000;
  const client = async () => {
    while (Date.now() < end) {
      const { status, ms } = await ask('GET', `/api/v1/videos/feed?limit=${1 + (times.length % 90)}`, { through });
      assert.equal(status, 200);
      times.push(ms);
    }
  };
  await Promise.all(Array.from({ length: 8 }, client));
  psql.stdin.end('commit;\n');
  times.sort((a, b) => a - b);
  assert.ok(times.length > 50, `${times.length} requests in two seconds`);
  const p99 = times[Math.floor(times.length * 0.99)];
  for (const { status, ms } of await Promise.all(stuck)) assert.ok(status === 404 && ms > 3 * p99, `${status} after ${ms} ms; of the others p99 ${p99} ms, worst ${times.at(-1)} ms`);
  through.destroy();
});

// With a POST: where nginx may cache the answer (GET) it fetches it to the end for the next reader.
test('clients that leave are not served on, and their place is free', async () => {
  const psql = spawn('psql', ['-X', '-q', '-h', `${stack.dir}/run`, '-U', 'atelier_owner', '-d', 'atelier'], { stdio: ['pipe', 'ignore', 'inherit'] });
  psql.stdin.write('begin; lock table videos in access exclusive mode;\n');
  await sleep(300);
  const gone = new AbortController();
  setMaxListeners(200, gone.signal);
  const left = Array.from({ length: 100 }, () => view({ through: new http.Agent(), signal: gone.signal }));
  await sleep(500);
  gone.abort();
  await Promise.all(left);
  const isCut = (line) => line.includes('/view') && line.includes('client left');
  await until(() => readFileSync(`${stack.dir}/log/fcgi.log`, 'utf8').split('\n').filter(isCut).length >= 90, { every: 50, what: 'the end of those who left' });
  psql.stdin.end('commit;\n');
  assert.equal((await video()).status, 404);
});

test('a thousand connections at once are all answered', async () => {
  const through = new http.Agent({ maxSockets: 1000 });
  const all = await Promise.all(Array.from({ length: 1000 }, () => video({ through })));
  assert.deepEqual([...new Set(all.map((r) => r.status))], [404]);
});

const logged = (event) => readFileSync(`${stack.dir}/log/fcgi.log`, 'utf8').split('\n').filter((line) => line.includes(`"event":"${event}"`)).length;

/** Lets the master read a changed configuration; `outcome`: the event that it logs then. */
async function reload(change, outcome) {
  const file = `${stack.dir}/etc/atelier.conf`;
  const before = logged(outcome);
  writeFileSync(file, change(readFileSync(file, 'utf8')));
  process.kill(master, 'SIGHUP');
  await until(() => logged(outcome) > before, { every: 50, what: outcome });
}

test('a configuration that is refused leaves nothing behind: mended, it is taken', async () => {
  const pool = (name, socket) => `\n[pool:${name}]\nengine = event\nlisten = unix:${socket}\nchildren = 1\n`;
  const extra = pool('extra', `${stack.dir}/run/extra.sock`);
  const wrong = pool('wrong', `${stack.dir}/nowhere/wrong.sock`);
  await reload((text) => text + extra + wrong, 'listen_failed');
  assert.equal(existsSync(`${stack.dir}/run/extra.sock`), false);
  await reload((text) => text.replace(wrong, ''), 'reloaded');
  assert.equal(existsSync(`${stack.dir}/run/extra.sock`), true);
  await reload((text) => text.replace(extra, ''), 'reloaded');
  await until(() => !existsSync(`${stack.dir}/run/extra.sock`), { what: 'the socket to go' });
});

test('children that are recycled with long work at hand are replaced, one after the other', async () => {
  const api = (from, to) => (text) => text.replace(/\[pool:api\][^[]*/, (section) => section.replace(from[0], to[0]).replace(from[1], to[1]));
  await reload(api([/children = \d+/, /max_requests = \d+/], ['children = 1', 'max_requests = 1']), 'reloaded');
  const psql = spawn('psql', ['-X', '-q', '-h', `${stack.dir}/run`, '-U', 'atelier_owner', '-d', 'atelier'], { stdio: ['pipe', 'pipe', 'inherit'] });
  psql.stdin.write('begin; lock table videos in access exclusive mode; select 1;\n');
  await once(psql.stdout, 'data');
  await until(() => children().length === 4, { every: 20, what: 'the children of before to go' });
  const stuck = [];
  for (let n = 1; n <= 3; n++) {
    stuck.push(view({ through: new http.Agent() }));
    await until(() => children().length === 4 + n, { every: 20, what: `a child beside ${n} that leave` });
  }
  assert.equal((await ask('GET', '/health', { through: new http.Agent() })).status, 200);
  psql.stdin.end('commit;\n');
  await Promise.all(stuck);
  await reload(api([/children = \d+/, /max_requests = \d+/], ['children = 2', 'max_requests = 200']), 'reloaded');
});

test('memory of a child stays where it is', async () => {
  const rss = () => children().map((pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0));
  const file = `${stack.dir}/etc/atelier.conf`;
  writeFileSync(file, readFileSync(file, 'utf8').replace(/(\[pool:api\][^[]*max_requests = )\d+/, '$10'));
  process.kill(master, 'SIGHUP');
  await sleep(1000);
  await underLoad(32, video, () => sleep(2000));
  const early = Math.max(...rss());
  await underLoad(32, video, () => sleep(8000));
  const late = Math.max(...rss());
  assert.ok(late < early + 4096, `${early} kB, then ${late} kB`);
  assert.equal(execFileSync('grep', ['-c', 'child_crashed', `${stack.dir}/log/fcgi.log`], { encoding: 'utf8' }).trim(), String(killed.size));
});
