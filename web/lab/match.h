/*
 * Match
 *
 * What a wait asks for: conditions on journal records, and how close a record came.
 */
#pragma once

#include "mcxd/base/journal.h"
#include "proto/record.h"
#include "proto/text/text.h"

#include <regex.h>

enum { MATCH_MAX_TERMS = RECORD_MAX_FIELDS + 3, MATCH_MAX_PATTERN = 256 };

enum match_what {
	MATCH_KIND,         /* of the record */
	MATCH_USER,         /* record_is_about() */
	MATCH_KEY,          /* record_has_key() */
	MATCH_FIELD,        /* record_value() */
	MATCH_FIELD_PATTERN /* the same, with a regular expression */
};

struct match_term {
	enum match_what what;
	char *name;
	char *value; /* a string, or the text of the pattern */
	regex_t pattern;
};

struct match {
	struct match_term terms[MATCH_MAX_TERMS];
	size_t n_terms;
};

void match_deinit(struct match *m);

/** Add a condition; name is for people unless it is that of a field. A pattern is a POSIX extended
 *  regular expression, searched for, without the two constructs that cost without bounds:
 *  back-references and counts in braces. Returns 0, or -EINVAL with a sentence in why. */
int match_add(struct match *m, enum match_what what, const char *name, const char *value,
	      struct text *why);

bool match_record(const struct match *m, const struct record *r);

/** How much of it fits: the kind counts more than all the rest, and of as many conditions those that come
 *  first. 0: nothing does. */
unsigned match_score(const struct match *m, const struct record *r);

/** For every condition that does not fit, a sentence such as: record 41 has status "180", not
 * "200". The handler is called once for each. */
void match_explain(const struct match *m, const struct record *r,
		   void (*on_sentence)(void *magic, const char *sentence), void *magic);
