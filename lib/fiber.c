/*
 * lib/fiber.c - fibers: their stacks, their pool, the list of those that were woken.
 *
 * A stack is one mapping: a guard at the low end, then the stack, and struct fiber at the very top.
 * Pages are touched as they are needed, so a fiber costs what it uses and not what it could use.
 */
#include "lib/fiber.h"

#include <sys/mman.h>

#include "lib/fiber_switch.h"

#if defined(__SANITIZE_ADDRESS__)
#define FIBER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FIBER_ASAN 1
#endif
#endif

#ifdef FIBER_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <sanitizer/lsan_interface.h>
#endif

#ifdef __has_include
#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#endif
#endif
#ifndef VALGRIND_STACK_REGISTER
#define VALGRIND_STACK_REGISTER(start, end) ((void)(start), (void)(end), 0)
#define VALGRIND_STACK_DEREGISTER(id) ((void)(id))
#endif

#ifdef FIBER_ASAN
#define STACK_SIZE ((size_t)1024 * 1024) /* instrumented frames are several times as big */
#else
#define STACK_SIZE ((size_t)256 * 1024)
#endif
#define GUARD_SIZE ((size_t)64 * 1024) /* a multiple of any page's size; a frame that is larger could step over it */
#define STACKS_KEPT 128 /* free stacks beyond so many go back to the system */

enum fiber_state { FIBER_SUSPENDED, FIBER_RUNNING, FIBER_ENDED };

/* What a sanitizer wants to know of a stack that we leave and come back to. */
struct stack_notes {
	void *fake;
	const void *bottom;
	size_t size;
};

struct fiber {
	struct fiber_context context;
	struct fiber_context resumer;
	struct fiber *outer; /* who resumed this one: a fiber, or NULL for the process's own stack */
	void (*fn)(void *);
	void *arg;
	enum fiber_state state;
	bool cancelled;
	bool woken;
	struct fiber *next; /* in the list of the woken, or of the free */
	struct fiber_locals locals;
	struct stack_notes own, resumers;
	void *mapping;
	size_t mapping_size;
	unsigned valgrind_id;
};

/* The one state of this process. */
static struct {
	struct fiber *current;
	struct fiber *woken_first, **woken_end;
	struct fiber *free;
	size_t count, free_count;
	struct fiber_locals locals;
	int64_t resumed_at_us;
	int64_t watch_limit_us;
	void (*watch)(const struct request *rq, int64_t held_us);
} fibers;

static int64_t
clock_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* --- sanitizers: say which stack comes next, and on arrival that we came --- */

static void
leave_for(struct stack_notes *left, bool for_ever, const void *bottom, size_t size)
{
#ifdef FIBER_ASAN
	__sanitizer_start_switch_fiber(for_ever ? NULL : &left->fake, bottom, size);
#else
	(void)left, (void)for_ever, (void)bottom, (void)size;
#endif
}

static void
arrive(struct stack_notes *here, struct stack_notes *came_from)
{
#ifdef FIBER_ASAN
	__sanitizer_finish_switch_fiber(here ? here->fake : NULL, came_from ? &came_from->bottom : NULL,
	    came_from ? &came_from->size : NULL);
#else
	(void)here, (void)came_from;
#endif
}

/* --- stacks --- */

static void
stack_unmap(struct fiber *f)
{
	VALGRIND_STACK_DEREGISTER(f->valgrind_id);
#ifdef FIBER_ASAN
	ASAN_UNPOISON_MEMORY_REGION(f->mapping, f->mapping_size);
	__lsan_unregister_root_region((char *)f->mapping + GUARD_SIZE, STACK_SIZE);
#endif
	munmap(f->mapping, f->mapping_size);
}

static struct fiber *
stack_map(void)
{
	const size_t guard = GUARD_SIZE, size = guard + STACK_SIZE;
	struct fiber *f;
	char *p;

	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	if (mprotect(p, guard, PROT_NONE) != 0) {
		munmap(p, size);
		return NULL;
	}
	f = (struct fiber *)((uintptr_t)(p + size - sizeof(*f)) & ~(uintptr_t)63);
	f->mapping = p;
	f->mapping_size = size;
	f->own.bottom = p + guard;
	f->own.size = (size_t)((char *)f - (p + guard));
	f->valgrind_id = VALGRIND_STACK_REGISTER(p + guard, (char *)f);
#ifdef FIBER_ASAN
	__lsan_register_root_region(p + guard, STACK_SIZE);
#endif
	return f;
}

