/*
 * Lab API: faults
 */
#include "mcxd/base/fault.h"

#include "mcxd/base/metric.h"
#include "proto/sip/uri.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"
#include "web/lab/bound.h"
#include "web/lab/door.h"
#include "web/lab/json.h"
#include "web/lab/lab.h"
#include "web/lab/private.h"
#include "web/lab/who.h"

#include <limits.h>

static struct json_object *rule_json(const struct fault_rule *r)
{
	const struct {
		const char *name;
		int64_t value;
	} numbers[] = { { "status", r->status },
			{ "ms", r->ms },
			{ "times", r->times },
			{ "nth", r->nth },
			{ "probability", r->probability },
			{ "seen", r->seen } };
	struct json_object *o = json_object_new_object();

	json_out_string(o, "where", fault_joints[r->where].name);
	json_out_string(o, "what", fault_what_names[r->what]);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		if (numbers[i].value)
			json_out_int(o, numbers[i].name, numbers[i].value);
	json_out_optional(o, "user", r->user);
	json_out_int(o, "struck", r->struck);
	return o;
}

static struct json_object *joint_json(const struct faults *f, enum fault_joint where)
{
	struct json_object *o = json_object_new_object(), *can = json_object_new_array();

	for (int what = 0; what < N_FAULT_WHATS; what++)
		if (faults_can(f, where, (enum fault_what)what))
			json_object_array_add(can, json_out_new_string(fault_what_names[what]));
	json_out_string(o, "where", fault_joints[where].name);
	json_object_object_add(o, "can", can);
	return o;
}

/* What can be broken, for whoever offers the choice. */
static struct json_object *joints_json(const struct faults *f)
{
	struct json_object *list = json_object_new_array();

	for (int i = 0; i < N_FAULT_JOINTS; i++)
		json_object_array_add(list, joint_json(f, (enum fault_joint)i));
	return list;
}

struct json_object *lab_faults_json(const struct lab *l)
{
	struct json_object *o = json_object_new_object(), *list = json_object_new_array();
	size_t n;
	const struct fault_rule *rules = faults_rules(l->faults, &n);

	for (size_t i = 0; i < n; i++)
		json_object_array_add(list, rule_json(&rules[i]));
	json_out_int(o, "seed", (int64_t)faults_seed(l->faults));
	json_object_object_add(o, "faults", list);
	return o;
}

static void answer(const struct lab *l, struct http_request *r)
{
	struct json_object *o = lab_faults_json(l);

	json_object_object_add(o, "joints", joints_json(l->faults));
	http_answer_json(r, 200, NULL, o);
}

enum { WHERE, WHAT, STATUS, MS, TIMES, NTH, PROBABILITY, USER, STRUCK, SEEN, N_MEMBERS };

/* A rule, and the user whom it names. */
struct wish {
	const struct core *core; /* whose users can be named without their domain; may be NULL */
	struct fault_rule rule;
	char aor[URI_MAX_AOR + 1];
};

static void take_user(struct wish *w, struct text *why)
{
	char room[URI_MAX_AOR + 1];
	const char *reason;

	if (!w->rule.user || why->n)
		return;
	if (uri_aor(lab_who(w->core, w->rule.user, room), w->aor, &reason) < 0)
		text_addf(why, "The user \"%s\" is not an address: %s", w->rule.user, reason);
	w->rule.user = w->aor;
}

/* Without the member there is no limit: that cannot be said with a number. */
static bool is_counted(const struct lab_member *m, struct text *why)
{
	int64_t min = lab_bound(NULL, "Fault", m->name).min;

	if (lab_member_int(m, min) >= min)
		return true;
	text_addf(why, "\"%s\" must be at least %lld; without it the fault strikes always.",
		  m->name, (long long)min);
	return false;
}

/* One that no protocol has stays one. */
static int status_of(const struct lab_member *m)
{
	int64_t status = lab_member_int(m, 0);

	return status < 0 || status > INT_MAX ? INT_MAX : (int)status;
}

