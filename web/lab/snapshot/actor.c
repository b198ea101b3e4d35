/*
 * Lab API: actors in a snapshot
 *
 * A hosted client is not what can be written down: it has connections. So an actor comes back like one after a power cut:
 * who it is and what it has on its screen, and it signs in again if it had. A phone asks the server what it was talking; a
 * desktop knows its dialog, and goes on with it from its new port.
 */
#include "mcxd/base/list.h"
#include "mcxd/core/snapshot.h"
#include "mcxd/core/store_row.h"
#include "mcxd/core/user.h"
#include "mcxd/sim/dialog.h"
#include "proto/text/display_name.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/lab/actor/actor.h"
#include "web/lab/actor/phone.h"
#include "web/lab/json.h"
#include "web/lab/lab.h"
#include "web/lab/private.h"
#include "web/lab/snapshot/private.h"
#include "web/lab/snapshot/snapshot.h"

enum {
	ID,
	KIND,
	USER,
	NAME,
	SIGNED_IN,
	ON,
	LINES,
	DIALOG,
	TOAST,
	ENDPOINT,
	SCREEN,
	TILE,
	ONLINE,
	N_MEMBERS,
	FIRST_OF_PHONE = ENDPOINT
};

static const struct lab_member actor_members[N_MEMBERS] = {
	[ID] = { "id", json_type_int, true },
	[KIND] = { "kind", json_type_string, true },
	[USER] = { "user", json_type_string, true },
	[NAME] = { "name", json_type_string, true },
	[SIGNED_IN] = { "signedIn", json_type_boolean, true },
	[ON] = { "on", json_type_boolean, true },
	[LINES] = { "lines", json_type_array, true },
	[DIALOG] = { "dialog", json_type_object, false },
	[TOAST] = { "toast", json_type_object, false, .nullable = true },
	[ENDPOINT] = { "endpointId", json_type_string, false },
	[SCREEN] = { "screen", json_type_string, false },
	[TILE] = { "tile", json_type_int, false },
	[ONLINE] = { "online", json_type_boolean, false },
};

enum { PEER, LINE_NAME, STATE, TEXT, N_LINE_MEMBERS };

static const struct lab_member line_members[N_LINE_MEMBERS] = {
	[PEER] = { "peer", json_type_string, false, true },
	[LINE_NAME] = { "name", json_type_string, false, true },
	[STATE] = { "state", json_type_string, true },
	[TEXT] = { "text", json_type_string, true },
};

/* ---- writing ---- */

static struct json_object *write_actor(struct actor *a)
{
	struct json_object *o = json_object_new_object();
	struct sim_dialog dialog = { 0 };

	json_out_int(o, actor_members[ID].name, (int64_t)a->id);
	json_out_string(o, actor_members[KIND].name, a->kind->name);
	json_out_string(o, actor_members[USER].name, a->user);
	json_out_string(o, actor_members[NAME].name, a->name);
	json_out_bool(o, actor_members[SIGNED_IN].name,
		      a->state == ACTOR_SIGNED_IN || a->state == ACTOR_SIGNING_IN);
	json_out_bool(o, actor_members[ON].name, a->is_on);
	json_object_object_add(o, actor_members[LINES].name, actor_lines_json(a));
	if (a->kind == &actor_phone)
		actor_phone_save(actor_phone_of(a), o);
	else if (desktop_save(a, &dialog))
		json_object_object_add(o, actor_members[DIALOG].name,
				       snapshot_dialog_json(&dialog));
	sim_dialog_deinit(&dialog);
	return o;
}

/* A desktop will register again, from elsewhere. */
static void drop_contact(struct json_object *bindings, struct actor *a)
{
	const char *contact = a->kind->contact ? a->kind->contact(a) : NULL;

	for (size_t i = json_object_array_length(bindings); contact && i > 0; i--) {
		struct json_object *o = json_object_array_get_idx(bindings, i - 1);
		const char *uri = json_object_get_string(json_object_object_get(o, "contact"));

		if (!strncmp(contact + 1, uri, strlen(uri)) && contact[1 + strlen(uri)] == '>')
			json_object_array_del_idx(bindings, i - 1, 1);
	}
}

void snapshot_actors_drop_contacts(const struct lab *l, struct json_object *rows)
{
	struct json_object *bindings =
		json_object_object_get(rows, store_tables[STORE_BINDING].name);

	list_for_each (node, &l->actors)
		drop_contact(bindings, LIST_ENTRY(node, struct actor, of_lab));
}

