/* reel.c - a film's file: H.264 and AAC in MP4, its index in front, a chapter for each part. */
#include "worker/recap/internal.h"

#define AUDIO_BPS 160000
#define KEY_EVERY (2 * RECAP_FPS)

static int
open_audio(struct reel *f)
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
add_stream(struct reel *f, const AVCodecContext *from, AVStream **stream)
{
	*stream = avformat_new_stream(f->format, NULL);
	if (*stream == NULL)
		return AVERROR(ENOMEM);
	(*stream)->time_base = from->time_base;
	return avcodec_parameters_from_context((*stream)->codecpar, from);
}

/* libavformat frees it with the file. */
int
reel_chapter(struct reel *f, int first, int end, const char *name)
{
	AVChapter *c = av_mallocz(sizeof(*c));
	int before = (int)f->format->nb_chapters;

	if (c == NULL || av_dynarray_add_nofree(&f->format->chapters, (int *)&f->format->nb_chapters, c) < 0) {
		av_free(c);
		return AVERROR(ENOMEM);
	}
	*c = (AVChapter){ .id = before + 1, .time_base = { 1, RECAP_FPS }, .start = first, .end = end };
	av_dict_set(&c->metadata, "title", name, 0);
	if (before > 0)
		f->format->chapters[before - 1]->end = first;
	return 0;
}

static int
prepare_pieces(struct reel *f)
{
	f->packet = av_packet_alloc();
	f->piece = av_frame_alloc();
	if (f->piece == NULL || f->packet == NULL)
		return AVERROR(ENOMEM);
	f->piece->nb_samples = f->audio->frame_size;
	f->piece->format = AV_SAMPLE_FMT_FLTP;
	f->piece->sample_rate = AUDIO_RATE;
	av_channel_layout_default(&f->piece->ch_layout, 2);
	return av_frame_get_buffer(f->piece, 0);
}

int
reel_open(struct reel *f, const char *path, int width, int height, int threads, const char *title, const char *person)
{
	const struct encode_settings settings = { .preset = "veryfast", .crf = 20, .threads = FFMAX(threads, 1), .fps = RECAP_FPS,
		.maxrate_bps = 9000000, .bufsize_bits = 18000000, .colour = { AVCOL_PRI_BT709, AVCOL_TRC_BT709, AVCOL_SPC_BT709 } };
	int rc = avformat_alloc_output_context2(&f->format, NULL, "mp4", path);

	if (rc >= 0)
		rc = video_encoder_open(&f->video, &settings, width, height);
	if (rc >= 0)
		rc = open_audio(f);
	if (rc >= 0)
		rc = add_stream(f, f->video, &f->video_stream);
	if (rc >= 0)
		rc = add_stream(f, f->audio, &f->audio_stream);
	if (rc >= 0)
		rc = prepare_pieces(f);
	if (rc < 0)
		return rc;
	f->format->flags |= AVFMT_FLAG_BITEXACT;
	av_dict_set(&f->format->metadata, "title", title, 0);
	av_dict_set(&f->format->metadata, "artist", person, 0);
	return avio_open(&f->format->pb, path, AVIO_FLAG_WRITE);
}

int
reel_begin(struct reel *f)
{
	AUTO(dict) AVDictionary *options = NULL;

	av_dict_set(&options, "movflags", "+faststart", 0);
	return avformat_write_header(f->format, &options);
}

/* frame NULL: the encoder's last ones. */
static int
encode(struct reel *f, AVCodecContext *c, AVStream *stream, const AVFrame *frame)
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
speak(struct reel *f, int64_t until, bool is_end)
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

int
reel_put(struct reel *f, AVFrame *frame, int number, bool is_key)
{
	int rc;

	frame->pts = (int64_t)number * (TICKS / RECAP_FPS);
	frame->pict_type = is_key || number % KEY_EVERY == 0 ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
	rc = encode(f, f->video, f->video_stream, frame);
	return rc < 0 ? rc : speak(f, (int64_t)(number + 1) * SAMPLES_OF_FRAME, false);
}

int
reel_end(struct reel *f)
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

void
reel_close(struct reel *f)
{
	if (f->format != NULL)
		avio_closep(&f->format->pb);
	avformat_free_context(f->format);
	avcodec_free_context(&f->video);
	avcodec_free_context(&f->audio);
	av_packet_free(&f->packet);
	av_frame_free(&f->piece);
}
