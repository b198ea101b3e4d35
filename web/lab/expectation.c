/*
 * Expectation
 */
#include "web/lab/expectation.h"

#include "mcxd/base/journal.h"
#include "proto/mask.h"
#include "proto/record.h"
#include "proto/sip/uri.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/lab/bound.h"
#include "web/lab/json.h"
#include "web/lab/match.h"
#include "web/lab/private.h"
#include "web/lab/who.h"

#include <errno.h>
#include <inttypes.h>

#define MAX_CLOSEST 3

/* ---- from JSON ---- */

static const struct {
	const char *name;
	enum json_type type;
	enum match_what what; /* of a string or number */
} rows[N_EXPECT] = {
	[EXPECT_KIND] = { "kind", json_type_string, MATCH_KIND },
	[EXPECT_USER] = { "user", json_type_string, MATCH_USER },
	[EXPECT_KEY] = { "key", json_type_string, MATCH_KEY },
	[EXPECT_HOP] = { "hop", json_type_string, MATCH_HOP },
	[EXPECT_PHONE] = { "phone", json_type_string, MATCH_FIELD },
	[EXPECT_BODY] = { "bodyContains", json_type_string, MATCH_BODY },
	[EXPECT_CONVERSATION] = { "conversation", json_type_int, MATCH_CONVERSATION },
	[EXPECT_FIELDS] = { "fields", json_type_object, MATCH_FIELD },
	[EXPECT_HEADERS] = { "headers", json_type_object, MATCH_HEADER },
	[EXPECT_COUNT] = { "count", json_type_int, 0 },
	[EXPECT_ORDER] = { "order", json_type_array, 0 },
	[EXPECT_FROM] = { "from", json_type_int, 0 },
};

void expectation_members(struct lab_member *members)
{
	for (size_t i = 0; i < N_EXPECT; i++)
		members[i] = (struct lab_member){ rows[i].name, rows[i].type, false };
}

/* A value is a string, or {"matches": "a pattern"}. */
static int add_value(struct match *m, struct match_condition c, struct json_object *value,
		     struct text *why)
{
	struct json_object *pattern = NULL;

	if (json_object_is_type(value, json_type_object) && json_object_object_length(value) == 1 &&
	    json_object_object_get_ex(value, "matches", &pattern) &&
	    json_object_is_type(pattern, json_type_string)) {
		c.value = json_object_get_string(pattern);
		c.is_pattern = true;
		return match_add(m, &c, why);
	}
	if (json_object_is_type(value, json_type_string)) {
		c.value = json_object_get_string(value);
		return match_add(m, &c, why);
	}
	text_addf(why, "The value of \"%s\" must be a string or {\"matches\": \"pattern\"}.",
		  c.name);
	return -EINVAL;
}

static int add_values(struct match *m, enum match_what what, struct json_object *values,
		      struct text *why)
{
	json_object_object_foreach (values, name, value) {
		if (add_value(m, (struct match_condition){ .what = what, .name = name }, value,
			      why) < 0)
			return -EINVAL;
	}
	return 0;
}

static int add_conditions(const struct expectation *e, struct match *m,
			  const struct lab_member *members, struct text *why)
{
	char room[URI_MAX_AOR + 1];

	for (size_t i = 0; i <= EXPECT_HEADERS; i++) {
		const struct lab_member *given = &members[i];
		struct match_condition c = { .what = rows[i].what, .name = rows[i].name };
		int err;

		if (!given->value)
			continue;
		if (rows[i].type == json_type_object) {
			err = add_values(m, rows[i].what, given->value, why);
		} else {
			c.value = json_object_get_string(given->value);
			if (c.what == MATCH_USER)
				c.value = lab_who(e->core, c.value, room);
			err = match_add(m, &c, why);
		}
		if (err < 0)
			return err;
	}
	return 0;
}