struct json_object *snapshot_actors_json(const struct lab *l)
{
	struct json_object *list = json_object_new_array();

	list_for_each (node, &l->actors)
		json_object_array_add(list, write_actor(LIST_ENTRY(node, struct actor, of_lab)));
	return list;
}

/* ---- reading ---- */

struct actor_reading {
	struct lab *lab;
	const struct snapshot *snapshot;
	struct snapshot_actors *ret;
};

static bool read_line(void *magic, struct json_object *o, size_t i, struct text *why)
{
	struct lab_member m[N_LINE_MEMBERS];

	(void)magic;
	(void)i;
	memcpy(m, line_members, sizeof(m));
	if (!json_object_is_type(o, json_type_object))
		text_add(why, "A line is an object.");
	else if (lab_take_members(o, m, N_LINE_MEMBERS, why) &&
		 !actor_knows_line(lab_member_string(&m[STATE])))
		text_addf(why, "Unknown state \"%.40s\".", lab_member_string(&m[STATE]));
	return !why->n;
}

/* Whether this process can host its kind. */
static bool can_host(struct lab *l, const struct snapshot_actor *a, struct text *why)
{
	struct actor *trial = a->kind->make(l, why);

	if (!trial)
		return false;
	trial->kind = a->kind;
	actor_init(trial, l, a->user, a->name);
	trial->kind->free(trial);
	return true;
}

static bool check_phone(const struct lab_member m[N_MEMBERS], struct text *why)
{
	bool is_phone = !strcmp(lab_member_string(&m[KIND]), actor_phone.name);

	for (int i = FIRST_OF_PHONE; i < N_MEMBERS; i++)
		if (is_phone != (m[i].value != NULL)) {
			text_addf(why, "\"%s\" %s.", m[i].name,
				  is_phone ? "is missing" : "is what only a phone has");
			return false;
		}
	if (!is_phone && m[TOAST].value)
		text_add(why, "\"toast\" is what only a phone has.");
	if (!is_phone)
		return !why->n;
	if (m[DIALOG].value)
		text_add(why, "\"dialog\" is what only a desktop has.");
	else if (actor_screen_of(lab_member_string(&m[SCREEN])) == N_PHONE_SCREENS)
		text_add(why, "\"screen\" must be lock, home or app.");
	else if (lab_member_int(&m[TILE], 0) < 0)
		text_add(why, "\"tile\" must be at least 0.");
	return !why->n;
}

static bool check_names(const struct lab_member m[N_MEMBERS], struct text *why)
{
	static const int names[] = { USER, ENDPOINT };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct json_object *value = m[names[i]].value;

		if (value && (!snapshot_is_name(value) || !json_object_get_string_len(value))) {
			text_addf(why, "\"%s\" must be a line of at most 64k.", m[names[i]].name);
			return false;
		}
	}
	return true;
}

static bool read_toast(struct json_object *o, struct snapshot_actor *ret, struct text *why)
{
	struct lab_member m[] = { { "from", json_type_string, true },
				  { "text", json_type_string, true },
				  { "push", json_type_string, false } };

	if (!o)
		return true;
	if (!lab_take_members(o, m, ARRAY_SIZE(m), why))
		return false;
	ret->toast_from = lab_member_string(&m[0]);
	ret->toast_text = lab_member_string(&m[1]);
	ret->toast_push = lab_member_string(&m[2]);
	return true;
}

static bool is_taken(const struct snapshot_actors *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (!strcmp(list->actors[i].name, name))
			return true;
	return false;
}

static bool check_members(const struct actor_reading *r, const struct lab_member m[N_MEMBERS],
			  struct text *why)
{
	const struct snapshot_actors *list = r->ret;
	const char *user = lab_member_string(&m[USER]), *name = lab_member_string(&m[NAME]);
	const char *flaw = display_name_flaw(name);
	uint64_t last = list->n ? list->actors[list->n - 1].id : 0;
	int64_t id;

	if (!check_names(m, why) || !check_phone(m, why))
		return false;
	if (!snapshot_read_number(m[ID].value, (int64_t)last + 1, SNAPSHOT_MAX_NUMBER, &id))
		text_add(why, "\"id\" must be a number that rises from actor to actor.");
	else if (!actor_kind_of(lab_member_string(&m[KIND])))
		text_add(why, "\"kind\" must be desktop or phone.");
	else if (flaw)
		text_addf(why, "\"name\" %s.", flaw);
	else if (is_taken(list, name))
		text_add(why, "There are two with this \"name\".");
	else if (!snapshot_has_user(r->lab->core, r->snapshot, user))
		text_addf(why, "Unknown user \"%.100s\".", user);
	else
		snapshot_read_list(m[LINES].value, m[LINES].name, read_line, NULL, why);
	return !why->n;
}

