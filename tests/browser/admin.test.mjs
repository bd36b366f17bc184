// tests/browser/admin.test.mjs - the admin pages as those see them who work in them all day.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { base, call, get, newUser, ok, post } from '../lib/api.mjs';
import { decide, evil, fill, fillAnswers, launch, newStaff, openPages, pagesOf, signIn } from '../lib/pages.mjs';
import { newPerson, renewed } from '../lib/people.mjs';
import { sql } from '../lib/running.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const sources = join(import.meta.dirname, '../../handlers/admin');
let browser, moderator, colleague, admin, stuff;
before(async () => {
  [moderator, colleague, admin] = [await newStaff('moderator'), await newStaff('moderator'), await newStaff('admin')];
  stuff = { ...(await fill()), tenant: sql("select id from tenants where slug = 'main'") };
  await fillAnswers(stuff, await fill());
  browser = await launch();
});
after(() => browser?.close());
const text = (page) => page.textContent('main');

describe('coming in', () => {
  it('takes password and second factor, leads back to where one was going, and out again', async () => {
    const context = await browser.newContext({ baseURL: base });
    const page = await context.newPage();
    await page.goto('/admin/queue?kind=comment');
    assert.match(page.url(), /\/admin\/sign-in\?next=/);
    const enter = async (password, code) => {
      await page.fill('#name', moderator.username);
      await page.fill('#password', password);
      await page.fill('#code', code);
      await page.click('main button');
    };
    await enter('not the password', moderator.code());
    assert.match(await page.textContent('[role=alert]'), /wrong/i);
    await enter(moderator.password, '');
    assert.match(await page.textContent('[role=alert]'), /factor/i);
    await enter(moderator.password, moderator.code());
    assert.match(page.url(), /\/admin\/queue\?kind=comment$/);
    const [cookie] = (await context.cookies()).filter((c) => c.name === 'atelier_session');
    assert.deepEqual([cookie.httpOnly, cookie.sameSite, cookie.path], [true, 'Lax', '/admin']);
    await page.click('text=Sign out');
    assert.match(page.url(), /sign-in/);
    await page.goto('/admin/queue');
    assert.match(page.url(), /sign-in/);
    await context.addCookies([{ name: 'atelier_session', value: cookie.value, url: base }]);
    await page.goto('/admin/queue');
    assert.match(page.url(), /sign-in\?next=%2F/, 'the cookie of a session that ended is good no more');
    assert.equal(await page.textContent('h1'), 'Sign in');
    await context.close();
  });
});

