/*
 * HTTPS API: the first line of an invitation, which comes as a message once it is accepted ("Receive an IM", steps 8 to 16)
 */
#include "ucwa_fixture.h"

#include "mcxd/core/conversation.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/ucwa_shape.h"

#define INVITATION "/_embedded/messagingInvitation"
#define MESSAGE    "/_embedded/message"
#define HREF       "data:text/plain;charset=utf-8,Hi%20%3Cb%3E"
#define HTML_HREF  "data:text/html;charset=utf-8,Hi%20%26lt%3Bb%26gt%3B"
#define FAILED                                                                                     \
	"participant deleted;localParticipant deleted;conversation deleted;messagingInvitation "   \
	"completed;"

/* The order of LAB_ACCEPTED. */
enum { UPDATED, COMPLETED = 6, FIRST_MESSAGE };

static const char *at(struct json_object *o, const char *pointer)
{
	struct json_object *value = json_at(o, pointer);

	return value ? json_object_get_string(value) : "";
}

/* The next packet, which must have these events. */
static void get_packet(struct lab *l, const char *expected, struct reply *r)
{
	CLEANUP(text_deinit) struct text events = TEXT_INIT;

	lab_poll(l, r);
	lab_packet(l, r, &events);
	assert_string_equal(text_str(&events), expected);
	shape_check(r->json);
}

/* What an event embeds is what its link leads to. */
static void check_same(struct lab *l, struct json_object *event, const char *embedded)
{
	struct json_object *resource = json_at(event, embedded);
	struct reply r;

	assert_non_null(resource);
	assert_int_equal(
		lab_call(l, &(struct call){ .method = "GET", .path = at(event, "/link/href") }, &r),
		200);
	if (!json_object_equal(resource, r.json))
		fail_msg("%s\n%s", json_object_to_json_string(resource), r.body);
	reply_reset(&r);
}

static void check_invitation(struct json_object *event, const char *type, const char *state,
			     bool can_answer)
{
	struct json_object *invitation = json_at(event, INVITATION);

	assert_string_equal(at(event, "/type"), type);
	assert_string_equal(at(invitation, "/state"), state);
	assert_string_equal(at(invitation, "/_links/message/href"), HREF);
	assert_int_equal(json_at(invitation, "/_links/accept") != NULL, can_answer);
	assert_int_equal(json_at(invitation, "/_links/decline") != NULL, can_answer);
	assert_null(json_at(invitation, "/_embedded/from/_links/participantMessaging"));
}

static int accept_here(struct lab *l, const struct caller *c)
{
	return invitation_do(l, c, "POST", "/accept");
}

static void end(struct lab *l, struct caller *c)
{
	leg_on_ended(&c->leg);
	lab_settle(l);
	caller_free(c);
}

static void check_first_message(struct lab *l, struct json_object *event)
{
	struct json_object *message = json_at(event, MESSAGE);

	assert_string_equal(at(event, "/status"), "Success");
	assert_string_equal(at(message, "/direction"), "Incoming");
	assert_string_equal(at(message, "/_links/plainMessage/href"), HREF);
	assert_string_equal(at(message, "/_links/participant/title"), "Alice");
	assert_non_null(json_at(message, "/_links/contact"));
	assert_null(json_at(message, "/operationId"));
	check_same(l, event, MESSAGE);
}

static void test_accepted(void **state)
{
	struct lab *l = *state;
	CLEANUP(mem_free_string) char *href = NULL;
	struct caller *c;
	struct reply r;

	lab_bob(l);
	c = caller_invite(l, "Hi <b>");
	get_packet(l, LAB_STARTED, &r);
	check_invitation(lab_event(&r, 0), "started", "Connecting", true);
	check_same(l, lab_event(&r, 0), INVITATION);
	reply_reset(&r);

	lab_advance(l, 3000);
	assert_int_equal(accept_here(l, c), 204);
	get_packet(l, LAB_ACCEPTED, &r);
	check_invitation(lab_event(&r, UPDATED), "updated", "Connecting", false);
	check_invitation(lab_event(&r, COMPLETED), "completed", "Connected", false);
	check_same(l, lab_event(&r, COMPLETED), INVITATION);
	check_first_message(l, lab_event(&r, FIRST_MESSAGE));
	href = mem_strdup(at(lab_event(&r, FIRST_MESSAGE), "/link/href"));
	reply_reset(&r);

	/* once, and the next one is another */
	caller_say(c, "How are you?");
	get_packet(l, "message completed;", &r);
	assert_string_not_equal(at(lab_event(&r, 0), "/link/href"), href);
	reply_reset(&r);
	assert_int_equal(lab_metric(l, "core_messages_total"), 1);
	end(l, c);
}

static void test_without(void **state)
{
	struct lab *l = *state;
	struct caller *c;
	struct reply r;

	lab_bob(l);
	c = caller_invite(l, NULL);
	lab_next_packet(l, LAB_STARTED);
	assert_int_equal(accept_here(l, c), 204);
	get_packet(l, LAB_ANSWERED, &r);
	assert_null(json_at(lab_event(&r, COMPLETED), INVITATION "/_links/message"));
	check_same(l, lab_event(&r, COMPLETED), INVITATION);
	reply_reset(&r);
	end(l, c);
}

/* An invitation that fails keeps its first line, and that never is a message. */
static void check_failed(struct lab *l, const char *state, const char *then)
{
	struct reply r;
	CLEANUP(mem_free_string) char *events = text_concat(FAILED, then);

	get_packet(l, events, &r);
	check_invitation(lab_event(&r, 3), "completed", state, false);
	check_same(l, lab_event(&r, 3), INVITATION);
	reply_reset(&r);
}

