/*
 * worker/media/media.h - turns any file that a person uploads into an adaptive stream, or says in words for
 * people why it cannot. Knows nothing of the database, of jobs or of HTTP.
 *
 * Errors: a function returns MEDIA_OK (0) or a code of failures.def, and fills *failure (never NULL) then.
 * Ownership: nothing that is handed to a callback outlives the call. Callbacks run on the calling thread.
 * Units: _us microseconds, _bps bits a second, _bytes bytes, _s seconds.
 */
#ifndef ATELIER_WORKER_MEDIA_H
#define ATELIER_WORKER_MEDIA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum media_failure_code {
	MEDIA_OK = 0,
#define X(name, reason, message) MEDIA_##name,
#include "worker/media/failures.def"
#undef X
	MEDIA_FAILURE_COUNT
};

enum media_warning_code {
#define X(name, code, message) MEDIA_WARN_##name,
#include "worker/media/warnings.def"
#undef X
	MEDIA_WARNING_COUNT
};

struct media_failure {
	enum media_failure_code code;
	const char *reason;  /* one word for programs and statistics */
	const char *message; /* a sentence for the uploader */
	char detail[512];    /* for the log: where it was, what the libraries said last */
};

/* A part of a picture, in parts of its sides: 0 to 1, from the top left. */
struct media_box {
	double x, y, width, height;
};

enum media_hdr { MEDIA_SDR = 0, MEDIA_HDR_PQ, MEDIA_HDR_HLG };

struct media_info {
	char container[48];
	char video_codec[32];
	char audio_codec[32]; /* "" = no audio track that can be decoded */
	int64_t duration_us;  /* 0 = the file does not say */
	int64_t size_bytes;
	int64_t bitrate_bps;
	int width, height; /* as a person sees it: rotated, square pixels; may be odd */
	int coded_width, coded_height;
	int rotation; /* degrees clockwise that the picture is turned for display: 0, 90, 180, 270 */
	bool mirrored;
	bool interlaced;
	enum media_hdr hdr;
	double fps; /* 0 = unknown */
	int audio_channels, audio_rate;
	int video_stream, audio_stream; /* indexes in the file, audio_stream -1 = none */
	struct media_box crop; /* what is kept of the coded picture; all of it without a width */
};

/* What is refused before any work is done. Zeroes mean the default. */
struct media_limits {
	int64_t max_pixels;      /* of one picture; 8192 x 4320 */
	int64_t max_duration_us; /* 12 h */
	int max_streams;         /* 64 */
	int probe_deadline_ms;   /* 15,000: reading headers may not take longer */
};

#define MEDIA_MAX_RUNGS 4

struct media_rung_policy {
	int short_side; /* 1080, 720, … largest first; 0 ends the list */
	int64_t maxrate_bps, bufsize_bits; /* at up to 30 pictures a second; half as much again above */
};

struct media_policy {
	const char *preset; /* of x264 */
	int crf;
	int threads;       /* processors to count on */
	bool copy_allowed; /* take a source that already is a conforming top rung as it is */
	double gop_s, segment_s;
	int audio_bps;
	struct media_rung_policy rungs[MEDIA_MAX_RUNGS];
	struct media_limits limits;
};

/* What is shown of a file: a span of its time, a part of its upright picture, that part turned, its sound or not. */
struct media_edit {
	int64_t start_us, end_us; /* end_us 0 = to its end */
	struct media_box crop;    /* no width = the whole */
	int rotate;               /* degrees clockwise: 0, 90, 180, 270 */
	bool mute;
};

struct media_request {
	const char *source;        /* path of a file */
	const char *output_folder; /* exists; everything is written below it, by rename */
	struct media_policy policy;
	const struct media_edit *edit; /* NULL = all of it, as it is */
};

