/* ladder.c - makes the ladder of one file and says what happened, a line an event: for benchmarks and tests. */
#include <libavutil/time.h>
#include <stdio.h>
#include <sys/resource.h>

#include "worker/media/media.h"

static int64_t started_us;

static double
elapsed(void)
{
	return (double)(av_gettime_relative() - started_us) / 1e6;
}

static void
on_probed(void *user, const struct media_info *i)
{
	(void)user;
	printf("probed container=%s video=%s audio=%s size=%dx%d rotation=%d fps=%.3f hdr=%d duration=%.3f\n", i->container,
	    i->video_codec, i->audio_codec, i->width, i->height, i->rotation, i->fps, (int)i->hdr, (double)i->duration_us / 1e6);
}

static void
on_rung(void *user, const struct media_rung *r)
{
	(void)user;
	printf("rung %s file=%s size=%dx%d fps=%.3f bandwidth=%lld average=%lld duration=%.3f bytes=%lld codecs=%s copied=%d at=%.3f\n",
	    r->name, r->file, r->width, r->height, r->fps, (long long)r->bandwidth_bps, (long long)r->average_bandwidth_bps,
	    (double)r->duration_us / 1e6, (long long)r->size_bytes, r->codecs, r->copied, elapsed());
	fflush(stdout);
}

static void
on_rung_failed(void *user, const struct media_rung *r, const struct media_failure *f)
{
	(void)user;
	printf("rung_failed %s reason=%s detail=%s\n", r->name, f->reason, f->detail);
}

static void
on_warning(void *user, enum media_warning_code code, const char *word, const char *message)
{
	(void)user;
	(void)code;
	printf("warning %s message=%s\n", word, message);
}

static void
on_stills(void *user, const struct media_stills *s)
{
	(void)user;
	printf("stills poster=%d thumbnails=%d%d%d storyboard=%d at=%.3f\n", s->poster != NULL, s->thumbnails[0] != NULL,
	    s->thumbnails[1] != NULL, s->thumbnails[2] != NULL, s->storyboard != NULL, elapsed());
}

int
main(int argc, char **argv)
{
	struct media_request request = { .policy = media_policy_default() };
	struct media_events events = { NULL, on_probed, NULL, on_rung, on_rung_failed, on_stills, on_warning, NULL };
	struct media_failure failure;
	struct media_summary sum;
	struct rusage use;
	int rc;

	if (argc < 3) {
		fprintf(stderr, "usage: ladder SOURCE OUTPUT_FOLDER [nocopy]\n");
		return 2;
	}
	request.source = argv[1];
	request.output_folder = argv[2];
	request.policy.copy_allowed = argc < 4;
	started_us = av_gettime_relative();
	rc = media_transcode(&request, &events, &sum, &failure);
	getrusage(RUSAGE_SELF, &use);
	if (rc != MEDIA_OK)
		printf("failed reason=%s message=%s detail=%s\n", failure.reason, failure.message, failure.detail);
	else
		printf("ready duration=%.3f size=%dx%d rungs=%d failed=%d bytes=%lld\n", (double)sum.duration_us / 1e6, sum.width,
		    sum.height, sum.rungs_ready, sum.rungs_failed, (long long)sum.size_bytes);
	printf("used user=%.3f system=%.3f wall=%.3f peak_kb=%ld\n",
	    (double)use.ru_utime.tv_sec + (double)use.ru_utime.tv_usec / 1e6,
	    (double)use.ru_stime.tv_sec + (double)use.ru_stime.tv_usec / 1e6, elapsed(), use.ru_maxrss);
	return rc == MEDIA_OK ? 0 : 1;
}
