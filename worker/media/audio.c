/*
 * audio.c - the sound of a file, decoded and encoded once: AAC, 48 kHz, stereo, from time 0 without holes. A thread
 * with its own view of the file fills a spool on disk; the rungs read it at their own pace. Sound that cannot be
 * read ends early or is absent: it never stops the pictures.
 */
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/channel_layout.h>

#include "worker/media/audio.h"

static int
open_encoder(struct audio *a)
{
	const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_AAC);
	AVCodecContext *c;

	a->encoder = c = codec ? avcodec_alloc_context3(codec) : NULL;
	if (!c)
		return AVERROR_ENCODER_NOT_FOUND;
	c->sample_rate = AUDIO_RATE;
	c->sample_fmt = AV_SAMPLE_FMT_FLTP;
	c->time_base = (AVRational){ 1, AUDIO_RATE };
	c->bit_rate = a->request->policy.audio_bps;
	c->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
	av_channel_layout_default(&c->ch_layout, 2);
	return avcodec_open2(c, codec, NULL);
}

/* Holes become silence and what comes before time 0 is cut, so that sound never drifts from the pictures. */
static int
open_graph(struct audio *a, const AVFrame *frame)
{
	AVFilterContext *resample = NULL, *format = NULL;
	char layout[64], args[256];
	int rc;

	avfilter_graph_free(&a->graph);
	a->graph = avfilter_graph_alloc();
	if (!a->graph)
		return AVERROR(ENOMEM);
	a->graph->nb_threads = 1;
	av_channel_layout_describe(&frame->ch_layout, layout, sizeof(layout));
	if (frame->ch_layout.order == AV_CHANNEL_ORDER_UNSPEC)
		snprintf(layout, sizeof(layout), "%dc", frame->ch_layout.nb_channels);
	snprintf(args, sizeof(args), "time_base=1/1000000:sample_rate=%d:sample_fmt=%d:channel_layout=%s", frame->sample_rate,
	    frame->format, layout);
	rc = avfilter_graph_create_filter(&a->source, avfilter_get_by_name("abuffer"), "in", args, NULL, a->graph);
	if (rc < 0)
		return rc;
	snprintf(args, sizeof(args), "%d:async=1:min_hard_comp=0.04:first_pts=%lld", AUDIO_RATE,
	    (long long)av_rescale(a->samples, frame->sample_rate, AUDIO_RATE));
	rc = avfilter_graph_create_filter(&resample, avfilter_get_by_name("aresample"), "rate", args, NULL, a->graph);
	if (rc >= 0)
		rc = avfilter_graph_create_filter(&format, avfilter_get_by_name("aformat"), "form",
		    "sample_fmts=fltp:sample_rates=48000:channel_layouts=stereo", NULL, a->graph);
	if (rc >= 0)
		rc = avfilter_graph_create_filter(&a->sink, avfilter_get_by_name("abuffersink"), "out", NULL, NULL, a->graph);
	if (rc >= 0)
		rc = avfilter_link(a->source, 0, resample, 0);
	if (rc >= 0)
		rc = avfilter_link(resample, 0, format, 0);
	if (rc >= 0)
		rc = avfilter_link(format, 0, a->sink, 0);
	if (rc >= 0)
		rc = avfilter_graph_config(a->graph, NULL);
	if (rc >= 0)
		av_buffersink_set_frame_size(a->sink, (unsigned)a->encoder->frame_size);
	return rc;
}

static int
take_packets(struct audio *a)
{
	int rc;

	while ((rc = avcodec_receive_packet(a->encoder, a->packet)) >= 0) {
		/* The encoder's run-in would need an edit list, which not every player follows: time 0 is time 0 without it. */
		if (a->packet->pts >= 0)
			rc = spool_append(a, a->packet);
		av_packet_unref(a->packet);
		if (rc < 0)
			return rc;
	}
	return rc == AVERROR(EAGAIN) || rc == AVERROR_EOF ? 0 : rc;
}

static int
drain_graph(struct audio *a)
{
	int rc = 0;

	while (rc >= 0 && a->sink && (rc = av_buffersink_get_frame(a->sink, a->filtered)) >= 0) {
		a->filtered->pts = a->samples;
		a->samples += a->filtered->nb_samples;
		rc = avcodec_send_frame(a->encoder, a->filtered);
		av_frame_unref(a->filtered);
		if (rc >= 0)
			rc = take_packets(a);
	}
	return rc == AVERROR(EAGAIN) || rc == AVERROR_EOF ? 0 : rc;
}

static bool
is_same_form(const struct audio *a, const AVFrame *frame)
{
	return a->graph && frame->sample_rate == a->rate && frame->format == a->sample_format &&
	       frame->ch_layout.nb_channels == a->channels;
}

