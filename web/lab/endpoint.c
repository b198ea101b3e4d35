/*
 * Lab API: endpoints
 */
#include "mcxd/base/fsm.h"
#include "mcxd/base/list.h"
#include "mcxd/core/binding.h"
#include "mcxd/core/event.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/push/policy.h"
#include "mcxd/core/session.h"
#include "mcxd/core/user.h"
#include "proto/sip/uri.h"
#include "proto/text/json_out.h"
#include "web/lab/json.h"
#include "web/lab/private.h"

static struct json_object *binding_json(const struct binding *b)
{
	struct json_object *o = json_object_new_object();

	json_out_string(o, "type", "contact");
	json_out_string(o, "user", b->user->aor);
	json_out_int(o, "id", (int64_t)b->id);
	json_out_string(o, "contact", b->contact);
	json_out_string(o, "route", b->route);
	json_out_string(o, "epid", b->epid);
	json_out_string(o, "instance", b->instance);
	json_out_string(o, "gruu", b->gruu);
	json_out_string(o, "userAgent", b->user_agent);
	json_out_int(o, "expiresS", binding_expires_s(b));
	return o;
}

static struct json_object *subscription_json(const struct subscription *s)
{
	struct json_object *o;

	if (!s->platform)
		return NULL;
	o = json_object_new_object();
	json_out_string(o, "platform", s->platform);
	json_out_string(o, "notificationUri", s->notification_uri);
	json_out_string(o, "deviceToken", s->device_token);
	json_out_string(o, "deviceName", s->phone_name);
	return o;
}

struct json_object *lab_phone_json(const struct phone *p)
{
	struct json_object *o = json_object_new_object();

	json_out_string(o, "type", "phone");
	json_out_string(o, "user", p->user->aor);
	json_out_int(o, "id", (int64_t)p->id);
	json_out_string(o, "appId", p->app_id);
	json_out_string(o, "endpointId", p->endpoint_id);
	json_out_string(o, "userAgent", p->user_agent);
	json_out_string(o, "state", fsm_state_name(&p->fsm));
	json_out_bool(o, "available", p->available);
	json_object_object_add(o, "subscription", subscription_json(&p->subscription));
	json_out_string(o, "pushObstacle", push_obstacle(p));
	json_out_int(o, "queuedEvents", (int64_t)list_length(&p->events.events));
	json_out_int(o, "missed", p->n_missed);
	json_out_int(o, "conversations", (int64_t)list_length(&p->legs));
	json_out_int(o, "expiresS", session_left_ms(p) / 1000);
	return o;
}

static void add_endpoints(const struct user *u, struct json_object *out)
{
	list_for_each (node, &u->bindings)
		json_object_array_add(out, binding_json(LIST_ENTRY(node, struct binding, of_user)));
	list_for_each (node, &u->phones)
		json_object_array_add(out, lab_phone_json(LIST_ENTRY(node, struct phone, of_user)));
}

void lab_get_endpoints(void *magic, struct http_request *r)
{
	struct core *c = lab_core(magic, r);
	struct json_object *endpoints;
	char aor[URI_MAX_AOR + 1];
	const char *only;
	const struct user *u;
	void *cursor = NULL;

	if (!c || !lab_query_user(magic, r, aor, &only))
		return;
	endpoints = json_object_new_array();
	while ((u = user_next(c, &cursor)))
		if (!only || !strcmp(u->aor, only))
			add_endpoints(u, endpoints);
	lab_answer_list(r, "endpoints", endpoints);
}
