/*
 * Channel
 *
 * One phone's way to be notified: a token that MPNS knows it by, a daily share of notifications, and the
 * carrier connection on which the phone reads them.
 */
#pragma once

#include "mcxd/push_service/carrier.h"

#include <stdbool.h>
#include <stdint.h>

enum { CHANNEL_ID_BYTES = 8, CHANNEL_TOKEN_BYTES = 24 };

struct push_service;

struct channel {
	struct push_service *service;
	char id[2 * CHANNEL_ID_BYTES + 1];
	char token[2 * CHANNEL_TOKEN_BYTES + 1]; /* last segment of the notification URI */
	char *phone_name;                        /* as the phone calls itself; may be NULL */
	char *user_agent;                        /* may be NULL */
	char *user; /* AoR of whose phone it is, for the journal and faults; may be NULL */
	char *hop; /* in the journal and the log: "phone:bob@lab.test"; without a user it has the phone's name, or id */
	struct carrier carrier;
	int64_t day_start_ms;
	int64_t n_today; /* notifications since then */
};

struct channel_names {
	const char *id, *token; /* of the right length */
	const char *phone_name, *user_agent, *user;
};

/** Make one that was there before; strings are copied, and the last three may be NULL. Returns NULL at the limit. */
struct channel *channel_restore(struct push_service *service, const struct channel_names *names);

/** Make a channel; strings are copied and may be NULL. At the limit an expired channel makes room. Returns
 *  NULL if there is none. */
struct channel *channel_new(struct push_service *service, const char *phone_name,
			    const char *user_agent, const char *user);

/** End it, with all that is queued; a held carrier request is answered with this status. */
void channel_free(struct channel *c, int status, const char *why);

/** What MPNS says about the phone: "Connected", "TempDisconnected" or "Inactive". */
const char *channel_connection(const struct channel *c);

/** Count a notification against the daily share. False if that is used up. */
bool channel_count_notification(struct channel *c);
