// tests/api/races.test.mjs - every write of the server, asked eight times at once about the same thing. Each ends as if one had
// come after the other: it is done once, or each does the same. A new route fails here until it has its line. What many do
// to each other's things at once, and the counters of it: tests/api/at-once.test.mjs.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { after as afterAll, before, test } from 'node:test';
import { base, ctl } from '../lib/api.mjs';
import { newPerson } from '../lib/people.mjs';
import { allRoutes, callAt } from '../lib/routes.mjs';
import { bodyOf, fill, nameOf, thingsOf } from '../lib/things.mjs';
import { claimsOf } from '../lib/tokens.mjs';
import { sql } from '../lib/video.mjs';

const TIMES = 8;
const host = new URL(base).hostname;

/** all: each is answered so. one: one is, and the others find it done. A text: the file that races it, and how. */
const all = (status, how = {}) => ({ status, ...how });
const one = (status, how = {}) => ({ status, once: true, ...how });
const theirs = { of: 'other' }; // about somebody else's thing
const after = (...routes) => ({ first: routes });

const races = {
  'POST /analytics/engagement': all(202),
  'POST /analytics/view': all(200),
  'POST /appeals': one(201),
  'DELETE /comments/{id}/heart': all(204, after('POST /comments/{id}/heart')),
  'POST /comments/{id}/heart': all(204),
  'DELETE /comments/{id}/like': all(200, after('POST /comments/{id}/like')),
  'POST /comments/{id}/like': all(200),
  'DELETE /comments/{id}/pin': all(204, after('POST /comments/{id}/pin')),
  'POST /comments/{id}/pin': all(204),
  'POST /comments/{id}/reply': all(201),
  'POST /comments/{id}/report': all(201, theirs),
  'DELETE /comments/{id}': one(204),
  'PUT /comments/{id}': all(200),
  'POST /comments': all(201),
  'POST /content/reports/{id}/cancel': all(200),
  'DELETE /content/reports/{id}': one(204),
  'POST /content/reports': all(202),
  'POST /content/videos/{id}/cancel': all(200),
  'DELETE /content/videos/{id}': one(204),
  'POST /content/videos': all(202),
  'POST /desk/jobs/retry': all(200),
  'POST /desk/jobs/{id}/cancel': one(200, { set: (m) => `update jobs set state = 'queued', finished_at = null, run_at = now() + interval '1 hour' where id = '${m.job}'` }),
  'POST /desk/jobs/{id}/retry': all(200),
  'DELETE /desk/people/{id}/sessions/{session}': one(204),
  'DELETE /desk/people/{id}/sessions': all(200),
  'DELETE /devices/{id}': one(204),
  'POST /devices': all(201),
  'POST /dmca/notices/{id}/counter': one(200, after('POST /moderation/dmca/{id}')),
  'POST /dmca/notices': all(201),
  'POST /dojos/join': 'dojos.test.mjs: needs a join code, which is told once',
  'POST /dojos/{id}/end': one(200),
  'POST /dojos/{id}/execute': 'dojos.test.mjs: runs are limited for each person',
  'POST /dojos/{id}/invite': all(200),
  'POST /dojos/{id}/join': all(200),
  'POST /dojos/{id}/join-code': all(200),
  'POST /dojos/{id}/leave': one(204, after('POST /dojos/{id}/join')),
  'POST /dojos/{id}/start': all(200),
  'DELETE /dojos/{id}': one(204),
  'PATCH /dojos/{id}': all(200),
  'POST /dojos': all(201),
  'DELETE /groups/{id}/members/{user}': one(204, after('PUT /groups/{id}/members/{user}')),
  'PUT /groups/{id}/members/{user}': all(200),
  'DELETE /groups/{id}': one(204),
  'PATCH /groups/{id}': all(200),
  'POST /groups': all(201),
  'POST /mail/unsubscribe': 'digest.test.mjs: the address signs itself, and twice is once',
  'POST /moderation/appeals/{id}/claim': all(200, theirs),
  'POST /moderation/appeals/{id}': one(200, theirs),
  'DELETE /moderation/blocklist/{id}': one(204),
  'POST /moderation/blocklist': 'checks.test.mjs: needs the file of a video',
  'POST /moderation/cases/{id}/assign': all(200, { ...theirs, body: () => ({ userId: colleague.id }) }),
  'DELETE /moderation/cases/{id}/claim': one(204, { ...theirs, first: ['POST /moderation/cases/{id}/claim'] }),
  'POST /moderation/cases/{id}/claim': all(200, theirs),
  'POST /moderation/check-audio': 'checks.test.mjs: needs the file of a video',
  'POST /moderation/check-text': all(200),
  'POST /moderation/check-video': 'checks.test.mjs: needs the file of a video',
  'POST /moderation/decide': all(200, theirs),
  'POST /moderation/dmca/{id}': one(200),
  'POST /moderation/next': all(200),
  'PATCH /moderation/reasons/{id}': all(200),
  'POST /moderation/reasons': one(201, { body: (m) => ({ code: `r${m.marker}`, locale: 'en', title: 'x', body: 'x' }) }),
  'POST /moderation/review/{id}': one(200, theirs),
  'POST /moderation/review': all(200, theirs),
  'PATCH /moderation/settings': all(200),
  'DELETE /moderation/watched-words/{id}': one(204),
  'POST /moderation/watched-words': all(201, { body: (m) => ({ pattern: `never ${m.marker}`, action: 'hold' }) }),
  'PATCH /notifications/preferences/{kind}': all(200, { path: '/api/v1/notifications/preferences/video_liked' }),
  'POST /notifications/read-all': all(200),
  'DELETE /notifications/{id}/read': all(204),
  'POST /notifications/{id}/read': all(204),
  'DELETE /notifications/{id}': one(204),
  'DELETE /notifications': all(200),
  'DELETE /playlists/{id}/videos/{videoId}': one(204, after('POST /playlists/{id}/videos')),
  'PATCH /playlists/{id}/videos/{videoId}': all(204, after('POST /playlists/{id}/videos')),
  'DELETE /playlists/{id}/videos': one(204, { first: ['POST /playlists/{id}/videos'], path: (m) => `/api/v1/playlists/${m.playlist}/videos?videoId=${m.video}` }),
  'POST /playlists/{id}/videos': one(201, { others: 200 }),
  'DELETE /playlists/{id}': one(204),
  'PATCH /playlists/{id}': all(200),
  'PUT /playlists/{id}': all(200),
  'POST /playlists': all(201),
  'POST /pocs/import': all(200, { body: () => [{ name: 'At once' }] }),
  'DELETE /pocs/{id}/pictures/{picture}': one(204),
  'POST /pocs/{id}/screenshots': 'pocs.test.mjs: a picture as it is',
  'DELETE /pocs/{id}/snippets/{snippet}': one(204),
  'PATCH /pocs/{id}/snippets/{snippet}': all(200),
  'POST /pocs/{id}/snippets': all(201),
  'PUT /pocs/{id}/thumbnail': 'pocs.test.mjs: a picture as it is',
  'DELETE /pocs/{id}': one(204),
  'PATCH /pocs/{id}': all(200),
  'PUT /pocs/{id}': all(200),
  'POST /pocs': all(201),
  'PATCH /tenant': all(200, { body: () => ({}) }),
  'PATCH /tenants/{id}': all(200, { body: () => ({}) }),
  'POST /tenants': one(201, { body: (m) => ({ slug: `r-${m.marker}`, hosts: [`${m.marker}.localhost`] }) }),
  'PUT /uploads/{id}/file': 'uploads.test.mjs: one of many files for one address is taken',
  'DELETE /uploads/{id}': 'uploads.test.mjs: tus',
  'PATCH /uploads/{id}': 'uploads.test.mjs: tus',
  'POST /uploads/{id}': 'uploads.test.mjs: tus',
  'OPTIONS /uploads': 'uploads.test.mjs: writes nothing',
  'POST /uploads': 'uploads.test.mjs: tus',
  'DELETE /users/me/avatar': all(204),
  'PUT /users/me/avatar': 'avatars.test.mjs: a picture as it is',
  'DELETE /users/me/devices/{id}': one(204),
  'POST /users/me/devices': all(201),
  'POST /users/me/export': all(202),
  'DELETE /users/me/history/{id}': one(204, after('PUT /videos/{id}/progress')),
  'DELETE /users/me/history': all(204),
  'PATCH /users/me/preferences': all(200),
  'DELETE /users/me': 'leaving.test.mjs: ends the account',
  'PATCH /users/me': all(200),
  'POST /users/{id}/ban': all(200),
  'DELETE /users/{id}/block': all(204, after('POST /users/{id}/block')),
  'POST /users/{id}/block': all(200),
  'DELETE /users/{id}/follow': all(204, after('POST /users/{id}/follow')),
  'POST /users/{id}/follow': all(200),
  'POST /users/{id}/report': all(201),
  'PUT /users/{id}/role': all(200),
  'POST /users/{id}/suspend': all(200),
  'POST /users/{id}/unban': one(200, after('POST /users/{id}/ban')),
  'POST /users/{id}/unsuspend': one(200, after('POST /users/{id}/suspend')),
  'PUT /users/{id}': all(200),
  'POST /users': one(201, { body: (m) => ({ email: `${m.marker}@example.test`, username: m.marker, password: 'a long and uncommon phrase 42' }) }),
  'POST /videos/upload-url': all(201),
  'DELETE /videos/{id}/access/{user}': one(204, after('PUT /videos/{id}/access/{user}')),
  'PUT /videos/{id}/access/{user}': all(200),
  'DELETE /videos/{id}/captions/{lang}': one(204, after('PUT /videos/{id}/captions/{lang}')),
  'PUT /videos/{id}/captions/{lang}': all(200, { text: 'WEBVTT\n\n00:00.000 --> 00:01.000\nAt once\n' }),
  'POST /videos/{id}/comment': all(201),
  'DELETE /videos/{id}/edits/latest': 'edits.test.mjs: needs the file of a video',
  'POST /videos/{id}/edits': 'edits.test.mjs: one at a time',
  'DELETE /videos/{id}/groups/{group}': one(204, after('PUT /videos/{id}/groups/{group}')),
  'PUT /videos/{id}/groups/{group}': all(200),
  'DELETE /videos/{id}/like': all(200, after('POST /videos/{id}/like')),
  'POST /videos/{id}/like': all(200),
  'PUT /videos/{id}/progress': all(200),
  'POST /videos/{id}/replace': one(201),
  'POST /videos/{id}/report': all(201, theirs),
  'POST /videos/{id}/share': all(200),
  'DELETE /videos/{id}/thumbnail': all(204),
  'PUT /videos/{id}/thumbnail': all(202),
  'POST /videos/{id}/view': all(200),
  'DELETE /videos/{id}': one(204),
  'PATCH /videos/{id}': all(200),
  'PUT /videos/{id}': all(200),
  'POST /videos': all(201, { body: () => ({ title: 'At once' }) }),
  'POST /webhooks/{id}/deliveries/{delivery}/replay': one(202),
  'POST /webhooks/{id}/ping': one(202, { others: 202, set: (m) => `update webhooks set is_active = true where id = '${m.webhook}'` }),
  'POST /webhooks/{id}/secret': all(200),
  'DELETE /webhooks/{id}': one(204),
  'PATCH /webhooks/{id}': all(200),
  'POST /webhooks': all(201),
};

