/* lib/errors.c - errors.def as a table. */
#include "lib/errors.h"

static const struct error_info infos[ERR_COUNT] = {
#define X(code, status, message) [ERR_##code] = { #code, status, message },
#include "lib/errors.def"
#undef X
};

const struct error_info *
error_info(enum error_code code)
{
	return &infos[code > ERR_NONE && code < ERR_COUNT ? code : ERR_INTERNAL];
}
