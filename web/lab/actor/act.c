/*
 * Lab API: actors
 *
 * What a person can do with a desktop or a phone is one table of commands. An order is answered when it has been given to the
 * client; what comes of it is in the journal and in what the actor shows.
 */
#include "mcxd/base/limit.h"
#include "mcxd/base/list.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/user.h"
#include "proto/order.h"
#include "proto/text/display_name.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/utf8.h"
#include "web/http/http.h"
#include "web/lab/actor/actor.h"
#include "web/lab/json.h"
#include "web/lab/lab.h"
#include "web/lab/private.h"
#include "web/lab/who.h"

enum { NEEDS_SIGNED_OUT = 1, NEEDS_SIGNED_IN = 2, NEEDS_ON = 4, NEEDS_OFF = 8, HAS_TEXT = 16 };
enum { IN = NEEDS_ON | NEEDS_SIGNED_IN };

/* By enum order. */
static const struct command {
	unsigned needs;
	actor_do_h *desktop, *phone; /* NULL: a person cannot do this there */
} commands[N_ORDERS] = {
	[ORDER_SIGN_IN] = { NEEDS_ON | NEEDS_SIGNED_OUT, desktop_sign_in, phone_sign_in },
	[ORDER_SIGN_OUT] = { NEEDS_ON, actor_sign_out, actor_sign_out },
	[ORDER_SEND] = { IN | HAS_TEXT, desktop_send, phone_send },
	[ORDER_TYPE] = { IN, desktop_type, phone_type },
	[ORDER_ACCEPT] = { IN, desktop_accept, phone_accept },
	[ORDER_DECLINE] = { IN, desktop_decline, phone_decline },
	[ORDER_IGNORE] = { IN, actor_ignore, phone_ignore },
	[ORDER_CANCEL] = { IN, desktop_cancel, phone_cancel },
	[ORDER_BYE] = { IN, desktop_bye, phone_bye },
	[ORDER_OPEN] = { IN, NULL, phone_open },
	[ORDER_BACKGROUND] = { IN, NULL, phone_background },
	[ORDER_LOCK] = { NEEDS_ON, NULL, phone_lock },
	[ORDER_UNLOCK] = { NEEDS_ON, NULL, phone_unlock },
	[ORDER_DISMISS] = { NEEDS_ON, NULL, phone_dismiss },
	[ORDER_LOSE_NETWORK] = { NEEDS_ON, NULL, phone_lose_network },
	[ORDER_NETWORK_BACK] = { NEEDS_ON, NULL, phone_network_back },
	[ORDER_SWITCH_OFF] = { NEEDS_ON, desktop_switch_off, phone_switch_off },
	[ORDER_SWITCH_ON] = { NEEDS_OFF, desktop_switch_on, phone_switch_on },
};

static const char *name_of(const struct command *c)
{
	return order_rows[c - commands].name;
}

static actor_do_h *action_of(const struct command *c, const struct actor *a)
{
	return a->kind == &actor_phone ? c->phone : c->desktop;
}

static struct actor *actor_of(struct list *node)
{
	return LIST_ENTRY(node, struct actor, of_lab);
}

/* ---- finding ---- */

static struct actor *find(struct lab *l, struct http_request *r)
{
	int64_t id = 0;

	if (text_to_int(http_param(r, "id"), 1, INT64_MAX, &id))
		list_for_each (node, &l->actors)
			if (actor_of(node)->id == (uint64_t)id)
				return actor_of(node);
	lab_error(r, 404, "Unknown actor.");
	return NULL;
}

static void refuse_command(struct http_request *r, const struct actor *a)
{
	CLEANUP(text_deinit) struct text known = TEXT_INIT;

	for (size_t i = 0; i < N_ORDERS; i++)
		if (action_of(&commands[i], a))
			text_add_all(&known, known.n ? ", " : "", order_rows[i].name);
	lab_error(r, 404, "A %s does not know \"%s\". It knows: %s.", a->kind->name,
		  http_param(r, "command"), text_str(&known));
}

static const struct command *find_command(struct http_request *r, const struct actor *a)
{
	for (size_t i = 0; i < N_ORDERS; i++)
		if (strcmp(order_rows[i].name, http_param(r, "command")) == 0 &&
		    action_of(&commands[i], a))
			return &commands[i];
	refuse_command(r, a);
	return NULL;
}

