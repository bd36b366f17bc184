/* handlers/appeals.c - what one can say against a decision, copyright notices, and what the public is told of both. */
#include "fcgi/app.h"

struct appeal_new {
	struct uuid decision_id;
	const char *text;
};

static const struct field appeal_new_fields[] = {
	FIELD(struct appeal_new, decision_id, .required = true),
	FIELD(struct appeal_new, text, .required = true, .min = 1, .max = 5000),
	FIELD_END
};

struct appeal_filter {
	const char *state;
};

static const struct field appeal_filter_fields[] = {
	FIELD(struct appeal_filter, state, .one_of = "open|granted|denied", .dflt = "open"),
	FIELD_END
};

struct appeal_answer {
	bool granted, has_granted;
	const char *answer, *note;
};

static const struct field appeal_answer_fields[] = {
	FIELD(struct appeal_answer, granted, .required = true, GIVEN(struct appeal_answer, has_granted)),
	FIELD(struct appeal_answer, answer, .required = true, .min = 1, .max = 2000, .doc = "What the person is told."),
	FIELD(struct appeal_answer, note, .max = 2000, .doc = "For moderators."),
	FIELD_END
};

struct notice_new {
	struct uuid video_id;
	const char *name, *email, *postal_address, *on_behalf_of, *work, *signature;
	bool good_faith, under_perjury;
};

static const struct field notice_new_fields[] = {
	FIELD(struct notice_new, video_id, .required = true),
	FIELD(struct notice_new, name, .required = true, .min = 1, .max = 200),
	FIELD(struct notice_new, email, .required = true, .format = FORMAT_EMAIL, .max = 254),
	FIELD(struct notice_new, postal_address, .required = true, .min = 1, .max = 500),
	FIELD(struct notice_new, on_behalf_of, .max = 200),
	FIELD(struct notice_new, work, .required = true, .min = 1, .max = 5000, .doc = "What is infringed, and where the original is."),
	FIELD(struct notice_new, signature, .required = true, .min = 1, .max = 200),
	FIELD(struct notice_new, good_faith, .required = true, .doc = "The claimant believes in good faith that the use is not authorised."),
	FIELD(struct notice_new, under_perjury, .required = true, .doc = "All of this is true, under penalty of perjury."),
	FIELD_END
};

struct counter_new {
	const char *name, *postal_address, *statement, *signature;
};

static const struct field counter_new_fields[] = {
	FIELD(struct counter_new, name, .required = true, .min = 1, .max = 200),
	FIELD(struct counter_new, postal_address, .required = true, .min = 1, .max = 500),
	FIELD(struct counter_new, statement, .required = true, .min = 1, .max = 5000),
	FIELD(struct counter_new, signature, .required = true, .min = 1, .max = 200),
	FIELD_END
};

struct notice_filter {
	const char *state;
};

static const struct field notice_filter_fields[] = {
	FIELD(struct notice_filter, state, .one_of = "received|rejected|taken_down|countered|restored|upheld|withdrawn"),
	FIELD_END
};

struct notice_act {
	const char *action, *note;
};

static const struct field notice_act_fields[] = {
	FIELD(struct notice_act, action, .required = true, .one_of = "take_down|reject|uphold|withdraw|restore"),
	FIELD(struct notice_act, note, .max = 2000),
	FIELD_END
};

struct span {
	const char *from, *until;
};

static const struct field span_fields[] = {
	FIELD(struct span, from, .format = FORMAT_DAY, .doc = "Left out: the beginning of this year."),
	FIELD(struct span, until, .format = FORMAT_DAY),
	FIELD_END
};

struct month_count {
	int64_t months;
};

static const struct field month_count_fields[] = {
	FIELD(struct month_count, months, .min = 1, .max = 60, .dflt = "12"),
	FIELD_END
};

const struct route appeals_routes[] = {
	{ GET, "/users/me/decisions", SIGNED_IN, .query = Q_DECISION_MINE, .answer = ANSWER_CURSOR,
	  .doc = "What moderators decided about the caller and their things." },
	{ POST, "/appeals", MAY_APPEAL_CREATE, .body = SCHEMA(appeal_new), .query = Q_APPEAL_FILE, .status = 201,
	  .doc = "Appeal against a decision, once. Suspended people can, too." },
	{ GET, "/appeals", SIGNED_IN, .query = Q_APPEAL_MINE, .answer = ANSWER_LIST, .doc = "The caller's appeals." },
	{ GET, "/moderation/appeals", MAY_REPORT_REVIEW, .query_string = SCHEMA(appeal_filter), .query = Q_APPEAL_QUEUE,
	  .answer = ANSWER_PAGE, .doc = "Appeals, the oldest first." },
	{ POST, "/moderation/appeals/{id:uuid}/claim", MAY_REPORT_REVIEW, .query = Q_APPEAL_CLAIM,
	  .doc = "Take an appeal for a while. Not whoever made the decision." },
	{ POST, "/moderation/appeals/{id:uuid}", MAY_REPORT_REVIEW, .drops_answers = true, .body = SCHEMA(appeal_answer),
	  .query = Q_APPEAL_DECIDE, .status = 200, .doc = "Grant or deny an appeal. Not whoever made the decision." },
	{ POST, "/dmca/notices", PUBLIC, .rate = RATE_WEBHOOK, .body = SCHEMA(notice_new), .query = Q_DMCA_FILE, .status = 201,
	  .doc = "Say that a video infringes a copyright. Needs no account." },
	{ GET, "/users/me/dmca-notices", SIGNED_IN, .query = Q_DMCA_MINE, .answer = ANSWER_LIST, .doc = "Notices about the caller's videos." },
	{ POST, "/dmca/notices/{id:uuid}/counter", MAY_APPEAL_CREATE, .body = SCHEMA(counter_new), .query = Q_DMCA_COUNTER, .status = 200,
	  .doc = "The author's counter-notice: unless the claimant goes to court, the video is back after dmcaDays business days." },
	{ GET, "/moderation/dmca", MAY_REPORT_REVIEW, .query_string = SCHEMA(notice_filter), .query = Q_DMCA_PAGE,
	  .answer = ANSWER_CURSOR, .doc = "Copyright notices, latest first." },
	{ POST, "/moderation/dmca/{id:uuid}", MAY_REPORT_REVIEW, .drops_answers = true, .body = SCHEMA(notice_act), .query = Q_DMCA_ACT,
	  .status = 200, .doc = "Take down, reject, uphold (the claimant went to court), withdraw or restore." },
	{ GET, "/moderation/months", MAY_REPORT_REVIEW, .query_string = SCHEMA(month_count), .query = Q_MODERATION_MONTHS,
	  .answer = ANSWER_LIST, .doc = "The figures of moderation by month." },
	{ GET, "/transparency", PUBLIC, .cache_s = 1, .query_string = SCHEMA(span), .query = Q_TRANSPARENCY,
	  .doc = "How much was reported, decided, appealed and taken down." },
	ROUTE_END
};