/** A person without a password: to make one takes as long as all the rest. */
const somebody = () => {
  const name = `s${randomUUID().replaceAll('-', '').slice(0, 20)}`;
  return { id: sql(`insert into users (tenant_id, email, username, display_name) values ('${me.tenant}', '${name}@example.test', '${name}', '${name}') returning id`) };
};

/** Tokens, passwords and sessions: each is spent once, or is the caller's own. */
const accounts = /^\w+ (\/api\/v1\/auth|\/account)\//;
const shortName = (route) => nameOf(route).replace(' /api/v1', ' ');

let me, colleague, routes;
before(async () => {
  [me, colleague] = [await newPerson('operator'), await newPerson('moderator')];
  const { tenant, sid } = claimsOf(me.token);
  Object.assign(me, { tenant, session: sid, apiKey: randomUUID() });
  routes = new Map((await allRoutes()).filter((r) => r.method !== 'GET' && !accounts.test(nameOf(r))).map((r) => [shortName(r), r]));
});

test('every write is raced here, or it is said where', () => {
  assert.deepEqual([...routes.keys()].sort(), Object.keys(races).sort());
  for (const where of Object.values(races).filter((r) => typeof r === 'string'))
    assert.ok(existsSync(new URL(where.split(':')[0], import.meta.url)), where);
});

