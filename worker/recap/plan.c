/* plan.c - which scenes a film has, and for how long each stands. Few items have a scene each; many share pages of cards; of very
 * many some are only counted, so that no film is longer than it may be. */
#include <math.h>

#include "worker/recap/internal.h"

#define TITLE_S 5.0
#define FIGURES_S 6.0
#define CHART_S 5.0
#define MONTH_S 2.2
#define END_S 4.5
#define ITEM_MIN_S 3.0
#define ITEM_MAX_S 5.0
#define CARDS_MIN_S 3.0
#define CARDS_MAX_S 5.0
#define OVERLAP_S ((double)OVERLAP / RECAP_FPS)

struct planning {
	struct plan *plan;
	const struct recap *r;
	double left; /* seconds for items */
};

static struct scene *
add(struct planning *p, enum scene_kind kind, size_t index, double seconds, const char *chapter)
{
	struct scene *s = &p->plan->scenes[p->plan->count++];

	*s = (struct scene){ .kind = kind, .index = index, .count = 1, .frames = (int)lround(seconds * RECAP_FPS), .chapter = chapter };
	p->left -= seconds - OVERLAP_S;
	return s;
}

static size_t
pages_of(size_t items)
{
	return (items + CARDS - 1) / CARDS;
}

static double
clamp(double x, double least, double most)
{
	return fmin(fmax(x, least), most);
}

/* The items of a month as pages: as many as it may have, the rest is counted on the last. */
static void
add_cards(struct planning *p, size_t first, size_t count, size_t pages, double seconds)
{
	for (size_t i = 0; i < pages; i++) {
		size_t at = i * CARDS;
		struct scene *s = add(p, SCENE_CARDS, first + at, seconds, NULL);

		s->count = count - at < CARDS ? count - at : CARDS;
		if (i + 1 == pages && count - at > CARDS) {
			s->count = CARDS - 1;
			s->more = count - at - s->count;
		}
	}
}

static void
add_items(struct planning *p)
{
	const struct recap *r = p->r;
	size_t first = 0, pages = 0, months = 0;
	double room, clips = 0, each, share = 1;
	bool is_each;

	for (size_t m = 0; m < r->month_count; m++) {
		pages += pages_of(r->months[m].count);
		months += r->months[m].count > 0;
	}
	for (size_t i = 0; i < r->item_count; i++)
		clips += r->items[i].clip != NULL;
	room = p->left - (END_S - OVERLAP_S) - (double)months * (MONTH_S - OVERLAP_S);
	is_each = (double)r->item_count * (ITEM_MIN_S - OVERLAP_S) <= room;
	each = is_each ? clamp(room / (double)r->item_count + OVERLAP_S, ITEM_MIN_S, clips > 0 ? RECAP_CLIP_S : ITEM_MAX_S) :
			 clamp(room / (double)pages + OVERLAP_S, CARDS_MIN_S, CARDS_MAX_S);
	each = floor(each * RECAP_FPS) / RECAP_FPS; /* many rounded up would be too long together */
	if (!is_each)
		share = clamp((room / (CARDS_MIN_S - OVERLAP_S) - (double)months) / (double)pages, 0, 1);
	for (size_t m = 0; m < r->month_count; first += r->months[m++].count) {
		size_t count = r->months[m].count, most = 1 + (size_t)((double)pages_of(count) * share);

		if (count == 0)
			continue;
		add(p, SCENE_MONTH, m, MONTH_S, r->months[m].name);
		if (!is_each)
			add_cards(p, first, count, most < pages_of(count) ? most : pages_of(count), each);
		for (size_t i = 0; is_each && i < count; i++)
			add(p, SCENE_ITEM, first + i, each, NULL);
	}
}

void
recap_plan(struct plan *plan, const struct recap *r)
{
	struct planning p = { plan, r, RECAP_LONGEST_S - OVERLAP_S };

	*plan = (struct plan){ .scenes = mem_array(r->mem, struct scene, 8 + SUMMARY_CHARTS_MAX + r->month_count + r->item_count) };
	add(&p, SCENE_TITLE, 0, TITLE_S, r->title);
	if (r->item_count > 0) {
		if (r->summary.figure_count > 0)
			add(&p, SCENE_FIGURES, 0, FIGURES_S, r->word(r->language, "In numbers"));
		for (size_t i = 0; i < r->summary.chart_count; i++)
			if (r->summary.charts[i].count > 0)
				add(&p, SCENE_CHART, i, CHART_S, r->word(r->language, r->summary.charts[i].title));
		add_items(&p);
	} else {
		add(&p, SCENE_NOTHING, 0, CHART_S, NULL);
	}
	add(&p, SCENE_END, 0, END_S, r->word(r->language, "The end"));
	for (size_t i = 0; i < plan->count; i++) {
		plan->scenes[i].first = plan->frames;
		plan->frames += plan->scenes[i].frames - (i + 1 < plan->count ? OVERLAP : 0);
	}
}
