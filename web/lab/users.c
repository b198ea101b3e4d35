/*
 * Lab API: users
 *
 * A user whom this API adds has a row in the store, so what changes one is answered once it is there.
 */
#include "mcxd/base/list.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/core.h"
#include "mcxd/core/life.h"
#include "mcxd/core/metrics.h"
#include "mcxd/core/user.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"
#include "web/lab/door.h"
#include "web/lab/json.h"
#include "web/lab/lab.h"
#include "web/lab/private.h"
#include "web/lab/stored.h"
#include "web/lab/who.h"

static const char *const origins[] = {
	[USER_OF_FILE] = "file", [USER_ADDED] = "api", [USER_OPEN] = "open"
};

static struct json_object *user_json(const struct user *u)
{
	struct json_object *o = json_object_new_object();

	json_out_string(o, "aor", u->aor);
	json_out_string(o, "displayName", u->display_name);
	json_out_string(o, "number", u->number);
	json_out_bool(o, "enableMobility", u->policy.enable_mobility);
	json_out_bool(o, "enablePush", u->policy.enable_push);
	json_out_string(o, "outsideVoiceNumber", u->outside_number);
	json_out_bool(o, "enableOutsideVoice", !u->policy.no_outside_voice);
	json_out_string(o, "origin", origins[u->origin]);
	json_out_int(o, "contacts", (int64_t)list_length(&u->bindings));
	json_out_int(o, "phones", (int64_t)list_length(&u->phones));
	return o;
}

static struct json_object *tell_user(const struct lab *l, const char *aor)
{
	const struct user *u = user_find(l->core, aor);

	return u ? user_json(u) : NULL;
}

void lab_get_users(void *magic, struct http_request *r)
{
	struct core *c = lab_core(magic, r);
	struct json_object *users;
	const struct user *u;
	void *cursor = NULL;

	if (!c)
		return;
	users = json_object_new_array();
	while ((u = user_next(c, &cursor)))
		json_object_array_add(users, user_json(u));
	lab_answer_list(r, "users", users);
}

struct user *lab_path_user(const struct lab *l, struct http_request *r)
{
	struct core *c = lab_core(l, r);
	const char *aor = http_param(r, "aor");
	struct user *u = c ? lab_meet(c, aor) : NULL;

	if (c && !u)
		lab_error(r, 404, "%s is not a user of this server.", aor);
	return u;
}

void lab_get_user(void *magic, struct http_request *r)
{
	const struct user *u = lab_path_user(magic, r);

	if (u)
		http_answer_json(r, 200, NULL, user_json(u));
}

/* ---- adding and changing one ---- */

enum { AOR, NAME, PASSWORD, NUMBER, MOBILITY, PUSH, OUTSIDE_NUMBER, OUTSIDE_VOICE, N_MEMBERS };

static const struct lab_member user_members[N_MEMBERS] = {
	[AOR] = { "aor", json_type_string, true },
	[NAME] = { "displayName", json_type_string, false },
	[PASSWORD] = { "password", json_type_string, true },
	[NUMBER] = { "number", json_type_string, false },
	[MOBILITY] = { "enableMobility", json_type_boolean, false },
	[PUSH] = { "enablePush", json_type_boolean, false },
	[OUTSIDE_NUMBER] = { "outsideVoiceNumber", json_type_string, false },
	[OUTSIDE_VOICE] = { "enableOutsideVoice", json_type_boolean, false },
};

/* A change is a merge patch (RFC 7396): null is as if nobody had ever said anything. */
static void may_be_null(struct lab_member members[N_MEMBERS])
{
	static const int rows[] = { NAME, NUMBER, MOBILITY, PUSH, OUTSIDE_NUMBER, OUTSIDE_VOICE };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		members[rows[i]].nullable = true;
}

static const char *string_or(const struct lab_member *m, const char *present)
{
	return m->value || m->is_null ? lab_member_string(m) : present;
}

static bool bool_or(const struct lab_member *m, bool present)
{
	return lab_member_bool(m, m->is_null || present);
}

static bool are_sound(struct http_request *r, const struct lab_member *m)
{
	static const struct {
		int member;
		enum user_text what;
	} rows[] = { { AOR, USER_AOR },
		     { NAME, USER_DISPLAY_NAME },
		     { PASSWORD, USER_PASSWORD },
		     { NUMBER, USER_NUMBER },
		     { OUTSIDE_NUMBER, USER_NUMBER } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct lab_member *given = &m[rows[i].member];
		const char *flaw = given->value
					   ? user_text_flaw(rows[i].what, lab_member_string(given))
					   : NULL;

		if (!flaw)
			continue;
		lab_error(r, 400, "\"%s\" %s.", given->name, flaw);
		return false;
	}
	if (!m[PASSWORD].value || *lab_member_string(&m[PASSWORD]))
		return true;
	lab_error(r, 400, "\"password\" must not be empty.");
	return false;
}

