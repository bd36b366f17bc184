/* lib/geo.c - see geo.h. */
#include "lib/geo.h"

#include <maxminddb.h>
#include <string.h>

#include "lib/log.h"
#include "lib/mem.h"

struct geo {
	MMDB_s db;
};

static int
geo_close(struct geo *geo)
{
	MMDB_close(&geo->db);
	return 0;
}

struct geo *
geo_open(void *context, const char *path)
{
	struct geo *geo = mem_new(context, struct geo);
	int status = MMDB_open(path, MMDB_MODE_MMAP, &geo->db);

	if (status != MMDB_SUCCESS) {
		log_error("geoip_unreadable", LOG_STR("path", path), LOG_STR("message", MMDB_strerror(status)));
		talloc_free(geo);
		return NULL;
	}
	talloc_set_destructor(geo, geo_close);
	return geo;
}

bool
geo_country(const struct geo *geo, const char *address, char out[3])
{
	MMDB_lookup_result_s found;
	MMDB_entry_data_s code;
	int gai = 0, status = 0;

	if (geo == NULL)
		return false;
	found = MMDB_lookup_string(&geo->db, address, &gai, &status);
	if (gai != 0 || status != MMDB_SUCCESS || !found.found_entry ||
	    MMDB_get_value(&found.entry, &code, "country", "iso_code", NULL) != MMDB_SUCCESS || !code.has_data ||
	    code.type != MMDB_DATA_TYPE_UTF8_STRING || code.data_size != 2)
		return false;
	memcpy(out, code.utf8_string, 2);
	out[2] = '\0';
	return true;
}
