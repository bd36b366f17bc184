// tests/bench/prints.mjs - how well videos are known again: recall over changed copies of real clips, and false alarms
// between different ones. PRINTS: the program tests/bench/prints. Prints the figures; fails below what doc/moderation.md says.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mediaDir } from '../lib/media.mjs';

const program = process.env.PRINTS ?? 'tests/bench/prints';
const frames = 0.5;
const sound = 0.72;
const clips = ['androidx_sample_edit_list.mp4', 'lpms_videotest.mp4', 'flutter_Butterfly-209.webm', 'peertube_the_last_man_on_earth.mp4', 'moviepy_fire2.mp4', 'mdn_flower.mp4', 'mdn_friday.mp4', 'mediabunny_rotate-buck-bunny.mp4', 'rails_rotated_video.mp4', 'streamio_ios9.mov']
  .map((name) => join(mediaDir, 'files', name)).filter(existsSync);
const encode = ['-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac'];
const changes = {
  'encoded anew': ['-crf', '36', '-b:a', '48k'],
  'half the size': ['-vf', 'scale=trunc(iw/4)*2:trunc(ih/4)*2', '-crf', '30'],
  'bars above and below': ['-vf', 'scale=trunc(iw/2)*2:trunc(ih/2)*2,pad=iw:trunc(ih*4/6)*2:0:-1', '-crf', '30'],
  'bars left and right': ['-vf', 'scale=trunc(iw/2)*2:trunc(ih/2)*2,pad=trunc(iw*4/6)*2:ih:-1:0', '-crf', '30'],
  brighter: ['-vf', 'eq=brightness=0.12', '-crf', '30'],
  'darker, less contrast': ['-vf', 'eq=brightness=-0.1:contrast=0.8', '-crf', '30'],
  'another rate': ['-r', '15', '-crf', '30'],
};
const folder = mkdtempSync(join(tmpdir(), 'atelier-prints-'));
const ffmpeg = (...args) => execFileSync('ffmpeg', ['-v', 'error', '-y', ...args]);
const compare = (first, others) => execFileSync(program, [first, ...others], { encoding: 'utf8' }).trim().split('\n').map((l) => {
  const [f, s, ...path] = l.split(' ');
  return { frames: Number(f), sound: Number(s), path: path.join(' ') };
});

try {
  let found = 0, made = 0, alarms = 0, pairs = 0;
  const missed = [];
  for (const clip of clips) {
    const copies = Object.entries(changes).map(([name, args], i) => {
      const path = join(folder, `${i}.mp4`);
      ffmpeg('-t', '30', '-i', clip, ...encode, ...args, path);
      return { name, path };
    });
    const [self, ...rest] = compare(clip, copies.map((c) => c.path));
    if (self.frames === 0) continue; // plain pictures only
    rest.forEach((r, i) => {
      made++;
      if (r.frames >= frames) found++;
      else missed.push(`${clip.split('/').pop()} ${copies[i].name} ${r.frames}`);
    });
    for (const other of compare(clip, clips.filter((c) => c !== clip)).slice(1)) {
      pairs++;
      if (other.frames >= frames || other.sound >= sound) alarms++;
      if (other.frames >= frames || other.sound >= sound) missed.push(`ALARM ${clip.split('/').pop()} ${other.path.split('/').pop()} ${other.frames} ${other.sound}`);
    }
  }
  const music = ['phpffmpeg_Test.ogv'].map((n) => join(mediaDir, 'files', n)).filter(existsSync);
  let heard = 0, sounds = 0;
  const alike = [];
  for (const clip of music) {
    const [self] = compare(clip, [clip]);
    if (self.sound < 150 || self.frames < 3) continue; // too short to be cut by ten seconds
    const copies = [['-c:a', 'libmp3lame', '-b:a', '64k'], ['-c:a', 'aac', '-b:a', '32k', '-ac', '1'], ['-af', 'volume=0.4'], ['-ss', '10'], ['-ss', '10.07', '-b:a', '48k']]
      .map((args, i) => {
        const path = join(folder, `s${i}.mp4`);
        ffmpeg('-i', clip, '-c:v', 'libx264', '-preset', 'ultrafast', '-s', '160x120', ...args, path);
        return path;
      });
    for (const r of compare(clip, copies).slice(1)) {
      sounds++;
      heard += r.sound >= sound;
      alike.push(r.sound);
    }
  }
  console.log(`pictures: ${found} of ${made} changed copies known again (${((100 * found) / made).toFixed(1)} %); false alarms: ${alarms} of ${pairs} pairs`);
  console.log(`sound: ${heard} of ${sounds} (MP3, 32 kb/s mono, quieter, ten seconds cut off): ${alike.join(' ')}`);
  if (missed.length) console.log(missed.join('\n'));
  assert.ok(found / made >= 0.95 && alarms === 0 && heard === sounds);
} finally {
  rmSync(folder, { recursive: true });
}
