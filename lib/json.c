/*
 * lib/json.c - a strict scanner of our own before json-c: the tokener builds the tree, but takes duplicate keys, lone
 * surrogates and numbers that do not fit without a word. The scanner reads the text once, allocates nothing for
 * ordinary documents, and names the place of the first mistake.
 */
#include "lib/json.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/errors.h"
#include "lib/mem.h"
#include "lib/random.h"
#include "lib/utf8.h"

#define NUMBER_MAX 64    /* characters of a number */
#define KEYS_FIRST 64    /* room in the set of keys before it grows; a power of two */
#define KEY_SHOWN 60     /* bytes of a key in a message */

/* The keys of all objects so far: hashes of (object, key). Two keys alike in 64 bits count as the same. */
struct key_set {
	uint64_t first[KEYS_FIRST];
	uint64_t *slots; /* 0: free */
	size_t room, count;
};

struct scanner {
	void *mem;
	const char *text;
	size_t length, at;
	uint64_t seed, object; /* object: number of the one that is being read */
	uint64_t objects;      /* objects so far */
	const char *key;       /* the last key, as it stands in the text */
	size_t key_length;
	struct key_set keys;
	const char *why;
};

static bool scan_value(struct scanner *s, int depth);

/* Says what is wrong at s->at, with line and column; false. */
static bool __attribute__((format(printf, 2, 3)))
wrong(struct scanner *s, const char *fmt, ...)
{
	size_t line = 1, column = 1;
	struct buf b;
	char what[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	for (size_t i = 0; i < s->at; i++) {
		column = s->text[i] == '\n' ? 1 : column + ((s->text[i] & 0xc0) != 0x80);
		line += s->text[i] == '\n';
	}
	buf_init(&b, s->mem, 128);
	buf_printf(&b, "%s (line %zu, column %zu)", what, line, column);
	s->why = buf_cstr(&b);
	return false;
}

static int
peek(const struct scanner *s)
{
	return s->at < s->length ? (unsigned char)s->text[s->at] : -1;
}

static void
skip_space(struct scanner *s)
{
	while (s->at < s->length && (s->text[s->at] == ' ' || s->text[s->at] == '\n' || s->text[s->at] == '\t' ||
					s->text[s->at] == '\r'))
		s->at++;
}

/* --- keys --- */

static void
key_set_put(uint64_t *slots, size_t room, uint64_t hash)
{
	size_t i = hash & (room - 1);

	while (slots[i] != 0)
		i = (i + 1) & (room - 1);
	slots[i] = hash;
}

static bool
key_set_has(const struct key_set *k, uint64_t hash)
{
	for (size_t i = hash & (k->room - 1); k->slots[i] != 0; i = (i + 1) & (k->room - 1)) {
		if (k->slots[i] == hash)
			return true;
	}
	return false;
}

static void
key_set_add(struct key_set *k, void *mem, uint64_t hash)
{
	if (2 * k->count >= k->room) {
		uint64_t *more = mem_array(mem, uint64_t, 2 * k->room);

		for (size_t i = 0; i < k->room; i++) {
			if (k->slots[i] != 0)
				key_set_put(more, 2 * k->room, k->slots[i]);
		}
		if (k->slots != k->first)
			talloc_free(k->slots);
		k->slots = more;
		k->room *= 2;
	}
	key_set_put(k->slots, k->room, hash);
	k->count++;
}

static uint64_t
mix(uint64_t h)
{
	h = (h ^ h >> 32) * UINT64_C(0xd6e8feb86659fd93);
	h = (h ^ h >> 32) * UINT64_C(0xd6e8feb86659fd93);
	return h ^ h >> 32;
}

/* --- text --- */

static uint64_t
hash_byte(uint64_t hash, unsigned c)
{
	return (hash ^ c) * UINT64_C(0x100000001b3);
}

/* The four digits at s->at, or -1. */
static int
hex4(struct scanner *s)
{
	int value = 0;

	if (s->length - s->at < 4)
		return -1;
	for (size_t i = 0; i < 4; i++) {
		unsigned char c = (unsigned char)s->text[s->at + i], low = c | 0x20;

		if (c >= '0' && c <= '9')
			value = value << 4 | (c - '0');
		else if (low >= 'a' && low <= 'f')
			value = value << 4 | (low - 'a' + 10);
		else
			return -1;
	}
	s->at += 4;
	return value;
}

/* A code point joins the hash as the UTF-8 it stands for, so that "\u0061" and "a" are one key. */
static uint64_t
hash_code_point(uint64_t hash, unsigned c)
{
	if (c < 0x80)
		return hash_byte(hash, c);
	if (c < 0x800)
		return hash_byte(hash_byte(hash, 0xc0 | c >> 6), 0x80 | (c & 63));
	if (c < 0x10000)
		hash = hash_byte(hash, 0xe0 | c >> 12);
	else
		hash = hash_byte(hash_byte(hash, 0xf0 | c >> 18), 0x80 | (c >> 12 & 63));
	return hash_byte(hash_byte(hash, 0x80 | (c >> 6 & 63)), 0x80 | (c & 63));
}

/* Behind \u: one escape, or the two of a surrogate pair. */
static bool
scan_unicode_escape(struct scanner *s, uint64_t *hash)
{
	int high = hex4(s), low;

	if (high < 0)
		return wrong(s, "\\u needs four hexadecimal digits");
	if (high == 0)
		return wrong(s, "text with a NUL character is not taken");
	if (high < 0xd800 || high > 0xdfff) {
		*hash = hash_code_point(*hash, (unsigned)high);
		return true;
	}
	if (high > 0xdbff || s->length - s->at < 6 || s->text[s->at] != '\\' || s->text[s->at + 1] != 'u')
		return wrong(s, "half of a surrogate pair");
	s->at += 2;
	low = hex4(s);
	if (low < 0xdc00 || low > 0xdfff)
		return wrong(s, "half of a surrogate pair");
	*hash = hash_code_point(*hash, 0x10000 + ((unsigned)(high - 0xd800) << 10) + (unsigned)(low - 0xdc00));
	return true;
}

static bool
scan_escape(struct scanner *s, uint64_t *hash)
{
	static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	int c = (s->at++, peek(s));
	const char *p = c > 0 ? strchr(letters, c) : NULL;

	if (c == 'u') {
		s->at++;
		return scan_unicode_escape(s, hash);
	}
	if (p == NULL)
		return wrong(s, "a backslash before a character that needs none");
	*hash = hash_byte(*hash, (unsigned char)meant[p - letters]);
	s->at++;
	return true;
}

/* From the opening quote to behind the closing one. hash: of the text it stands for. */
static bool
scan_text(struct scanner *s, uint64_t *hash)
{
	*hash = s->seed;
	for (s->at++; s->at < s->length;) {
		unsigned char c = (unsigned char)s->text[s->at];
		size_t n = 1;

		if (c == '"') {
			s->at++;
			return true;
		}
		if (c == '\\') {
			if (!scan_escape(s, hash))
				return false;
			continue;
		}
		if (c < 0x20)
			return wrong(s, "a control character within text must be escaped");
		if (c >= 0x80 && (n = utf8_sequence((const unsigned char *)s->text + s->at, s->length - s->at)) == 0)
			return wrong(s, "the text is not valid UTF-8");
		for (; n > 0; n--)
			*hash = hash_byte(*hash, (unsigned char)s->text[s->at++]);
	}
	return wrong(s, "text without its closing quote");
}

/* --- numbers and words --- */

static bool
scan_digits(struct scanner *s)
{
	size_t start = s->at;

	while (s->at < s->length && s->text[s->at] >= '0' && s->text[s->at] <= '9')
		s->at++;
	return s->at > start;
}

static bool
number_fits(struct scanner *s, size_t start, bool is_whole)
{
	char text[NUMBER_MAX + 1];
	size_t n = s->at - start;
	char *end;

	if (n <= NUMBER_MAX) {
		memcpy(text, s->text + start, n);
		text[n] = '\0';
		errno = 0;
		if (is_whole)
			(void)strtoll(text, &end, 10);
		if (is_whole ? errno == 0 : isfinite(strtod(text, NULL)))
			return true;
	}
	s->at = start;
	if (s->key == NULL)
		return wrong(s, "the number is too large");
	return wrong(s, "the number of %.*s is too large", (int)(s->key_length < KEY_SHOWN ? s->key_length : KEY_SHOWN), s->key);
}

static bool
scan_number(struct scanner *s)
{
	size_t start = s->at;
	bool is_whole = true;

	if (peek(s) == '-')
		s->at++;
	if (peek(s) == '0')
		s->at++;
	else if (!scan_digits(s))
		return wrong(s, "this is not a JSON value");
	if (peek(s) == '.') {
		is_whole = false;
		s->at++;
		if (!scan_digits(s))
			return wrong(s, "digits must follow the decimal point");
	}
	if (peek(s) == 'e' || peek(s) == 'E') {
		is_whole = false;
		s->at++;
		if (peek(s) == '+' || peek(s) == '-')
			s->at++;
		if (!scan_digits(s))
			return wrong(s, "digits must follow the exponent");
	}
	return number_fits(s, start, is_whole);
}

static bool
scan_word(struct scanner *s, const char *word)
{
	size_t n = strlen(word);

	if (s->length - s->at < n || memcmp(s->text + s->at, word, n) != 0)
		return wrong(s, "this is not a JSON value");
	s->at += n;
	return true;
}

/* --- structure --- */

static bool
scan_key(struct scanner *s)
{
	size_t start = s->at;
	uint64_t hash;

	if (peek(s) != '"')
		return wrong(s, "a key in quotes is expected");
	if (!scan_text(s, &hash))
		return false;
	s->key = s->text + start;
	s->key_length = s->at - start;
	hash = mix(hash + s->object * UINT64_C(0x9e3779b97f4a7c15)) | 1;
	if (key_set_has(&s->keys, hash)) {
		s->at = start;
		return wrong(s, "the key %.*s stands twice in one object",
		    (int)(s->key_length < KEY_SHOWN ? s->key_length : KEY_SHOWN), s->key);
	}
	key_set_add(&s->keys, s->mem, hash);
	skip_space(s);
	if (peek(s) != ':')
		return wrong(s, "a colon is expected");
	s->at++;
	return true;
}

/* The inside of [...] or {...}, from the opening bracket to behind the closing one. */
static bool
scan_members(struct scanner *s, char closing, int depth)
{
	if (depth > JSON_DEPTH_MAX)
		return wrong(s, "nested deeper than %d", JSON_DEPTH_MAX);
	s->at++;
	skip_space(s);
	if (peek(s) == closing) {
		s->at++;
		return true;
	}
	for (;;) {
		if (closing == '}') {
			skip_space(s);
			if (!scan_key(s))
				return false;
		}
		if (!scan_value(s, depth))
			return false;
		skip_space(s);
		if (peek(s) == closing) {
			s->at++;
			return true;
		}
		if (peek(s) != ',')
			return wrong(s, "a comma or %c is expected", closing);
		s->at++;
	}
}

static bool
scan_object(struct scanner *s, int depth)
{
	uint64_t outer = s->object;
	bool ok;

	s->object = ++s->objects;
	ok = scan_members(s, '}', depth);
	s->object = outer;
	return ok;
}

static bool
scan_value(struct scanner *s, int depth)
{
	uint64_t hash;

	skip_space(s);
	switch (peek(s)) {
	case '{':
		return scan_object(s, depth + 1);
	case '[':
		return scan_members(s, ']', depth + 1);
	case '"':
		return scan_text(s, &hash);
	case 't':
		return scan_word(s, "true");
	case 'f':
		return scan_word(s, "false");
	case 'n':
		return scan_word(s, "null");
	case -1:
		return wrong(s, "the text ends where a value is expected");
	default:
		return scan_number(s);
	}
}

static bool
scan_document(struct scanner *s)
{
	if (!scan_value(s, 0))
		return false;
	skip_space(s);
	return s->at == s->length || wrong(s, "something follows the JSON value");
}

/* --- the tree --- */

struct tree {
	struct json_object *root;
};

static int
tree_free(struct tree *t)
{
	json_object_put(t->root);
	return 0;
}

static uint64_t
process_seed(void)
{
	static uint64_t seed;

	if (seed == 0)
		random_bytes(&seed, sizeof(seed));
	return seed;
}

int
json_parse(void *mem, const char *text, size_t length, struct json_object **out, const char **why)
{
	struct scanner s = { .mem = mem, .text = text, .length = length, .seed = process_seed() };
	struct json_tokener *tokener;
	struct tree *tree;

	*out = NULL;
	s.keys.slots = s.keys.first;
	s.keys.room = KEYS_FIRST;
	if (length > INT32_MAX || !scan_document(&s)) {
		*why = s.why != NULL ? s.why : "The text is too long.";
		return ERR_MALFORMED_JSON;
	}
	tree = mem_new(mem, struct tree);
	tokener = mem_checked(json_tokener_new_ex(JSON_DEPTH_MAX + 1));
	tree->root = json_tokener_parse_ex(tokener, text, (int)length);
	/* A number at the very end may yet go on, for all the tokener knows. */
	if (json_tokener_get_error(tokener) == json_tokener_continue)
		tree->root = json_tokener_parse_ex(tokener, "", 1);
	if (json_tokener_get_error(tokener) != json_tokener_success) {
		*why = mem_strdup(mem, json_tokener_error_desc(json_tokener_get_error(tokener)));
		json_tokener_free(tokener);
		return ERR_MALFORMED_JSON;
	}
	json_tokener_free(tokener);
	talloc_set_destructor(tree, tree_free);
	*out = tree->root;
	return 0;
}
