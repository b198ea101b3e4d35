/*
 * Lab API: a play
 */
#include "web/lab/drill/play.h"

#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"
#include "web/lab/actor/actor.h"
#include "web/lab/actor/phone.h"
#include "web/lab/json.h"
#include "web/lab/private.h"

/* In real time: it waits for clients, which act at once. */
enum { STEP_MS = 20000 };

struct actor *play_actor(const struct play *p, size_t i)
{
	struct list *const lists[] = { &p->lab->actors, &p->lab->leaving };

	for (size_t k = 0; p->actors[i] && k < ARRAY_SIZE(lists); k++)
		list_for_each (node, lists[k])
			if (LIST_ENTRY(node, struct actor, of_lab)->id == p->actors[i])
				return LIST_ENTRY(node, struct actor, of_lab);
	return NULL;
}

bool play_cast(struct play *p, size_t i, const char *kind, const char *user, const char *name)
{
	struct lab *l = p->lab;
	bool is_iphone = !strcmp(kind, PLAY_IPHONE), is_quiet = !strcmp(kind, PLAY_QUIET_PHONE);
	struct actor *a = NULL;

	if (lab_actor_new(l, actor_kind_of(is_iphone || is_quiet ? "phone" : kind), &a, &p->why))
		return false;
	if (is_iphone || is_quiet) {
		actor_phone_of(a)->is_iphone = is_iphone;
		actor_phone_of(a)->wants_no_toasts = is_quiet;
	}
	lab_actor_enter(l, a, user, name, l->last_actor + 1);
	p->actors[i] = a->id;
	return lab_actor_sign_in(a, &p->why) == 0;
}

/* ---- the end ---- */

static void release(struct play *p)
{
	loop_timer_stop(&p->deadline);
	p->lab->play = NULL;
	p->lab->n_waiting--;
	text_deinit(&p->why);
	p->kind->free(p);
}

static bool is_empty(const struct play *p)
{
	for (size_t i = 0; i < PLAY_ACTORS; i++)
		if (play_actor(p, i))
			return false;
	return true;
}

static void drop_actors(const struct play *p)
{
	for (size_t i = 0; i < PLAY_ACTORS; i++) {
		struct actor *a = play_actor(p, i);

		if (a)
			lab_actor_free(a);
	}
}

static void answer(struct play *p)
{
	struct json_object *o = p->kind->finish(p);
	struct http_request *r = http_parked(p->lab->http, p->parked);

	if (r)
		http_answer_json(r, 200, NULL, o);
	else
		json_object_put(o);
	release(p);
}

/* They do not find their way out. */
static void on_stuck(void *magic)
{
	drop_actors(magic);
	answer(magic);
}

static void end(struct play *p)
{
	p->is_ending = true;
	loop_timer_stop(&p->deadline);
	p->kind->mend(p);
	for (size_t i = 0; i < PLAY_ACTORS; i++) {
		struct actor *a = play_actor(p, i);

		if (a)
			lab_actor_remove(a);
	}
	loop_timer_set_real(p->lab->loop, &p->deadline, STEP_MS, on_stuck, p);
}

/* ---- the steps ---- */

/* Whether what it waits for has happened, or never will. */
static bool is_step_over(struct play *p)
{
	const struct play_step *step = &p->kind->steps[p->step];

	return !step->is_over || step->is_over(p) || p->why.n;
}

/* It may have happened without a record. */
static void on_late(void *magic)
{
	struct play *p = magic;

	if (!is_step_over(p)) {
		text_addf(&p->why, "%s: that has not happened within %d s",
			  p->kind->steps[p->step].what, STEP_MS / 1000);
		end(p);
	}
	lab_play_feed(p->lab);
}

/* Returns whether there may be more to do at once. */
static bool go_on(struct play *p)
{
	const struct play_step *step = &p->kind->steps[p->step];

	if (!p->began) {
		p->began = true;
		loop_timer_set_real(p->lab->loop, &p->deadline, STEP_MS, on_late, p);
		if (!step->begin(p)) {
			end(p);
			return true;
		}
	}
	if (!is_step_over(p))
		return false;
	p->began = false;
	if (p->why.n || ++p->step == p->kind->n_steps)
		end(p);
	return true;
}

void lab_play_feed(struct lab *l)
{
	struct play *p = l->play;

	if (!p)
		return;
	while (!p->is_ending)
		if (!go_on(p))
			return;
	if (is_empty(p))
		answer(p);
}

static void on_gone(void *magic, uint64_t id)
{
	struct play *p = magic;

	(void)id;
	p->parked = 0;
}

static void on_begin(void *magic)
{
	const struct play *p = magic;

	lab_play_feed(p->lab);
}

bool play_start(struct play *p, struct lab *l, const struct play_kind *kind, struct http_request *r)
{
	if (l->play) {
		lab_error(r, 409,
			  "A drill or a test of messages is under way; there is one at a time.");
		return false;
	}
	p->lab = l;
	p->kind = kind;
	p->began_ms = loop_real_ms(l->loop);
	p->parked = http_park(r, on_gone, p);
	l->n_waiting++;
	l->play = p;
	loop_timer_set_real(l->loop, &p->deadline, 0, on_begin, p);
	return true;
}

void lab_play_reset(struct lab *l)
{
	struct play *p = l->play;

	if (!p)
		return;
	if (!p->is_ending) {
		text_add(&p->why, "The lab was reset");
		p->is_ending = true;
		p->kind->mend(p);
	}
	drop_actors(p);
	answer(p);
}

void lab_play_free(struct lab *l)
{
	if (!l->play)
		return;
	lab_answer_ending(l, l->play->parked);
	json_object_put(l->play->kind->finish(l->play));
	release(l->play);
}
