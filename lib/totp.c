/* lib/totp.c - second factors; liboath does the arithmetic. */
#include "lib/totp.h"

#include <ctype.h>
#include <liboath/oath.h>
#include <openssl/rand.h>

#include "lib/mem.h"

#define SECRET_BYTES 20
#define DIGITS 6
#define WINDOW 1 /* steps of clock difference that are forgiven, each way */

/* No 0, 1, i, l, o, u: what people misread. 30 characters, rejection-sampled. */
static const char alphabet[] = "23456789abcdefghjkmnpqrstvwxyz";

const char *
totp_secret_new(void *context)
{
	char raw[SECRET_BYTES], *base32 = NULL, *copy;
	size_t length;

	if (RAND_bytes((unsigned char *)raw, sizeof(raw)) != 1 ||
	    oath_base32_encode(raw, sizeof(raw), &base32, &length) != OATH_OK)
		mem_out_of_memory();
	copy = mem_strndup(context, base32, length);
	free(base32);
	return copy;
}

static const char *
percent_encode(void *context, const char *s)
{
	static const char hex[] = "0123456789ABCDEF";
	char *out = mem_size(context, 3 * strlen(s) + 1), *p = out;

	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (isalnum(c) || strchr("-._~@", c) != NULL) {
			*p++ = (char)c;
		} else {
			*p++ = '%';
			*p++ = hex[c >> 4];
			*p++ = hex[c & 15];
		}
	}
	*p = '\0';
	return out;
}

const char *
totp_uri(void *context, const char *issuer, const char *account, const char *secret)
{
	const char *name = percent_encode(context, issuer);

	return mem_printf(context, "otpauth://totp/%s:%s?secret=%s&issuer=%s&algorithm=SHA1&digits=%d&period=30", name,
	    percent_encode(context, account), secret, name, DIGITS);
}

bool
totp_check(const char *secret, const char *code, int64_t now_s, int64_t *step)
{
	char *raw = NULL;
	size_t length;
	uint64_t found = 0;
	int off = 0, rc;

	if (strlen(code) != DIGITS || strspn(code, "0123456789") != DIGITS ||
	    oath_base32_decode(secret, strlen(secret), &raw, &length) != OATH_OK)
		return false;
	rc = oath_totp_validate3(raw, length, (time_t)now_s, OATH_TOTP_DEFAULT_TIME_STEP_SIZE, 0, WINDOW, &off, &found,
	    code);
	free(raw);
	if (rc < 0)
		return false;
	*step = (int64_t)found;
	return true;
}

void
recovery_code_new(char code[RECOVERY_CODE_TEXT])
{
	uint8_t random;

	for (int i = 0; i < RECOVERY_CODE_TEXT - 1; i++) {
		if (i == 5) {
			code[i] = '-';
			continue;
		}
		do {
			if (RAND_bytes(&random, 1) != 1)
				mem_out_of_memory();
		} while (random >= 240);
		code[i] = alphabet[random % 30];
	}
	code[RECOVERY_CODE_TEXT - 1] = '\0';
}

bool
recovery_code_parse(const char *code, char plain[RECOVERY_CODE_TEXT])
{
	int n = 0;

	for (; *code != '\0'; code++) {
		int c = tolower((unsigned char)*code);

		if (c == '-' || c == ' ')
			continue;
		if (strchr(alphabet, c) == NULL || n == RECOVERY_CODE_TEXT - 1)
			return false;
		if (n == 5)
			plain[n++] = '-';
		plain[n++] = (char)c;
	}
	plain[n < RECOVERY_CODE_TEXT ? n : RECOVERY_CODE_TEXT - 1] = '\0';
	return n == RECOVERY_CODE_TEXT - 1;
}
