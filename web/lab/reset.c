/*
 * Lab API: reset
 *
 * What tests have left is gone, and whoever waits is answered. What happened stays in the journal, and ids go on, so
 * that nothing that is still on its way is taken for something new.
 */
#include "mcxd/base/fault.h"
#include "mcxd/core/life.h"
#include "mcxd/core/user.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/lab/drill/play.h"
#include "web/lab/json.h"
#include "web/lab/private.h"
#include "web/lab/stored.h"
#include "web/lab/who.h"

/* What this API itself has made goes first, before actors can react to what becomes of the rest. aor NULL: all of it. */
typedef void reset_h(struct lab *l, const char *aor);

static void reset_clock(struct lab *l, const char *aor)
{
	if (!aor)
		lab_resume_clock(l);
}

/* What they hold is lost: it would make something again that the reset has ended. */
static void reset_faults(struct lab *l, const char *aor)
{
	if (l->faults)
		faults_reset(l->faults, aor);
}

static void reset_play(struct lab *l, const char *aor)
{
	if (!aor)
		lab_play_reset(l);
}

static reset_h *const own[] = {
	reset_play,
	reset_faults,
	lab_actors_reset,
	reset_clock,
};

static void record_reset(const struct lab *l, const char *aor)
{
	CLEANUP(mem_free_string)
	char *summary = text_concat("the lab is reset", aor ? " for " : "", aor);

	lab_record(l, "reset", aor, summary);
}

static void reset(struct lab *l, struct user *u)
{
	const char *aor = u ? u->aor : NULL;

	record_reset(l, aor);
	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		own[i](l, aor);
	if (u)
		user_reset(u);
	else
		core_reset(l->core);
	if (l->on_reset)
		l->on_reset(l->magic, aor);
}

void lab_reset(struct lab *l)
{
	reset(l, NULL);
}

void lab_post_reset(void *magic, struct http_request *r)
{
	struct lab_member user = { "user", json_type_string, false };
	struct lab *l = magic;
	struct json_object *body = lab_may_store(l, r) ? lab_body(r, &user, 1) : NULL;
	struct user *u;

	if (!body)
		return;
	u = lab_meet(l->core, lab_member_string(&user));
	if (user.value && !u) {
		lab_error(r, 404, "%s is not a user of this server.", lab_member_string(&user));
	} else {
		reset(l, u);
		lab_answer_stored(l, r, 204, NULL, NULL);
	}
	json_object_put(body);
}
