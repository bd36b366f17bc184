/*
 * lib/conf.c - from the file and the environment to struct conf. The table of settings drives everything: a default is
 * read the same way as a line of the file. All problems are collected, so that an operator mends them in one go.
 */
#include "lib/conf.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/log.h"
#include "lib/mem.h"

#define DEFAULT_PATH ATELIER_SYSCONFDIR "/atelier.conf"
#define ENV_PREFIX "ATELIER_"
#define SECRET_MIN 32
#define SECRET_FILE_MAX 65536

enum kind { KIND_STR, KIND_SECRET, KIND_INT, KIND_BOOL, KIND_SIZE, KIND_TIME };

/* Who has set a value: a later one goes over an earlier one, but none is set twice by the same. */
enum origin { ORIGIN_DEFAULT, ORIGIN_FILE, ORIGIN_ENVIRONMENT };

struct setting {
	const char *section, *key;
	enum kind kind;
	size_t offset; /* in struct conf, or in struct conf_pool */
	const char *dflt;
};

static const struct setting settings[] = {
#define X(section, key, kind, dflt, doc) { #section, #key, KIND_##kind, offsetof(struct conf, section##_##key), dflt },
#include "lib/settings.def"
#undef X
};
#define SETTING_COUNT (sizeof(settings) / sizeof(settings[0]))

static const struct setting pool_settings[] = {
	{ "pool", "engine", KIND_STR, offsetof(struct conf_pool, engine), "event" },
	{ "pool", "listen", KIND_STR, offsetof(struct conf_pool, listen), "" },
	{ "pool", "children", KIND_INT, offsetof(struct conf_pool, children), "2" },
	{ "pool", "backlog", KIND_INT, offsetof(struct conf_pool, backlog), "0" },
	{ "pool", "nice", KIND_INT, offsetof(struct conf_pool, nice), "0" },
	{ "pool", "max_requests", KIND_INT, offsetof(struct conf_pool, max_requests), "0" },
	{ "pool", "connections", KIND_INT, offsetof(struct conf_pool, connections), "1" },
};
#define POOL_SETTING_COUNT (sizeof(pool_settings) / sizeof(pool_settings[0]))

/* Variables that are not settings and are no mistake either. */
static const char *const other_variables[] = { "ATELIER_APACHE_URL", "ATELIER_CONF", "ATELIER_PORT", "ATELIER_URL" };

struct reader {
	struct conf *conf;
	struct buf problems;
	const char *path;
	FILE *file;
	int line;
	enum origin origins[SETTING_COUNT];
	enum origin (*pool_origins)[POOL_SETTING_COUNT];
};

static void
problem(struct reader *r, const char *where, const char *what)
{
	if (r->problems.length > 0)
		buf_add_char(&r->problems, '\n');
	buf_printf(&r->problems, "%s: %s", where, what);
}

/* --- values --- */

static bool
parse_int(const char *s, int64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoll(s, &end, 10);
	return end != s && *end == '\0' && errno == 0 && !isspace((unsigned char)*s);
}

static bool
parse_bool(const char *s, bool *out)
{
	static const char *const words[] = { "false", "true", "no", "yes", "off", "on", "0", "1" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(s, words[i]) == 0) {
			*out = i % 2 == 1;
			return true;
		}
	}
	return false;
}

/* "1h30m", "10G": numbers, each with a unit behind it; a lone number counts units of one. */
static bool
parse_units(const char *s, const char *letters, const int64_t *units, int64_t *out)
{
	int64_t sum = 0, n;
	const char *letter;
	char *end;

	do {
		if (!isdigit((unsigned char)*s))
			return false;
		errno = 0;
		n = strtoll(s, &end, 10);
		if (errno != 0)
			return false;
		letter = *end != '\0' ? strchr(letters, tolower((unsigned char)*end)) : letters;
		if (letter == NULL || __builtin_mul_overflow(n, units[letter - letters], &n) ||
		    __builtin_add_overflow(sum, n, &sum))
			return false;
		s = *end != '\0' ? end + 1 : end;
	} while (*s != '\0');
	*out = sum;
	return true;
}

