/*
 * Pushes of the front end
 */
#include "front_end_fixture.h"
#include "mcxd/base/journal.h"
#include "mcxd/base/list.h"
#include "mcxd/core/core.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/push.h"
#include "mcxd/core/session.h"
#include "mcxd/front_end/front_end.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/modality.h"
#include "proto/text/text.h"
#include "tests/loop/raw.h"

#include <arpa/inet.h>
#include <regex.h>
#include <sys/socket.h>
#include <unistd.h>

struct push_test {
	bool done;
	int sip_status, diag_id;
	char reason[200];
};

static void on_test(void *magic, const struct push *result)
{
	struct push_test *t = magic;

	t->done = true;
	t->sip_status = result->sip_status;
	t->diag_id = result->diag_id;
	snprintf(t->reason, sizeof(t->reason), "%s", result->reason ? result->reason : "");
}

static const struct push *last_push(const struct front_end_fixture *f)
{
	assert_false(list_empty(&f->core->push_log));
	return LIST_ENTRY(f->core->push_log.prev, struct push, of_log);
}

/* Alice invites Bob, whose phone is in the background. */
static void invite(struct front_end_fixture *f, struct raw *alice, const char *call_id)
{
	if (!f->phone)
		fixture_phone(f, true);
	raw_tcp(alice, f->loop, fixture_tcp(f));
	fixture_send_invite(alice, &(struct invite){ .call_id = call_id, .headers = FIRST_LINE });
	free(raw_skip_to(alice, "SIP/2.0 180"));
}

static void answer(struct raw *edge, const char *push, const char *status, const char *headers)
{
	fixture_answer(edge, push, status, headers, "");
}

static const char *const order[] = {
	"From",
	"To",
	"CSeq",
	"Call-ID",
	"Via",
	"Max-Forwards",
	"Via",
	"CONTACT",
	"CONTENT-LENGTH",
	"SUPPORTED",
	"USER-AGENT",
	"CONTENT-TYPE",
	"ms-asserted-verification-level",
};

static void expect_match(const char *text, const char *pattern)
{
	regex_t re;

	assert_int_equal(regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB), 0);
	if (regexec(&re, text, 0, NULL, 0) != 0)
		fail_msg("\"%s\" does not match \"%s\"", text, pattern);
	regfree(&re);
}

/* The front end's names the connection that the push came by; the mobility service's what it would be. */
static void expect_vias(const char *push, const struct raw *edge)
{
	CLEANUP(mem_free_string) char *sent_by = NULL;
	struct sockaddr_in peer = { 0 };
	socklen_t n = sizeof(peer);

	expect_match(
		sip_header(push, "Via", 0),
		"^SIP/2\\.0/TCP 127\\.0\\.0\\.1:[0-9]+;branch=z9hG4bK[0-9A-F]{8}\\.[0-9A-F]{16};"
		"branched=FALSE$");
	assert_int_equal(getpeername(edge->fd, (struct sockaddr *)&peer, &n), 0);
	sent_by = text_format("SIP/2.0/TCP 127.0.0.1:%u;", ntohs(peer.sin_port));
	assert_memory_equal(sip_header(push, "Via", 0), sent_by, strlen(sent_by));
	expect_match(sip_header(push, "Via", 1),
		     "^SIP/2\\.0/TCP 127\\.0\\.0\\.1:5087;branch=z9hG4bK[0-9a-f]{16};"
		     "ms-received-port=5087;ms-received-cid=100$");
}

