/*
 * lib/seal.h - secrets that must be read again (TOTP seeds, links in queued mail, kept answers) are kept encrypted:
 * AES-256-GCM under a key made from main.secret and the purpose. Text in, base64url text out.
 */
#ifndef ATELIER_SEAL_H
#define ATELIER_SEAL_H

/* Encrypts text; the result hangs on context. purpose binds it: what is sealed for one opens for no other. */
const char *seal_text(void *context, const char *secret, const char *purpose, const char *text);

/* The text of a sealed one (of 4 MiB at most); NULL when it was not sealed by us for this purpose. */
const char *seal_open(void *context, const char *secret, const char *purpose, const char *sealed);

#endif
