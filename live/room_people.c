/* live/room_people.c - who is in a dojo, and as what. */
#include <string.h>

#include "live/room.h"

static bool
is_online(const char *user, const char **users, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(users[i], user) == 0)
			return true;
	return false;
}

static void
write_people(struct buf *b, const struct db_result *rows, const char **online, size_t count)
{
	buf_add_literal(b, "{\"type\":\"PARTICIPANT_LIST\",\"participants\":[");
	for (int i = 0; i < db_rows(rows); i++) {
		buf_add_str(b, i > 0 ? ",{" : "{");
		db_write_members(b, rows, i);
		buf_printf(b, ",\"isOnline\":%s}", is_online(db_text(rows, i, "userId"), online, count) ? "true" : "false");
	}
	buf_add_literal(b, "]}");
}

static bool
is_one_of(struct uuid user, const struct uuid *people, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (uuid_equal(&people[i], &user))
			return true;
	return false;
}

/* Of those who were asked for: who is in it no more is closed; an observer who takes part now may write, and the other way round. */
static void
give_roles(struct room *r, const struct db_result *rows, const struct uuid *asked, size_t count)
{
	for (struct member *m = r->members; m != NULL; m = m->next) {
		const char *role = NULL;
		bool is_there = true;

		if (!is_one_of(m->conn->who.user, asked, count))
			continue;
		for (int i = 0; i < db_rows(rows) && role == NULL; i++) {
			struct uuid user = db_uuid(rows, i, "user_id");

			if (!uuid_equal(&user, &m->conn->who.user))
				continue;
			role = db_text(rows, i, "role");
			is_there = db_bool(rows, i, "is_there");
		}
		if (!is_there)
			peer_close(m->conn, CLOSE_NOT_FOUND, "The dojo is no more.");
		else if (role == NULL)
			peer_close(m->conn, CLOSE_FORBIDDEN, "You are not in this dojo any more.");
		else
			m->may_write = strcmp(role, "OBSERVER") != 0 && m->conn->who.role != ROLE_SUSPENDED;
	}
}

void
room_send_people(struct room *r)
{
	void *mem = talloc_new(r);
	struct db_session db;
	struct db_result *rows;
	const char **online = NULL;
	struct uuid *here;
	size_t count = 0, here_count = 0;
	struct buf b;

	for (struct member *m = r->members; m != NULL; m = m->next)
		here_count++;
	here = mem_array(mem, struct uuid, here_count + 1);
	here_count = 0;
	for (struct member *m = r->members; m != NULL; m = m->next)
		here[here_count++] = m->conn->who.user;
	db_session_init(&db, r->live->db, mem, r->tenant, now_ms() + CALL_MS);
	if (db_query(&db, &rows, Q_LIVE_DOJO_ROLES, uuid_param(r->id), uuid_array_param(here, here_count)) == 0)
		give_roles(r, rows, here, here_count);
	presence_list(r->live, mem, r->tenant, r->channel, &online, &count);
	if (db_query(&db, &rows, Q_LIVE_DOJO_PEOPLE, uuid_param(r->id)) == 0) {
		buf_init(&b, mem, 1000);
		write_people(&b, rows, online, count);
		room_send(r, b.data, b.length);
	}
	db_session_end(&db);
	talloc_free(mem);
}
