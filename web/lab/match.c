/*
 * Match
 */
#include "web/lab/match.h"

#include "proto/record.h"
#include "proto/sip/line.h"
#include "proto/sip/uri.h"
#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/timestamp.h"
#include "web/lab/vocabulary.h"

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
		if (m->terms[i].is_pattern)
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

/* ---- what can be asked for ---- */

static bool take_kind(struct match_term *t, const char *value, struct text *why)
{
	(void)t;
	if (record_kind_of(value) < N_RECORD_KINDS)
		return true;
	text_add_all(why, "Unknown kind \"", value, "\"; the kinds are");
	for (size_t i = 0; i < N_RECORD_KINDS; i++)
		text_add_all(why, i ? ", " : " ", record_kinds[i].name);
	text_add(why, ".");
	return false;
}

static bool take_conversation(struct match_term *t, const char *value, struct text *why)
{
	if (text_to_int(value, 1, INT64_MAX, &t->number))
		return true;
	text_add_all(why, "\"conversation\" must be a number from 1 on, not \"", value, "\".");
	return false;
}

static bool take_since(struct match_term *t, const char *value, struct text *why)
{
	if (timestamp_read(value, &t->number))
		return true;
	text_add_all(why,
		     "\"since\" must be a time in UTC, such as 2011-07-25T12:00:00.000Z, not \"",
		     value, "\".");
	return false;
}

static bool take_user(struct match_term *t, const char *value, struct text *why)
{
	char aor[URI_MAX_AOR + 1];

	if (uri_aor(value, aor, NULL) >= 0) {
		t->value = mem_strdup(aor);
		return true;
	}
	text_add_all(
		why,
		"\"user\" must be an address such as bob@lab.test, or the name of one user, not \"",
		value, "\".");
	return false;
}

static bool take_hop(struct match_term *t, const char *value, struct text *why)
{
	CLEANUP(text_deinit) struct text known = TEXT_INIT;

	(void)t;
	if (vocabulary_has_hop(value, &known))
		return true;
	text_add_all(why, "There is no hop \"", value, "\"; hops are such as ", text_str(&known),
		     ".");
	return false;
}

static bool take_key(struct match_term *t, const char *value, struct text *why)
{
	(void)t;
	if (strchr(value, ':'))
		return true;
	text_add_all(why, "\"key\" must be such as conv:17, push:3 or sip:CALL-ID, not \"", value,
		     "\".");
	return false;
}

static bool (*const takes[])(struct match_term *t, const char *value, struct text *why) = {
	[MATCH_KIND] = take_kind,   [MATCH_CONVERSATION] = take_conversation,
	[MATCH_SINCE] = take_since, [MATCH_USER] = take_user,
	[MATCH_HOP] = take_hop,     [MATCH_KEY] = take_key,
	[MATCH_HEADER] = NULL,
};

static bool is_header_name(const char *s)
{
	const char *end = s;

	while (chars_is_token(*end))
		end++;
	return end > s && !*end;
}

int match_add(struct match *m, const struct match_condition *c, struct text *why)
{
	struct match_term *t = &m->terms[m->n_terms];

	if (m->n_terms == MATCH_MAX_TERMS) {
		text_addf(why, "There must not be more than %d conditions.", MATCH_MAX_TERMS);
		return -EINVAL;
	}
	t->value = NULL;
	if (c->what == MATCH_HEADER && !is_header_name(c->name)) {
		text_addf(why, "\"%s\" is not the name of a header.", c->name);
		return -EINVAL;
	}
	if (takes[c->what] && !takes[c->what](t, c->value, why))
		return -EINVAL;
	if (c->is_pattern && compile(&t->pattern, c->value, why) < 0)
		return -EINVAL;
	t->what = c->what;
	t->is_pattern = c->is_pattern;
	t->name = mem_strdup(c->name);
	if (!t->value)
		t->value = mem_strdup(c->value);
	m->n_terms++;
	return 0;
}

static bool can_be(enum record_kind kind, const struct match_term *t)
{
	CLEANUP(text_deinit) struct text known = TEXT_INIT;

	return t->is_pattern || vocabulary_has(kind, t->name, t->value, &known);
}

static bool kind_has(enum record_kind kind, const struct match_term *t)
{
	switch (t->what) {
	case MATCH_FIELD: return record_kind_has(kind, t->name) && can_be(kind, t);
	case MATCH_HEADER: return kind == RECORD_SIP;
	case MATCH_BODY: return kind == RECORD_SIP || kind == RECORD_HTTP;
	case MATCH_KIND:
	case MATCH_USER:
	case MATCH_KEY:
	case MATCH_CONVERSATION:
	case MATCH_HOP:
	case MATCH_SINCE: break;
	}
	return true;
}

/* The field exists: it is the value that does not. */
static bool explain_value(const struct match_term *t, const bool *of_kind, struct text *why)
{
	for (unsigned kind = 0; t->what == MATCH_FIELD && kind < N_RECORD_KINDS; kind++) {
		CLEANUP(text_deinit) struct text known = TEXT_INIT;

		if (!of_kind[kind] || !record_kind_has(kind, t->name) ||
		    vocabulary_has(kind, t->name, t->value, &known))
			continue;
		text_addf(why, "%s records have no %s \"%s\"; there are %s.",
			  record_kinds[kind].name, t->name, t->value, text_str(&known));
		return true;
	}
	return false;
}

