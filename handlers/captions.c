/* handlers/captions.c - captions of a video: taken as WebVTT or SubRip, kept as plain words. */
#include <string.h>

#include "fcgi/app.h"
#include "lib/captions.h"

struct caption_new {
	const char *label;
};

static const struct field caption_new_fields[] = {
	FIELD(struct caption_new, label, .min = 1, .max = 60, .doc = "What players call it; otherwise the language's tag."),
	FIELD_END
};

/* A language as en or pt-BR: it becomes part of a file's name. */
static bool
is_language(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz");

	if (n < 2 || n > 3 || strlen(s) > 20)
		return false;
	while (s[n] == '-') {
		size_t part = strspn(s + n + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

		if (part < 2 || part > 8)
			return false;
		n += part + 1;
	}
	return s[n] == '\0';
}

static int
begin_change(struct request *rq, const char *lang)
{
	struct db_result *r;

	if (!is_language(lang))
		return reply_invalid(rq, "lang", "must be a language tag like en or pt-BR");
	return db_query_row(&rq->db, &r, Q_CAPTIONS_LOCK, uuid_param(path_uuid(rq, "id")), uuid_param(rq->user.id),
	    bool_param(role_may(rq->user.role, MAY_VIDEO_EDIT_ANY)));
}

static int
read_file(struct request *rq, struct captions *out)
{
	struct buf file;
	const char *problem;
	char chunk[16384];
	ssize_t n;

	buf_init(&file, rq, sizeof(chunk));
	while ((n = request_read(rq, chunk, sizeof(chunk))) > 0) {
		if (file.length + (size_t)n > CAPTIONS_BYTES_MAX)
			return ERR_PAYLOAD_TOO_LARGE;
		buf_add(&file, chunk, (size_t)n);
	}
	if (n < 0)
		return reply_error(rq, ERR_BAD_REQUEST, "The connection ended before the file did.");
	problem = captions_read(rq, file.data, file.length, out);
	return problem != NULL ? reply_invalid(rq, "body", problem) : 0;
}

static const char *
cues_as_json(struct request *rq, const struct captions *c)
{
	struct buf b;

	buf_init(&b, rq, 4096);
	buf_add_char(&b, '[');
	for (size_t i = 0; i < c->count; i++) {
		buf_printf(&b, "%s{\"s\":%lld,\"e\":%lld,\"t\":", i > 0 ? "," : "", (long long)c->cues[i].start_ms,
		    (long long)c->cues[i].end_ms);
		buf_json_str(&b, c->cues[i].text);
		buf_add_char(&b, '}');
	}
	buf_add_char(&b, ']');
	return buf_cstr(&b);
}

static int
caption_put(struct request *rq)
{
	const struct caption_new *in = rq->query;
	const char *lang = path_text(rq, "lang"), *cues;
	struct param id = uuid_param(path_uuid(rq, "id"));
	struct captions c;
	struct buf vtt;
	int err = begin_change(rq, lang);

	if (err == 0)
		err = read_file(rq, &c);
	if (err != 0)
		return err;
	buf_init(&vtt, rq, 4096);
	captions_write_vtt(&c, &vtt);
	cues = cues_as_json(rq, &c);
	err = db_exec(&rq->db, NULL, Q_CAPTIONS_CLEAR, id, text_param(lang));
	if (err == 0)
		err = reply_query(rq, 200, Q_CAPTIONS_PUT, id, text_param(lang), text_param(in->label != NULL ? in->label : lang),
		    text_param(buf_cstr(&vtt)), json_param(cues));
	if (err == 0)
		err = db_exec(&rq->db, NULL, Q_CAPTIONS_PUT_CUES, id, text_param(lang), json_param(cues));
	return err == 0 ? db_exec(&rq->db, NULL, Q_CAPTIONS_CHANGED, id, uuid_param(rq->user.id)) : err;
}

static int
caption_delete(struct request *rq)
{
	const char *lang = path_text(rq, "lang");
	struct param id = uuid_param(path_uuid(rq, "id"));
	int64_t gone;
	int err = begin_change(rq, lang);

	if (err == 0)
		err = db_exec(&rq->db, &gone, Q_CAPTIONS_CLEAR, id, text_param(lang));
	if (err == 0 && gone == 0)
		err = ERR_NOT_FOUND;
	if (err == 0)
		err = db_exec(&rq->db, NULL, Q_CAPTIONS_CHANGED, id, uuid_param(rq->user.id));
	return err != 0 ? err : reply_empty(rq, 204);
}

/* The list is not there for whom the video is not. */
static int
caption_list(struct request *rq)
{
	struct db_result *r;
	int err = db_query_row(&rq->db, &r, Q_CAPTIONS_SEEN, uuid_param(path_uuid(rq, "id")), uuid_or_null_param(&rq->user.id),
	    bool_param(role_may(rq->user.role, MAY_VIDEO_EDIT_ANY)));

	return err != 0 ? err : reply_list(rq, Q_CAPTIONS_LIST, uuid_param(path_uuid(rq, "id")));
}

const struct route captions_routes[] = {
	{ GET, "/videos/{id:uuid}/captions", PUBLIC, .query = Q_CAPTIONS_LIST, .answer = ANSWER_LIST, .run = caption_list,
	  .doc = "The captions of a video by language. An address is there as soon as its file is." },
	{ PUT, "/videos/{id:uuid}/captions/{lang:text}", SIGNED_IN, .transaction = true, .body_kind = BODY_STREAM,
	  .body_limit = CAPTIONS_BYTES_MAX, .query_string = SCHEMA(caption_new), .drops_answers = true, .run = caption_put,
	  .doc = "Captions in a language: a WebVTT or SubRip file as it is, a megabyte at the most. They become a text track of the stream." },
	{ DELETE, "/videos/{id:uuid}/captions/{lang:text}", SIGNED_IN, .transaction = true, .status = 204, .drops_answers = true,
	  .run = caption_delete, .doc = "Take the captions of a language away." },
	ROUTE_END
};
