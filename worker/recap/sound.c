/* sound.c - the sound of a whole film: music that goes round for as long as it must, softer where a clip speaks, brought to the
 * loudness that is promised, with its peaks held. */
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <math.h>

#include "worker/recap/internal.h"

#define LOUDNESS (-16.0) /* LUFS */
#define PIECE 4800       /* samples that a filter is given at once */
#define JOIN AUDIO_RATE  /* samples in which the end of the music becomes its beginning again */
#define FADE_IN (AUDIO_RATE / 2)
#define FADE_OUT (2 * AUDIO_RATE)
#define DUCKED 0.22      /* of the music, under a clip */
#define SILENT (-45.0)   /* LUFS: a clip that says less says nothing */

/* --- filters over a whole sound --- */

/* A graph of interleaved stereo through the filters that `text` names. */
static int
open_graph(AVFilterGraph **graph, AVFilterContext **source, AVFilterContext **sink, const char *text)
{
	AUTO(inout) AVFilterInOut *inputs = avfilter_inout_alloc();
	AUTO(inout) AVFilterInOut *outputs = avfilter_inout_alloc();
	int rc;

	*graph = avfilter_graph_alloc();
	if (*graph == NULL || inputs == NULL || outputs == NULL)
		return AVERROR(ENOMEM);
	(*graph)->nb_threads = 1;
	rc = avfilter_graph_create_filter(source, avfilter_get_by_name("abuffer"), "in",
	    "time_base=1/48000:sample_rate=48000:sample_fmt=flt:channel_layout=stereo", NULL, *graph);
	if (rc >= 0)
		rc = avfilter_graph_create_filter(sink, avfilter_get_by_name("abuffersink"), "out", NULL, NULL, *graph);
	if (rc < 0)
		return rc;
	outputs->name = av_strdup("in");
	outputs->filter_ctx = *source;
	inputs->name = av_strdup("out");
	inputs->filter_ctx = *sink;
	rc = avfilter_graph_parse_ptr(*graph, text, &inputs, &outputs, NULL);
	return rc < 0 ? rc : avfilter_graph_config(*graph, NULL);
}

static int
push(AVFilterContext *source, const float *sound, int64_t at, int count)
{
	AUTO(frame) AVFrame *f = av_frame_alloc();
	int rc;

	if (f == NULL)
		return AVERROR(ENOMEM);
	f->nb_samples = count;
	f->format = AV_SAMPLE_FMT_FLT;
	f->sample_rate = AUDIO_RATE;
	f->pts = at;
	av_channel_layout_default(&f->ch_layout, 2);
	rc = av_frame_get_buffer(f, 0);
	if (rc < 0)
		return rc;
	memcpy(f->data[0], sound + 2 * at, 2 * sizeof(float) * (size_t)count);
	return av_buffersrc_add_frame(source, f);
}

/* Sends the sound through; each frame that comes out is told. */
static int
filter(const char *text, const float *sound, int64_t samples, void (*told)(void *arg, const AVFrame *f), void *arg)
{
	AUTO(graph) AVFilterGraph *graph = NULL;
	AUTO(frame) AVFrame *f = av_frame_alloc();
	AVFilterContext *source, *sink;
	int rc = f != NULL ? open_graph(&graph, &source, &sink, text) : AVERROR(ENOMEM);

	for (int64_t at = 0; rc >= 0 && at <= samples; at += PIECE) {
		int count = (int)FFMIN(PIECE, samples - at);

		rc = count > 0 ? push(source, sound, at, count) : av_buffersrc_add_frame(source, NULL);
		while (rc >= 0 && av_buffersink_get_frame(sink, f) >= 0) {
			told(arg, f);
			av_frame_unref(f);
		}
	}
	if (rc >= 0 && samples % PIECE != 0 && av_buffersrc_add_frame(source, NULL) >= 0)
		while (av_buffersink_get_frame(sink, f) >= 0) {
			told(arg, f);
			av_frame_unref(f);
		}
	return rc;
}

static void
read_loudness(void *arg, const AVFrame *f)
{
	const AVDictionaryEntry *e = av_dict_get(f->metadata, "lavfi.r128.I", NULL, 0);

	if (e != NULL)
		*(double *)arg = strtod(e->value, NULL);
}

double
sound_loudness(const float *sound, int64_t samples)
{
	double loudness = -70;

	return filter("ebur128=metadata=1", sound, samples, read_loudness, &loudness) < 0 || !isfinite(loudness) ? -70 : loudness;
}

struct limited {
	float *to;
	int64_t done, most;
};

static void
write_limited(void *arg, const AVFrame *f)
{
	struct limited *l = arg;
	int64_t count = FFMIN(f->nb_samples, l->most - l->done);

	memcpy(l->to + 2 * l->done, f->data[0], 2 * sizeof(float) * (size_t)FFMAX(count, 0));
	l->done += FFMAX(count, 0);
}

