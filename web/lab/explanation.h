/*
 * Lab API: an explanation in the making
 */
#pragma once

#include "proto/text/mem.h"
#include "web/lab/cause.h"

#include <json-c/json.h>
#include <stdint.h>

struct lab;
struct phone;
struct record;
struct user;

enum finding { FINE, OBSTACLE, ADVICE, NOTE };

struct explanation {
	const struct lab *lab;
	const struct user *user;
	const char *name;          /* what the user is called */
	const struct phone *phone; /* the one that is looked at; NULL: none in particular */
	struct json_object *findings;
	struct json_object *advice; /* about the first obstacle; NULL: there is none */
	const struct phone *blamed; /* whose obstacle that is; NULL: of no phone in particular */
	enum cause cause;
};

/** Add a sentence. */
struct json_object *explain_say(const struct explanation *e, enum finding kind, const char *topic,
				const char *fmt, ...) PRINTF_LIKE(4, 5);

/** Say what to do about an obstacle; without advice: what its cause usually asks for. */
void explain_blame_with(struct explanation *e, enum cause cause, const char *advice);
void explain_blame(struct explanation *e, enum cause cause);

/** A point of time in words; free() it. */
char *explain_moment(int64_t wall_us);

/** The record of the last toast that came to this phone; NULL: none did. */
const struct record *explain_newest_toast(const struct explanation *e, const struct phone *p);

/** What became of the last push to e->phone; without one: of the last push to any phone that has signed out since. */
void explain_last_push(struct explanation *e);
