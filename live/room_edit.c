/*
 * live/room_edit.c - the text of a room and what an edit goes through. The database orders them: each is written as the next revision,
 * or, where another daemon was faster, transformed against what that one wrote and tried again.
 */
#include <string.h>

#include "lib/json.h"
#include "live/room.h"

#define TRIES 30         /* against other daemons, for one edit */
#define UNITS_MAX 100000 /* of the text */
#define OPERATIONS_BYTES 65536 /* of the operations since: more than the text */
#define EDITS_WAITING 8  /* of one socket: then it is not read on */
#define PIECES_MAX 400000 /* looked at to bring one edit up to the present: some 20 ms; what people write needs thousands */

/* --- the text and its past --- */

static struct past *
past_of(struct room *r, int revision)
{
	return &r->past[revision % PAST];
}

/* The next operation: false when it is not one of this text. */
bool
room_apply(struct room *r, const struct ot *op)
{
	struct past *p = past_of(r, r->revision + 1);
	struct buf after;

	buf_init(&after, r, r->text.length + 64);
	if (ot_apply(op, r->text.data, r->text.length, &after) != OT_OK) {
		talloc_free(after.data);
		return false;
	}
	TALLOC_FREE(p->op);
	TALLOC_FREE(p->back);
	p->op = mem_new(r, struct ot);
	p->back = mem_new(r, struct ot);
	ot_init(p->op, p->op);
	ot_init(p->back, p->back);
	ot_invert(p->back, op, r->text.data, r->text.length, p->back);
	for (size_t i = 0, at = 0; i < op->count; i++) { /* a copy of its own */
		const struct ot_part *part = &op->parts[i];

		if (part->kind == OT_RETAIN)
			ot_retain(p->op, part->units);
		else if (part->kind == OT_DELETE)
			ot_delete(p->op, part->units);
		else
			ot_insert(p->op, op->text.data + at, part->bytes);
		at += part->kind == OT_INSERT ? part->bytes : 0;
	}
	talloc_free(r->text.data);
	r->text = after;
	r->revision++;
	if (r->past_count < PAST)
		r->past_count++;
	return true;
}

/* The text as it was. False: too long ago, or too much was done to it. */
static bool
text_at(struct room *r, void *mem, int revision, struct buf *out)
{
	size_t pieces = 0;
	struct buf now;

	buf_init(out, mem, r->text.length + 1);
	buf_add(out, r->text.data, r->text.length);
	for (int at = r->revision; at > revision; at--) {
		const struct ot *back = past_of(r, at)->back;

		pieces += back->count;
		buf_init(&now, mem, out->length + 64);
		if (pieces > PIECES_MAX || ot_apply(back, out->data, out->length, &now) != OT_OK)
			return false;
		talloc_free(out->data);
		*out = now;
		room_breathe(r);
	}
	return true;
}

/* The operations since `from`. False, and b as it was: they are forgotten, or longer than the text. */
static bool
write_operations(struct room *r, struct buf *b, int from)
{
	size_t begin = b->length;

	if (from < 0 || from > r->revision || from < r->revision - r->past_count)
		return false;
	buf_add_literal(b, ",\"operations\":[");
	for (int at = from + 1; at <= r->revision && b->length - begin <= r->text.length + OPERATIONS_BYTES; at++) {
		buf_add_str(b, at > from + 1 ? "," : "");
		ot_write(past_of(r, at)->op, b);
	}
	if (b->length - begin > r->text.length + OPERATIONS_BYTES) {
		b->length = begin;
		return false;
	}
	buf_add_char(b, ']');
	return true;
}

void
room_write_state(struct room *r, struct buf *b, int from)
{
	buf_printf(b, ",\"revision\":%d", r->revision);
	if (write_operations(r, b, from))
		return;
	buf_json_key(b, "content");
	buf_json_text(b, r->text.data, r->text.length);
}

