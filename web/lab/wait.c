/*
 * Lab API: wait
 *
 * One call that blocks until records match, or says which came closest. Records that are in the journal
 * already count as well, from number `from` on (default 1), so a test that waits for what its own user,
 * call or conversation did can never be too late. To wait for what came after that, pass the answer's
 * `next` as `from`.
 */
#include "mcxd/base/journal.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "proto/record.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"
#include "web/lab/json.h"
#include "web/lab/lab.h"
#include "web/lab/match.h"
#include "web/lab/private.h"

#include <errno.h>

#define DEFAULT_TIMEOUT_MS 10000
#define MAX_COUNT          1000
#define MAX_CLOSEST        3

struct lab_wait {
	struct list of_lab;
	struct lab *lab;
	uint64_t parked;
	struct match match;
	struct loop_timer timer;
	uint64_t from;
	uint64_t next; /* number of the next record to look at */
	uint64_t *found;
	size_t n_found, count;
};

static void wait_free(struct lab_wait *w)
{
	loop_timer_stop(&w->timer);
	if (list_linked(&w->of_lab)) {
		list_remove(&w->of_lab);
		w->lab->n_waiting--;
	}
	match_deinit(&w->match);
	free(w->found);
	free(w);
}

/* Look at new records; returns whether all that were asked for are found. */
static bool wait_feed(struct lab_wait *w)
{
	const struct journal *j = w->lab->journal;

	if (w->next < journal_first(j))
		w->next = journal_first(j);
	while (w->n_found < w->count && w->next <= journal_last(j)) {
		const struct record *r = journal_get(j, w->next++);

		if (r && match_record(&w->match, r))
			w->found[w->n_found++] = r->seq;
	}
	return w->n_found == w->count;
}

/* ---- answers ---- */

static struct json_object *found_json(const struct lab_wait *w)
{
	struct json_object *records = json_object_new_array();

	for (size_t i = 0; i < w->n_found; i++) {
		const struct record *r = journal_get(w->lab->journal, w->found[i]);

		if (r)
			json_object_array_add(records, record_encode(r));
	}
	return records;
}

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

static void add_sentence(void *magic, const char *sentence)
{
	json_object_array_add(magic, json_out_new_string(sentence));
}

static struct json_object *closest_json(const struct lab_wait *w)
{
	const struct journal *j = w->lab->journal;
	struct json_object *closest = json_object_new_array();
	struct closest best[MAX_CLOSEST] = { 0 };
	uint64_t seq = w->from > journal_first(j) ? w->from : journal_first(j);

	for (; seq && seq <= journal_last(j); seq++) {
		const struct record *r = journal_get(j, seq);
		unsigned score = r ? match_score(&w->match, r) : 0;

		if (score && !match_record(&w->match, r))
			closest_offer(best, (struct closest){ score, r });
	}
	for (size_t i = 0; i < MAX_CLOSEST && best[i].record; i++) {
		struct json_object *o = json_object_new_object();
		struct json_object *differs = json_object_new_array();

		match_explain(&w->match, best[i].record, add_sentence, differs);
		json_object_object_add(o, "differs", differs);
		json_object_object_add(o, "record", record_encode(best[i].record));
		json_object_array_add(closest, o);
	}
	return closest;
}

static void describe_miss(const struct lab_wait *w, struct json_object *closest, struct text *out)
{
	struct json_object *best = json_object_array_get_idx(closest, 0);
	struct json_object *differs;

	text_addf(out, "Found %zu of %zu.", w->n_found, w->count);
	if (!best) {
		text_add(out, " No record meets any of the conditions.");
		return;
	}
	text_add(out, " Closest:");
	differs = json_object_object_get(best, "differs");
	for (size_t i = 0; i < json_object_array_length(differs); i++)
		text_addf(out, "%s %s", i ? ";" : "",
			  json_object_get_string(json_object_array_get_idx(differs, i)));
	text_add(out, ".");
}

static void answer(const struct lab_wait *w, struct http_request *r)
{
	CLEANUP(text_deinit) struct text message = TEXT_INIT;
	struct json_object *o = json_object_new_object();
	bool matched = w->n_found == w->count;

	json_out_bool(o, "matched", matched);
	json_out_int(o, "next", (int64_t)(w->n_found ? w->found[w->n_found - 1] + 1 : w->from));
	json_object_object_add(o, "records", found_json(w));
	if (!matched) {
		struct json_object *closest = closest_json(w);

		describe_miss(w, closest, &message);
		json_out_string(o, "message", text_str(&message));
		json_object_object_add(o, "closest", closest);
	}
	http_answer_json(r, 200, NULL, o);
}

static void answer_parked(struct lab_wait *w)
{
	struct http_request *r = http_parked(w->lab->http, w->parked);

	if (r)
		answer(w, r);
	wait_free(w);
}

static void on_timeout(void *magic)
{
	answer_parked(magic);
}

static void on_gone(void *magic, uint64_t id)
{
	(void)id;
	wait_free(magic);
}

void lab_waits_feed(struct lab *l)
{
	list_for_each_safe (node, &l->waits) {
		struct lab_wait *w = LIST_ENTRY(node, struct lab_wait, of_lab);

		if (wait_feed(w))
			answer_parked(w);
	}
}

