/* handlers/keys.c - the public keys of our access tokens, for services that check them themselves. */
#include "fcgi/app.h"
#include "lib/token.h"

static int
jwks_show(struct request *rq)
{
	keyring_write_jwks(rq->app->keys, reply_raw(rq, 200, "application/json; charset=utf-8"));
	rq->out.cache_control = "private, max-age=60"; /* no web server in front keeps it over a rotation */
	return 0;
}

const struct route keys_routes[] = {
	{ GET, "/.well-known/jwks.json", PUBLIC, .root = true, .any_tenant = true, .run = jwks_show,
	  .doc = "The public keys of access tokens, as a JWK Set; none with HS256." },
	ROUTE_END
};
