/* handlers/dojos.c - dojos: some people write one program together. Their sockets are live/dojo.c. */
#include <ctype.h>
#include <string.h>

#include "fcgi/answer.h"
#include "fcgi/app.h"
#include "lib/random.h"
#include "lib/sign.h"

struct dojo_new {
	const char *name, *description, *language, *scheduled_start_time, *initial_code;
	int64_t max_participants;
	bool is_private;
};

static const struct field dojo_new_fields[] = {
	FIELD(struct dojo_new, name, .required = true, .min = 1, .max = 100),
	FIELD(struct dojo_new, description, .max = 5000),
	FIELD(struct dojo_new, language, .required = true, .min = 1, .max = 50, .doc = "What code is run as where nothing else is said: python, javascript, c, bash, ruby, lua."),
	FIELD(struct dojo_new, max_participants, .min = 1, .max = 200, .dflt = "20", .doc = "Observers do not count."),
	FIELD(struct dojo_new, scheduled_start_time, .format = FORMAT_TIME, .doc = "Left out: it begins at once."),
	FIELD(struct dojo_new, is_private, .dflt = "false", .doc = "Only who has the join code finds it."),
	FIELD(struct dojo_new, initial_code, .max = 100000),
	FIELD_END
};

struct dojo_patch {
	const char *name, *description, *scheduled_start_time;
	int64_t max_participants;
	bool is_private, has_max_participants, has_is_private;
};

static const struct field dojo_patch_fields[] = {
	FIELD(struct dojo_patch, name, .min = 1, .max = 100),
	FIELD(struct dojo_patch, description, .max = 5000),
	FIELD(struct dojo_patch, max_participants, GIVEN(struct dojo_patch, has_max_participants), .min = 1, .max = 200),
	FIELD(struct dojo_patch, scheduled_start_time, .format = FORMAT_TIME),
	FIELD(struct dojo_patch, is_private, GIVEN(struct dojo_patch, has_is_private)),
	FIELD_END
};

struct dojo_filter {
	const char *status, *language, *mine;
};

static const struct field dojo_filter_fields[] = {
	FIELD(struct dojo_filter, status, .one_of = "SCHEDULED|ACTIVE|COMPLETED|CANCELLED"),
	FIELD(struct dojo_filter, language, .max = 50),
	FIELD(struct dojo_filter, mine, .one_of = "true|false", .doc = "Those that the caller is in."),
	FIELD_END
};

struct dojo_join {
	const char *role, *join_code;
};

static const struct field dojo_join_fields[] = {
	FIELD(struct dojo_join, role, .one_of = "PARTICIPANT|OBSERVER", .dflt = "PARTICIPANT"),
	FIELD(struct dojo_join, join_code, .max = 20, .doc = "Of a private dojo."),
	FIELD_END
};

struct dojo_invite {
	struct uuid_list user_ids;
};

static const struct field dojo_invite_fields[] = {
	FIELD(struct dojo_invite, user_ids, .required = true, .min_items = 1, .max_items = 100),
	FIELD_END
};

struct dojo_replay {
	int64_t from;
};

static const struct field dojo_replay_fields[] = {
	FIELD(struct dojo_replay, from, .min = 0, .max = 1e9, .dflt = "0", .doc = "The revision behind which to begin."),
	FIELD_END
};

struct run_ask {
	const char *code, *language, *input;
};

static const struct field run_ask_fields[] = {
	FIELD(struct run_ask, code, .required = true, .max = 200000),
	FIELD(struct run_ask, language, .min = 1, .max = 50, .doc = "Left out: the dojo's."),
	FIELD(struct run_ask, input, .max = 100000, .doc = "What the program reads."),
	FIELD_END
};

/* --- join codes: told once, kept as what the server's secret makes of them --- */

#define CODE_LENGTH 8

