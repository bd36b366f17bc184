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

/* A token stays the same for an hour, and what is on the first pages is asked for all the time: the last tokens are
 * kept. A MAC for each address of a feed took a fifth of its processor time. */
#define FOLDER_MAX 96
#define KEPT 1024

static const char *
token_of(const char *folder, size_t length, int sight)
{
	static struct {
		int64_t expires_s;
		size_t length;
		char folder[FOLDER_MAX];
		char token[MEDIA_TOKEN_SIZE];
	} kept[KEPT];
	static char unkept[MEDIA_TOKEN_SIZE];
	int64_t expires_s = media_expiry(time(NULL), media.conf->media_url_ttl) + sight;
	uint32_t hash = 2166136261u;
	size_t at;

	if (length > FOLDER_MAX) {
		media_token(media.signer, folder, length, expires_s, unkept);
		return unkept;
	}
	for (size_t i = length > 20 ? length - 20 : 0; i < length; i++) /* the end is where folders differ */
		hash = (hash ^ (unsigned char)folder[i]) * 16777619u;
	hash ^= (uint32_t)sight;
	at = hash % KEPT;
	if (kept[at].expires_s != expires_s || kept[at].length != length ||
	    memcmp(kept[at].folder, folder, length) != 0) {
		media_token(media.signer, folder, length, expires_s, kept[at].token);
		memcpy(kept[at].folder, folder, length);
		kept[at].length = length;
		kept[at].expires_s = expires_s;
	}
	return kept[at].token;
}

void
media_url_write(struct buf *b, const char *key, size_t length)
{
	int sight = 0;

	for (; length > 0 && *key == '!'; key++, length--)
		sight++;
	buf_add_char(b, '"');
	buf_add_str(b, media.conf->media_base_path);
	buf_add_char(b, '/');
	buf_add_str(b, token_of(key, folder_length(key, length), sight));
	buf_add_char(b, '/');
	buf_url_path(b, key, length); /* keys are made by us: letters, digits, - . / */
	buf_add_char(b, '"');
}

int
media_url_sight(int64_t expires_s)
{
	return (int)(expires_s % 3600);
}
