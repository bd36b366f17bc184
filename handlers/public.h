/* handlers/public.h - what pages and feeds for other sites share: absolute addresses, and XML written by libxml2. */
#ifndef ATELIER_PUBLIC_H
#define ATELIER_PUBLIC_H

#include <libxml/tree.h>

#include "fcgi/app.h"

/* The signed address of a storage key, with scheme and host. NULL for NULL. Hangs on the request. */
const char *public_media(struct request *rq, const char *key);

/* The address of a path of ours with scheme and host. */
const char *public_address(struct request *rq, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A new element with text (NULL: none) below parent. The serializer escapes what people wrote. */
xmlNodePtr public_add(xmlNodePtr parent, xmlNsPtr ns, const char *name, const char *text);
void public_set(xmlNodePtr node, const char *attribute, const char *value); /* nothing when value is NULL */

/* Writes the document and frees it. */
int public_reply(struct request *rq, xmlDocPtr doc, const char *content_type);

#endif
