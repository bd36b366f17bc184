/* test_phash.c - what counts as seen again, of hashes made up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "worker/media/prints.h"

#define FAR (~UINT64_C(0)) /* from all of the small ones */
#define NEAR ((UINT64_C(1) << PRINT_FRAME_BITS) - 1)

static void
test_part_of_what_was_wanted(void **state)
{
	const uint64_t wanted[] = { 0, 0, 0, FAR }, copy[] = { 0, NEAR, 0 }, other[] = { NEAR * 2 + 1, NEAR * 2 + 1 };

	(void)state;
	assert_float_equal(prints_frames_alike(wanted, 4, copy, 3), 0.75, 0);
	assert_float_equal(prints_frames_alike(wanted, 4, other, 2), 0, 0);
	assert_float_equal(prints_frames_alike(wanted, 4, wanted, 4), 1, 0);
	assert_float_equal(prints_frames_alike(wanted, 0, copy, 3), 0, 0);
	assert_float_equal(prints_frames_alike(wanted, 4, copy, 0), 0, 0);
}

static void
test_one_picture_of_several_is_no_evidence(void **state)
{
	const uint64_t wanted[] = { 0, 1, 2, 3 }, seen[] = { FAR, 0, FAR }, last[] = { FAR, 0, FAR, 3 };

	(void)state;
	assert_float_equal(prints_frames_alike(wanted, 4, seen, 3), 0, 0);
	assert_float_equal(prints_frames_alike(wanted, 4, last, 4), 1, 0);
	assert_float_equal(prints_frames_alike(wanted, 4, seen + 1, 1), 1, 0); /* there is but one */
	assert_float_equal(prints_frames_alike(wanted, 1, seen, 3), 1, 0);
}

static void
test_half_of_the_pictures_or_the_sound_is_alike(void **state)
{
	const uint64_t wanted[] = { 0, 0, FAR, FAR }, half[] = { 0, 1 };
	uint32_t sound[80], other[80];
	struct print_set entry = { wanted, sound, 4, 0 }, seen = { half, sound, 2, 0 };
	struct likeness how;

	(void)state;
	for (uint32_t i = 0; i < 80; i++) {
		sound[i] = i * 2654435761u;
		other[i] = ~sound[i];
	}
	assert_true(prints_alike(&entry, &seen, &how));
	assert_float_equal(how.frames, PRINT_FRAMES_ALIKE, 0);
	entry.frames = (const uint64_t[]){ 0, FAR, FAR, FAR };
	assert_false(prints_alike(&entry, &seen, &how));
	entry.sound_count = seen.sound_count = 80;
	assert_true(prints_alike(&entry, &seen, &how));
	assert_float_equal(how.sound, 1, 0);
	seen.sound = other;
	assert_false(prints_alike(&entry, &seen, &how));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_part_of_what_was_wanted),
		cmocka_unit_test(test_one_picture_of_several_is_no_evidence),
		cmocka_unit_test(test_half_of_the_pictures_or_the_sound_is_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
