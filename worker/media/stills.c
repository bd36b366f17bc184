/*
 * stills.c - poster and thumbnails: pictures of the source at 10, 50 and 90 % of its time, or at a time that somebody
 * chose, as JPEG.
 */
#include "worker/media/internal.h"

#define POSTER_SHORT_SIDE 720
#define THUMB_SHORT_SIDE 360

int
jpeg_write(const char *folder, const char *name, const AVFrame *picture, int quality)
{
	const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG);
	AUTO(codec) AVCodecContext *c = codec ? avcodec_alloc_context3(codec) : NULL;
	AUTO(packet) AVPacket *packet = av_packet_alloc();
	int rc;

	if (!c || !packet)
		return AVERROR(ENOMEM);
	c->width = picture->width;
	c->height = picture->height;
	c->pix_fmt = AV_PIX_FMT_YUVJ420P;
	c->color_range = AVCOL_RANGE_JPEG;
	c->time_base = (AVRational){ 1, 25 };
	c->thread_count = 1;
	c->flags |= AV_CODEC_FLAG_QSCALE | AV_CODEC_FLAG_BITEXACT;
	c->global_quality = quality * FF_QP2LAMBDA;
	rc = avcodec_open2(c, codec, NULL);
	if (rc >= 0)
		rc = avcodec_send_frame(c, picture);
	if (rc >= 0)
		rc = avcodec_receive_packet(c, packet);
	return rc < 0 ? rc : write_whole(folder, name, packet->data, (size_t)packet->size);
}

static int
even_at_most(int side, int bound, int narrow)
{
	int scaled = narrow > bound ? (int)av_rescale(side, bound, narrow) : side;

	return FFMAX(2, scaled & ~1);
}

int
still_write(const char *folder, const char *name, const AVFrame *in, int short_side)
{
	AUTO(frame) AVFrame *out = av_frame_alloc();
	int narrow = FFMIN(in->width, in->height);
	struct SwsContext *sws;
	int rc;

	if (!out)
		return AVERROR(ENOMEM);
	out->width = even_at_most(in->width, short_side, narrow);
	out->height = even_at_most(in->height, short_side, narrow);
	out->format = AV_PIX_FMT_YUVJ420P;
	out->color_range = AVCOL_RANGE_JPEG;
	out->quality = 3 * FF_QP2LAMBDA;
	rc = av_frame_get_buffer(out, 0);
	if (rc < 0)
		return rc;
	sws = sws_getContext(in->width, in->height, AV_PIX_FMT_YUV420P, out->width, out->height, AV_PIX_FMT_YUVJ420P, SWS_AREA,
	    NULL, NULL, NULL);
	if (!sws)
		return AVERROR(ENOMEM);
	sws_scale(sws, (const uint8_t *const *)in->data, in->linesize, 0, in->height, out->data, out->linesize);
	sws_freeContext(sws);
	return jpeg_write(folder, name, out, 3);
}

/* Upright and as small as a poster. */
static int
settle(struct normaliser *n, AVFrame *picture)
{
	int rc = normaliser_push(n, picture);

	if (rc >= 0)
		rc = normaliser_push(n, NULL);
	if (rc >= 0)
		rc = normaliser_pull(n, picture);
	normaliser_close(n);
	return rc;
}

static void
normaliser_for_poster(struct normaliser *n, const struct media_info *info)
{
	int narrow = FFMIN(info->width, info->height);

	normaliser_init(n, info, even_at_most(info->width, POSTER_SHORT_SIDE, narrow),
	    even_at_most(info->height, POSTER_SHORT_SIDE, narrow));
}

void
stills_init(struct stills *s, const struct media_info *info, const char *folder, int64_t duration_ticks)
{
	*s = (struct stills){ .folder = folder };
	normaliser_for_poster(&s->normaliser, info);
	s->at[0] = duration_ticks / 10;
	s->at[1] = duration_ticks / 2;
	s->at[2] = duration_ticks / 10 * 9;
}

