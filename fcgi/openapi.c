/* fcgi/openapi.c - route rows as OpenAPI paths, fields as JSON Schema. */
#include "fcgi/openapi.h"

#include <string.h>

#include "lib/errors.h"

/* "/videos/{id:uuid}" as "/api/v1/videos/{id}" */
static void
write_path(struct buf *b, const struct route *r)
{
	buf_add_str(b, r->root ? "" : "/api/v1");
	for (const char *p = r->path; *p != '\0'; p++) {
		if (*p == ':' && memchr(r->path, '{', (size_t)(p - r->path)) != NULL)
			p += strcspn(p, "}");
		buf_add_char(b, *p);
	}
}

static void
write_path_params(struct buf *b, const struct route *r)
{
	for (const char *p = strchr(r->path, '{'); p != NULL; p = strchr(p + 1, '{')) {
		size_t name = strcspn(p + 1, ":");
		bool is_uuid = strncmp(p + 1 + name, ":uuid}", 6) == 0;

		if (b->data[b->length - 1] != '[')
			buf_add_char(b, ',');
		buf_printf(b, "{\"name\":\"%.*s\",\"in\":\"path\",\"required\":true,\"schema\":{\"type\":\"string\"%s}}", (int)name,
		    p + 1, is_uuid ? ",\"format\":\"uuid\"" : "");
	}
}

static void
write_list_params(struct buf *b, const struct route *r)
{
	if (r->answer != ANSWER_CURSOR && r->answer != ANSWER_PAGE)
		return;
	if (b->data[b->length - 1] != '[')
		buf_add_char(b, ',');
	buf_add_literal(b, "{\"name\":\"limit\",\"in\":\"query\",\"schema\":{\"type\":\"integer\",\"minimum\":1,"
	                   "\"maximum\":100,\"default\":20}},");
	if (r->answer == ANSWER_CURSOR)
		buf_add_literal(b, "{\"name\":\"cursor\",\"in\":\"query\",\"schema\":{\"type\":\"string\"}}");
	else
		buf_add_literal(b, "{\"name\":\"page\",\"in\":\"query\",\"schema\":{\"type\":\"integer\",\"minimum\":1,\"default\":1}}");
}

static void
write_header_param(struct buf *b, const char *name, const char *doc)
{
	buf_printf(b, "%s{\"name\":\"%s\",\"in\":\"header\",\"required\":false,\"description\":\"%s\",\"schema\":{\"type\":\"string\"}}",
	    b->data[b->length - 1] != '[' ? "," : "", name, doc);
}

static void
write_parameters(struct buf *b, const struct route *r)
{
	buf_add_literal(b, ",\"parameters\":[");
	write_path_params(b, r);
	write_list_params(b, r);
	if (r->query_string != NULL)
		schema_write_parameters(r->query_string, b, b->data[b->length - 1] != '[');
	if (r->idempotent)
		write_header_param(b, "Idempotency-Key", "The same key and body within a day get the first answer again.");
	if (r->method == PUT || r->method == PATCH)
		write_header_param(b, "If-Match", "The ETag that was read: what has changed since is not overwritten (412). Of a video, counters do not count.");
	buf_add_char(b, ']');
}

static void
write_body(struct buf *b, const struct route *r)
{
	if (r->body == NULL && r->body_kind != BODY_STREAM)
		return;
	buf_add_literal(b, ",\"requestBody\":{\"required\":true,\"content\":{");
	if (r->body != NULL) {
		buf_add_literal(b, "\"application/json\":{\"schema\":");
		schema_write_json(r->body, b);
		buf_add_char(b, '}');
	} else {
		buf_add_literal(b, "\"application/octet-stream\":{\"schema\":{\"type\":\"string\",\"format\":\"binary\"}}");
	}
	buf_add_literal(b, "}}");
}

static int
status_of(const struct route *r)
{
	if (r->status != 0)
		return r->status;
	return r->answer == ANSWER_NONE && r->run == NULL ? 204 : r->method == POST ? 201 : r->method == DELETE ? 204 : 200;
}

static void
write_responses(struct buf *b, const struct route *r)
{
	int status = status_of(r);

	buf_printf(b, ",\"responses\":{\"%d\":{\"description\":\"Done.\"", status);
	if (status != 204 && !r->root) {
		buf_add_literal(b, ",\"content\":{\"application/json\":{\"schema\":{\"type\":\"object\",\"required\":"
		                   "[\"success\",\"data\"],\"properties\":{\"success\":{\"const\":true},\"data\":");
		if (r->reply != NULL)
			schema_write_json(r->reply, b);
		else
			buf_add_str(b, r->answer == ANSWER_OBJECT ? "{}" : "{\"type\":\"array\"}");
		buf_add_literal(b, ",\"meta\":{\"type\":\"object\"}}}}}");
	}
	buf_add_literal(b, "},\"4XX\":{\"$ref\":\"#/components/responses/Error\"},"
	                   "\"5XX\":{\"$ref\":\"#/components/responses/Error\"}}");
}

