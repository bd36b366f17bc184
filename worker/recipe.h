/* worker/recipe.h - what the database says of a video's edits and own stills, for the jobs that make them. */
#ifndef ATELIER_WORKER_RECIPE_H
#define ATELIER_WORKER_RECIPE_H

#include "worker/media/media.h"

#define STILL_FOLDER "still-" /* begins the name of a folder of stills, beside those of editions */

/* The JSON of video_recipe (db/migrations/0101_edits.sql) as an edit. 0, or -1 when it is none. */
int recipe_read(void *mem, const char *json, struct media_edit *out);

#endif
