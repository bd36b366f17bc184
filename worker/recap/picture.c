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
stage_add(struct stage *s, cairo_surface_t *drawing, double x, double y, double at, enum arrival arrival)
{
	int width = cairo_image_surface_get_width(drawing) & ~1, height = cairo_image_surface_get_height(drawing) & ~1;
	size_t area = (size_t)width * (size_t)height;
	struct layer *l = &s->layers[s->count];

	if (s->count < LAYERS_MAX && width > 0 && height > 0) {
		s->count++;
		*l = (struct layer){ .x = (int)lround(x / 2) * 2, .y = (int)lround(y / 2) * 2, .width = width, .height = height, .at = at, .arrival = arrival };
		l->planes[0] = mem_size(s->mem, area);
		l->alpha = mem_size(s->mem, area);
		l->planes[1] = mem_size(s->mem, area / 4);
		l->planes[2] = mem_size(s->mem, area / 4);
		l->alpha2 = mem_size(s->mem, area / 4);
		cairo_surface_flush(drawing);
		put_into_planes(cairo_image_surface_get_data(drawing), cairo_image_surface_get_stride(drawing), width, height, l->planes,
		    (const int[]){ width, width / 2, width / 2 }, l->alpha, l->alpha2);
	}
	cairo_surface_destroy(drawing);
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

/* What of a layer is there by now: it is moved down by dy; columns from the left, rows that are not there yet. */
struct showing {
	int dy, columns, hidden;
	unsigned opacity;
};

/* A plane of a layer at half or whole size, as much of it as lies on the frame. */
static void
blend_plane(AVFrame *to, int plane, const struct layer *l, const struct showing *s)
{
	int half = plane > 0, stride = l->width >> half, width = FFMIN(s->columns, to->width - l->x) >> half;
	int skip = l->x < 0 ? -l->x >> half : 0;
	const uint8_t *alpha = half ? l->alpha2 : l->alpha;

	for (int row = s->hidden >> half; row < l->height >> half; row++) {
		int y = ((l->y + s->dy) >> half) + row;

		if (y >= 0 && y < to->height >> half && width > skip)
			blend_row(to->data[plane] + y * to->linesize[plane] + (l->x >> half) + skip, l->planes[plane] + row * stride + skip,
			    alpha + row * stride + skip, width - skip, s->opacity);
	}
}

static double
eased(double t)
{
	return t <= 0 ? 0 : t >= 1 ? 1 : 1 - pow(1 - t, 3);
}

static void
blend_layer(AVFrame *to, const struct layer *l, double seconds, double unit)
{
	double done = eased((seconds - l->at) / APPEAR);
	struct showing s = { .columns = l->width, .opacity = (unsigned)lround(256 * done) };

	if (done <= 0)
		return;
	if (l->arrival == ARRIVE_RISE)
		s.dy = (int)lround((1 - done) * 24 * unit) * 2;
	else if (l->arrival == ARRIVE_GROW)
		s.columns = (int)(l->width * done) & ~1;
	else if (l->arrival == ARRIVE_TOWER)
		s.hidden = (int)(l->height * (1 - done)) & ~1;
	if (l->arrival == ARRIVE_GROW || l->arrival == ARRIVE_TOWER)
		s.opacity = 256;
	for (int plane = 0; plane < 3; plane++)
		blend_plane(to, plane, l, &s);
}

static void
put_clip(struct stage *s, double seconds, AVFrame *to)
{
	double began = cpu_now();
	const AVFrame *f = clip_at(s->clip, seconds);
	uint8_t *at[4] = { to->data[0] + s->clip_y * to->linesize[0] + s->clip_x, to->data[1] + s->clip_y / 2 * to->linesize[1] + s->clip_x / 2,
		to->data[2] + s->clip_y / 2 * to->linesize[2] + s->clip_x / 2, NULL };

	if (f != NULL)
		av_image_copy(at, to->linesize, (const uint8_t **)f->data, f->linesize, AV_PIX_FMT_YUV420P, f->width, f->height);
	s->cpu_clip += cpu_now() - began;
}

void
stage_compose(struct stage *s, const AVFrame *ground, int frame, AVFrame *to)
{
	double seconds = (double)frame / RECAP_FPS;

	frame_copy(to, ground);
	if (s->clip != NULL)
		put_clip(s, seconds, to);
	for (int i = 0; i < s->count; i++)
		blend_layer(to, &s->layers[i], seconds, s->unit);
}

/* --- from one scene to the next --- */

static void
fade_plane(uint8_t *restrict a, const uint8_t *restrict b, int count, int share)
{
	for (int i = 0; i < count; i++)
		a[i] = (uint8_t)(a[i] + (((b[i] - a[i]) * share) >> 8));
}

/* Rows of a make room for those of b, from the left or from below; `moves`: those of a go away with it. */
static void
pass_plane(AVFrame *a, const AVFrame *b, int plane, int at, bool is_upwards, bool moves)
{
	int half = plane > 0, width = a->width >> half, height = a->height >> half, cut = at >> half;

	for (int i = 0; i < height; i++) {
		int y = is_upwards ? i : height - 1 - i;
		uint8_t *row = a->data[plane] + y * a->linesize[plane];

		if (is_upwards) {
			if (y + cut < height)
				memcpy(row, a->data[plane] + (y + cut) * a->linesize[plane], (size_t)width);
			else
				memcpy(row, b->data[plane] + (y + cut - height) * b->linesize[plane], (size_t)width);
			continue;
		}
		if (moves)
			memmove(row, row + cut, (size_t)(width - cut));
		memcpy(row + width - cut, b->data[plane] + y * b->linesize[plane] + (moves ? 0 : width - cut), (size_t)cut);
	}
}

void
frame_pass(AVFrame *a, const AVFrame *b, double done, enum passing how)
{
	double smooth = done * done * (3 - 2 * done);

	for (int plane = 0; plane < 3; plane++) {
		if (how == PASS_FADE)
			for (int y = 0; y < a->height >> (plane > 0); y++)
				fade_plane(a->data[plane] + y * a->linesize[plane], b->data[plane] + y * b->linesize[plane], a->width >> (plane > 0),
				    (int)(smooth * 256));
		else
			pass_plane(a, b, plane, (int)((how == PASS_RISE ? a->height : a->width) * smooth) & ~1, how == PASS_RISE, how == PASS_SLIDE);
	}
}

void
frame_bar(AVFrame *to, int x, int y, int width, int height, struct rgb colour)
{
	struct ycc c = ycc_of(colour.r, colour.g, colour.b, 1);
	const double values[3] = { c.y, c.u, c.v };

	for (int plane = 0; plane < 3; plane++)
		for (int row = y >> (plane > 0); row < (y + height) >> (plane > 0); row++)
			memset(to->data[plane] + row * to->linesize[plane] + (x >> (plane > 0)), byte(values[plane]), (size_t)(width >> (plane > 0)));
}
