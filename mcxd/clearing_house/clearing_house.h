/*
 * Clearing house
 *
 * The Push Notification Clearing House: takes the front end's MESSAGE sip:push@push.lync.com over SIP,
 * checks it, hands the notification to the phone's push service over HTTP, and answers with the outcome.
 * 200 says that the push service took the notification, and nothing about the phone.
 *
 * A notification is what this room has under way between a MESSAGE and a push service.
 */
#pragma once

#include "mcxd/sip/agent.h"

#include <stdbool.h>
#include <stdint.h>

struct clearing_house;
struct faults;
struct journal;
struct loop;
struct metrics;
struct stack;
struct tls_context;

struct clearing_house_config {
	struct agent_config agent;
	const char *address; /* what pushes are addressed to: "push@push.lync.com" */
	/** Hosts, or host:port pairs, that notification URIs may name, separated by blanks or commas; "*"
	 *  allows all. */
	const char *allow_hosts;
	int64_t max_pending;         /* notifications under way at once; more get 503 */
	int64_t max_body_bytes;      /* larger bodies get 413 */
	int64_t max_preview_bytes;   /* of a toast's title and of its text, each */
	int64_t exchange_timeout_ms; /* of a request to a push service, in real time */
};

struct clearing_house_args {
	struct loop *loop;
	struct stack *stack;
	struct tls_context *tls_server;             /* NULL: none */
	struct journal *journal;                    /* may be NULL */
	struct metrics *metrics;                    /* may be NULL */
	struct faults *faults;                      /* may be NULL */
	const struct clearing_house_config *config; /* outlives the clearing house */
	const char *ca_file; /* CAs to trust for push services on https; NULL: the system's */
};

/** Listen. Returns 0, or a negative errno after logging what failed. */
int clearing_house_new(const struct clearing_house_args *args,
		       struct clearing_house **ret_clearing_house);

/** Its config, which the caller may change, is another one. */
void clearing_house_apply_config(struct clearing_house *house);

/** Stop. Notifications under way are dropped without an answer. NULL is fine. */
struct clearing_house *clearing_house_free(struct clearing_house *house);

/** Whether it has a way to the phones of this platform (PUSH_PLATFORM_… of proto/push/body.h). */
bool clearing_house_delivers(const char *platform);

/** The stack, for its addresses. */
const struct agent *clearing_house_agent(const struct clearing_house *house);
