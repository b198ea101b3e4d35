/*
 * Lab API: the clock
 */
#include "mcxd/base/journal.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/setting.h"
#include "mcxd/base/setting_value.h"
#include "proto/record.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"
#include "web/lab/json.h"
#include "web/lab/lab.h"
#include "web/lab/private.h"

/* A request that is answered once the clock has moved far enough. */
struct lab_move {
	struct list of_lab;
	struct lab *lab;
	uint64_t parked;
	int64_t target_ms; /* loop_advanced_ms() */
};

struct json_object *lab_clock(const struct lab *l)
{
	struct json_object *o = json_object_new_object();

	json_out_time(o, "now", loop_wall_us(l->loop));
	json_out_int(o, "labMs", loop_now_ms(l->loop));
	json_out_int(o, "offsetMs", loop_offset_ms(l->loop));
	json_out_bool(o, "frozen", loop_is_frozen(l->loop));
	return o;
}

void lab_get_clock(void *magic, struct http_request *r)
{
	http_answer_json(r, 200, NULL, lab_clock(magic));
}

static void move_free(struct lab_move *m)
{
	list_remove(&m->of_lab);
	m->lab->n_waiting--;
	free(m);
}

static void on_gone(void *magic, uint64_t id)
{
	(void)id;
	move_free(magic);
}

static void answer_parked(struct lab_move *m)
{
	struct http_request *r = http_parked(m->lab->http, m->parked);

	if (r)
		http_answer_json(r, 200, NULL, lab_clock(m->lab));
	move_free(m);
}

/* Moves that overlap add up and may be reported together: each request waits for its own target. */
static void on_moved(void *magic)
{
	struct lab *l = magic;

	list_for_each_safe (node, &l->moves) {
		struct lab_move *m = LIST_ENTRY(node, struct lab_move, of_lab);

		if (loop_advanced_ms(l->loop) >= m->target_ms)
			answer_parked(m);
	}
}

void lab_moves_free(struct lab *l)
{
	list_for_each_safe (node, &l->moves) {
		struct lab_move *m = LIST_ENTRY(node, struct lab_move, of_lab);

		lab_answer_ending(l, m->parked);
		move_free(m);
	}
}

static int64_t last_target(const struct lab *l)
{
	if (list_empty(&l->moves))
		return loop_advanced_ms(l->loop);
	return LIST_ENTRY(l->moves.prev, struct lab_move, of_lab)->target_ms;
}

static void record_clock(struct lab *l, const char *action, const char *ms, const char *summary)
{
	struct record_field fields[] = { { "action", action }, { "ms", ms } };

	journal_add(l->journal, &(struct record){
					.kind = "clock",
					.summary = summary,
					.fields = fields,
					.n_fields = ms ? 2 : 1,
				});
}

static void record_move(struct lab *l, int64_t ms)
{
	char value[24], summary[64];

	snprintf(value, sizeof(value), "%lld", (long long)ms);
	snprintf(summary, sizeof(summary), "clock moves by %lld.%03d s", (long long)(ms / 1000),
		 (int)(ms % 1000));
	record_clock(l, "advance", value, summary);
}

static bool is_possible(const struct lab *l, int64_t by, struct text *why)
{
	static const struct setting row = { .type = SETTING_MS };

	if (by < 0) {
		text_add(why, "The clock never goes back.");
	} else if (by > l->config->max_advance_ms) {
		text_add(why, "The clock can be advanced by at most ");
		setting_add_value(&row, &l->config->max_advance_ms, why);
		text_add(why, " at once (lab.max_advance).");
	}
	return !why->n;
}

void lab_post_advance(void *magic, struct http_request *r)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	struct lab_member ms = { "ms", json_type_int, true };
	struct lab *l = magic;
	struct json_object *body;
	struct lab_move *m;
	int64_t by;

	if (!lab_may_wait(l, r))
		return;
	body = lab_body(r, &ms, 1);
	if (!body)
		return;
	by = lab_member_int(&ms, 0);
	json_object_put(body);
	if (!is_possible(l, by, &why)) {
		lab_error(r, 400, "%s", text_str(&why));
		return;
	}
	m = MEM_NEW(struct lab_move);
	m->lab = l;
	m->target_ms = last_target(l) + by;
	list_append(&l->moves, &m->of_lab);
	l->n_waiting++;
	m->parked = http_park(r, on_gone, m);
	record_move(l, by);
	loop_advance(l->loop, by, on_moved, l);
}

/* ---- standing still ---- */

/* A misspelt or misplaced member must not be taken for something that was done. */
static bool is_empty_body(struct http_request *r)
{
	struct json_object *body = lab_body(r, NULL, 0);
	bool ret = body;

	json_object_put(body);
	return ret;
}

void lab_post_freeze(void *magic, struct http_request *r)
{
	struct lab *l = magic;

	if (!is_empty_body(r))
		return;
	if (!loop_is_frozen(l->loop))
		record_clock(l, "freeze", NULL, "clock stands still");
	loop_freeze(l->loop);
	lab_get_clock(l, r);
}

void lab_resume_clock(struct lab *l)
{
	if (!loop_is_frozen(l->loop))
		return;
	loop_resume(l->loop);
	record_clock(l, "resume", NULL, "clock runs");
}

void lab_post_resume(void *magic, struct http_request *r)
{
	if (!is_empty_body(r))
		return;
	lab_resume_clock(magic);
	lab_get_clock(magic, r);
}