void
room_write_update(struct buf *b, const struct ot *op, int revision, const char *user, const char *name, const char *request, int64_t at_us, const char *extras)
{
	buf_printf(b, "{\"type\":\"CODE_UPDATE\",\"revision\":%d,\"userId\":", revision);
	buf_json_str(b, user);
	buf_json_key(b, "userName");
	buf_json_str(b, name);
	buf_json_key(b, "requestId");
	buf_json_str(b, request);
	buf_json_key(b, "timestamp");
	buf_json_time(b, at_us);
	buf_json_key(b, "ops");
	ot_write(op, b);
	buf_add_str(b, extras);
	buf_add_char(b, '}');
}

/* --- edits --- */

static void
acknowledge(struct edit *e, int revision)
{
	struct buf b;

	buf_init(&b, e, 100);
	buf_printf(&b, "{\"type\":\"CODE_UPDATE\",\"isRepeated\":true,\"revision\":%d,\"requestId\":", revision);
	buf_json_str(&b, e->request);
	buf_add_char(&b, '}');
	peer_send_buf(e->conn, &b);
}

/* What the edit was for the text that it was made for. False: that text is too far from the present one. */
static bool
read_edit(struct room *r, struct edit *e, void *mem, struct ot *op, enum ot_error *error)
{
	struct buf base;

	*error = OT_OK;
	if (e->content == NULL) {
		*error = ot_read(mem, e->ops, op);
		return true;
	}
	if (!text_at(r, mem, e->base, &base))
		return false;
	ot_diff(mem, base.data, base.length, e->content, strlen(e->content), op);
	return true;
}

/* What the edit is for the text as it is now. False: too far behind to be brought up, for edits made to be costly would hold up everybody. */
static bool
bring_up(struct room *r, struct edit *e, void *mem, struct ot *op, enum ot_error *error)
{
	void *before = NULL, *step;
	size_t pieces = 0;

	if (!read_edit(r, e, mem, op, error))
		return false;
	for (int at = e->base + 1; *error == OT_OK && at <= r->revision; at++) {
		const struct ot *past = past_of(r, at)->op;
		struct ot after, other;

		pieces += op->count + past->count;
		if (pieces > PIECES_MAX)
			return false;
		step = talloc_new(mem);
		*error = ot_transform(step, op, past, &after, &other);
		talloc_free(before);
		before = step;
		*op = after;
		room_breathe(r);
	}
	return op->count <= OT_PARTS_MAX;
}

static int
write_edit(struct room *r, struct edit *e, void *mem, const struct ot *op, int64_t *at_us)
{
	struct db_session db;
	struct db_result *row;
	struct buf ops;
	int err;

	buf_init(&ops, mem, 200);
	ot_write(op, &ops);
	db_session_init(&db, r->live->db, mem, r->tenant, now_ms() + CALL_MS);
	err = db_query_row(&db, &row, Q_LIVE_DOJO_WRITE, uuid_param(r->id), int_param(r->revision + 1), uuid_param(e->conn->who.user), text_param(e->request),
	    json_param(buf_cstr(&ops)));
	if (err == 0)
		*at_us = db_time_us(row, 0, "at");
	db_session_end(&db);
	return err;
}

/* Was it written before, over a connection that broke? Its revision, or 0. */
static int
written_before(struct room *r, struct edit *e, void *mem)
{
	struct db_session db;
	struct db_result *row;
	int revision = 0;

	if (e->request == NULL)
		return 0;
	db_session_init(&db, r->live->db, mem, r->tenant, now_ms() + CALL_MS);
	if (db_query_row(&db, &row, Q_LIVE_DOJO_WRITTEN, uuid_param(r->id), uuid_param(e->conn->who.user), text_param(e->request)) == 0)
		revision = (int)db_int(row, 0, "revision");
	db_session_end(&db);
	return revision;
}

static void
done(struct room *r, struct edit *e, void *mem, const struct ot *op, int64_t at_us)
{
	struct buf b;

	if (!room_apply(r, op))
		return;
	buf_init(&b, mem, 400);
	room_write_update(&b, op, r->revision, e->conn->who.user_text, e->conn->who.name, e->request, at_us, e->extras);
	room_send(r, b.data, b.length);
	room_tell(r, buf_cstr(&b));
}

