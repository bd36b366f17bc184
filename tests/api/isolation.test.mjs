// tests/api/isolation.test.mjs - every route of the server, asked by another community: with its tokens, and for its
// things by their true ids. Nothing is read and nothing changes. A new route fails here until it is taught below how
// its ids are made and what its body is: `ids`, `bodies`.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { before, test } from 'node:test';
import { base, ctl, newUser, ok, password, post } from '../lib/api.mjs';
import { allRoutes, callAt } from '../lib/routes.mjs';
import { claimsOf } from '../lib/tokens.mjs';

const here = new URL(base).hostname;
const other = `iso-${randomUUID().slice(0, 8)}.localhost`;
const marker = `marker${randomUUID().replaceAll('-', '').slice(0, 16)}`;
const sql = (text) => execFileSync('psql', ['-XAtq', '-U', 'atelier_owner', '-d', 'atelier', '-v', 'ON_ERROR_STOP=1', '-c', text], { encoding: 'utf8', env: { ...process.env, PGHOST: process.env.PGHOST } }).trim();

/** Routes that belong to no community. */
const common = new Set(['GET /health', 'GET /ready', 'GET /api/v1/openapi.json', 'GET /.well-known/jwks.json']);

let mine; // a person of this community and her things
let stranger; // a person of the other community: its token
let routes;

/** What stands in {id} (or another parameter) of a path that begins so. The longest that fits counts. */
const ids = {
  '/api/v1/analytics/creator/': () => mine.id,
  '/api/v1/analytics/video/': () => mine.video,
  '/embed/': () => mine.video,
  '/feeds/users/': () => `${mine.id}.xml`,
  '/sitemaps/': () => mine.video,
  '/api/v1/auth/api-keys/': () => mine.apiKey,
  '/api/v1/auth/sessions/': () => mine.session,
  '/api/v1/auth/oauth/': () => 'nowhere',
  '/api/v1/comments/': () => mine.comment,
  '/api/v1/notifications/': () => mine.notification,
  '/api/v1/notifications/preferences/': () => 'no_such_kind',
  '/api/v1/webhooks/': (name) => (name === 'id' ? mine.webhook : mine.delivery),
  '/api/v1/devices/': () => mine.device,
  '/api/v1/users/me/devices/': () => mine.device,
  '/api/v1/playlists/': () => mine.playlist,
  '/api/v1/playlists/{id}/videos/': (name) => (name === 'id' ? mine.playlist : mine.video),
  '/api/v1/recommendations/similar/': () => mine.video,
  '/api/v1/tenants/': () => mine.tenant,
  '/api/v1/uploads/': () => mine.upload,
  '/api/v1/content/reports/': () => mine.report,
  '/api/v1/content/videos/': () => mine.film,
  '/api/v1/dojos/': (name) => (name === 'id' ? mine.dojo : mine.run),
  '/api/v1/desk/jobs/': () => mine.job,
  '/api/v1/pocs/': (name) => (name === 'id' ? mine.poc : name === 'picture' ? mine.pocPicture : mine.snippet),
  '/api/v1/desk/people/': () => mine.id,
  '/api/v1/desk/videos/': () => mine.video,
  '/api/v1/moderation/blocklist/': () => mine.blocked,
  '/api/v1/moderation/watched-words/': () => mine.word,
  '/api/v1/moderation/reasons/': () => mine.reason,
  '/api/v1/moderation/cases/': () => mine.case,
  '/api/v1/moderation/review/': () => mine.case,
  '/api/v1/moderation/appeals/': () => mine.appeal,
  '/api/v1/moderation/dmca/': () => mine.notice,
  '/api/v1/dmca/notices/': () => mine.notice,
  '/api/v1/users/': () => mine.id,
  '/api/v1/users/me/history/': () => mine.video,
  '/api/v1/videos/': () => mine.video,
  '/api/v1/videos/{id}/captions/': (name) => (name === 'id' ? mine.video : 'en'),
  '/api/v1/videos/{id}/access/': (name) => (name === 'id' ? mine.video : mine.id),
};

