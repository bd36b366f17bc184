// tests/browser/play.test.mjs - a real browser plays the stream that nginx serves, through hls.js.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, it } from 'node:test';
import { chromium } from 'playwright-core';
import { base, get, newUser, ok } from '../lib/api.mjs';
import { hasMedia, makeClip, mediaDir } from '../lib/media.mjs';
import { settled, uploadMultipart } from '../lib/video.mjs';

const hls = readFileSync(createRequire(import.meta.url).resolve('hls.js/dist/hls.min.js'), 'utf8');
let browser, page, stream;

before(async () => {
  const user = await newUser();
  const clip = hasMedia ? `${mediaDir}/files/mdn_flower.mp4` : makeClip({ seconds: 6, size: '1280x720' });
  const v = await settled(user, (await uploadMultipart(user, clip)).id);
  stream = ok(await get(`/videos/${v.id}/stream`));
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--autoplay-policy=no-user-gesture-required'],
  });
  page = await browser.newPage({ viewport: { width: 960, height: 600 } });
  await page.goto(`${base}/health`); // the page's origin is the server's
  await page.setContent('<body style="margin:0;background:#111"><video id="v" muted style="width:960px" controls></video></body>');
  await page.addScriptTag({ content: hls });
});
after(() => browser?.close());

it('plays every rung, seeks, and reaches the end', async () => {
  const levels = await page.evaluate(
    (src) =>
      new Promise((resolve, reject) => {
        const video = document.getElementById('v');
        const player = new Hls({ startLevel: 0 });
        window.player = player;
        window.video = video;
        window.mistakes = [];
        player.on(Hls.Events.ERROR, (_e, d) => {
          window.mistakes.push(`${d.type} ${d.details}`);
          if (d.fatal) reject(new Error(window.mistakes.join()));
        });
        // a rung that is asked for before anything has come may find the player without its buffers
        player.on(Hls.Events.FRAG_BUFFERED, () => resolve(player.levels.map((l) => `${l.width}x${l.height}`)));
        player.loadSource(src);
        player.attachMedia(video);
      }),
    base + stream.hlsUrl,
  );
  assert.equal(levels.length, stream.qualities.length);
  for (let level = 0; level < levels.length; level++) {
    const played = await page.evaluate(
      (n) =>
        new Promise((resolve, reject) => {
          window.player.currentLevel = n;
          window.video.currentTime = 0.5;
          window.video.play().catch(reject);
          const timer = setInterval(() => {
            if (window.video.ended) { // on a busy machine before the new rung has come
              window.video.currentTime = 0.5;
              window.video.play().catch(reject);
            }
            if (window.video.currentTime > 1.5 && window.video.videoHeight === window.player.levels[n].height) {
              clearInterval(timer);
              resolve({ height: window.video.videoHeight, frames: window.video.getVideoPlaybackQuality().totalVideoFrames });
            }
          }, 50);
          setTimeout(() => reject(new Error(`level ${n} stood at ${window.video.currentTime} with height ${window.video.videoHeight}; ${window.mistakes}`)), 60000);
        }),
      level,
    );
    assert.ok(played.frames > 0, `${played.frames} frames`);
  }
  if (process.env.SCREENSHOTS) {
    mkdirSync(process.env.SCREENSHOTS, { recursive: true });
    await page.screenshot({ path: `${process.env.SCREENSHOTS}/play.png` });
  }
  const end = await page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        window.video.currentTime = window.video.duration - 0.5;
        window.video.addEventListener('ended', () => resolve({ at: window.video.currentTime, duration: window.video.duration }));
        setTimeout(() => reject(new Error('no end')), 60000);
      }),
  );
  assert.ok(Math.abs(end.duration - stream.duration) < 0.15, `${end.duration} against ${stream.duration}`);
});

it('plays the MP4 itself, without a player', async () => {
  const played = await page.evaluate(
    (src) =>
      new Promise((resolve, reject) => {
        const video = document.createElement('video');
        video.muted = true;
        video.src = src;
        video.play().catch(reject);
        video.addEventListener('error', () => reject(new Error(video.error.message)));
        video.addEventListener('timeupdate', () => video.currentTime > 0.5 && resolve(video.videoHeight));
        setTimeout(() => reject(new Error('does not play')), 60000);
      }),
    base + Object.values(stream.mp4Urls)[0],
  );
  assert.ok(played > 0);
});