/* Other strings are the object's. */
static bool take_rule(struct json_object *o, struct wish *w, struct text *why)
{
	struct fault_rule *ret = &w->rule;
	struct lab_member m[N_MEMBERS] = {
		[WHERE] = { "where", json_type_string, true },
		[WHAT] = { "what", json_type_string, true },
		[STATUS] = { "status", json_type_int, false },
		[MS] = { "ms", json_type_int, false },
		[TIMES] = { "times", json_type_int, false },
		[NTH] = { "nth", json_type_int, false },
		[PROBABILITY] = { "probability", json_type_int, false },
		[USER] = { "user", json_type_string, false },
		[STRUCK] = { "struck", json_type_int, false },
		[SEEN] = { "seen", json_type_int, false },
	};

	if (!json_object_is_type(o, json_type_object)) {
		text_add(why, "A fault is an object.");
		return false;
	}
	if (!lab_take_members(o, m, N_MEMBERS, why) || !is_counted(&m[TIMES], why) ||
	    !is_counted(&m[NTH], why) || !is_counted(&m[PROBABILITY], why))
		return false;
	*ret = (struct fault_rule){
		.where = fault_joint_of(lab_member_string(&m[WHERE])),
		.what = fault_what_of(lab_member_string(&m[WHAT])),
		.status = status_of(&m[STATUS]),
		.ms = lab_member_int(&m[MS], 0),
		.times = lab_member_int(&m[TIMES], 0),
		.nth = lab_member_int(&m[NTH], 0),
		.probability = lab_member_int(&m[PROBABILITY], 0),
		.user = lab_member_string(&m[USER]),
		.struck = lab_member_int(&m[STRUCK], 0),
		.seen = lab_member_int(&m[SEEN], 0),
	};
	if (ret->where == N_FAULT_JOINTS) {
		text_addf(why, "Unknown joint \"%s\"; there are:", lab_member_string(&m[WHERE]));
		for (int i = 0; i < N_FAULT_JOINTS; i++)
			text_add_all(why, " ", fault_joints[i].name);
		text_add(why, ".");
	} else if (ret->what == N_FAULT_WHATS) {
		text_addf(why, "Unknown fault \"%s\"; there are:", lab_member_string(&m[WHAT]));
		for (int i = 0; i < N_FAULT_WHATS; i++)
			text_add_all(why, " ", fault_what_names[i]);
		text_add(why, ".");
	}
	take_user(w, why);
	return !why->n;
}

enum { LIST, SEED, N_SET_MEMBERS };

static const struct lab_member set_members[N_SET_MEMBERS] = {
	[LIST] = { "faults", json_type_array, true },
	[SEED] = { "seed", json_type_int, false },
};

bool lab_set_faults(struct lab *l, struct json_object *o, bool is_trial, struct text *why)
{
	struct lab_member m[N_SET_MEMBERS];
	struct fault_rule *rules;
	struct wish *wishes;
	size_t n;

	memcpy(m, set_members, sizeof(m));
	if (!lab_take_members(o, m, N_SET_MEMBERS, why))
		return false;
	n = json_object_array_length(m[LIST].value);
	rules = mem_zalloc((n + 1) * sizeof(*rules));
	wishes = mem_zalloc((n + 1) * sizeof(*wishes));
	if (n > (size_t)l->config->max_faults) {
		metric_inc(&l->door.limits_refused_total);
		text_addf(why, "There can be %lld faults at once (lab.max_faults).",
			  (long long)l->config->max_faults);
	}
	for (size_t i = 0; i < n; i++)
		wishes[i].core = l->core;
	for (size_t i = 0; i < n && !why->n; i++)
		if (take_rule(json_object_array_get_idx(m[LIST].value, i), &wishes[i], why))
			rules[i] = wishes[i].rule;
	if (!why->n && is_trial)
		faults_check(l->faults, rules, n, why);
	else if (!why->n)
		faults_set(l->faults, rules, n, (uint64_t)lab_member_int(&m[SEED], 0), why);
	free(rules);
	free(wishes);
	return !why->n;
}

/* "front-end→edge: status 503, edge→clearing-house: drop". */
static void record_faults(const struct lab *l)
{
	CLEANUP(text_deinit) struct text summary = TEXT_INIT;
	size_t n;
	const struct fault_rule *rules = faults_rules(l->faults, &n);

	for (size_t i = 0; i < n; i++) {
		text_add_all(&summary, i ? ", " : "", fault_joints[rules[i].where].name, ": ",
			     fault_what_names[rules[i].what]);
		if (rules[i].status)
			text_addf(&summary, " %d", rules[i].status);
	}
	lab_record(l, n ? "break" : "mend", NULL, n ? text_str(&summary) : "nothing is broken");
}

void lab_get_faults(void *magic, struct http_request *r)
{
	answer(magic, r);
}

void lab_put_faults(void *magic, struct http_request *r)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	struct json_object *body = lab_body_object(r);

	if (!body)
		return;
	if (lab_set_faults(magic, body, false, &why)) {
		record_faults(magic);
		answer(magic, r);
	} else {
		lab_error(r, 400, "%s", text_str(&why));
	}
	json_object_put(body);
}

void lab_delete_faults(void *magic, struct http_request *r)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	struct lab *l = magic;

	faults_set(l->faults, NULL, 0, 0, &why);
	record_faults(l);
	http_answer(r, 204, NULL, NULL, 0);
}