describe('a moderator’s day', () => {
  it('report, claim, watch, remove with a strike, appeal, restore', async () => {
    const { author, reporter, video, caseId } = await fill('Come and buy watches');
    const page = await signIn(browser, colleague);
    await page.goto('/admin/queue?kind=video&limit=100');
    await page.click(`a[href="/admin/cases/${caseId}"]`);
    await page.click('text=Claim this case');
    assert.match(await page.textContent('[role=status]'), /yours/);
    const played = await page.evaluate(async () => {
      const v = document.querySelector('video');
      v.muted = true;
      const heard = (name, when = () => true) => new Promise((done) => v.addEventListener(name, () => when() && done()));
      if (v.readyState < 2) await heard('loadeddata');
      if (v.seeking) await heard('seeked');
      const first = v.currentTime;
      await v.play();
      await heard('timeupdate', () => v.currentTime > first + 0.2);
      return { first, at: v.currentTime };
    });
    assert.ok(Math.abs(played.first - 1) < 0.1 && played.at > played.first, `it plays from the reported second: ${JSON.stringify(played)}`);
    await decide(page, ['remove', 'warn']);
    await page.fill('#d-reply', 'Thank you, it is gone.');
    await page.fill('#d-note', 'seen before');
    await page.click('button[accesskey=d]');
    assert.match(await page.textContent('[role=status]'), /Decided/);
    assert.equal((await get(`/videos/${video.id}`)).status, 404);
    const decisions = ok(await get('/users/me/decisions', { token: author.token }));
    assert.deepEqual(decisions.map((d) => d.action).sort(), ['remove', 'warn'], 'several acts for one report');
    const decision = decisions.find((d) => d.action === 'remove');
    assert.ok(decision.strike.expiresAt);
    assert.equal(ok(await get('/users/me/reports', { token: reporter.token })).find((r) => r.subject.id === video.id).reply, 'Thank you, it is gone.');
    ok(await post('/appeals', { decisionId: decision.id, text: 'It is my own watch' }, { token: author.token }), 201);

    await page.goto('/admin/appeals');
    assert.match(await text(page), /This was your decision/);
    const other = await signIn(browser, admin);
    await other.goto('/admin/appeals');
    const card = other.locator('li', { hasText: 'It is my own watch' });
    await card.locator('input[name=granted][value=true]').check();
    await card.locator('textarea').first().fill('You are right.');
    await card.locator('button.main').click();
    assert.match(await other.textContent('[role=status]'), /answered/);
    assert.equal((await get(`/videos/${video.id}`)).status, 200);
    assert.equal(sql(`select strike_count('${author.id}')`), '0');
    await Promise.all([page.context().close(), other.context().close()]);
  });

  it('many at once', async () => {
    const made = [await fill('Bulk one'), await fill('Bulk two')];
    const page = await signIn(browser, await newStaff('moderator'));
    await page.goto('/admin/queue?kind=video&limit=100');
    for (const m of made) await page.check(`#c-${m.caseId}`);
    await page.click('text=Decide the ticked ones at once');
    await decide(page, ['hide'], 'bulk');
    await page.click('text=Decide all that are ticked');
    assert.match(await page.textContent('[role=status]'), /Decided/);
    for (const m of made) assert.equal(sql(`select hidden_at is not null from videos where id = '${m.video.id}'`), 't');
    await page.context().close();
  });

  it('decides and has the next case at once', async () => {
    const { caseId } = await fill('Decided, and on');
    const page = await signIn(browser, await newStaff('moderator'));
    await page.goto(`/admin/cases/${caseId}`);
    await decide(page, ['hide']);
    await page.click('text=Decide, and take the next case');
    assert.match(await page.textContent('[role=status]'), /Decided/);
    const [, next] = page.url().match(/\/admin\/cases\/([0-9a-f-]{36})$/);
    assert.notEqual(next, caseId);
    assert.match(await text(page), /Give it back/, 'the next one is theirs');
    await page.click('text=Give it back');

    await page.goto('/admin/videos?state=hidden');
    const pictures = await page.locator('.cards img').evaluateAll((all) => Promise.all(all.map((i) => i.decode().then(() => true, () => false))));
    assert.ok(pictures.length > 0 && pictures.every(Boolean), 'pictures of hidden videos are seen by those who moderate');
    await page.context().close();
  });

  it('a case is given to a colleague', async () => {
    const { caseId } = await fill('For somebody else');
    const page = await signIn(browser, await newStaff('moderator'));
    await page.goto(`/admin/cases/${caseId}`);
    await page.selectOption('#colleague', { label: `@${colleague.username}` });
    await page.click('.pair button');
    assert.match(await page.textContent('[role=status]'), /colleague/);
    assert.equal(sql(`select claimed_by from cases where id = '${caseId}'`), colleague.id);
    await page.context().close();
  });

  it('watched words: tried, added, removed', async () => {
    const page = await signIn(browser, await newStaff('moderator'));
    const word = `word${Date.now()}`;
    await page.goto('/admin/words');
    await page.fill('#pattern', word);
    await page.selectOption('#w-action', 'reject');
    await page.click('text=Watch for it');
    await page.fill('#text', `a ${word} b`);
    await page.click('button:text-is("Try")');
    assert.match(await page.textContent('.panel[role=status]'), /Reject/);
    await page.locator('tr', { hasText: word }).locator('button').click();
    assert.equal(sql(`select count(*) from watched_words where pattern = '${word}'`), '0');
    await page.context().close();
  });
});

