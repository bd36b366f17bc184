/* worker/job_recap_year.c - in January: asks for a film of the year that ended for everybody who made something in it, in communities
 * that want that. Asking again asks for nothing twice. */
#include "worker/ask.h"

static int
recap_year_run(struct job *job)
{
	return ask_for(job, Q_RECAP_YEAR, "recaps_asked", "The year's films could not be asked for.");
}

const struct job_kind job_recap_year = { .name = "recap_year", .run = recap_year_run };
