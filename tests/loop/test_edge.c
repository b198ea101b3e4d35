/*
 * The Edge between a front end and a clearing house that the test plays
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent_limits.h"
#include "mcxd/base/journal.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/edge/edge.h"
#include "mcxd/sip/agent.h"
#include "mcxd/sip/stack.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "raw.h"

#include <unistd.h>

struct fixture {
	struct loop *loop;
	struct stack *stack;
	struct journal *journal;
	struct metrics *metrics;
	struct edge_config config;
	struct edge *edge;
	struct raw front_end, clearing_house;
	int listener;
	char hop[32];
	char *next_hop;
};

static int set_up(void **state)
{
	struct fixture *f = MEM_NEW(struct fixture);

	assert_int_equal(loop_new(&f->loop), 0);
	assert_int_equal(stack_new(f->loop, NULL, &f->stack), 0);
	f->journal = journal_new(f->loop, &(struct journal_config){ 1000, 1 << 20 });
	f->metrics = metrics_new();
	f->listener = raw_listen(f->hop);
	f->next_hop = text_format("sip:%s", f->hop);
	f->config = (struct edge_config){
		.agent = { .tcp = "127.0.0.1:0",
			   AGENT_LIMITS, },
		.next_hop = f->next_hop,
		.push_domain = "push.lync.com",
		.fqdn = "edge.lab.test",
		.timeout_ms = 8000,
	};
	assert_int_equal(edge_new(&(struct edge_args){ .loop = f->loop,
						       .stack = f->stack,
						       .journal = f->journal,
						       .metrics = f->metrics,
						       .config = &f->config },
				  &f->edge),
			 0);
	raw_tcp(&f->front_end, f->loop, agent_tcp(edge_agent(f->edge)));
	f->clearing_house.fd = -1;
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	edge_free(f->edge);
	raw_close(&f->front_end);
	raw_close(&f->clearing_house);
	run_rounds(f->loop, 3);
	metrics_free(f->metrics);
	journal_free(f->journal);
	stack_free(f->stack);
	loop_free(f->loop);
	close(f->listener);
	free(f->next_hop);
	free(f);
	return 0;
}

/* As the front end writes it: spelling and order of its own, two Vias. */
#define PUSH(uri, hops)                                                                            \
	"MESSAGE " uri " SIP/2.0\r\n"                                                              \
	"From: \"Bob\"<sip:McxUser00112233445566778899aabbccddeeffbob@lab.test>;epid=3470B22863;"  \
	"tag=b6d38c5ec0\r\n"                                                                       \
	"To: <sip:push@push.lync.com>\r\n"                                                         \
	"CSeq: 21319 MESSAGE\r\n"                                                                  \
	"Call-ID: edge-call\r\n" VIAS hops "CONTACT: <sip:edge;gruu>;a=\"b,c\"\r\n"                \
	"CONTENT-LENGTH: 4\r\n"                                                                    \
	"CONTENT-TYPE: application/vnd.microsoft.lync.pushNotification+xml; "                      \
	"charset=\"Unicode (UTF-8)\"\r\n"                                                          \
	"ms-asserted-verification-level: ms-source-verified-user=verified\r\n\r\n<a/>"
#define VIAS   FE_VIA MCX_VIA
#define FE_VIA "Via: SIP/2.0/TCP 127.0.0.1:50001;branch=z9hG4bKfe;branched=FALSE\r\n"
#define MCX_VIA                                                                                    \
	"Via: SIP/2.0/TCP "                                                                        \
	"127.0.0.1:50000;branch=z9hG4bKmcx;ms-received-port=1;ms-received-cid=100\r\n"
#define HOPS "Max-Forwards: 69\r\n"
#define URI  "sip:push@push.lync.com"

static void send_push(struct fixture *f, const char *push)
{
	raw_send(&f->front_end, push, strlen(push));
}

static char *take_push(struct fixture *f)
{
	if (f->clearing_house.fd < 0)
		raw_accept(&f->clearing_house, f->loop, f->listener);
	return raw_expect(&f->clearing_house, "MESSAGE sip:push@push.lync.com SIP/2.0\r\n");
}

static const char *port_of(const char *address)
{
	return strchr(address, ':') + 1;
}

