/* db/error.c - what the server said, as one of our errors. */
#include "db/internal.h"

static const struct {
	const char *state;
	enum error_code code;
} states[] = {
#define X(state, code) { state, ERR_##code },
#include "db/sqlstate.def"
#undef X
};

void
error_clear(struct db_error *e)
{
	e->sqlstate[0] = e->constraint[0] = e->message[0] = '\0';
}

static void
field(char *out, size_t size, const PGresult *result, int code)
{
	const char *s = PQresultErrorField(result, code);

	snprintf(out, size, "%s", s != NULL ? s : "");
}

bool
error_is_stale(const PGresult *result)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	return state != NULL && (strcmp(state, "0A000") == 0 || strcmp(state, "26000") == 0);
}

int
error_of(struct db_error *e, const PGresult *result)
{
	field(e->sqlstate, sizeof(e->sqlstate), result, PG_DIAG_SQLSTATE);
	field(e->constraint, sizeof(e->constraint), result, PG_DIAG_CONSTRAINT_NAME);
	field(e->message, sizeof(e->message), result, PG_DIAG_MESSAGE_PRIMARY);
	if (e->sqlstate[0] == '\0')
		return ERR_UNAVAILABLE; /* libpq's own words: the connection broke */
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (strncmp(e->sqlstate, states[i].state, strlen(states[i].state)) == 0)
			return (int)states[i].code;
	}
	return ERR_INTERNAL;
}
