/*
 * Agent fixture: an agent with both listeners that answers every request 200.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mcxd/sip/agent.h"
#include "raw.h"

struct journal;
struct loop;
struct stack;
struct metrics;

enum { AGENT_TIMEOUT_MS = 120 };

struct agent_fixture {
	struct loop *loop;
	struct stack *stack;
	struct journal *journal;
	struct metrics *metrics;
	struct agent *agent;
	nta_incoming_t *held; /* with hold: the last request */
	bool hold;
	int n_requests;
	int status; /* of the last answer to a request of the agent */
	bool answered;
};

/** Low limits, so that tests reach them. */
extern const struct agent_config agent_fixture_config;

/** Another agent, "other" in metrics, that answers likewise. */
struct agent *agent_fixture_another(struct agent_fixture *f, const struct agent_config *config);

void agent_fixture_on_request(void *magic, nta_incoming_t *irq, const sip_t *sip);
int agent_fixture_setup(void **state);
int agent_fixture_teardown(void **state);
int64_t agent_fixture_metric(const struct agent_fixture *f, const char *name);
/** Send a request from Alice to Bob with CSeq 7 and unusual spelling. */
void agent_fixture_send(struct raw *r, const char *method, const char *call_id, const char *body);
