/*
 * db/result.h - rows: read by column name, or streamed as JSON by what the columns are called.
 *
 *	select v.id, u.username as "user.username", v.poster_key as "posterUrl:media", v.sort as "_sort" ...
 *
 *	alias is the JSON key; a dot nests        {"id":…,"user":{"username":…},"posterUrl":…}
 *	columns of one object stand side by side
 *	"challenge?.id": the object is null when this first column of it is null
 *	"_name" is for C only, never written
 *	"name:media" turns a storage key into a URL (null stays null)
 *
 * bytea is for C only: it is written as null. json and jsonb go through as they are; null is null; timestamptz is RFC 3339 with milliseconds.
 */
#ifndef ATELIER_DB_RESULT_H
#define ATELIER_DB_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/uuid.h"

struct db_result;

int db_rows(const struct db_result *r);

/* Values by row and column name (the alias without ":media"). A null, or a missing row, reads as zero, NULL or false.
 * A column that the query does not have, or that has another type, is a bug and ends the process. */
bool db_is_null(const struct db_result *r, int row, const char *column);
struct uuid db_uuid(const struct db_result *r, int row, const char *column);
/* Any type but arrays and bytea, times as RFC 3339 with microseconds (good for cursors); lives with r. */
const char *db_text(const struct db_result *r, int row, const char *column);
int64_t db_int(const struct db_result *r, int row, const char *column);      /* smallint, integer, bigint */
bool db_bool(const struct db_result *r, int row, const char *column);
double db_double(const struct db_result *r, int row, const char *column);    /* real, double precision */
int64_t db_time_us(const struct db_result *r, int row, const char *column);  /* timestamptz, microseconds since 1970 */
const void *db_bytes(const struct db_result *r, int row, const char *column, size_t *length); /* bytea */
const char **db_text_array(const struct db_result *r, int row, const char *column, size_t *count); /* text[] */
bool db_has_column(const struct db_result *r, const char *column);

/* One row as {…}; a row that is not there as null. */
void db_write_object(struct buf *b, const struct db_result *r, int row);

/* Up to max_rows rows as [{…},…]; returns how many were written. */
int db_write_array(struct buf *b, const struct db_result *r, int max_rows);

/* The members of a row without the braces ("id":…,"user":{…}), to be put beside others. */
void db_write_members(struct buf *b, const struct db_result *r, int row);

/* How a storage key becomes a URL: writes a JSON string. Set once per process; without it, "/media/" + key. */
typedef void (*db_media_fn)(struct buf *b, const char *key, size_t length);
void db_set_media_writer(db_media_fn fn);

#endif
