/*
 * lib/webhook.h - how webhooks are signed, as standardwebhooks.com says: base64 of HMAC-SHA256 over "id.timestamp.body", the
 * key is what stands in base64 behind "whsec_".
 */
#ifndef ATELIER_WEBHOOK_H
#define ATELIER_WEBHOOK_H

#include <stdbool.h>
#include <stdint.h>

struct conf;

#define WEBHOOK_SEAL "webhook secret" /* purpose of lib/seal.h */

/* A new secret, "whsec_…". */
const char *webhook_secret_new(void *context);

/* "v1,…" for the header Webhook-Signature; NULL when secret is none of ours. */
const char *webhook_sign(void *context, const char *secret, const char *id, int64_t at_s, const char *body);

/* May events be sent to that address? By what can be seen from the text; names are looked at when they are connected to. */
bool webhook_url_is_fine(const struct conf *conf, const char *url, const char **why);

#endif
