/*
 * worker/recap/recap.h - a year as a film: title, figures, charts, each project or clip, an end card; with music, chapters and a
 * poster. Knows nothing of the database or of jobs: it is given what to show and writes an MP4 file (H.264, AAC) and a JPEG.
 *
 * Texts are UTF-8 in any script; nothing of them is cut off but what is given as an excerpt. The same input gives the same film.
 */
#ifndef ATELIER_WORKER_RECAP_H
#define ATELIER_WORKER_RECAP_H

#include <stddef.h>

#include "worker/media/media.h"
#include "worker/summary.h"

#define RECAP_FPS 30
#define RECAP_LONGEST_S 180 /* of what is made when nobody says otherwise */
#define RECAP_CLIP_S 6      /* of a clip that plays in its scene */
#define RECAP_POSTER "poster.jpg"

struct recap_item {
	const char *title;
	const char *about;   /* one line: language, tags, views */
	const char *text;    /* an excerpt; NULL: none */
	const char *picture; /* path of a JPEG, PNG or WebP; NULL: none */
	const char *badge;   /* a word that stands for it where it has no picture; NULL: none */
	const char *clip;    /* path of a rendition of ours, which plays; NULL: none */
	int64_t clip_from_us;
	int month;           /* index into months */
};

struct recap_month {
	const char *name; /* "March 2026" */
	size_t count;     /* of items; some may be told as "and so many more" */
};

struct recap {
	void *mem; /* talloc context, for what lives as long as the film is made */
	const char *title, *description, *person, *site, *period, *language;
	const char *style; /* a name of recap_styles; what is none is taken for the first */
	struct summary summary;
	const struct recap_item *items; /* by month */
	size_t item_count;
	const struct recap_month *months;
	size_t month_count;
	const char *music; /* path of a file; NULL: the track that is made here */
	int threads;       /* of the encoder */
	const char *(*word)(const char *language, const char *text); /* puts our own words into the language */
};

/* Where the time went, in seconds of this process's processors. */
enum recap_part { RECAP_SOUND, RECAP_SCENES, RECAP_CLIPS, RECAP_COMPOSE, RECAP_ENCODE, RECAP_PARTS };
struct recap_times {
	double cpu_s[RECAP_PARTS];
	double film_s;
};

extern const char *const recap_styles[]; /* ends with NULL */

/* Reads fonts and what else cannot be had in confinement. */
void recap_warm_up(void);

/* Writes folder/file and folder/RECAP_POSTER. progress (NULL: nobody asks) is told 0 to 100 as work goes on. 0, or a code of
 * worker/media with its failure; a file that is there then is not whole. */
int recap_render(const struct recap *r, const char *folder, const char *file, void (*progress)(void *user, int percent), void *user,
    struct recap_times *times, struct media_failure *failure);

#endif
