/*
 * Core fixture
 *
 * A core with fake ports, Alice and Bob, and legs that record what they are asked to do.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mcxd/core/core.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/user.h"
#include "proto/text/text.h"

struct loop;
struct store;

/** A leg of the test's own, a caller's or a SIP contact's. */
struct fake_leg {
	struct leg leg;
	struct text told; /* the operations that were called, as "ring(agent) answer(aor) " */
	uint64_t im_id;   /* of the last message that it was asked to say */
	char info[200];   /* of the refusal */
};

struct fixture {
	struct loop *loop;
	struct core_config config;
	struct store *store;
	struct core *core;
	struct user *alice, *bob;
	uint64_t woken[64]; /* poll ids, by the order in which they were woken */
	size_t n_woken;
	struct text
		pushes; /* a line each: "user<-from text tile", with what else it says in brackets */
	struct {
		char epid[16];
		unsigned tile;
		char toasts[8][40]; /* their UUIDs; "": none */
	} screens[4];               /* of phones, as pushes have left them */
	uint64_t last_push;
	uint64_t unanswered[32]; /* pushes that have left */
	size_t n_unanswered;
	bool takes_pushes;        /* fixture_settle() answers them */
	struct fake_leg *dialled; /* the leg that the dial port made last */
};

int fixture_setup(void **state);
int fixture_teardown(void **state);

/** What the phone's tile shows, and how many toasts. */
unsigned fixture_tile(const struct fixture *f, const struct phone *p);
unsigned fixture_toasts(const struct fixture *f, const struct phone *p);

/** The clearing house takes all pushes that have left, and those that leave thereupon. */
void fixture_answer_pushes(struct fixture *f);

/** Run what is posted. */
void fixture_settle(struct fixture *f);
/** Move the clock, and run what is due then. */
void fixture_advance(struct fixture *f, int64_t ms);

/** A phone that is signed in and available. */
struct phone *fixture_phone(struct fixture *f, struct user *u, const char *endpoint_id);
void fixture_subscribe(struct phone *p);

/** A contact of Bob's; the leg that dials it is f->dialled. */
void fixture_register(struct fixture *f, const char *uri);

/** Alice's leg invites Bob; returns the leg. */
struct fake_leg *fixture_invite(struct fixture *f, const char *first_line, uint64_t *ret_id);
struct fake_leg *fake_leg_new(void);

/** Take and acknowledge a packet: the events' names, each followed by a space. */
void fixture_events(struct fixture *f, struct phone *p, struct text *ret);
