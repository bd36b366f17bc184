// tests/bench/engine.mjs - what the event engine promises, on a stack of its own (needs STACK_PREFIX and wrk):
//   a query of one second on one route and the p99 of another; a thousand connections beside thirty-two; a child's memory after ten thousand
//   requests and after a million.
import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { startStack } from '../lib/stack.mjs';

const stack = startStack({ STACK_ENGINE: 'event', STACK_NO_MICRO_CACHE: '1', ATELIER_RATELIMIT_SCALE: '1000000', ATELIER_SHARED_CACHE: 'false', ATELIER_LOG_LEVEL: 'warn' });
const seconds = Number(process.env.BENCH_SECONDS ?? 6);
const psql = (input) => {
  const child = spawn('psql', ['-X', '-q', '-h', `${stack.dir}/run`, '-U', 'atelier_owner', '-d', 'atelier'], { stdio: ['pipe', 'ignore', 'inherit'] });
  child.stdin.end(input);
  return child;
};
/** requests/s, p50 and p99 in ms, answers that were not 2xx or broken. */
const wrk = (connections, path, s = seconds) => {
  const said = execFileSync('wrk', ['-t2', `-c${connections}`, `-d${s}s`, '--timeout', '10s', '--latency', stack.url + path], { encoding: 'utf8' });
  const ms = (name) => {
    const [, n, unit] = new RegExp(`${name}%\\s+([\\d.]+)(us|ms|s)`).exec(said);
    return Number(n) * { us: 0.001, ms: 1, s: 1000 }[unit];
  };
  return { rps: Number(/Requests\/sec:\s+([\d.]+)/.exec(said)[1]), count: Number(/(\d+) requests in/.exec(said)[1]), p50: ms('50'), p99: ms('99'), wrong: (/Non-2xx.*|Socket errors.*/.exec(said) ?? ['none'])[0] };
};
const say = (name, ours, reference, more = '') => console.log(`bench ${name} ours ${ours.toFixed(2)} reference ${reference.toFixed(2)} ratio ${(ours / reference).toFixed(2)}${more}`);

try {
  const feed = '/api/v1/videos/feed';
  wrk(32, feed, 2);
  const calm = wrk(32, feed);
  // Statements that take a second, one after the other, and requests that need them all the time.
  const slow = psql(Array.from({ length: seconds + 2 }, () => 'begin; lock table renditions in access exclusive mode; select pg_sleep(1); commit;').join('\n'));
  let over = false;
  const stuck = Promise.all(Array.from({ length: 4 }, async () => {
    let n = 0;
    for (; !over; n++) await fetch(`${stack.url}/api/v1/videos/${randomUUID()}/stream`).then((r) => r.arrayBuffer());
    return n;
  }));
  await sleep(300);
  const beside = await new Promise((resolve) => setImmediate(() => resolve(wrkAsync(32, feed))));
  over = true;
  await stuck;
  slow.kill();
  say('p99_beside_slow_route_ms', beside.p99, calm.p99, ` (feed; ${beside.wrong} wrong)`);

  const thousand = wrk(1000, '/health');
  const few = wrk(32, '/health');
  say('thousand_connections_rps', thousand.rps, few.rps, ` (p50 ${thousand.p50.toFixed(1)} p99 ${thousand.p99.toFixed(1)} ms; ${thousand.wrong} wrong)`);

  const master = Number(stack.service('pid', 'fcgi').split('\n')[0]);
  const children = readFileSync(`/proc/${master}/task/${master}/children`, 'utf8').trim().split(' ').map(Number);
  stack.restart('fcgi', { ...process.env, STACK_ENGINE: 'event', ATELIER_RATELIMIT_SCALE: '1000000', ATELIER_SHARED_CACHE: 'false', ATELIER_LOG_LEVEL: 'warn' });
  const fresh = Number(stack.service('pid', 'fcgi').split('\n')[0]);
  const rss = () => Math.max(...readFileSync(`/proc/${fresh}/task/${fresh}/children`, 'utf8').trim().split(' ').map((pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1])));
  let sent = 0;
  while (sent < 10000) sent += wrk(32, feed, 1).count;
  const early = rss();
  while (sent < 1000000) sent += wrk(32, sent % 2 ? feed : '/health', 5).count;
  say('child_memory_after_a_million_kb', rss(), early, ` (${sent} requests; ${children.length} children)`);
} finally {
  stack.stop();
}

/** As wrk(), while this process goes on. */
async function wrkAsync(connections, path) {
  const child = spawn('wrk', ['-t2', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '--latency', stack.url + path], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (d) => (said += d));
  await new Promise((go) => child.on('close', go));
  const [, n, unit] = /99%\s+([\d.]+)(us|ms|s)/.exec(said);
  return { p99: Number(n) * { us: 0.001, ms: 1, s: 1000 }[unit], wrong: (/Non-2xx.*|Socket errors.*/.exec(said) ?? ['none'])[0] };
}