describe('an administrator’s and an operator’s day', () => {
  it('a failed job, its reason, again', async () => {
    const page = await signIn(browser, await newStaff('operator'));
    await page.goto('/admin/jobs?state=dead&kind=check_text');
    await page.click(`a[href="/admin/jobs/${stuff.job}"]`);
    assert.match(await text(page), /Failed <script>/);
    assert.match(await page.textContent('pre'), /"event":"said <script>/, 'the log of the failure');
    await page.click('text=Do it again');
    assert.match(await page.textContent('[role=status]'), /done again/);
    assert.notEqual(sql(`select state from jobs where id = '${stuff.job}'`), 'dead');
    await page.goto('/admin/audit?action=job.retried');
    assert.match(await text(page), /job\.retried/);
    const csv = await page.context().request.get('/admin/audit.csv?action=job.retried');
    assert.match(await csv.text(), /^at,action,actor.*\r\n"[^"]+","job\.retried"/);
    await page.context().close();
  });

  it('roles, sessions, settings', async () => {
    const page = await signIn(browser, await newStaff('admin'));
    const person = await newUser();
    await page.goto(`/admin/people?q=${person.username}`);
    await page.click(`a[href="/admin/people/${person.id}"]`);
    await page.selectOption('#role', 'creator');
    await page.click('text=Set the role');
    assert.equal(sql(`select role from users where id = '${person.id}'`), 'creator');
    const desk = await renewed(person);
    const phone = ok(await call('POST', '/auth/login', { json: { email: person.email, password: person.password }, headers: { 'user-agent': 'A telephone' } }));
    await page.reload();
    await page.locator('li', { hasText: 'A telephone' }).locator('button').click();
    assert.match(await page.textContent('[role=status]'), /The session was ended/);
    assert.deepEqual([(await get('/users/me', { token: phone.accessToken })).status, (await get('/users/me', { token: desk.token })).status], [401, 200]);
    assert.equal(await page.locator('li', { hasText: 'A telephone' }).count(), 0);
    await page.click('text=Sign out everywhere');
    assert.equal((await get('/users/me', { token: desk.token })).status, 401);
    await page.goto('/admin/settings');
    await page.fill('#claimMinutes', '0');
    await page.click('section:nth-of-type(2) button.main');
    await page.fill('#claimMinutes', '20');
    await page.click('section:nth-of-type(2) button.main');
    assert.match(await page.textContent('[role=status]'), /Saved/);
    assert.equal(sql(`select claim_minutes from moderation_settings where tenant_id = '${stuff.tenant}'`), '20');
    sql(`update moderation_settings set claim_minutes = 15 where tenant_id = '${stuff.tenant}'`);
    await page.context().close();
  });
});

describe('what is privileged', () => {
  it('asks for the password again, and then does what was asked', async () => {
    const staff = await newStaff('admin');
    const page = await signIn(browser, staff);
    const person = await newUser();
    const role = () => sql(`select role from users where id = '${person.id}'`);
    const ask = async (to) => {
      await page.goto(`/admin/people/${person.id}`);
      await page.selectOption('#role', to);
      await page.click('text=Set the role');
    };
    await ask('creator');
    assert.equal(role(), 'creator', 'who has just signed in is not asked');
    sql(`update sessions set confirmed_at = now() - interval '1 hour' where user_id = '${staff.id}'`);
    await ask('coach');
    assert.equal(await page.textContent('h1'), 'Your password once more');
    assert.deepEqual(await audit(page), []);
    assert.equal(role(), 'creator');
    await ask('coach');
    await page.fill('#password', 'not the password');
    await page.click('text=Go on');
    assert.match(await page.textContent('[role=alert]'), /wrong/);
    assert.equal(role(), 'creator');
    await page.fill('#password', staff.password);
    await page.click('text=Go on');
    assert.equal(role(), 'coach');
    assert.match(page.url(), new RegExp(`/admin/people/${person.id}$`));
    await ask('employer');
    assert.equal(role(), 'employer', 'not asked again for a while');
    await page.context().close();
  });
});

describe('every page', () => {
  it('is in the table of pages, so that the tests below look at it', () => {
    const rows = readdirSync(sources).filter((f) => f.endsWith('.c')).flatMap((f) => [...readFileSync(join(sources, f), 'utf8').matchAll(/\{ GET, "([^"]+)", \w+, PAGE_ROW\(/g)].map((m) => m[1]));
    assert.ok(rows.length > 20, `it finds the rows: ${rows}`);
    const looked = [...pagesOf(stuff), ...openPages].map(([path]) => path.split('?')[0]);
    const missing = rows.filter((row) => !looked.some((path) => new RegExp(`^${row.replace(/\{[^}]+\}/g, '[^/]+')}$`).test(path)));
    assert.deepEqual(missing, [], 'tests/lib/pages.mjs lacks them');
  });

  it('changes nothing when it is looked at', async () => {
    const page = await signIn(browser, await newStaff('operator'));
    const state = () => sql(`select md5(string_agg(x::text, ' ')) from (
      select c::text from cases c where id = '${stuff.caseId}' union all select v::text from videos v where id = '${stuff.video.id}' union all
      select c::text from comments c where id = '${stuff.comment.id}' union all select u::text from users u where id = '${stuff.author.id}' union all
      select j::text from jobs j where id = '${stuff.job}' union all select t::text from tenants t where id = '${stuff.tenant}' union all
      select m::text from moderation_settings m where tenant_id = '${stuff.tenant}' union all
      select count(*)::text from decisions where user_id = '${stuff.author.id}' union all select count(*)::text from audit_log where target_id = '${stuff.author.id}') x`);
    const before = state();
    for (const [path] of pagesOf(stuff)) assert.equal((await page.goto(path)).status(), 200);
    for (const path of ['/admin/do?call=POST+/moderation/next', '/admin/do', '/admin/sign-out']) assert.equal((await page.goto(path)).status(), 405, path);
    assert.equal(state(), before);
    await page.context().close();
  });

  it('shows what people wrote as they wrote it, and takes none of it for markup', async () => {
    const page = await signIn(browser, await newStaff('operator'));
    await (await page.context().newCDPSession(page)).send('Page.setBypassCSP', { enabled: true }); // a script that somebody wrote would run
    const { caseId, video, author, job } = stuff;
    await page.route('**/admin/unescaped', (route) => route.fulfill({ contentType: 'text/html', body: `<main>${evil}</main>` }));
    await page.goto('/admin/unescaped');
    assert.equal(await page.evaluate(() => window.hurt), 1, 'what is not escaped would be noticed');
    const lists = [`/admin/videos?q=@${author.username}`, `/admin/comments?q=@${author.username}`, `/admin/people?q=${author.username}`, '/admin/audit?q=window.hurt',
      '/admin/queue?limit=100', '/admin/decided?limit=100', '/admin/appeals?limit=100', '/admin/dmca?limit=100', '/admin/words'];
    for (const path of [...lists, `/admin/cases/${caseId}`, `/admin/videos/${video.id}`, `/admin/people/${author.id}`, `/admin/jobs/${job}`]) {
      assert.equal((await page.goto(path)).status(), 200, path);
      assert.ok((await text(page)).includes(evil), `${path} shows it`);
      assert.deepEqual(await page.evaluate(() => [window.hurt, document.querySelectorAll('script, [onerror]').length]), [undefined, 0], path);
    }
    await page.context().close();
  });

  it('has no violation of WCAG 2.1 AA, fits 360 pixels, and is for whom it is', async () => {
    const pages = {};
    for (const [role, who] of Object.entries({ moderator: await newStaff('moderator'), admin: await newStaff('admin'), operator: await newStaff('operator') })) pages[role] = await signIn(browser, who);
    const rank = ['moderator', 'admin', 'operator'];
    for (const [path, least] of pagesOf(stuff))
      for (const role of rank) {
        const page = pages[role];
        const answer = await page.goto(path);
        const may = rank.indexOf(role) >= rank.indexOf(least);
        assert.equal(answer.status(), may ? 200 : 403, `${path} for a ${role}`);
        if (role !== least) continue;
        const forms = await page.$$eval('form', (all) => all.map((f) => ({ method: f.getAttribute('method'), to: f.getAttribute('action'), csrf: f.elements.csrf?.value?.length ?? 0 })));
        for (const f of forms) assert.ok(f.method === 'post' ? f.csrf > 20 && ['/admin/do', '/admin/sign-out'].includes(f.to) : f.csrf === 0 && f.to === new URL(page.url()).pathname, `a form of ${path}: ${JSON.stringify(f)}`);
        for (const scheme of ['light', 'dark']) {
          await page.emulateMedia({ colorScheme: scheme });
          // the page's own policy forbids all scripts: the audit runs in a copy without it
          const found = await audit(page);
          assert.deepEqual(found, [], `${path} (${scheme})`);
        }
        await page.setViewportSize({ width: 360, height: 800 });
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360, `${path} is wider than a telephone`);
        await page.setViewportSize({ width: 1280, height: 900 });
      }
    const nobody = await (await browser.newContext({ baseURL: base })).newPage();
    for (const [path] of openPages) {
      assert.equal((await nobody.goto(path)).status(), 200);
      assert.deepEqual(await audit(nobody), [], path);
    }
    await pages.moderator.goto('/admin/nothing');
    assert.deepEqual(await audit(pages.moderator), [], 'an error');
    for (const [path] of pagesOf(stuff)) {
      await nobody.goto(path);
      assert.match(nobody.url(), /sign-in/, path);
    }
    const plain = await newUser();
    const member = await signIn(browser, { ...plain, code: () => '' }).catch((e) => e);
    for (const [path] of pagesOf(stuff)) if (path !== '/admin/keys') assert.equal((await member.goto(path)).status(), 403, `${path} for a member`);
  });

  it('speaks Portuguese to those who do, with their dates and numbers', async () => {
    sql(`update cases set last_report_at = '2026-01-31T09:30:00Z' where id = '${stuff.caseId}'`);
    const seen = async (locale, browserLocale) => {
      const page = await signIn(browser, await newStaff('operator', { locale }), { locale: browserLocale });
      await page.goto('/admin/queue?limit=100');
      const [lang, title, queue] = [await page.getAttribute('html', 'lang'), await page.textContent('h1'), await text(page)];
      await page.goto(`/admin/tenants/${stuff.tenant}`);
      const room = await text(page);
      await page.context().close();
      return { lang, title, queue, room };
    };
    const pt = await seen('pt', 'pt-PT');
    assert.deepEqual([pt.lang, pt.title], ['pt', 'Fila']);
    assert.match(pt.queue, /31\/01\/2026\s09:30/);
    assert.match(pt.queue, /hoje\s\d\d:\d\d/);
    assert.match(pt.room, /10,7\sGB/);
    const en = await seen('en', 'en-GB');
    assert.match(en.queue, /31\sJan\s2026\s09:30/);
    assert.match(en.room, /10\.7\sGB/);
  });
});

describe('forms', () => {
  it('are refused without their token, from another session, or as a GET', async () => {
    const page = await signIn(browser, await newStaff('moderator'));
    const request = page.context().request;
    const before = sql('select count(*) from watched_words');
    const form = { call: 'POST /moderation/watched-words', pattern: 'x', action: 'hold', back: '/admin/words' };
    assert.equal((await request.post('/admin/do', { form })).status(), 403);
    assert.equal((await request.post('/admin/do', { form: { ...form, csrf: 'A'.repeat(43) } })).status(), 403);
    const other = await signIn(browser, await newStaff('moderator'));
    await other.goto('/admin/words');
    const theirs = await other.getAttribute('input[name=csrf]', 'value');
    assert.equal((await request.post('/admin/do', { form: { ...form, csrf: theirs } })).status(), 403);
    for (const path of ['/admin/do', '/admin/sign-out']) assert.equal((await request.get(path)).status(), 405);
    assert.equal(sql('select count(*) from watched_words'), before);
    await Promise.all([page.context().close(), other.context().close()]);
  });
  it('do nothing that their sender may not, and lead nowhere else', async () => {
    const page = await signIn(browser, await newStaff('moderator'));
    await page.goto('/admin/words');
    const csrf = await page.getAttribute('input[name=csrf]', 'value');
    const send = (form) => page.context().request.post('/admin/do', { form: { csrf, ...form }, maxRedirects: 0 });
    const person = await newUser();
    for (const back of ['https://evil.test/', '//evil.test/', '/admin/../x', '/administrator']) {
      const answer = await send({ call: `PUT /users/${person.id}/role`, role: 'admin', back });
      assert.equal(answer.status(), 303);
      assert.equal(answer.headers().location, '/admin');
    }
    assert.equal(sql(`select role from users where id = '${person.id}'`), 'user');
    for (const bad of ['GET /audit', 'POST /moderation/next?x=1', 'POST https://evil.test/', 'nonsense']) assert.equal((await send({ call: bad })).status(), 403, bad);
    await page.context().close();
  });
  it('that are refused are shown again with what was typed, and say at each field what is wrong', async () => {
    const page = await signIn(browser, await newStaff('admin'));
    const typed = `Not "this" ${evil}\n\n  and  that`;
    await page.goto('/admin/settings');
    await page.click('summary:has-text("A new reason")');
    const form = page.locator('form', { has: page.locator('#r-code') });
    await page.fill('#r-code', 'spam');
    await page.fill('#r-locale', 'en');
    await form.locator('[name=title]').fill(evil.slice(0, 90));
    await form.locator('[name=body]').fill(typed);
    await form.locator('[name=strike]').selectOption('never');
    const send = async () => {
      const [answer] = await Promise.all([page.waitForResponse((r) => r.url().endsWith('/admin/do')), form.locator('button').click()]);
      await page.waitForLoadState();
      return answer.status();
    };
    const stands = async () => {
      assert.equal(await page.textContent('h1'), 'Settings');
      assert.deepEqual([await page.inputValue('#r-locale'), await form.locator('[name=title]').inputValue(), await form.locator('[name=body]').inputValue(), await form.locator('[name=strike]').inputValue()],
        ['en', evil.slice(0, 90), typed, 'never']);
      assert.ok(await form.locator('[name=body]').isVisible(), 'what was folded is open');
      assert.equal(await page.locator('#kept').count(), 0);
    };
    assert.equal(await send(), 409, 'there is one of that code');
    await stands();
    assert.ok((await page.textContent('[role=alert]')).length > 10);
    // what no browser would let through
    await page.evaluate(() => document.querySelector('#r-code').removeAttribute('pattern')).catch(() => {});
    await page.fill('#r-code', 'Not A Code');
    await form.evaluate((f) => { f.noValidate = true; });
    assert.equal(await send(), 400);
    await stands();
    assert.equal(await page.inputValue('#r-code'), 'Not A Code');
    const code = page.locator('#r-code');
    assert.deepEqual([await code.getAttribute('aria-invalid'), await page.locator('[aria-invalid]').count(), await page.locator('.wrong').count()], ['true', 1, 1]);
    assert.ok((await page.textContent(`#${await code.getAttribute('aria-describedby')}`)).length > 3);
    assert.equal(await page.evaluate(() => document.activeElement.id), 'r-code');
    assert.equal(await page.inputValue('#name'), sql(`select name from tenants where id = '${stuff.tenant}'`), 'other forms are as they were');
    assert.deepEqual(await audit(page), []);
    // mended, it is done, and leads on as ever
    const mended = `r${Date.now()}`;
    await page.fill('#r-code', mended);
    await form.evaluate((f) => { f.noValidate = true; });
    await form.locator('button').click();
    assert.match(await page.textContent('[role=status]'), /Added/);
    assert.match(page.url(), /\/admin\/settings$/);
    assert.equal(sql(`select count(*) from reason_templates where code = '${mended}' and body like 'Not "this"%' and not adds_strike`), '1');
    await page.context().close();
  });
  it('that are refused keep boxes, filters and the password page in between', async () => {
    const staff = await newStaff('admin');
    const page = await signIn(browser, staff);
    const made = [await fill('Ticked one'), await fill('Ticked two')];
    await page.goto('/admin/queue?kind=video&limit=100');
    for (const m of made) await page.check(`#c-${m.caseId}`);
    await page.click('text=Decide the ticked ones at once');
    await decide(page, ['hide', 'suspend'], 'bulk', 'spam');
    await page.fill('#bulk-note', 'two words');
    await page.locator('#bulk-days').evaluate((e) => { e.type = 'text'; });
    await page.fill('#bulk-days', '99999');
    await page.click('text=Decide all that are ticked');
    assert.match(await page.textContent('[role=alert]'), /^Some fields/);
    assert.match(await page.textContent('p:has(> #bulk-days) > .wrong'), /3650/);
    assert.equal(await page.textContent('h1'), 'Queue');
    for (const m of made) assert.ok(await page.isChecked(`#c-${m.caseId}`));
    assert.deepEqual(await page.$$eval('input[name=actions]:checked', (all) => all.map((i) => i.value)), ['hide', 'suspend']);
    assert.deepEqual([await page.inputValue('#bulk-days'), await page.inputValue('#bulk-note'), await page.inputValue('#bulk-reason'), await page.inputValue('#kind')], ['99999', 'two words', 'spam', 'video']);
    assert.equal(await page.getAttribute('#bulk-days', 'aria-invalid'), 'true');
    await page.selectOption('#kind', 'comment');
    await page.click('button:text-is("Show")');
    assert.match(page.url(), /\/admin\/queue\?kind=comment/);
    // asked for the password first, refused then
    sql(`update sessions set confirmed_at = now() - interval '1 hour' where user_id = '${staff.id}'`);
    await page.goto('/admin/settings');
    await page.locator('#claimMinutes').evaluate((e) => { e.max = 100000; });
    await page.fill('#claimMinutes', '5000');
    await page.click('section:nth-of-type(2) button.main');
    await page.fill('#password', staff.password);
    await page.click('text=Go on');
    assert.deepEqual([await page.textContent('h1'), await page.inputValue('#claimMinutes'), await page.getAttribute('#claimMinutes', 'aria-invalid')], ['Settings', '5000', 'true']);
    assert.ok(!(await page.content()).includes(staff.password));
    await page.context().close();
  });
  it('that stand there no more leave what was written', async () => {
    const { caseId } = await fill('Decided meanwhile');
    const page = await signIn(browser, await newStaff('moderator'));
    await page.goto(`/admin/cases/${caseId}`);
    await decide(page, ['hide']);
    await page.fill('#d-note', `Long thought ${evil}`);
    ok(await post(`/moderation/review/${caseId}`, { action: 'dismiss' }, { token: (await newPerson('moderator')).token }));
    const [answer] = await Promise.all([page.waitForResponse((r) => r.url().endsWith('/admin/do')), page.click('button[accesskey=d]')]);
    assert.equal(answer.status(), 409);
    await page.waitForLoadState();
    assert.ok((await page.textContent('#kept')).includes(`Long thought ${evil}`));
    assert.deepEqual(await audit(page), []);
    await page.context().close();
  });
  it('the API takes no cookie', async () => {
    const page = await signIn(browser, await newStaff('moderator'));
    const cookie = (await page.context().cookies()).map((c) => `${c.name}=${c.value}`).join('; ');
    assert.equal((await call('GET', '/moderation/queue', { headers: { cookie } })).status, 401);
    await page.context().close();
  });
  it('what is not there is said on a page', async () => {
    const page = await signIn(browser, await newStaff('moderator'));
    for (const path of ['/admin/nothing', '/admin/cases/not-an-id', '/admin/cases/00000000-0000-4000-8000-000000000000', '/admin/a/b/c']) {
      const answer = await page.goto(path);
      assert.equal(answer.status(), 404, path);
      assert.equal(await page.textContent('h1'), 'Not found');
      assert.match(await text(page), /Request:/);
    }
    assert.equal((await page.goto('/admin/queue?kind=nonsense')).status(), 400);
    await page.context().close();
  });
});

/** What axe-core finds on a page, rule by rule. Without the policy that forbids scripts, so that one which somebody wrote would run. */
async function audit(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Page.setBypassCSP', { enabled: true });
  await page.reload();
  assert.deepEqual(await page.evaluate(() => [window.hurt, document.querySelectorAll('script, [onerror]').length]), [undefined, 0], `${page.url()} takes words for markup`);
  await page.evaluate(axe);
  const { violations, passes } = await page.evaluate(() => globalThis.axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }));
  await session.detach();
  assert.ok(passes.length > 8, 'it looked at the page');
  return violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).slice(0, 3).join(', ')}`);
}
