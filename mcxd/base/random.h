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

enum { RANDOM_UUID_SIZE = 37 };

/** The same in upper case, as epids are. */
void random_hex_upper(size_t n_bytes, char *ret);

/** A UUID of version 4 (RFC 9562, 5.4) in lower case, and a NUL. */
void random_uuid(char ret[RANDOM_UUID_SIZE]);
