/*
 * Buffer
 */
#include "mcxd/net/buffer.h"

#include "proto/text/mem.h"

enum { MIN_SIZE = 1024 };

void buffer_deinit(struct buffer *b)
{
	free(b->data);
	*b = (struct buffer){ 0 };
}

void buffer_reset(struct buffer *b)
{
	b->start = b->end = 0;
}

char *buffer_reserve(struct buffer *b, size_t n)
{
	size_t length = buffer_length(b), size = b->size ? b->size : MIN_SIZE;

	if (b->size - b->end >= n)
		return b->data + b->end;
	if (length > 0 && b->start > 0)
		memmove(b->data, b->data + b->start, length);
	b->start = 0;
	b->end = length;
	if (b->size - b->end < n) {
		while (size - length < n)
			size *= 2;
		b->data = mem_realloc(b->data, size);
		b->size = size;
	}
	return b->data + b->end;
}

void buffer_commit(struct buffer *b, size_t n)
{
	b->end += n;
}

void buffer_add(struct buffer *b, const void *p, size_t n)
{
	if (n == 0)
		return;
	memcpy(buffer_reserve(b, n), p, n);
	b->end += n;
}

void buffer_consume(struct buffer *b, size_t n)
{
	b->start += n;
	if (b->start == b->end)
		b->start = b->end = 0;
}
