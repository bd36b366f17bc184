/* fcgi/record.c - the incremental FastCGI parser and the records that we write. */
#include "fcgi/record.h"

#include <fastcgi.h>

#include "lib/mem.h"

/* What becomes of the content of the record at hand. */
enum { SINK_SKIP, SINK_COLLECT, SINK_PARAMS, SINK_STDIN };

void
record_parser_init(struct record_parser *p, void *memory, struct record_limits limits)
{
	memset(p, 0, sizeof(*p));
	p->limits = limits;
	p->memory = memory;
}

void
record_request_done(struct record_parser *p)
{
	p->is_active = false;
	p->pair_have = 0;
	if (p->sink == SINK_PARAMS || p->sink == SINK_STDIN)
		p->sink = SINK_SKIP;
	if (p->pair_room > 4096) { /* an idle connection is to be cheap */
		talloc_free(p->pair);
		p->pair = NULL;
		p->pair_room = 0;
	}
}

/* --- pairs --- */

/* The length at s, of which n bytes are here. Returns the bytes that it took, 0: more is needed. */
static size_t
length_read(const unsigned char *s, size_t n, size_t *out)
{
	if (n < 1)
		return 0;
	if (s[0] < 0x80) {
		*out = s[0];
		return 1;
	}
	if (n < 4)
		return 0;
	*out = (size_t)(s[0] & 0x7f) << 24 | (size_t)s[1] << 16 | (size_t)s[2] << 8 | s[3];
	return 4;
}

struct pair {
	size_t head, name, value; /* lengths */
};

/* How many bytes of a pair must be here to know more of it; with all of them here that is the whole pair. */
static size_t
pair_measure(const char *s, size_t n, struct pair *out)
{
	const unsigned char *u = (const unsigned char *)s;
	size_t a, b;

	a = length_read(u, n, &out->name);
	if (a == 0)
		return n < 1 ? 1 : 4;
	b = length_read(u + a, n - a, &out->value);
	if (b == 0)
		return n - a < 1 ? a + 1 : a + 4;
	out->head = a + b;
	return out->head + out->name + out->value;
}

static void
pair_event(const char *s, const struct pair *pair, struct record_event *out)
{
	out->type = RECORD_PARAM;
	out->name = s + pair->head;
	out->name_length = pair->name;
	out->value = s + pair->head + pair->name;
	out->value_length = pair->value;
}

static void
pair_keep(struct record_parser *p, const char *data, size_t n)
{
	if (p->pair_room < p->pair_have + n) {
		p->pair_room = (p->pair_have + n + 255) & ~(size_t)255;
		p->pair = mem_checked(talloc_realloc_size(p->memory, p->pair, p->pair_room));
	}
	memcpy(p->pair + p->pair_have, data, n);
	p->pair_have += n;
}

/* Takes bytes from the content of a PARAMS record until a pair is whole. Returns false when more is needed. */
static bool
params_step(struct record_parser *p, const char *data, size_t n, size_t *used, struct record_event *out)
{
	struct pair pair;
	size_t need, take;

	*used = 0;
	if (p->pair_have == 0) {
		need = pair_measure(data, n, &pair);
		if (need <= n) {
			*used = need;
			pair_event(data, &pair, out);
			return true;
		}
	}
	while ((need = pair_measure(p->pair, p->pair_have, &pair)) > p->pair_have) {
		take = need - p->pair_have < n - *used ? need - p->pair_have : n - *used;
		if (take == 0)
			return false;
		pair_keep(p, data + *used, take);
		*used += take;
	}
	pair_event(p->pair, &pair, out);
	p->pair_used = true;
	return true;
}

/* --- records --- */

static void
broken(struct record_parser *p, struct record_event *out)
{
	p->is_broken = true;
	out->type = RECORD_BROKEN;
}

static void
begin_request(struct record_parser *p, struct record_event *out)
{
	uint16_t role = (uint16_t)(p->body[0] << 8 | p->body[1]);

	out->id = p->id;
	out->role = role;
	out->keep = p->body[2] & FCGI_KEEP_CONN;
	if (p->is_active || (role != FCGI_RESPONDER && role != FCGI_AUTHORIZER)) {
		out->type = RECORD_REFUSED;
		out->kind = p->is_active ? FCGI_CANT_MPX_CONN : FCGI_UNKNOWN_ROLE;
		return;
	}
	out->type = RECORD_BEGIN;
	p->is_active = true;
	p->params_ended = p->stdin_ended = p->is_too_large = false;
	p->request_id = p->id;
	p->params_bytes = p->params_count = 0;
	p->pair_have = 0;
}

