/*
 * Channel
 *
 * One phone's way to be notified: a token that MPNS knows, a queue of notices, and the carrier
 * request that the phone holds open.
 */
#pragma once

#include "mcxd/base/idtab.h"
#include "mcxd/base/limit.h"
#include "mcxd/base/list.h"
#include "mcxd/push_service/push_service.h"
#include "proto/push/mpns.h"
#include "web/http/http.h"

enum { CHANNEL_ID_BYTES = 8, CHANNEL_TOKEN_BYTES = 24 };

enum {
	PUSH_SERVICE_CHANNELS,
	PUSH_SERVICE_CHANNELS_REFUSED,
	PUSH_SERVICE_NOTICES,
	PUSH_SERVICE_NOTICES_DROPPED,
	PUSH_SERVICE_NOTICES_BAD,
	PUSH_SERVICE_DELIVERIES,
	N_PUSH_SERVICE_METRICS
};

struct push_service {
	struct loop *loop;
	struct journal *journal;
	const struct push_service_config *config;
	struct http_config http_config;
	struct http *http;
	char *url;
	struct strtab *channels; /* by id */
	struct strtab *by_token;
	struct budget budget; /* of channels */
	struct metric metrics[N_PUSH_SERVICE_METRICS];
};

struct notice {
	struct list of_channel;
	struct channel *channel;
	uint64_t number; /* counts up per channel; 0 as long as its class keeps it back */
	struct mpns_notification body; /* toast, tile */
	char *raw;                     /* raw */
	size_t n_raw;
	char *message_id; /* may be NULL */
	int64_t received_wall_us;
	int deliveries;          /* how often it was written to a carrier request */
	struct loop_timer delay; /* set as long as number is 0 */
};

struct channel {
	struct push_service *push_service;
	char id[2 * CHANNEL_ID_BYTES + 1];
	char token[2 * CHANNEL_TOKEN_BYTES + 1];
	char *device_name;   /* may be NULL */
	char *user_agent;    /* may be NULL */
	char *hop;           /* "phone:bob@lab.test" in the journal */
	struct list notices; /* ready ones by number, then those that are kept back */
	struct budget queue;
	uint64_t last_number;
	uint64_t held; /* the parked carrier request, 0: none */
	uint64_t held_after;
	struct loop_timer hold;
	int64_t last_seen_ms; /* a carrier request began or ended */
	int64_t day_start_ms;
	int64_t n_today;
	int64_t created_wall_us;
};

/* ---- channel.c ---- */

/** A new channel, or NULL at the limit. Strings are copied and may be NULL. */
struct channel *channel_new(struct push_service *p, const char *device_name,
			    const char *user_agent);

/** Gone, with all that waits; a held request is answered with this status. */
void channel_free(struct channel *c, int status, const char *why);

/** "Connected", "TempDisconnected", "Inactive". */
const char *channel_connection(const struct channel *c);

/** One more notice today; false when that is more than a day's share. */
bool channel_count_notice(struct channel *c);

/** Queue a notice (takes it over), after a delay; a held carrier request gets it. Returns false,
 * and the notice is freed, when the queue is full. */
bool channel_add(struct channel *c, struct notice *n, int delay_s);
void notice_free(struct notice *n);

/** What is queued. */
int64_t channel_pending(const struct channel *c);

/* ---- carrier.c ---- */

/** GET /channels/<id>/notifications */
void carrier_on_request(struct channel *c, struct http_request *r);

/** Something became ready: answer the held request, if it waits for it. */
void carrier_offer(struct channel *c);

/** End the held request, if there is one. */
void carrier_refuse(struct channel *c, int status, const char *why);

/* ---- mpns.c ---- */

/** POST /throttledthirdparty/01.00/<token> */
void mpns_service_on_post(struct push_service *p, struct http_request *r);

/* ---- push_service.c ---- */

/** Answer with a JSON error: its code by the status, and a sentence. */
void push_service_refuse(struct http_request *r, int status, const char *why);
