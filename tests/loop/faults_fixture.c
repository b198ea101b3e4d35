/*
 * Every joint of a lab in one process
 */
#include "faults_fixture.h"

#include "agent_limits.h"
#include "mcxd/base/fault.h"
#include "mcxd/base/loop.h"
#include "mcxd/clearing_house/clearing_house.h"
#include "mcxd/edge/edge.h"
#include "mcxd/push_service/push_service.h"
#include "mcxd/sip/agent.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "push_service_config.h"
#include "raw.h"
#include "tests/loop/front_end_fixture.h"
#include "web/http/http.h"
#include "web/ucwa/ucwa.h"

#include <errno.h>
#include <sys/socket.h>

static void start_sip(struct stage *s)
{
	struct front_end_fixture *f = s->f;

	s->edge_config = (struct edge_config){
		.agent = { .tcp = "127.0.0.1:0",
			   .trusted_peers = "127.0.0.1",
			   AGENT_LIMITS, },
		.next_hop = f->next_hop,
		.allowed_domains = "push.lync.com",
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
		.allow_hosts = "127.0.0.1:*",
		.allow_peers = "127.0.0.1",
		.deadline_ms = 60000,
		.outbox = { .per_host = 100, .per_channel = 100, .requests = 16 },
		.backoff = { .max_attempts = 1 },
		.max_pending = 2,
		.max_body_bytes = 4096,
		.max_preview_bytes = 256,
		.exchange_timeout_ms = 5000,
		.agent = { .udp = "127.0.0.1:0", .tcp = "127.0.0.1:0", .trusted_peers = "127.0.0.1",
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
	s->addresses[FAULT_FRONT_END_EDGE] = mem_strdup(agent_tcp(edge_internal(s->edge)));
	s->addresses[FAULT_EDGE_CLEARING_HOUSE] =
		mem_strdup(agent_tcp(clearing_house_agent(s->clearing_house)));
}

static void start_http(struct stage *s)
{
	const struct front_end_fixture *f = s->f;
	const char *push_service;
	struct http *http;

	assert_int_equal(
		push_service_new(&(struct push_service_args){ .loop = f->loop,
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

int faults_setup(void **state)
{
	struct stage *s = MEM_NEW(struct stage);

	fixture_setup((void **)&s->f);
	start_sip(s);
	start_http(s);
	loop_freeze(s->f->loop);
	*state = s;
	return 0;
}

int faults_teardown(void **state)
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

bool is_sip(enum fault_joint where)
{
	return fault_joints[where].max_status == 699;
}

/* The nth request; the same number is a repetition. */
void send_nth(unsigned n, enum fault_joint where, struct raw *r)
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

void ask(struct stage *s, enum fault_joint where)
{
	raw_tcp(&s->r, s->f->loop, s->addresses[where]);
	send_nth(++s->n_sent, where, &s->r);
}

/* What has come so far. */
const char *come(struct stage *s)
{
	run_rounds(s->f->loop, 30);
	raw_poll(&s->r);
	return text_str(&s->r.in);
}

static bool is_answer(const char *in)
{
	return strncmp(in, "SIP/2.0 ", 8) == 0 || strncmp(in, "HTTP/1.1 ", 9) == 0;
}

int status_of(const char *in)
{
	return is_answer(in) ? (int)strtol(strchr(in, ' '), NULL, 10) : 0;
}

/* Run until there is an answer, for at most five seconds. */
void expect_answer(struct stage *s)
{
	for (int i = 0; i < 150 && !is_answer(come(s)); i++) {
	}
	if (!is_answer(text_str(&s->r.in)))
		fail_msg("no answer: \"%s\"", text_str(&s->r.in));
}

void set(struct stage *s, const struct fault_rule *rules, size_t n)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;

	if (faults_set(s->f->faults, rules, n, 7, &why) < 0)
		fail_msg("%s", text_str(&why));
}

int64_t struck(const struct stage *s)
{
	size_t n;
	const struct fault_rule *rules = faults_rules(s->f->faults, &n);

	return n ? rules->struck : 0;
}

void expect_nothing(struct stage *s)
{
	assert_string_equal(come(s), "");
	assert_false(s->r.closed);
}

void mend(struct stage *s, enum fault_joint where)
{
	raw_close(&s->r);
	set(s, NULL, 0);
	ask(s, where);
	expect_answer(s);
	assert_int_not_equal(status_of(text_str(&s->r.in)), 503);
	raw_close(&s->r);
}

void begin(struct stage *s, enum fault_joint where, const struct fault_rule *like)
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
