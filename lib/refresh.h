/*
 * lib/refresh.h - refresh tokens say which session they are of and the how-many-eth of it, sealed by a MAC. So an old
 * token is told from a made-up one without keeping every old token: the first revokes the session, the second does
 * nothing. The database keeps the hash (secret_hash) of the newest one only.
 */
#ifndef ATELIER_REFRESH_H
#define ATELIER_REFRESH_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/uuid.h"

struct refresh_token {
	struct uuid session;
	uint32_t generation;
};

const char *refresh_token_new(void *context, const char *key, const struct refresh_token *token);
bool refresh_token_read(void *context, const char *key, const char *text, struct refresh_token *out);

#endif
