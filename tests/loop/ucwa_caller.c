/*
 * The two sides of a conversation for the tests of the HTTPS API: a caller, and what Bob's phone does
 */
#include "mcxd/base/list.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/party.h"
#include "mcxd/core/relay.h"
#include "mcxd/core/route.h"
#include "proto/diag.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "ucwa_fixture.h"

/* ---- events ---- */

void lab_poll(struct lab *l, struct reply *r)
{
	CLEANUP(mem_free_string)
	char *path = text_format("%s/events?ack=%llu", l->app, (unsigned long long)l->ack);

	lab_send(l, &(struct call){ .method = "GET", .path = path }, r);
	lab_settle(l);
}

static void add_sender(struct text *ret, struct json_object *sender)
{
	struct json_object *events = json_at(sender, "/events");

	for (size_t i = 0; i < json_object_array_length(events); i++) {
		struct json_object *e = json_object_array_get_idx(events, i);

		text_addf(ret, "%s %s;", json_object_get_string(json_at(e, "/link/rel")),
			  json_object_get_string(json_at(e, "/type")));
	}
}

void lab_packet(struct lab *l, struct reply *r, struct text *ret)
{
	struct json_object *senders;

	lab_wait(l, r);
	assert_int_equal(r->status, 200);
	assert_true(reply_has(r, "/_links/next/href"));
	senders = json_at(r->json, "/sender");
	assert_non_null(senders);
	text_reset(ret);
	for (size_t i = 0; i < json_object_array_length(senders); i++)
		add_sender(ret, json_object_array_get_idx(senders, i));
	l->ack++;
}

struct json_object *lab_event(const struct reply *r, size_t nth)
{
	struct json_object *senders = json_at(r->json, "/sender");

	for (size_t i = 0; i < json_object_array_length(senders); i++) {
		struct json_object *events =
			json_at(json_object_array_get_idx(senders, i), "/events");
		size_t n = json_object_array_length(events);

		if (nth < n)
			return json_object_array_get_idx(events, nth);
		nth -= n;
	}
	fail_msg("the packet has no such event");
	return NULL;
}

/* ---- caller ---- */

static struct caller *caller(struct leg *leg)
{
	return LIST_ENTRY(leg, struct caller, leg);
}

static void op_ring(struct leg *leg, const struct party *callee)
{
	text_addf(&caller(leg)->told, "ring(%s) ", callee->user_agent);
}

static void op_answer(struct leg *leg, const struct party *callee)
{
	text_addf(&caller(leg)->told, "answer(%s) ", callee->aor);
}

static void op_refuse(struct leg *leg, const struct diag *why, const struct foreign *as)
{
	(void)as;
	text_addf(&caller(leg)->told, "refuse(%d) ", why->sip_status);
}

static void op_say(struct leg *leg, const struct im *im)
{
	struct diag fine = diag_make(DIAG_SUCCESS);

	text_addf(&caller(leg)->told, "say(%.*s) ", (int)im->n_body, (const char *)im->body);
	if (!caller(leg)->silent)
		leg_on_delivered(leg, im->id, &fine);
}

static void op_said(struct leg *leg, uint64_t im_id, const struct diag *outcome)
{
	text_addf(&caller(leg)->told, "said(%d,%d) ", (int)im_id, outcome->sip_status);
}

static void op_typing(struct leg *leg, bool active)
{
	text_addf(&caller(leg)->told, "typing(%d) ", active);
}

static void op_end(struct leg *leg)
{
	text_add(&caller(leg)->told, "end ");
}

/* The test reads the caller after the conversation has gone, and frees it. */
static void op_free(struct leg *leg)
{
	(void)leg;
}

static const struct leg_ops ops = {
	.name = "caller",
	.ring = op_ring,
	.answer = op_answer,
	.refuse = op_refuse,
	.say = op_say,
	.said = op_said,
	.typing = op_typing,
	.end = op_end,
	.free = op_free,
};

