/* lib/mem.c - the few allocations that are more than a wrapper. */
#include "lib/mem.h"

#include <stdlib.h>
#include <unistd.h>

void
mem_out_of_memory(void)
{
	static const char line[] = "{\"level\":\"error\",\"event\":\"out_of_memory\"}\n";

	if (write(STDERR_FILENO, line, sizeof(line) - 1) < 0)
		_exit(71);
	abort();
}

char *
mem_strdup(const void *ctx, const char *s)
{
	return s == NULL ? NULL : mem_checked(talloc_strdup(ctx, s));
}

char *
mem_strndup(const void *ctx, const char *s, size_t n)
{
	return mem_checked(talloc_strndup(ctx, s, n));
}

char *
mem_printf(const void *ctx, const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = mem_checked(talloc_vasprintf(ctx, fmt, ap));
	va_end(ap);
	return s;
}
