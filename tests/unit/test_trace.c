/*
 * SIPStack trace
 */
#include "proto/trace.h"

#include "golden.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>

static const char request[] = "OPTIONS sip:Options_User@lab.test SIP/2.0\r\n"
			      "To: <sip:Options_User@lab.test>\r\n"
			      "CSeq: 1 OPTIONS\r\n"
			      "CONTENT-LENGTH: 0\r\n"
			      "\r\n";

static const char answer[] = "SIP/2.0 200 OK\r\n"
			     "Subject: a\tb\r\n"
			     " folded\r\n"
			     "Content-Length: 14\r\n"
			     "\r\n"
			     "line 1\r\nline 2";

/* 2012-01-18 05:00:43.101 UTC */
static const struct trace_head head = {
	.process = 0x06E4, .thread = 0x0EB4, .wall_us = 1326862843101987, .seq = 0x5386
};

static struct trace_message message(const char *raw, size_t n)
{
	return (struct trace_message){ .head = head,
				       .correlation = 2003888399,
				       .instance = 0xC23F,
				       .incoming = true,
				       .source = "internal edge",
				       .destination = "external edge",
				       .peer = "fe.lab.test:61182",
				       .raw = raw,
				       .n_raw = n };
}

static void test_golden(void **state)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	struct trace_message m = message(request, strlen(request));
	const struct trace_diagnostic d = {
		.head = { .level = TRACE_ERROR, .wall_us = 0 },
		.severity = "warning",
		.text = "Cannot process Route headers",
		.result = 0xc3e93c5e,
		.result_name = "SIPPROXY_E_ROUTING",
		.start_line = "OPTIONS sip:Options_User@lab.test SIP/2.0",
		.call_id = "c00bc6180f28",
		.cseq = "1 OPTIONS",
		.peer = "127.0.0.1:5061",
		.data = "domain=\"lab.test\"",
	};

	(void)state;
	trace_encode_message(&t, &m);
	m = message(answer, strlen(answer));
	m.incoming = false;
	m.source = NULL;
	trace_encode_message(&t, &m);
	trace_encode_diagnostic(&t, &d);
	golden_check("trace.txt", t.data, t.n);
}

/* Decode the first record; the raw message must be unchanged. */
static void check_round_trip(const struct trace_message *m)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	struct trace_record r;
	const char *why = NULL;
	size_t used;

	trace_encode_message(&t, m);
	assert_int_equal(trace_decode(t.data, t.n, &r, &used, &why), 0);
	assert_null(why);
	assert_false(r.diagnostic);
	assert_int_equal(r.head.level, TRACE_INFO);
	assert_int_equal(r.head.process, 0x06E4);
	assert_int_equal(r.head.thread, 0x0EB4);
	assert_int_equal(r.head.wall_us, 1326862843101000);
	assert_int_equal(r.head.seq, 0x5386);
	assert_int_equal(r.correlation, 2003888399);
	assert_int_equal(r.instance, 0xC23F);
	assert_int_equal(r.incoming, m->incoming);
	assert_string_equal(r.peer, m->peer);
	assert_string_equal(r.source, "internal edge");
	assert_string_equal(r.destination, "external edge");
	assert_int_equal(r.raw.n, m->n_raw);
	assert_memory_equal(r.raw.data, m->raw, m->n_raw);
	trace_record_deinit(&r);
	assert_int_equal(trace_decode(t.data + used, t.n - used, &r, &used, &why), 1);
}

static void test_round_trip(void **state)
{
	struct trace_message m = message(request, strlen(request));

	(void)state;
	check_round_trip(&m);
	m = message(answer, strlen(answer));
	m.incoming = false;
	check_round_trip(&m);
}

static void test_stream(void **state)
{
	CLEANUP(text_deinit) struct text golden = golden_read("trace.txt");
	struct trace_record r;
	const char *why = NULL;
	size_t at = 0, used;

	(void)state;
	assert_int_equal(trace_decode(golden.data, golden.n, &r, &used, &why), 0);
	assert_memory_equal(r.raw.data, "OPTIONS", 7);
	trace_record_deinit(&r);
	at += used;
	assert_int_equal(trace_decode(golden.data + at, golden.n - at, &r, &used, &why), 0);
	assert_string_equal(text_str(&r.raw), answer);
	assert_null(r.source);
	trace_record_deinit(&r);
	at += used;
	assert_int_equal(trace_decode(golden.data + at, golden.n - at, &r, &used, &why), 0);
	assert_true(r.diagnostic);
	assert_int_equal(r.head.level, TRACE_ERROR);
	assert_string_equal(r.severity, "warning");
	assert_string_equal(r.text, "Cannot process Route headers");
	assert_string_equal(r.result, "0xc3e93c5e SIPPROXY_E_ROUTING");
	assert_string_equal(r.start_line, "OPTIONS sip:Options_User@lab.test SIP/2.0");
	assert_string_equal(r.call_id, "c00bc6180f28");
	assert_string_equal(r.cseq, "1 OPTIONS");
	assert_string_equal(r.peer, "127.0.0.1:5061");
	assert_string_equal(r.data, "domain=\"lab.test\"");
	trace_record_deinit(&r);
	at += used;
	assert_int_equal(trace_decode(golden.data + at, golden.n - at, &r, &used, &why), 1);
}

