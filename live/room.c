/*
 * live/room.c - a dojo, as long as a socket here is in it: what its sockets hear, who is there, what the database keeps of its text.
 * One fiber of the room does all that waits, one thing after the other; sockets only hear what came of it. room_edit.c is what an
 * edit goes through, room_people.c who is there.
 */
#include <string.h>

#include "lib/fiber.h"
#include "lib/json.h"
#include "lib/log.h"
#include "live/room.h"

#define SAVE_EVERY 25 /* revisions */
#define SNAPSHOT_EVERY 50
#define TURN_US 4000 /* of one room: then the other sockets are looked at */
#define READ_AT_ONCE 2000 /* operations, as the query has it */

static struct room *rooms;

static void work(void *arg);

void
room_work(struct room *r)
{
	if (r->is_working)
		return;
	r->is_working = true;
	if (fiber_spawn(work, r) == NULL)
		r->is_working = false;
}

void
room_breathe(struct room *r)
{
	int64_t now_us = (int64_t)(uv_hrtime() / 1000);

	if (now_us - r->turn_us < TURN_US)
		return;
	wait_sleep(0);
	r->turn_us = (int64_t)(uv_hrtime() / 1000);
}

void
room_sync(struct room *r)
{
	r->wants_sync = true;
	room_work(r);
}

void
room_people(struct room *r)
{
	r->wants_people = true;
	room_work(r);
}

void
room_send(struct room *r, const char *text, size_t length)
{
	struct message *m = message_new(text, length);

	for (struct member *k = r->members; k != NULL; k = k->next)
		peer_send_message(k->conn, m);
	message_drop(m);
}

/* --- hearing --- */

/* What another daemon wrote, when it is the next one; else the database is asked. */
static void
hear_update(struct room *r, const char *frame, size_t length)
{
	void *mem = talloc_new(r);
	struct json_object *json, *revision, *ops;
	const char *why;
	struct ot op;

	if (json_parse(mem, frame, length, &json, &why) == 0 && json_object_object_get_ex(json, "revision", &revision) &&
	    json_object_object_get_ex(json, "ops", &ops) && json_object_get_int(revision) > r->revision) {
		if (json_object_get_int(revision) == r->revision + 1 && !r->is_working && ot_read(mem, ops, &op) == OT_OK && room_apply(r, &op))
			room_send(r, frame, length);
		else
			room_sync(r);
	}
	talloc_free(mem);
}

static bool
begins(const char *text, size_t length, const char *with)
{
	return length >= strlen(with) && memcmp(text, with, strlen(with)) == 0;
}

static void
hear_event(struct room *r, const char *body, size_t length)
{
	void *mem = talloc_new(r);
	struct json_object *json, *data, *status;
	const char *why, *event;

	if (json_parse(mem, body, length, &json, &why) != 0 || (event = frame_text(json, "event")) == NULL || !json_object_object_get_ex(json, "data", &data)) {
		talloc_free(mem);
		return;
	}
	if (strcmp(event, "PEOPLE_CHANGED") == 0) {
		room_people(r);
	} else {
		const char *frame;

		json_object_object_add(data, "type", json_object_new_string(event));
		frame = json_object_to_json_string_ext(data, JSON_C_TO_STRING_PLAIN);
		room_send(r, frame, strlen(frame));
		if (strcmp(event, "DOJO_STATUS") == 0 && json_object_object_get_ex(data, "status", &status) &&
		    strcmp(json_object_get_string(status), "CANCELLED") == 0)
			for (struct member *m = r->members; m != NULL; m = m->next)
				peer_close(m->conn, CLOSE_NOT_FOUND, "The dojo is no more.");
	}
	talloc_free(mem);
}

/* Frames travel as they are; what comes from the database is an event. */
static void
heard(struct listener *self, const char *id, const char *body, size_t length)
{
	struct room *r = (struct room *)self;

	(void)id;
	if (!r->is_loaded) /* it may be what the database was not asked for any more */
		r->wants_sync = true;
	else if (begins(body, length, "{\"type\":\"CODE_UPDATE\""))
		hear_update(r, body, length);
	else if (begins(body, length, "{\"type\":\"PEOPLE_CHANGED\""))
		room_people(r);
	else if (begins(body, length, "{\"type\":"))
		room_send(r, body, length);
	else
		hear_event(r, body, length);
}

static void
resumed(struct listener *self, bool is_whole)
{
	struct room *r = (struct room *)self;

	(void)is_whole; /* edits are in the database, whatever Redis has forgotten */
	room_sync(r);
	room_people(r);
}

void
room_tell(struct room *r, const char *frame)
{
	hub_tell_now(r->live, r->tenant, r->channel, frame);
}

const char *
room_channel(const struct room *r)
{
	return r->channel;
}

/* --- with the database --- */

