/*
 * Watch
 *
 * A phone's subscription to the presence of some users, for a while. What a phone does not know yet is marked as news
 * and becomes an event as soon as its queue has room; news of the same kind about the same user that has not been sent
 * is one event, so that a phone that does not ask costs no more than what it watches.
 */
#pragma once

#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/user.h"

#include <stdbool.h>
#include <stdint.h>

struct core;
struct store_row;

enum { WATCH_ID_SIZE = 9 };

/** "presenceSubscription_ref" has the limits of a duration. */
#define WATCH_MIN_MS ((int64_t)10 * 60 * 1000)
#define WATCH_MAX_MS ((int64_t)30 * 60 * 1000)

enum watch_news {
	NEWS_PRESENCE = 1 << 0,
	NEWS_NOTE = 1 << 1,
	NEWS_LOCATION = 1 << 2,
	NEWS_MODALITIES = 1 << 3
};

struct watch {
	struct list of_phone;
	struct phone *phone;
	char id[WATCH_ID_SIZE];
	uint64_t row; /* its number in the store */
	int64_t expires_ms;
	bool warned; /* the phone knows that it ends soon */
	struct loop_timer timer;
	struct list members; /* struct watch_member.of_watch */
};

struct watch_member {
	struct list of_watch;
	struct list of_user; /* in user->presence.watchers */
	struct watch *watch;
	struct user *user;
	unsigned news; /* that the phone's queue had no room for */
};

/** Watch n users. NULL: the phone has too many watches or watched users (core.max_watches, core.max_watched), or its
 *  queue has no room for the events. Users that are named twice count once. */
struct watch *watch_new(struct phone *p, int64_t duration_ms, struct user *const *users, size_t n);

/** Watch more users. False: one of those limits, and then none was added. */
bool watch_add(struct watch *w, struct user *const *users, size_t n);
void watch_remove(struct watch_member *m);

/** Make it last longer, by up to WATCH_MAX_MS from now. */
void watch_extend(struct watch *w, int64_t duration_ms);
void watch_end(struct watch *w);

struct watch *watch_find(const struct phone *p, const char *id);
struct watch_member *watch_find_member(const struct watch *w, const struct user *u);
/** Whether the phone watches the user, in whichever watch. */
bool watch_has(const struct phone *p, const struct user *u);

/** Tell everybody who watches the user, at phones and by the presence port. */
void watch_tell(struct user *u, unsigned news);
/** Tell the user's own phones. */
void watch_tell_self(struct user *u, unsigned news);
/** Queue what the phone's queue could not take before, whenever it has room again. */
void watch_begin(struct phone *p);

/** Save its STORE_WATCH row. */
void watch_save(const struct watch *object);

/** A STORE_WATCH row, after all phones. The phone is told that presences may have changed. False if its phone is unknown,
 *  or its time is over. */
bool watch_restore(struct core *c, const struct store_row *row);

/** The phone is going: drop its watches without a word. */
void watch_drop_all(struct phone *p);
/** The user is going: the phones that watch it are told that the contact is deleted. */
void watch_drop_user(struct user *u);
