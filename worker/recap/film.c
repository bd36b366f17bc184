/* film.c - scene after scene into one file: H.264 and AAC in MP4, its index in front, a chapter for each part. */
#include <fontconfig/fontconfig.h>
#include <stdio.h>

#include "worker/recap/internal.h"

#define AUDIO_BPS 160000
#define KEY_EVERY (2 * RECAP_FPS)
#define POSTER_AT (3 * RECAP_FPS)

struct film {
	const struct recap *recap;
	const struct look *look;
	struct plan plan;
	const char *folder;
	float *sound;
	int64_t samples;
	struct recap_times *times;

	AVFormatContext *format;
	AVCodecContext *video, *audio;
	AVStream *video_stream, *audio_stream;
	AVPacket *packet;
	AVFrame *ground, *frame, *other, *piece;
	struct stage *stages[2]; /* the scene that is shown, the one that comes */
	int64_t spoken;          /* samples that are encoded */
};

/* --- the file --- */

static int
open_audio(struct film *f)
{
	const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_AAC);
	AVCodecContext *c;

	f->audio = c = codec != NULL ? avcodec_alloc_context3(codec) : NULL;
	if (c == NULL)
		return AVERROR_ENCODER_NOT_FOUND;
	c->sample_rate = AUDIO_RATE;
	c->sample_fmt = AV_SAMPLE_FMT_FLTP;
	c->time_base = (AVRational){ 1, AUDIO_RATE };
	c->bit_rate = AUDIO_BPS;
	c->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
	av_channel_layout_default(&c->ch_layout, 2);
	return avcodec_open2(c, codec, NULL);
}

static int
add_stream(struct film *f, const AVCodecContext *from, AVStream **stream)
{
	*stream = avformat_new_stream(f->format, NULL);
	if (*stream == NULL)
		return AVERROR(ENOMEM);
	(*stream)->time_base = from->time_base;
	return avcodec_parameters_from_context((*stream)->codecpar, from);
}

/* libavformat frees them with the file. */
static int
add_chapters(struct film *f)
{
	for (size_t i = 0; i < f->plan.count; i++) {
		const struct scene *s = &f->plan.scenes[i];
		AVChapter *c = s->chapter != NULL ? av_mallocz(sizeof(*c)) : NULL;
		int before = (int)f->format->nb_chapters;

		if (s->chapter == NULL)
			continue;
		if (c == NULL || av_dynarray_add_nofree(&f->format->chapters, (int *)&f->format->nb_chapters, c) < 0) {
			av_free(c);
			return AVERROR(ENOMEM);
		}
		*c = (AVChapter){ .id = before + 1, .time_base = { 1, RECAP_FPS }, .start = s->first, .end = f->plan.frames };
		av_dict_set(&c->metadata, "title", s->chapter, 0);
		if (before > 0)
			f->format->chapters[before - 1]->end = s->first;
	}
	return 0;
}

static int
open_file(struct film *f, const char *path)
{
	const struct encode_settings settings = { .preset = "veryfast", .crf = 20, .threads = FFMAX(f->recap->threads, 1), .fps = RECAP_FPS,
		.maxrate_bps = 9000000, .bufsize_bits = 18000000, .colour = { AVCOL_PRI_BT709, AVCOL_TRC_BT709, AVCOL_SPC_BT709 } };
	AUTO(dict) AVDictionary *options = NULL;
	int rc = avformat_alloc_output_context2(&f->format, NULL, "mp4", path);

	if (rc >= 0)
		rc = video_encoder_open(&f->video, &settings, f->look->width, f->look->height);
	if (rc >= 0)
		rc = open_audio(f);
	if (rc >= 0)
		rc = add_stream(f, f->video, &f->video_stream);
	if (rc >= 0)
		rc = add_stream(f, f->audio, &f->audio_stream);
	if (rc >= 0)
		rc = add_chapters(f);
	if (rc < 0)
		return rc;
	f->format->flags |= AVFMT_FLAG_BITEXACT;
	av_dict_set(&f->format->metadata, "title", f->recap->title, 0);
	av_dict_set(&f->format->metadata, "artist", f->recap->person, 0);
	av_dict_set(&options, "movflags", "+faststart", 0);
	rc = avio_open(&f->format->pb, path, AVIO_FLAG_WRITE);
	return rc < 0 ? rc : avformat_write_header(f->format, &options);
}

