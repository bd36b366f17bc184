/* fcgi/engine_libfcgi.c - one request at a time through libfcgi: for the pools that do costly work. */
#include <errno.h>
#include <fcgiapp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

#include "fcgi/engine.h"
#include "lib/wait.h"

#define ACCEPT_REST_MS 500

static volatile sig_atomic_t stop_asked;

static void
on_stop(int sig)
{
	(void)sig;
	stop_asked = 1;
	FCGX_ShutdownPending();
}

static void
catch_stop(void)
{
	struct sigaction sa = { .sa_handler = on_stop }; /* no SA_RESTART: accept() has to return */

	sigemptyset(&sa.sa_mask);
	sigaction(SIGTERM, &sa, NULL);
}

static ssize_t
read_body(struct request *rq, void *data, size_t size)
{
	FCGX_Request *fcgi = rq->connection;
	int n = FCGX_GetStr(data, size > INT32_MAX ? INT32_MAX : (int)size, fcgi->in);

	if (n == 0 && FCGX_GetError(fcgi->in) != 0)
		return -1;
	return n;
}

static const struct transport transport_libfcgi = { .read_body = read_body };

static void
read_params(struct request *rq, char **envp)
{
	for (; *envp != NULL; envp++) {
		const char *eq = strchr(*envp, '=');

		if (eq != NULL)
			request_set_param(rq, *envp, (size_t)(eq - *envp), eq + 1, strlen(eq + 1));
	}
}

/* No connection came of it. The socket does not block when an event engine listened on it before a reload. */
static void
wait_for_connection(int listen_fd, int error)
{
	struct pollfd acceptable = { .fd = listen_fd, .events = POLLIN };

	if (stop_asked || error == EINTR || error == ECONNABORTED)
		return;
	if (error == EAGAIN) {
		poll(&acceptable, 1, -1);
		return;
	}
	log_error("accept_failed", LOG_INT("errno", error)); /* no descriptors, no memory: asking on would help nobody */
	poll(NULL, 0, ACCEPT_REST_MS);
}

static bool
write_reply(struct request *rq, FCGX_Request *fcgi)
{
	struct buf head;

	buf_init(&head, rq, 1024);
	request_head(rq, &head);
	FCGX_PutStr(head.data, (int)head.length, fcgi->out);
	if (rq->out.body.length > 0)
		FCGX_PutStr(rq->out.body.data, (int)rq->out.body.length, fcgi->out);
	return FCGX_FFlush(fcgi->out) == 0;
}

static int
serve(struct app *app, int listen_fd)
{
	FCGX_Request fcgi;
	int64_t served = 0;

	if (FCGX_Init() != 0 || FCGX_InitRequest(&fcgi, listen_fd, FCGI_FAIL_ACCEPT_ON_INTR) != 0)
		return 1;
	catch_stop();
	while (!stop_asked && (app->pool->max_requests == 0 || served < app->pool->max_requests)) {
		struct request *rq;
		bool sent;
		int rc = FCGX_Accept_r(&fcgi);

		if (rc != 0) {
			wait_for_connection(listen_fd, -rc);
			continue;
		}
		uv_update_time(wait_loop());
		rq = request_new(app, &transport_libfcgi, &fcgi);
		read_params(rq, fcgi.envp);
		request_dispatch(rq);
		sent = write_reply(rq, &fcgi);
		FCGX_Finish_r(&fcgi);
		request_end(rq, sent);
		served++;
	}
	return 0;
}

const struct engine engine_libfcgi = { .name = "libfcgi", .serve = serve };
