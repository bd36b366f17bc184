/* handlers/api_keys.c - keys of services: shown once, kept as a hash, good for the scopes that they name. */
#include <string.h>

#include "handlers/accounts.h"

#define KEY_PREFIX "atl_"
#define HINT_LENGTH 4

struct api_key_new {
	const char *name, *password;
	const char *expires_at;
	struct text_list scopes;
};

static const struct field api_key_new_fields[] = {
	FIELD(struct api_key_new, name, .required = true, .min = 1, .max = 100),
	FIELD(struct api_key_new, password, .required = true, .max = 1024),
	FIELD(struct api_key_new, scopes, .required = true, .min = 1, .max_items = 32, .max_each = 64),
	FIELD(struct api_key_new, expires_at, .format = FORMAT_TIME),
	FIELD_END
};

/* read: every GET; write: everything the account may, but for its own security; else the name of one permission. */
static bool
is_scope(const char *name)
{
	if (strcmp(name, "read") == 0 || strcmp(name, "write") == 0)
		return true;
	for (int p = SIGNED_IN + 1; p < PERMISSION_COUNT; p++)
		if (strcmp(permission_name(p), name) == 0)
			return true;
	return false;
}

static int
api_key_create(struct request *rq)
{
	const struct api_key_new *in = rq->body;
	char secret[SECRET_TEXT];
	const char *key;
	uint8_t hash[SECRET_HASH];
	struct uuid id = uuid_new();
	struct db_result *r;
	struct buf *b;
	int err = password_confirm(rq, in->password);

	for (size_t i = 0; i < in->scopes.count; i++)
		if (!is_scope(in->scopes.items[i]))
			err = reply_invalid(rq, "scopes", mem_printf(rq, "has no \"%s\"", in->scopes.items[i]));
	if (err != 0)
		return err;
	secret_new(secret, hash);
	key = mem_printf(rq, KEY_PREFIX "%s", secret);
	secret_hash(key, hash);
	err = db_query_row(&rq->db, &r, Q_API_KEY_INSERT, uuid_param(id), uuid_param(rq->user.id),
	    text_param(in->name), bytes_param(hash, sizeof(hash)), text_param(key + strlen(key) - HINT_LENGTH),
	    text_array_param(in->scopes.items, in->scopes.count),
	    text_param(in->expires_at));
	if (err == 0)
		err = audit(rq, "api_key.created", "api_key", id, NULL, NULL);
	if (err != 0)
		return err;
	b = reply_data(rq, 201);
	buf_add_literal(b, "{\"key\":");
	buf_json_str(b, key);
	buf_add_char(b, ',');
	db_write_members(b, r, 0);
	buf_add_char(b, '}');
	return 0;
}

static int
api_key_list(struct request *rq)
{
	return reply_list(rq, Q_API_KEY_LIST, uuid_param(rq->user.id));
}

static int
api_key_revoke(struct request *rq)
{
	struct uuid id = path_uuid(rq, "id");
	int64_t revoked = 0;
	int err = db_exec(&rq->db, &revoked, Q_API_KEY_REVOKE, uuid_param(id), uuid_param(rq->user.id));

	if (err == 0 && revoked == 0)
		return ERR_NOT_FOUND;
	if (err == 0)
		err = audit(rq, "api_key.revoked", "api_key", id, NULL, NULL);
	return err != 0 ? err : reply_empty(rq, 204);
}

const struct route api_keys_routes[] = {
	{ POST, "/auth/api-keys", SIGNED_IN, .rate = RATE_LOGIN, .body = SCHEMA(api_key_new), .transaction = true,
	  .blocks = true, .run = api_key_create, .doc = "A key for a service, shown this once." },
	{ GET, "/auth/api-keys", SIGNED_IN, .run = api_key_list, .doc = "The caller's keys, without the keys themselves." },
	{ DELETE, "/auth/api-keys/{id:uuid}", SIGNED_IN, .transaction = true, .run = api_key_revoke, .doc = "End a key." },
	ROUTE_END
};
