// tests/bench/big/search.mjs - asks a seeded server (ATELIER_URL) as people would, one after the other; prints p50 and p95.
import { performance } from 'node:perf_hooks';

const words = 'the a how to my dance video first best learn como fazer aula receita cozinha kochen cuisine tutorial guitar yoga running bread garden backflip handstand freeze routine challenge workshop'.split(' ');
const rare = ['banalir', 'codiring', 'fugaso', 'treresing', 'plamato', 'juzelir', 'broliing', 'kinasion'];
const pick = (list) => list[Math.floor(Math.random() * list.length)];
const kinds = {
  search_frequent: () => `search?q=${pick(words)}`,
  search_two_words: () => `search?q=${pick(words)}+${pick(words)}`,
  search_rare: () => `search?q=${pick(rare)}`,
  search_mixed: () => `search?q=${pick(words)}+${pick(rare)}`,
  search_filtered: () => `search?q=${pick(words)}&category=${pick(['dance', 'music', 'cooking'])}&duration=${pick(['short', 'medium', 'long'])}&uploaded=${pick(['month', 'year'])}`,
  search_sorted: () => `search?q=${pick(words)}&sort=${pick(['-views', '-date'])}`,
  search_mistyped: () => `search?q=${pick(['bakflip', 'handstnd', 'toprok', 'guittar', 'kuchen+tutoral', 'workshp'])}`,
  search_people: () => `search?type=users&q=${pick(words)}`,
  autocomplete: () => `search/autocomplete?q=${pick(words).slice(0, 1 + Math.floor(Math.random() * 4))}`,
  autocomplete_second_word: () => `search/autocomplete?q=${pick(words)}+${pick(words).slice(0, 2)}`,
};
const rounds = Number(process.env.ATELIER_BENCH_ROUNDS ?? 150);
for (const [name, path] of Object.entries(kinds)) {
  const times = [];
  for (let i = 0; i < rounds; i++) {
    const began = performance.now();
    const limit = name.startsWith('auto') ? '' : `&limit=${10 + (i % 40)}`; // no two alike: nginx keeps answers for a second
    const answer = await fetch(`${process.env.ATELIER_URL}/api/v1/${path()}${limit}`);
    if (answer.status !== 200) throw new Error(`${answer.status}: ${await answer.text()}`);
    await answer.arrayBuffer();
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.floor(times.length * share)].toFixed(1);
  console.log(`bench ${name}_ms p50 ${at(0.5)} p95 ${at(0.95)} wanted_p95 ${name.startsWith('auto') ? 50 : 200}`);
}