static void test_forward(void **state)
{
	static const char answer_rest[] =
		"CONTENT-LENGTH: 0\r\nCONTENT-TYPE: application/x; charset=\"Unicode (UTF-8)\"\r\n"
		"SERVER: RTCC/4.0.0.0 PnchApplication\r\n"
		"ms-diagnostics-public: 30000;Reason=\"Success\"\r\n";
	struct fixture *f = *state;
	struct text answer = TEXT_INIT;
	const struct record *r;

	send_push(f, PUSH(URI, HOPS));
	CLEANUP(mem_free_string) char *push = take_push(f);
	/* three Vias: the Edge's own, the front end's with port and id of its connection, MCX's unchanged */
	CLEANUP(mem_free_string)
	char *own = text_format("SIP/2.0/TCP %s;branch=z9hG4bK", agent_tcp(edge_agent(f->edge)));
	assert_memory_equal(sip_header(push, "Via", 0), own, strlen(own));
	assert_non_null(strstr(sip_header(push, "Via", 0), ";branched=FALSE;ms-internal-info=\""));
	CLEANUP(mem_free_string)
	char *seen = text_format("SIP/2.0/TCP 127.0.0.1:50001;branch=z9hG4bKfe;branched=FALSE;"
				 "ms-received-port=%s;ms-received-cid=",
				 port_of(f->front_end.local));
	assert_memory_equal(sip_header(push, "Via", 1), seen, strlen(seen));
	assert_non_null(strstr(push, "\r\n" MCX_VIA));
	assert_true(sip_has_line(push, "Max-Forwards: 68"));

	/* everything else is unchanged, byte for byte */
	CLEANUP(mem_free_string)
	char *first = mem_memdup(push, (size_t)(strstr(push, "Via: ") - push));
	assert_memory_equal(PUSH(URI, HOPS), first, strlen(first));
	assert_string_equal(strstr(push, "CONTACT: "), strstr(PUSH(URI, HOPS), "CONTACT: "));

	/* the answer, with its Vias on one line */
	text_addf(&answer,
		  "SIP/2.0 200 OK\r\nFrom: <sip:x@lab.test>;tag=b6d38c5ec0\r\n"
		  "To: \"Push Notification Clearing House\"<sip:push@push.lync.com>;tag=0A\r\n"
		  "CSeq: 21319 MESSAGE\r\nCall-ID: edge-call\r\nVia: %s",
		  sip_header(push, "Via", 0));
	text_addf(&answer, ",%s", sip_header(push, "Via", 1));
	text_addf(&answer, ",%s\r\n%s\r\n", sip_header(push, "Via", 2), answer_rest);
	raw_send(&f->clearing_house, answer.data, answer.n);
	CLEANUP(mem_free_string) char *got = raw_expect(&f->front_end, "SIP/2.0 200 OK\r\n");
	CLEANUP(text_deinit) struct text expected = TEXT_INIT;
	text_addf(&expected, "\r\nVia: %s", sip_header(push, "Via", 1));
	text_addf(&expected,
		  ",%s\r\n%s"
		  "ms-edge-proxy-message-trust: "
		  "ms-source-type=DirectPartner;ms-ep-fqdn=edge.lab.test;"
		  "ms-source-verified-user=verified;ms-source-network=federation\r\n\r\n",
		  sip_header(push, "Via", 2), answer_rest);
	assert_non_null(strstr(got, text_str(&expected)));
	text_deinit(&answer);

	r = journal_get(f->journal, 1);
	assert_string_equal(r->from, "front-end");
	assert_string_equal(r->to, "edge");
	r = journal_get(f->journal, 2);
	assert_string_equal(r->to, "clearing-house");
	r = journal_get(f->journal, 3);
	assert_string_equal(r->from, "clearing-house");
	r = journal_get(f->journal, 4);
	assert_string_equal(r->to, "front-end");
}

static void answer_push(struct fixture *f, const char *push, const char *status)
{
	struct text answer = TEXT_INIT;

	text_addf(&answer, "SIP/2.0 %s\r\n", status);
	for (int i = 0; i < 3; i++)
		text_addf(&answer, "Via: %s\r\n", sip_header(push, "Via", i));
	text_add(&answer, "From: <sip:x@lab.test>;tag=b6d38c5ec0\r\nTo: <sip:y@lab.test>;tag=0A\r\n"
			  "CSeq: 21319 MESSAGE\r\nCall-ID: edge-call\r\nContent-Length: 0\r\n\r\n");
	raw_send(&f->clearing_house, answer.data, answer.n);
	text_deinit(&answer);
}

/* A refusal by the clearing house goes back unchanged. */
static void test_refusal_passes(void **state)
{
	struct fixture *f = *state;

	send_push(f, PUSH(URI, HOPS));
	CLEANUP(mem_free_string) char *push = take_push(f);
	answer_push(f, push, "100 Trying");
	raw_expect_silence(&f->front_end, 5);
	answer_push(f, push, "410 Gone");
	CLEANUP(mem_free_string) char *got = raw_expect(&f->front_end, "SIP/2.0 410 Gone\r\n");
	assert_memory_equal(sip_header(got, "Via", 0), "SIP/2.0/TCP 127.0.0.1:50001;", 28);
	assert_null(sip_header(got, "Via", 2));
}

