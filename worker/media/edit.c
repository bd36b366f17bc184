/*
 * edit.c - trim, crop, rotate and mute: said once, as a change of what the file is and of when its pictures are. The
 * stages after it make a stream of that as of any file.
 */
#include <math.h>

#include "worker/media/internal.h"

#define SMALLEST_SIDE 16

/* The part of the picture as it is coded: the turn and the mirror of its display are taken back. */
static struct media_box
coded_box(struct media_box b, int rotation, bool mirrored)
{
	struct media_box c = b;

	switch (rotation) {
	case 90:
		c = (struct media_box){ b.y, 1 - b.x - b.width, b.height, b.width };
		break;
	case 180:
		c = (struct media_box){ 1 - b.x - b.width, 1 - b.y - b.height, b.width, b.height };
		break;
	case 270:
		c = (struct media_box){ 1 - b.y - b.height, b.x, b.height, b.width };
		break;
	default:
		break;
	}
	if (mirrored)
		c.x = 1 - c.x - c.width;
	c.x = fmax(c.x, 0);
	c.y = fmax(c.y, 0);
	return c;
}

int64_t
edit_length(const struct media_edit *edit, int64_t ticks)
{
	int64_t start = US_TO_TICKS(edit->start_us), end = US_TO_TICKS(edit->end_us);

	if (ticks <= 0)
		return end > 0 ? end - start : 0;
	return FFMAX(0, (end > 0 ? FFMIN(ticks, end) : ticks) - start);
}

int
edit_apply(const struct media_edit *edit, struct media_info *info, struct media_failure *failure)
{
	if (info->duration_us > 0 && edit->start_us >= info->duration_us)
		return media_fail(failure, MEDIA_EDIT_EMPTY, 0, "start behind the end");
	if (info->duration_us > 0)
		info->duration_us = TICKS_TO_US(edit_length(edit, US_TO_TICKS(info->duration_us)));
	if (edit->crop.width > 0) {
		info->crop = coded_box(edit->crop, info->rotation, info->mirrored);
		info->width = (int)lround(edit->crop.width * info->width);
		info->height = (int)lround(edit->crop.height * info->height);
		if (info->width < SMALLEST_SIDE || info->height < SMALLEST_SIDE)
			return media_fail(failure, MEDIA_EDIT_EMPTY, 0, "nothing left of the picture");
	}
	if (edit->rotate % 180 != 0)
		FFSWAP(int, info->width, info->height);
	info->rotation = (info->rotation + edit->rotate) % 360;
	if (edit->mute) {
		info->audio_stream = -1;
		info->audio_codec[0] = '\0';
	}
	return MEDIA_OK;
}

/* The picture that stands at the start is the first; the one that stands at the end stands no longer. */
int
edit_span(struct job *job, AVFrame *frame, int64_t *stands)
{
	int64_t start = US_TO_TICKS(job->request->edit->start_us), end = US_TO_TICKS(job->request->edit->end_us);

	if (end > 0 && frame->pts >= end)
		return AVERROR_EOF;
	if (frame->pts + *stands <= start) {
		av_frame_unref(frame);
		job_progress(job, 0);
		return 1;
	}
	if (end > 0)
		*stands = FFMIN(*stands, end - frame->pts);
	*stands -= FFMAX(0, start - frame->pts);
	frame->pts = FFMAX(0, frame->pts - start);
	return 0;
}
