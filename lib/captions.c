/* lib/captions.c - see captions.h. Line by line: a line with an arrow begins a cue, an empty one ends it, and what stands
 * outside of cues (headers, numbers, notes, styles) is passed over. */
#include "lib/captions.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/utf8.h"

#define HOURS_MAX 99

struct reader {
	const char *at, *end; /* what was not read yet */
	const char *line;
	size_t length;
	int number;
};

static bool
next_line(struct reader *r)
{
	const char *p = r->at;

	if (p >= r->end)
		return false;
	while (p < r->end && *p != '\n' && *p != '\r')
		p++;
	r->line = r->at;
	r->length = (size_t)(p - r->at);
	if (p < r->end)
		p += *p == '\r' && p + 1 < r->end && p[1] == '\n' ? 2 : 1;
	r->at = p;
	r->number++;
	return true;
}

static bool
is_blank(const struct reader *r)
{
	for (size_t i = 0; i < r->length; i++)
		if (r->line[i] != ' ' && r->line[i] != '\t')
			return false;
	return true;
}

/* Digits of at most three places; -1: none. */
static int
read_digits(const char **p, const char *end, int places)
{
	int n = 0, i = 0;

	for (; i < places && *p < end && isdigit((unsigned char)**p); i++)
		n = n * 10 + *(*p)++ - '0';
	return i == 0 ? -1 : n;
}

/* [hh:]mm:ss with a comma or a dot and milliseconds; -1: not a time. */
static int64_t
read_time(const char **p, const char *end)
{
	int parts[3] = { 0 }, count = 0, ms = 0;

	while (*p < end && (**p == ' ' || **p == '\t'))
		++*p;
	for (; count < 3; count++) {
		if (count > 0 && (*p >= end || *(*p)++ != ':'))
			return -1;
		parts[count] = read_digits(p, end, 3);
		if (parts[count] < 0)
			return -1;
		if (count >= 1 && (*p >= end || **p != ':')) {
			count++;
			break;
		}
	}
	if (*p < end && (**p == '.' || **p == ',')) {
		++*p;
		ms = read_digits(p, end, 3);
	}
	if (ms < 0 || parts[count - 1] > 59 || parts[count - 2] > 59 || (count == 3 && parts[0] > HOURS_MAX))
		return -1;
	if (count == 2)
		return (parts[0] * INT64_C(60) + parts[1]) * 1000 + ms;
	return ((parts[0] * INT64_C(60) + parts[1]) * 60 + parts[2]) * 1000 + ms;
}

static const char *
find_arrow(const struct reader *r)
{
	for (size_t i = 0; i + 3 <= r->length; i++)
		if (memcmp(r->line + i, "-->", 3) == 0)
			return r->line + i;
	return NULL;
}

/* &lt; and its like are the signs themselves; the longest name has five letters. */
static size_t
unescape(const char *p, size_t left, char *out)
{
	static const struct {
		const char *name;
		char sign;
	} known[] = { { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&nbsp;", ' ' }, { "&quot;", '"' }, { "&#39;", '\'' },
		{ "&lrm;", 0 }, { "&rlm;", 0 } };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		size_t n = strlen(known[i].name);

		if (left >= n && memcmp(p, known[i].name, n) == 0) {
			*out = known[i].sign;
			return n;
		}
	}
	return 0;
}

/* A line without its tags: what stands between < and > is left out, a < that nothing closes is a sign like others. */
static void
add_words(struct buf *b, const struct reader *r)
{
	const char *p = r->line, *end = r->line + r->length;
	size_t begin = b->length;

	if (begin > 0)
		buf_add_char(b, '\n');
	while (p < end) {
		const char *close = *p == '<' ? memchr(p, '>', (size_t)(end - p)) : NULL;
		char sign = 0;
		size_t n;

		if (close != NULL) {
			p = close + 1;
			continue;
		}
		n = *p == '&' ? unescape(p, (size_t)(end - p), &sign) : 0;
		if (n == 0) {
			sign = *p;
			n = 1;
		}
		if ((unsigned char)sign >= ' ' && sign != 127)
			buf_add_char(b, sign);
		p += n;
	}
	while (b->length > begin && (b->data[b->length - 1] == ' ' || b->data[b->length - 1] == '\n'))
		b->length--;
}

/* The lines behind a cue's times. */
static const char *
read_words(void *mem, struct reader *r)
{
	struct buf b;

	buf_init(&b, mem, 128);
	while (next_line(r) && !is_blank(r) && b.length <= CAPTIONS_TEXT_MAX)
		add_words(&b, r);
	return b.length > CAPTIONS_TEXT_MAX ? NULL : buf_cstr(&b);
}