static void explain_impossible(const struct match *m, const struct match_term *t, struct text *why)
{
	const char *what = t->what == MATCH_FIELD ? "field" : "header";

	for (size_t i = 0; i < m->n_terms; i++) {
		const struct record_kind_row *row;

		if (m->terms[i].what != MATCH_KIND)
			continue;
		row = &record_kinds[record_kind_of(m->terms[i].value)];
		if (t->what == MATCH_BODY)
			text_addf(why, "%s records have no body.", row->name);
		else
			text_addf(why, "%s records have no %s \"%s\"; their fields are %s%skey.",
				  row->name, what, t->name, row->fields, *row->fields ? ", " : "");
		return;
	}
	text_addf(why, "Unknown field \"%s\": records of no kind have it.", t->name);
}

bool match_is_possible(const struct match *m, struct text *why)
{
	bool of_kind[N_RECORD_KINDS];

	for (unsigned kind = 0; kind < N_RECORD_KINDS; kind++) {
		of_kind[kind] = true;
		for (size_t i = 0; i < m->n_terms; i++)
			if (m->terms[i].what == MATCH_KIND &&
			    record_kind_of(m->terms[i].value) != kind)
				of_kind[kind] = false;
	}
	for (size_t i = 0; i < m->n_terms; i++) {
		bool any = false;

		for (unsigned kind = 0; kind < N_RECORD_KINDS; kind++)
			any |= of_kind[kind] && kind_has(kind, &m->terms[i]);
		if (any)
			continue;
		if (!explain_value(&m->terms[i], of_kind, why))
			explain_impossible(m, &m->terms[i], why);
		return false;
	}
	return true;
}

/* ---- whether it is met ---- */

static void add_users(struct text *out, const struct record *r)
{
	for (size_t i = 0; i < RECORD_MAX_USERS && r->users[i]; i++)
		text_add_all(out, i ? ", " : "", r->users[i]);
}

/* The value that the condition is about, in words; NULL if the record has none. What is made for it is in made. */
static const char *term_value(const struct match_term *t, const struct record *r, struct text *made)
{
	struct sip_line line;

	switch (t->what) {
	case MATCH_KIND: return r->kind;
	case MATCH_KEY: return r->key;
	case MATCH_FIELD: return record_value(r, t->name);
	case MATCH_USER: add_users(made, r); break;
	case MATCH_CONVERSATION:
		if (r->conversation)
			text_add_number(made, r->conversation);
		break;
	case MATCH_HOP:
		if (r->from && r->to)
			text_add_all(made, r->from, " to ", r->to);
		break;
	case MATCH_SINCE: timestamp_add(made, r->wall_us, TIMESTAMP_US); break;
	case MATCH_HEADER:
		if (!r->raw || !sip_line_find(r->raw, r->n_raw, t->name, &line))
			return NULL;
		sip_line_add_value(made, &line);
		return text_str(made);
	case MATCH_BODY: break;
	}
	return made->n ? text_str(made) : NULL;
}

static bool value_fits(const struct match_term *t, const char *value)
{
	if (!value)
		return false;
	if (!t->is_pattern)
		return strcmp(value, t->value) == 0;
	return strlen(value) <= MATCH_MAX_VALUE && regexec(&t->pattern, value, 0, NULL, 0) == 0;
}

/* There may be several headers of the name. */
static bool header_fits(const struct match_term *t, const struct record *r)
{
	const char *p = r->raw, *end = p + r->n_raw;
	struct sip_line line;
	bool fits = false;

	p = p ? memmem(p, r->n_raw, "\r\n", 2) : NULL;
	if (!p || strcmp(r->kind, record_kinds[RECORD_SIP].name) != 0)
		return false;
	for (p += 2; !fits && sip_line_read(&p, end, &line);) {
		CLEANUP(text_deinit) struct text value = TEXT_INIT;

		if (!sip_line_is(&line, t->name, 0))
			continue;
		sip_line_add_value(&value, &line);
		fits = value_fits(t, text_str(&value));
	}
	return fits;
}

/* What was on the wire is a whole SIP message, but of HTTP only the body. */
static bool body_fits(const struct match_term *t, const struct record *r)
{
	const char *body = r->raw, *end = body + r->n_raw;

	if (body && strcmp(r->kind, record_kinds[RECORD_SIP].name) == 0)
		body = memmem(body, r->n_raw, "\r\n\r\n", 4);
	return body && memmem(body, (size_t)(end - body), t->value, strlen(t->value));
}

static bool term_fits(const struct match_term *t, const struct record *r)
{
	switch (t->what) {
	case MATCH_USER: return record_is_about(r, t->value);
	case MATCH_KEY: return record_has_key(r, t->value);
	case MATCH_CONVERSATION: return r->conversation == (uint64_t)t->number;
	case MATCH_HOP: return record_is_at(r, t->value);
	case MATCH_SINCE: return r->wall_us >= t->number;
	case MATCH_BODY: return body_fits(t, r);
	case MATCH_HEADER: return header_fits(t, r);
	case MATCH_KIND: return value_fits(t, r->kind);
	case MATCH_FIELD: break;
	}
	return value_fits(t, record_value(r, t->name));
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
	CLEANUP(text_deinit) struct text made = TEXT_INIT;
	const char *value = term_value(t, r, &made);

	text_addf(out, "record %" PRIu64, r->seq);
	if (t->what == MATCH_BODY) {
		text_addf(out, " has no body that contains \"%s\"", t->value);
		return;
	}
	if (t->what == MATCH_SINCE) {
		text_addf(out, " is of %s, before %s", value, t->value);
		return;
	}
	if (!value)
		text_addf(out, " has no %s", t->name);
	else
		text_addf(out, " has %s \"%.200s\"", t->name, value);
	if (t->is_pattern)
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
