/* fcgi/media_url.h - storage keys as signed addresses: what columns called "...:media" become. */
#ifndef ATELIER_MEDIA_URL_H
#define ATELIER_MEDIA_URL_H

#include "lib/buf.h"
#include "lib/conf.h"
#include "lib/sign.h"

/* Once per process: from now on db_write_* makes addresses with these. Both must outlive the process's replies. */
void media_url_open(struct signer *signer, const struct conf *conf);

/* "<base>/<token>/<key>" as a JSON string. */
void media_url_write(struct buf *b, const char *key, size_t length);

#endif
