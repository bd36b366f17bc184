// tests/lib/media.mjs - clips for tests: the real ones where there are some (ATELIER_MEDIA_DIR), else ones made here.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const mediaDir = process.env.ATELIER_MEDIA_DIR ?? resolve(import.meta.dirname, '../../../shared/media');
export const hasMedia = existsSync(join(mediaDir, 'manifest.json'));
export const manifest = hasMedia ? JSON.parse(readFileSync(join(mediaDir, 'manifest.json'), 'utf8')).files : [];

let folder;
/** A clip made by ffmpeg: seconds of moving picture and a tone. Returns its path. */
export function makeClip({ seconds = 4, size = '640x360', fps = 25, audio = true, name = 'clip.mp4' } = {}) {
  folder ??= mkdtempSync(join(tmpdir(), 'atelier-clips-'));
  const path = join(folder, `${seconds}-${size}-${fps}-${audio}-${name}`);
  if (existsSync(path)) return path;
  const input = ['-f', 'lavfi', '-i', `mandelbrot=size=${size}:rate=${fps}`];
  const tone = audio ? ['-f', 'lavfi', '-i', 'sine=frequency=330:sample_rate=44100'] : [];
  execFileSync('ffmpeg', ['-v', 'error', '-y', ...input, ...tone, '-t', String(seconds), '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', ...(audio ? ['-c:a', 'aac'] : []), path]);
  return path;
}

/** A clip that is long to send and short to play: behind its film stand so many bytes that players pass over. Returns its path. */
export function makeHeavyClip(bytes, options = {}) {
  const light = makeClip({ seconds: 2, ...options });
  const path = `${light}-${bytes}.mp4`;
  const head = Buffer.alloc(8);
  head.writeUInt32BE(bytes);
  head.write('free', 4, 'latin1');
  writeFileSync(path, Buffer.concat([readFileSync(light), head, randomBytes(bytes - head.length)]));
  return path;
}

/** What ffprobe says of a file or address. */
export function probe(target) {
  return JSON.parse(execFileSync('ffprobe', ['-v', 'error', '-show_format', '-show_streams', '-of', 'json', target], { encoding: 'utf8' }));
}
