// tests/lib/things.mjs - one of each thing that routes are about, and how a route is asked about them: for tests that ask every
// route of the server. A new route fails there until it is taught here how its ids are made and what its body is.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { password } from './api.mjs';
import { plantVideos, sql } from './video.mjs';

/** What belongs to `m`, a person; each makes what it needs of the others. */
const makers = {
  video: (m) => ({ video: plantVideos(m, 1, { title: m.marker })[0] }),
  upload: (m) => ({ upload: sql(`insert into uploads (tenant_id, video_id, user_id, kind, size_bytes, reserved_bytes, path, expires_at) values ('${m.tenant}', '${plantVideos(m, 1, { title: m.marker })[0]}', '${m.id}', 'put', 1000, 1000, '${randomUUID()}', now() + interval '1 hour') returning id`) }),
  comment: (m) => ({ comment: sql(`insert into comments (tenant_id, video_id, user_id, text) values ('${m.tenant}', '${m.video}', '${m.id}', '${m.marker}') returning id`) }),
  webhook: (m) => ({ webhook: sql(`insert into webhooks (tenant_id, url, events, secret, is_active) values ('${m.tenant}', 'https://example.com/${m.marker}', '{video.failed}', 'x', false) returning id`) }),
  delivery: (m) => ({ delivery: sql(`insert into webhook_deliveries (tenant_id, webhook_id, event, body, state) values ('${m.tenant}', '${m.webhook}', 'video.failed', '{}', 'failed') returning id`) }),
  device: (m) => ({ device: sql(`insert into devices (tenant_id, user_id, platform, token) values ('${m.tenant}', '${m.id}', 'web', 'of-their-own-${m.marker}') returning id`) }),
  playlist: (m) => ({ playlist: sql(`insert into playlists (tenant_id, user_id, name, visibility) values ('${m.tenant}', '${m.id}', '${m.marker}', 'public') returning id`) }),
  group: (m) => ({ group: sql(`insert into groups (tenant_id, user_id, name) values ('${m.tenant}', '${m.id}', '${m.marker}') returning id`) }),
  notification: (m) => ({ notification: sql(`insert into notifications (tenant_id, user_id, kind) values ('${m.tenant}', '${m.id}', 'moderation_outcome') returning id`) }),
  report: (m) => ({ report: sql(`insert into content_items (tenant_id, owner_id, kind, title, options) values ('${m.tenant}', '${m.id}', 'report', '${m.marker}', '{"format": "CSV"}') returning id`) }),
  film: (m) => ({ film: sql(`insert into content_items (tenant_id, owner_id, kind, title, options) values ('${m.tenant}', '${m.id}', 'video', '${m.marker}', '{"kind": "pocs", "style": "neon"}') returning id`) }),
  dojo: (m) => ({ dojo: sql(`insert into dojos (tenant_id, owner_id, name, language, join_hash) values ('${m.tenant}', '${m.id}', '${m.marker}', 'c', gen_random_uuid()::text) returning id`) }),
  run: (m) => ({ run: sql(`insert into dojo_runs (tenant_id, dojo_id, user_id, language, code) values ('${m.tenant}', '${m.dojo}', '${m.id}', 'c', '${m.marker}') returning id`) }),
  poc: (m) => ({ poc: sql(`insert into pocs (tenant_id, user_id, name, is_public) values ('${m.tenant}', '${m.id}', '${m.marker}', true) returning id`) }),
  snippet: (m) => ({ snippet: sql(`insert into poc_snippets (tenant_id, poc_id, title, code) values ('${m.tenant}', '${m.poc}', '${m.marker}', 'x') returning id`) }),
  pocPicture: (m) => ({ pocPicture: sql(`insert into poc_pictures (tenant_id, poc_id, kind) values ('${m.tenant}', '${m.poc}', 'screenshot') returning id`) }),
  signedIn: (m) => ({ signedIn: sql(`insert into sessions (tenant_id, user_id, refresh_hash, expires_at) values ('${m.tenant}', '${m.person ?? m.id}', gen_random_uuid()::text::bytea, now() + interval '1 hour') returning id`) }),
  job: (m) => ({ job: sql(`insert into jobs (tenant_id, kind, user_id, state, finished_at) values ('${m.tenant}', 'check_text', '${m.id}', 'dead', now()) returning id`) }),
  blocked: (m) => ({ blocked: sql(`insert into blocked_media (tenant_id, label) values ('${m.tenant}', '${m.marker}') returning id`) }),
  word: (m) => ({ word: sql(`insert into watched_words (tenant_id, pattern, action) values ('${m.tenant}', '${m.marker}xyz', 'hold') returning id`) }),
  reason: (m) => ({ reason: sql(`select id from reason_templates where tenant_id = '${m.tenant}' limit 1`) }),
  case: (m) => ({ case: sql(`insert into cases (tenant_id, subject_kind, subject_id, user_id, source) values ('${m.tenant}', 'video', '${m.video}', '${m.id}', 'report') returning id`) }),
  decision: (m) => ({ decision: sql(`insert into decisions (tenant_id, subject_kind, subject_id, user_id, action) values ('${m.tenant}', 'user', '${m.id}', '${m.id}', 'warn') returning id`) }),
  appeal: (m) => ({ appeal: sql(`insert into appeals (tenant_id, decision_id, user_id, body) values ('${m.tenant}', '${m.decision}', '${m.id}', '${m.marker}') returning id`) }),
  notice: (m) => ({ notice: sql(`insert into dmca_notices (tenant_id, video_id, user_id, claimant_name, claimant_email, claimant_address, work, good_faith, under_perjury, signature) values ('${m.tenant}', '${m.video}', '${m.id}', 'x', 'x@x.test', 'x', '${m.marker}', true, true, 'x') returning id`) }),
};

