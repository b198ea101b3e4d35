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

#include "mcxd/base/backoff.h"
#include "mcxd/clearing_house/dead.h"
#include "mcxd/clearing_house/outbox.h"
#include "mcxd/sip/agent.h"
#include "proto/auth/webhook.h"

#include <stdbool.h>
#include <stdint.h>

struct address;
struct clearing_house;
struct es256_key;
struct faults;
struct journal;
struct loop;
struct metrics;
struct stack;
struct tls_context;

/* How to reach the phones of Apple: by whom and as whom. */
struct clearing_house_apns {
	const char *url;   /* of the push service, without a path; "" or NULL: there is none */
	const char *topic; /* the app's */
	const char *key_id, *team_id;
	const char *cert_file, *cert_key_file; /* in place of a token; "" or NULL: none */
	const char *ca_file;                   /* whom to trust; "" or NULL: the system's */
	int64_t expiry_ms; /* how long the push service keeps a notification for a phone that is off */
};

struct clearing_house_config {
	struct agent_config agent;
	const char *address;       /* what pushes are addressed to: "push@push.lync.com" */
	const char *allow_hosts;   /* for notification URIs, as in proto/push/notification_uri.h */
	const char *allow_senders; /* domains of the users who may send pushes; "" or NULL: any */
	/** Addresses and networks that may send pushes, as in net/prefixes.h, if peers have not proven who they are. */
	const char *allow_peers;
	bool proves_peers;           /* by TLS everybody shows a certificate that is allowed */
	int64_t max_pending;         /* notifications under way at once; more get 503 */
	int64_t max_body_bytes;      /* larger bodies get 413 */
	int64_t max_preview_bytes;   /* of a toast's title and of its text, each */
	int64_t exchange_timeout_ms; /* of a request to a push service, in real time */
	int64_t deadline_ms;         /* for the answer to a sender, by the lab's clock */
	struct outbox_limits outbox;
	struct dead_limits dead;
	struct backoff backoff;
	struct clearing_house_apns apns;
};

/** What the process has at its own addresses: no push may lead there, but to its own push service. */
struct clearing_house_own {
	bool (*has)(const void *magic, const struct address *a); /* NULL: nothing */
	const void *magic;
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
	struct webhook_secret webhook_secret;
	struct es256_key
		*apns_key; /* for provider tokens; NULL: none. Taken over, also if it fails */
	struct clearing_house_own own;
};

/** Listen. Returns 0, or a negative errno after logging what failed. */
int clearing_house_new(const struct clearing_house_args *args,
		       struct clearing_house **ret_clearing_house);

/** Its config, which the caller may change, is another one. */
void clearing_house_apply_config(struct clearing_house *house);

/** Stop. Notifications under way are dropped without an answer. NULL is fine. */
struct clearing_house *clearing_house_free(struct clearing_house *house);

/** Whether it has a way to the phones of this platform (PUSH_PLATFORM_… of proto/push/body.h). */
bool clearing_house_delivers(const struct clearing_house *house, const char *platform);

/** Forget what has to do with a user's phones (NULL: with all): what is on its way to them is dropped, with 503 to those who wait
 *  for the outcome, and none of their channels is dead. No clearing house is fine. */
void clearing_house_forget(struct clearing_house *house, const char *aor);

/** The stack, for its addresses. */
const struct agent *clearing_house_agent(const struct clearing_house *house);
