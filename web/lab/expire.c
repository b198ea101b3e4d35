/*
 * Lab API: the time of one thing is over
 *
 * What the clock would do to everybody, done to one invitation, session, registration or push subscription: so tests that
 * run side by side on one daemon do not move each other's time. And the end of a conversation, which no clock brings.
 */
#include "mcxd/base/fsm.h"
#include "mcxd/base/journal.h"
#include "mcxd/core/binding.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/core.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/session.h"
#include "mcxd/core/user.h"
#include "proto/diag.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "web/http/http.h"
#include "web/lab/json.h"
#include "web/lab/private.h"

static void record_expire(const struct lab *l, const struct record *about, const char *what)
{
	struct record_field fields[] = { { "action", "expire" }, { "what", what } };
	struct record r = *about;
	char summary[64];

	snprintf(summary, sizeof(summary), "the lab lets a %s expire", what);
	r.kind = "clock";
	r.summary = summary;
	r.fields = fields;
	r.n_fields = ARRAY_SIZE(fields);
	journal_add(l->journal, &r);
}

void lab_expire_conversation(void *magic, struct http_request *r)
{
	const struct core *c = lab_core(magic, r);
	struct conversation *v;

	if (!c)
		return;
	v = conversation_find(c, lab_path_id(r));
	if (!v) {
		lab_error(r, 404, "No such conversation is under way.");
		return;
	}
	if (!conversation_deadline_us(v)) {
		lab_error(r, 409, "This conversation does not ring.");
		return;
	}
	record_expire(magic, &(struct record){ .users = { v->from, v->to }, .key = v->key },
		      "conversation");
	conversation_expire(v);
	http_answer(r, 204, NULL, NULL, 0);
}

void lab_end_conversation(void *magic, struct http_request *r)
{
	const struct diag ended =
		diag_because(DIAG_NOT_REGISTERED, "The lab has ended the conversation");
	const struct lab *l = magic;
	const struct core *c = lab_core(l, r);
	struct conversation *v;

	if (!c)
		return;
	v = conversation_find(c, lab_path_id(r));
	if (!v || v->ended_wall_us) {
		lab_error(r, 404, "No such conversation is under way.");
		return;
	}
	if (!conversation_deadline_us(v) && !conversation_is_connected(v)) {
		lab_error(
			r, 409,
			"This conversation has ended, and waits for the outcome of its messages.");
		return;
	}
	conversation_end(v, &ended);
	http_answer(r, 204, NULL, NULL, 0);
}

static struct phone *path_phone(const struct lab *l, struct http_request *r)
{
	const struct core *c = lab_core(l, r);
	struct phone *p = c ? phone_find(c, http_param(r, "app")) : NULL;

	if (c && !p)
		lab_error(r, 404, "No phone with this application id is signed in.");
	return p;
}

static void record_phone(const struct lab *l, const struct phone *p, const char *what)
{
	record_expire(l,
		      &(struct record){
			      .users = { p->user->aor }, .phone = p->app_id, .key = p->fsm.key },
		      what);
}

void lab_expire_session(void *magic, struct http_request *r)
{
	struct phone *p = path_phone(magic, r);

	if (!p)
		return;
	record_phone(magic, p, "session");
	session_expire(p);
	http_answer(r, 204, NULL, NULL, 0);
}

void lab_expire_subscription(void *magic, struct http_request *r)
{
	struct phone *p = path_phone(magic, r);

	if (!p)
		return;
	if (!p->subscription.platform) {
		lab_error(r, 409, "This phone has no push subscription.");
		return;
	}
	record_phone(magic, p, "subscription");
	session_expire_subscription(p);
	http_answer(r, 204, NULL, NULL, 0);
}

void lab_expire_registration(void *magic, struct http_request *r)
{
	const struct core *c = lab_core(magic, r);
	struct binding *b;

	if (!c)
		return;
	b = binding_get(c, lab_path_id(r));
	if (!b) {
		lab_error(r, 404, "No SIP contact with this id is registered.");
		return;
	}
	record_expire(magic, &(struct record){ .users = { b->user->aor } }, "registration");
	binding_expire(b);
	http_answer(r, 204, NULL, NULL, 0);
}
