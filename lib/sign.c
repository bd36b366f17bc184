/*
 * lib/sign.c - HMAC-SHA256 with contexts that are keyed once: a MAC costs two compressions of SHA-256 and no look-up.
 * A signer is of one thread.
 */
#include "lib/sign.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "lib/base64.h"
#include "lib/mem.h"

#define KEY_SIZE 32
#define MAC_SIZE 32
#define SHORT_MAC 16 /* bytes of a MAC in cursors and media tokens */
#define EXPIRY_SIZE 4
#define CURSOR_MAX 4096 /* characters */
#define HOUR_S 3600

enum purpose { PURPOSE_CURSOR, PURPOSE_MEDIA, PURPOSE_TEXT, PURPOSE_COUNT };

static const char *const labels[PURPOSE_COUNT] = { "atelier cursor 1", "atelier media 1", "atelier text 1" };

struct signer {
	EVP_MAC_CTX *contexts[PURPOSE_COUNT];
};

/* OpenSSL fails here only when memory ends or its installation is broken. */
static void
must(int ok)
{
	if (ok != 1)
		mem_out_of_memory();
}

static int
signer_free(struct signer *s)
{
	for (int i = 0; i < PURPOSE_COUNT; i++)
		EVP_MAC_CTX_free(s->contexts[i]);
	return 0;
}

static EVP_MAC_CTX *
keyed(EVP_MAC *hmac, const void *key, size_t length)
{
	char digest[] = "SHA256";
	OSSL_PARAM params[] = { OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_construct_end() };
	EVP_MAC_CTX *ctx = mem_checked(EVP_MAC_CTX_new(hmac));

	must(EVP_MAC_init(ctx, key, length, params));
	return ctx;
}

struct signer *
signer_open(void *context, const char *secret)
{
	struct signer *s = mem_new(context, struct signer);
	EVP_MAC *hmac = mem_checked(EVP_MAC_fetch(NULL, "HMAC", NULL));
	EVP_MAC_CTX *master = keyed(hmac, secret, strlen(secret));
	unsigned char key[KEY_SIZE];
	size_t length;

	talloc_set_destructor(s, signer_free);
	for (int i = 0; i < PURPOSE_COUNT; i++) {
		must(EVP_MAC_init(master, NULL, 0, NULL));
		must(EVP_MAC_update(master, (const unsigned char *)labels[i], strlen(labels[i])));
		must(EVP_MAC_final(master, key, &length, sizeof(key)));
		s->contexts[i] = keyed(hmac, key, sizeof(key));
	}
	OPENSSL_cleanse(key, sizeof(key));
	EVP_MAC_CTX_free(master);
	EVP_MAC_free(hmac);
	return s;
}

/* MAC of scope, a zero byte, and data: no scope runs into its data. */
static void
mac(struct signer *s, enum purpose purpose, const char *scope, size_t scope_length, const void *data, size_t length,
    unsigned char out[MAC_SIZE])
{
	EVP_MAC_CTX *ctx = s->contexts[purpose];
	size_t n;

	must(EVP_MAC_init(ctx, NULL, 0, NULL));
	must(EVP_MAC_update(ctx, (const unsigned char *)scope, scope_length));
	must(EVP_MAC_update(ctx, (const unsigned char *)"", 1));
	must(EVP_MAC_update(ctx, data, length));
	must(EVP_MAC_final(ctx, out, &n, MAC_SIZE));
}

/* --- cursors: MAC, payload --- */

char *
cursor_seal(void *mem, struct signer *s, const char *name, const char *payload)
{
	size_t length = strlen(payload);
	unsigned char out[MAC_SIZE], *bytes = mem_size(mem, SHORT_MAC + length);
	char *text;

	mac(s, PURPOSE_CURSOR, name, strlen(name), payload, length, out);
	memcpy(bytes, out, SHORT_MAC);
	memcpy(bytes + SHORT_MAC, payload, length);
	text = base64url_encode(mem, bytes, SHORT_MAC + length);
	talloc_free(bytes);
	return text;
}

char *
cursor_open(void *mem, struct signer *s, const char *name, const char *cursor)
{
	size_t length, characters = strnlen(cursor, CURSOR_MAX + 1);
	unsigned char out[MAC_SIZE], *bytes;

	if (characters > CURSOR_MAX)
		return NULL;
	bytes = base64url_decode(mem, cursor, characters, &length);
	if (bytes == NULL || length < SHORT_MAC)
		return NULL;
	mac(s, PURPOSE_CURSOR, name, strlen(name), bytes + SHORT_MAC, length - SHORT_MAC, out);
	if (CRYPTO_memcmp(out, bytes, SHORT_MAC) != 0)
		return NULL;
	return mem_strndup(mem, (char *)bytes + SHORT_MAC, length - SHORT_MAC);
}

