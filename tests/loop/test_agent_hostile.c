/*
 * Agent: what may not take others down with it, nor fill the log
 */
#include "agent_fixture.h"
#include "mcxd/base/journal.h"
#include "mcxd/base/log.h"
#include "mcxd/sip/agent.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/raw.h"

#include <fcntl.h>
#include <unistd.h>

static const char *protocol_of(const struct raw *r)
{
	return r->stream ? "TCP" : "UDP";
}

static void each_transport(struct agent_fixture *f, void (*check)(struct raw *r))
{
	struct agent_config config = agent_fixture_config;
	struct agent *a;
	struct raw r;

	config.max_transactions = 1000;
	a = agent_fixture_another(f, &config);
	raw_tcp(&r, f->loop, agent_tcp(a));
	check(&r);
	raw_close(&r);
	raw_udp(&r, f->loop, agent_udp(a));
	check(&r);
	raw_close(&r);
	assert_int_equal(agent_fixture_metric(f, "sip_other_connections_faulty_total"), 0);
	agent_free(a);
}

/* ---- NUL ---- */

#define NUL_REASON "There is a NUL outside a quoted pair"

/* What goes before and after the NUL. Within a quoted pair it is legal (RFC 4475 3.1.1.2), elsewhere it is not; but the message is
 * answered either way, and who shares the connection is served. */
static const struct {
	const char *before, *after;
	bool is_legal;
} nul_rows[] = {
	{ "sip:bob@lab.test SIP/2.0\r\nFrom: \"a\\", "b\" <sip:a@b>;tag=1\r\n", true },
	{ "sip:bob@lab.test SIP/2.0\r\nFrom: \"\\", "\" <sip:a@b>;tag=1\r\n", true },
	{ "sip:bob@lab.test SIP/2.0\r\nSubject: a", "b\r\nFrom: <sip:a@b>;tag=1\r\n", false },
	{ "sip:bob@lab.test SIP/2.0\r\nSubject: a\\", "b\r\nFrom: <sip:a@b>;tag=1\r\n", false },
	{ "sip:bob@lab.test SIP/2.0\r\nFrom: \"a", "\" <sip:a@b>;tag=1\r\n", false },
	{ "sip:bob@lab.test SIP/2.0\r\nFrom: <sip:a", "@b>;tag=1\r\n", false },
	{ "sip:bob@lab.test SIP/2.0\r\nFrom: <sip:a@b>;tag=1", "\r\n", false },
	{ "sip:bob", "@lab.test SIP/2.0\r\nFrom: <sip:a@b>;tag=1\r\n", false },
	{ "sip:a", "b SIP/2.0\r\nFrom: <sip:a@b>;tag=1\r\n", false },
};

static void send_nul(struct raw *r, size_t i)
{
	CLEANUP(text_deinit) struct text request = TEXT_INIT;

	text_addf(&request, "OPTIONS %s", nul_rows[i].before);
	text_add_bytes(&request, "\0", 1);
	text_addf(&request,
		  "%sVia: SIP/2.0/%s %s;branch=z9hG4bKnul%zu\r\nTo: <sip:b@b>\r\n"
		  "Call-ID: nul-%s-%zu\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n"
		  "Content-Length: 0\r\n\r\n",
		  nul_rows[i].after, protocol_of(r), r->local, i, protocol_of(r), i);
	raw_send(r, request.data, request.n);
}

static void check_nul(struct raw *r)
{
	for (size_t i = 0; i < ARRAY_SIZE(nul_rows); i++) {
		char call_id[32];

		send_nul(r, i);
		CLEANUP(mem_free_string)
		char *answer =
			raw_expect(r, nul_rows[i].is_legal ? "SIP/2.0 200 " : "SIP/2.0 400 ");
		if (!nul_rows[i].is_legal &&
		    !strstr(sip_header(answer, "ms-diagnostics", 0), NUL_REASON))
			fail_msg("row %zu: \"%s\"", i, answer);
		snprintf(call_id, sizeof(call_id), "nul-after-%s-%zu", protocol_of(r), i);
		agent_fixture_send(r, "OPTIONS", call_id, "");
		free(raw_expect(r, "SIP/2.0 200 "));
	}
}

static void test_nul(void **state)
{
	each_transport(*state, check_nul);
}

/* What is recorded does not end at the NUL. */
static void test_nul_in_the_journal(void **state)
{
	struct agent_fixture *f = *state;
	const struct record *record;
	struct raw r;

	raw_tcp(&r, f->loop, agent_tcp(f->agent));
	for (size_t i = 0; i < ARRAY_SIZE(nul_rows); i++) {
		uint64_t number = journal_last(f->journal) + 1;

		send_nul(&r, i);
		free(raw_expect(&r, "SIP/2.0 "));
		record = journal_get(f->journal, number);
		assert_non_null(
			memmem(record->raw, record->n_raw, "Content-Length: 0\r\n\r\n", 21));
		assert_non_null(memchr(record->raw, '\0', record->n_raw));
		assert_non_null(strstr(record_value(record, "start_line"), " SIP/2.0"));
	}
	assert_string_equal(record_value(record, "start_line"), "OPTIONS sip:a\xEF\xBF\xBD"
								"b SIP/2.0");
	raw_close(&r);
}

