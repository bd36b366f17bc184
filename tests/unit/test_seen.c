/* test_seen.c - who counts as a viewer, asked by several processes at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <stdatomic.h>
#include <unistd.h>

#include "fcgi/seen.h"

#define NOW 1790000000

static uint64_t
print_of(uint64_t n)
{
	return n * UINT64_C(0x9e3779b97f4a7c15);
}

static void
a_view_is_claimed_once_in_half_an_hour(void **state)
{
	struct seen *s = seen_open();

	(void)state;
	assert_true(seen_claim(s, print_of(1), NOW));
	assert_false(seen_claim(s, print_of(1), NOW));
	assert_false(seen_claim(s, print_of(1), NOW + SEEN_VIEW_S - 1));
	assert_true(seen_claim(s, print_of(2), NOW));
	assert_true(seen_claim(s, print_of(1), NOW + SEEN_VIEW_S));
	assert_false(seen_claim(s, print_of(1), NOW + SEEN_VIEW_S + 1));
	seen_unclaim(s, print_of(1));
	assert_true(seen_claim(s, print_of(1), NOW + SEEN_VIEW_S + 1));
}

/* A table that is too small forgets whom it heard of longest ago, and nobody else. */
static void
the_oldest_is_forgotten(void **state)
{
	struct seen *s = seen_open();
	const uint64_t step = UINT64_C(1) << 32; /* all in one set */

	(void)state;
	for (uint64_t i = 1; i <= 9; i++)
		assert_true(seen_claim(s, i * step, NOW + (time_t)i));
	for (uint64_t i = 2; i <= 9; i++)
		assert_false(seen_claim(s, i * step, NOW + 10));
	assert_true(seen_claim(s, step, NOW + 10));
}

#define PROCESSES 4
#define VIEWS 20000

static void
of_many_one_gets_it(void **state)
{
	struct seen *s = seen_open();
	_Atomic int *claimed = mmap(NULL, VIEWS * sizeof(*claimed), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int all = 0;

	(void)state;
	for (int p = 0; p < PROCESSES; p++) {
		if (fork() != 0)
			continue;
		for (uint64_t i = 0; i < VIEWS; i++)
			if (seen_claim(s, print_of(i), NOW))
				atomic_fetch_add(&claimed[i], 1);
		_exit(0);
	}
	while (wait(NULL) > 0)
		;
	for (int i = 0; i < VIEWS; i++) {
		assert_true(claimed[i] >= 1);
		all += claimed[i];
	}
	assert_int_equal(all, VIEWS);
	munmap((void *)claimed, VIEWS * sizeof(*claimed));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_view_is_claimed_once_in_half_an_hour),
		cmocka_unit_test(the_oldest_is_forgotten),
		cmocka_unit_test(of_many_one_gets_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
