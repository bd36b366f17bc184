/* lib/field_check.c - the rules of a field, said to people when they are broken. */
#include "lib/field_private.h"

#include <regex.h>
#include <stdarg.h>

#include "lib/errors.h"
#include "lib/mem.h"
#include "lib/utf8.h"

#define PATTERNS_KEPT 32

bool
field_wrong(struct field_reader *r, const char *path, const char *fmt, ...)
{
	va_list ap;
	char *message;

	va_start(ap, fmt);
	message = mem_checked(talloc_vasprintf(r->mem, fmt, ap));
	va_end(ap);
	r->tell(r->arg, path, message);
	r->has_invalid = true;
	return false;
}

void
field_unknown(struct field_reader *r, const char *path)
{
	r->tell(r->arg, path, "is not known here");
	r->has_unknown = true;
}

int
field_result(const struct field_reader *r)
{
	return r->has_invalid ? ERR_VALIDATION_ERROR : r->has_unknown ? ERR_UNKNOWN_FIELD : 0;
}

/* No list of choices is long: a look through the text beats anything kept. */
static bool
is_one_of(const char *choices, const char *text, size_t length)
{
	for (const char *c = choices;; c++) {
		size_t n = strcspn(c, "|");

		if (n == length && memcmp(c, text, n) == 0)
			return true;
		c += n;
		if (*c == '\0')
			return false;
	}
}

static const char *
choices_in_words(void *mem, const char *one_of)
{
	struct buf b;

	buf_init(&b, mem, strlen(one_of) * 2);
	for (const char *c = one_of; *c != '\0'; c++) {
		if (*c == '|')
			buf_add_literal(&b, ", ");
		else
			buf_add_char(&b, *c);
	}
	return buf_cstr(&b);
}

/* Patterns are literals of tables: compiled once, kept for the life of the process, known by their address. */
static bool
matches(const char *pattern, const char *text)
{
	static struct {
		const char *pattern;
		regex_t compiled;
	} kept[PATTERNS_KEPT];
	size_t i;
	regex_t once;
	bool result;

	for (i = 0; i < PATTERNS_KEPT && kept[i].pattern != NULL; i++) {
		if (kept[i].pattern == pattern)
			return regexec(&kept[i].compiled, text, 0, NULL, 0) == 0;
	}
	if (regcomp(&once, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		abort(); /* a wrong pattern: ours */
	result = regexec(&once, text, 0, NULL, 0) == 0;
	if (i == PATTERNS_KEPT) {
		regfree(&once);
		return result;
	}
	kept[i].compiled = once;
	kept[i].pattern = pattern;
	return result;
}

/* Control characters, and what XML cannot hold: nobody types them, and pages, mails and reports would break. */
static bool
has_bad_character(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if ((c < 0x20 && c != '\n' && c != '\t' && c != '\r') || c == 0x7f)
			return true;
		if (c == 0xef && n - i >= 3 && (unsigned char)s[i + 1] == 0xbf && (unsigned char)s[i + 2] >= 0xbe)
			return true;
	}
	return false;
}

static const char *
plural(double n)
{
	return n == 1 ? "" : "s";
}

static bool
check_length(struct field_reader *r, const char *path, const char *text, size_t length, double min, double max)
{
	double count;

	if ((double)length < min)
		count = (double)length; /* bytes are never fewer than characters */
	else if (min <= 1 && (max <= 0 || (double)length <= max))
		return length > 0 || min <= 0 || field_wrong(r, path, "must not be empty");
	else
		count = (double)utf8_count(text, length);
	if (count < min && count == 0)
		return field_wrong(r, path, "must not be empty");
	if (count < min)
		return field_wrong(r, path, "must have at least %.0f character%s", min, plural(min));
	if (max > 0 && count > max)
		return field_wrong(r, path, "must have at most %.0f character%s", max, plural(max));
	return true;
}

bool
field_check_text(struct field_reader *r, const struct field *f, const char *path, const char *text, size_t length,
    double min, double max)
{
	const char *what;

	if (f->one_of != NULL)
		return is_one_of(f->one_of, text, length) ||
		    field_wrong(r, path, "must be one of %s", choices_in_words(r->mem, f->one_of));
	if (has_bad_character(text, length))
		return field_wrong(r, path, "has a character that cannot be kept");
	if (!check_length(r, path, text, length, min, max))
		return false;
	what = format_problem(f->format, text, length);
	if (what != NULL)
		return field_wrong(r, path, "%s", what);
	if (f->pattern != NULL && !matches(f->pattern, text))
		return field_wrong(r, path, "must match %s", f->pattern);
	return true;
}

bool
field_has_max(const struct field *f)
{
	return (f->min != 0 || f->max != 0) && f->max >= f->min;
}

bool
field_check_number(struct field_reader *r, const struct field *f, const char *path, double n)
{
	bool has_min = f->min != 0 || f->max != 0, has_max = field_has_max(f);

	if ((!has_min || n >= f->min) && (!has_max || n <= f->max))
		return true;
	if (has_min && has_max)
		return field_wrong(r, path, "must be from %.15g to %.15g", f->min, f->max);
	return field_wrong(r, path, "must be %.15g or more", f->min);
}

bool
field_check_count(struct field_reader *r, const struct field *f, const char *path, size_t count)
{
	if ((double)count < f->min_items)
		return field_wrong(r, path, "must have at least %.0f item%s", f->min_items, plural(f->min_items));
	if (f->max_items > 0 && (double)count > f->max_items)
		return field_wrong(r, path, "must have at most %.0f item%s", f->max_items, plural(f->max_items));
	return true;
}
