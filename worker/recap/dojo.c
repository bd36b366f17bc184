/* dojo.c - see dojo.h. The picture is drawn anew when something has changed, ten times a second at most. */
#include "worker/recap/dojo.h"

#include <math.h>
#include <string.h>

#include "worker/recap/internal.h"

#define WIDTH 1920
#define HEIGHT 1080
#define PAUSE_S 2.0   /* the longest */
#define HEAD_S 3.0    /* before the first edit, and after the last */
#define LINES 33
#define LINE 28.0
#define TOP 130.0
#define SIDE 1310.0   /* where the chat begins */
#define NAME_HEIGHT 30.0
#define WORD_GAP 26.0
#define WORD_MOST 640.0 /* twenty lines of one that never ends */
#define DRAW_EVERY 3  /* frames */

struct typing {
	const struct dojo_film *d;
	struct reel reel;
	AVFrame *frame;
	struct SwsContext *sws;
	cairo_surface_t *drawing;
	struct buf text;
	size_t edit, word; /* that come next */
	size_t place;      /* byte of the last edit */
	const char *who;   /* of the last edit */
	double *edit_s, *word_s; /* when each comes */
	int frames;
	bool has_changed;
};

/* When each edit and word comes in the film: pauses are cut, then all of it is made to fit. Returns how long that takes. */
static double
lay_time(struct typing *t)
{
	const struct dojo_film *d = t->d;
	double film = 0, before = 0, scale;
	size_t e = 0, w = 0;

	t->edit_s = mem_array(d->mem, double, d->edit_count + 1);
	t->word_s = mem_array(d->mem, double, d->word_count + 1);
	while (e < d->edit_count || w < d->word_count) {
		bool is_edit = e < d->edit_count && (w >= d->word_count || d->edits[e].at_s <= d->words[w].at_s);
		double at = is_edit ? d->edits[e].at_s : d->words[w].at_s;

		film += fmin(fmax(at - before, 0), PAUSE_S);
		before = at;
		*(is_edit ? &t->edit_s[e++] : &t->word_s[w++]) = film;
	}
	scale = film > DOJO_FILM_LONGEST_S - 2 * HEAD_S ? (DOJO_FILM_LONGEST_S - 2 * HEAD_S) / film : 1;
	for (e = 0; e < d->edit_count; e++)
		t->edit_s[e] = HEAD_S + t->edit_s[e] * scale;
	for (w = 0; w < d->word_count; w++)
		t->word_s[w] = HEAD_S + t->word_s[w] * scale;
	return 2 * HEAD_S + film * scale;
}

/* --- drawing --- */

/* height: more is cut with an ellipsis; 0: one line. */
static PangoLayout *
lay_out(cairo_t *cr, const char *text, size_t bytes, const char *font, double width, double height)
{
	PangoLayout *layout = pango_cairo_create_layout(cr);
	PangoFontDescription *description = pango_font_description_from_string(font);

	pango_layout_set_font_description(layout, description);
	pango_font_description_free(description);
	pango_layout_set_text(layout, text, (int)bytes);
	pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
	pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
	pango_layout_set_height(layout, height > 0 ? (int)(height * PANGO_SCALE) : -1);
	pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
	return layout;
}

static void
show(cairo_t *cr, PangoLayout *layout, double x, double y, struct rgb c)
{
	cairo_set_source_rgb(cr, c.r, c.g, c.b);
	cairo_move_to(cr, x, y);
	pango_cairo_show_layout(cr, layout);
	g_object_unref(layout);
}

static void
text_at(cairo_t *cr, const char *text, const char *font, double x, double y, double width, struct rgb c)
{
	show(cr, lay_out(cr, text, strlen(text), font, width, 0), x, y, c);
}

static const struct rgb INK = { 0.90, 0.92, 0.95 }, QUIET = { 0.48, 0.53, 0.60 }, ACCENT = { 0.40, 0.80, 1.0 }, WARM = { 1.0, 0.72, 0.35 };

static size_t
lines_before(const struct buf *text, size_t place)
{
	size_t n = 0;

	for (size_t i = 0; i < place && i < text->length; i++)
		n += text->data[i] == '\n';
	return n;
}

static const char *
line_begin(const struct buf *text, const char *at)
{
	while (at > text->data && at[-1] != '\n')
		at--;
	return at;
}

/* A long line goes on below; nothing of it is cut, unless it fills the screen. */
static PangoLayout *
lay_out_code(cairo_t *cr, const char *line, size_t bytes)
{
	return lay_out(cr, line, bytes, "Noto Sans Mono 20px", SIDE - 190, LINES * LINE);
}

