/*
 * fcgi/page_session.h - who is signed in at the pages: a signed cookie names a session, which the database must still know.
 * Only for routes of pages; the API never reads a cookie.
 */
#ifndef ATELIER_PAGE_SESSION_H
#define ATELIER_PAGE_SESSION_H

#include "fcgi/request.h"
#include "lib/sign.h"

/* Fills rq->user from the cookie. 0, also without one; ERR_TOKEN_EXPIRED when it is good no more. */
int page_session_take(struct request *rq);

/* Sets the cookie for a session, for the next hours; each page does that anew. */
void page_session_give(struct request *rq, struct uuid session);
void page_session_end(struct request *rq);

/* What each form of the signed-in person carries, and whether one that came is theirs. */
const char *page_csrf(struct request *rq);
bool page_csrf_is_good(struct request *rq, const char *token);

/* A cookie's value on rq; NULL when it was not sent. */
const char *page_cookie(struct request *rq, const char *name);
/* Path=/admin, HttpOnly, SameSite=Lax, and Secure where the community is at https. max_age_s 0: it goes. */
void page_cookie_set(struct request *rq, const char *name, const char *value, int max_age_s);

#endif
