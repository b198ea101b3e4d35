/*
 * Channel
 *
 * One phone's way to be notified: a token that the push service of its platform knows it by, a daily share of notifications, and
 * the carrier connection on which the phone reads them.
 *
 *   made ---> in use ---> expired: the phone has not asked for too long
 *               |  ^ renewed: it has another token, and what waits still waits
 *               +---> ended: by the phone
 *
 * A token of Windows Phone that is not known any more is as good as one that never was. Those of Apple's that have been are
 * remembered (ended.h).
 */
#pragma once

#include "mcxd/base/loop.h"
#include "mcxd/push_service/carrier.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	CHANNEL_ID_BYTES = 8,
	CHANNEL_TOKEN_BYTES = 24,       /* of a notification URI */
	CHANNEL_DEVICE_TOKEN_BYTES = 32 /* as Apple's are */
};

struct json_object;
struct push_service;

enum channel_platform { CHANNEL_WINDOWS_PHONE, CHANNEL_APPLE, N_CHANNEL_PLATFORMS };

/* What a phone says of itself and of what it wants. Strings but id and token may be NULL. */
struct channel_traits {
	const char *id, *token; /* of the right length */
	enum channel_platform platform;
	const char *phone_name, *user_agent;
	const char *user;  /* AoR of whose phone it is */
	const char *topic; /* of Apple: the id of the app */
	const char *
		service_name; /* of Windows Phone: who alone may notify it, and would have to prove that by a certificate */
	unsigned
		suppressed; /* of Windows Phone: bit MPNS_TOAST is set if it wants no toasts, and so on */
};

struct channel {
	struct push_service *service;
	enum channel_platform platform;
	char id[2 * CHANNEL_ID_BYTES + 1];
	char token[2 * CHANNEL_DEVICE_TOKEN_BYTES +
		   1];    /* last segment of the notification URI, or the device token */
	char *phone_name; /* as the phone calls itself; may be NULL */
	char *user_agent; /* may be NULL */
	char *user;       /* AoR of whose phone it is, for the journal and faults; may be NULL */
	char *hop; /* in the journal and the log: "phone:bob@lab.test"; without a user it has the phone's name, or id */
	char *topic, *service_name; /* may be NULL */
	unsigned suppressed;
	struct carrier carrier;
	struct loop_timer expiry;
	int64_t day_start_ms;
	int64_t n_today; /* notifications since then */
};

/** "windowsPhone", "apple"; and back: N_CHANNEL_PLATFORMS for another name. */
const char *channel_platform_name(enum channel_platform platform);
enum channel_platform channel_platform_of(const char *name);
/** How many hex digits its tokens have. */
int channel_token_digits(enum channel_platform platform);

/** Read a list of kinds that a phone does not want: ["tile"]. False: it is something else. */
bool channel_kinds_read(struct json_object *list, unsigned *ret);

/** Make one that was there before; strings are copied. Returns NULL at the limit. */
struct channel *channel_restore(struct push_service *service, const struct channel_traits *traits);

/** Make a channel, with an id and token of its own; strings are copied. Returns NULL at the limit. */
struct channel *channel_new(struct push_service *service, const struct channel_traits *traits);

/** Give it another token; the one that it had leads nowhere from now on. */
void channel_renew(struct channel *c);

/** End it, with all that is queued; a held carrier request is answered with this status. */
void channel_free(struct channel *c, int status, const char *why);

/** The channel of this platform with this token, or NULL. */
struct channel *channel_of_token(const struct push_service *service, enum channel_platform platform,
				 const char *token);

/** What MPNS says about the phone: "Connected", "TempDisconnected" or "Inactive". */
const char *channel_connection(const struct channel *c);
bool channel_is_connected(const struct channel *c);

/** Count a notification against the daily share. False if that is used up. */
bool channel_count_notification(struct channel *c);

/** Look again when it expires, after carrier.last_seen_ms or the settings have changed. */
void channel_watch_expiry(struct channel *c);
