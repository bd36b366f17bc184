/* handlers/users.c - people's profiles: the caller's own, and others' as far as the caller may see them. */
#include <string.h>

#include "fcgi/answer.h"
#include "handlers/accounts.h"

struct profile {
	const char *display_name, *bio, *company_name, *location, *website, *linkedin_url, *locale, *time_zone;
	struct text_list industries;
	bool has_display_name, has_bio, has_company_name, has_location, has_website, has_linkedin_url, has_locale,
	    has_time_zone, has_industries;
};

static const struct field profile_fields[] = {
	FIELD(struct profile, display_name, GIVEN(struct profile, has_display_name), .min = 1, .max = 100),
	FIELD(struct profile, bio, GIVEN(struct profile, has_bio), .nullable = true, .max = 1000),
	FIELD(struct profile, company_name, GIVEN(struct profile, has_company_name), .nullable = true, .max = 200),
	FIELD(struct profile, location, GIVEN(struct profile, has_location), .nullable = true, .max = 100),
	FIELD(struct profile, website, GIVEN(struct profile, has_website), .nullable = true, .format = FORMAT_URL, .max = 300),
	FIELD(struct profile, linkedin_url, GIVEN(struct profile, has_linkedin_url), .nullable = true, .format = FORMAT_URL,
	    .max = 300),
	FIELD(struct profile, industries, GIVEN(struct profile, has_industries), .nullable = true, .max_items = 20,
	    .max_each = 60),
	FIELD(struct profile, locale, GIVEN(struct profile, has_locale), .nullable = true, .format = FORMAT_LANGUAGE),
	FIELD(struct profile, time_zone, GIVEN(struct profile, has_time_zone), .nullable = true, .max = 60),
	FIELD_END
};

/* The JSON names of the fields that the request spoke of. */
static size_t
given_fields(const struct profile *in, const char *names[9])
{
	const struct {
		bool given;
		const char *name;
	} all[] = {
		{ in->has_display_name, "displayName" },
		{ in->has_bio, "bio" },
		{ in->has_company_name, "companyName" },
		{ in->has_location, "location" },
		{ in->has_website, "website" },
		{ in->has_linkedin_url, "linkedinUrl" },
		{ in->has_industries, "industries" },
		{ in->has_locale, "locale" },
		{ in->has_time_zone, "timeZone" },
	};
	size_t count = 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].given)
			names[count++] = all[i].name;
	return count;
}

static int
check_time_zone(struct request *rq, const char *name)
{
	struct db_result *r;
	int err;

	if (name == NULL)
		return 0;
	err = db_query_row(&rq->db, &r, Q_TIME_ZONE_EXISTS, text_param(name));
	return err != 0 || db_bool(r, 0, "known") ? err : reply_invalid(rq, "timeZone", "is not a time zone that we know");
}

static int
profile_update(struct request *rq, struct uuid id)
{
	const struct profile *in = rq->body;
	const char *names[9];
	size_t count = given_fields(in, names);
	int64_t changed;
	int err = check_time_zone(rq, in->time_zone);

	if (err != 0)
		return err;
	err = db_exec(&rq->db, &changed, Q_USER_UPDATE, uuid_param(id), text_array_param(names, count),
	    text_param(in->display_name), text_param(in->bio), text_param(in->company_name), text_param(in->location),
	    text_param(in->website), text_param(in->linkedin_url),
	    text_array_param(in->industries.items, in->industries.count), text_param(in->locale), text_param(in->time_zone));
	return err != 0 ? err : changed == 0 ? ERR_NOT_FOUND : 0;
}

static int
me_show(struct request *rq)
{
	return reply_query(rq, 200, Q_ME, uuid_param(rq->user.id));
}

static int
me_update(struct request *rq)
{
	int err = profile_update(rq, rq->user.id);

	return err != 0 ? err : me_show(rq);
}

/* One's own by anybody; somebody else's by who manages users, and that leaves a trace. */
static int
user_put(struct request *rq)
{
	struct db_result *r;
	struct uuid id;
	int err = db_query_row(&rq->db, &r, Q_PERSON, text_param(path_text(rq, "id")));

	if (err != 0)
		return err;
	id = db_uuid(r, 0, "id");
	if (uuid_equal(&id, &rq->user.id))
		return me_update(rq);
	if (!role_may(rq->user.role, MAY_USER_MANAGE))
		return ERR_FORBIDDEN;
	err = profile_update(rq, id);
	if (err == 0)
		err = audit(rq, "user.edited", "user", id, NULL, NULL);
	return err != 0 ? err : reply_query(rq, 200, Q_USER_BY_ID, uuid_param(rq->user.id), text_param(path_text(rq, "id")), bool_param(true));
}

