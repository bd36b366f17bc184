// tests/lib/social.mjs - videos that are ready without an encoder, and people among each other.
import { execFileSync } from 'node:child_process';
import { get, ok, patch, post } from './api.mjs';

/** SQL as the owner of the tables; rows as text, columns separated by "|". */
export const sql = (text) =>
  execFileSync('psql', ['-XAtq', '-U', 'atelier_owner', '-d', 'atelier', '-v', 'ON_ERROR_STOP=1', '-c', text], { encoding: 'utf8' }).trim();

/** A video of that person which plays, as far as the database knows. quiet: they are not told of it, nor of later ones. */
export async function readyVideo(user, fields = {}, { quiet = true } = {}) {
  if (quiet) await prefer(user, 'video_ready', { inApp: false, push: false, mail: false });
  const { id } = ok(await post('/videos', { title: 'A clip of mine', ...fields }, { token: user.token }), 201);
  sql(`insert into renditions (tenant_id, video_id, name, state) select tenant_id, id, '360p', 'ready' from videos where id = '${id}'`);
  return id;
}

/** What a person was told: { items, unread }. */
export async function told(user, query = '') {
  const res = await get(`/notifications${query}`, { token: user.token });
  return { items: ok(res), unread: res.meta.unread };
}

export const prefer = async (user, kind, channels) => ok(await patch(`/notifications/preferences/${kind}`, channels, { token: user.token }));

export const commentOn = async (user, video, text) => ok(await post(`/videos/${video}/comment`, { text }, { token: user.token }), 201);
export const replyTo = async (user, comment, text) => ok(await post(`/comments/${comment.id}/reply`, { text }, { token: user.token }), 201);