/* Every header, in the order and spelling of Microsoft's stack. */
static void test_push_message(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw alice, edge;
	const char *line;

	invite(f, &alice, "push-1");
	raw_accept(&edge, f->loop, f->edge_listener);
	CLEANUP(mem_free_string)
	char *push = raw_expect(&edge, "MESSAGE sip:push@push.lync.com SIP/2.0\r\n");
	line = strstr(push, "\r\n") + 2;
	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		assert_memory_equal(line, order[i], strlen(order[i]));
		assert_memory_equal(line + strlen(order[i]), ": ", 2);
		line = strstr(line, "\r\n") + 2;
	}
	assert_memory_equal(line, "\r\n", 2);
	CLEANUP(mem_free_string)
	char *from = text_format("\"Bob\"<sip:McxUser%sbob@lab.test>;epid=%s;tag=",
				 f->phone->push_identity, f->phone->epid);
	assert_memory_equal(sip_header(push, "From", 0), from, strlen(from));
	assert_true(sip_has_line(push, "Max-Forwards: 69"));
	assert_true(sip_has_line(push, "To: <sip:push@push.lync.com>"));
	assert_true(sip_has_line(push, "USER-AGENT: RTCC/4.0.0.0 McxService/4.0.0.0"));
	expect_vias(push, &edge);
	assert_non_null(strstr(sip_header(push, "CONTACT", 0),
			       "<sip:edge.lab.test;gruu;opaque=srvr:McxExternal:"));
	assert_non_null(strstr(sip_body(push), "Hi Bob"));
	assert_non_null(strstr(sip_body(push), f->phone->subscription.notification_uri));

	answer(&edge, push, "200 OK", "ms-diagnostics-public: 30000;Reason=\"Success\"\r\n");
	run_rounds(f->loop, 5);
	assert_string_equal(last_push(f)->state, "accepted");
	assert_int_equal(last_push(f)->diag_id, 30000);
	raw_close(&alice);
	raw_close(&edge);
}

/* What an INVITE is about, and how urgent it is, stands in the push. */
static void test_what_is_pushed(void **state)
{
	static const struct {
		const char *type, *body, *headers;
		const char *modality, *importance, *conference;
	} rows[] = {
		{ NULL, NULL, "Priority: emergency\n", "text", "emergency", "false" },
		{ NULL, NULL, "Importance: High\n", "text", "urgent", "false" },
		{ NULL, NULL, "Priority: non-urgent\nImportance: high\n", "text", "normal",
		  "false" },
		{ NULL, "v=0\r\nm=audio 4000 RTP/AVP 0\r\n", "", "audio", "normal", "false" },
		{ NULL, "v=0\r\nm=audio 4000 RTP/AVP 0\r\nm=video 4002 RTP/AVP 34\r\n", "", "video",
		  "normal", "false" },
		{ NULL, "v=0\r\nm=message 5060 sip null\r\nm=audio 4000 RTP/AVP 0\r\n", "", "text",
		  "normal", "false" },
		{ "application/ms-conf-invite+xml",
		  "<Conferencing version=\"2.0\"><focus-uri>sip:alice@lab.test;gruu</focus-uri>"
		  "<im available=\"true\"/></Conferencing>",
		  "", "text", "normal", "true" },
		{ "application/ms-conf-invite+xml",
		  "<Conferencing version=\"2.0\"><focus-uri>sip:alice@lab.test;gruu</focus-uri>"
		  "<audio available=\"true\"/></Conferencing>",
		  "", "audio", "normal", "true" },
	};
	struct front_end_fixture *f = *state;
	struct raw alice, edge = { 0 };

	fixture_phone(f, true);
	session_set_media(f->phone, &(struct phone_media){ .modalities = MODALITY_MESSAGING |
									 MODALITY_PHONE_AUDIO });
	raw_tcp(&alice, f->loop, fixture_tcp(f));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(mem_free_string) char *call_id = text_format("what-%zu", i);
		CLEANUP(mem_free_string)
		char *what = text_format("<importance>%s</importance><conference>%s</conference>"
					 "<modality>%s</modality>",
					 rows[i].importance, rows[i].conference, rows[i].modality);

		fixture_send_invite(&alice, &(struct invite){ .call_id = call_id,
							      .type = rows[i].type,
							      .body = rows[i].body,
							      .headers = rows[i].headers });
		free(raw_skip_to(&alice, "SIP/2.0 180"));
		if (!i)
			raw_accept(&edge, f->loop, f->edge_listener);
		CLEANUP(mem_free_string) char *push = raw_expect(&edge, "MESSAGE ");
		assert_non_null(strstr(sip_body(push), what));
		answer(&edge, push, "200 OK",
		       "ms-diagnostics-public: 30000;Reason=\"Success\"\r\n");
		run_rounds(f->loop, 5);
	}
	raw_close(&alice);
	raw_close(&edge);
}

