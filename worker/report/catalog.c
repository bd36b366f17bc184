/* worker/report/catalog.c - what readers of pages want to know of a document and cairo 1.16 cannot write: its language (for those who
 * hear it), and that its title is to be shown instead of the file's name. */
#include <qpdf/qpdf-c.h>
#include <stdio.h>

#include "lib/mem.h"
#include "worker/report/report.h"

int
report_complete_pdf(const struct report *r, const char *path)
{
	const char *whole = mem_printf(r->mem, "%s.whole", path);
	qpdf_data q = qpdf_init();
	qpdf_oh root, preferences;
	int rc = -1;

	qpdf_set_suppress_warnings(q, QPDF_TRUE);
	if (!(qpdf_read(q, path, NULL) & QPDF_ERRORS)) {
		root = qpdf_get_root(q);
		preferences = qpdf_oh_new_dictionary(q);
		qpdf_oh_replace_key(q, preferences, "/DisplayDocTitle", qpdf_oh_new_bool(q, QPDF_TRUE));
		qpdf_oh_replace_key(q, root, "/ViewerPreferences", preferences);
		qpdf_oh_replace_key(q, root, "/Lang", qpdf_oh_new_string(q, r->language));
		if (!(qpdf_init_write(q, whole) & QPDF_ERRORS) && !(qpdf_write(q) & QPDF_ERRORS))
			rc = rename(whole, path);
	}
	qpdf_cleanup(&q);
	return rc;
}
