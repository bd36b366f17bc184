/*
 * lib/xslt.h - what a style sheet makes of a document: mails, pages. A sheet is read and compiled once in a process for each
 * language, and may then read and write nothing. Blocks; only for pools and programs that may.
 */
#ifndef ATELIER_XSLT_H
#define ATELIER_XSLT_H

#include <libxml/tree.h>

/* On context; NULL when the sheet cannot be read or applied. file: path of the .xsl. */
const char *xslt_apply(void *context, const char *file, xmlDocPtr doc);

/* The same of a sheet whose own words are English: each text in it is put into the language by gettext (po/) when it is
 * compiled, so that a sheet reads like the page that it makes. */
const char *xslt_apply_in(void *context, const char *file, const char *language, xmlDocPtr doc);

/* The same; finish (NULL: nothing) may change the page before it is written out. */
const char *xslt_apply_then(void *context, const char *file, const char *language, xmlDocPtr doc,
    void (*finish)(void *arg, xmlDocPtr page), void *arg);

/* One text in a language, or as it is; static storage. */
const char *xslt_word(const char *language, const char *text);

/* Told of every text of a sheet that would be translated, for po/. 0, or -1 when it is not readable. */
int xslt_words(const char *file, void (*tell)(void *arg, const char *text, int line), void *arg);

/* A document that begins as <root lang><data/>…<words/>: words is the root of words_file, copied. NULL: not readable.
 * *data is where values go. The caller frees it with xmlFreeDoc(). */
xmlDocPtr xslt_document(const char *root, const char *language, const char *words_file, xmlNodePtr *data);
void xslt_add(xmlNodePtr data, const char *name, const char *value); /* nothing when value is NULL */

#endif