/* --- media: expiry in four bytes, MAC --- */

struct media_wire {
	unsigned char expiry[EXPIRY_SIZE]; /* big-endian Unix time: until 2106 */
	unsigned char mac[SHORT_MAC];
};

_Static_assert(BASE64URL_LENGTH(sizeof(struct media_wire)) < MEDIA_TOKEN_SIZE, "a media token fits");

void
media_token(struct signer *s, const char *folder, size_t length, int64_t expires_s, char out[MEDIA_TOKEN_SIZE])
{
	unsigned char full[MAC_SIZE];
	struct media_wire wire;

	for (int i = 0; i < EXPIRY_SIZE; i++)
		wire.expiry[i] = (unsigned char)((uint64_t)expires_s >> (24 - 8 * i));
	mac(s, PURPOSE_MEDIA, folder, length, wire.expiry, EXPIRY_SIZE, full);
	memcpy(wire.mac, full, SHORT_MAC);
	base64url_put(out, &wire, sizeof(wire));
	out[BASE64URL_LENGTH(sizeof(wire))] = '\0';
}

bool
media_token_is_valid(struct signer *s, const char *folder, size_t length, const char *token, size_t token_length,
    int64_t now_s)
{
	unsigned char full[MAC_SIZE];
	struct media_wire wire;
	int64_t expires_s = 0;

	if (!base64url_get(&wire, sizeof(wire), token, token_length))
		return false;
	mac(s, PURPOSE_MEDIA, folder, length, wire.expiry, EXPIRY_SIZE, full);
	if (CRYPTO_memcmp(full, wire.mac, SHORT_MAC) != 0)
		return false;
	for (int i = 0; i < EXPIRY_SIZE; i++)
		expires_s = expires_s << 8 | wire.expiry[i];
	return now_s < expires_s;
}

int64_t
media_token_expiry(const char *token, size_t token_length)
{
	struct media_wire wire;
	int64_t expires_s = 0;

	if (!base64url_get(&wire, sizeof(wire), token, token_length))
		return 0;
	for (int i = 0; i < EXPIRY_SIZE; i++)
		expires_s = expires_s << 8 | wire.expiry[i];
	return expires_s;
}

int64_t
media_expiry(int64_t now_s, int64_t ttl_s)
{
	return ((now_s + ttl_s) / HOUR_S + 1) * HOUR_S;
}

/* --- any text --- */

void
text_sign(struct signer *s, const char *purpose, const char *text, char out[SIGNATURE_SIZE])
{
	unsigned char full[MAC_SIZE];

	mac(s, PURPOSE_TEXT, purpose, strlen(purpose), text, strlen(text), full);
	base64url_put(out, full, sizeof(full));
	out[SIGNATURE_SIZE - 1] = '\0';
}

uint64_t
text_print(struct signer *s, const char *purpose, const void *data, size_t length)
{
	unsigned char out[MAC_SIZE];
	uint64_t print;

	mac(s, PURPOSE_TEXT, purpose, strlen(purpose), data, length, out);
	memcpy(&print, out, sizeof(print));
	return print;
}

bool
text_is_signed(struct signer *s, const char *purpose, const char *text, const char *signature)
{
	char right[SIGNATURE_SIZE];

	text_sign(s, purpose, text, right);
	return strnlen(signature, SIGNATURE_SIZE) == SIGNATURE_SIZE - 1 &&
	    CRYPTO_memcmp(right, signature, SIGNATURE_SIZE - 1) == 0;
}

/* --- ETags --- */

/* Both halves of a 128-bit product: one multiplication mixes every bit with every other. */
static uint64_t
fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

void
etag_of(const void *data, size_t length, char out[24])
{
	static const uint64_t k0 = UINT64_C(0xa0761d6478bd642f), k1 = UINT64_C(0xe7037ed1a0b428db);
	const unsigned char *p = data;
	uint64_t hash = fold(length ^ k0, k1), a, b;

	for (; length >= 16; p += 16, length -= 16) {
		memcpy(&a, p, 8);
		memcpy(&b, p + 8, 8);
		hash = fold(a ^ k1, b ^ hash);
	}
	a = b = 0;
	memcpy(&a, p, length < 8 ? length : 8);
	if (length > 8)
		memcpy(&b, p + 8, length - 8);
	hash = fold(a ^ k1, b ^ hash);
	hash = fold(hash, k0);
	out[0] = out[17] = '"';
	for (int i = 16; i > 0; i--, hash >>= 4)
		out[i] = "0123456789abcdef"[hash & 15];
	out[18] = '\0';
}
