// tests/api/replace.test.mjs - another file for a video: the old one plays until the new one does, and all else stays.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { base, fails, get, newUser, ok, post, statusOf, until } from '../lib/api.mjs';
import { makeClip } from '../lib/media.mjs';
import { settled, sql, uploadMultipart } from '../lib/video.mjs';

let owner, other, short, long;
before(async () => {
  [owner, other] = await Promise.all([newUser(), newUser()]);
  [short, long] = [makeClip({ seconds: 2 }), makeClip({ seconds: 3 })];
});
const replace = (id, user = owner, json = {}) => post(`/videos/${id}/replace`, json, { token: user.token });
const send = async (url, body) => assert.equal((await fetch(url, { method: 'PUT', body })).status, 204);
const lengthOf = async (id) => ok(await get(`/videos/${id}`, { token: owner.token })).duration;

describe('another file', () => {
  it('plays as soon as it can; id, likes, comments and counters stay', async () => {
    const v = await settled(owner, (await uploadMultipart(owner, short)).id);
    ok(await post(`/videos/${v.id}/like`, undefined, { token: other.token }));
    ok(await post(`/videos/${v.id}/comment`, { text: 'Well done' }, { token: other.token }), 201);
    await send(ok(await replace(v.id), 201).uploadUrl, readFileSync(long));
    await until(
      async () => {
        const now = ok(await get(`/videos/${v.id}`, { token: owner.token }));
        assert.equal(now.status, 'ready', 'it plays all the time');
        return Math.abs(now.duration - 3) < 0.2 && now.progress === 100 && now.videoUrl !== v.videoUrl;
      },
      { every: 50, what: 'the new edition' },
    );
    const { stats } = ok(await get(`/videos/${v.id}`, { token: other.token }));
    assert.deepEqual([stats.likes, stats.comments], [1, 1]);
    const s = ok(await get(`/videos/${v.id}/stream`));
    assert.equal(await statusOf(base + s.hlsUrl), 200);
    const [kept, counted] = sql(`select stored_bytes, (select used_bytes from user_usage where user_id = '${owner.id}') from videos where id = '${v.id}'`).split('|');
    assert.ok(Number(kept) > readFileSync(long).length && Number(counted) >= Number(kept), `${kept} of ${counted} bytes`);
  });
  it('that is no video leaves the old one playing, and says so', async () => {
    const v = await settled(owner, (await uploadMultipart(owner, short)).id);
    await send(ok(await replace(v.id, owner, { fileName: 'words.mp4' }), 201).uploadUrl, 'only words');
    const now = await until(async () => { const w = ok(await get(`/videos/${v.id}`, { token: owner.token })); return w.warnings.length && w; }, { what: 'a warning' });
    assert.equal(now.status, 'ready');
    assert.match(now.warnings[0].message, /not a video/);
    assert.equal(await statusOf(base + ok(await get(`/videos/${v.id}/stream`)).hlsUrl), 200);
    // the old file is the original again: taken along, edited, and accounted for; the other one is gone
    const original = ok(await get(`/videos/${v.id}/original`, { token: owner.token }));
    assert.deepEqual(Buffer.from(await (await fetch(base + original.url)).arrayBuffer()), readFileSync(short));
    ok(await post(`/videos/${v.id}/edits`, { rotate: 90 }, { token: owner.token }), 202);
    const turned = await until(async () => { const w = ok(await get(`/videos/${v.id}`, { token: owner.token })); return w.height > w.width && w.progress === 100 && w; }, { what: 'the edit' });
    assert.equal(turned.status, 'ready');
    await until(() => sql(`select count(*) from jobs where subject_id = '${v.id}' and kind = 'purge_files' and state in ('queued', 'running') and payload ? 'originals'`) === '0', { what: 'the end of the other file' });
    assert.equal(sql(`select stored_bytes - original_bytes < ${readFileSync(short).length * 20} and original_key = tenant_id || '/' || id from videos where id = '${v.id}'`), 't');
  });
  it('is looked at like the first one was', async () => {
    const v = await settled(owner, (await uploadMultipart(owner, short)).id);
    const checks = () => Number(sql(`select count(*) from jobs where subject_id = '${v.id}' and kind = 'check_video'`));
    const before = checks();
    const blocked = sql(`insert into blocked_media (tenant_id, label) select tenant_id, 'of a test of replacing' from videos where id = '${v.id}' returning id`);
    try {
      await send(ok(await replace(v.id), 201).uploadUrl, readFileSync(long));
      assert.equal(checks(), before + 1);
    } finally {
      sql(`delete from blocked_media where id = '${blocked}'`);
    }
  });
  it('takes the place of the old one on the disk, too, and its edits go with it', async () => {
    const v = await settled(owner, (await uploadMultipart(owner, short)).id);
    ok(await post(`/videos/${v.id}/edits`, { rotate: 90 }, { token: owner.token }), 202);
    await until(async () => { const w = ok(await get(`/videos/${v.id}`, { token: owner.token })); return w.height > w.width && w.progress === 100; }, { what: 'the edit' });
    await send(ok(await replace(v.id, owner, { fileName: 'the long one.mp4' }), 201).uploadUrl, readFileSync(long));
    await until(async () => { const w = ok(await get(`/videos/${v.id}`, { token: owner.token })); return Math.abs(w.duration - 3) < 0.2 && w.progress === 100 && w; }, { what: 'the new edition' });
    const now = ok(await get(`/videos/${v.id}`, { token: owner.token }));
    assert.ok(now.width > now.height, 'as it came');
    assert.deepEqual(ok(await get(`/videos/${v.id}/edits`, { token: owner.token })).edits.map((e) => e.state), ['undone']);
    assert.equal(ok(await get(`/videos/${v.id}/original`, { token: owner.token })).fileName, 'the long one.mp4');
    const folder = join(process.env.STACK_DIR, 'media/originals', sql(`select tenant_id from videos where id = '${v.id}'`));
    await until(() => readdirSync(folder).filter((name) => name.startsWith(v.id)).length === 1, { what: 'the end of the old file' });
  });
  it('that never comes takes nothing away', async () => {
    const v = await settled(owner, (await uploadMultipart(owner, short)).id);
    ok(await replace(v.id, owner, { sizeBytes: 1000 }), 201);
    sql(`update uploads set expires_at = now() - interval '1 second' where video_id = '${v.id}' and state = 'open'`);
    await until(async () => { sql("select job_enqueue('sweep', '{}', 'replace-test')"); return sql(`select state from uploads where video_id = '${v.id}' order by created_at desc limit 1`) === 'expired'; }, { every: 500, what: 'its end' });
    await new Promise((r) => setTimeout(r, 500)); // the files go behind the row
    assert.equal(ok(await get(`/videos/${v.id}/original`, { token: owner.token })).isOriginal, true);
    assert.ok(await lengthOf(v.id));
    const original = ok(await get(`/videos/${v.id}/original`, { token: owner.token })).url;
    assert.equal((await (await fetch(base + original)).arrayBuffer()).byteLength, readFileSync(short).length);
    ok(await replace(v.id), 201);
  });
  it('is its owner’s, and one at a time', async () => {
    const v = await settled(owner, (await uploadMultipart(owner, short)).id);
    fails(await replace(v.id, other), 404);
    const all = await Promise.all(Array.from({ length: 8 }, () => replace(v.id)));
    assert.deepEqual(all.map((r) => r.status).sort(), [201, ...Array(7).fill(409)]);
    fails(await replace(v.id, owner, { sizeBytes: 1e14 }), 413);
    const open = ok(await post('/videos', { title: 'Not there yet' }, { token: owner.token }), 201);
    fails(await replace(open.id), 404);
  });
});