static struct caller *invite(struct lab *l, const char *from, const char *type,
			     const char *first_line)
{
	struct caller *c = MEM_NEW(struct caller);

	c->leg.ops = &ops;
	c->conversation = route_invite(l->core, &c->leg,
				       &(struct invitation){ .from = from,
							     .from_name = "Alice",
							     .to = "bob@lab.test",
							     .subject = "Lunch",
							     .first_line = first_line,
							     .first_line_type = type,
							     .key = "sip:call-1" });
	lab_settle(l);
	return c;
}

struct caller *caller_call(struct lab *l, enum media media, bool conference)
{
	struct caller *c = MEM_NEW(struct caller);

	c->leg.ops = &ops;
	c->conversation = route_invite(l->core, &c->leg,
				       &(struct invitation){ .from = "alice@lab.test",
							     .from_name = "Alice",
							     .to = "bob@lab.test",
							     .key = "sip:call-2",
							     .media = media,
							     .conference = conference });
	lab_settle(l);
	return c;
}

struct caller *caller_invite_from(struct lab *l, const char *from, const char *first_line)
{
	return invite(l, from, "text/plain", first_line);
}

struct caller *caller_invite_as(struct lab *l, const char *type, const char *first_line)
{
	return invite(l, "alice@lab.test", type, first_line);
}

struct caller *caller_invite(struct lab *l, const char *first_line)
{
	return caller_invite_as(l, "text/plain", first_line);
}

void caller_say(struct caller *c, const char *text)
{
	leg_on_said(&c->leg, &(struct im){ .id = 7,
					   .content_type = "text/plain",
					   .body = text,
					   .n_body = strlen(text) });
}

void caller_free(struct caller *c)
{
	text_deinit(&c->told);
	free(c);
}

/* ---- what Bob does ---- */

/* "/communication/messagingInvitations/1/accept" */
int invitation_do(struct lab *l, const struct caller *c, const char *method, const char *what)
{
	CLEANUP(mem_free_string)
	char *path = text_format("/communication/messagingInvitations/%llu%s",
				 (unsigned long long)c->conversation, what);

	return lab_do(l, method, path, NULL);
}

int conversation_do(struct lab *l, const struct caller *c, const char *method, const char *what)
{
	CLEANUP(mem_free_string)
	char *path = text_format("/communication/conversations/%llu%s",
				 (unsigned long long)c->conversation, what);

	return lab_do(l, method, path, NULL);
}

int caller_hears(struct lab *l, const struct caller *c, const char *query, const char *text,
		 struct reply *r)
{
	CLEANUP(mem_free_string)
	char *path = text_format("%s/communication/conversations/%llu/messaging/messages%s", l->app,
				 (unsigned long long)c->conversation, query);

	return lab_call(l,
			&(struct call){ .method = "POST",
					.path = path,
					.type = "text/plain; charset=utf-8",
					.body = text },
			r);
}

int caller_hears_status(struct lab *l, const struct caller *c, const char *query, const char *text)
{
	struct reply r;
	int status = caller_hears(l, c, query, text, &r);

	reply_reset(&r);
	return status;
}

/* Bob is signed in and has accepted Alice's invitation. */
struct caller *caller_connected(struct lab *l)
{
	CLEANUP(text_deinit) struct text events = TEXT_INIT;
	struct caller *c;
	struct reply r;

	lab_bob(l);
	c = caller_invite(l, "Hi Brendan");
	lab_poll(l, &r);
	lab_packet(l, &r, &events);
	assert_string_equal(text_str(&events), LAB_STARTED);
	reply_reset(&r);
	assert_int_equal(invitation_do(l, c, "POST", "/accept"), 204);
	lab_poll(l, &r);
	lab_packet(l, &r, &events);
	assert_string_equal(text_str(&events), LAB_ACCEPTED);
	reply_reset(&r);
	return c;
}

void lab_next_packet(struct lab *l, const char *expected)
{
	CLEANUP(text_deinit) struct text events = TEXT_INIT;
	struct reply r;

	lab_poll(l, &r);
	lab_packet(l, &r, &events);
	assert_string_equal(text_str(&events), expected);
	reply_reset(&r);
}
