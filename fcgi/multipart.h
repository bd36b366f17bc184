/*
 * fcgi/multipart.h - multipart/form-data (RFC 7578) in pieces of any size, in constant memory. Says where each part
 * begins, what its bytes are, and at which offset of the body they lie, so that a caller who has the body as a file
 * need not copy them.
 */
#ifndef ATELIER_MULTIPART_H
#define ATELIER_MULTIPART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MULTIPART_NAME_MAX 256
#define MULTIPART_BOUNDARY_MAX 70
#define MULTIPART_HEADERS_MAX 4096

struct multipart_part {
	char name[MULTIPART_NAME_MAX];
	char file_name[MULTIPART_NAME_MAX]; /* "" for a field */
	bool is_file;
};

struct multipart_events {
	/* Each returns false to stop. offset: of data in the whole body. */
	bool (*begin)(void *arg, const struct multipart_part *part);
	bool (*data)(void *arg, const char *data, size_t length, int64_t offset);
	bool (*end)(void *arg);
	void *arg;
};

enum multipart_state {
	MULTIPART_PREAMBLE,
	MULTIPART_AFTER_BOUNDARY,
	MULTIPART_HEADERS,
	MULTIPART_BODY,
	MULTIPART_DONE,
	MULTIPART_BAD,
};

struct multipart {
	struct multipart_events events;
	enum multipart_state state;
	char delimiter[MULTIPART_BOUNDARY_MAX + 5]; /* \r\n--boundary */
	size_t delimiter_length;
	size_t matched;    /* bytes of the delimiter that have just been seen */
	int64_t offset;    /* of the next byte */
	char headers[MULTIPART_HEADERS_MAX];
	size_t headers_length;
	char after[2];
	size_t after_length;
	struct multipart_part part;
};

/* content_type: "multipart/form-data; boundary=..."; false when it is not that. */
bool multipart_init(struct multipart *m, const char *content_type, const struct multipart_events *events);

/* Takes the next bytes. False when the body is malformed (MULTIPART_BAD) or an event said stop. */
bool multipart_feed(struct multipart *m, const char *data, size_t length);

/* Was the closing boundary seen? */
bool multipart_is_complete(const struct multipart *m);

#endif
