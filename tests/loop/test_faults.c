/*
 * Faults: each joint with each thing that can happen there
 *
 * A stranger sends something that the room at the joint answers by itself, whatever it is; so each test sees what the fault makes of
 * that, and that the answer comes again once the fault is mended.
 */
#include "front_end_fixture.h"

#include "agent_limits.h"
#include "mcxd/base/fault.h"
#include "mcxd/base/journal.h"
#include "mcxd/base/loop.h"
#include "mcxd/clearing_house/clearing_house.h"
#include "mcxd/edge/edge.h"
#include "mcxd/push_service/push_service.h"
#include "mcxd/sip/agent.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "push_service_config.h"
#include "raw.h"
#include "web/http/http.h"
#include "web/ucwa/ucwa.h"

#include <errno.h>
#include <sys/socket.h>

struct stage {
	struct front_end_fixture *f;
	struct edge_config edge_config;
	struct edge *edge;
	struct clearing_house_config clearing_house_config;
	struct clearing_house *clearing_house;
	struct push_service *push_service;
	struct ucwa *ucwa;
	char *addresses[N_FAULT_JOINTS];
	unsigned n_sent;
	struct raw r;
};

static void start_sip(struct stage *s)
{
	struct front_end_fixture *f = s->f;

	s->edge_config = (struct edge_config){
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
						       .faults = f->faults,
						       .config = &s->edge_config },
				  &s->edge),
			 0);
	s->clearing_house_config = (struct clearing_house_config){
		.address = "push@push.lync.com",
		.allow_hosts = "127.0.0.1",
		.max_pending = 2,
		.max_body_bytes = 4096,
		.max_preview_bytes = 256,
		.exchange_timeout_ms = 5000,
		.agent = { .udp = "127.0.0.1:0", .tcp = "127.0.0.1:0",
			   AGENT_LIMITS, },
	};
	assert_int_equal(
		clearing_house_new(
			&(struct clearing_house_args){ .loop = f->loop,
						       .stack = f->stack,
						       .journal = f->journal,
						       .metrics = f->metrics,
						       .faults = f->faults,
						       .config = &s->clearing_house_config },
			&s->clearing_house),
		0);
	s->addresses[FAULT_SIP_PEER] = mem_strdup(fixture_tcp(f));
	s->addresses[FAULT_FRONT_END_EDGE] = mem_strdup(agent_tcp(edge_agent(s->edge)));
	s->addresses[FAULT_EDGE_CLEARING_HOUSE] =
		mem_strdup(agent_tcp(clearing_house_agent(s->clearing_house)));
}

static void start_http(struct stage *s)
{
	const struct front_end_fixture *f = s->f;
	const char *push_service;
	struct http *http;

	assert_int_equal(push_service_new(
				 &(struct push_service_args){ .loop = f->loop,
							      .journal = f->journal,
							      .metrics = f->metrics,
							      .faults = f->faults,
							      .config = &push_service_config },
				 &s->push_service),
			 0);
	s->ucwa = ucwa_new(&(struct ucwa_args){ .loop = f->loop,
						.core = f->core,
						.journal = f->journal,
						.metrics = f->metrics,
						.faults = f->faults,
						.config = &UCWA_CONFIG_DEFAULT });
	assert_int_equal(ucwa_listen(s->ucwa, "http",
				     &(struct http_config){ .listen = "127.0.0.1:0" }, &http),
			 0);
	push_service = push_service_url(s->push_service) + strlen("http://");
	s->addresses[FAULT_CLEARING_HOUSE_PUSH_SERVICE] = mem_strdup(push_service);
	s->addresses[FAULT_PUSH_SERVICE_PHONE] = mem_strdup(push_service);
	s->addresses[FAULT_PHONE_FRONT_END] = mem_strdup(http_listen(http));
}

static int setup(void **state)
{
	struct stage *s = MEM_NEW(struct stage);

	fixture_setup((void **)&s->f);
	start_sip(s);
	start_http(s);
	loop_freeze(s->f->loop);
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct stage *s = *state;

	ucwa_free(s->ucwa);
	push_service_free(s->push_service);
	clearing_house_free(s->clearing_house);
	edge_free(s->edge);
	for (int i = 0; i < N_FAULT_JOINTS; i++)
		free(s->addresses[i]);
	fixture_teardown((void **)&s->f);
	free(s);
	return 0;
}

