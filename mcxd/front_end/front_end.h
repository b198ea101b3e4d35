/*
 * Front end
 *
 * Core's SIP adapter, for SIP clients and the Edge: registrar, invitations in and out, dialogs as legs of core,
 * pushes. Implements core's dial and push ports; the adapter of both is the struct front_end.
 */
#pragma once

#include "mcxd/core/core.h"
#include "mcxd/core/ports.h"
#include "mcxd/front_end/auth/auth.h"
#include "mcxd/front_end/upstream/upstream.h"
#include "mcxd/sip/agent.h"

struct front_end;
struct faults;
struct guesses;
struct journal;
struct loop;
struct metrics;
struct stack;
struct tls_context;

struct front_end_config {
	struct agent_config agent;
	struct front_end_auth_config auth;
	const char *
		push_next_hop; /* SIP URI of the Edge, with a numeric host; "" or NULL: no pushes */
	const char *push_target;   /* "sip:push@push.lync.com" */
	const char *edge_fqdn;     /* host of the push MESSAGE's Contact */
	int64_t push_timeout_ms;   /* how long to wait for the next hop's answer */
	int64_t max_message_bytes; /* of an instant message, including the first line */
	int64_t max_held_messages; /* that wait for delivery at once, per dialog */
	int64_t session_expires_s; /* of a dialog without a refresh; 0: no session timers */
	int64_t min_session_expires_s;
	int64_t probe_interval_ms; /* of a dialog without a session timer; 0: none */
	struct upstream_config upstream;
	int64_t max_subscriptions; /* of all clients */
	int64_t typing_timeout_ms; /* of a peer that does not say again that it types; 0: none */
	int64_t pager_wait_ms; /* for a phone to acknowledge a message outside a dialog, before it counts as only stored */
};

struct front_end_args {
	struct loop *loop;
	struct stack *stack;
	struct tls_context *tls_server, *tls_client; /* NULL: none */
	struct journal *journal;
	struct metrics *metrics;
	struct faults *faults;                 /* may be NULL */
	struct guesses *guesses;               /* of wrong passwords; NULL: they cost nothing */
	const struct front_end_config *config; /* outlives the adapter */
};

/** Listens at once, but nothing is served before front_end_attach(). Returns 0 or a negative errno. */
int front_end_new(const struct front_end_args *args, struct front_end **ret_front_end);

/** Set the core that the adapter serves, which itself needs the adapter for its ports. Before the loop runs. */
void front_end_attach(struct front_end *s, struct core *c);

/** After core_free(), which ends the legs. NULL is fine. */
struct front_end *front_end_free(struct front_end *s);

/** The registrations of phones at the upstream registrar. */
const struct upstream *front_end_upstream(const struct front_end *s);

/** Whether nothing is under way: no dialog, no registration, no push. */
bool front_end_is_idle(const struct front_end *s);

/** The transport, for its addresses. */
const struct agent *front_end_agent(const struct front_end *s);

extern const struct push_port front_end_push_port;
extern const struct dial_port front_end_dial_port;
extern const struct phone_port front_end_phone_port;
extern const struct presence_port front_end_presence_port;
