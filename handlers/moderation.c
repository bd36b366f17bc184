/* handlers/moderation.c - reports, the queue, decisions. The rules are functions of the database (doc/moderation.md), the
 * same ones that the admin pages call. */
#include "fcgi/app.h"

#define CATEGORIES                                                                                                     \
	"child_safety|self_harm|violence|sexual|hate|harassment|dangerous|privacy|copyright|impersonation|"            \
	"misinformation|spam|other"
#define ACTIONS "dismiss|hide|remove|restore|age_restrict|warn|suspend|ban"
#define BULK_MAX 500

struct report_new {
	const char *category, *text;
};

static const struct field report_new_fields[] = {
	FIELD(struct report_new, category, .required = true, .one_of = CATEGORIES),
	FIELD(struct report_new, text, .max = 2000),
	FIELD_END
};

struct video_report_new {
	const char *category, *text;
	double start_seconds, end_seconds;
	bool has_start, has_end;
};

static const struct field video_report_new_fields[] = {
	FIELD(struct video_report_new, category, .required = true, .one_of = CATEGORIES),
	FIELD(struct video_report_new, text, .max = 2000),
	FIELD(struct video_report_new, start_seconds, GIVEN(struct video_report_new, has_start), .min = 0, .max = 1e6),
	FIELD(struct video_report_new, end_seconds, GIVEN(struct video_report_new, has_end), .min = 0, .max = 1e6),
	FIELD_END
};

struct queue_filter {
	const char *kind, *category, *claimed;
	bool held, has_held;
};

static const struct field queue_filter_fields[] = {
	FIELD(struct queue_filter, kind, .one_of = "video|comment|user"),
	FIELD(struct queue_filter, category, .one_of = CATEGORIES "|review"),
	FIELD(struct queue_filter, claimed, .one_of = "me|nobody", .doc = "By whom; left out: by anybody or nobody."),
	FIELD(struct queue_filter, held, GIVEN(struct queue_filter, has_held), .doc = "Hidden until somebody decides."),
	FIELD_END
};

struct decided_filter {
	const char *kind;
};

static const struct field decided_filter_fields[] = {
	FIELD(struct decided_filter, kind, .one_of = "video|comment|user"),
	FIELD_END
};

#define REVIEW_FIELDS(type)                                                                                            \
	FIELD(type, action, .one_of = ACTIONS),                                                                        \
	FIELD(type, actions, .one_of = ACTIONS, .max_items = 4, .doc = "Instead of action: several at once."),         \
	FIELD(type, reason, .max = 40, .doc = "The code of a reason template; needed but for dismiss and restore."),   \
	FIELD(type, note, .max = 2000, .doc = "For moderators."),                                                      \
	FIELD(type, days, GIVEN(type, has_days), .min = 1, .max = 3650, .doc = "Of a suspension."),                    \
	FIELD(type, words, .max = 2000, .doc = "What the person is told, instead of the template's words."),           \
	FIELD(type, strike, GIVEN(type, has_strike)),                                                                  \
	FIELD(type, reply, .max = 2000, .doc = "To those who reported.")

struct review {
	const char *action, *reason, *note, *words, *reply;
	struct text_list actions;
	int64_t days;
	bool strike, has_days, has_strike;
};

static const struct field review_fields[] = { REVIEW_FIELDS(struct review), FIELD_END };

struct bulk_review {
	struct uuid_list case_ids;
	const char *action, *reason, *note, *words, *reply;
	struct text_list actions;
	int64_t days;
	bool strike, has_days, has_strike;
};

static const struct field bulk_review_fields[] = {
	FIELD(struct bulk_review, case_ids, .required = true, .min_items = 1, .max_items = BULK_MAX),
	REVIEW_FIELDS(struct bulk_review),
	FIELD_END
};

struct subject_review {
	const char *kind;
	struct uuid id;
	const char *action, *reason, *note, *words, *reply;
	struct text_list actions;
	int64_t days;
	bool strike, has_days, has_strike;
};

