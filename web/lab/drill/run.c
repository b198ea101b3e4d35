/*
 * Lab API: a drill is run
 *
 * Its two users are its own and exist only meanwhile, and its fault is for the phone's user. What it changes for everybody, the
 * settings and the clearing house, is said of it (drill_disturbs()), but for the two lingers, which all drills shorten. What
 * others change meanwhile stays.
 */
#include "mcxd/base/fault.h"
#include "mcxd/base/list.h"
#include "mcxd/base/random.h"
#include "mcxd/base/setting_change.h"
#include "mcxd/base/setting_map.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/core.h"
#include "mcxd/core/delivery.h"
#include "mcxd/core/life.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/push.h"
#include "mcxd/core/session.h"
#include "mcxd/core/user.h"
#include "proto/push/body.h"
#include "proto/record.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"
#include "web/lab/actor/actor.h"
#include "web/lab/cause.h"
#include "web/lab/drill/drill.h"
#include "web/lab/drill/play.h"
#include "web/lab/drill/run.h"
#include "web/lab/json.h"
#include "web/lab/lab.h"
#include "web/lab/private.h"

#include <string.h>

enum { SENDER, PHONE };

/* So that the app counts as in the background as soon as it is there. */
static const struct setting_change away_at_once[] = { { "core.phone_linger", "100ms" },
						      { "core.hang_up_linger", "1ms" } };

static struct phone *phone_of(const struct run *r)
{
	const struct user *u = user_find(run_core(r), r->bob);

	return u && !list_empty(&u->phones) ? LIST_ENTRY(u->phones.next, struct phone, of_user)
					    : NULL;
}

static const char *kind_of_phone(const struct run *r)
{
	switch ((int)r->drill->trick) {
	case TRICK_APPLE:
	case TRICK_BAD_TOKEN: return PLAY_IPHONE;
	case TRICK_QUIET: return PLAY_QUIET_PHONE;
	default: return "phone";
	}
}

static bool begin_phone(struct play *p)
{
	struct run *r = run_of(p);

	return run_change_settings(r, away_at_once, ARRAY_SIZE(away_at_once)) &&
	       run_add_user(r, r->alice, "Alice (drill)", true) &&
	       run_add_user(r, r->bob, "Bob (drill)", r->drill->trick != TRICK_NO_MOBILITY) &&
	       play_cast(p, PHONE, kind_of_phone(r), r->bob, "The drill's phone");
}

/* One that may not sign in has been told so. */
static bool is_phone_there(struct play *p)
{
	const struct actor *a = play_actor(p, PHONE);

	if (run_of(p)->drill->trick == TRICK_NO_MOBILITY)
		return a && a->state == ACTOR_SIGNED_OUT;
	if (a && a->state == ACTOR_SIGNED_OUT)
		text_addf(&p->why, "The phone cannot sign in: %s", a->problem ? a->problem : "");
	return a && a->state == ACTOR_SIGNED_IN;
}

static bool stays_open(const struct run *r)
{
	return r->drill->trick == TRICK_OPEN || r->drill->trick == TRICK_DECLINE ||
	       r->drill->trick == TRICK_NO_MOBILITY;
}

static bool begin_sleep(struct play *p)
{
	struct actor *a = play_actor(p, PHONE);

	if (stays_open(run_of(p)))
		return true;
	return a && !phone_background(a, &(struct actor_order){ 0 }, &p->why);
}

static bool is_asleep(struct play *p)
{
	const struct run *r = run_of(p);
	const struct phone *phone = phone_of(r);

	return stays_open(r) || (phone && delivery_is_away(phone));
}

static bool begin_sender(struct play *p)
{
	return play_cast(p, SENDER, "desktop", run_of(p)->alice, "The drill's desktop");
}

static bool is_sender_there(struct play *p)
{
	const struct actor *a = play_actor(p, SENDER);

	if (a && a->state == ACTOR_SIGNED_OUT)
		text_addf(&p->why, "The desktop cannot sign in: %s", a->problem ? a->problem : "");
	return a && a->state == ACTOR_SIGNED_IN;
}

