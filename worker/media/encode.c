/* encode.c - the H.264 encoder of one rung. */
#include <math.h>

#include "worker/media/internal.h"

/*
 * Key pictures are where the caller asks for them and nowhere else, so that all rungs can be cut at the same places:
 * no scene cuts, no interval of the encoder's own, closed groups.
 */
int
video_encoder_open(AVCodecContext **encoder, const struct encode_settings *settings, int width, int height)
{
	const AVCodec *codec = avcodec_find_encoder_by_name("libx264");
	AUTO(dict) AVDictionary *options = NULL;
	AVCodecContext *c;

	*encoder = c = codec ? avcodec_alloc_context3(codec) : NULL;
	if (!c)
		return codec ? AVERROR(ENOMEM) : AVERROR_ENCODER_NOT_FOUND;
	c->width = width;
	c->height = height;
	c->pix_fmt = AV_PIX_FMT_YUV420P;
	c->sample_aspect_ratio = (AVRational){ 1, 1 };
	c->time_base = (AVRational){ 1, TICKS };
	c->framerate = settings->fps > 0 ? av_d2q(settings->fps, 1001000) : (AVRational){ 25, 1 };
	c->color_primaries = settings->colour.primaries;
	c->color_trc = settings->colour.transfer;
	c->colorspace = settings->colour.space;
	c->color_range = AVCOL_RANGE_MPEG;
	c->rc_max_rate = settings->maxrate_bps;
	c->rc_buffer_size = (int)settings->bufsize_bits;
	c->thread_count = settings->threads;
	c->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_CLOSED_GOP;
	c->gop_size = 100000;
	av_dict_set(&options, "preset", settings->preset, 0);
	av_dict_set(&options, "profile", "high", 0);
	av_dict_set_int(&options, "crf", settings->crf, 0);
	av_dict_set(&options, "forced-idr", "1", 0);
	av_dict_set(&options, "sc_threshold", "0", 0);
	return avcodec_open2(c, codec, &options);
}
