// tests/lib/stack.mjs - an installation of a test's own, where the shared one will not do (other limits, other keys,
// services that are stopped on purpose). Needs STACK_PREFIX, as etc/stack/stack.sh does.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../../etc/stack/stack.sh', import.meta.url));

/** Starts one. `env`: ATELIER_* settings for its daemons. Returns { dir, url, env, ctl, stop, service, restart }. */
export function startStack(env = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'atelier-test-'));
  chmodSync(dir, 0o755);
  const clean = Object.fromEntries(Object.entries(process.env).filter(([k]) => !k.startsWith('ATELIER_') && k !== 'PGHOST'));
  const all = { ...clean, STACK_FAST: '1', ...env };
  const run = (...args) => execFileSync('bash', [script, ...args], { env: all, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  run('up', dir);
  const addresses = Object.fromEntries(
    run('env', dir).trim().split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  const ctl = (...args) => {
    const input = typeof args.at(-1) === 'object' ? args.pop().input : undefined;
    const done = spawnSync(addresses.ATELIERCTL, args, { env: { ...all, ...addresses }, encoding: 'utf8', input });
    if (done.status !== 0) throw new Error(`atelierctl ${args.join(' ')}: ${done.stderr}`);
    return done.stdout;
  };
  if (!JSON.parse(ctl('tenant', 'list', '--json')).length)
    ctl('tenant', 'create', 'main', '--host', 'localhost,127.0.0.1', '--base-url', addresses.ATELIER_URL);
  return {
    dir,
    url: addresses.ATELIER_URL,
    env: addresses,
    ctl,
    service: (verb, name) => run(verb, dir, name),
    /** Stops a daemon and starts it with another environment. */
    restart(name, environment) {
      run('stop', dir, name);
      execFileSync('bash', [script, 'start', dir, name], { env: environment, stdio: 'ignore' });
    },
    stop() {
      run('down', dir);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** The calls of api.mjs against that stack (they read ATELIER_URL when they are loaded). */
export async function apiOf(stack) {
  Object.assign(process.env, stack.env);
  return import(`./api.mjs?${encodeURIComponent(stack.url)}`);
}
