/*
 * Clients that send messages outside a dialog, and Bob's phone.
 */
#pragma once

#include "front_end_fixture.h"

#include "mcxd/core/event.h"
#include "tests/loop/raw.h"

enum { IDLE_MS = 600000, WAIT_MS = 500 };

int pager_setup(void **state);

struct page {
	const char *from, *to; /* NULL: alice, bob */
	const char *headers;   /* further lines */
	const char *type;      /* NULL: text/plain */
	const char *body;
};

void page(struct raw *r, const struct page *p);
/** A text from Alice to Bob. */
void say(struct raw *r, const char *text);

/** A client of this user, at a connection of its own. */
void client(struct front_end_fixture *f, struct raw *r, const char *user);

void expect_body(const char *message, const char *body);

/** Take a MESSAGE, check its text, and answer. */
void take(struct raw *r, const char *body, const char *status);

/** The conversation that the phone was invited to last. */
uint64_t conversation_of(struct front_end_fixture *f);
void phone_says(struct front_end_fixture *f, uint64_t conversation, const char *text);
const struct event *wait_event(struct front_end_fixture *f, enum event_kind kind);

/** The texts of the messages in the queue, each followed by "; ". */
void expect_texts(struct front_end_fixture *f, const char *expected);

void no_conversation(struct front_end_fixture *f);