/* False: once more, something came between. */
static bool
try_edit(struct room *r, struct edit *e, void *mem)
{
	int before = r->revision, err, revision;
	enum ot_error error;
	int64_t at_us = 0;
	struct buf after;
	struct ot op;

	if (e->base > r->revision)
		room_sync_now(r);
	if (e->base > r->revision || e->base < r->revision - r->past_count || !bring_up(r, e, mem, &op, &error)) {
		revision = written_before(r, e, mem);
		if (revision > 0)
			acknowledge(e, revision);
		else
			peer_error(e->conn, "RESYNC", "This edit is for a text of too long ago: connect again for the present one.", e->request);
		return true;
	}
	buf_init(&after, mem, r->text.length + 64);
	if (error == OT_OK) /* nothing is written that is not for this text */
		error = ot_apply(&op, r->text.data, r->text.length, &after);
	if (error != OT_OK || op.target_units > UNITS_MAX) {
		peer_error(e->conn, error != OT_OK ? "VALIDATION_ERROR" : "PAYLOAD_TOO_LARGE", error != OT_OK ? ot_error_text(error) : "The text would be too long.", e->request);
		return true;
	}
	if (ot_is_noop(&op)) {
		acknowledge(e, r->revision);
		return true;
	}
	err = write_edit(r, e, mem, &op, &at_us);
	if (err == 0) {
		done(r, e, mem, &op, at_us);
		return true;
	}
	if (err == ERR_NOT_FOUND)
		err = room_sync_now(r);
	revision = err == 0 ? written_before(r, e, mem) : 0;
	if (revision > 0)
		acknowledge(e, revision);
	else if (err != 0)
		peer_error(e->conn, error_info((enum error_code)err)->code, "The edit was not taken; send it again.", e->request);
	else if (r->revision == before)
		peer_error(e->conn, "FORBIDDEN", "The dojo does not run.", e->request);
	else
		return false;
	return true;
}

void
room_do_edit(struct room *r, struct edit *e)
{
	bool is_done = false;

	for (int i = 0; i < TRIES && !is_done; i++) {
		void *mem = talloc_new(e);

		is_done = try_edit(r, e, mem);
		talloc_free(mem);
	}
	if (!is_done)
		peer_error(e->conn, "CONFLICT", "Too much was written at once; send it again.", e->request);
	e->member->edits--;
	peer_drop(e->conn);
	talloc_free(e);
}

static int
edit_drop(struct edit *e)
{
	json_object_put(e->ops);
	return 0;
}

void
room_edit(struct member *m, struct json_object *frame)
{
	struct room *r = m->room;
	struct edit *e = mem_new(r, struct edit);
	struct json_object *v, *ops;
	const char *content = frame_text(frame, "content"), *request = frame_text(frame, "requestId");
	struct buf b;

	if (!json_object_object_get_ex(frame, "baseRevision", &v) || !json_object_is_type(v, json_type_int) ||
	    (content == NULL && !json_object_object_get_ex(frame, "ops", &ops)) || (request != NULL && strlen(request) > 64)) {
		peer_error(m->conn, "VALIDATION_ERROR", "An edit has a baseRevision, and content or ops.", request);
		talloc_free(e);
		return;
	}
	e->conn = m->conn;
	e->member = m;
	m->edits++;
	peer_hold(e->conn);
	e->base = json_object_get_int(v);
	e->request = mem_strdup(e, request);
	e->content = mem_strdup(e, content);
	if (content == NULL) {
		e->ops = json_object_get(ops);
		talloc_set_destructor(e, edit_drop);
	}
	buf_init(&b, e, 64);
	buf_printf(&b, ",\"connectionId\":\"%s\"", m->conn->id);
	for (const char *const *name = (const char *const[]){ "position", "selection", NULL }; *name != NULL; name++)
		if (json_object_object_get_ex(frame, *name, &v) && b.length < 400) {
			buf_json_key(&b, *name);
			buf_add_str(&b, json_object_to_json_string_ext(v, JSON_C_TO_STRING_PLAIN));
		}
	e->extras = b.length < 1000 ? buf_cstr(&b) : "";
	*r->last = e;
	r->last = &e->next;
	room_work(r);
	while (m->edits >= EDITS_WAITING && m->conn->wsi != NULL)
		gate_wait(&r->worked, CALL_MS);
}
