/*
 * tests/unit/service.h - for tests of what runs as a service: makes this process, and all that it will start, as locked up as
 * systemd makes the one of a unit. A setting of the unit that this does not know is an error: teach it here what that does.
 */
#ifndef ATELIER_TESTS_SERVICE_H
#define ATELIER_TESTS_SERVICE_H

/* From root: a user whom nobody knows, without groups and capabilities. From another: only without new privileges. */
void service_drop_privileges(void);

/* All of a unit file that concerns one process. Prints what cannot be done here, and why; ends the process when something fails. */
void service_become(const char *unit);

#endif
