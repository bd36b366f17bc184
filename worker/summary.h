/* worker/summary.h - the figures and charts of a time, as reports and recap films show them; read by two named queries. */
#ifndef ATELIER_WORKER_SUMMARY_H
#define ATELIER_WORKER_SUMMARY_H

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
	size_t count;
	struct summary_figure bars[SUMMARY_BARS_MAX];
};

struct summary {
	size_t figure_count, chart_count;
	struct summary_figure figures[SUMMARY_FIGURES_MAX];
	struct summary_chart charts[SUMMARY_CHARTS_MAX];
};

/* "12,345", as the language (of po/) writes it; on mem. */
const char *summary_number(const void *mem, const char *language, double n);

#endif
