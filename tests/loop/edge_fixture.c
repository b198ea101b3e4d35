/*
 * Edge fixture
 */
#include "edge_fixture.h"

#include "agent_limits.h"
#include "mcxd/base/journal.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/edge/edge.h"
#include "mcxd/sip/agent.h"
#include "mcxd/sip/stack.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "raw.h"

#include <unistd.h>

int edge_set_up(void **state)
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
						       .config = &f->config },
				  &f->edge),
			 0);
	raw_tcp(&f->front_end, f->loop, agent_tcp(edge_internal(f->edge)));
	f->clearing_house.fd = -1;
	*state = f;
	return 0;
}

int edge_tear_down(void **state)
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

void send_push(struct fixture *f, const char *push)
{
	raw_send(&f->front_end, push, strlen(push));
}

char *take_push(struct fixture *f)
{
	if (f->clearing_house.fd < 0)
		raw_accept(&f->clearing_house, f->loop, f->listener);
	return raw_expect(&f->clearing_house, "MESSAGE sip:push@push.lync.com SIP/2.0\r\n");
}

void answer_push(struct fixture *f, const char *push, const char *status)
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

char *refused(struct fixture *f, const char *push, const char *status)
{
	send_push(f, push);
	return raw_expect(&f->front_end, status);
}

int64_t count(const struct fixture *f, const char *name)
{
	return metrics_find(f->metrics, name)->value;
}
