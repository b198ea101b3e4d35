/*
 * The way to a client: over its connection, and to its Contact if that is gone
 */
#include "front_end_fixture.h"
#include "mcxd/base/list.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/event.h"
#include "mcxd/core/party.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_leg.h"
#include "mcxd/core/user.h"
#include "mcxd/front_end/front_end.h"
#include "proto/text/mem.h"
#include "tests/loop/raw.h"

#include <unistd.h>

/* Bob's client has registered and lost its connection; it listens on its Contact. */
static int register_and_leave(struct front_end_fixture *f, char contact[32])
{
	int listener = raw_listen(contact);
	struct raw r;

	raw_tcp(&r, f->loop, fixture_tcp(f));
	fixture_register_contact(&r, contact);
	raw_close(&r);
	run_rounds(f->loop, 5);
	return listener;
}

static void test_invite(void **state)
{
	struct front_end_fixture *f = *state;
	char contact[32];
	int listener = register_and_leave(f, contact);
	struct raw alice, bob;

	raw_tcp(&alice, f->loop, fixture_tcp(f));
	fixture_send_invite(&alice, &(struct invite){ .call_id = "way", .headers = FIRST_LINE });
	free(raw_expect(&alice, "SIP/2.0 100"));
	raw_accept(&bob, f->loop, listener);
	CLEANUP(mem_free_string) char *invite = raw_expect(&bob, "INVITE sip:bob@127.0.0.1:");
	assert_true(sip_has_line(invite, "CSeq: 1 INVITE"));
	assert_non_null(sip_header(invite, "ms-text-format", 0));
	assert_non_null(sip_header(invite, "Via", 0));
	assert_null(sip_header(invite, "Via", 1));
	assert_non_null(strstr(sip_body(invite), "m=message "));
	fixture_answer(&bob, invite, "180 Ringing", "", "");
	free(raw_expect(&alice, "SIP/2.0 180"));
	fixture_answer(&bob, invite, "603 Decline", "", "");
	free(raw_expect(&bob, "ACK "));
	free(raw_expect(&alice, "SIP/2.0 603"));
	raw_close(&alice);
	raw_close(&bob);
	close(listener);
}

/* It is tried once. */
static void test_neither_connection_nor_contact(void **state)
{
	struct front_end_fixture *f = *state;
	char contact[32];
	int listener = register_and_leave(f, contact);
	struct raw alice;

	close(listener);
	raw_tcp(&alice, f->loop, fixture_tcp(f));
	fixture_send_invite(&alice, &(struct invite){ .call_id = "none" });
	free(raw_expect(&alice, "SIP/2.0 100"));
	CLEANUP(mem_free_string) char *final = raw_expect(&alice, "SIP/2.0 480");
	assert_non_null(strstr(sip_header(final, "ms-diagnostics", 0),
			       "info=\"The endpoint cannot be reached\""));
	run_rounds(f->loop, 5);
	assert_int_equal(fixture_metric(f, "front_end_dialogs"), 0);
	/* and it is not called again */
	assert_true(list_empty(&user_find(f->core, "bob@lab.test")->bindings));
	raw_close(&alice);
}

/* Alice is talking to the phone and has lost her connection. */
static int talk_and_leave(struct sip_call *c, struct front_end_fixture *f, char contact[32])
{
	int listener = raw_listen(contact);

	*c = (struct sip_call){ .f = f };
	fixture_phone(f, false);
	raw_tcp(&c->r, f->loop, fixture_tcp(f));
	fixture_send_invite(&c->r, &(struct invite){ .call_id = "call", .contact = contact });
	free(raw_expect(&c->r, "SIP/2.0 100 "));
	free(raw_expect(&c->r, "SIP/2.0 180 "));
	c->conversation = fixture_conversation(f)->id;
	call_answer(c);
	fixture_ack(&c->r, c->answer);
	run_rounds(f->loop, 5);
	raw_close(&c->r);
	run_rounds(f->loop, 5);
	return listener;
}

static void test_message_and_bye(void **state)
{
	static const struct im im = { .content_type = "text/plain", .body = "Fine", .n_body = 4 };
	struct front_end_fixture *f = *state;
	char contact[32];
	struct sip_call c;
	int listener = talk_and_leave(&c, f, contact);
	uint64_t id;

	assert_int_equal(phone_leg_say(f->phone, c.conversation, &im, &id), PHONE_OK);
	raw_accept(&c.r, f->loop, listener);
	CLEANUP(mem_free_string) char *message = raw_expect(&c.r, "MESSAGE sip:alice@127.0.0.1:");
	assert_string_equal(sip_body(message), "Fine");
	assert_null(sip_header(message, "Via", 1));
	fixture_answer(&c.r, message, "200 OK", "", "");
	run_rounds(f->loop, 3);
	assert_true(fixture_event(f, EVENT_MESSAGE_COMPLETED)->success);

	/* where everything is sent from then on */
	assert_int_equal(phone_leg_terminate(f->phone, c.conversation), PHONE_OK);
	CLEANUP(mem_free_string) char *bye = raw_expect(&c.r, "BYE sip:alice@127.0.0.1:");
	fixture_answer(&c.r, bye, "200 OK", "", "");
	call_over(&c);
	close(listener);
}

/* Nobody is there: that is not a timeout. */
static void test_message_without_way(void **state)
{
	static const struct im im = { .content_type = "text/plain", .body = "Fine", .n_body = 4 };
	struct front_end_fixture *f = *state;
	const struct event *event;
	char contact[32];
	struct sip_call c;
	uint64_t id;

	close(talk_and_leave(&c, f, contact));
	assert_int_equal(phone_leg_say(f->phone, c.conversation, &im, &id), PHONE_OK);
	while (!fixture_event(f, EVENT_MESSAGE_COMPLETED))
		run_rounds(f->loop, 1);
	event = fixture_event(f, EVENT_MESSAGE_COMPLETED);
	assert_false(event->success);
	assert_string_equal(event->reason, "Temporarily cannot route");
	call_over(&c);
}

static void test_bye(void **state)
{
	struct front_end_fixture *f = *state;
	char contact[32];
	struct sip_call c;
	int listener = talk_and_leave(&c, f, contact);

	assert_int_equal(phone_leg_terminate(f->phone, c.conversation), PHONE_OK);
	raw_accept(&c.r, f->loop, listener);
	CLEANUP(mem_free_string) char *bye = raw_expect(&c.r, "BYE sip:alice@127.0.0.1:");
	assert_non_null(sip_tag(bye, "To"));
	assert_null(sip_header(bye, "Via", 1));
	fixture_answer(&c.r, bye, "200 OK", "", "");
	call_over(&c);
	close(listener);
}

/* A BYE that is never answered is not leaked. */
static void test_bye_without_answer(void **state)
{
	struct front_end_fixture *f = *state;
	char contact[32];
	struct sip_call c;
	int listener = talk_and_leave(&c, f, contact);

	close(listener);
	assert_int_equal(phone_leg_terminate(f->phone, c.conversation), PHONE_OK);
	call_over(&c);
	assert_true(front_end_is_idle(f->front_end));
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_invite),
		TEST(test_neither_connection_nor_contact),
		TEST(test_message_and_bye),
		TEST(test_message_without_way),
		TEST(test_bye),
		TEST(test_bye_without_answer),
	};

	return cmocka_run_group_tests_name("sip_way", tests, NULL, NULL);
}
