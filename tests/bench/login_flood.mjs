// tests/bench/login_flood.mjs - what a flood of sign-ins costs everybody else: p99 of a cheap read without and with it, on
// a stack of its own. Prints one line a figure, as the other benchmarks do.
import { once } from 'node:events';
import { setPriority } from 'node:os';
import { performance } from 'node:perf_hooks';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { apiOf, startStack } from '../lib/stack.mjs';

/** 200 attackers, each with a name of its own every time; who is turned away comes back soon. */
async function attack() {
  setPriority(19); // this thread: attackers have machines of their own
  const api = await apiOf({ env: workerData, url: workerData.ATELIER_URL });
  const answers = {};
  let flooding = true;
  parentPort.once('message', () => (flooding = false));
  const one = async (_, i) => {
    for (let n = 0; flooding; n++) {
      const res = await api.post('/auth/login', { email: `nobody${i}-${n}@example.test`, password: 'wrong wrong wrong' });
      answers[res.status] = (answers[res.status] ?? 0) + 1;
      if (res.status !== 401) await new Promise((r) => setTimeout(r, 200));
    }
  };
  await Promise.all(Array.from({ length: 200 }, one));
  parentPort.postMessage(answers);
}

const seconds = Number(process.env.BENCH_SECONDS ?? 8);
const quantile = (times, q) => times.sort((a, b) => a - b)[Math.floor(times.length * q)];

async function measure() {
  const stack = startStack({ ATELIER_RATELIMIT_SCALE: '1000000', STACK_NO_MICRO_CACHE: '1', ATELIER_AUTH_ARGON2_MEMORY: '19M', ATELIER_AUTH_ARGON2_PASSES: '2' });
  try {
    const api = await apiOf(stack);
    const user = await api.newUser();
    const reads = async () => {
      const times = [];
      const end = performance.now() + seconds * 1000;
      while (performance.now() < end) {
        const at = performance.now();
        api.ok(await api.get('/users/me', { token: user.token }));
        times.push(performance.now() - at);
        await new Promise((r) => setTimeout(r, 2));
      }
      return times;
    };
    await reads();
    const calm = quantile(await reads(), 0.99);

    const flood = new Worker(new URL(import.meta.url), { workerData: stack.env }); // its work must not be in our times
    await new Promise((r) => setTimeout(r, 500));
    const flooded = quantile(await reads(), 0.99);
    const at = performance.now();
    const right = await api.post('/auth/login', { email: user.email, password: user.password });
    const rightMs = performance.now() - at;
    flood.postMessage('stop');
    const [answers] = await once(flood, 'message');
    console.log(`bench login_flood_read_p99_ms ours ${flooded.toFixed(1)} reference ${calm.toFixed(1)} ratio ${(flooded / calm).toFixed(2)}`);
    console.log(`bench login_flood_right_login_ms ours ${rightMs.toFixed(0)} reference 0 ratio 0 status ${right.status}`);
    console.log(`# answers of the flood: ${JSON.stringify(answers)}`);
  } finally {
    stack.stop();
  }
}

await (isMainThread ? measure() : attack());
