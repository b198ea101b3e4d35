/*
 * Lab API: drills
 *
 * A drill breaks one joint between an invitation and a toast, plays the story of an invitation with actors of its own, and
 * checks what the sender sees, what the trace shows and what the explanation says. What is broken and what has to be seen is
 * data: a row a drill.
 */
#pragma once

#include "mcxd/base/fault.h"
#include "web/lab/cause.h"

#include <stdbool.h>
#include <stddef.h>

/** What a drill does besides a fault and settings. */
enum drill_trick {
	TRICK_NONE,
	TRICK_UNSUBSCRIBE, /* the phone's push subscription is over */
	TRICK_OPEN,        /* the app stays open */
	TRICK_NO_PUSH,     /* pushes are forbidden for the user */
	TRICK_NO_MOBILITY, /* mobility is, before the phone signs in */
	TRICK_STRANGER,    /* the invitation is to nobody */
	TRICK_DECLINE,     /* the app is open, and declines */
	TRICK_APPLE,       /* the phone is an iPhone */
	TRICK_OFFLINE,     /* the phone loses its network */
	TRICK_QUIET,       /* the phone's user wants no toasts */
	TRICK_BAD_TOKEN /* the phone is an iPhone whose device token the push service does not know */
};

enum { DRILL_SETTINGS = 3 };

struct drill {
	const char *name;
	const char *title; /* a sentence without its full stop */
	struct fault_rule fault;
	struct {
		const char *name, *value; /* of "@LISTENER": the SIP URI of that listener */
	} settings[DRILL_SETTINGS];
	const char *said;  /* with what ends the sender's INVITE; NULL: nothing in particular */
	const char *trace; /* part of a hop of the push, or of why there is none; NULL: neither */
	int status;        /* what ends the sender's INVITE */
	enum cause cause;  /* what the explanation names */
	enum drill_trick trick;
	bool breaks;        /* fault is set, for the drill's own user */
	bool foreign_house; /* the clearing house is as one of somebody else: see struct lab_args */
};

extern const struct drill drills[];
extern const size_t n_drills;

/** NULL: there is none of this name. */
const struct drill *drill_find(const char *name);
