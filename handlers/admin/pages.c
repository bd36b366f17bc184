/* handlers/admin/pages.c - the pages: which answers of the API each shows, and who may see it. page.h tells how they work. */
#include <stdio.h>
#include <string.h>

#include "handlers/admin/page.h"
#include "handlers/desk.h"
#include "lib/mail.h"

#define STYLE_MAX 65536

#define PAGE(name, sheet, ...) static const struct page name = { sheet, { __VA_ARGS__ } }

PAGE(dashboard, "dashboard", { "figures", "/desk/figures" }, { "months", "/moderation/months?months=12" });
PAGE(queue, "queue", { "cases", "/moderation/queue", PASSES_QUERY }, { "reasons", "/moderation/reasons" });
PAGE(case_page, "case", { "case", "/moderation/cases/{id}" }, { "reasons", "/moderation/reasons" },
    { "colleagues", "/desk/colleagues" });
PAGE(decided, "decided", { "cases", "/moderation/decided", PASSES_QUERY });
PAGE(videos, "videos", { "videos", "/desk/videos", PASSES_QUERY }, { "reasons", "/moderation/reasons" });
PAGE(video, "video", { "video", "/desk/videos/{id}" }, { "reasons", "/moderation/reasons" });
PAGE(comments, "comments", { "comments", "/desk/comments", PASSES_QUERY }, { "reasons", "/moderation/reasons" });
PAGE(people, "people", { "people", "/users", PASSES_QUERY });
PAGE(person, "person", { "person", "/desk/people/{id}" }, { "reasons", "/moderation/reasons" });
PAGE(appeals, "appeals", { "appeals", "/moderation/appeals", PASSES_QUERY });
PAGE(notices, "dmca", { "notices", "/moderation/dmca", PASSES_QUERY });
PAGE(words, "words", { "words", "/moderation/watched-words" }, { "blocked", "/moderation/blocklist" },
    { "tried", "/moderation/try-text", PASSES_QUERY, .optional = true });
PAGE(jobs, "jobs", { "jobs", "/desk/jobs", PASSES_QUERY }, { "failures", "/desk/jobs/failures" });
PAGE(job, "job", { "job", "/desk/jobs/{id}" });
PAGE(tenants, "tenants", { "tenants", "/tenants", PASSES_QUERY });
PAGE(tenant, "tenant", { "tenant", "/tenants/{id}" });
PAGE(health, "health", { "storage", "/desk/storage" }, { "queue", "/desk/jobs/figures", NO_QUERY, .optional = true },
    { "failures", "/desk/jobs/failures" });
PAGE(audit_page, "audit", { "rows", "/audit", PASSES_QUERY });
PAGE(settings, "settings", { "tenant", "/tenant/settings" }, { "rules", "/moderation/settings" }, { "reasons", "/moderation/reasons" });
PAGE(reports, "reports", { "reports", "/content/reports", PASSES_QUERY });
PAGE(preview, "report", { "preview", "/content/reports/preview?kind=moderation", PASSES_QUERY, .words = "|name|title|" }, { "community", "/tenant" });
PAGE(figures, "transparency", { "figures", "/transparency", PASSES_QUERY });
PAGE(mails, "mails", { "mails", "/desk/mails" });
PAGE(keys, "keys", { NULL, NULL });

struct mail_filter {
	const char *lang, *part;
};

static const struct field mail_filter_fields[] = {
	FIELD(struct mail_filter, lang, .one_of = "en|pt", .dflt = "en"),
	FIELD(struct mail_filter, part, .one_of = "html|text", .dflt = "html"),
	FIELD_END
};

static int
mail_list(struct request *rq)
{
	const char *const *names = mail_templates();
	struct buf *b = reply_data(rq, 200);

	buf_add_char(b, '[');
	for (size_t i = 0; names[i] != NULL; i++) {
		buf_add_str(b, i > 0 ? ",{\"name\":" : "{\"name\":");
		buf_json_str(b, names[i]);
		buf_add_char(b, '}');
	}
	buf_add_char(b, ']');
	return 0;
}

/* What a mail looks like, with words that stand for those of a real one. In a frame that may do nothing. */
static int
mail_show(struct request *rq)
{
	const struct mail_filter *in = rq->query;
	const char *text = mail_preview(rq, rq->app->conf, path_text(rq, "name"), in->lang, in->part, rq->tenant->name);

	if (text == NULL)
		return ERR_NOT_FOUND;
	buf_add_str(reply_raw(rq, 200, strcmp(in->part, "html") == 0 ? "text/html; charset=utf-8" : "text/plain; charset=utf-8"), text);
	reply_header(rq, "Content-Security-Policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'");
	reply_header(rq, "X-Content-Type-Options", "nosniff");
	return 0;
}

