/* live/dojo.c - the sockets of a dojo, /api/v1/dojos/ID/live: who may come in, and what the frames ask for. */
#include <string.h>

#include "live/live.h"

#define CHAT_MAX 2000
#define LANGUAGE_MAX 50

static void
tell_frame(struct peer *c, struct buf *b)
{
	struct member *m = c->state;

	room_tell(m->room, buf_cstr(b));
	talloc_free(b->data);
}

/* {"type":…,"userId":…,"userName":… */
static void
begin_frame(struct peer *c, struct buf *b, const char *type)
{
	buf_init(b, c, 300);
	buf_printf(b, "{\"type\":\"%s\",\"userId\":\"%s\"", type, c->who.user_text);
	buf_json_key(b, "userName");
	buf_json_str(b, c->who.name);
	buf_printf(b, ",\"connectionId\":\"%s\"", c->id);
}

/* A member of a frame, as it came. */
static void
copy_member(struct buf *b, struct json_object *frame, const char *name)
{
	struct json_object *v;

	if (!json_object_object_get_ex(frame, name, &v))
		return;
	buf_json_key(b, name);
	buf_add_str(b, json_object_to_json_string_ext(v, JSON_C_TO_STRING_PLAIN));
}

/* --- frames --- */

static void
cursor(struct peer *c, struct json_object *frame)
{
	struct buf b;

	begin_frame(c, &b, "CURSOR_POSITION");
	copy_member(&b, frame, "position");
	copy_member(&b, frame, "selection");
	copy_member(&b, frame, "revision");
	buf_add_char(&b, '}');
	if (b.length < 1000)
		tell_frame(c, &b);
}

static void
chat(struct peer *c, struct json_object *frame)
{
	const char *text = frame_text(frame, "text") != NULL ? frame_text(frame, "text") : frame_text(frame, "message");
	void *mem = talloc_new(c);
	struct db_session db;
	struct db_result *r;
	char id[UUID_TEXT];
	struct uuid made;
	struct buf b;
	int err;

	if (text == NULL || *text == '\0' || strlen(text) > CHAT_MAX) {
		peer_error(c, "VALIDATION_ERROR", "A message has a text, of at most 2,000 bytes.", "CHAT_MESSAGE");
		talloc_free(mem);
		return;
	}
	db_session_init(&db, c->live->db, mem, c->who.tenant, now_ms() + CALL_MS);
	err = db_query_row(&db, &r, Q_LIVE_DOJO_CHAT, uuid_param(c->dojo), uuid_param(c->who.user), text_param(text));
	if (err == 0) {
		made = db_uuid(r, 0, "id");
		begin_frame(c, &b, "CHAT_MESSAGE");
		buf_printf(&b, ",\"id\":\"%s\",\"timestamp\":", uuid_text(&made, id));
		buf_json_time(&b, db_time_us(r, 0, "at"));
		buf_json_key(&b, "text");
		buf_json_str(&b, text);
		buf_add_char(&b, '}');
		tell_frame(c, &b);
	} else {
		peer_error(c, error_info((enum error_code)err)->code, error_info((enum error_code)err)->message, "CHAT_MESSAGE");
	}
	db_session_end(&db);
	talloc_free(mem);
}

/* Why a program was not taken, as dojo_run_queue() says it. */
static void
refuse_run(struct peer *c, int err, const char *word)
{
	if (err != 0)
		peer_error(c, error_info((enum error_code)err)->code, "This cannot be run here.", "RUN_CODE");
	else if (strcmp(word, "busy") == 0)
		peer_error(c, "RATE_LIMITED", "Your earlier programs come first.", "RUN_CODE");
	else
		peer_error(c, "FORBIDDEN", strcmp(word, "over") == 0 ? "The dojo does not run." : "Observers only read.", "RUN_CODE");
}

static void
run_code(struct peer *c, struct json_object *frame)
{
	const char *code = frame_text(frame, "code"), *language = frame_text(frame, "language"), *input = frame_text(frame, "stdin");
	void *mem = talloc_new(c);
	struct db_session db;
	struct db_result *r;
	char id[UUID_TEXT];
	struct uuid made;
	struct buf b;
	int err;

	db_session_init(&db, c->live->db, mem, c->who.tenant, now_ms() + CALL_MS);
	err = code == NULL || (language != NULL && strlen(language) > LANGUAGE_MAX) ?
	    ERR_VALIDATION_ERROR :
	    db_query_row(&db, &r, Q_DOJO_EXECUTE, uuid_param(c->dojo), uuid_param(c->who.user), text_param(language), text_param(code), text_param(input), null_param());
	if (err == 0 && *db_text(r, 0, "word") == '\0') {
		made = db_uuid(r, 0, "run");
		begin_frame(c, &b, "CODE_EXECUTION_STARTED");
		buf_printf(&b, ",\"requestId\":\"%s\"}", uuid_text(&made, id));
		tell_frame(c, &b);
	} else {
		refuse_run(c, err, err == 0 ? db_text(r, 0, "word") : "");
	}
	db_session_end(&db);
	talloc_free(mem);
}

