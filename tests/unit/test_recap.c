/* tests/unit/test_recap.c - the plan of a film: never too long, everything shown or counted, no hole between scenes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "worker/recap/internal.h"

static const char *
same(const char *language, const char *text)
{
	(void)language;
	return text;
}

/* `count` items over `months` months, the first of which has them all but one each. */
static void
fill(struct recap *r, size_t count, size_t months, bool is_even)
{
	struct recap_item *items = mem_array(r->mem, struct recap_item, count + 1);
	struct recap_month *m = mem_array(r->mem, struct recap_month, months + 1);
	size_t at = 0;

	for (size_t i = 0; i < months; i++) {
		m[i].name = "A month";
		m[i].count = is_even ? count / months + (i < count % months) : i > 0 ? (i < count) : count >= months ? count - months + 1 : count > 0;
		for (size_t k = 0; k < m[i].count && at < count; k++)
			items[at++] = (struct recap_item){ .title = "x", .month = (int)i };
	}
	r->items = items;
	r->item_count = at;
	r->months = m;
	r->month_count = months;
	r->summary.figure_count = 5;
	r->summary.chart_count = 3;
	for (int i = 0; i < 3; i++)
		r->summary.charts[i] = (struct summary_chart){ .title = "x", .count = 5 };
}

static void
check(size_t count, size_t months, bool is_even)
{
	struct recap r = { .mem = talloc_new(NULL), .title = "x", .language = "en", .word = same };
	struct plan p;
	size_t told = 0;

	fill(&r, count, months, is_even);
	recap_plan(&p, &r);
	for (size_t i = 0; i < p.count; i++) {
		const struct scene *s = &p.scenes[i];

		assert_int_equal(s->first, i == 0 ? 0 : p.scenes[i - 1].first + p.scenes[i - 1].frames - OVERLAP);
		assert_true(s->frames >= 2 * OVERLAP);
		if (s->kind == SCENE_CARDS)
			assert_true(s->count + (s->more > 0) <= CARDS);
		if (s->kind == SCENE_CARDS || s->kind == SCENE_ITEM) {
			assert_true(s->index + s->count <= r.item_count);
			told += s->count + s->more;
		}
	}
	assert_int_equal(p.frames, p.scenes[p.count - 1].first + p.scenes[p.count - 1].frames);
	if (p.frames > RECAP_LONGEST_S * RECAP_FPS || told != r.item_count)
		fail_msg("%zu items in %zu months: %.1f s, %zu are told of", r.item_count, months, (double)p.frames / RECAP_FPS, told);
	assert_int_equal(p.scenes[0].kind, SCENE_TITLE);
	assert_int_equal(p.scenes[p.count - 1].kind, SCENE_END);
	talloc_free(r.mem);
}

static void
test_any_number_fits(void **state)
{
	(void)state;
	for (size_t count = 0; count < 260; count++)
		for (size_t months = 1; months <= 24; months += 3) {
			check(count, months, true);
			check(count, months, false);
		}
	for (size_t count = 300; count <= 5000; count += 311) {
		check(count, 12, true);
		check(count, 12, false);
	}
}

static void
test_music_goes_round(void **state)
{
	void *mem = talloc_new(NULL);
	int64_t samples;
	const float *sound = music_make(mem, &samples);
	double most = 0, step = 0;

	(void)state;
	for (int64_t i = 0; i < 2 * samples; i++)
		most = FFMAX(most, FFABS((double)sound[i]));
	for (int c = 0; c < 2; c++) /* no click where it begins again */
		step = FFMAX(step, FFABS((double)sound[c] - (double)sound[2 * (samples - 1) + c]));
	assert_true(most > 0.1 && most < 2);
	assert_true(step < 0.1);
	assert_true(sound_loudness(sound, samples) > -40);
	talloc_free(mem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_number_fits),
		cmocka_unit_test(test_music_goes_round),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