static bool
parse_size(const char *s, int64_t *out)
{
	static const int64_t units[] = { 1, 1024, 1024 * 1024, 1 << 30, INT64_C(1) << 40 };

	return parse_units(s, "bkmgt", units, out);
}

static bool
parse_time(const char *s, int64_t *out)
{
	static const int64_t units[] = { 1, 60, 3600, 86400, 7 * 86400 };

	return parse_units(s, "smhdw", units, out);
}

/* Puts text into its member of base; what is wrong with it, or NULL. */
static const char *
set_value(struct reader *r, const struct setting *s, void *base, const char *text)
{
	void *member = (char *)base + s->offset;

	switch (s->kind) {
	case KIND_STR:
	case KIND_SECRET:
		*(const char **)member = mem_strdup(r->conf, text);
		return NULL;
	case KIND_INT:
		return parse_int(text, member) ? NULL : "is not a whole number";
	case KIND_BOOL:
		return parse_bool(text, member) ? NULL : "is neither true nor false";
	case KIND_SIZE:
		return parse_size(text, member) ? NULL : "is not a size (like 512K, 20M, 10G)";
	case KIND_TIME:
		return parse_time(text, member) ? NULL : "is not a time (like 30s, 15m, 1h30m, 30d)";
	}
	return "has an unknown kind";
}

/* A secret's file without the line end; NULL with errno. */
static char *
read_secret(void *context, const char *path)
{
	FILE *file = fopen(path, "re");
	char *text;
	size_t n;

	if (file == NULL)
		return NULL;
	text = mem_size(context, SECRET_FILE_MAX);
	errno = 0;
	n = fread(text, 1, SECRET_FILE_MAX - 1, file);
	if (ferror(file)) {
		fclose(file);
		return NULL;
	}
	fclose(file);
	while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r'))
		n--;
	text[n] = '\0';
	return text;
}

/* --- one setting --- */

static const struct setting *
find_setting(const struct setting *table, size_t count, const char *section, const char *key, size_t key_length)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(table[i].section, section) == 0 && strlen(table[i].key) == key_length &&
		    memcmp(table[i].key, key, key_length) == 0)
			return &table[i];
	}
	return NULL;
}

/* Finds `key`, or the secret that `key_file` is for. */
static const struct setting *
find_key(const struct setting *table, size_t count, const char *section, const char *key, bool *is_file)
{
	const struct setting *s = find_setting(table, count, section, key, strlen(key));
	size_t n = strlen(key);

	*is_file = false;
	if (s != NULL || n <= 5 || strcmp(key + n - 5, "_file") != 0)
		return s;
	s = find_setting(table, count, section, key, n - 5);
	*is_file = true;
	return s != NULL && s->kind == KIND_SECRET ? s : NULL;
}

static void
take(struct reader *r, const struct setting *s, void *base, enum origin *set_by, enum origin origin, bool is_file,
    const char *where, const char *value)
{
	const char *what, *text = value;

	if (*set_by == origin) {
		problem(r, where, "is set twice");
		return;
	}
	*set_by = origin;
	if (is_file && (text = read_secret(r->conf, value)) == NULL) {
		problem(r, where, mem_printf(r->conf, "cannot read %s: %s", value, strerror(errno)));
		return;
	}
	what = set_value(r, s, base, text);
	if (what != NULL)
		problem(r, where, what);
}

/* --- pools --- */

static size_t
pool_index(struct reader *r, const char *name)
{
	struct conf *c = r->conf;

	for (size_t i = 0; i < c->pool_count; i++) {
		if (strcmp(c->pools[i].name, name) == 0)
			return i;
	}
	c->pools = mem_checked(talloc_realloc(c, c->pools, struct conf_pool, c->pool_count + 1));
	r->pool_origins = mem_checked(talloc_realloc_size(c, r->pool_origins,
	    (c->pool_count + 1) * sizeof(*r->pool_origins)));
	memset(&c->pools[c->pool_count], 0, sizeof(*c->pools));
	memset(&r->pool_origins[c->pool_count], 0, sizeof(*r->pool_origins));
	c->pools[c->pool_count].name = mem_strdup(c, name);
	for (size_t i = 0; i < POOL_SETTING_COUNT; i++)
		set_value(r, &pool_settings[i], &c->pools[c->pool_count], pool_settings[i].dflt);
	return c->pool_count++;
}

