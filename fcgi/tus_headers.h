/* fcgi/tus_headers.h - the headers of tus 1.0 that need more than a look: numbers, Upload-Metadata, Upload-Checksum. */
#ifndef ATELIER_TUS_HEADERS_H
#define ATELIER_TUS_HEADERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A whole number of digits only, at most INT64_MAX. text may be NULL (false). */
bool tus_number_parse(const char *text, int64_t *out);

/* "filename d29ybGQ=,is_draft": calls fn(arg, key, value) for each pair with both terminated (value "" when there is none).
 * scratch: at least as long as header, plus one. False when the header is not well formed or fn says false. */
bool tus_metadata_parse(const char *header, char *scratch, bool (*fn)(void *arg, const char *key, const char *value),
    void *arg);

enum tus_checksum_kind { TUS_CHECKSUM_NONE, TUS_SHA1, TUS_SHA256 };

struct tus_checksum {
	enum tus_checksum_kind kind;
	unsigned char wanted[32];
	size_t length; /* bytes of wanted: 20 or 32 */
};

/* "sha1 2jmj7l5rSw0yVb/vlWAYkK/YBwk=". text NULL: none was given. False when it is another kind or not whole. */
bool tus_checksum_parse(const char *text, struct tus_checksum *out);

#endif
