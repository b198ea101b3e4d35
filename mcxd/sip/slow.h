/*
 * Slow
 *
 * What a fault makes go out slowly over a connection. What is sent meanwhile has to wait behind it.
 */
#pragma once

#include "mcxd/base/fault.h"

#include <stddef.h>
#include <sys/uio.h>

struct faults;
struct loop;
struct slow;
struct stream;

/** *place is where the owner keeps it: it becomes NULL when all has been sent. */
void slow_start(struct slow **place, struct loop *l, struct faults *f,
		const struct fault_strike *strike, struct stream *stream);

/** Queue behind what waits, up to max bytes in all. Returns 0 or an errno. */
int slow_send(struct slow *s, const struct iovec *pieces, size_t n_pieces, size_t max);

/** Send all of it at once. */
void slow_finish(struct slow *s);
/** NULL is fine. */
struct slow *slow_free(struct slow *s);
