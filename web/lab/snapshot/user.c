/*
 * Lab API: users of a snapshot, as JSON and back
 */
#include "mcxd/core/core.h"
#include "mcxd/core/user.h"
#include "proto/sip/uri.h"
#include "proto/text/json_out.h"
#include "proto/text/text.h"
#include "web/lab/json.h"
#include "web/lab/snapshot/private.h"
#include "web/lab/snapshot/snapshot.h"

static int by_aor(const void *a, const void *b)
{
	struct json_object *const *one = a, *const *two = b;

	return strcmp(json_object_get_string(json_object_object_get(*one, "aor")),
		      json_object_get_string(json_object_object_get(*two, "aor")));
}

/* Those of the open domain are users wherever that is open. */
struct json_object *snapshot_users_json(const struct core *c, bool with_passwords)
{
	struct json_object *users = json_object_new_array();
	const struct user *u;
	void *cursor = NULL;

	while ((u = user_next(c, &cursor))) {
		struct json_object *o;

		if (u->origin == USER_OPEN)
			continue;
		o = json_object_new_object();
		json_out_string(o, "aor", u->aor);
		json_out_string(o, "display_name", u->display_name);
		json_out_string(o, "password", with_passwords ? u->password : NULL);
		json_out_string(o, "number", u->number);
		json_out_bool(o, "enable_mobility", u->policy.enable_mobility);
		json_out_bool(o, "enable_push", u->policy.enable_push);
		json_out_string(o, "outside_voice_number", u->outside_number);
		json_out_bool(o, "enable_outside_voice", !u->policy.no_outside_voice);
		json_object_array_add(users, o);
	}
	json_object_array_sort(users, by_aor);
	return users;
}

/* ---- reading ---- */

/* Those that are text are in the order of enum user_text. */
enum { AOR, NAME, PASSWORD, NUMBER, MOBILITY, PUSH, OUTSIDE_NUMBER, OUTSIDE_VOICE, N_USER_MEMBERS };

static const struct lab_member user_members[N_USER_MEMBERS] = {
	[AOR] = { "aor", json_type_string, true },
	[NAME] = { "display_name", json_type_string, true },
	[PASSWORD] = { "password", json_type_string, false, .nullable = true },
	[NUMBER] = { "number", json_type_string, false, .nullable = true },
	[MOBILITY] = { "enable_mobility", json_type_boolean, true },
	[PUSH] = { "enable_push", json_type_boolean, true },
	[OUTSIDE_NUMBER] = { "outside_voice_number", json_type_string, false, .nullable = true },
	[OUTSIDE_VOICE] = { "enable_outside_voice", json_type_boolean, false },
};

/* Where users are read to. */
struct user_reading {
	struct snapshot_reading *r;
	struct user_spec *specs;
};

static bool are_sound(const struct lab_member m[N_USER_MEMBERS], struct text *why)
{
	for (int i = AOR; i <= NUMBER; i++) {
		const char *flaw =
			m[i].value ? user_text_flaw((enum user_text)i, lab_member_string(&m[i]))
				   : NULL;

		if (!flaw)
			continue;
		text_addf(why, "\"%s\" %s.", m[i].name, flaw);
		return false;
	}
	if (!m[OUTSIDE_NUMBER].value ||
	    !user_text_flaw(USER_NUMBER, lab_member_string(&m[OUTSIDE_NUMBER])))
		return true;
	text_addf(why, "\"%s\" is not a telephone number.", m[OUTSIDE_NUMBER].name);
	return false;
}

static bool is_only_one(struct user_reading *u, const char *address, struct text *why)
{
	char aor[URI_MAX_AOR + 1];
	bool is_first;

	u->r->why = why;
	is_first = uri_aor(address, aor, NULL) >= 0 && snapshot_is_first(u->r, "user", aor);
	if (!is_first)
		text_add(why, ".");
	return is_first;
}

static bool read_user(void *magic, struct json_object *o, size_t i, struct text *why)
{
	struct user_reading *u = magic;
	struct lab_member m[N_USER_MEMBERS];

	memcpy(m, user_members, sizeof(m));
	if (!json_object_is_type(o, json_type_object)) {
		text_add(why, "A user is an object.");
		return false;
	}
	if (!lab_take_members(o, m, N_USER_MEMBERS, why) || !are_sound(m, why))
		return false;
	u->specs[i] = (struct user_spec){
		.aor = lab_member_string(&m[AOR]),
		.display_name = lab_member_string(&m[NAME]),
		.password = lab_member_string(&m[PASSWORD]),
		.number = lab_member_string(&m[NUMBER]),
		.outside_number = lab_member_string(&m[OUTSIDE_NUMBER]),
		.policy = { .enable_mobility = lab_member_bool(&m[MOBILITY], true),
			    .enable_push = lab_member_bool(&m[PUSH], true),
			    .no_outside_voice = !lab_member_bool(&m[OUTSIDE_VOICE], true) },
	};
	return is_only_one(u, u->specs[i].aor, why);
}

bool snapshot_read_users(struct snapshot_reading *r, struct json_object *list,
			 struct user_spec *ret)
{
	struct user_reading u = { r, ret };
	struct text *why = r->why;
	bool good = snapshot_read_list(list, "users", read_user, &u, why);

	r->why = why;
	return good;
}
