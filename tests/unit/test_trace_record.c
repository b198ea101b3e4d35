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
			    &(struct trace_options){ .process = 0x6E4 });
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

/* What the hop counts is shown as its number; and Lync shows bodies only if it is told to. */
static void test_instance_and_body(void **state)
{
	static const char raw[] = "MESSAGE sip:a SIP/2.0\r\nTo: a\r\n\r\nsecret";
	static const struct record_field fields[] = { { "instance", "49727" } };
	const struct record r = { .seq = 18,
				  .kind = "sip",
				  .raw = raw,
				  .n_raw = strlen(raw),
				  .fields = fields,
				  .n_fields = ARRAY_SIZE(fields) };
	CLEANUP(text_deinit) struct text hidden = TEXT_INIT;
	CLEANUP(text_deinit) struct text shown = TEXT_INIT;

	(void)state;
	trace_encode_record(&hidden, &r, &(struct trace_options){ .hides_bodies = true });
	trace_encode_record(&shown, &r, &(struct trace_options){ 0 });
	assert_non_null(strstr(text_str(&hidden), "\nInstance-Id: 0000C23F\n"));
	assert_non_null(strstr(text_str(&hidden), "\nTo: a\nMessage-Body: ----****MESSAGE BODY "
						  "DELETED****----\n$$end_record\n"));
	assert_null(strstr(text_str(&hidden), "secret"));
	assert_non_null(strstr(text_str(&shown), "\nMessage-Body: secret\n"));
}

static void test_diagnostic(void **state)
{
	static const char expected[] =
		"TL_ERROR(TF_DIAG) [0]06E4.06E4::01/18/2012-05:00:43.101.00000012 "
		"(SIPStack,SIPAdminLog::WriteDiagnosticEvent:SIPAdminLog.cpp(805))$$begin_record\n"
		"LogType: diagnostic\n"
		"Severity: error\n"
		"Text: The reason\n"
		"Result-Code: 0xc3e93c5e SIPPROXY_E_ROUTING\n"
		"SIP-Start-Line: MESSAGE sip:push@push.lync.com SIP/2.0\n"
		"SIP-Call-ID: c\n"
		"SIP-CSeq: 1 MESSAGE\n"
		"Peer: sipfed.online.lync.com:5061\n"
		"Data: domain=\"push.lync.com\"\n"
		"$$end_record\n\n";
	static const struct record_field fields[] = {
		{ "severity", "error" },
		{ "text", "The reason" },
		{ "result", "0xc3e93c5e SIPPROXY_E_ROUTING" },
		{ "start_line", "MESSAGE sip:push@push.lync.com SIP/2.0" },
		{ "call_id", "c" },
		{ "cseq", "1 MESSAGE" },
		{ "peer", "sipfed.online.lync.com:5061" },
		{ "data", "domain=\"push.lync.com\"" },
	};
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	(void)state;
	trace_encode_record(&out,
			    &(struct record){ .seq = 18,
					      .kind = "diagnostic",
					      .from = EDGE,
					      .wall_us = INT64_C(1326862843101000),
					      .fields = fields,
					      .n_fields = ARRAY_SIZE(fields) },
			    &(struct trace_options){ .process = 0x6E4 });
	assert_string_equal(text_str(&out), expected);
}

static void test_other_kinds(void **state)
{
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	(void)state;
	trace_encode_record(&out, &(struct record){ .kind = "http", .raw = "x", .n_raw = 1 },
			    &(struct trace_options){ 0 });
	assert_int_equal(out.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_direction),
		cmocka_unit_test(test_instance_and_body),
		cmocka_unit_test(test_diagnostic),
		cmocka_unit_test(test_other_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
