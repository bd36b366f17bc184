/* test_media_plan.c - which rungs a file gets, how groups become segments, what a playlist and the boxes say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <unistd.h>

#include "worker/media/internal.h"

static void
expect_rungs(int width, int height, const char *wanted)
{
	struct media_info info = { .width = width, .height = height, .fps = 25, .duration_us = 10000000 };
	struct media_policy policy = media_policy_default();
	struct media_rung rungs[MEDIA_MAX_RUNGS];
	int64_t bytes = 0;
	char text[400] = "";
	int count = media_plan(&info, &policy, rungs, &bytes);

	for (int i = 0; i < count; i++) {
		size_t used = strlen(text);

		snprintf(text + used, sizeof(text) - used, "%s%.15s:%dx%d", i ? " " : "", rungs[i].name, rungs[i].width, rungs[i].height);
	}
	assert_string_equal(text, wanted);
	assert_true(bytes > 1000000);
}

static void
test_rungs_never_exceed_the_source(void **state)
{
	(void)state;
	expect_rungs(1920, 1080, "1080p:1920x1080 720p:1280x720 480p:854x480 360p:640x360");
	expect_rungs(1080, 1920, "1080p:1080x1920 720p:720x1280 480p:480x854 360p:360x640");
	expect_rungs(3840, 2160, "1080p:1920x1080 720p:1280x720 480p:854x480 360p:640x360");
	expect_rungs(960, 540, "480p:854x480 360p:640x360");
	expect_rungs(642, 642, "480p:480x480 360p:360x360");
	expect_rungs(1365, 720, "720p:1366x720 480p:910x480 360p:682x360");
}

static void
test_small_and_strange_sources_get_their_own_size(void **state)
{
	(void)state;
	expect_rungs(320, 568, "320p:320x568");
	expect_rungs(15, 8, "8p:16x8");
	expect_rungs(1, 1, "2p:2x2");
	expect_rungs(401, 301, "302p:402x302");
	expect_rungs(40000, 100, "20p:7680x20");
}

static void
test_segments_last_four_to_six_seconds(void **state)
{
	struct fragment f[16];
	int ends[16];

	(void)state;
	for (int i = 0; i < 16; i++)
		f[i] = (struct fragment){ i * 2 * TICKS, 2 * TICKS, i * 100, 100 };
	assert_int_equal(playlist_segments(f, 12, 4, ends), 6);
	assert_int_equal(ends[5], 12);
	/* 2 + 2, then a rest of 2 joins: 6 */
	assert_int_equal(playlist_segments(f, 5, 4, ends), 2);
	assert_int_equal(ends[0], 2);
	assert_int_equal(ends[1], 5);
	assert_int_equal(playlist_segments(f, 1, 4, ends), 1);
	assert_int_equal(playlist_segments(f, 0, 4, ends), 0);
}

static void
test_bandwidth_is_of_the_worst_segment(void **state)
{
	struct fragment f[4] = { { 0, 180000, 0, 1000 }, { 180000, 180000, 0, 1000 }, { 360000, 180000, 0, 3000 }, { 540000, 180000, 0, 3000 } };
	struct media_rung rung = { 0 };

	(void)state;
	playlist_bandwidth(f, 4, 4, &rung);
	assert_int_equal(rung.bandwidth_bps, 12000);
	assert_int_equal(rung.average_bandwidth_bps, 8000);
}

static void
test_master_lists_what_is_ready(void **state)
{
	struct media_rung rungs[2] = { { .name = "720p", .playlist = "720p.m3u8", .width = 1280, .height = 720, .fps = 25, .bandwidth_bps = 9,
	                                   .average_bandwidth_bps = 8, .codecs = "avc1.64001f" },
		{ .name = "360p", .playlist = "360p.m3u8", .width = 640, .height = 360, .fps = 29.97, .bandwidth_bps = 7,
		    .average_bandwidth_bps = 6, .codecs = "avc1.64001e,mp4a.40.2" } };
	const bool ready[2] = { false, true };
	char folder[] = "/tmp/atelier-master-XXXXXX", path[64], text[400] = "";
	FILE *in;

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(playlist_write_master(folder, rungs, ready, 2), 0);
	snprintf(path, sizeof(path), "%s/master.m3u8", folder);
	in = fopen(path, "r");
	assert_non_null(in);
	assert_true(fread(text, 1, sizeof(text) - 1, in) > 0);
	fclose(in);
	unlink(path);
	rmdir(folder);
	assert_string_equal(text, "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n"
	                          "#EXT-X-STREAM-INF:BANDWIDTH=7,AVERAGE-BANDWIDTH=6,RESOLUTION=640x360,FRAME-RATE=29.970,"
	                          "CODECS=\"avc1.64001e,mp4a.40.2\"\n360p.m3u8\n");
}

static void
test_boxes_refuse_what_is_no_head(void **state)
{
	uint8_t junk[64] = { 0, 0, 0, 200, 'm', 'o', 'o', 'v' };
	struct fragment f = { 0, 180000, 100, 50 };
	int size = sizeof(junk);
	int64_t at;
	uint32_t scale;

	(void)state;
	assert_true(boxes_set_brands(junk, &size, 64) < 0);
	assert_true(boxes_add_edit_list(junk, &size, 64, &at) < 0);
	assert_true(boxes_add_movie_duration(junk, &size, 64, &at, &scale) < 0);
	assert_int_equal(boxes_index(junk, 51, &f, 1, 1, 0), 0);
	assert_int_equal(boxes_index(junk, 52, &f, 1, 1, 0), 52);
	assert_memory_equal(junk + 4, "sidx", 4);
}

static void
test_words_for_people(void **state)
{
	struct media_failure failure;
	struct media_info info;

	(void)state;
	assert_int_equal(media_probe("/dev/null", NULL, &info, &failure), MEDIA_UNREADABLE);
	assert_int_equal(media_probe("/nowhere/at all", NULL, &info, &failure), MEDIA_UNREADABLE);
	assert_string_equal(media_failure_reason(MEDIA_NO_VIDEO_STREAM), "no_video_stream");
	assert_string_equal(media_failure_message(MEDIA_NO_VIDEO_STREAM), "This file has no video track.");
	for (int i = 1; i < MEDIA_FAILURE_COUNT; i++)
		assert_true(strlen(media_failure_message((enum media_failure_code)i)) > 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rungs_never_exceed_the_source),
		cmocka_unit_test(test_small_and_strange_sources_get_their_own_size),
		cmocka_unit_test(test_segments_last_four_to_six_seconds),
		cmocka_unit_test(test_bandwidth_is_of_the_worst_segment),
		cmocka_unit_test(test_master_lists_what_is_ready),
		cmocka_unit_test(test_boxes_refuse_what_is_no_head),
		cmocka_unit_test(test_words_for_people),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
