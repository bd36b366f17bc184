/*
 * internal.h - what the stages of this folder share: cleanup helpers for libav objects and each stage's face.
 * Order of the stages: open -> demux -> decode -> normalise -> rung (scale, encode, mux) -> playlist.
 * Time inside is 1/90000 s since the start of the presentation (TICKS), whatever the file counts in.
 */
#ifndef ATELIER_WORKER_MEDIA_INTERNAL_H
#define ATELIER_WORKER_MEDIA_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavformat/avformat.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libswscale/swscale.h>

#include "worker/media/media.h"

#define TICKS 90000
#define AUDIO_RATE 48000
#define US_TO_TICKS(us) av_rescale((us), TICKS, 1000000)
#define TICKS_TO_US(t) av_rescale((t), 1000000, TICKS)

/* One cleanup attribute for each libav object that is freed by T **. */
#define CLEANUP(type, name, call)                                                                                  \
	static inline void cleanup_##name(type **object) { call(object); }
CLEANUP(AVFrame, frame, av_frame_free)
CLEANUP(AVPacket, packet, av_packet_free)
CLEANUP(AVCodecContext, codec, avcodec_free_context)
CLEANUP(AVDictionary, dict, av_dict_free)
CLEANUP(AVFilterGraph, graph, avfilter_graph_free)
CLEANUP(AVFilterInOut, inout, avfilter_inout_free)
#undef CLEANUP
#define AUTO(name) __attribute__((cleanup(cleanup_##name)))

/* failure.c, log.c */
int media_fail(struct media_failure *failure, enum media_failure_code code, int averror, const char *where);
int media_fail_output(struct media_failure *failure, int averror, const char *where);
const char *warning_word(enum media_warning_code code);
const char *warning_message(enum media_warning_code code);
void media_log_start(void);
void media_log_last(char *text, size_t size);
unsigned media_log_video_decoder_errors(void);

/* open.c - a file opened by content, within limits. */
struct input {
	AVFormatContext *format;
	AVIOContext *io;
	int64_t deadline_us;      /* of headers; 0 = none */
	const atomic_bool *stop;  /* may be NULL */
};
int input_open(struct input *in, const char *path, const struct media_limits *limits, struct media_failure *failure);
void input_close(struct input *in);
static inline void cleanup_input(struct input *in) { input_close(in); }
extern const char decoders_allowed[];

/* probe.c */
int probe_info(const struct input *in, const struct media_limits *limits, struct media_info *info,
    struct media_failure *failure);
int64_t probe_origin_us(const struct input *in, const struct media_info *info);

/* source.c - pictures of a file in order, with sane times. */
struct source {
	struct input in;
	AVStream *stream;
	AVCodecContext *decoder;
	AVPacket *packet;
	int64_t origin_us;
	int64_t last_packet_us, jump_us; /* discontinuities of transport streams */
	int64_t last_ticks, frame_ticks;
	int64_t stands_ticks;            /* how long the last picture says that it stands */
	unsigned stuck;                  /* pictures in a row whose time did not advance */
	unsigned errors;                 /* packets and pictures that are damaged */
	unsigned frames;
	bool ended, flushing;
};
int source_open(struct source *s, const char *path, const struct media_policy *policy, const struct media_info *info,
    int64_t origin_us, const atomic_bool *stop, struct media_failure *failure);
int source_read(struct source *s, AVFrame *frame); /* 0, AVERROR_EOF, or a fatal error; pts in ticks */
void source_seek(struct source *s, int64_t ticks);
void source_close(struct source *s);
int decoder_open(AVCodecContext **decoder, const AVStream *stream, int threads, int64_t max_pixels);
int64_t input_unjump(const struct input *in, int64_t us, int64_t *last_us, int64_t *jump_us);

/* edit.c - what an edit makes of a file's description and of the times of its pictures. */
struct job;
int edit_apply(const struct media_edit *edit, struct media_info *info, struct media_failure *failure);
int64_t edit_length(const struct media_edit *edit, int64_t ticks); /* what stays of a length; 0 = unknown */
int edit_span(struct job *job, AVFrame *frame, int64_t *stands); /* 0: shown; 1: too early, gone; AVERROR_EOF: too late */

