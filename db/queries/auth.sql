-- db/queries/auth.sql - signing in: accounts, sessions, single-use tokens, second factor, API keys.
-- Row-level security binds each of these to the request's tenant.

-- query: USER_INSERT(id, username, email, password_hash, role, display_name, company_name, locale)
insert into users (id, username, email, password_hash, role, display_name, company_name, locale)
values (:'id', :'username', :'email', :'password_hash', :'role',
        coalesce(:'display_name', :'username'), :'company_name', :'locale')
returning id, username, email, display_name as "displayName", company_name as "companyName", role,
          email_verified_at is not null as "emailVerified", created_at as "createdAt"

-- query: USER_NAMES_TAKEN(username, email)
select exists (select 1 from users where lower(username) = lower(:'username')) as username,
       exists (select 1 from users where lower(email) = lower(:'email')) as email

-- query: LOGIN_ACCOUNT(login, login_hash)
-- One row whether the account exists or not, so that both ways cost the same.
select u.id, uuid_send(u.id) as "_subject", u.password_hash, u.status,
       u.email_verified_at is not null as verified, u.mfa_enabled_at is not null as mfa_enabled, u.mfa_secret,
       u.mfa_last_step, f.locked_until > now() as locked,
       greatest(1, ceil(extract(epoch from f.locked_until - now())))::bigint as locked_s
  from (select) as always
  left join users u on (lower(u.email) = :'login' or lower(u.username) = :'login') and u.status <> 'deleted'
  left join login_failures f on f.subject = coalesce(uuid_send(u.id), :'login_hash')
 limit 1

-- query: LOGIN_FAILED(subject, allowed, lock_s)
insert into login_failures as f (subject, failures, last_at)
values (:'subject', 1, now())
on conflict (tenant_id, subject) do update
   set failures = case when f.last_at < now() - make_interval(secs => :'lock_s') then 1 else f.failures + 1 end,
       locked_until = case when f.last_at >= now() - make_interval(secs => :'lock_s')
                            and f.failures + 1 >= :'allowed' then now() + make_interval(secs => :'lock_s') end,
       last_at = now()
returning failures

-- query: LOGIN_SUCCEEDED(subject)
delete from login_failures where subject = :'subject'

-- query: LOGIN_TOTP_USED(id, step)
-- A code works once: the step must be later than the last one taken.
update users set mfa_last_step = :'step' where id = :'id' and mfa_last_step < :'step' returning true as taken

-- query: USER_REHASH(id, password_hash)
update users set password_hash = :'password_hash' where id = :'id'

-- Whoever changes the person's standing at this moment comes before or after, never in between: the answer is what the
-- session begins with.
-- query: SESSION_INSERT(id, user, refresh_hash, device, address, ttl_s)
with who as (
	select id, role, mfa_enabled_at is not null as mfa_enabled,
	       (status = 'suspended' and coalesce(status_until > now(), true)) as suspended
	  from users
	 where id = :'user' and status in ('active', 'suspended')
	   for share
), added as (
	insert into sessions (id, user_id, refresh_hash, user_agent, address, expires_at)
	select :'id', id, :'refresh_hash', left(:'device', 300), :'address', now() + make_interval(secs => :'ttl_s') from who
)
select role, mfa_enabled, suspended from who

-- Before it is read by SESSION_BY_ID: what somebody else is just changing (a suspension) is seen then.
-- query: SESSION_LOCK(id)
select id from sessions where id = :'id' for update

-- query: SESSION_BY_ID(id)
select s.user_id, s.refresh_hash as "_refresh_hash", s.generation, s.revoked_at is not null as revoked, s.expires_at < now() as expired,
       u.role, u.status, (u.status = 'suspended' and coalesce(u.status_until > now(), true)) as suspended, u.mfa_enabled_at is not null as mfa_enabled,
       ceil(extract(epoch from s.not_before))::bigint as not_before_s, s.user_agent as device,
       u.email, u.display_name as name, u.locale
  from sessions s
  join users u on u.id = s.user_id
 where s.id = :'id'

-- query: PAGE_CALLER(session)
-- Whoever is signed in at the pages, as long as the session stands.
select s.user_id, u.role, (u.status = 'suspended' and coalesce(u.status_until > now(), true)) as suspended,
       u.mfa_enabled_at is not null as mfa_enabled
  from sessions s
  join users u on u.id = s.user_id
 where s.id = :'session' and s.revoked_at is null and s.expires_at > now() and u.status in ('active', 'suspended')

-- query: PAGE_PERSON(me)
select username, display_name, locale from users where id = :'me'

-- query: SESSION_ROTATE(id, refresh_hash, generation, address, device, ttl_s)
update sessions
   set refresh_hash = :'refresh_hash', generation = :'generation', last_active_at = now(), address = :'address',
       user_agent = left(:'device', 300), expires_at = now() + make_interval(secs => :'ttl_s')
 where id = :'id'

