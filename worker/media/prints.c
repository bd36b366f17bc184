/* prints.c - reads a file for its prints: its pictures, some a second, as grey squares, the sound as chromaprint wants it. */
#include <chromaprint.h>
#include <libswresample/swresample.h>

#include "worker/media/internal.h"
#include "worker/media/prints.h"

#define SOUND_RATE 11025
#define SOUND_S 600
#define MAX_PIXELS (8192 * 4320)

struct reading {
	struct input in;
	const struct media_info *info;
	struct media_prints *out;
	AVCodecContext *pictures, *sound;
	struct SwsContext *sws;
	SwrContext *swr;
	ChromaprintContext *print;
	AVPacket *packet;
	AVFrame *frame;
	double every_s, next_s;
	int64_t sound_left; /* samples */
	void (*on_progress)(void *user, int percent);
	void *user;
};

static void
cleanup_reading(struct reading *r)
{
	avcodec_free_context(&r->pictures);
	avcodec_free_context(&r->sound);
	sws_freeContext(r->sws);
	swr_free(&r->swr);
	if (r->print)
		chromaprint_free(r->print);
	av_packet_free(&r->packet);
	av_frame_free(&r->frame);
	input_close(&r->in);
}

static double
time_of(const struct reading *r, int stream)
{
	const AVStream *s = r->in.format->streams[stream];
	int64_t pts = r->frame->best_effort_timestamp, start = s->start_time != AV_NOPTS_VALUE ? s->start_time : 0;

	return pts == AV_NOPTS_VALUE ? 0 : (double)(pts - start) * av_q2d(s->time_base);
}

static void
take_picture(struct reading *r)
{
	uint8_t grey[PRINT_SIDE * PRINT_SIDE];
	uint8_t *planes[4] = { grey };
	int strides[4] = { PRINT_SIDE };
	double at = time_of(r, r->info->video_stream);
	const AVFrame *f = r->frame;

	if (at < r->next_s || r->out->frame_count == PRINT_FRAMES)
		return;
	r->next_s = (floor(at / r->every_s) + 1) * r->every_s;
	r->sws = sws_getCachedContext(r->sws, f->width, f->height, f->format, PRINT_SIDE, PRINT_SIDE, AV_PIX_FMT_GRAY8, SWS_AREA,
	    NULL, NULL, NULL);
	if (!r->sws || sws_scale(r->sws, (const uint8_t *const *)f->data, f->linesize, 0, f->height, planes, strides) != PRINT_SIDE)
		return;
	if (print_frame(grey, PRINT_SIDE, r->info->rotation / 90, &r->out->frames[r->out->frame_count]))
		r->out->at_s[r->out->frame_count++] = at;
}

static void
take_sound(struct reading *r)
{
	const AVFrame *f = r->frame;
	int16_t samples[8192];
	uint8_t *planes[1] = { (uint8_t *)samples };
	AVChannelLayout mono = AV_CHANNEL_LAYOUT_MONO;
	int n;

	if (r->sound_left <= 0)
		return;
	if (!r->swr && (swr_alloc_set_opts2(&r->swr, &mono, AV_SAMPLE_FMT_S16, SOUND_RATE, &r->frame->ch_layout, f->format, f->sample_rate, 0,
	                    NULL) < 0 || swr_init(r->swr) < 0)) {
		r->sound_left = 0;
		return;
	}
	n = swr_convert(r->swr, planes, FF_ARRAY_ELEMS(samples), (const uint8_t **)f->extended_data, f->nb_samples);
	while (n > 0) {
		r->sound_left -= n;
		chromaprint_feed(r->print, samples, n);
		n = swr_convert(r->swr, planes, FF_ARRAY_ELEMS(samples), NULL, 0);
	}
}

/* A damaged packet costs what is in it. */
static void
decode_into(struct reading *r, AVCodecContext *decoder, const AVPacket *packet, void (*take)(struct reading *r))
{
	if (!decoder || (avcodec_send_packet(decoder, packet) < 0 && packet))
		return;
	while (avcodec_receive_frame(decoder, r->frame) >= 0) {
		take(r);
		av_frame_unref(r->frame);
	}
}

static void
read_all(struct reading *r)
{
	int64_t bytes = r->info->size_bytes > 0 ? r->info->size_bytes : 1;

	while (av_read_frame(r->in.format, r->packet) >= 0) {
		if (r->packet->stream_index == r->info->video_stream)
			decode_into(r, r->pictures, r->packet, take_picture);
		else if (r->packet->stream_index == r->info->audio_stream)
			decode_into(r, r->sound, r->packet, take_sound);
		if (r->on_progress && r->packet->pos > 0)
			r->on_progress(r->user, (int)(r->packet->pos * 95 / bytes));
		av_packet_unref(r->packet);
	}
	decode_into(r, r->pictures, NULL, take_picture);
	decode_into(r, r->sound, NULL, take_sound);
}

static void
keep_sound(struct reading *r)
{
	uint32_t *raw = NULL;
	int count = 0;

	if (!r->sound || !chromaprint_finish(r->print) || !chromaprint_get_raw_fingerprint(r->print, &raw, &count))
		return;
	r->out->sound_count = (size_t)FFMIN(count, PRINT_SOUND);
	memcpy(r->out->sound, raw, r->out->sound_count * sizeof(*raw));
	chromaprint_dealloc(raw);
}

static int
open_decoders(struct reading *r)
{
	const struct media_info *info = r->info;

	if (info->video_stream >= 0 && decoder_open(&r->pictures, r->in.format->streams[info->video_stream], 1, MAX_PIXELS) == 0)
		r->pictures->skip_frame = AVDISCARD_NONREF;
	else
		avcodec_free_context(&r->pictures);
	if (info->audio_stream < 0 || decoder_open(&r->sound, r->in.format->streams[info->audio_stream], 1, 0) != 0)
		avcodec_free_context(&r->sound);
	r->print = chromaprint_new(CHROMAPRINT_ALGORITHM_DEFAULT);
	r->packet = av_packet_alloc();
	r->frame = av_frame_alloc();
	return r->print && r->packet && r->frame && chromaprint_start(r->print, SOUND_RATE, 1) ? 0 : AVERROR(ENOMEM);
}

int
media_prints_make(const char *path, struct media_prints *out, void (*on_progress)(void *user, int percent), void *user,
    struct media_failure *failure)
{
	struct media_info info;
	AUTO(reading) struct reading r = { .info = &info, .out = out, .on_progress = on_progress, .user = user };
	const struct media_limits limits = { 0 };
	int rc = media_probe(path, &limits, &info, failure);

	memset(out, 0, sizeof(*out));
	if (rc == MEDIA_OK)
		rc = input_open(&r.in, path, &limits, failure);
	if (rc != MEDIA_OK)
		return rc;
	if (open_decoders(&r) < 0)
		return media_fail(failure, MEDIA_ENCODER, AVERROR(ENOMEM), "prints");
	r.every_s = FFMAX(0.25, (double)info.duration_us / 1e6 / PRINT_FRAMES);
	r.sound_left = (int64_t)SOUND_RATE * SOUND_S;
	read_all(&r);
	keep_sound(&r);
	return MEDIA_OK;
}
