// tests/lib/video.mjs - videos through the API: sent in each of the three ways, and waited for.
import { openAsBlob, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { apiUrl, get, ok, post, until } from './api.mjs';
import { askAs } from './sql.mjs';
import { claimsOf } from './tokens.mjs';

/** multipart/form-data; returns the created video. */
export async function uploadMultipart(user, path, fields = {}) {
  const form = new FormData();
  for (const [key, value] of Object.entries({ title: 'A clip of mine', ...fields })) form.append(key, value);
  form.append('file', await openAsBlob(path), basename(path));
  const res = await fetch(`${apiUrl}/videos`, { method: 'POST', body: form, headers: { authorization: `Bearer ${user.token}` } });
  const text = await res.text();
  return ok({ status: res.status, headers: res.headers, text, body: JSON.parse(text), data: JSON.parse(text).data }, 201);
}

/** Metadata first, then the file to the signed address. */
export async function uploadPut(user, path, fields = {}) {
  const video = ok(await post('/videos', { title: 'A clip of mine', ...fields }, { token: user.token }), 201);
  const res = await fetch(video.uploadUrl, { method: 'PUT', body: readFileSync(path) });
  ok({ status: res.status, headers: res.headers, text: await res.text() }, 204);
  return video;
}

export const video = async (user, id) => ok(await get(`/videos/${id}`, { token: user.token }));

/** Waits until nothing more will happen to a video. */
export const settled = (user, id, seconds = 120, every = 200) =>
  until(
    async () => {
      const v = await video(user, id);
      return (v.status === 'failed' || (v.status === 'ready' && v.progress === 100)) && v;
    },
    { seconds, every, what: `the end of video ${id}` },
  );

/** SQL as the owner of the database; rows as text. */
export const sql = (text) => askAs('atelier_owner', text);

/** Ready videos without files, straight into the database, for lists of many. Returns their ids, the newest first. */
export function plantVideos(user, count, { title = 'Planted', visibility = 'public', every = '1 millisecond' } = {}) {
  const { tenant } = claimsOf(user.token);
  const rows = sql(`
    with made as (
      insert into videos (tenant_id, user_id, title, visibility, uploaded_at, renditions_total, renditions_ready, published_at)
      select '${tenant}', '${user.id}', '${title} ' || n, '${visibility}', now(), 1, 1, clock_timestamp() - n * interval '${every}'
        from generate_series(1, ${count}) n returning id, tenant_id, published_at
    ), rungs as (
      insert into renditions (tenant_id, video_id, name, state, height, media_key, playlist_key)
      select tenant_id, id, '720p', 'ready', 720, key || '/720p.mp4', key || '/720p.m3u8'
        from (select *, tenant_id || '/' || id || '/00000000' as key from made) keyed
    )
    select id from made order by published_at desc, id desc`);
  return rows.split('\n').filter(Boolean);
}

/** So many views of each of these videos on a day (a date of SQL), in every figure that counts them. */
export function plantViews(ids, views, day = 'current_date') {
  const list = [ids].flat().map((id) => `'${id}'`).join(',');
  sql(`insert into video_views_daily (tenant_id, video_id, day, views) select tenant_id, id, ${day}, ${views} from videos where id in (${list})
         on conflict (video_id, day) do update set views = video_views_daily.views + excluded.views;
       update videos set view_count = view_count + ${views} where id in (${list})`);
}
