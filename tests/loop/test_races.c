/*
 * Races: two things that end, or change, the same conversation, in both orders, at the same moment of the lab's clock and one
 * after the other
 *
 * Whatever wins, Alice gets exactly one final for her INVITE, and afterwards nothing is left.
 */
#include "census.h"
#include "front_end_fixture.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/core/binding.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/party.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_callee.h"
#include "mcxd/core/phone_leg.h"
#include "mcxd/core/session.h"
#include "mcxd/core/user.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/raw.h"

#include <string.h>

struct race {
	struct front_end_fixture *f;
	struct raw alice, bob, edge; /* those that are connected */
	char *answer;                /* to Alice: the newest in her dialog with a tag */
	uint64_t conversation;
	char *invite;                 /* that Bob's client has not answered */
	struct phone *second;         /* Bob's other phone; NULL: none */
	unsigned n_invites, n_finals; /* that Alice has sent, and received */
	int status;                   /* the last final */
	unsigned n_messages;          /* to Alice */
	unsigned n_said, n_outcomes;  /* by Alice, and what she was told of it */
};

typedef void act_h(struct race *r);

/* ---- what everybody receives ---- */

static bool is_of(const char *message, const char *method)
{
	const char *cseq = sip_header(message, sip_header(message, "CSEQ", 0) ? "CSEQ" : "CSeq", 0);

	return cseq && strstr(cseq, method);
}

static void take_answer(struct race *r, char *message)
{
	int status = (int)strtol(message + strlen("SIP/2.0 "), NULL, 10);
	bool is_invite = is_of(message, "INVITE");

	r->n_outcomes += is_of(message, "MESSAGE") && status >= 200;
	if (is_invite && status >= 200) {
		r->n_finals++;
		r->status = status;
	}
	if (is_invite && status > 100 && status < 300) {
		free(r->answer);
		r->answer = mem_strdup(message);
	}
	if (is_invite && status / 100 == 2)
		fixture_ack(&r->alice, message);
}

/* Bob's client stops ringing, unless he has accepted. */
static void give_up(struct race *r, const char *cancel)
{
	fixture_answer(&r->bob, cancel, "200 OK", "", "");
	if (r->invite)
		fixture_answer(&r->bob, r->invite, "487 Request Terminated", "", "");
	free(r->invite);
	r->invite = NULL;
}

/* Everything that is there; requests are answered. */
static void drain(struct race *r, struct raw *from)
{
	if (!from->loop)
		return;
	for (raw_poll(from); from->in.n > 0; raw_poll(from)) {
		CLEANUP(mem_free_string) char *message = raw_take(from);

		assert_non_null(message);
		if (strncmp(message, "SIP/2.0 ", 8) == 0) {
			if (from == &r->alice)
				take_answer(r, message);
			continue;
		}
		r->n_messages += from == &r->alice && strncmp(message, "MESSAGE ", 8) == 0;
		if (strncmp(message, "INVITE ", 7) == 0)
			fixture_answer(from, message, "486 Busy Here", "", "");
		else if (strncmp(message, "CANCEL ", 7) == 0)
			give_up(r, message);
		else if (strncmp(message, "ACK ", 4) != 0)
			fixture_answer(from, message, "200 OK", "", "");
	}
}

static void settle(struct race *r)
{
	for (int i = 0; i < 6; i++) {
		run_rounds(r->f->loop, 4);
		drain(r, &r->alice);
		drain(r, &r->bob);
		drain(r, &r->edge);
	}
}

/* ---- the stage ---- */

static void on_second(void *magic, enum phone_result result, uint64_t phone_id, bool is_new)
{
	struct race *r = magic;

	assert_true(result == PHONE_OK && is_new);
	r->second = phone_get(r->f->core, phone_id);
}

static void add_second_phone(struct race *r)
{
	session_sign_in(r->f->bob, &(struct phone_spec){ .endpoint_id = "e2" }, on_second, r);
	run_rounds(r->f->loop, 5);
	phone_make_available(r->second);
}

static void invite(struct race *r)
{
	char call_id[20];

	snprintf(call_id, sizeof(call_id), "race%u", r->n_invites++);
	fixture_send_invite(&r->alice,
			    &(struct invite){ .call_id = call_id, .headers = FIRST_LINE });
}