static bool read_actor(void *magic, struct json_object *o, size_t i, struct text *why)
{
	const struct actor_reading *r = magic;
	struct snapshot_actor *a = &r->ret->actors[i];
	struct lab_member m[N_MEMBERS];

	memcpy(m, actor_members, sizeof(m));
	if (!json_object_is_type(o, json_type_object)) {
		text_add(why, "An actor is an object.");
		return false;
	}
	if (!lab_take_members(o, m, N_MEMBERS, why) || !check_members(r, m, why))
		return false;
	*a = (struct snapshot_actor){
		.id = (uint64_t)lab_member_int(&m[ID], 0),
		.kind = actor_kind_of(lab_member_string(&m[KIND])),
		.user = lab_member_string(&m[USER]),
		.name = lab_member_string(&m[NAME]),
		.signed_in = lab_member_bool(&m[SIGNED_IN], false),
		.is_on = lab_member_bool(&m[ON], true),
		.lines = m[LINES].value,
		.endpoint_id = lab_member_string(&m[ENDPOINT]),
		.screen = lab_member_string(&m[SCREEN]),
		.tile = lab_member_int(&m[TILE], 0),
		.is_online = lab_member_bool(&m[ONLINE], true),
	};
	r->ret->n = i + 1;
	if (!read_toast(m[TOAST].value, a, why))
		return false;
	if (m[DIALOG].value && !snapshot_dialog_read(m[DIALOG].value, &a->dialog, why))
		return false;
	return can_host(r->lab, a, why);
}

bool snapshot_actors_read(struct snapshot_actors *ret, struct lab *l, const struct snapshot *s,
			  struct json_object *list, struct text *why)
{
	struct actor_reading r = { l, s, ret };
	size_t n = json_object_array_length(list);

	ret->actors = mem_zalloc((n + 1) * sizeof(*ret->actors));
	if ((int64_t)n <= l->config->max_actors)
		return snapshot_read_list(list, "actors", read_actor, &r, why);
	text_addf(why, "actors: there can be %lld (act.max_actors).",
		  (long long)l->config->max_actors);
	return false;
}

void snapshot_actors_deinit(struct snapshot_actors *s)
{
	for (size_t i = 0; i < s->n; i++)
		sim_dialog_deinit(&s->actors[i].dialog);
	free(s->actors);
	*s = (struct snapshot_actors){ 0 };
}

/* ---- loading ---- */

static void load_lines(struct actor *a, struct json_object *list)
{
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *o = json_object_array_get_idx(list, i);
		const char *values[N_LINE_MEMBERS];

		for (int member = 0; member < N_LINE_MEMBERS; member++)
			values[member] = json_object_get_string(
				json_object_object_get(o, line_members[member].name));
		actor_put_line(a, values[STATE],
			       &(struct actor_line){ .peer = values[PEER],
						     .name = values[LINE_NAME],
						     .text = values[TEXT] });
	}
}

static void load_actor(struct lab *l, const struct snapshot_actor *s)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	const struct user *u = user_meet(l->core, s->user, true);
	bool signs_in = s->signed_in && s->is_on && s->is_online;
	struct actor *a;

	if (lab_actor_new(l, s->kind, &a, &why))
		return;
	lab_actor_enter(l, a, u ? u->aor : s->user, s->name, s->id);
	a->is_on = s->is_on;
	load_lines(a, s->lines);
	if (s->kind == &actor_phone)
		actor_phone_restore(actor_phone_of(a), &(struct actor_phone_past){
							       .endpoint_id = s->endpoint_id,
							       .screen = actor_screen_of(s->screen),
							       .tile = s->tile,
							       .toast_from = s->toast_from,
							       .toast_text = s->toast_text,
							       .toast_push = s->toast_push,
							       .is_online = s->is_online,
							       .signs_in = signs_in,
						       });
	else if (signs_in && s->dialog.call_id)
		desktop_restore(a, &s->dialog);
	if (signs_in && lab_actor_sign_in(a, &why))
		actor_on_problem(a, text_str(&why));
}

void snapshot_actors_load(const struct snapshot_actors *s, struct lab *l)
{
	for (size_t i = 0; i < s->n; i++)
		load_actor(l, &s->actors[i]);
}
