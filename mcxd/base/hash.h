/*
 * Hash
 *
 * A keyed hash for tables whose keys come from outside. Its key is random in every process, so that nobody
 * outside can construct names that collide.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/** SipHash-2-4 (Aumasson, Bernstein, 2012) of n bytes under a key of 16 bytes. */
uint64_t hash_sip24(const unsigned char key[16], const void *p, size_t n);

/** The same under the key of this process. */
uint64_t hash_keyed(const void *p, size_t n);

/** Of a number that nobody outside chooses freely: every bit of it and of the key changes about half of the result's,
 *  so that numbers at any distance from each other spread over all buckets. Two numbers never have the same. */
uint64_t hash_number(uint64_t key, uint64_t n);
