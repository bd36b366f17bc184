/* worker/summary.h - the figures and charts of a time, as reports and recap films show them; read by two named queries. And how
 * people write numbers and days of them. */
#ifndef ATELIER_WORKER_SUMMARY_H
#define ATELIER_WORKER_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>

#define SUMMARY_FIGURES_MAX 12
#define SUMMARY_CHARTS_MAX 6
#define SUMMARY_BARS_MAX 40

struct summary_figure {
	const char *label; /* English, translated when it is shown, where it is a word of ours */
	double value;
};

struct summary_chart {
	const char *title;
	bool is_by_time; /* its labels are months or days, one after the other; otherwise the greatest comes first */
	size_t count;
	struct summary_figure bars[SUMMARY_BARS_MAX];
};

struct summary {
	size_t figure_count, chart_count;
	struct summary_figure figures[SUMMARY_FIGURES_MAX];
	struct summary_chart charts[SUMMARY_CHARTS_MAX];
};

/* Adds a figure behind the one of that label, or as the last; NAN: nobody knows it. What is more than fits is left out. */
void summary_add_figure(struct summary *s, const char *behind, const char *label, double value);

/* Adds a bar to the chart of that title, or to a new one; on mem. What is more than fits is left out. */
void summary_add_bar(const void *mem, struct summary *s, const char *title, const char *label, double value);

/* The greatest value of a chart; 0 when there is none. */
double summary_most(const struct summary_chart *c);

/* Is there anything to draw? */
bool summary_has_values(const struct summary_chart *c);

/* "12,345", as the language (of po/) writes it; "unknown" of what is no number; on mem. */
const char *summary_number(const void *mem, const char *language, double n);

/* The word for a code of the API ("age_restrict"): "Restrict by age". One that has none comes as it is, with spaces. On mem. */
const char *summary_code(const void *mem, const char *language, const char *code);

/* Is it a month, "2026-03"? Or a month or a day, "2026-03-05"? */
bool summary_is_month(const char *text);
bool summary_is_time(const char *text);
/* "March 2026" of "2026-03". On mem. */
const char *summary_month(const void *mem, const char *language, const char *month);
/* What stands below a column of that time, "Mar" or "5"; and once for all columns of its year or month: "2026", "Mar 2026". On mem. */
const char *summary_time(const void *mem, const char *language, const char *time);
const char *summary_era(const void *mem, const char *language, const char *time);
/* From the first to the last of two days ("2026-01-31"): "2026", "March 2026" or "5 March 2026 – 4 March 2027". On mem. */
const char *summary_period(const void *mem, const char *language, const char *first, const char *last);
/* "5 March 2026" */
const char *summary_day(const void *mem, const char *language, const char *day);

#endif
