/* decode.c - a part of a file's sound as interleaved stereo at AUDIO_RATE. */
#include <libavutil/channel_layout.h>
#include <libswresample/swresample.h>
#include <math.h>

#include "worker/recap/internal.h"

struct decoding {
	struct input in;
	AVStream *stream;
	AVCodecContext *decoder;
	SwrContext *swr;
	float *to;
	int64_t most, done, skip; /* samples: wanted, there, still to be left out */
	bool has_begun;
	int64_t from_us;
};

static bool
open_sound(struct decoding *d, const char *path)
{
	static const struct media_limits limits = { 0 };
	struct media_failure failure;
	int index;

	if (input_open(&d->in, path, &limits, &failure) != MEDIA_OK)
		return false;
	index = av_find_best_stream(d->in.format, AVMEDIA_TYPE_AUDIO, -1, -1, NULL, 0);
	if (index < 0)
		return false;
	d->stream = d->in.format->streams[index];
	for (unsigned i = 0; i < d->in.format->nb_streams; i++)
		d->in.format->streams[i]->discard = (int)i == index ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
	return decoder_open(&d->decoder, d->stream, 1, 0) >= 0;
}

static bool
open_resampler(struct decoding *d, AVFrame *f)
{
	AVChannelLayout stereo = AV_CHANNEL_LAYOUT_STEREO, own;
	int rc;

	av_channel_layout_default(&own, f->ch_layout.nb_channels);
	rc = swr_alloc_set_opts2(&d->swr, &stereo, AV_SAMPLE_FMT_FLT, AUDIO_RATE, f->ch_layout.order == AV_CHANNEL_ORDER_UNSPEC ? &own : &f->ch_layout,
	    f->format, f->sample_rate, 0, NULL);
	av_channel_layout_uninit(&own);
	return rc >= 0 && swr_init(d->swr) >= 0;
}

/* Where the first samples lie: what comes before the part that is wanted is left out, a hole before it stays silent. */
static void
place(struct decoding *d, const AVFrame *f)
{
	int64_t us = f->best_effort_timestamp == AV_NOPTS_VALUE ? d->from_us : av_rescale_q(f->best_effort_timestamp, d->stream->time_base, AV_TIME_BASE_Q);
	int64_t ahead = av_rescale(us - d->from_us, AUDIO_RATE, 1000000);

	d->has_begun = true;
	if (ahead < 0)
		d->skip = -ahead;
	for (; ahead > 0 && d->done < d->most; ahead--, d->done++)
		d->to[2 * d->done] = d->to[2 * d->done + 1] = 0;
}

/* From the resampler into the buffer; f NULL: what it still holds. */
static void
take(struct decoding *d, const AVFrame *f)
{
	float part[2 * 4096];
	uint8_t *out = (uint8_t *)part;
	const uint8_t **in = f != NULL ? (const uint8_t **)f->extended_data : NULL;
	int got = swr_convert(d->swr, &out, 4096, in, f != NULL ? f->nb_samples : 0);

	while (got > 0 && d->done < d->most) {
		for (int i = 0; i < got && d->done < d->most; i++) {
			if (d->skip > 0) {
				d->skip--;
				continue;
			}
			d->to[2 * d->done] = isfinite(part[2 * i]) ? part[2 * i] : 0;
			d->to[2 * d->done + 1] = isfinite(part[2 * i + 1]) ? part[2 * i + 1] : 0;
			d->done++;
		}
		got = swr_convert(d->swr, &out, 4096, NULL, 0);
	}
}

static bool
receive(struct decoding *d, AVFrame *f)
{
	while (d->done < d->most && avcodec_receive_frame(d->decoder, f) >= 0) {
		if (d->swr == NULL && !open_resampler(d, f))
			return false;
		if (!d->has_begun)
			place(d, f);
		take(d, f);
	}
	return true;
}

int64_t
sound_decode(const char *path, int64_t from_us, float *to, int64_t samples)
{
	struct decoding d = { .to = to, .most = samples, .from_us = from_us };
	AUTO(packet) AVPacket *packet = av_packet_alloc();
	AUTO(frame) AVFrame *f = av_frame_alloc();
	bool is_open = packet != NULL && f != NULL && open_sound(&d, path);

	if (is_open && from_us > 0)
		avformat_seek_file(d.in.format, -1, INT64_MIN, from_us, from_us, 0);
	while (is_open && d.done < d.most && av_read_frame(d.in.format, packet) >= 0) {
		if (packet->stream_index == d.stream->index)
			avcodec_send_packet(d.decoder, packet);
		av_packet_unref(packet);
		if (!receive(&d, f))
			break;
	}
	if (is_open && d.done < d.most && avcodec_send_packet(d.decoder, NULL) >= 0 && receive(&d, f) && d.swr != NULL)
		take(&d, NULL);
	swr_free(&d.swr);
	avcodec_free_context(&d.decoder);
	input_close(&d.in);
	return is_open && d.done > 0 ? d.done : -1;
}
