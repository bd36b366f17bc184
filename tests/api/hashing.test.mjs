// tests/api/hashing.test.mjs - passwords at work: the same for who is known and who is not, and made anew when the parameters change.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { askAs } from '../lib/sql.mjs';
import { apiOf, startStack } from '../lib/stack.mjs';

let stack, api, user;
before(async () => {
  stack = startStack({ ATELIER_RATELIMIT_SCALE: '1000', ATELIER_AUTH_ARGON2_PASSES: '2', ATELIER_AUTH_ARGON2_MEMORY: '19M' }); // as installed
  api = await apiOf(stack);
  user = await api.newUser();
});
after(() => stack?.stop());

const sql = (text) => askAs('atelier_owner', text, `${stack.dir}/run`);
const computed = async () => Number(/^atelier_passwords_computed_total (\d+)/m.exec(await (await fetch(`${stack.url}/metrics`)).text())[1]);
const cost = async (credentials, status) => {
  const before = await computed();
  const res = await api.post('/auth/login', credentials);
  assert.equal(res.status, status, res.text);
  return { passwords: (await computed()) - before, said: res.body.error && { code: res.body.error.code, message: res.body.error.message } };
};

test('a known address, an unknown one and a name that nobody has cost one password each, and are told the same', async () => {
  const wrong = await cost({ email: user.email, password: 'wrong wrong wrong' }, 401);
  assert.equal(wrong.passwords, 1);
  for (const email of ['nobody-at-all@example.test', 'NobodyAtAll']) assert.deepEqual(await cost({ email, password: 'wrong wrong wrong' }, 401), wrong, email);
  assert.equal((await cost({ email: user.email, password: user.password }, 200)).passwords, 1);
});

test('what was made with other parameters is made anew at the next sign-in, and only then', async () => {
  const hash = () => sql(`select password_hash from users where id = '${user.id}'`);
  const old = hash();
  assert.match(old, /^\$argon2id\$v=19\$m=19456,t=2,/);
  stack.restart('fcgi', { ...process.env, ATELIER_AUTH_ARGON2_PASSES: '3', ATELIER_AUTH_ARGON2_MEMORY: '20M', ATELIER_RATELIMIT_SCALE: '1000' });
  await cost({ email: user.email, password: 'wrong wrong wrong' }, 401);
  assert.equal(hash(), old, 'a wrong password changes nothing');
  assert.equal((await cost({ email: user.email, password: user.password }, 200)).passwords, 2, 'verified, and made anew');
  const made = hash();
  assert.match(made, /^\$argon2id\$v=19\$m=20480,t=3,/);
  assert.equal((await cost({ email: user.email, password: user.password }, 200)).passwords, 1);
  assert.equal(hash(), made);
});
