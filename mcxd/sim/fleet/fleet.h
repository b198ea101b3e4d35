/*
 * Fleet
 *
 * Many phones and senders in one loop. A flow is one invitation from the sender's INVITE to its end: the phone, which
 * waits in the background, gets its toast and does what the kind of the flow says. Or its app is open, and the invitation
 * comes as an event. A phone has one flow at a time; senders share a few SIP connections and have as many as are due.
 *
 *   accept   opens the app and accepts; two messages go each way, and the sender hangs up
 *   slow     the same, after a while
 *   flaky    the phone loses its network as the toast comes, finds it again after a while, and accepts
 *   ignore   leaves it: the sender is to get 408
 *   decline  opens the app and declines: the sender is to get 603
 *
 * What ends in another way, or not within a time, is lost.
 */
#pragma once

#include "mcxd/sim/fleet/tally.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hosts;
struct sim_fleet;
struct stack;
struct tls_context;

struct sim_fleet_user {
	const char *aor;
	const char *password;
};

struct sim_fleet_config {
	const char *sip_server;  /* "127.0.0.1:5060" */
	const char *transport;   /* "tcp", "tls" or "udp" */
	struct tls_context *tls; /* for "tls" */
	const char *server;      /* of the phones: base URL */
	const char *ca_file;
	const char *push_service_url; /* of phones that wait for toasts */
	bool open;                    /* phones keep the app open, and an event request with it */
	const struct hosts *hosts;
	const struct sim_fleet_user *phones, *senders;
	size_t n_phones, n_senders;
	int64_t n_connections;          /* SIP, shared by the senders */
	int64_t rate;                   /* flows a second */
	int64_t n_flows;                /* 0: the phones wait until the fleet is stopped */
	int64_t mix[SIM_FLEET_N_KINDS]; /* weights */
	int64_t slow_ms, flaky_ms;
	int64_t rest_ms;     /* of a phone between two flows */
	int64_t patience_ms; /* with one flow, and with a sign-in */
};

struct sim_fleet_ops {
	void (*on_ready)(void *magic);      /* all phones wait, or have failed to */
	void (*on_flows_over)(void *magic); /* the phones are about to sign out */
	void (*on_end)(void *magic);        /* called once, from the loop */
};

/** config is copied; what it points to must outlive the fleet. Returns NULL if no SIP agent can be made. */
struct sim_fleet *sim_fleet_new(struct stack *stack, const struct sim_fleet_config *config,
				const struct sim_fleet_ops *ops, void *magic);
struct sim_fleet *sim_fleet_free(struct sim_fleet *f);

/** Sign the phones in, then begin with the flows. */
void sim_fleet_start(struct sim_fleet *f);

/** Begin no more flows, wait for those that are open, sign the phones out, and end. A second call does not wait. */
void sim_fleet_stop(struct sim_fleet *f);

struct sim_tally *sim_fleet_tally(struct sim_fleet *f);
