/*
 * SIP adapter
 *
 * The front end's face to SIP clients and to the Edge: registrar, invitations in and out, dialogs as legs
 * of core, pushes. Implements core's dial and push ports; the adapter of both is the struct front_end.
 */
#pragma once

#include "mcxd/core/core.h"
#include "mcxd/sip/agent.h"

struct front_end;

struct front_end_config {
	struct agent_config agent;
	const char *push_next_hop; /* SIP URI with an address, the Edge's; "" or NULL: no pushes */
	const char *push_target;   /* "sip:push@push.lync.com" */
	const char *edge_fqdn;     /* host of the push MESSAGE's Contact */
	int64_t push_timeout_ms;   /* a next hop that does not answer by then has not answered */
	int64_t max_message_bytes; /* of an instant message, the first line included */
	int64_t max_held_messages; /* that a client may have under way at once, per dialog */
};

struct front_end_args {
	struct loop *loop;
	struct journal *journal;
	struct metrics *metrics;
	const struct front_end_config *config; /* outlives the adapter */
};

/** Listens at once, but nothing is served before front_end_attach(). Returns 0 or a negative errno. */
int front_end_new(const struct front_end_args *args, struct front_end **ret_sip);

/** Core needs the adapter for its ports, and the adapter core. Before the loop runs. */
void front_end_attach(struct front_end *s, struct core *c);

/** After core_free(), which still ends its legs. NULL is fine. */
struct front_end *front_end_free(struct front_end *s);

/** Nothing is under way: no dialog, no registration, no push. */
bool front_end_is_idle(const struct front_end *s);

/** The transport, for its addresses. */
const struct agent *front_end_agent(const struct front_end *s);

extern const struct push_port front_end_push_port;
extern const struct dial_port front_end_dial_port;
