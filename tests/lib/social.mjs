// tests/lib/social.mjs - videos that are ready without an encoder, and people among each other.
import { get, ok, patch, post } from './api.mjs';
import { sql } from './video.mjs';

export { sql };

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
