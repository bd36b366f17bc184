/* lib/xslt.h - what a style sheet makes of a document: mails, pages. Blocks; only for pools and programs that may. */
#ifndef ATELIER_XSLT_H
#define ATELIER_XSLT_H

#include <libxml/tree.h>

/* On context; NULL when the sheet cannot be read or applied. file: path of the .xsl. */
const char *xslt_apply(void *context, const char *file, xmlDocPtr doc);
/* A document that begins as <root lang><data/>…<words/>: words is the root of words_file, copied. NULL: not readable.
 * *data is where values go. The caller frees it with xmlFreeDoc(). */
xmlDocPtr xslt_document(const char *root, const char *language, const char *words_file, xmlNodePtr *data);
void xslt_add(xmlNodePtr data, const char *name, const char *value); /* nothing when value is NULL */

#endif
