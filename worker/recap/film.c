/* film.c - scene after scene into one file. */
#include <math.h>

#include "worker/recap/internal.h"

#define POSTER_AT (3 * RECAP_FPS)

struct film {
	const struct recap *recap;
	const struct look *look;
	struct plan plan;
	const char *folder;
	struct recap_times *times;

	struct reel reel;
	struct backdrop *backdrop;
	AVFrame *frame;
	struct stage *stages[2]; /* the scene that is shown, the one that comes */
};

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
even(double x)
{
	return (int)lround(x / 2) * 2;
}

/* How one scene gives way to the next. done: 0 to 1. */
static void
pass(const struct look *look, double done, struct presence *out, struct presence *in)
{
	double smooth = done * done * (3 - 2 * done), lift = FFMIN(look->width, look->height) * 0.05;

	switch (look->passing) {
	case PASS_FADE: /* first the one, then the other: two texts over each other could not be read */
		out->opacity = (unsigned)lround(256 * fmax(0, 1 - 2 * smooth));
		out->dy = -even(lift * 2 * smooth);
		in->opacity = (unsigned)lround(256 * fmax(0, 2 * smooth - 1));
		break;
	case PASS_SLIDE:
		out->dx = -even(look->width * smooth);
		in->dx = out->dx + even(look->width);
		break;
	case PASS_RISE:
		out->dy = -even(look->height * smooth);
		in->dy = out->dy + even(look->height);
		break;
	case PASS_WIPE:
		in->right = out->left = even(look->width * smooth);
		break;
	}
}

static void
show_both(struct film *f, int at, int other_at)
{
	double done = (double)(other_at + 1) / (OVERLAP + 1);
	struct presence out = WHOLLY, in = WHOLLY;
	int width = FFMIN(even(f->look->width * 0.006), f->look->width);

	pass(f->look, done, &out, &in);
	stage_show(f->stages[0], at, &out, f->frame);
	stage_show(f->stages[1], other_at, &in, f->frame);
	if (f->look->passing == PASS_WIPE)
		frame_bar(f->frame, FFMIN(out.left, f->look->width - width), 0, width, f->look->height, f->look->accent);
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
	backdrop_show(f->backdrop, number, f->frame);
	if (f->stages[1] != NULL)
		show_both(f, at, OVERLAP - left);
	else
		stage_show(f->stages[0], at, &WHOLLY, f->frame);
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
	int rc = reel_put(&f->reel, f->frame, number, is_first_of_scene);

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
prepare(struct film *f, const char *path)
{
	int rc = reel_open(&f->reel, path, f->look->width, f->look->height, f->recap->threads, f->recap->title, f->recap->person);

	for (size_t i = 0; i < f->plan.count && rc >= 0; i++)
		if (f->plan.scenes[i].chapter != NULL)
			rc = reel_chapter(&f->reel, f->plan.scenes[i].first, f->plan.frames, f->plan.scenes[i].chapter);
	if (rc >= 0)
		rc = reel_begin(&f->reel);
	f->backdrop = backdrop_open(NULL, f->look);
	f->frame = frame_new(f->look->width, f->look->height);
	return rc < 0 ? rc : f->frame == NULL ? AVERROR(ENOMEM) : 0;
}

static void
close_film(struct film *f)
{
	stage_free(f->stages[0]);
	stage_free(f->stages[1]);
	reel_close(&f->reel);
	backdrop_close(f->backdrop);
	av_frame_free(&f->frame);
	talloc_free(f->reel.sound);
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
	f.reel.samples = (int64_t)f.plan.frames * SAMPLES_OF_FRAME;
	f.times->film_s = (double)f.plan.frames / RECAP_FPS;
	f.reel.sound = sound_make(r->mem, r, &f.plan);
	f.times->cpu_s[RECAP_SOUND] = cpu_now() - began;
	if (progress != NULL)
		progress(user, 5);
	rc = f.reel.sound != NULL ? prepare(&f, mem_printf(r->mem, "%s/%s", folder, file)) : AVERROR(ENOMEM);
	if (rc >= 0)
		rc = run(&f, progress, user);
	if (rc >= 0)
		rc = reel_end(&f.reel);
	close_film(&f);
	return rc < 0 ? media_fail_output(failure, rc, "recap") : MEDIA_OK;
}
