// recap.test.mjs - recap films seen from outside: length, sound, chapters, and what stands in the pictures.
import test from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { colourAt, colourName, sizeOf } from '../lib/look.mjs';
import { decodeErrors, probe } from './stream.mjs';

const program = path.resolve(process.env.ATELIER_BUILD_DIR ?? '.', 'tests/bench/recap');
const opts = { skip: existsSync(program) ? false : 'tests/bench/recap is not built' };
const ffmpeg = (...args) => execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...args]);

async function withFilm(style, count, clips, env, look) {
	const folder = mkdtempSync(path.join(tmpdir(), 'atelier-recap-'));
	try {
		const files = clips(folder);
		const run = spawnSync(program, [style, String(count), folder, ...files], { encoding: 'utf8', env: { ...process.env, ...env(folder) } });
		assert.equal(run.status, 0, run.stderr);
		await look(path.join(folder, 'film.mp4'), folder, Number(/film_s ([\d.]+)/.exec(run.stdout)[1]));
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}
const none = () => [];

/** What is true of every film. Returns its chapters. */
function checkFilm(film, promised, [width, height] = [1920, 1080]) {
	const { format, streams, chapters } = probe(film, '-show_format', '-show_streams', '-show_chapters');
	const of = (kind) => streams.find((s) => s.codec_type === kind);
	const [video, audio] = [of('video'), of('audio')];
	assert.deepEqual([video.codec_name, video.width, video.height, video.pix_fmt, video.avg_frame_rate, video.color_space], ['h264', width, height, 'yuv420p', '30/1', 'bt709']);
	assert.deepEqual([audio.codec_name, audio.sample_rate, audio.channels], ['aac', '48000', 2]);
	assert.ok(Math.abs(video.duration - promised) < 0.001, `${video.duration} s, promised were ${promised}`);
	assert.ok(Math.abs(video.duration - audio.duration) <= 1 / 30, `pictures ${video.duration} s, sound ${audio.duration} s`);
	assert.ok(Number(format.duration) <= 180, `${format.duration} s`);
	assert.equal(format.tags.title, 'My year of projects 2026');
	const bytes = readFileSync(film);
	assert.ok(bytes.indexOf('moov') < bytes.indexOf('mdat'), 'plays while it loads');
	assert.equal(decodeErrors(film), '');
	const heard = spawnSync('ffmpeg', ['-nostdin', '-hide_banner', '-nostats', '-i', film, '-vn', '-af', 'ebur128=peak=true,silencedetect=n=-50dB:d=0.3', '-f', 'null', '-'], { encoding: 'utf8' }).stderr;
	const loudness = Number(/I: +(-[\d.]+) LUFS\s+Threshold/.exec(heard)[1]);
	assert.ok(Math.abs(loudness + 16) <= 2, `${loudness} LUFS`);
	assert.ok(Number(/Peak: +(-?[\d.]+) dBFS/.exec(heard)[1]) <= -0.5, 'no peak is clipped');
	assert.doesNotMatch(heard, /silence_start/);
	chapters.forEach((c, i) => assert.equal(Number(c.start), i ? Number(chapters[i - 1].end) : 0, 'chapters without holes'));
	assert.equal(Number(chapters.at(-1).end_time), Number(format.duration));
	return chapters.map((c) => c.tags.title);
}

test('of nothing: a short film all the same', opts, () => withFilm('vertical', 0, none, () => ({}), (film, folder, promised) => {
	assert.deepEqual(checkFilm(film, promised, [1080, 1920]), ['My year of projects 2026', 'The end']);
	assert.deepEqual(sizeOf(path.join(folder, 'poster.jpg')), { codec: 'mjpeg', width: 720, height: 1280 });
}));

test('of clips, with a track of somebody’s: the clip plays, is heard, and its colours stay', opts, () =>
	withFilm('paper', 1, (folder) => {
		const clip = path.join(folder, 'clip.mp4');
		ffmpeg('-f', 'lavfi', '-i', "color=c=0xfe0000:s=1280x720:r=25:d=9,drawbox=c=0x0000fe:t=fill:enable='gte(t,3)'", '-f', 'lavfi', '-i', 'sine=f=2500:d=9', '-vf', 'scale=out_color_matrix=bt709,format=yuv420p',
			'-colorspace', 'bt709', '-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac', clip);
		return [clip];
	}, (folder) => {
		const music = path.join(folder, 'music.wav'); // much too soft, and shorter than the film: it goes round
		ffmpeg('-f', 'lavfi', '-i', 'sine=f=220:d=8,volume=0.05', music);
		return { MUSIC: music };
	}, (film, folder, promised) => {
		const chapters = checkFilm(film, promised);
		assert.deepEqual(chapters, ['My year of projects 2026', 'In numbers', 'Projects by month', 'By language', 'January 2026', 'The end']);
		const begin = 4.5 + 5.5 + 4.5 + 4.5 + 1.7; // when the item's scene begins; the clip plays from its second 1 on
		assert.equal(colourName(film, 0.7, 0.45, begin + 1.5), 'red');
		assert.equal(colourName(film, 0.7, 0.45, begin + 2.8), 'blue');
		assert.ok(colourAt(film, 0.02, 0.9, begin + 2.8).every((c) => c > 180), 'paper around it');
		const tone = (at) => Number(/mean_volume: (-?[\d.]+) dB/.exec(spawnSync('ffmpeg', ['-nostdin', '-hide_banner', '-ss', String(at), '-t', '1', '-i', film, '-vn', '-af', 'highpass=f=2000,highpass=f=2000,volumedetect', '-f', 'null', '-'], { encoding: 'utf8' }).stderr)[1]);
		assert.ok(tone(begin + 2) > tone(8) + 20, `the clip's tone: ${tone(begin + 2)} dB there, ${tone(8)} dB before`);
	}));