static unsigned
values_asked(const uint8_t *body, size_t n)
{
	static const struct {
		const char *name;
		unsigned bit;
	} known[] = {
		{ FCGI_MAX_CONNS, RECORD_ASKED_MAX_CONNS },
		{ FCGI_MAX_REQS, RECORD_ASKED_MAX_REQS },
		{ FCGI_MPXS_CONNS, RECORD_ASKED_MPXS_CONNS },
	};
	const char *s = (const char *)body;
	struct pair pair;
	unsigned asked = 0;
	size_t length;

	for (; n > 0 && (length = pair_measure(s, n, &pair)) <= n; s += length, n -= length)
		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			if (pair.name == strlen(known[i].name) && memcmp(s + pair.head, known[i].name, pair.name) == 0)
				asked |= known[i].bit;
	return asked;
}

/* A PARAMS record of the request at hand. */
static void
params_record(struct record_parser *p, struct record_event *out)
{
	if (p->params_ended) {
		broken(p, out);
		return;
	}
	if (p->content_left == 0) {
		p->params_ended = true;
		if (p->is_too_large)
			return;
		if (p->pair_have > 0)
			broken(p, out);
		else
			out->type = RECORD_PARAMS_END;
		return;
	}
	p->params_bytes += p->content_left;
	if (p->is_too_large)
		return;
	if (p->params_bytes > p->limits.params_bytes) {
		p->is_too_large = true;
		out->type = RECORD_TOO_LARGE;
		return;
	}
	p->sink = SINK_PARAMS;
}

static void
stdin_record(struct record_parser *p, struct record_event *out)
{
	if (!p->params_ended) {
		broken(p, out);
	} else if (p->stdin_ended || p->is_too_large) {
		return;
	} else if (p->content_left == 0) {
		p->stdin_ended = true;
		out->type = RECORD_STDIN_END;
	} else {
		p->sink = SINK_STDIN;
	}
}

static void
management_record(struct record_parser *p, struct record_event *out)
{
	if (p->type != FCGI_GET_VALUES) {
		out->type = RECORD_UNKNOWN;
		out->kind = p->type;
		return;
	}
	p->sink = SINK_COLLECT;
	if (p->content_left == 0)
		out->type = RECORD_GET_VALUES;
}

/* A header is whole: decides what the record means. out stays RECORD_MORE when its content is to tell. */
static void
record_opened(struct record_parser *p, struct record_event *out)
{
	const uint8_t *h = p->header;
	bool is_ours;

	p->type = h[1];
	p->id = (uint16_t)(h[2] << 8 | h[3]);
	p->content_left = (uint16_t)(h[4] << 8 | h[5]);
	p->padding_left = h[6];
	p->sink = SINK_SKIP;
	p->body_have = 0;
	is_ours = p->is_active && p->id == p->request_id;
	out->id = p->id;
	if (h[0] != FCGI_VERSION_1) {
		broken(p, out);
	} else if (p->type == FCGI_BEGIN_REQUEST) {
		/* Twice the same id means that we have lost each other. */
		if (p->id == FCGI_NULL_REQUEST_ID || is_ours || p->content_left < sizeof(FCGI_BeginRequestBody))
			broken(p, out);
		p->sink = SINK_COLLECT;
	} else if (p->id == FCGI_NULL_REQUEST_ID) {
		management_record(p, out);
	} else if (is_ours && p->type == FCGI_PARAMS) {
		params_record(p, out);
	} else if (is_ours && p->type == FCGI_STDIN) {
		stdin_record(p, out);
	} else if (is_ours && p->type == FCGI_ABORT_REQUEST) {
		out->type = RECORD_ABORT;
	}
}

/* The collected content of a record is whole. */
static void
record_collected(struct record_parser *p, struct record_event *out)
{
	if (p->type == FCGI_BEGIN_REQUEST) {
		begin_request(p, out);
	} else {
		out->type = RECORD_GET_VALUES;
		out->asked = values_asked(p->body, p->body_have);
	}
}

/* Feeds n bytes of content to where they belong; returns how many were taken. */
static size_t
content_step(struct record_parser *p, const char *data, size_t n, struct record_event *out)
{
	size_t used = n, room;

	switch (p->sink) {
	case SINK_PARAMS:
		out->id = p->id;
		if (!params_step(p, data, n, &used, out))
			break;
		if (++p->params_count > p->limits.params_count) {
			p->is_too_large = true;
			p->sink = SINK_SKIP;
			out->type = RECORD_TOO_LARGE;
		}
		break;
	case SINK_STDIN:
		out->type = RECORD_STDIN;
		out->id = p->id;
		out->value = data;
		out->value_length = n;
		break;
	case SINK_COLLECT:
		room = sizeof(p->body) - p->body_have;
		memcpy(p->body + p->body_have, data, n < room ? n : room);
		p->body_have += (uint16_t)(n < room ? n : room);
		if (n == p->content_left)
			record_collected(p, out);
		break;
	}
	return used;
}