/* What could play tricks on a terminal or pass for a record is replaced by something of the same length. */
static void test_hostile_bytes(void **state)
{
	static const char evil[] =
		"INFO sip:a SIP/2.0\r\nX: \x1B[2J\0\x7F\r\n$$end_record\r\n"
		"Y: TL_INFO $$begin_record\r\n\r\n\n$$end_record\n\x07$$end_recor";
	static const char shown[] = "INFO sip:a SIP/2.0\r\nX: .[2J..\r\n.$end_record\r\n"
				    "Y: TL_INFO .$begin_record\r\n\r\n\n.$end_record\n.$$end_recor";
	struct trace_message m = message(evil, sizeof(evil) - 1);
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	struct trace_record r;
	const char *why = NULL;
	size_t used;

	(void)state;
	m.peer = "x\n$$end_record";
	m.source = "a\"\x1B";
	m.destination = "b";
	trace_encode_message(&t, &m);
	assert_null(strchr(t.data, '\x1B'));
	assert_ptr_equal(strstr(t.data, "\n$$end_record"),
			 t.data + t.n - strlen("\n$$end_record\n\n"));
	m.source = NULL;
	text_reset(&t);
	trace_encode_message(&t, &m);
	assert_int_equal(trace_decode(t.data, t.n, &r, &used, &why), 0);
	assert_string_equal(r.peer, "x..$end_record");
	assert_int_equal(r.raw.n, sizeof(shown) - 1);
	assert_memory_equal(r.raw.data, shown, r.raw.n);
	trace_record_deinit(&r);
}

/* Bytes that are not a SIP message are recorded, too. */
static void test_not_sip(void **state)
{
	static const char *const raws[] = { "", "x", "\r\n\r\n", "\n",
					    "GET / HTTP/1.1\r\nHost: x" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(raws); i++) {
		CLEANUP(text_deinit) struct text t = TEXT_INIT;
		struct trace_message m = message(raws[i], strlen(raws[i]));
		struct trace_record r;
		const char *why = NULL;
		size_t used;

		trace_encode_message(&t, &m);
		assert_int_equal(trace_decode(t.data, t.n, &r, &used, &why), 0);
		trace_record_deinit(&r);
	}
}

#define LINE_1                                                                                     \
	"TL_INFO(TF_PROTOCOL) [0]06E4.0EB4::01/18/2012-05:00:43.101.00005386 "                     \
	"(a,b)$$begin_record\n"
#define REST "Start-Line: INFO sip:a SIP/2.0\nMessage-Body: -\n$$end_record\n"

static int decode(const char *s)
{
	struct trace_record r;
	const char *why = NULL;
	size_t used;
	int ret = trace_decode(s, strlen(s), &r, &used, &why);

	assert_true((ret < 0) == (why != NULL));
	if (ret < 0) {
		assert_null(r.raw.data);
		assert_null(r.peer);
	}
	trace_record_deinit(&r);
	return ret;
}

static void test_refusals(void **state)
{
	static const char *const bad[] = {
		"x",
		"$$end_record",
		LINE_1,
		LINE_1 "$$end_record\n",
		LINE_1 "Start-Line: INFO sip:a SIP/2.0\n$$end_record\n",
		LINE_1 "Start-Line: INFO sip:a SIP/2.0\nMessage-Body: \n x$$end_record\n",
		LINE_1 "Direction: sideways\n" REST,
		LINE_1 "Direction: incoming;source=\"a\n" REST,
		LINE_1 "Direction: incoming;source=\"a\";destination=\"b\n" REST,
		LINE_1 "Direction: incoming;source=\"a\";destination=\"b\"\n"
		       "Direction: incoming;source=\"a\";destination=\"b\"\n" REST,
		LINE_1 "Peer: a\nPeer: b\n" REST,
		LINE_1 "Trace-Correlation-Id: 99999999999\n" REST,
		LINE_1 "Trace-Correlation-Id: 4294967296\n" REST,
		LINE_1 "Instance-Id: xyz\n" REST,
		"TL_LOUD(TF_PROTOCOL) [0]1.1::01/18/2012-05:00:43.101.1 (a)$$begin_record\n" REST,
		"TL_INFO(TF_PROTOCOL) [0]1.1::13/18/2012-05:00:43.101.1 (a)$$begin_record\n" REST,
		"TL_INFO(TF_PROTOCOL) [0]1.1::01/18/1969-05:00:43.101.1 (a)$$begin_record\n" REST,
		"TL_INFO(TF_PROTOCOL) [0]1.1::01/18/2012-24:00:43.101.1 (a)$$begin_record\n" REST,
		"TL_INFO(TF_PROTOCOL) [0]1.1::01/18/2012-05:00:43.101. (a)$$begin_record\n" REST,
		"TL_INFO(TF_PROTOCOL) [0]1.1::01/18/2012-05:00:43.101.1 (a)$$begin_record x\n" REST,
	};

	(void)state;
	assert_int_equal(decode(LINE_1 REST), 0);
	assert_int_equal(decode("\r\n \n" LINE_1 "Unknown: x\nDirection: outgoing\n" REST), 0);
	assert_int_equal(decode(LINE_1 "LogType: diagnostic\r\nText: x\r\n$$end_record"), 0);
	assert_int_equal(decode(" \r\n"), 1);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(decode(bad[i]), -EINVAL);
}

static void test_too_long(void **state)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;

	(void)state;
	text_addf(&t, LINE_1 "Peer: %0*d\n" REST, TRACE_MAX_BYTES, 0);
	assert_int_equal(decode(text_str(&t)), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),   cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_stream),   cmocka_unit_test(test_hostile_bytes),
		cmocka_unit_test(test_not_sip),  cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
