/* fcgi/pool_map.c - see pool_map.h. Lines are nginx's, inside of a map block: "~regex" pool; the first that matches counts. */
#include "fcgi/pool_map.h"

#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "fcgi/child.h"
#include "fcgi/engine.h"
#include "lib/mem.h"

#define RULES_MAX 64
#define DEFAULT_POOL "api"
#define SAMPLE "01900000-0000-7000-8000-000000000000" /* for whatever stands in braces */

struct rule {
	regex_t regex;
	char pool[64];
};

struct pool_map {
	struct rule rules[RULES_MAX];
	int count;
};

static int
map_destroy(struct pool_map *map)
{
	for (int i = 0; i < map->count; i++)
		regfree(&map->rules[i].regex);
	return 0;
}

static const char *
read_line(void *mem, struct pool_map *map, const char *line)
{
	struct rule *rule = &map->rules[map->count];
	char pattern[512];

	line += strspn(line, " \t\r\n");
	if (*line == '\0' || *line == '#')
		return NULL;
	if (map->count == RULES_MAX || sscanf(line, "\"~%511[^\"]\" %63[a-z0-9_-];", pattern, rule->pool) != 2 ||
	    regcomp(&rule->regex, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		return mem_printf(mem, "the table of pools is not understood: %s", line);
	map->count++;
	return NULL;
}

static const char *
read_file(void *mem, struct pool_map *map, const char *path, bool must_be)
{
	FILE *file = fopen(path, "re");
	const char *problem = NULL;
	char line[1024];

	if (file == NULL)
		return must_be ? mem_printf(mem, "%s: %s", path, strerror(errno)) : NULL;
	while (problem == NULL && fgets(line, sizeof(line), file) != NULL)
		problem = read_line(mem, map, line);
	fclose(file);
	return problem;
}

/* METHOD:path as a request for this route would have it. */
static const char *
request_of(void *mem, const struct route *r)
{
	char *text = mem_printf(mem, "%s:%s", method_name(r->method), r->root ? "" : "/api/v1");

	for (const char *p = r->path; *p != '\0';) {
		size_t literal = strcspn(p, "{");

		text = mem_printf(mem, "%s%.*s%s", text, (int)literal, p, p[literal] == '{' ? SAMPLE : "");
		p += literal;
		p += strcspn(p, "}");
		p += *p == '}';
	}
	return text;
}

static const char *
pool_of(const struct pool_map *map, const char *request)
{
	for (int i = 0; i < map->count; i++)
		if (regexec(&map->rules[i].regex, request, 0, NULL, 0) == 0)
			return map->rules[i].pool;
	return DEFAULT_POOL;
}

static bool
is_evented(const struct conf *conf, const char *pool)
{
	for (size_t i = 0; i < conf->pool_count; i++)
		if (strcmp(conf->pools[i].name, pool) == 0)
			return engine_by_name(conf->pools[i].engine)->is_evented;
	return false;
}

const char *
pool_map_problem(void *mem, const struct conf *conf, const struct router *router)
{
	bool is_named = *conf->main_pool_map != '\0';
	struct pool_map *map = mem_new(mem, struct pool_map);
	const char *problem;

	talloc_set_destructor(map, map_destroy);
	problem = read_file(mem, map, is_named ? conf->main_pool_map : ATELIER_DATADIR "/etc/nginx/atelier_pools", is_named);
	for (size_t i = 0; i < router_count(router) && problem == NULL && map->count > 0; i++) {
		const struct route *r = router_at(router, i);
		const char *request;

		if (!r->blocks)
			continue;
		request = request_of(map, r);
		if (is_evented(conf, pool_of(map, request)))
			problem = mem_printf(mem, "%s holds up an event loop, and is led to pool %s, which runs one", request, pool_of(map, request));
	}
	talloc_free(map);
	return problem;
}
