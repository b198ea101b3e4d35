/*
 * SIPStack trace of records: what the Edge saw is in the words of the Edge
 */
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/trace_record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define FE   "front-end"
#define EDGE "edge"
#define CH   "clearing-house"

static void encode(struct text *out, const char *from, const char *to, bool incoming)
{
	static const char raw[] = "SIP/2.0 200 OK\r\nTo: a\r\n\r\n";
	static const struct record_field fields[] = { { "call_id", "c" },
						      { "peer", "127.0.0.1:5061" },
						      { "peer_name", "fe.lab.test" } };

	trace_encode_record(out,
			    &(struct record){ .seq = 18,
					      .kind = "sip",
					      .from = from,
					      .to = to,
					      .incoming = incoming,
					      .wall_us = INT64_C(1326862843101000),
					      .raw = raw,
					      .n_raw = strlen(raw),
					      .fields = fields,
					      .n_fields = ARRAY_SIZE(fields) },
			    0x6E4);
}

static void test_whole(void **state)
{
	static const char expected[] =
		"TL_INFO(TF_PROTOCOL) [0]06E4.06E4::01/18/2012-05:00:43.101.00000012 "
		"(SIPStack,SIPAdminLog::TraceProtocolRecord:SIPAdminLog.cpp(125))$$begin_record\n"
		"Trace-Correlation-Id: 3859557458\n"
		"Instance-Id: 00000012\n"
		"Direction: incoming;source=\"internal edge\";destination=\"external edge\"\n"
		"Peer: fe.lab.test:5061\n"
		"Message-Type: response\n"
		"Start-Line: SIP/2.0 200 OK\n"
		"To: a\n"
		"Message-Body: -\n"
		"$$end_record\n\n";
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	(void)state;
	encode(&out, FE, EDGE, true);
	assert_string_equal(text_str(&out), expected);
}

static void test_direction(void **state)
{
	static const struct {
		const char *from, *to;
		bool incoming;
		const char *expected;
	} rows[] = {
		{ FE, EDGE, true,
		  "incoming;source=\"internal edge\";destination=\"external edge\"" },
		{ EDGE, CH, false,
		  "outgoing;source=\"internal edge\";destination=\"external edge\"" },
		{ CH, EDGE, true,
		  "incoming;source=\"external edge\";destination=\"internal edge\"" },
		{ EDGE, FE, false,
		  "outgoing;source=\"external edge\";destination=\"internal edge\"" },
		{ FE, EDGE, false, "outgoing;source=\"front-end\";destination=\"edge\"" },
		{ EDGE, CH, true, "incoming;source=\"edge\";destination=\"clearing-house\"" },
		{ NULL, NULL, true, "incoming\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(text_deinit) struct text out = TEXT_INIT;

		encode(&out, rows[i].from, rows[i].to, rows[i].incoming);
		assert_non_null(strstr(text_str(&out), rows[i].expected));
	}
}

static void test_other_kinds(void **state)
{
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	(void)state;
	trace_encode_record(&out, &(struct record){ .kind = "http", .raw = "x", .n_raw = 1 }, 1);
	assert_int_equal(out.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_direction),
		cmocka_unit_test(test_other_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