-- query: SESSION_CONFIRM(id)
update sessions set confirmed_at = now() where id = :'id'

-- query: SESSION_IS_CONFIRMED(id, for_s)
select confirmed_at > now() - make_interval(secs => :'for_s') as confirmed from sessions where id = :'id'

-- query: SESSION_REVOKE(id, user)
update sessions set revoked_at = now() where id = :'id' and user_id = :'user' and revoked_at is null
returning id

-- query: SESSIONS_REVOKE_ALL(user, except)
update sessions set revoked_at = now()
 where user_id = :'user' and revoked_at is null and id is distinct from :'except'
returning id

-- query: SESSION_LIST(user, current)
select s.id, s.user_agent as device, s.address as ip, s.created_at as "createdAt", s.last_active_at as "lastActiveAt",
       s.expires_at as "expiresAt", s.id = :'current' as current
  from sessions s
 where s.user_id = :'user' and s.revoked_at is null and s.expires_at > now()
 order by s.last_active_at desc
 limit 100

-- query: SESSIONS_REVOKED_SINCE(since_s)
select session_id, not_before_s from sessions_revoked_since(:'since_s') limit 10000

-- query: USER_TOKEN_INSERT(hash, email, kind, ttl_s)
-- The account of an address gets a token; nobody's address gets none. Earlier ones of that kind end.
with account as (
	select id, username, display_name, locale, email from users where lower(email) = lower(:'email') and status <> 'deleted'
	   and (:'kind' <> 'verify_email' or email_verified_at is null)
), replaced as (
	delete from one_time_tokens t using account a where t.user_id = a.id and t.purpose = :'kind'
), added as (
	insert into one_time_tokens (token_hash, user_id, purpose, email, expires_at)
	select :'hash', id, :'kind', email, now() + make_interval(secs => :'ttl_s') from account
)
select a.id, a.display_name as name, a.locale, a.email from (select) always left join account a on true

-- query: USER_TOKEN_TAKE(hash, kind)
delete from one_time_tokens where token_hash = :'hash' and purpose = :'kind' and expires_at > now() returning user_id

-- The token of a change of address says the new one. An address that somebody has already gets no mail.
-- query: EMAIL_CHANGE_TOKEN(hash, me, email, ttl_s)
with account as (
	select id, display_name, locale from users
	 where id = :'me' and not exists (select from users where lower(email) = lower(:'email'))
), replaced as (
	delete from one_time_tokens t using account a where t.user_id = a.id and t.purpose = 'change_email'
), added as (
	insert into one_time_tokens (token_hash, user_id, purpose, email, expires_at)
	select :'hash', id, 'change_email', :'email', now() + make_interval(secs => :'ttl_s') from account
)
select a.id, a.display_name as name, a.locale, case when a.id is not null then :'email' end as email
  from (select) always left join account a on true

-- query: EMAIL_CHANGE(hash)
with taken as (
	delete from one_time_tokens where token_hash = :'hash' and purpose = 'change_email' and expires_at > now()
	returning user_id, email
), was as (
	select u.id, u.email as old_email, t.email as new_email from taken t join users u on u.id = t.user_id where u.status <> 'deleted'
)
update users u set email = w.new_email, email_verified_at = now(), updated_at = now() from was w
 where u.id = w.id
returning u.id as "userId", u.email, w.old_email as "_old_email", u.display_name as "_name", u.locale as "_locale"

-- query: USER_SET_PASSWORD(id, password_hash)
-- Who could read the mail owns the address.
update users
   set password_hash = :'password_hash', email_verified_at = coalesce(email_verified_at, now()), updated_at = now()
 where id = :'id' and status <> 'deleted'
returning id, email, display_name as name, locale

-- query: USER_CHANGE_PASSWORD(id, present_hash, password_hash)
-- No row when another one took the place of the present password meanwhile.
update users
   set password_hash = :'password_hash', updated_at = now()
 where id = :'id' and password_hash = :'present_hash' and status <> 'deleted'
returning id, email, display_name as name, locale

-- query: USER_SET_VERIFIED(id)
update users set email_verified_at = coalesce(email_verified_at, now()), updated_at = now()
 where id = :'id' and status <> 'deleted'
returning id as "userId", email, true as "emailVerified"

-- query: USER_SECRETS(id)
select id, username, email, password_hash, role, locale, mfa_secret, mfa_enabled_at is not null as mfa_enabled,
       mfa_last_step
  from users where id = :'id'

-- query: MFA_PREPARE(id, secret)
update users set mfa_secret = :'secret', mfa_last_step = 0 where id = :'id' and mfa_enabled_at is null returning id

-- query: MFA_ENABLE(id, step)
update users set mfa_enabled_at = now(), mfa_last_step = :'step', updated_at = now()
 where id = :'id' and mfa_enabled_at is null and mfa_secret is not null
returning true as enabled