struct media_rung {
	char name[16];     /* "720p": by the shorter side */
	char file[32];     /* "720p.mp4", in the output folder: stream and download at once */
	char playlist[32]; /* "720p.m3u8" */
	int width, height;
	double fps;
	int64_t bandwidth_bps, average_bandwidth_bps;
	int64_t duration_us;
	int64_t size_bytes;
	char codecs[48]; /* RFC 6381 */
	bool copied;
	bool has_audio;
};

struct media_stills {
	const char *poster, *storyboard, *storyboard_vtt; /* file names, NULL = could not be made */
	const char *thumbnails[3];
};

/*
 * Each may be NULL. A rung is announced when it plays: its file, its playlist and a master.m3u8 that lists it
 * are in place. A copied rung is announced a second time (other file, copied = false) if its bits prove damaged.
 */
struct media_events {
	void *user;
	void (*probed)(void *user, const struct media_info *info);
	void (*progress)(void *user, int percent); /* at least once a second while work goes on: a heartbeat */
	void (*rung_ready)(void *user, const struct media_rung *rung);
	void (*rung_failed)(void *user, const struct media_rung *rung, const struct media_failure *failure);
	void (*stills_ready)(void *user, const struct media_stills *stills);
	void (*warning)(void *user, enum media_warning_code code, const char *word, const char *message);
	bool (*should_stop)(void *user);
};

/* What came out; valid when media_transcode returned 0. */
struct media_summary {
	int64_t duration_us; /* of what was decoded */
	double fps;
	int width, height; /* of the best rung */
	int rungs_ready, rungs_failed;
	int64_t size_bytes; /* of all rungs */
};

/* Text of the tables; static storage. */
const char *media_failure_reason(enum media_failure_code code);
const char *media_failure_message(enum media_failure_code code);

/* The house policy: x264 veryfast crf 20, 1080/720/480/360, 2-s GOPs, 4-s segments, as many threads as processors. */
struct media_policy media_policy_default(void);

/* Opens by content, never by name; reads headers and at most a few pictures. Cheap; needs nothing else of this folder's stages. */
int media_probe(const char *path, const struct media_limits *limits, struct media_info *info, struct media_failure *failure);

/*
 * The rungs that a file would get, largest first; returns how many. `estimated_bytes`, if not NULL, gets an upper
 * bound of what they will take on disk: what an upload reserves.
 */
int media_plan(const struct media_info *info, const struct media_policy *policy, struct media_rung rungs[MEDIA_MAX_RUNGS],
    int64_t *estimated_bytes);

/* A picture of a person: the middle of a PNG, JPEG or WebP as square JPEGs below folder, upright, without metadata. */
struct media_square {
	const char *name;
	int side;
};
int media_picture_squares(const char *path, const char *folder, const struct media_square *squares, int count,
    struct media_failure *failure);

/* The same of a whole picture in its own shape, no side longer than asked for (1920 at most) and never made larger. */
struct media_size {
	const char *name;
	int longest_side;
};
int media_picture_scaled(const char *path, const char *folder, const struct media_size *sizes, int count,
    struct media_failure *failure);

/*
 * poster.jpg and thumb-0.jpg below folder: the picture that is shown at time_us of what the edit (NULL = none) leaves,
 * or the last one where that is shorter.
 */
int media_still(const char *path, int64_t time_us, const struct media_edit *edit, const struct media_limits *limits,
    const char *folder, struct media_failure *failure);
#define MEDIA_STILL_POSTER "poster.jpg"
#define MEDIA_STILL_THUMB "thumb-0.jpg"
#define MEDIA_STILL_POSTER_SIDE 1280 /* of a picture that somebody gives: longest side */
#define MEDIA_STILL_THUMB_SIDE 640

/* Makes the whole stream. 0 = at least one rung plays. `summary` may be NULL. Uses threads of its own; all are gone at return. */
int media_transcode(const struct media_request *request, const struct media_events *events, struct media_summary *summary,
    struct media_failure *failure);

#endif
