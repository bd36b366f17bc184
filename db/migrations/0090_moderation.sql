-- Moderation: reports gathered into cases, decisions and their strikes, appeals, copyright notices, and what checks use.
-- The rules are in the functions of 0091: the API and the admin pages call the same ones.

-- One row of the audit log, in the transaction of what it tells. p_actor null: the system.
create function audit(p_actor uuid, p_action text, p_target_kind text, p_target uuid, p_before jsonb, p_after jsonb,
	p_note text, p_address text, p_request text) returns void
	language sql
	as $$
	insert into audit_log (actor_id, actor_role, action, target_kind, target_id, before, after, note, address, request_id)
	values (p_actor, (select role from users where id = p_actor), p_action, p_target_kind, p_target, p_before, p_after, p_note,
	        p_address, p_request)
	$$;

-- Removed by moderation: hidden from its author as well; purged when nobody can appeal any more.
alter table videos add column removed_at timestamptz;

-- How a community moderates. A row for each, made with it.
create table moderation_settings (
	tenant_id            uuid primary key default current_tenant() references tenants on delete cascade,
	strike_days          integer not null default 90 check (strike_days between 1 and 3650),
	strikes_to_suspend   integer not null default 3 check (strikes_to_suspend between 0 and 100), -- 0: never
	suspend_days         integer not null default 7 check (suspend_days between 1 and 3650),
	strikes_to_ban       integer not null default 5 check (strikes_to_ban between 0 and 100), -- 0: never
	appeal_days          integer not null default 30 check (appeal_days between 1 and 365),
	purge_days           integer not null default 30 check (purge_days between 1 and 3650), -- removed videos; after the appeal's
	dmca_days            integer not null default 10 check (dmca_days between 10 and 14), -- business days
	claim_minutes        integer not null default 15 check (claim_minutes between 1 and 1440),
	hide_after_reports   integer not null default 0 check (hide_after_reports between 0 and 1000), -- 0: never
	review_first_videos  integer not null default 0 check (review_first_videos between 0 and 100),
	new_account_days     integer not null default 7 check (new_account_days between 0 and 365),
	max_links            integer not null default 10 check (max_links between 0 and 1000),
	max_links_new        integer not null default 3 check (max_links_new between 0 and 1000), -- of new accounts
	score_text           boolean not null default false, -- by moderation.text_scorer_url
	classify_frames      boolean not null default false, -- by moderation.image_classifier_url
	scan_files           boolean not null default false, -- by moderation.clamd_socket
	updated_at           timestamptz not null default now()
);
select tenant_owned('moderation_settings', 'select, update');

-- What people are told, by reason and language.
create table reason_templates (
	id           uuid primary key default uuid_v7(),
	tenant_id    uuid not null default current_tenant() references tenants on delete cascade,
	code         text not null check (code ~ '^[a-z][a-z0-9_]{0,39}$'),
	locale       text not null default 'en' check (length(locale) between 2 and 10),
	title        text not null check (length(title) between 1 and 100),
	body         text not null check (length(body) between 1 and 2000),
	adds_strike  boolean, -- null: as the action does
	is_active    boolean not null default true,
	created_at   timestamptz not null default now(),
	updated_at   timestamptz not null default now(),
	unique (tenant_id, id),
	unique (tenant_id, code, locale)
);
select tenant_owned('reason_templates');

-- What can be reported for, the heaviest first in the queue.
create table report_categories (
	category  text primary key,
	weight    smallint not null
);
grant select on report_categories to atelier_app;
insert into report_categories values
	('child_safety', 100), ('self_harm', 80), ('violence', 70), ('sexual', 60), ('hate', 60), ('harassment', 50),
	('dangerous', 50), ('privacy', 40), ('copyright', 40), ('impersonation', 30), ('misinformation', 20), ('spam', 10),
	('other', 10), ('review', 5);

