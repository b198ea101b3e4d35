/*
 * SIP leg
 *
 * A dialog as a leg of a conversation: its state, its machine and its life. What travels in the dialog is in
 * files of its own.
 *
 *              200 sent               ACK
 *     EARLY ------------> ANSWERED ----------> CONFIRMED ---+
 *      | |  200, ACK sent                          ^        | BYE, either way
 *      | +-----------------------------------------+        |
 *      |                     | we hang up                   |
 *      | refused             +------> ENDING --- ACK, or    |
 *      +----------------+             none: BYE ------+     |
 *      | cancel         v                             v     v
 *      +-> CANCELLING ---- refused, or 200: BYE ----> OVER
 *
 * A leg outlives its conversation until it is OVER: a BYE has to wait for the ACK (RFC 3261, 15), and a 200
 * that crosses a CANCEL must be acknowledged and then ended with a BYE.
 */
#pragma once

#include "mcxd/base/fsm.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/core/leg.h"
#include "mcxd/front_end/echo.h"
#include "mcxd/front_end/private.h"
#include "proto/sip/sdp_im.h"

#include <sofia-sip/nta.h>
#include <sofia-sip/sip.h>

struct sip_answer;

enum sip_leg_state {
	SIP_LEG_EARLY,
	SIP_LEG_CANCELLING,
	SIP_LEG_ANSWERED,
	SIP_LEG_ENDING,
	SIP_LEG_CONFIRMED,
	SIP_LEG_OVER
};

enum sip_leg_event {
	SIP_LEG_ON_ANSWERED,  /* our 200 was sent */
	SIP_LEG_ON_CONFIRMED, /* the ACK came, or was sent */
	SIP_LEG_ON_REFUSED,
	SIP_LEG_ON_CANCEL,
	SIP_LEG_ON_HANG_UP, /* this side ends it */
	SIP_LEG_ON_GONE,    /* the other side ends it */
	SIP_LEG_ON_LOST     /* the ACK did not come in time */
};

struct sip_leg {
	struct leg leg;
	struct list of_front_end;
	struct front_end *front_end;
	struct fsm fsm;
	nta_leg_t *dialog;
	char *route;     /* to the other end: "sip:address:port;transport=…" */
	char *target;    /* the route to its Contact, to try when the other fails; NULL: none */
	char *failed[3]; /* routes that failed since something was last heard; n_failed */
	const char *transport; /* "udp", "tcp", "tls": how the other end is reached */
	struct sdp_im session; /* as the other end described it */
	uint64_t session_hash; /* of how we did, in this version; 0: not yet */
	struct sip_interval {
		int64_t s; /* how long the session lasts without a refresh; 0: there is no limit */
		int64_t min_s;      /* as long as the other end wants it to be at least */
		unsigned n_growths; /* how often it has said so */
		bool ours;          /* we refresh it */
		bool update;        /* the other end takes UPDATE */
	} interval;
	nta_incoming_t *offering; /* their re-INVITE, until its 200 is acknowledged */
	char *self;               /* the AoR in whose name we talk to the client */
	uint64_t end_post;  /* the end, posted because an operation must not report it itself */
	int64_t n_requests; /* received over UDP since requests_since_ms */
	int64_t requests_since_ms;

	/* front_end/refresh */
	struct loop_timer due;
	nta_outgoing_t *asking; /* a refresh or a probe */
	int64_t until_wall_us;  /* the end of the session, if it has an interval */
	int64_t heard_ms;       /* when something came from the other end */

	/* caller's */
	nta_incoming_t *invite; /* until its final is acknowledged */
	struct sip_echo echo;
	char *outline; /* of its offer, until that is answered; NULL: none, and the 200 has one of ours */
	struct sip_answer *answer; /* that waits for the store; NULL: none */
	char *merge_key;           /* in front_end->invites; NULL: it is not there */

	/* front_end/endpoint: its registration */
	struct list of_endpoint;
	uint64_t binding;
	char *aor, *epid; /* the epid may be NULL */

	/* callee's */
	nta_outgoing_t *calling; /* until its final */
	uint64_t n_registers;
	char *contact, *display_name;

	/* front_end/keep */
	char *call_id, *local,
		*remote;      /* our From and theirs, with tags; of a caller only once it is kept */
	uint32_t local_until; /* our requests may be numbered up to this */
	uint32_t remote_cseq; /* in the store: of their newest message that was, or is, stored */
	uint32_t accepted_cseq; /* of the newest that was accepted */
	uint32_t restored_cseq; /* the first of these, before the restart */

	/* messages under way */
	struct list held;    /* theirs, until core reports their outcome */
	struct list sending; /* ours, until they are answered */

	/* front_end/pass: their requests for the other client, and what that one asks of theirs; counted by n_held, too */
	struct list pass_asked, pass_asking;
	int64_t n_held;
	struct loop_timer typing; /* until its peer counts as having stopped */
	uint64_t last_im;

	/* small ones of the above */
	unsigned n_turns; /* how often the route was changed */
	unsigned n_failed;
	unsigned n_passed_offers; /* of theirs, that wait for the other client */
	unsigned n_answers;       /* to requests in the dialog, that wait for the store */
	unsigned session_version; /* of our description */
	bool has_offered; /* the 200 to an INVITE has our offer, and its answer is to come with the ACK */
	bool target_is_unknown; /* that Contact names a host that is not in [hosts] */
	bool released;          /* by core */
	bool heard;             /* callee's: there was a provisional answer */
	bool has_first_line;    /* callee's: in the INVITE */
	bool passes;  /* callee's: the caller's offer was passed on, and so is the answer */
	bool is_call; /* the session is not one of messages, but the clients' own matter */
	bool is_restored;
	char to_tag[17]; /* caller's */
};

extern const struct fsm_table sip_leg_fsm;

static inline struct sip_leg *sip_leg_of(struct leg *leg)
{
	return LIST_ENTRY(leg, struct sip_leg, leg);
}

/** Whether requests can be sent in its dialog. */
static inline bool sip_leg_can_talk(const struct sip_leg *l)
{
	return l->fsm.state == SIP_LEG_ANSWERED || l->fsm.state == SIP_LEG_CONFIRMED;
}

/** Whether this answer to a request of ours says that the dialog does not exist at the other end, or that the other end is gone
 *  (RFC 3261, 12.2.1.2). */
static inline bool sip_leg_is_lost(const sip_t *answer)
{
	int status = answer->sip_status->st_status;

	return status == 481 || status == 408 || nta_sip_is_internal(answer);
}

struct sip_leg *sip_leg_new(struct front_end *s, const struct leg_ops *ops);

/** The dialog cannot go on: end it from this side, with a BYE, and tell the conversation. Not from an operation of the leg. */
void sip_leg_break(struct sip_leg *l);

/** Free it if it is OVER and core has released it. Every callback of sofia's ends with this. */
void sip_leg_settle(struct sip_leg *l);

/** Free all legs, at the end of the front end. */
void sip_leg_forget_all(struct front_end *s);