static struct fiber *
stack_take(void)
{
	struct fiber *f = fibers.free;

	if (f == NULL)
		return stack_map();
	fibers.free = f->next;
	fibers.free_count--;
#ifdef FIBER_ASAN
	ASAN_UNPOISON_MEMORY_REGION(f->own.bottom, f->own.size);
#endif
	return f;
}

static void
stack_give_back(struct fiber *f)
{
	if (fibers.free_count >= STACKS_KEPT) {
		stack_unmap(f);
		return;
	}
	f->next = fibers.free;
	fibers.free = f;
	fibers.free_count++;
}

void
fiber_free_stacks(void)
{
	struct fiber *f;

	while ((f = fibers.free) != NULL) {
		fibers.free = f->next;
		fibers.free_count--;
		stack_unmap(f);
	}
}

/* --- switching --- */

static void
fiber_main(void)
{
	struct fiber *f = fibers.current;

	arrive(NULL, &f->resumers);
	f->fn(f->arg);
	f->state = FIBER_ENDED;
	leave_for(NULL, true, f->resumers.bottom, f->resumers.size);
	fiber_context_switch(&f->context, &f->resumer);
	abort(); /* an ended fiber was resumed */
}

struct fiber *
fiber_spawn(void (*fn)(void *), void *arg)
{
	struct fiber *f = stack_take();

	if (f == NULL)
		return NULL;
	f->fn = fn;
	f->arg = arg;
	f->state = FIBER_SUSPENDED;
	f->cancelled = f->woken = false;
	f->next = NULL;
	f->locals = (struct fiber_locals){ 0 };
	f->own.fake = NULL;
	fiber_context_init(&f->context, (void *)(uintptr_t)f->own.bottom, f->own.size, fiber_main);
	fibers.count++;
	fiber_resume(f);
	return f;
}

void
fiber_resume(struct fiber *f)
{
	struct stack_notes here = { 0 };

	if (f->state != FIBER_SUSPENDED || f->woken)
		abort();
	f->outer = fibers.current;
	f->state = FIBER_RUNNING;
	fibers.current = f;
	fibers.resumed_at_us = clock_us();
	leave_for(&here, false, f->own.bottom, f->own.size);
	fiber_context_switch(&f->resumer, &f->context);
	arrive(&here, NULL);
	fibers.current = f->outer;
	if (f->state == FIBER_ENDED) {
		fibers.count--;
		stack_give_back(f);
	}
}

void
fiber_yield(void)
{
	struct fiber *f = fibers.current;

	fiber_check_held();
	f->state = FIBER_SUSPENDED;
	leave_for(&f->own, false, f->resumers.bottom, f->resumers.size);
	fiber_context_switch(&f->context, &f->resumer);
	arrive(&f->own, &f->resumers);
}

struct fiber *
fiber_current(void)
{
	return fibers.current;
}

/* --- waking --- */

void
fiber_wake(struct fiber *f)
{
	if (f->woken || f->state != FIBER_SUSPENDED)
		return;
	f->woken = true;
	f->next = NULL;
	if (fibers.woken_first == NULL)
		fibers.woken_end = &fibers.woken_first;
	*fibers.woken_end = f;
	fibers.woken_end = &f->next;
}

size_t
fiber_run_woken(void)
{
	struct fiber *f = fibers.woken_first, *next;
	size_t n = 0;

	/* Whoever is woken meanwhile goes on a new list and has the next turn. */
	fibers.woken_first = NULL;
	for (; f != NULL; f = next, n++) {
		next = f->next;
		f->woken = false;
		fiber_resume(f);
	}
	return n;
}

void
fiber_cancel(struct fiber *f)
{
	f->cancelled = true;
	fiber_wake(f);
}

bool
fiber_is_cancelled(const struct fiber *f)
{
	return f->cancelled;
}

/* --- the rest --- */

struct fiber_locals *
fiber_locals(void)
{
	return fibers.current != NULL ? &fibers.current->locals : &fibers.locals;
}

int64_t
fiber_held_us(void)
{
	return fibers.current != NULL ? clock_us() - fibers.resumed_at_us : 0;
}

void
fiber_watch(int64_t limit_us, void (*fn)(const struct request *rq, int64_t held_us))
{
	fibers.watch_limit_us = limit_us;
	fibers.watch = fn;
}

void
fiber_check_held(void)
{
	int64_t held_us;

	if (fibers.watch == NULL)
		return;
	held_us = fiber_held_us();
	if (held_us > fibers.watch_limit_us)
		fibers.watch(fibers.current->locals.request, held_us);
}

size_t
fiber_count(void)
{
	return fibers.count;
}

size_t
fiber_stacks(void)
{
	return fibers.free_count;
}
