/*
 * fcgi/record.h - FastCGI on the wire: bytes to events, and replies to bytes. Knows no socket and no request.
 *
 * The parser takes input in pieces of any size and hands back one event at a time. It keeps no more than one
 * name-value pair that was cut in two, and carries one request at a time: no web server multiplexes, and
 * libfcgi refuses it too.
 */
#ifndef ATELIER_RECORD_H
#define ATELIER_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

enum record_event_type {
	RECORD_MORE,       /* all input is used up */
	RECORD_BEGIN,      /* a request begins: role, keep */
	RECORD_PARAM,      /* name, value */
	RECORD_PARAMS_END, /* all parameters are here: the request can run */
	RECORD_STDIN,      /* value: a piece of the body */
	RECORD_STDIN_END,  /* the body is whole */
	RECORD_ABORT,      /* the web server lost interest in the request */
	RECORD_TOO_LARGE,  /* the parameters are beyond the limit; what is left of the request is skipped */
	RECORD_GET_VALUES, /* asked: bits RECORD_ASKED_*; answer with record_values() */
	RECORD_UNKNOWN,    /* kind: a management record we do not know; answer with record_unknown() */
	RECORD_REFUSED,    /* kind: the protocol status to end request id with (record_end()) */
	RECORD_BROKEN,     /* this is no FastCGI: close the connection. Comes again for ever. */
};

enum { RECORD_ASKED_MAX_CONNS = 1, RECORD_ASKED_MAX_REQS = 2, RECORD_ASKED_MPXS_CONNS = 4 };

struct record_event {
	enum record_event_type type;
	uint16_t id;
	uint16_t role; /* FCGI_RESPONDER or FCGI_AUTHORIZER */
	bool keep;     /* the connection is to stay open after this request */
	unsigned asked;
	uint8_t kind;
	/* Into the input or into the parser: valid until the next call. Not terminated. */
	const char *name, *value;
	size_t name_length, value_length;
};

struct record_limits {
	size_t params_bytes; /* of one request, as on the wire */
	size_t params_count;
};

struct record_parser {
	struct record_limits limits;
	void *memory; /* owner of pair */
	/* the record at hand */
	uint8_t header[8];
	uint8_t header_have;
	uint8_t sink;
	uint8_t type;
	uint8_t padding_left;
	uint16_t id;
	uint16_t content_left;
	uint8_t body[256]; /* of a BEGIN or GET_VALUES record */
	uint16_t body_have;
	/* the request at hand */
	bool is_active, params_ended, stdin_ended, is_too_large, is_broken;
	uint16_t request_id;
	size_t params_bytes, params_count;
	/* a pair of which only the beginning is here */
	char *pair;
	size_t pair_have, pair_room;
	bool pair_used;
};

/* memory: a talloc context that the parser's one buffer hangs on. */
void record_parser_init(struct record_parser *p, void *memory, struct record_limits limits);

/* Takes from *data, *length what the next event needs and moves them on. */
void record_next(struct record_parser *p, const char **data, size_t *length, struct record_event *out);

/* The request at hand has been answered: what still comes of it is skipped, and the next one may begin. */
void record_request_done(struct record_parser *p);

/* --- what we send; each writes one whole record to out and returns its length --- */

#define RECORD_SMALL 16 /* room for record_end(), record_unknown() */
#define RECORD_VALUES 96
size_t record_end(char out[RECORD_SMALL], uint16_t id, uint8_t protocol_status);
size_t record_unknown(char out[RECORD_SMALL], uint8_t type);
size_t record_values(char out[RECORD_VALUES], unsigned asked, unsigned max_connections);

/* A whole reply: head and body as STDOUT records, the end of STDOUT and END_REQUEST, laid out as pieces for one
 * writev(). Nothing is copied: head, body and scratch must stay until it is sent. iov must have room for
 * record_reply_pieces() entries, scratch for RECORD_SCRATCH(length). Returns the entries used. */
#define RECORD_STDOUT_MAX 65528 /* a multiple of eight, as the specification would have it */
#define RECORD_COUNT(length) (((length) + RECORD_STDOUT_MAX - 1) / RECORD_STDOUT_MAX)
#define RECORD_SCRATCH(length) (8 * RECORD_COUNT(length) + 24)
size_t record_reply_pieces(size_t head_length, size_t body_length);
size_t record_reply(struct iovec *iov, char *scratch, uint16_t id, const char *head, size_t head_length,
    const char *body, size_t body_length);

#endif
