/*
 * db/share.c - reads that the server sees once, of one turn of the loop or while it works on those before: the same read, and
 * a read of one thing by its id beside others of its kind (`-- many: id` in its text). Nothing of an open batch has left yet,
 * so the shared answer is as fresh as one's own. When a statement for many fails, each asks again, alone (was_skipped).
 */
#include "db/internal.h"
#include "lib/counter.h"
#include "lib/mem.h"

#define MANY_MAX 64 /* ids in one statement */
#define SHORT_US 1000 /* who takes longer had better be asked beside the others */
#define IS_NULL 0xff
#define IS_BINARY 0x80

void
answer_free(struct answer *a)
{
	if (a->holders == NULL || --*a->holders == 0) {
		PQclear(a->pg);
		free(a->holders);
	}
	*a = (struct answer){ 0 };
}

/* --- what is compared --- */

static bool
take_id(struct share_key *key, const struct encoded *e, int i)
{
	if (e->values[i] == NULL)
		return false;
	if (e->formats[i] == 1)
		memcpy(key->id.b, e->values[i], sizeof(key->id.b));
	else if (!uuid_parse(e->values[i], strlen(e->values[i]), &key->id))
		return false;
	key->has_id = true;
	return true;
}

/* Of each parameter: its length or that it is null, its bytes, a nought. */
void
share_key_make(struct share_key *key, enum query_id q, const struct encoded *e)
{
	const struct query_info *info = &query_table[q];
	size_t n = 0;

	key->length = 0;
	key->has_id = false;
	key->params[n++] = (uint8_t)info->param_count;
	for (int i = 0; i < info->param_count; i++) {
		bool is_id = i == info->many_by && take_id(key, e, i);
		const char *value = is_id ? NULL : e->values[i];
		size_t length = value == NULL ? 0 : e->formats[i] == 1 ? (size_t)e->lengths[i] : strlen(value);

		if (length >= sizeof(key->params) || n + length + 2 > sizeof(key->params))
			return;
		key->params[n++] = value == NULL ? IS_NULL : (uint8_t)(length | (e->formats[i] == 1 ? IS_BINARY : 0));
		if (length > 0)
			memcpy(key->params + n, value, length);
		n += length;
		key->params[n++] = '\0';
	}
	key->length = (uint8_t)n;
}

/* The parameters again. They point into the key. */
static void
share_key_read(const struct share_key *key, struct encoded *e)
{
	size_t n = 1;

	for (int i = 0; i < key->params[0]; i++) {
		uint8_t tag = key->params[n++];

		e->values[i] = tag == IS_NULL ? NULL : (const char *)key->params + n;
		e->lengths[i] = tag == IS_NULL ? 0 : tag & 0x7f;
		e->formats[i] = tag != IS_NULL && (tag & IS_BINARY) != 0;
		n += (size_t)e->lengths[i] + 1;
	}
}

static bool
is_same(const struct share_key *a, const struct share_key *b)
{
	return a->length == b->length && memcmp(a->params, b->params, a->length) == 0;
}

/* --- joining --- */

static struct db_op *
twin_of(struct db_op *op, const struct share_key *key)
{
	struct db_op *twin = op_new(op->query, op->variant);

	twin->key = *key;
	twin->next = op->twins;
	op->twins = twin;
	counter_add(COUNTER_db_shared_total, 1);
	return twin;
}

static struct db_op *
join_same(struct db_conn *c, int variant, const struct share_key *key)
{
	struct db_op *op = c->batch_first;

	while (op != NULL && (op->variant != variant || !is_same(&op->key, key)))
		op = op->next;
	return op != NULL ? twin_of(op, key) : NULL;
}

static struct db_op *
join_many(struct db_conn *c, enum query_id q, const struct share_key *key)
{
	struct db_op *op = c->gathering;

	c->gathered++;
	while (op != NULL && (op->ids == MANY_MAX || !is_same(&op->key, key)))
		op = op->next;
	if (op != NULL) {
		op->ids++;
		return twin_of(op, key);
	}
	op = op_new(q, 0);
	op->key = *key;
	op->ids = 1;
	op->next = c->gathering;
	c->gathering = op;
	return op;
}

struct db_op *
share_join(struct db_conn *c, enum query_id q, int variant, const struct share_key *key)
{
	if (key->length == 0)
		return NULL;
	return key->has_id ? join_many(c, q, key) : join_same(c, variant, key);
}

bool
share_is_place(const struct db_conn *c, enum query_id q)
{
	if (c->has_open_batch)
		return c->batch_query == q && c->batch_count + c->gathered < MANY_MAX;
	return c->pending > 0 && c->first->query == q && query_table[q].is_read && c->db->mean_us[q] < SHORT_US;
}

/* --- sending --- */

#define IDS_TEXT (MANY_MAX * UUID_TEXT + 2)

/* {id,id,...} */
static const char *
ids_of(const struct db_op *op, char text[IDS_TEXT])
{
	char *p = text;

	*p++ = '{';
	uuid_text(&op->key.id, p);
	p += UUID_TEXT - 1;
	for (const struct db_op *twin = op->twins; twin != NULL; twin = twin->next) {
		*p++ = ',';
		uuid_text(&twin->key.id, p);
		p += UUID_TEXT - 1;
	}
	memcpy(p, "}", 2);
	return text;
}

static void
send_gathered(struct db_conn *c, struct db_op *op)
{
	int by = query_table[op->query].many_by;
	char ids[IDS_TEXT];
	struct encoded e;

	share_key_read(&op->key, &e);
	op->is_many = op->twins != NULL;
	op->variant = op->is_many;
	e.values[by] = op->is_many ? ids_of(op, ids) : (const char *)op->key.id.b;
	e.lengths[by] = op->is_many ? 0 : (int)sizeof(op->key.id.b);
	e.formats[by] = !op->is_many;
	pipeline_send(c, op, &e, true);
}

void
share_send(struct db_conn *c)
{
	struct db_op *op = c->gathering, *next;

	c->gathering = NULL;
	c->gathered = 0;
	for (; op != NULL; op = next) {
		next = op->next;
		op->next = NULL;
		send_gathered(c, op);
	}
}

/* --- handing out --- */

/* The row of an operation's own id. */
static void
take_part(struct db_op *op)
{
	int rows = PQntuples(op->answer.pg), row = 0;

	while (row < rows && memcmp(PQgetvalue(op->answer.pg, row, 0), op->key.id.b, sizeof(op->key.id.b)) != 0)
		row++;
	op->answer.first = row;
	op->answer.count = row < rows;
}

void
share_hand_out(struct db_op *op)
{
	struct db_op *next;
	bool is_part = op->is_many && op->answer.pg != NULL && !op->has_failed;

	op->was_skipped |= op->is_many && op->has_failed;
	if (op->twins != NULL && op->answer.pg != NULL) {
		op->answer.holders = mem_checked(malloc(sizeof(int)));
		*op->answer.holders = 1;
	}
	for (struct db_op *twin = op->twins; twin != NULL; twin = next) {
		next = twin->next;
		twin->error = op->error;
		twin->has_failed = op->has_failed;
		twin->was_skipped = op->was_skipped;
		twin->answer = op->answer;
		if (twin->answer.holders != NULL)
			++*twin->answer.holders;
		if (is_part)
			take_part(twin);
		op_hand_out(twin);
	}
	op->twins = NULL;
	if (is_part)
		take_part(op);
}