/* What is in the way of a command whatever the kind; NULL: nothing. */
static const char *obstacle(const struct command *c, const struct actor *a)
{
	if (c->needs & NEEDS_ON && !a->is_on)
		return "is switched off";
	if (c->needs & NEEDS_OFF && a->is_on)
		return "is switched on already";
	if (c->needs & NEEDS_SIGNED_OUT && a->state != ACTOR_SIGNED_OUT)
		return a->state == ACTOR_SIGNING_OUT ? "is still signing out"
						     : "has signed in already";
	if (c->needs & NEEDS_SIGNED_IN && a->state != ACTOR_SIGNED_IN)
		return a->state == ACTOR_SIGNING_IN ? "is still signing in" : "is not signed in";
	return NULL;
}

/* ---- orders ---- */

static void give(struct actor *a, const struct command *c, const struct actor_order *order,
		 struct http_request *r)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	const char *hurdle = obstacle(c, a);
	int status;

	if (hurdle) {
		lab_error(r, 409, "%s %s.", a->name, hurdle);
		return;
	}
	/* First, so that the order stands before what it leads to. */
	actor_record(a, name_of(c), order->to, order->text);
	status = action_of(c, a)(a, order, &why);
	if (status) {
		actor_record(a, "refused", NULL, text_str(&why));
		lab_error(r, status, "%s", text_str(&why));
	} else {
		http_answer_json(r, 200, NULL, actor_json(a));
	}
}

enum { TEXT, TO, N_MEMBERS };

void lab_post_order(void *magic, struct http_request *r)
{
	struct lab_member members[N_MEMBERS] = {
		[TEXT] = { "text", json_type_string, true },
		[TO] = { "to", json_type_string, false },
	};
	struct lab *l = magic;
	struct actor *a = lab_core(l, r) ? find(l, r) : NULL;
	const struct command *c = a ? find_command(r, a) : NULL;
	struct json_object *body;
	struct actor_order order;

	if (!c)
		return;
	body = lab_body(r, members, c->needs & HAS_TEXT ? N_MEMBERS : 0);
	if (!body)
		return;
	order = (struct actor_order){ .to = lab_member_string(&members[TO]),
				      .text = lab_member_string(&members[TEXT]) };
	if (c->needs & HAS_TEXT && !*order.text)
		lab_error(r, 400, "\"text\" must not be empty.");
	else
		give(a, c, &order, r);
	json_object_put(body);
}

/* ---- making and removing ---- */

/* Room for what follows the user's name in the name of an actor: "'s desktop 1000000". */
enum { MAX_NAME_END = 32 };

enum { NEW_KIND, NEW_USER, NEW_NAME, NEW_SIGN_IN, N_NEW };

const struct actor_kind *actor_kind_of(const char *name)
{
	static const struct actor_kind *const kinds[] = { &actor_desktop, &actor_phone };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (strcmp(kinds[i]->name, name) == 0)
			return kinds[i];
	return NULL;
}

int lab_actor_new(struct lab *l, const struct actor_kind *kind, struct actor **ret,
		  struct text *why)
{
	if (!budget_take(&l->actor_budget, 1)) {
		text_addf(why,
			  "There are %lld actors already, which is the limit (act.max_actors).",
			  (long long)l->config->max_actors);
		return 429;
	}
	*ret = kind->make(l, why);
	if (*ret) {
		(*ret)->kind = kind;
		return 0;
	}
	budget_give(&l->actor_budget, 1);
	return 409;
}

void lab_actor_enter(struct lab *l, struct actor *a, const char *user, const char *name,
		     uint64_t id)
{
	a->id = id;
	if (l->last_actor < id)
		l->last_actor = id;
	actor_init(a, l, user, name);
	list_append(&l->actors, &a->of_lab);
	metric_add(&l->act_metrics.hosted, 1);
	actor_record(a, "created", NULL, NULL);
}

int lab_actor_sign_in(struct actor *a, struct text *why)
{
	return action_of(&commands[ORDER_SIGN_IN], a)(a, NULL, why);
}

static const struct actor *find_name(const struct lab *l, const char *name)
{
	list_for_each (node, &l->actors)
		if (!strcmp(actor_of(node)->name, name))
			return actor_of(node);
	return NULL;
}

/* "Bob's phone", "Bob's phone 2": the first that no actor has. A long name of the user is cut. */
static char *make_name(const struct lab *l, const struct user *u, const struct actor_kind *kind)
{
	size_t n = utf8_first(u->display_name, DISPLAY_NAME_MAX - MAX_NAME_END);
	char *name = text_format("%.*s's %s", (int)n, u->display_name, kind->name);

	for (size_t i = 2; find_name(l, name); i++) {
		free(name);
		name = text_format("%.*s's %s %zu", (int)n, u->display_name, kind->name, i);
	}
	return name;
}

