/*
 * normalise.c - whatever a decoder gives becomes upright, square, progressive, 8-bit 4:2:0 in standard range and
 * dynamic range, at one size. A picture that already is all that passes untouched.
 */
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/pixdesc.h>
#include <math.h>

#include "worker/media/internal.h"

void
normaliser_init(struct normaliser *n, const struct media_info *info, int width, int height)
{
	*n = (struct normaliser){ .info = info, .out_width = width, .out_height = height, .format = AV_PIX_FMT_NONE };
}

void
normaliser_close(struct normaliser *n)
{
	avfilter_graph_free(&n->graph);
	n->source = n->sink = NULL;
	n->format = AV_PIX_FMT_NONE;
}

static bool
is_wide_gamut(const AVFrame *frame)
{
	return frame->color_primaries == AVCOL_PRI_BT2020 || frame->colorspace == AVCOL_SPC_BT2020_NCL ||
	       frame->colorspace == AVCOL_SPC_BT2020_CL;
}

static bool
is_rgb(int format)
{
	const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(format);

	return desc && desc->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL);
}

static bool
is_full_range(const AVFrame *frame)
{
	switch (frame->format) {
	case AV_PIX_FMT_YUVJ420P:
	case AV_PIX_FMT_YUVJ422P:
	case AV_PIX_FMT_YUVJ444P:
	case AV_PIX_FMT_YUVJ440P:
	case AV_PIX_FMT_YUVJ411P:
		return true;
	default:
		return frame->color_range == AVCOL_RANGE_JPEG && !is_rgb(frame->format);
	}
}

/* What the output is tagged with: players guess colours by size, so that untagged rungs of one video would differ. */
struct colour
colour_of(const struct media_info *info, const AVFrame *frame)
{
	struct colour hd = { AVCOL_PRI_BT709, AVCOL_TRC_BT709, AVCOL_SPC_BT709 };
	struct colour sd = { AVCOL_PRI_SMPTE170M, AVCOL_TRC_SMPTE170M, AVCOL_SPC_SMPTE170M };
	struct colour c = FFMIN(info->coded_width, info->coded_height) >= 720 ? hd : sd;

	if (info->hdr != MEDIA_SDR || is_wide_gamut(frame) || is_rgb(frame->format))
		return hd;
	if (frame->colorspace != AVCOL_SPC_UNSPECIFIED && frame->colorspace != AVCOL_SPC_RGB && frame->colorspace < AVCOL_SPC_NB)
		c.space = frame->colorspace;
	if (frame->color_primaries != AVCOL_PRI_UNSPECIFIED && frame->color_primaries < AVCOL_PRI_NB)
		c.primaries = frame->color_primaries;
	if (frame->color_trc != AVCOL_TRC_UNSPECIFIED && frame->color_trc < AVCOL_TRC_NB)
		c.transfer = frame->color_trc;
	return c;
}

/* Needs no change of colours or format, only of size or position. */
static bool
is_plain(const struct normaliser *n, const AVFrame *frame)
{
	return frame->format == AV_PIX_FMT_YUV420P && !is_full_range(frame) && n->info->hdr == MEDIA_SDR &&
	       !is_wide_gamut(frame) && frame->width % 2 == 0 && frame->height % 2 == 0;
}

static const char *
turn_filters(const struct media_info *info)
{
	switch (info->rotation) {
	case 90:
		return info->mirrored ? ",transpose=clock_flip" : ",transpose=clock";
	case 180:
		return info->mirrored ? ",vflip" : ",hflip,vflip";
	case 270:
		return info->mirrored ? ",transpose=cclock_flip" : ",transpose=cclock";
	default:
		return info->mirrored ? ",hflip" : "";
	}
}

/* Sides and corner fall on whole chroma samples, of both fields where there are two. */
static void
crop_filter(const struct media_box *box, const AVFrame *frame, bool interlaced, char *text, size_t size)
{
	int step = interlaced ? 4 : 2;
	int x = (int)(box->x * frame->width) / 2 * 2, y = (int)(box->y * frame->height) / step * step;
	int width = FFMIN(FFMAX((int)lround(box->width * frame->width) / 2 * 2, 2), frame->width - x);
	int height = FFMIN(FFMAX((int)lround(box->height * frame->height) / step * step, step), frame->height - y);

	text[0] = '\0';
	if (box->width > 0)
		snprintf(text, size, "crop=%d:%d:%d:%d:exact=1,", width, height, x, y);
}

/*
 * Sizes come first, so that turning and tone mapping touch fewer pixels. Tone mapping needs linear light in
 * floating point: zscale gets tags that untagged files lack, since it refuses to guess.
 */
