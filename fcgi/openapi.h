/* fcgi/openapi.h - the OpenAPI 3.1 document, made from the route tables: there is no second list. */
#ifndef ATELIER_OPENAPI_H
#define ATELIER_OPENAPI_H

#include "fcgi/route.h"
#include "lib/buf.h"

void openapi_write(const struct router *router, struct buf *out);

#endif
