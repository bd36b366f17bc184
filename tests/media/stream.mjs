// stream.mjs - looks at a finished stream with ffprobe and by its bytes, knowing nothing of how it was made.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, existsSync } from 'node:fs';
import assert from 'node:assert/strict';
import path from 'node:path';

const build = process.env.ATELIER_BUILD_DIR ?? '.';
export const ladder = path.resolve(build, 'tests/bench/ladder');
export const mediaFolder = process.env.ATELIER_MEDIA_DIR;
export const canRun = existsSync(ladder) && spawnSync('ffprobe', ['-version']).status === 0;

export function makeLadder(source, folder, ...options) {
	const run = spawnSync(ladder, [source, folder, ...options], { encoding: 'utf8', timeout: 300_000 });
	assert.equal(run.signal, null, `ladder died of ${run.signal}: ${run.stdout}`);
	const lines = run.stdout.trim().split('\n');
	const pairs = (line) => Object.fromEntries([...line.matchAll(/(\w+)=(\S+)/g)].map((m) => [m[1], m[2]]));
	const all = (word) => lines.filter((l) => l.startsWith(word + ' '));
	return {
		text: run.stdout, stderr: run.stderr, ready: all('ready').length === 1,
		rungs: all('rung').map(pairs), warnings: all('warning').map((l) => l.split(' ')[1]),
		failure: all('failed').map(pairs)[0], probed: all('probed').map(pairs)[0], summary: all('ready').map(pairs)[0],
	};
}

export function probe(file, ...entries) {
	const out = execFileSync('ffprobe', ['-v', 'error', '-of', 'json', ...entries, 'file:' + file], { maxBuffer: 1 << 28 });
	return JSON.parse(out);
}

export function keyframes(file) {
	return keysOf(probe(file, '-select_streams', 'v:0', '-show_entries', 'packet=pts_time,flags').packets);
}
const keysOf = (packets) => packets.filter((p) => p.flags.includes('K')).map((p) => Number(p.pts_time));

export function decodeErrors(file) {
	const run = spawnSync('ffmpeg', ['-nostdin', '-v', 'error', '-xerror', '-i', 'file:' + file, '-vsync', 'passthrough',
		'-enc_time_base:v', '1:90000', '-f', 'null', '-'], { encoding: 'utf8' });
	return (run.status === 0 ? '' : `status ${run.status} `) + run.stderr;
}

function boxes(bytes) {
	const found = [];
	for (let at = 0; at < bytes.length;) {
		const size = bytes.readUInt32BE(at);
		assert.ok(size >= 8 && at + size <= bytes.length, `box at ${at} has a sane size`);
		found.push({ type: bytes.toString('latin1', at + 4, at + 8), at, size });
		at += size;
	}
	return found;
}

/** The codecs string that the file's own avcC box asks for. */
function codecsOf(bytes, hasAudio) {
	const at = bytes.indexOf('avcC', 0, 'latin1') + 4;
	return 'avc1.' + bytes.toString('hex', at + 1, at + 4) + (hasAudio ? ',mp4a.40.2' : '');
}

