/*
 * Lab API: a play
 *
 * Something that hosted actors do step by step while a request waits for what came of it. A step begins, and is over when
 * what it waits for has happened; each record of the journal is an occasion to look. Whatever becomes of the steps, what
 * the play has changed is put back and its actors sign out before the request is answered. There is one play at a time.
 */
#pragma once

#include "mcxd/base/loop.h"
#include "proto/text/text.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct actor;
struct http_request;
struct lab;
struct play;

enum { PLAY_ACTORS = 2 };

struct play_step {
	const char *what; /* "Bob's phone signs in" */
	/** Returns false, with a sentence in play->why, if it cannot begin. */
	bool (*begin)(struct play *p);
	/** Whether it is over. NULL: it is as soon as it has begun. A sentence in play->why ends the play. */
	bool (*is_over)(struct play *p);
};

struct play_kind {
	const struct play_step *steps;
	size_t n_steps;
	/** Put back what the steps have changed, before the actors sign out. */
	void (*mend)(struct play *p);
	/** The actors are gone: put back the rest, and return the answer. */
	struct json_object *(*finish)(struct play *p);
	void (*free)(struct play *p);
};

struct play {
	struct lab *lab;
	const struct play_kind *kind;
	uint64_t parked; /* the request that waits; 0: its client is gone */
	size_t step;
	bool began, is_ending;
	struct loop_timer deadline;
	uint64_t actors[PLAY_ACTORS]; /* their numbers; 0: none */
	int64_t began_ms;             /* real time */
	struct text why;              /* what went wrong; "": nothing */
};

/** Begin it, and answer the request later. It is freed by its kind at the end. False, and the request has been answered, if
 *  another one is played. */
bool play_start(struct play *p, struct lab *l, const struct play_kind *kind,
		struct http_request *r);

#define PLAY_IPHONE      "iphone"
#define PLAY_QUIET_PHONE "quiet phone" /* whose user wants no toasts */

/** Host an actor of this kind, or one of these phones, for the play and let it sign in. False, with a sentence in why. */
bool play_cast(struct play *p, size_t i, const char *kind, const char *user, const char *name);

/** NULL: it is gone. */
struct actor *play_actor(const struct play *p, size_t i);

/** Something has happened. NULL is fine. */
void lab_play_feed(struct lab *l);
/** Its actors are gone, and so is everything else. */
void lab_play_reset(struct lab *l);
void lab_play_free(struct lab *l);
