// tests/lib/look.mjs - what a picture shows at a place, by ffmpeg: for pictures that the product made.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'atelier-look-'));
const ffmpeg = (...args) => execFileSync('ffmpeg', ['-v', 'error', '-y', ...args], { maxBuffer: 1 << 28 });

function fileOf(picture) {
  if (typeof picture === 'string') return picture;
  const path = join(folder, createHash('sha256').update(picture).digest('hex'));
  if (!existsSync(path)) writeFileSync(path, picture);
  return path;
}

/** A file by what it is now; an address of the product's is of one thing only. */
function identity(path) {
  if (/^https?:/.test(path)) return path;
  const { ino, size, mtimeNs } = statSync(path, { bigint: true });
  return `${path} ${ino} ${size} ${mtimeNs}`;
}

// Starting ffmpeg costs more than all else here: each picture is decoded once, whole.
const frames = new Map();
function frameOf(picture, seconds) {
  const path = fileOf(picture);
  const key = `${identity(path)} ${seconds}`;
  if (!frames.has(key)) {
    const seek = seconds > 0 ? ['-ss', String(seconds)] : [];
    const ppm = ffmpeg('-i', path, ...seek, '-frames:v', '1', '-vf', 'format=rgb24', '-f', 'image2pipe', '-c:v', 'ppm', '-');
    const [head, width, height] = /^P6\s(\d+) (\d+)\s255\s/.exec(ppm.toString('latin1', 0, 64));
    frames.set(key, { width: Number(width), height: Number(height), pixels: ppm.subarray(head.length) });
  }
  return frames.get(key);
}

/** The colour at a place (0 to 1 each way) of a picture's bytes, or of a video's file or address at a time: [r, g, b]. */
export function colourAt(picture, x, y, seconds = 0) {
  const { width, height, pixels } = frameOf(picture, seconds);
  const at = 3 * (Math.floor(y * (height - 1)) * width + Math.floor(x * (width - 1)));
  return [...pixels.subarray(at, at + 3)];
}

const sizes = new Map();
export function sizeOf(picture) {
  const path = fileOf(picture);
  const key = identity(path);
  if (!sizes.has(key)) {
    const [stream] = JSON.parse(execFileSync('ffprobe', ['-v', 'error', '-select_streams', 'v:0', '-show_streams', '-of', 'json', path], { encoding: 'utf8' })).streams;
    sizes.set(key, { codec: stream.codec_name, width: stream.width, height: stream.height });
  }
  return sizes.get(key);
}

export const isLike = (seen, wanted) => seen.every((c, i) => Math.abs(c - wanted[i]) < 48);
export const COLOURS = { red: [254, 0, 0], blue: [0, 0, 254], green: [0, 128, 0], white: [255, 255, 255], yellow: [254, 254, 0] };

/** The name of the colour there, or its figures. */
export function colourName(...where) {
  const seen = colourAt(...where);
  return Object.keys(COLOURS).find((name) => isLike(seen, COLOURS[name])) ?? `rgb(${seen})`;
}

/** Red, blue above green, white for two seconds, then yellow for two, with a tone beside the yellow. rotation: degrees
 * clockwise that players are told to turn it. Returns its path. */
export function makeQuarters({ rotation = 0 } = {}) {
  const path = join(folder, 'quarters.mp4');
  const size = '320x180';
  const colour = (c) => ['-f', 'lavfi', '-i', `color=${c}:s=${size}:r=25:d=2`];
  ffmpeg(...['red', 'blue', 'green', 'white'].flatMap(colour), '-f', 'lavfi', '-i', 'color=yellow:s=640x360:r=25:d=2',
    '-f', 'lavfi', '-i', "aevalsrc='if(gt(t,2),sin(2*PI*440*t),0)':s=48000:d=4",
    '-filter_complex', '[0][1]hstack[t];[2][3]hstack[b];[t][b]vstack,setsar=1[q];[4]setsar=1[y];[q][y]concat[v]', '-map', '[v]', '-map', '5',
    '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac', path);
  if (rotation === 0) return path;
  const turned = join(folder, `turned-${rotation}.mp4`);
  ffmpeg('-i', path, '-c', 'copy', '-metadata:s:v:0', `rotate=${360 - rotation}`, turned);
  return turned;
}