/* Lay what the body says over what spec has; false: it has been answered. */
static bool fill(struct http_request *r, const struct lab_member *m, struct user_spec *spec)
{
	const char *number = string_or(&m[NUMBER], spec->number);
	const char *outside = string_or(&m[OUTSIDE_NUMBER], spec->outside_number);

	spec->display_name = string_or(&m[NAME], spec->display_name);
	spec->password = string_or(&m[PASSWORD], spec->password);
	spec->number = number && *number ? number : NULL;
	spec->outside_number = outside && *outside ? outside : NULL;
	spec->policy.no_outside_voice = !bool_or(&m[OUTSIDE_VOICE], !spec->policy.no_outside_voice);
	spec->policy.enable_mobility = bool_or(&m[MOBILITY], spec->policy.enable_mobility);
	spec->policy.enable_push = bool_or(&m[PUSH], spec->policy.enable_push);
	return are_sound(r, m);
}

/* "zoe@lab.test: user-added". */
static void record_change(const struct lab *l, const struct user *u, const char *action)
{
	CLEANUP(mem_free_string) char *summary = text_concat(u->aor, ": ", action);

	lab_record(l, action, u->aor, summary);
}

static void answer_changed(struct lab *l, struct http_request *r, int status, const struct user *u,
			   const char *action)
{
	record_change(l, u, action);
	lab_answer_stored(l, r, status, tell_user, u->aor);
}

/* Whether one more can be added; if not, it has been answered. */
static bool has_room(struct lab *l, struct http_request *r)
{
	if (l->core->metrics.added_users.value < l->config->max_users)
		return true;
	metric_inc(&l->door.limits_refused_total);
	lab_error(r, 429, "%lld users have been added, which is the limit (lab.max_users).",
		  (long long)l->core->metrics.added_users.value);
	return false;
}

static void add_user(struct lab *l, struct http_request *r, const struct lab_member *m)
{
	const char *aor = lab_member_string(&m[AOR]);
	struct user_spec spec = { .aor = aor,
				  .policy = { .enable_mobility = true, .enable_push = true },
				  .origin = USER_ADDED };
	struct user *u = user_find(l->core, aor);

	if (!fill(r, m, &spec))
		return;
	if (u && u->origin != USER_OPEN) {
		lab_error(r, 409, "A user with this address exists already.");
		return;
	}
	if (!has_room(l, r))
		return;
	if (u)
		user_update(u, &spec);
	else
		user_join(l->core, &spec, &u);
	answer_changed(l, r, 201, u, "user-added");
}

void lab_post_users(void *magic, struct http_request *r)
{
	struct lab_member members[N_MEMBERS];
	struct json_object *body;

	memcpy(members, user_members, sizeof(members));
	if (!lab_may_store(magic, r))
		return;
	body = lab_body(r, members, N_MEMBERS);
	if (body)
		add_user(magic, r, members);
	json_object_put(body);
}

void lab_patch_user(void *magic, struct http_request *r)
{
	struct user *u = lab_may_store(magic, r) ? lab_path_user(magic, r) : NULL;
	struct lab_member members[N_MEMBERS];
	struct json_object *body;
	struct user_spec spec;

	if (!u)
		return;
	memcpy(members, user_members, sizeof(members));
	members[PASSWORD].required = false;
	may_be_null(members);
	/* The address is in the path. */
	body = lab_body(r, members + NAME, N_MEMBERS - NAME);
	if (!body)
		return;
	spec = user_spec_of(u);
	/* An open one is what is not written down anywhere. */
	if (spec.origin == USER_OPEN)
		spec.origin = USER_ADDED;
	if (fill(r, members, &spec) && (u->origin != USER_OPEN || has_room(magic, r))) {
		user_update(u, &spec);
		answer_changed(magic, r, 200, u, "user-changed");
	}
	json_object_put(body);
}

void lab_delete_user(void *magic, struct http_request *r)
{
	struct user *u = lab_may_store(magic, r) ? lab_path_user(magic, r) : NULL;

	if (!u)
		return;
	if (u->origin != USER_ADDED) {
		lab_error(r, 409, "This user is %s: only who was added here can be removed here.",
			  u->origin == USER_OPEN ? "an address of users.open"
						 : "in the users file, or one of the demo's");
		return;
	}
	record_change(magic, u, "user-removed");
	user_remove(u);
	lab_answer_stored(magic, r, 204, NULL, NULL);
}
