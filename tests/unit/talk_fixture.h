/*
 * Talk fixture
 *
 * Bob's phone in a conversation with Alice, and a store that completes when the test says so.
 */
#pragma once

#include "tests/unit/core_fixture.h"

#include "proto/text/text.h"

#include <stdbool.h>
#include <stdint.h>

struct phone;

struct talk {
	struct fixture *f;
	struct phone *phone;
	struct fake_leg *alice;
	uint64_t conversation;
	uint64_t poll_id;
};

/** The state is a struct talk. */
int talk_setup(void **state);
int talk_teardown(void **state);

/** Sign Bob's phone in, and have it accept an invitation of Alice's; the packet with that has been taken. */
void talk_connect(struct talk *t);
/** Alice says something. It is stored only after talk_complete(). */
void talk_say(struct talk *t, uint64_t id, const char *words);
/** Everything that waits for the store goes on. */
void talk_complete(struct fixture *f);
/** Whether the store refuses what it is given from here on. */
void talk_fail_to_store(bool fails);

/** Ask for a packet; the request is left open. */
void talk_ask(struct talk *t, uint64_t packet);
bool talk_is_woken(const struct talk *t);
/** What is in the packet that has been announced; returns its number. */
uint64_t talk_take(struct talk *t, struct text *ret);

/** The process ends, and another one begins. */
void talk_restart(struct talk *t);
