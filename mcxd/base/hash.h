/*
 * Hash
 *
 * A keyed hash for tables whose keys come from outside: who does not know the key, which is random
 * in every process, cannot make keys that collide.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/** SipHash-2-4 (Aumasson, Bernstein, 2012) of n bytes under a key of 16 bytes. */
uint64_t hash_sip24(const unsigned char key[16], const void *p, size_t n);

/** The same under the key of this process. */
uint64_t hash_keyed(const void *p, size_t n);