function checkPlaylist(folder, name, file, bytes) {
	const text = readFileSync(path.join(folder, name), 'utf8');
	const all = boxes(bytes);
	const starts = new Set(all.filter((b) => b.type === 'moof').map((b) => b.at));
	const moov = all.find((b) => b.type === 'moov');
	const map = text.match(/#EXT-X-MAP:URI="([^"]+)",BYTERANGE="(\d+)@0"/);
	assert.equal(map[1], file);
	assert.equal(Number(map[2]), moov.at + moov.size, 'the map is the head of the file');
	assert.deepEqual(all.slice(0, 3).map((b) => b.type), ['ftyp', 'moov', 'sidx'], 'a download starts with its head and its index');
	const segments = [...text.matchAll(/#EXTINF:([\d.]+),\n#EXT-X-BYTERANGE:(\d+)@(\d+)\n(\S+)/g)]
		.map((m) => ({ seconds: Number(m[1]), size: Number(m[2]), at: Number(m[3]), uri: m[4] }));
	const target = Number(text.match(/TARGETDURATION:(\d+)/)[1]);
	let next = segments[0].at;
	segments.forEach((s, i) => {
		assert.equal(s.uri, file);
		assert.equal(s.at, next, 'ranges follow each other');
		assert.ok(starts.has(s.at), 'a range starts with a fragment');
		assert.ok(Math.round(s.seconds) <= target, 'no segment is longer than promised');
		if (i < segments.length - 1)
			assert.ok(s.seconds >= 3.8 && s.seconds <= 6.2, `segment ${i} of ${name} lasts ${s.seconds}`);
		next = s.at + s.size;
	});
	assert.equal(next, bytes.length, 'the last range ends with the file');
	assert.ok(text.endsWith('#EXT-X-ENDLIST\n'));
	return segments.reduce((sum, s) => sum + s.seconds, 0);
}

const tagsAllowed = new Set(['major_brand', 'minor_version', 'compatible_brands', 'language', 'handler_name', 'vendor_id']);

function checkRung(folder, rung) {
	const file = path.join(folder, rung.file);
	const info = probe(file, '-show_streams', '-show_format', '-show_entries', 'packet=stream_index,pts_time,flags');
	const video = info.streams.find((s) => s.codec_type === 'video');
	const audio = info.streams.find((s) => s.codec_type === 'audio');
	assert.equal(video.codec_name, 'h264');
	assert.ok(['High', 'Main', 'Constrained Baseline', 'Baseline'].includes(video.profile), video.profile);
	assert.equal(video.pix_fmt, 'yuv420p');
	assert.ok(['1:1', undefined].includes(video.sample_aspect_ratio));
	assert.equal(`${video.width}x${video.height}`, rung.size);
	assert.ok(video.width % 2 === 0 && video.height % 2 === 0);
	assert.ok(Math.abs(Number(video.start_time)) < 0.001, `pictures start at ${video.start_time}`);
	if (audio) {
		assert.deepEqual([audio.codec_name, audio.sample_rate, audio.channels], ['aac', '48000', 2]);
		assert.ok(Math.abs(Number(audio.start_time)) < 0.03, `sound starts at ${audio.start_time}`);
	}
	for (const tags of [info.format.tags, ...info.streams.map((s) => s.tags)])
		for (const key of Object.keys(tags ?? {}))
			assert.ok(tagsAllowed.has(key), `tag ${key} is published`);
	assert.equal(decodeErrors(file), '', `${rung.file} decodes`);
	const bytes = readFileSync(file);
	assert.equal(rung.codecs, codecsOf(bytes, Boolean(audio)));
	assert.equal(Number(rung.bytes), bytes.length);
	const listed = checkPlaylist(folder, rung.file.replace(/(-2)?\.mp4$/, '.m3u8'), rung.file, bytes);
	return { audio: Boolean(audio), seconds: Number(info.format.duration), listed, keys: keysOf(info.packets.filter((p) => p.stream_index === video.index)), fps: Number(rung.fps) };
}

function checkMaster(folder, rungs) {
	const text = readFileSync(path.join(folder, 'master.m3u8'), 'utf8');
	const lines = [...text.matchAll(/BANDWIDTH=(\d+),AVERAGE-BANDWIDTH=(\d+),RESOLUTION=(\S+?),FRAME-RATE=([\d.]+),CODECS="([^"]+)"\n(\S+)/g)];
	assert.equal(lines.length, rungs.length);
	for (const [, peak, average, size, , codecs, uri] of lines) {
		const rung = rungs.find((r) => r.size === size);
		assert.equal(codecs, rung.codecs);
		assert.ok(Number(peak) >= Number(average) && Number(average) > 0);
		assert.ok(existsSync(path.join(folder, uri)));
	}
}

/** Every promise that holds for any stream; returns what its rungs are like. */
export function checkStream(folder, rungs) {
	const seen = rungs.map((r) => checkRung(folder, r));
	for (const s of seen) {
		assert.equal(s.keys.length, seen[0].keys.length, 'rungs can be switched at the same places');
		s.keys.forEach((t, i) => assert.ok(Math.abs(t - seen[0].keys[i]) < 0.002, `key picture ${i} at ${t} and ${seen[0].keys[i]}`));
		s.keys.slice(1).forEach((t, i) => assert.ok(t - s.keys[i] < 2.1 + 1 / (s.fps || 1) + 0.5, `a group lasts ${t - s.keys[i]}`));
	}
	checkMaster(folder, rungs);
	for (const still of ['poster.jpg', 'thumb-1.jpg', 'thumb-2.jpg', 'thumb-3.jpg', 'storyboard.jpg'])
		assert.equal(readFileSync(path.join(folder, still)).readUInt16BE(0), 0xffd8, `${still} is a JPEG`);
	assert.match(readFileSync(path.join(folder, 'storyboard.vtt'), 'utf8'), /^WEBVTT\n\n00:00:00\.000 --> /);
	return seen;
}
