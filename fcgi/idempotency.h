/*
 * fcgi/idempotency.h - a POST with an Idempotency-Key is done once: the answer is kept for 24 hours in the same
 * transaction as the change, and given again to the same request; another request with that key is a 409.
 * Answers are kept sealed (lib/seal.h): some tell a token once, of which the database otherwise has a hash.
 */
#ifndef ATELIER_IDEMPOTENCY_H
#define ATELIER_IDEMPOTENCY_H

struct request;

/* Gate, behind the body's: replays a kept answer (rq->out is whole then), refuses a key used for something else. Handlers
 * of BODY_STREAM routes call it again once rq->body_text says what was asked; a set rq->out.status then means done. */
int gate_idempotency(struct request *rq);

/* Keeps the answer, before the commit. 0 when there is nothing to keep. Two requests with the same
 * key at the same time: the second fails here and takes its change back (ERR_IDEMPOTENCY_CONFLICT). */
int idempotency_store(struct request *rq);

#endif