static void ring(struct race *r)
{
	invite(r);
	settle(r);
	assert_non_null(r->answer);
	r->conversation = fixture_conversation(r->f)->id;
}

static void talk(struct race *r)
{
	ring(r);
	assert_int_equal(phone_callee_accept(r->f->phone, r->conversation), PHONE_OK);
	settle(r);
	assert_int_equal(r->status, 200);
}

/* Bob's client rings, too. */
static void ring_desktop(struct race *r)
{
	invite(r);
	r->invite = raw_expect(&r->bob, "INVITE ");
	fixture_answer(&r->bob, r->invite, "180 Ringing", "", "");
	settle(r);
	assert_non_null(r->answer);
	r->conversation = fixture_conversation(r->f)->id;
}

/* ---- what happens ---- */

static void answer_desktop(struct race *r, const char *status, const char *headers, const char *sdp)
{
	drain(r, &r->bob); /* it has read the CANCEL, if there is one */
	if (!r->invite)
		return;
	fixture_answer(&r->bob, r->invite, status, headers, sdp);
	free(r->invite);
	r->invite = NULL;
	run_rounds(r->f->loop, 4);
}

static void desktop_accepts(struct race *r)
{
	CLEANUP(mem_free_string)
	char *headers = text_format("Contact: <sip:bob@%s;transport=tcp>\r\n"
				    "Content-Type: application/sdp\r\n",
				    r->bob.local);

	answer_desktop(r, "200 OK", headers, IM_SDP);
}

/* It has not read the CANCEL when it accepts. */
static void desktop_accepts_unread(struct race *r)
{
	char *invite = r->invite;

	r->invite = NULL;
	drain(r, &r->bob);
	r->invite = invite;
	desktop_accepts(r);
}

static void desktop_declines(struct race *r)
{
	answer_desktop(r, "603 Decline", "", "");
}

static void accept_it(struct race *r)
{
	if (r->f->phone)
		phone_callee_accept(r->f->phone, r->conversation);
}

static void accept_on_second(struct race *r)
{
	phone_callee_accept(r->second, r->conversation);
}

static void decline(struct race *r)
{
	phone_callee_decline(r->f->phone, r->conversation);
}

static void time_out(struct race *r)
{
	struct conversation *v = conversation_find(r->f->core, r->conversation);

	if (v)
		conversation_expire(v);
}

static void cancel(struct race *r)
{
	raw_sendf(&r->alice,
		  "CANCEL sip:bob@lab.test SIP/2.0\nVia: SIP/2.0/TCP %s;branch=z9hG4bKrace%u\n"
		  "From: \"Alice\" <sip:alice@lab.test>;tag=a1;epid=8e6a6acdd05a\n"
		  "To: \"Bob B\" <sip:bob@lab.test>\nCall-ID: race%u\nCSeq: 1 CANCEL\n"
		  "Max-Forwards: 70\nContent-Length: 0\n\n",
		  r->alice.local, r->n_invites - 1, r->n_invites - 1);
	run_rounds(r->f->loop, 4);
}

static void say(struct race *r)
{
	static const struct im im = { .content_type = "text/plain", .body = "Fine", .n_body = 4 };
	uint64_t id;

	phone_leg_say(r->f->phone, r->conversation, &im, &id);
}

static void in_dialog(struct race *r, const char *method, unsigned cseq)
{
	const char *body = strcmp(method, "MESSAGE") == 0 ? "Hello" : NULL;

	fixture_in_dialog(&r->alice, r->answer, method, cseq, body ? "text/plain" : NULL, body);
	run_rounds(r->f->loop, 4);
}

static void bye(struct race *r)
{
	in_dialog(r, "BYE", 20);
}

/* Numbered below the BYE, or above it, if that was first: a lower number would be refused whatever else is true. */
static void message(struct race *r)
{
	r->n_said++;
	in_dialog(r, "MESSAGE", conversation_find(r->f->core, r->conversation) ? 10 : 30);
}

static void terminate(struct race *r)
{
	phone_leg_terminate(r->f->phone, r->conversation);
}

static void update(struct race *r)
{
	in_dialog(r, "UPDATE", 15);
}

static void lose_connection(struct race *r)
{
	raw_close(&r->alice);
	raw_tcp(&r->alice, r->f->loop, fixture_tcp(r->f));
}

