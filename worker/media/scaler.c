/* scaler.c - a normalised picture made smaller, into memory from a pool. */
#include "worker/media/internal.h"

static int
scaler_open(struct scaler *s, const AVFrame *in)
{
	int size = av_image_get_buffer_size(AV_PIX_FMT_YUV420P, s->width, s->height, 64);

	if (size < 0)
		return size;
	s->sws = sws_getContext(in->width, in->height, AV_PIX_FMT_YUV420P, s->width, s->height, AV_PIX_FMT_YUV420P, SWS_BICUBIC,
	    NULL, NULL, NULL);
	s->pool = av_buffer_pool_init((size_t)size + 64, NULL);
	return s->sws && s->pool ? 0 : AVERROR(ENOMEM);
}

int
scaler_run(struct scaler *s, const AVFrame *in, AVFrame *out)
{
	int rc = s->sws ? 0 : scaler_open(s, in);

	if (rc < 0)
		return rc;
	if (in->width == s->width && in->height == s->height)
		return av_frame_ref(out, in);
	out->buf[0] = av_buffer_pool_get(s->pool);
	if (!out->buf[0])
		return AVERROR(ENOMEM);
	out->format = AV_PIX_FMT_YUV420P;
	out->width = s->width;
	out->height = s->height;
	av_image_fill_arrays(out->data, out->linesize, out->buf[0]->data, AV_PIX_FMT_YUV420P, s->width, s->height, 64);
	rc = sws_scale(s->sws, (const uint8_t *const *)in->data, in->linesize, 0, in->height, out->data, out->linesize);
	if (rc < 0)
		return rc;
	rc = av_frame_copy_props(out, in);
	out->pict_type = in->pict_type;
	return rc;
}

void
scaler_close(struct scaler *s)
{
	sws_freeContext(s->sws);
	s->sws = NULL;
	av_buffer_pool_uninit(&s->pool);
}
