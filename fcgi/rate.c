/* fcgi/rate.c - token buckets in Redis, leases of big ones in this child, and what happens without Redis. */
#include "fcgi/rate.h"

#include <arpa/inet.h>
#include <string.h>

#include "fcgi/app.h"
#include "fcgi/gates.h"
#include "lib/wait.h"

#define LEASES 4096 /* direct-mapped by hash: whose place another's lease has takes single tokens, at a round trip each */
#define WAYS 8      /* places that a local bucket may have */
#define WINDOW_MAX_MS 3600000 /* lib/rate.def */
#define LEASE_SHARE 100
#define LEASE_MAX 5000 /* what a child takes with it when it ends is lost */
#define LEASE_MS 10000 /* tokens not used by then are lost to their owner, not to others */

struct bucket {
	uint64_t subject; /* hash of class, tenant and subject; 0: free */
	int64_t tokens;   /* leased, or left in the local bucket */
	int64_t left;     /* in Redis when the lease was taken; local: what the bucket can hold */
	int64_t full_ms;  /* how long until it is full again, then */
	int64_t until_ms; /* lease: end; local: last refill */
	bool is_asked;    /* a request is fetching the lease: the others take single tokens meanwhile */
};

struct rate_limiter {
	struct bucket leases[LEASES];
	struct bucket local[LEASES]; /* while Redis is away */
};

struct rate_limiter *
rate_limiter_new(void *context)
{
	return mem_new(context, struct rate_limiter);
}

/* FNV-1a: the table is only a cache, and the stored hash has all 64 bits. */
static uint64_t
hash_key(const char *key)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (; *key != '\0'; key++)
		h = (h ^ (unsigned char)*key) * UINT64_C(1099511628211);
	return h != 0 ? h : 1;
}

/* Nobody fetches a lease for this place, and none is there that another one still uses. */
static bool
is_place_free(const struct bucket *lease, uint64_t hash)
{
	return !lease->is_asked && (lease->subject == hash || lease->tokens == 0 || lease->until_ms <= now_ms());
}

/* A token from what this child has on lease; a new lease when there is none. */
static bool
take_leased(struct request *rq, const char *key, uint64_t hash, enum rate_class class, int64_t scale, struct rate_grant *out)
{
	const struct rate_row *row = &rate_rows[class];
	struct bucket *lease = &rq->app->rates->leases[hash % LEASES];
	int64_t share = (row->limit + row->burst) * scale / LEASE_SHARE, size = share < LEASE_MAX ? share : LEASE_MAX;
	bool asks;

	if (lease->subject == hash && lease->tokens > 0 && lease->until_ms > now_ms()) {
		lease->tokens--;
		*out = (struct rate_grant){ 1, lease->left + lease->tokens, 0, lease->full_ms };
		return true;
	}
	asks = size > 1 && row->limit * scale > LEASE_SHARE && is_place_free(lease, hash);
	if (asks)
		*lease = (struct bucket){ .subject = hash, .is_asked = true };
	if (rate_take(rq->app->redis, rq, class, key, scale, asks ? size : 1, out) != 0) {
		if (asks)
			lease->is_asked = false;
		return false;
	}
	if (asks) {
		*lease = (struct bucket){ hash, out->granted > 0 ? out->granted - 1 : 0, out->left, out->full_ms, now_ms() + LEASE_MS };
		out->left += lease->tokens;
	}
	return true;
}

/* Who has not come for the longest window has a full bucket again. */
static int64_t
used(const struct bucket *b, int64_t now)
{
	return now - b->until_ms > WINDOW_MAX_MS ? 0 : b->left - b->tokens;
}

/* The local bucket of a subject: its own, or a full one in the place of whoever has used least. So nobody who has used up
 * theirs begins anew because others came. */
static struct bucket *
local_bucket(struct rate_limiter *r, uint64_t hash, int64_t capacity, int64_t now)
{
	struct bucket *set = &r->local[hash % (LEASES / WAYS) * WAYS], *least = set;

	for (struct bucket *b = set; b < set + WAYS; b++) {
		if (b->subject == hash)
			return b;
		if (used(b, now) < used(least, now))
			least = b;
	}
	*least = (struct bucket){ .subject = hash, .tokens = capacity, .left = capacity, .until_ms = now };
	return least;
}

/* Redis is away: the same bucket, of this process alone. */
static void
take_local(struct request *rq, uint64_t hash, enum rate_class class, int64_t scale, struct rate_grant *out)
{
	const struct rate_row *row = &rate_rows[class];
	int64_t capacity = (row->limit + row->burst) * scale, window_ms = row->window_s * 1000, limit = row->limit * scale;
	int64_t now = now_ms(), earned;
	struct bucket *b = local_bucket(rq->app->rates, hash, capacity, now);

	earned = (now - b->until_ms) * limit / window_ms;
	if (earned > 0) {
		b->tokens = b->tokens + earned < capacity ? b->tokens + earned : capacity;
		b->until_ms = now;
	}
	*out = (struct rate_grant){ b->tokens > 0, b->tokens > 0 ? --b->tokens : 0, 0, (capacity - b->tokens) * window_ms / limit };
	if (out->granted == 0)
		out->retry_ms = window_ms / limit + 1;
}

