/* handlers/tables.c - handlers/tables.def as the list that the router compiles. */
#include "fcgi/route.h"

#define X(name) extern const struct route name##_routes[];
#include "handlers/tables.def"
#undef X

const struct route_table route_tables[] = {
#define X(name) { #name, name##_routes },
#include "handlers/tables.def"
#undef X
	{ NULL, NULL },
};
