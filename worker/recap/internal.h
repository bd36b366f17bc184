/*
 * internal.h - what the stages of this folder share. plan.c says which scenes there are and for how long; scenes.c and pages.c draw one as
 * a stage of layers (canvas.c, look.c); picture.c puts layers on a frame, before a backdrop (backdrop.c); sound.c makes the whole sound
 * beforehand; film.c shows scene after scene, reel.c encodes. dojo.c is another sort of film: a program that is typed.
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
#define LAYERS_MAX 240
#define LIGHTS_MAX 3
#define CARDS 6        /* items on a page of cards */
#define SAMPLES_OF_FRAME (AUDIO_RATE / RECAP_FPS)

struct rgb {
	double r, g, b;
};

/* --- look.c: the styles --- */

enum passing { PASS_FADE, PASS_SLIDE, PASS_WIPE, PASS_RISE };

/* Drifts about its place. Lengths as parts of the frame, the radius of its shorter side; without one there is none. */
struct light {
	struct rgb colour;
	double opacity, x, y, radius, swing, period_s;
};

struct look {
	const char *name;
	int width, height;
	const char *heading, *body; /* fonts */
	struct rgb ink, quiet, accent, second, ground, shade, sheet;
	double card; /* opacity of the sheets that things lie on */
	bool glows;
	enum passing passing;
	double horizon; /* that lines run out of, as a part of the height; 0: none */
	struct light lights[LIGHTS_MAX];
	void (*paint)(cairo_t *cr, const struct look *look);
};
const struct look *look_by_name(const char *name);

/* --- picture.c: frames and layers --- */

enum arrival { ARRIVE_RISE, ARRIVE_FADE, ARRIVE_GROW, ARRIVE_TOWER, ARRIVE_AT_ONCE }; /* GROW: from the left; TOWER: from its foot */

struct layer {
	int x, y, width, height; /* even */
	uint8_t *planes[3];      /* premultiplied */
	uint8_t *alpha, *alpha2; /* of the picture, and at half its size for the colours */
	double at, until;        /* seconds into the scene at which it begins to appear, and is gone (0: stays) */
	enum arrival arrival;
};

/* How much of something is there: moved by dx, dy (even), 0 to 256 of it, and what lies between two columns (even). */
struct presence {
	int dx, dy;
	unsigned opacity;
	int left, right;
};
#define WHOLLY ((struct presence){ .opacity = 256, .right = 1 << 20 })

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

/* The drawing as a layer at 0, 0; on mem. */
void layer_draw(void *mem, cairo_surface_t *drawing, struct layer *out);
void layer_show(const struct layer *l, const struct presence *p, AVFrame *to);
/* Takes a drawing (and frees it): its place is x, y. NULL: it finds no room, and is left out. */
struct layer *stage_add(struct stage *s, cairo_surface_t *drawing, double x, double y, double at, enum arrival arrival);
void stage_show(struct stage *s, int frame, const struct presence *p, AVFrame *to);
AVFrame *frame_new(int width, int height);
AVFrame *frame_of_ground(const struct look *look);
void frame_copy(AVFrame *to, const AVFrame *from);
void frame_bar(AVFrame *to, int x, int y, int width, int height, struct rgb colour);
/* A line from side to side; y need not be whole. */
void frame_line(AVFrame *to, double y, double thickness, struct rgb colour, double opacity);

/* --- backdrop.c --- */
struct backdrop;
struct backdrop *backdrop_open(void *mem, const struct look *look);
void backdrop_show(struct backdrop *b, int frame, AVFrame *to);
void backdrop_close(struct backdrop *b);

/* --- canvas.c: texts and shapes as layers --- */

enum voice { VOICE_HEADING, VOICE_BODY, VOICE_QUIET, VOICE_ACCENT, VOICE_GROUND, VOICE_GHOST };
enum align { ALIGN_START, ALIGN_CENTRE };

/* The largest size up to `size` (units) at which the text fits its box; returns the height that it takes. */
double stage_text(struct stage *s, const char *text, struct box box, double size, enum voice voice, enum align align, double at);
/* Its height, if it were put there. */
double text_height(struct stage *s, const char *text, double width, double height, double size, enum voice voice);
/* A number that counts up to what it is. */
void stage_number(struct stage *s, double n, struct box box, double size, enum voice voice, enum align align, double at);
void stage_rect(struct stage *s, struct box box, double radius, struct rgb colour, double opacity, double at, enum arrival arrival);
/* A square in the colours of the style, which are mixed differently for each word. */
void stage_tile(struct stage *s, struct box box, const char *word, double at);
/* A picture file inside the box, with round corners. False when it cannot be read. */
bool stage_picture(struct stage *s, const char *path, struct box box, double at);

/* --- plan.c, scenes.c, pages.c --- */

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

#define MARGIN 110
#define FOOT 70 /* the bar of the film's time */
bool is_tall(const struct stage *s);
const char *stage_word(const struct stage *s, const char *text);
/* All that may be drawn on. */
struct box stage_box(const struct stage *s);
/* The same below a heading. */
struct box stage_headed(struct stage *s, const char *text);
void draw_figures(struct stage *s);
void draw_chart(struct stage *s, const struct scene *scene);
void draw_cards(struct stage *s, const struct scene *scene);

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