/** A body that the route would take from its own people. */
const bodies = {
  'POST /api/v1/analytics/engagement': () => ({ events: [{ eventType: 'play', videoId: mine.video, sessionId: 'stranger' }] }),
  'POST /api/v1/analytics/view': () => ({ videoId: mine.video, sessionId: 'stranger' }),
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
  'POST /api/v1/auth/forgot-password': () => ({ email: mine.email }),
  'POST /api/v1/auth/login': () => ({ email: mine.email, password, tenantId: mine.tenant }),
  'POST /api/v1/auth/logout': () => ({ refreshToken: mine.refreshToken }),
  'POST /api/v1/auth/mfa/disable': () => ({ password, totp: '000000' }),
  'POST /api/v1/auth/mfa/enable': () => ({ totp: '000000' }),
  'POST /api/v1/auth/mfa/setup': () => ({ password }),
  'POST /api/v1/auth/oauth/token': () => ({ code: 'x' }),
  'POST /api/v1/auth/oauth/{provider}/callback': () => ({}),
  'POST /api/v1/auth/refresh': () => ({ refreshToken: mine.refreshToken }),
  'POST /api/v1/auth/register': () => ({ email: `n${randomUUID()}@example.test`, username: `n${randomUUID().replaceAll('-', '').slice(0, 20)}`, password }),
  'POST /api/v1/auth/resend-verification': () => ({ email: mine.email }),
  'POST /api/v1/auth/reset-password': () => ({ token: 'x', password }),
  'POST /api/v1/auth/verify-email': () => ({ token: 'x' }),
  'POST /api/v1/webhooks': () => ({ url: 'https://example.com/', events: ['video.ready'] }),
  'PATCH /api/v1/webhooks/{id}': () => ({ description: 'overwritten' }),
  'POST /api/v1/devices': () => ({ token: `of-their-own-${marker}`, platform: 'web' }),
  'POST /api/v1/users/me/devices': () => ({ token: `of-their-own-${marker}`, platform: 'web' }),
  'POST /api/v1/playlists': () => ({ name: 'of their own' }),
  'PATCH /api/v1/playlists/{id}': () => ({ name: 'overwritten' }),
  'PUT /api/v1/playlists/{id}': () => ({ name: 'overwritten' }),
  'POST /api/v1/playlists/{id}/videos': () => ({ videoId: mine.video }),
  'PATCH /api/v1/playlists/{id}/videos/{videoId}': () => ({ first: true }),
  'POST /api/v1/comments': () => ({ videoId: mine.video, parentId: mine.comment, text: 'stolen' }),
  'POST /api/v1/comments/{id}/reply': () => ({ text: 'overwritten' }),
  'PUT /api/v1/comments/{id}': () => ({ text: 'overwritten' }),
  'POST /api/v1/videos/{id}/comment': () => ({ text: 'overwritten' }),
  'PATCH /api/v1/notifications/preferences/{kind}': () => ({ push: false }),
  'POST /api/v1/videos/{id}/report': () => ({ category: 'spam' }),
  'POST /api/v1/comments/{id}/report': () => ({ category: 'spam' }),
  'POST /api/v1/users/{id}/report': () => ({ category: 'spam' }),
  'POST /api/v1/moderation/cases/{id}/assign': () => ({ userId: mine.id }),
  'POST /api/v1/moderation/review/{id}': () => ({ action: 'hide', reason: 'spam' }),
  'POST /api/v1/moderation/review': () => ({ caseIds: [mine.case], action: 'hide', reason: 'spam' }),
  'POST /api/v1/moderation/watched-words': () => ({ pattern: 'x', action: 'hold' }),
  'POST /api/v1/moderation/check-video': () => ({ videoId: mine.video }),
  'POST /api/v1/moderation/check-audio': () => ({ videoId: mine.video }),
  'POST /api/v1/moderation/blocklist': () => ({ videoId: mine.video, label: 'x' }),
  'POST /api/v1/moderation/check-text': () => ({ text: 'x' }),
  'POST /api/v1/moderation/decide': () => ({ kind: 'video', id: mine.video, action: 'hide', reason: 'spam' }),
  'PATCH /api/v1/moderation/settings': () => ({ purgeDays: 30 }),
  'POST /api/v1/appeals': () => ({ decisionId: mine.decision, text: 'x' }),
  'POST /api/v1/moderation/appeals/{id}': () => ({ granted: true, answer: 'x' }),
  'POST /api/v1/dmca/notices': () => ({ videoId: mine.video, name: 'x', email: 'x@example.test', postalAddress: 'x', work: 'x', signature: 'x', goodFaith: true, underPerjury: true }),
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
  'POST /api/v1/dojos/join': () => ({ joinCode: mine.joinCode }),
  'POST /api/v1/dojos/{id}/join': () => ({ joinCode: mine.joinCode }),
  'POST /api/v1/dojos/{id}/invite': () => ({ userIds: [mine.id] }),
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
  'POST /api/v1/videos': () => ({ videoId: mine.video, title: 'stolen' }),
  'POST /api/v1/videos/upload-url': () => ({ fileName: 'x.mp4', sizeBytes: 1000 }),
  'POST /api/v1/videos/{id}/replace': () => ({ fileName: 'x.mp4', sizeBytes: 1000 }),
  'POST /api/v1/videos/{id}/view': () => ({ sessionId: 'session-1234567890' }),
  'PATCH /api/v1/videos/{id}': () => ({ title: 'overwritten' }),
  'PUT /api/v1/videos/{id}/captions/{lang}': () => ({}),
  'PUT /api/v1/videos/{id}/access/{user}': () => ({ access: 'editor' }),
  'PUT /api/v1/videos/{id}/progress': () => ({ position: 3 }),
  'PUT /api/v1/videos/{id}': () => ({ title: 'overwritten' }),
};

