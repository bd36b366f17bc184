/*
 * lib/jwks.h - tokens of others (OpenID providers): a JWS in compact form, checked with the provider's published keys.
 * RS256 and ES256 only; the algorithm must be the key's, so neither "none" nor a public key used as an HMAC secret passes.
 */
#ifndef ATELIER_JWKS_H
#define ATELIER_JWKS_H

struct json_object;

enum jwks_result { JWKS_VALID, JWKS_INVALID, JWKS_UNKNOWN_KEY };

/* jwks: {"keys":[…]}. *claims (owned by the caller: json_object_put) only when valid. The claims themselves (iss, aud,
 * exp, nonce) are the caller's to check. */
enum jwks_result jwks_verify(struct json_object *jwks, const char *token, struct json_object **claims);

#endif
