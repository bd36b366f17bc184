/* measure.c - runs a command and says on stderr what it took: measure COMMAND [ARGUMENT]... */
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	struct timespec from, to;
	struct rusage use;
	int status = 0;
	pid_t child;

	if (argc < 2)
		return 2;
	clock_gettime(CLOCK_MONOTONIC, &from);
	child = fork();
	if (child == 0) {
		execvp(argv[1], argv + 1);
		_exit(127);
	}
	if (child < 0 || wait4(child, &status, 0, &use) < 0)
		return 2;
	clock_gettime(CLOCK_MONOTONIC, &to);
	fprintf(stderr, "measured user=%.3f system=%.3f wall=%.3f peak_kb=%ld\n",
	    (double)use.ru_utime.tv_sec + (double)use.ru_utime.tv_usec / 1e6,
	    (double)use.ru_stime.tv_sec + (double)use.ru_stime.tv_usec / 1e6,
	    (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9, use.ru_maxrss);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
