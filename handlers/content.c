/* handlers/content.c - what the worker makes on request: reports (worker/job_document.c) and films of a year (worker/job_recap.c). */
#include <dirent.h>
#include <json-c/json.h>
#include <string.h>
#include <time.h>

#include "fcgi/app.h"
#include "lib/utf8.h"

/* What both are asked with; members that one of them does not know stay NULL. */
struct content_new {
	const char *title, *description, *kind, *from_date, *to_date, *group_by, *format, *style, *music_track;
	struct text_list include_tags, exclude_tags;
	bool mail_when_ready;
};

static const struct field report_new_fields[] = {
	FIELD(struct content_new, title, .required = true, .min = 1, .max = 200),
	FIELD(struct content_new, kind, .one_of = "pocs|videos|moderation|pocs-table", .dflt = "pocs",
	    .doc = "One's projects, one's videos, or (for those who moderate) what was decided in the community; pocs-table (CSV alone): one's projects "
	           "of all times as GET /pocs/export has them, however many."),
	FIELD(struct content_new, from_date, .format = FORMAT_DAY, .doc = "A day or a time. Left out: a year before toDate."),
	FIELD(struct content_new, to_date, .format = FORMAT_DAY, .doc = "A day, which belongs to it, or a time. Left out: today."),
	FIELD(struct content_new, include_tags, .max_items = 20, .max_each = 50, .doc = "With at least one of them."),
	FIELD(struct content_new, exclude_tags, .max_items = 20, .max_each = 50),
	FIELD(struct content_new, group_by, .one_of = "language|tag|month", .dflt = "month"),
	FIELD(struct content_new, format, .required = true, .one_of = "PDF|EXCEL|CSV"),
	FIELD(struct content_new, mail_when_ready, .dflt = "false"),
	FIELD_END
};

static const struct field film_new_fields[] = {
	FIELD(struct content_new, title, .required = true, .min = 1, .max = 200),
	FIELD(struct content_new, description, .max = 300),
	FIELD(struct content_new, kind, .one_of = "pocs|videos", .doc = "Left out: one's projects where the community has them, otherwise one's videos."),
	FIELD(struct content_new, from_date, .format = FORMAT_DAY, .doc = "A day or a time. Left out: a year before toDate."),
	FIELD(struct content_new, to_date, .format = FORMAT_DAY, .doc = "A day, which belongs to it, or a time. Left out: today."),
	FIELD(struct content_new, include_tags, .max_items = 20, .max_each = 50, .doc = "With at least one of them."),
	FIELD(struct content_new, exclude_tags, .max_items = 20, .max_each = 50),
	FIELD(struct content_new, style, .required = true, .one_of = "classic|neon|paper|vertical"),
	FIELD(struct content_new, music_track, .min = 1, .max = 200, .doc = "A name of GET /content/tracks; left out: the track that comes with the product."),
	FIELD(struct content_new, mail_when_ready, .dflt = "false"),
	FIELD_END
};

/* What a report is made of, for who only looks. */
static const struct field report_preview_fields[] = {
	FIELD(struct content_new, kind, .one_of = "pocs|videos|moderation", .dflt = "pocs"),
	FIELD(struct content_new, from_date, .format = FORMAT_DAY, .doc = "As of a report."),
	FIELD(struct content_new, to_date, .format = FORMAT_DAY),
	FIELD(struct content_new, include_tags, .max_items = 20, .max_each = 50),
	FIELD(struct content_new, exclude_tags, .max_items = 20, .max_each = 50),
	FIELD_END
};

static const struct schema report_preview_asked = SCHEMA_OF(struct content_new, report_preview_fields);
static const struct schema report_new = SCHEMA_OF(struct content_new, report_new_fields), film_new = SCHEMA_OF(struct content_new, film_new_fields);

/* The first moment of a day. */
static const char *
midnight(struct request *rq, struct tm *day)
{
	char *text = mem_size(rq, 40);
	time_t t = timegm(day);

	strftime(text, 40, "%Y-%m-%dT00:00:00Z", gmtime_r(&t, day));
	return text;
}

/* What is left out is the year up to tomorrow's first moment: the day that runs is in it, and the same question has the same
 * answer all day. A day alone is the whole of it. */
static void
complete(struct request *rq, struct content_new *in)
{
	time_t now = time(NULL);
	struct tm tm;

	if (in->to_date == NULL) {
		gmtime_r(&now, &tm);
		tm.tm_mday++;
		in->to_date = midnight(rq, &tm);
	} else if (strlen(in->to_date) == 10) {
		memset(&tm, 0, sizeof(tm));
		strptime(in->to_date, "%Y-%m-%d", &tm);
		tm.tm_mday++;
		in->to_date = midnight(rq, &tm);
	}
	if (in->from_date == NULL && in->kind != NULL && strcmp(in->kind, "pocs-table") == 0) {
		in->from_date = "1970-01-01T00:00:00Z";
	} else if (in->from_date == NULL) {
		memset(&tm, 0, sizeof(tm));
		strptime(in->to_date, "%Y-%m-%d", &tm);
		tm.tm_year--;
		in->from_date = midnight(rq, &tm);
	} else if (strlen(in->from_date) == 10) {
		in->from_date = mem_printf(rq, "%sT00:00:00Z", in->from_date);
	}
}