-- query: MFA_DISABLE(id)
update users set mfa_enabled_at = null, mfa_secret = null, mfa_last_step = 0, updated_at = now()
 where id = :'id' and mfa_enabled_at is not null
returning id

-- query: RECOVERY_CODES_CLEAR(user)
delete from recovery_codes where user_id = :'user'

-- query: RECOVERY_CODES_ADD(user, hashes)
insert into recovery_codes (user_id, code_hash)
select :'user', decode(h, 'hex') from unnest(:'hashes'::text[]) h

-- query: RECOVERY_CODE_TAKE(user, hash)
delete from recovery_codes where user_id = :'user' and code_hash = :'hash' returning true as taken

-- query: API_KEY_INSERT(id, user, name, hash, hint, scopes, expires_at)
insert into api_keys (id, user_id, name, key_hash, hint, scopes, expires_at)
values (:'id', :'user', :'name', :'hash', :'hint', :'scopes', :'expires_at')
returning id, name, hint, scopes, created_at as "createdAt", expires_at as "expiresAt"

-- query: API_KEY_LIST(user)
select id, name, hint, scopes, created_at as "createdAt", last_used_at as "lastUsedAt", expires_at as "expiresAt"
  from api_keys
 where user_id = :'user' and revoked_at is null
 order by created_at desc
 limit 100

-- query: API_KEY_REVOKE(id, user)
update api_keys set revoked_at = now() where id = :'id' and user_id = :'user' and revoked_at is null returning id

-- query: API_KEY_CALLER(hash)
select k.id, k.user_id, k.scopes, u.role, u.mfa_enabled_at is not null as mfa_enabled,
       (u.status = 'suspended' and coalesce(u.status_until > now(), true)) as suspended
  from api_keys k
  join users u on u.id = k.user_id
 where k.key_hash = :'hash' and k.revoked_at is null and coalesce(k.expires_at > now(), true)
   and u.status in ('active', 'suspended')

-- query: API_KEY_USED(id)
-- At most once a minute, so that a busy key does not write at each request.
update api_keys set last_used_at = now()
 where id = :'id' and coalesce(last_used_at < now() - interval '1 minute', true)

-- query: IDENTITY_ACCOUNT(provider, subject, email)
-- The account that a provider's person has here: the linked one, else the one with that (verified) address.
select u.id, u.role, u.status, (u.status = 'suspended' and coalesce(u.status_until > now(), true)) as suspended, u.mfa_enabled_at is not null as mfa_enabled,
       u.email_verified_at is not null as verified, i.user_id is not null as linked
  from users u
  left join identities i on i.user_id = u.id and i.provider = :'provider' and i.subject = :'subject'
 where u.status <> 'deleted' and (i.user_id is not null or lower(u.email) = lower(:'email'))
 order by linked desc
 limit 1

-- query: IDENTITY_INSERT(user, provider, subject, email)
insert into identities (user_id, provider, subject, email)
values (:'user', :'provider', :'subject', :'email')

-- query: USERNAME_FREE(wanted)
-- The wanted name, or the first free one with a number behind it.
select name from (
	select :'wanted'::text as name, 0 as n
	union all
	select left(:'wanted', 25) || n, n from generate_series(2, 60) n
) c
 where not exists (select 1 from users u where lower(u.username) = lower(c.name))
 order by n limit 1

-- query: AUDIT_INSERT(actor, actor_role, action, target_kind, target, before, after, address, request_id)
insert into audit_log (actor_id, actor_role, action, target_kind, target_id, before, after, address, request_id)
values (:'actor', :'actor_role', :'action', :'target_kind', :'target', :'before', :'after', :'address', :'request_id')

-- query: ACCOUNT_JOB(kind, payload, unique_key, user, delay_s)
insert into jobs (kind, payload, unique_key, user_id, run_at)
values (:'kind', :'payload', :'unique_key', :'user', now() + make_interval(secs => :'delay_s'))
on conflict do nothing
returning id

-- query: USER_INSERT_VERIFIED(id, username, email, name, locale)
insert into users (id, username, email, display_name, locale, email_verified_at)
values (:'id', :'username', :'email', coalesce(left(nullif(trim(:'name'), ''), 100), :'username'), :'locale', now())

-- query: OAUTH_TICKET_INSERT(hash, user, ttl_s)
insert into one_time_tokens (token_hash, user_id, purpose, expires_at)
values (:'hash', :'user', 'oauth', now() + make_interval(secs => :'ttl_s'))

-- query: OAUTH_TICKET_TAKE(hash)
with taken as (
	delete from one_time_tokens where token_hash = :'hash' and purpose = 'oauth' and expires_at > now() returning user_id
)
select u.id, u.role, u.mfa_secret, u.mfa_enabled_at is not null as mfa_enabled,
       (u.status = 'suspended' and coalesce(u.status_until > now(), true)) as suspended
  from taken t
  join users u on u.id = t.user_id
 where u.status in ('active', 'suspended')
