// tests/api/smtp.test.mjs - mail through a real SMTP server with STARTTLS that says "not now" at first.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, chmodSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { apiOf, startStack } from '../lib/stack.mjs';

let stack, api, smtpd;
const folder = mkdtempSync(join(tmpdir(), 'atelier-smtp-'));
const freePort = () => new Promise((resolve) => { const s = createServer().listen(0, '127.0.0.1', () => { const { port } = s.address(); s.close(() => resolve(port)); }); });

before(async () => {
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, 'got'));
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost',
    '-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')], { stdio: 'ignore' });
  const port = await freePort();
  smtpd = spawn('/usr/bin/python3', [fileURLToPath(new URL('../lib/smtpd.py', import.meta.url)), port, join(folder, 'cert.pem'), join(folder, 'key.pem'), join(folder, 'got')], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => smtpd.stdout.once('data', resolve));
  stack = startStack({ ATELIER_RATELIMIT_SCALE: '1000', ATELIER_MAIL_DIR: '', ATELIER_MAIL_SMTP_URL: `smtp://localhost:${port}`, ATELIER_MAIL_CA_FILE: join(folder, 'cert.pem'), ATELIER_MAIL_REQUIRE_TLS: 'true', ATELIER_MAIL_FROM: 'Ateliê <post@atelier.test>' });
  api = await apiOf(stack);
});
after(() => {
  stack?.stop();
  smtpd?.kill();
});

test('a mail that is turned away for now comes a little later, once, over TLS', async () => {
  const user = await api.newUser({ locale: 'pt', displayName: 'Inês' });
  const [mail] = await api.until(() => {
    const all = readdirSync(join(folder, 'got')).map((f) => JSON.parse(readFileSync(join(folder, 'got', f))));
    return all.length && all;
  }, { seconds: 60, what: 'the mail' });
  assert.deepEqual(mail.to, [user.email]);
  assert.equal(mail.from, 'post@atelier.test');
  assert.equal(mail.tls, true);
  assert.match(mail.content, /Inês|In=C3=AAs/);
  const header = mail.content.slice(0, mail.content.indexOf('\r\n\r\n'));
  assert.ok(/^[\x00-\x7f]*$/.test(header), 'a header is ASCII');
  const parsed = JSON.parse(execFileSync('/usr/bin/python3', ['-c', `
import sys, json, email, email.policy
m = email.message_from_string(sys.stdin.read(), policy=email.policy.default)
print(json.dumps({"subject": m["subject"], "from": str(m["from"]), "types": [p.get_content_type() for p in m.iter_parts()], "text": m.get_body(("plain",)).get_content()}))`], { input: mail.content, encoding: 'utf8' }));
  assert.deepEqual(parsed.types, ['text/plain', 'text/html']);
  assert.match(parsed.subject, /^Confirme seu endereço/);
  assert.match(parsed.from, /Ateliê/);
  assert.match(parsed.text, /Olá, Inês![\s\S]*token=[\w-]{43}/);
  await new Promise((r) => setTimeout(r, 1500));
  assert.equal(readdirSync(join(folder, 'got')).length, 1);
});
