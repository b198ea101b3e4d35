/*
 * Delivery
 *
 * When and how something that is queued goes to a phone: in the answer to the event request that the phone
 * holds open, after a push that wakes the app, or when the app next asks on its own. The machine decides which
 * of these it is:
 *
 *   AWAY       nobody asks for events, the app is in the background: push, if subscribed and allowed
 *   HELD       an event request is open; events go there
 *   LINGERING  a request has just been answered, the next one is expected within core.phone_linger; or the
 *              client hung up, and connects again within core.hang_up_linger. If no request comes, the phone is
 *              away, and what was sent but not acknowledged counts as not delivered. Until then no push is sent,
 *              and the journal says so
 *
 *           poll           packet, dropped               lingered
 *   AWAY ---------> HELD -----------------> LINGERING ------------> AWAY
 *                      ^                        |
 *                      +--------- poll ---------+
 *
 * A held request is answered when an event has waited long enough for others, together with everything that is
 * queued by then. How long that is depends on the event's urgency, and for all but the highest on the phone.
 */
#pragma once

#include "mcxd/base/fsm.h"
#include "mcxd/base/list.h"
#include "mcxd/core/core.h"
#include "mcxd/core/event.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/phone.h"

#include <stdbool.h>
#include <stdint.h>

/** What one conversation still has to tell a phone; embedded in the phone's leg. A zeroed one is on no
 *  phone's list. */
struct delivery {
	struct list of_phone;
	struct leg *leg;
	bool offered;    /* its invitation still rings: it counts on the tile */
	uint64_t newest; /* number of the newest event worth a push */
	uint64_t pushed; /* number of the newest event that a push was sent for */
	uint64_t push;   /* the newest push; 0: none, or it was taken back */
	char *text;      /* what a push for the newest one shows; may be NULL */
};

/** Start the phone's machine, in AWAY; free what belongs to it. */
void delivery_begin(struct phone *p);
void delivery_end(struct phone *p);

/** Put it on the phone's list; take it off again (also if it is off already). */
void delivery_add(struct phone *p, struct delivery *d, struct leg *leg);
void delivery_remove(struct delivery *d);

/** An event worth a push has been queued: if the phone is away, push. */
void delivery_announce(struct phone *p, struct delivery *d, const struct event *e);

/** An invitation that the phone is only told of: push, or note why not. */
void delivery_tell(struct phone *p, struct delivery *d);

/** What was pushed is of no use any more: if the phone is still away, take it back. */
void delivery_withdraw(struct phone *p, struct delivery *d);

/** The number on the phone's tile: missed conversations that were not read, and ringing ones, which are missed if nobody
 *  answers. */
unsigned delivery_count_tile(const struct phone *p);

/** The phone is away, or can be pushed from now on: push what it has not acknowledged. */
void delivery_on_away(struct phone *p);

/** Whether the machine is in AWAY. */
bool delivery_is_away(const struct phone *p);

/** Something is queued: tell the phone when it has waited as long as its urgency allows, with everything queued until
 *  then. */
void delivery_gather(struct phone *p);
/** The same, as soon as the running handler has returned. */
void delivery_wake(struct phone *p);

/** How long events of medium and of low urgency wait for others from now on; 0: as before. */
void delivery_set_delays(struct phone *p, int64_t medium_ms, int64_t low_ms);

enum poll_result {
	POLL_READY, /* answer with what delivery_take() gives */
	POLL_HELD,  /* wake() of the poll port will be called */
	POLL_WRONG_ACK
};

/** The phone asks for the packet with this number, which acknowledges those before. poll_id: the HTTPS side's
 *  name of the request. A request that was held until then is woken and finds that it was replaced.
 *  timeout_ms <= 0: the default. */
enum poll_result delivery_poll(struct phone *p, uint64_t packet, uint64_t poll_id,
			       int64_t timeout_ms);

enum poll_end { POLL_PACKET, POLL_REPLACED, POLL_GONE, POLL_NOT_STORED };

/** How to answer a woken or ready request. POLL_PACKET: *ret_packet is the packet's number, and those of
 *  p->events.events that have this number are in it; there are none after a timeout. POLL_NOT_STORED: the store could not keep the
 *  packet, which therefore must not be sent. */
enum poll_end delivery_take(struct core *c, uint64_t phone_id, uint64_t poll_id,
			    uint64_t *ret_packet);

/** The client hung up, or the answer could not be written: nothing counts as delivered. */
void delivery_drop(struct core *c, uint64_t phone_id, uint64_t poll_id);

/** Have a request answered at once. 0 is fine. */
void delivery_release(struct core *c, uint64_t poll_id);

extern const struct fsm_table delivery_fsm;
