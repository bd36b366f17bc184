// tests/lib/sockets.mjs - a WebSocket of an independent client (npm ws), as a test reads it: frames are waited for, not polled.
// Each frame that comes must be one that doc/asyncapi.yaml describes.
import assert from 'node:assert/strict';
import { after } from 'node:test';
import WebSocket from 'ws';
import { base } from './api.mjs';
import { wrongWith } from './frames.mjs';

const wrong = [];
after(() => assert.deepEqual(wrong, [], 'frames that doc/asyncapi.yaml does not describe'));

/** Opens /api/v1/PATH. Returns { send, next, none, closed, frames, close }. isFree: frames may be what they like. */
export function connect(path, { token, url = base, query = {}, header = false, host, isFree = false } = {}) {
  const address = new URL(`${url.replace(/^http/, 'ws')}/api/v1${path}`);
  if (token && !header) address.searchParams.set('token', token);
  for (const [key, value] of Object.entries(query)) address.searchParams.set(key, value);
  const ws = new WebSocket(address, { headers: { ...(header && { authorization: `Bearer ${token}` }), ...(host && { host }) } });
  const frames = [], waiting = new Set();
  let end;
  const closed = new Promise((resolve) => {
    ws.on('close', (code, reason) => {
      end = { code, reason: String(reason) };
      for (const w of waiting) w.look();
      resolve(end);
    });
  });
  ws.on('error', () => {});
  ws.on('message', (data) => {
    const frame = JSON.parse(data);
    const why = isFree ? undefined : wrongWith(path, frame);
    if (why) wrong.push(why);
    frames.push(frame);
    for (const w of waiting) w.look();
  });
  const opened = new Promise((resolve, reject) => {
    ws.on('open', resolve);
    closed.then((e) => reject(new Error(`closed before it was open: ${e.code} ${e.reason}`)));
  });
  opened.catch(() => {});
  const matches = (frame, want) => (typeof want === 'function' ? want(frame) : Object.entries(want).every(([k, v]) => frame[k] === v));
  /** The next frame that fits (an object of members, or a function); frames before it are passed over. */
  const next = (want, ms = 30000) =>
    new Promise((resolve, reject) => {
      const waiter = {
        look() {
          const at = frames.findIndex((f) => matches(f, want));
          if (at >= 0) {
            const [frame] = frames.splice(at, 1);
            done(() => resolve(frame));
          } else if (end) done(() => reject(new Error(`closed (${end.code} ${end.reason}) while waiting for ${JSON.stringify(want)}`)));
        },
      };
      const timer = setTimeout(() => done(() => reject(new Error(`no frame like ${typeof want === 'function' ? want : JSON.stringify(want)} within ${ms} ms; seen: ${JSON.stringify(frames).slice(0, 1500)}`))), ms);
      const done = (how) => {
        clearTimeout(timer);
        waiting.delete(waiter);
        how();
      };
      waiting.add(waiter);
      waiter.look();
    });
  return {
    ws, frames, opened, closed, next,
    async send(frame) {
      await opened;
      ws.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
    },
    /** Nothing like that comes for a while. */
    async none(want, ms = 700) {
      await new Promise((r) => setTimeout(r, ms));
      assert.deepEqual(frames.filter((f) => matches(f, want)), []);
    },
    close() {
      ws.close();
      return closed;
    },
  };
}

/** A socket of the event channel that is subscribed. */
export async function listenTo(user, ...channels) {
  return listenWith({ token: user.token }, ...channels);
}

export async function listenWith(options, ...channels) {
  const s = connect('/live', options);
  await s.next({ type: 'welcome' });
  for (const channel of channels) {
    await s.send({ type: 'subscribe', channel });
    await s.next({ type: 'subscribed', channel });
  }
  return s;
}
