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

/* A token stays the same for an hour, and the same media are asked for all the time: the last tokens are
 * kept. A MAC for each address of a feed took a fifth of its processor time. Folders are known by two hashes of eight bytes at a
 * time: to mistake one for another would give an address that does not play, no more. */
#define KEPT 16384

struct folder_print {
	uint64_t a, b;
};

static struct folder_print
print_of(const char *folder, size_t length)
{
	struct folder_print p = { length, UINT64_C(0x9e3779b97f4a7c15) };
	uint64_t word;

	for (size_t at = 0; at < length; at += sizeof(word)) {
		word = 0;
		memcpy(&word, folder + at, length - at < sizeof(word) ? length - at : sizeof(word));
		p.a = (p.a ^ word) * UINT64_C(0xff51afd7ed558ccd);
		p.a ^= p.a >> 32;
		p.b = (p.b + word) * UINT64_C(0xc4ceb9fe1a85ec53);
		p.b ^= p.b >> 29;
	}
	return p;
}

static const char *
token_of(const char *folder, size_t length, int sight)
{
	static struct {
		int64_t expires_s;
		struct folder_print print;
		char token[MEDIA_TOKEN_SIZE];
	} kept[KEPT];
	int64_t expires_s = media_expiry(time(NULL), media.conf->media_url_ttl) + sight;
	struct folder_print print = print_of(folder, length);
	size_t at = (print.a ^ (uint64_t)sight) % KEPT;

	if (kept[at].expires_s != expires_s || kept[at].print.a != print.a || kept[at].print.b != print.b) {
		media_token(media.signer, folder, length, expires_s, kept[at].token);
		kept[at].print = print;
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