/* ---- one joint ---- */

static bool is_sip(enum fault_joint where)
{
	return fault_joints[where].max_status == 699;
}

/* The nth request; the same number is a repetition. */
static void send_nth(unsigned n, enum fault_joint where, struct raw *r)
{
	if (is_sip(where))
		raw_sendf(r,
			  "OPTIONS sip:lab.test SIP/2.0\n"
			  "Via: SIP/2.0/%s %s;branch=z9hG4bK-%u;rport\n"
			  "From: <sip:alice@lab.test>;tag=a\nTo: <sip:bob@lab.test>\n"
			  "Call-ID: call-%u\nCSeq: 1 OPTIONS\nMax-Forwards: 70\n"
			  "Content-Length: 0\n\n",
			  r->stream ? "TCP" : "UDP", r->local, n, n);
	else if (where == FAULT_CLEARING_HOUSE_PUSH_SERVICE)
		raw_sendf(r, "POST /throttledthirdparty/01.00/x HTTP/1.1\nHost: lab\n"
			     "Content-Length: 2\n\nhi");
	else if (where == FAULT_PUSH_SERVICE_PHONE)
		raw_sendf(r, "GET /channels/x/notifications HTTP/1.1\nHost: lab\n\n");
	else
		raw_sendf(r, "GET /?sipuri=bob@lab.test HTTP/1.1\nHost: lab\n\n");
}

static void ask(struct stage *s, enum fault_joint where)
{
	raw_tcp(&s->r, s->f->loop, s->addresses[where]);
	send_nth(++s->n_sent, where, &s->r);
}

/* What has come so far. */
static const char *come(struct stage *s)
{
	run_rounds(s->f->loop, 30);
	raw_poll(&s->r);
	return text_str(&s->r.in);
}

static bool is_answer(const char *in)
{
	return strncmp(in, "SIP/2.0 ", 8) == 0 || strncmp(in, "HTTP/1.1 ", 9) == 0;
}

static int status_of(const char *in)
{
	return is_answer(in) ? (int)strtol(strchr(in, ' '), NULL, 10) : 0;
}

/* Run until there is an answer, for at most five seconds. */
static void expect_answer(struct stage *s)
{
	for (int i = 0; i < 150 && !is_answer(come(s)); i++) {
	}
	if (!is_answer(text_str(&s->r.in)))
		fail_msg("no answer: \"%s\"", text_str(&s->r.in));
}

static void set(struct stage *s, const struct fault_rule *rules, size_t n)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;

	if (faults_set(s->f->faults, rules, n, 7, &why) < 0)
		fail_msg("%s", text_str(&why));
}

static int64_t struck(const struct stage *s)
{
	size_t n;
	const struct fault_rule *rules = faults_rules(s->f->faults, &n);

	return n ? rules->struck : 0;
}

/* The record of the strike, and that of the request, which names it. */
static void check_records(const struct stage *s, const char *joint, bool has_request)
{
	const struct journal *j = s->f->journal;
	const struct record *strike = NULL, *request = NULL;

	for (uint64_t seq = journal_first(j); seq <= journal_last(j); seq++) {
		const struct record *r = journal_get(j, seq);

		if (strcmp(r->kind, "fault") == 0 && record_value(r, "joint") &&
		    strcmp(record_value(r, "joint"), joint) == 0)
			strike = r;
		else if (r->fault)
			request = r;
	}
	assert_non_null(strike);
	assert_int_equal(strncmp(strike->summary, "Fault 1: ", 9), 0);
	if (!has_request)
		return;
	assert_non_null(request);
	assert_string_equal(request->fault, strike->summary);
}

static void mend(struct stage *s, enum fault_joint where)
{
	raw_close(&s->r);
	set(s, NULL, 0);
	ask(s, where);
	expect_answer(s);
	assert_int_not_equal(status_of(text_str(&s->r.in)), 503);
	raw_close(&s->r);
}

/* ---- what happens ---- */

static void expect_nothing(struct stage *s)
{
	assert_string_equal(come(s), "");
	assert_false(s->r.closed);
}