static void
dojo_frame(struct peer *c, struct json_object *frame, const char *type)
{
	struct member *m = c->state;

	bool is_chat = strcmp(type, "CHAT_MESSAGE") == 0, is_run = strcmp(type, "RUN_CODE") == 0, is_cursor = strcmp(type, "CURSOR_POSITION") == 0;

	if (!is_chat && !is_run && !is_cursor && strcmp(type, "CODE_UPDATE") != 0)
		peer_error(c, "VALIDATION_ERROR", "Frames are CODE_UPDATE, CHAT_MESSAGE, RUN_CODE, CURSOR_POSITION and ping.", type);
	else if (!m->may_write)
		peer_error(c, "FORBIDDEN", "Observers only read.", type);
	else if ((is_chat || is_run) && access_is_too_often(c))
		peer_error(c, "RATE_LIMITED", error_info(ERR_RATE_LIMITED)->message, type);
	else if (is_chat)
		chat(c, frame);
	else if (is_run)
		run_code(c, frame);
	else if (is_cursor)
		cursor(c, frame);
	else
		room_edit(m, frame);
}

/* --- coming and going --- */

static bool
refuse(struct peer *c, int code, const char *why)
{
	peer_close(c, code, why);
	return false;
}

static void
greet(struct peer *c, const struct db_result *r)
{
	struct member *m = c->state;
	int from = c->query != NULL ? (int)strtol(c->query, NULL, 10) : -1;
	struct buf b;

	buf_init(&b, c, 4096);
	buf_printf(&b, "{\"type\":\"CONNECTION_STATUS\",\"status\":\"CONNECTED\",\"connectionId\":\"%s\",\"userId\":\"%s\",\"role\":\"%s\",\"dojo\":{\"name\":", c->id,
	    c->who.user_text, db_text(r, 0, "role"));
	buf_json_str(&b, db_text(r, 0, "name"));
	buf_json_key(&b, "language");
	buf_json_str(&b, db_text(r, 0, "language"));
	buf_printf(&b, ",\"status\":\"%s\"}", db_text(r, 0, "status"));
	room_write_state(m->room, &b, from);
	buf_add_char(&b, '}');
	peer_send_buf(c, &b);
	talloc_free(b.data);
}

static bool
enter(struct peer *c, void *mem, struct db_session *db)
{
	struct member *m = mem_new(c, struct member);
	struct db_result *r;
	const char *role, **users;
	size_t count;
	int err = db_query_row(db, &r, Q_LIVE_DOJO, uuid_param(c->dojo), uuid_param(c->who.user));

	if (err == ERR_NOT_FOUND)
		return refuse(c, CLOSE_NOT_FOUND, "There is no such dojo.");
	if (err != 0)
		return refuse(c, CLOSE_AWAY, "The service is away; come back soon.");
	role = db_text(r, 0, "role");
	if (db_is_null(r, 0, "role"))
		return refuse(c, db_bool(r, 0, "is_private") ? CLOSE_NOT_FOUND : CLOSE_FORBIDDEN, "Join the dojo first.");
	if (strcmp(role, "PARTICIPANT") == 0 && db_int(r, 0, "rank") >= db_int(r, 0, "max_participants"))
		return refuse(c, CLOSE_FULL, "The dojo is full.");
	m->conn = c;
	m->may_write = strcmp(role, "OBSERVER") != 0 && c->who.role != ROLE_SUSPENDED;
	err = room_enter(c->live, m, c->dojo);
	if (err != 0)
		return refuse(c, err == ERR_NOT_FOUND ? CLOSE_NOT_FOUND : CLOSE_AWAY, "The dojo cannot be entered now.");
	c->state = m;
	greet(c, r);
	room_listen(m);
	presence_join(c->live, mem, c->who.tenant, room_channel(m->room), &c->who, &users, &count);
	room_people(m->room);
	return true;
}

static bool
dojo_open(struct peer *c)
{
	void *mem = talloc_new(c);
	struct db_session db;
	bool is_in;

	db_session_init(&db, c->live->db, mem, c->who.tenant, now_ms() + CALL_MS);
	is_in = enter(c, mem, &db);
	db_session_end(&db);
	talloc_free(mem);
	return is_in;
}

/* What is narrowed are videos and people; that may be the dojo's owner, or the module. */
static void
dojo_check(struct peer *c)
{
	struct member *m = c->state;

	room_people(m->room);
}

static void
dojo_close(struct peer *c)
{
	struct member *m = c->state;

	presence_leave(c->live, c->who.tenant, room_channel(m->room), &c->who);
	room_leave(m);
}

const struct face dojo_face = { dojo_open, dojo_frame, dojo_check, dojo_close };