static int
filter(struct audio *a, AVFrame *frame)
{
	int rc = 0;

	if (!is_same_form(a, frame)) {
		if (a->graph && av_buffersrc_add_frame(a->source, NULL) >= 0)
			rc = drain_graph(a);
		a->rate = frame->sample_rate;
		a->sample_format = frame->format;
		a->channels = frame->ch_layout.nb_channels;
		if (rc >= 0)
			rc = open_graph(a, frame);
		if (rc < 0)
			return rc;
	}
	rc = av_buffersrc_add_frame(a->source, frame);
	return rc < 0 ? rc : drain_graph(a);
}

/* A frame that lies outside of what is wanted is none; one across the end is shortened. What begins before time 0 is
 * cut by the resampler. */
static bool
is_wanted(const struct audio *a, AVFrame *frame)
{
	int64_t length_us = av_rescale(frame->nb_samples, 1000000, FFMAX(frame->sample_rate, 1));

	if (!a->request->edit || frame->pts == AV_NOPTS_VALUE)
		return true;
	if (frame->pts + length_us <= 0 || (a->until_us > 0 && frame->pts >= a->until_us))
		return false;
	if (a->until_us > 0 && frame->pts + length_us > a->until_us)
		frame->nb_samples = (int)FFMAX(1, av_rescale(a->until_us - frame->pts, frame->sample_rate, 1000000));
	return true;
}

static int
decode(struct audio *a, const AVPacket *packet)
{
	int rc = avcodec_send_packet(a->decoder, packet);

	if (rc < 0 && rc != AVERROR(EAGAIN) && rc != AVERROR_EOF)
		a->errors++;
	while ((rc = avcodec_receive_frame(a->decoder, a->frame)) != AVERROR(EAGAIN) && rc != AVERROR_EOF) {
		if (rc < 0) {
			if (++a->errors > 100 + a->frames)
				return rc;
			return 0;
		}
		a->frames++;
		if (a->frame->pts != AV_NOPTS_VALUE)
			a->frame->pts = av_rescale_q(a->frame->pts, a->stream->time_base, AV_TIME_BASE_Q) - a->origin_us;
		if (a->frame->pts != AV_NOPTS_VALUE && a->frame->pts > a->longest_us)
			return AVERROR(ERANGE);
		rc = is_wanted(a, a->frame) ? filter(a, a->frame) : 0;
		av_frame_unref(a->frame);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static void
unjump(struct audio *a)
{
	AVPacket *p = a->input;
	int64_t jump;

	if (p->pts == AV_NOPTS_VALUE)
		return;
	input_unjump(&a->in, av_rescale_q(p->pts, a->stream->time_base, AV_TIME_BASE_Q), &a->last_us, &a->jump_us);
	jump = av_rescale_q(a->jump_us, AV_TIME_BASE_Q, a->stream->time_base);
	p->pts += jump;
	if (p->dts != AV_NOPTS_VALUE)
		p->dts += jump;
}

static int
run(struct audio *a)
{
	int rc = 0;

	while (rc >= 0 && !atomic_load(a->stop) && av_read_frame(a->in.format, a->input) >= 0) {
		if (a->input->stream_index == a->stream->index) {
			unjump(a);
			rc = decode(a, a->input);
		}
		av_packet_unref(a->input);
	}
	if (rc >= 0)
		rc = decode(a, NULL);
	if (rc >= 0 && a->graph && av_buffersrc_add_frame(a->source, NULL) >= 0)
		rc = drain_graph(a);
	if (avcodec_send_frame(a->encoder, NULL) >= 0 && rc >= 0)
		rc = take_packets(a);
	return rc;
}

static int
open_all(struct audio *a)
{
	struct media_failure ignored;
	int rc;

	if (input_open(&a->in, a->request->source, &a->request->policy.limits, &ignored) != MEDIA_OK)
		return AVERROR_INVALIDDATA;
	if (a->stream_index >= (int)a->in.format->nb_streams)
		return AVERROR_INVALIDDATA;
	a->stream = a->in.format->streams[a->stream_index];
	for (unsigned i = 0; i < a->in.format->nb_streams; i++)
		a->in.format->streams[i]->discard = (int)i == a->stream_index ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
	rc = decoder_open(&a->decoder, a->stream, 1, 0);
	if (rc >= 0)
		rc = open_encoder(a);
	a->frame = av_frame_alloc();
	a->filtered = av_frame_alloc();
	a->packet = av_packet_alloc();
	a->input = av_packet_alloc();
	return rc < 0 || (a->frame && a->filtered && a->packet && a->input) ? rc : AVERROR(ENOMEM);
}

void *
audio_main(void *arg)
{
	struct audio *a = arg;
	int rc = open_all(a);

	if (rc >= 0)
		rc = spool_set_parameters(a);
	if (rc >= 0)
		rc = run(a);
	spool_end(a, rc);
	av_frame_free(&a->frame);
	av_frame_free(&a->filtered);
	av_packet_free(&a->packet);
	av_packet_free(&a->input);
	avfilter_graph_free(&a->graph);
	avcodec_free_context(&a->decoder);
	avcodec_free_context(&a->encoder);
	input_close(&a->in);
	return NULL;
}
