/*
 * Lab API: wait, verify
 *
 * One call that blocks until what is expected is in the journal, or says what came closest; or that nothing of the kind
 * comes within a time of the lab's clock. Records that are in the journal already count as well, from number `from` on
 * (default 1), so a test that waits for what its own user, call or conversation did can never be too late. To wait for
 * what came after that, pass the answer's `next` as `from`. verify asks the same of what is there now.
 */
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"
#include "web/lab/bound.h"
#include "web/lab/expectation.h"
#include "web/lab/json.h"
#include "web/lab/lab.h"
#include "web/lab/private.h"

#include <errno.h>
#include <inttypes.h>

#define DEFAULT_TIMEOUT_MS 10000

struct lab_wait {
	struct list of_lab;
	struct lab *lab;
	uint64_t parked;
	struct expectation expected;
	bool never; /* it must not come */
	struct loop_timer timeout;
	struct loop_timer quiet; /* of the lab's clock: it has not come for long enough */
};

static void wait_free(struct lab_wait *w)
{
	loop_timer_stop(&w->timeout);
	loop_timer_stop(&w->quiet);
	if (list_linked(&w->of_lab)) {
		list_remove(&w->of_lab);
		w->lab->n_waiting--;
	}
	expectation_deinit(&w->expected);
	free(w);
}

/* ---- answers ---- */

static struct json_object *outcome(const struct lab_wait *w, bool matched)
{
	const struct expectation *e = &w->expected;
	struct json_object *o = json_object_new_object();

	json_out_bool(o, "matched", matched);
	json_out_int(o, "next", (int64_t)(e->n_found ? e->found[e->n_found - 1] + 1 : e->from));
	json_object_object_add(o, "records", expectation_found(e, w->lab->journal));
	return o;
}

static void answer_yes(const struct lab_wait *w, struct http_request *r)
{
	http_answer_json(r, 200, NULL, outcome(w, true));
}

static void answer_no(const struct lab_wait *w, struct http_request *r, const char *why)
{
	CLEANUP(text_deinit) struct text message = TEXT_INIT;
	CLEANUP(text_deinit) struct text unknown = TEXT_INIT;
	struct json_object *o = outcome(w, false);

	if (why) {
		text_add(&message, why);
	} else {
		json_object_object_add(
			o, "closest", expectation_closest(&w->expected, w->lab->journal, &message));
		if (!lab_knows_all(w->lab, &w->expected, &unknown))
			text_add_all(&message, " ", text_str(&unknown));
	}
	json_object_object_add(o, "error", lab_error_json(409, text_str(&message)));
	http_answer_json(r, 409, NULL, o);
}

/* All that was expected is there. */
static void answer_found(const struct lab_wait *w, struct http_request *r)
{
	const struct expectation *e = &w->expected;
	char why[100];

	snprintf(why, sizeof(why), "Record %" PRIu64 " is what should never come.",
		 e->found[e->n_found - 1]);
	if (w->never)
		answer_no(w, r, why);
	else
		answer_yes(w, r);
}

static void answer_missed(const struct lab_wait *w, struct http_request *r)
{
	if (w->never)
		answer_no(w, r, "The lab's clock has not yet moved so far.");
	else
		answer_no(w, r, NULL);
}

static void answer_replaced(const struct lab_wait *w, struct http_request *r)
{
	answer_no(w, r, "The lab was imported, and its journal is another one.");
}

typedef void wait_answer_h(const struct lab_wait *w, struct http_request *r);

static void answer_parked(struct lab_wait *w, wait_answer_h *answer)
{
	struct http_request *r = http_parked(w->lab->http, w->parked);

	if (r)
		answer(w, r);
	wait_free(w);
}

/* ---- waiting ---- */

/* What was recorded in the same round counts. */
static void end(struct lab_wait *w, wait_answer_h *otherwise)
{
	answer_parked(w,
		      expectation_feed(&w->expected, w->lab->journal) ? answer_found : otherwise);
}

static void on_timeout(void *magic)
{
	end(magic, answer_missed);
}

static void on_quiet(void *magic)
{
	end(magic, answer_yes);
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

		if (expectation_feed(&w->expected, l->journal))
			answer_parked(w, answer_found);
	}
}

void lab_waits_replace(struct lab *l)
{
	list_for_each_safe (node, &l->waits)
		end(LIST_ENTRY(node, struct lab_wait, of_lab), answer_replaced);
}

void lab_waits_free(struct lab *l)
{
	list_for_each_safe (node, &l->waits) {
		struct lab_wait *w = LIST_ENTRY(node, struct lab_wait, of_lab);

		if (expectation_feed(&w->expected, l->journal)) {
			answer_parked(w, answer_found);
			continue;
		}
		lab_answer_ending(l, w->parked);
		wait_free(w);
	}
}

/* ---- the question ---- */

enum { ASK_TIMEOUT = N_EXPECT, ASK_CLOCK, ASK_NEVER_WITHIN, N_ASK };
enum { VERIFY_NEVER = N_EXPECT, N_VERIFY };

struct limits {
	int64_t timeout_ms;
	int64_t quiet_ms; /* -1: none */
	bool by_lab_clock;
};

