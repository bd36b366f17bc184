/* ctl/key.c - atelierctl key: the keys that sign access tokens. They live in files that [auth] names. */
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "lib/base64.h"
#include "lib/buf.h"
#include "lib/mem.h"
#include "lib/random.h"
#include "lib/token.h"

#define SECRET_BYTES 48

static int
write_key(struct ctl *ctl, const char *algorithm, FILE *f)
{
	EVP_PKEY *key = NULL;
	uint8_t secret[SECRET_BYTES];
	int good;

	if (strcmp(algorithm, "HS256") == 0) {
		random_bytes(secret, sizeof(secret));
		return fprintf(f, "%s\n", base64url_encode(ctl->mem, secret, sizeof(secret))) > 0 ? 0 : -1;
	}
	if (strcmp(algorithm, "RS256") == 0)
		key = EVP_RSA_gen(2048);
	else if (strcmp(algorithm, "ES256") == 0)
		key = EVP_EC_gen("P-256");
	good = key != NULL && PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL) == 1;
	EVP_PKEY_free(key);
	return good ? 0 : -1;
}

static int
create(struct ctl *ctl)
{
	FILE *f;
	int fd, err;

	if (ctl->argc != 2)
		return 2;
	fd = open(ctl->argv[1], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	f = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (f == NULL)
		return ctl_fail("%s: %s", ctl->argv[1], strerror(errno));
	err = write_key(ctl, ctl->argv[0], f);
	if (fclose(f) != 0 || err != 0) {
		unlink(ctl->argv[1]);
		return ctl_fail("a key is HS256, RS256 or ES256");
	}
	fprintf(stderr, "To use it: auth.algorithm = %s, auth.signing_key_file = %s, and the former file as\n"
	                "auth.previous_key_file until its last token has expired; then reload atelier-fcgi.\n",
	    ctl->argv[0], ctl->argv[1]);
	return 0;
}

static int
show(struct ctl *ctl)
{
	const char *why = "";
	struct keyring *keys;
	struct buf b;

	if (ctl->argc != 0)
		return 2;
	keys = keyring_open(ctl->mem, ctl->conf, &why);
	if (keys == NULL)
		return ctl_fail("%s", why);
	buf_init(&b, ctl->mem, 1024);
	keyring_write_jwks(keys, &b);
	puts(buf_cstr(&b));
	return 0;
}

const struct command key_commands[] = {
	{ "create", "HS256|RS256|ES256 FILE", "Make a key for auth.signing_key_file; never over an old one.", create, true },
	{ "show", "", "The public keys, as /.well-known/jwks.json shows them.", show, false },
	COMMAND_END
};
