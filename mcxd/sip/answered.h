/*
 * Answered
 *
 * Answers to requests that came by UDP, kept for 64 T1 because the request may be repeated (RFC 3261 17.2.2). NTA would keep its
 * whole transaction for that, with the request and all that it has parsed: 8.7 kB each, which is 20 kB of a conversation. Here the
 * bytes of the answer are kept, and NTA is told that the transport is reliable, which is when it needs to keep nothing.
 *
 * Not for INVITE, whose transaction also waits for an ACK, nor for a request without the branch that tells two requests apart
 * (17.2.3).
 */
#pragma once

#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/net/address.h"
#include "proto/text/text.h"

#include <sofia-sip/sip.h>

struct answer {
	struct list of_age;
	struct answer *next; /* in its bucket */
	uint64_t hash;
	int64_t until_ms; /* lab time */
	struct address peer;
	size_t n, n_key;
	char bytes[]; /* and behind these the key */
};

struct answered {
	struct loop *loop;
	struct answer **
		buckets; /* as many as answers may be kept: a table that grew would stop the loop while it does */
	size_t n_buckets; /* a power of two */
	struct list by_age;
	int64_t n, max;
	struct text key; /* of the message that is looked at */
	struct loop_timer timer_j;
};

/** At most max answers, by the lab's time. */
void answered_init(struct answered *a, struct loop *l, int64_t max);
void answered_deinit(struct answered *a);
/** The answer that this request got before, or NULL; and whether its answer can be kept when it is sent. */
const struct answer *answered_find(struct answered *a, const sip_t *request, bool *ret_can_keep);

/** Whether this message is an answer that answered_add() keeps. */
bool answered_wants(const sip_t *answer);
void answered_add(struct answered *a, const sip_t *answer, const struct address *peer,
		  const char *bytes, size_t n);
