/*
 * Memory for what goes in the order in which it came
 *
 * Pieces are cut from blocks, which are given back whole. Taking a piece costs an addition, and nothing is taken
 * from the system for it unless a block is full.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct fifo_block;

/** Zeroed memory is an empty one. */
struct fifo {
	struct fifo_block *oldest, *newest;
	struct fifo_block *spare; /* given back, to be used again; NULL: none */
};

void fifo_deinit(struct fifo *f);

/** n bytes, aligned as malloc() does, for the piece of this number; numbers only rise. */
void *fifo_take(struct fifo *f, uint64_t number, size_t n);

/** Give back all pieces up to this number. */
void fifo_give_back(struct fifo *f, uint64_t number);