static void test_declined(void **state)
{
	struct lab *l = *state;
	struct caller *c;

	lab_bob(l);
	c = caller_invite(l, "Hi <b>");
	lab_next_packet(l, LAB_STARTED);
	assert_int_equal(invitation_do(l, c, "POST", "/decline"), 204);
	check_failed(l, "Declined", "");
	lab_settle(l);
	caller_free(c);
}

static void test_cancelled(void **state)
{
	struct lab *l = *state;
	struct caller *c;

	lab_bob(l);
	c = caller_invite(l, "Hi <b>");
	lab_next_packet(l, LAB_STARTED);
	leg_on_cancelled(&c->leg);
	check_failed(l, "Cancelled", "missedItems updated;");
	lab_settle(l);
	caller_free(c);
}

/* Bob's other application. */
static void change_application(struct lab *l, char **app, uint64_t *ack)
{
	char *other_app = *app;
	uint64_t other_ack = *ack;

	*app = l->app;
	*ack = l->ack;
	l->app = other_app;
	l->ack = other_ack;
}

static int messages_of(struct lab *l, const struct caller *c)
{
	return conversation_do(l, c, "GET", "/messaging/messages");
}

static void test_taken_elsewhere(void **state)
{
	struct lab *l = *state;
	CLEANUP(mem_free_string) char *other = NULL;
	uint64_t ack = 1;
	struct caller *c;

	lab_bob(l);
	other = lab_application(l, l->token, "bobs-other-phone");
	change_application(l, &other, &ack);
	assert_int_equal(lab_do(l, "POST", "/me/makeMeAvailable", "{}"), 204);
	lab_forget_events(l);
	c = caller_invite(l, "Hi <b>");
	lab_next_packet(l, LAB_STARTED);
	change_application(l, &other, &ack);
	lab_next_packet(l, LAB_STARTED);
	assert_int_equal(accept_here(l, c), 204);
	lab_next_packet(l, LAB_ACCEPTED);
	change_application(l, &other, &ack);
	check_failed(l, "Failed", "");
	caller_say(c, "How are you?");
	lab_advance(l, 1000);
	assert_int_equal(messages_of(l, c), 404);
	change_application(l, &other, &ack);
	assert_int_equal(messages_of(l, c), 200);
	end(l, c);
}

/* Nobody misses a line of a conversation that was accepted. */
static void test_not_missed(void **state)
{
	struct lab *l = *state;
	struct caller *c = caller_connected(l);
	CLEANUP(mem_free_string)
	char *path = text_concat(l->app, "/communication/missedItems");
	struct reply r;

	end(l, c);
	assert_int_equal(lab_call(l, &(struct call){ .method = "GET", .path = path }, &r), 200);
	assert_string_equal(reply_at(&r, "/missedConversationsCount"), "0");
	assert_string_equal(reply_at(&r, "/unreadMissedConversationsCount"), "0");
	reply_reset(&r);
}

/* The invitation and the message show the same, in a format that the application takes. */
static void check_format(struct lab *l, const char *type, const char *text, const char *rel,
			 const char *href)
{
	CLEANUP(mem_free_string) char *pointer = text_format(MESSAGE "/_links/%s/href", rel);
	struct caller *c = caller_invite_as(l, type, text);
	struct reply r;

	get_packet(l, LAB_STARTED, &r);
	assert_string_equal(at(lab_event(&r, 0), INVITATION "/_links/message/href"), href);
	reply_reset(&r);
	assert_int_equal(accept_here(l, c), 204);
	get_packet(l, LAB_ACCEPTED, &r);
	assert_string_equal(at(lab_event(&r, COMPLETED), INVITATION "/_links/message/href"), href);
	assert_string_equal(at(lab_event(&r, FIRST_MESSAGE), pointer), href);
	reply_reset(&r);
	leg_on_ended(&c->leg);
	lab_settle(l);
	lab_poll(l, &r);
	lab_wait(l, &r);
	l->ack++;
	reply_reset(&r);
	caller_free(c);
}

static void test_formats(void **state)
{
	struct lab *l = *state;

	l->token = lab_sign_in(l, "bob@lab.test", "pass+word%261");
	l->app = lab_application(l, l->token, "bobs-phone");
	assert_int_equal(lab_do(l, "POST", "/me/makeMeAvailable",
				"{\"SupportedModalities\":[\"Messaging\"],"
				"\"supportedMessageFormats\":[\"Plain\",\"Html\"]}"),
			 204);
	lab_forget_events(l);
	check_format(l, "text/plain", "Hi <b>", "plainMessage", HREF);
	check_format(l, "text/html", "Hi &lt;b&gt;", "htmlMessage", HTML_HREF);
	check_format(l, "text/rtf", "{\\rtf1 Hi <b>}", "plainMessage", HREF);
}

static void test_plain(void **state)
{
	struct lab *l = *state;

	lab_bob(l);
	check_format(l, "text/html", "Hi &lt;b&gt;", "plainMessage", HREF);
	check_format(l, "text/rtf", "{\\rtf1 Hi <b>}", "plainMessage", HREF);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, lab_setup, lab_teardown)
	const struct CMUnitTest tests[] = {
		CASE(accepted),        CASE(without),    CASE(declined), CASE(cancelled),
		CASE(taken_elsewhere), CASE(not_missed), CASE(formats),  CASE(plain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
