/* probe.c - what a file is: the track that people watch, the one they hear, size as seen, duration, colours. */
#include <libavutil/display.h>
#include <libavutil/pixdesc.h>
#include <math.h>

#include "worker/media/internal.h"

#define MAX_PIXELS (8192LL * 4320)
#define MAX_DURATION_US (12 * 3600 * 1000000LL)
#define MIN_FPS 0.01
#define MAX_FPS 1000.0

static bool
is_picture_only(const AVStream *st)
{
	return st->disposition & (AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS);
}

static int64_t
video_rank(const AVStream *st)
{
	const AVCodecParameters *par = st->codecpar;
	int64_t rank = (int64_t)par->width * par->height + 1;

	if (avcodec_find_decoder(par->codec_id))
		rank += INT64_C(1) << 40;
	if (st->disposition & AV_DISPOSITION_DEFAULT)
		rank += INT64_C(1) << 36;
	return rank;
}

static int
find_video(const AVFormatContext *format)
{
	int best = -1;

	for (unsigned i = 0; i < format->nb_streams; i++) {
		const AVStream *st = format->streams[i];

		if (st->codecpar->codec_type != AVMEDIA_TYPE_VIDEO || is_picture_only(st))
			continue;
		if (best < 0 || video_rank(st) > video_rank(format->streams[best]))
			best = (int)i;
	}
	return best;
}

static int
find_audio(AVFormatContext *format, int video)
{
	const AVCodec *decoder = NULL;
	int index = av_find_best_stream(format, AVMEDIA_TYPE_AUDIO, -1, video, &decoder, 0);

	return index >= 0 && decoder && format->streams[index]->codecpar->ch_layout.nb_channels > 0 ? index : -1;
}

static void
read_rotation(const AVStream *st, struct media_info *info)
{
	size_t size = 0;
	const int32_t *matrix = (const int32_t *)av_stream_get_side_data(st, AV_PKT_DATA_DISPLAYMATRIX, &size);
	double theta;

	if (!matrix || size < 9 * sizeof(int32_t))
		return;
	theta = av_display_rotation_get(matrix);
	if (isnan(theta))
		return;
	info->mirrored = (double)matrix[0] * matrix[4] - (double)matrix[1] * matrix[3] < 0;
	info->rotation = ((int)lround(-theta / 90) * 90 % 360 + 360) % 360;
}

static void
read_shape(AVFormatContext *format, AVStream *st, struct media_info *info)
{
	AVRational sar = av_guess_sample_aspect_ratio(format, st, NULL);
	double width = st->codecpar->width, height = st->codecpar->height;

	info->coded_width = st->codecpar->width;
	info->coded_height = st->codecpar->height;
	/* As players do: a pixel wider than high stretches the width, one higher than wide stretches the height. */
	if (sar.num > 0 && sar.den > 0 && av_q2d(sar) < 20 && av_q2d(sar) > 0.05)
		width *= av_q2d(sar);
	if (info->rotation % 180) {
		double swap = width;

		width = height;
		height = swap;
	}
	info->width = (int)fmax(1, lround(width));
	info->height = (int)fmax(1, lround(height));
}

static double
frame_rate(AVFormatContext *format, AVStream *st)
{
	AVRational rate = st->avg_frame_rate;

	if (rate.num <= 0 || rate.den <= 0 || av_q2d(rate) > MAX_FPS)
		rate = av_guess_frame_rate(format, st, NULL);
	if (rate.num <= 0 || rate.den <= 0 || av_q2d(rate) > MAX_FPS || av_q2d(rate) < MIN_FPS)
		return 0;
	return av_q2d(rate);
}

static void
read_video(AVFormatContext *format, AVStream *st, struct media_info *info)
{
	const AVCodecParameters *par = st->codecpar;

	snprintf(info->video_codec, sizeof(info->video_codec), "%s", avcodec_get_name(par->codec_id));
	read_rotation(st, info);
	read_shape(format, st, info);
	info->fps = frame_rate(format, st);
	info->interlaced = par->field_order > AV_FIELD_PROGRESSIVE;
	if (par->color_trc == AVCOL_TRC_SMPTE2084)
		info->hdr = MEDIA_HDR_PQ;
	if (par->color_trc == AVCOL_TRC_ARIB_STD_B67)
		info->hdr = MEDIA_HDR_HLG;
}

