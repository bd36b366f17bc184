/* storyboard.c - one JPEG with small pictures of the whole video and the WebVTT that says which is when. */
#include <math.h>

#include "worker/media/internal.h"

#define TILE_SHORT_SIDE 90
#define MOST_TILES 100
#define COLUMNS 10

int
storyboard_init(struct storyboard *b, const char *folder, int width, int height, int64_t duration_ticks)
{
	int narrow = FFMIN(width, height);
	double factor = fmin(1, (double)TILE_SHORT_SIDE / narrow);
	int tiles;

	*b = (struct storyboard){ .folder = folder, .columns = COLUMNS };
	b->tile_width = FFMAX(2, (int)lround(width * factor / 2) * 2);
	b->tile_height = FFMAX(2, (int)lround(height * factor / 2) * 2);
	b->interval = FFMAX(TICKS, duration_ticks / MOST_TILES);
	tiles = (int)FFMIN(MOST_TILES, FFMAX(1, duration_ticks / b->interval + 1));
	b->columns = FFMIN(COLUMNS, tiles);
	b->rows = (tiles + b->columns - 1) / b->columns;
	b->sprite = av_frame_alloc();
	if (!b->sprite)
		return AVERROR(ENOMEM);
	b->sprite->format = AV_PIX_FMT_YUVJ420P;
	b->sprite->color_range = AVCOL_RANGE_JPEG;
	b->sprite->quality = 5 * FF_QP2LAMBDA;
	b->sprite->width = b->columns * b->tile_width;
	b->sprite->height = b->rows * b->tile_height;
	if (av_frame_get_buffer(b->sprite, 0) < 0)
		return AVERROR(ENOMEM);
	for (int i = 0; i < 3; i++)
		memset(b->sprite->data[i], i ? 128 : 0, (size_t)b->sprite->linesize[i] * (size_t)(b->sprite->height >> (i > 0)));
	return 0;
}

int
storyboard_frame(struct storyboard *b, const AVFrame *f)
{
	uint8_t *at[4] = { 0 };
	int x, y;

	if (!b->sprite || b->count >= b->columns * b->rows || f->pts < b->count * b->interval)
		return 0;
	b->sws = sws_getCachedContext(b->sws, f->width, f->height, AV_PIX_FMT_YUV420P, b->tile_width, b->tile_height,
	    AV_PIX_FMT_YUVJ420P, SWS_AREA, NULL, NULL, NULL);
	if (!b->sws)
		return AVERROR(ENOMEM);
	x = b->count % b->columns * b->tile_width;
	y = b->count / b->columns * b->tile_height;
	at[0] = b->sprite->data[0] + (ptrdiff_t)y * b->sprite->linesize[0] + x;
	at[1] = b->sprite->data[1] + (ptrdiff_t)(y / 2) * b->sprite->linesize[1] + x / 2;
	at[2] = b->sprite->data[2] + (ptrdiff_t)(y / 2) * b->sprite->linesize[2] + x / 2;
	sws_scale(b->sws, (const uint8_t *const *)f->data, f->linesize, 0, f->height, at, b->sprite->linesize);
	b->count++;
	return 0;
}

static void
write_time(FILE *out, int64_t ticks)
{
	long long ms = ticks / (TICKS / 1000);

	fprintf(out, "%02lld:%02lld:%02lld.%03lld", ms / 3600000, ms / 60000 % 60, ms / 1000 % 60, ms % 1000);
}

static int
write_vtt(const struct storyboard *b, int64_t duration_ticks)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	int rc;

	if (!out)
		return AVERROR(ENOMEM);
	fputs("WEBVTT\n", out);
	for (int i = 0; i < b->count; i++) {
		int64_t start = i * b->interval, end = i + 1 < b->count ? start + b->interval : FFMAX(duration_ticks, start + TICKS / 10);

		fputs("\n", out);
		write_time(out, start);
		fputs(" --> ", out);
		write_time(out, end);
		fprintf(out, "\nstoryboard.jpg#xywh=%d,%d,%d,%d\n", i % b->columns * b->tile_width, i / b->columns * b->tile_height,
		    b->tile_width, b->tile_height);
	}
	rc = fclose(out) == 0 ? write_whole(b->folder, "storyboard.vtt", text, size) : AVERROR(ENOMEM);
	free(text);
	return rc;
}

int
storyboard_end(struct storyboard *b, int64_t duration_ticks)
{
	int rc;

	if (!b->sprite || b->count == 0)
		return AVERROR_INVALIDDATA;
	rc = jpeg_write(b->folder, "storyboard.jpg", b->sprite, 5);
	return rc < 0 ? rc : write_vtt(b, duration_ticks);
}

void
storyboard_close(struct storyboard *b)
{
	av_frame_free(&b->sprite);
	sws_freeContext(b->sws);
	b->sws = NULL;
}
