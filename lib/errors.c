/* lib/errors.c - the table of errors. */
#include "lib/errors.h"

static const struct error_info errors[ERR_COUNT] = {
	[ERR_NONE] = { "OK", 200, "" },
#define X(code, status, message) [ERR_##code] = { #code, status, message },
#include "lib/errors.def"
#undef X
};

const struct error_info *
error_info(enum error_code code)
{
	return &errors[(unsigned)code < ERR_COUNT ? code : ERR_INTERNAL];
}