static bool
is_pool_name(const char *name)
{
	return *name != '\0' && name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

static void
check_pools(struct reader *r)
{
	for (size_t i = 0; i < r->conf->pool_count; i++) {
		const struct conf_pool *p = &r->conf->pools[i];
		const char *where = mem_printf(r->conf, "[pool:%s]", p->name);

		if (!is_pool_name(p->name))
			problem(r, where, "a pool's name has lower case letters, digits and - only");
		if (strcmp(p->engine, "event") != 0 && strcmp(p->engine, "libfcgi") != 0)
			problem(r, where, "engine is neither event nor libfcgi");
		if (*p->listen == '\0')
			problem(r, where, "listen is missing");
		if (p->children < 1 || p->children > 1024)
			problem(r, where, "children is not between 1 and 1024");
		if (p->max_requests < 0)
			problem(r, where, "max_requests is negative");
		if (p->backlog < 0 || p->nice < 0 || p->nice > 19)
			problem(r, where, "backlog is negative, or nice is not between 0 and 19");
		if (p->connections < 1 || p->connections > 64)
			problem(r, where, "connections is not between 1 and 64");
	}
}

/* --- the file --- */

static int
on_line(void *user, const char *section, const char *key, const char *value)
{
	struct reader *r = user;
	const struct setting *s;
	bool is_file, is_pool = strncmp(section, "pool:", 5) == 0;
	const char *where = mem_printf(r->conf, "%s:%d: [%s] %s", r->path, r->line, section, key);

	if (*section == '\0')
		section = "main";
	s = is_pool ? find_key(pool_settings, POOL_SETTING_COUNT, "pool", key, &is_file)
		    : find_key(settings, SETTING_COUNT, section, key, &is_file);
	if (s == NULL) {
		problem(r, where, "there is no such setting");
	} else if (is_pool) {
		size_t i = pool_index(r, section + 5);

		take(r, s, &r->conf->pools[i], &r->pool_origins[i][s - pool_settings], ORIGIN_FILE, is_file, where, value);
	} else {
		take(r, s, r->conf, &r->origins[s - settings], ORIGIN_FILE, is_file, where, value);
	}
	return 1;
}

/* inih reads into a line of fixed size: a longer one must not be cut in silence. */
static char *
read_line(char *line, int size, void *user)
{
	struct reader *r = user;
	size_t n;
	int c;

	if (fgets(line, size, r->file) == NULL)
		return NULL;
	r->line++;
	n = strlen(line);
	if (n + 1 < (size_t)size || line[n - 1] == '\n')
		return line;
	while ((c = getc(r->file)) != EOF && c != '\n')
		;
	problem(r, mem_printf(r->conf, "%s:%d", r->path, r->line), "the line is too long; use the environment or a _file");
	*line = '\0';
	return line;
}

static void
read_file(struct reader *r, bool must_exist)
{
	int rc;

	r->file = fopen(r->path, "re");
	if (r->file == NULL) {
		if (must_exist || errno != ENOENT)
			problem(r, r->path, strerror(errno));
		return;
	}
	rc = ini_parse_stream(read_line, r, on_line, r);
	if (rc > 0)
		problem(r, mem_printf(r->conf, "%s:%d", r->path, rc), "is neither [section] nor key = value");
	else if (rc < 0)
		problem(r, r->path, "cannot be read");
	fclose(r->file);
	r->conf->path = r->path;
}

/* --- the environment --- */

/* Whether name begins with word in upper case ("pool_api" is POOL_API): what is behind it, or NULL. */
static const char *
match_upper(const char *name, const char *word)
{
	for (; *word != '\0'; word++, name++) {
		char c = *word == '-' ? '_' : (char)toupper((unsigned char)*word);

		if (*name != c)
			return NULL;
	}
	return name;
}

static bool
take_variable(struct reader *r, const char *where, const char *section, const struct setting *s, void *base,
    enum origin *set_by, const char *name, const char *value)
{
	const char *rest = name;
	bool is_file;

	if (section != NULL) {
		rest = match_upper(rest, section);
		if (rest == NULL || *rest++ != '_')
			return false;
	}
	rest = match_upper(rest, s->key);
	if (rest == NULL)
		return false;
	is_file = s->kind == KIND_SECRET && strcmp(rest, "_FILE") == 0;
	if (*rest != '\0' && !is_file)
		return false;
	take(r, s, base, set_by, ORIGIN_ENVIRONMENT, is_file, where, value);
	return true;
}

static bool
take_from_environment(struct reader *r, const char *where, const char *name, const char *value)
{
	struct conf *c = r->conf;

	for (size_t i = 0; i < SETTING_COUNT; i++) {
		const char *section = strcmp(settings[i].section, "main") == 0 ? NULL : settings[i].section;

		if (take_variable(r, where, section, &settings[i], c, &r->origins[i], name, value))
			return true;
	}
	for (size_t p = 0; p < c->pool_count; p++) {
		const char *section = mem_printf(c, "pool_%s", c->pools[p].name);

		for (size_t i = 0; i < POOL_SETTING_COUNT; i++) {
			if (take_variable(r, where, section, &pool_settings[i], &c->pools[p], &r->pool_origins[p][i], name, value))
				return true;
		}
	}
	return false;
}

static bool
is_other_variable(const char *name)
{
	for (size_t i = 0; i < sizeof(other_variables) / sizeof(other_variables[0]); i++) {
		if (strcmp(name, other_variables[i]) == 0)
			return true;
	}
	return strncmp(name, "ATELIER_TEST_", 13) == 0;
}

static void
read_environment(struct reader *r)
{
	for (char **e = environ; *e != NULL; e++) {
		const char *equals = strchr(*e, '=');
		const char *name;

		if (equals == NULL || strncmp(*e, ENV_PREFIX, sizeof(ENV_PREFIX) - 1) != 0)
			continue;
		name = mem_strndup(r->conf, *e, (size_t)(equals - *e));
		if (!take_from_environment(r, name, name + sizeof(ENV_PREFIX) - 1, equals + 1) && !is_other_variable(name))
			log_warn("environment_variable_unknown", LOG_STR("name", name));
	}
}

/* --- */

static void
check_values(struct reader *r)
{
	const struct conf *c = r->conf;

	if (strlen(c->main_secret) < SECRET_MIN)
		problem(r, "[main] secret", "must have 32 bytes or more (openssl rand -base64 48)");
	if (log_level_parse(c->main_log_level) == LOG_LEVEL_UNKNOWN)
		problem(r, "[main] log_level", "is none of debug, info, warn, error");
	if (c->auth_argon2_memory < 8 * 1024 || c->auth_argon2_memory > INT64_C(4) << 30)
		problem(r, "[auth] argon2_memory", "must be from 8K to 4G");
	if (c->auth_argon2_passes < 1 || c->auth_argon2_passes > 100)
		problem(r, "[auth] argon2_passes", "must be from 1 to 100");
	if (c->ratelimit_scale < 1)
		problem(r, "[ratelimit] scale", "must be 1 or more");
	if (c->worker_slots < 1)
		problem(r, "[worker] slots", "must be 1 or more");
}

int
conf_read(void *context, const char *path, struct conf **out, char **problems)
{
	struct conf *c = mem_new(context, struct conf);
	struct reader r = { .conf = c, .path = path };
	bool must_exist = true;

	buf_init(&r.problems, c, 256);
	if (r.path == NULL)
		r.path = getenv("ATELIER_CONF");
	if (r.path == NULL) {
		r.path = DEFAULT_PATH;
		must_exist = false; /* the environment alone may do */
	}
	r.path = mem_strdup(c, r.path);
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		const char *what = set_value(&r, &settings[i], c, settings[i].dflt);

		if (what != NULL)
			problem(&r, settings[i].key, what);
	}
	read_file(&r, must_exist);
	read_environment(&r);
	check_values(&r);
	check_pools(&r);
	if (r.problems.length > 0) {
		*problems = mem_strdup(context, buf_cstr(&r.problems));
		talloc_free(c);
		return -1;
	}
	*out = c;
	*problems = NULL;
	return 0;
}
