/* fcgi/cors.c - which other origins' pages may call us: the tenant's list, answered per origin. */
#include <string.h>

#include "fcgi/app.h"
#include "fcgi/gates.h"

#define ALLOWED_HEADERS                                                                                                \
	"Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key, X-Request-Id, Tus-Resumable, "         \
	"Upload-Length, Upload-Metadata, Upload-Offset, Upload-Checksum, X-HTTP-Method-Override"
#define EXPOSED_HEADERS                                                                                                \
	"ETag, Location, Retry-After, X-Request-Id, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, "           \
	"Tus-Resumable, Tus-Version, Tus-Extension, Tus-Max-Size, Tus-Checksum-Algorithm, Upload-Offset, "             \
	"Upload-Length, Upload-Metadata, Upload-Expires, X-Video-Id"
#define PREFLIGHT_S 600

/* The list is separated by spaces or commas; "*" stands for every origin. */
static bool
is_origin_allowed(const char *list, const char *origin)
{
	size_t length = strlen(origin);

	for (; list != NULL && *list != '\0'; list += strspn(list, ", ")) {
		size_t n = strcspn(list, ", ");

		if ((n == 1 && *list == '*') || (n == length && strncmp(list, origin, n) == 0))
			return true;
		list += n;
	}
	return false;
}

/* Answers with the origin itself; without a word, the browser refuses the page. Tokens travel in a header of their own,
 * so credentials are never allowed. */
int
gate_cors(struct request *rq)
{
	const char *origin = request_header(rq, "HTTP_ORIGIN");

	if (origin == NULL)
		return 0;
	if (rq->tenant == NULL && rq->method == OPTIONS && tenant_by_host(rq->app, rq, rq->host, rq->deadline_ms, &rq->tenant) != 0)
		return 0;
	reply_header(rq, "Vary", "Origin");
	if (rq->tenant == NULL || !is_origin_allowed(rq->tenant->cors_origins, origin))
		return 0;
	reply_header_text(rq, "Access-Control-Allow-Origin", origin);
	reply_header_text(rq, "Access-Control-Expose-Headers", EXPOSED_HEADERS);
	if (rq->method != OPTIONS)
		return 0;
	reply_header(rq, "Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE");
	reply_header_text(rq, "Access-Control-Allow-Headers", ALLOWED_HEADERS);
	reply_header(rq, "Access-Control-Max-Age", "%d", PREFLIGHT_S);
	return 0;
}
