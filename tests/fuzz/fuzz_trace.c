/*
 * Trace records: a stream of them is decoded; each message is encoded again, and decodes to the same.
 */
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/trace.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Any bytes can be recorded, and the record is one record. */
static void check_any(const uint8_t *data, size_t size)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	const struct trace_message m = { .peer = "127.0.0.1:5060", .raw = data, .n_raw = size };
	struct trace_record r;
	const char *why = NULL;
	size_t used;

	trace_encode_message(&t, &m);
	if (t.n > TRACE_MAX_BYTES)
		return;
	assert(!trace_decode(t.data, t.n, &r, &used, &why));
	assert(!strcmp(r.peer, "127.0.0.1:5060"));
	trace_record_deinit(&r);
	assert(trace_decode(t.data + used, t.n - used, &r, &used, &why) == 1);
}

static void check_record(const struct trace_record *r)
{
	if (r->diagnostic)
		assert(!r->raw.data);
	else
		assert(r->raw.n >= 4);
	assert(r->head.wall_us >= 0);
}

/* Decode one record; false at the end, and at bytes that are not a record. */
static bool take_record(const uint8_t *data, size_t size, size_t *ret_used)
{
	struct trace_record r;
	const char *why = NULL;
	int err = trace_decode(data, size, &r, ret_used, &why);

	assert(*ret_used <= size);
	assert(err >= 0 || why);
	if (err)
		return false;
	check_record(&r);
	trace_record_deinit(&r);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t at = 0, used;

	check_any(data, size);
	while (at < size && take_record(data + at, size - at, &used))
		at += used;
	return 0;
}
