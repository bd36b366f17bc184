/* lib/json.h - strict JSON in: one value, valid UTF-8, no duplicate keys, bounded depth. */
#ifndef ATELIER_JSON_H
#define ATELIER_JSON_H

#include <json-c/json.h>
#include <stddef.h>

#define JSON_DEPTH_MAX 32

/* Parses length bytes. *out hangs on mem (a destructor puts it). 0, or ERR_MALFORMED_JSON with *why saying what is wrong
 * and where, on mem. */
int json_parse(void *mem, const char *text, size_t length, struct json_object **out, const char **why);

#endif
