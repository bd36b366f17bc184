/* handlers/feed.c - what people see first: the latest, those of whom they follow, and what was chosen for them. */
#include <string.h>

#include "fcgi/answer.h"
#include "fcgi/app.h"
#include "handlers/recommendations.h"

struct feed_query {
	const char *tab;
};

static const struct field feed_query_fields[] = {
	FIELD(struct feed_query, tab, .one_of = "latest|following|foryou", .dflt = "latest"),
	FIELD_END
};

static int
feed_show(struct request *rq)
{
	const struct feed_query *q = rq->query;

	if (strcmp(q->tab, "latest") == 0)
		return answer_query(rq);
	if (!is_signed_in(rq))
		return ERR_UNAUTHENTICATED;
	return strcmp(q->tab, "following") == 0 ? answer_query_of(rq, Q_VIDEO_FEED_FOLLOWING) : feed_for_you(rq);
}

const struct route feed_routes[] = {
	{ GET, "/videos/feed", PUBLIC, .cache_s = 1, .shared_cache_s = 5, .query_string = SCHEMA(feed_query),
	  .query = Q_VIDEO_FEED, .answer = ANSWER_CURSOR, .run = feed_show,
	  .doc = "Videos to watch: the latest public ones (tab=latest), those of the people whom the caller follows (following), "
	         "or what was chosen for the caller (foryou)." },
	ROUTE_END
};
