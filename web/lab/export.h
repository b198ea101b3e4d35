/*
 * Lab API: exports
 *
 * Records in a form that other tools read. A form is a row in export_format.c.
 */
#pragma once

#include "proto/record.h"
#include "proto/text/text.h"

#include <stdbool.h>

struct export_request {
	const char *title;
	bool ascii;        /* of drawings as text */
	int width;         /* of drawings as text; 0: as they come */
	unsigned process;  /* the daemon's */
	bool hides_bodies; /* of a trace */
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

/** The format of this name; NULL: there is none. */
const struct export_format *export_format_find(const char *name);

/** "sipstack, jsonl, …" */
char *export_format_names(void);
