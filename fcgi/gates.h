/*
 * fcgi/gates.h - what stands between the web server and a handler. Each gate is a function that lets the request
 * pass (0) or says why not (an ERR_); fcgi/dispatch.c lists them in order. To add one: a function here, a line there.
 */
#ifndef ATELIER_GATES_H
#define ATELIER_GATES_H

#include "fcgi/app.h"

int gate_route(struct request *rq);       /* 404, 405 with Allow */
int gate_tenant(struct request *rq);      /* by Host */
int gate_cors(struct request *rq);       /* headers for pages of other origins, preflights */
int gate_module(struct request *rq);      /* 404 when it is off */
int gate_body_limit(struct request *rq);  /* 413 before a byte is read */
int gate_address_rate(struct request *rq);
int gate_token(struct request *rq);       /* who is it; a wrong token is a 401 also where none is needed */
int gate_permission(struct request *rq);
int gate_confirmed(struct request *rq);  /* 403 CONFIRMATION_REQUIRED */
int gate_user_rate(struct request *rq);
int gate_query_string(struct request *rq);
int gate_body(struct request *rq);

/* For handlers of BODY_STREAM routes that may be sent JSON: reads and checks it. *out: a pointer to the filled struct. */
int request_json(struct request *rq, const struct schema *schema, size_t limit, const void **out);
/* The same of a text that is there already, which becomes the body that the handler sees. */
int request_json_text(struct request *rq, const struct schema *schema, const char *text, size_t length, const void **out);

#endif
