/* fcgi/media_url.h - storage keys as signed addresses: what columns called "...:media" become. */
#ifndef ATELIER_MEDIA_URL_H
#define ATELIER_MEDIA_URL_H

#include "lib/buf.h"
#include "lib/conf.h"
#include "lib/sign.h"

/* Once per process: from now on db_write_* makes addresses with these. Both must outlive the process's replies. */
void media_url_open(struct signer *signer, const struct conf *conf);

/* "<base>/<token>/<key>" as a JSON string. A key may begin with marks: "!" makes an address that also plays what is private
 * (for those with whom it is shared) or hidden by moderation (for its author), "!!" one that plays what moderation has removed
 * (for those who moderate). */
void media_url_write(struct buf *b, const char *key, size_t length);

/* How many marks the address had that a valid token with this expiry stands in. Addresses expire at a full hour; the
 * seconds behind it say it, and are signed. */
int media_url_sight(int64_t expires_s);

#endif
