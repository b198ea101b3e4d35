/*
 * Lab API: room for records
 *
 * An answer with many records is made at once, so what it may have is limited, in records and in bytes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct http_request;
struct lab;
struct record;

/** What there is room for in an answer that is made at once. */
struct room {
	size_t n, max;
	size_t n_bytes, max_bytes;
	bool is_full; /* there are more */
};

struct room room_of(const struct lab *l);

/** Whether there is room for this one, too. */
bool room_take(struct room *room, const struct record *r);

/** Whether all had room; if not, it has been answered. */
bool room_was_enough(struct lab *l, struct http_request *r, const struct room *room);