static int
rows_of(cairo_t *cr, const char *line, size_t bytes)
{
	PangoLayout *layout = lay_out_code(cr, line, bytes);
	int rows = pango_layout_get_line_count(layout);

	g_object_unref(layout);
	return rows;
}

/* Draws one line of the code; returns how many rows it takes. */
static int
draw_line(struct typing *t, cairo_t *cr, const char *line, size_t bytes, size_t number, double y)
{
	PangoLayout *layout = lay_out_code(cr, line, bytes);
	int rows = pango_layout_get_line_count(layout);
	char text[24];

	if (t->who != NULL && line_begin(&t->text, t->text.data + t->place) == line) {
		cairo_set_source_rgba(cr, ACCENT.r, ACCENT.g, ACCENT.b, 0.14);
		cairo_rectangle(cr, 40, y, SIDE - 80, LINE * rows);
		cairo_fill(cr);
	}
	snprintf(text, sizeof(text), "%zu", number);
	text_at(cr, text, "Noto Sans Mono 14px", 60, y + 4, 60, QUIET);
	show(cr, layout, 130, y, INK);
	return rows;
}

/* From two thirds of the screen above the last edit on. */
static void
draw_code(struct typing *t, cairo_t *cr)
{
	const struct buf *text = &t->text;
	const char *line = line_begin(text, text->data + t->place), *end = text->data + text->length;
	size_t number = 1 + lines_before(text, (size_t)(line - text->data));
	int above = 0, row = 0;

	while (line > text->data) {
		const char *before = line_begin(text, line - 1);
		int rows = rows_of(cr, before, (size_t)(line - 1 - before));

		if (above + rows > LINES * 2 / 3)
			break;
		above += rows;
		line = before;
		number--;
	}
	cairo_save(cr);
	cairo_rectangle(cr, 0, TOP, SIDE, HEIGHT - TOP);
	cairo_clip(cr);
	while (row < LINES) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));

		row += draw_line(t, cr, line, (size_t)((stop != NULL ? stop : end) - line), number++, TOP + LINE * row);
		if (stop == NULL)
			break;
		line = stop + 1;
	}
	cairo_restore(cr);
}

static PangoLayout *
lay_out_word(cairo_t *cr, const struct dojo_word *w)
{
	return lay_out(cr, w->text, strlen(w->text), "Noto Sans 24px", WIDTH - SIDE - 80, WORD_MOST);
}

static double
height_of(cairo_t *cr, const struct dojo_word *w)
{
	PangoLayout *layout = lay_out_word(cr, w);
	int height;

	pango_layout_get_pixel_size(layout, NULL, &height);
	g_object_unref(layout);
	return NAME_HEIGHT + height + WORD_GAP;
}

/* As many of the last words as there is room for, each as long as it is. */
static void
draw_chat(struct typing *t, cairo_t *cr)
{
	size_t first = t->word;
	double y = TOP, left = HEIGHT - TOP;

	cairo_set_source_rgba(cr, 1, 1, 1, 0.05);
	cairo_rectangle(cr, SIDE, 0, WIDTH - SIDE, HEIGHT);
	cairo_fill(cr);
	while (first > 0 && (left -= height_of(cr, &t->d->words[first - 1])) >= 0)
		first--;
	for (size_t i = first; i < t->word; i++) {
		const struct dojo_word *w = &t->d->words[i];

		text_at(cr, w->who, "Noto Sans Bold 20px", SIDE + 40, y, WIDTH - SIDE - 80, WARM);
		show(cr, lay_out_word(cr, w), SIDE + 40, y + NAME_HEIGHT, INK);
		y += height_of(cr, w);
	}
}

static void
draw(struct typing *t)
{
	cairo_t *cr = cairo_create(t->drawing);
	const struct dojo_film *d = t->d;
	uint8_t *data[4] = { cairo_image_surface_get_data(t->drawing) };
	int stride[4] = { cairo_image_surface_get_stride(t->drawing) };

	cairo_set_source_rgb(cr, 0.075, 0.09, 0.12);
	cairo_paint(cr);
	draw_code(t, cr);
	draw_chat(t, cr);
	text_at(cr, d->name, "Noto Sans Display Bold 40px", 60, 40, SIDE - 460, INK);
	text_at(cr, d->site, "Noto Sans Bold 22px", SIDE + 40, 52, WIDTH - SIDE - 80, ACCENT);
	if (t->who != NULL)
		text_at(cr, t->who, "Noto Sans Bold 24px", SIDE - 380, 52, 330, ACCENT);
	cairo_destroy(cr);
	cairo_surface_flush(t->drawing);
	sws_scale(t->sws, (const uint8_t *const *)data, stride, 0, HEIGHT, t->frame->data, t->frame->linesize);
}