static void expire_session(struct race *r)
{
	if (r->f->phone)
		session_expire(r->f->phone);
	r->f->phone = NULL;
}

static void invite_and_run(struct race *r)
{
	invite(r);
	run_rounds(r->f->loop, 4);
}

static void expire_bob(struct race *r)
{
	list_for_each_safe (node, &r->f->bob->bindings)
		binding_expire(LIST_ENTRY(node, struct binding, of_user));
}

static void answer_push(struct race *r)
{
	drain(r, &r->edge);
	run_rounds(r->f->loop, 4);
}

/* ---- the play ---- */

struct play {
	act_h *stage; /* what comes before */
	act_h *acts[2];
	bool two_phones, desktop, background, no_phone;
	int finals[2];     /* what Alice may hear; 0: none more */
	unsigned messages; /* that reach her whatever is first; 0: that is open */
};

static void begin(struct race *r, struct front_end_fixture *f, const struct play *p)
{
	*r = (struct race){ .f = f };
	if (!f->phone && !p->no_phone)
		fixture_phone(f, p->background);
	if (p->two_phones)
		add_second_phone(r);
	if (p->desktop) {
		raw_tcp(&r->bob, f->loop, fixture_tcp(f));
		fixture_register_contact(&r->bob, r->bob.local);
	}
	raw_tcp(&r->alice, f->loop, fixture_tcp(f));
}

static void end(struct race *r, const struct play *p)
{
	struct conversation *v;

	settle(r);
	if (r->status != p->finals[0] && r->status != p->finals[1])
		fail_msg("the final was %d", r->status);
	/* What goes on is ended by Alice. */
	v = fixture_conversation(r->f);
	if (v && !v->ended_wall_us)
		in_dialog(r, "BYE", 99);
	settle(r);
	assert_int_equal(r->n_finals, r->n_invites);
	assert_int_equal(r->n_outcomes, r->n_said);
	assert_true(!p->messages || r->n_messages == p->messages);
	free(r->answer);
	free(r->invite);
	r->answer = r->invite = NULL;
	raw_close(&r->alice);
	if (r->bob.loop)
		raw_close(&r->bob);
	if (r->edge.loop)
		raw_close(&r->edge);
	expire_bob(r);
	if (r->second)
		session_expire(r->second);
	run_rounds(r->f->loop, 5);
}

/* In both orders, at the same moment and a moment later. The clock stands still except in between. */
static void play(struct front_end_fixture *f, const struct play *p)
{
	if (!p->no_phone)
		fixture_phone(f, p->background);
	census_begin(f);
	for (unsigned i = 0; i < 4; i++) {
		struct race r;

		loop_freeze(f->loop);
		begin(&r, f, p);
		if (p->stage)
			p->stage(&r);
		p->acts[i & 1](&r);
		if (i & 2)
			fixture_advance(f, 1);
		p->acts[!(i & 1)](&r);
		end(&r, p);
		loop_resume(f->loop);
		if (!f->phone && !p->no_phone)
			fixture_phone(f, p->background);
		census_check(f);
	}
}

#define RACE(name, ...)                                                                            \
	static void test_##name(void **state)                                                      \
	{                                                                                          \
		play(*state, &(const struct play){ __VA_ARGS__ });                                 \
	}

RACE(accept_and_timeout, ring, { accept_it, time_out }, .finals = { 200, 408 })
RACE(accept_and_cancel, ring, { accept_it, cancel }, .finals = { 200, 487 })
RACE(accept_on_two_phones, ring, { accept_it, accept_on_second }, .two_phones = true,
     .finals = { 200 })
RACE(accept_twice, ring, { accept_it, accept_it }, .finals = { 200 })
RACE(decline_and_accept, ring, { decline, accept_it }, .finals = { 200, 603 })
RACE(bye_and_message, talk, { bye, say }, .finals = { 200 })
RACE(bye_and_their_message, talk, { bye, message }, .finals = { 200 })
RACE(terminate_and_message, talk, { terminate, message }, .finals = { 200 })
RACE(both_hang_up, talk, { bye, terminate }, .finals = { 200 })
RACE(session_expiry_and_invite, NULL, { expire_session, invite_and_run }, .finals = { 480, 408 })
RACE(session_expiry_and_accept, ring, { expire_session, accept_it }, .finals = { 480, 200 })
RACE(session_expiry_and_cancel, ring, { expire_session, cancel }, .finals = { 480, 487 })
RACE(registration_expiry_and_invite, NULL, { expire_bob, invite_and_run }, .desktop = true,
     .no_phone = true, .finals = { 480, 486 })
