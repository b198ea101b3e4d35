/*
 * Torture messages, and what is like them
 *
 * Each message goes to a front end of its own. What counts is its answer, that the journal has it, and that a good request after
 * it is served.
 */
#include "front_end_fixture.h"
#include "mcxd/base/journal.h"
#include "mcxd/core/user.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/raw.h"
#include "tests/unit/contents.h"
#include "torture.h"

#include <stdio.h>
#include <unistd.h>

enum { SIP_PORT = 5060, N_NOTHING = 3 };

struct torture {
	const struct torture_row *row;
	bool tcp;
	char name[64];
	struct front_end_fixture *f;
	struct raw r;
	struct text message;
};

/* ---- before and after ---- */

static void add_users(struct front_end_fixture *f)
{
	static char names[][32] = { "user@example.com", "watson@example.com", "j.user@example.com",
				    "null-%00-null@example.com" };
	struct user_spec spec = { .display_name = names[0], .password = names[0] };
	struct user *u;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		spec.aor = names[i];
		assert_int_equal(user_add(f->core, &spec, &u), 0);
	}
}

static struct text read_message(const char *name)
{
	CLEANUP(mem_free_string) char *path = text_format("%s/%s.sip", TORTURE_DIR, name);

	return contents_read(path);
}

/* An answer over UDP goes to the port of the Via (RFC 3261 18.2.2): on an address that no other process uses. */
static void connect_udp(struct torture *t)
{
	unsigned pid = (unsigned)getpid();
	CLEANUP(mem_free_string)
	char *from = text_format("127.%u.%u.%u:%u", 64 + (pid >> 16 & 63), pid >> 8 & 255,
				 pid & 255, t->row->port ? t->row->port : SIP_PORT);

	raw_udp_from(&t->r, t->f->loop, from, fixture_udp(t->f));
}

static int setup(void **state)
{
	struct torture *t = *state;
	void *f;

	fixture_setup(&f);
	t->f = f;
	add_users(t->f);
	t->message = read_message(t->row->name);
	if (t->tcp)
		raw_tcp(&t->r, t->f->loop, fixture_tcp(t->f));
	else
		connect_udp(t);
	return 0;
}

static int teardown(void **state)
{
	struct torture *t = *state;
	void *f = t->f;

	raw_close(&t->r);
	text_deinit(&t->message);
	return fixture_teardown(&f);
}

/* ---- what comes back ---- */

#define GOOD "a-good-one"

static void send_good(struct raw *r)
{
	raw_sendf(r,
		  "OPTIONS sip:lab.test SIP/2.0\nVia: SIP/2.0/%s %s;branch=z9hG4bK" GOOD "\n"
		  "From: <sip:alice@lab.test>;tag=1\nTo: <sip:bob@lab.test>\nCall-ID: " GOOD "\n"
		  "CSeq: 1 OPTIONS\nMax-Forwards: 70\nContent-Length: 0\n\n",
		  r->stream ? "TCP" : "UDP", r->local);
}

static int status_of(const char *answer)
{
	assert_memory_equal(answer, "SIP/2.0 ", 8);
	return (int)strtol(answer + 8, NULL, 10);
}

static bool is_good(const char *answer)
{
	const char *call_id = sip_header(answer, "Call-ID", 0);

	return call_id && !strcmp(call_id, GOOD);
}

/* The final answer, if one is due, and that to the good request, if it was sent; nothing else. free() the first. */
static char *take_answers(struct raw *r, int status, bool good)
{
	char *final = NULL, *answer;

	while (good || (status && !final)) {
		answer = raw_take(r);
		assert_non_null(answer);
		if (is_good(answer)) {
			assert_int_equal(status_of(answer), 200);
			good = false;
			free(answer);
		} else if (status_of(answer) == 100) {
			free(answer);
		} else {
			assert_null(final);
			final = answer;
			assert_int_equal(status_of(final), status);
		}
	}
	return final;
}

/* Every refusal says why; that of a malformed request says what is malformed. */
static void check_answer(const struct torture_row *row, const char *answer, int status)
{
	const char *diagnostics = sip_header(answer, "ms-diagnostics", 0);

	if (status >= 400) {
		assert_non_null(diagnostics);
		assert_non_null(strstr(diagnostics, ";reason=\""));
	}
	if (status == 400)
		assert_non_null(strstr(diagnostics, ";info=\""));
	if (row->has && !strstr(answer, row->has))
		fail_msg("no %s in %s", row->has, answer);
}

/* At least up to its body: nothing is known of that where the connection is closed. */
static bool is_of(const struct record *r, const struct text *message)
{
	const char *end = memmem(message->data, message->n, "\r\n\r\n", 4);
	size_t n = r->n_raw < message->n ? r->n_raw : message->n;

	return r->incoming && n >= (size_t)(end - message->data) &&
	       !memcmp(r->raw, message->data, n);
}

static bool is_sent(const struct record *r, const char *answer)
{
	return !r->incoming && r->n_raw == strlen(answer) && !memcmp(r->raw, answer, r->n_raw);
}

