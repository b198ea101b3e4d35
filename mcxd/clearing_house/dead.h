/*
 * Clearing house: dead channels
 *
 * Channels of which a push service has said that they are gone. They are remembered for a while, so that pushes to them are
 * answered here: a push service counts those who keep asking, and may ban them. Not for ever: a phone that subscribes again
 * may get the same token from Apple.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dead;

struct dead_limits {
	int64_t max; /* channels; with more, the oldest are forgotten. 0: none is remembered */
	int64_t memory_ms; /* how long */
};

/** The limits may change meanwhile. */
struct dead *dead_new(const struct dead_limits *limits);
struct dead *dead_free(struct dead *d); /* NULL is fine */

/** Remember a channel, and whose phone it was (NULL: unknown); one that is remembered already, from now on. */
void dead_add(struct dead *d, const char *channel, const char *user, int64_t now_ms);
bool dead_has(struct dead *d, const char *channel, int64_t now_ms);
/** How many are remembered. */
size_t dead_count(const struct dead *d);
/** Forget one: its phone has subscribed again. One that is not remembered is fine. */
void dead_revive(struct dead *d, const char *channel);
/** Forget those of a user's phones; NULL: all. */
void dead_forget(struct dead *d, const char *user);