const nameOf = (route) => `${route.method} ${route.path}`;

function fill(route) {
  const prefix = Object.keys(ids).filter((p) => route.path.startsWith(p)).sort((a, b) => b.length - a.length)[0];
  assert.ok(prefix || !route.params.length, `${nameOf(route)}: tests/api/isolation.test.mjs does not know its ids`);
  return route.path.replace(/\{(\w+)\}/g, (_, name) => ids[prefix](name));
}

function bodyOf(route) {
  if (!route.hasBody) return undefined;
  assert.ok(bodies[nameOf(route)], `${nameOf(route)}: tests/api/isolation.test.mjs does not know a body for it`);
  return bodies[nameOf(route)]();
}

/** A hash of every row of this community in every table that has a tenant_id. */
function snapshot() {
  const tables = sql("select table_name from information_schema.columns join information_schema.tables using (table_schema, table_name) where column_name = 'tenant_id' and table_schema = 'public' and table_type = 'BASE TABLE' order by 1").split('\n');
  return Object.fromEntries(tables.filter((t) => t !== 'jobs').map((t) => [t, sql(`select md5(coalesce(string_agg(r::text, '|' order by r::text), '')) from ${t} r where tenant_id = '${mine.tenant}'`)]));
}

before(async () => {
  mine = await newUser({ displayName: marker });
  const claims = claimsOf(mine.token);
  Object.assign(mine, { tenant: claims.tenant, session: claims.sid });
  mine.apiKey = ok(await post('/auth/api-keys', { name: marker, scopes: ['read'], password }, { token: mine.token }), 201).id;
  const video = ok(await post('/videos', { title: marker, sizeBytes: 1000 }, { token: mine.token }), 201);
  mine.video = video.id ?? video.videoId;
  const upload = ok(await post('/videos/upload-url', { fileName: `${marker}.mp4`, sizeBytes: 1000 }, { token: mine.token }), 201);
  mine.upload = upload.videoId ?? upload.id;
  // a video that everybody here can see
  sql(`insert into renditions (tenant_id, video_id, name, state) values ('${mine.tenant}', '${mine.video}', '720p', 'ready')`);

  mine.comment = sql(`insert into comments (tenant_id, video_id, user_id, text) values ('${mine.tenant}', '${mine.video}', '${mine.id}', '${marker}') returning id`);
  mine.webhook = sql(`insert into webhooks (tenant_id, url, events, secret, is_active) values ('${mine.tenant}', 'https://example.com/${marker}', '{video.failed}', 'x', false) returning id`);
  mine.delivery = sql(`insert into webhook_deliveries (tenant_id, webhook_id, event, body, state) values ('${mine.tenant}', '${mine.webhook}', 'video.failed', '{}', 'failed') returning id`);
  mine.device = sql(`insert into devices (tenant_id, user_id, platform, token) values ('${mine.tenant}', '${mine.id}', 'web', 'of-their-own-${marker}') returning id`);
  mine.playlist = sql(`insert into playlists (tenant_id, user_id, name, visibility) values ('${mine.tenant}', '${mine.id}', '${marker}', 'public') returning id`);
  mine.notification = sql(`insert into notifications (tenant_id, user_id, kind) values ('${mine.tenant}', '${mine.id}', 'moderation_outcome') returning id`);
  mine.report = sql(`insert into content_items (tenant_id, owner_id, kind, title, options) values ('${mine.tenant}', '${mine.id}', 'report', '${marker}', '{"format": "CSV"}') returning id`);
  mine.film = sql(`insert into content_items (tenant_id, owner_id, kind, title, options) values ('${mine.tenant}', '${mine.id}', 'video', '${marker}', '{"kind": "pocs", "style": "neon"}') returning id`);
  [mine.dojo, mine.joinCode] = sql(`insert into dojos (tenant_id, owner_id, name, language, join_code) values ('${mine.tenant}', '${mine.id}', '${marker}', 'c', join_code()) returning id, join_code`).split('|');
  mine.run = sql(`insert into dojo_runs (tenant_id, dojo_id, user_id, language, code) values ('${mine.tenant}', '${mine.dojo}', '${mine.id}', 'c', '${marker}') returning id`);
  mine.poc = sql(`insert into pocs (tenant_id, user_id, name, is_public) values ('${mine.tenant}', '${mine.id}', '${marker}', true) returning id`);
  mine.snippet = sql(`insert into poc_snippets (tenant_id, poc_id, title, code) values ('${mine.tenant}', '${mine.poc}', '${marker}', 'x') returning id`);
  mine.pocPicture = sql(`insert into poc_pictures (tenant_id, poc_id, kind) values ('${mine.tenant}', '${mine.poc}', 'screenshot') returning id`);
  mine.job = sql(`insert into jobs (tenant_id, kind, user_id, state, finished_at) values ('${mine.tenant}', 'check_text', '${mine.id}', 'dead', now()) returning id`);
  mine.blocked = sql(`insert into blocked_media (tenant_id, label) values ('${mine.tenant}', '${marker}') returning id`);
  mine.reason = sql(`select id from reason_templates where tenant_id = '${mine.tenant}' limit 1`);
  mine.word = sql(`insert into watched_words (tenant_id, pattern, action) values ('${mine.tenant}', '${marker}xyz', 'hold') returning id`);
  mine.case = sql(`insert into cases (tenant_id, subject_kind, subject_id, user_id, source) values ('${mine.tenant}', 'video', '${mine.video}', '${mine.id}', 'report') returning id`);
  mine.decision = sql(`insert into decisions (tenant_id, subject_kind, subject_id, user_id, action) values ('${mine.tenant}', 'user', '${mine.id}', '${mine.id}', 'warn') returning id`);
  mine.appeal = sql(`insert into appeals (tenant_id, decision_id, user_id, body) values ('${mine.tenant}', '${mine.decision}', '${mine.id}', '${marker}') returning id`);
  mine.notice = sql(`insert into dmca_notices (tenant_id, video_id, user_id, claimant_name, claimant_email, claimant_address, work, good_faith, under_perjury, signature) values ('${mine.tenant}', '${mine.video}', '${mine.id}', 'x', 'x@x.test', 'x', '${marker}', true, true, 'x') returning id`);

  ctl('tenant', 'create', other.split('.')[0], '--modules', 'core,skills,coaching,pocs,moves', '--host', other, '--base-url', `http://${other}`);
  const name = `s${randomUUID().replaceAll('-', '').slice(0, 18)}`;
  const account = { email: `${name}@example.test`, username: name, password };
  assert.equal((await callAt(other, 'POST', '/api/v1/auth/register', { json: account })).status, 201);
  stranger = (await callAt(other, 'POST', '/api/v1/auth/login', { json: { email: account.email, password } })).data.accessToken;
  routes = await allRoutes();
});

