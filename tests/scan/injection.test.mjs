// tests/scan/injection.test.mjs - sqlmap and wapiti (Debian packages) against sign-in, people and search of a running server. Some minutes; only
// when asked for: tests/run.sh scan.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { newUser } from '../lib/api.mjs';

const base = process.env.ATELIER_URL;
const dir = mkdtempSync(join(tmpdir(), 'scan-'));
const has = (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
let user;
before(async () => (user = await newUser()));
after(() => rmSync(dir, { recursive: true }));

/** Each * is tried by sqlmap. */
const targets = [
  ['POST', '/api/v1/auth/login', { email: '*', password: 'wrong wrong wrong' }],
  ['POST', '/api/v1/auth/forgot-password', { email: '*' }],
  ['POST', '/api/v1/auth/reset-password', { token: '*', password: 'some new words here' }],
  ['POST', '/api/v1/auth/refresh', { refreshToken: '*' }],
  ['GET', '/api/v1/users/@*', null],
  ['GET', '/api/v1/users/@x/followers?cursor=*', null],
  ['PATCH', '/api/v1/users/me', { bio: '*' }],
  ['GET', '/api/v1/search?q=*&category=*', null],
  ['GET', '/api/v1/search/autocomplete?q=*', null],
  ['GET', '/account/reset-password?token=*', null],
];

describe('sqlmap finds nothing', { skip: !has('sqlmap') && 'no sqlmap' }, () => {
  for (const [method, path, body] of targets)
    it(`${method} ${path}`, () => {
      const request = join(dir, 'request.txt');
      const text = body ? JSON.stringify(body) : '';
      writeFileSync(request, `${method} ${path} HTTP/1.1\r\nHost: ${new URL(base).host}\r\nAuthorization: Bearer ${user.token}\r\n${body ? `Content-Type: application/json\r\nContent-Length: ${text.length}\r\n` : ''}\r\n${text}`);
      const done = spawnSync('sqlmap', ['-r', request, '--batch', '--flush-session', '--disable-coloring', '--level', '1', '--risk', '1', '--dbms', 'PostgreSQL', '--technique', 'BEUS',
        '--ignore-code', '*', '--timeout', '10', '--retries', '0', '--ignore-stdin', '--output-dir', dir], { encoding: 'utf8', timeout: 240_000 });
      const said = done.stdout + done.stderr;
      assert.match(said, /do(es)? not (seem|appear) to be injectable/, said.slice(-2000));
      assert.doesNotMatch(said, /is vulnerable|identified the following injection point/, said.slice(-2000));
    });
});

describe('wapiti finds nothing', { skip: !has('wapiti') && 'no wapiti' }, () => {
  for (const start of ['/account/reset-password?token=x', '/account/verify-email?token=x', '/api/v1/search?q=x&category=y', '/api/v1/users/@x?x=1', '/oembed?url=x', '/embed/00000000-0000-7000-8000-000000000000?x=1'])
    it(start, () => {
      const report = join(dir, 'report.json');
      execFileSync('wapiti', ['-u', base + start, '--scope', 'url', '-m', 'sql,timesql,xss,exec,file,crlf,xxe,ssrf,redirect', '-f', 'json', '-o', report, '--flush-session',
        '--max-scan-time', '120', '-H', `Authorization: Bearer ${user.token}`], { stdio: 'ignore', timeout: 240_000, env: { ...process.env, HOME: dir } });
      const { vulnerabilities } = JSON.parse(readFileSync(report, 'utf8'));
      const found = Object.entries(vulnerabilities).filter(([, list]) => list.length > 0);
      assert.deepEqual(found, [], JSON.stringify(found, null, 1).slice(0, 3000));
    });
});
