/* lib/field_format.c - the shapes of text that fields can ask for: addresses, times, names, languages. */
#include "lib/field_private.h"

#include <ctype.h>

#define EMAIL_MAX 254
#define EMAIL_LOCAL_MAX 64
#define LABEL_MAX 63
#define URL_MAX 2048

static const char alnum[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

static size_t
span(const char *s, size_t n, const char *more)
{
	size_t i = 0;

	while (i < n && s[i] != '\0' && (strchr(alnum, s[i]) != NULL || strchr(more, s[i]) != NULL))
		i++;
	return i;
}

/* Labels of letters, digits and inner hyphens; how many, or 0. */
static int
host_labels(const char *s, size_t n)
{
	int labels = 0;

	for (;;) {
		size_t label = span(s, n, "-");

		if (label == 0 || label > LABEL_MAX || s[0] == '-' || s[label - 1] == '-')
			return 0;
		labels++;
		if (label == n)
			return labels;
		if (s[label] != '.')
			return 0;
		s += label + 1;
		n -= label + 1;
	}
}

static bool
is_email(const char *s, size_t n)
{
	size_t local = span(s, n, "!#$%&'*+-/=?^_`{|}~.");

	if (n > EMAIL_MAX || local == 0 || local > EMAIL_LOCAL_MAX || local + 1 >= n || s[local] != '@')
		return false;
	for (size_t i = 0; i < local; i++) {
		if (s[i] == '.' && (i == 0 || i + 1 == local || s[i + 1] == '.'))
			return false;
	}
	return host_labels(s + local + 1, n - local - 1) >= 2;
}

static bool
is_url(const char *s, size_t n)
{
	size_t host, port = 0, scheme = strncasecmp(s, "https://", 8) == 0 ? 8 : strncasecmp(s, "http://", 7) == 0 ? 7 : 0;

	if (scheme == 0 || n > URL_MAX)
		return false;
	for (size_t i = 0; i < n; i++) {
		if ((unsigned char)s[i] <= 0x20 || s[i] == 0x7f || strchr("\"<>\\^`{|}", s[i]) != NULL)
			return false;
	}
	s += scheme;
	host = strcspn(s, "/?#:");
	if (s[host] == ':')
		port = 1 + strspn(s + host + 1, "0123456789");
	return host_labels(s, host) > 0 && port != 1 && port <= 6 && strchr("/?#", s[host + port]) != NULL;
}

static bool
take_number(const char **s, int digits, int min, int max, int *out)
{
	int n = 0;

	for (; digits > 0; digits--, (*s)++) {
		if (!isdigit((unsigned char)**s))
			return false;
		n = n * 10 + (**s - '0');
	}
	*out = n;
	return n >= min && n <= max;
}

static bool
take_char(const char **s, const char *either)
{
	return **s != '\0' && strchr(either, **s) != NULL && (*s)++ != NULL;
}

static bool
take_date(const char **s)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int year, month, day;

	if (!take_number(s, 4, 1, 9999, &year) || !take_char(s, "-") || !take_number(s, 2, 1, 12, &month) ||
	    !take_char(s, "-") || !take_number(s, 2, 1, 31, &day))
		return false;
	if (month == 2 && day == 29)
		return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return day <= days[month - 1];
}

/* RFC 3339 with an offset: what PostgreSQL reads without a doubt about the zone. */
static bool
is_time(const char *s)
{
	int n;

	if (!take_date(&s) || !take_char(&s, "Tt ") || !take_number(&s, 2, 0, 23, &n) || !take_char(&s, ":") ||
	    !take_number(&s, 2, 0, 59, &n) || !take_char(&s, ":") || !take_number(&s, 2, 0, 60, &n))
		return false;
	if (take_char(&s, ".")) {
		size_t digits = strspn(s, "0123456789");

		if (digits == 0 || digits > 9)
			return false;
		s += digits;
	}
	if (take_char(&s, "Zz"))
		return *s == '\0';
	return take_char(&s, "+-") && take_number(&s, 2, 0, 15, &n) && take_char(&s, ":") && take_number(&s, 2, 0, 59, &n) &&
	    *s == '\0';
}

/* What a browser's field for a date gives: its first moment. */
static bool
is_day(const char *s)
{
	return take_date(&s) && *s == '\0';
}

static bool
is_language(const char *s, size_t n)
{
	size_t part = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

	if (part < 2 || part > 3 || n > 35)
		return false;
	for (; s[part] == '-'; part = span(s, strlen(s), "")) {
		s += part + 1;
		if (span(s, strlen(s), "") < 2 || span(s, strlen(s), "") > 8)
			return false;
	}
	return s[part] == '\0';
}

const char *
format_problem(enum field_format format, const char *text, size_t length)
{
	switch (format) {
	case FORMAT_ANY:
		break;
	case FORMAT_EMAIL:
		return is_email(text, length) ? NULL : "must be an e-mail address";
	case FORMAT_URL:
		return is_url(text, length) ? NULL : "must be an address that begins with http:// or https://";
	case FORMAT_TIME:
		return is_time(text) ? NULL : "must be a time like 2026-01-31T09:30:00Z";
	case FORMAT_DAY:
		return is_day(text) || is_time(text) ? NULL : "must be a date like 2026-01-31, or a time like 2026-01-31T09:30:00Z";
	case FORMAT_USERNAME:
		return span(text, length, "_") == length && length >= 3 && length <= 30
		    ? NULL
		    : "must have 3 to 30 letters, digits or underscores";
	case FORMAT_LANGUAGE:
		return is_language(text, length) ? NULL : "must be a language tag like en or pt-BR";
	}
	return NULL;
}

const char *
format_name(enum field_format format)
{
	return format == FORMAT_EMAIL ? "email" : format == FORMAT_URL ? "uri" : format == FORMAT_TIME ? "date-time" : NULL;
}

const char *
format_pattern(enum field_format format)
{
	return format == FORMAT_USERNAME ? "^[A-Za-z0-9_]{3,30}$"
	    : format == FORMAT_LANGUAGE  ? "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
					 : NULL;
}
