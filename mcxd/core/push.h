/*
 * Push
 *
 * Pushes to phones whose app is in the background. A push only says that something waits; the message itself
 * always goes over HTTPS. This file decides whether a phone can be pushed, sends one push after another to it (see
 * core/push/queue.h), remembers every push with its answer, and tells the conversation what came of it. When to push is core/delivery's matter.
 */
#pragma once

#include "mcxd/base/list.h"
#include "mcxd/base/random.h"
#include "mcxd/core/core.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/note.h"
#include "mcxd/core/phone.h"

#include <stdint.h>

struct push;
struct user;
typedef void push_test_h(void *magic, const struct push *result);

struct push {
	struct list of_log;
	struct list of_answered; /* in the core's answered_pushes */
	uint64_t id;
	uint64_t conversation;       /* 0: a test */
	uint64_t phone;              /* 0: synthetic */
	char uuid[RANDOM_UUID_SIZE]; /* as the other systems know it; "" in one of an earlier run */
	bool renewed;                /* see struct phone */
	uint64_t withdraws;          /* the push that it takes back; 0: none */
	char *user, *platform, *text;
	char *channel; /* notification URI or device token; NULL: synthetic, or of an earlier run */
	const char *
		state; /* "waiting", "sent"; and at the end "accepted", "refused", "unanswered", "dropped" */
	int sip_status;
	int diag_id;
	char *reason;
	int64_t sent_wall_us, answered_wall_us;
	int64_t sent_us, answered_us; /* lab time, for the latency */
	push_test_h *on_test_done;    /* synthetic */
	void *test_magic;
};

struct push_answer {
	int sip_status; /* 0: none came */
	int diag_id;    /* in ms-diagnostics-public, 0: none */
	const char *reason;
};

/** One of an earlier run at the end of the log, answered, for the caller to fill in; the oldest may have to go. The id must be free. */
struct push *push_restore(struct core *c, uint64_t id);

/** Push a phone that push_obstacle() allows, about the conversation of its leg. text: shown up to push.max_preview; n_tile: the
 *  number on its tile. Returns the push's id. */
uint64_t push_send(struct phone *p, const struct leg *leg, const char *text, unsigned n_tile);

/** Take one back: the toast vanishes, and the tile shows n_tile. The phone must be one that push_obstacle() allows. One that was
 *  refused, or is not known any more, is left alone; one that still waits for another to the same phone is not sent. */
void push_withdraw(struct phone *p, const struct leg *leg, uint64_t push_id, unsigned n_tile);

/** What still waits until another push to the phone has been answered is not sent. */
void push_drop_waiting(struct phone *p, const char *why);

/** NULL: it is not known any more. */
const struct push *push_find(const struct core *c, uint64_t id);

/** From the adapter. The id of a push that no longer waits is fine. */
void push_on_answer(struct core *c, uint64_t push_id, const struct push_answer *answer);

/** Send the synthetic transaction (Test-CsMcxPushNotification), a push without conversation; or, to a phone that
 *  push_obstacle() allows, a push that says that it is a test. p: NULL: no phone. n_tile: the number on its tile. next_hop: SIP URI to send it to instead of
 *  the configured one; may be NULL. done is called with its result. */
void push_test(struct core *c, struct phone *p, unsigned n_tile, const char *next_hop,
	       push_test_h *done, void *magic);

/** Do not call done for the tests with this magic. */
void push_test_withdraw(struct core *c, void *magic);

/** Its key in the journal, "push:42". */
void push_key(char ret[NOTE_KEY_SIZE], uint64_t id);

/** Forget those to this user's phones, also those that wait for an answer; NULL: all. A synthetic one goes on: somebody waits
 *  for its outcome. */
void push_forget(struct core *c, const char *aor);

void push_free_all(struct core *c);
