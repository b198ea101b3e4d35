/*
 * Presence
 *
 * How willing and able a user is to communicate. It is what the user has set, as long as an endpoint is signed in, and
 * otherwise what the endpoints make of it:
 *
 *   no endpoint                      Offline
 *   set to anything but Online       that; Busy becomes IdleBusy while the user is inactive
 *   a SIP client                     Online: nothing tells whether the user sits in front of it
 *   a phone whose user is active     Online; reporting it, talking and setting something are activity
 *   inactive                         IdleOnline after core.inactive_timeout, Away after that time once more
 *
 * This is the only place that knows it; the HTTPS side reads and sets it here, and who watches a user is told through
 * core/watch.h.
 */
#pragma once

#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"

#include <stdbool.h>
#include <stdint.h>

struct core;
struct phone;
struct store_row;
struct user;

enum availability {
	AVAILABILITY_OFFLINE,
	AVAILABILITY_ONLINE,
	AVAILABILITY_BUSY,
	AVAILABILITY_DO_NOT_DISTURB,
	AVAILABILITY_BE_RIGHT_BACK,
	AVAILABILITY_AWAY,
	AVAILABILITY_OFF_WORK, /* only as what is set */
	AVAILABILITY_IDLE_ONLINE,
	AVAILABILITY_IDLE_BUSY,
	N_AVAILABILITIES
};

enum presence_device { DEVICE_UNKNOWN, DEVICE_PHONE, DEVICE_WEB, DEVICE_PC };

/** What a user consists of in this respect; embedded in struct user. */
struct presence {
	bool is_set;
	enum availability set;
	char *note, *location; /* NULL: none */
	int64_t active_ms;     /* lab time of the last sign of activity; 0: none yet */
	int64_t active_wall_us;
	enum availability told; /* what watchers know */
	bool told_messaging;
	uint64_t row; /* its number in the store; 0: nothing is stored */
	struct loop_timer idle;
	struct list watchers; /* struct watch_member.of_user */
};

struct presence_view {
	enum availability availability;
	const char *activity; /* one of the well-known words; NULL: none */
	enum presence_device device;
	int64_t active_wall_us; /* 0: never seen */
	bool messaging;         /* can be sent messages */
};

/** What it is at this moment. */
void presence_view(const struct user *u, struct presence_view *ret);

/** The user sets it; -1 takes back what was set. */
void presence_set(struct user *u, int availability);
/** What was set is taken back without the user's doing: that is no sign of activity. */
void presence_take_back(struct user *u);
/** "" or NULL: none. */
void presence_set_note(struct user *u, const char *note);
void presence_set_location(struct user *u, const char *location);

/** A sign of activity. */
void presence_touch(struct user *u);

/** An endpoint has come or gone, or time has passed: tell the watchers if that changes anything. */
void presence_refresh(struct user *u);

/** An endpoint has come back from the store; watchers are not told. */
void presence_restore(struct user *u);
/** Save what the user has set as a STORE_PRESENCE row, or remove that row. */
void presence_save(struct user *object);

/** A STORE_PRESENCE row, after all endpoints. False if its user is unknown. */
bool presence_restore_row(struct core *c, const struct store_row *row);

/** The phone is available from now on: it learns its own user's presence, and the watchers may, too. */
void presence_join(struct phone *p);

/** The phone takes something else from now on: it is told itself, and so are the watchers. */
void presence_tell_media(struct phone *p);

/** Forget what the user has set, and when the user was seen. */
void presence_clear(struct user *u);

/** The user is being removed. */
void presence_free(struct user *u);

/** UCWA's word for it ("Online"), and back; -1: none. */
const char *presence_word(enum availability a);
int presence_of_word(const char *word);
