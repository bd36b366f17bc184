// tests/bench/effect.mjs - how soon a moderator's decision shows: a video is hidden and restored, and everything that showed it is asked
// again every few milliseconds by somebody who is not signed in, and who had the addresses before. Against a running installation
// (its `stack.sh env`; ATELIER_URL may be Apache's): node tests/bench/effect.mjs [ROUNDS]
import { base, get, newUser, ok, post } from '../lib/api.mjs';
import { makeClip } from '../lib/media.mjs';
import { newPerson } from '../lib/people.mjs';
import { settled, uploadMultipart } from '../lib/video.mjs';

const rounds = Number(process.argv[2] ?? 20);
const [moderator, owner] = [await newPerson('moderator'), await newUser()];
const video = await uploadMultipart(owner, makeClip({ seconds: 1, size: '320x180' }), { title: `Effect ${Date.now()}` });
await settled(owner, video.id);
const decide = async (action) => ok(await post('/moderation/decide', { kind: 'video', id: video.id, action, reason: 'spam' }, { token: moderator.token }));
const stream = ok(await get(`/videos/${video.id}/stream`)).hlsUrl;
const lists = async (path) => ok(await get(path)).some((v) => v.id === video.id);
const shown = {
  feed: () => lists('/videos/feed?limit=100'),
  page: async () => (await get(`/videos/${video.id}`)).status === 200,
  search: () => lists(`/videos/search?q=${encodeURIComponent(video.title)}`),
  'signed address': async () => (await fetch(base + stream)).status === 200,
  embed: async () => (await fetch(`${base}/embed/${video.id}`)).status === 200,
};

/** Milliseconds until it says `wanted` for good: the last time that it said otherwise. */
async function until(ask, wanted, from) {
  let last = 0;
  while (performance.now() - from < Math.max(last + 1500, 1500)) {
    const asked = performance.now();
    if ((await ask()) !== wanted) last = asked - from;
    if (last > 10_000) throw new Error('it never takes effect');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return last;
}

const ms = { hide: {}, restore: {} };
for (let i = 0; i < rounds; i++)
  for (const [action, wanted] of [['hide', false], ['restore', true]]) {
    await Promise.all(Object.values(shown).map((ask) => ask())); // whatever keeps answers has them
    await new Promise((resolve) => setTimeout(resolve, 1000 * Math.random())); // at any moment of a second
    const from = performance.now();
    await decide(action);
    await Promise.all(Object.entries(shown).map(async ([name, ask]) => (ms[action][name] ??= []).push(await until(ask, wanted, from).catch((e) => { throw new Error(`${action}, ${name}: ${e.message}`); }))));
  }
let worst = 0;
for (const [action, by] of Object.entries(ms))
  for (const [name, all] of Object.entries(by)) {
    all.sort((a, b) => a - b);
    worst = Math.max(worst, all.at(-1));
    console.log(`${action.padEnd(8)} ${name.padEnd(16)} p50 ${all[all.length >> 1].toFixed(0).padStart(5)} ms   max ${all.at(-1).toFixed(0).padStart(5)} ms   (${rounds} times)`);
  }
console.log(`bench effect ours ${worst.toFixed(0)} wanted 1000`);