/* The person of the path as the caller may see them: *id, or ERR_NOT_FOUND. */
static int
person_seen(struct request *rq, struct uuid *id)
{
	struct db_result *r;
	int err = db_query_row(&rq->db, &r, Q_USER_BY_ID, is_signed_in(rq) ? uuid_param(rq->user.id) : null_param(),
	    text_param(path_text(rq, "id")), bool_param(role_may(rq->user.role, MAY_REPORT_REVIEW)));

	if (err == 0)
		*id = db_uuid(r, 0, "id");
	return err;
}

/* A list below a person is not there when the person is not. */
static int
list_of_person(struct request *rq)
{
	struct uuid id;
	int err = person_seen(rq, &id);

	return err != 0 ? err : answer_query(rq);
}

static int
videos_of_person(struct request *rq)
{
	struct uuid id;
	int err = person_seen(rq, &id);

	if (err != 0)
		return err;
	return answer_query_of(rq, uuid_equal(&id, &rq->user.id) ? Q_USER_VIDEO_PAGE_OWN : Q_USER_VIDEO_PAGE);
}

/* Of one's own the private ones too, in the order of /users/me/playlists. */
static int
playlists_of_person(struct request *rq)
{
	struct uuid id;
	int err = person_seen(rq, &id);

	if (err != 0)
		return err;
	return answer_query_of(rq, uuid_equal(&id, &rq->user.id) ? Q_PLAYLIST_MINE : Q_PLAYLIST_OF_PERSON);
}

const struct route users_routes[] = {
	{ GET, "/users/me", SIGNED_IN, .run = me_show, .doc = "The caller's own profile." },
	{ PATCH, "/users/me", SIGNED_IN, .body = SCHEMA(profile), .transaction = true, .run = me_update,
	  .doc = "Change one's own profile; what is not named stays." },
	{ GET, "/users/{id:user}", PUBLIC, .cache_s = 1, .shared_cache_s = 5, .query = Q_USER_BY_ID, .doc = "A person, by id or @username." },
	{ PUT, "/users/{id:user}", SIGNED_IN, .body = SCHEMA(profile), .transaction = true, .run = user_put,
	  .doc = "Change a profile: one's own, or as an administrator anybody's." },
	{ GET, "/users/{id:user}/followers", PUBLIC, .query = Q_FOLLOWER_PAGE, .answer = ANSWER_CURSOR,
	  .run = list_of_person, .doc = "Who follows a person, latest first." },
	{ GET, "/users/{id:user}/following", PUBLIC, .query = Q_FOLLOWING_PAGE, .answer = ANSWER_CURSOR,
	  .run = list_of_person, .doc = "Whom a person follows, latest first." },
	{ GET, "/users/{id:user}/videos", PUBLIC, .query = Q_USER_VIDEO_PAGE, .answer = ANSWER_CURSOR, .run = videos_of_person,
	  .doc = "A person's videos that play, latest first; of one's own the unlisted and private ones too." },
	{ GET, "/users/{id:user}/playlists", PUBLIC, .query = Q_PLAYLIST_OF_PERSON, .answer = ANSWER_CURSOR,
	  .run = playlists_of_person, .doc = "A person's public playlists, newest first; of one's own the others too." },
	{ POST, "/users/{id:user}/follow", SIGNED_IN, .query = Q_FOLLOW, .doc = "Follow a person. Twice is as good as once." },
	{ DELETE, "/users/{id:user}/follow", SIGNED_IN, .query = Q_UNFOLLOW, .answer = ANSWER_NONE,
	  .doc = "Follow a person no longer." },
	{ POST, "/users/{id:user}/block", SIGNED_IN, .query = Q_BLOCK,
	  .doc = "Block a person: neither sees the other from now on, and neither follows the other." },
	{ DELETE, "/users/{id:user}/block", SIGNED_IN, .query = Q_UNBLOCK, .answer = ANSWER_NONE, .doc = "Unblock a person." },
	{ GET, "/users/me/blocks", SIGNED_IN, .query = Q_BLOCK_LIST, .answer = ANSWER_LIST, .doc = "Whom the caller blocks." },
	ROUTE_END
};
