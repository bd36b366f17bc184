/*
 * lib/storage.h - where media lies: keys below four roots of media.root, never absolute paths in the database.
 *
 *	incoming/   uploads under way          spool/      bodies that the web server put down
 *	originals/  files as they came         public/     what is served
 */
#ifndef ATELIER_STORAGE_H
#define ATELIER_STORAGE_H

#include <stdint.h>

#include "lib/conf.h"
#include "lib/errors.h"

enum storage_root { STORAGE_INCOMING, STORAGE_SPOOL, STORAGE_ORIGINALS, STORAGE_PUBLIC };

/* The file of a key, on context. The key must be one of ours: relative, without "..". */
char *storage_path(const void *context, const struct conf *conf, enum storage_root root, const char *key);

/* Are the folders there and writable? 0 or ERR_UNAVAILABLE. */
int storage_check(const struct conf *conf);

/* Makes the folders of media.root. 0 or -errno. */
int storage_make_roots(const struct conf *conf);

/* Bytes that may still be written without touching media.reserve_free; negative on error. */
int64_t storage_room(const struct conf *conf);

/* Moves a file to a key, making its folders; copies where a rename cannot (another file system). The bytes and the name
 * are on the disk when it returns. 0 or -errno; blocks: call through wait_offload in a fiber. */
int storage_take(const char *from, const char *to);

/* mkdir -p. 0 or -errno. */
int storage_make_folder(const char *path);

/* Removes a file, or a folder with all that is in it. Nothing there is fine. 0 or -errno. */
int storage_remove(const char *path);

/* Bytes of all files below path. */
int64_t storage_size(const char *path);

#endif