static void expect_status(struct stage *s)
{
	expect_answer(s);
	assert_int_equal(status_of(text_str(&s->r.in)), 503);
}

static void expect_delay(struct stage *s)
{
	expect_nothing(s);
	fixture_advance(s->f, 89999);
	expect_nothing(s);
	fixture_advance(s->f, 1);
	expect_answer(s);
}

/* Neither later nor when it is mended. */
static void expect_drop(struct stage *s)
{
	expect_nothing(s);
	fixture_advance(s->f, 20000);
	set(s, NULL, 0);
	expect_nothing(s);
}

static void expect_end(struct stage *s, int error)
{
	char byte;
	ssize_t n = -1;

	errno = EAGAIN;
	for (int i = 0; i < 5000 && n < 0 && errno == EAGAIN; i++) {
		run_rounds(s->f->loop, 1);
		n = recv(s->r.fd, &byte, 1, MSG_DONTWAIT);
	}
	assert_int_equal(n, error ? -1 : 0);
	if (error)
		assert_int_equal(errno, error);
}

static void expect_reset(struct stage *s)
{
	expect_end(s, ECONNRESET);
}

static void expect_close(struct stage *s)
{
	expect_end(s, 0);
}

/* A tenth at once, more with time, and all of it at the end. */
static void expect_slow(struct stage *s)
{
	size_t n_first, n_half;

	for (int i = 0; i < 150 && !*come(s); i++) {
	}
	n_first = s->r.in.n;
	assert_false(strstr(text_str(&s->r.in), "\r\n\r\n"));
	fixture_advance(s->f, 45000);
	come(s);
	n_half = s->r.in.n;
	assert_true(n_half > n_first);
	fixture_advance(s->f, 45000);
	come(s);
	assert_true(s->r.in.n > n_half);
	expect_answer(s);
	assert_non_null(strstr(text_str(&s->r.in), "\r\n\r\n"));
}

static void expect_garbage(struct stage *s)
{
	for (int i = 0; i < 150 && s->r.in.n < FAULT_GARBAGE_BYTES; i++)
		come(s);
	assert_int_equal(s->r.in.n, FAULT_GARBAGE_BYTES);
	for (size_t i = 0; i < s->r.in.n; i++)
		assert_true(s->r.in.data[i] & 0x80);
}

static void expect_silence(struct stage *s)
{
	expect_nothing(s);
	fixture_advance(s->f, 20000);
	expect_nothing(s);
	set(s, NULL, 0);
	expect_answer(s);
}

static const struct {
	struct fault_rule rule;
	void (*expect)(struct stage *s);
} whats[N_FAULT_WHATS] = {
	[FAULT_STATUS] = { { .what = FAULT_STATUS, .status = 503 }, expect_status },
	[FAULT_DELAY] = { { .what = FAULT_DELAY, .ms = 90000 }, expect_delay },
	[FAULT_DROP] = { { .what = FAULT_DROP }, expect_drop },
	[FAULT_RESET] = { { .what = FAULT_RESET }, expect_reset },
	[FAULT_CLOSE] = { { .what = FAULT_CLOSE }, expect_close },
	[FAULT_SLOW] = { { .what = FAULT_SLOW, .ms = 90000 }, expect_slow },
	[FAULT_GARBAGE] = { { .what = FAULT_GARBAGE }, expect_garbage },
	[FAULT_SILENCE] = { { .what = FAULT_SILENCE }, expect_silence },
};

static void test_matrix(void **state)
{
	struct stage *s = *state;

	for (int where = 0; where < N_FAULT_JOINTS; where++) {
		for (int what = 0; what < N_FAULT_WHATS; what++) {
			struct fault_rule rule = whats[what].rule;

			print_message("%s %s\n", fault_joints[where].name, fault_what_names[what]);
			rule.where = (enum fault_joint)where;
			set(s, &rule, 1);
			ask(s, rule.where);
			for (int i = 0; i < 150 && !struck(s); i++)
				run_rounds(s->f->loop, 30);
			assert_int_equal(struck(s), 1);
			whats[what].expect(s);
			check_records(s, fault_joints[where].name,
				      where != FAULT_PUSH_SERVICE_PHONE);
			mend(s, rule.where);
		}
	}
}

/* ---- what is held ---- */