/* In real time a request is not held for as long as the clock may be moved. */
static bool read_ms(const struct lab_config *config, const struct lab_member *m, bool is_real,
		    int64_t *ret, struct text *why)
{
	struct lab_bound b = lab_bound(config, "Wait", m->name);
	int64_t max = is_real ? config->max_wait_ms : b.max;

	*ret = lab_member_int(m, *ret);
	if (!m->value || (*ret >= b.min && *ret <= max))
		return true;
	text_addf(why, "\"%s\" must be from %lld to %lld.", m->name, (long long)b.min,
		  (long long)max);
	return false;
}

/* Nobody's lab clock need move, so what must never come is asked for as long as any request may wait. */
static bool read_limits(const struct lab *l, const struct lab_member *asked, struct limits *ret,
			struct text *why)
{
	const struct lab_config *config = l->config;
	const char *clock = lab_member_string(&asked[ASK_CLOCK]);
	bool never = asked[ASK_NEVER_WITHIN].value;

	ret->timeout_ms = never || config->max_wait_ms < DEFAULT_TIMEOUT_MS ? config->max_wait_ms
									    : DEFAULT_TIMEOUT_MS;
	ret->quiet_ms = -1;
	ret->by_lab_clock = clock && !strcmp(clock, "lab");
	if (clock && !ret->by_lab_clock && strcmp(clock, "real") != 0) {
		text_add(why, "\"clock\" must be \"real\" or \"lab\".");
		return false;
	}
	return read_ms(config, &asked[ASK_TIMEOUT], !ret->by_lab_clock, &ret->timeout_ms, why) &&
	       read_ms(config, &asked[ASK_NEVER_WITHIN], false, &ret->quiet_ms, why);
}

static void park(struct lab_wait *w, struct http_request *r, const struct limits *limits)
{
	struct lab *l = w->lab;

	list_append(&l->waits, &w->of_lab);
	l->n_waiting++;
	if (limits->by_lab_clock)
		loop_timer_set(l->loop, &w->timeout, limits->timeout_ms, on_timeout, w);
	else
		loop_timer_set_real(l->loop, &w->timeout, limits->timeout_ms, on_timeout, w);
	if (w->never)
		loop_timer_set(l->loop, &w->quiet, limits->quiet_ms, on_quiet, w);
	w->parked = http_park(r, on_gone, w);
}

/* What must never come of somebody of whom the lab has never heard never comes. It can be waited for: an INVITE to an
 * address that is nobody's is recorded. */
static bool may_ask(const struct lab_wait *w, struct http_request *r)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;

	if (!w->never || lab_knows_all(w->lab, &w->expected, &why))
		return true;
	lab_error(r, 404, "%s", text_str(&why));
	return false;
}

static void ask(struct lab_wait *w, struct http_request *r, const struct limits *limits)
{
	if (!may_ask(w, r)) {
		wait_free(w);
		return;
	}
	if (expectation_feed(&w->expected, w->lab->journal))
		answer_found(w, r);
	else if (limits->quiet_ms == 0)
		answer_yes(w, r);
	else if (limits->timeout_ms == 0)
		answer_missed(w, r);
	else {
		park(w, r, limits);
		return;
	}
	wait_free(w);
}

static struct lab_wait *wait_new(struct lab *l, const struct http_request *r)
{
	struct lab_wait *w = MEM_NEW(struct lab_wait);

	w->lab = l;
	w->expected.core = l->core;
	w->expected.is_local = lab_is_local(r);
	return w;
}

void lab_post_wait(void *magic, struct http_request *r)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	struct lab_member asked[N_ASK] = {
		[ASK_TIMEOUT] = { "timeoutMs", json_type_int, false },
		[ASK_CLOCK] = { "clock", json_type_string, false },
		[ASK_NEVER_WITHIN] = { "neverWithinMs", json_type_int, false },
	};
	struct lab *l = magic;
	struct json_object *body;
	struct limits limits;
	struct lab_wait *w;

	expectation_members(asked);
	if (!lab_has_journal(l, r) || !lab_may_wait(l, r))
		return;
	body = lab_body(r, asked, N_ASK);
	if (!body)
		return;
	w = wait_new(l, r);
	w->never = asked[ASK_NEVER_WITHIN].value;
	if (read_limits(l, asked, &limits, &why) &&
	    expectation_read(&w->expected, asked, &why) == 0) {
		ask(w, r, &limits);
	} else {
		lab_error(r, 400, "%s", text_str(&why));
		wait_free(w);
	}
	json_object_put(body);
}

void lab_post_verify(void *magic, struct http_request *r)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	struct lab_member asked[N_VERIFY] = { [VERIFY_NEVER] = { "never", json_type_boolean,
								 false } };
	struct lab *l = magic;
	struct json_object *body;
	struct limits limits = { .quiet_ms = -1 };
	struct lab_wait *w;

	expectation_members(asked);
	if (!lab_has_journal(l, r))
		return;
	body = lab_body(r, asked, N_VERIFY);
	if (!body)
		return;
	w = wait_new(l, r);
	w->never = lab_member_bool(&asked[VERIFY_NEVER], false);
	if (w->never)
		limits.quiet_ms = 0;
	if (expectation_read(&w->expected, asked, &why) == 0) {
		ask(w, r, &limits);
	} else {
		lab_error(r, 400, "%s", text_str(&why));
		wait_free(w);
	}
	json_object_put(body);
}
