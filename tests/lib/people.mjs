// tests/lib/people.mjs - people with a role, as tests need them.
import { ctl, newUser, ok, post } from './api.mjs';
import { sql } from './running.mjs';

/** Somebody with that role whose token says so. Who needs a second factor for it is said to have one. */
export async function newPerson(role, extra = {}) {
  const who = await newUser(extra);
  ctl('user', 'role', who.username, role, '--tenant', 'main');
  sql(`update users set mfa_enabled_at = now() where id = '${who.id}'`);
  return renewed(who);
}

/** The same person with tokens of this moment. */
export async function renewed(who) {
  const { accessToken, refreshToken } = ok(await post('/auth/refresh', { refreshToken: who.refreshToken }));
  return { ...who, token: accessToken, refreshToken };
}
