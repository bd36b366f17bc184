/* handlers/public.c - see public.h. */
#include "handlers/public.h"

#include <libxml/HTMLtree.h>
#include <stdarg.h>
#include <string.h>

#include "fcgi/media_url.h"

const char *
public_address(struct request *rq, const char *fmt, ...)
{
	va_list args;
	char *path;

	va_start(args, fmt);
	path = mem_checked(talloc_vasprintf(rq, fmt, args));
	va_end(args);
	return mem_printf(rq, "%s%s", rq->tenant->base_url, path);
}

const char *
public_media(struct request *rq, const char *key)
{
	struct buf b;
	char *text;

	if (key == NULL)
		return NULL;
	buf_init(&b, rq, 256);
	media_url_write(&b, key, strlen(key));
	text = mem_strndup(rq, buf_cstr(&b) + 1, b.length - 2); /* without its quotes; our keys need no escapes */
	return *text == '/' ? public_address(rq, "%s", text) : text;
}

xmlNodePtr
public_add(xmlNodePtr parent, xmlNsPtr ns, const char *name, const char *text)
{
	return xmlNewTextChild(parent, ns, (const xmlChar *)name, (const xmlChar *)text);
}

void
public_set(xmlNodePtr node, const char *attribute, const char *value)
{
	if (value != NULL)
		xmlNewProp(node, (const xmlChar *)attribute, (const xmlChar *)value);
}

int
public_reply(struct request *rq, xmlDocPtr doc, const char *content_type)
{
	xmlChar *text = NULL;
	int length = 0;

	if (doc->type == XML_HTML_DOCUMENT_NODE)
		htmlDocDumpMemoryFormat(doc, &text, &length, 0);
	else
		xmlDocDumpMemoryEnc(doc, &text, &length, "UTF-8");
	xmlFreeDoc(doc);
	if (text == NULL)
		mem_out_of_memory();
	buf_add(reply_raw(rq, 200, content_type), (const char *)text, (size_t)length);
	xmlFree(text);
	reply_header(rq, "X-Content-Type-Options", "nosniff");
	return 0;
}
