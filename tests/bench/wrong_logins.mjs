// tests/bench/wrong_logins.mjs - does a right sign-in take longer after 10,000 wrong ones? Half of them are for one account, half for names that
// nobody has. Cheap passwords (1 MB), so that what is kept of the wrong ones would show. Needs STACK_PREFIX.
import { performance } from 'node:perf_hooks';
import { apiOf, startStack } from '../lib/stack.mjs';

const wrong = Number(process.env.BENCH_WRONG ?? 10000);
const stack = startStack({ ATELIER_RATELIMIT_SCALE: '1000000', ATELIER_AUTH_ARGON2_MEMORY: '1M', ATELIER_AUTH_ARGON2_PASSES: '1' });
try {
  const api = await apiOf(stack);
  const [user, target] = [await api.newUser(), await api.newUser()];
  const median = async () => {
    const times = [];
    for (let i = 0; i < 60; i++) {
      const at = performance.now();
      const res = await api.post('/auth/login', { email: user.email, password: user.password });
      if (res.status !== 200) throw new Error(res.text);
      times.push(performance.now() - at);
    }
    return times.sort((a, b) => a - b)[30];
  };
  await median();
  const before = await median();
  let sent = 0;
  const answers = {};
  const began = performance.now();
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      while (sent < wrong) {
        const n = sent++;
        const { status } = await api.post('/auth/login', { email: n % 2 ? target.email : `nobody${n}@example.test`, password: 'wrong wrong wrong' });
        answers[status] = (answers[status] ?? 0) + 1;
      }
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  const after = await median();
  console.log(`bench right_login_after_${wrong}_wrong_ms ours ${after.toFixed(2)} reference ${before.toFixed(2)} ratio ${(after / before).toFixed(2)}`);
  console.log(`# ${wrong} wrong ones in ${seconds.toFixed(1)} s: ${JSON.stringify(answers)}`);
} finally {
  stack.stop();
}
