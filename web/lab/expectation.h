/*
 * Expectation
 *
 * What a test says that the journal has, or is going to have: so many records that meet some conditions, and after them
 * others, in this order.
 */
#pragma once

#include "proto/text/text.h"
#include "web/lab/match.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct core;
struct journal;

enum { EXPECTATION_MAX_STEPS = 8, EXPECTATION_MAX_RECORDS = 1000 };

struct expectation_step {
	struct match match;
	size_t count; /* of records, at least */
	size_t n_found;
};

struct expectation {
	struct expectation_step *steps;
	size_t n_steps;
	size_t step;   /* that is looked for; n_steps: all are found */
	uint64_t from; /* number of the first record that counts */
	uint64_t next; /* number of the next record to look at */
	uint64_t *found;
	size_t n_found;
	const struct core *core; /* whose users can be named without their domain; NULL: nobody's */
	bool is_local;           /* of the client: see lab_is_local() */
};

/** Members of a JSON object that say what is expected; others of the same object are the caller's. */
enum {
	EXPECT_KIND,
	EXPECT_USER,
	EXPECT_KEY,
	EXPECT_HOP,
	EXPECT_PHONE,
	EXPECT_BODY,
	EXPECT_CONVERSATION,
	EXPECT_FIELDS,
	EXPECT_HEADERS,
	EXPECT_COUNT,
	EXPECT_ORDER,
	EXPECT_FROM,
	N_EXPECT
};

struct lab_member;

/** Fill in the first N_EXPECT rows of a table for lab_body(). */
void expectation_members(struct lab_member *members);

/** Read them. Conditions beside "order" hold for each of its steps. Returns 0, or -EINVAL with a sentence in why. */
int expectation_read(struct expectation *e, const struct lab_member *members, struct text *why);
void expectation_deinit(struct expectation *e);

/** Look at new records. Returns whether all that is expected is found. */
bool expectation_feed(struct expectation *e, const struct journal *j);

/** The records that are found. */
struct json_object *expectation_found(const struct expectation *e, const struct journal *j);

/** What comes closest to the step that is looked for, best first: [{differs: [sentence…], record}]. In why a sentence about
 *  it. */
struct json_object *expectation_closest(const struct expectation *e, const struct journal *j,
					struct text *why);
