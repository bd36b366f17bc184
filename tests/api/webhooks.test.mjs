// tests/api/webhooks.test.mjs - events reach a community's own programs: signed, logged, tried again, replayed; and never a
// private address. On a stack of its own, and once more on the shared one, which lets no private address in.
import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { apiOf, startStack } from '../lib/stack.mjs';
import { resign } from '../lib/tokens.mjs';

let stack, api, social, receiver, address, admin, ann;
const received = []; // { path, headers, body }
const answers = {}; // path → [[status, headers, what to wait for], …]

before(async () => {
  receiver = createServer(async (req, res) => {
    let text = '';
    for await (const part of req) text += part;
    received.push({ path: req.url, headers: req.headers, text, body: JSON.parse(text) });
    const [status, headers, when] = answers[req.url]?.shift() ?? [204];
    await when;
    res.writeHead(status, headers).end();
  });
  await new Promise((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${receiver.address().port}`;
  stack = startStack({ ATELIER_RATELIMIT_SCALE: '1000', ATELIER_WEBHOOKS_ALLOW_PRIVATE: 'true' });
  api = await apiOf(stack);
  social = await import('../lib/social.mjs');
  ann = await api.newUser();
  admin = { token: await resign(ann.token, { role: 'admin' }) };
});
after(() => {
  stack?.stop();
  receiver?.close().closeAllConnections();
});

const hook = async (events, path = `/${randomUUID()}`) => ({ path, ...api.ok(await api.post('/webhooks', { url: address + path, events }, admin), 201) });
const of = (h) => received.filter((r) => r.path === h.path);
const arrived = (h, count = 1) => api.until(() => of(h).length >= count && of(h), { seconds: 15, every: 50, what: `${count} deliveries` });
const log = async (h) => api.ok(await api.get(`/webhooks/${h.id}/deliveries`, admin));
const settled = (h, status) => api.until(async () => (await log(h)).find((d) => d.status === status), { seconds: 15, every: 50, what: `a delivery that is ${status}` });
const signatureOf = (secret, { headers, text }) =>
  `v1,${createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64')).update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`).digest('base64')}`;

describe('an event', () => {
  it('is sent signed, with id and time, to those who want it', async () => {
    const [comments, users] = [await hook(['comment.created', 'comment.deleted']), await hook(['user.registered'])];
    const video = await social.readyVideo(ann);
    const c = await social.commentOn(ann, video, 'Said “here”');
    const [event] = await arrived(comments);
    assert.equal(event.headers['webhook-signature'], signatureOf(comments.secret, event));
    assert.ok(Math.abs(Number(event.headers['webhook-timestamp']) - Date.now() / 1000) < 60);
    assert.equal(event.headers['webhook-id'], event.body.id);
    assert.equal(event.headers['content-type'], 'application/json');
    assert.deepEqual([event.body.type, event.body.data], ['comment.created', { commentId: c.id, videoId: video, parentId: null, userId: ann.id, text: 'Said “here”' }]);
    api.ok(await api.del(`/comments/${c.id}`, { token: ann.token }), 204);
    assert.equal((await arrived(comments, 2))[1].body.type, 'comment.deleted');
    const ben = await api.newUser();
    const [registered] = await arrived(users);
    assert.deepEqual([registered.body.type, registered.body.data.userId, registered.body.data.username], ['user.registered', ben.id, ben.username]);
    assert.equal(of(comments).length, 2);
    const delivery = await settled(users, 'delivered');
    assert.deepEqual([delivery.status, delivery.attempts, delivery.log.length, delivery.log[0].status], ['delivered', 1, 1, 204]);
  });
  it('tells of a video: ready, published, deleted', async () => {
    const h = await hook(['video.ready', 'video.published', 'video.deleted', 'video.failed']);
    const id = await social.readyVideo(ann, { title: 'Told outside' });
    api.ok(await api.del(`/videos/${id}`, { token: ann.token }), 204);
    const seen = await arrived(h, 3);
    assert.deepEqual(seen.map((e) => e.body.type).sort(), ['video.deleted', 'video.published', 'video.ready']);
    assert.ok(seen.every((e) => e.body.data.videoId === id && e.body.data.title === 'Told outside'));
    const bad = await hook(['video.failed']);
    const { id: broken } = api.ok(await api.post('/videos', { title: 'Not a video' }, { token: ann.token }), 201);
    social.sql(`update videos set uploaded_at = now(), failure_code = 'not_media', failure_reason = 'This is not a video.' where id = '${broken}'`);
    assert.equal((await arrived(bad))[0].body.data.failure.code, 'not_media');
  });
  it('that moderation holds is sent when it is released', async () => {
    const h = await hook(['comment.created']);
    const video = await social.readyVideo(ann);
    const id = social.sql(`insert into comments (tenant_id, video_id, user_id, text, hidden_at) select tenant_id, id, user_id, 'Held', now() from videos where id = '${video}' returning id`);
    social.sql(`update comments set hidden_at = null where id = '${id}'`);
    assert.equal((await arrived(h))[0].body.data.commentId, id);
    assert.equal((await log(h)).length, 1);
  });
});

describe('what does not arrive', () => {
  const now = (h) => social.sql(`update jobs set run_at = now() where kind = 'webhook' and state = 'queued' and subject_id in (select id from webhook_deliveries where webhook_id = '${h.id}'); select pg_notify('atelier_jobs', 'webhook')`);
  const waiting = (h) => social.sql(`select round(extract(epoch from run_at - created_at)) from jobs where kind = 'webhook' and state = 'queued' and subject_id in (select id from webhook_deliveries where webhook_id = '${h.id}')`);
  const waits = (h, s) => api.until(() => waiting(h) === String(s), { seconds: 15, every: 50, what: `a try in ${s} s` });

  it('is tried again, later and later, with the same id and body', async () => {
    const h = await hook(['comment.created']);
    answers[h.path] = [[500], [302, { location: `${address}/elsewhere` }], [503, { 'retry-after': '4000' }]];
    await social.commentOn(ann, await social.readyVideo(ann), 'Again');
    for (const s of [10, 60, 4000]) {
      await waits(h, s);
      now(h);
    }
    const d = await settled(h, 'delivered');
    assert.deepEqual([d.attempts, d.log.map((a) => a.status)], [4, [500, 302, 503, 204]]);
    assert.equal(new Set(of(h).map((e) => e.text)).size, 1);
    assert.ok(!received.some((e) => e.path === '/elsewhere'), 'redirects are not followed');
  });
  it('fails in the end, and can be sent again by hand', async () => {
    const h = await hook(['comment.created']);
    let release; // the replay is under way until all have asked for one
    const asked = new Promise((resolve) => (release = resolve));
    answers[h.path] = [...Array.from({ length: 8 }, () => [500]), [204, {}, asked]];
    await social.commentOn(ann, await social.readyVideo(ann), 'Down');
    const d = await api.until(async () => (now(h), (await log(h)).find((x) => x.status === 'failed')), { seconds: 30, every: 100, what: 'the end of the tries' });
    assert.equal(d.log.length, 8);
    const replay = () => api.post(`/webhooks/${h.id}/deliveries/${d.id}/replay`, undefined, admin);
    const replies = await Promise.all(Array.from({ length: 10 }, replay)).finally(release);
    assert.deepEqual(replies.map((r) => r.status).sort(), [202, ...Array(9).fill(404)]);
    await settled(h, 'delivered');
    assert.equal(of(h).length, 9);
    api.ok(await replay(), 202);
    await arrived(h, 10);
  });
  it('410 switches it off, and says why; a person can switch it on again', async () => {
    const h = await hook(['comment.created']);
    answers[h.path] = [[410]];
    const video = await social.readyVideo(ann);
    await social.commentOn(ann, video, 'Gone');
    await settled(h, 'failed');
    const off = api.ok(await api.get(`/webhooks/${h.id}`, admin));
    assert.equal(off.isActive, false);
    assert.match(off.disabledReason, /410/);
    await social.commentOn(ann, video, 'Unheard');
    api.ok(await api.patch(`/webhooks/${h.id}`, { isActive: true }, admin));
    await social.commentOn(ann, video, 'Heard');
    assert.equal((await arrived(h, 2))[1].body.data.text, 'Heard');
  });
});

describe('a webhook', () => {
  it('is pinged, changed, given a new secret, deleted; its secret is told once', async () => {
    const h = await hook(['comment.created']);
    assert.match(h.secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
    assert.notEqual(social.sql(`select secret from webhooks where id = '${h.id}'`), h.secret);
    for (const path of ['/webhooks', `/webhooks/${h.id}`]) assert.ok(!(await api.get(path, admin)).text.includes('whsec_'));
    const { secret } = api.ok(await api.post(`/webhooks/${h.id}/secret`, undefined, admin));
    api.ok(await api.post(`/webhooks/${h.id}/ping`, undefined, admin), 202);
    const [ping] = await arrived(h);
    assert.equal(ping.body.type, 'webhook.ping');
    assert.equal(ping.headers['webhook-signature'], signatureOf(secret, ping));
    assert.deepEqual(api.ok(await api.patch(`/webhooks/${h.id}`, { events: ['user.registered'] }, admin)).events, ['user.registered']);
    assert.ok(api.ok(await api.get('/webhooks/events', admin)).some((e) => e.event === 'video.ready'));
    api.ok(await api.del(`/webhooks/${h.id}`, admin), 204);
    api.fails(await api.get(`/webhooks/${h.id}/deliveries`, admin), 404, 'NOT_FOUND');
    assert.equal(social.sql(`select string_agg(action, ' ' order by at) from audit_log where target_id = '${h.id}'`), 'webhook.created webhook.secret_changed webhook.changed webhook.deleted');
  });
  it('is the administrators’ alone, and names events that there are', async () => {
    api.fails(await api.get('/webhooks', { token: ann.token }), 403, 'FORBIDDEN');
    assert.deepEqual(api.failing(api.fails(await api.post('/webhooks', { url: 'ftp://x', events: ['video.reedy'] }, admin), 400)).sort().at(-1), 'url');
    assert.deepEqual(api.failing(api.fails(await api.post('/webhooks', { url: `${address}/x`, events: ['video.reedy'] }, admin), 400)), ['events']);
  });
});

describe('private addresses', () => {
  const forbidden = ['https://127.0.0.1/', 'https://localhost/', 'https://x.localhost/', 'https://10.1.2.3/', 'https://192.168.0.9:8443/x', 'https://172.31.255.1/', 'https://169.254.169.254/latest/meta-data', 'https://2130706433/', 'https://0177.0.0.1/', 'https://0x7f.1/', 'https://[::1]/', 'https://[::ffff:10.0.0.1]/', 'https://[fd00::1]/', 'https://[fe80::1]/', 'https://0.0.0.0/', 'https://100.64.0.1/', 'http://example.com/', 'https://me:secret@example.com/'];
  before(() => {
    stack.restart('fcgi', { ...process.env, STACK_FAST: '1', ATELIER_RATELIMIT_SCALE: '1000', ATELIER_WEBHOOKS_ALLOW_PRIVATE: 'false' });
    stack.restart('worker', { ...process.env, STACK_FAST: '1', ATELIER_WEBHOOKS_ALLOW_PRIVATE: 'false' });
  });
  it('are refused where they can be seen', async () => {
    for (const url of forbidden) assert.deepEqual(api.failing(api.fails(await api.post('/webhooks', { url, events: ['video.ready'] }, admin), 400)), ['url'], url);
    api.ok(await api.post('/webhooks', { url: 'https://93.184.216.34/hook', events: ['video.ready'] }, admin), 201);
  });
  it('are not connected to, whatever a name says when it is looked up', async () => {
    const h = api.ok(await api.post('/webhooks', { url: 'https://example.com/', events: ['comment.created'] }, admin), 201);
    social.sql(`update webhooks set url = '${address.replace('127.0.0.1', 'localhost')}/never' where id = '${h.id}'`);
    await social.commentOn(ann, await social.readyVideo(ann), 'Inward');
    await api.until(async () => (await log(h))[0]?.log.length === 1, { seconds: 15, every: 50, what: 'an attempt' });
    const [attempt] = (await log(h))[0].log;
    assert.equal(attempt.status, null);
    assert.ok(attempt.error.length > 3);
    assert.ok(!received.some((e) => e.path === '/never'));
  });
});
