// tests/bench/prints.mjs - how well videos are known again: recall over changed copies of real clips, and false alarms between different
// ones, apart for the clips that the thresholds were tuned on and for those that they were not. Sound: over a clip that is long
// enough to be cut by ten seconds, and every piece of music in ATELIER_SOUND_DIR (ogg, mp3, flac), for example those of Debian's
// extremetuxracer-data and frozen-bubble-data. PRINTS: the program
// tests/bench/prints. Prints the figures; fails below what doc/moderation.md says. prints.mjs [tuned|held|sound...]: only these.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { mediaDir } from '../lib/media.mjs';

const program = process.env.PRINTS ?? 'tests/bench/prints';
const frames = 0.5;
const sound = 0.72;
const plain = 5; // a clip with fewer pictures that are not plain is not looked at
const heard = 160; // numbers of a print of sound, 20 s: what is shorter leaves too little to compare when ten seconds are cut off

const groups = {
  'tuned on': ['androidx_sample_edit_list.mp4', 'lpms_videotest.mp4', 'flutter_Butterfly-209.webm', 'peertube_the_last_man_on_earth.mp4', 'moviepy_fire2.mp4', 'mdn_flower.mp4', 'mdn_friday.mp4', 'mediabunny_rotate-buck-bunny.mp4', 'rails_rotated_video.mp4', 'streamio_ios9.mov'],
  'held out': ['peertube_video_short.mp4', 'peertube_60fps_720p_small.mp4', 'peertube_video_very_long_10p.mp4', 'rails_video_with_rectangular_samples.mp4', 'streamio_file+with+data&streams=works?.mp4', 'phpffmpeg_portrait.MOV', 'phpffmpeg_Test.ogv', 'lpms_missing-dts.ts', 'lpms_duplicate-audio-dts.ts', 'mediabunny_annex-b-avc.mkv', 'mediabunny_cursed-vfr.mp4', 'mediabunny_video-h265.mp4', 'mediabunny_hevc.ts', 'mediabunny_frames.webm', 'androidx_bbb_642x642_768kbps_30fps_vp9.webm', 'androidx_hdr10-av1.mp4', 'moviepy_video_with_failing_audio.mp4'],
};
// One slide at its own size and at 10 by 8 pixels: whether they are known as the same is neither right nor wrong.
const sameFilm = [['peertube_video_short.mp4', 'peertube_video_very_long_10p.mp4']];
const isSameFilm = (a, b) => sameFilm.some((clips) => clips.includes(basename(a)) && clips.includes(basename(b)));
const encode = ['-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac'];
const even = 'scale=trunc(iw/2)*2:trunc(ih/2)*2';
const changes = {
  'encoded anew': ['-vf', even, '-crf', '36', '-b:a', '48k'],
  'half the size': ['-vf', 'scale=trunc(iw/4)*2:trunc(ih/4)*2', '-crf', '30'],
  'bars above and below': ['-vf', `${even},pad=iw:trunc(ih*4/6)*2:0:-1`, '-crf', '30'],
  'bars left and right': ['-vf', `${even},pad=trunc(iw*4/6)*2:ih:-1:0`, '-crf', '30'],
  brighter: ['-vf', `${even},eq=brightness=0.12`, '-crf', '30'],
  'darker, less contrast': ['-vf', `${even},eq=brightness=-0.1:contrast=0.8`, '-crf', '30'],
  'another rate': ['-vf', even, '-r', '15', '-crf', '30'],
};
const soundChanges = {
  'MP3, 64 kb/s': ['-c:a', 'libmp3lame', '-b:a', '64k'], 'AAC, 32 kb/s, mono': ['-c:a', 'aac', '-b:a', '32k', '-ac', '1'], 'quieter': ['-af', 'volume=0.4'],
  'ten seconds cut off': ['-ss', '10'], '10.07 s cut off, 48 kb/s': ['-ss', '10.07', '-b:a', '48k'],
};
const folder = mkdtempSync(join(tmpdir(), 'atelier-prints-'));

