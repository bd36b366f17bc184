// tests/browser/screenshots.mjs - every admin page at 360, 768 and 1440 pixels, light and dark, into a folder: make screenshots
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fill, launch, newStaff, pagesOf, signIn } from '../lib/pages.mjs';
import { sql } from '../lib/running.mjs';

const folder = process.argv[2] ?? 'screenshots';
mkdirSync(folder, { recursive: true });
const browser = await launch();
const stuff = { ...(await fill('Six steps of footwork, slowly and from both sides')), tenant: sql("select id from tenants where slug = 'main'") };
for (const [lang, locale] of [['en', 'en-GB'], ['pt', 'pt-PT']]) {
  const page = await signIn(browser, await newStaff('operator', { locale: lang }), { locale });
  for (const [path] of [...pagesOf(stuff), ['/admin/nothing']]) {
    await page.goto(path);
    const name = path.replace(/[0-9a-f-]{36}/, 'one').replace(/[^a-z]+/g, '-').slice(1);
    for (const width of [360, 768, 1440]) {
      await page.setViewportSize({ width, height: 900 });
      for (const scheme of lang === 'en' ? ['light', 'dark'] : ['light']) {
        await page.emulateMedia({ colorScheme: scheme });
        await page.screenshot({ path: join(folder, `${name}-${lang}-${scheme}-${width}.png`), fullPage: true });
      }
    }
  }
}
await browser.close();