void
record_next(struct record_parser *p, const char **data, size_t *length, struct record_event *out)
{
	size_t n;

	memset(out, 0, sizeof(*out));
	if (p->is_broken)
		broken(p, out);
	if (p->pair_used) {
		p->pair_used = false;
		p->pair_have = 0;
	}
	while (out->type == RECORD_MORE) {
		if (p->header_have == 8 && p->content_left == 0 && p->padding_left == 0)
			p->header_have = 0;
		if (*length == 0)
			return;
		if (p->header_have < 8) {
			n = 8u - p->header_have < *length ? 8u - p->header_have : *length;
			memcpy(p->header + p->header_have, *data, n);
			p->header_have += (uint8_t)n;
			if (p->header_have == 8)
				record_opened(p, out);
		} else if (p->content_left > 0) {
			n = p->content_left < *length ? p->content_left : *length;
			n = content_step(p, *data, n, out);
			p->content_left -= (uint16_t)n;
		} else {
			n = p->padding_left < *length ? p->padding_left : *length;
			p->padding_left -= (uint8_t)n;
		}
		*data += n;
		*length -= n;
	}
}

/* --- what we send --- */

static void
header_write(char *out, uint8_t type, uint16_t id, size_t length)
{
	out[0] = FCGI_VERSION_1;
	out[1] = (char)type;
	out[2] = (char)(id >> 8);
	out[3] = (char)id;
	out[4] = (char)(length >> 8);
	out[5] = (char)length;
	out[6] = out[7] = 0;
}

size_t
record_end(char out[RECORD_SMALL], uint16_t id, uint8_t protocol_status)
{
	memset(out, 0, RECORD_SMALL);
	header_write(out, FCGI_END_REQUEST, id, sizeof(FCGI_EndRequestBody));
	out[8 + 4] = (char)protocol_status;
	return RECORD_SMALL;
}

size_t
record_unknown(char out[RECORD_SMALL], uint8_t type)
{
	memset(out, 0, RECORD_SMALL);
	header_write(out, FCGI_UNKNOWN_TYPE, FCGI_NULL_REQUEST_ID, sizeof(FCGI_UnknownTypeBody));
	out[8] = (char)type;
	return RECORD_SMALL;
}

static size_t
value_write(char *out, const char *name, const char *value)
{
	size_t n = strlen(name), v = strlen(value);

	out[0] = (char)n;
	out[1] = (char)v;
	memcpy(out + 2, name, n);
	memcpy(out + 2 + n, value, v);
	return 2 + n + v;
}

size_t
record_values(char out[RECORD_VALUES], unsigned asked, unsigned max_connections)
{
	char number[12];
	size_t n = 8;

	snprintf(number, sizeof(number), "%u", max_connections);
	if (asked & RECORD_ASKED_MAX_CONNS)
		n += value_write(out + n, FCGI_MAX_CONNS, number);
	if (asked & RECORD_ASKED_MAX_REQS)
		n += value_write(out + n, FCGI_MAX_REQS, number);
	if (asked & RECORD_ASKED_MPXS_CONNS)
		n += value_write(out + n, FCGI_MPXS_CONNS, "0");
	header_write(out, FCGI_GET_VALUES_RESULT, FCGI_NULL_REQUEST_ID, n - 8);
	return n;
}

size_t
record_reply_pieces(size_t head_length, size_t body_length)
{
	/* Each record is a header and one piece, one record has both head and body in it, and the end is one piece. */
	return 2 * RECORD_COUNT(head_length + body_length) + 2;
}

static void
piece_add(struct iovec *iov, size_t *count, const char *data, size_t length)
{
	iov[*count].iov_base = (void *)(uintptr_t)data;
	iov[*count].iov_len = length;
	++*count;
}

size_t
record_reply(struct iovec *iov, char *scratch, uint16_t id, const char *head, size_t head_length,
    const char *body, size_t body_length)
{
	size_t count = 0, room, n;

	while (head_length + body_length > 0) {
		room = head_length + body_length;
		if (room > RECORD_STDOUT_MAX)
			room = RECORD_STDOUT_MAX;
		header_write(scratch, FCGI_STDOUT, id, room);
		piece_add(iov, &count, scratch, 8);
		scratch += 8;
		n = head_length < room ? head_length : room;
		if (n > 0)
			piece_add(iov, &count, head, n);
		head += n;
		head_length -= n;
		room -= n;
		if (room == 0)
			continue;
		piece_add(iov, &count, body, room);
		body += room;
		body_length -= room;
	}
	header_write(scratch, FCGI_STDOUT, id, 0);
	record_end(scratch + 8, id, FCGI_REQUEST_COMPLETE);
	piece_add(iov, &count, scratch, 24);
	return count;
}
