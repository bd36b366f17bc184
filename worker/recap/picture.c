/* picture.c - frames: layers are put into Y'CbCr (BT.709, studio range) once and blended for each frame. */
#include <math.h>
#include <string.h>
#include <time.h>

#include "worker/recap/internal.h"

double
cpu_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

AVFrame *
frame_new(int width, int height)
{
	AVFrame *f = av_frame_alloc();

	if (f == NULL)
		return NULL;
	f->width = width;
	f->height = height;
	f->format = AV_PIX_FMT_YUV420P;
	f->colorspace = AVCOL_SPC_BT709;
	f->color_primaries = AVCOL_PRI_BT709;
	f->color_trc = AVCOL_TRC_BT709;
	f->color_range = AVCOL_RANGE_MPEG;
	if (av_frame_get_buffer(f, 0) < 0)
		av_frame_free(&f);
	return f;
}

void
frame_copy(AVFrame *to, const AVFrame *from)
{
	av_image_copy(to->data, to->linesize, (const uint8_t **)from->data, from->linesize, AV_PIX_FMT_YUV420P, to->width, to->height);
}

/* --- colours --- */

struct ycc {
	double y, u, v;
};

/* What is premultiplied stays so: the offsets count by as much as the pixel covers. */
static struct ycc
ycc_of(double r, double g, double b, double cover)
{
	return (struct ycc){ 16 * cover + 255 * (0.1826 * r + 0.6142 * g + 0.0620 * b), 128 * cover + 255 * (-0.1006 * r - 0.3386 * g + 0.4392 * b),
		128 * cover + 255 * (0.4392 * r - 0.3989 * g - 0.0403 * b) };
}

static uint8_t
byte(double x)
{
	return (uint8_t)(x < 0 ? 0 : x > 255 ? 255 : x + 0.5);
}

/* Sums of two rows and columns for the colours, a pixel for the light. */
static void
put_into_planes(const uint8_t *pixels, int stride, int width, int height, uint8_t *planes[3], const int strides[3], uint8_t *alpha, uint8_t *alpha2)
{
	for (int y = 0; y < height; y += 2) {
		for (int x = 0; x < width; x += 2) {
			double u = 0, v = 0, cover = 0;

			for (int i = 0; i < 4; i++) {
				int px = x + (i & 1), py = y + (i >> 1);
				uint32_t p;
				struct ycc c;

				memcpy(&p, pixels + (size_t)py * (size_t)stride + 4 * (size_t)px, 4);
				c = ycc_of((p >> 16 & 255) / 255.0, (p >> 8 & 255) / 255.0, (p & 255) / 255.0, (double)(p >> 24) / 255.0);
				planes[0][py * strides[0] + px] = byte(c.y);
				if (alpha != NULL)
					alpha[py * width + px] = (uint8_t)(p >> 24);
				u += c.u / 4;
				v += c.v / 4;
				cover += (double)(p >> 24) / 4;
			}
			planes[1][y / 2 * strides[1] + x / 2] = byte(u);
			planes[2][y / 2 * strides[2] + x / 2] = byte(v);
			if (alpha2 != NULL)
				alpha2[y / 2 * (width / 2) + x / 2] = byte(cover);
		}
	}
}

AVFrame *
frame_of_ground(const struct look *look)
{
	cairo_surface_t *drawing = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, look->width, look->height);
	cairo_t *cr = cairo_create(drawing);
	AVFrame *f = frame_new(look->width, look->height);

	look->paint(cr, look);
	cairo_destroy(cr);
	cairo_surface_flush(drawing);
	if (f != NULL)
		put_into_planes(cairo_image_surface_get_data(drawing), cairo_image_surface_get_stride(drawing), look->width, look->height, f->data,
		    f->linesize, NULL, NULL);
	cairo_surface_destroy(drawing);
	return f;
}

