/*
 * picture.c - pictures that people upload: read without a demuxer, cropped to a square or left whole, turned upright,
 * put on white, written anew as JPEG in some sizes. Nothing of the file but its pixels gets through: no EXIF, no place, no comment.
 */
#include <stdlib.h>

#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>

#include "worker/media/internal.h"

#define FILE_MAX_BYTES (64 << 20)
#define MAX_PIXELS 50000000
#define MAX_ALLOC ((size_t)1 << 30) /* of one piece: against packed chunks that blow up */
#define SQUARE_SIDE 512
#define LONGEST_SIDE 1920
#define QUALITY 3

/* What the first bytes say that it is: only these three, whatever the name or the browser said. */
static enum AVCodecID
codec_of(const uint8_t *b, size_t size)
{
	if (size > 3 && memcmp(b, "\xff\xd8\xff", 3) == 0)
		return AV_CODEC_ID_MJPEG;
	if (size > 8 && memcmp(b, "\x89PNG\r\n\x1a\n", 8) == 0)
		return AV_CODEC_ID_PNG;
	if (size > 12 && memcmp(b, "RIFF", 4) == 0 && memcmp(b + 8, "WEBP", 4) == 0)
		return AV_CODEC_ID_WEBP;
	return AV_CODEC_ID_NONE;
}

static int64_t
big(const uint8_t *b, int bytes)
{
	int64_t n = 0;

	while (bytes-- > 0)
		n = n << 8 | *b++;
	return n;
}

static int64_t
little(const uint8_t *b, int bytes)
{
	int64_t n = 0;

	while (bytes-- > 0)
		n = n << 8 | b[bytes];
	return n;
}

/* From the frame header, which follows any number of other segments. */
static int64_t
jpeg_pixels(const uint8_t *b, size_t size)
{
	for (size_t at = 2; at + 9 <= size && b[at] == 0xff; at += 2 + (size_t)big(b + at + 2, 2)) {
		int marker = b[at + 1];

		if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc)
			return big(b + at + 5, 2) * big(b + at + 7, 2);
	}
	return 0;
}

static int64_t
webp_pixels(const uint8_t *b, size_t size)
{
	if (size < 30)
		return 0;
	if (memcmp(b + 12, "VP8X", 4) == 0)
		return (little(b + 24, 3) + 1) * (little(b + 27, 3) + 1);
	if (memcmp(b + 12, "VP8L", 4) == 0)
		return ((little(b + 21, 4) & 0x3fff) + 1) * ((little(b + 21, 4) >> 14 & 0x3fff) + 1);
	return (little(b + 26, 2) & 0x3fff) * (little(b + 28, 2) & 0x3fff);
}

/* What its header announces; 0 where there is none to be read. The decoder has the same bound for itself. */
static int64_t
announced_pixels(enum AVCodecID id, const uint8_t *b, size_t size)
{
	if (id == AV_CODEC_ID_PNG)
		return size < 24 || memcmp(b + 12, "IHDR", 4) != 0 ? 0 : big(b + 16, 4) * FFMIN(big(b + 20, 4), INT32_MAX);
	return id == AV_CODEC_ID_MJPEG ? jpeg_pixels(b, size) : webp_pixels(b, size);
}

static int
read_file(const char *path, AVPacket *packet)
{
	FILE *f = fopen(path, "rb");
	long size = f && fseek(f, 0, SEEK_END) == 0 ? ftell(f) : -1;
	int rc = size < 0 ? AVERROR(EIO) : size == 0 || size > FILE_MAX_BYTES ? AVERROR_INVALIDDATA : av_new_packet(packet, (int)size);

	if (rc >= 0) {
		rewind(f);
		if (fread(packet->data, 1, (size_t)size, f) != (size_t)size)
			rc = AVERROR(EIO);
	}
	if (f)
		fclose(f);
	return rc;
}

static int
decode(enum AVCodecID id, const AVPacket *packet, AVFrame *out)
{
	const AVCodec *codec = avcodec_find_decoder(id);
	AUTO(codec) AVCodecContext *c = codec ? avcodec_alloc_context3(codec) : NULL;
	int rc;

	if (!c)
		return AVERROR(ENOMEM);
	c->thread_count = 1;
	c->max_pixels = MAX_PIXELS;
	rc = avcodec_open2(c, codec, NULL);
	if (rc >= 0)
		rc = avcodec_send_packet(c, packet);
	if (rc >= 0)
		rc = avcodec_send_packet(c, NULL);
	return rc < 0 ? rc : avcodec_receive_frame(c, out);
}