/* answer: NULL for none */
static void check_journal(const struct torture *t, const char *answer)
{
	bool has_message = false, has_answer = !answer;

	for (uint64_t i = journal_first(t->f->journal); i <= journal_last(t->f->journal); i++) {
		const struct record *r = journal_get(t->f->journal, i);

		has_message |= r && r->raw && is_of(r, &t->message);
		has_answer |= r && r->raw && answer && is_sent(r, answer);
	}
	assert_true(has_message && has_answer);
}

static void send_rest(struct torture *t)
{
	const char *end = memmem(t->message.data, t->message.n, "\r\n\r\n", 4) + 4;
	size_t n = (size_t)strtol(strstr(t->message.data, "Content-Length: ") + 16, NULL, 10) -
		   (t->message.n - (size_t)(end - t->message.data));
	CLEANUP(mem_free_string) char *rest = mem_zalloc(n + 1);

	memset(rest, ' ', n);
	raw_expect_silence(&t->r, N_NOTHING);
	raw_send(&t->r, rest, n);
}

static void test_message(void **state)
{
	struct torture *t = *state;
	int status = t->tcp ? t->row->tcp : t->row->udp;
	enum torture_end end = t->tcp ? t->row->end : LIVES;
	CLEANUP(mem_free_string) char *answer = NULL;

	raw_send(&t->r, t->message.data, t->message.n);
	if (end == WAITS)
		send_rest(t);
	if (end != CLOSES)
		send_good(&t->r);
	answer = take_answers(&t->r, status, end != CLOSES);
	if (end == CLOSES)
		assert_true(raw_wait_closed(&t->r));
	raw_expect_silence(&t->r, N_NOTHING);
	if (answer)
		check_answer(t->row, answer, status);
	check_journal(t, answer);
}

/* ---- the table itself ---- */

static bool is_refusal(int status)
{
	return status == 0 || status >= 400;
}

static void test_rows(void **state)
{
	int n_4475 = 0;

	(void)state;
	for (size_t i = 0; i < N_TORTURE_ROWS; i++) {
		const struct torture_row *row = &torture_rows[i];

		n_4475 += !strncmp(row->section, "4475 ", 5);
		assert_true(strlen(row->about) > 0);
		if (row->verdict == INVALID)
			assert_true(is_refusal(row->udp) && is_refusal(row->tcp));
		if (row->verdict == VALID)
			assert_int_not_equal(row->udp, 400);
	}
	assert_int_equal(n_4475, N_RFC_4475);
}

/* ---- what is like them ---- */

struct kind {
	const char *line, *via, *from, *to; /* NULL: a good one */
	int status;
	const char *has;
};

#define NO_VIA  "info=\"The Via header is malformed\""
#define NO_LINE "info=\"The request line is malformed\""
#define NO_TAG  "info=\"The From has no tag\""

static const struct kind kinds[] = {
	/* any Via, if it is one */
	{ .via = "SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK1", .status = 200 },
	{ .via = "SIP/2.0/TLS [2001:db8::1]:9;branch=z9hG4bK2", .status = 200 },
	{ .via = "SIP/2.0/SCTP h;branch=z9hG4bK3", .status = 200 },
	{ .via = "SIP/2.0/TLS-SCTP h;branch=z9hG4bK4;rport", .status = 200 },
	{ .via = "SIP/2.0/x-my-own h.example.com", .status = 200 },
	{ .via = "SIP/2.0/UDP", .status = 400, .has = NO_VIA },
	{ .via = "SIP/2.0/TCP h;=1", .status = 400, .has = NO_VIA },
	{ .via = "h;branch=z9hG4bK5", .status = 400, .has = NO_VIA },
	{ .via = ",,", .status = 400, .has = NO_VIA },
	/* request lines */
	{ .line = "OPTIONS sip:bob@lab.test ;lr SIP/2.0", .status = 400, .has = NO_LINE },
	{ .line = "OPTIONS sip:bob @lab.test SIP/2.0", .status = 400, .has = NO_LINE },
	{ .line = "OPTIONS sip:bob@[::1 SIP/2.0", .status = 400, .has = NO_LINE },
	{ .line = "OPTIONS sip:bob@lab.test:x SIP/2.0", .status = 400, .has = NO_LINE },
	{ .line = "OPTIONS sip:%62ob@lab.test;x=%00?h=%00 SIP/2.0", .status = 480 },
	{ .line = "OPTIONS sip:bob:%00@lab.test SIP/2.0", .status = 480 },
	/* no tag */
	{ .from = "<sip:alice@lab.test>", .status = 400, .has = NO_TAG },
	{ .from = "sip:alice@lab.test;epid=1", .status = 400, .has = NO_TAG },
	{ .from = "<sip:alice@lab.test;tag=1>", .status = 400, .has = NO_TAG },
	/* any character in a quoted pair */
	{ .to = "\"\\\x01\\\x07\\\x7F\\\"\\\\\" <sip:bob@lab.test>", .status = 200 },
	{ .from = "\"\\\x1B\" <sip:alice@lab.test>;tag=\x31", .status = 200 },
};

