/*
 * Clearing house
 *
 * The Push Notification Clearing House: takes the front end's MESSAGE sip:push@push.lync.com over
 * SIP, checks it, hands the notification to the platform of the device over HTTP, and answers with
 * what came of that. 200 says that the platform has taken it, and nothing about the device.
 */
#pragma once

#include "mcxd/base/journal.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/sip/agent.h"

#include <stdint.h>

struct pnch;

struct pnch_config {
	struct agent_config agent; /* listens at its tcp */
	const char *address;       /* whom pushes are addressed to: "push@push.lync.com" */
	/* Hosts, or host:port pairs, that notification URIs may name, separated by blanks or
	 * commas;
	 * "*" is all. */
	const char *allow_hosts;
	int64_t max_pending;         /* notifications at once; more get 503 */
	int64_t max_body_bytes;      /* 413 above it */
	int64_t max_preview_bytes;   /* of a toast's text, and of its title */
	int64_t exchange_timeout_ms; /* of a request to a platform, by the machine's clock */
};

struct pnch_args {
	struct loop *loop;
	struct journal *journal;          /* may be NULL */
	struct metrics *metrics;          /* may be NULL */
	const struct pnch_config *config; /* outlives the clearing house */
	const char *ca_file;              /* what to trust of https platforms; NULL: the system's */
};

/** Returns 0, or a negative errno; what failed is logged. */
int pnch_new(const struct pnch_args *args, struct pnch **ret_pnch);

/** Notifications on their way get no answer any more. NULL is fine. */
struct pnch *pnch_free(struct pnch *p);

/** "127.0.0.1:5062" of the listener as it is. */
const char *pnch_tcp(const struct pnch *p);
