/*
 * scaler.c - a normalised picture made smaller. zimg resizes three times as fast as swscale, at the same kernel;
 * with one decode and four sizes that is a twentieth of the whole work.
 */
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>

#include "worker/media/internal.h"

/* For 8-bit 4:2:0 in, with even sides and without colour tags. */
void
resize_filter(char *text, size_t size, int width, int height)
{
	if (avfilter_get_by_name("zscale"))
		snprintf(text, size, "zscale=w=%d:h=%d:f=bicubic:param_a=0:param_b=0.6", width, height);
	else
		snprintf(text, size, "scale=%d:%d:flags=bicubic", width, height);
}

int
graph_open(AVFilterGraph **graph, AVFilterContext **source, AVFilterContext **sink, const AVFrame *frame, const char *filters)
{
	AUTO(inout) AVFilterInOut *inputs = avfilter_inout_alloc();
	AUTO(inout) AVFilterInOut *outputs = avfilter_inout_alloc();
	char args[200];
	int rc;

	avfilter_graph_free(graph);
	*graph = avfilter_graph_alloc();
	if (!*graph || !inputs || !outputs)
		return AVERROR(ENOMEM);
	(*graph)->nb_threads = 1;
	snprintf(args, sizeof(args), "video_size=%dx%d:pix_fmt=%d:time_base=1/%d:pixel_aspect=1/1", frame->width, frame->height,
	    frame->format, TICKS);
	rc = avfilter_graph_create_filter(source, avfilter_get_by_name("buffer"), "in", args, NULL, *graph);
	if (rc >= 0)
		rc = avfilter_graph_create_filter(sink, avfilter_get_by_name("buffersink"), "out", NULL, NULL, *graph);
	if (rc < 0)
		return rc;
	outputs->name = av_strdup("in");
	outputs->filter_ctx = *source;
	inputs->name = av_strdup("out");
	inputs->filter_ctx = *sink;
	rc = avfilter_graph_parse_ptr(*graph, filters, &inputs, &outputs, NULL);
	return rc < 0 ? rc : avfilter_graph_config(*graph, NULL);
}

static void
set_tags(AVFrame *to, const AVFrame *from)
{
	to->color_primaries = from->color_primaries;
	to->color_trc = from->color_trc;
	to->colorspace = from->colorspace;
	to->color_range = from->color_range;
	to->pict_type = from->pict_type;
	to->pts = from->pts;
	to->sample_aspect_ratio = (AVRational){ 1, 1 };
}

int
scaler_run(struct scaler *s, const AVFrame *in, AVFrame *out)
{
	AUTO(frame) AVFrame *copy = NULL;
	char filters[120];
	int rc = 0;

	if (in->width == s->width && in->height == s->height)
		return av_frame_ref(out, in);
	if (!s->graph) {
		resize_filter(filters, sizeof(filters), s->width, s->height);
		rc = graph_open(&s->graph, &s->source, &s->sink, in, filters);
	}
	copy = av_frame_clone(in);
	if (rc < 0 || !copy)
		return rc < 0 ? rc : AVERROR(ENOMEM);
	untag(copy);
	rc = av_buffersrc_add_frame(s->source, copy);
	if (rc >= 0)
		rc = av_buffersink_get_frame(s->sink, out);
	if (rc >= 0)
		set_tags(out, in);
	return rc;
}

/* Sizes change, colours do not: without tags no filter has an opinion about them. */
void
untag(AVFrame *frame)
{
	frame->color_primaries = AVCOL_PRI_UNSPECIFIED;
	frame->color_trc = AVCOL_TRC_UNSPECIFIED;
	frame->colorspace = AVCOL_SPC_UNSPECIFIED;
	frame->color_range = AVCOL_RANGE_UNSPECIFIED;
	frame->sample_aspect_ratio = (AVRational){ 1, 1 };
}

void
scaler_close(struct scaler *s)
{
	avfilter_graph_free(&s->graph);
	s->source = s->sink = NULL;
}