static void
add_list(struct json_object *options, const char *name, const struct text_list *list)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < list->count; i++)
		json_object_array_add(array, json_object_new_string(list->items[i]));
	json_object_object_add(options, name, array);
}

static void
add_text(struct json_object *options, const char *name, const char *text)
{
	if (text != NULL)
		json_object_object_add(options, name, json_object_new_string(text));
}

static const char *
options_of(struct request *rq, const struct content_new *in)
{
	struct json_object *o = json_object_new_object();
	const char *text;

	add_text(o, "kind", in->kind);
	add_text(o, "format", in->format);
	add_text(o, "groupBy", in->group_by);
	add_text(o, "description", in->description);
	add_text(o, "style", in->style);
	add_text(o, "music", in->music_track);
	add_text(o, "from", in->from_date);
	add_text(o, "until", in->to_date);
	if (in->include_tags.count > 0)
		add_list(o, "includeTags", &in->include_tags);
	if (in->exclude_tags.count > 0)
		add_list(o, "excludeTags", &in->exclude_tags);
	text = mem_strdup(rq, json_object_to_json_string(o));
	json_object_put(o);
	return text;
}

static bool
has_pocs(const struct request *rq)
{
	return rq->tenant->modules >> MODULE_POCS & 1;
}

/* May they ask for this kind here? */
static int
check_kind(struct request *rq, const struct content_new *in)
{
	if (strcmp(in->kind, "moderation") == 0 && !role_may(rq->user.role, MAY_REPORT_REVIEW))
		return reply_error(rq, ERR_FORBIDDEN, "Reports of moderation are for those who moderate.");
	if (strncmp(in->kind, "pocs", 4) == 0 && !has_pocs(rq))
		return reply_invalid(rq, "kind", "projects are not switched on here");
	return 0;
}

/* What both must be. The asker's row is locked then: of two who ask the same, one sees what the other did. */
static int
check(struct request *rq, struct content_new *in)
{
	struct db_result *r;
	int err = check_kind(rq, in);

	if (err != 0)
		return err;
	complete(rq, in);
	err = db_query_row(&rq->db, &r, Q_CONTENT_LOCK, uuid_param(rq->user.id), text_param(in->from_date), text_param(in->to_date));
	if (err != 0)
		return err;
	if (!db_bool(r, 0, "is_time"))
		return reply_invalid(rq, "fromDate", "must be before toDate");
	return db_bool(r, 0, "has_room") ? 0 : ERR_QUOTA_EXCEEDED;
}

#define ASK(query, what)                                                                                                             \
	reply_query(rq, 202, query, uuid_param(rq->user.id), text_param(what), text_param(in->title), json_param(options_of(rq, in)),  \
	    bool_param(in->mail_when_ready), text_param(rq->trace_parent))

static int
report_create(struct request *rq)
{
	struct content_new given = *(const struct content_new *)rq->body, *in = &given;
	int err;

	if (strcmp(in->kind, "pocs-table") == 0 && strcmp(in->format, "CSV") != 0)
		return reply_invalid(rq, "format", "is CSV for a table");
	err = check(rq, in);
	return err != 0 ? err : ASK(Q_CONTENT_ASK, "report");
}

static struct param
tags_param(const struct text_list *tags)
{
	return tags->count > 0 ? text_array_param(tags->items, tags->count) : null_param();
}

static int
report_preview(struct request *rq)
{
	struct content_new given = *(const struct content_new *)rq->query, *in = &given;
	struct param from, until;
	struct db_result *r;
	int err = check_kind(rq, in);

	if (err != 0)
		return err;
	complete(rq, in);
	from = text_param(in->from_date);
	until = text_param(in->to_date);
	err = db_query_row(&rq->db, &r, Q_CONTENT_TIME, from, until);
	if (err != 0)
		return err;
	if (!db_bool(r, 0, "is_time"))
		return reply_invalid(rq, "fromDate", "must be before toDate");
	if (strcmp(in->kind, "moderation") == 0)
		return reply_query(rq, 200, Q_REPORT_MODERATION_PREVIEW, from, until);
	return strcmp(in->kind, "videos") == 0 ?
	    reply_query(rq, 200, Q_REPORT_VIDEOS_PREVIEW, uuid_param(rq->user.id), from, until, tags_param(&in->include_tags), tags_param(&in->exclude_tags)) :
	    reply_query(rq, 200, Q_REPORT_POCS_PREVIEW, uuid_param(rq->user.id), from, until, tags_param(&in->include_tags), tags_param(&in->exclude_tags));
}

/* --- what both are --- */

static int
cancel(struct request *rq, const char *kind)
{
	return reply_query(rq, 200, Q_CONTENT_CANCEL, uuid_param(path_uuid(rq, "id")), uuid_param(rq->user.id), text_param(kind));
}

