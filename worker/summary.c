/* worker/summary.c - see summary.h. */
#include "worker/summary.h"

#include <stdio.h>
#include <string.h>

#include "lib/mem.h"

const char *
summary_number(const void *mem, const char *language, double n)
{
	char plain[32];
	char separator = strcmp(language, "pt") == 0 ? '.' : ',';
	char *out = mem_size(mem, 48), *o = out;
	size_t length;

	snprintf(plain, sizeof(plain), "%.0f", n);
	length = strlen(plain);
	for (size_t i = 0; i < length; i++) {
		if (i > 0 && plain[i - 1] != '-' && (length - i) % 3 == 0)
			*o++ = separator;
		*o++ = plain[i];
	}
	*o = '\0';
	return out;
}
