/*
 * Memory
 *
 * How the allocator gets pages from the kernel.
 */
#pragma once

#include <stdint.h>

/** Before anything is allocated in earnest: large pages where there are any. */
void memory_prepare(void);

/** Have so many bytes ready, cleared and in place. Without an allocator that can be told so, and for
 *  0, nothing is done. Returns 0 or a negative errno. */
int memory_reserve(int64_t n_bytes);