static char *refused(struct fixture *f, const char *push, const char *status)
{
	send_push(f, push);
	return raw_expect(&f->front_end, status);
}

static void test_refusals(void **state)
{
	struct fixture *f = *state;
	CLEANUP(mem_free_string)
	char *domain = refused(f, PUSH("sip:push@else.test", HOPS), "SIP/2.0 403 ");

	assert_non_null(strstr(sip_header(domain, "ms-diagnostics", 0),
			       "The domain of the message is not configured and does not appear to "
			       "belong to a federated partner\""));
	assert_non_null(strstr(sip_header(domain, "ms-diagnostics", 0), ";domain=\"else.test\""));
	free(refused(f, PUSH(URI, "Max-Forwards: 0\r\n"), "SIP/2.0 483 "));
	CLEANUP(mem_free_string)
	char *method = refused(
		f,
		"OPTIONS " URI " SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:1;branch=z9hG4bKo\r\n"
		"From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: o\r\nCSeq: 1 OPTIONS\r\n"
		"Content-Length: 0\r\n\r\n",
		"SIP/2.0 405 ");
	assert_true(sip_has_line(method, "Allow: MESSAGE"));
	assert_int_equal(metrics_find(f->metrics, "edge_refused_total")->value, 3);
}

static void test_no_max_forwards(void **state)
{
	struct fixture *f = *state;

	send_push(f, PUSH(URI, ""));
	CLEANUP(mem_free_string) char *push = take_push(f);
	assert_true(sip_has_line(push, "Max-Forwards: 70"));
	assert_string_equal(sip_body(push), "<a/>");
}

static void test_unreachable(void **state)
{
	struct fixture *f = *state;

	close(f->listener);
	CLEANUP(mem_free_string)
	char *got = refused(f, PUSH(URI, HOPS), "SIP/2.0 504 Server time-out");
	assert_memory_equal(sip_header(got, "ms-diagnostics", 0), "1007;", 5);
	CLEANUP(mem_free_string)
	char *params = text_format(";domain=\"push.lync.com\";fqdn1=\"%s\"", f->hop);
	assert_non_null(strstr(sip_header(got, "ms-diagnostics", 0), params));
	f->listener = raw_listen(f->hop);
}

static void test_silent_hop(void **state)
{
	struct fixture *f = *state;

	send_push(f, PUSH(URI, HOPS));
	CLEANUP(mem_free_string) char *push = take_push(f);
	loop_advance(f->loop, 8500, NULL, NULL);
	CLEANUP(mem_free_string) char *got = raw_expect(&f->front_end, "SIP/2.0 504 ");
	assert_memory_equal(sip_header(got, "ms-diagnostics", 0), "5001;", 5);
	/* An answer after that is ignored. */
	answer_push(f, push, "200 OK");
	raw_expect_silence(&f->front_end, 5);
}

static void test_unusable_hops(void **state)
{
	static const struct {
		const char *hop, *param;
	} unknown[] = {
		{ "sip:sipfed.lab.test:5061", "fqdn1=\"sipfed.lab.test:5061\"" },
		{ "sip:sipfed.lab.test", "fqdn1=\"sipfed.lab.test:5060\"" },
		{ "sip:sipfed.lab.test;transport=tls", "fqdn1=\"sipfed.lab.test:5061\"" },
		{ "sip:127.0.0.1;maddr=sipfed.lab.test", "fqdn1=\"sipfed.lab.test:5060\"" },
	};
	struct fixture *f = *state;

	f->config.next_hop = NULL;
	CLEANUP(mem_free_string) char *none = refused(f, PUSH(URI, HOPS), "SIP/2.0 504 ");
	assert_memory_equal(sip_header(none, "ms-diagnostics", 0), "1009;", 5);
	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++) {
		f->config.next_hop = unknown[i].hop;
		CLEANUP(mem_free_string) char *name = refused(f, PUSH(URI, HOPS), "SIP/2.0 504 ");
		assert_memory_equal(sip_header(name, "ms-diagnostics", 0), "1014;", 5);
		assert_non_null(strstr(name, unknown[i].param));
	}
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_forward),         TEST(test_refusal_passes), TEST(test_refusals),
		TEST(test_no_max_forwards), TEST(test_unreachable),    TEST(test_silent_hop),
		TEST(test_unusable_hops),
	};

	return cmocka_run_group_tests_name("edge", tests, NULL, NULL);
}
