/* worker/summary.c - see summary.h. */
#include "worker/summary.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/xslt.h"

void
summary_add_bar(const void *mem, struct summary *s, const char *title, const char *label, double value)
{
	struct summary_chart *c = s->chart_count > 0 ? &s->charts[s->chart_count - 1] : NULL;

	if (c == NULL || strcmp(c->title, title) != 0) {
		if (s->chart_count == SUMMARY_CHARTS_MAX)
			return;
		c = &s->charts[s->chart_count++];
		c->title = mem_strdup(mem, title);
		c->is_by_time = summary_is_time(label);
	}
	if (c->count < SUMMARY_BARS_MAX)
		c->bars[c->count++] = (struct summary_figure){ mem_strdup(mem, label), value };
}

void
summary_add_figure(struct summary *s, const char *behind, const char *label, double value)
{
	size_t at = 0;

	if (s->figure_count == SUMMARY_FIGURES_MAX)
		return;
	while (at < s->figure_count && strcmp(s->figures[at].label, behind) != 0)
		at++;
	if (at < s->figure_count)
		at++;
	memmove(&s->figures[at + 1], &s->figures[at], (s->figure_count - at) * sizeof(s->figures[0]));
	s->figures[at] = (struct summary_figure){ label, value };
	s->figure_count++;
}

double
summary_most(const struct summary_chart *c)
{
	double most = 0;

	for (size_t i = 0; i < c->count; i++)
		most = fmax(most, c->bars[i].value);
	return most;
}

bool
summary_has_values(const struct summary_chart *c)
{
	return c->count > 0 && summary_most(c) > 0;
}

static bool
is_portuguese(const char *language)
{
	return strcmp(language, "pt") == 0;
}

const char *
summary_number(const void *mem, const char *language, double n)
{
	char plain[32];
	char separator = is_portuguese(language) ? '.' : ',';
	char *out = mem_size(mem, 48), *o = out;
	size_t length;

	if (isnan(n))
		return xslt_word(language, "unknown");
	snprintf(plain, sizeof(plain), "%.0f", n);
	length = strlen(plain);
	for (size_t i = 0; i < length; i++) {
		if (i > 0 && plain[i - 1] != '-' && (length - i) % 3 == 0)
			*o++ = separator;
		*o++ = plain[i];
	}
	*o = '\0';
	return out;
}

/* --- codes, in the words of templates/admin/codes.xsl --- */

static const struct {
	const char *code, *word;
} codes[] = {
	{ "dismiss", "Dismiss" }, { "hide", "Hide" }, { "remove", "Remove" }, { "restore", "Restore" }, { "age_restrict", "Restrict by age" },
	{ "warn", "Warning" }, { "suspend", "Suspension" }, { "ban", "Ban" }, { "child_safety", "Safety of children" }, { "self_harm", "Self-harm" },
	{ "violence", "Violence" }, { "sexual", "Sexual content" }, { "hate", "Hate" }, { "harassment", "Harassment" }, { "dangerous", "Dangerous" },
	{ "privacy", "Privacy" }, { "copyright", "Copyright" }, { "impersonation", "Impersonation" }, { "misinformation", "Misinformation" },
	{ "spam", "Spam" }, { "review", "Review before publishing" }, { "other", "Other" }, { "video", "Video" }, { "comment", "Comment" },
	{ "user", "Person" }, { "direct", "Directly" }, { "internal", "From here" }, { "search", "Search engines" }, { "social", "Social networks" },
	{ "desktop", "Computer" }, { "mobile", "Phone" }, { "tablet", "Tablet" }, { "tv", "Television" },
};

const char *
summary_code(const void *mem, const char *language, const char *code)
{
	char *plain;

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (strcmp(codes[i].code, code) == 0)
			return xslt_word(language, codes[i].word);
	plain = mem_strdup(mem, code);
	for (char *p = plain; *p != '\0'; p++)
		if (*p == '_')
			*p = ' ';
	return plain;
}

/* --- days --- */

static bool
is_month(const char *text)
{
	return strspn(text, "0123456789") == 4 && text[4] == '-' && strspn(text + 5, "0123456789") == 2;
}

bool
summary_is_month(const char *text)
{
	return strlen(text) == 7 && is_month(text);
}

bool
summary_is_time(const char *text)
{
	return summary_is_month(text) || (strlen(text) == 10 && is_month(text) && text[7] == '-' && strspn(text + 8, "0123456789") == 2);
}

static const char *
month_name(const char *language, const char *day)
{
	static const char *const names[12] = { "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
		"December" };
	long n = strtol(day + 5, NULL, 10);

	return xslt_word(language, names[n < 1 || n > 12 ? 0 : n - 1]);
}

const char *
summary_month(const void *mem, const char *language, const char *month)
{
	return mem_printf(mem, "%s %.4s", month_name(language, month), month);
}

/* The first three letters of its name. */
static const char *
month_brief(const void *mem, const char *language, const char *month)
{
	const char *name = month_name(language, month);
	size_t bytes = 0;

	for (int letters = 0; name[bytes] != '\0'; bytes++)
		if (((unsigned char)name[bytes] & 0xc0) != 0x80 && letters++ == 3)
			break;
	return mem_strndup(mem, name, bytes);
}

const char *
summary_time(const void *mem, const char *language, const char *time)
{
	return summary_is_month(time) ? month_brief(mem, language, time) : mem_printf(mem, "%ld", strtol(time + 8, NULL, 10));
}

const char *
summary_era(const void *mem, const char *language, const char *time)
{
	return summary_is_month(time) ? mem_printf(mem, "%.4s", time) : mem_printf(mem, "%s %.4s", month_brief(mem, language, time), time);
}

const char *
summary_day(const void *mem, const char *language, const char *day)
{
	char *name = mem_strdup(mem, month_name(language, day));
	long n = strtol(day + 8, NULL, 10);

	if (!is_portuguese(language))
		return mem_printf(mem, "%ld %s %.4s", n, name, day);
	name[0] = (char)tolower((unsigned char)name[0]);
	return mem_printf(mem, "%ld de %s de %.4s", n, name, day);
}

static int
days_of_month(const char *day)
{
	static const int days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	long year = strtol(day, NULL, 10), month = strtol(day + 5, NULL, 10);
	bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month < 1 || month > 12 ? 0 : days[month - 1] + (month == 2 && is_leap);
}

const char *
summary_period(const void *mem, const char *language, const char *first, const char *last)
{
	bool is_one_year = strncmp(first, last, 4) == 0;

	if (is_one_year && strcmp(first + 4, "-01-01") == 0 && strcmp(last + 4, "-12-31") == 0)
		return mem_printf(mem, "%.4s", first);
	if (strncmp(first, last, 7) == 0 && strcmp(first + 8, "01") == 0 && strtol(last + 8, NULL, 10) == days_of_month(last))
		return summary_month(mem, language, first);
	return mem_printf(mem, "%s – %s", summary_day(mem, language, first), summary_day(mem, language, last));
}
