/* backdrop.c - what all scenes of a film stand before: the ground of its style, with lights that drift over it and lines that run towards
 * who looks. It goes on while scenes come and go. Lights are soft and slow: they are put down anew ten times a second, and what lies
 * between costs neither us nor the encoder anything. */
#include <math.h>

#include "worker/recap/internal.h"

#define LIT_EVERY 3 /* frames */

struct backdrop {
	const struct look *look;
	AVFrame *ground, *lit;
	int lit_at; /* number of the frame for which lit was made; -1: none */
	struct layer lights[LIGHTS_MAX];
	int count;
};

static void
draw_light(struct backdrop *b, const struct light *light)
{
	int radius = (int)(light->radius * FFMIN(b->look->width, b->look->height));
	cairo_surface_t *drawing = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, 2 * radius, 2 * radius);
	cairo_t *cr = cairo_create(drawing);
	cairo_pattern_t *p = cairo_pattern_create_radial(radius, radius, 0, radius, radius, radius);
	struct rgb c = light->colour;

	for (int i = 0; i <= 8; i++) /* as a bell: no edge is seen */
		cairo_pattern_add_color_stop_rgba(p, i / 8.0, c.r, c.g, c.b, light->opacity * pow(cos(i / 8.0 * M_PI / 2), 2));
	cairo_set_source(cr, p);
	cairo_paint(cr);
	cairo_pattern_destroy(p);
	cairo_destroy(cr);
	layer_draw(b, drawing, &b->lights[b->count++]);
	cairo_surface_destroy(drawing);
}

struct backdrop *
backdrop_open(void *mem, const struct look *look)
{
	struct backdrop *b = mem_new(mem, struct backdrop);

	b->look = look;
	b->ground = frame_of_ground(look);
	b->lit = frame_new(look->width, look->height);
	b->lit_at = -1;
	if (b->ground == NULL || b->lit == NULL)
		mem_out_of_memory();
	for (int i = 0; i < LIGHTS_MAX && look->lights[i].radius > 0; i++)
		draw_light(b, &look->lights[i]);
	return b;
}

/* Lines that come out of the horizon, faster and faster. */
static void
show_lines(const struct backdrop *b, double seconds, AVFrame *to)
{
	double horizon = to->height * b->look->horizon, run = fmod(seconds * 0.35, 1);

	for (int i = 0; i < 9; i++) {
		double near = pow((i + run) / 9, 2.2);

		frame_line(to, horizon + (to->height - horizon) * near, 1 + 3 * near, b->look->accent, 0.12 + 0.5 * near);
	}
}

static void
light_up(struct backdrop *b, double seconds)
{
	struct presence p = WHOLLY;

	frame_copy(b->lit, b->ground);
	for (int i = 0; i < b->count; i++) {
		const struct light *l = &b->look->lights[i];
		double turn = 2 * M_PI * seconds / l->period_s + i * 2.1;

		p.dx = (int)((l->x + l->swing * cos(turn)) * b->look->width / 2) * 2 - b->lights[i].width / 4 * 2;
		p.dy = (int)((l->y + l->swing * sin(turn * 0.77)) * b->look->height / 2) * 2 - b->lights[i].height / 4 * 2;
		layer_show(&b->lights[i], &p, b->lit);
	}
}

void
backdrop_show(struct backdrop *b, int frame, AVFrame *to)
{
	int at = frame - frame % LIT_EVERY;

	if (at != b->lit_at && (b->count > 0 || b->lit_at < 0))
		light_up(b, (double)at / RECAP_FPS);
	b->lit_at = at;
	frame_copy(to, b->lit);
	if (b->look->horizon > 0)
		show_lines(b, (double)frame / RECAP_FPS, to);
}

void
backdrop_close(struct backdrop *b)
{
	if (b == NULL)
		return;
	av_frame_free(&b->ground);
	av_frame_free(&b->lit);
	talloc_free(b);
}
