/* test_taste.c - what the model makes of planted tastes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <string.h>

#include "lib/mem.h"
#include "worker/recommend/taste.h"

#define CREATOR_OF(item) ((item) / 5)

static uint32_t
word(const char *w)
{
	return taste_hash(w, strlen(w));
}

/* Items of a kind share a word; creator and category as said. */
static uint32_t
add_item(struct taste *t, const char *w, uint32_t creator, uint32_t category, uint32_t language)
{
	struct taste_feature f = { word(w), 1 };

	return taste_add_item(t, &(struct taste_item){ creator, category, language, &f, 1 });
}

static uint32_t
add_user(struct taste *t, uint32_t creator, uint32_t language)
{
	return taste_add_user(t, &(struct taste_user){ creator, language });
}

static bool
has(const uint32_t *list, size_t n, uint32_t item)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == item)
			return true;
	return false;
}

static int
open_model(void **state)
{
	*state = taste_new(NULL, &taste_defaults);
	return 0;
}

static int
close_model(void **state)
{
	talloc_free(*state);
	return 0;
}

static void
test_content_leads_to_what_nobody_watched_yet(void **state)
{
	struct taste *t = *state;
	uint32_t list[4], me;

	for (int i = 0; i < 10; i++)
		add_item(t, i < 5 ? "dance" : "bread", TASTE_NONE, TASTE_NONE, 0);
	me = add_user(t, TASTE_NONE, 0);
	taste_add_event(t, 7, 1, 0);
	taste_learn(t);
	assert_int_equal(taste_for_user(t, me, list, 4), 4);
	for (int i = 0; i < 4; i++)
		assert_true(list[i] >= 5 && list[i] != 7);
	assert_int_equal(taste_similar(t, 2, list, 4), 4);
	assert_true(list[0] < 5);
}

static void
test_people_lead_to_what_has_no_words(void **state)
{
	struct taste *t = *state;
	uint32_t list[3], me;

	for (int i = 0; i < 8; i++)
		taste_add_item(t, &(struct taste_item){ .creator = TASTE_NONE, .category = TASTE_NONE });
	for (int u = 0; u < 6; u++) { /* who watches 0 watches 1, who watches 2 watches 3 */
		add_user(t, TASTE_NONE, 0);
		taste_add_event(t, u < 3 ? 0 : 2, 1, 1);
		taste_add_event(t, u < 3 ? 1 : 3, 1, 1);
	}
	me = add_user(t, TASTE_NONE, 0);
	taste_add_event(t, 2, 1, 0);
	taste_learn(t);
	assert_true(taste_for_user(t, me, list, 3) > 0);
	assert_int_equal(list[0], 3);
	assert_true(taste_similar(t, 0, list, 3) > 0);
	assert_int_equal(list[0], 1);
}

static void
test_neither_seen_nor_own(void **state)
{
	struct taste *t = *state;
	uint32_t list[20], me;
	size_t n;

	for (uint32_t i = 0; i < 20; i++)
		add_item(t, "dance", CREATOR_OF(i), TASTE_NONE, 0);
	me = add_user(t, 1, 0); /* whose own are 5 to 9 */
	for (uint32_t i = 0; i < 4; i++)
		taste_add_event(t, i, 1, 0);
	taste_learn(t);
	n = taste_for_user(t, me, list, 20);
	assert_int_equal(n, 11);
	for (uint32_t i = 0; i < 10; i++)
		assert_int_equal(has(list, n, i), i == 4);
	n = taste_similar(t, 3, list, 20);
	assert_int_equal(n, 19);
	assert_false(has(list, n, 3));
}

/* Fifty that are equally good: the first ten are not all by one creator. */
static void
test_creators_take_turns(void **state)
{
	struct taste *t = *state;
	uint32_t list[10], of[10] = { 0 }, me;

	for (uint32_t i = 0; i < 50; i++)
		add_item(t, "dance", CREATOR_OF(i), 1, 0);
	me = add_user(t, TASTE_NONE, 0);
	taste_add_event(t, 0, 1, 0);
	taste_learn(t);
	assert_int_equal(taste_for_user(t, me, list, 10), 10);
	for (int i = 0; i < 10; i++)
		of[CREATOR_OF(list[i])]++;
	for (int i = 0; i < 10; i++)
		assert_true(of[i] <= 2);
}

static void
test_trending_is_decayed_and_by_language(void **state)
{
	struct taste *t = *state;
	uint32_t list[5], me;

	for (uint32_t i = 0; i < 5; i++)
		add_item(t, "any", TASTE_NONE, TASTE_NONE, i % 2 + 1);
	for (int u = 0; u < 12; u++) { /* ten old views of 0 and 1, two new ones of 2 */
		add_user(t, TASTE_NONE, 0);
		taste_add_event(t, u < 10 ? (uint32_t)u % 2 : 2, 1, u < 10 ? 30 : 0);
	}
	me = add_user(t, TASTE_NONE, 2);
	taste_learn(t);
	assert_int_equal(taste_trending(t, 0, list, 5), 5);
	assert_int_equal(list[0], 2);
	assert_int_equal(taste_trending(t, 2, list, 5), 2);
	assert_int_equal(list[0], 1);
	assert_int_equal(taste_for_user(t, me, list, 5), 2); /* nothing is known of them: what trends in their language */
	assert_int_equal(list[0], 1);
}

/* Nothing of one list is left for the next. */
static void
test_lists_do_not_touch_each_other(void **state)
{
	struct taste *t = *state;
	uint32_t first[20], other[20], again[20];
	size_t n;

	for (uint32_t i = 0; i < 40; i++)
		add_item(t, i % 2 ? "dance" : "bread", CREATOR_OF(i), i % 3, 0);
	for (uint32_t u = 0; u < 30; u++) {
		add_user(t, TASTE_NONE, 0);
		for (uint32_t k = 0; k < 6; k++)
			taste_add_event(t, (u * 7 + k * 2) % 40, 1, (float)k);
	}
	taste_learn(t);
	n = taste_for_user(t, 3, first, 20);
	for (uint32_t u = 0; u < 30; u++)
		taste_for_user(t, u, other, 20);
	for (uint32_t i = 0; i < 40; i++)
		taste_similar(t, i, other, 20);
	assert_int_equal(taste_for_user(t, 3, again, 20), n);
	assert_memory_equal(first, again, n * sizeof(*first));
}

static void
test_nothing_gives_nothing(void **state)
{
	struct taste *t = *state;
	uint32_t list[3], me = add_user(t, TASTE_NONE, 0);

	taste_learn(t);
	assert_int_equal(taste_for_user(t, me, list, 3), 0);
	assert_int_equal(taste_trending(t, 0, list, 3), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_model, close_model)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_content_leads_to_what_nobody_watched_yet),
		TEST(test_people_lead_to_what_has_no_words),
		TEST(test_neither_seen_nor_own),
		TEST(test_creators_take_turns),
		TEST(test_trending_is_decayed_and_by_language),
		TEST(test_lists_do_not_touch_each_other),
		TEST(test_nothing_gives_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
