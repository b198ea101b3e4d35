/*
 * Core fixture
 *
 * A core with fake ports, the demo's users, and callers that write down what they are told.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mcxd/core/binding.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/core.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/metrics.h"
#include "mcxd/core/missed.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_leg.h"
#include "mcxd/core/push.h"
#include "mcxd/store/store.h"
#include "proto/text/text.h"

/** A leg of the test's own, caller or SIP callee. What it is told is one word each in said. */
struct fake_leg {
	struct leg leg;
	struct text told;
	bool *freed;
	uint64_t im_id;
	int refused_with;
	char info[200];
	bool took_first_line;
};

struct fixture {
	struct loop *loop;
	struct core_config config;
	struct store *store;
	struct core *core;
	struct user *alice, *bob;
	uint64_t woken[64]; /* poll ids, by order of wake */
	size_t n_woken;
	struct text pushes; /* a line each: "id user<-from text missed" */
	uint64_t last_push;
	struct fake_leg *dialled; /* the legs that the dial port made */
	bool freed;
};

int fixture_setup(void **state);
int fixture_teardown(void **state);

/** Run what is posted. */
void fixture_settle(struct fixture *f);
/** Move the clock, and run what comes of it. */
void fixture_advance(struct fixture *f, int64_t ms);

/** A phone that is signed in and available. */
struct phone *fixture_phone(struct fixture *f, struct user *u, const char *endpoint_id);
void fixture_subscribe(struct phone *p);

/** Alice's leg invites Bob; returns the leg. */
struct fake_leg *fixture_invite(struct fixture *f, const char *first_line, uint64_t *ret_id);
struct fake_leg *fake_leg_new(void);

/** Take and acknowledge a packet: the events' names with a blank behind each. */
void fixture_events(struct fixture *f, struct phone *p, struct text *ret);
