/*
 * db/plan.c - a query's columns, looked at once: of which kind, and which JSON stands before each value.
 *
 * Names are paths. Going from one column to the next closes the objects that the next path does not share and opens
 * those that are new. What is opened is a literal known before the first row; how much is to be closed depends on
 * whether the object before was null.
 */
#include "db/internal.h"
#include "lib/buf.h"
#include "lib/mem.h"

#define DEPTH_MAX 8

static const struct {
	Oid type;
	enum column_kind kind;
} kinds[] = {
	{ 16, COL_BOOL }, { 21, COL_INT2 }, { 23, COL_INT4 }, { 20, COL_INT8 }, { 700, COL_FLOAT4 }, { 701, COL_FLOAT8 },
	{ 25, COL_TEXT }, { 1043, COL_TEXT }, { 1042, COL_TEXT }, { 19, COL_TEXT }, { 2950, COL_UUID }, { 1184, COL_TIME },
	{ 1082, COL_DATE }, { 114, COL_JSON }, { 3802, COL_JSONB }, { 1009, COL_TEXT_ARRAY }, { 1015, COL_TEXT_ARRAY },
	{ 2951, COL_UUID_ARRAY }, { 1007, COL_INT4_ARRAY }, { 1016, COL_INT8_ARRAY }, { 17, COL_BYTES },
};

enum column_kind
column_kind(Oid type)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].type == type)
			return kinds[i].kind;
	}
	return COL_UNKNOWN;
}

/* The objects around a value, outermost first, and its key. */
struct path {
	int depth; /* objects */
	char *keys[DEPTH_MAX + 1];
	bool nullable[DEPTH_MAX + 1];
};

static bool
path_split(void *mem, const char *name, struct path *path)
{
	char *rest = mem_strdup(mem, name), *dot;

	path->depth = 0;
	for (;;) {
		size_t n;

		dot = strchr(rest, '.');
		if (dot != NULL)
			*dot = '\0';
		n = strlen(rest);
		path->nullable[path->depth] = n > 1 && rest[n - 1] == '?';
		if (path->nullable[path->depth])
			rest[n - 1] = '\0';
		path->keys[path->depth] = rest;
		if (*rest == '\0' || (dot == NULL && path->nullable[path->depth]))
			return false;
		if (dot == NULL)
			return true;
		if (++path->depth > DEPTH_MAX)
			return false;
		rest = dot + 1;
	}
}

/* How many objects both are in. */
static int
shared_depth(const struct path *a, const struct path *b)
{
	int i = 0;

	while (i < a->depth && i < b->depth && strcmp(a->keys[i], b->keys[i]) == 0)
		i++;
	return i;
}

/* What opens the objects from `shared` to `depth`, and the key there. */
static void
write_way(struct buf *b, bool is_first, int shared, const struct path *path, int depth)
{
	buf_add_char(b, is_first ? '{' : ',');
	for (int i = shared; i < depth; i++) {
		buf_json_text(b, path->keys[i], strlen(path->keys[i]));
		buf_add_literal(b, ":{");
	}
	buf_json_text(b, path->keys[depth], strlen(path->keys[depth]));
	buf_add_char(b, ':');
}

static const char *
text_of(struct buf *b, size_t *length)
{
	*length = b->length;
	return buf_cstr(b);
}

struct maker {
	struct plan *plan;
	struct path *paths;
	const char *why;
};

static bool
read_names(struct maker *m, const PGresult *result)
{
	for (int i = 0; i < m->plan->count; i++) {
		struct plan_column *c = &m->plan->columns[i];
		char *name = mem_strdup(m->plan, PQfname(result, i)), *colon = strrchr(name, ':'), *to = name;

		c->is_media = colon != NULL && strcmp(colon, ":media") == 0;
		if (c->is_media)
			*colon = '\0';
		c->is_hidden = *name == '_';
		c->type = PQftype(result, i);
		c->kind = column_kind(c->type);
		if (!c->is_hidden && !path_split(m->plan, name, &m->paths[i])) {
			m->why = mem_printf(m->plan, "column name %s", name);
			return false;
		}
		if (!c->is_hidden && (c->kind == COL_UNKNOWN || (c->is_media && c->kind != COL_TEXT))) {
			m->why = mem_printf(m->plan, "column %s has a type (%u) that is not written as JSON", name, c->type);
			return false;
		}
		for (const char *from = name; *from != '\0'; from++) {
			if (*from != '?')
				*to++ = *from;
		}
		*to = '\0';
		c->name = name;
	}
	return true;
}