static int
take(struct stills *s, const AVFrame *decoded)
{
	static const char *const names[3] = { "thumb-1.jpg", "thumb-2.jpg", "thumb-3.jpg" };
	AUTO(frame) AVFrame *picture = av_frame_clone(decoded);
	int number = s->next++;
	int rc = picture ? settle(&s->normaliser, picture) : AVERROR(ENOMEM);

	if (rc >= 0)
		rc = still_write(s->folder, names[number], picture, THUMB_SHORT_SIDE);
	s->thumbs[number] = rc >= 0;
	if (rc >= 0 && !s->poster) {
		rc = still_write(s->folder, "poster.jpg", picture, POSTER_SHORT_SIDE);
		s->poster = rc >= 0;
	}
	return rc;
}

int
stills_frame(struct stills *s, const AVFrame *decoded)
{
	int rc = 0;

	while (rc >= 0 && s->next < 3 && decoded->pts >= s->at[s->next])
		rc = take(s, decoded);
	if (s->next < 3) {
		if (!s->last)
			s->last = av_frame_alloc();
		if (s->last) {
			av_frame_unref(s->last);
			if (av_frame_ref(s->last, decoded) < 0)
				rc = AVERROR(ENOMEM);
		}
	}
	return rc;
}

/* A video that ended before it said it would shows its last picture instead. */
int
stills_end(struct stills *s)
{
	int rc = 0;

	while (s->next < 3 && s->last && s->last->buf[0])
		rc = take(s, s->last);
	return rc;
}

void
stills_close(struct stills *s)
{
	av_frame_free(&s->last);
	normaliser_close(&s->normaliser);
}

/* The picture that stands at that time; the last one that there is. */
static int
find(struct source *s, int64_t ticks, AVFrame *found)
{
	AUTO(frame) AVFrame *frame = av_frame_alloc();
	int rc = frame ? 0 : AVERROR(ENOMEM);

	while (rc >= 0 && (rc = source_read(s, frame)) >= 0 && (!found->buf[0] || frame->pts <= ticks)) {
		av_frame_unref(found);
		av_frame_move_ref(found, frame);
	}
	return found->buf[0] ? 0 : rc;
}

static int
open_and_find(const char *path, int64_t ticks, const struct media_policy *policy, const struct media_info *info, AVFrame *found,
    struct media_failure *failure)
{
	__attribute__((cleanup(cleanup_input))) struct input in = { 0 };
	struct source s = { 0 };
	int rc = input_open(&in, path, &policy->limits, failure);

	if (rc != MEDIA_OK)
		return rc;
	rc = source_open(&s, path, policy, info, probe_origin_us(&in, info), NULL, failure);
	if (rc == MEDIA_OK) {
		source_seek(&s, ticks);
		rc = find(&s, ticks, found);
		rc = rc < 0 ? media_fail(failure, MEDIA_NO_VIDEO_FRAMES, rc, "still") : MEDIA_OK;
	}
	source_close(&s);
	return rc;
}

int
media_still(const char *path, int64_t time_us, const struct media_edit *edit, const struct media_limits *limits,
    const char *folder, struct media_failure *failure)
{
	AUTO(frame) AVFrame *picture = av_frame_alloc();
	struct media_policy policy = { .threads = 1, .limits = *limits };
	struct media_info info = { 0 };
	struct normaliser n;
	int rc = picture ? media_probe(path, limits, &info, failure) : media_fail(failure, MEDIA_ENCODER, AVERROR(ENOMEM), "still");

	if (rc == MEDIA_OK && edit) {
		time_us += edit->start_us;
		if (edit->end_us > 0)
			time_us = FFMIN(time_us, edit->end_us - 1);
		rc = edit_apply(edit, &info, failure);
	}
	if (rc == MEDIA_OK)
		rc = open_and_find(path, US_TO_TICKS(time_us), &policy, &info, picture, failure);
	if (rc != MEDIA_OK)
		return rc;
	normaliser_for_poster(&n, &info);
	rc = settle(&n, picture);
	if (rc < 0)
		return media_fail(failure, MEDIA_ENCODER, rc, "still");
	rc = still_write(folder, MEDIA_STILL_POSTER, picture, POSTER_SHORT_SIDE);
	if (rc >= 0)
		rc = still_write(folder, MEDIA_STILL_THUMB, picture, THUMB_SHORT_SIDE);
	return rc < 0 ? media_fail_output(failure, rc, "still") : MEDIA_OK;
}
