/*
 * Buffer
 *
 * Bytes that are appended behind and consumed in front. Zeroed memory is an empty buffer, which holds no memory.
 */
#pragma once

#include <stddef.h>

struct buffer {
	char *data;
	size_t start, end, size; /* data[start] to data[end - 1] are in use */
};

static inline size_t buffer_length(const struct buffer *b)
{
	return b->end - b->start;
}

static inline char *buffer_data(const struct buffer *b)
{
	return b->data + b->start;
}

/** Free its memory; it can be used again. */
void buffer_deinit(struct buffer *b);
/** Empty it and keep its memory. */
void buffer_reset(struct buffer *b);

/** Room for n bytes behind those that are there; buffer_commit() says how many of them came to be used. */
char *buffer_reserve(struct buffer *b, size_t n);
void buffer_commit(struct buffer *b, size_t n);

/** Append bytes, and take them away in front. */
void buffer_add(struct buffer *b, const void *p, size_t n);
void buffer_consume(struct buffer *b, size_t n);
