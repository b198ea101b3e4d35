/*
 * Authentication: wrong passwords
 *
 * They cost what they cost over HTTPS (base/guess.h). A request that has to wait is held as it came, and handled again when it is its
 * turn: to be checked, or to be told that it was wrong. One within a dialog is not held: its sender has proved himself to begin it.
 */
#include "mcxd/front_end/auth/guessing.h"

#include "mcxd/base/guess.h"
#include "mcxd/base/list.h"
#include "mcxd/base/metric.h"
#include "mcxd/front_end/auth/private.h"
#include "mcxd/front_end/private.h"
#include "mcxd/sip/agent.h"
#include "proto/text/mem.h"

struct auth_wait {
	struct list of_auth;
	struct front_end_auth *auth;
	struct guess_wait guess;
	struct struck *held;
	bool is_told; /* that its password was wrong; else it is to be checked */
};

static void wait_free(struct auth_wait *w)
{
	guess_cancel(&w->guess);
	list_remove(&w->of_auth);
	free(w);
}

void auth_forget_waits(struct front_end_auth *a)
{
	list_for_each_safe (node, &a->waits)
		wait_free(LIST_ENTRY(node, struct auth_wait, of_auth));
}

bool auth_is_told(const struct front_end_auth *a)
{
	return a->resumed && a->resumed->is_told;
}

static void on_turn(void *magic)
{
	struct auth_wait *w = magic;
	struct front_end_auth *a = w->auth;
	struct struck *held = w->held;

	a->resumed = w;
	agent_let_go(held);
	a->resumed = NULL;
	wait_free(w);
}

static void on_gone(void *magic)
{
	wait_free(magic);
}

static struct auth_wait *wait_new(struct front_end_auth *a, bool is_told)
{
	struct auth_wait *w = MEM_NEW(struct auth_wait);

	w->auth = a;
	w->guess.on_turn = on_turn;
	w->guess.magic = w;
	w->is_told = is_told;
	list_append(&a->waits, &w->of_auth);
	return w;
}

/* What cannot be held is refused for a moment. */
static void hold(const struct auth_request *q, struct auth_wait *w, struct auth_result *ret)
{
	if (q->may_wait)
		w->held = agent_hold(w->auth->front_end->agent, on_gone, w);
	if (w->held) {
		auth_finds(ret, AUTH_WAITS, NULL);
		return;
	}
	wait_free(w);
	auth_finds(ret, AUTH_BUSY, "Wrong passwords for this user have come from here");
}

bool auth_may_check(struct front_end_auth *a, const struct auth_request *q, const char *name,
		    struct auth_result *ret)
{
	struct auth_wait *w;

	if (a->resumed) /* it has had its turn */
		return true;
	w = wait_new(a, false);
	switch (guess_ask(a->guesses, name, q->sender.host, &w->guess, &ret->wait_ms)) {
	case GUESS_NOW: wait_free(w); return true;
	case GUESS_LATER: hold(q, w, ret); return false;
	case GUESS_TOO_MANY: break;
	}
	wait_free(w);
	auth_finds(ret, AUTH_BUSY, "Too many requests with wrong passwords wait");
	return false;
}

void auth_was_right(struct front_end_auth *a, const struct auth_request *q, const char *name)
{
	guess_right(a->guesses, name, q->sender.host);
}

void auth_was_wrong(struct front_end_auth *a, const struct auth_request *q, const char *name,
		    struct auth_result *ret)
{
	struct auth_wait *w = wait_new(a, true);
	bool is_later = guess_wrong(a->guesses, name, q->sender.host, &w->guess) == GUESS_LATER;

	auth_finds(ret, AUTH_WRONG, AUTH_WRONG_WHY);
	metric_inc(&a->metrics.wrong_total);
	if (is_later && q->may_wait)
		hold(q, w, ret);
	else
		wait_free(w);
}