/* Eight letters and digits that cannot be mistaken for each other. */
static const char *
code_new(struct request *rq)
{
	static const char letters[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
	char *code = mem_size(rq, CODE_LENGTH + 1);

	random_bytes(code, CODE_LENGTH);
	for (int i = 0; i < CODE_LENGTH; i++)
		code[i] = letters[(unsigned char)code[i] % 32];
	code[CODE_LENGTH] = '\0';
	return code;
}

/* However it was typed. NULL for none. */
static const char *
code_hash(struct request *rq, const char *code)
{
	char signature[SIGNATURE_SIZE], *upper;

	if (code == NULL)
		return NULL;
	upper = mem_strdup(rq, code);
	for (char *p = upper; *p != '\0'; p++)
		*p = (char)toupper((unsigned char)*p);
	text_sign(rq->app->signer, "dojo-code", mem_printf(rq, "%s %s", rq->tenant->id_text, upper), signature);
	return mem_strdup(rq, signature);
}

static int
dojo_create(struct request *rq)
{
	const struct dojo_new *in = rq->body;
	const char *code = code_new(rq);

	return reply_query(rq, 201, Q_DOJO_INSERT, uuid_param(rq->user.id), text_param(in->name), text_param(in->description), text_param(in->language),
	    int_param(in->max_participants), text_param(in->scheduled_start_time), bool_param(in->is_private), text_param(in->initial_code), text_param(code),
	    text_param(code_hash(rq, code)));
}

static int
dojo_code_renew(struct request *rq)
{
	const char *code = code_new(rq);

	return reply_query(rq, 200, Q_DOJO_CODE, uuid_param(path_uuid(rq, "id")), uuid_param(rq->user.id), text_param(code), text_param(code_hash(rq, code)));
}

/* What dojo_join() said, and the dojo when it went well. */
static int
joined(struct request *rq, struct param id, const char *role, const char *code)
{
	struct param me = uuid_param(rq->user.id);
	struct db_result *r;
	const char *word;
	int err = db_query_row(&rq->db, &r, Q_DOJO_JOIN, id, me, text_param(role), text_param(code_hash(rq, code)));

	if (err != 0)
		return err;
	word = db_text(r, 0, "word");
	if (strcmp(word, "none") == 0)
		return ERR_NOT_FOUND;
	if (strcmp(word, "code") == 0)
		return reply_error(rq, ERR_FORBIDDEN, "This is not the join code.");
	if (strcmp(word, "full") == 0)
		return reply_error(rq, ERR_CONFLICT, "The dojo is full.");
	if (strcmp(word, "over") == 0)
		return reply_error(rq, ERR_CONFLICT, "The dojo is over.");
	return reply_query(rq, 200, Q_DOJO_BY_ID, id, me);
}

static int
dojo_join(struct request *rq)
{
	const struct dojo_join *in = rq->body;

	return joined(rq, uuid_param(path_uuid(rq, "id")), in->role, in->join_code);
}

/* Whoever has the code need not know the dojo's id. */
static int
dojo_join_by_code(struct request *rq)
{
	const struct dojo_join *in = rq->body;
	struct db_result *r;
	int err;

	if (in->join_code == NULL)
		return reply_invalid(rq, "joinCode", "is required");
	err = db_query_row(&rq->db, &r, Q_DOJO_BY_CODE, text_param(code_hash(rq, in->join_code)));
	return err != 0 ? err : joined(rq, uuid_param(db_uuid(r, 0, "id")), in->role, in->join_code);
}

static int
dojo_seen(struct request *rq)
{
	struct db_result *r;

	return db_query_row(&rq->db, &r, Q_DOJO_BY_ID, uuid_param(path_uuid(rq, "id")), uuid_or_null_param(&rq->user.id));
}

/* Of a dojo that one may not know of there is no list, not an empty one. */
static int
dojo_part(struct request *rq)
{
	int err = dojo_seen(rq);

	return err != 0 ? err : answer_query(rq);
}

static int
dojo_end(struct request *rq)
{
	return reply_query(rq, 200, Q_DOJO_END, uuid_param(path_uuid(rq, "id")), uuid_param(rq->user.id), text_param(rq->trace_parent));
}

static int
dojo_invite(struct request *rq)
{
	const struct dojo_invite *in = rq->body;

	return reply_query(rq, 200, Q_DOJO_INVITE, uuid_param(path_uuid(rq, "id")), uuid_param(rq->user.id), uuid_array_param(in->user_ids.items, in->user_ids.count));
}

static int
dojo_execute(struct request *rq)
{
	const struct run_ask *in = rq->body;
	struct param id = uuid_param(path_uuid(rq, "id")), me = uuid_param(rq->user.id);
	struct db_result *r;
	const char *word;
	int err = dojo_seen(rq);

	if (err == 0)
		err = db_query_row(&rq->db, &r, Q_DOJO_EXECUTE, id, me, text_param(in->language), text_param(in->code), text_param(in->input), text_param(rq->trace_parent));
	if (err != 0)
		return err;
	word = db_text(r, 0, "word");
	if (strcmp(word, "absent") == 0)
		return reply_error(rq, ERR_FORBIDDEN, "Join the dojo first.");
	if (strcmp(word, "observer") == 0)
		return reply_error(rq, ERR_FORBIDDEN, "Observers only read.");
	if (strcmp(word, "over") == 0)
		return reply_error(rq, ERR_CONFLICT, "The dojo does not run.");
	if (strcmp(word, "busy") == 0)
		return reply_error(rq, ERR_RATE_LIMITED, "Your earlier programs come first.");
	return reply_query(rq, 202, Q_DOJO_RUN, id, uuid_param(db_uuid(r, 0, "run")), me);
}

#define DOJO SIGNED_IN, .module = MODULE_POCS

const struct route dojos_routes[] = {
	{ POST, "/dojos", DOJO, .idempotent = true, .transaction = true, .body = SCHEMA(dojo_new), .status = 201, .run = dojo_create, .doc = "Open a dojo. Its join code is told now and never again." },
	{ GET, "/dojos", DOJO, .query_string = SCHEMA(dojo_filter), .query = Q_DOJO_LIST, .answer = ANSWER_CURSOR, .doc = "Dojos that one may see, newest first." },
	{ GET, "/dojos/{id:uuid}", DOJO, .query = Q_DOJO_BY_ID, .doc = "One dojo." },
	{ PATCH, "/dojos/{id:uuid}", DOJO, .body = SCHEMA(dojo_patch), .query = Q_DOJO_UPDATE, .status = 200, .doc = "Change some fields of one's own." },
	{ DELETE, "/dojos/{id:uuid}", DOJO, .query = Q_DOJO_DELETE, .answer = ANSWER_NONE, .doc = "Put one's own away." },
	{ POST, "/dojos/join", DOJO, .rate = RATE_MESSAGE, .transaction = true, .body = SCHEMA(dojo_join), .status = 200, .run = dojo_join_by_code, .doc = "Join the dojo that has this code." },
	{ POST, "/dojos/{id:uuid}/join", DOJO, .rate = RATE_MESSAGE, .transaction = true, .body = SCHEMA(dojo_join), .status = 200, .run = dojo_join, .doc = "Become one of its people." },
	{ POST, "/dojos/{id:uuid}/leave", DOJO, .query = Q_DOJO_LEAVE, .answer = ANSWER_NONE, .doc = "Be one of them no more. Its owner ends it instead." },
	{ POST, "/dojos/{id:uuid}/start", DOJO, .query = Q_DOJO_START, .status = 200, .doc = "Begin now." },
	{ POST, "/dojos/{id:uuid}/end", DOJO, .status = 200, .run = dojo_end, .doc = "End it: it becomes a recording." },
	{ POST, "/dojos/{id:uuid}/invite", DOJO, .body = SCHEMA(dojo_invite), .status = 200, .run = dojo_invite, .doc = "Invite people: they are notified, and need no join code." },
	{ POST, "/dojos/{id:uuid}/join-code", DOJO, .status = 200, .run = dojo_code_renew, .doc = "A new join code; the one before is void." },
	{ GET, "/dojos/{id:uuid}/participants", DOJO, .query = Q_DOJO_PEOPLE, .answer = ANSWER_CURSOR, .run = dojo_part, .doc = "Who is in it, and who was." },
	{ GET, "/dojos/{id:uuid}/chat", DOJO, .query = Q_DOJO_CHAT, .answer = ANSWER_CURSOR, .run = dojo_part, .doc = "What was said, the latest first." },
	{ GET, "/dojos/{id:uuid}/snapshots", DOJO, .query = Q_DOJO_SNAPSHOTS, .answer = ANSWER_CURSOR, .run = dojo_part, .doc = "The text at some of its revisions, the latest first." },
	{ GET, "/dojos/{id:uuid}/replay", DOJO, .query_string = SCHEMA(dojo_replay), .query = Q_DOJO_REPLAY, .doc = "All that happened, operation by operation." },
	{ POST, "/dojos/{id:uuid}/execute", DOJO, .rate = RATE_MESSAGE, .body = SCHEMA(run_ask), .status = 202, .run = dojo_execute, .doc = "Run a program in the sandbox." },
	{ GET, "/dojos/{id:uuid}/runs/{run:uuid}", DOJO, .query = Q_DOJO_RUN, .doc = "What came of a run." },
	ROUTE_END
};
