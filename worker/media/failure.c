/* failure.c - the tables of failures and warnings as text, and how a failure is filled. */
#include "worker/media/internal.h"

static const struct {
	const char *reason, *message;
} failures[MEDIA_FAILURE_COUNT] = {
	[MEDIA_OK] = { "ok", "" },
#define X(name, word, text) [MEDIA_##name] = { word, text },
#include "worker/media/failures.def"
#undef X
};

static const struct {
	const char *word, *message;
} warnings[MEDIA_WARNING_COUNT] = {
#define X(name, code, text) [MEDIA_WARN_##name] = { code, text },
#include "worker/media/warnings.def"
#undef X
};

const char *
media_failure_reason(enum media_failure_code code)
{
	return failures[code].reason;
}

const char *
media_failure_message(enum media_failure_code code)
{
	return failures[code].message;
}

const char *
warning_word(enum media_warning_code code)
{
	return warnings[code].word;
}

const char *
warning_message(enum media_warning_code code)
{
	return warnings[code].message;
}

int
media_fail(struct media_failure *failure, enum media_failure_code code, int averror, const char *where)
{
	char lines[320], text[AV_ERROR_MAX_STRING_SIZE] = "";

	media_log_last(lines, sizeof(lines));
	if (averror < 0)
		av_strerror(averror, text, sizeof(text));
	failure->code = code;
	failure->reason = failures[code].reason;
	failure->message = failures[code].message;
	snprintf(failure->detail, sizeof(failure->detail), "%s%s%s%s%s", where, text[0] ? ": " : "", text, lines[0] ? " | " : "",
	    lines);
	return code;
}

int
media_fail_output(struct media_failure *failure, int averror, const char *where)
{
	bool full = averror == AVERROR(ENOSPC) || averror == AVERROR(EDQUOT) || averror == AVERROR(EFBIG);

	return media_fail(failure, full ? MEDIA_DISK_FULL : MEDIA_OUTPUT, averror, where);
}
