/*
 * source.c - the pictures of a file, in order, each with a time that advances. Damaged packets are counted and
 * passed over: what can be seen is shown.
 */
#include <math.h>

#include "worker/media/internal.h"

#define JUMP_US 10000000
#define STUCK_FRAMES 4
#define FAR_TICKS (60 * TICKS)
#define MAX_ERRORS_IN_A_ROW 5000
#define SEEK_FROM (10 * TICKS) /* nearer ones are read through */

int
decoder_open(AVCodecContext **decoder, const AVStream *stream, int threads, int64_t max_pixels)
{
	const AVCodec *codec = avcodec_find_decoder(stream->codecpar->codec_id);
	int rc;

	*decoder = codec ? avcodec_alloc_context3(codec) : NULL;
	if (!*decoder)
		return AVERROR_DECODER_NOT_FOUND;
	rc = avcodec_parameters_to_context(*decoder, stream->codecpar);
	if (rc < 0)
		return rc;
	(*decoder)->pkt_timebase = stream->time_base;
	(*decoder)->thread_count = threads;
	if (max_pixels > 0)
		(*decoder)->max_pixels = max_pixels;
	rc = av_opt_set(*decoder, "codec_whitelist", decoders_allowed, 0);
	return rc < 0 ? rc : avcodec_open2(*decoder, codec, NULL);
}

/* Transport streams may restart their clock in the middle; time goes on all the same. */
int64_t
input_unjump(const struct input *in, int64_t us, int64_t *last_us, int64_t *jump_us)
{
	if (!(in->format->iformat->flags & AVFMT_TS_DISCONT))
		return us;
	us += *jump_us;
	if (*last_us != AV_NOPTS_VALUE && llabs(us - *last_us) > JUMP_US) {
		int64_t shift = *last_us - us;

		*jump_us += shift;
		us += shift;
	}
	*last_us = us;
	return us;
}

static void
keep_only(AVFormatContext *format, int stream)
{
	for (unsigned i = 0; i < format->nb_streams; i++)
		format->streams[i]->discard = (int)i == stream ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
}

int
source_open(struct source *s, const char *path, const struct media_policy *policy, const struct media_info *info,
    int64_t origin_us, const atomic_bool *stop, struct media_failure *failure)
{
	int64_t pixels = policy->limits.max_pixels > 0 ? policy->limits.max_pixels : 8192LL * 4320;
	bool large = (int64_t)info->coded_width * info->coded_height > 1920 * 1088;
	int rc;

	*s = (struct source){ .origin_us = origin_us, .last_ticks = -1, .last_packet_us = AV_NOPTS_VALUE };
	s->in.stop = stop;
	rc = input_open(&s->in, path, &policy->limits, failure);
	if (rc != MEDIA_OK)
		return rc;
	if (info->video_stream >= (int)s->in.format->nb_streams)
		return media_fail(failure, MEDIA_NO_VIDEO_STREAM, 0, "file changed");
	s->stream = s->in.format->streams[info->video_stream];
	keep_only(s->in.format, info->video_stream);
	s->frame_ticks = info->fps > 0 ? llround(TICKS / info->fps) : TICKS / 25;
	/* Threads of a decoder cost memory and gain nothing while the encoders fill the processors. */
	rc = decoder_open(&s->decoder, s->stream, large && policy->threads > 1 ? 2 : 1, pixels);
	if (rc < 0)
		return media_fail(failure, MEDIA_UNSUPPORTED_CODEC, rc, info->video_codec);
	s->packet = av_packet_alloc();
	return s->packet ? MEDIA_OK : media_fail(failure, MEDIA_ENCODER, AVERROR(ENOMEM), "packet");
}

