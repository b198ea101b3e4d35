/*
 * Clearing house
 *
 * The Push Notification Clearing House: takes the front end's MESSAGE sip:push@push.lync.com over
 * SIP, checks it, hands the notification to the push service of the phone over HTTP, and answers with
 * what came of that. 200 says that the push service has taken it, and nothing about the phone.
 */
#pragma once

#include "mcxd/base/journal.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/sip/agent.h"

#include <stdint.h>

struct clearing_house;

struct clearing_house_config {
	struct agent_config agent; /* listens at its tcp */
	const char *address;       /* whom pushes are addressed to: "push@push.lync.com" */
	/* Hosts, or host:port pairs, that notification URIs may name, separated by blanks or
	 * commas;
	 * "*" is all. */
	const char *allow_hosts;
	int64_t max_pending;         /* notifications at once; more get 503 */
	int64_t max_body_bytes;      /* 413 above it */
	int64_t max_preview_bytes;   /* of a toast's text, and of its title */
	int64_t exchange_timeout_ms; /* of a request to a push service, by the machine's clock */
};

struct clearing_house_args {
	struct loop *loop;
	struct journal *journal;                    /* may be NULL */
	struct metrics *metrics;                    /* may be NULL */
	const struct clearing_house_config *config; /* outlives the clearing house */
	const char *ca_file; /* what to trust of https platforms; NULL: the system's */
};

/** Returns 0, or a negative errno; what failed is logged. */
int clearing_house_new(const struct clearing_house_args *args,
		       struct clearing_house **ret_clearing_house);

/** Notifications on their way get no answer any more. NULL is fine. */
struct clearing_house *clearing_house_free(struct clearing_house *p);

/** "127.0.0.1:5062" of the listener as it is. */
const char *clearing_house_tcp(const struct clearing_house *p);