/* The caller gives up: the push is taken back by its id. */
static void test_taken_back(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw alice, edge;
	char back[64];

	invite(f, &alice, "back-1");
	raw_accept(&edge, f->loop, f->edge_listener);
	CLEANUP(mem_free_string) char *push = raw_expect(&edge, "MESSAGE ");
	answer(&edge, push, "200 OK", "ms-diagnostics-public: 30000;Reason=\"Success\"\r\n");
	run_rounds(f->loop, 5);
	raw_sendf(&alice,
		  "CANCEL sip:bob@lab.test SIP/2.0\nVia: SIP/2.0/TCP %s;branch=z9hG4bKback-1\n"
		  "From: \"Alice\" <sip:alice@lab.test>;tag=a1;epid=8e6a6acdd05a\n"
		  "To: \"Bob B\" <sip:bob@lab.test>\nCall-ID: back-1\nCSeq: 1 CANCEL\n"
		  "Max-Forwards: 70\nContent-Length: 0\n\n",
		  alice.local);
	CLEANUP(mem_free_string) char *withdrawal = raw_expect(&edge, "MESSAGE ");
	snprintf(back, sizeof(back), "<withdraws>%.36s</withdraws>",
		 strstr(sip_body(push), "<id>") + strlen("<id>"));
	assert_non_null(strstr(sip_body(withdrawal), back));
	assert_non_null(strstr(sip_body(withdrawal), "<missed>1</missed>"));
	assert_null(strstr(sip_body(withdrawal), "<message>"));
	answer(&edge, withdrawal, "200 OK", "");
	run_rounds(f->loop, 5);
	raw_close(&alice);
	raw_close(&edge);
}

static void test_cseq_counts_on(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw alice, other, edge;

	invite(f, &alice, "cseq-1");
	raw_accept(&edge, f->loop, f->edge_listener);
	CLEANUP(mem_free_string) char *first = raw_expect(&edge, "MESSAGE ");
	answer(&edge, first, "200 OK", "");
	invite(f, &other, "cseq-2");
	CLEANUP(mem_free_string) char *second = raw_expect(&edge, "MESSAGE ");
	answer(&edge, second, "200 OK", "");
	assert_true(sip_has_line(first, "CSeq: 1 MESSAGE"));
	assert_true(sip_has_line(second, "CSeq: 2 MESSAGE"));
	CLEANUP(mem_free_string) char *call_id = mem_strdup(sip_header(first, "Call-ID", 0));
	assert_string_not_equal(call_id, sip_header(second, "Call-ID", 0));
	raw_close(&alice);
	raw_close(&other);
	raw_close(&edge);
}

static void test_refused_push(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw alice, edge;

	invite(f, &alice, "refused");
	raw_accept(&edge, f->loop, f->edge_listener);
	CLEANUP(mem_free_string) char *push = raw_expect(&edge, "MESSAGE ");
	answer(&edge, push, "403 Forbidden",
	       "ms-diagnostics-public: 30005;reason=\"Push Notification request was "
	       "rejected.\"\r\n");
	run_rounds(f->loop, 5);
	assert_string_equal(last_push(f)->state, "refused");
	assert_int_equal(last_push(f)->sip_status, 403);
	assert_int_equal(last_push(f)->diag_id, 30005);
	/* and the caller is told in the end */
	fixture_advance(f, 61000);
	CLEANUP(mem_free_string) char *final = raw_expect(&alice, "SIP/2.0 408");
	assert_non_null(strstr(sip_header(final, "ms-diagnostics", 0), "was rejected."));
	raw_close(&alice);
	raw_close(&edge);
}

static void test_unanswered_push(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw alice, edge;

	invite(f, &alice, "silence");
	raw_accept(&edge, f->loop, f->edge_listener);
	free(raw_expect(&edge, "MESSAGE "));
	fixture_advance(f, 9000);
	assert_string_equal(last_push(f)->state, "sent");
	fixture_advance(f, 1500);
	assert_string_equal(last_push(f)->state, "unanswered");
	assert_int_equal(fixture_metric(f, "front_end_pushes_unanswered_total"), 1);
	raw_close(&alice);
	raw_close(&edge);
}

static void test_unreachable_edge(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw alice;

	close(f->edge_listener);
	invite(f, &alice, "unreachable");
	run_rounds(f->loop, 10);
	assert_string_equal(last_push(f)->state, "unanswered");
	assert_int_equal(last_push(f)->diag_id, 31027);
	assert_string_equal(
		last_push(f)->reason,
		"The next server cannot be reached: cannot connect: Connection refused");
	fixture_advance(f, 61000);
	CLEANUP(mem_free_string) char *final = raw_expect(&alice, "SIP/2.0 408");
	assert_non_null(strstr(sip_header(final, "ms-diagnostics", 0), last_push(f)->reason));
	f->edge_listener = raw_listen(f->edge);
	raw_close(&alice);
}

