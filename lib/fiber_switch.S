/*
 * lib/fiber_switch.S - void fiber_switch(void **save_sp, void *load_sp)
 *
 * Pushes the registers that the calling convention makes the callee's to keep, notes the stack pointer
 * in *save_sp, takes load_sp for it and pops what was pushed there. The floating-point control words are
 * left alone: nobody here changes them. No signal mask is touched either, which is why this is some
 * forty times quicker than swapcontext().
 */
#include "lib/fiber_switch.h"

#ifndef FIBER_UCONTEXT

#if defined(__x86_64__)

	.text
	.globl	fiber_switch
	.hidden	fiber_switch
	.type	fiber_switch, @function
	.p2align 4
fiber_switch:
	.cfi_startproc
	endbr64
	pushq	%rbp
	pushq	%rbx
	pushq	%r15
	pushq	%r14
	pushq	%r13
	pushq	%r12
	.cfi_adjust_cfa_offset 48
	.cfi_offset %rbp, -16
	.cfi_offset %rbx, -24
	.cfi_offset %r15, -32
	.cfi_offset %r14, -40
	.cfi_offset %r13, -48
	.cfi_offset %r12, -56
	movq	%rsp, (%rdi)
	movq	%rsi, %rsp
	popq	%r12
	popq	%r13
	popq	%r14
	popq	%r15
	popq	%rbx
	popq	%rbp
	.cfi_adjust_cfa_offset -48
	ret
	.cfi_endproc
	.size	fiber_switch, . - fiber_switch

/* First instruction of a new fiber: fiber_context_init() left the function to call in rbx. */
	.globl	fiber_start
	.hidden	fiber_start
	.type	fiber_start, @function
	.p2align 4
fiber_start:
	.cfi_startproc
	.cfi_undefined %rip
	endbr64
	xorl	%ebp, %ebp
	call	*%rbx
	ud2
	.cfi_endproc
	.size	fiber_start, . - fiber_start

/* Good for indirect branch tracking, not for shadow stacks: the linker then marks the program so. */
	.section .note.gnu.property, "a"
	.p2align 3
	.long	4, 16, 5
	.asciz	"GNU"
	.long	0xc0000002, 4, 1, 0

#elif defined(__aarch64__)

	.text
	.globl	fiber_switch
	.hidden	fiber_switch
	.type	fiber_switch, %function
	.p2align 4
fiber_switch:
	.cfi_startproc
	hint	#34		/* bti c */
	sub	sp, sp, #160
	.cfi_adjust_cfa_offset 160
	stp	x19, x20, [sp, #0]
	stp	x21, x22, [sp, #16]
	stp	x23, x24, [sp, #32]
	stp	x25, x26, [sp, #48]
	stp	x27, x28, [sp, #64]
	stp	x29, x30, [sp, #80]
	.cfi_offset x29, -80
	.cfi_offset x30, -72
	stp	d8, d9, [sp, #96]
	stp	d10, d11, [sp, #112]
	stp	d12, d13, [sp, #128]
	stp	d14, d15, [sp, #144]
	mov	x9, sp
	str	x9, [x0]
	mov	sp, x1
	ldp	x19, x20, [sp, #0]
	ldp	x21, x22, [sp, #16]
	ldp	x23, x24, [sp, #32]
	ldp	x25, x26, [sp, #48]
	ldp	x27, x28, [sp, #64]
	ldp	x29, x30, [sp, #80]
	ldp	d8, d9, [sp, #96]
	ldp	d10, d11, [sp, #112]
	ldp	d12, d13, [sp, #128]
	ldp	d14, d15, [sp, #144]
	add	sp, sp, #160
	.cfi_adjust_cfa_offset -160
	ret
	.cfi_endproc
	.size	fiber_switch, . - fiber_switch

/* First instruction of a new fiber: fiber_context_init() left the function to call in x19. */
	.globl	fiber_start
	.hidden	fiber_start
	.type	fiber_start, %function
	.p2align 4
fiber_start:
	.cfi_startproc
	.cfi_undefined x30
	hint	#36		/* bti j */
	mov	x29, #0
	mov	x30, #0
	blr	x19
	brk	#1
	.cfi_endproc
	.size	fiber_start, . - fiber_start

#endif
#endif

	.section .note.GNU-stack, "", %progbits
