/*
 * Memory for what goes in the order in which it came
 */
#include "mcxd/base/fifo.h"

#include "proto/text/mem.h"

#include <stdalign.h>

/* Below the size from which malloc() asks the kernel every time. */
enum { BLOCK_SIZE = 64 * 1024, ALIGNMENT = alignof(max_align_t) };

struct fifo_block {
	struct fifo_block *next;
	uint64_t last; /* number of its newest piece */
	size_t size, used;
	alignas(ALIGNMENT) unsigned char bytes[];
};

static void free_all(struct fifo_block *b)
{
	while (b) {
		struct fifo_block *next = b->next;

		free(b);
		b = next;
	}
}

void fifo_deinit(struct fifo *f)
{
	free_all(f->oldest);
	free(f->spare);
	*f = (struct fifo){ 0 };
}

static struct fifo_block *block_new(struct fifo *f, size_t n)
{
	struct fifo_block *b = n <= BLOCK_SIZE ? f->spare : NULL;

	if (b) {
		f->spare = NULL;
	} else {
		if (n < BLOCK_SIZE)
			n = BLOCK_SIZE;
		b = mem_check(malloc(sizeof(*b) + n));
		b->size = n;
	}
	b->next = NULL;
	b->used = 0;
	return b;
}

void *fifo_take(struct fifo *f, uint64_t number, size_t n)
{
	struct fifo_block *b = f->newest;
	void *piece;

	n = (n + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if (!b || b->size - b->used < n) {
		b = block_new(f, n);
		if (f->newest)
			f->newest->next = b;
		else
			f->oldest = b;
		f->newest = b;
	}
	piece = b->bytes + b->used;
	b->used += n;
	b->last = number;
	return piece;
}

/* One usual block is kept, so that a journal at its limit takes none. */
static void block_free(struct fifo *f, struct fifo_block *b)
{
	if (f->spare || b->size != BLOCK_SIZE)
		free(b);
	else
		f->spare = b;
}

void fifo_give_back(struct fifo *f, uint64_t number)
{
	while (f->oldest && f->oldest->last <= number) {
		struct fifo_block *b = f->oldest;

		f->oldest = b->next;
		if (!f->oldest)
			f->newest = NULL;
		block_free(f, b);
	}
}
