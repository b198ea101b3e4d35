/*
 * HTTPS API: applications: sign in, sign out
 *
 * Signing in takes as long as the store takes: the request is parked meanwhile.
 */
#include "web/ucwa/sign_in.h"

#include "mcxd/base/list.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/session.h"
#include "mcxd/core/user.h"
#include "proto/diag.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/ucwa/body.h"
#include "proto/ucwa/hal.h"
#include "proto/ucwa/resource.h"
#include "web/http/http.h"
#include "web/ucwa/answer.h"
#include "web/ucwa/app.h"
#include "web/ucwa/me.h"
#include "web/ucwa/people.h"
#include "web/ucwa/poll.h"
#include "web/ucwa/private.h"
#include "web/ucwa/record.h"
#include "web/ucwa/request.h"
#include "web/ucwa/stored.h"
#include "web/ucwa/takes.h"

struct sign_in {
	struct list of_ucwa;
	struct ucwa *u;
	struct http *http;
	uint64_t parked; /* 0: the client has hung up */
};

static struct hal *add_application(struct hal *o, const struct ucwa_request *q)
{
	static const struct {
		const char *rel;
		struct hal *(*add)(struct hal *o, const struct ucwa_request *q);
	} parts[] = {
		{ "me", ucwa_me },
		{ "people", ucwa_people },
		{ "onlineMeetings", ucwa_online_meetings },
		{ "communication", ucwa_add_communication },
	};
	const struct phone *p = q->phone;
	const char *path = q->app->path;
	char ack[TEXT_NUMBER_SIZE];

	hal_string(o, "id", p->app_id);
	hal_string(o, "type", "Browser"); /* application_ref: there is no other */
	hal_string(o, "culture", p->culture);
	hal_string(o, "userAgent", p->user_agent);
	hal_string(o, "endpointId", p->endpoint_id);
	hal_string(o, "instanceId", p->instance_id);
	hal_link(o, "self", path);
	hal_link(o, "batch", path, "/batch");
	hal_link(o, "events", path, "/events?ack=", text_number(ack, ucwa_next_ack(p)));
	hal_link(o, "policies", path, "/policies");
	hal_link(o, "reportMyNetwork", path, "/reportMyNetwork");
	hal_link(o, "pushSubscription", path, "/pushSubscription");
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		hal_embed(o, parts[i].rel);
		parts[i].add(o, q);
		hal_close(o);
	}
	return hal_end(o, "application");
}

static struct hal *application(const struct ucwa_request *q)
{
	return add_application(hal_new(), q);
}

void ucwa_get_applications(struct ucwa_request *q)
{
	struct hal *o = hal_new();

	hal_link(o, "self", UCWA_APPLICATIONS);
	if (list_empty(&q->user->phones))
		hal_embed_none(o, "application");
	list_for_each (node, &q->user->phones) {
		q->phone = LIST_ENTRY(node, struct phone, of_user);
		q->app = ucwa_app_of(q->u, q->phone);
		hal_embed_append(o, "application");
		add_application(o, q);
		hal_close(o);
	}
	q->phone = NULL;
	q->app = NULL;
	ucwa_json(q, 200, hal_end(o, "applications"));
}

static void free_sign_in(struct sign_in *s)
{
	list_remove(&s->of_ucwa);
	free(s);
}

void ucwa_sign_ins_free(struct ucwa *u)
{
	list_for_each_safe (node, &u->sign_ins)
		free_sign_in(LIST_ENTRY(node, struct sign_in, of_ucwa));
}

static void on_gone(void *magic, uint64_t id)
{
	struct sign_in *s = magic;

	(void)id;
	s->parked = 0;
}

static void answer(struct ucwa_request *q, struct phone *p, bool is_new)
{
	q->user = p->user;
	q->phone = p;
	q->app = ucwa_app_of(q->u, p);
	q->app_id = mem_strdup(p->app_id);
	http_set_header(q->r, "Location", q->app->path);
	ucwa_json(q, is_new ? 201 : 200, application(q));
}

static void on_signed_in(void *magic, enum phone_result result, uint64_t phone_id, bool is_new)
{
	struct sign_in *s = magic;
	struct http_request *r = s->parked ? http_parked(s->http, s->parked) : NULL;
	struct phone *p = phone_get(s->u->core, phone_id);
	struct ucwa_request *q = r ? http_context(r) : NULL;

	if (!q) {
		free_sign_in(s);
		return;
	}
	ucwa_stored_begin(q); /* core has waited for it */
	if (result == PHONE_OK && p)
		answer(q, p, is_new);
	else if (result == PHONE_FULL)
		ucwa_fail(q, DIAG_TOO_MANY_APPLICATIONS, NULL);
	else if (result == PHONE_NOT_FOUND || result == PHONE_OK)
		ucwa_fail(q, DIAG_FORBIDDEN, "The application has been signed out meanwhile.");
	else
		ucwa_finish(q, result);
	free_sign_in(s);
}

void ucwa_post_applications(struct ucwa_request *q)
{
	struct ucwa_application a;
	struct ucwa_problem problem;
	struct sign_in *s;

	if (ucwa_application_decode(q->body, q->n_body, &a, &problem) < 0) {
		ucwa_fail_body(q, &problem);
		return;
	}
	s = MEM_NEW(struct sign_in);
	s->u = q->u;
	s->http = q->listener->http;
	s->parked = http_park(q->r, on_gone, s);
	list_append(&q->u->sign_ins, &s->of_ucwa);
	session_sign_in(q->user,
			&(struct phone_spec){ .endpoint_id = a.endpoint_id,
					      .user_agent = a.user_agent,
					      .culture = a.culture,
					      .instance_id = a.instance_id },
			on_signed_in, s);
	ucwa_application_deinit(&a);
}

void ucwa_get_application(struct ucwa_request *q)
{
	ucwa_json(q, 200, application(q));
}

void ucwa_delete_application(struct ucwa_request *q)
{
	uint64_t phone_id = q->phone->id;

	ucwa_expect(q, 204);
	session_sign_out(q->phone);
	q->phone = NULL;
	q->app = NULL;
	ucwa_app_forget(q->u, phone_id);
	ucwa_no_content(q);
}
