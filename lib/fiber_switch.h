/*
 * lib/fiber_switch.h - the one step that C cannot say: leave this stack, go on with that one.
 * A few lines of assembly (fiber_switch.S) where we have them, ucontext elsewhere or with -DFIBER_UCONTEXT.
 */
#ifndef ATELIER_FIBER_SWITCH_H
#define ATELIER_FIBER_SWITCH_H

#if !defined(FIBER_UCONTEXT) && !((defined(__x86_64__) && defined(__LP64__)) || defined(__aarch64__))
#define FIBER_UCONTEXT 1
#endif

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>

#ifdef FIBER_UCONTEXT
#include <ucontext.h>

struct fiber_context {
	ucontext_t uc;
	void (*entry)(void);
};

static inline void
fiber_context_start_here(unsigned high, unsigned low)
{
	struct fiber_context *c = (struct fiber_context *)(((uintptr_t)high << 16 << 16) | low);

	c->entry();
}

/* Makes c start entry() on the stack when it is first switched to. entry must never return. */
static inline void
fiber_context_init(struct fiber_context *c, void *stack, size_t size, void (*entry)(void))
{
	getcontext(&c->uc);
	c->uc.uc_stack.ss_sp = stack;
	c->uc.uc_stack.ss_size = size;
	c->uc.uc_link = NULL;
	c->entry = entry;
	makecontext(&c->uc, (void (*)(void))fiber_context_start_here, 2, (unsigned)((uintptr_t)c >> 16 >> 16),
	    (unsigned)(uintptr_t)c);
}

static inline void
fiber_context_switch(struct fiber_context *from, struct fiber_context *to)
{
	swapcontext(&from->uc, &to->uc);
}

#else

/* Registers that a callee must keep are on the stack; what is left of a context is where that stack is. */
struct fiber_context {
	void *sp;
};

/* In fiber_switch.S. */
void fiber_switch(void **save_sp, void *load_sp);
void fiber_start(void);

#ifdef __x86_64__
enum { FIBER_FRAME = 7, FIBER_FRAME_ENTRY = 4, FIBER_FRAME_RETURN = 6 }; /* words; see fiber_switch.S */
#else
enum { FIBER_FRAME = 20, FIBER_FRAME_ENTRY = 0, FIBER_FRAME_RETURN = 11 };
#endif

/* Makes c start entry() on the stack when it is first switched to. entry must never return. */
static inline void
fiber_context_init(struct fiber_context *c, void *stack, size_t size, void (*entry)(void))
{
	uintptr_t top = ((uintptr_t)stack + size) & ~(uintptr_t)15;
	void **frame = (void **)top - FIBER_FRAME;

	for (int i = 0; i < FIBER_FRAME; i++)
		frame[i] = NULL;
	frame[FIBER_FRAME_ENTRY] = (void *)entry;
	frame[FIBER_FRAME_RETURN] = (void *)fiber_start;
	c->sp = frame;
}

static inline void
fiber_context_switch(struct fiber_context *from, struct fiber_context *to)
{
	fiber_switch(&from->sp, to->sp);
}

#endif /* FIBER_UCONTEXT */
#endif /* __ASSEMBLER__ */
#endif
