// tests/browser/screenshots.mjs - every page at 360, 768 and 1440 pixels, light and dark, English and Portuguese, and the case as it is
// printed, into a folder: make screenshots. screenshots.mjs FOLDER [PATTERN of names]
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ok, post } from '../lib/api.mjs';
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
for (const [lang, locale] of [['en', 'en-GB'], ['pt', 'pt-PT']]) {
  const staff = await newStaff('operator', { locale: lang });
  const page = await signIn(browser, staff, { locale });
  sql(`update sessions set confirmed_at = now() where user_id = '${staff.id}'`);
  ok(await post('/content/reports', { title: lang === 'en' ? 'Moderation, this year' : 'Moderação, este ano', kind: 'moderation', format: 'PDF' }, { token: (await renewed(staff)).token }), 202);
  for (const [path] of [...pagesOf(stuff), ...openPages, ['/admin/nothing']]) {
    const name = path.replace(/[0-9a-f-]{36}/, 'one').replace(/[^a-z]+/g, '-').slice(1);
    if (!wanted.test(`${name}-${lang}`)) continue;
    await page.goto(path);
    for (const width of [360, 768, 1440]) {
      await page.setViewportSize({ width, height: 900 });
      for (const scheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme: scheme });
        await page.screenshot({ path: join(folder, `${name}-${lang}-${scheme}-${width}.png`), fullPage: true });
      }
    }
    await page.emulateMedia({ colorScheme: 'light' });
  }
  if (wanted.test(`print-${lang}`)) {
    await page.goto(`/admin/cases/${stuff.caseId}`);
    await page.pdf({ path: join(folder, `admin-case-${lang}.pdf`), format: 'A4' });
    await page.goto('/admin');
    await page.pdf({ path: join(folder, `admin-${lang}.pdf`), format: 'A4' });
  }
}
await browser.close();
