/*
 * Match
 *
 * Conditions on a journal record, and how close a record comes to them. What is asked for that no record could have
 * (a kind that does not exist, a field that the kind does not have) is an error, not something that never matches.
 */
#pragma once

#include "proto/record.h"
#include "proto/text/text.h"

#include <regex.h>

enum { MATCH_MAX_TERMS = RECORD_MAX_FIELDS + 12, MATCH_MAX_PATTERN = 256 };

enum match_what {
	MATCH_KIND,         /* of the record */
	MATCH_USER,         /* record_is_about() */
	MATCH_KEY,          /* record_has_key() */
	MATCH_CONVERSATION, /* its number */
	MATCH_HOP,          /* record_is_at() */
	MATCH_SINCE,        /* recorded at this moment or later, by the lab's calendar */
	MATCH_BODY,         /* of a SIP message or HTTP request: contains the value */
	MATCH_FIELD,        /* record_value() */
	MATCH_HEADER        /* one of this name in a SIP message */
};

struct match_condition {
	enum match_what what;
	const char *name; /* of the field or header; otherwise only used in sentences */
	const char *value;
	/** The value is a POSIX extended regular expression that has to match anywhere in the field's or header's;
	 *  back-references and counts in braces, whose cost has no bound, are refused. */
	bool is_pattern;
};

struct match_term {
	enum match_what what;
	bool is_pattern;
	char *name;
	char *value;
	int64_t number; /* of conversation; of since */
	regex_t pattern;
};

struct match {
	struct match_term terms[MATCH_MAX_TERMS];
	size_t n_terms;
};

void match_deinit(struct match *m);

/** Add a condition. Returns 0, or -EINVAL with a sentence in why. */
int match_add(struct match *m, const struct match_condition *c, struct text *why);

/** Whether a record could meet all conditions: its kind has what they ask for. If not, a sentence in why. */
bool match_is_possible(const struct match *m, struct text *why);

bool match_record(const struct match *m, const struct record *r);

/** How well it fits; 0: not at all. The kind counts more than all other conditions together; with the same
 *  number of conditions met, the record that meets the first ones wins. */
unsigned match_score(const struct match *m, const struct record *r);

/** Call on_sentence for every condition that is not met, with a sentence such as: record 41 has status
 *  "180", not "200". */
void match_explain(const struct match *m, const struct record *r,
		   void (*on_sentence)(void *magic, const char *sentence), void *magic);