/* post /videos/{id}/like -> postVideosIdLike */
static void
write_operation_id(struct buf *b, const struct route *r)
{
	bool upper = true;

	for (const char *p = method_name(r->method); *p != '\0'; p++)
		buf_add_char(b, (char)(*p | 0x20));
	for (const char *p = r->path; *p != '\0'; p++) {
		bool is_letter = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9');

		if (*p == ':' && strchr(p, '}') != NULL)
			p += strcspn(p, "}");
		else if (is_letter)
			buf_add_char(b, upper && *p >= 'a' && *p <= 'z' ? (char)(*p - 32) : *p);
		upper = !is_letter;
	}
}

static void
write_operation(struct buf *b, const struct route *r)
{
	size_t tag = strcspn(r->path + 1, "/.");

	buf_add_char(b, '"');
	for (const char *p = method_name(r->method); *p != '\0'; p++)
		buf_add_char(b, (char)(*p | 0x20));
	buf_add_literal(b, "\":{\"operationId\":\"");
	write_operation_id(b, r);
	buf_printf(b, "\",\"tags\":[\"%.*s\"],\"summary\":", (int)tag, r->path + 1);
	buf_json_str(b, r->doc);
	buf_printf(b, ",\"x-permission\":\"%s\"", permission_name(r->may));
	if (r->module != MODULE_CORE)
		buf_printf(b, ",\"x-module\":\"%s\"", module_name(r->module));
	if (r->cache_s > 0)
		buf_printf(b, ",\"x-web-cache\":%d", r->cache_s);
	if (r->shared_cache_s > 0)
		buf_printf(b, ",\"x-shared-cache\":%d", r->shared_cache_s);
	buf_add_str(b, r->may == PUBLIC ? ",\"security\":[{},{\"bearer\":[]}]" : ",\"security\":[{\"bearer\":[]}]");
	write_parameters(b, r);
	write_body(b, r);
	write_responses(b, r);
	buf_add_char(b, '}');
}

static bool
same_path(const struct route *a, const struct route *b)
{
	return a->root == b->root && strcmp(a->path, b->path) == 0;
}

static void
write_paths(struct buf *b, const struct router *router)
{
	bool first = true;

	for (size_t i = 0; i < router_count(router); i++) {
		const struct route *r = router_at(router, i);
		bool seen = r->hidden;

		for (size_t j = 0; j < i && !seen; j++)
			seen = !router_at(router, j)->hidden && same_path(r, router_at(router, j));
		if (seen)
			continue;
		buf_add_str(b, first ? "\"" : ",\"");
		write_path(b, r);
		buf_add_literal(b, "\":{");
		write_operation(b, r);
		for (size_t j = i + 1; j < router_count(router); j++)
			if (!router_at(router, j)->hidden && same_path(r, router_at(router, j))) {
				buf_add_char(b, ',');
				write_operation(b, router_at(router, j));
			}
		buf_add_char(b, '}');
		first = false;
	}
}

static void
write_error_codes(struct buf *b)
{
	for (int e = ERR_NONE + 1; e < ERR_COUNT; e++)
		buf_printf(b, "%s\"%s\"", e > 1 ? "," : "", error_info(e)->code);
}

void
openapi_write(const struct router *router, struct buf *b)
{
	buf_add_literal(b, "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"Atelier\",\"version\":\"" PACKAGE_VERSION
	                   "\",\"license\":{\"name\":\"AGPL-3.0-or-later\",\"identifier\":\"AGPL-3.0-or-later\"}},"
	                   "\"servers\":[{\"url\":\"/\"}],\"paths\":{");
	write_paths(b, router);
	buf_add_literal(b, "},\"components\":{\"securitySchemes\":{\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\","
	                   "\"bearerFormat\":\"JWT\"}},\"schemas\":{\"Error\":{\"type\":\"object\",\"required\":[\"success\","
	                   "\"error\"],\"properties\":{\"success\":{\"const\":false},\"error\":{\"type\":\"object\","
	                   "\"required\":[\"code\",\"message\",\"requestId\"],\"properties\":{\"code\":{\"enum\":[");
	write_error_codes(b);
	buf_add_literal(b, "]},\"message\":{\"type\":\"string\"},\"requestId\":{\"type\":\"string\"},\"details\":{\"type\":"
	                   "\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"field\":{\"type\":\"string\"},"
	                   "\"message\":{\"type\":\"string\"}}}}}}}}},\"responses\":{\"Error\":{\"description\":"
	                   "\"The error envelope.\",\"content\":{\"application/json\":{\"schema\":{\"$ref\":"
	                   "\"#/components/schemas/Error\"}}}}}}}");
}
