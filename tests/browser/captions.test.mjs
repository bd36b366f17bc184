// tests/browser/captions.test.mjs - a real browser shows the captions that are in the master, through hls.js.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, it } from 'node:test';
import { chromium } from 'playwright-core';
import { base, call, get, newUser, ok, until } from '../lib/api.mjs';
import { makeClip } from '../lib/media.mjs';
import { settled, uploadMultipart } from '../lib/video.mjs';

const hls = readFileSync(createRequire(import.meta.url).resolve('hls.js/dist/hls.min.js'), 'utf8');
let browser, page, stream;

before(async () => {
  const user = await newUser();
  const v = await settled(user, (await uploadMultipart(user, makeClip({ seconds: 6 }))).id);
  const body = '1\n00:00:00,000 --> 00:00:05,500\n<i>Olá</i> & bom dia\n';
  ok(await call('PUT', `/videos/${v.id}/captions/pt?label=Portugu%C3%AAs`, { token: user.token, body, headers: { 'content-type': 'text/plain' } }));
  await until(async () => ok(await get(`/videos/${v.id}/captions`, { token: user.token })).every((c) => c.url), { what: 'their file' });
  stream = ok(await get(`/videos/${v.id}/stream`, { token: user.token }));
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--autoplay-policy=no-user-gesture-required'],
  });
  page = await browser.newPage({ viewport: { width: 960, height: 600 } });
  await page.goto(`${base}/health`);
  await page.setContent('<body style="margin:0;background:#111"><video id="v" muted style="width:960px" controls></video></body>');
  await page.addScriptTag({ content: hls });
});
after(() => browser?.close());

it('shows the words at their time', async () => {
  const shown = await page.evaluate(
    (src) =>
      new Promise((resolve, reject) => {
        const video = document.getElementById('v');
        const player = new Hls();
        player.on(Hls.Events.ERROR, (_e, d) => d.fatal && reject(new Error(`${d.type} ${d.details}`)));
        // chosen as a person does it, in the list of the player's controls
        video.textTracks.addEventListener('addtrack', ({ track }) => {
          track.mode = 'showing';
          video.play().catch(reject);
        });
        player.loadSource(src);
        player.attachMedia(video);
        const timer = setInterval(() => {
          const track = [...video.textTracks].find((t) => t.mode === 'showing' && t.activeCues?.length);
          if (!track) return;
          clearInterval(timer);
          video.pause();
          resolve({ label: track.label, language: track.language, words: track.activeCues[0].text });
        }, 50);
        setTimeout(() => reject(new Error(`at ${video.currentTime}: ${[...video.textTracks].map((t) => `${t.label} ${t.mode} ${t.cues?.length}`)}`)), 60000);
      }),
    base + stream.hlsUrl,
  );
  assert.deepEqual([shown.label, shown.language], ['Português', 'pt']);
  assert.match(shown.words, /^Olá (&amp;|&) bom dia$/);
  if (process.env.SCREENSHOTS) {
    mkdirSync(process.env.SCREENSHOTS, { recursive: true });
    await page.screenshot({ path: `${process.env.SCREENSHOTS}/captions.png` });
  }
});
