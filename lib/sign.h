/*
 * lib/sign.h - short MACs with one secret: list cursors, media and upload addresses, ETags. Each use has a key of its
 * own, derived from main.secret, so that nothing signed for one purpose passes for another.
 */
#ifndef ATELIER_SIGN_H
#define ATELIER_SIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct signer;

/* Keys derived from secret (at least 32 bytes). Lives on context. */
struct signer *signer_open(void *context, const char *secret);

/* A cursor for the list `name`: opaque text on mem. */
char *cursor_seal(void *mem, struct signer *s, const char *name, const char *payload);
/* Its payload on mem; NULL when it is not ours or another list's. */
char *cursor_open(void *mem, struct signer *s, const char *name, const char *cursor);

#define MEDIA_TOKEN_SIZE 32 /* with the terminating zero */

/* The token of a folder of media (the first three parts of a storage key). expires_s: Unix time, seconds. */
void media_token(struct signer *s, const char *folder, size_t length, int64_t expires_s, char out[MEDIA_TOKEN_SIZE]);
/* Is token good for that folder at now_s? */
bool media_token_is_valid(struct signer *s, const char *folder, size_t length, const char *token, size_t token_length,
    int64_t now_s);
/* When a token that is valid expires. */
int64_t media_token_expiry(const char *token, size_t token_length);
/* When an address made now expires: at least ttl_s from now, and the same for a whole hour. */
int64_t media_expiry(int64_t now_s, int64_t ttl_s);

/* Any other signed text ("upload:<id>:<expiry>"): a MAC in base64url, and its check in constant time. */
#define SIGNATURE_SIZE 44
void text_sign(struct signer *s, const char *purpose, const char *text, char out[SIGNATURE_SIZE]);
bool text_is_signed(struct signer *s, const char *purpose, const char *text, const char *signature);

/* A keyed hash of bytes: the same wherever the secret is, and nobody without it finds two of one print. */
uint64_t text_print(struct signer *s, const char *purpose, const void *data, size_t length);

/* "\"0123456789abcdef\"": a fast hash of the bytes, for ETags; not a secret. */
void etag_of(const void *data, size_t length, char out[24]);

#endif