-- All that is said about one thing is one case; at most one is open.
create table cases (
	id               uuid primary key default uuid_v7(),
	tenant_id        uuid not null default current_tenant() references tenants on delete cascade,
	subject_kind     text not null check (subject_kind in ('video', 'comment', 'user')),
	subject_id       uuid not null, -- no reference: a case outlives its subject
	user_id          uuid, -- whose it is
	snapshot         jsonb not null default '{}', -- its words when the case was opened
	source           text not null check (source in ('report', 'check', 'moderator')),
	state            text not null default 'open' check (state in ('open', 'decided')),
	is_held          boolean not null default false, -- hidden until somebody decides
	report_count     integer not null default 0 check (report_count >= 0),
	categories       text[] not null default '{}',
	priority         integer not null default 0,
	claimed_by       uuid,
	claimed_until    timestamptz,
	created_at       timestamptz not null default now(),
	last_report_at   timestamptz not null default now(),
	decided_at       timestamptz,
	decided_by       uuid, -- null: the system
	unique (tenant_id, id),
	foreign key (tenant_id, user_id) references users (tenant_id, id) on delete set null (user_id),
	check ((state = 'decided') = (decided_at is not null))
);
create unique index cases_open_key on cases (tenant_id, subject_kind, subject_id) where state = 'open';
create index cases_queue_idx on cases (tenant_id, priority desc, created_at, id) where state = 'open';
create index cases_subject_idx on cases (tenant_id, subject_id, created_at desc);
create index cases_user_idx on cases (tenant_id, user_id, created_at desc);
create index cases_claimed_idx on cases (tenant_id, claimed_by) where state = 'open' and claimed_by is not null;
create index cases_decided_idx on cases (tenant_id, decided_at desc, id desc) where state = 'decided';
select tenant_owned('cases', 'select, insert, update');

create table reports (
	id            uuid primary key default uuid_v7(),
	tenant_id     uuid not null default current_tenant(),
	case_id       uuid not null,
	reporter_id   uuid, -- null: a check, or somebody who is gone
	check_kind    text, -- watched_words, links, repeated, toxicity, frames, audio, classifier, virus, first_videos
	category      text not null references report_categories,
	body          text not null default '' check (length(body) <= 2000),
	start_s       double precision check (start_s >= 0),
	end_s         double precision check (end_s >= start_s),
	score         double precision, -- of the check
	details       jsonb not null default '{}',
	reply         text, -- what the reporter was answered
	replied_at    timestamptz,
	created_at    timestamptz not null default now(),
	unique (tenant_id, id),
	foreign key (tenant_id, case_id) references cases (tenant_id, id) on delete cascade,
	foreign key (tenant_id, reporter_id) references users (tenant_id, id) on delete set null (reporter_id)
);
create index reports_case_idx on reports (tenant_id, case_id, created_at);
create unique index reports_reporter_key on reports (case_id, reporter_id) where reporter_id is not null;
create index reports_mine_idx on reports (tenant_id, reporter_id, created_at desc, id desc) where reporter_id is not null;
create index reports_created_idx on reports (tenant_id, created_at);
select tenant_owned('reports');

insert into kept_counters values
	('case.reports', 'cases', 'report_count', '{reports}', 'select case_id as id, count(*) as n from reports group by 1');

-- What was done about something, and why. Rows are added; only what became of one is filled in later.
create table decisions (
	id             uuid primary key default uuid_v7(),
	tenant_id      uuid not null default current_tenant() references tenants on delete cascade,
	case_id        uuid, -- null: a copyright notice
	subject_kind   text not null check (subject_kind in ('video', 'comment', 'user')),
	subject_id     uuid not null,
	user_id        uuid, -- whom it concerns
	moderator_id   uuid, -- null: the system
	action         text not null
		check (action in ('dismiss', 'hide', 'remove', 'restore', 'age_restrict', 'warn', 'suspend', 'ban')),
	is_automatic   boolean not null default false, -- a check, or so many strikes
	reason         text, -- code of a template
	words          text check (length(words) <= 2000), -- what the person was told
	note           text check (length(note) <= 2000), -- for moderators
	days           integer check (days between 1 and 3650),
	before         jsonb,
	after          jsonb,
	reversed_at    timestamptz, -- an appeal was granted, or it was restored
	reversed_by    uuid,
	created_at     timestamptz not null default now(),
	unique (tenant_id, id),
	foreign key (tenant_id, case_id) references cases (tenant_id, id) on delete cascade,
	foreign key (tenant_id, user_id) references users (tenant_id, id) on delete set null (user_id)
);
create index decisions_case_idx on decisions (tenant_id, case_id, created_at);
create index decisions_subject_idx on decisions (tenant_id, subject_id, created_at desc);
create index decisions_user_idx on decisions (tenant_id, user_id, created_at desc, id desc);
create index decisions_created_idx on decisions (tenant_id, created_at);
select tenant_owned('decisions', 'select, insert, update');

create table strikes (
	id           uuid primary key default uuid_v7(),
	tenant_id    uuid not null default current_tenant(),
	user_id      uuid not null,
	decision_id  uuid not null unique,
	expires_at   timestamptz not null,
	revoked_at   timestamptz,
	created_at   timestamptz not null default now(),
	foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade,
	foreign key (tenant_id, decision_id) references decisions (tenant_id, id) on delete cascade
);
create index strikes_user_idx on strikes (tenant_id, user_id, expires_at desc);
select tenant_owned('strikes', 'select, insert, update');

