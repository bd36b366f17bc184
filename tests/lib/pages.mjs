// tests/lib/pages.mjs - the admin pages in a real browser: signing in, and a community with something on every page.
import { authenticator } from 'otplib';
import { chromium } from 'playwright-core';
import { base, call, ctl, newUser, ok, password, post } from './api.mjs';
import { makeClip } from './media.mjs';
import { newPerson } from './people.mjs';
import { sql } from './running.mjs';
import { settled, uploadMultipart } from './video.mjs';

export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });

/** Somebody with a role and a real second factor; code() gives what their authenticator shows. */
export async function newStaff(role, extra = {}) {
  const who = await newUser(extra);
  const { secret } = ok(await post('/auth/mfa/setup', { password }, { token: who.token }));
  const code = (steps = 0) => {
    authenticator.options = { epoch: Date.now() + steps * 30_000 };
    return authenticator.generate(secret);
  };
  ok(await post('/auth/mfa/enable', { totp: code(-1) }, { token: who.token })); // each code is good once
  ctl('user', 'role', who.username, role, '--tenant', 'main');
  return { ...who, code };
}

/** A browser of their own, signed in through the form. */
export async function signIn(browser, who, options = {}) {
  const context = await browser.newContext({ baseURL: base, locale: 'en-GB', viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  await page.goto('/admin');
  await page.fill('#name', who.username);
  await page.fill('#password', who.password);
  await page.fill('#code', who.code());
  await page.click('main button');
  await page.waitForURL((url) => !url.pathname.endsWith('/sign-in'));
  return page;
}

/** Fills in a form of a decision: what happens to the thing, what else to its author, and why. */
export async function decide(page, actions, id = 'd', reason = 'spam') {
  const form = page.locator('form', { has: page.locator(`#${id}-reason`) });
  for (const action of actions) await form.locator(`input[name=actions][value=${action}]`).check();
  await page.selectOption(`#${id}-reason`, reason);
}

export const evil = '<script>window.hurt = 1</script><img src=x onerror="window.hurt = 1">"\'><b>&amp;</b>';

/** Something on every page, with hostile words wherever people may write. */
export async function fill(words = evil) {
  const [author, reporter] = await Promise.all([newUser({ displayName: words.slice(0, 90) }), newUser()]);
  const by = { token: author.token };
  const video = await settled(author, (await uploadMultipart(author, makeClip({ seconds: 3 }), { title: `Clip ${words}`.slice(0, 190), description: words })).id);
  const comment = ok(await post('/comments', { videoId: video.id, text: `Said ${words}` }, by), 201);
  const report = (path, json) => post(path, { category: 'spam', text: words, ...json }, { token: reporter.token });
  ok(await report(`/videos/${video.id}/report`, { startSeconds: 1, endSeconds: 2 }), 201);
  ok(await report(`/comments/${comment.id}/report`), 201);
  ok(await report(`/users/${author.id}/report`), 201);
  ok(await post('/dmca/notices', { videoId: video.id, name: words.slice(0, 100), email: 'claimant@example.test', postalAddress: words, onBehalfOf: words.slice(0, 100), work: words, signature: 'Ann', goodFaith: true, underPerjury: true }), 201);
  const caseId = sql(`select id from cases where subject_id = '${video.id}' and state = 'open'`);
  const job = sql(`insert into jobs (tenant_id, kind, user_id, subject_id, state, attempts, reason, reason_code, finished_at, payload)
    select tenant_id, 'check_text', user_id, id, 'dead', 3, $$Failed ${words}$$, 'test', now(), jsonb_build_object('kind', 'video', 'note', $$${words}$$) from videos where id = '${video.id}' returning id`).split('\n')[0];
  sql(`insert into job_failures (tenant_id, job_id, attempt, worker, reason_code, reason, log) select tenant_id, id, 3, 'w1', 'test', reason, $$"event":"said ${words}"$$ from jobs where id = '${job}'`);
  return { author, reporter, video, comment, caseId, job };
}

/** What else people write, and what those who moderate answer: about the person of one fill(), and the video of another. */
export async function fillAnswers({ author }, { author: owner, video }, words = evil) {
  const moderator = await newPerson('moderator');
  const [by, mine] = [{ token: moderator.token }, { token: author.token }];
  const said = { words, note: words, reply: words };
  const review = (where, action) => post(`/moderation/review/${sql(`select id from cases where ${where} and state = 'open'`)}`, { action, reason: 'spam', ...said }, by);
  ok(await review(`subject_id = '${author.id}'`, 'warn'));
  ok(await review(`subject_kind = 'comment' and user_id = '${owner.id}'`, 'hide'));
  ok(await post('/appeals', { decisionId: sql(`select id from decisions where user_id = '${author.id}' and action = 'warn'`), text: words }, mine), 201);
  const notice = sql(`select id from dmca_notices where video_id = '${video.id}'`);
  ok(await post(`/moderation/dmca/${notice}`, { action: 'take_down', note: words }, by));
  ok(await post(`/dmca/notices/${notice}/counter`, { name: words, postalAddress: words, statement: words, signature: 'Ann' }, { token: owner.token }));
  ok(await post('/moderation/watched-words', { pattern: `${Date.now()}<b>\\x22>`, action: 'hold', note: words }, by), 201);
  ok(await call('POST', '/auth/login', { json: { email: author.email, password }, headers: { 'user-agent': words } }));
  sql(`insert into reason_templates (tenant_id, code, locale, title, body) select id, 'evil', 'en', left($$${words}$$, 100), $$${words}$$ from tenants where slug = 'main' on conflict do nothing`);
  sql(`insert into blocked_media (tenant_id, label, action) select id, $$${words}$$, 'hold' from tenants where slug = 'main'`);
}

/** Every page, with who may see it. */
export const pagesOf = ({ caseId, video, author, job, tenant }) => [
  ['/admin', 'moderator'], ['/admin/queue', 'moderator'], [`/admin/cases/${caseId}`, 'moderator'], ['/admin/decided', 'moderator'],
  ['/admin/videos', 'moderator'], [`/admin/videos/${video.id}`, 'moderator'], ['/admin/comments', 'moderator'],
  ['/admin/people', 'admin'], [`/admin/people/${author.id}`, 'moderator'], ['/admin/appeals', 'moderator'], ['/admin/dmca', 'moderator'],
  ['/admin/words', 'moderator'], ['/admin/words?text=cheap+watches&field=comment', 'moderator'], ['/admin/jobs', 'admin'], [`/admin/jobs/${job}`, 'admin'],
  ['/admin/health', 'admin'], ['/admin/audit', 'admin'], ['/admin/settings', 'admin'], ['/admin/mails', 'admin'], ['/admin/reports', 'moderator'], ['/admin/reports/preview', 'moderator'], ['/admin/reports/preview?kind=videos', 'moderator'], ['/admin/keys', 'moderator'],
  ['/admin/tenants', 'operator'], [`/admin/tenants/${tenant}`, 'operator'],
];

/** Those that nobody needs to sign in for. */
export const openPages = [['/admin/sign-in'], ['/transparency']];
