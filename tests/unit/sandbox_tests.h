/* tests/unit/sandbox_tests.h - what the parts of test_sandbox share. */
#ifndef ATELIER_TESTS_SANDBOX_TESTS_H
#define ATELIER_TESTS_SANDBOX_TESTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the headers above first */
#include <cmocka.h>

#include "lib/mem.h"
#include "worker/sandbox/sandbox.h"

extern void *mem; /* of the group of tests */

struct sandbox_answer run_with(const char *language, const char *code, const char *input, int wall_ms);
struct sandbox_answer run(const char *language, const char *code); /* with patience, for what ends by itself */

/* sandbox_out.c: attempts to get out */
void test_files(void **state);
void test_first_process(void **state);
void test_disguise(void **state);
void test_network(void **state);
void test_kernel(void **state);

/* sandbox_refused.c: where no sandbox can be made; needs a talloc context in mem */
int refusals(void); /* a group of tests, as cmocka counts it */

#endif
