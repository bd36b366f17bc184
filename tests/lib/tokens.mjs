// tests/lib/tokens.mjs - access tokens made by hand, with the installation's own key (from STACK_DIR): what an attacker
// who has everything but one thing could present.
import { createHash, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SignJWT } from 'jose';

export const secret = () => readFileSync(join(process.env.STACK_DIR, 'etc/secret'), 'utf8').trim();

/** The HS256 key that lib/token_key.c makes of the secret, and its kid. */
export function hsKey() {
  const key = createHmac('sha256', secret()).update('atelier access token 1').digest();
  return { key, kid: createHash('sha256').update(key).digest().subarray(0, 8).toString('base64url') };
}

export const claimsOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));

/** The token again, with other claims (undefined takes one away), signed with the right key unless told otherwise. */
export async function resign(token, change = {}, { key = hsKey().key, alg = 'HS256', kid = hsKey().kid } = {}) {
  const claims = { ...claimsOf(token), ...change };
  for (const name of Object.keys(claims)) if (claims[name] === undefined) delete claims[name];
  return new SignJWT(claims).setProtectedHeader({ alg, typ: 'JWT', ...(kid && { kid }) }).sign(key);
}

export const b64 = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
