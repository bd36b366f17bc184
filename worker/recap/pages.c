/* pages.c - scenes that show many things at once: figures, charts, cards. */
#include <math.h>

#include "worker/recap/internal.h"

void
draw_figures(struct stage *s)
{
	const struct summary *sum = &s->recap->summary;
	struct box box = stage_headed(s, stage_word(s, "In numbers"));
	size_t columns = is_tall(s) ? 2 : 3, rows = (sum->figure_count + columns - 1) / columns;
	double gap = 30 * s->unit, width = (box.width - gap * (double)(columns - 1)) / (double)columns,
	       height = fmin((box.height - gap * (double)(rows - 1)) / (double)rows, (is_tall(s) ? 420 : 330) * s->unit);

	for (size_t i = 0; i < sum->figure_count; i++) {
		struct box b = { box.x + (double)(i % columns) * (width + gap), box.y + (double)(i / columns) * (height + gap), width, height };
		double at = 0.2 + 0.12 * (double)i, pad = 34 * s->unit;

		stage_rect(s, b, 24 * s->unit, s->look->sheet, s->look->card, at, ARRIVE_RISE);
		stage_number(s, sum->figures[i].value, (struct box){ b.x + pad, b.y + height * 0.16, width - 2 * pad, height * 0.46 }, 112, VOICE_ACCENT, ALIGN_START,
		    at + 0.2);
		stage_text(s, stage_word(s, sum->figures[i].label), (struct box){ b.x + pad, b.y + height * 0.64, width - 2 * pad, height * 0.3 }, 38, VOICE_BODY,
		    ALIGN_START, at + 0.2);
	}
}

#define COLUMNS_MAX 13 /* a year that begins in the middle of a month */

/* What is in order of time: columns, the last ones. */
static void
draw_columns(struct stage *s, const struct summary_chart *c, struct box box)
{
	size_t count = FFMIN(c->count, COLUMNS_MAX), from = c->count - count;
	const char *language = s->recap->language;
	double slot = box.width / (double)count, label = 56 * s->unit, number = 60 * s->unit, room = box.height - label - number, most = fmax(summary_most(c), 1);

	stage_rect(s, (struct box){ box.x, box.y + number + room, box.width, 4 * s->unit }, 2, s->look->quiet, 0.5, 0.1, ARRIVE_GROW);
	for (size_t i = 0; i < count; i++) {
		const struct summary_figure *f = &c->bars[from + i];
		double height = room * f->value / most, x = box.x + slot * (double)i, at = 0.25 + 0.07 * (double)i;
		bool is_most = f->value >= most && f->value > 0;

		if (height >= 2)
			stage_rect(s, (struct box){ x + slot * 0.17, box.y + number + room - height, slot * 0.66, height }, 10 * s->unit,
			    is_most ? s->look->accent : s->look->second, is_most ? 1 : 0.85, at, ARRIVE_TOWER);
		if (f->value > 0)
			stage_text(s, summary_number(s->mem, language, f->value), (struct box){ x, box.y + room - height + 8 * s->unit, slot, number }, 36,
			    is_most ? VOICE_ACCENT : VOICE_BODY, ALIGN_CENTRE, at + 0.35);
		stage_text(s, summary_time(s->mem, language, f->label), (struct box){ x, box.y + number + room + 12 * s->unit, slot, label }, 32, VOICE_QUIET, ALIGN_CENTRE, at);
	}
}

/* What has its greatest first: bars. */
static void
draw_bars(struct stage *s, const struct summary_chart *c, struct box box)
{
	size_t count = FFMIN(c->count, is_tall(s) ? 8 : 6);
	double row = fmin(box.height / (double)count, 150 * s->unit), most = fmax(summary_most(c), 1), number = 190 * s->unit;

	for (size_t i = 0; i < count; i++) {
		double y = box.y + row * (double)i, at = 0.2 + 0.12 * (double)i, high = row * 0.46;
		struct rgb colour = i == 0 ? s->look->accent : s->look->second;

		stage_text(s, c->bars[i].label, (struct box){ box.x, y, box.width - number, high }, 40, VOICE_BODY, ALIGN_START, at);
		stage_rect(s, (struct box){ box.x, y + row * 0.56, box.width - number, row * 0.2 }, row, s->look->ink, s->look->card, at, ARRIVE_FADE);
		stage_rect(s, (struct box){ box.x, y + row * 0.56, fmax((box.width - number) * c->bars[i].value / most, row * 0.2), row * 0.2 }, row, colour, 1, at + 0.1,
		    ARRIVE_GROW);
		stage_text(s, summary_number(s->mem, s->recap->language, c->bars[i].value), (struct box){ box.x + box.width - number + 40 * s->unit, y + row * 0.3, number - 40 * s->unit, row * 0.5 },
		    52, i == 0 ? VOICE_ACCENT : VOICE_HEADING, ALIGN_START, at + 0.3);
	}
}

void
draw_chart(struct stage *s, const struct scene *scene)
{
	const struct summary_chart *c = &s->recap->summary.charts[scene->index];
	struct box box = stage_headed(s, stage_word(s, c->title));
	double most = (c->is_by_time ? 980 : 1300) * s->unit;

	box.y += fmax(0, (box.height - most) / 2); /* tall films have more room than a chart can use */
	box.height = fmin(box.height, most);
	(c->is_by_time ? draw_columns : draw_bars)(s, c, box);
}

void
draw_cards(struct stage *s, const struct scene *scene)
{
	const struct recap *r = s->recap;
	struct box box = stage_headed(s, r->months[r->items[scene->index].month].name);
	size_t columns = is_tall(s) ? 1 : 2, rows = CARDS / columns;
	double gap = 26 * s->unit, width = (box.width - gap * (double)(columns - 1)) / (double)columns, height = (box.height - gap * (double)(rows - 1)) / (double)rows;

	for (size_t i = 0; i < scene->count + (scene->more > 0); i++) {
		struct box b = { box.x + (double)(i % columns) * (width + gap), box.y + (double)(i / columns) * (height + gap), width, height };
		double at = 0.1 + 0.1 * (double)i, pad = 28 * s->unit;
		const struct recap_item *item = &r->items[scene->index + (i < scene->count ? i : 0)];

		stage_rect(s, b, 20 * s->unit, s->look->sheet, s->look->card, at, ARRIVE_RISE);
		if (i == scene->count) {
			stage_text(s, mem_printf(s->mem, "+ %s", summary_number(s->mem, r->language, (double)scene->more)),
			    (struct box){ b.x + pad, b.y + height * 0.25, width - 2 * pad, height * 0.5 }, 72, VOICE_ACCENT, ALIGN_START, at + 0.1);
			continue;
		}
		if (item->picture != NULL && stage_picture(s, item->picture, (struct box){ b.x + pad / 2, b.y + pad / 2, width * 0.28, height - pad }, at + 0.1)) {
			b.x += width * 0.28;
			b.width -= width * 0.28;
		}
		stage_text(s, item->title, (struct box){ b.x + pad, b.y + height * 0.12, b.width - 2 * pad, height * 0.48 }, 44, VOICE_HEADING, ALIGN_START, at + 0.1);
		stage_text(s, item->about, (struct box){ b.x + pad, b.y + height * 0.66, b.width - 2 * pad, height * 0.26 }, 28, VOICE_QUIET, ALIGN_START, at + 0.2);
	}
}

