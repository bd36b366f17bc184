/* ctl/doctor_programs.c - may this machine run programs of dojos? One is run, in the sandbox that atelier-code uses. */
#include <string.h>
#include <unistd.h>

#include "ctl/doctor.h"
#include "lib/buf.h"
#include "worker/sandbox/sandbox.h"

static const struct sandbox_ask small = { .code = "echo well", .wall_ms = 30000, .memory_bytes = 64 << 20, .disk_bytes = 1 << 20, .output_bytes = 1000, .processes = 8 };

static void
check_languages(struct doctor *d)
{
	struct buf missing;

	buf_init(&missing, doctor_mem(d), 100);
	for (const struct sandbox_language *l = sandbox_languages; l->name != NULL; l++)
		if (access(l->version, X_OK) != 0)
			buf_printf(&missing, "%s%s (%s)", missing.length > 0 ? ", " : "", l->name, l->version);
	if (missing.length > 0)
		doctor_say(d, VERDICT_WARNING, "programs", "dojos offer languages that are not installed: %s", buf_cstr(&missing));
	doctor_say(d, VERDICT_GOOD, "programs", "the sandbox of dojos can be made");
}

void
doctor_check_programs(struct doctor *d)
{
	struct sandbox_ask ask = small;
	struct sandbox_answer a;

	ask.language = sandbox_language_find(doctor_mem(d), NULL, "bash");
	sandbox_run(doctor_mem(d), &ask, &a);
	if (a.status == SANDBOX_REFUSED)
		doctor_say(d, VERDICT_BAD, "programs", "%s: no program of a dojo is run", a.message);
	else if (strcmp(a.output, "well\n") != 0)
		doctor_say(d, VERDICT_BAD, "programs", "the sandbox of dojos does not work: %s", a.message != NULL ? a.message : "nothing was said");
	else
		check_languages(d);
}
