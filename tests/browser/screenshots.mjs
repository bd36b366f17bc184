// tests/browser/screenshots.mjs - every page at 360, 768 and 1440 pixels, light and dark, English and Portuguese, forms that were refused, and the
// case as it is printed, into a folder: make screenshots. screenshots.mjs FOLDER [PATTERN of names]
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { base, ok, post } from '../lib/api.mjs';
import { launch, newStaff, openPages, pagesOf, signIn } from '../lib/pages.mjs';
import { renewed } from '../lib/people.mjs';
import { sql } from '../lib/running.mjs';
import { showcase } from '../lib/showcase.mjs';

const [folder = 'screenshots', pattern = ''] = process.argv.slice(2);
const wanted = new RegExp(pattern);
mkdirSync(folder, { recursive: true });
const browser = await launch();
const kept = process.env.SHOWCASE; // the one of an earlier run
const stuff = kept ? JSON.parse(kept) : await showcase();
if (!kept) console.log(`SHOWCASE='${JSON.stringify({ ...stuff, video: { id: stuff.video.id }, author: { id: stuff.author.id } })}'`);

async function picture(page, name) {
  for (const width of [360, 768, 1440]) {
    await page.setViewportSize({ width, height: 900 });
    for (const scheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.screenshot({ path: join(folder, `${name}-${scheme}-${width}.png`), fullPage: true });
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

/** Forms with what no browser would let through, and the button that sends them. */
const wrong = {
  settings: ['/admin/settings', { '#locale': 'klingon', '#primaryColor': 'red', '#logoUrl': 'javascript:alert(1)', '#contactEmail': 'nobody', '#tagline': 'What we do, and how. '.repeat(15) }, 'section:first-of-type button.main'],
  rules: ['/admin/settings', { '#strikeDays': '0', '#dmcaDays': '99' }, 'section:nth-of-type(2) button.main'],
  words: ['/admin/words', { '#pattern': '(' }, 'form:has(#pattern) button'],
  reports: ['/admin/reports', { '#title': 'x'.repeat(201), '#fromDate': '2026-02-01', '#toDate': '2026-01-01' }, '.filters button.main'],
  tenants: ['/admin/tenants', { '#slug': 'No Slug', '#hosts': 'http://x/' }, 'form:has(#slug) button'],
};
async function refuse(page, path, fields, button) {
  await page.goto(path);
  await page.$$eval('form', (all) => all.forEach((f) => { f.noValidate = true; }));
  await page.$$eval('details', (all) => all.forEach((d) => { d.open = true; }));
  for (const [field, value] of Object.entries(fields)) {
    await page.$eval(field, (f) => f.removeAttribute('maxlength'));
    await page.fill(field, value);
  }
  await Promise.all([page.waitForResponse((r) => r.request().method() === 'POST'), page.locator(button).first().click()]);
  await page.waitForLoadState();
}

for (const [lang, locale] of [['en', 'en-GB'], ['pt', 'pt-PT']]) {
  const staff = await newStaff('operator', { locale: lang });
  const page = await signIn(browser, staff, { locale });
  sql(`update sessions set confirmed_at = now() where user_id = '${staff.id}'`);
  ok(await post('/content/reports', { title: lang === 'en' ? 'Moderation, this year' : 'Moderação, este ano', kind: 'moderation', format: 'PDF' }, { token: (await renewed(staff)).token }), 202);
  for (const [path] of [...pagesOf(stuff), ...openPages, ['/admin/nothing']]) {
    const name = path.replace(/[0-9a-f-]{36}/, 'one').replace(/[^a-z]+/g, '-').slice(1);
    if (!wanted.test(`${name}-${lang}`)) continue;
    await page.goto(path);
    await picture(page, `${name}-${lang}`);
  }
  for (const [name, [path, fields, button]] of Object.entries(wrong)) {
    if (!wanted.test(`refused-${name}-${lang}`)) continue;
    await refuse(page, path, fields, button);
    await picture(page, `refused-${name}-${lang}`);
  }
  if (wanted.test(`refused-sign-in-${lang}`)) {
    const stranger = await (await browser.newContext({ baseURL: base, locale })).newPage();
    await refuse(stranger, '/admin/sign-in?next=/admin/queue', { '#name': 'ines_cardoso', '#password': 'not hers' }, 'main button');
    await picture(stranger, `refused-sign-in-${lang}`);
    await stranger.context().close();
  }
  if (wanted.test(`print-${lang}`)) {
    await page.goto(`/admin/cases/${stuff.caseId}`);
    await page.pdf({ path: join(folder, `admin-case-${lang}.pdf`), format: 'A4' });
    await page.goto('/admin');
    await page.pdf({ path: join(folder, `admin-${lang}.pdf`), format: 'A4' });
  }
}
await browser.close();
