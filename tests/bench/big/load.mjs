// tests/bench/big/load.mjs - a seeded server (ATELIER_URL, big/seed.sql) at a steady rate of requests, as people make them: each is sent when
// its time has come, whether or not those before it were answered. Prints p50, p95 and p99 of each kind.
//   BENCH_RATE  requests a second (200)    BENCH_SECONDS (20)    IDS, PEOPLE  files of ids of videos and people
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { performance } from 'node:perf_hooks';

const rate = Number(process.env.BENCH_RATE ?? 200);
const seconds = Number(process.env.BENCH_SECONDS ?? 20);
const [videos, people] = [process.env.IDS, process.env.PEOPLE].map((file) => readFileSync(file, 'utf8').trim().split('\n'));
const pick = (list) => list[Math.floor(Math.random() * list.length)];
const agent = new http.Agent({ keepAlive: true, maxSockets: 256 });
const kinds = {
  feed: () => `/videos/feed?limit=${10 + Math.floor(Math.random() * 11)}`,
  video: () => `/videos/${pick(videos)}`,
  comments: () => `/videos/${pick(videos)}/comments?sort=${pick(['top', 'new'])}`,
  profile: () => `/users/${pick(people)}`,
  videos_of: () => `/users/${pick(people)}/videos`,
};
const times = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, []]));
const wrong = {};

const ask = (kind) =>
  new Promise((resolve) => {
    const began = performance.now();
    const done = (status) => {
      times[kind].push(performance.now() - began);
      if (status !== 200) wrong[`${kind} ${status}`] = (wrong[`${kind} ${status}`] ?? 0) + 1;
      resolve();
    };
    http.get(`${process.env.ATELIER_URL}/api/v1${kinds[kind]()}`, { agent }, (rs) => rs.resume().on('end', () => done(rs.statusCode))).on('error', () => done(0));
  });

const under = [];
const names = Object.keys(kinds);
const start = performance.now();
for (let n = 0; n < rate * seconds; n++) {
  const due = start + (n * 1000) / rate;
  const early = due - performance.now();
  if (early > 1) await new Promise((go) => setTimeout(go, early));
  under.push(ask(names[n % names.length]));
}
await Promise.all(under);
for (const [kind, list] of Object.entries(times)) {
  list.sort((a, b) => a - b);
  const at = (share) => list[Math.floor(list.length * share)].toFixed(1);
  console.log(`bench big_${kind}_ms p50 ${at(0.5)} p95 ${at(0.95)} p99 ${at(0.99)} wanted_p95 50`);
}
console.log(`# ${rate} requests/s for ${seconds} s; not answered with 200: ${JSON.stringify(wrong)}`);
