// tests/bench/upload_memory.mjs - uploads of 2 GB in each of the three ways take no memory of ours: the peak (VmHWM) of
// every web process before and after. UPLOAD_BYTES makes them smaller or larger.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { before, it } from 'node:test';
import { apiUrl, call, del, get, newUser, ok, post, until } from '../lib/api.mjs';
import { descendants, dir, pid, sql } from '../lib/running.mjs';

const size = Number(process.env.UPLOAD_BYTES ?? 2 * 1024 ** 3);
const growthMax = 8 * 1024; // kB
const block = Buffer.alloc(1024 ** 2, 'not a video ');
let user;
before(async () => {
  user = await newUser();
  if (dir) sql(`update users set quota_bytes = 1e15 where id = '${user.id}'`);
});

function* zeros(bytes, head = '', foot = '') {
  if (head) yield Buffer.from(head);
  for (let left = bytes; left > 0; left -= block.length) yield left >= block.length ? block : block.subarray(0, left);
  if (foot) yield Buffer.from(foot);
}

/** One request whose body is never whole anywhere. */
async function send(method, url, headers, bytes, head, foot) {
  const length = bytes + Buffer.byteLength(head ?? '') + Buffer.byteLength(foot ?? '');
  const req = request(url, { method, headers: { ...headers, 'content-length': length } });
  const answered = new Promise((resolve, reject) => req.on('response', resolve).on('error', reject));
  await pipeline(Readable.from(zeros(bytes, head, foot)), req);
  const res = await answered;
  let text = '';
  for await (const piece of res) text += piece;
  return { status: res.statusCode, headers: res.headers, text };
}

const auth = () => ({ authorization: `Bearer ${user.token}` });

const ways = {
  async 'a presigned PUT'(bytes) {
    const { videoId, uploadUrl } = ok(await post('/videos/upload-url', { sizeBytes: bytes }, { token: user.token }), 201);
    const res = await send('PUT', uploadUrl, {}, bytes);
    assert.equal(res.status, 204, res.text);
    return videoId;
  },
  async 'one tus request'(bytes) {
    const tus = { ...auth(), 'tus-resumable': '1.0.0' };
    const made = await call('POST', '/uploads', { headers: { ...tus, 'upload-length': String(bytes) } });
    assert.equal(made.status, 201, made.text);
    const res = await send('PATCH', made.headers.get('location'), { ...tus, 'upload-offset': 0, 'content-type': 'application/offset+octet-stream' }, bytes);
    assert.equal(res.status, 204, res.text);
    return made.headers.get('x-video-id');
  },
  async 'a form'(bytes) {
    const head = '--x\r\nContent-Disposition: form-data; name="title"\r\n\r\nA large one\r\n--x\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n';
    const res = await send('POST', `${apiUrl}/videos`, { ...auth(), 'content-type': 'multipart/form-data; boundary=x' }, bytes, head, '\r\n--x--\r\n');
    assert.equal(res.status, 201, res.text);
    return JSON.parse(res.text).data.id;
  },
};

/** Peak resident memory in kB of each web process. */
const peaks = () =>
  new Map([pid('fcgi'), ...descendants(pid('fcgi'))].map((p) => [p, Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${p}/status`, 'utf8'))[1])]));

for (const [name, upload] of Object.entries(ways))
  it(`${name} of ${(size / 1024 ** 3).toFixed(1)} GB`, { skip: !dir && 'no STACK_DIR' }, async (t) => {
    for (let i = 0; i < 4; i++) await upload(1024 ** 2);
    const before = peaks();
    const started = Date.now();
    const id = await upload(size);
    const seconds = (Date.now() - started) / 1000;
    const after = peaks();
    assert.equal(ok(await get(`/videos/${id}`, { token: user.token })).sizeBytes, size);
    let growth = 0;
    for (const [p, kb] of before) {
      assert.ok(after.has(p), 'no process was replaced');
      growth = Math.max(growth, after.get(p) - kb);
    }
    t.diagnostic(`${[...before].map(([p, kb]) => `${kb}→${after.get(p)}`).join(', ')} kB at their peaks; ${Math.round(size / seconds / 1e6)} MB/s`);
    assert.ok(growth <= growthMax, `a process grew by ${growth} kB`);
    await until(async () => ok(await get(`/videos/${id}`, { token: user.token })).status === 'failed', { seconds: 120, what: 'the end of what is no video' });
    ok(await del(`/videos/${id}`, { token: user.token }), 204);
  });
