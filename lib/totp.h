/* lib/totp.h - time-based one-time passwords (RFC 6238, SHA-1, 6 digits, 30 s) by liboath, and recovery codes. */
#ifndef ATELIER_TOTP_H
#define ATELIER_TOTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECOVERY_CODES 10
#define RECOVERY_CODE_TEXT 12 /* "xxxxx-xxxxx" with the terminating zero */

/* A new secret, base32 as authenticator apps take it; on context. */
const char *totp_secret_new(void *context);

/* The otpauth:// address that an authenticator reads. */
const char *totp_uri(void *context, const char *issuer, const char *account, const char *secret);

/* Does the code fit now, or one step before or behind? *step is the counter it fits. */
bool totp_check(const char *secret, const char *code, int64_t now_s, int64_t *step);

/* Is it written as a recovery code? Case and the dash do not matter; plain takes the canonical form. */
bool recovery_code_parse(const char *code, char plain[RECOVERY_CODE_TEXT]);
void recovery_code_new(char code[RECOVERY_CODE_TEXT]);

#endif
