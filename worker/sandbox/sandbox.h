/*
 * worker/sandbox/sandbox.h - runs a stranger's program and tells what came of it (doc/sandbox.md). Knows nothing of dojos or jobs.
 *
 * The program runs below bubblewrap: namespaces of its own, no network, a root that is read-only but for three small folders in
 * memory, no privileges, a filter of system calls, limits of memory, processors' and wall time, processes, files and output. All
 * of it ends with the answer, whatever it started. The caller needs no privileges, but a kernel that gives user namespaces to
 * those who have none.
 */
#ifndef ATELIER_WORKER_SANDBOX_H
#define ATELIER_WORKER_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct sandbox_language {
	const char *name;    /* "python"; lower case */
	const char *source;  /* what the program's file is called: "main.py" */
	const char *command; /* for /bin/sh, in the folder of that file */
	const char *version; /* a program that must be there: "/usr/bin/python3" */
};

struct sandbox_ask {
	const struct sandbox_language *language;
	const char *code, *input;
	int wall_ms;
	int cpu_ms;            /* of all its processes together, those that ended too; 0: as long as wall_ms */
	int64_t memory_bytes;  /* of all its processes together */
	int64_t disk_bytes;    /* of /work and of /tmp, each */
	size_t output_bytes;   /* of stdout and of stderr; more ends the program */
	int processes;
};

enum sandbox_status { SANDBOX_SUCCESS, SANDBOX_ERROR, SANDBOX_TIMEOUT, SANDBOX_REFUSED };

struct sandbox_answer {
	enum sandbox_status status; /* REFUSED: the sandbox could not be made; nothing ran */
	char *output, *errors;      /* valid UTF-8, on mem; of REFUSED: what bubblewrap said */
	bool is_cut;                /* there was more output than allowed */
	bool is_out_of_memory, is_full; /* full: it made too many files */
	int exit_status;            /* 128 + signal where one ended it */
	int wall_ms, cpu_ms;
	int64_t memory_bytes;       /* the most that it had */
	const char *message;        /* of an error, in one line; NULL: the language said nothing. Of REFUSED: why, for who runs the machine */
	int line, column;           /* 0: not told */
};

/* One of those built in or of the operator's folder (NAME.conf: source, command); NULL. On mem. */
const struct sandbox_language *sandbox_language_find(void *mem, const char *folder, const char *name);
extern const struct sandbox_language sandbox_languages[]; /* ends with a NULL name */

/* Runs it and waits until nothing of it is left: at most wall_ms and a few seconds, behind the time that the sandbox takes to be
 * made. Whatever happens to the caller, nothing runs on without it. Blocks. */
void sandbox_run(void *mem, const struct sandbox_ask *ask, struct sandbox_answer *out);

/* --- the parts --- */
#define SANDBOX_BWRAP "/usr/bin/bwrap"
#define SANDBOX_SHM_BYTES (1 << 20)

/* The files that bubblewrap is given, by the numbers that they have there. */
enum sandbox_file {
	SANDBOX_INPUT,
	SANDBOX_OUTPUT,
	SANDBOX_ERRORS, /* before the program begins: why it cannot */
	SANDBOX_START,  /* a socket over which the inside says that it is made, and we say go; sh can name but one digit */
	SANDBOX_CODE,
	SANDBOX_FILTER,
	SANDBOX_FILES
};

/* The command line of bubblewrap, on mem. */
const char *const *sandbox_arguments(void *mem, const struct sandbox_ask *ask);
/* For a child of parent: becomes bubblewrap with these files and nothing else of ours. */
void sandbox_enter(const char *const *arguments, const int files[SANDBOX_FILES], pid_t parent) __attribute__((noreturn));

struct sandbox_use {
	int64_t memory_bytes, cpu_ms, files;
};
void sandbox_look(pid_t pid, const struct sandbox_ask *ask, struct sandbox_use *use); /* pid: bwrap */
int sandbox_first(pid_t pid); /* a pidfd of the first process inside, with which all others end; -1: there is none (yet). pid: bwrap */
int sandbox_filter(void); /* a file with the filter of system calls, for bwrap; -1 */
void sandbox_explain(void *mem, const struct sandbox_language *language, struct sandbox_answer *out); /* message, line, column */
const char *sandbox_refusal(void *mem, const char *said); /* what the machine must allow, from what was said; on mem */

#endif