static void
unjump_packet(struct source *s)
{
	AVPacket *p = s->packet;
	int64_t dts = p->dts != AV_NOPTS_VALUE ? p->dts : p->pts;
	int64_t jump;

	if (dts == AV_NOPTS_VALUE)
		return;
	input_unjump(&s->in, av_rescale_q(dts, s->stream->time_base, AV_TIME_BASE_Q), &s->last_packet_us, &s->jump_us);
	jump = av_rescale_q(s->jump_us, AV_TIME_BASE_Q, s->stream->time_base);
	if (p->dts != AV_NOPTS_VALUE)
		p->dts += jump;
	if (p->pts != AV_NOPTS_VALUE)
		p->pts += jump;
}

/* Gives the decoder one more packet, or the end. 0, or AVERROR_EXIT when asked to stop. */
static int
feed(struct source *s)
{
	int rc = av_read_frame(s->in.format, s->packet);

	if (rc == AVERROR_EXIT)
		return rc;
	if (rc < 0) {
		if (rc != AVERROR_EOF)
			s->errors++;
		s->flushing = true;
		avcodec_send_packet(s->decoder, NULL);
		return 0;
	}
	if (s->packet->stream_index == s->stream->index) {
		unjump_packet(s);
		if (s->packet->flags & AV_PKT_FLAG_CORRUPT)
			s->errors++;
		rc = avcodec_send_packet(s->decoder, s->packet);
		if (rc < 0 && rc != AVERROR(EAGAIN))
			s->errors++;
	}
	av_packet_unref(s->packet);
	return 0;
}

static bool
time_frame(struct source *s, AVFrame *frame)
{
	int64_t ticks;

	if (frame->best_effort_timestamp == AV_NOPTS_VALUE) {
		ticks = s->last_ticks < 0 ? 0 : s->last_ticks + s->frame_ticks;
	} else {
		int64_t us = av_rescale_q(frame->best_effort_timestamp, s->stream->time_base, AV_TIME_BASE_Q);

		ticks = US_TO_TICKS(us - s->origin_us);
	}
	/* The first picture stands from the beginning; where the file's clock starts is no part of it. */
	if (s->last_ticks < 0) {
		if (llabs(ticks) > FAR_TICKS)
			s->origin_us += TICKS_TO_US(ticks);
		ticks = 0;
	}
	if (ticks <= s->last_ticks) {
		if (++s->stuck < STUCK_FRAMES)
			return false;
		ticks = s->last_ticks + s->frame_ticks;
	} else {
		s->stuck = 0;
	}
	s->last_ticks = ticks;
	frame->pts = ticks;
	s->stands_ticks = s->frame_ticks;
	if (frame->pkt_duration > 0)
		s->stands_ticks = av_rescale_q(frame->pkt_duration, s->stream->time_base, (AVRational){ 1, TICKS });
	return true;
}

int
source_read(struct source *s, AVFrame *frame)
{
	for (;;) {
		int rc = avcodec_receive_frame(s->decoder, frame);

		if (rc == AVERROR_EOF)
			return rc;
		if (rc == AVERROR(EAGAIN)) {
			rc = s->flushing ? AVERROR_EOF : feed(s);
			if (rc < 0)
				return rc;
			continue;
		}
		if (rc < 0) {
			if (++s->errors > MAX_ERRORS_IN_A_ROW + s->frames)
				return AVERROR_EOF;
			continue;
		}
		if (frame->flags & AV_FRAME_FLAG_CORRUPT || frame->decode_error_flags)
			s->errors++;
		if (time_frame(s, frame)) {
			s->frames++;
			return 0;
		}
		av_frame_unref(frame);
	}
}

/* Goes near the time where the file can; everything is read where it cannot. */
void
source_seek(struct source *s, int64_t ticks)
{
	int64_t ts = av_rescale_q(s->origin_us + TICKS_TO_US(ticks), AV_TIME_BASE_Q, s->stream->time_base);

	if (ticks > SEEK_FROM && avformat_seek_file(s->in.format, s->stream->index, INT64_MIN, ts, ts, 0) >= 0)
		s->last_ticks = 0;
}

void
source_close(struct source *s)
{
	avcodec_free_context(&s->decoder);
	av_packet_free(&s->packet);
	input_close(&s->in);
}
