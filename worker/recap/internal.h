/*
 * internal.h - what the stages of this folder share. plan.c says which scenes there are and for how long; scenes.c draws one as a
 * stage of layers (canvas.c, look.c); picture.c composes a frame of it; sound.c makes the whole sound beforehand; film.c shows scene after
 * scene, reel.c encodes. dojo.c is another sort of film: a program that is typed.
 *
 * Layers are drawn once by cairo and pango and blended for each frame as Y'CbCr: most frames touch a tenth of their pixels.
 */
#ifndef ATELIER_WORKER_RECAP_INTERNAL_H
#define ATELIER_WORKER_RECAP_INTERNAL_H

#include <cairo.h>
#include <pango/pangocairo.h>
#include <stdbool.h>

#include "lib/mem.h"
#include "worker/media/internal.h"
#include "worker/recap/recap.h"

#define OVERLAP 15     /* frames in which one scene becomes the next */
#define APPEAR 0.6     /* seconds that a layer needs */
#define LAYERS_MAX 96
#define CARDS 6        /* items on a page of cards */
#define SAMPLES_OF_FRAME (AUDIO_RATE / RECAP_FPS)

struct rgb {
	double r, g, b;
};

/* --- look.c: the styles --- */

enum passing { PASS_FADE, PASS_SLIDE, PASS_WIPE, PASS_RISE };

struct look {
	const char *name;
	int width, height;
	const char *heading, *body; /* fonts */
	struct rgb ink, quiet, accent, second, ground, shade;
	double card; /* opacity of what lies under cards */
	bool glows;
	enum passing passing;
	void (*paint)(cairo_t *cr, const struct look *look);
};
const struct look *look_by_name(const char *name);

/* --- picture.c: frames and layers --- */

enum arrival { ARRIVE_FADE, ARRIVE_RISE, ARRIVE_GROW, ARRIVE_TOWER }; /* GROW: from the left; TOWER: from its foot */

struct layer {
	int x, y, width, height; /* even */
	uint8_t *planes[3];      /* premultiplied */
	uint8_t *alpha, *alpha2; /* of the picture, and at half its size for the colours */
	double at;               /* seconds into the scene at which it begins to appear */
	enum arrival arrival;
};

struct box {
	double x, y, width, height;
};

struct clip;

/* One scene, drawn. */
struct stage {
	void *mem;
	const struct recap *recap;
	const struct look *look;
	double unit; /* of lengths: a 1080th of the shorter side */
	struct layer layers[LAYERS_MAX];
	int count;
	struct clip *clip;
	int clip_x, clip_y;
	double cpu_clip;
};

/* Takes a drawing (and frees it): its place is x, y. What finds no room is left out. */
void stage_add(struct stage *s, cairo_surface_t *drawing, double x, double y, double at, enum arrival arrival);
void stage_compose(struct stage *s, const AVFrame *ground, int frame, AVFrame *to);
AVFrame *frame_new(int width, int height);
AVFrame *frame_of_ground(const struct look *look);
void frame_copy(AVFrame *to, const AVFrame *from);
/* a becomes b: done from 0 to 1; into a. */
void frame_pass(AVFrame *a, const AVFrame *b, double done, enum passing how);
void frame_bar(AVFrame *to, int x, int y, int width, int height, struct rgb colour);

/* --- canvas.c: texts and shapes as layers --- */

enum voice { VOICE_HEADING, VOICE_BODY, VOICE_QUIET, VOICE_ACCENT };
enum align { ALIGN_START, ALIGN_CENTRE };

/* The largest size up to `size` (units) at which the text fits its box; returns the height that it takes. */
double stage_text(struct stage *s, const char *text, struct box box, double size, enum voice voice, enum align align, double at);
/* Its height, if it were put there. */
double text_height(struct stage *s, const char *text, double width, double height, double size, enum voice voice);
void stage_rect(struct stage *s, struct box box, double radius, struct rgb colour, double opacity, double at, enum arrival arrival);
/* A picture file inside the box, with round corners. False when it cannot be read. */
bool stage_picture(struct stage *s, const char *path, struct box box, double at);

/* --- plan.c, scenes.c --- */

enum scene_kind { SCENE_TITLE, SCENE_FIGURES, SCENE_CHART, SCENE_MONTH, SCENE_ITEM, SCENE_CARDS, SCENE_NOTHING, SCENE_END };

struct scene {
	enum scene_kind kind;
	size_t index, count, more; /* chart, month or first item; items; those that are only counted */
	int first, frames;         /* of the film; the last OVERLAP are the next one's, too */
	const char *chapter;       /* begins a chapter; NULL: goes on with one */
};

struct plan {
	struct scene *scenes;
	size_t count;
	int frames;
};
void recap_plan(struct plan *plan, const struct recap *r);
struct stage *scene_draw(const struct recap *r, const struct look *look, const struct scene *scene);
void stage_free(struct stage *s);

/* --- clip.c --- */
struct clip *clip_open(const char *path, int64_t from_us, int width, int height); /* NULL: it cannot be played */
void clip_size(const struct clip *c, int *width, int *height);
const AVFrame *clip_at(struct clip *c, double seconds);
void clip_close(struct clip *c);

/* --- sound.c, decode.c, music.c: interleaved stereo at AUDIO_RATE --- */
/* What of the file's sound lies from from_us on, at most `samples`. Returns how many; less than 0: it has none. */
int64_t sound_decode(const char *path, int64_t from_us, float *to, int64_t samples);
/* Our own track, which goes round; its length in *samples, on mem. */
float *music_make(void *mem, int64_t *samples);
/* The whole sound of a film, as loud as it must be. On mem; NULL: it could not be made. */
float *sound_make(void *mem, const struct recap *r, const struct plan *plan);
void sound_lay_music(void *mem, const char *file, float *to, int64_t samples);
/* Loudness, LUFS (-70 of silence), by EBU R 128. */
double sound_loudness(const float *sound, int64_t samples);

/* --- reel.c: the file --- */
struct reel {
	AVFormatContext *format;
	AVCodecContext *video, *audio;
	AVStream *video_stream, *audio_stream;
	AVPacket *packet;
	AVFrame *piece;
	float *sound; /* of the whole film, interleaved; the caller's */
	int64_t samples, spoken;
};
/* open, chapters, begin, frames in order, end; and close in any case. 0, or less than 0 as libav says. */
int reel_open(struct reel *f, const char *path, int width, int height, int threads, const char *title, const char *person);
int reel_chapter(struct reel *f, int first, int end, const char *name);
int reel_begin(struct reel *f);
int reel_put(struct reel *f, AVFrame *frame, int number, bool is_key);
int reel_end(struct reel *f);
void reel_close(struct reel *f);

double cpu_now(void);

#endif