static void
read_container(const struct input *in, struct media_info *info)
{
	const AVFormatContext *format = in->format;

	snprintf(info->container, sizeof(info->container), "%s", format->iformat->name);
	info->duration_us = format->duration > 0 ? format->duration : 0;
	info->bitrate_bps = format->bit_rate;
	info->size_bytes = avio_size(format->pb);
}

static int
check_limits(const struct media_info *info, const struct media_limits *limits, struct media_failure *failure)
{
	int64_t max_pixels = limits->max_pixels > 0 ? limits->max_pixels : MAX_PIXELS;
	int64_t max_duration = limits->max_duration_us > 0 ? limits->max_duration_us : MAX_DURATION_US;

	if ((int64_t)info->coded_width * info->coded_height > max_pixels)
		return media_fail(failure, MEDIA_DIMENSIONS_TOO_LARGE, 0, "pixels");
	if (info->duration_us > max_duration)
		return media_fail(failure, MEDIA_TOO_LONG, 0, "duration");
	return MEDIA_OK;
}

int
probe_info(const struct input *in, const struct media_limits *limits, struct media_info *info, struct media_failure *failure)
{
	AVFormatContext *format = in->format;
	AVStream *video;

	*info = (struct media_info){ .audio_stream = -1 };
	read_container(in, info);
	info->video_stream = find_video(format);
	if (info->video_stream < 0)
		return media_fail(failure, MEDIA_NO_VIDEO_STREAM, 0, info->container);
	video = format->streams[info->video_stream];
	if (av_stream_get_side_data(video, AV_PKT_DATA_ENCRYPTION_INIT_INFO, NULL))
		return media_fail(failure, MEDIA_ENCRYPTED, 0, info->container);
	if (!avcodec_find_decoder(video->codecpar->codec_id))
		return media_fail(failure, MEDIA_UNSUPPORTED_CODEC, 0, avcodec_get_name(video->codecpar->codec_id));
	if (video->codecpar->width <= 0 || video->codecpar->height <= 0)
		return media_fail(failure, MEDIA_NO_VIDEO_FRAMES, 0, "no dimensions");
	read_video(format, video, info);
	info->audio_stream = find_audio(format, info->video_stream);
	if (info->audio_stream >= 0) {
		const AVCodecParameters *par = format->streams[info->audio_stream]->codecpar;

		snprintf(info->audio_codec, sizeof(info->audio_codec), "%s", avcodec_get_name(par->codec_id));
		info->audio_channels = par->ch_layout.nb_channels;
		info->audio_rate = par->sample_rate;
	}
	return check_limits(info, limits, failure);
}

static int64_t
start_us(const AVStream *st)
{
	return st->start_time == AV_NOPTS_VALUE ? AV_NOPTS_VALUE : av_rescale_q(st->start_time, st->time_base, AV_TIME_BASE_Q);
}

/*
 * Where the presentation starts. Sound that leads by less than a blink is cut so that the first picture has time 0;
 * sound that leads by more is kept and the first picture stands meanwhile.
 */
int64_t
probe_origin_us(const struct input *in, const struct media_info *info)
{
	int64_t video = start_us(in->format->streams[info->video_stream]);
	int64_t audio = info->audio_stream >= 0 ? start_us(in->format->streams[info->audio_stream]) : AV_NOPTS_VALUE;

	if (video == AV_NOPTS_VALUE)
		return audio == AV_NOPTS_VALUE ? 0 : audio;
	if (audio == AV_NOPTS_VALUE || audio >= video || video - audio < 100000 || video - audio > 60000000)
		return video;
	return audio;
}

int
media_probe(const char *path, const struct media_limits *limits, struct media_info *info, struct media_failure *failure)
{
	static const struct media_limits house = { 0 };
	__attribute__((cleanup(cleanup_input))) struct input in = { 0 };
	int rc;

	media_log_start();
	*failure = (struct media_failure){ 0 };
	*info = (struct media_info){ .audio_stream = -1 };
	rc = input_open(&in, path, limits ? limits : &house, failure);
	return rc != MEDIA_OK ? rc : probe_info(&in, limits ? limits : &house, info, failure);
}
