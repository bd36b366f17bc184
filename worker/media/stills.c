/* stills.c - poster and thumbnails: pictures of the source at 10, 50 and 90 % of its time, as JPEG. */
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

static int
write_scaled(const struct stills *s, const char *name, const AVFrame *in, int short_side)
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
	return jpeg_write(s->folder, name, out, 3);
}

void
stills_init(struct stills *s, const struct media_info *info, const char *folder, int64_t duration_ticks)
{
	int narrow = FFMIN(info->width, info->height);

	*s = (struct stills){ .folder = folder };
	normaliser_init(&s->normaliser, info, even_at_most(info->width, POSTER_SHORT_SIDE, narrow),
	    even_at_most(info->height, POSTER_SHORT_SIDE, narrow));
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
	int rc = picture ? normaliser_push(&s->normaliser, picture) : AVERROR(ENOMEM);

	if (rc >= 0)
		rc = normaliser_push(&s->normaliser, NULL);
	if (rc >= 0)
		rc = normaliser_pull(&s->normaliser, picture);
	normaliser_close(&s->normaliser);
	if (rc >= 0)
		rc = write_scaled(s, names[number], picture, THUMB_SHORT_SIDE);
	s->thumbs[number] = rc >= 0;
	if (rc >= 0 && !s->poster) {
		rc = write_scaled(s, "poster.jpg", picture, POSTER_SHORT_SIDE);
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