static int
discard(struct request *rq, const char *kind)
{
	struct db_result *r;
	int err = db_query_row(&rq->db, &r, Q_CONTENT_DELETE, uuid_param(path_uuid(rq, "id")), uuid_param(rq->user.id), text_param(kind));

	return err != 0 ? err : reply_empty(rq, 204);
}

static int
report_cancel(struct request *rq)
{
	return cancel(rq, "report");
}

static int
report_delete(struct request *rq)
{
	return discard(rq, "report");
}

static int
film_cancel(struct request *rq)
{
	return cancel(rq, "video");
}

static int
film_delete(struct request *rq)
{
	return discard(rq, "video");
}

/* --- films --- */

/* The operator's files: what does not begin with a dot. NULL when there is no such folder. */
static DIR *
tracks_open(struct request *rq)
{
	const char *folder = rq->app->conf->recap_music_dir;

	return *folder != '\0' ? opendir(folder) : NULL;
}

static const struct dirent *
track_next(DIR *tracks)
{
	const struct dirent *e;

	while ((e = readdir(tracks)) != NULL && (e->d_name[0] == '.' || e->d_type == DT_DIR || !utf8_is_valid(e->d_name, strlen(e->d_name))))
		;
	return e;
}

static int
tracks_list(struct request *rq)
{
	DIR *tracks = tracks_open(rq);
	const struct dirent *e;
	struct buf *b = reply_data(rq, 200);
	bool is_first = true;

	buf_add_char(b, '[');
	while (tracks != NULL && (e = track_next(tracks)) != NULL) {
		buf_add_str(b, is_first ? "{\"name\":" : ",{\"name\":");
		buf_json_str(b, e->d_name);
		buf_add_char(b, '}');
		is_first = false;
	}
	buf_add_char(b, ']');
	if (tracks != NULL)
		closedir(tracks);
	return 0;
}

static bool
is_track(struct request *rq, const char *name)
{
	DIR *tracks = tracks_open(rq);
	const struct dirent *e = NULL;

	while (tracks != NULL && (e = track_next(tracks)) != NULL && strcmp(e->d_name, name) != 0)
		;
	if (tracks != NULL)
		closedir(tracks);
	return e != NULL;
}

static int
film_create(struct request *rq)
{
	struct content_new given = *(const struct content_new *)rq->body, *in = &given;
	int err;

	if (in->kind == NULL)
		in->kind = has_pocs(rq) ? "pocs" : "videos";
	if (in->music_track != NULL && !is_track(rq, in->music_track))
		return reply_invalid(rq, "musicTrack", "is no track that there is");
	err = check(rq, in);
	return err != 0 ? err : ASK(Q_CONTENT_ASK_FILM, "video");
}

const struct route content_routes[] = {
	{ POST, "/content/reports", SIGNED_IN, .rate = RATE_UPLOAD, .transaction = true, .idempotent = true, .body = &report_new, .status = 202,
	  .run = report_create, .doc = "Ask for a report. The same asked for twice within a minute is one." },
	{ GET, "/content/reports", SIGNED_IN, .query = Q_CONTENT_REPORTS, .answer = ANSWER_CURSOR, .doc = "One's reports, newest first." },
	{ GET, "/content/reports/preview", SIGNED_IN, .query_string = &report_preview_asked, .run = report_preview,
	  .doc = "What a report would say: its figures and charts, in English, without its rows and without how many different people watched." },
	{ GET, "/content/reports/{id:uuid}", SIGNED_IN, .query = Q_CONTENT_REPORT, .doc = "How far it is, and where it is." },
	{ POST, "/content/reports/{id:uuid}/cancel", SIGNED_IN, .status = 200, .run = report_cancel, .doc = "Make it no more." },
	{ DELETE, "/content/reports/{id:uuid}", SIGNED_IN, .answer = ANSWER_NONE, .run = report_delete, .doc = "Delete it with its file." },
	{ POST, "/content/videos", SIGNED_IN, .rate = RATE_UPLOAD, .transaction = true, .idempotent = true, .body = &film_new, .status = 202,
	  .run = film_create, .doc = "Ask for a film of one's year. The same asked for twice within a minute is one." },
	{ GET, "/content/videos", SIGNED_IN, .query = Q_CONTENT_FILMS, .answer = ANSWER_CURSOR, .doc = "One's films, newest first." },
	{ GET, "/content/videos/{id:uuid}", SIGNED_IN, .query = Q_CONTENT_FILM, .doc = "How far it is, and where it is." },
	{ POST, "/content/videos/{id:uuid}/cancel", SIGNED_IN, .status = 200, .run = film_cancel, .doc = "Make it no more." },
	{ DELETE, "/content/videos/{id:uuid}", SIGNED_IN, .answer = ANSWER_NONE, .run = film_delete, .doc = "Delete it with its file." },
	{ GET, "/content/tracks", SIGNED_IN, .run = tracks_list, .doc = "The music that a film may have." },
	ROUTE_END
};