static bool play_trick(struct run *r)
{
	char platform[] = PUSH_PLATFORM_APPLE;
	char device_token[] = "d0d0000000000000000000000000000000000000000000000000000000000000";
	struct phone *phone = phone_of(r);
	struct actor *a = play_actor(&r->play, PHONE);
	struct user *bob = user_find(run_core(r), r->bob);

	if (r->drill->trick == TRICK_UNSUBSCRIBE)
		return phone && session_expire_subscription(phone);
	if (r->drill->trick == TRICK_OFFLINE)
		return a && !phone_lose_network(a, &(struct actor_order){ 0 }, &r->play.why);
	if (r->drill->trick == TRICK_BAD_TOKEN)
		return phone && session_subscribe(phone, &(struct subscription){
								 .platform = platform,
								 .device_token = device_token,
							 }) == PHONE_OK;
	if (r->drill->trick == TRICK_NO_PUSH) {
		struct user_spec spec = user_spec_of(bob);

		spec.policy.enable_push = false;
		user_update(bob, &spec);
	}
	return true;
}

static char *listener_uri(const struct run *r, const char *name)
{
	CLEANUP(mem_free_string) char *address = actor_listener(r->play.lab, name);

	return text_format("sip:%s;transport=%s", address ? address : "", strchr(name, '.') + 1);
}

/* The joint breaks, and the invitation goes out. */
static bool begin_invitation(struct play *p)
{
	struct run *r = run_of(p);
	struct setting_change changes[DRILL_SETTINGS];
	struct actor *a = play_actor(p, SENDER);
	size_t n = 0;
	struct actor_order order = { .to = r->bob, .text = "Are you there?" };
	CLEANUP(mem_free_string) char *nobody = text_concat("nobody-", r->bob);

	if (r->drill->trick == TRICK_STRANGER)
		order.to = nobody;
	CLEANUP(mem_free_string) char *listener = NULL;

	for (; n < DRILL_SETTINGS && r->drill->settings[n].name; n++) {
		const char *value = r->drill->settings[n].value;

		if (*value == '@') {
			listener = listener_uri(r, value + 1);
			value = listener;
		}
		changes[n] = (struct setting_change){ r->drill->settings[n].name, value };
	}
	if (r->drill->foreign_house)
		p->lab->set_foreign_house(p->lab->magic, true);
	return (!n || run_change_settings(r, changes, n)) &&
	       (!r->drill->breaks || run_set_fault(r)) && play_trick(r) && a &&
	       !desktop_send(a, &order, &p->why);
}

static struct conversation *conversation_of(const struct run *r)
{
	struct conversation *v;
	uint64_t cursor = 0;

	while ((v = conversation_next(run_core(r), &cursor)))
		if (!v->ended_wall_us && !strcmp(v->from, r->alice))
			return v;
	return NULL;
}

/* Whether it is known what became of the push, or that there is none. */
static bool is_fate_known(struct play *p)
{
	struct run *r = run_of(p);
	const struct push *push = run_push(r);
	const struct conversation *v = conversation_of(r);
	const struct actor *phone = play_actor(p, PHONE);

	if (run_summary(r))
		return true;
	if (!v)
		return false;
	r->conversation = v->id;
	if (stays_open(r))
		return phone && actor_talk_in(phone, ACTOR_INVITED);
	return push ? push->answered_wall_us != 0 : v->timeout_reason != NULL;
}

/* Nobody waits for the minute that the invitation would ring. */
static bool begin_end(struct play *p)
{
	const struct run *r = run_of(p);
	struct conversation *v = conversation_find(run_core(r), r->conversation);
	struct actor *phone = play_actor(p, PHONE);

	if (r->drill->trick == TRICK_DECLINE)
		return phone && !phone_decline(phone, &(struct actor_order){ 0 }, &p->why);
	if (v && !v->ended_wall_us)
		conversation_expire(v);
	return true;
}

