// tests/lib/inside.mjs - behind the API: the folder and the database of the stack under test (STACK_DIR names it), for
// tests that make a crash's leftovers or look at what is kept.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

export const dir = process.env.STACK_DIR;

/** SQL as the cluster's superuser; rows as text, columns separated by "|". */
export const sql = (text) => execFileSync('psql', ['-h', join(dir, 'run'), '-U', 'postgres', '-d', 'atelier', '-XAtc', text], { encoding: 'utf8' }).trim();