RACE(target_refresh_and_message, talk, { update, say }, .finals = { 200 }, .messages = 1)
RACE(target_refresh_and_their_message, talk, { update, message }, .finals = { 200 })
RACE(lost_connection_and_message, talk, { lose_connection, say }, .finals = { 200 })

/* ---- two kinds of endpoints ---- */

RACE(desktop_accepts_and_cancel, ring_desktop, { desktop_accepts, cancel }, .desktop = true,
     .no_phone = true, .finals = { 200, 487 })
RACE(desktop_accepts_and_cancel_crosses, ring_desktop, { desktop_accepts_unread, cancel },
     .desktop = true, .no_phone = true, .finals = { 200, 487 })
RACE(desktop_accepts_and_timeout, ring_desktop, { desktop_accepts_unread, time_out },
     .desktop = true, .no_phone = true, .finals = { 200, 408 })
RACE(desktop_and_phone_accept, ring_desktop, { desktop_accepts_unread, accept_it }, .desktop = true,
     .finals = { 200 })
RACE(desktop_declines_and_phone_accepts, ring_desktop, { desktop_declines, accept_it },
     .desktop = true, .finals = { 200, 603 })
RACE(desktop_accepts_and_registration_expires, ring_desktop, { desktop_accepts, expire_bob },
     .desktop = true, .no_phone = true, .finals = { 200 })

/* ---- pushes ---- */

static void ring_in_background(struct race *r)
{
	invite(r);
	run_rounds(r->f->loop, 5);
	if (!r->edge.loop)
		raw_accept(&r->edge, r->f->loop, r->f->edge_listener);
	r->conversation = fixture_conversation(r->f)->id;
	run_rounds(r->f->loop, 5);
	drain(r, &r->alice);
}

/* The answer to a push comes when what it was about has ended. */
RACE(push_answer_and_cancel, ring_in_background, { answer_push, cancel }, .background = true,
     .finals = { 487 })
RACE(push_answer_and_timeout, ring_in_background, { answer_push, time_out }, .background = true,
     .finals = { 408 })
RACE(push_answer_and_accept, ring_in_background, { answer_push, accept_it }, .background = true,
     .finals = { 200 })
RACE(push_answer_and_session_expiry, ring_in_background, { answer_push, expire_session },
     .background = true, .finals = { 480 })

/* The clearing house takes the push and says nothing: the invitation ends by its own timeout. */
static void test_silent_clearing_house(void **state)
{
	struct front_end_fixture *f = *state;
	struct race r;

	fixture_phone(f, true);
	census_begin(f);
	begin(&r, f, &(const struct play){ .background = true });
	ring_in_background(&r);
	fixture_advance(f, 60000);
	settle(&r);
	assert_int_equal(fixture_metric(f, "front_end_pushes_unanswered_total"), 1);
	end(&r, &(const struct play){ .finals = { 408 } });
	census_check(f);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(accept_and_timeout),
		TEST(accept_and_cancel),
		TEST(accept_on_two_phones),
		TEST(accept_twice),
		TEST(decline_and_accept),
		TEST(bye_and_message),
		TEST(bye_and_their_message),
		TEST(terminate_and_message),
		TEST(both_hang_up),
		TEST(session_expiry_and_invite),
		TEST(session_expiry_and_accept),
		TEST(session_expiry_and_cancel),
		TEST(registration_expiry_and_invite),
		TEST(target_refresh_and_message),
		TEST(target_refresh_and_their_message),
		TEST(lost_connection_and_message),
		TEST(desktop_accepts_and_cancel),
		TEST(desktop_accepts_and_cancel_crosses),
		TEST(desktop_accepts_and_timeout),
		TEST(desktop_and_phone_accept),
		TEST(desktop_declines_and_phone_accepts),
		TEST(desktop_accepts_and_registration_expires),
		TEST(push_answer_and_cancel),
		TEST(push_answer_and_timeout),
		TEST(push_answer_and_accept),
		TEST(push_answer_and_session_expiry),
		TEST(silent_clearing_house),
	};

	return cmocka_run_group_tests_name("races", tests, NULL, NULL);
}
