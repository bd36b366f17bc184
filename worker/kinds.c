/* worker/kinds.c - the table of kinds (worker/kinds.def). */
#include <string.h>

#include "worker/job.h"

#define X(name) extern const struct job_kind job_##name;
#include "worker/kinds.def"
#undef X

const struct job_kind *const job_kinds[] = {
#define X(name) &job_##name,
#include "worker/kinds.def"
#undef X
	NULL,
};

const struct job_kind *
job_kind_by_name(const char *name)
{
	for (const struct job_kind *const *k = job_kinds; *k != NULL; k++)
		if (strcmp((*k)->name, name) == 0)
			return *k;
	return NULL;
}
