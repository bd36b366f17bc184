/*
 * lib/geo.h - the country of an address, by a GeoIP file in MaxMind's format (analytics.geoip_file). The file is mapped; nothing of
 * an address is kept.
 */
#ifndef ATELIER_GEO_H
#define ATELIER_GEO_H

#include <stdbool.h>

struct geo;

/* Opens the file; hangs on context. NULL with a line in the log when it cannot be read. */
struct geo *geo_open(void *context, const char *path);

/* The two letters of the country into out. False: unknown, or geo is NULL. */
bool geo_country(const struct geo *geo, const char *address, char out[3]);

#endif
