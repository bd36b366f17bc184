/* handlers/poc_tables.c - projects as tables: import with an answer for each row, and export, as CSV or JSON. */
#include <json-c/json.h>
#include <string.h>
#include <strings.h>

#include "fcgi/idempotency.h"
#include "handlers/pocs.h"
#include "lib/csv.h"
#include "lib/json.h"

#define IMPORT_BYTES ((size_t)4 << 20)
#define IMPORT_ROWS 2000
#define EXPORT_ROWS 1000 /* of one query */
#define EXPORT_BYTES ((size_t)64 << 20)

struct import {
	struct request *rq;
	struct json_object *good; /* array of what goes in */
	struct buf failed;        /* [{"row":2,"errors":[…]}…] without its brackets */
	const char **names;       /* of the columns, from the first line of a table */
	size_t columns;
	int row;                  /* 1 is the first one of data */
	bool has_errors;          /* of this row */
};

static void
tell(void *arg, const char *field, const char *message)
{
	struct import *in = arg;
	struct buf *b = &in->failed;

	if (!in->has_errors)
		buf_printf(b, "%s{\"row\":%d,\"errors\":[", b->length > 0 ? "," : "", in->row);
	else
		buf_add_char(b, ',');
	in->has_errors = true;
	buf_add_literal(b, "{\"field\":");
	buf_json_str(b, field);
	buf_add_literal(b, ",\"message\":");
	buf_json_str(b, message);
	buf_add_char(b, '}');
}

/* One row, as JSON. Takes the reference. */
static bool
take_row(struct import *in, struct json_object *row)
{
	void *out;

	if (++in->row > IMPORT_ROWS) {
		json_object_put(row);
		return false;
	}
	in->has_errors = false;
	if (!json_object_is_type(row, json_type_object))
		tell(in, "", "must be an object");
	else
		schema_read(SCHEMA(poc_new), in->rq, row, &out, tell, in);
	if (in->has_errors)
		buf_add_literal(&in->failed, "]}");
	else
		json_object_array_add(in->good, json_object_get(row));
	json_object_put(row);
	return true;
}

static struct json_object *
list_of(const char *text)
{
	struct json_object *list = json_object_new_array();

	for (const char *p = text; *p != '\0'; p += strcspn(p, ","), p += *p == ',') {
		size_t n = strcspn(p, ","), lead = strspn(p, " ");

		while (n > lead && p[n - 1] == ' ')
			n--;
		if (n > lead)
			json_object_array_add(list, json_object_new_string_len(p + lead, (int)(n - lead)));
	}
	return list;
}

static struct json_object *
cell(const char *name, const char *text)
{
	if (strcmp(name, "tags") == 0 || strcmp(name, "frameworks") == 0)
		return list_of(text);
	if (strcmp(name, "isPublic") == 0 && (strcasecmp(text, "true") == 0 || strcmp(text, "1") == 0 || strcasecmp(text, "yes") == 0))
		return json_object_new_boolean(true);
	if (strcmp(name, "isPublic") == 0 && (strcasecmp(text, "false") == 0 || strcmp(text, "0") == 0 || strcasecmp(text, "no") == 0))
		return json_object_new_boolean(false);
	return json_object_new_string(csv_unmarked(text));
}

static bool
on_line(void *arg, const char **cells, size_t count)
{
	struct import *in = arg;
	struct json_object *row;

	if (in->names == NULL) {
		in->names = mem_array(in->rq, const char *, count + 1);
		memcpy(in->names, cells, count * sizeof(*cells));
		in->columns = count;
		return true;
	}
	if (count == 1 && cells[0][0] == '\0') /* an empty line */
		return true;
	row = json_object_new_object();
	for (size_t i = 0; i < count; i++) /* a cell too many has no name: it is told as an unknown field */
		if (cells[i][0] != '\0')
			json_object_object_add(row, i < in->columns ? in->names[i] : mem_printf(in->rq, "column %zu", i + 1),
			    cell(i < in->columns ? in->names[i] : "", cells[i]));
	return take_row(in, row);
}

static int
read_json(struct import *in, const char *text, size_t length)
{
	struct json_object *list;
	const char *why;
	int err = json_parse(in->rq, text, length, &list, &why);

	if (err != 0)
		return reply_error(in->rq, ERR_MALFORMED_JSON, "%s", why);
	if (!json_object_is_type(list, json_type_array))
		return reply_error(in->rq, ERR_BAD_REQUEST, "Send an array of projects.");
	for (size_t i = 0; i < json_object_array_length(list); i++)
		if (!take_row(in, json_object_get(json_object_array_get_idx(list, i))))
			break;
	return 0;
}

static int
read_body(struct request *rq, struct buf *out)
{
	char piece[16384];
	ssize_t n;

	buf_init(out, rq, sizeof(piece));
	while ((n = request_read(rq, piece, sizeof(piece))) > 0) {
		if (out->length + (size_t)n > IMPORT_BYTES)
			return ERR_PAYLOAD_TOO_LARGE;
		buf_add(out, piece, (size_t)n);
	}
	return n < 0 ? ERR_BAD_REQUEST : 0;
}

