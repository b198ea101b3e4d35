/*
 * SIPStack trace of records
 */
#include "proto/trace_record.h"

#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/trace.h"

#include <stdlib.h>

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

static struct trace_head head_of(const struct record *r, enum trace_level level, uint32_t process)
{
	return (struct trace_head){ .level = level,
				    .process = process,
				    .thread = process,
				    .wall_us = r->wall_us,
				    .seq = (uint32_t)r->seq };
}

/* "0xc3e93c5e SIPPROXY_E_ROUTING" */
static void set_result(struct trace_diagnostic *d, const char *result)
{
	char *end;

	if (!result)
		return;
	d->result = (uint32_t)strtoul(result, &end, 16);
	d->result_name = *end == ' ' ? end + 1 : NULL;
}

static void encode_diagnostic(struct text *out, const struct record *r, uint32_t process)
{
	struct trace_diagnostic d = {
		.head = head_of(r, TRACE_ERROR, process),
		.severity = record_value(r, "severity"),
		.text = record_value(r, "text"),
		.start_line = record_value(r, "start_line"),
		.call_id = record_value(r, "call_id"),
		.cseq = record_value(r, "cseq"),
		.peer = record_value(r, "peer"),
		.data = record_value(r, "data"),
	};

	set_result(&d, record_value(r, "result"));
	trace_encode_diagnostic(out, &d);
}

/* The hop's own number of the message, if the record has it. */
static uint32_t instance_of(const struct record *r)
{
	const char *instance = record_value(r, "instance");

	return instance ? (uint32_t)strtoul(instance, NULL, 10) : (uint32_t)r->seq;
}

static void encode_message(struct text *out, const struct record *r,
			   const struct trace_options *options)
{
	CLEANUP(mem_free_string) char *peer = peer_of(r);
	struct trace_message m = {
		.head = head_of(r, TRACE_INFO, options->process),
		.correlation = correlation_of(record_value(r, "call_id")),
		.instance = instance_of(r),
		.incoming = r->incoming,
		.peer = peer,
		.raw = r->raw ? r->raw : "",
		.n_raw = r->n_raw,
		.hides_body = options->hides_bodies,
	};

	set_direction(&m, r);
	trace_encode_message(out, &m);
}

void trace_encode_record(struct text *out, const struct record *r,
			 const struct trace_options *options)
{
	enum record_kind kind = record_kind_of(r->kind);

	if (kind == RECORD_SIP)
		encode_message(out, r, options);
	else if (kind == RECORD_DIAGNOSTIC)
		encode_diagnostic(out, r, options->process);
}
