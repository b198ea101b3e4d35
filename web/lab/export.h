/*
 * Lab API: exports
 *
 * Records in a form that other tools read. A form is a row in export_format.c.
 */
#pragma once

#include "proto/record.h"
#include "proto/text/text.h"

#include <stdbool.h>

struct http_request;
struct lab;

struct export_request {
	const char *title;
	bool ascii;       /* of drawings as text */
	int width;        /* of drawings as text; 0: as they come */
	unsigned process; /* the daemon's */
	const char *version;
};

struct export_format {
	const char *name;
	const char *type;      /* media type */
	const char *extension; /* of a file */
	bool is_wire;          /* it has what went over the wire, and nothing else */
	void (*encode)(struct text *out, const struct record *const *records, size_t n,
		       const struct export_request *request);
};

/** What there is room for in an answer that is made at once. */
struct export_room {
	size_t n, max;
	size_t n_bytes, max_bytes;
	bool is_full; /* there are more */
};

struct export_room export_room_of(const struct lab *l);

/** Whether there is room for this one, too. */
bool export_room_take(struct export_room *room, const struct record *r);

/** Whether all had room; if not, it has been answered. */
bool export_had_room(struct lab *l, struct http_request *r, const struct export_room *room);

/** The format of this name; NULL: there is none. */
const struct export_format *export_format_find(const char *name);

/** "sipstack, jsonl, …" */
char *export_format_names(void);
