/* lib/qr.h - a text as QR code in a PNG file. */
#ifndef ATELIER_QR_H
#define ATELIER_QR_H

#include <stddef.h>

/* The PNG's bytes on context, *length of them; NULL when the text is too long for a QR code. */
void *qr_png(void *context, const char *text, size_t *length);

#endif
