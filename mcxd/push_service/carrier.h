/*
 * Carrier connection
 *
 * How a phone reads its notices: it holds a request open until one comes. Notices are numbered and
 * acknowledged: by asking for what comes after number N the phone says that it has everything up to N. Until
 * then a notice stays queued, however often it was written to a socket.
 */
#pragma once

#include "mcxd/base/limit.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/push_service/notice.h"

#include <stdbool.h>
#include <stdint.h>

struct http_request;
struct push_service;

/* How the journal names a phone and its channel; owned by the channel. */
struct carrier_names {
	const char *channel; /* its id */
	const char *hop;     /* "phone:bob@lab.test" */
	const char *user;    /* AoR; NULL if unknown */
};

struct carrier {
	struct push_service *service;
	struct carrier_names names;
	struct list notices; /* the numbered ones by number, then those held back by their class */
	struct budget queue; /* of notices */
	uint64_t last_number;
	uint64_t held; /* id of the parked request; 0: none */
	uint64_t held_after;
	struct loop_timer hold;
	int64_t last_seen_ms; /* when a request last began or ended */
};

void carrier_init(struct carrier *c, struct push_service *service,
		  const struct carrier_names *names);

/** Free the notices; a held request is answered with this status. */
void carrier_deinit(struct carrier *c, int status, const char *why);

/** GET /channels/{id}/notifications. */
void carrier_on_request(struct carrier *c, struct http_request *r);

/** Queue a notice, which is taken over, and after delay_s give it a number and to the held request. Returns
 *  false, and the notice is freed, if the queue is full. */
bool carrier_add(struct carrier *c, struct notice *n, int delay_s);

/** Queue one that was there before, which is taken over: after the others, with the number that it has, or after delay_ms if
 *  it has none. At the limit it is freed, and the answer is false. */
bool carrier_put_back(struct carrier *c, struct notice *n, int64_t delay_ms);

/** Drop one that is queued after this time. */
void carrier_keep_for(struct notice *n, int64_t left_ms);

/** Drop what has this collapse id: something newer takes its place. */
void carrier_replace(struct carrier *c, const char *collapse_id);

/** Drop the oldest until there are so many. */
void carrier_keep_newest(struct carrier *c, int64_t max);

bool carrier_is_held(const struct carrier *c);

/** Milliseconds since a request last began or ended. */
int64_t carrier_idle_ms(const struct carrier *c);
