/* live/server.c - sockets: libwebsockets in our loop. */
#include <string.h>

#include "lib/log.h"
#include "live/live.h"

#define CLOSE_S 3                                /* until the other side has answered a close frame */
#define WRITE_CLOSE ((enum lws_write_protocol)4) /* libwebsockets has no public name for the opcode's number */

/* --- a socket's life --- */

static char *
header(struct peer *c, enum lws_token_indexes which)
{
	int length = lws_hdr_total_length(c->wsi, which);
	char *text;

	if (length <= 0 || length > 8192)
		return NULL;
	text = mem_size(c, (size_t)length + 1);
	return lws_hdr_copy(c->wsi, text, length + 1, which) >= 0 ? text : NULL;
}

/* One argument of the address, decoded; NULL. */
static char *
argument(struct peer *c, const char *name)
{
	char text[4096], full[40];
	const char *value;

	snprintf(full, sizeof(full), "%s=", name);
	value = lws_get_urlarg_by_name(c->wsi, full, text, sizeof(text));
	return value != NULL && *value != '\0' ? mem_strdup(c, value) : NULL;
}

/* /api/v1/live, or /api/v1/dojos/ID/live. False: nothing is there. */
static bool
choose_face(struct peer *c, const char *path)
{
	static const char dojos[] = "/api/v1/dojos/";

	if (path == NULL)
		return false;
	c->face = &events_face;
	if (strcmp(path, "/api/v1/live") == 0)
		return true;
	c->face = &dojo_face;
	return strncmp(path, dojos, strlen(dojos)) == 0 && strlen(path) == strlen(dojos) + 36 + strlen("/live") &&
	    uuid_parse(path + strlen(dojos), 36, &c->dojo) && strcmp(path + strlen(dojos) + 36, "/live") == 0;
}

static struct peer *
established(struct live *l, struct lws *wsi)
{
	struct peer *c = peer_new(l, wsi);
	char *path, *token;

	path = header(c, WSI_TOKEN_GET_URI);
	c->host = header(c, WSI_TOKEN_HOST);
	token = header(c, WSI_TOKEN_HTTP_AUTHORIZATION);
	c->token = token != NULL && strncasecmp(token, "Bearer ", 7) == 0 ? mem_strdup(c, token + 7) : argument(c, "token");
	c->query = argument(c, "revision");
	talloc_free(token);
	if (!choose_face(c, path))
		peer_close(c, CLOSE_NOT_FOUND, "There is no such thing here.");
	else
		peer_serve_soon(c);
	talloc_free(path);
	return c;
}

static void
receive(struct peer *c, const void *data, size_t length)
{
	if (lws_frame_is_binary(c->wsi))
		peer_close(c, LWS_CLOSE_STATUS_UNACCEPTABLE_OPCODE, "Frames are text.");
	else
		peer_receive(c, data, length, lws_is_final_fragment(c->wsi) && lws_remaining_packet_payload(c->wsi) == 0);
}

/* The close frame; the other side answers with its own, or is cut off. Not lws_close_reason(): with libuv, Debian's 4.1.6 cuts
 * the connection before it has sent that. */
static int
say_goodbye(struct peer *c)
{
	unsigned char text[LWS_PRE + 2 + sizeof(c->close_reason)];
	size_t length = strlen(c->close_reason);

	text[LWS_PRE] = (unsigned char)(c->close_code >> 8);
	text[LWS_PRE + 1] = (unsigned char)c->close_code;
	memcpy(text + LWS_PRE + 2, c->close_reason, length);
	c->is_closing = true;
	lws_set_timeout(c->wsi, PENDING_TIMEOUT_CLOSE_ACK, CLOSE_S);
	return lws_write(c->wsi, text + LWS_PRE, 2 + length, WRITE_CLOSE) < 0 ? -1 : 0;
}

static int
writeable(struct peer *c)
{
	struct message *m = c->close_code != CLOSE_SLOW ? peer_next(c) : NULL;
	int sent;

	if (m == NULL)
		return c->close_code == 0 || c->is_closing ? 0 : say_goodbye(c);
	sent = lws_write(c->wsi, (unsigned char *)m->bytes + LWS_PRE, m->length, LWS_WRITE_TEXT);
	message_drop(m);
	if (c->first != NULL || c->close_code != 0)
		lws_callback_on_writable(c->wsi);
	return sent < 0 ? -1 : 0;
}

static int
callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t length)
{
	struct peer **own = user;
	struct live *l = lws_context_user(lws_get_context(wsi));

	switch (reason) {
	case LWS_CALLBACK_HTTP:
		return lws_return_http_status(wsi, strcmp(in, "/health") == 0 ? HTTP_STATUS_OK : 426, NULL) < 0 || lws_http_transaction_completed(wsi) ? -1 : 0;
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
		return l->is_stopping || l->peer_count >= (size_t)l->conf->live_max_connections;
	case LWS_CALLBACK_ESTABLISHED:
		*own = established(l, wsi);
		return 0;
	case LWS_CALLBACK_RECEIVE:
		receive(*own, in, length);
		return 0;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return writeable(*own);
	case LWS_CALLBACK_CLOSED:
		if (*own != NULL)
			peer_closed(*own);
		*own = NULL;
		return 0;
	default:
		return lws_callback_http_dummy(wsi, reason, user, in, length);
	}
}

static const struct lws_protocols protocols[] = {
	{ .name = "atelier", .callback = callback, .per_session_data_size = sizeof(struct peer *), .rx_buffer_size = 2048 },
	{ .name = NULL },
};

/* A peer that says nothing is asked, and gone when it does not answer. */
static lws_retry_bo_t patience;

static void
log_line(int level, const char *line)
{
	if (level & LLL_ERR)
		log_error("libwebsockets", LOG_STR("said", line));
}

int
server_open(struct live *l)
{
	void *loops[1] = { wait_loop() };
	const char *listen = l->conf->live_listen, *colon = strrchr(listen, ':');
	struct lws_context_creation_info info = { .protocols = protocols, .user = l, .foreign_loops = loops, .gid = -1, .uid = -1,
		.options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_VALIDATE_UTF8 | LWS_SERVER_OPTION_DISABLE_IPV6, .retry_and_idle_policy = &patience,
		.pt_serv_buf_size = 8192, .timeout_secs = 10 };

	patience.secs_since_valid_ping = (uint16_t)l->conf->live_heartbeat;
	patience.secs_since_valid_hangup = (uint16_t)(3 * l->conf->live_heartbeat);
	lws_set_log_level(LLL_ERR | LLL_WARN, log_line);
	if (strncmp(listen, "unix:", 5) == 0) {
		info.options |= LWS_SERVER_OPTION_UNIX_SOCK;
		info.iface = listen + 5;
		unlink(info.iface);
	} else if (colon != NULL) {
		info.iface = mem_strndup(l, listen, (size_t)(colon - listen));
		info.port = (int)strtol(colon + 1, NULL, 10);
	}
	l->lws = lws_create_context(&info);
	return l->lws != NULL ? 0 : -1;
}

/* Nobody finds us any more: the web server goes to another daemon at once. A port is closed with the process. */
void
server_stop_listening(struct live *l)
{
	if (strncmp(l->conf->live_listen, "unix:", 5) == 0)
		unlink(l->conf->live_listen + 5);
}
