/* handlers/pocs.c - proof-of-concept projects and pieces of their code. Import and export are in poc_tables.c. */
#include <string.h>

#include "fcgi/answer.h"
#include "handlers/pocs.h"

const struct field poc_new_fields[] = {
	FIELD(struct poc_new, name, .required = true, .min = 1, .max = 100),
	FIELD(struct poc_new, description, .max = 10000),
	FIELD(struct poc_new, repository_url, .max = 500, .pattern = REPOSITORY_URL, .doc = "http, https, git, ssh, or git@host:path; a web address without a name or password."),
	FIELD(struct poc_new, language, .min = 1, .max = 50),
	FIELD(struct poc_new, tags, .max_items = 20, .max_each = 50),
	FIELD(struct poc_new, frameworks, .max_items = 20, .max_each = 50),
	FIELD(struct poc_new, is_public, .dflt = "false"),
	FIELD_END
};

struct poc_patch {
	const char *name, *description, *repository_url, *language;
	struct text_list tags, frameworks;
	bool is_public, is_public_given;
};

static const struct field poc_patch_fields[] = {
	FIELD(struct poc_patch, name, .min = 1, .max = 100),
	FIELD(struct poc_patch, description, .max = 10000),
	FIELD(struct poc_patch, repository_url, .max = 500, .pattern = "^$|" REPOSITORY_URL),
	FIELD(struct poc_patch, language, .max = 50),
	FIELD(struct poc_patch, tags, .max_items = 20, .max_each = 50),
	FIELD(struct poc_patch, frameworks, .max_items = 20, .max_each = 50),
	FIELD(struct poc_patch, is_public, GIVEN(struct poc_patch, is_public_given)),
	FIELD_END
};

struct poc_filter {
	const char *search, *language, *sort_by, *sort_order, *mine;
	struct text_list tags, frameworks;
};

static const struct field poc_filter_fields[] = {
	FIELD(struct poc_filter, search, .min = 1, .max = 200, .doc = "Words of the project, or of its code."),
	FIELD(struct poc_filter, language, .max = 50),
	FIELD(struct poc_filter, tags, .max_items = 20, .max_each = 50, .doc = "All of them."),
	FIELD(struct poc_filter, frameworks, .max_items = 20, .max_each = 50, .doc = "All of them."),
	FIELD(struct poc_filter, mine, .one_of = "true|false", .dflt = "false", .doc = "Only the caller's."),
	FIELD(struct poc_filter, sort_by, .one_of = "relevance|createdAt|updatedAt|name|language", .doc = "relevance with search, else createdAt."),
	FIELD(struct poc_filter, sort_order, .one_of = "asc|desc"),
	FIELD_END
};

struct snippet_new {
	const char *title, *language, *code;
};

static const struct field snippet_new_fields[] = {
	FIELD(struct snippet_new, title, .required = true, .min = 1, .max = 200),
	FIELD(struct snippet_new, language, .max = 50),
	FIELD(struct snippet_new, code, .required = true, .min = 1, .max = 50000),
	FIELD_END
};

static const struct field snippet_patch_fields[] = {
	FIELD(struct snippet_new, title, .min = 1, .max = 200),
	FIELD(struct snippet_new, language, .max = 50),
	FIELD(struct snippet_new, code, .min = 1, .max = 50000),
	FIELD_END
};
#define SNIPPET_PATCH (&(const struct schema){ .fields = snippet_patch_fields, .size = sizeof(struct snippet_new) })