void lab_waits_free(struct lab *l)
{
	list_for_each_safe (node, &l->waits)
		answer_parked(LIST_ENTRY(node, struct lab_wait, of_lab));
}

/* ---- the question ---- */

enum { ASK_KIND, ASK_USER, ASK_KEY, ASK_FIELDS, ASK_FROM, ASK_COUNT, ASK_TIMEOUT, N_ASK };

/* A value is a string, or {"matches": "a pattern"}. */
static int add_field(struct match *m, const char *name, struct json_object *value, struct text *why)
{
	struct json_object *pattern = NULL;

	if (json_object_is_type(value, json_type_object) && json_object_object_length(value) == 1 &&
	    json_object_object_get_ex(value, "matches", &pattern) &&
	    json_object_is_type(pattern, json_type_string))
		return match_add(m, MATCH_FIELD_PATTERN, name, json_object_get_string(pattern),
				 why);
	if (json_object_is_type(value, json_type_string))
		return match_add(m, MATCH_FIELD, name, json_object_get_string(value), why);
	text_addf(why, "The value of \"%s\" must be a string or {\"matches\": \"pattern\"}.", name);
	return -EINVAL;
}

static bool add_fields(struct match *m, struct json_object *fields, struct text *why)
{
	json_object_object_foreach (fields, name, value) {
		if (add_field(m, name, value, why) < 0)
			return false;
	}
	return true;
}

static bool check_kind(const char *kind, struct text *why)
{
	if (record_kind_of(kind) < N_RECORD_KINDS)
		return true;
	text_add_all(why, "Unknown kind \"", kind, "\"; the kinds are");
	for (size_t i = 0; i < N_RECORD_KINDS; i++)
		text_add_all(why, i ? ", " : " ", record_kinds[i].name);
	text_add(why, ".");
	return false;
}

static bool read_conditions(struct match *m, const struct lab_member *asked, struct text *why)
{
	static const enum match_what whats[] = { MATCH_KIND, MATCH_USER, MATCH_KEY };

	for (size_t i = 0; i < ARRAY_SIZE(whats); i++) {
		const struct lab_member *given = &asked[ASK_KIND + i];

		if (given->value && whats[i] == MATCH_KIND &&
		    !check_kind(lab_member_string(given), why))
			return false;
		if (given->value &&
		    match_add(m, whats[i], given->name, lab_member_string(given), why) < 0)
			return false;
	}
	if (asked[ASK_FIELDS].value && !add_fields(m, asked[ASK_FIELDS].value, why))
		return false;
	if (!m->n_terms)
		text_add(why, "A condition is missing: kind, user, key or fields.");
	return m->n_terms > 0;
}

static bool read_int(const struct lab_member *m, int64_t min, int64_t max, int64_t *ret,
		     struct text *why)
{
	*ret = lab_member_int(m, *ret);
	if (*ret >= min && *ret <= max)
		return true;
	text_addf(why, "\"%s\" must be from %lld to %lld.", m->name, (long long)min,
		  (long long)max);
	return false;
}

static void wait_begin(struct lab *l, struct http_request *r, const struct lab_member *asked)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	struct lab_wait *w = MEM_NEW(struct lab_wait);
	int64_t from = 1, count = 1, timeout_ms = DEFAULT_TIMEOUT_MS;

	w->lab = l;
	if (timeout_ms > l->config->max_wait_ms)
		timeout_ms = l->config->max_wait_ms;
	if (!read_conditions(&w->match, asked, &why) ||
	    !read_int(&asked[ASK_FROM], 1, INT64_MAX, &from, &why) ||
	    !read_int(&asked[ASK_COUNT], 1, MAX_COUNT, &count, &why) ||
	    !read_int(&asked[ASK_TIMEOUT], 0, l->config->max_wait_ms, &timeout_ms, &why)) {
		lab_error(r, 400, "%s", text_str(&why));
		wait_free(w);
		return;
	}
	w->from = w->next = (uint64_t)from;
	w->count = (size_t)count;
	w->found = mem_zalloc(w->count * sizeof(w->found[0]));
	if (wait_feed(w) || timeout_ms == 0) {
		answer(w, r);
		wait_free(w);
		return;
	}
	list_append(&l->waits, &w->of_lab);
	l->n_waiting++;
	loop_timer_set_real(l->loop, &w->timer, timeout_ms, on_timeout, w);
	w->parked = http_park(r, on_gone, w);
}

void lab_post_wait(void *magic, struct http_request *r)
{
	struct lab_member asked[N_ASK] = {
		[ASK_KIND] = { "kind", json_type_string, false },
		[ASK_USER] = { "user", json_type_string, false },
		[ASK_KEY] = { "key", json_type_string, false },
		[ASK_FIELDS] = { "fields", json_type_object, false },
		[ASK_FROM] = { "from", json_type_int, false },
		[ASK_COUNT] = { "count", json_type_int, false },
		[ASK_TIMEOUT] = { "timeoutMs", json_type_int, false },
	};
	struct lab *l = magic;
	struct json_object *body;

	if (!lab_has_journal(l, r) || !lab_may_wait(l, r))
		return;
	body = lab_body(r, asked, N_ASK);
	if (!body)
		return;
	wait_begin(l, r, asked);
	json_object_put(body);
}
