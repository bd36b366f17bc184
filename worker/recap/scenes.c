/* scenes.c - what each kind of scene shows, and where: one column on tall films, two on wide ones. */
#include <math.h>
#include <string.h>

#include "worker/recap/internal.h"

#define MARGIN 110
#define FOOT 70 /* the bar of the film's time */

static const char *
word(const struct stage *s, const char *text)
{
	return s->recap->word(s->recap->language, text);
}

static bool
is_tall(const struct stage *s)
{
	return s->look->height > s->look->width;
}

/* All that may be drawn on. */
static struct box
whole(const struct stage *s)
{
	double m = MARGIN * s->unit * (is_tall(s) ? 0.7 : 1);

	return (struct box){ m, m, s->look->width - 2 * m, s->look->height - 2 * m - FOOT * s->unit };
}

/* Texts of one column below each other, in the middle of its height. */
struct line {
	const char *text;
	double size, most; /* units; its greatest height */
	enum voice voice;
};

static void
column(struct stage *s, struct box box, const struct line *lines, size_t count, enum align align)
{
	double gap = 26 * s->unit, total = -gap, y, at = 0.2;

	for (size_t i = 0; i < count; i++)
		if (lines[i].text != NULL && *lines[i].text != '\0')
			total += gap + text_height(s, lines[i].text, box.width, lines[i].most * s->unit, lines[i].size, lines[i].voice);
	y = box.y + fmax(0, (box.height - total) / 2);
	for (size_t i = 0; i < count; i++) {
		if (lines[i].text == NULL || *lines[i].text == '\0')
			continue;
		y += gap + stage_text(s, lines[i].text, (struct box){ box.x, y, box.width, lines[i].most * s->unit }, lines[i].size, lines[i].voice, align, at);
		at += 0.2;
	}
}

static void
draw_title(struct stage *s)
{
	const struct recap *r = s->recap;
	const struct line lines[] = { { r->site, 38, 60, VOICE_ACCENT }, { r->title, 128, 420, VOICE_HEADING }, { r->person, 56, 150, VOICE_BODY },
		{ r->period, 42, 60, VOICE_QUIET }, { r->description, 36, 200, VOICE_QUIET } };

	column(s, whole(s), lines, 5, is_tall(s) ? ALIGN_CENTRE : ALIGN_START);
}

static void
draw_nothing(struct stage *s)
{
	const struct line lines[] = { { word(s, "A quiet year"), 100, 250, VOICE_HEADING },
		{ word(s, "Nothing was made in this time. The next one is yours."), 48, 250, VOICE_BODY } };

	column(s, whole(s), lines, 2, ALIGN_CENTRE);
}

static void
draw_end(struct stage *s)
{
	const struct line lines[] = { { word(s, "Thank you for this year"), 100, 300, VOICE_HEADING }, { s->recap->person, 56, 150, VOICE_BODY },
		{ s->recap->site, 40, 60, VOICE_ACCENT } };

	column(s, whole(s), lines, 3, ALIGN_CENTRE);
}

static void
draw_month(struct stage *s, const struct scene *scene)
{
	const struct recap_month *m = &s->recap->months[scene->index];
	struct box box = whole(s);
	const struct line lines[] = { { m->name, 150, 400, VOICE_HEADING }, { summary_number(s->mem, s->recap->language, (double)m->count), 64, 100, VOICE_ACCENT } };

	column(s, box, lines, 2, ALIGN_CENTRE);
	stage_rect(s, (struct box){ box.x + box.width * 0.35, box.y + box.height * 0.78, box.width * 0.3, 8 * s->unit }, 4, s->look->second, 1, 0.1, ARRIVE_GROW);
}

/* Its heading, and what is left for the rest. */
static struct box
headed(struct stage *s, const char *text)
{
	struct box box = whole(s);
	double taken = stage_text(s, text, (struct box){ box.x, box.y, box.width, 140 * s->unit }, 72, VOICE_HEADING, ALIGN_START, 0) + 50 * s->unit;

	return (struct box){ box.x, box.y + taken, box.width, box.height - taken };
}