void
layer_draw(void *mem, cairo_surface_t *drawing, struct layer *out)
{
	int width = cairo_image_surface_get_width(drawing) & ~1, height = cairo_image_surface_get_height(drawing) & ~1;
	size_t area = (size_t)width * (size_t)height;

	*out = (struct layer){ .width = width, .height = height };
	out->planes[0] = mem_size(mem, area);
	out->alpha = mem_size(mem, area);
	out->planes[1] = mem_size(mem, area / 4);
	out->planes[2] = mem_size(mem, area / 4);
	out->alpha2 = mem_size(mem, area / 4);
	cairo_surface_flush(drawing);
	put_into_planes(cairo_image_surface_get_data(drawing), cairo_image_surface_get_stride(drawing), width, height, out->planes,
	    (const int[]){ width, width / 2, width / 2 }, out->alpha, out->alpha2);
}

struct layer *
stage_add(struct stage *s, cairo_surface_t *drawing, double x, double y, double at, enum arrival arrival)
{
	struct layer *l = NULL;

	if (s->count < LAYERS_MAX && cairo_image_surface_get_width(drawing) > 1 && cairo_image_surface_get_height(drawing) > 1) {
		l = &s->layers[s->count++];
		layer_draw(s->mem, drawing, l);
		l->x = (int)lround(x / 2) * 2;
		l->y = (int)lround(y / 2) * 2;
		l->at = at;
		l->arrival = arrival;
	}
	cairo_surface_destroy(drawing);
	return l;
}

/* --- frames --- */

/* opacity 0 to 256. Eight bits times eight bits fit sixteen: a loop for vector registers. */
static void
blend_row(uint8_t *restrict to, const uint8_t *restrict from, const uint8_t *restrict alpha, int count, unsigned opacity)
{
	for (int i = 0; i < count; i++) {
		uint16_t a = (uint16_t)(alpha[i] * opacity >> 8), s = (uint16_t)(from[i] * opacity >> 8);
		uint16_t t = (uint16_t)(to[i] * (255 - a) + 128);

		to[i] = (uint8_t)(s + ((t + (t >> 8)) >> 8));
	}
}

/* Where a layer lies, and what of it is there: columns from the left, rows without the first ones. */
struct showing {
	int x, y, columns, hidden;
};

/* A plane of a layer at half or whole size, as much of it as lies on the frame. */
static void
blend_plane(AVFrame *to, int plane, const struct layer *l, const struct showing *s, const struct presence *p)
{
	int half = plane > 0, stride = l->width >> half;
	int from = FFMAX3(s->x, p->left, 0), until = FFMIN3(s->x + s->columns, p->right, to->width), skip = (from - s->x) >> half;
	const uint8_t *alpha = half ? l->alpha2 : l->alpha;

	for (int row = s->hidden >> half; from < until && row < l->height >> half; row++) {
		int y = (s->y >> half) + row;

		if (y >= 0 && y < to->height >> half)
			blend_row(to->data[plane] + y * to->linesize[plane] + (from >> half), l->planes[plane] + row * stride + skip,
			    alpha + row * stride + skip, (until - from) >> half, p->opacity);
	}
}

void
layer_show(const struct layer *l, const struct presence *p, AVFrame *to)
{
	struct showing s = { .x = l->x + p->dx, .y = l->y + p->dy, .columns = l->width };

	for (int plane = 0; plane < 3; plane++)
		blend_plane(to, plane, l, &s, p);
}

static double
eased(double t)
{
	return t <= 0 ? 0 : t >= 1 ? 1 : 1 - pow(1 - t, 3);
}

/* As much of it as there is by then. */
static void
blend_layer(AVFrame *to, const struct layer *l, double seconds, double unit, struct presence p)
{
	double done = l->arrival == ARRIVE_AT_ONCE ? seconds >= l->at : eased((seconds - l->at) / APPEAR);
	struct showing s = { .x = l->x + p.dx, .y = l->y + p.dy, .columns = l->width };

	if (done <= 0 || (l->until > 0 && seconds >= l->until))
		return;
	if (l->arrival == ARRIVE_RISE)
		s.y += (int)lround((1 - done) * 24 * unit) * 2;
	else if (l->arrival == ARRIVE_GROW)
		s.columns = (int)(l->width * done) & ~1;
	else if (l->arrival == ARRIVE_TOWER)
		s.hidden = (int)(l->height * (1 - done)) & ~1;
	if (l->arrival == ARRIVE_RISE || l->arrival == ARRIVE_FADE)
		p.opacity = (unsigned)lround(p.opacity * done);
	for (int plane = 0; plane < 3; plane++)
		blend_plane(to, plane, l, &s, &p);
}

