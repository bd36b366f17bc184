/* fcgi/idempotency.c - answers kept by Idempotency-Key; they belong to one caller of one route. */
#include "fcgi/idempotency.h"

#include <openssl/evp.h>
#include <string.h>

#include "fcgi/app.h"
#include "lib/seal.h"

#define KEY_MAX 200
#define HASH_BYTES 32
#define SEAL_PURPOSE "kept answer"

/* Who asks: a person, or an address. */
static const char *
caller_text(struct request *rq)
{
	char id[UUID_TEXT];

	if (is_signed_in(rq))
		return mem_strdup(rq, uuid_text(&rq->user.id, id));
	return rq->user.address != NULL ? rq->user.address : "";
}

/* What is asked: method, path, and the body or what its handler took from it. */
static void
hash_request(struct request *rq, uint8_t hash[HASH_BYTES])
{
	EVP_MD_CTX *md = mem_checked(EVP_MD_CTX_new());
	char head[16];
	int n = snprintf(head, sizeof(head), "%d ", (int)rq->method);

	EVP_DigestInit_ex(md, EVP_sha256(), NULL);
	EVP_DigestUpdate(md, head, (size_t)n);
	EVP_DigestUpdate(md, rq->path, strlen(rq->path) + 1);
	if (rq->body_text != NULL)
		EVP_DigestUpdate(md, rq->body_text, rq->body_length);
	EVP_DigestFinal_ex(md, hash, NULL);
	EVP_MD_CTX_free(md);
}

static const char *
key_of(const struct request *rq)
{
	return rq->route != NULL && rq->route->idempotent ? request_header(rq, "HTTP_IDEMPOTENCY_KEY") : NULL;
}

/* A streamed body is read by the handler, which asks again then. */
static bool
is_body_unread(const struct request *rq)
{
	return rq->route->body_kind == BODY_STREAM && rq->body_text == NULL;
}

/* A key whose answer is lost (it was kept under another main.secret) is used up all the same. */
static int
replay(struct request *rq, const struct db_result *r)
{
	const char *body = seal_open(rq, rq->app->conf->main_secret, SEAL_PURPOSE, db_text(r, 0, "body"));

	if (body == NULL)
		return reply_error(rq, ERR_IDEMPOTENCY_CONFLICT, "This Idempotency-Key was used, and its answer can no longer be read.");
	buf_add_str(reply_raw(rq, (int)db_int(r, 0, "status"), "application/json; charset=utf-8"), body);
	if (db_text(r, 0, "headers") != NULL)
		reply_header(rq, "Location", "%s", db_text(r, 0, "headers"));
	reply_header(rq, "Idempotent-Replayed", "true");
	return 0;
}

int
gate_idempotency(struct request *rq)
{
	const char *key = key_of(rq);
	uint8_t hash[HASH_BYTES];
	struct db_result *r;
	const void *kept;
	size_t length;
	int err;

	if (key == NULL || is_body_unread(rq))
		return 0;
	if (strlen(key) > KEY_MAX)
		return reply_error(rq, ERR_BAD_REQUEST, "An Idempotency-Key has at most %d characters.", KEY_MAX);
	err = db_query(&rq->db, &r, Q_IDEMPOTENCY_FIND, text_param(caller_text(rq)), text_param(key));
	if (err != 0 || db_rows(r) == 0)
		return err;
	hash_request(rq, hash);
	kept = db_bytes(r, 0, "_request_hash", &length);
	if (length != HASH_BYTES || memcmp(kept, hash, HASH_BYTES) != 0)
		return ERR_IDEMPOTENCY_CONFLICT;
	return replay(rq, r);
}

/* A header that the handler set, from what will be sent. */
static const char *
header_value(struct request *rq, const char *name)
{
	const char *at = rq->out.head.length > 0 ? strstr(buf_cstr(&rq->out.head), name) : NULL;

	if (at == NULL)
		return NULL;
	at += strlen(name);
	return mem_strndup(rq, at, strcspn(at, "\r"));
}

int
idempotency_store(struct request *rq)
{
	const char *key = key_of(rq), *body;
	uint8_t hash[HASH_BYTES];
	struct db_result *r;
	int err;

	if (key == NULL || rq->out.status >= 500)
		return 0;
	hash_request(rq, hash);
	reply_finish(rq, 0);
	body = rq->out.body.length > 0 ? buf_cstr(&rq->out.body) : "";
	err = db_query(&rq->db, &r, Q_IDEMPOTENCY_STORE, text_param(caller_text(rq)), text_param(key),
	    text_param(mem_printf(rq, "%s %s", method_name(rq->method), rq->route->path)), bytes_param(hash, sizeof(hash)), int_param(rq->out.status),
	    text_param(header_value(rq, "Location: ")), text_param(seal_text(rq, rq->app->conf->main_secret, SEAL_PURPOSE, body)));
	return err == 0 && db_rows(r) == 0 ? ERR_IDEMPOTENCY_CONFLICT : err;
}
