/*
 * Guesses
 *
 * What a wrong password costs: time. Of each pair of user name and client address, one password is checked at a time,
 * and after a wrong one nothing is checked or answered for a delay, which doubles with each further one. So it does
 * not help to send many at once, or to hang up and try again; and a sign-in of this user from another address does not
 * wait. All ways to sign in share it.
 *
 * Memory is limited, and an attacker cannot have his own guesses forgotten by making up names: beyond a number of
 * names, all further ones from his address count as one.
 */
#pragma once

#include "mcxd/base/list.h"

#include <stdint.h>

struct guesses;
struct loop;
struct metrics;

struct guess_config {
	int64_t delay_ms; /* after the first wrong password; 0: none ever */
	int64_t max_delay_ms;
	int64_t forget_ms;   /* after the last wrong password */
	int64_t max_waiting; /* requests of a pair */
	int64_t max_names;   /* of an address */
	int64_t max_pairs;
};

struct guess_pair;

/** A request that waits for its turn, or to be told that its password was wrong. */
struct guess_wait {
	struct list of_pair;
	struct guess_pair *pair; /* NULL: it does not wait */
	void (*on_turn)(void *magic);
	void *magic;
};

#define GUESS_CONFIG_DEFAULT                                                                       \
	((struct guess_config){ .delay_ms = 1000,                                                  \
				.max_delay_ms = 30000,                                             \
				.forget_ms = 600000,                                               \
				.max_waiting = 8,                                                  \
				.max_names = 100,                                                  \
				.max_pairs = 100000 })

/** metrics may be NULL. */
struct guesses *guesses_new(struct loop *l, const struct guess_config *config,
			    struct metrics *metrics);
struct guesses *guesses_free(struct guesses *g); /* nothing may wait; NULL is fine */

/* To all of these NULL is a place where wrong passwords cost nothing. */

enum guess_turn { GUESS_NOW, GUESS_LATER, GUESS_TOO_MANY };

/** Ask to check a password. name: the user's AoR, or what the client gave if there is no such user. host: the client's, as text.
 *  After GUESS_LATER, on_turn is called when it may be checked, unless guess_cancel() comes first. After
 *  GUESS_TOO_MANY, *ret_ms is when to try again. */
enum guess_turn guess_ask(struct guesses *g, const char *name, const char *host,
			  struct guess_wait *wait, int64_t *ret_ms);

/** It was wrong. Returns GUESS_NOW: say so at once; or GUESS_LATER: when on_turn is called, unless
 *  guess_cancel() comes first. */
enum guess_turn guess_wrong(struct guesses *g, const char *name, const char *host,
			    struct guess_wait *wait);

/** It was right: earlier wrong ones of this name are forgotten. */
void guess_right(struct guesses *g, const char *name, const char *host);

/** The client has hung up; one that does not wait is fine. */
void guess_cancel(struct guess_wait *wait);