static bool read_int(const struct lab_member *m, int64_t *ret, struct text *why)
{
	struct lab_bound b = lab_bound(NULL, "Wait", m->name);

	*ret = lab_member_int(m, 1);
	if (*ret >= b.min && *ret <= b.max)
		return true;
	text_addf(why, "\"%s\" must be from %lld to %lld.", m->name, (long long)b.min,
		  (long long)b.max);
	return false;
}

static int finish_step(struct expectation_step *s, const struct lab_member *members,
		       struct text *why)
{
	int64_t count;

	if (!read_int(&members[EXPECT_COUNT], &count, why))
		return -EINVAL;
	s->count = (size_t)count;
	if (!s->match.n_terms) {
		text_add(why, "A condition is missing: kind, user, conversation, hop, phone, key, "
			      "fields, headers or bodyContains.");
		return -EINVAL;
	}
	return match_is_possible(&s->match, why) ? 0 : -EINVAL;
}

/* One of "order"; all are members of a step but "order" and "from". */
static int read_step(struct expectation *e, struct json_object *o, const struct lab_member *common,
		     struct text *why)
{
	struct expectation_step *s = &e->steps[e->n_steps++];
	struct lab_member members[N_EXPECT];

	expectation_members(members);
	if (!json_object_is_type(o, json_type_object)) {
		text_add(why, "\"order\" must be an array of objects.");
		return -EINVAL;
	}
	if (!lab_take_members(o, members, EXPECT_ORDER, why) ||
	    add_conditions(e, &s->match, common, why) < 0 ||
	    add_conditions(e, &s->match, members, why) < 0)
		return -EINVAL;
	return finish_step(s, members, why);
}

static int read_order(struct expectation *e, const struct lab_member *members, struct text *why)
{
	struct json_object *order = members[EXPECT_ORDER].value;
	size_t n = json_object_array_length(order);

	if (members[EXPECT_COUNT].value) {
		text_add(why, "\"count\" belongs into the steps of \"order\".");
		return -EINVAL;
	}
	if (n < 1 || n > EXPECTATION_MAX_STEPS) {
		text_addf(why, "\"order\" must have 1 to %d steps.", EXPECTATION_MAX_STEPS);
		return -EINVAL;
	}
	e->steps = mem_zalloc(n * sizeof(*e->steps));
	for (size_t i = 0; i < n; i++)
		if (read_step(e, json_object_array_get_idx(order, i), members, why) < 0)
			return -EINVAL;
	return 0;
}

static int read_single(struct expectation *e, const struct lab_member *members, struct text *why)
{
	e->steps = mem_zalloc(sizeof(*e->steps));
	e->n_steps = 1;
	if (add_conditions(e, &e->steps[0].match, members, why) < 0)
		return -EINVAL;
	return finish_step(&e->steps[0], members, why);
}

/* Who does not see credentials could find them out by asking. */
static bool asks_for_secrets(const struct expectation *e, struct text *why)
{
	for (size_t i = 0; i < e->n_steps && !e->is_local; i++) {
		const struct match *m = &e->steps[i].match;

		for (size_t j = 0; j < m->n_terms; j++)
			if (m->terms[j].what == MATCH_HEADER && mask_covers(m->terms[j].name)) {
				text_addf(why,
					  "\"%s\" is covered for who comes by TCP; ask over the "
					  "UNIX socket.",
					  m->terms[j].name);
				return true;
			}
	}
	return false;
}

int expectation_read(struct expectation *e, const struct lab_member *members, struct text *why)
{
	size_t n = 0;
	int64_t from;
	int err;

	if (!read_int(&members[EXPECT_FROM], &from, why))
		return -EINVAL;
	e->from = e->next = (uint64_t)from;
	err = members[EXPECT_ORDER].value ? read_order(e, members, why)
					  : read_single(e, members, why);
	if (err < 0 || asks_for_secrets(e, why))
		return -EINVAL;
	for (size_t i = 0; i < e->n_steps; i++)
		n += e->steps[i].count;
	e->found = mem_zalloc(n * sizeof(*e->found));
	return 0;
}

