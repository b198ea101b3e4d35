/*
 * Rate
 *
 * How often something may happen to each of many names, such as requests from an address: on average so many times a
 * second, and after a pause as often at once as in RATE_BURST_S seconds. Each name has a bucket that fills by the rate.
 *
 * A bucket that is full says the same as none, so those that have not been used for that long are dropped.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rates;

enum { RATE_BURST_S = 10 };

/** per_s: at least 1. */
struct rates *rates_new(int64_t per_s);
struct rates *rates_free(struct rates *r); /* NULL is fine */

/** Whether it may happen now; then it has. If not, *ret_wait_s is after how many whole seconds it may. now_ms: of any clock
 *  that never goes back, but always the same. */
bool rates_take(struct rates *r, const char *name, int64_t now_ms, int64_t *ret_wait_s);

/** Names that are remembered. */
size_t rates_count(const struct rates *r);