/* ---- request lines ---- */

static void check_line(struct raw *r)
{
	static const char *const lines[] = {
		"OPTIONS sip:bob@lab.test; lr SIP/2.0", /* RFC 4475 3.1.2.8 */
		"OPTIONS sip:2001:db8::10 SIP/2.0",     /* RFC 5118 4.2 */
		"OPTIONS <sip:bob@lab.test> SIP/2.0",   /* RFC 4475 3.1.2.7 */
		"OPTIONS sip:bob@lab.test a b c SIP/2.0", "OPTIONS sip:[2001:db8::10 SIP/2.0",
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		char call_id[32];

		raw_sendf(r,
			  "%s\nVia: SIP/2.0/%s %s;branch=z9hG4bKl%zu\nFrom: <sip:a@b>;tag=1\n"
			  "To: <sip:b@b>\nCall-ID: line-%s-%zu\nCSeq: 1 OPTIONS\nMax-Forwards: 70\n"
			  "Content-Length: 0\n\n",
			  lines[i], protocol_of(r), r->local, i, protocol_of(r), i);
		CLEANUP(mem_free_string) char *answer = raw_take(r);
		if (!answer || strncmp(answer, "SIP/2.0 400 ", 12) != 0 ||
		    !sip_header(answer, "ms-diagnostics", 0))
			fail_msg("\"%s\" over %s: \"%s\"", lines[i], protocol_of(r), answer);
		snprintf(call_id, sizeof(call_id), "line-after-%s-%zu", protocol_of(r), i);
		agent_fixture_send(r, "OPTIONS", call_id, "");
		free(raw_expect(r, "SIP/2.0 200 "));
	}
}

static void test_request_lines(void **state)
{
	each_transport(*state, check_line);
}

/* ---- lines that end in LF alone ---- */

static void test_lf_lines(void **state)
{
	static const char request[] = "OPTIONS sip:bob@lab.test SIP/2.0\n"
				      "Via: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bKlf\n"
				      "From: <sip:a@b>;tag=1\nTo: <sip:b@b>\nCall-ID: lf\n"
				      "CSeq: 1 OPTIONS\nContent-Length: 0\n\n";
	struct agent_fixture *f = *state;
	const struct record *record;
	struct raw r;

	raw_tcp(&r, f->loop, agent_tcp(f->agent));
	raw_send(&r, request, sizeof(request) - 1);
	CLEANUP(mem_free_string) char *answer = raw_expect(&r, "SIP/2.0 400 ");
	assert_non_null(strstr(sip_header(answer, "ms-diagnostics", 0), "Lines end in LF alone"));
	assert_non_null(strstr(sip_header(answer, "Call-ID", 0), "lf"));
	assert_true(raw_wait_closed(&r));
	raw_close(&r);
	record = journal_get(f->journal, 1);
	assert_string_equal(record->kind, "fault");
	assert_string_equal(record_value(record, "what"), "Lines end in LF alone, not in CRLF");
	assert_int_equal(agent_fixture_metric(f, "sip_edge_connections_faulty_total"), 1);
}

/* ---- a fold of nothing ---- */

#define FOLDED_REASON "The first header line begins with a blank"

static char *send_folded(struct raw *r)
{
	raw_sendf(r,
		  "OPTIONS sip:bob@lab.test SIP/2.0\n Max-Forwards: 70\n"
		  "Via: SIP/2.0/%s %s;branch=z9hG4bKf\nFrom: <sip:a@b>;tag=1\nTo: <sip:b@b>\n"
		  "Call-ID: f\nCSeq: 1 OPTIONS\nContent-Length: 0\n\n",
		  protocol_of(r), r->local);
	return raw_expect(r, "SIP/2.0 400 ");
}

static void test_blank_before_the_first_header(void **state)
{
	struct agent_fixture *f = *state;
	struct raw r;

	raw_udp(&r, f->loop, agent_udp(f->agent));
	CLEANUP(mem_free_string) char *by_udp = send_folded(&r);
	assert_non_null(strstr(sip_header(by_udp, "ms-diagnostics", 0), FOLDED_REASON));
	raw_close(&r);
	raw_tcp(&r, f->loop, agent_tcp(f->agent));
	CLEANUP(mem_free_string) char *by_tcp = send_folded(&r);
	assert_non_null(strstr(sip_header(by_tcp, "ms-diagnostics", 0), FOLDED_REASON));
	assert_true(raw_wait_closed(&r));
	raw_close(&r);
	assert_int_equal(agent_fixture_metric(f, "sip_edge_connections_faulty_total"), 1);
}

/* ---- a flood ---- */

