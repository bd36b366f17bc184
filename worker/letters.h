/* worker/letters.h - which fonts a text is set in: one for our looks, and behind it those that go with it in other scripts. */
#ifndef ATELIER_WORKER_LETTERS_H
#define ATELIER_WORKER_LETTERS_H

#include <pango/pango.h>

/* Families for the text: `first`, then those for what it lacks. What is Chinese, Japanese or Korean is told by its letters: each
 * writes the same signs a little differently. With a "Serif" in its name, so have the others. */
void letters_choose(PangoFontDescription *font, const char *first, const char *text);

/* Names and addresses are no prose: without hyphens where a line breaks inside a word. The caller's, to be unreffed. */
PangoAttrList *letters_attributes(void);

#endif
