/*
 * open.c - opens a user's file by its content, never by its name: only formats of the allow-list, only the
 * file itself, within limits of size and time.
 */
#include <libavutil/avstring.h>
#include <libavutil/time.h>
#include <sys/stat.h>

#include "worker/media/internal.h"

#define PROBE_BYTES (10 << 20)
#define ANALYZE_US 8000000
#define SNIFF_BYTES (1 << 20)

static const char formats_allowed[] = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,flv,live_flv,mpegts,mpeg,ogg,asf,dv,mxf,ivf,"
                                      "rm,swf,wtv,mp3,wav,w64,flac,aac,ac3,eac3,aiff,caf,amr,au,ape,h264,hevc,mpegvideo,m4v";
/* Formats that name other files or hosts: said apart, because their users can be told what to do. */
static const char formats_forbidden[] = "concat,hls,applehttp,dash,imf,sdp,rtsp,rtp,m3u8,smil,webm_dash_manifest,"
                                        "ffmetadata,vobsub,aviparser,avisynth,lavfi,sap,tedcaptions";

const char decoders_allowed[] =
    "h264,hevc,vp8,vp9,libvpx,libvpx-vp9,libdav1d,libaom-av1,av1,mpeg4,msmpeg4v1,msmpeg4v2,msmpeg4,mpeg1video,mpeg2video,"
    "theora,mjpeg,prores,dnxhd,h261,h263,h263i,h263p,flv,wmv1,wmv2,wmv3,vc1,dvvideo,svq1,svq3,cinepak,rawvideo,ffv1,"
    "huffyuv,ffvhuff,utvideo,qtrle,rpza,rv10,rv20,rv30,rv40,vp3,vp6,vp6f,vp6a,flashsv,flashsv2,png,cfhd,hap,"
    "aac,aac_latm,aac_fixed,mp3float,mp3,mp2float,mp2,mp1float,vorbis,libvorbis,opus,libopus,flac,alac,ac3,eac3,dca,"
    "truehd,pcm_s16le,pcm_s16be,pcm_u8,pcm_s8,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,pcm_f32le,pcm_f32be,pcm_f64le,"
    "pcm_f64be,pcm_mulaw,pcm_alaw,pcm_bluray,pcm_dvd,amrnb,amrwb,wmav1,wmav2,wmapro,wmalossless,adpcm_ima_qt,adpcm_ima_wav,"
    "adpcm_ms,adpcm_swf,adpcm_yamaha,speex,libspeex,nellymoser,qdm2,qcelp,cook,ra_144,ra_288,sipr,ape,gsm,gsm_ms";

static int
interrupted(void *opaque)
{
	const struct input *in = opaque;

	return (in->stop && atomic_load(in->stop)) || (in->deadline_us && av_gettime_relative() > in->deadline_us);
}

static int
check_file(const char *path, struct media_failure *failure)
{
	struct stat st;

	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return media_fail(failure, MEDIA_UNREADABLE, AVERROR(errno ? errno : EINVAL), "stat");
	if (st.st_size == 0)
		return media_fail(failure, MEDIA_EMPTY_FILE, 0, "size 0");
	return MEDIA_OK;
}

static int
check_format(const AVInputFormat *format, int score, struct media_failure *failure)
{
	const char *name = format ? format->name : "";

	if (av_match_list(name, formats_allowed, ',') && score > AVPROBE_SCORE_RETRY / 2)
		return MEDIA_OK;
	if (av_match_list(name, formats_forbidden, ','))
		return media_fail(failure, MEDIA_FORBIDDEN_FORMAT, 0, name);
	if (strstr(name, "_pipe") || strstr(name, "image2") || !strcmp(name, "gif") || !strcmp(name, "apng") || !strcmp(name, "ico"))
		return media_fail(failure, MEDIA_STILL_IMAGE, 0, name);
	return media_fail(failure, MEDIA_NOT_MEDIA, 0, name[0] ? name : "no known format");
}