const send = (name, m, key) => {
  const { path, body, text } = races[name];
  const route = routes.get(name);
  const where = typeof path === 'function' ? path(m) : (path ?? fill(route, m));
  const what = text ? { body: text, headers: { 'content-type': 'text/vtt' } } : { json: body ? body(m) : bodyOf(route, m), headers: {} };
  if (key) what.headers['idempotency-key'] = key;
  return callAt(host, route.method, where, { token: me.token, ...what });
};
const hasKey = (route) => route.operation.parameters.some((p) => p.name === 'Idempotency-Key');

for (const [name, race] of Object.entries(races).filter(([, race]) => typeof race !== 'string'))
  test(name, async () => {
    const other = somebody();
    const owner = race.of === 'other' ? { ...other, token: me.token, tenant: me.tenant, person: me.id } : { ...me, person: other.id };
    const m = thingsOf(owner, `m${randomUUID().replaceAll('-', '').slice(0, 14)}`);
    for (const earlier of race.first ?? []) {
      const done = await send(earlier, m);
      assert.ok(done.status < 300, `${earlier}: ${done.text}`);
    }
    if (race.set) sql(race.set(m));
    const key = hasKey(routes.get(name)) && randomUUID();
    const answers = await Promise.all(Array.from({ length: TIMES }, () => send(name, m, key)));
    const seen = answers.map((a) => a.status).sort();
    const expected = race.once ? [race.others ?? 404, race.others ?? 409, race.status] : [race.status];
    if (key) {
      const made = answers.filter((a) => a.status === race.status);
      assert.ok(made.length >= 1 && answers.every((a) => [race.status, 409].includes(a.status)), `${seen}: ${answers[0].text}`);
      assert.equal(new Set(made.map((a) => a.text)).size, 1, 'one answer for one key');
    } else {
      assert.ok(seen.every((status) => expected.includes(status)), `${seen}: ${answers.find((a) => !expected.includes(a.status))?.text}`);
      if (race.once && race.others !== race.status) assert.equal(seen.filter((status) => status === race.status).length, 1, `${seen}`);
    }
  });

// What would go on at the cost of later tests: a film that nobody looks at, addresses that nobody answers.
afterAll(() =>
  sql(`select job_cancel(id, null) from jobs where kind = 'recap' and user_id = '${me.id}';
    update webhooks set is_active = false where tenant_id = '${me.tenant}' and url like 'https://example.com/%'`));

test('and no counter is wrong', () => {
  const mine = (rows) => rows.filter((row) => sql(`select exists (select from videos where id = '${row.id}' and title like 'm%' and user_id = '${me.id}')`) === 't');
  assert.deepEqual(mine(JSON.parse(ctl('recount', '--dry-run', '--json'))), []);
});
