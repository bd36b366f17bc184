// made.test.mjs - traps that no collection has, made by ffmpeg: sound and picture in step, copying, damage, odd clocks.
import test from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { canRun, checkStream, keyframes, makeLadder } from './stream.mjs';

const skip = canRun ? false : 'ffprobe or the ladder program is missing';
const opts = { skip };

function inFolder(fn) {
	const folder = mkdtempSync(path.join(tmpdir(), 'atelier-made-'));
	try {
		return fn(folder);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

const ffmpeg = (...args) => execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...args]);
const moving = 'testsrc2=s=854x480:r=25:d=9';

/** A white picture and a tone, both from second 3 on. */
function clap(file, video, extra, audioDelay = 0) {
	ffmpeg('-f', 'lavfi', '-i', `color=black:s=640x360:r=30:d=8,drawbox=c=white:t=fill:enable='gte(t,3)'${video}`,
		...(audioDelay ? ['-itsoffset', String(audioDelay)] : []),
		'-f', 'lavfi', '-i', `sine=f=800:d=${8 - audioDelay},volume=0:enable='lt(t,${3 - audioDelay})'`,
		'-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '2', ...extra, file);
}

function clapTimes(file) {
	const { stderr } = spawnSync('ffmpeg', ['-nostdin', '-i', file, '-vf', 'blackdetect=d=0.5:pix_th=0.2',
		'-af', 'silencedetect=n=-40dB:d=0.5', '-f', 'null', '-'], { encoding: 'utf8' });
	return { light: Number(/black_end:([\d.]+)/.exec(stderr)[1]), sound: Number(/silence_end: ([\d.]+)/.exec(stderr)[1]) };
}

const steps = [
	['mp4', '', ['-c:a', 'aac'], 'a.mp4'], ['matroska, opus', '', ['-c:a', 'libopus', '-ar', '48000'], 'a.mkv'],
	['transport stream', '', ['-c:a', 'mp2'], 'a.ts'], ['sound that starts late', '', ['-c:a', 'aac'], 'late.mp4', 0.5],
	['variable frame rate', ",select='lt(mod(n,7),4)'", ['-c:a', 'aac', '-vsync', 'vfr'], 'vfr.mp4'],
	['pictures that stand for seconds', ",select='lt(t,0.1)+between(t,3,3.05)+gt(t,7.5)'", ['-c:a', 'aac', '-vsync', 'vfr'], 'hold.mkv'],
];
for (const [name, video, extra, file, delay] of steps) {
	test(`sound and picture stay in step: ${name}`, opts, () => inFolder((folder) => {
		const source = path.join(folder, file);
		clap(source, video, extra, delay);
		const run = makeLadder(source, folder);
		assert.ok(run.ready, run.text);
		checkStream(folder, run.rungs);
		const { light, sound } = clapTimes(path.join(folder, run.rungs[0].file));
		assert.ok(Math.abs(light - 3) < 0.12 && Math.abs(light - sound) < 0.045, `light at ${light}, sound at ${sound}`);
	}));
}

const conforming = ['-c:v', 'libx264', '-preset', 'veryfast', '-g', '50', '-keyint_min', '50', '-sc_threshold', '0', '-bf', '2',
	'-pix_fmt', 'yuv420p', '-maxrate', '1400k', '-bufsize', '1400k'];

test('a conforming source is copied, without its private data', opts, () => inFolder((folder) => {
	const source = path.join(folder, 'in.mp4');
	ffmpeg('-f', 'lavfi', '-i', moving, '-f', 'lavfi', '-i', 'sine=d=9', ...conforming, '-c:a', 'aac', '-metadata',
		'location=+48.1+11.5/', '-metadata', 'title=secret', source);
	const run = makeLadder(source, folder);
	assert.equal(run.rungs.find((r) => r.size === '854x480').copied, '1', run.text);
	checkStream(folder, run.rungs);
	const bytes = readFileSync(path.join(folder, '480p.mp4'));
	for (const trace of ['+48.1', 'secret', 'x264 - core', 'Lavf'])
		assert.ok(!bytes.includes(trace), `${trace} is published`);
}));

for (const [why, args] of [['long groups', ['-g', '250']], ['10 bit', ['-pix_fmt', 'yuv420p10le', '-profile:v', 'high10']],
	['open groups', ['-x264-params', 'open-gop=1:scenecut=0', '-g', '50']], ['too many bits', ['-crf', '1', '-maxrate', '90M', '-bufsize', '90M']]]) {
	test(`a source with ${why} is not copied`, opts, () => inFolder((folder) => {
		const source = path.join(folder, 'in.mp4');
		ffmpeg('-f', 'lavfi', '-i', moving, ...conforming, ...args, source);
		const run = makeLadder(source, folder);
		assert.ok(run.ready && run.rungs.every((r) => r.copied === '0'), run.text);
		checkStream(folder, run.rungs);
	}));
}

test('a copy whose bits prove damaged is made again', opts, () => inFolder((folder) => {
	const source = path.join(folder, 'in.mp4');
	ffmpeg('-f', 'lavfi', '-i', moving, ...conforming, '-movflags', '+faststart', source);
	const bytes = readFileSync(source);
	for (let at = bytes.length >> 1, i = 0; i < 600; i++)
		bytes[at + i] = (i * 151) & 255;
	writeFileSync(source, bytes);
	const run = makeLadder(source, folder);
	assert.ok(run.ready && run.warnings.includes('decode_errors'), run.text);
	checkStream(folder, [...new Map(run.rungs.map((r) => [r.size, r])).values()]);
}));

test('one picture with three minutes of sound stands for three minutes', opts, () => inFolder((folder) => {
	const source = path.join(folder, 'in.mp4');
	ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=640x360:r=25:d=0.04', '-f', 'lavfi', '-i', 'sine=d=180', '-c:a', 'aac', source);
	const run = makeLadder(source, folder);
	assert.ok(run.ready, run.text);
	const [seen] = checkStream(folder, run.rungs);
	assert.ok(Math.abs(seen.seconds - 180) < 0.2);
	assert.ok(seen.keys.length >= 85);
}));

test('120 pictures a second become 60', opts, () => inFolder((folder) => {
	const source = path.join(folder, 'in.mp4');
	ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=640x360:r=120:d=3', '-c:v', 'libx264', '-preset', 'ultrafast', source);
	const run = makeLadder(source, folder);
	assert.equal(Number(run.rungs[0].fps), 60);
	assert.ok(Math.abs(Number(run.rungs[0].duration) - 3) < 0.05);
	const frames = spawnSync('ffprobe', ['-v', 'error', '-count_packets', '-select_streams', 'v', '-show_entries', 'stream=nb_read_packets',
		'-of', 'csv=p=0', path.join(folder, run.rungs[0].file)], { encoding: 'utf8' }).stdout;
	assert.ok(Math.abs(Number(frames) - 180) <= 2, frames);
	assert.ok(keyframes(path.join(folder, run.rungs[0].file)).length === 2);
}));

test('interlaced, RGB, full range, odd-sized, many-channelled sources become plain ones', opts, () => inFolder((folder) => {
	const kinds = [
		['int.ts', ['-f', 'lavfi', '-i', 'testsrc2=s=720x576:r=50:d=3,interlace', '-c:v', 'mpeg2video', '-flags', '+ildct+ilme', '-b:v', '4M']],
		['rgb.mkv', ['-f', 'lavfi', '-i', 'testsrc=s=641x361:r=25:d=2', '-c:v', 'ffv1', '-pix_fmt', 'bgr0']],
		['full.mp4', ['-f', 'lavfi', '-i', 'testsrc2=s=640x360:r=25:d=2', '-c:v', 'mjpeg', '-pix_fmt', 'yuvj422p']],
		['odd.mkv', ['-f', 'lavfi', '-i', 'testsrc2=s=427x361:r=25:d=2', '-f', 'lavfi', '-i', 'anoisesrc=d=2,aformat=channel_layouts=5.1',
			'-c:v', 'libvpx', '-c:a', 'flac']],
	];
	for (const [file, args] of kinds) {
		const out = mkdtempSync(path.join(folder, 'out-'));
		ffmpeg(...args, path.join(folder, file));
		const run = makeLadder(path.join(folder, file), out);
		assert.ok(run.ready, `${file}: ${run.text}`);
		checkStream(out, run.rungs);
	}
}));

test('a folder that cannot be written is a clear failure and leaves nothing', opts, () => inFolder((folder) => {
	const source = path.join(folder, 'in.mp4');
	ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=640x360:r=25:d=2', source);
	const run = makeLadder(source, path.join(folder, 'absent'));
	assert.equal(run.failure.reason, 'output', run.text);
	assert.deepEqual(readdirSync(folder), ['in.mp4']);
	assert.ok(statSync(source).size > 0);
}));