/* normalise.c - upright, square, progressive, 8-bit 4:2:0, standard range, at a given size. */
struct colour {
	enum AVColorPrimaries primaries;
	enum AVColorTransferCharacteristic transfer;
	enum AVColorSpace space;
};
struct normaliser {
	AVFilterGraph *graph;
	AVFilterContext *source, *sink;
	int width, height, format; /* of what comes in now */
	enum AVColorRange range;
	enum AVColorSpace space;
	int out_width, out_height;
	const struct media_info *info;
	struct colour colour;
	bool pass_through;
};
void normaliser_init(struct normaliser *n, const struct media_info *info, int width, int height);
int normaliser_push(struct normaliser *n, AVFrame *frame); /* NULL = end; takes the reference */
int normaliser_pull(struct normaliser *n, AVFrame *frame); /* 0, AVERROR(EAGAIN), AVERROR_EOF */
void normaliser_close(struct normaliser *n);
struct colour colour_of(const struct media_info *info, const AVFrame *frame);

/* scaler.c - plain resize of normalised pictures. */
struct scaler {
	AVFilterGraph *graph;
	AVFilterContext *source, *sink;
	int width, height;
};
void resize_filter(char *text, size_t size, int width, int height);
int graph_open(AVFilterGraph **graph, AVFilterContext **source, AVFilterContext **sink, const AVFrame *frame,
    const char *filters);
void untag(AVFrame *frame);
int scaler_run(struct scaler *s, const AVFrame *in, AVFrame *out);
void scaler_close(struct scaler *s);

/* queue.c - a bounded queue of pictures between two threads. */
#define QUEUE_FRAMES 3
struct frame_queue {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	AVFrame *frames[QUEUE_FRAMES];
	unsigned head, count;
	bool ended, aborted;
};
void queue_init(struct frame_queue *q);
int queue_push(struct frame_queue *q, AVFrame *frame, int wait_ms); /* 0, AVERROR(EAGAIN) after wait_ms, AVERROR_EXIT */
int queue_pop(struct frame_queue *q, AVFrame *frame);               /* 0, AVERROR_EOF, AVERROR_EXIT */
void queue_end(struct frame_queue *q);
void queue_abort(struct frame_queue *q);
void queue_close(struct frame_queue *q);

/* audio.c - sound is decoded and encoded once, by a thread of its own, into a spool that every rung reads. */
struct audio;
struct audio *audio_start(const struct media_request *request, const struct media_info *info, int64_t origin_us,
    const atomic_bool *stop);
const AVCodecParameters *audio_wait_parameters(struct audio *a); /* NULL = there is no sound after all */
int audio_read(struct audio *a, unsigned index, AVPacket *packet); /* waits; 0, AVERROR_EOF or an error */
int64_t audio_wait_end_ticks(struct audio *a);                    /* waits for the whole */
bool audio_has_ended(struct audio *a, unsigned *packets);
bool audio_is_broken(struct audio *a);
void audio_finish(struct audio *a);                               /* stops, joins, removes the spool; NULL is fine */

/* mux.c - one CMAF file with byte-addressable fragments. */
struct fragment {
	int64_t start, duration; /* ticks */
	int64_t offset, size;
};
struct muxer {
	AVFormatContext *format;
	AVIOContext *io;
	int fd;
	int64_t position;            /* next byte of the file */
	uint8_t *init;               /* the head of the file while it is being made */
	int init_size, init_capacity;
	bool in_head;
	int64_t head_size;           /* ftyp + moov */
	int64_t index_at, index_size;
	int64_t movie_duration_at, media_time_at;
	uint32_t movie_timescale;
	struct fragment *fragments;
	int fragment_count, fragment_capacity;
	AVPacket *held;              /* a packet's duration is known when the next one comes */
	int64_t start, end;          /* ticks, of video presentation */
	int64_t delay;               /* of the first picture behind its decoding time */
	int64_t fragment_first;
	struct audio *audio;
	unsigned audio_index;
	int64_t audio_end;
	int error;
	char path[4096];
};
int muxer_open(struct muxer *m, const char *folder, const char *file, const AVCodecParameters *video, double fps,
    struct audio *audio, int64_t expected_ticks, double gop_s);
/* Times in ticks; a cut starts a new fragment. Takes the reference. */
int muxer_video(struct muxer *m, AVPacket *packet, int64_t frame_ticks, bool is_cut);
int muxer_finish(struct muxer *m);
void muxer_close(struct muxer *m);

/* boxes.c - the few edits of ISO boxes that libavformat leaves to us. */
int boxes_add_movie_duration(uint8_t *head, int *size, int capacity, int64_t *duration_at, uint32_t *timescale);
int boxes_set_brands(uint8_t *head, int *size, int capacity);
int boxes_add_edit_list(uint8_t *head, int *size, int capacity, int64_t *media_time_at);
int boxes_index(uint8_t *out, size_t capacity, const struct fragment *fragments, int count, uint32_t track, int64_t gap);
void boxes_free_space(uint8_t *out, size_t size);
void boxes_put32(uint8_t *p, uint32_t value);
void boxes_put64(uint8_t *p, uint64_t value);

