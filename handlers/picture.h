/* handlers/picture.h - pictures that people upload: taken as they come, made anew by a job. */
#ifndef ATELIER_HANDLERS_PICTURE_H
#define ATELIER_HANDLERS_PICTURE_H

#include "fcgi/app.h"

/* Looks at what the request announces before any of it is read. limit: most bytes. 0, ERR_UNSUPPORTED_MEDIA_TYPE,
 * ERR_BAD_REQUEST (no length), ERR_PAYLOAD_TOO_LARGE, ERR_STORAGE_FULL. */
int picture_check(struct request *rq, int64_t limit);

/* Puts the body down as `name` below incoming/, where a job takes it. 0, ERR_BAD_REQUEST (the client left),
 * ERR_STORAGE_FULL, ERR_INTERNAL. */
int picture_put_down(struct request *rq, const char *name);

/* After an error: nothing of the picture stays, neither where the web server put it nor under that name (may be NULL). */
void picture_drop(struct request *rq, const char *name);

/* "PREFIX-UUID": a name that nobody has. On the request. */
const char *picture_name(struct request *rq, const char *prefix);

#endif
