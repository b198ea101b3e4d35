/*
 * SIPStack trace
 *
 * Records in the form of the Lync Server Logging Tool's SIPStack component. Lines end in LF, those of a
 * message's head without the CR; the body is as it was on the wire. Two kinds of characters are replaced by
 * '.', which keeps all lengths: control characters, which could play tricks on the reader's terminal, and
 * the first '$' of a record mark inside a message, which could pass for the end of the record.
 */
#pragma once

#include "proto/text/text.h"

#include <stdint.h>

enum trace_level { TRACE_INFO, TRACE_WARN, TRACE_ERROR, TRACE_VERBOSE, N_TRACE_LEVELS };

/** "TL_INFO" and so on; "TL_ERROR" for a level out of range. */
const char *trace_level_word(enum trace_level level);

/** The contents of the first line. */
struct trace_head {
	enum trace_level level;
	uint32_t process, thread;
	int64_t wall_us; /* since 1970, UTC; written to the millisecond */
	uint32_t seq;
};

/** A SIP message in or out. Strings belong to the caller. */
struct trace_message {
	struct trace_head head;
	uint32_t correlation; /* Trace-Correlation-Id */
	uint32_t instance;    /* Instance-Id */
	bool incoming;
	const char *source, *destination; /* "internal edge", or NULL both */
	const char *peer;                 /* "lyncfe.lab.test:61182" */
	const void *raw;                  /* start line to body */
	size_t n_raw;
	bool hides_body; /* a sentence that it was deleted in its place */
};

/** Append the record of a message; its bytes need not be SIP. */
void trace_encode_message(struct text *out, const struct trace_message *m);

/** A decision, about a message or not. Members that are NULL are left out. */
struct trace_diagnostic {
	struct trace_head head;
	const char *severity; /* "error", "warning", "information" */
	const char *text;
	uint32_t result;         /* Result-Code: 0x…; left out without a name */
	const char *result_name; /* "SIPPROXY_E_ROUTING" */
	const char *start_line, *call_id, *cseq;
	const char *peer;
	const char *data;
};

void trace_encode_diagnostic(struct text *out, const struct trace_diagnostic *d);

enum { TRACE_MAX_BYTES = 1 << 20 };

/** A decoded record. What the record does not have is empty or NULL. */
struct trace_record {
	struct trace_head head;
	bool diagnostic;
	bool incoming;
	uint32_t correlation, instance;
	char *source, *destination, *peer;
	struct text raw; /* a message, with CRLF at the ends of its lines */
	char *severity, *text, *result, *start_line, *call_id, *cseq, *data;
};

void trace_record_deinit(struct trace_record *r);

/** Decode the record at the start of n bytes; *ret_used is its length, where the next one starts. Returns 0;
 *  1 if there is only white space; or -EINVAL with a static sentence in *ret_why and *ret empty. */
int trace_decode(const void *p, size_t n, struct trace_record *ret, size_t *ret_used,
		 const char **ret_why);
