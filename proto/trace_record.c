/*
 * SIPStack trace of records
 */
#include "proto/trace_record.h"

#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/trace.h"

#define FNV_OFFSET 2166136261U
#define FNV_PRIME  16777619U

/* All messages with the same Call-ID get the same number: its FNV-1a hash. */
static uint32_t correlation_of(const char *call_id)
{
	uint32_t hash = FNV_OFFSET;

	for (; call_id && *call_id; call_id++)
		hash = (hash ^ (unsigned char)*call_id) * FNV_PRIME;
	return hash;
}

/* With the name in place of the address, where it is known. */
static char *peer_of(const struct record *r)
{
	const char *address = record_value(r, "peer"), *name = record_value(r, "peer_name");
	const char *port = address ? strrchr(address, ':') : NULL;

	return name && port ? text_concat(name, port) : mem_strdup(address);
}

/* The Edge names its own two sides, by where a message comes from and where it goes. */
static void set_direction(struct trace_message *m, const struct record *r)
{
	static const char internal[] = "internal edge", external[] = "external edge";
	const char *recorder = record_recorder(r);
	const char *other = r->incoming ? r->from : r->to;
	bool is_inward;

	m->source = r->from;
	m->destination = r->to;
	if (!recorder || !other || strcmp(recorder, RECORD_HOP_EDGE) != 0)
		return;
	is_inward = r->incoming == (strcmp(other, RECORD_HOP_FRONT_END) != 0);
	m->source = is_inward ? external : internal;
	m->destination = is_inward ? internal : external;
}

void trace_encode_record(struct text *out, const struct record *r, uint32_t process)
{
	CLEANUP(mem_free_string) char *peer = peer_of(r);
	struct trace_message m = {
		.head = { .level = TRACE_INFO,
			  .process = process,
			  .thread = process,
			  .wall_us = r->wall_us,
			  .seq = (uint32_t)r->seq },
		.correlation = correlation_of(record_value(r, "call_id")),
		.instance = (uint32_t)r->seq,
		.incoming = r->incoming,
		.peer = peer,
		.raw = r->raw ? r->raw : "",
		.n_raw = r->n_raw,
	};

	if (record_kind_of(r->kind) != RECORD_SIP)
		return;
	set_direction(&m, r);
	trace_encode_message(out, &m);
}
