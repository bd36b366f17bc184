/* lib/refresh.c - the form of refresh tokens. */
#include "lib/refresh.h"

#include <openssl/crypto.h>
#include <openssl/hmac.h>

#include "lib/base64.h"
#include "lib/mem.h"
#include "lib/random.h"

#define MAC_BYTES 32
#define MAC_LABEL "atelier refresh 1"

/* As it travels, base64url. */
struct refresh_wire {
	uint8_t session[16];
	uint8_t generation[4]; /* big-endian */
	uint8_t random[20];
	uint8_t mac[24];
};

static void
refresh_mac(const char *key, const struct refresh_wire *wire, uint8_t mac[MAC_BYTES])
{
	uint8_t text[sizeof(MAC_LABEL) + offsetof(struct refresh_wire, mac)];
	unsigned length;

	memcpy(text, MAC_LABEL, sizeof(MAC_LABEL));
	memcpy(text + sizeof(MAC_LABEL), wire, offsetof(struct refresh_wire, mac));
	if (HMAC(EVP_sha256(), key, (int)strlen(key), text, sizeof(text), mac, &length) == NULL)
		mem_out_of_memory();
}

const char *
refresh_token_new(void *context, const char *key, const struct refresh_token *token)
{
	struct refresh_wire wire;
	uint8_t mac[MAC_BYTES];

	memcpy(wire.session, token->session.b, sizeof(wire.session));
	for (int i = 0; i < 4; i++)
		wire.generation[i] = (uint8_t)(token->generation >> (24 - 8 * i));
	random_bytes(wire.random, sizeof(wire.random));
	refresh_mac(key, &wire, mac);
	memcpy(wire.mac, mac, sizeof(wire.mac));
	return base64url_encode(context, &wire, sizeof(wire));
}

bool
refresh_token_read(void *context, const char *key, const char *text, struct refresh_token *out)
{
	uint8_t mac[MAC_BYTES];
	struct refresh_wire *wire;
	size_t length;

	if (strlen(text) > 2 * sizeof(*wire))
		return false;
	wire = base64url_decode(context, text, strlen(text), &length);
	if (wire == NULL || length != sizeof(*wire))
		return false;
	refresh_mac(key, wire, mac);
	if (CRYPTO_memcmp(mac, wire->mac, sizeof(wire->mac)) != 0)
		return false;
	memcpy(out->session.b, wire->session, sizeof(wire->session));
	out->generation = 0;
	for (int i = 0; i < 4; i++)
		out->generation = out->generation << 8 | wire->generation[i];
	return true;
}