/* A request may count in two buckets (address and account): the last one is told. */
static void
drop_rate_headers(struct buf *head)
{
	size_t kept = 0;

	for (size_t at = 0, next; at < head->length; at = next) {
		const char *end = memchr(head->data + at, '\n', head->length - at);

		next = end != NULL ? (size_t)(end + 1 - head->data) : head->length;
		if (next - at > 10 && memcmp(head->data + at, "RateLimit-", 10) == 0)
			continue;
		memmove(head->data + kept, head->data + at, next - at);
		kept += next - at;
	}
	head->length = kept;
}

static void
add_header(struct buf *head, const char *name, int64_t n)
{
	buf_add_str(head, name);
	buf_add_int(head, n);
	buf_add_literal(head, "\r\n");
}

/* Without printf: every request comes by here. */
static void
tell(struct request *rq, int64_t limit, int64_t left, int64_t reset_s)
{
	struct buf *head = &rq->out.head;

	if (head->data == NULL)
		buf_init(head, rq, 512);
	drop_rate_headers(head);
	add_header(head, "RateLimit-Limit: ", limit);
	add_header(head, "RateLimit-Remaining: ", left);
	add_header(head, "RateLimit-Reset: ", reset_s);
}

static int64_t
seconds(int64_t ms)
{
	return ms > 0 ? (ms + 999) / 1000 : 0;
}

int
gate_rate(struct request *rq, enum rate_class class, const char *subject)
{
	const struct rate_row *row = &rate_rows[class];
	int64_t scale = rq->app->conf->ratelimit_scale > 0 ? rq->app->conf->ratelimit_scale : 1;
	bool is_read = class == RATE_ANON_READ || class == RATE_SIGNED_IN;
	/* addresses count across communities, people within theirs */
	const char *key = rate_key(rq, class, row->by != BY_ADDRESS && rq->tenant != NULL ? rq->tenant->id_text : "", subject);
	uint64_t hash = hash_key(key);
	struct rate_grant grant = { 0 };

	if (!take_leased(rq, key, hash, class, scale, &grant)) {
		if (is_read)
			return 0;
		take_local(rq, hash, class, scale, &grant);
	}
	tell(rq, row->limit * scale, grant.left, seconds(grant.full_ms));
	if (grant.granted > 0)
		return 0;
	reply_header(rq, "Retry-After", "%lld", (long long)(grant.retry_ms > 0 ? seconds(grant.retry_ms) : 1));
	return ERR_RATE_LIMITED;
}

const char *
rate_address(struct request *rq)
{
	const char *address = rq->user.address != NULL ? rq->user.address : "unknown";
	struct in6_addr six;
	char text[INET6_ADDRSTRLEN];

	if (strchr(address, ':') == NULL || inet_pton(AF_INET6, address, &six) != 1)
		return address;
	if (IN6_IS_ADDR_V4MAPPED(&six))
		return strrchr(address, ':') + 1;
	memset(six.s6_addr + 8, 0, 8);
	inet_ntop(AF_INET6, &six, text, sizeof(text));
	return mem_printf(rq, "%s/64", text);
}

/* Before the token is looked at: what is counted by address. Who brings a token is counted by user, behind; where nobody
 * needs one, those without are counted by address in a user's class, too. */
int
gate_address_rate(struct request *rq)
{
	enum rate_class class;
	bool is_anonymous;

	if (rq->route == NULL || rq->route->rate == RATE_NONE)
		return 0;
	class = rq->route->rate;
	is_anonymous = request_header(rq, "HTTP_AUTHORIZATION") == NULL;
	if (class == RATE_DEFAULT)
		return is_anonymous ? gate_rate(rq, RATE_ANON_READ, rate_address(rq)) : 0;
	if (rate_rows[class].by == BY_ADDRESS || (rate_rows[class].by == BY_USER && rq->route->may == PUBLIC && is_anonymous))
		return gate_rate(rq, class, rate_address(rq));
	return 0;
}

int
gate_user_rate(struct request *rq)
{
	char id[UUID_TEXT];
	enum rate_class class;

	if (rq->route == NULL || rq->route->rate == RATE_NONE || !is_signed_in(rq))
		return 0;
	class = rq->route->rate == RATE_DEFAULT ? RATE_SIGNED_IN : rq->route->rate;
	return rate_rows[class].by == BY_USER ? gate_rate(rq, class, uuid_text(&rq->user.id, id)) : 0;
}
