/* worker/recap/dojo.h - a dojo as a film: its program is typed again, what was said stands beside it. Pauses are short, and no film is
 * longer than two minutes. */
#ifndef ATELIER_WORKER_RECAP_DOJO_H
#define ATELIER_WORKER_RECAP_DOJO_H

#include "lib/ot.h"
#include "worker/media/media.h"

#define DOJO_FILM_LONGEST_S 120

struct dojo_edit {
	double at_s;      /* since the beginning of the dojo */
	const char *who;
	struct ot op;
};

struct dojo_word {
	double at_s;
	const char *who, *text;
};

struct dojo_film {
	void *mem;
	const char *name, *owner, *site, *initial;
	const struct dojo_edit *edits; /* in order */
	size_t edit_count;
	const struct dojo_word *words; /* in order */
	size_t word_count;
	int threads;
};

/* As recap_render(). */
int dojo_film_render(const struct dojo_film *d, const char *folder, const char *file, void (*progress)(void *user, int percent), void *user,
    struct media_failure *failure);

#endif
