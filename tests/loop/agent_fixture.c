/*
 * Agent fixture
 */
#include "agent_fixture.h"
#include "mcxd/base/journal.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/sip/agent.h"
#include "mcxd/sip/stack.h"
#include "proto/text/mem.h"
#include "tests/loop/raw.h"

void agent_fixture_on_request(void *magic, nta_incoming_t *irq, const sip_t *sip)
{
	struct agent_fixture *f = magic;

	(void)sip;
	f->n_requests++;
	if (f->hold)
		f->held = irq;
	else
		agent_reply(f->agent, irq, 200, NULL, "X-Test: yes\r\n");
}

const struct agent_config agent_fixture_config = {
	.udp = "127.0.0.1:0",
	.tcp = "127.0.0.1:0",
	.max_connections = 3,
	.max_message_bytes = 16384,
	.message_timeout_ms = AGENT_TIMEOUT_MS,
	.handshake_timeout_ms = 10000,
	.max_unsent_bytes = 8 << 20,
	.unread_timeout_ms = 30000,
	.max_transactions = 4,
};

struct agent *agent_fixture_another(struct agent_fixture *f, const struct agent_config *config)
{
	struct agent *a;

	assert_int_equal(agent_new(&(struct agent_args){ .stack = f->stack,
							 .journal = f->journal,
							 .metrics = f->metrics,
							 .hop = "other",
							 .server = "Lab/1.0",
							 .config = config,
							 .on_request = agent_fixture_on_request,
							 .magic = f },
				   &a),
			 0);
	return a;
}

int agent_fixture_setup(void **state)
{
	struct agent_fixture *f = MEM_NEW(struct agent_fixture);
	struct agent_args args = { .hop = "edge",
				   .server = "Lab/1.0",
				   .config = &agent_fixture_config };

	assert_int_equal(loop_new(&f->loop), 0);
	assert_int_equal(stack_new(f->loop, NULL, &f->stack), 0);
	f->journal = journal_new(f->loop, &(struct journal_config){ 1000, 1 << 20 });
	f->metrics = metrics_new();
	args.stack = f->stack;
	args.journal = f->journal;
	args.metrics = f->metrics;
	args.on_request = agent_fixture_on_request;
	args.magic = f;
	assert_int_equal(agent_new(&args, &f->agent), 0);
	*state = f;
	return 0;
}

int agent_fixture_teardown(void **state)
{
	struct agent_fixture *f = *state;

	agent_free(f->agent);
	metrics_free(f->metrics);
	journal_free(f->journal);
	stack_free(f->stack);
	loop_free(f->loop);
	free(f);
	return 0;
}

int64_t agent_fixture_metric(const struct agent_fixture *f, const char *name)
{
	const struct metric *m = metrics_find(f->metrics, name);

	assert_non_null(m);
	return m->value;
}

void agent_fixture_send(struct raw *r, const char *method, const char *call_id, const char *body)
{
	raw_sendf(r,
		  "%s sip:bob@lab.test SIP/2.0\n"
		  "VIA: SIP/2.0/%s %s;branch=z9hG4bK%s\n"
		  "FROM: \"Alice\" <sip:Alice@lab.test>;tag=1\n"
		  "TO: <sip:bob@lab.test>\n"
		  "CALL-ID: %s\n"
		  "CSEQ: 7 %s\n"
		  "Max-Forwards: 70\n"
		  "content-length:   %zu\n\n%s",
		  method, r->stream ? "TCP" : "UDP", r->local, call_id, call_id, method,
		  strlen(body), body);
}