static const struct fault_rule holding[] = {
	{ .what = FAULT_DELAY, .ms = 90000 },
	{ .what = FAULT_SILENCE },
	{ .what = FAULT_DROP },
	{ .what = FAULT_SLOW, .ms = 90000 },
};

static void begin(struct stage *s, enum fault_joint where, const struct fault_rule *like)
{
	struct fault_rule rule = *like;

	rule.where = where;
	set(s, &rule, 1);
	ask(s, where);
	for (int i = 0; i < 150 && !struck(s); i++)
		run_rounds(s->f->loop, 30);
	assert_int_equal(struck(s), 1);
	run_rounds(s->f->loop, 5);
}

/* Mended before the time is up: what is held goes on, whatever holds it. */
static void test_mended(void **state)
{
	struct stage *s = *state;

	for (int where = 0; where < N_FAULT_JOINTS; where++) {
		for (size_t i = 0; i < ARRAY_SIZE(holding); i++) {
			print_message("%s %s\n", fault_joints[where].name,
				      fault_what_names[holding[i].what]);
			begin(s, (enum fault_joint)where, &holding[i]);
			set(s, NULL, 0);
			if (holding[i].what == FAULT_DROP) {
				expect_nothing(s);
			} else {
				expect_answer(s);
				assert_non_null(strstr(text_str(&s->r.in), "\r\n\r\n"));
			}
			raw_close(&s->r);
		}
	}
}

/* The lab is reset: what is held never happens. Over HTTP its connection ends, so that the client knows. */
static void test_lost(void **state)
{
	struct stage *s = *state;

	for (int where = 0; where < N_FAULT_JOINTS; where++) {
		for (int i = 0; i < 2; i++) {
			print_message("%s %s\n", fault_joints[where].name,
				      fault_what_names[holding[i].what]);
			begin(s, (enum fault_joint)where, &holding[i]);
			faults_reset(s->f->faults, NULL);
			assert_string_equal(come(s), "");
			assert_int_equal(s->r.closed, !is_sip((enum fault_joint)where));
			fixture_advance(s->f, 100000);
			assert_string_equal(come(s), "");
			mend(s, (enum fault_joint)where);
		}
	}
}

/* The other rules are set again around it, and it is held on. */
static void test_kept(void **state)
{
	struct stage *s = *state;
	struct fault_rule rules[] = { { FAULT_SIP_PEER, FAULT_GARBAGE, .user = "x@lab.test" },
				      { FAULT_EDGE_CLEARING_HOUSE, FAULT_SILENCE } };

	begin(s, FAULT_EDGE_CLEARING_HOUSE, &rules[1]);
	set(s, rules, 2);
	expect_nothing(s);
	set(s, rules, 1);
	expect_answer(s);
	raw_close(&s->r);
}

static void test_hung_up(void **state)
{
	struct stage *s = *state;

	for (int where = 0; where < N_FAULT_JOINTS; where++) {
		for (size_t i = 0; i < ARRAY_SIZE(holding); i++) {
			begin(s, (enum fault_joint)where, &holding[i]);
			raw_close(&s->r);
			run_rounds(s->f->loop, 20);
			fixture_advance(s->f, 100000);
			ask(s, (enum fault_joint)where);
			run_rounds(s->f->loop, 20);
			mend(s, (enum fault_joint)where);
		}
	}
}

/* The fixture is torn down while something is held at every joint, also what comes at the last moment. */
static void test_shut_down(void **state)
{
	struct stage *s = *state;
	struct fault_rule rules[N_FAULT_JOINTS];
	struct raw peers[N_FAULT_JOINTS];

	for (size_t i = 0; i < ARRAY_SIZE(holding); i++) {
		for (int where = 0; where < N_FAULT_JOINTS; where++) {
			rules[where] = holding[i];
			rules[where].where = (enum fault_joint)where;
		}
		set(s, rules, N_FAULT_JOINTS);
		for (int where = 0; where < N_FAULT_JOINTS; where++) {
			raw_tcp(&peers[where], s->f->loop, s->addresses[where]);
			send_nth(++s->n_sent, (enum fault_joint)where, &peers[where]);
		}
		if (i + 1 < ARRAY_SIZE(holding))
			run_rounds(s->f->loop, 30);
		teardown(state);
		for (int where = 0; where < N_FAULT_JOINTS; where++)
			raw_close(&peers[where]);
		setup(state);
		s = *state;
	}
}

