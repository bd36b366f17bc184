/*
 * lib/mem.h - memory has an owner: a talloc context per request or job. What is bounded is allocated
 * with these and cannot fail softly: out of memory ends the child, and the master starts another.
 */
#ifndef ATELIER_MEM_H
#define ATELIER_MEM_H

#include <stdarg.h>
#include <stddef.h>
#include <talloc.h>

void mem_out_of_memory(void) __attribute__((noreturn));

static inline void *
mem_checked(void *p)
{
	if (__builtin_expect(p == NULL, 0))
		mem_out_of_memory();
	return p;
}

#define mem_new(ctx, type) ((type *)mem_checked(talloc_zero_size((ctx), sizeof(type))))
#define mem_array(ctx, type, count) ((type *)mem_checked(talloc_zero_array((ctx), type, (count))))
#define mem_size(ctx, size) mem_checked(talloc_size((ctx), (size)))

char *mem_strdup(const void *ctx, const char *s);             /* NULL stays NULL */
char *mem_strndup(const void *ctx, const char *s, size_t n);
char *mem_printf(const void *ctx, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
