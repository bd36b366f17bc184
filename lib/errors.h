/* lib/errors.h - the one list of errors: functions return 0 or one of these. */
#ifndef ATELIER_ERRORS_H
#define ATELIER_ERRORS_H

enum error_code {
	ERR_NONE = 0,
#define X(code, status, message) ERR_##code,
#include "lib/errors.def"
#undef X
	ERR_COUNT
};

struct error_info {
	const char *code;    /* "VALIDATION_ERROR" */
	int status;          /* HTTP status */
	const char *message; /* default text for people */
};

/* The row of a code; ERR_INTERNAL's for anything out of range. */
const struct error_info *error_info(enum error_code code);

#endif