/* --- time --- */

/* Where the operation changes something first, in bytes of the new text. */
static size_t
place_of(const struct ot *op, const struct buf *text)
{
	size_t units = op->count > 0 && op->parts[0].kind == OT_RETAIN ? op->parts[0].units : 0, at = 0;

	while (at < text->length && units > 0) {
		unsigned char c = (unsigned char)text->data[at];
		size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4, used = n == 4 ? 2 : 1;

		units -= used < units ? used : units;
		at += n;
	}
	return at < text->length ? at : text->length;
}

/* What has happened by that time of the film. */
static void
go_to(struct typing *t, double seconds)
{
	const struct dojo_film *d = t->d;

	while (t->edit < d->edit_count && t->edit_s[t->edit] <= seconds) {
		const struct dojo_edit *e = &d->edits[t->edit++];
		struct buf after;

		buf_init(&after, d->mem, t->text.length + 64);
		if (ot_apply(&e->op, t->text.data, t->text.length, &after) == OT_OK) {
			talloc_free(t->text.data);
			t->text = after;
			t->place = place_of(&e->op, &t->text);
			t->who = e->who;
			t->has_changed = true;
		}
	}
	while (t->word < d->word_count && t->word_s[t->word] <= seconds) {
		t->word++;
		t->has_changed = true;
	}
}

static int
run(struct typing *t, const char *folder, void (*progress)(void *user, int percent), void *user)
{
	int rc = 0;

	for (int number = 0; rc >= 0 && number < t->frames; number++) {
		rc = av_frame_make_writable(t->frame);
		if (number % DRAW_EVERY == 0)
			go_to(t, (double)number / RECAP_FPS);
		if (rc >= 0 && t->has_changed)
			draw(t);
		t->has_changed = false;
		if (rc >= 0)
			rc = reel_put(&t->reel, t->frame, number, false);
		if (rc >= 0 && number == t->frames - 1)
			rc = still_write(folder, RECAP_POSTER, t->frame, 720);
		if (progress != NULL && number % 15 == 0)
			progress(user, 100 * number / t->frames);
	}
	return rc;
}

static int
prepare(struct typing *t, const char *path)
{
	const struct dojo_film *d = t->d;
	int rc;

	t->frames = (int)lround(lay_time(t) * RECAP_FPS);
	t->reel.samples = (int64_t)t->frames * SAMPLES_OF_FRAME;
	t->reel.sound = mem_array(d->mem, float, 2 * (size_t)t->reel.samples);
	sound_lay_music(d->mem, NULL, t->reel.sound, t->reel.samples);
	for (int64_t i = 0; i < 2 * t->reel.samples; i++) /* soft: it is not what this is about */
		t->reel.sound[i] *= 0.5F;
	buf_init(&t->text, d->mem, strlen(d->initial) + 1);
	buf_add_str(&t->text, d->initial);
	t->drawing = cairo_image_surface_create(CAIRO_FORMAT_RGB24, WIDTH, HEIGHT);
	t->frame = frame_new(WIDTH, HEIGHT);
	t->sws = sws_getContext(WIDTH, HEIGHT, AV_PIX_FMT_BGR0, WIDTH, HEIGHT, AV_PIX_FMT_YUV420P, SWS_BILINEAR, NULL, NULL, NULL);
	if (t->sws == NULL || t->frame == NULL)
		return AVERROR(ENOMEM);
	sws_setColorspaceDetails(t->sws, sws_getCoefficients(SWS_CS_ITU709), 1, sws_getCoefficients(SWS_CS_ITU709), 0, 0, 1 << 16, 1 << 16);
	t->has_changed = true;
	rc = reel_open(&t->reel, path, WIDTH, HEIGHT, d->threads, d->name, d->owner);
	return rc < 0 ? rc : reel_begin(&t->reel);
}

int
dojo_film_render(const struct dojo_film *d, const char *folder, const char *file, void (*progress)(void *user, int percent), void *user,
    struct media_failure *failure)
{
	struct typing t = { .d = d };
	int rc;

	media_log_start();
	rc = prepare(&t, mem_printf(d->mem, "%s/%s", folder, file));
	if (rc >= 0)
		rc = run(&t, folder, progress, user);
	if (rc >= 0)
		rc = reel_end(&t.reel);
	reel_close(&t.reel);
	av_frame_free(&t.frame);
	sws_freeContext(t.sws);
	cairo_surface_destroy(t.drawing);
	talloc_free(t.reel.sound);
	return rc < 0 ? media_fail_output(failure, rc, "dojo") : MEDIA_OK;
}
