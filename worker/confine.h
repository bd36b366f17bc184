/* worker/confine.h - what a child that reads user media may still do. */
#ifndef ATELIER_WORKER_CONFINE_H
#define ATELIER_WORKER_CONFINE_H

#include "lib/conf.h"

/* Limits for every job's child: memory, open files, no core, low priority. */
void confine_limits(const struct conf *conf);

/*
 * For confined kinds, after everything needed is open: no new privileges; no exec, network, ptrace, other processes
 * (seccomp); and on kernels with Landlock no file but those of `readable` (ends with NULL) and what lies below `writable` (NULL: nothing).
 * 0 or -errno: the caller ends then.
 */
int confine(const char *const readable[], const char *writable);

#endif