/* Standard error, where sofia writes by itself, and the log, into a file. */
static int divert(int *ret_saved)
{
	char path[] = "/tmp/mcxd-test-XXXXXX";
	int file = mkstemp(path);

	assert_true(file >= 0);
	unlink(path);
	fflush(stderr);
	*ret_saved = dup(STDERR_FILENO);
	dup2(file, STDERR_FILENO);
	return file;
}

static int count_lines(int file)
{
	char c;
	int n = 0;

	assert_int_equal(lseek(file, 0, SEEK_SET), 0);
	while (read(file, &c, 1) == 1)
		n += c == '\n';
	return n;
}

static const struct {
	const char *bytes;
	size_t n;
} garbage[] = {
	/* a STUN request: RFC 5389 6 */
	{ "\x00\x01\x00\x00\x21\x12\xa4\x42"
	  "abcdefghijkl",
	  20 },
	{ "\x01\x01\x00\x08\x21\x12\xa4\x42"
	  "abcdefghijkl",
	  20 },
	{ "\x16\x03\x01\x02\x00\x01", 6 },
	{ "GET / HTTP/1.1\r\n\r\n", 18 },
	{ "\x80\x60\x00\x01", 4 },
	{ "\0\0\0\1", 4 },
	{ "INVITE\r\n\r\n", 10 },
	{ "OPTIONS sip:a SIP/2.0\r\nVia: x\r\n\r\n", 34 },
};

enum { N_FLOOD = 10000, BATCH = 40 };

/* Whatever it looks like; keep-alives are something else. */
static void test_garbage_is_counted(void **state)
{
	struct agent_fixture *f = *state;
	struct raw r;

	raw_udp(&r, f->loop, agent_udp(f->agent));
	for (size_t i = 0; i < ARRAY_SIZE(garbage); i++) {
		raw_send(&r, garbage[i].bytes, garbage[i].n);
		run_rounds(f->loop, 3);
		if (agent_fixture_metric(f, "sip_edge_messages_malformed_total") != (int64_t)i + 1)
			fail_msg("not counted: %zu", i);
	}
	raw_send(&r, "\r\n\r\n", 4);
	raw_send(&r, "\0", 1);
	raw_send(&r, "\0\0\0\0", 4);
	raw_send(&r, "", 0);
	run_rounds(f->loop, 3);
	assert_int_equal(agent_fixture_metric(f, "sip_edge_messages_malformed_total"),
			 ARRAY_SIZE(garbage));
	raw_close(&r);
}

/* The log gets a few lines, also where everything of level info is logged, and others are served meanwhile. */
static void test_a_flood_of_garbage(void **state)
{
	struct agent_fixture *f = *state;
	struct raw r, good;
	int saved, file;

	raw_udp(&r, f->loop, agent_udp(f->agent));
	raw_udp(&good, f->loop, agent_udp(f->agent));
	assert_int_equal(log_set_levels("info"), 0);
	file = divert(&saved);
	for (int i = 0; i < N_FLOOD; i++) {
		size_t which = (size_t)i % ARRAY_SIZE(garbage);

		raw_send(&r, garbage[which].bytes, garbage[which].n);
		if (i % BATCH == BATCH - 1)
			run_rounds(f->loop, 1);
	}
	agent_fixture_send(&good, "OPTIONS", "meanwhile", "");
	free(raw_expect(&good, "SIP/2.0 200"));
	dup2(saved, STDERR_FILENO);
	close(saved);
	assert_in_range(count_lines(file), 0, 5);
	close(file);
	assert_int_equal(agent_fixture_metric(f, "sip_edge_messages_malformed_total"), N_FLOOD);
	assert_int_equal(f->n_requests, 1);
	raw_close(&r);
	raw_close(&good);
}

/* The same by connections: each is closed and counted. */
static void test_a_flood_of_junk_connections(void **state)
{
	struct agent_fixture *f = *state;
	enum { N = 200 };
	int saved, file;

	assert_int_equal(log_set_levels("info"), 0);
	file = divert(&saved);
	for (int i = 0; i < N; i++) {
		struct raw r;

		raw_tcp(&r, f->loop, agent_tcp(f->agent));
		raw_send(&r, "GET / HTTP/1.1\r\n\r\n", 18);
		assert_true(raw_wait_closed(&r));
		raw_close(&r);
	}
	dup2(saved, STDERR_FILENO);
	close(saved);
	assert_in_range(count_lines(file), 1, 5);
	close(file);
	assert_int_equal(agent_fixture_metric(f, "sip_edge_connections_faulty_total"), N);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, agent_fixture_setup, agent_fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_nul),
		TEST(test_nul_in_the_journal),
		TEST(test_request_lines),
		TEST(test_lf_lines),
		TEST(test_blank_before_the_first_header),
		TEST(test_garbage_is_counted),
		TEST(test_a_flood_of_garbage),
		TEST(test_a_flood_of_junk_connections),
	};

	return cmocka_run_group_tests_name("agent_hostile", tests, NULL, NULL);
}