static bool has_sender_heard(struct play *p)
{
	struct actor *a = play_actor(p, SENDER);

	return run_summary(run_of(p)) && a && !actor_talk_open(a);
}

static bool begin_checks(struct play *p)
{
	run_check(run_of(p));
	return true;
}

static const struct play_step steps[] = {
	{ "The phone signs in", begin_phone, is_phone_there },
	{ "The app goes to the background", begin_sleep, is_asleep },
	{ "The sender signs in", begin_sender, is_sender_there },
	{ "An invitation goes out, and it is known what became of its push", begin_invitation,
	  is_fate_known },
	{ "The invitation ends", begin_end, has_sender_heard },
	{ "What was seen is checked", begin_checks, NULL },
};

/* ---- the end ---- */

static void mend(struct play *p)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	struct actor *a = play_actor(p, PHONE);

	if (a && run_of(p)->drill->trick == TRICK_OFFLINE)
		phone_network_back(a, &(struct actor_order){ 0 }, &why);
	run_mend(run_of(p));
}

static struct json_object *finish(struct play *p)
{
	struct run *r = run_of(p);
	struct user *const users[] = { user_find(run_core(r), r->alice),
				       user_find(run_core(r), r->bob) };
	struct json_object *o = json_object_new_object();

	for (size_t i = 0; i < ARRAY_SIZE(users); i++)
		if (users[i])
			user_remove(users[i]);
	json_out_string(o, "name", r->drill->name);
	json_out_string(o, "title", r->drill->title);
	json_out_bool(o, "passed", !r->has_failed && !p->why.n);
	json_out_string(o, "problem", p->why.n ? text_str(&p->why) : NULL);
	json_object_object_add(o, "checks", r->checks);
	r->checks = NULL;
	return o;
}

static void run_free(struct play *p)
{
	struct run *r = run_of(p);

	json_object_put(r->checks);
	run_settings_free(r);
	free(r->alice);
	free(r->bob);
	free(r);
}

static const struct play_kind kind = { steps, ARRAY_SIZE(steps), mend, finish, run_free };

/* ---- the resources ---- */

/* There is one front end, one Edge and one clearing house, and their settings are not a user's. */
static bool drill_disturbs(const struct drill *d)
{
	return d->settings[0].name || d->foreign_house;
}

void lab_get_drills(void *magic, struct http_request *r)
{
	struct json_object *list = json_object_new_array();

	(void)magic;
	for (size_t i = 0; i < n_drills; i++) {
		struct json_object *o = json_object_new_object();

		json_out_string(o, "name", drills[i].name);
		json_out_string(o, "title", drills[i].title);
		json_out_string(o, "cause", cause_names[drills[i].cause]);
		json_out_bool(o, "disturbs", drill_disturbs(&drills[i]));
		json_object_array_add(list, o);
	}
	lab_answer_list(r, "drills", list);
}

/* A domain of this server, for two more users. */
static const char *domain_of(const struct core *c)
{
	void *cursor = NULL;
	const struct user *u = user_next(c, &cursor);

	return u ? strchr(u->aor, '@') : "@lab.test";
}

void lab_post_drill(void *magic, struct http_request *request)
{
	struct lab *l = magic;
	const struct drill *drill = drill_find(http_param(request, "name"));
	char id[9];
	struct run *r;

	if (!lab_core(l, request) || !lab_has_journal(l, request) || !lab_may_wait(l, request))
		return;
	if (!drill || !l->change_settings || (drill->foreign_house && !l->set_foreign_house)) {
		lab_error(request, 404, "There is no drill \"%s\".", http_param(request, "name"));
		return;
	}
	r = MEM_NEW(struct run);
	random_hex(4, id);
	r->drill = drill;
	r->alice = text_format("drill-%s-alice%s", id, domain_of(l->core));
	r->bob = text_format("drill-%s-bob%s", id, domain_of(l->core));
	r->checks = json_object_new_array();
	if (!play_start(&r->play, l, &kind, request))
		run_free(&r->play);
}
