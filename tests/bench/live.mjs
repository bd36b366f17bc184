// tests/bench/live.mjs - sockets: what an idle one costs in memory, and how long an edit takes to come back in busy dojos while all of
// them are there. Against a running installation (its `stack.sh env`): node tests/bench/live.mjs [IDLE] [DOJOS] [PEOPLE in each]
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import WebSocket from 'ws';
import { newUser, ok, post } from '../lib/api.mjs';
import { dir, pid } from '../lib/running.mjs';

const [idle, dojos, people] = [process.argv[2] ?? 5000, process.argv[3] ?? 50, process.argv[4] ?? 10].map(Number);
const SECONDS = 15, EVERY_MS = 1000; // each of them an edit a second
const resident = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid('live')}/status`, 'utf8'))[1]);
const open = (path, token) => new Promise((resolve, reject) => {
  const ws = new WebSocket(`ws+unix://${join(dir, 'run/live.sock')}:/api/v1${path}?token=${token}`, { headers: { host: 'localhost' }, perMessageDeflate: false });
  ws.once('message', (m) => resolve(Object.assign(ws, { hello: JSON.parse(m) })));
  ws.on('error', reject);
  ws.on('close', (code, reason) => reject(new Error(`${code} ${reason}`)));
});
const everybody = [];
for (let i = 0; i < Math.max(people, idle / 45); i++) everybody.push(await newUser());

const before = resident();
const idlers = [];
for (let i = 0; i < idle; i += 100) {
  const some = await Promise.all(Array.from({ length: Math.min(100, idle - i) }, (_, k) => open('/live', everybody[(i + k) % everybody.length].token)));
  for (const ws of some) ws.send(JSON.stringify({ type: 'subscribe', channel: `user:${ws.hello.userId}` }));
  idlers.push(...some);
}
await new Promise((r) => setTimeout(r, 2000));
const after = resident();
console.log(`bench live_idle connections ${idle} kB_before ${before} kB_after ${after} kB_each ${((after - before) / idle).toFixed(1)}`);

const times = [];
const writers = [];
let errors = 0;
for (let d = 0; d < dojos; d++) {
  const dojo = ok(await post('/dojos', { name: `Busy ${d}`, language: 'c', maxParticipants: people }, { token: everybody[0].token }), 201);
  for (const p of everybody.slice(1, people)) ok(await post(`/dojos/${dojo.id}/join`, {}, { token: p.token }));
  const sockets = await Promise.all(everybody.slice(0, people).map((p) => open(`/dojos/${dojo.id}/live`, p.token)));
  for (const [i, ws] of sockets.entries()) {
    const me = { ws, id: `${d}.${i}.`, n: 0, sent: new Map() };
    let { revision, content: text } = ws.hello;
    ws.on('message', (m) => {
      const f = JSON.parse(m);
      if (f.type === 'error') errors++;
      if (f.type !== 'CODE_UPDATE') return;
      revision = Math.max(revision, f.revision);
      if (f.ops) text = apply(f.ops, text);
      const at = me.sent.get(f.requestId);
      if (at !== undefined) {
        times.push(performance.now() - at);
        me.sent.delete(f.requestId);
      }
    });
    me.edit = () => {
      const requestId = me.id + me.n++;
      me.sent.set(requestId, performance.now());
      ws.send(JSON.stringify({ type: 'CODE_UPDATE', baseRevision: revision, requestId, ...me.op() }));
    };
    me.op = () => {
      const at = Math.floor(Math.random() * text.length);
      return { ops: [...(at ? [at] : []), 'x', ...(text.length - at ? [text.length - at] : [])] };
    };
    writers.push(me);
  }
}
function apply(ops, text) {
  let at = 0, out = '';
  for (const o of ops) {
    if (typeof o === 'string') out += o;
    else if (o > 0) { out += text.slice(at, at + o); at += o; }
    else at -= o;
  }
  return out;
}
const timers = writers.map((w) => setTimeout(() => { w.timer = setInterval(w.edit, EVERY_MS); }, Math.random() * EVERY_MS));
await new Promise((r) => setTimeout(r, SECONDS * 1000));
writers.forEach((w, i) => { clearTimeout(timers[i]); clearInterval(w.timer); });
await new Promise((r) => setTimeout(r, 1500));
times.sort((a, b) => a - b);
const at = (p) => times[Math.min(times.length - 1, Math.floor(times.length * p))].toFixed(1);
console.log(`bench live_dojos dojos ${dojos} people ${dojos * people} edits ${times.length} per_second ${(times.length / SECONDS).toFixed(0)} unanswered ${writers.reduce((n, w) => n + w.sent.size, 0)} errors ${errors} ms_p50 ${at(0.5)} ms_p99 ${at(0.99)} ms_most ${at(1)}`);
process.exit(0);