/* frame NULL: the encoder's last ones. */
static int
encode(struct film *f, AVCodecContext *c, AVStream *stream, const AVFrame *frame)
{
	int rc = avcodec_send_frame(c, frame);

	while (rc >= 0 && (rc = avcodec_receive_packet(c, f->packet)) >= 0) {
		if (c == f->video && f->packet->duration == 0)
			f->packet->duration = TICKS / RECAP_FPS;
		av_packet_rescale_ts(f->packet, c->time_base, stream->time_base);
		f->packet->stream_index = stream->index;
		rc = av_interleaved_write_frame(f->format, f->packet);
	}
	return rc == AVERROR(EAGAIN) || rc == AVERROR_EOF ? 0 : rc;
}

/* The sound up to the end of a frame of the film, as far as it fills the encoder's pieces. */
static int
speak(struct film *f, int64_t until, bool is_end)
{
	int rc = 0;

	while (rc >= 0 && (f->spoken + f->audio->frame_size <= until || (is_end && f->spoken < until))) {
		int count = (int)FFMIN(f->audio->frame_size, until - f->spoken);

		rc = av_frame_make_writable(f->piece);
		if (rc < 0)
			break;
		f->piece->nb_samples = count;
		f->piece->pts = f->spoken;
		for (int i = 0; i < count; i++)
			for (int c = 0; c < 2; c++)
				((float *)(void *)f->piece->extended_data[c])[i] = f->sound[2 * (f->spoken + i) + c];
		f->spoken += count;
		rc = encode(f, f->audio, f->audio_stream, f->piece);
	}
	return rc;
}

/* --- the pictures --- */

static struct stage *
draw(struct film *f, size_t scene)
{
	double began = cpu_now();
	struct stage *s = scene_draw(f->recap, f->look, &f->plan.scenes[scene]);

	f->times->cpu_s[RECAP_SCENES] += cpu_now() - began;
	return s;
}

/* The thin line at the foot: how much of the film is over. */
static void
draw_time(struct film *f, int number)
{
	int height = FFMAX(4, f->look->height / 180) & ~1, width = (int)(f->look->width * (double)(number + 1) / f->plan.frames) & ~1;

	frame_bar(f->frame, 0, f->look->height - height, width, height, f->look->accent);
}

static int
show(struct film *f, size_t scene, int number)
{
	const struct scene *s = &f->plan.scenes[scene];
	int at = number - s->first, left = s->frames - at;
	double began = cpu_now(), clips = f->stages[0]->cpu_clip + (f->stages[1] != NULL ? f->stages[1]->cpu_clip : 0);
	int rc = av_frame_make_writable(f->frame);

	if (rc < 0)
		return rc;
	stage_compose(f->stages[0], f->ground, at, f->frame);
	if (f->stages[1] != NULL) {
		stage_compose(f->stages[1], f->ground, OVERLAP - left, f->other);
		frame_pass(f->frame, f->other, (double)(OVERLAP - left + 1) / (OVERLAP + 1), f->look->passing);
	}
	draw_time(f, number);
	clips = f->stages[0]->cpu_clip + (f->stages[1] != NULL ? f->stages[1]->cpu_clip : 0) - clips;
	f->times->cpu_s[RECAP_CLIPS] += clips;
	f->times->cpu_s[RECAP_COMPOSE] += cpu_now() - began - clips;
	return 0;
}

static int
put_frame(struct film *f, int number, bool is_first_of_scene)
{
	double began = cpu_now();
	int rc;

	f->frame->pts = (int64_t)number * (TICKS / RECAP_FPS);
	f->frame->pict_type = is_first_of_scene || number % KEY_EVERY == 0 ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
	rc = encode(f, f->video, f->video_stream, f->frame);
	if (rc >= 0)
		rc = speak(f, (int64_t)(number + 1) * SAMPLES_OF_FRAME, false);
	if (rc >= 0 && number == FFMIN(POSTER_AT, f->plan.frames - 1))
		rc = still_write(f->folder, RECAP_POSTER, f->frame, 720);
	f->times->cpu_s[RECAP_ENCODE] += cpu_now() - began;
	return rc;
}