/** Runs ffmpeg with each list of arguments, as many at a time as there are processors; the last argument of each is its file. */
async function ffmpegs(jobs) {
  const waiting = [...jobs];
  const lane = async () => {
    for (let args; (args = waiting.shift());) await promisify(execFile)('ffmpeg', ['-v', 'fatal', '-y', ...args]);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
  return jobs.map((args) => args.at(-1));
}

/** { prints: [{ frames, sound }], alike(i, j) }: the first so many files, as entries of a blocklist, against all. */
function compare(entries, files) {
  const [head, pairs] = execFileSync(program, [String(entries), ...files], { encoding: 'utf8', maxBuffer: 1 << 28 }).split('\n\n');
  const prints = head.trim().split('\n').map((l) => ({ frames: Number(l.split(' ')[0]), sound: Number(l.split(' ')[1]) }));
  const alike = new Map(pairs.trim().split('\n').map((l) => {
    const [i, j, f, s] = l.split(' ').map(Number);
    return [`${i} ${j}`, { frames: f, sound: s }];
  }));
  return { prints, alike: (i, j) => alike.get(`${i} ${j}`) };
}
const share = (part, whole) => `${part} of ${whole} (${((100 * part) / whole).toFixed(1)} %)`;

async function pictures(name, clips) {
  const made = await ffmpegs(clips.flatMap((clip, n) => Object.values(changes).map((args, i) =>
    ['-i', clip, '-map', '0:v:0', '-map', '0:a:0?', ...encode, '-pix_fmt', 'yuv420p', ...args, join(folder, `${name}-${n}-${i}.mp4`)])));
  const all = compare(clips.length, [...clips, ...made]);
  const kinds = Object.keys(changes);
  const found = Object.fromEntries(kinds.map((k) => [k, 0]));
  let looked = 0, alarms = 0, pairs = 0;
  clips.forEach((clip, n) => {
    if (all.prints[n].frames < plain) return;
    looked++;
    kinds.forEach((kind, i) => {
      const seen = all.alike(n, clips.length + n * kinds.length + i).frames;
      if (seen >= frames) found[kind]++;
      else console.log(`missed: ${basename(clip)} ${kind} ${seen}`);
    });
    clips.forEach((other, m) => { // against every original and every changed copy of another clip
      if (m === n || isSameFilm(clip, other)) return;
      for (const j of [m, ...kinds.map((_, i) => clips.length + m * kinds.length + i)]) {
        pairs++;
        const seen = all.alike(n, j);
        if (seen.frames < frames && seen.sound < sound) continue;
        alarms++;
        console.log(`false alarm: ${basename(clip)} ${basename(other)} ${seen.frames} ${seen.sound}`);
      }
    });
  });
  const known = Object.values(found).reduce((a, b) => a + b, 0);
  console.log(`pictures, ${name}: ${looked} clips; known again ${share(known, looked * kinds.length)}; false alarms ${share(alarms, pairs)}`);
  for (const kind of kinds) console.log(`  ${kind.padEnd(24)}${share(found[kind], looked)}`);
  return { recall: known / (looked * kinds.length), alarms };
}

async function sounds(files) {
  const kinds = Object.keys(soundChanges);
  // the same length for all, with a picture, as an upload has one
  const whole = await ffmpegs(files.map((file, n) => ['-f', 'lavfi', '-i', 'testsrc=s=160x120:r=5', '-t', '90', '-i', file, '-map', '0:v', '-map', '1:a:0', '-shortest', ...encode, '-b:a', '160k', join(folder, `whole-${n}.mp4`)]));
  const made = await ffmpegs(whole.flatMap((file, n) => kinds.map((kind, i) => ['-i', file, '-c:v', 'libx264', '-preset', 'ultrafast', ...soundChanges[kind], join(folder, `sound-${n}-${i}.mp4`)])));
  const all = compare(whole.length, [...whole, ...made]);
  let known = 0, alarms = 0, pairs = 0;
  const worst = Object.fromEntries(kinds.map((k) => [k, 1]));
  let nearest = 0;
  const looked = files.filter((_, n) => all.prints[n].sound >= heard).length;
  files.forEach((file, n) => files.forEach((other, m) => kinds.forEach((kind, i) => {
    if (all.prints[n].sound < heard) return;
    const seen = all.alike(n, files.length + m * kinds.length + i).sound;
    if (m === n) {
      worst[kind] = Math.min(worst[kind], seen);
      if (seen >= sound) known++;
      else console.log(`missed: ${basename(file)} ${kind} ${seen}`);
    } else {
      pairs++;
      nearest = Math.max(nearest, seen);
      if (seen >= sound) {
        alarms++;
        console.log(`false alarm: ${basename(file)} ${basename(other)} ${seen}`);
      }
    }
  })));
  console.log(`sound: ${looked} pieces; known again ${share(known, looked * kinds.length)}; false alarms ${share(alarms, pairs)}; the nearest of another piece ${nearest}, wanted ${sound}`);
  for (const kind of kinds) console.log(`  ${kind.padEnd(28)}worst ${worst[kind]}`);
  return { recall: known / (looked * kinds.length), alarms };
}

try {
  const there = (names) => names.map((name) => join(mediaDir, 'files', name)).filter(existsSync);
  const wanted = (part) => process.argv.length < 3 || process.argv.includes(part);
  const results = [];
  for (const [name, clips] of Object.entries(groups)) if (wanted(name.split(' ')[0])) results.push(await pictures(name, there(clips)));
  const music = process.env.ATELIER_SOUND_DIR;
  const pieces = [...there(['phpffmpeg_Test.ogv']), ...(music ? readdirSync(music).filter((f) => /\.(ogg|mp3|flac)$/.test(f)).map((f) => join(music, f)) : [])];
  if (wanted('sound')) results.push(await sounds(pieces));
  assert.ok(results.every((r) => r.recall >= 0.95 && r.alarms === 0));
} finally {
  rmSync(folder, { recursive: true });
}
