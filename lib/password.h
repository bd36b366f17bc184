/* lib/password.h - passwords as argon2id hashes. These calls take tens of milliseconds: never in an event loop. */
#ifndef ATELIER_PASSWORD_H
#define ATELIER_PASSWORD_H

#include <stdbool.h>

#include "lib/conf.h"

/* "$argon2id$v=19$m=...": with a salt of its own, on mem. */
char *password_hash(void *mem, const struct conf *conf, const char *password);

/* Is it the password of that hash? hash NULL or not one of argon2id's: false. */
bool password_verify(const char *hash, const char *password);

/* Was the hash made with other parameters than the configuration's? */
bool password_is_outdated(const char *hash, const struct conf *conf);

/* A hash that no password has, to verify against where there is no account: it takes the same time. Valid until the
 * next call. */
const char *password_dummy(const struct conf *conf);

#endif
