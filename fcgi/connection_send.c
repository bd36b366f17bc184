/*
 * fcgi/connection_send.c - what a connection sends: replies, in one system call where they fit, and the
 * words of the protocol.
 *
 * A web server may write a request to a connection in the very moment that we close it, and nginx does not repeat a
 * POST. So we never close first: we say "not again" by an empty STDERR record, which is harmless in front of or behind
 * a reply, makes nginx drop an idle connection, and makes it not keep one that it follows a reply on.
 */
#include "fcgi/connection.h"

#include <errno.h>
#include <fastcgi.h>
#include <sys/socket.h>

#include "lib/wait.h"

#define WRITE_STALL_MS 60000 /* a web server that takes nothing for so long is given up */
#define IOV_BATCH 512        /* below IOV_MAX */

static bool
wait_writable(struct connection *c)
{
	struct wait w;
	int rc;

	wait_init(&w);
	c->writer = &w;
	connection_poll(c);
	rc = wait_for(&w, now_ms() + WRITE_STALL_MS);
	c->writer = NULL;
	connection_poll(c);
	return rc == 0 && !c->is_gone;
}

/* Drops n bytes from the front of iov; returns the entries that are done with. */
static size_t
iov_advance(struct iovec *iov, size_t n)
{
	size_t done = 0;

	for (; n > 0 && n >= iov[done].iov_len; done++)
		n -= iov[done].iov_len;
	if (n > 0) {
		iov[done].iov_base = (char *)iov[done].iov_base + n;
		iov[done].iov_len -= n;
	}
	return done;
}

static bool
send_all(struct connection *c, struct iovec *iov, size_t count)
{
	while (count > 0) {
		struct msghdr message = { .msg_iov = iov, .msg_iovlen = count < IOV_BATCH ? count : IOV_BATCH };
		ssize_t n;
		size_t done;

		if (c->is_gone)
			return false;
		n = sendmsg(c->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno != EAGAIN || !wait_writable(c)))
			return false;
		if (n <= 0)
			continue;
		done = iov_advance(iov, (size_t)n);
		iov += done;
		count -= done;
	}
	return true;
}

void
connection_send_small(struct connection *c, const char *data, size_t length)
{
	if (c->writer == NULL && send(c->fd, data, length, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)length)
		c->is_gone = true;
}

bool
connection_is_to_retire(struct connection *c)
{
	if (!c->server->app->draining || !c->is_keep)
		return false;
	c->is_retiring = true;
	return true;
}

size_t
connection_retire_record(const struct connection *c, char out[8])
{
	memcpy(out, (char[8]){ FCGI_VERSION_1, FCGI_STDERR, (char)(c->id >> 8), (char)c->id }, 8);
	return 8;
}

bool
connection_send_reply(struct connection *c, struct request *rq)
{
	struct buf head;
	struct iovec *iov;
	char *scratch, retire[8];
	size_t count, body_length = rq->out.body.length;

	buf_init(&head, rq, 1024);
	request_head(rq, &head);
	iov = mem_array(rq, struct iovec, record_reply_pieces(head.length, body_length) + 1);
	scratch = mem_size(rq, RECORD_SCRATCH(head.length + body_length));
	count = record_reply(iov, scratch, c->id, head.data, head.length, rq->out.body.data, body_length);
	if (connection_is_to_retire(c)) {
		iov[count].iov_base = retire;
		iov[count++].iov_len = connection_retire_record(c, retire);
	}
	return send_all(c, iov, count);
}
