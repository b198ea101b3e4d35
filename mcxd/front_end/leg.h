/*
 * SIP leg
 *
 * A dialog as a leg of a conversation.
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
 * A leg outlives the conversation's use for it until it is OVER: no BYE before the ACK (RFC 3261, 15), and
 * a 200 that crosses a CANCEL has to be acknowledged and hung up.
 */
#pragma once

#include "mcxd/core/leg.h"
#include "mcxd/front_end/private.h"

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
	SIP_LEG_ON_GONE,    /* the other side does */
	SIP_LEG_ON_LOST     /* no ACK ever came */
};

struct sip_leg {
	struct leg leg;
	struct list of_sip;
	struct front_end *sip;
	struct fsm fsm;
	nta_leg_t *dialog;
	char *route;  /* where the other end is: "sip:address:port;transport=…" */
	char *target; /* the route to its Contact, to turn to when that one fails; NULL: none */
	unsigned n_turns;
	bool udp;
	struct sdp_im session; /* as the other end has described it */
	char *self;            /* AoR of whose part we play toward the client */
	bool detached;         /* core has no more use for it */
	uint64_t end_post;     /* what could not be told from within an operation */
	int64_t n_requests; /* that have come since then by a transport that keeps their transactions */
	int64_t requests_since_ms;

	/* caller's */
	nta_incoming_t *invite; /* until its final is acknowledged */
	struct sip_echo echo;
	char to_tag[17];

	/* callee's */
	nta_outgoing_t *calling; /* until its final */
	bool heard;              /* something has come back */
	uint64_t binding, n_registers;
	char *contact, *aor, *display_name, *epid;
	char *first_line, *first_line_type;

	/* messages under way */
	struct list held;    /* theirs, waiting for core's word */
	struct list sending; /* ours, waiting for their answer */
	int64_t n_held;
	uint64_t last_im;
};

extern const struct fsm_table sip_leg_fsm;

static inline struct sip_leg *sip_leg_of(struct leg *leg)
{
	return LIST_ENTRY(leg, struct sip_leg, leg);
}

/* ---- leg.c ---- */

struct sip_leg *sip_leg_new(struct front_end *s, const struct leg_ops *ops);

/** Free it if it is OVER and core has no more use for it. Every callback of sofia's ends with this. */
void sip_leg_settle(struct sip_leg *l);

/** The common operations. */
void sip_leg_op_end(struct leg *leg);
void sip_leg_op_free(struct leg *leg);

/** Everything that is still there. */
void sip_legs_forget(struct front_end *s);

/* ---- way.c: where the other end can be reached ---- */

/** Note the way to the other end's Contact: what it registered, or what its message says. */
void sip_way_to_contact(struct sip_leg *l, const char *contact);
void sip_way_to_sender(struct sip_leg *l, const sip_t *sip);

/** The route has failed: take the other one. False when there is none. */
bool sip_way_turn(struct sip_leg *l);

/** Send a BYE, whose fate nobody asks for: by the other way when the first fails. */
void sip_way_bye(struct sip_leg *l);
void sip_byes_forget(struct front_end *s);

/* ---- caller.c ---- */

struct sip_leg_incoming {
	nta_incoming_t *irq;
	const sip_t *sip;
	const char *to; /* AoR */
	const struct sdp_im *offer;
	struct sip_echo *echo; /* taken over with irq */
};

/** The leg of a caller; takes irq over. NULL, and irq is still the caller's, when there is no dialog to be
 *  made of it. */
struct leg *sip_leg_of_caller(struct front_end *s, const struct sip_leg_incoming *in);

/* ---- answer.c: what goes to the caller ---- */

/** 180, or 200 with the session; returns 0 or a negative errno. */
int sip_answer_party(struct sip_leg *l, int status, const struct party *callee);
int sip_answer_refuse(struct sip_leg *l, const struct diag *why);
/** The same session again, to a re-INVITE. */
int sip_answer_again(struct sip_leg *l, nta_incoming_t *irq, const sip_t *sip);

/* ---- dialog.c: requests within the dialog ---- */

/** nta_request_f, with the leg as magic. */
int sip_dialog_on_request(nta_leg_magic_t *magic, nta_leg_t *dialog, nta_incoming_t *irq,
			  const sip_t *sip);

/* ---- messages.c: messages both ways ---- */

void sip_leg_op_say(struct leg *leg, const struct im *im);
void sip_leg_op_said(struct leg *leg, uint64_t im_id, const struct diag *outcome);
void sip_leg_op_typing(struct leg *leg, bool active);
/** Send a message whose fate nobody asks for. */
void sip_leg_send_first_line(struct sip_leg *l);
void sip_leg_on_message(struct sip_leg *l, nta_incoming_t *irq, const sip_t *sip);
void sip_leg_on_info(struct sip_leg *l, nta_incoming_t *irq, const sip_t *sip);
/** Answer theirs that wait, and let go of ours. */
void sip_leg_drop_messages(struct sip_leg *l);
