/* plan.c - which rungs a file gets: arithmetic only, no libav. */
#include <math.h>
#include <unistd.h>

#include "worker/media/media.h"

#define LONGEST_SIDE 7680
#define CONTAINER_OVERHEAD 1.03

struct media_policy
media_policy_default(void)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	return (struct media_policy){
		.preset = "veryfast",
		.crf = 20,
		.threads = processors > 0 ? (int)processors : 1,
		.copy_allowed = true,
		.gop_s = 2,
		.segment_s = 4,
		.audio_bps = 128000,
		.rungs = {
			{ 1080, 6000000, 12000000 },
			{ 720, 3200000, 6400000 },
			{ 480, 1600000, 3200000 },
			{ 360, 900000, 1800000 },
		},
	};
}

static int
even(double side)
{
	int rounded = 2 * (int)lround(side / 2);

	return rounded < 2 ? 2 : rounded;
}

static void
fill_rung(struct media_rung *rung, const struct media_info *info, double short_side)
{
	int narrow = info->width < info->height ? info->width : info->height;
	double factor = short_side / narrow;

	*rung = (struct media_rung){ .fps = info->fps };
	rung->width = even(info->width * factor);
	rung->height = even(info->height * factor);
	narrow = rung->width < rung->height ? rung->width : rung->height;
	snprintf(rung->name, sizeof(rung->name), "%dp", narrow);
	snprintf(rung->file, sizeof(rung->file), "%dp.mp4", narrow);
	snprintf(rung->playlist, sizeof(rung->playlist), "%dp.m3u8", narrow);
}

/* The side lengths of a panorama or a ribbon stay encodable. */
static double
bounded_short_side(const struct media_info *info, double short_side)
{
	double narrow = fmin(info->width, info->height), wide = fmax(info->width, info->height);

	return fmin(short_side, LONGEST_SIDE * narrow / wide);
}

int
media_plan(const struct media_info *info, const struct media_policy *policy, struct media_rung rungs[MEDIA_MAX_RUNGS],
    int64_t *estimated_bytes)
{
	int narrow = info->width < info->height ? info->width : info->height;
	int count = 0;
	double bps = 0;

	for (int i = 0; i < MEDIA_MAX_RUNGS && policy->rungs[i].short_side; i++) {
		const struct media_rung_policy *step = &policy->rungs[i];

		if (step->short_side > narrow || bounded_short_side(info, step->short_side) < step->short_side)
			continue;
		fill_rung(&rungs[count++], info, step->short_side);
		bps += (double)step->maxrate_bps * (info->fps > 32 ? 1.5 : 1) + policy->audio_bps;
	}
	if (count == 0) {
		fill_rung(&rungs[count++], info, bounded_short_side(info, narrow));
		bps = 1200000 + policy->audio_bps;
	}
	if (estimated_bytes)
		*estimated_bytes = (int64_t)(bps / 8 * ((double)info->duration_us / 1e6 + 2) * CONTAINER_OVERHEAD) + (1 << 20);
	return count;
}