void expectation_deinit(struct expectation *e)
{
	for (size_t i = 0; i < e->n_steps; i++)
		match_deinit(&e->steps[i].match);
	free(e->steps);
	free(e->found);
	*e = (struct expectation){ 0 };
}

/* ---- what is there ---- */

static void look_at(struct expectation *e, const struct record *r)
{
	struct expectation_step *s = &e->steps[e->step];

	if (!match_record(&s->match, r))
		return;
	e->found[e->n_found++] = r->seq;
	if (++s->n_found == s->count)
		e->step++;
}

bool expectation_feed(struct expectation *e, const struct journal *j)
{
	if (e->next < journal_first(j))
		e->next = journal_first(j);
	while (e->step < e->n_steps && e->next <= journal_last(j))
		look_at(e, journal_get(j, e->next++));
	return e->step == e->n_steps;
}

struct json_object *expectation_found(const struct expectation *e, const struct journal *j)
{
	struct json_object *records = json_object_new_array();

	for (size_t i = 0; i < e->n_found; i++) {
		const struct record *r = journal_get(j, e->found[i]);

		if (r)
			json_object_array_add(records, lab_encode_record(r, e->is_local));
	}
	return records;
}

/* ---- what comes closest ---- */

struct closest {
	unsigned score;
	const struct record *record;
};

/* Keep the best, in descending order; of equal ones, the newest comes first. */
static void closest_offer(struct closest *best, struct closest candidate)
{
	for (size_t i = 0; i < MAX_CLOSEST; i++) {
		struct closest worse = best[i];

		if (worse.record && candidate.score < worse.score)
			continue;
		best[i] = candidate;
		candidate = worse;
		if (!candidate.record)
			return;
	}
}

/* Records behind the last one that was found. */
static void find_closest(const struct expectation *e, const struct journal *j, struct closest *best)
{
	const struct match *m = &e->steps[e->step].match;
	uint64_t seq = e->n_found ? e->found[e->n_found - 1] + 1 : e->from;

	if (seq < journal_first(j))
		seq = journal_first(j);
	for (; seq <= journal_last(j); seq++) {
		const struct record *r = journal_get(j, seq);
		unsigned score = match_score(m, r);

		if (score && !match_record(m, r))
			closest_offer(best, (struct closest){ score, r });
	}
}

static void add_sentence(void *magic, const char *sentence)
{
	json_object_array_add(magic, json_out_new_string(sentence));
}

static void describe(const struct expectation *e, struct json_object *closest, struct text *why)
{
	const struct expectation_step *s = &e->steps[e->step];
	struct json_object *best = json_object_array_get_idx(closest, 0);
	struct json_object *differs;

	text_addf(why, "Found %zu of %zu", s->n_found, s->count);
	if (e->n_steps > 1)
		text_addf(why, " of step %zu", e->step + 1);
	if (!best) {
		text_add(why, ". No record meets any of the conditions.");
		return;
	}
	text_add(why, ". Closest:");
	differs = json_object_object_get(best, "differs");
	for (size_t i = 0; i < json_object_array_length(differs); i++)
		text_addf(why, "%s %s", i ? ";" : "",
			  json_object_get_string(json_object_array_get_idx(differs, i)));
	text_add(why, ".");
}

struct json_object *expectation_closest(const struct expectation *e, const struct journal *j,
					struct text *why)
{
	struct json_object *closest = json_object_new_array();
	struct closest best[MAX_CLOSEST] = { 0 };

	find_closest(e, j, best);
	for (size_t i = 0; i < MAX_CLOSEST && best[i].record; i++) {
		struct json_object *o = json_object_new_object();
		struct json_object *differs = json_object_new_array();

		match_explain(&e->steps[e->step].match, best[i].record, add_sentence, differs);
		json_object_object_add(o, "differs", differs);
		json_object_object_add(o, "record", lab_encode_record(best[i].record, e->is_local));
		json_object_array_add(closest, o);
	}
	describe(e, closest, why);
	return closest;
}
