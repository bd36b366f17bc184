/* handlers/checks.c - what texts and videos are checked with; trying it on a text or a video. */
#include "fcgi/app.h"

struct word_new {
	const char *pattern, *action, *note;
	struct text_list applies_to;
	bool is_case_sensitive;
};

static const struct field word_new_fields[] = {
	FIELD(struct word_new, pattern, .required = true, .min = 1, .max = 300, .doc = "A regular expression without back-references."),
	FIELD(struct word_new, action, .required = true, .one_of = "allow|hold|reject"),
	FIELD(struct word_new, applies_to, .one_of = "title|description|comment|profile", .max_items = 4),
	FIELD(struct word_new, is_case_sensitive),
	FIELD(struct word_new, note, .max = 500),
	FIELD_END
};

struct text_try {
	const char *text, *field;
};

static const struct field text_try_fields[] = {
	FIELD(struct text_try, text, .required = true, .min = 1, .max = 10000),
	FIELD(struct text_try, field, .one_of = "title|description|comment|profile"),
	FIELD_END
};

struct video_try {
	struct uuid video_id;
};

static const struct field video_try_fields[] = {
	FIELD(struct video_try, video_id, .required = true),
	FIELD_END
};

struct blocked_new {
	struct uuid video_id;
	const char *label, *action;
};

static const struct field blocked_new_fields[] = {
	FIELD(struct blocked_new, video_id, .required = true, .doc = "A video of this community; it may be removed."),
	FIELD(struct blocked_new, label, .required = true, .min = 1, .max = 200),
	FIELD(struct blocked_new, action, .one_of = "hold|block", .doc = "What happens to another video that is like it."),
	FIELD_END
};

const struct route checks_routes[] = {
	{ GET, "/moderation/watched-words", MAY_REPORT_REVIEW, .query = Q_WATCHED_WORD_LIST, .answer = ANSWER_LIST,
	  .doc = "The expressions that texts are looked at with." },
	{ POST, "/moderation/watched-words", MAY_REPORT_REVIEW, .body = SCHEMA(word_new), .query = Q_WATCHED_WORD_INSERT, .status = 201,
	  .doc = "Watch for an expression. One that could take long is refused." },
	{ DELETE, "/moderation/watched-words/{id:uuid}", MAY_REPORT_REVIEW, .query = Q_WATCHED_WORD_DELETE, .answer = ANSWER_NONE,
	  .doc = "Watch for it no longer." },
	{ POST, "/moderation/check-text", MAY_REPORT_REVIEW, .body = SCHEMA(text_try), .query = Q_TEXT_CHECK, .status = 200,
	  .doc = "What would be said of a text (from somebody new)." },
	{ GET, "/moderation/try-text", MAY_REPORT_REVIEW, .query_string = SCHEMA(text_try), .query = Q_TEXT_CHECK,
	  .doc = "The same as check-text, for a short text." },
	{ POST, "/moderation/check-video", MAY_REPORT_REVIEW, .body = SCHEMA(video_try), .query = Q_VIDEO_CHECK_ASK, .status = 202,
	  .doc = "Compare the pictures and the sound of a video with the blocklist anew. jobId is null when that waits already." },
	{ POST, "/moderation/check-audio", MAY_REPORT_REVIEW, .body = SCHEMA(video_try), .query = Q_VIDEO_CHECK_ASK, .status = 202,
	  .doc = "The same as check-video: one job looks at both." },
	{ GET, "/moderation/blocklist", MAY_REPORT_REVIEW, .query = Q_BLOCKED_MEDIA_LIST, .answer = ANSWER_LIST,
	  .doc = "Videos that are not wanted again; how many prints of pictures and sound each has." },
	{ POST, "/moderation/blocklist", MAY_REPORT_REVIEW, .body = SCHEMA(blocked_new), .query = Q_BLOCKED_MEDIA_INSERT, .status = 201,
	  .doc = "Do not let a video in again. A worker takes its prints, and compares what was uploaded earlier with them." },
	{ DELETE, "/moderation/blocklist/{id:uuid}", MAY_REPORT_REVIEW, .query = Q_BLOCKED_MEDIA_DELETE, .answer = ANSWER_NONE,
	  .doc = "Let it in again." },
	ROUTE_END
};