static int
run(struct film *f, void (*progress)(void *user, int percent), void *user)
{
	size_t scene = 0;
	int rc = 0;

	f->stages[0] = draw(f, 0);
	for (int number = 0; rc >= 0 && number < f->plan.frames; number++) {
		const struct scene *s = &f->plan.scenes[scene];

		if (number == s->first + s->frames - OVERLAP && scene + 1 < f->plan.count)
			f->stages[1] = draw(f, scene + 1);
		if (number == s->first + s->frames) {
			scene++;
			stage_free(f->stages[0]);
			f->stages[0] = f->stages[1];
			f->stages[1] = NULL;
		}
		rc = show(f, scene, number);
		if (rc >= 0)
			rc = put_frame(f, number, number == f->plan.scenes[scene].first);
		if (progress != NULL && number % 10 == 0)
			progress(user, 5 + (int)(94.0 * number / f->plan.frames));
	}
	return rc;
}

static int
finish(struct film *f)
{
	int rc = encode(f, f->video, f->video_stream, NULL);

	if (rc >= 0)
		rc = speak(f, f->samples, true);
	if (rc >= 0)
		rc = encode(f, f->audio, f->audio_stream, NULL);
	if (rc >= 0)
		rc = av_write_trailer(f->format);
	return rc;
}

static int
prepare_frames(struct film *f)
{
	f->ground = frame_of_ground(f->look);
	f->frame = frame_new(f->look->width, f->look->height);
	f->other = frame_new(f->look->width, f->look->height);
	f->piece = av_frame_alloc();
	f->packet = av_packet_alloc();
	if (f->ground == NULL || f->frame == NULL || f->other == NULL || f->piece == NULL || f->packet == NULL)
		return AVERROR(ENOMEM);
	f->piece->nb_samples = f->audio->frame_size;
	f->piece->format = AV_SAMPLE_FMT_FLTP;
	f->piece->sample_rate = AUDIO_RATE;
	av_channel_layout_default(&f->piece->ch_layout, 2);
	return av_frame_get_buffer(f->piece, 0);
}

static void
close_film(struct film *f)
{
	stage_free(f->stages[0]);
	stage_free(f->stages[1]);
	if (f->format != NULL)
		avio_closep(&f->format->pb);
	avformat_free_context(f->format);
	avcodec_free_context(&f->video);
	avcodec_free_context(&f->audio);
	av_packet_free(&f->packet);
	for (AVFrame **frame = (AVFrame *[]){ f->ground, f->frame, f->other, f->piece, NULL }; *frame != NULL; frame++)
		av_frame_free(frame);
	talloc_free(f->sound);
}

void
recap_warm_up(void)
{
	cairo_surface_t *drawing = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, 8, 8);
	cairo_t *cr = cairo_create(drawing);
	PangoLayout *layout = pango_cairo_create_layout(cr);

	pango_layout_set_text(layout, "Aç 中 ع 🎉", -1);
	pango_cairo_show_layout(cr, layout);
	g_object_unref(layout);
	cairo_destroy(cr);
	cairo_surface_destroy(drawing);
}

int
recap_render(const struct recap *r, const char *folder, const char *file, void (*progress)(void *user, int percent), void *user,
    struct recap_times *times, struct media_failure *failure)
{
	struct recap_times unread = { 0 };
	struct film f = { .recap = r, .look = look_by_name(r->style), .folder = folder, .times = times != NULL ? times : &unread };
	double began = cpu_now();
	int rc;

	media_log_start();
	recap_plan(&f.plan, r);
	f.samples = (int64_t)f.plan.frames * SAMPLES_OF_FRAME;
	f.times->film_s = (double)f.plan.frames / RECAP_FPS;
	f.sound = sound_make(r->mem, r, &f.plan);
	f.times->cpu_s[RECAP_SOUND] = cpu_now() - began;
	if (progress != NULL)
		progress(user, 5);
	rc = f.sound != NULL ? open_file(&f, mem_printf(r->mem, "%s/%s", folder, file)) : AVERROR(ENOMEM);
	if (rc >= 0)
		rc = prepare_frames(&f);
	if (rc >= 0)
		rc = run(&f, progress, user);
	if (rc >= 0)
		rc = finish(&f);
	close_film(&f);
	return rc < 0 ? media_fail_output(failure, rc, "recap") : MEDIA_OK;
}