/* --- mixing --- */

static void
scale(float *sound, int64_t samples, double factor)
{
	for (int64_t i = 0; i < 2 * samples; i++)
		sound[i] = (float)(sound[i] * factor);
}

static double
factor_to(double loudness, double wanted)
{
	return loudness <= -60 ? 1 : pow(10, (wanted - loudness) / 20);
}

/* Fills `to` with a track that goes round; `join` samples of its end lie under its beginning. */
static void
go_round(float *to, int64_t samples, const float *track, int64_t length, int64_t join)
{
	int64_t period = length - join;

	for (int64_t i = 0; i < samples; i++) {
		int64_t at = i % period;
		double in = i >= period && at < join ? (double)at / (double)join : 1;

		for (int c = 0; c < 2; c++) {
			double x = track[2 * at + c] * sqrt(in);

			if (in < 1)
				x += track[2 * (at + period) + c] * sqrt(1 - in);
			to[2 * i + c] = (float)x;
		}
	}
}

/* What the operator's file says, or else what we make. */
void
sound_lay_music(void *mem, const char *file, float *to, int64_t samples)
{
	int64_t length = -1;
	float *track = NULL;

	if (file != NULL) {
		track = mem_array(mem, float, 2 * (size_t)samples);
		length = sound_decode(file, 0, track, samples);
	}
	if (length > 4 * JOIN && sound_loudness(track, length) > SILENT) {
		go_round(to, samples, track, length, length < samples ? JOIN : 0);
	} else {
		talloc_free(track);
		track = music_make(mem, &length);
		go_round(to, samples, track, length, 0);
	}
	talloc_free(track);
	scale(to, samples, factor_to(sound_loudness(to, samples), LOUDNESS));
}

/* 0 outside, 1 inside, in between at the ends. */
static double
window(int64_t at, int64_t length, int64_t slope)
{
	double in = (double)at / (double)slope, out = (double)(length - at) / (double)slope;

	return fmax(0, fmin(1, fmin(in, out)));
}

static void
lay_clip(void *mem, const struct recap_item *item, const struct scene *scene, float *sound)
{
	int64_t first = (int64_t)scene->first * SAMPLES_OF_FRAME, length = (int64_t)scene->frames * SAMPLES_OF_FRAME, slope = OVERLAP * SAMPLES_OF_FRAME;
	float *own = mem_array(mem, float, 2 * (size_t)length);
	int64_t count = sound_decode(item->clip, item->clip_from_us, own, length);
	double loudness = count > 0 ? sound_loudness(own, count) : -70;

	if (loudness > SILENT) {
		scale(own, count, factor_to(loudness, LOUDNESS));
		for (int64_t i = 0; i < length; i++) {
			double in = window(i, length, slope), ends = i < count ? window(i, count + slope, slope) : 0;

			for (int c = 0; c < 2; c++)
				sound[2 * (first + i) + c] = (float)(sound[2 * (first + i) + c] * (1 - in * (1 - DUCKED)) + (i < count ? own[2 * i + c] * in * ends : 0));
		}
	}
	talloc_free(own);
}

float *
sound_make(void *mem, const struct recap *r, const struct plan *plan)
{
	int64_t samples = (int64_t)plan->frames * SAMPLES_OF_FRAME;
	float *sound = mem_array(mem, float, 2 * (size_t)samples);
	struct limited limited = { .most = samples };
	char text[120];

	sound_lay_music(mem, r->music, sound, samples);
	for (size_t i = 0; i < plan->count; i++)
		if (plan->scenes[i].kind == SCENE_ITEM && r->items[plan->scenes[i].index].clip != NULL)
			lay_clip(mem, &r->items[plan->scenes[i].index], &plan->scenes[i], sound);
	for (int64_t i = 0; i < samples; i++) {
		double in = fmin(fmin(1, (double)i / FADE_IN), (double)(samples - i) / FADE_OUT);

		sound[2 * i] = (float)(sound[2 * i] * in);
		sound[2 * i + 1] = (float)(sound[2 * i + 1] * in);
	}
	snprintf(text, sizeof(text), "volume=%.2fdB:precision=float,alimiter=limit=0.82:level=0,aformat=sample_fmts=flt", LOUDNESS - sound_loudness(sound, samples));
	limited.to = mem_array(mem, float, 2 * (size_t)samples);
	if (filter(text, sound, samples, write_limited, &limited) < 0)
		return NULL;
	for (int64_t i = 2 * limited.done; i < 2 * samples; i++)
		limited.to[i] = 0;
	talloc_free(sound);
	return limited.to;
}