static const struct field subject_review_fields[] = {
	FIELD(struct subject_review, kind, .required = true, .one_of = "video|comment|user"),
	FIELD(struct subject_review, id, .required = true),
	REVIEW_FIELDS(struct subject_review),
	FIELD_END
};

struct assignment {
	struct uuid user_id;
};

static const struct field assignment_fields[] = {
	FIELD(struct assignment, user_id, .required = true),
	FIELD_END
};

#define REASON_FIELDS(type, is_needed)                                                                                  \
	FIELD(type, title, .required = is_needed, .min = 1, .max = 100),                                               \
	FIELD(type, body, .required = is_needed, .min = 1, .max = 2000, .doc = "What the person reads."),              \
	FIELD(type, strike, .one_of = "as_action|always|never", .doc = "Does a decision for this reason add a strike?")

struct reason_new {
	const char *code, *locale, *title, *body, *strike;
};

static const struct field reason_new_fields[] = {
	FIELD(struct reason_new, code, .required = true, .pattern = "^[a-z][a-z0-9_]{0,39}$"),
	FIELD(struct reason_new, locale, .required = true, .format = FORMAT_LANGUAGE, .max = 10),
	REASON_FIELDS(struct reason_new, true),
	FIELD_END
};

struct reason_patch {
	const char *title, *body, *strike;
	bool is_active, has_is_active;
};

static const struct field reason_patch_fields[] = {
	REASON_FIELDS(struct reason_patch, false),
	FIELD(struct reason_patch, is_active, GIVEN(struct reason_patch, has_is_active)),
	FIELD_END
};

struct moderation_rules {
	int64_t strike_days, strikes_to_suspend, suspend_days, strikes_to_ban, appeal_days, purge_days, dmca_days, claim_minutes,
	    hide_after_reports, review_first_videos, new_account_days, max_links, max_links_new;
	bool score_text, classify_frames, scan_files, monthly_report;
	bool has[17];
};

