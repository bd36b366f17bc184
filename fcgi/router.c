/* fcgi/router.c - compiles the route tables into a tree of path segments and finds a request's row in it. */
#include "fcgi/route.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fcgi/answer.h"
#include "lib/mem.h"
#include "lib/uuid.h"

#define API_BASE "/api/v1"
#define DEPTH_MAX 16

struct node {
	const char *segment; /* literal text, or NULL for a parameter */
	size_t length;
	const char *param, *kind;
	const struct route *routes[METHOD_COUNT];
	size_t index[METHOD_COUNT];
	struct node *children, *next; /* literals come before parameters */
};

struct router {
	struct node *root;
	const struct route **all;
	size_t count;
};

static const char *const method_names[METHOD_COUNT] = {
	[GET] = "GET",
	[HEAD] = "HEAD",
	[POST] = "POST",
	[PUT] = "PUT",
	[PATCH] = "PATCH",
	[DELETE] = "DELETE",
	[OPTIONS] = "OPTIONS",
};

static const char *const module_names[MODULE_COUNT] = { "core", "skills", "coaching", "pocs", "moves" };

const char *
method_name(enum method m)
{
	return m > METHOD_UNKNOWN && m < METHOD_COUNT ? method_names[m] : "";
}

enum method
method_parse(const char *name)
{
	for (int m = GET; m < METHOD_COUNT; m++)
		if (strcmp(method_names[m], name) == 0)
			return m;
	return METHOD_UNKNOWN;
}

const char *
module_name(enum module m)
{
	return m < MODULE_COUNT ? module_names[m] : "";
}

static void __attribute__((noreturn, format(printf, 2, 3)))
bad_route(const struct route *r, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "route %s %s: ", method_name(r->method), r->path);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(70);
}

/* The child of parent for one segment of a row's path, made when it is new. */
static struct node *
node_child(void *context, struct node *parent, const char *text, size_t length)
{
	bool is_param = text[0] == '{';
	struct node **at = &parent->children, *n;
	const char *colon = is_param ? memchr(text, ':', length) : NULL;

	for (; *at != NULL; at = &(*at)->next) {
		n = *at;
		if (!is_param && n->segment != NULL && n->length == length && memcmp(n->segment, text, length) == 0)
			return n;
		if (is_param && n->segment == NULL && strlen(n->kind) == length - (size_t)(colon + 1 - text) - 1 &&
		    memcmp(n->kind, colon + 1, strlen(n->kind)) == 0 &&
		    strlen(n->param) == (size_t)(colon - text - 1) && memcmp(n->param, text + 1, strlen(n->param)) == 0)
			return n;
		if (!is_param && n->segment == NULL)
			break;
	}
	n = mem_new(context, struct node);
	if (is_param) {
		n->param = mem_strndup(context, text + 1, (size_t)(colon - text) - 1);
		n->kind = mem_strndup(context, colon + 1, length - (size_t)(colon + 1 - text) - 1);
	} else {
		n->segment = mem_strndup(context, text, length);
		n->length = length;
	}
	n->next = *at;
	*at = n;
	return n;
}

static void
check_segment(const struct route *r, const char *text, size_t length)
{
	const char *colon;

	if (length == 0)
		bad_route(r, "an empty path segment");
	if (text[0] != '{')
		return;
	colon = memchr(text, ':', length);
	if (colon == NULL || text[length - 1] != '}')
		bad_route(r, "a parameter is written {name:kind}");
}

static void
add_path(struct router *router, const struct route *r, const char *path)
{
	struct node *n = router->root;
	size_t length;

	for (path += *path == '/'; *path != '\0'; path += length, path += *path == '/') {
		length = strcspn(path, "/");
		check_segment(r, path, length);
		n = node_child(router, n, path, length);
	}
	if (n->routes[r->method] != NULL)
		bad_route(r, "stands twice");
	n->routes[r->method] = r;
	n->index[r->method] = router->count;
	router->all[router->count++] = r;
}

static void
add_route(struct router *router, const struct route *r)
{
	if (r->may == MAY_UNSET)
		bad_route(r, "names no permission");
	if (r->idempotent && !r->transaction && r->body_kind != BODY_STREAM)
		bad_route(r, "is idempotent without a transaction: its answer would not be kept");
	if (r->doc == NULL)
		bad_route(r, "has no doc line");
	if (r->run == NULL && r->query == Q_NONE)
		bad_route(r, "has neither a query nor a function");
	if (answer_problem(r) != NULL)
		bad_route(r, "its query %s: %s", query_info(r->query)->name, answer_problem(r));
	if (r->body_kind == BODY_STREAM && r->body_limit == 0)
		bad_route(r, "streams a body without a limit");
	add_path(router, r, r->root ? r->path : talloc_asprintf(router, API_BASE "%s", r->path));
}

struct router *
router_new(void *context, const struct route_table *tables)
{
	struct router *router = mem_new(context, struct router);
	size_t count = 0;

	for (const struct route_table *t = tables; t->name != NULL; t++)
		for (const struct route *r = t->routes; r->path != NULL; r++)
			count++;
	router->root = mem_new(router, struct node);
	router->all = mem_array(router, const struct route *, count);
	for (const struct route_table *t = tables; t->name != NULL; t++)
		for (const struct route *r = t->routes; r->path != NULL; r++)
			add_route(router, r);
	return router;
}

static bool
kind_accepts(const char *kind, const char *value, size_t length)
{
	struct uuid u;

	if (strcmp(kind, "uuid") == 0)
		return uuid_parse(value, length, &u);
	if (strcmp(kind, "user") == 0)
		return (length > 1 && length <= 31 && value[0] == '@') || uuid_parse(value, length, &u);
	return length > 0;
}

static bool
match_from(const struct node *n, enum method method, const char *path, size_t length, int depth, struct route_match *out)
{
	const char *slash, *rest;
	size_t segment;

	if (length == 0) {
		unsigned allowed = 0;

		for (int m = GET; m < METHOD_COUNT; m++)
			allowed |= n->routes[m] != NULL ? 1u << m : 0;
		out->allowed |= allowed;
		out->route = n->routes[method];
		out->index = n->index[method];
		return out->route != NULL;
	}
	if (depth == DEPTH_MAX)
		return false;
	slash = memchr(path, '/', length);
	segment = slash != NULL ? (size_t)(slash - path) : length;
	rest = path + segment + (slash != NULL);
	if (slash != NULL && rest == path + length)
		return false; /* a slash at the end names another thing */
	for (const struct node *c = n->children; c != NULL; c = c->next) {
		size_t params = out->param_count;

		if (c->segment != NULL) {
			if (c->length != segment || memcmp(c->segment, path, segment) != 0)
				continue;
		} else {
			if (params == ROUTE_PARAMS_MAX || !kind_accepts(c->kind, path, segment))
				continue;
			out->params[params].name = c->param;
			out->params[params].kind = c->kind;
			out->params[params].value = path;
			out->params[params].length = segment;
			out->param_count++;
		}
		if (match_from(c, method, rest, (size_t)(path + length - rest), depth + 1, out))
			return true;
		out->param_count = params;
	}
	return false;
}

void
router_match(const struct router *router, enum method method, const char *path, size_t length, struct route_match *out)
{
	out->route = NULL;
	out->allowed = 0;
	out->param_count = 0;
	if (length == 0 || path[0] != '/')
		return;
	match_from(router->root, method, path + 1, length - 1, 0, out);
}

size_t
router_count(const struct router *router)
{
	return router->count;
}

const struct route *
router_at(const struct router *router, size_t index)
{
	return router->all[index];
}