/** A person's things by name (`.video`, `.comment`), each made when it is first asked for. owner has tenant, session, apiKey and,
 * where somebody else is to be meant by a path, that `person`. */
export function thingsOf(owner, marker) {
  const things = new Proxy({ ...owner, marker }, {
    get: (made, name) => {
      if (!(name in made) && Object.hasOwn(makers, name)) Object.assign(made, makers[name](things));
      return made[name];
    },
  });
  return things;
}

export const makeAll = (things) => Object.keys(makers).forEach((name) => things[name]);

/** What stands in {id} (or another parameter) of a path that begins so. The longest that fits counts. */
const ids = {
  '/api/v1/analytics/creator/': (m) => m.id,
  '/api/v1/analytics/video/': (m) => m.video,
  '/embed/': (m) => m.video,
  '/feeds/users/': (m) => `${m.id}.xml`,
  '/sitemaps/': (m) => m.video,
  '/api/v1/auth/api-keys/': (m) => m.apiKey,
  '/api/v1/auth/sessions/': (m) => m.session,
  '/api/v1/auth/oauth/': () => 'nowhere',
  '/api/v1/comments/': (m) => m.comment,
  '/api/v1/notifications/': (m) => m.notification,
  '/api/v1/notifications/preferences/': () => 'no_such_kind',
  '/api/v1/webhooks/': (m, name) => (name === 'id' ? m.webhook : m.delivery),
  '/api/v1/devices/': (m) => m.device,
  '/api/v1/users/me/devices/': (m) => m.device,
  '/api/v1/playlists/': (m) => m.playlist,
  '/api/v1/playlists/{id}/videos/': (m, name) => (name === 'id' ? m.playlist : m.video),
  '/api/v1/recommendations/similar/': (m) => m.video,
  '/api/v1/tenants/': (m) => m.tenant,
  '/api/v1/uploads/': (m) => m.upload,
  '/api/v1/content/reports/': (m) => m.report,
  '/api/v1/content/videos/': (m) => m.film,
  '/api/v1/dojos/': (m, name) => (name === 'id' ? m.dojo : m.run),
  '/api/v1/groups/': (m, name) => (name === 'id' ? m.group : m.person ?? m.id),
  '/api/v1/desk/jobs/': (m) => m.job,
  '/api/v1/pocs/': (m, name) => (name === 'id' ? m.poc : name === 'picture' ? m.pocPicture : m.snippet),
  '/api/v1/desk/people/': (m, name) => (name === 'session' ? m.signedIn : m.person ?? m.id),
  '/api/v1/desk/videos/': (m) => m.video,
  '/api/v1/moderation/blocklist/': (m) => m.blocked,
  '/api/v1/moderation/watched-words/': (m) => m.word,
  '/api/v1/moderation/reasons/': (m) => m.reason,
  '/api/v1/moderation/cases/': (m) => m.case,
  '/api/v1/moderation/review/': (m) => m.case,
  '/api/v1/moderation/appeals/': (m) => m.appeal,
  '/api/v1/moderation/dmca/': (m) => m.notice,
  '/api/v1/dmca/notices/': (m) => m.notice,
  '/api/v1/users/': (m) => m.person ?? m.id,
  '/api/v1/users/me/history/': (m) => m.video,
  '/api/v1/videos/': (m) => m.video,
  '/api/v1/videos/{id}/captions/': (m, name) => (name === 'id' ? m.video : 'en'),
  '/api/v1/videos/{id}/groups/': (m, name) => (name === 'id' ? m.video : m.group),
  '/api/v1/videos/{id}/access/': (m, name) => (name === 'id' ? m.video : m.person ?? m.id),
};