-- Once for each decision.
create table appeals (
	id             uuid primary key default uuid_v7(),
	tenant_id      uuid not null default current_tenant(),
	decision_id    uuid not null unique,
	user_id        uuid not null,
	body           text not null check (length(body) between 1 and 5000),
	state          text not null default 'open' check (state in ('open', 'granted', 'denied')),
	claimed_by     uuid,
	claimed_until  timestamptz,
	decided_by     uuid,
	decided_at     timestamptz,
	answer         text check (length(answer) <= 2000), -- what the person was told
	note           text check (length(note) <= 2000),
	created_at     timestamptz not null default now(),
	unique (tenant_id, id),
	foreign key (tenant_id, decision_id) references decisions (tenant_id, id) on delete cascade,
	foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade,
	check ((state = 'open') = (decided_at is null))
);
create index appeals_open_idx on appeals (tenant_id, created_at, id) where state = 'open';
create index appeals_created_idx on appeals (tenant_id, created_at desc, id desc);
create index appeals_user_idx on appeals (tenant_id, user_id, created_at desc);
select tenant_owned('appeals', 'select, insert, update');

--   received ──reject──▶ rejected
--      └──take down──▶ taken_down ──counter──▶ countered ──the clock runs out──▶ restored
--                          │                       └──the claimant went to court──▶ upheld
--                          └──the claimant withdraws──▶ withdrawn (also from countered)
create table dmca_notices (
	id                  uuid primary key default uuid_v7(),
	tenant_id           uuid not null default current_tenant() references tenants on delete cascade,
	video_id            uuid not null, -- no reference: a notice outlives the video
	user_id             uuid, -- its author
	state               text not null default 'received'
		check (state in ('received', 'rejected', 'taken_down', 'countered', 'restored', 'upheld', 'withdrawn')),
	claimant_name       text not null check (length(claimant_name) between 1 and 200),
	claimant_email      text not null check (length(claimant_email) between 3 and 254),
	claimant_address    text not null check (length(claimant_address) between 1 and 500),
	claimant_on_behalf  text check (length(claimant_on_behalf) <= 200), -- of whom, when not of themselves
	work                text not null check (length(work) between 1 and 5000), -- what is infringed
	good_faith          boolean not null check (good_faith),
	under_perjury       boolean not null check (under_perjury),
	signature           text not null check (length(signature) between 1 and 200),
	counter_name        text check (length(counter_name) <= 200),
	counter_address     text check (length(counter_address) <= 500),
	counter_statement   text check (length(counter_statement) <= 5000),
	counter_signature   text check (length(counter_signature) <= 200),
	decision_id         uuid, -- the take-down
	handled_by          uuid,
	note                text check (length(note) <= 2000),
	created_at          timestamptz not null default now(),
	taken_down_at       timestamptz,
	countered_at        timestamptz,
	restore_at          timestamptz, -- when the clock runs out
	closed_at           timestamptz,
	unique (tenant_id, id),
	foreign key (tenant_id, user_id) references users (tenant_id, id) on delete set null (user_id),
	foreign key (tenant_id, decision_id) references decisions (tenant_id, id)
);
create index dmca_notices_created_idx on dmca_notices (tenant_id, created_at desc, id desc);
create index dmca_notices_state_idx on dmca_notices (tenant_id, state, created_at);
create index dmca_notices_video_idx on dmca_notices (tenant_id, video_id);
create index dmca_notices_clock_idx on dmca_notices (restore_at) where state = 'countered';
select tenant_owned('dmca_notices', 'select, insert, update');

