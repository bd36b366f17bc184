/* worker/job_moderation_month.c - asks for the report of the month that ended for each community that wants it. Asking every day, it is
 * made on the first, or when a worker is there again; asking again asks for nothing twice. */
#include "worker/ask.h"

static int
moderation_month_run(struct job *job)
{
	return ask_for(job, Q_MODERATION_MONTH, "moderation_reports_asked", "The month's reports could not be asked for.");
}

const struct job_kind job_moderation_month = { .name = "moderation_month", .run = moderation_month_run };
