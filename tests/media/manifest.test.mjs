// manifest.test.mjs - every file of the media collection ends as its manifest says. Needs ATELIER_MEDIA_DIR.
import test from 'node:test';
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { canRun, checkStream, makeLadder, mediaFolder } from './stream.mjs';

const skip = !canRun ? 'ffprobe or the ladder program is missing' : !mediaFolder ? 'ATELIER_MEDIA_DIR is not set' : false;
const files = skip ? [] : JSON.parse(readFileSync(path.join(mediaFolder, 'manifest.json'), 'utf8')).files;

function checkShape(entry, run) {
	const [wide, high] = entry.expect.display.split('x').map(Number);
	assert.equal(run.probed.size, entry.expect.display);
	const sides = run.rungs.map((r) => r.size.split('x').map(Number));
	for (const [w, h] of sides)
		assert.ok(Math.abs(w - (h * wide) / high) <= 2.01 || Math.abs(h - (w * high) / wide) <= 2.01, `${w}x${h} keeps the shape`);
	const shorts = sides.map(([w, h]) => Math.min(w, h)).sort((a, b) => a - b);
	if (entry.expect.rungs_by_short_side[0] === 'source')
		assert.ok(shorts.length === 1 && Math.abs(shorts[0] - Math.min(wide, high)) <= 1, `own size: ${shorts}`);
	else
		assert.deepEqual(shorts, entry.expect.rungs_by_short_side);
}

for (const entry of files) {
	test(path.basename(entry.file), () => {
		const folder = mkdtempSync(path.join(tmpdir(), 'atelier-media-'));
		try {
			const run = makeLadder(path.join(mediaFolder, entry.file), folder);
			assert.equal(run.stderr, '');
			assert.equal(run.ready ? 'ready' : 'failed', entry.expect.status, run.text);
			if (!run.ready) {
				assert.ok(entry.expect.note.startsWith(run.failure.reason), run.text);
				assert.deepEqual(readdirSync(folder).filter((f) => f.endsWith('.mp4') || f.endsWith('.part')), []);
				return;
			}
			checkShape(entry, run);
			const seen = checkStream(folder, run.rungs);
			for (const s of seen) {
				assert.equal(s.audio ? 'transcode' : 'none', entry.expect.audio);
				if (entry.duration && !run.warnings.includes('truncated'))
					assert.ok(Math.abs(s.seconds - entry.duration) < 0.15, `${s.seconds} s of ${entry.duration}`);
				assert.ok(Math.abs(s.listed - s.seconds) < 0.6, 'the playlist is as long as the film');
			}
			const wanted = /^warn: (\w+)/.exec(entry.expect.note ?? '')?.[1];
			if (wanted)
				assert.ok(run.warnings.includes(wanted), run.text);
			assert.deepEqual(readdirSync(folder).filter((f) => f.endsWith('.part')), []);
		} finally {
			rmSync(folder, { recursive: true, force: true });
		}
	});
}

test('the collection is there', { skip }, () => assert.ok(files.length > 0));
