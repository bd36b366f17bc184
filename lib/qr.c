/* lib/qr.c - libqrencode finds the modules, libpng writes them, 8 pixels each with the quiet zone of 4. */
#include "lib/qr.h"

#include <png.h>
#include <qrencode.h>
#include <stdint.h>

#include "lib/mem.h"

#define SCALE 8
#define QUIET 4

static uint8_t *
draw(void *context, const QRcode *code, int side)
{
	uint8_t *pixels = mem_size(context, (size_t)side * (size_t)side);

	memset(pixels, 255, (size_t)side * (size_t)side);
	for (int y = 0; y < code->width * SCALE; y++)
		for (int x = 0; x < code->width * SCALE; x++)
			if (code->data[y / SCALE * code->width + x / SCALE] & 1)
				pixels[(y + QUIET * SCALE) * side + x + QUIET * SCALE] = 0;
	return pixels;
}

void *
qr_png(void *context, const char *text, size_t *length)
{
	QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
	png_image image = { .version = PNG_IMAGE_VERSION, .format = PNG_FORMAT_GRAY };
	png_alloc_size_t size = 0;
	uint8_t *pixels;
	void *png = NULL;
	int side;

	if (code == NULL)
		return NULL;
	side = (code->width + 2 * QUIET) * SCALE;
	pixels = draw(context, code, side);
	QRcode_free(code);
	image.width = image.height = (png_uint_32)side;
	if (png_image_write_get_memory_size(image, size, 0, pixels, side, NULL)) {
		png = mem_size(context, size);
		if (!png_image_write_to_memory(&image, png, &size, 0, pixels, side, NULL))
			png = NULL;
	}
	png_image_free(&image);
	talloc_free(pixels);
	*length = size;
	return png;
}
