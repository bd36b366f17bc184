/* clip.c - a rendition of ours that plays inside a scene: its pictures, at the scene's size and in the film's colours. */
#include "worker/recap/internal.h"

struct clip {
	struct source source;
	struct media_info info;
	struct SwsContext *sws;
	AVFrame *next, *shown;
	int64_t from, began; /* ticks: asked for; of the first picture that is shown */
	bool has_ended, has_began;
};

static bool
open_source(struct clip *c, const char *path)
{
	static const struct media_policy policy = { .threads = 1 };
	struct media_failure failure;
	struct media_info *info = &c->info;

	return media_probe(path, &policy.limits, info, &failure) == MEDIA_OK &&
	    source_open(&c->source, path, &policy, info, 0, NULL, &failure) == MEDIA_OK && info->width > 0 && info->height > 0;
}

struct clip *
clip_open(const char *path, int64_t from_us, int width, int height)
{
	struct clip *c = talloc_zero(NULL, struct clip);
	double scale;

	if (c == NULL || !open_source(c, path)) {
		clip_close(c);
		return NULL;
	}
	scale = FFMIN((double)width / c->info.width, (double)height / c->info.height);
	c->shown = frame_new(FFMAX(2, (int)(c->info.width * scale) & ~1), FFMAX(2, (int)(c->info.height * scale) & ~1));
	c->next = av_frame_alloc();
	c->from = US_TO_TICKS(from_us);
	source_seek(&c->source, c->from);
	if (c->shown == NULL || c->next == NULL || clip_at(c, 0) == NULL) {
		clip_close(c);
		return NULL;
	}
	return c;
}

void
clip_size(const struct clip *c, int *width, int *height)
{
	*width = c->shown->width;
	*height = c->shown->height;
}

/* Puts c->next into c->shown. */
static bool
show(struct clip *c)
{
	const AVFrame *f = c->next;
	int space = f->colorspace == AVCOL_SPC_UNSPECIFIED ? (f->height >= 720 ? SWS_CS_ITU709 : SWS_CS_ITU601) : (int)f->colorspace;

	c->sws = sws_getCachedContext(c->sws, f->width, f->height, f->format, c->shown->width, c->shown->height, AV_PIX_FMT_YUV420P, SWS_BICUBIC, NULL, NULL,
	    NULL);
	if (c->sws == NULL)
		return false;
	sws_setColorspaceDetails(c->sws, sws_getCoefficients(space), f->color_range == AVCOL_RANGE_JPEG, sws_getCoefficients(SWS_CS_ITU709), 0, 0, 1 << 16,
	    1 << 16);
	return sws_scale(c->sws, (const uint8_t *const *)f->data, f->linesize, 0, f->height, c->shown->data, c->shown->linesize) > 0;
}

/* The picture that stands at that time; the last one where the clip has ended. */
const AVFrame *
clip_at(struct clip *c, double seconds)
{
	int64_t ticks = c->from + (int64_t)(seconds * TICKS);
	bool is_new = false;

	while (!c->has_ended && (!c->has_began || c->next->pts + c->source.stands_ticks <= ticks)) {
		AUTO(frame) AVFrame *f = av_frame_alloc();

		if (f == NULL || source_read(&c->source, f) < 0) {
			c->has_ended = true;
			break;
		}
		av_frame_unref(c->next);
		av_frame_move_ref(c->next, f);
		c->has_began = is_new = true;
	}
	if (is_new && !show(c))
		return NULL;
	return c->has_began ? c->shown : NULL;
}

void
clip_close(struct clip *c)
{
	if (c == NULL)
		return;
	source_close(&c->source);
	sws_freeContext(c->sws);
	av_frame_free(&c->next);
	av_frame_free(&c->shown);
	talloc_free(c);
}
