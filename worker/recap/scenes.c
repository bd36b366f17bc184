/* scenes.c - what each kind of scene shows, and where: one column on tall films, two on wide ones. Those of many things are in pages.c. */
#include <math.h>
#include <string.h>

#include "worker/recap/internal.h"

const char *
stage_word(const struct stage *s, const char *text)
{
	return s->recap->word(s->recap->language, text);
}

bool
is_tall(const struct stage *s)
{
	return s->look->height > s->look->width;
}

struct box
stage_box(const struct stage *s)
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

/* Returns where it ends. */
static double
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
	return y;
}

/* A short line in the style's colour, below what stands there. */
static void
draw_rule(struct stage *s, struct box box, double y, enum align align, double at)
{
	double width = 180 * s->unit, x = align == ALIGN_CENTRE ? box.x + (box.width - width) / 2 : box.x;

	stage_rect(s, (struct box){ x, y + 14 * s->unit, width, 10 * s->unit }, 5 * s->unit, s->look->accent, 1, at, ARRIVE_GROW);
}

/* A year, so large that it stands behind everything. */
static void
draw_ghost(struct stage *s)
{
	struct box whole = { 0, 0, s->look->width, s->look->height };
	struct box wide = { whole.width * 0.31, whole.height * 0.20, whole.width * 0.66, whole.height * 0.80 };
	struct box tall = { whole.width * 0.04, whole.height * 0.70, whole.width * 0.92, whole.height * 0.26 };

	if (strlen(s->recap->period) == 4)
		stage_text(s, s->recap->period, is_tall(s) ? tall : wide, 640, VOICE_GHOST, ALIGN_START, 0.1);
}

static void
draw_title(struct stage *s)
{
	const struct recap *r = s->recap;
	enum align align = is_tall(s) ? ALIGN_CENTRE : ALIGN_START;
	const struct line lines[] = { { r->site, 40, 60, VOICE_ACCENT }, { r->title, 150, 470, VOICE_HEADING }, { r->person, 60, 150, VOICE_BODY },
		{ r->period, 44, 70, VOICE_QUIET }, { r->description, 38, 200, VOICE_QUIET } };

	draw_ghost(s);
	draw_rule(s, stage_box(s), column(s, stage_box(s), lines, 5, align), align, 1.2);
}

static void
draw_nothing(struct stage *s)
{
	const struct line lines[] = { { stage_word(s, "A quiet year"), 100, 250, VOICE_HEADING },
		{ stage_word(s, "Nothing was made in this time. The next one is yours."), 48, 250, VOICE_BODY } };

	column(s, stage_box(s), lines, 2, ALIGN_CENTRE);
}

/* Thanks, and the first figures once more: what somebody pauses on to show it around. */
static void
draw_end(struct stage *s)
{
	const struct summary *sum = &s->recap->summary;
	size_t count = s->recap->item_count > 0 ? FFMIN(sum->figure_count, 3) : 0;
	struct box box = stage_box(s), words = box;
	const struct line lines[] = { { stage_word(s, "Thank you for this year"), 110, 300, VOICE_HEADING }, { s->recap->person, 60, 150, VOICE_BODY },
		{ s->recap->site, 42, 60, VOICE_ACCENT } };
	double foot = 250 * s->unit, width = fmin(box.width / 3, 420 * s->unit), x = box.x + (box.width - width * (double)count) / 2;

	draw_ghost(s);
	words.height -= count > 0 ? foot : 0;
	draw_rule(s, words, column(s, words, lines, 3, ALIGN_CENTRE), ALIGN_CENTRE, 1);
	for (size_t i = 0; i < count; i++) {
		struct box b = { x + width * (double)i, box.y + box.height - foot, width, 110 * s->unit };

		stage_number(s, sum->figures[i].value, b, 84, VOICE_ACCENT, ALIGN_CENTRE, 0.9 + 0.15 * (double)i);
		b.y += 116 * s->unit;
		stage_text(s, stage_word(s, sum->figures[i].label), b, 34, VOICE_QUIET, ALIGN_CENTRE, 0.9 + 0.15 * (double)i);
	}
}

#define MONTHS_SHOWN 24

/* The months of the film as small columns, the one that comes in its colour. */
static void
draw_months(struct stage *s, size_t now, struct box box)
{
	const struct recap *r = s->recap;
	double slot = fmin(box.width / (double)r->month_count, 70 * s->unit), x = box.x + (box.width - slot * (double)r->month_count) / 2;
	size_t most = 1;

	for (size_t i = 0; i < r->month_count; i++)
		most = FFMAX(most, r->months[i].count);
	for (size_t i = 0; i < r->month_count; i++) {
		double height = fmax(box.height * (double)r->months[i].count / (double)most, 8 * s->unit);

		stage_rect(s, (struct box){ x + slot * ((double)i + 0.2), box.y + box.height - height, slot * 0.6, height }, 6 * s->unit,
		    i == now ? s->look->accent : s->look->ink, i == now ? 1 : 0.22, i == now ? 0.45 : 0.2, ARRIVE_TOWER);
	}
}

static void
draw_month(struct stage *s, const struct scene *scene)
{
	const struct recap *r = s->recap;
	const struct recap_month *m = &r->months[scene->index];
	struct box box = stage_box(s), words = box, foot = box;
	const char *count = summary_number(s->mem, r->language, (double)m->count);
	const char *what = r->summary.figure_count > 0 ? stage_word(s, r->summary.figures[0].label) : NULL;
	const struct line lines[] = { { m->name, 170, 400, VOICE_HEADING }, { what != NULL ? mem_printf(s->mem, "%s: %s", what, count) : count, 56, 100, VOICE_ACCENT } };

	words.height *= 0.62;
	foot.y += box.height * (is_tall(s) ? 0.60 : 0.66);
	foot.height = (is_tall(s) ? 0.18 : 0.24) * box.height;
	column(s, words, lines, 2, ALIGN_CENTRE);
	if (r->month_count > 1 && r->month_count <= MONTHS_SHOWN)
		draw_months(s, scene->index, foot);
}

/* Its heading, and what is left for the rest. */
struct box
stage_headed(struct stage *s, const char *text)
{
	struct box box = stage_box(s);
	double taken = stage_text(s, text, (struct box){ box.x, box.y, box.width, 140 * s->unit }, 72, VOICE_HEADING, ALIGN_START, 0) + 50 * s->unit;

	return (struct box){ box.x, box.y + taken, box.width, box.height - taken };
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

static struct box
tile_box(const struct stage *s, struct box box)
{
	double side = fmin(fmin(box.width, box.height), 560 * s->unit);

	return (struct box){ box.x + (box.width - side) / 2, box.y + (box.height - side) / 2, side, side };
}

static void
draw_item(struct stage *s, const struct scene *scene)
{
	const struct recap_item *item = &s->recap->items[scene->index];
	struct box box = stage_box(s), words = box, image = box;
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
		stage_tile(s, tile_box(s, image), item->badge, 0.1);
	column(s, words, lines, 4, ALIGN_START);
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
