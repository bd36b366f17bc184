/* lib/mem.c - allocation that does not fail softly. */
#include "lib/mem.h"

#include <unistd.h>

void
mem_out_of_memory(void)
{
	static const char line[] = "{\"level\":\"error\",\"event\":\"out_of_memory\"}\n";

	if (write(STDERR_FILENO, line, sizeof(line) - 1) < 0)
		abort();
	abort();
}

char *
mem_strdup(const void *ctx, const char *s)
{
	return s != NULL ? mem_checked(talloc_strdup(ctx, s)) : NULL;
}

char *
mem_strndup(const void *ctx, const char *s, size_t n)
{
	return mem_checked(talloc_strndup(ctx, s, n));
}

char *
mem_printf(const void *ctx, const char *fmt, ...)
{
	char here[256], *s;
	va_list ap;
	int n;

	/* talloc_vasprintf() formats everything twice */
	va_start(ap, fmt);
	n = vsnprintf(here, sizeof(here), fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof(here))
		return mem_strndup(ctx, here, (size_t)n);
	va_start(ap, fmt);
	s = talloc_vasprintf(ctx, fmt, ap);
	va_end(ap);
	return mem_checked(s);
}
