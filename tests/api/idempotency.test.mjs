// tests/api/idempotency.test.mjs - a POST with an Idempotency-Key is done once.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { fails, get, newUser, ok, post } from '../lib/api.mjs';
import { sql } from '../lib/video.mjs';

const film = (extra = {}) => ({ title: 'A film, once', sizeBytes: 1000, ...extra });
const mine = async (token) => ok(await get('/users/me/videos', { token })).length;

test('the same key and body replay the first answer, Location and all', async () => {
  const { token } = await newUser();
  const key = randomUUID();
  const first = await post('/videos', film(), { token, key });
  ok(first, 201);
  for (let i = 0; i < 3; i++) {
    const again = await post('/videos', film(), { token, key });
    assert.equal(again.status, 201);
    assert.deepEqual(again.data, first.data);
    assert.equal(again.headers.get('location'), first.headers.get('location'));
    assert.equal(again.headers.get('idempotent-replayed'), 'true');
  }
  assert.equal(await mine(token), 1);
});

test('another body with that key is a conflict; another person’s key is another key', async () => {
  const [ana, bia] = [await newUser(), await newUser()];
  const key = randomUUID();
  ok(await post('/videos', film(), { token: ana.token, key }), 201);
  fails(await post('/videos', film({ title: 'Another film' }), { token: ana.token, key }), 409, 'IDEMPOTENCY_CONFLICT');
  ok(await post('/videos', film({ title: 'Another film' }), { token: bia.token, key }), 201);
});

test('a failed request keeps nothing: the key can be used again', async () => {
  const { token } = await newUser();
  const key = randomUUID();
  fails(await post('/videos', film({ title: 'x' }), { token, key }), 400);
  ok(await post('/videos', film(), { token, key }), 201);
});

test('an answer that tells a token is kept, but cannot be read in the database', async () => {
  const { id, token } = await newUser();
  const key = randomUUID();
  const dojo = () => post('/dojos', { name: 'Once', language: 'c', isPrivate: true, initialCode: '"\\\n'.repeat(10_000) }, { token, key });
  const first = ok(await dojo(), 201);
  assert.match(first.joinCode, /^[A-HJ-NP-Z2-9]{8}$/);
  const kept = `caller = '${id}' and key = '${key}'`;
  const row = sql(`select k::text from idempotency_keys k where ${kept}`);
  assert.ok(row.includes('POST /dojos'), row.slice(0, 200));
  for (const plain of [first.joinCode, 'joinCode']) assert.ok(!row.includes(plain), `${plain} is in the row`);
  const again = await dojo();
  assert.equal(again.headers.get('idempotent-replayed'), 'true');
  assert.deepEqual(ok(again, 201), first);
  sql(`with k as (update idempotency_keys set body = 'x' || body where ${kept} returning 1) select count(*) from k`);
  fails(await dojo(), 409, 'IDEMPOTENCY_CONFLICT'); // not what was sealed: neither told nor done again
  assert.equal(sql(`select count(*) from dojos where owner_id = '${id}'`), '1');
});

test('ten at the same time make one', async () => {
  const { token } = await newUser();
  const key = randomUUID();
  const all = await Promise.all(Array.from({ length: 10 }, () => post('/videos', film(), { token, key })));
  assert.ok(all.some((r) => r.status === 201));
  for (const r of all) assert.ok([201, 409].includes(r.status), r.text);
  assert.equal(new Set(all.filter((r) => r.status === 201).map((r) => r.data.id ?? r.data.videoId)).size, 1);
  assert.equal(await mine(token), 1);
});

test('a key that is too long is refused', async () => {
  const { token } = await newUser();
  fails(await post('/videos', film(), { token, key: 'k'.repeat(300) }), 400, 'BAD_REQUEST');
});