-- Regular expressions (PostgreSQL's; see watched_word_check) that texts are looked at with.
create table watched_words (
	id                 uuid primary key default uuid_v7(),
	tenant_id          uuid not null default current_tenant() references tenants on delete cascade,
	pattern            text not null check (length(pattern) between 1 and 300),
	action             text not null check (action in ('allow', 'hold', 'reject')), -- allow: what it matches is left out for the others
	applies_to         text[] not null default '{title,description,comment,profile}'
		check (applies_to <@ '{title,description,comment,profile}' and cardinality(applies_to) > 0),
	is_case_sensitive  boolean not null default false,
	is_active          boolean not null default true,
	note               text check (length(note) <= 500),
	created_by         uuid,
	created_at         timestamptz not null default now(),
	updated_at         timestamptz not null default now(),
	unique (tenant_id, id)
);
create index watched_words_tenant_idx on watched_words (tenant_id, created_at desc, id desc);
select tenant_owned('watched_words');

-- Perceptual hashes of frames that are not wanted, grouped by what they came from.
create table blocked_media (
	id          uuid primary key default uuid_v7(),
	tenant_id   uuid not null default current_tenant() references tenants on delete cascade,
	label       text not null check (length(label) between 1 and 200),
	action      text not null default 'hold' check (action in ('hold', 'block')),
	video_id    uuid, -- of ours that it was made from
	frames      bigint[] not null default '{}',  -- 64-bit hashes (worker/media/phash.h)
	audio       integer[] not null default '{}', -- raw chromaprint fingerprint, 8 items a second or so
	is_active   boolean not null default true,
	created_by  uuid,
	created_at  timestamptz not null default now(),
	unique (tenant_id, id)
);
create index blocked_media_tenant_idx on blocked_media (tenant_id, created_at desc, id desc);
select tenant_owned('blocked_media');

-- What the checks found in a video.
create table video_prints (
	video_id    uuid primary key,
	tenant_id   uuid not null default current_tenant(),
	frames      bigint[] not null default '{}',
	frame_at_s  real[] not null default '{}',
	audio       integer[] not null default '{}',
	made_at     timestamptz not null default now(),
	foreign key (tenant_id, video_id) references videos (tenant_id, id) on delete cascade
);
select tenant_owned('video_prints', 'select, insert, update');

-- Words to begin with, in the languages that we speak; a community changes them as it likes.
create function moderation_defaults(p_tenant uuid) returns void
	language sql
	as $$
	insert into moderation_settings (tenant_id) values (p_tenant) on conflict do nothing;
	insert into reason_templates (tenant_id, code, locale, title, body)
	select p_tenant, w.code, w.locale, w.title, w.body
	  from (values
		('spam', 'en', 'Spam', 'This is advertising, repeated, or meant to mislead.'),
		('spam', 'pt', 'Spam', 'Isto é publicidade, repetição ou tem a intenção de enganar.'),
		('harassment', 'en', 'Harassment', 'This attacks or humiliates somebody.'),
		('harassment', 'pt', 'Assédio', 'Isto ataca ou humilha alguém.'),
		('hate', 'en', 'Hate', 'This attacks people for what they are.'),
		('hate', 'pt', 'Ódio', 'Isto ataca pessoas por aquilo que são.'),
		('sexual', 'en', 'Sexual content', 'Sexual content is not allowed here.'),
		('sexual', 'pt', 'Conteúdo sexual', 'Conteúdo sexual não é permitido aqui.'),
		('violence', 'en', 'Violence', 'This shows or calls for violence.'),
		('violence', 'pt', 'Violência', 'Isto mostra ou incita à violência.'),
		('dangerous', 'en', 'Dangerous practice', 'This shows something that can hurt whoever imitates it.'),
		('dangerous', 'pt', 'Prática perigosa', 'Isto mostra algo que pode ferir quem o imitar.'),
		('privacy', 'en', 'Privacy', 'This shows somebody, or something about them, without their consent.'),
		('privacy', 'pt', 'Privacidade', 'Isto mostra alguém, ou algo sobre alguém, sem consentimento.'),
		('copyright', 'en', 'Copyright', 'Somebody says that this is their work and that it is used without their permission.'),
		('copyright', 'pt', 'Direitos de autor', 'Alguém afirma que esta obra é sua e que é usada sem autorização.'),
		('strikes', 'en', 'Repeated violations', 'Several of your contributions have broken the rules of this community.'),
		('strikes', 'pt', 'Violações repetidas', 'Várias das suas contribuições violaram as regras desta comunidade.'),
		('check', 'en', 'Automatic check', 'An automatic check found something that is not allowed here.'),
		('check', 'pt', 'Verificação automática', 'Uma verificação automática encontrou algo que não é permitido aqui.'),
		('other', 'en', 'Rules of this community', 'This breaks the rules of this community.'),
		('other', 'pt', 'Regras desta comunidade', 'Isto viola as regras desta comunidade.')
	  ) w(code, locale, title, body)
	on conflict do nothing;
	$$;
revoke execute on function moderation_defaults(uuid) from atelier_app;

create function tenant_moderation_defaults() returns trigger
	language plpgsql security definer set search_path = public, pg_temp
	as $$
begin
	perform moderation_defaults(new.id);
	return null;
end
$$;
create trigger tenant_moderation_defaults after insert on tenants
	for each row execute function tenant_moderation_defaults();
select moderation_defaults(id) from tenants;