#define RULE(n, name, ...)                                                                                             \
	FIELD(struct moderation_rules, name, .given_offset = offsetof(struct moderation_rules, has) + (n), ##__VA_ARGS__)

static const struct field moderation_rules_fields[] = {
	RULE(0, strike_days, .min = 1, .max = 3650),
	RULE(1, strikes_to_suspend, .min = 0, .max = 100, .doc = "0: never."),
	RULE(2, suspend_days, .min = 1, .max = 3650),
	RULE(3, strikes_to_ban, .min = 0, .max = 100, .doc = "0: never."),
	RULE(4, appeal_days, .min = 1, .max = 365),
	RULE(5, purge_days, .min = 1, .max = 3650),
	RULE(6, dmca_days, .min = 10, .max = 14, .doc = "Business days."),
	RULE(7, claim_minutes, .min = 1, .max = 1440),
	RULE(8, hide_after_reports, .min = 0, .max = 1000, .doc = "0: never."),
	RULE(9, review_first_videos, .min = 0, .max = 100),
	RULE(10, new_account_days, .min = 0, .max = 365),
	RULE(11, max_links, .min = 0, .max = 1000),
	RULE(12, max_links_new, .min = 0, .max = 1000),
	RULE(13, score_text),
	RULE(14, classify_frames),
	RULE(15, scan_files),
	RULE(16, monthly_report, .doc = "A report of moderation when a month ends, among GET /content/reports of those who moderate."),
	FIELD_END
};

const struct route moderation_routes[] = {
	{ POST, "/videos/{id:uuid}/report", MAY_REPORT_CREATE, .body = SCHEMA(video_report_new), .query = Q_REPORT_VIDEO, .status = 201,
	  .doc = "Report a video. Another report on an open case takes the place of one's first." },
	{ POST, "/comments/{id:uuid}/report", MAY_REPORT_CREATE, .body = SCHEMA(report_new), .query = Q_REPORT_COMMENT, .status = 201,
	  .doc = "Report a comment." },
	{ POST, "/users/{id:user}/report", MAY_REPORT_CREATE, .body = SCHEMA(report_new), .query = Q_REPORT_USER, .status = 201,
	  .doc = "Report a person." },
	{ GET, "/users/me/reports", SIGNED_IN, .query = Q_REPORT_MINE_PAGE, .answer = ANSWER_CURSOR,
	  .doc = "What the caller has reported, and what became of it." },
	{ GET, "/moderation/queue", MAY_REPORT_REVIEW, .query_string = SCHEMA(queue_filter), .query = Q_CASE_QUEUE, .answer = ANSWER_PAGE,
	  .doc = "Open cases, the heaviest first." },
	{ GET, "/moderation/decided", MAY_REPORT_REVIEW, .query_string = SCHEMA(decided_filter), .query = Q_CASE_DECIDED,
	  .answer = ANSWER_CURSOR, .doc = "Decided cases, latest first." },
	{ GET, "/moderation/cases/{id:uuid}", MAY_REPORT_REVIEW, .query = Q_CASE_BY_ID,
	  .doc = "One case with its reports and the history of whom it concerns." },
	{ POST, "/moderation/cases/{id:uuid}/claim", MAY_REPORT_REVIEW, .query = Q_CASE_CLAIM,
	  .doc = "Take a case for a while (claimMinutes); again to keep it for longer." },
	{ DELETE, "/moderation/cases/{id:uuid}/claim", MAY_REPORT_REVIEW, .query = Q_CASE_RELEASE, .answer = ANSWER_NONE,
	  .doc = "Give a case back." },
	{ POST, "/moderation/cases/{id:uuid}/assign", MAY_REPORT_REVIEW, .body = SCHEMA(assignment), .query = Q_CASE_ASSIGN,
	  .doc = "Give a case to a colleague for a day." },
	{ POST, "/moderation/next", MAY_REPORT_REVIEW, .query = Q_CASE_CLAIM_NEXT,
	  .doc = "Take the heaviest case that nobody works on; 404 when there is none." },
	{ POST, "/moderation/review/{id:uuid}", MAY_REPORT_REVIEW, .drops_answers = true, .body = SCHEMA(review), .query = Q_CASE_DECIDE,
	  .status = 200, .doc = "Decide a case." },
	{ POST, "/moderation/review", MAY_REPORT_REVIEW, .drops_answers = true, .body = SCHEMA(bulk_review), .query = Q_CASES_DECIDE,
	  .answer = ANSWER_LIST, .status = 200, .doc = "Decide many cases at once; each tells whether it was decided, or why not." },
	{ POST, "/moderation/decide", MAY_REPORT_REVIEW, .drops_answers = true, .body = SCHEMA(subject_review), .query = Q_SUBJECT_DECIDE,
	  .status = 200, .doc = "Decide about something that nobody reported." },
	{ GET, "/moderation/reasons", MAY_REPORT_REVIEW, .query = Q_REASON_LIST, .answer = ANSWER_LIST, .doc = "The templates of reasons." },
	{ POST, "/moderation/reasons", MAY_TENANT_EDIT, .body = SCHEMA(reason_new), .query = Q_REASON_INSERT, .status = 201,
	  .doc = "Another template, or one in another language." },
	{ PATCH, "/moderation/reasons/{id:uuid}", MAY_TENANT_EDIT, .body = SCHEMA(reason_patch), .query = Q_REASON_UPDATE,
	  .doc = "Change a template, or take it out of use." },
	{ GET, "/moderation/settings", MAY_REPORT_REVIEW, .query = Q_MODERATION_SETTINGS, .doc = "How this community moderates." },
	{ PATCH, "/moderation/settings", MAY_TENANT_EDIT, .confirmed = true, .body = SCHEMA(moderation_rules), .query = Q_MODERATION_SETTINGS_UPDATE,
	  .doc = "Change how this community moderates." },
	ROUTE_END
};