static int
read_rows(struct import *in, const struct buf *text)
{
	const char *type = in->rq->content_type != NULL ? in->rq->content_type : "", *problem;
	int err = 0;

	if (strncasecmp(type, "application/json", 16) == 0) {
		err = read_json(in, text->data, text->length);
	} else if (strncasecmp(type, "text/csv", 8) == 0) {
		problem = csv_read(in->rq, text->data, text->length, on_line, in);
		err = problem != NULL ? reply_error(in->rq, ERR_BAD_REQUEST, "%s", problem) : 0;
	} else {
		err = reply_error(in->rq, ERR_UNSUPPORTED_MEDIA_TYPE, "Send text/csv with the names of the fields in its first line, or application/json.");
	}
	if (err == 0 && in->row > IMPORT_ROWS)
		err = reply_error(in->rq, ERR_PAYLOAD_TOO_LARGE, "%d rows are the most.", IMPORT_ROWS);
	return err;
}

static int
import_rows(struct import *in)
{
	struct request *rq = in->rq;
	struct db_result *r;
	struct buf *b;
	int err = db_query_row(&rq->db, &r, Q_POC_IMPORT, uuid_param(rq->user.id), json_param(mem_strdup(rq, json_object_to_json_string(in->good))));

	if (err != 0)
		return err;
	b = reply_data(rq, 200);
	buf_printf(b, "{\"imported\":%lld,\"failed\":[", (long long)db_int(r, 0, "imported"));
	buf_add(b, in->failed.data, in->failed.length);
	buf_add_literal(b, "]}");
	return 0;
}

/* A body that came before under this key is not even read for rows: its answer is given again. */
static int
poc_import(struct request *rq)
{
	struct import in = { .rq = rq };
	struct buf text;
	int err = read_body(rq, &text);

	if (err != 0)
		return err;
	rq->body_text = text.data;
	rq->body_length = text.length;
	err = gate_idempotency(rq);
	if (err != 0 || rq->out.status != 0)
		return err;
	buf_init(&in.failed, rq, 256);
	in.good = json_object_new_array();
	err = read_rows(&in, &text);
	if (err == 0)
		err = db_begin(&rq->db);
	if (err == 0)
		err = import_rows(&in);
	json_object_put(in.good);
	if (err == 0)
		err = idempotency_store(rq);
	return err != 0 ? err : db_commit(&rq->db);
}

/* --- export --- */

struct poc_format {
	const char *format;
};

static const struct field poc_format_fields[] = {
	FIELD(struct poc_format, format, .one_of = "csv|json", .dflt = "csv"),
	FIELD_END
};

static void
write_lines(struct buf *b, const struct db_result *r)
{
	for (int i = 0; i < db_rows(r); i++) {
		csv_cell(b, db_text(r, i, "name"), false);
		csv_cell(b, db_text(r, i, "description"), false);
		csv_cell(b, db_text(r, i, "repositoryUrl"), false);
		csv_cell(b, db_text(r, i, "language"), false);
		csv_cell(b, db_text(r, i, "_tags"), false);
		csv_cell(b, db_text(r, i, "_frameworks"), false);
		csv_cell(b, db_bool(r, i, "isPublic") ? "true" : "false", true);
	}
}

static int
poc_export(struct request *rq)
{
	const struct poc_format *in = rq->query;
	bool is_csv = strcmp(in->format, "csv") == 0;
	struct buf *b = reply_raw(rq, 200, is_csv ? "text/csv; charset=utf-8" : "application/json; charset=utf-8");
	struct param at = null_param(), id = null_param();
	int err = 0, rows = EXPORT_ROWS;

	buf_add_str(b, is_csv ? "name,description,repositoryUrl,language,tags,frameworks,isPublic\r\n" : "[");
	for (int n = 0; err == 0 && rows == EXPORT_ROWS; n++) {
		struct db_result *r;

		err = db_query(&rq->db, &r, Q_POC_EXPORT, uuid_param(rq->user.id), at, id);
		rows = err == 0 ? db_rows(r) : 0;
		if (rows == 0)
			break;
		if (b->length > EXPORT_BYTES)
			return reply_error(rq, ERR_PAYLOAD_TOO_LARGE, "These are more than fit one answer: ask for a report of kind pocs-table.");
		if (is_csv) {
			write_lines(b, r);
		} else {
			for (int i = 0; i < rows; i++) {
				if (n + i > 0)
					buf_add_char(b, ',');
				db_write_object(b, r, i);
			}
		}
		at = text_param(db_text(r, rows - 1, "_at"));
		id = uuid_param(db_uuid(r, rows - 1, "id"));
	}
	if (!is_csv)
		buf_add_char(b, ']');
	reply_header(rq, "Content-Disposition", "attachment; filename=\"projects.%s\"", in->format);
	reply_header(rq, "X-Content-Type-Options", "nosniff");
	return err;
}

const struct route poc_tables_routes[] = {
	{ POST, "/pocs/import", SIGNED_IN, .module = MODULE_POCS, .rate = RATE_UPLOAD, .idempotent = true, .body_kind = BODY_STREAM, .body_limit = IMPORT_BYTES,
	  .run = poc_import, .doc = "Many at once, from text/csv (its first line names the fields; lists are separated by commas) or a JSON array. "
	                           "Good rows go in; each bad one is told with its fields." },
	{ GET, "/pocs/export", SIGNED_IN, .module = MODULE_POCS, .query_string = SCHEMA(poc_format), .run = poc_export,
	  .doc = "All of one's projects, in the form that import takes; more than 64 MB of them by POST /content/reports." },
	ROUTE_END
};