/* picture.c - one PNG, JPEG or WebP, decoded as it is stored (EXIF in out->metadata). */
int picture_read(const char *path, AVFrame *out, struct media_failure *failure);

/* playlist.c */
int playlist_segments(const struct fragment *fragments, int count, double segment_s, int *segment_ends);
int playlist_write_rung(const char *folder, const struct media_rung *rung, const struct muxer *m, double segment_s);
int playlist_write_master(const char *folder, const struct media_rung *rungs, const bool *ready, int count);
void playlist_bandwidth(const struct fragment *fragments, int count, double segment_s, struct media_rung *rung);
void playlist_codecs(const AVCodecParameters *video, bool has_audio, char *text, size_t size);
int write_whole(const char *folder, const char *name, const void *bytes, size_t size);

/* encode.c */
struct encode_settings {
	const char *preset;
	int crf, threads;
	double fps;
	int64_t maxrate_bps, bufsize_bits;
	struct colour colour;
};
int video_encoder_open(AVCodecContext **encoder, const struct encode_settings *settings, int width, int height);

/* rung.c - a rung's thread: takes pictures, hands them on to the next smaller rung, encodes, muxes. */
struct rung {
	struct media_rung info;
	struct encode_settings settings;
	const struct media_request *request;
	struct audio *audio;
	int64_t expected_ticks;
	struct frame_queue queue;
	struct rung *child;
	struct scaler scaler;
	AVCodecContext *encoder;
	struct muxer mux;
	int64_t frame_ticks;
	int64_t end_ticks; /* of the presentation; known when the queue ends */
	pthread_t thread;
	bool started, ready;
	atomic_bool done;
	atomic_uint encoded; /* pictures: proof of life */
	int error;
	const char *error_where;
};
int rung_start(struct rung *r);
void rung_join(struct rung *r);

/* stills.c, storyboard.c */
struct stills {
	const char *folder;
	struct normaliser normaliser;
	int64_t at[3]; /* ticks */
	int next;
	AVFrame *last;
	bool poster, thumbs[3];
	int error;
};
void stills_init(struct stills *s, const struct media_info *info, const char *folder, int64_t duration_ticks);
int stills_frame(struct stills *s, const AVFrame *decoded);
int stills_end(struct stills *s);
void stills_close(struct stills *s);
int jpeg_write(const char *folder, const char *name, const AVFrame *picture, int quality);
int still_write(const char *folder, const char *name, const AVFrame *in, int short_side); /* a JPEG of a 4:2:0 picture, no larger than it is */

struct storyboard {
	const char *folder;
	AVFrame *sprite;
	struct SwsContext *sws;
	int tile_width, tile_height, columns, rows, count;
	int64_t interval; /* ticks */
	int error;
};
int storyboard_init(struct storyboard *b, const char *folder, int width, int height, int64_t duration_ticks);
int storyboard_frame(struct storyboard *b, const AVFrame *normalised);
int storyboard_end(struct storyboard *b, int64_t duration_ticks);
void storyboard_close(struct storyboard *b);

/* transcode.c, pass.c, copy.c */
struct job {
	const struct media_request *request;
	const struct media_events *events;
	struct media_failure *failure;
	struct media_info info;
	int64_t origin_us;
	int64_t expected_ticks;
	double fps; /* of the output: capped */
	struct rung rungs[MEDIA_MAX_RUNGS];
	int rung_count;
	struct audio *audio;
	struct stills stills;
	struct storyboard storyboard;
	bool stills_wanted;
	int64_t *keyframes; /* of a copied rung, ticks; NULL = every gop_s */
	int keyframe_count;
	unsigned errors;
	int64_t decoded_ticks;
	unsigned decoded_frames;
	int64_t declared_ticks; /* what the video track says of itself; 0 = nothing */
	bool truncated;
	atomic_bool stop;
	int percent, percent_base, percent_share;
	int64_t heartbeat_us;
};
int pass_run(struct job *job, struct rung **rungs, int count); /* largest first; 0 or a failure code */
bool copy_is_possible(struct job *job);                        /* fills keyframes */
int copy_run(struct job *job, struct rung *rung);              /* 0 or averror */
void job_progress(struct job *job, int64_t ticks);
bool job_should_stop(struct job *job);
void job_warn(struct job *job, enum media_warning_code code);

#endif
