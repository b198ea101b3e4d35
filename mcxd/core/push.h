/*
 * Push
 *
 * Notices to phones whose app is not in the foreground. A notice only says that something waits;
 * the message itself always goes over HTTPS.
 */
#pragma once

#include "mcxd/core/phone.h"

struct conversation;
struct push;
typedef void push_test_h(void *magic, const struct push *result);

struct push {
	struct list of_log;
	uint64_t id;
	uint64_t conversation; /* 0: synthetic */
	uint64_t phone;
	char *user, *platform, *text;
	const char *state; /* "sent", "accepted", "refused", "unanswered" */
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
	int diag_id;    /* of ms-diagnostics-public, 0: none */
	const char *reason;
};

/** Why a phone is not pushed, in the words of the 408's info; NULL when it can be. */
const char *push_obstacle(const struct phone *p);

/** Send one. Returns its id, 0 when push_obstacle() says so. */
uint64_t push_send(struct phone *p, const struct conversation *v, const char *text);

/** From the adapter. An id that is not waiting any more is fine. */
void push_on_answer(struct core *c, uint64_t push_id, const struct push_answer *answer);

/** The synthetic transaction (Test-CsMcxPushNotification): a notice of no conversation. next_hop: a
 * SIP URI to send it to in place of the usual one; may be NULL. done is called with its end. */
void push_test(struct core *c, const char *next_hop, push_test_h *done, void *magic);

/** Whoever asked for this test is gone: done is not called. */
void push_test_withdraw(struct core *c, void *magic);

/** Free all of them. */
void pushes_forget(struct core *c);
