/*
 * Match
 */
#include "web/lab/match.h"

#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <inttypes.h>

enum { MAX_SCORE = MATCH_MAX_TERMS + 1 };

/* Patterns are for fields, not for whole messages: longer values are not searched. */
#define MATCH_MAX_VALUE 4096

void match_deinit(struct match *m)
{
	for (size_t i = 0; i < m->n_terms; i++) {
		free(m->terms[i].name);
		free(m->terms[i].value);
		if (m->terms[i].what == MATCH_FIELD_PATTERN)
			regfree(&m->terms[i].pattern);
	}
	m->n_terms = 0;
}

/* The end of a bracket expression that starts at p. */
static const char *skip_bracket(const char *p)
{
	p++;
	if (*p == '^')
		p++;
	if (*p == ']')
		p++;
	while (*p && *p != ']')
		p++;
	return *p ? p + 1 : p;
}

static bool pattern_is_bounded(const char *p)
{
	while (*p) {
		if (*p == '{' || (*p == '\\' && p[1] >= '0' && p[1] <= '9'))
			return false;
		if (*p == '[')
			p = skip_bracket(p);
		else
			p += *p == '\\' && p[1] ? 2 : 1;
	}
	return true;
}

static int compile(regex_t *pattern, const char *value, struct text *why)
{
	char error[128];
	int code;

	if (strlen(value) > MATCH_MAX_PATTERN) {
		text_addf(why, "A pattern must not be longer than %d characters.",
			  MATCH_MAX_PATTERN);
		return -EINVAL;
	}
	if (!pattern_is_bounded(value)) {
		text_addf(why,
			  "The pattern \"%s\" must not have back-references or counts in braces.",
			  value);
		return -EINVAL;
	}
	code = regcomp(pattern, value, REG_EXTENDED | REG_NOSUB);
	if (!code)
		return 0;
	regerror(code, pattern, error, sizeof(error));
	text_addf(why, "Invalid regular expression \"%s\": %s.", value, error);
	return -EINVAL;
}

int match_add(struct match *m, enum match_what what, const char *name, const char *value,
	      struct text *why)
{
	struct match_term *t = &m->terms[m->n_terms];
	int err;

	if (m->n_terms == MATCH_MAX_TERMS) {
		text_addf(why, "There must not be more than %d conditions.", MATCH_MAX_TERMS);
		return -EINVAL;
	}
	if (what == MATCH_FIELD_PATTERN) {
		err = compile(&t->pattern, value, why);
		if (err)
			return err;
	}
	t->what = what;
	t->name = mem_strdup(name);
	t->value = mem_strdup(value);
	m->n_terms++;
	return 0;
}

/* The value that the condition is about; NULL if the record has none. */
static const char *term_value(const struct match_term *t, const struct record *r)
{
	switch (t->what) {
	case MATCH_KIND: return r->kind;
	case MATCH_USER:
	case MATCH_KEY: return r->key;
	case MATCH_FIELD:
	case MATCH_FIELD_PATTERN: break;
	}
	return record_value(r, t->name);
}

static bool term_fits(const struct match_term *t, const struct record *r)
{
	const char *value = term_value(t, r);

	if (t->what == MATCH_USER)
		return record_is_about(r, t->value);
	if (t->what == MATCH_KEY)
		return record_has_key(r, t->value);
	if (!value)
		return false;
	if (t->what != MATCH_FIELD_PATTERN)
		return strcmp(value, t->value) == 0;
	return strlen(value) <= MATCH_MAX_VALUE && regexec(&t->pattern, value, 0, NULL, 0) == 0;
}

bool match_record(const struct match *m, const struct record *r)
{
	for (size_t i = 0; i < m->n_terms; i++) {
		if (!term_fits(&m->terms[i], r))
			return false;
	}
	return true;
}

unsigned match_score(const struct match *m, const struct record *r)
{
	unsigned n_fits = 0, n_first = 0;
	bool of_kind = false;

	for (size_t i = 0; i < m->n_terms; i++) {
		if (!term_fits(&m->terms[i], r))
			continue;
		n_fits++;
		n_first += n_first == i;
		of_kind |= m->terms[i].what == MATCH_KIND;
	}
	return (of_kind * MAX_SCORE + n_fits) * MAX_SCORE + n_first;
}

static void explain_term(const struct match_term *t, const struct record *r, struct text *out)
{
	const char *value = term_value(t, r);

	text_addf(out, "record %" PRIu64, r->seq);
	if (!value)
		text_addf(out, " has no %s", t->name);
	else
		text_addf(out, " has %s \"%.200s\"", t->name, value);
	if (t->what == MATCH_FIELD_PATTERN)
		text_addf(out, "%s \"%s\"",
			  value ? ", which does not match" : ", to be matched with", t->value);
	else
		text_addf(out, ", not \"%s\"", t->value);
}

void match_explain(const struct match *m, const struct record *r,
		   void (*on_sentence)(void *magic, const char *sentence), void *magic)
{
	for (size_t i = 0; i < m->n_terms; i++) {
		CLEANUP(text_deinit) struct text sentence = TEXT_INIT;

		if (term_fits(&m->terms[i], r))
			continue;
		explain_term(&m->terms[i], r, &sentence);
		on_sentence(magic, text_str(&sentence));
	}
}
