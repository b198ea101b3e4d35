/*
 * Match
 *
 * The conditions of a wait on journal records, and how close a record comes to them.
 */
#pragma once

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

/** Add a condition; name is the field's, otherwise only used in sentences. A pattern is a POSIX extended
 *  regular expression that has to match anywhere in the value; back-references and counts in braces,
 *  whose cost has no bound, are refused. Returns 0, or -EINVAL with a sentence in why. */
int match_add(struct match *m, enum match_what what, const char *name, const char *value,
	      struct text *why);

bool match_record(const struct match *m, const struct record *r);

/** How well it fits; 0: not at all. The kind counts more than all other conditions together; with the same
 *  number of conditions met, the record that meets the first ones wins. */
unsigned match_score(const struct match *m, const struct record *r);

/** Call on_sentence for every condition that is not met, with a sentence such as: record 41 has status
 *  "180", not "200". */
void match_explain(const struct match *m, const struct record *r,
		   void (*on_sentence)(void *magic, const char *sentence), void *magic);
