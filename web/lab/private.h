/*
 * Lab API, what its files share
 */
#pragma once

#include "mcxd/base/list.h"
#include "web/lab/json.h"
#include "web/lab/lab.h"

struct lab {
	struct loop *loop;
	struct core *core;
	struct journal *journal;
	struct metrics *metrics;
	const struct lab_config *config;
	void (*info)(void *magic, struct lab_info *ret_info);
	void *magic;
	struct http *http;
	struct journal_listener *listener;
	uint64_t journal_post; /* of lab_on_journal(), 0: none under way */
	int64_t began_real_ms;
	struct list waits;     /* struct lab_wait.of_lab, each with a parked request */
	struct list followers; /* struct lab_follower.of_lab, each with a stream */
	struct list moves;     /* struct lab_move.of_lab */
	struct list tests;     /* struct lab_test.of_lab */
	int64_t n_waiting;     /* waits, moves and tests */
	int64_t n_followers;
};

/* lab.c */
struct lab_info lab_get_info(struct lab *l);
/** One more request that is answered later? Answers 429 and returns false when there are too many.
 */
bool lab_may_wait(struct lab *l, struct http_request *r);
/** True when something is recorded; otherwise 409 has been answered. */
bool lab_has_journal(const struct lab *l, struct http_request *r);
/** The core, or NULL when there is none: 404 has been answered then. */
struct core *lab_core(struct lab *l, struct http_request *r);

/* status.c */
http_h lab_get_status, lab_get_metrics, lab_get_fsm;

/* user.c */
http_h lab_get_users, lab_post_users, lab_delete_user, lab_get_endpoints;

/* conversation.c */
http_h lab_get_conversations, lab_get_conversation, lab_get_story, lab_get_pushes;

/* journal.c */
http_h lab_get_journal;
void lab_followers_feed(struct lab *l);
void lab_followers_free(struct lab *l);

/* wait.c */
http_h lab_post_wait;
void lab_waits_feed(struct lab *l);
void lab_waits_free(struct lab *l);

/* clock.c */
http_h lab_get_clock, lab_post_advance;
struct json_object *lab_clock(struct lab *l);
void lab_moves_free(struct lab *l);

/* test_push.c */
http_h lab_post_test_push;
void lab_tests_free(struct lab *l);
