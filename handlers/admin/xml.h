/* handlers/admin/xml.h - answers of the API as XML, for style sheets. */
#ifndef ATELIER_ADMIN_XML_H
#define ATELIER_ADMIN_XML_H

#include <libxml/tree.h>
#include <stdbool.h>

struct json_object;

/* Members become elements of their names, items of arrays <row>, null nothing; a name that XML does not allow becomes
 * <item key>. */
void xml_add_json(xmlNodePtr parent, const char *name, struct json_object *value);
xmlNodePtr xml_add_text(xmlNodePtr parent, const char *name, const char *text); /* "" for NULL */
void xml_set_text(xmlNodePtr element, const char *attribute, const char *text); /* nothing for NULL */
void xml_put_text(xmlNodePtr element, const char *text); /* instead of what it holds */
bool xml_is_name(const char *name);

/* What an error envelope says, with its fields, as one text on mem; NULL when it is none. */
const char *xml_error_text(void *mem, struct json_object *answer);

#endif
