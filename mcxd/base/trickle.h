/*
 * Trickle
 *
 * Bytes that go out in ten pieces, the first at once and the last when the time is up, by the lab's clock. What is added meanwhile
 * goes behind them, and at that pace.
 */
#pragma once

#include "mcxd/base/loop.h"
#include "proto/text/text.h"

#include <stddef.h>
#include <stdint.h>

enum { TRICKLE_PIECES = 10 };

struct trickle_ops {
	/** These bytes are due. Returns how many are taken; the others come again with the next piece, or when asked for. */
	size_t (*write)(void *magic, const char *p, size_t n);
	/** All is taken. May free the trickle. */
	void (*on_done)(void *magic);
};

struct trickle {
	struct loop *loop;
	struct loop_timer timer;
	struct text bytes;
	size_t n_taken;
	int64_t began_ms, ms;
	int n_pieces; /* that are due */
	const struct trickle_ops *ops;
	void *magic;
};

/** The first piece goes out at the next tick of the loop: the owner may not be ready yet. */
void trickle_init(struct trickle *t, struct loop *l, int64_t ms, const struct trickle_ops *ops,
		  void *magic);
void trickle_deinit(struct trickle *t);

void trickle_add(struct trickle *t, const void *p, size_t n);
size_t trickle_n_left(const struct trickle *t);

/** Offer once more what is due. */
void trickle_offer(struct trickle *t);
/** All of it is due. */
void trickle_flush(struct trickle *t);