int
picture_read(const char *path, AVFrame *out, struct media_failure *failure)
{
	AUTO(packet) AVPacket *packet = av_packet_alloc();
	int rc = packet ? read_file(path, packet) : AVERROR(ENOMEM);
	enum AVCodecID id;

	av_max_alloc(MAX_ALLOC);
	media_log_start();
	if (rc < 0)
		return media_fail(failure, rc == AVERROR_INVALIDDATA ? MEDIA_NOT_PICTURE : MEDIA_UNREADABLE, rc, "reading");
	id = codec_of(packet->data, (size_t)packet->size);
	if (id == AV_CODEC_ID_NONE)
		return media_fail(failure, MEDIA_NOT_PICTURE, 0, "first bytes");
	if (announced_pixels(id, packet->data, (size_t)packet->size) > MAX_PIXELS)
		return media_fail(failure, MEDIA_PICTURE_TOO_LARGE, 0, "header");
	rc = decode(id, packet, out);
	if (rc < 0 || out->width < 1 || out->height < 1)
		return media_fail(failure, MEDIA_NOT_PICTURE, rc, "decoding");
	return MEDIA_OK;
}

/* One side of a picture that is made small enough, never larger. */
static int
fit(int side, int width, int height, int longest)
{
	int now = FFMAX(width, height);

	return now <= longest ? side : FFMAX(1, (int)av_rescale(side, longest, now));
}

/* Cut and scaled as the filters say, as RGBA. */
static int
take(AVFrame *in, AVFrame *out, const char *filters)
{
	AUTO(graph) AVFilterGraph *graph = NULL;
	AVFilterContext *source, *sink;
	int rc = graph_open(&graph, &source, &sink, in, filters);

	if (rc >= 0)
		rc = av_buffersrc_add_frame(source, in);
	if (rc >= 0)
		rc = av_buffersrc_add_frame(source, NULL);
	return rc < 0 ? rc : av_buffersink_get_frame(sink, out);
}

/* Where the pixel of an upright picture lies in one of these sides that is stored with this EXIF orientation. */
static void
upright(int orientation, const AVFrame *stored, int x, int y, int *from_x, int *from_y)
{
	bool swapped = orientation >= 5, flip_x = false, flip_y = false;

	switch (orientation) {
	case 2: flip_x = true; break;
	case 3: flip_x = flip_y = true; break;
	case 4: flip_y = true; break;
	case 6: flip_y = true; break;
	case 7: flip_x = flip_y = true; break;
	case 8: flip_x = true; break;
	default: break;
	}
	*from_x = swapped ? y : x;
	*from_y = swapped ? x : y;
	if (flip_x)
		*from_x = stored->width - 1 - *from_x;
	if (flip_y)
		*from_y = stored->height - 1 - *from_y;
}

static int
orientation_of(const AVFrame *picture)
{
	const AVDictionaryEntry *e = av_dict_get(picture->metadata, "Orientation", NULL, 0);
	long n = e ? strtol(e->value, NULL, 10) : 1;

	return n >= 1 && n <= 8 ? (int)n : 1;
}

/* Upright and without transparency. */
static int
settle(const AVFrame *stored, int orientation, AVFrame *out)
{
	int rc;

	out->width = orientation >= 5 ? stored->height : stored->width;
	out->height = orientation >= 5 ? stored->width : stored->height;
	out->format = AV_PIX_FMT_RGB24;
	rc = av_frame_get_buffer(out, 0);
	for (int y = 0; rc >= 0 && y < out->height; y++)
		for (int x = 0; x < out->width; x++) {
			int from_x, from_y;
			const uint8_t *from;
			uint8_t *to = out->data[0] + (ptrdiff_t)y * out->linesize[0] + (ptrdiff_t)x * 3;

			upright(orientation, stored, x, y, &from_x, &from_y);
			from = stored->data[0] + (ptrdiff_t)from_y * stored->linesize[0] + (ptrdiff_t)from_x * 4;
			for (int c = 0; c < 3; c++)
				to[c] = (uint8_t)((from[c] * from[3] + 255 * (255 - from[3]) + 127) / 255);
		}
	return rc;
}