static struct push_test run_push(struct front_end_fixture *f, const char *next_hop)
{
	struct push_test t = { 0 };

	push_test(f->core, NULL, 0, next_hop, on_test, &t);
	assert_false(t.done); /* never from within */
	assert_true(run_until(f->loop, &t.done));
	return t;
}

static void test_invalid_next_hops(void **state)
{
	struct front_end_fixture *f = *state;
	struct push_test t = run_push(f, "sip:edge.lab.test:5061");

	assert_int_equal(t.sip_status, 0);
	assert_int_equal(t.diag_id, 1014);
	t = run_push(f, "nonsense");
	assert_int_equal(t.sip_status, 0);
	f->config.push_next_hop = "";
	t = run_push(f, NULL);
	assert_int_equal(t.sip_status, 0);
	assert_string_not_equal(t.reason, "");
}

static void test_synthetic(void **state)
{
	struct front_end_fixture *f = *state;
	struct push_test t = { 0 };
	struct raw edge;

	push_test(f->core, NULL, 0, NULL, on_test, &t);
	raw_accept(&edge, f->loop, f->edge_listener);
	CLEANUP(mem_free_string) char *push = raw_expect(&edge, "MESSAGE sip:push@push.lync.com ");
	expect_match(sip_header(push, "Via", 0),
		     "^SIP/2\\.0/TCP 127\\.0\\.0\\.1:[0-9]+;branch=z9hG4bK[0-9a-f]{8}$");
	assert_null(sip_header(push, "Via", 1));
	expect_match(sip_header(push, "From", 0), ">;epid=[0-9A-F]{10};tag=[0-9a-f]{8}$");
	assert_true(sip_has_line(push, "Max-Forwards: 70"));
	assert_true(sip_has_line(push, "CSeq: 1 MESSAGE"));
	assert_true(sip_has_line(push, "USER-AGENT: RTCC/4.0.0.0"));
	assert_true(sip_has_line(push, "CONTACT: <sip:edge.lab.test;transport=Tls>"));
	assert_memory_equal(sip_header(push, "From", 0), "<sip:mcx@fe.lab.test>;", 22);
	answer(&edge, push, "200 OK",
	       "ms-diagnostics-public: 30007;Reason=\"Push Notification synthetic transaction "
	       "succeeded\"\r\n");
	assert_true(run_until(f->loop, &t.done));
	assert_int_equal(t.sip_status, 200);
	assert_int_equal(t.diag_id, 30007);
	raw_close(&edge);
}

/* The journal ties the MESSAGE to its push and names the hop. */
static void test_journal(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw alice, edge;
	bool linked = false, sent = false;

	invite(f, &alice, "journal");
	raw_accept(&edge, f->loop, f->edge_listener);
	CLEANUP(mem_free_string) char *push = raw_expect(&edge, "MESSAGE ");
	answer(&edge, push, "200 OK", "");
	run_rounds(f->loop, 5);
	for (uint64_t i = journal_first(f->journal); i <= journal_last(f->journal); i++) {
		const struct record *r = journal_get(f->journal, i);

		if (!strcmp(r->kind, "link"))
			linked = !strncmp(r->key, "push:", 5) && !strncmp(r->link, "sip:", 4);
		if (!strcmp(r->kind, "sip") && !strcmp(record_value(r, "method"), "MESSAGE") &&
		    !r->incoming)
			sent = !strcmp(r->from, "front-end") && !strcmp(r->to, "edge");
	}
	assert_true(linked);
	assert_true(sent);
	raw_close(&alice);
	raw_close(&edge);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_push_message),     TEST(test_what_is_pushed),
		TEST(test_taken_back),       TEST(test_cseq_counts_on),
		TEST(test_refused_push),     TEST(test_unanswered_push),
		TEST(test_unreachable_edge), TEST(test_invalid_next_hops),
		TEST(test_synthetic),        TEST(test_journal),
	};

	return cmocka_run_group_tests_name("sip_push", tests, NULL, NULL);
}
