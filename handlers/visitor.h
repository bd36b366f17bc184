/* handlers/visitor.h - what is noted of who watches: the kind of device, where they came from, the country. */
#ifndef ATELIER_VISITOR_H
#define ATELIER_VISITOR_H

#include "fcgi/app.h"

#define SESSION_MAX 64
#define DEVICES "desktop|mobile|tablet|tv|other"
#define REFERRER_MAX 2000

/* Adds ,"user":…,"session":…,"device":…,"source":…,"country":… to an event. session, device and referrer as the client said, or NULL: then the
 * account or the address stands for the session, and the browser's name for the device. */
void visitor_write(struct request *rq, struct buf *event, const char *session, const char *device, const char *referrer);

/* The text that stands for this visitor: the account, the session, or the address. Hangs on the request. */
const char *visitor_name(struct request *rq, const char *session);

#endif