static int
poc_list(struct request *rq)
{
	const struct poc_filter *f = rq->query;
	const char *sort = f->sort_by != NULL ? f->sort_by : f->search != NULL ? "relevance" : "createdAt";
	bool is_text = strcmp(sort, "name") == 0 || strcmp(sort, "language") == 0;
	bool descending = f->sort_order != NULL ? strcmp(f->sort_order, "desc") == 0 : !is_text, is_mine = strcmp(f->mine, "true") == 0;
	struct param me = uuid_or_null_param(&rq->user.id);
	struct db_result *found, *rows;
	struct buf *meta;
	int err;

	if (is_mine && !is_signed_in(rq))
		return ERR_UNAUTHENTICATED;
	err = db_query_row(&rq->db, &found, Q_POC_FIND, me, bool_param(role_may(rq->user.role, MAY_POC_EDIT_ANY)), is_mine ? me : null_param(),
	    text_param(f->search), text_param(f->language), text_array_param(f->tags.items, f->tags.count),
	    text_array_param(f->frameworks.items, f->frameworks.count), text_param(sort), bool_param(descending),
	    int_param((int64_t)(rq->page - 1) * rq->limit), int_param(rq->limit));
	if (err == 0)
		err = db_query(&rq->db, &rows, Q_POC_LIST, text_param(db_text(found, 0, "_ids")), me);
	if (err != 0)
		return err;
	db_write_array(reply_data(rq, 200), rows, rq->limit);
	meta = answer_page_meta(rq, db_int(found, 0, "_total"));
	buf_add_char(meta, ',');
	db_write_members(meta, found, 0);
	return 0;
}

static int
snippet_list(struct request *rq)
{
	struct param id = uuid_param(path_uuid(rq, "id")), me = uuid_or_null_param(&rq->user.id),
	    may = bool_param(role_may(rq->user.role, MAY_POC_EDIT_ANY));
	struct db_result *poc;
	int err = db_query_row(&rq->db, &poc, Q_POC_BY_ID, id, me, may);

	return err != 0 ? err : reply_list(rq, Q_SNIPPET_LIST, id, me, may);
}

const struct route pocs_routes[] = {
	{ POST, "/pocs", SIGNED_IN, .module = MODULE_POCS, .idempotent = true, .transaction = true, .body = SCHEMA(poc_new), .query = Q_POC_INSERT, .status = 201,
	  .doc = "Write a project down." },
	{ GET, "/pocs", PUBLIC, .module = MODULE_POCS, .query_string = SCHEMA(poc_filter), .answer = ANSWER_PAGE, .query = Q_POC_LIST, .run = poc_list,
	  .doc = "Projects that are public or one's own, with facets (languages, tags, frameworks) of all that fit." },
	{ GET, "/pocs/{id:uuid}", PUBLIC, .module = MODULE_POCS, .query = Q_POC_BY_ID, .doc = "One project." },
	{ PATCH, "/pocs/{id:uuid}", SIGNED_IN, .module = MODULE_POCS, .body = SCHEMA(poc_patch), .query = Q_POC_UPDATE, .status = 200,
	  .doc = "Change some fields. An empty text clears an optional field." },
	{ PUT, "/pocs/{id:uuid}", SIGNED_IN, .module = MODULE_POCS, .body = SCHEMA(poc_patch), .query = Q_POC_UPDATE, .status = 200,
	  .doc = "The same as PATCH." },
	{ DELETE, "/pocs/{id:uuid}", SIGNED_IN, .module = MODULE_POCS, .query = Q_POC_DELETE, .answer = ANSWER_NONE, .doc = "Put a project away." },
	{ GET, "/pocs/{id:uuid}/snippets", PUBLIC, .module = MODULE_POCS, .run = snippet_list, .doc = "Pieces of its code." },
	{ POST, "/pocs/{id:uuid}/snippets", SIGNED_IN, .module = MODULE_POCS, .body = SCHEMA(snippet_new), .query = Q_SNIPPET_INSERT, .status = 201,
	  .doc = "Add a piece of code. It is found by its words; those that every program has do not count." },
	{ PATCH, "/pocs/{id:uuid}/snippets/{snippet:uuid}", SIGNED_IN, .module = MODULE_POCS, .body = SNIPPET_PATCH, .query = Q_SNIPPET_UPDATE,
	  .status = 200, .doc = "Change a piece of code." },
	{ DELETE, "/pocs/{id:uuid}/snippets/{snippet:uuid}", SIGNED_IN, .module = MODULE_POCS, .query = Q_SNIPPET_DELETE, .answer = ANSWER_NONE,
	  .doc = "Remove a piece of code." },
	ROUTE_END
};