/* --- a clip that plays --- */

static void
fade_row(uint8_t *restrict to, const uint8_t *restrict from, int count, int share)
{
	for (int i = 0; i < count; i++)
		to[i] = (uint8_t)(to[i] + (((from[i] - to[i]) * share) >> 8));
}

/* By how much a row of so many begins later and ends sooner, so that corners are round. */
static int
inset(int row, int rows, int radius)
{
	int away = FFMAX(radius - row, radius - (rows - 1 - row));

	return away <= 0 ? 0 : radius - (int)sqrt((double)(radius * radius - away * away));
}

static void
put_picture(AVFrame *to, int plane, const AVFrame *f, int x, int y, int radius, const struct presence *p)
{
	int half = plane > 0, rows = f->height >> half;

	for (int row = 0; row < rows; row++) {
		int line = (y >> half) + row, cut = inset(row, rows, radius >> half) << half;
		int from = FFMAX3(x + cut, p->left, 0), until = FFMIN3(x + f->width - cut, p->right, to->width);
		uint8_t *at = to->data[plane] + line * to->linesize[plane] + (from >> half);
		const uint8_t *of = f->data[plane] + row * f->linesize[plane] + ((from - x) >> half);

		if (from >= until || line < 0 || line >= to->height >> half)
			continue;
		if (p->opacity >= 256)
			memcpy(at, of, (size_t)((until - from) >> half));
		else
			fade_row(at, of, (until - from) >> half, (int)p->opacity);
	}
}

static void
put_clip(struct stage *s, double seconds, const struct presence *p, AVFrame *to)
{
	double began = cpu_now();
	const AVFrame *f = clip_at(s->clip, seconds);

	for (int plane = 0; f != NULL && plane < 3; plane++)
		put_picture(to, plane, f, s->clip_x + p->dx, s->clip_y + p->dy, (int)(18 * s->unit), p);
	s->cpu_clip += cpu_now() - began;
}

void
stage_show(struct stage *s, int frame, const struct presence *p, AVFrame *to)
{
	double seconds = (double)frame / RECAP_FPS;

	if (p->opacity == 0)
		return;
	if (s->clip != NULL)
		put_clip(s, seconds, p, to);
	for (int i = 0; i < s->count; i++)
		blend_layer(to, &s->layers[i], seconds, s->unit, *p);
}

/* --- shapes that need no drawing --- */

void
frame_bar(AVFrame *to, int x, int y, int width, int height, struct rgb colour)
{
	struct ycc c = ycc_of(colour.r, colour.g, colour.b, 1);
	const double values[3] = { c.y, c.u, c.v };

	for (int plane = 0; plane < 3; plane++)
		for (int row = y >> (plane > 0); row < (y + height) >> (plane > 0); row++)
			memset(to->data[plane] + row * to->linesize[plane] + (x >> (plane > 0)), byte(values[plane]), (size_t)(width >> (plane > 0)));
}

void
frame_line(AVFrame *to, double y, double thickness, struct rgb colour, double opacity)
{
	struct ycc c = ycc_of(colour.r, colour.g, colour.b, 1);
	const double values[3] = { c.y, c.u, c.v };

	for (int plane = 0; plane < 3; plane++) {
		int half = plane > 0, width = to->width >> half, height = to->height >> half;
		double top = y / (1 + half), bottom = (y + thickness) / (1 + half);

		for (int row = (int)floor(top); row < bottom && row < height; row++) {
			double covered = fmin(bottom, row + 1) - fmax(top, row);
			int share = (int)(256 * opacity * covered), value = byte(values[plane]);
			uint8_t *line = to->data[plane] + row * to->linesize[plane];

			for (int i = 0; row >= 0 && i < width; i++)
				line[i] = (uint8_t)(line[i] + (((value - line[i]) * share) >> 8));
		}
	}
}