/* Whether an actor can be called so; NULL: no name is given. */
static bool take_name(const struct lab *l, struct http_request *r, const char *name)
{
	const char *flaw = name ? display_name_flaw(name) : NULL;
	const struct actor *other = name ? find_name(l, name) : NULL;

	if (flaw)
		lab_error(r, 400, "\"name\" %s.", flaw);
	else if (other)
		lab_error(r, 409, "Actor %llu has this name already: names of actors are unique.",
			  (unsigned long long)other->id);
	return !flaw && !other;
}

static void add(struct lab *l, struct http_request *r, const struct lab_member *m)
{
	const struct actor_kind *kind = actor_kind_of(lab_member_string(&m[NEW_KIND]));
	const struct user *u = lab_meet(l->core, lab_member_string(&m[NEW_USER]));
	const char *wish = lab_member_string(&m[NEW_NAME]);
	CLEANUP(mem_free_string) char *name = NULL;
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	struct actor *a = NULL;
	int status = 0;

	if (!kind)
		lab_error(r, 400, "\"kind\" must be desktop or phone.");
	else if (!u)
		lab_error(r, 404, "%s is not a user of this server.",
			  lab_member_string(&m[NEW_USER]));
	else if (take_name(l, r, wish) && (status = lab_actor_new(l, kind, &a, &why)) != 0)
		lab_error(r, status, "%s", text_str(&why));
	if (!a)
		return;
	name = wish ? mem_strdup(wish) : make_name(l, u, kind);
	lab_actor_enter(l, a, u->aor, name, l->last_actor + 1);
	if (lab_member_bool(&m[NEW_SIGN_IN], false) && lab_actor_sign_in(a, &why)) {
		lab_error(r, 409, "%s", text_str(&why));
		lab_actor_free(a);
		return;
	}
	http_answer_json(r, 201, NULL, actor_json(a));
}

void lab_post_actors(void *magic, struct http_request *r)
{
	struct lab_member members[N_NEW] = {
		[NEW_KIND] = { "kind", json_type_string, true },
		[NEW_USER] = { "user", json_type_string, true },
		[NEW_NAME] = { "name", json_type_string, false },
		[NEW_SIGN_IN] = { "signIn", json_type_boolean, false },
	};
	struct lab *l = magic;
	struct json_object *body = lab_core(l, r) ? lab_body(r, members, N_NEW) : NULL;

	if (!body)
		return;
	add(l, r, members);
	json_object_put(body);
}

void lab_get_actors(void *magic, struct http_request *r)
{
	struct lab *l = magic;
	struct json_object *actors;

	if (!lab_core(l, r))
		return;
	actors = json_object_new_array();
	list_for_each (node, &l->actors)
		json_object_array_add(actors, actor_json(actor_of(node)));
	lab_answer_list(r, "actors", actors);
}

void lab_get_actor(void *magic, struct http_request *r)
{
	struct lab *l = magic;
	struct actor *a = lab_core(l, r) ? find(l, r) : NULL;

	if (a)
		http_answer_json(r, 200, NULL, actor_json(a));
}

/* A client that is signed in takes its leave first, out of sight; it counts until then. */
void lab_actor_remove(struct actor *a)
{
	struct lab *l = a->lab;

	actor_record(a, "removed", NULL, NULL);
	list_remove(&a->of_lab);
	list_append(&l->leaving, &a->of_lab);
	a->is_leaving = true;
	if (a->is_on && a->state != ACTOR_SIGNED_OUT)
		actor_leave(a);
	else
		lab_actor_free(a);
}

void lab_delete_actor(void *magic, struct http_request *r)
{
	struct lab *l = magic;
	struct actor *a = lab_core(l, r) ? find(l, r) : NULL;

	if (!a)
		return;
	lab_actor_remove(a);
	http_answer(r, 204, NULL, NULL, 0);
}

void lab_actors_init(struct lab *l)
{
	list_init(&l->actors);
	list_init(&l->leaving);
	l->act_metrics = (struct act_metrics)METRICS_INIT(ACT_METRICS);
	METRICS_ADD(l->metrics, "act", &l->act_metrics);
	l->actor_budget = (struct budget){ .max = l->config->max_actors,
					   .refused = &l->act_metrics.refused_total };
}

static void drop_of(struct list *actors, const char *aor)
{
	list_for_each_safe (node, actors)
		if (!aor || !strcmp(actor_of(node)->user, aor))
			lab_actor_free(actor_of(node));
}

void lab_actors_reset(struct lab *l, const char *aor)
{
	drop_of(&l->actors, aor);
	drop_of(&l->leaving, aor);
}

void lab_actors_free(struct lab *l)
{
	list_for_each_safe (node, &l->actors)
		lab_actor_free(actor_of(node));
	list_for_each_safe (other, &l->leaving)
		lab_actor_free(actor_of(other));
}
