/* tests/unit/test_request.c - a request's life without a server around it: what it answers, and that all its memory goes
 * with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "fcgi/app.h"
#include "fcgi/gates.h"
#include "fcgi/metrics.h"

static ssize_t
no_body(struct request *rq, void *data, size_t size)
{
	(void)rq;
	(void)data;
	(void)size;
	return 0;
}

static const struct transport transport = { .read_body = no_body };

static struct app *
make_app(void *mem)
{
	struct app *app = mem_new(mem, struct app);

	app->conf = mem_new(app, struct conf);
	app->pool = mem_new(app, struct conf_pool);
	app->router = router_new(app, route_tables);
	app->metrics = metrics_open(router_count(app->router));
	return app;
}

static void
set(struct request *rq, const char *name, const char *value)
{
	request_set_param(rq, name, strlen(name), value, strlen(value));
}

/* One request; head and body of the answer as text on mem. */
static const char *
ask(struct app *app, void *mem, const char *method, const char *uri, const char *id)
{
	struct request *rq = request_new(app, &transport, NULL);
	struct buf head;
	const char *text;

	set(rq, "REQUEST_METHOD", method);
	set(rq, "REQUEST_URI", uri);
	set(rq, "REMOTE_ADDR", "127.0.0.1");
	set(rq, "HTTP_X_REQUEST_ID", id);
	set(rq, "HTTP_TRACEPARENT", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
	request_dispatch(rq);
	buf_init(&head, mem, 512);
	request_head(rq, &head);
	if (rq->out.body.length > 0)
		buf_add(&head, rq->out.body.data, rq->out.body.length);
	text = buf_cstr(&head);
	request_end(rq, true);
	return text;
}

static void
test_answers(void **state)
{
	void *mem = talloc_new(NULL);
	struct app *app = make_app(mem);
	const char *text;

	(void)state;
	text = ask(app, mem, "GET", "/health?x", "client-id-0001");
	assert_non_null(strstr(text, "Status: 200 OK\r\n"));
	assert_non_null(strstr(text, "X-Request-Id: client-id-0001\r\n"));
	assert_non_null(strstr(text, "{\"success\":true,\"data\":{\"status\":\"ok\"}}"));
	text = ask(app, mem, "HEAD", "/health", "client-id-0001");
	assert_non_null(strstr(text, "Content-Length: 39\r\n"));
	assert_null(strstr(text, "success"));
	text = ask(app, mem, "GET", "/nowhere", "x");
	assert_non_null(strstr(text, "Status: 404"));
	assert_null(strstr(text, "X-Request-Id: x\r\n"));
	text = ask(app, mem, "PATCH", "/health", "client-id-0001");
	assert_non_null(strstr(text, "Status: 405"));
	assert_non_null(strstr(text, "Allow: GET, HEAD, OPTIONS\r\n"));
	text = ask(app, mem, "BREW", "/health", "client-id-0001");
	assert_non_null(strstr(text, "Status: 405"));
	talloc_free(mem);
}

static void
test_all_memory_goes_with_it(void **state)
{
	static const struct {
		const char *method, *uri;
	} asked[] = { { "GET", "/health" }, { "GET", "/nowhere" }, { "DELETE", "/health" }, { "OPTIONS", "/health" },
		{ "HEAD", "/health" } };
	void *mem = talloc_new(NULL);
	struct app *app = make_app(mem);
	size_t blocks = 0;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		void *text = talloc_new(mem);

		ask(app, text, asked[i % 5].method, asked[i % 5].uri, "client-id-0001");
		talloc_free(text);
		if (i == 100)
			blocks = talloc_total_blocks(NULL); /* whatever is kept for reuse is there now */
	}
	assert_int_equal(talloc_total_blocks(NULL), blocks);
	talloc_free(mem);
}

/* Apache puts what we must know of a request behind its headers: too many of them must not hide it. */
static void
test_many_headers_hide_nothing(void **state)
{
	void *mem = talloc_new(NULL);
	struct request *rq = request_new(make_app(mem), &transport, NULL);
	char name[32];

	(void)state;
	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "HTTP_X_%d", i);
		set(rq, name, "x");
	}
	set(rq, "REMOTE_ADDR", "192.0.2.1");
	set(rq, "REQUEST_METHOD", "GET");
	set(rq, "REQUEST_URI", "/health?x");
	assert_non_null(rq->user.address);
	assert_string_equal(rq->user.address, "192.0.2.1");
	assert_string_equal(rq->path, "/health");
	assert_int_equal(rq->method, GET);
	assert_string_equal(request_header(rq, "HTTP_X_100"), "x");
	assert_null(request_header(rq, "HTTP_X_199"));
	talloc_free(rq);
	talloc_free(mem);
}

/* Each module's routes are there for a community that has it on, and for no other. */
static void
test_module_gate(void **state)
{
	void *mem = talloc_new(NULL);
	struct app *app = make_app(mem);
	struct request *rq = request_new(app, &transport, NULL);

	(void)state;
	for (int on = MODULE_CORE; on < MODULE_COUNT; on++)
		for (int asked = MODULE_CORE; asked < MODULE_COUNT; asked++) {
			const struct tenant tenant = { .modules = 1u << MODULE_CORE | 1u << on };
			const struct route route = { GET, "/x", PUBLIC, .module = (enum module)asked };

			rq->tenant = &tenant;
			rq->route = &route;
			assert_int_equal(gate_module(rq), asked == MODULE_CORE || asked == on ? 0 : ERR_NOT_FOUND);
		}
	talloc_free(rq);
	talloc_free(mem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_module_gate), cmocka_unit_test(test_answers), cmocka_unit_test(test_many_headers_hide_nothing),
		cmocka_unit_test(test_all_memory_goes_with_it),
	};

	int failed;

	talloc_enable_null_tracking();
	log_open("test_request", LOG_ERROR);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	talloc_disable_null_tracking();
	return failed;
}