static void
draw_figures(struct stage *s)
{
	const struct summary *sum = &s->recap->summary;
	struct box box = headed(s, word(s, "In numbers"));
	size_t columns = is_tall(s) ? 2 : 3, rows = (sum->figure_count + columns - 1) / columns;
	double gap = 30 * s->unit, width = (box.width - gap * (double)(columns - 1)) / (double)columns,
	       height = fmin((box.height - gap * (double)(rows - 1)) / (double)rows, 330 * s->unit);

	for (size_t i = 0; i < sum->figure_count; i++) {
		struct box b = { box.x + (double)(i % columns) * (width + gap), box.y + (double)(i / columns) * (height + gap), width, height };
		double at = 0.2 + 0.12 * (double)i, pad = 34 * s->unit;

		stage_rect(s, b, 24 * s->unit, s->look->ink, s->look->card, at, ARRIVE_RISE);
		stage_text(s, summary_number(s->mem, s->recap->language, sum->figures[i].value),
		    (struct box){ b.x + pad, b.y + height * 0.18, width - 2 * pad, height * 0.42 }, 104, VOICE_ACCENT, ALIGN_START, at + 0.1);
		stage_text(s, word(s, sum->figures[i].label), (struct box){ b.x + pad, b.y + height * 0.64, width - 2 * pad, height * 0.3 }, 38, VOICE_BODY,
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

static void
draw_chart(struct stage *s, const struct scene *scene)
{
	const struct summary_chart *c = &s->recap->summary.charts[scene->index];
	struct box box = headed(s, word(s, c->title));

	(c->is_by_time ? draw_columns : draw_bars)(s, c, box);
}

static void
draw_clip(struct stage *s, const struct recap_item *item, struct box box)
{
	int width, height;

	s->clip = clip_open(item->clip, item->clip_from_us, (int)box.width, (int)box.height);
	if (s->clip == NULL)
		return;
	clip_size(s->clip, &width, &height);
	s->clip_x = (int)(box.x + (box.width - width) / 2) & ~1;
	s->clip_y = (int)(box.y + (box.height - height) / 2) & ~1;
}

/* A square with a word, where there is no picture. */
static void
draw_badge(struct stage *s, const char *badge, struct box box)
{
	double side = fmin(fmin(box.width, box.height), 560 * s->unit), pad = 40 * s->unit, height;
	struct box square = { box.x + (box.width - side) / 2, box.y + (box.height - side) / 2, side, side };

	stage_rect(s, square, 36 * s->unit, s->look->ink, s->look->card, 0.1, ARRIVE_RISE);
	stage_rect(s, (struct box){ square.x, square.y + side - 14 * s->unit, side, 14 * s->unit }, 7 * s->unit, s->look->second, 1, 0.3, ARRIVE_GROW);
	height = text_height(s, badge, side - 2 * pad, side - 2 * pad, 110, VOICE_ACCENT);
	stage_text(s, badge, (struct box){ square.x + pad, square.y + (side - height) / 2, side - 2 * pad, side - 2 * pad }, 110, VOICE_ACCENT, ALIGN_CENTRE, 0.25);
}

static void
draw_item(struct stage *s, const struct scene *scene)
{
	const struct recap_item *item = &s->recap->items[scene->index];
	struct box box = whole(s), words = box, image = box;
	bool shows = item->clip != NULL || item->picture != NULL, has_image = shows || item->badge != NULL;
	const struct line lines[] = { { s->recap->months[item->month].name, 32, 50, VOICE_ACCENT }, { item->title, 84, 320, VOICE_HEADING },
		{ item->about, 38, 120, VOICE_QUIET }, { item->text, 38, 330, VOICE_BODY } };

	if (has_image && is_tall(s)) {
		image.height = box.height * (shows ? 0.48 : 0.34);
		words.y += image.height + 40 * s->unit;
		words.height -= image.height + 40 * s->unit;
	} else if (has_image) {
		image.width = box.width * (item->clip != NULL ? 0.62 : shows ? 0.52 : 0.3);
		image.x = box.x + box.width - image.width;
		words.width = box.width - image.width - 60 * s->unit;
	}
	if (item->clip != NULL)
		draw_clip(s, item, image);
	if (s->clip == NULL && (item->picture == NULL || !stage_picture(s, item->picture, image, 0.1)) && item->badge != NULL)
		draw_badge(s, item->badge, image);
	column(s, words, lines, 4, ALIGN_START);
}

static void
draw_cards(struct stage *s, const struct scene *scene)
{
	const struct recap *r = s->recap;
	struct box box = headed(s, r->months[r->items[scene->index].month].name);
	size_t columns = is_tall(s) ? 1 : 2, rows = CARDS / columns;
	double gap = 26 * s->unit, width = (box.width - gap * (double)(columns - 1)) / (double)columns, height = (box.height - gap * (double)(rows - 1)) / (double)rows;

	for (size_t i = 0; i < scene->count + (scene->more > 0); i++) {
		struct box b = { box.x + (double)(i % columns) * (width + gap), box.y + (double)(i / columns) * (height + gap), width, height };
		double at = 0.1 + 0.1 * (double)i, pad = 28 * s->unit;
		const struct recap_item *item = &r->items[scene->index + (i < scene->count ? i : 0)];

		stage_rect(s, b, 20 * s->unit, s->look->ink, s->look->card, at, ARRIVE_RISE);
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

struct stage *
scene_draw(const struct recap *r, const struct look *look, const struct scene *scene)
{
	struct stage *s = mem_new(r->mem, struct stage);

	s->mem = s;
	s->recap = r;
	s->look = look;
	s->unit = FFMIN(look->width, look->height) / 1080.0;
	switch (scene->kind) {
	case SCENE_TITLE:
		draw_title(s);
		break;
	case SCENE_FIGURES:
		draw_figures(s);
		break;
	case SCENE_CHART:
		draw_chart(s, scene);
		break;
	case SCENE_MONTH:
		draw_month(s, scene);
		break;
	case SCENE_ITEM:
		draw_item(s, scene);
		break;
	case SCENE_CARDS:
		draw_cards(s, scene);
		break;
	case SCENE_NOTHING:
		draw_nothing(s);
		break;
	case SCENE_END:
		draw_end(s);
		break;
	}
	return s;
}

void
stage_free(struct stage *s)
{
	if (s == NULL)
		return;
	clip_close(s->clip);
	talloc_free(s);
}
