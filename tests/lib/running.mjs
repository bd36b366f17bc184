// tests/lib/running.mjs - the running installation under test (STACK_DIR), for tests that stop and break parts of it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { askAs } from './sql.mjs';

const script = resolve(import.meta.dirname, '../../etc/stack/stack.sh');
export const dir = process.env.STACK_DIR;

// what is started again keeps the limits that a load test needs
const env = { ATELIER_RATELIMIT_SCALE: '1000', ...process.env };

function run(...args) {
  return runWith({}, ...args);
}

function runWith(more, ...args) {
  assert.ok(dir, 'STACK_DIR names the stack that a test may break');
  const done = spawnSync('bash', [script, ...args], { encoding: 'utf8', env: { ...env, ...more } });
  assert.equal(done.status, 0, `stack.sh ${args.join(' ')}: ${done.stderr}`);
  return done.stdout.trim();
}

export const start = (service, settings = {}) => runWith(settings, 'start', dir, service);
export const stop = (service, signal = 'TERM') => run('stop', dir, service, signal);
export const restart = (service) => run('restart', dir, service);
export const pid = (service) => Number(run('pid', dir, service));

/** Children of a process. */
export const children = (parent) =>
  spawnSync('pgrep', ['-P', String(parent)], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter(Boolean)
    .map(Number);

/** Every process below one. */
export const descendants = (parent) => children(parent).flatMap((c) => [c, ...descendants(c)]);

/** SQL as the cluster's superuser; rows as text, columns separated by "|". */
export const sql = (text) => askAs('postgres', text, join(dir, 'run'));

/** The lines of a service's log as objects; lines that are none are left out. */
export const log = (service) =>
  readFileSync(join(dir, 'log', `${service}.log`), 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return [JSON.parse(line)];
      } catch {
        return [];
      }
    });
