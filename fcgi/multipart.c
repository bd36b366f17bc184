/* fcgi/multipart.c - a state machine over the bytes of a multipart body. */
#include "fcgi/multipart.h"

#include <string.h>
#include <strings.h>

bool
multipart_init(struct multipart *m, const char *content_type, const struct multipart_events *events)
{
	const char *b;
	size_t length;

	memset(m, 0, sizeof(*m));
	m->events = *events;
	if (content_type == NULL || strncasecmp(content_type, "multipart/form-data", 19) != 0)
		return false;
	for (b = content_type + 19; *b != '\0' && strncasecmp(b, "boundary=", 9) != 0; b++)
		;
	if (*b == '\0')
		return false;
	b += 9;
	length = *b == '"' ? strcspn(b + 1, "\"") : strcspn(b, "; \t");
	b += *b == '"';
	if (length == 0 || length > MULTIPART_BOUNDARY_MAX)
		return false;
	memcpy(m->delimiter, "\r\n--", 4);
	memcpy(m->delimiter + 4, b, length);
	m->delimiter_length = length + 4;
	m->matched = 2; /* the first delimiter needs no line break before it */
	return true;
}

/* The value of name="..." in a header line; empty when it is not there. Backslashes quote. */
static bool
take_parameter(const char *line, size_t length, const char *name, char out[MULTIPART_NAME_MAX])
{
	size_t n = strlen(name), at = 0;

	for (size_t i = 0; i + n + 2 < length; i++) {
		if ((i > 0 && line[i - 1] != ' ' && line[i - 1] != ';') || strncasecmp(line + i, name, n) != 0 ||
		    line[i + n] != '=' || line[i + n + 1] != '"')
			continue;
		for (i += n + 2; i < length && line[i] != '"' && at < MULTIPART_NAME_MAX - 1; i++) {
			if (line[i] == '\\' && i + 1 < length)
				i++;
			out[at++] = line[i];
		}
		out[at] = '\0';
		return i < length && line[i] == '"';
	}
	out[0] = '\0';
	return false;
}

static bool
begin_part(struct multipart *m)
{
	static const char disposition[] = "content-disposition:";
	const char *line = m->headers, *end = m->headers + m->headers_length;
	bool named = false;

	while (line < end) {
		const char *stop = memchr(line, '\r', (size_t)(end - line));
		size_t length = (size_t)((stop != NULL ? stop : end) - line);

		if (length > sizeof(disposition) - 1 && strncasecmp(line, disposition, sizeof(disposition) - 1) == 0) {
			named = take_parameter(line, length, "name", m->part.name);
			m->part.is_file = take_parameter(line, length, "filename", m->part.file_name);
		}
		line += length + 2;
	}
	return named && m->events.begin(m->events.arg, &m->part);
}

static bool
feed_header(struct multipart *m, char c)
{
	if (m->headers_length == MULTIPART_HEADERS_MAX)
		return false;
	m->headers[m->headers_length++] = c;
	if (m->headers_length == 2 && memcmp(m->headers, "\r\n", 2) == 0)
		return false; /* a part without headers has no name */
	if (m->headers_length < 4 || memcmp(m->headers + m->headers_length - 4, "\r\n\r\n", 4) != 0)
		return true;
	m->headers_length -= 2;
	if (!begin_part(m))
		return false;
	m->state = MULTIPART_BODY;
	m->matched = 0;
	return true;
}

static bool
feed_after_boundary(struct multipart *m, char c)
{
	if ((c == ' ' || c == '\t') && m->after_length == 0)
		return true;
	m->after[m->after_length++] = c;
	if (m->after_length < 2)
		return c == '\r' || c == '-';
	if (memcmp(m->after, "--", 2) == 0) {
		m->state = MULTIPART_DONE;
		return true;
	}
	m->state = MULTIPART_HEADERS;
	m->headers_length = 0;
	return memcmp(m->after, "\r\n", 2) == 0;
}

static bool
emit(struct multipart *m, const char *data, size_t length, int64_t offset)
{
	return length == 0 || m->state != MULTIPART_BODY || m->events.data(m->events.arg, data, length, offset);
}

static bool
delimiter_ends(struct multipart *m)
{
	bool more = m->state != MULTIPART_BODY || m->events.end(m->events.arg);

	m->state = MULTIPART_AFTER_BOUNDARY;
	m->after_length = 0;
	m->matched = 0;
	return more;
}

/* Body bytes up to a delimiter. What looked like the delimiter's beginning and was not is given out from the delimiter
 * itself. Returns how many bytes were taken; 0: stop. */
static size_t
feed_body(struct multipart *m, const char *data, size_t length)
{
	size_t i = 0;

	while (i < length) {
		if (data[i] == m->delimiter[m->matched]) {
			m->matched++;
			i++;
			if (m->matched < m->delimiter_length)
				continue;
			if (i > m->delimiter_length && !emit(m, data, i - m->delimiter_length, m->offset))
				return 0;
			return delimiter_ends(m) ? i : 0;
		}
		if (m->matched > 0) {
			/* part of the false start may lie in an earlier piece */
			size_t held = m->matched, here = i < held ? i : held, before = held - here;

			m->matched = 0;
			if (before > 0 && !emit(m, m->delimiter, before, m->offset + (int64_t)i - (int64_t)held))
				return 0;
			continue; /* data[i] may begin a delimiter itself */
		}
		i++;
	}
	if (i > m->matched && !emit(m, data, i - m->matched, m->offset))
		return 0;
	return length;
}

bool
multipart_feed(struct multipart *m, const char *data, size_t length)
{
	while (length > 0 && m->state < MULTIPART_DONE) {
		size_t taken = 1;
		bool fine = true;

		if (m->state == MULTIPART_PREAMBLE || m->state == MULTIPART_BODY) {
			taken = feed_body(m, data, length);
			fine = taken > 0;
		} else if (m->state == MULTIPART_AFTER_BOUNDARY) {
			fine = feed_after_boundary(m, *data);
		} else {
			fine = feed_header(m, *data);
		}
		if (!fine) {
			m->state = MULTIPART_BAD;
			return false;
		}
		m->offset += (int64_t)taken;
		data += taken;
		length -= taken;
	}
	return m->state != MULTIPART_BAD;
}

bool
multipart_is_complete(const struct multipart *m)
{
	return m->state == MULTIPART_DONE;
}
