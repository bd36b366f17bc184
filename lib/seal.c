/* lib/seal.c - authenticated encryption of small secrets by OpenSSL. */
#include "lib/seal.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/base64.h"
#include "lib/mem.h"

#define KEY_BYTES 32
#define NONCE_BYTES 12
#define TAG_BYTES 16
#define SEALED_MAX ((size_t)4 << 20) /* bytes */

static void
purpose_key(const char *secret, const char *purpose, uint8_t key[KEY_BYTES])
{
	char label[128];
	unsigned length = KEY_BYTES;
	int n = snprintf(label, sizeof(label), "atelier seal 1 %s", purpose);

	if (HMAC(EVP_sha256(), secret, (int)strlen(secret), (const uint8_t *)label, (size_t)n, key, &length) == NULL)
		mem_out_of_memory();
}

const char *
seal_text(void *context, const char *secret, const char *purpose, const char *text)
{
	size_t length = strlen(text);
	uint8_t key[KEY_BYTES], *sealed = mem_size(context, NONCE_BYTES + length + TAG_BYTES);
	EVP_CIPHER_CTX *cipher = mem_checked(EVP_CIPHER_CTX_new());
	int n = 0, end = 0;

	purpose_key(secret, purpose, key);
	if (RAND_bytes(sealed, NONCE_BYTES) != 1 ||
	    EVP_EncryptInit_ex(cipher, EVP_aes_256_gcm(), NULL, key, sealed) != 1 ||
	    EVP_EncryptUpdate(cipher, sealed + NONCE_BYTES, &n, (const uint8_t *)text, (int)length) != 1 ||
	    EVP_EncryptFinal_ex(cipher, sealed + NONCE_BYTES + n, &end) != 1 ||
	    EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, TAG_BYTES, sealed + NONCE_BYTES + length) != 1)
		mem_out_of_memory();
	EVP_CIPHER_CTX_free(cipher);
	OPENSSL_cleanse(key, sizeof(key));
	return base64url_encode(context, sealed, NONCE_BYTES + length + TAG_BYTES);
}

const char *
seal_open(void *context, const char *secret, const char *purpose, const char *sealed)
{
	uint8_t key[KEY_BYTES], *bytes;
	EVP_CIPHER_CTX *cipher;
	size_t total, length;
	char *text;
	int n = 0, end = 0;
	bool good;

	if (sealed == NULL || strlen(sealed) > SEALED_MAX ||
	    (bytes = base64url_decode(context, sealed, strlen(sealed), &total)) == NULL ||
	    total < NONCE_BYTES + TAG_BYTES)
		return NULL;
	length = total - NONCE_BYTES - TAG_BYTES;
	text = mem_size(context, length + 1);
	cipher = mem_checked(EVP_CIPHER_CTX_new());
	purpose_key(secret, purpose, key);
	good = EVP_DecryptInit_ex(cipher, EVP_aes_256_gcm(), NULL, key, bytes) == 1 &&
	    EVP_DecryptUpdate(cipher, (uint8_t *)text, &n, bytes + NONCE_BYTES, (int)length) == 1 &&
	    EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_SET_TAG, TAG_BYTES, bytes + NONCE_BYTES + length) == 1 &&
	    EVP_DecryptFinal_ex(cipher, (uint8_t *)text + n, &end) == 1;
	EVP_CIPHER_CTX_free(cipher);
	OPENSSL_cleanse(key, sizeof(key));
	text[length] = '\0';
	return good ? text : NULL;
}
