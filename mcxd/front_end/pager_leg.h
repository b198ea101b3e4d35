/*
 * Pager leg
 *
 * A leg without a dialog: the other end is a client that sends and takes messages one by one (RFC 3428) and knows no sessions of
 * instant messages. It begins with a message from such a client (front_end/pager_caller), or with an invitation to one
 * (front_end/pager_callee). What the client says reaches the leg by the addresses of the two ends; the conversation ends when
 * neither has said anything for a while.
 */
#pragma once

#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/core/leg.h"
#include "mcxd/front_end/private.h"
#include "proto/diag.h"

#include <stdbool.h>
#include <stdint.h>

struct im;
struct pager_request;
struct sip_im_body;
struct store_row;

struct pager_leg {
	struct leg leg;
	struct list of_front_end;
	struct front_end *front_end;
	char *self, *self_name, *peer, *peer_name;
	char *route;         /* where the client's last message came from; NULL: none has come */
	uint64_t binding;    /* of the client, as far as that is known */
	char *key;           /* in front_end.pagers */
	struct list waiting; /* struct pager_request, until core reports */
	struct list sending; /* struct said */
	struct loop_timer idle;
	char *stored; /* the identities of the newest of them, each with a space; may be NULL */
	char *known;  /* the same as it was at the restart */
	uint64_t last_im;
	uint64_t n_stored;          /* of the client's messages */
	uint64_t post;              /* of what an operation must not report itself */
	struct loop_timer deadline; /* callee's: then nobody else has answered */
	bool has_taken;             /* callee's: the client has the first line */
};

static inline struct pager_leg *pager_leg_of(struct leg *leg)
{
	return LIST_ENTRY(leg, struct pager_leg, leg);
}

struct pager_leg *pager_leg_new(struct front_end *s, const struct leg_ops *ops);

/** After a restart, from a STORE_PAGER row. NULL if it is not sound. */
struct leg *pager_leg_restore(struct front_end *s, const struct store_row *row,
			      const struct leg_ops *ops);

/** From now on what the peer says to self goes there; and from now on it does not. */
void pager_leg_enter(struct pager_leg *l);
void pager_leg_leave(struct pager_leg *l);

/** The leg of a conversation that goes on between these two, or NULL. */
struct pager_leg *pager_leg_find(const struct front_end *s, const char *self, const char *peer);

/** The client says something more, which came from this route. The leg has one part of r from now on. */
void pager_leg_hear(struct pager_leg *l, const char *route, const struct sip_im_body *body,
		    struct pager_request *r);

/** A client's message has come from there. */
void pager_leg_set_route(struct pager_leg *l, const char *route);

/** r waits for the outcome of this message; the one that does. */
void pager_leg_wait_for(struct pager_leg *l, struct pager_request *r, uint64_t im);
struct pager_request *pager_leg_waiting(const struct pager_leg *l, uint64_t im);
void pager_leg_refuse_waiting(struct pager_leg *l, const struct diag *why);

/** This message of the client's is stored. */
void pager_leg_stored(struct pager_leg *l, uint64_t im);

/** It is given to the store, with the leg. */
void pager_leg_storing(struct pager_leg *l, const struct pager_request *r);

/** Whether it was stored before the restart, and only the answer is missing. */
bool pager_leg_knows(const struct pager_leg *l, const struct pager_request *r);

/** Whether the client has been told of a message that it is stored. */
bool pager_leg_has_promised(const struct pager_leg *l);

/** A callee's: its client answers the invitation. */
void pager_leg_come_in(struct pager_leg *l);

/** Something was said. */
void pager_leg_touch(struct pager_leg *l);

typedef void pager_said_h(struct pager_leg *l, uint64_t id, const struct diag *outcome);

/** Say it to the client. False if that is not possible; else then is called, from the loop. */
bool pager_leg_send(struct pager_leg *l, const struct im *im, pager_said_h *then);

/* Operations (core/leg.h). */
void pager_leg_op_say(struct leg *leg, const struct im *im);
void pager_leg_op_said(struct leg *leg, uint64_t im_id, const struct diag *outcome);
void pager_leg_op_storing(struct leg *leg, uint64_t im_id);
void pager_leg_op_acknowledged(struct leg *leg, uint64_t im_id);
void pager_leg_op_typing(struct leg *leg, bool active);
void pager_leg_op_end(struct leg *leg);
void pager_leg_op_save(struct leg *leg);
void pager_leg_op_free(struct leg *leg);

/** Those that callers and callees have in common. */
#define PAGER_LEG_OPS                                                                              \
	.name = "pager", .storing = pager_leg_op_storing, .say = pager_leg_op_say,                 \
	.said = pager_leg_op_said, .acknowledged = pager_leg_op_acknowledged,                      \
	.typing = pager_leg_op_typing, .end = pager_leg_op_end, .save = pager_leg_op_save,         \
	.free = pager_leg_op_free
