/*
 * Subscriptions
 *
 * What SIP clients watch (RFC 6665, 4.2: this is the notifier). A subscription is a dialog of its own. Each of its
 * resources has news or has none; while a NOTIFY is under way, further news of a resource wait and become one.
 *
 *      SUBSCRIBE            Expires: 0, time is over, the resource is gone
 *   ---------------> ACTIVE ----------------------------------------------> ENDED, with a last NOTIFY
 *                      |      a NOTIFY gets 481, 408 or no way
 *                      +----------------------------------------------------> gone, without one
 *
 * After a restart there are none: the next SUBSCRIBE of the client gets 481, and it subscribes anew (RFC 6665, 4.1.2.2).
 */
#pragma once

#include "mcxd/base/list.h"
#include "mcxd/front_end/presence/interest.h"

#include <sofia-sip/nta.h>

struct front_end;

/** All of a front end's; embedded in struct front_end. */
struct subscriptions {
	struct interests interests;
	struct list all; /* struct sip_subscription.of_all */
	int64_t n;       /* of them */
};

void subscriptions_init(struct subscriptions *s);
/** Forget all without a word. */
void subscriptions_deinit(struct subscriptions *s);

/** A SUBSCRIBE outside any dialog. */
void sip_subscription_on_request(struct front_end *s, nta_incoming_t *irq, const sip_t *sip);

/** What this user watches ends; and what watches the user alone, if the user is being removed. Who is told can subscribe again. */
void sip_subscription_forget(struct front_end *s, const char *aor, bool removed);

/** Something about this user has changed: whoever watches it is notified from the loop. NULL: the list of users has. */
void sip_subscription_tell(struct front_end *s, const char *aor);