static int
next_visible(const struct plan *p, int i)
{
	do
		i++;
	while (i < p->count && p->columns[i].is_hidden);
	return i;
}

/* A key must come once, and what lies between two columns of an object must be in it too. */
static bool
check_stretches(struct maker *m)
{
	const struct plan *p = m->plan;

	for (int i = next_visible(p, -1); i < p->count; i = next_visible(p, i)) {
		int least = DEPTH_MAX;

		for (int j = next_visible(p, i); j < p->count; j = next_visible(p, j)) {
			int shared = shared_depth(&m->paths[i], &m->paths[j]);

			if (shared > least || strcmp(m->paths[i].keys[shared], m->paths[j].keys[shared]) == 0) {
				m->why = mem_printf(p, "columns %s and %s: the same key twice, or an object in two places",
				    p->columns[i].name, p->columns[j].name);
				return false;
			}
			least = shared < least ? shared : least;
		}
	}
	return true;
}

/* For the first column of a nullable object, the one that `opened` objects are around. */
static void
make_null_way(struct maker *m, int i, bool is_first, int opened)
{
	struct plan_column *c = &m->plan->columns[i];
	struct buf b;

	buf_init(&b, m->plan, 64);
	write_way(&b, is_first, c->shared, &m->paths[i], opened);
	buf_add_literal(&b, "null");
	c->null_text = text_of(&b, &c->null_length);
	c->null_depth = opened;
	c->null_next = i;
	do
		c->null_next = next_visible(m->plan, c->null_next);
	while (c->null_next < m->plan->count && shared_depth(&m->paths[i], &m->paths[c->null_next]) > opened);
}

static void
make_prefixes(struct maker *m)
{
	int previous = -1;
	struct buf b;

	for (int i = next_visible(m->plan, -1); i < m->plan->count; i = next_visible(m->plan, i)) {
		struct plan_column *c = &m->plan->columns[i];
		struct path *path = &m->paths[i];

		c->depth = path->depth;
		c->shared = previous < 0 ? 0 : shared_depth(&m->paths[previous], path);
		buf_init(&b, m->plan, 64);
		write_way(&b, previous < 0, c->shared, path, path->depth);
		c->prefix = text_of(&b, &c->prefix_length);
		for (int d = c->shared; d < path->depth; d++) {
			if (path->nullable[d]) {
				make_null_way(m, i, previous < 0, d);
				break;
			}
		}
		previous = i;
	}
}

struct plan *
plan_make(void *context, const PGresult *result, const char **why)
{
	int count = PQnfields(result);
	struct plan *p = mem_checked(talloc_zero_size(context, sizeof(*p) + (size_t)count * sizeof(p->columns[0])));
	struct maker m = { .plan = p, .paths = mem_array(p, struct path, (unsigned)count + 1) };

	p->count = count;
	if (!read_names(&m, result) || !check_stretches(&m)) {
		*why = m.why; /* what it says stays with context */
		return NULL;
	}
	make_prefixes(&m);
	talloc_free(m.paths);
	return p;
}

/* The one state of this process: plans live as long as it does. */
static const struct plan *plans[QUERY_COUNT];

static bool
plan_fits(const struct plan *p, const PGresult *result)
{
	if (p->count != PQnfields(result))
		return false;
	for (int i = 0; i < p->count; i++) {
		if (p->columns[i].type != PQftype(result, i))
			return false;
	}
	return true;
}

const struct plan *
plan_of(enum query_id q, const PGresult *result, const char **why)
{
	const struct plan *p = plans[q];

	if (p != NULL && plan_fits(p, result))
		return p;
	p = plan_make(NULL, result, why); /* one that is replaced stays: results may still point to it */
	if (p != NULL)
		plans[q] = p;
	return p;
}