/* Some of what others wrote; how many in *count. */
static int
sync_some(struct room *r, int *count)
{
	void *mem = talloc_new(r);
	struct db_session db;
	struct db_result *rows;
	int err;

	db_session_init(&db, r->live->db, mem, r->tenant, now_ms() + CALL_MS);
	err = db_query(&db, &rows, Q_LIVE_DOJO_OPERATIONS, uuid_param(r->id), int_param(r->revision));
	for (int i = 0; err == 0 && i < db_rows(rows); i++) {
		const char *text = db_text(rows, i, "ops"), *why;
		struct uuid user = db_uuid(rows, i, "user_id");
		char user_text[UUID_TEXT];
		struct json_object *json;
		struct ot op;
		struct buf b;

		if (db_int(rows, i, "revision") != r->revision + 1)
			continue;
		if (json_parse(mem, text, strlen(text), &json, &why) != 0 || ot_read(mem, json, &op) != OT_OK || !room_apply(r, &op)) {
			log_error("dojo_operation_broken", LOG_STR("dojo", r->channel), LOG_INT("revision", r->revision + 1));
			err = ERR_INTERNAL;
			break;
		}
		buf_init(&b, mem, 300);
		room_write_update(&b, &op, r->revision, uuid_is_null(&user) ? NULL : uuid_text(&user, user_text), db_text(rows, i, "name"), db_text(rows, i, "request_id"),
		    db_time_us(rows, i, "at"), "");
		if (r->is_loaded)
			room_send(r, b.data, b.length);
		room_breathe(r);
	}
	*count = err == 0 ? db_rows(rows) : 0;
	db_session_end(&db);
	talloc_free(mem);
	return err;
}

int
room_sync_now(struct room *r)
{
	int err, count;

	do {
		err = sync_some(r, &count);
	} while (err == 0 && count == READ_AT_ONCE);
	return err;
}

static int
load(struct room *r)
{
	void *mem = talloc_new(r);
	struct db_session db;
	struct db_result *row;
	int err;

	db_session_init(&db, r->live->db, mem, r->tenant, now_ms() + CALL_MS);
	err = db_query_row(&db, &row, Q_LIVE_DOJO_TEXT, uuid_param(r->id));
	if (err == 0) {
		buf_init(&r->text, r, 4096);
		buf_add_str(&r->text, db_text(row, 0, "content"));
		r->revision = r->saved = (int)db_int(row, 0, "revision");
	}
	db_session_end(&db);
	talloc_free(mem);
	if (err == 0)
		err = room_sync_now(r);
	return err;
}

static void
save(struct room *r)
{
	void *mem = talloc_new(r);
	struct db_session db;
	bool keep = r->revision / SNAPSHOT_EVERY != r->saved / SNAPSHOT_EVERY || r->members == NULL;

	db_session_init(&db, r->live->db, mem, r->tenant, now_ms() + CALL_MS);
	if (db_exec(&db, NULL, Q_LIVE_DOJO_SAVE, uuid_param(r->id), int_param(r->revision), text_param(mem_strndup(mem, r->text.data, r->text.length)),
	        bool_param(keep)) == 0)
		r->saved = r->revision;
	db_session_end(&db);
	talloc_free(mem);
}

/* --- a room's life --- */

static void
forget(struct room *r)
{
	struct room **at = &rooms;

	while (*at != r)
		at = &(*at)->next;
	*at = r->next;
	hub_leave(r->live->hub, &r->listener);
	talloc_free(r);
}

static void
work(void *arg)
{
	struct room *r = arg;

	if (!r->is_loaded && r->err == 0) {
		r->err = load(r);
		r->is_loaded = r->err == 0;
		gate_open(&r->loaded);
	}
	while (r->is_loaded) {
		struct edit *e = r->first;

		if (r->wants_sync) {
			r->wants_sync = false;
			if (room_sync_now(r) != 0 && r->members != NULL) {
				r->wants_sync = true;
				wait_sleep(AGAIN_MS);
			}
		} else if (e != NULL) {
			r->first = e->next;
			if (r->first == NULL)
				r->last = &r->first;
			room_do_edit(r, e);
			gate_open(&r->worked);
		} else if (r->wants_people && r->members != NULL) {
			r->wants_people = false;
			room_send_people(r);
		} else if (r->revision - r->saved >= SAVE_EVERY || (r->members == NULL && r->revision > r->saved)) {
			int saved = r->saved;

			save(r);
			if (r->saved == saved) /* the database is away; the operations are there */
				break;
		} else {
			break;
		}
	}
	r->is_working = false;
	if (r->members == NULL && r->guests == 0 && r->first == NULL)
		forget(r);
}

int
room_enter(struct live *l, struct member *m, struct uuid dojo)
{
	struct room *r = rooms;
	char id[UUID_TEXT];
	int err;

	while (r != NULL && (!uuid_equal(&r->id, &dojo) || !uuid_equal(&r->tenant, &m->conn->who.tenant)))
		r = r->next;
	if (r == NULL) {
		r = mem_new(l, struct room);
		r->live = l;
		r->tenant = m->conn->who.tenant;
		r->id = dojo;
		r->last = &r->first;
		r->listener.heard = heard;
		r->listener.resumed = resumed;
		snprintf(r->channel, sizeof(r->channel), "dojo:%s", uuid_text(&dojo, id));
		r->next = rooms;
		rooms = r;
		hub_join(l->hub, &r->listener, r->tenant, r->channel);
	}
	r->guests++;
	if (!r->listener.is_begun)
		hub_begin(l->hub, &r->listener, NULL);
	room_work(r);
	while (!r->is_loaded && r->err == 0 && gate_wait(&r->loaded, CALL_MS))
		;
	r->guests--;
	m->room = r;
	if (r->is_loaded)
		return 0;
	err = r->err != 0 ? r->err : ERR_TIMEOUT;
	if (r->members == NULL && r->guests == 0 && !r->is_working)
		forget(r);
	return err;
}

void
room_listen(struct member *m)
{
	m->next = m->room->members;
	m->room->members = m;
}

void
room_leave(struct member *m)
{
	struct room *r = m->room;
	struct member **at = &r->members;

	while (*at != m)
		at = &(*at)->next;
	*at = m->next;
	if (r->is_loaded && !r->is_working) /* saves it, and forgets it when that was the last */
		room_work(r);
	else if (!r->is_working && r->members == NULL && r->guests == 0)
		forget(r);
}