static int
sniff(struct input *in, const char *path, const AVInputFormat **format, struct media_failure *failure)
{
	AUTO(dict) AVDictionary *options = NULL;
	AVIOInterruptCB interrupt = { interrupted, in };
	char url[4200];
	int rc;

	/* "file:" keeps every name a name: one with a colon is no protocol, one with a dash no option. */
	snprintf(url, sizeof(url), "file:%s", path);
	av_dict_set(&options, "protocol_whitelist", "file", 0);
	rc = avio_open2(&in->io, url, AVIO_FLAG_READ, &interrupt, &options);
	if (rc < 0)
		return media_fail(failure, MEDIA_UNREADABLE, rc, "open");
	rc = av_probe_input_buffer2(in->io, format, "", NULL, 0, SNIFF_BYTES);
	if (rc < 0 && rc != AVERROR_INVALIDDATA)
		return media_fail(failure, MEDIA_UNREADABLE, rc, "probe");
	return check_format(rc < 0 ? NULL : *format, rc, failure);
}

static int
opening_failed(const AVInputFormat *format, int rc, struct media_failure *failure)
{
	if (rc == AVERROR_EXIT)
		return media_fail(failure, MEDIA_TOO_SLOW, rc, "open");
	if (av_match_list(format->name, "mov", ','))
		return media_fail(failure, MEDIA_TRUNCATED_OR_NO_MOOV, rc, format->name);
	return media_fail(failure, MEDIA_NOT_MEDIA, rc, format->name);
}

static int
open_format(struct input *in, const AVInputFormat *format, const struct media_limits *limits, struct media_failure *failure)
{
	AUTO(dict) AVDictionary *options = NULL;
	int rc;

	in->format = avformat_alloc_context();
	if (!in->format)
		return media_fail(failure, MEDIA_UNREADABLE, AVERROR(ENOMEM), "open");
	in->format->pb = in->io;
	in->format->flags |= AVFMT_FLAG_CUSTOM_IO;
	in->format->interrupt_callback = (AVIOInterruptCB){ interrupted, in };
	av_dict_set(&options, "format_whitelist", formats_allowed, 0);
	av_dict_set(&options, "codec_whitelist", decoders_allowed, 0);
	av_dict_set(&options, "protocol_whitelist", "file", 0);
	av_dict_set_int(&options, "probesize", PROBE_BYTES, 0);
	av_dict_set_int(&options, "analyzeduration", ANALYZE_US, 0);
	av_dict_set_int(&options, "max_streams", limits->max_streams > 0 ? limits->max_streams : 64, 0);
	rc = avformat_open_input(&in->format, NULL, format, &options);
	if (rc < 0)
		return opening_failed(format, rc, failure);
	rc = avformat_find_stream_info(in->format, NULL);
	if (rc < 0)
		return opening_failed(format, rc, failure);
	if (in->format->nb_streams == 0)
		return media_fail(failure, MEDIA_NOT_MEDIA, 0, "no tracks");
	return MEDIA_OK;
}

int
input_open(struct input *in, const char *path, const struct media_limits *limits, struct media_failure *failure)
{
	const AVInputFormat *format = NULL;
	int deadline_ms = limits->probe_deadline_ms > 0 ? limits->probe_deadline_ms : 15000;
	int rc;

	in->deadline_us = av_gettime_relative() + deadline_ms * (int64_t)1000;
	rc = check_file(path, failure);
	if (rc == MEDIA_OK)
		rc = sniff(in, path, &format, failure);
	if (rc == MEDIA_OK)
		rc = open_format(in, format, limits, failure);
	if (rc != MEDIA_OK && av_gettime_relative() > in->deadline_us)
		rc = media_fail(failure, MEDIA_TOO_SLOW, 0, "headers");
	if (rc != MEDIA_OK)
		input_close(in);
	in->deadline_us = 0;
	return rc;
}

void
input_close(struct input *in)
{
	avformat_close_input(&in->format);
	avio_closep(&in->io);
}
