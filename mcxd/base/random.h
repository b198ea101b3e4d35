/*
 * Random
 *
 * Unguessable identifiers, from the kernel's generator.
 */
#pragma once

#include <stddef.h>

void random_bytes(void *p, size_t n);

/** 2 * n_bytes lower-case hex digits and a NUL go to ret. */
void random_hex(size_t n_bytes, char *ret);
