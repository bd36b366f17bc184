/*
 * tests/fuzz/fuzz.h - what a fuzz target is: LLVMFuzzerTestOneInput() in tests/fuzz/fuzz_NAME.c, examples of its
 * input in tests/fuzz/corpus/NAME/. With --enable-fuzzers (clang) it becomes a libFuzzer program; without, main() of
 * tests/fuzz/standalone.c runs the corpus and some thousand variations of it in `make check`.
 */
#ifndef ATELIER_FUZZ_H
#define ATELIER_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