/** A body that the route would take from its own people. */
const bodies = {
  'POST /api/v1/analytics/engagement': (m) => ({ events: [{ eventType: 'play', videoId: m.video, sessionId: 'stranger' }] }),
  'POST /api/v1/analytics/view': (m) => ({ videoId: m.video, sessionId: 'stranger' }),
  'POST /api/v1/auth/api-keys': () => ({ name: 'x', scopes: ['read'], password }),
  'POST /api/v1/auth/confirm': () => ({ password }),
  'POST /api/v1/moderation/reasons': () => ({ code: 'of_their_own', locale: 'en', title: 'x', body: 'x' }),
  'PATCH /api/v1/moderation/reasons/{id}': () => ({ title: 'overwritten' }),
  'POST /api/v1/auth/change-email': () => ({ email: `n${randomUUID()}@example.test`, password }),
  'POST /api/v1/auth/confirm-email': () => ({ token: 'x' }),
  'POST /account/verify-email': () => ({ token: 'x' }),
  'POST /account/confirm-email': () => ({ token: 'x' }),
  'POST /account/reset-password': () => ({ token: 'x' }),
  'POST /api/v1/auth/change-password': () => ({ currentPassword: password, newPassword: `${password} x` }),
  'POST /api/v1/auth/forgot-password': (m) => ({ email: m.email }),
  'POST /api/v1/auth/login': (m) => ({ email: m.email, password, tenantId: m.tenant }),
  'POST /api/v1/auth/logout': (m) => ({ refreshToken: m.refreshToken }),
  'POST /api/v1/auth/mfa/disable': () => ({ password, totp: '000000' }),
  'POST /api/v1/auth/mfa/enable': () => ({ totp: '000000' }),
  'POST /api/v1/auth/mfa/setup': () => ({ password }),
  'POST /api/v1/auth/oauth/token': () => ({ code: 'x' }),
  'POST /api/v1/auth/oauth/{provider}/callback': () => ({}),
  'POST /api/v1/auth/refresh': (m) => ({ refreshToken: m.refreshToken }),
  'POST /api/v1/auth/register': () => ({ email: `n${randomUUID()}@example.test`, username: `n${randomUUID().replaceAll('-', '').slice(0, 20)}`, password }),
  'POST /api/v1/auth/resend-verification': (m) => ({ email: m.email }),
  'POST /api/v1/auth/reset-password': () => ({ token: 'x', password }),
  'POST /api/v1/auth/verify-email': () => ({ token: 'x' }),
  'POST /api/v1/webhooks': () => ({ url: 'https://example.com/', events: ['video.ready'] }),
  'PATCH /api/v1/webhooks/{id}': () => ({ description: 'overwritten' }),
  'POST /api/v1/devices': (m) => ({ token: `of-their-own-${m.marker}`, platform: 'web' }),
  'POST /api/v1/users/me/devices': (m) => ({ token: `of-their-own-${m.marker}`, platform: 'web' }),
  'POST /api/v1/groups': () => ({ name: 'of their own' }),
  'PATCH /api/v1/groups/{id}': () => ({ name: 'overwritten' }),
  'PUT /api/v1/videos/{id}/groups/{group}': () => ({ access: 'editor' }),
  'POST /api/v1/playlists': () => ({ name: 'of their own' }),
  'PATCH /api/v1/playlists/{id}': () => ({ name: 'overwritten' }),
  'PUT /api/v1/playlists/{id}': () => ({ name: 'overwritten' }),
  'POST /api/v1/playlists/{id}/videos': (m) => ({ videoId: m.video }),
  'PATCH /api/v1/playlists/{id}/videos/{videoId}': () => ({ first: true }),
  'POST /api/v1/comments': (m) => ({ videoId: m.video, parentId: m.comment, text: 'stolen' }),
  'POST /api/v1/comments/{id}/reply': () => ({ text: 'overwritten' }),
  'PUT /api/v1/comments/{id}': () => ({ text: 'overwritten' }),
  'POST /api/v1/videos/{id}/comment': () => ({ text: 'overwritten' }),
  'PATCH /api/v1/notifications/preferences/{kind}': () => ({ push: false }),
  'POST /api/v1/videos/{id}/report': () => ({ category: 'spam' }),
  'POST /api/v1/comments/{id}/report': () => ({ category: 'spam' }),
  'POST /api/v1/users/{id}/report': () => ({ category: 'spam' }),
  'POST /api/v1/moderation/cases/{id}/assign': (m) => ({ userId: m.id }),
  'POST /api/v1/moderation/review/{id}': () => ({ action: 'hide', reason: 'spam' }),
  'POST /api/v1/moderation/review': (m) => ({ caseIds: [m.case], action: 'hide', reason: 'spam' }),
  'POST /api/v1/moderation/watched-words': () => ({ pattern: 'x', action: 'hold' }),
  'POST /api/v1/moderation/check-video': (m) => ({ videoId: m.video }),
  'POST /api/v1/moderation/check-audio': (m) => ({ videoId: m.video }),
  'POST /api/v1/moderation/blocklist': (m) => ({ videoId: m.video, label: 'x' }),
  'POST /api/v1/moderation/check-text': () => ({ text: 'x' }),
  'POST /api/v1/moderation/decide': (m) => ({ kind: 'video', id: m.video, action: 'hide', reason: 'spam' }),
  'PATCH /api/v1/moderation/settings': () => ({ purgeDays: 30 }),
  'POST /api/v1/appeals': (m) => ({ decisionId: m.decision, text: 'x' }),
  'POST /api/v1/moderation/appeals/{id}': () => ({ granted: true, answer: 'x' }),
  'POST /api/v1/dmca/notices': (m) => ({ videoId: m.video, name: 'x', email: 'x@example.test', postalAddress: 'x', work: 'x', signature: 'x', goodFaith: true, underPerjury: true }),
  'POST /api/v1/dmca/notices/{id}/counter': () => ({ name: 'x', postalAddress: 'x', statement: 'x', signature: 'x' }),
  'POST /api/v1/moderation/dmca/{id}': () => ({ action: 'take_down' }),
  'DELETE /api/v1/users/me': () => ({ password: 'wrong wrong wrong' }),
  'POST /api/v1/tenants': () => ({ slug: `s${randomUUID()}`, hosts: ['stolen.localhost'] }),
  'PATCH /api/v1/tenants/{id}': () => ({ name: 'overwritten' }),
  'PATCH /api/v1/tenant': () => ({ name: 'overwritten' }),
  'PUT /api/v1/users/me/avatar': () => ({}),
  'PUT /api/v1/videos/{id}/thumbnail': () => ({ time: 1 }),
  'POST /api/v1/videos/{id}/edits': () => ({ rotate: 90 }),
  'POST /api/v1/content/reports': () => ({ title: 'stranger', format: 'CSV' }),
  'POST /api/v1/content/videos': () => ({ title: 'stranger', style: 'neon' }),
  'POST /api/v1/dojos': () => ({ name: 'stranger', language: 'c' }),
  'PATCH /api/v1/dojos/{id}': () => ({ name: 'overwritten' }),
  'POST /api/v1/dojos/join': () => ({ joinCode: 'ABCDEFGH' }),
  'POST /api/v1/dojos/{id}/join': () => ({ joinCode: 'ABCDEFGH' }),
  'POST /api/v1/dojos/{id}/invite': (m) => ({ userIds: [m.id] }),
  'POST /api/v1/dojos/{id}/execute': () => ({ code: 'x' }),
  'PUT /api/v1/pocs/{id}/thumbnail': () => ({}),
  'POST /api/v1/pocs/{id}/screenshots': () => ({}),
  'POST /api/v1/pocs': () => ({ name: 'stranger' }),
  'PATCH /api/v1/pocs/{id}': () => ({ name: 'overwritten' }),
  'PUT /api/v1/pocs/{id}': () => ({ name: 'overwritten' }),
  'POST /api/v1/pocs/{id}/snippets': () => ({ title: 'stranger', code: 'x' }),
  'PATCH /api/v1/pocs/{id}/snippets/{snippet}': () => ({ title: 'overwritten' }),
  'POST /api/v1/pocs/import': () => ({}),
  'POST /api/v1/desk/jobs/retry': () => ({ kind: 'check_text', reasonCode: 'isolation' }),
  'PATCH /api/v1/users/me': () => ({ bio: 'stranger' }),
  'PATCH /api/v1/users/me/preferences': () => ({ theme: 'dark' }),
  'PUT /api/v1/users/{id}/role': () => ({ role: 'creator' }),
  'POST /api/v1/users/{id}/suspend': () => ({ reason: 'stranger' }),
  'POST /api/v1/users/{id}/ban': () => ({ reason: 'stranger' }),
  'PUT /api/v1/users/{id}': () => ({ bio: 'overwritten' }),
  'POST /api/v1/users': () => ({ email: `n${randomUUID()}@example.test`, username: `n${randomUUID().replaceAll('-', '').slice(0, 20)}`, password }),
  'POST /api/v1/uploads': () => ({}),
  'POST /api/v1/uploads/{id}': () => ({}),
  'PATCH /api/v1/uploads/{id}': () => ({}),
  'PUT /api/v1/uploads/{id}/file': () => ({}),
  'POST /api/v1/videos': (m) => ({ videoId: m.video, title: 'stolen' }),
  'POST /api/v1/videos/upload-url': () => ({ fileName: 'x.mp4', sizeBytes: 1000 }),
  'POST /api/v1/videos/{id}/replace': () => ({ fileName: 'x.mp4', sizeBytes: 1000 }),
  'POST /api/v1/videos/{id}/view': () => ({ sessionId: 'session-1234567890' }),
  'PATCH /api/v1/videos/{id}': () => ({ title: 'overwritten' }),
  'PUT /api/v1/videos/{id}/captions/{lang}': () => ({}),
  'PUT /api/v1/videos/{id}/access/{user}': () => ({ access: 'editor' }),
  'PUT /api/v1/videos/{id}/progress': () => ({ position: 3 }),
  'PUT /api/v1/videos/{id}': () => ({ title: 'overwritten' }),
};

export const nameOf = (route) => `${route.method} ${route.path}`;

/** The route's path about these things. */
export function fill(route, m) {
  const prefix = Object.keys(ids).filter((p) => route.path.startsWith(p)).sort((a, b) => b.length - a.length)[0];
  assert.ok(prefix || !route.params.length, `${nameOf(route)}: tests/lib/things.mjs does not know its ids`);
  return route.path.replace(/\{(\w+)\}/g, (_, name) => ids[prefix](m, name));
}

/** Its body, if it has one. */
export function bodyOf(route, m) {
  if (!route.hasBody) return undefined;
  assert.ok(bodies[nameOf(route)], `${nameOf(route)}: tests/lib/things.mjs does not know a body for it`);
  return bodies[nameOf(route)](m);
}