static void
describe(const struct normaliser *n, const AVFrame *frame, char *text, size_t size)
{
	bool turned = n->info->rotation % 180 != 0;
	int width = turned ? n->out_height : n->out_width, height = turned ? n->out_width : n->out_height;
	bool interlaced = n->info->interlaced || frame->interlaced_frame;
	const char *turn = turn_filters(n->info);
	char resize[120], crop[60], deinterlace[120];

	crop_filter(&n->info->crop, frame, interlaced, crop, sizeof(crop));
	snprintf(deinterlace, sizeof(deinterlace), "%s%s", crop, interlaced ? "bwdif=mode=send_frame:deint=interlaced," : "");
	resize_filter(resize, sizeof(resize), width, height);
	if (is_plain(n, frame))
		snprintf(text, size, "%s%s,setsar=1%s", deinterlace, resize, turn);
	else if (n->info->hdr != MEDIA_SDR)
		snprintf(text, size,
		    "%sscale=%d:%d:flags=bicubic,setsar=1,setparams=color_primaries=bt2020:color_trc=%s:colorspace=bt2020nc,"
		    "zscale=t=linear:npl=203,format=gbrpf32le,zscale=p=bt709,tonemap=tonemap=hable:desat=0,"
		    "zscale=t=bt709:m=bt709:r=tv,format=yuv420p%s",
		    deinterlace, width, height, n->info->hdr == MEDIA_HDR_PQ ? "smpte2084" : "arib-std-b67", turn);
	else if (is_wide_gamut(frame))
		snprintf(text, size,
		    "%sscale=%d:%d:flags=bicubic,setsar=1,setparams=color_primaries=bt2020:color_trc=bt2020-10:colorspace=bt2020nc,"
		    "zscale=p=bt709:t=bt709:m=bt709:r=tv,format=yuv420p%s",
		    deinterlace, width, height, turn);
	else
		snprintf(text, size, "%sscale=%d:%d:flags=bicubic:out_range=tv%s%s,format=yuv420p,setsar=1%s", deinterlace, width,
		    height, is_full_range(frame) ? ":in_range=pc" : "", is_rgb(frame->format) ? ":out_color_matrix=bt709" : "", turn);
}

static int
build(struct normaliser *n, const AVFrame *frame)
{
	char text[700];

	describe(n, frame, text, sizeof(text));
	return graph_open(&n->graph, &n->source, &n->sink, frame, text);
}

static bool
is_normal(const struct normaliser *n, const AVFrame *frame)
{
	return is_plain(n, frame) && n->info->rotation == 0 && !n->info->mirrored && !n->info->interlaced &&
	       !frame->interlaced_frame && n->info->crop.width == 0 && frame->width == n->out_width && frame->height == n->out_height;
}

static int
adapt(struct normaliser *n, const AVFrame *frame)
{
	if (frame->width == n->width && frame->height == n->height && frame->format == n->format &&
	    frame->color_range == n->range && frame->colorspace == n->space)
		return 0;
	if (n->format == AV_PIX_FMT_NONE)
		n->colour = colour_of(n->info, frame);
	n->width = frame->width;
	n->height = frame->height;
	n->format = frame->format;
	n->range = frame->color_range;
	n->space = frame->colorspace;
	n->pass_through = is_normal(n, frame);
	return n->pass_through ? 0 : build(n, frame);
}

static void
tag(const struct normaliser *n, AVFrame *frame)
{
	frame->color_primaries = n->colour.primaries;
	frame->color_trc = n->colour.transfer;
	frame->colorspace = n->colour.space;
	frame->color_range = AVCOL_RANGE_MPEG;
	frame->sample_aspect_ratio = (AVRational){ 1, 1 };
	frame->pict_type = AV_PICTURE_TYPE_NONE;
	frame->interlaced_frame = 0;
	/* Side data (positions, closed captions, light levels) is of the source, not of what we publish. */
	while (frame->nb_side_data > 0)
		av_frame_remove_side_data(frame, frame->side_data[0]->type);
	av_dict_free(&frame->metadata);
}

int
normaliser_push(struct normaliser *n, AVFrame *frame)
{
	int rc;

	if (!frame)
		return n->graph && !n->pass_through ? av_buffersrc_add_frame(n->source, NULL) : 0;
	rc = adapt(n, frame);
	if (rc < 0)
		return rc;
	if (n->pass_through)
		return 0;
	if (is_plain(n, frame))
		untag(frame);
	frame->sample_aspect_ratio = (AVRational){ 1, 1 };
	return av_buffersrc_add_frame(n->source, frame);
}

/* A frame that passes untouched stays where the caller has it: pull says so by leaving it alone. */
int
normaliser_pull(struct normaliser *n, AVFrame *frame)
{
	int rc;

	if (n->pass_through) {
		if (!frame->buf[0])
			return AVERROR(EAGAIN);
		tag(n, frame);
		return 0;
	}
	if (!n->graph)
		return AVERROR_EOF;
	rc = av_buffersink_get_frame(n->sink, frame);
	if (rc < 0)
		return rc;
	tag(n, frame);
	return 0;
}