static int
by_start(const void *a, const void *b)
{
	const struct caption_cue *x = a, *y = b;

	return x->start_ms != y->start_ms ? (x->start_ms < y->start_ms ? -1 : 1) :
	    x->end_ms != y->end_ms        ? (x->end_ms < y->end_ms ? -1 : 1) :
	                                    strcmp(x->text, y->text);
}

/* NULL, or what is wrong with the cue whose times stand in the present line. */
static const char *
read_cue(void *mem, struct reader *r, const char *arrow, struct captions *out)
{
	const char *p = r->line, *end = r->line + r->length, *text;
	int64_t start = read_time(&p, arrow), until;
	int number = r->number;

	p = arrow + 3;
	until = read_time(&p, end);
	if (start < 0 || until < 0)
		return mem_printf(mem, "Line %d: these are no times of a caption.", number);
	if (until <= start)
		return mem_printf(mem, "Line %d: the caption ends before it begins.", number);
	text = read_words(mem, r);
	if (text == NULL)
		return mem_printf(mem, "Line %d: the caption is longer than %d bytes.", number, CAPTIONS_TEXT_MAX);
	if (*text == '\0')
		return NULL;
	if (out->count == CAPTIONS_CUES_MAX)
		return mem_printf(mem, "There are more than %d captions.", CAPTIONS_CUES_MAX);
	out->cues[out->count++] = (struct caption_cue){ .start_ms = start, .end_ms = until, .text = text };
	return NULL;
}

const char *
captions_read(void *mem, const char *bytes, size_t size, struct captions *out)
{
	struct reader r = { .at = bytes, .end = bytes + size };
	const char *arrow, *problem = NULL;

	*out = (struct captions){ .cues = mem_array(mem, struct caption_cue, CAPTIONS_CUES_MAX) };
	if (size > CAPTIONS_BYTES_MAX)
		return "The file is larger than a megabyte.";
	if (!utf8_is_valid(bytes, size) || memchr(bytes, '\0', size) != NULL)
		return "The file is not text in UTF-8.";
	if (size >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0)
		r.at += 3;
	while (problem == NULL && next_line(&r)) {
		arrow = find_arrow(&r);
		if (arrow != NULL)
			problem = read_cue(mem, &r, arrow, out);
	}
	if (problem == NULL && out->count == 0)
		problem = "There are no captions in this file. Send WebVTT or SubRip (.srt).";
	if (problem == NULL)
		qsort(out->cues, out->count, sizeof(*out->cues), by_start);
	return problem;
}

static void
write_time(struct buf *out, int64_t ms)
{
	buf_printf(out, "%02d:%02d:%02d.%03d", (int)(ms / 3600000), (int)(ms / 60000 % 60), (int)(ms / 1000 % 60), (int)(ms % 1000));
}

void
captions_cut(void *mem, const struct captions *c, int64_t start_ms, int64_t end_ms, struct captions *out)
{
	*out = (struct captions){ .cues = mem_array(mem, struct caption_cue, c->count + 1) };
	for (size_t i = 0; i < c->count; i++) {
		struct caption_cue cue = c->cues[i];

		if (cue.end_ms <= start_ms || (end_ms > 0 && cue.start_ms >= end_ms))
			continue;
		if (end_ms > 0 && cue.end_ms > end_ms)
			cue.end_ms = end_ms;
		cue.start_ms = cue.start_ms > start_ms ? cue.start_ms - start_ms : 0;
		cue.end_ms -= start_ms;
		out->cues[out->count++] = cue;
	}
}

void
captions_write_vtt(const struct captions *c, struct buf *out)
{
	buf_add_literal(out, "WEBVTT\n");
	for (size_t i = 0; i < c->count; i++) {
		buf_add_char(out, '\n');
		write_time(out, c->cues[i].start_ms);
		buf_add_literal(out, " --> ");
		write_time(out, c->cues[i].end_ms);
		buf_add_char(out, '\n');
		for (const char *p = c->cues[i].text; *p != '\0'; p++) {
			if (*p == '&')
				buf_add_literal(out, "&amp;");
			else if (*p == '<')
				buf_add_literal(out, "&lt;");
			else if (*p == '>')
				buf_add_literal(out, "&gt;");
			else
				buf_add_char(out, *p);
		}
		buf_add_char(out, '\n');
	}
}
