/* fcgi/metrics.c - request figures in shared memory and their Prometheus text. */
#include "fcgi/metrics.h"

#include <stdatomic.h>
#include <sys/mman.h>

#include "fcgi/route.h"
#include "lib/counter.h"
#include "lib/mem.h"

/* Upper bounds of the latency buckets. */
static const int64_t bucket_us[] = { 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 1000000, 5000000 };
static const char *const bucket_text[] = { "0.0005", "0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25",
	"1", "5" };
static const short statuses[] = { 200, 201, 202, 204, 206, 304, 400, 401, 403, 404, 405, 409, 410, 412, 413, 415, 429,
	460, 500, 503, 507, 0 };

#define BUCKETS (sizeof(bucket_us) / sizeof(bucket_us[0]))
#define STATUSES (sizeof(statuses) / sizeof(statuses[0]))

struct route_figures {
	_Atomic uint64_t by_status[STATUSES];
	_Atomic uint64_t by_bucket[BUCKETS + 1];
	_Atomic uint64_t sum_us;
	_Atomic uint64_t cache_hits, cache_misses;
};

struct metrics {
	size_t routes;
	_Atomic uint64_t children_started, children_crashed;
	_Atomic uint64_t counters[COUNTER_COUNT];
	struct route_figures figures[]; /* one per route, and a last one for requests that found none */
};

struct metrics *
metrics_open(size_t routes)
{
	size_t size = sizeof(struct metrics) + (routes + 1) * sizeof(struct route_figures);
	struct metrics *m = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (m == MAP_FAILED)
		mem_out_of_memory();
	m->routes = routes;
	counters_share(m->counters);
	return m;
}

static void
raise_by(_Atomic uint64_t *n, uint64_t by)
{
	atomic_fetch_add_explicit(n, by, memory_order_relaxed);
}

void
metrics_request(struct metrics *m, int route, int status, int64_t took_us)
{
	struct route_figures *f = &m->figures[route < 0 ? m->routes : (size_t)route];
	size_t s = 0, b = 0;

	while (s < STATUSES - 1 && statuses[s] != status)
		s++;
	while (b < BUCKETS && took_us > bucket_us[b])
		b++;
	raise_by(&f->by_status[s], 1);
	raise_by(&f->by_bucket[b], 1);
	raise_by(&f->sum_us, (uint64_t)took_us);
}

void
metrics_cache(struct metrics *m, int route, bool is_hit)
{
	struct route_figures *f = &m->figures[route];

	raise_by(is_hit ? &f->cache_hits : &f->cache_misses, 1);
}

void
metrics_child(struct metrics *m, int started, int crashed)
{
	raise_by(&m->children_started, (uint64_t)started);
	raise_by(&m->children_crashed, (uint64_t)crashed);
}

static void
write_head(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_printf(out, "# HELP atelier_%s %s\n# TYPE atelier_%s %s\n", name, help, name, type);
}

static void
write_labels(struct buf *out, const struct route *r)
{
	if (r == NULL)
		buf_add_literal(out, "method=\"\",route=\"none\"");
	else
		buf_printf(out, "method=\"%s\",route=\"%s\"", method_name(r->method), r->path);
}

static void
write_counts(const struct route_figures *f, const struct route *r, struct buf *out)
{
	for (size_t s = 0; s < STATUSES; s++) {
		uint64_t n = f->by_status[s];

		if (n == 0)
			continue;
		buf_add_literal(out, "atelier_http_requests_total{");
		write_labels(out, r);
		buf_printf(out, ",status=\"%d\"} %llu\n", statuses[s], (unsigned long long)n);
	}
}

static void
write_histogram(const struct route_figures *f, const struct route *r, struct buf *out)
{
	uint64_t sum = 0;

	for (size_t b = 0; b <= BUCKETS; b++)
		sum += f->by_bucket[b];
	if (sum == 0)
		return;
	sum = 0;
	for (size_t b = 0; b <= BUCKETS; b++) {
		sum += f->by_bucket[b];
		buf_add_literal(out, "atelier_http_request_duration_seconds_bucket{");
		write_labels(out, r);
		buf_printf(out, ",le=\"%s\"} %llu\n", b < BUCKETS ? bucket_text[b] : "+Inf", (unsigned long long)sum);
	}
	buf_add_literal(out, "atelier_http_request_duration_seconds_sum{");
	write_labels(out, r);
	buf_printf(out, "} %.6f\n", (double)f->sum_us / 1e6);
	buf_add_literal(out, "atelier_http_request_duration_seconds_count{");
	write_labels(out, r);
	buf_printf(out, "} %llu\n", (unsigned long long)sum);
}

static void
write_cache(const struct route_figures *f, const struct route *r, struct buf *out)
{
	const uint64_t counts[] = { f->cache_hits, f->cache_misses };

	for (size_t i = 0; i < 2 && counts[0] + counts[1] > 0; i++) {
		buf_add_literal(out, "atelier_cache_answers_total{");
		write_labels(out, r);
		buf_printf(out, ",result=\"%s\"} %llu\n", i == 0 ? "hit" : "miss", (unsigned long long)counts[i]);
	}
}

void
metrics_write(const struct metrics *m, const struct router *router, struct buf *out)
{
	write_head(out, "http_requests_total", "counter", "Requests by route and status.");
	for (size_t i = 0; i <= m->routes; i++)
		write_counts(&m->figures[i], i < m->routes ? router_at(router, i) : NULL, out);
	write_head(out, "http_request_duration_seconds", "histogram", "Time from the first byte to the end of the answer.");
	for (size_t i = 0; i <= m->routes; i++)
		write_histogram(&m->figures[i], i < m->routes ? router_at(router, i) : NULL, out);
	write_head(out, "cache_answers_total", "counter", "Answers asked of the cache, by route and what it had.");
	for (size_t i = 0; i < m->routes; i++)
		write_cache(&m->figures[i], router_at(router, i), out);
	write_head(out, "children_started_total", "counter", "Children that the master has started.");
	buf_printf(out, "atelier_children_started_total %llu\n", (unsigned long long)m->children_started);
	write_head(out, "children_crashed_total", "counter", "Children that ended by a signal or an error.");
	buf_printf(out, "atelier_children_crashed_total %llu\n", (unsigned long long)m->children_crashed);
	for (int c = 0; c < COUNTER_COUNT; c++) {
		write_head(out, counter_infos[c].name, "counter", counter_infos[c].help);
		buf_printf(out, "atelier_%s %llu\n", counter_infos[c].name, (unsigned long long)counters[c]);
	}
}