static int
style_show(struct request *rq)
{
	FILE *f = fopen(mem_printf(rq, "%s/admin/style.css", rq->app->conf->main_template_dir), "re");
	char *text = mem_size(rq, STYLE_MAX);
	size_t length = f != NULL ? fread(text, 1, STYLE_MAX, f) : 0;

	if (f != NULL)
		fclose(f);
	if (length == 0)
		return ERR_NOT_FOUND;
	rq->out.cache_control = "public, max-age=3600";
	buf_add(reply_raw(rq, 200, "text/css; charset=utf-8"), text, length);
	reply_header(rq, "X-Content-Type-Options", "nosniff");
	return 0;
}

const struct route admin_pages_routes[] = {
	{ GET, "/admin", MAY_REPORT_REVIEW, PAGE_ROW(dashboard), .doc = "Today's figures." },
	{ GET, "/admin/queue", MAY_REPORT_REVIEW, PAGE_ROW(queue), .doc = "The cases that wait." },
	{ GET, "/admin/cases/{id:uuid}", MAY_REPORT_REVIEW, PAGE_ROW(case_page), .doc = "One case." },
	{ GET, "/admin/decided", MAY_REPORT_REVIEW, PAGE_ROW(decided), .doc = "Decided cases." },
	{ GET, "/admin/videos", MAY_REPORT_REVIEW, PAGE_ROW(videos), .doc = "Videos." },
	{ GET, "/admin/videos/{id:uuid}", MAY_REPORT_REVIEW, PAGE_ROW(video), .doc = "One video." },
	{ GET, "/admin/comments", MAY_REPORT_REVIEW, PAGE_ROW(comments), .doc = "Comments." },
	{ GET, "/admin/people", MAY_USER_MANAGE, PAGE_ROW(people), .doc = "People." },
	{ GET, "/admin/people/{id:user}", MAY_REPORT_REVIEW, PAGE_ROW(person), .doc = "One person." },
	{ GET, "/admin/appeals", MAY_REPORT_REVIEW, PAGE_ROW(appeals), .doc = "Appeals." },
	{ GET, "/admin/dmca", MAY_REPORT_REVIEW, PAGE_ROW(notices), .doc = "Copyright notices." },
	{ GET, "/admin/words", MAY_REPORT_REVIEW, PAGE_ROW(words), .doc = "Watched words and blocked videos." },
	{ GET, "/admin/jobs", MAY_JOB_MANAGE, PAGE_ROW(jobs), .doc = "The queue." },
	{ GET, "/admin/jobs/{id:uuid}", MAY_JOB_MANAGE, PAGE_ROW(job), .doc = "One job." },
	{ GET, "/admin/tenants", MAY_TENANT_MANAGE, PAGE_ROW(tenants), .doc = "Communities." },
	{ GET, "/admin/tenants/{id:uuid}", MAY_TENANT_MANAGE, PAGE_ROW(tenant), .doc = "One community." },
	{ GET, "/admin/health", MAY_METRICS_VIEW, PAGE_ROW(health), .doc = "Storage and queue." },
	{ GET, "/admin/audit", MAY_AUDIT_VIEW, PAGE_ROW(audit_page), .doc = "Who did what." },
	{ GET, "/admin/audit.csv", MAY_AUDIT_VIEW, .root = true, .blocks = true, .hidden = true, .run = audit_export, .refuse = page_refuse,
	  .query_string = SCHEMA(audit_filter), .doc = "The same as a table." },
	{ GET, "/admin/settings", MAY_TENANT_EDIT, PAGE_ROW(settings), .doc = "Settings of the community." },
	{ GET, "/admin/reports", MAY_REPORT_REVIEW, PAGE_ROW(reports), .doc = "Reports of moderation." },
	{ GET, "/admin/reports/preview", MAY_REPORT_REVIEW, PAGE_ROW(preview), .doc = "What a report would say." },
	{ GET, "/transparency", PUBLIC, PAGE_ROW(figures), .doc = "What the public is told of moderation." },
	{ GET, "/admin/mails", MAY_TENANT_EDIT, PAGE_ROW(mails), .doc = "What mails look like." },
	{ GET, "/admin/mails/{name:text}", MAY_TENANT_EDIT, .root = true, .blocks = true, .hidden = true, .run = mail_show,
	  .refuse = page_refuse, .query_string = SCHEMA(mail_filter), .doc = "One mail." },
	{ GET, "/admin/keys", SIGNED_IN, PAGE_ROW(keys), .doc = "Keyboard shortcuts." },
	{ GET, "/admin/style.css", PUBLIC, .root = true, .rate = RATE_NONE, .hidden = true, .run = style_show, .doc = "Their looks." },
	{ GET, "/desk/mails", MAY_TENANT_EDIT, .run = mail_list, .doc = "The mails that are sent, by the names of their templates." },
	ROUTE_END
};
