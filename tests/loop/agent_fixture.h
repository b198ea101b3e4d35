/*
 * Agent fixture: an agent with both listeners, which answers everything 200.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mcxd/sip/agent.h"
#include "raw.h"

enum { AGENT_TIMEOUT_MS = 120 };

struct agent_fixture {
	struct loop *loop;
	struct journal *journal;
	struct metrics *metrics;
	struct agent *agent;
	nta_incoming_t *held; /* with hold: the last request */
	bool hold;
	int n_requests;
	int status; /* of the last answer to what the agent sent */
	bool answered;
};

/** Few of everything, so that limits are reached. */
extern const struct agent_config agent_fixture_config;

void agent_fixture_on_request(void *magic, nta_incoming_t *irq, const sip_t *sip);
int agent_fixture_setup(void **state);
int agent_fixture_teardown(void **state);
int64_t agent_fixture_metric(const struct agent_fixture *f, const char *name);
/** A request from Alice to Bob with CSeq 7, in a spelling of its own. */
void agent_fixture_send(struct raw *r, const char *method, const char *call_id, const char *body);