static int
write_sized(const char *folder, const char *name, int width, int height, const AVFrame *in)
{
	AUTO(frame) AVFrame *out = av_frame_alloc();
	struct SwsContext *sws;
	int rc;

	if (!out)
		return AVERROR(ENOMEM);
	out->width = width;
	out->height = height;
	out->format = AV_PIX_FMT_YUVJ420P;
	out->color_range = AVCOL_RANGE_JPEG;
	out->quality = QUALITY * FF_QP2LAMBDA;
	rc = av_frame_get_buffer(out, 0);
	if (rc < 0)
		return rc;
	sws = sws_getContext(in->width, in->height, AV_PIX_FMT_RGB24, width, height, AV_PIX_FMT_YUVJ420P,
	    SWS_BICUBIC | SWS_ACCURATE_RND, NULL, NULL, NULL);
	if (!sws)
		return AVERROR(ENOMEM);
	sws_scale(sws, (const uint8_t *const *)in->data, in->linesize, 0, in->height, out->data, out->linesize);
	sws_freeContext(sws);
	return jpeg_write(folder, name, out, QUALITY);
}

/* The file as an upright RGB picture: its middle square, or the whole of it with no side longer than `side`. */
static int
open_picture(const char *path, bool is_square, int side, AVFrame *out, struct media_failure *failure)
{
	AUTO(frame) AVFrame *picture = av_frame_alloc();
	AUTO(frame) AVFrame *stored = av_frame_alloc();
	char filters[200];
	int orientation, rc;

	if (!picture || !stored)
		return media_fail(failure, MEDIA_ENCODER, AVERROR(ENOMEM), "memory");
	rc = picture_read(path, picture, failure);
	if (rc != MEDIA_OK)
		return rc;
	orientation = orientation_of(picture);
	if (is_square)
		snprintf(filters, sizeof(filters), "crop=%d:%d:exact=1,scale=%d:%d:flags=bicubic+accurate_rnd+full_chroma_int,format=rgba",
		    FFMIN(picture->width, picture->height), FFMIN(picture->width, picture->height), side, side);
	else
		snprintf(filters, sizeof(filters), "scale=%d:%d:flags=bicubic+accurate_rnd+full_chroma_int,format=rgba",
		    fit(picture->width, picture->width, picture->height, side), fit(picture->height, picture->width, picture->height, side));
	rc = take(picture, stored, filters);
	if (rc >= 0)
		rc = settle(stored, orientation, out);
	return rc < 0 ? media_fail(failure, MEDIA_ENCODER, rc, "scaling") : MEDIA_OK;
}

int
media_picture_squares(const char *path, const char *folder, const struct media_square *squares, int count,
    struct media_failure *failure)
{
	AUTO(frame) AVFrame *whole = av_frame_alloc();
	int rc = whole ? open_picture(path, true, SQUARE_SIDE, whole, failure) : media_fail(failure, MEDIA_ENCODER, AVERROR(ENOMEM), "memory");

	if (rc != MEDIA_OK)
		return rc;
	for (int i = 0; i < count && rc >= 0; i++)
		rc = write_sized(folder, squares[i].name, squares[i].side, squares[i].side, whole);
	return rc < 0 ? media_fail_output(failure, rc, "writing") : MEDIA_OK;
}

int
media_picture_scaled(const char *path, const char *folder, const struct media_size *sizes, int count,
    struct media_failure *failure)
{
	AUTO(frame) AVFrame *whole = av_frame_alloc();
	int rc = whole ? open_picture(path, false, LONGEST_SIDE, whole, failure) : media_fail(failure, MEDIA_ENCODER, AVERROR(ENOMEM), "memory");

	if (rc != MEDIA_OK)
		return rc;
	for (int i = 0; i < count && rc >= 0; i++)
		rc = write_sized(folder, sizes[i].name, fit(whole->width, whole->width, whole->height, sizes[i].longest_side),
		    fit(whole->height, whole->width, whole->height, sizes[i].longest_side), whole);
	return rc < 0 ? media_fail_output(failure, rc, "writing") : MEDIA_OK;
}