test('the ids are true ones: their own community finds them', async () => {
  for (const path of [`/api/v1/users/${mine.id}`, `/api/v1/videos/${mine.video}`, '/api/v1/auth/sessions', '/api/v1/auth/api-keys']) {
    const res = await callAt(here, 'GET', path, { token: mine.token });
    assert.equal(res.status, 200, `${path}: ${res.text}`);
  }
});

test('a token of this community opens no route of the other', async () => {
  for (const route of routes.filter((r) => !common.has(nameOf(r)))) {
    const res = await callAt(other, route.method, fill(route), { token: mine.token, json: bodyOf(route) });
    assert.equal(res.status, 401, `${nameOf(route)}: ${res.status} ${res.text.slice(0, 200)}`);
  }
});

test('the other community, with a token of its own and our ids, reads and changes nothing', async () => {
  const before = snapshot();
  for (const route of routes.filter((r) => !common.has(nameOf(r)))) {
    if (/\/(logout-all|logout)$/.test(route.path)) continue; // last, below
    const res = await callAt(other, route.method, fill(route), { token: stranger, json: bodyOf(route) });
    for (const secret of [marker, mine.id, mine.email, mine.video, mine.session, mine.apiKey])
      assert.ok(!res.text.includes(secret), `${nameOf(route)} tells of ${secret}: ${res.text.slice(0, 300)}`);
    if (route.params.length && !route.path.includes('/oauth/'))
      assert.ok([400, 403, 404, 409, 412, 415].includes(res.status), `${nameOf(route)}: ${res.status} ${res.text.slice(0, 200)}`);
    assert.ok(res.status < 500, `${nameOf(route)}: ${res.status}`);
  }
  for (const path of ['/api/v1/auth/logout', '/api/v1/auth/logout-all'])
    await callAt(other, 'POST', path, { token: stranger, json: { refreshToken: mine.refreshToken } });
  assert.deepEqual(snapshot(), before);
});

test('nobody in particular sees nothing of ours there either', async () => {
  const before = snapshot();
  for (const route of routes.filter((r) => !common.has(nameOf(r)) && r.permission === 'public')) {
    const res = await callAt(other, route.method, fill(route), { json: bodyOf(route) });
    for (const secret of [marker, mine.id, mine.video]) assert.ok(!res.text.includes(secret), `${nameOf(route)} tells of ${secret}`);
  }
  assert.deepEqual(snapshot(), before);
  assert.equal((await callAt(here, 'GET', '/api/v1/users/me', { token: mine.token })).status, 200);
});

test('a host that nobody has is no community', async () => {
  const res = await callAt('nobody.example', 'GET', '/api/v1/users/me');
  assert.equal(res.status, 404);
});
