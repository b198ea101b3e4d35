/*
 * HTTPS API: who is typing
 */
#include "ucwa_fixture.h"

#include "mcxd/core/conversation.h"
#include "mcxd/core/relay.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

/* Longer than a phone counts as in the foreground. */
enum { AWAY_MS = 60000 };

#define TYPES "participant added;"
#define STOPS "participant deleted;"

static size_t count_typists(struct lab *l, const struct caller *c)
{
	CLEANUP(mem_free_string)
	char *path = text_format("%s/communication/conversations/%llu/messaging/typingParticipants",
				 l->app, (unsigned long long)c->conversation);
	struct json_object *list;
	struct reply r;
	size_t n;

	assert_int_equal(lab_call(l, &(struct call){ .method = "GET", .path = path }, &r), 200);
	list = json_at(r.json, "/_links/participant");
	n = list ? json_object_array_length(list) : 0;
	reply_reset(&r);
	return n;
}

static void end(struct lab *l, struct caller *c)
{
	leg_on_ended(&c->leg);
	lab_settle(l);
	caller_free(c);
}

/* The application does not ask for events when it begins. */
static void test_away(void **state)
{
	struct lab *l = *state;
	struct caller *c = caller_connected(l);

	lab_advance(l, AWAY_MS);
	assert_int_equal(count_typists(l, c), 0);
	leg_on_typing(&c->leg, true);
	assert_int_equal(count_typists(l, c), 1);
	lab_next_packet(l, TYPES);
	assert_int_equal(count_typists(l, c), 1);
	leg_on_typing(&c->leg, false);
	assert_int_equal(count_typists(l, c), 0);
	lab_next_packet(l, STOPS);
	end(l, c);
}

static void test_unseen(void **state)
{
	struct lab *l = *state;
	struct caller *c = caller_connected(l);
	struct reply r;

	lab_advance(l, AWAY_MS);
	leg_on_typing(&c->leg, true);
	leg_on_typing(&c->leg, false);
	assert_int_equal(count_typists(l, c), 0);
	lab_poll(l, &r);
	lab_settle(l);
	assert_false(r.done);
	caller_say(c, "Hello");
	lab_wait(l, &r);
	assert_string_equal(reply_at(&r, "/sender/0/events/0/link/rel"), "message");
	assert_false(reply_has(&r, "/sender/0/events/1"));
	l->ack++;
	reply_reset(&r);
	end(l, c);
}

static void test_message(void **state)
{
	struct lab *l = *state;
	struct caller *c = caller_connected(l);

	leg_on_typing(&c->leg, true);
	caller_say(c, "Hello");
	assert_int_equal(count_typists(l, c), 0);
	lab_next_packet(l, "message completed;");
	leg_on_typing(&c->leg, true);
	lab_next_packet(l, TYPES);
	caller_say(c, "Hello again");
	lab_next_packet(l, STOPS "message completed;");
	end(l, c);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, lab_setup, lab_teardown)
	const struct CMUnitTest tests[] = { CASE(away), CASE(unseen), CASE(message) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
