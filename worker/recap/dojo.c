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
	double scale;      /* film seconds for each of the dojo's, pauses cut */
	int frames;
	bool has_changed;
};

/* When that happens in the film: pauses are cut, then all of it is made to fit. */
static double
shortened(const struct dojo_film *d, double until)
{
	double film = 0, before = 0;
	size_t e = 0, w = 0;

	while (e < d->edit_count || w < d->word_count) {
		double at = e < d->edit_count && (w >= d->word_count || d->edits[e].at_s <= d->words[w].at_s) ? d->edits[e++].at_s : d->words[w++].at_s;

		if (at > until)
			break;
		film += fmin(fmax(at - before, 0), PAUSE_S);
		before = at;
	}
	return film;
}

/* --- drawing --- */

static void
text_at(cairo_t *cr, const char *text, size_t bytes, const char *font, double x, double y, double width, double height, struct rgb c)
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
	cairo_set_source_rgb(cr, c.r, c.g, c.b);
	cairo_move_to(cr, x, y);
	pango_cairo_show_layout(cr, layout);
	g_object_unref(layout);
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

static void
draw_code(struct typing *t, cairo_t *cr)
{
	size_t at_line = lines_before(&t->text, t->place), first = at_line > LINES * 2 / 3 ? at_line - LINES * 2 / 3 : 0, line = 0;
	const char *p = t->text.data, *end = t->text.data + t->text.length;
	char number[24];

	for (; p <= end && line < first + LINES; line++) {
		const char *stop = memchr(p, '\n', (size_t)(end - p));
		size_t length = (size_t)((stop != NULL ? stop : end) - p);
		double y = TOP + LINE * (double)(line - first);

		if (line >= first) {
			if (line == at_line && t->who != NULL) {
				cairo_set_source_rgba(cr, ACCENT.r, ACCENT.g, ACCENT.b, 0.14);
				cairo_rectangle(cr, 40, y, SIDE - 80, LINE);
				cairo_fill(cr);
			}
			text_at(cr, number, (size_t)snprintf(number, sizeof(number), "%zu", line + 1), "Noto Sans Mono 14px", 60, y + 4, 60, 0, QUIET);
			text_at(cr, p, length, "Noto Sans Mono 20px", 130, y, SIDE - 190, 0, INK);
		}
		if (stop == NULL)
			break;
		p = stop + 1;
	}
}

static void
draw_chat(struct typing *t, cairo_t *cr)
{
	size_t first = t->word > 7 ? t->word - 7 : 0;
	double y = TOP;

	cairo_set_source_rgba(cr, 1, 1, 1, 0.05);
	cairo_rectangle(cr, SIDE, 0, WIDTH - SIDE, HEIGHT);
	cairo_fill(cr);
	for (size_t i = first; i < t->word; i++, y += 128) {
		const struct dojo_word *w = &t->d->words[i];

		text_at(cr, w->who, strlen(w->who), "Noto Sans Bold 20px", SIDE + 40, y, WIDTH - SIDE - 80, 0, WARM);
		text_at(cr, w->text, strlen(w->text), "Noto Sans 24px", SIDE + 40, y + 30, WIDTH - SIDE - 80, 76, INK);
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
	text_at(cr, d->name, strlen(d->name), "Noto Sans Display Bold 40px", 60, 40, SIDE - 460, 0, INK);
	text_at(cr, d->site, strlen(d->site), "Noto Sans Bold 22px", SIDE + 40, 52, WIDTH - SIDE - 80, 0, ACCENT);
	if (t->who != NULL)
		text_at(cr, t->who, strlen(t->who), "Noto Sans Bold 24px", SIDE - 380, 52, 330, 0, ACCENT);
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

	while (t->edit < d->edit_count && HEAD_S + shortened(d, d->edits[t->edit].at_s) * t->scale <= seconds) {
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
	while (t->word < d->word_count && HEAD_S + shortened(d, d->words[t->word].at_s) * t->scale <= seconds) {
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
	double length = shortened(d, INFINITY);
	int rc;

	t->scale = length > DOJO_FILM_LONGEST_S - 2 * HEAD_S ? (DOJO_FILM_LONGEST_S - 2 * HEAD_S) / length : 1;
	t->frames = (int)lround((2 * HEAD_S + length * t->scale) * RECAP_FPS);
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
