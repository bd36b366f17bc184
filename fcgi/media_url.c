/* fcgi/media_url.c - signed media addresses, stable within the hour. */
#include "fcgi/media_url.h"

#include <string.h>
#include <time.h>

#include "db/result.h"

/* Per process: the column writer of db/ has no request to find these in. */
static struct {
	struct signer *signer;
	const struct conf *conf;
} media;

void
media_url_open(struct signer *signer, const struct conf *conf)
{
	media.signer = signer;
	media.conf = conf;
	db_set_media_writer(media_url_write);
}

/* The first three parts: what a token covers. */
static size_t
folder_length(const char *key, size_t length)
{
	int parts = 0;

	for (size_t i = 0; i < length; i++)
		if (key[i] == '/' && ++parts == 3)
			return i;
	return length;
}

void
media_url_write(struct buf *b, const char *key, size_t length)
{
	char token[MEDIA_TOKEN_SIZE];

	media_token(media.signer, key, folder_length(key, length), media_expiry(time(NULL), media.conf->media_url_ttl),
	    token);
	buf_add_char(b, '"');
	buf_add_str(b, media.conf->media_base_path);
	buf_add_char(b, '/');
	buf_add_str(b, token);
	buf_add_char(b, '/');
	buf_add(b, key, length); /* keys are made by us: letters, digits, - . / */
	buf_add_char(b, '"');
}
