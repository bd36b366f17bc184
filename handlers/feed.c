/* handlers/feed.c - what people see first. */
#include "fcgi/app.h"

struct feed_query {
	const char *tab;
};

static const struct field feed_query_fields[] = {
	FIELD(struct feed_query, tab, .one_of = "latest", .dflt = "latest"),
	FIELD_END
};

const struct route feed_routes[] = {
	{ GET, "/videos/feed", PUBLIC, .cache_s = 1, .shared_cache_s = 5, .query_string = SCHEMA(feed_query),
	  .query = Q_VIDEO_FEED, .answer = ANSWER_CURSOR, .doc = "The latest public videos." },
	ROUTE_END
};