/* ---- whom, and what else ---- */

/* A user whom nobody here is, and one who is. */
static void test_whom(void **state)
{
	struct stage *s = *state;
	struct fault_rule rule = {
		FAULT_SIP_PEER, FAULT_STATUS, .status = 503, .user = "nobody@lab.test"
	};

	set(s, &rule, 1);
	ask(s, FAULT_SIP_PEER);
	expect_answer(s);
	assert_int_not_equal(status_of(text_str(&s->r.in)), 503);
	assert_int_equal(struck(s), 0);
	raw_close(&s->r);
	rule.user = "Bob@lab.test";
	set(s, &rule, 1);
	ask(s, FAULT_SIP_PEER);
	expect_status(s);
	raw_close(&s->r);
}

static void repeat(struct stage *s)
{
	send_nth(s->n_sent, FAULT_EDGE_CLEARING_HOUSE, &s->r);
	run_rounds(s->f->loop, 10);
}

/* Over UDP a client repeats what has no answer. What is lost is lost once; what is held is one request. */
static void test_udp(void **state)
{
	static const struct {
		enum fault_what what;
		int64_t n_struck; /* of three */
	} rows[] = { { FAULT_DROP, 3 },  { FAULT_SILENCE, 1 }, { FAULT_DELAY, 1 },
		     { FAULT_RESET, 0 }, { FAULT_CLOSE, 0 },   { FAULT_SLOW, 0 } };
	struct stage *s = *state;
	const char *udp = agent_udp(clearing_house_agent(s->clearing_house));

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct fault_rule rule = whats[rows[i].what].rule;

		print_message("%s\n", fault_what_names[rule.what]);
		rule.where = FAULT_EDGE_CLEARING_HOUSE;
		set(s, &rule, 1);
		raw_udp(&s->r, s->f->loop, udp);
		s->n_sent++;
		for (int j = 0; j < 3; j++)
			repeat(s);
		assert_int_equal(struck(s), rows[i].n_struck);
		if (!rows[i].n_struck)
			expect_answer(s);
		else
			expect_nothing(s);
		set(s, NULL, 0);
		if (rows[i].n_struck == 1)
			expect_answer(s);
		/* That was one request, and its answer is kept as any other. */
		text_reset(&s->r.in);
		repeat(s);
		expect_answer(s);
		raw_close(&s->r);
	}
}

/* After 64 * T1 no client waits for an answer any more. */
static void test_silence_ends(void **state)
{
	struct stage *s = *state;

	begin(s, FAULT_FRONT_END_EDGE, &holding[1]);
	fixture_advance(s->f, 32000);
	set(s, NULL, 0);
	expect_nothing(s);
	raw_close(&s->r);
}

/* What is sent over the connection meanwhile waits behind the slow answer, in order. */
static void test_behind(void **state)
{
	struct stage *s = *state;
	const char *second;

	begin(s, FAULT_EDGE_CLEARING_HOUSE, &holding[3]);
	send_nth(++s->n_sent, FAULT_FRONT_END_EDGE, &s->r);
	raw_sendf(&s->r, "\n\n"); /* a ping, RFC 5626 3.5.1 */
	come(s);
	fixture_advance(s->f, 90000);
	expect_answer(s);
	second = strstr(text_str(&s->r.in) + 1, "SIP/2.0 405");
	assert_non_null(second);
	assert_non_null(strstr(second, "\r\n\r\n\r\n"));
	raw_close(&s->r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_matrix, setup, teardown),
		cmocka_unit_test_setup_teardown(test_mended, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lost, setup, teardown),
		cmocka_unit_test_setup_teardown(test_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hung_up, setup, teardown),
		cmocka_unit_test_setup_teardown(test_shut_down, setup, teardown),
		cmocka_unit_test_setup_teardown(test_whom, setup, teardown),
		cmocka_unit_test_setup_teardown(test_udp, setup, teardown),
		cmocka_unit_test_setup_teardown(test_silence_ends, setup, teardown),
		cmocka_unit_test_setup_teardown(test_behind, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