static void send_kind(struct raw *r, const struct kind *k)
{
	raw_sendf(r,
		  "%s\nVia: %s\nFrom: %s\nTo: %s\nCall-ID: of-a-kind\nCSeq: 1 OPTIONS\n"
		  "Max-Forwards: 70\nContent-Length: 0\n\n",
		  k->line ? k->line : "OPTIONS sip:lab.test SIP/2.0",
		  k->via ? k->via : "SIP/2.0/TCP h;branch=z9hG4bKh",
		  k->from ? k->from : "<sip:alice@lab.test>;tag=1",
		  k->to ? k->to : "<sip:bob@lab.test>");
}

/* All over one connection, which none of them costs. */
static void test_kinds(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw r;

	raw_tcp(&r, f->loop, fixture_tcp(f));
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		CLEANUP(mem_free_string) char *answer = NULL;

		send_kind(&r, &kinds[i]);
		send_good(&r);
		answer = take_answers(&r, kinds[i].status, true);
		if (kinds[i].has && !strstr(answer, kinds[i].has))
			fail_msg("no %s in %s", kinds[i].has, answer);
		if (kinds[i].via && !strstr(answer, kinds[i].via))
			fail_msg("no %s in %s", kinds[i].via, answer);
	}
	raw_close(&r);
}

/* What ends TLS in front of us does not rewrite Vias: the client is reached by the connection that it has. */
static void test_way_back(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw bob, alice;

	raw_tcp(&bob, f->loop, fixture_tcp(f));
	raw_sendf(
		&bob,
		"REGISTER sip:lab.test SIP/2.0\nVia: SIP/2.0/TLS bob.example.com;branch=z9hG4bKr\n"
		"From: <sip:bob@lab.test>;tag=r\nTo: <sip:bob@lab.test>\nCall-ID: r\n"
		"CSeq: 1 REGISTER\nContact: <sip:bob@bob.example.com;transport=tls>\n"
		"Content-Length: 0\n\n");
	free(raw_expect(&bob, "SIP/2.0 200 "));
	raw_tcp(&alice, f->loop, fixture_tcp(f));
	fixture_send_invite(&alice, &(struct invite){ .call_id = "back" });
	free(raw_expect(&alice, "SIP/2.0 100 "));
	CLEANUP(mem_free_string) char *invite = raw_expect(&bob, "INVITE ");
	fixture_answer(&bob, invite, "486 Busy Here", "", "");
	free(raw_expect(&bob, "ACK "));
	free(raw_expect(&alice, "SIP/2.0 486 "));
	raw_close(&alice);
	raw_close(&bob);
}

/* An address is the same however it is written. */
static void test_escaped_callees(void **state)
{
	static const struct {
		const char *to, *answer;
	} rows[] = {
		{ "b%6Fb@lab.test", "SIP/2.0 180 " },
		{ "%42%4F%42@LAB.test;x=%00", "SIP/2.0 180 " },
		{ "bob:s3cret%00@lab.test", "SIP/2.0 180 " },
		{ "bob%00@lab.test", "SIP/2.0 404 " },
		{ "bob;x@lab.test", "SIP/2.0 404 " },
		{ "user;par=u%40example.net@lab.test", "SIP/2.0 404 " },
		{ "a?,/;*&=+$@lab.test", "SIP/2.0 404 " },
		{ "bob%40lab.test@lab.test", "SIP/2.0 404 " },
		{ "%C3%A9@lab.test", "SIP/2.0 404 " },
	};
	struct front_end_fixture *f = *state;
	struct raw r;

	fixture_phone(f, false);
	raw_tcp(&r, f->loop, fixture_tcp(f));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(mem_free_string) char *call_id = text_format("to-%zu", i);

		fixture_send_invite(&r, &(struct invite){ .to = rows[i].to, .call_id = call_id });
		free(raw_expect(&r, "SIP/2.0 100 "));
		free(raw_expect(&r, rows[i].answer));
	}
	raw_close(&r);
}

/* ---- all ---- */

static struct torture cases[2 * N_TORTURE_ROWS];

static void make_test(struct CMUnitTest *test, struct torture *t, const struct torture_row *row,
		      bool tcp)
{
	t->row = row;
	t->tcp = tcp;
	text_join(t->name, sizeof(t->name), row->name, tcp ? " over TCP" : " over UDP");
	*test = (struct CMUnitTest){ .name = t->name,
				     .test_func = test_message,
				     .setup_func = setup,
				     .teardown_func = teardown,
				     .initial_state = t };
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)

int main(void)
{
	static struct CMUnitTest messages[2 * N_TORTURE_ROWS];
	const struct CMUnitTest others[] = {
		cmocka_unit_test(test_rows),
		TEST(test_kinds),
		TEST(test_way_back),
		TEST(test_escaped_callees),
	};
	int n_failed = 0;

	for (size_t i = 0; i < ARRAY_SIZE(messages); i++)
		make_test(&messages[i], &cases[i], &torture_rows[i / 2], i % 2 != 0);
	n_failed += cmocka_run_group_tests_name("torture", messages, NULL, NULL);
	n_failed += cmocka_run_group_tests_name("torture_kinds", others, NULL, NULL);
	return n_failed;
}
