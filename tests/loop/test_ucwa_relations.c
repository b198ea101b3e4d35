/*
 * HTTPS API: policies, privacy relationships, group memberships, and the list of contacts
 */
#include "ucwa_fixture.h"

#include "mcxd/core/conversation.h"
#include "mcxd/core/core.h"
#include "mcxd/core/life.h"
#include "mcxd/core/user.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#define LIST   "/people/contactsAndGroupsSubscription"
#define OWN    "/people/alice@lab.test/privacyRelationship"
#define MINUTE ((int64_t)60000)

static void call(struct lab *l, const char *method, const char *below, const char *body, int status,
		 struct reply *r)
{
	CLEANUP(mem_free_string) char *path = text_concat(l->app, below);

	if (lab_call(l, &(struct call){ .method = method, .path = path, .body = body }, r) !=
	    status)
		fail_msg("%s %s: %d %s", method, below, r->status, r->body);
}

/* A request as "GET /policies". */
static void check(struct lab *l, const char *request, const char *body, int status,
		  const char *pointer, const char *expected)
{
	CLEANUP(mem_free_string) char *method = mem_strdup(request);
	char *below = strchr(method, ' ');
	struct reply r;

	*below++ = '\0';
	call(l, method, below, body, status, &r);
	assert_string_equal(reply_at(&r, pointer), expected);
	reply_reset(&r);
}

/* ---- policies ---- */

static void test_policies(void **state)
{
	struct lab *l = *state;

	lab_bob(l);
	check(l, "GET /policies", NULL, 200, "/htmlMessaging", "Enabled");
	check(l, "GET /policies", NULL, 200, "/photos", "Disabled");
}

static void test_network(void **state)
{
	struct lab *l = *state;

	lab_bob(l);
	check(l, "POST /reportMyNetwork",
	      "{\"clientNetworkType\":\"external\",\"ip\":\"10.0.0.1\"}", 201, "/code", "");
	check(l, "POST /reportMyNetwork", "{\"ip\":\"10.0.0.1\"}", 400, "/subcode",
	      "ParameterValidationFailure");
	check(l, "POST /reportMyNetwork", "{\"clientNetworkType\":\"Mars\"}", 400, "/subcode",
	      "ParameterValidationFailure");
}

/* ---- privacy and groups ---- */

static void test_privacy(void **state)
{
	struct lab *l = *state;
	CLEANUP(mem_free_string) char *alice = NULL;

	lab_bob(l);
	alice = text_concat(l->app, "/people/alice@lab.test");
	check(l, "GET " OWN, NULL, 200, "/relationshipLevel", "Colleagues");
	check(l, "PUT " OWN, "{\"relationshipLevel\":\"Blocked\"}", 403, "/code", "Forbidden");
	check(l, "GET " OWN, NULL, 200, "/relationshipLevel", "Colleagues");
	check(l, "GET /people/nobody@lab.test/privacyRelationship", NULL, 404, "/code", "NotFound");
	check(l, "GET /people/privacyRelationships", NULL, 200,
	      "/_embedded/myPrivacyRelationship/0/_links/contact/0/href", alice);
	check(l, "GET /people/privacyRelationships/colleagues", NULL, 200, "/_links/contact/0/href",
	      alice);
	check(l, "GET /people/privacyRelationships/Blocked", NULL, 404, "/code", "NotFound");
}

static void test_group_memberships(void **state)
{
	struct lab *l = *state;
	struct reply r;
	CLEANUP(mem_free_string) char *get = NULL, *delete = NULL;
	const char *self;

	lab_bob(l);
	call(l, "GET", "/people/groupMemberships?groupId=default", NULL, 200, &r);
	self = reply_at(&r, "/_embedded/myGroupMembership/0/_links/self/href") + strlen(l->app);
	get = text_concat("GET ", self);
	delete = text_concat("DELETE ", self);
	reply_reset(&r);
	check(l, get, NULL, 200, "/rel", "myGroupMembership");
	check(l, delete, NULL, 403, "/code", "Forbidden");
	check(l, "POST /people/groupMemberships",
	      "{\"contactUri\":\"sip:alice@lab.test\",\"groupId\":\"default\"}", 403, "/code",
	      "Forbidden");
	check(l, "GET /people/groupMemberships/default,bob@lab.test", NULL, 404, "/code",
	      "NotFound");
	check(l, "GET /people/groupMemberships/other,alice@lab.test", NULL, 404, "/code",
	      "NotFound");
	check(l, "GET /people/groupMemberships?groupId=other", NULL, 404, "/code", "NotFound");
}

/* ---- the list of contacts ---- */

static struct user *join(struct lab *l, const char *aor)
{
	struct user *u;

	assert_int_equal(user_join(l->core,
				   &(struct user_spec){ .aor = aor,
							.display_name = "New",
							.policy = { .enable_mobility = true } },
				   &u),
			 0);
	return u;
}

static void test_list_of_contacts(void **state)
{
	struct lab *l = *state;
	struct user *u;
	struct reply r;
	CLEANUP(text_deinit) struct text events = TEXT_INIT;
	CLEANUP(mem_free_string) char *contacts = NULL, *get = NULL;

	lab_bob(l);
	contacts = text_concat(l->app, "/people/contacts");
	check(l, "GET " LIST, NULL, 200, "/state", "Disconnected");
	user_remove(join(l, "early@lab.test"));
	check(l, "POST " LIST "/start", "{\"duration\":10}", 201, "/state", "Connected");
	check(l, "GET " LIST, NULL, 200, "/state", "Connected");
	u = join(l, "new@lab.test");
	lab_poll(l, &r);
	lab_packet(l, &r, &events);
	assert_string_equal(text_str(&events), "contact added;contact added;");
	assert_string_equal(reply_at(&r, "/sender/0/rel"), "people");
	assert_string_equal(reply_at(&r, "/sender/0/events/0/in/href"), contacts);
	get = text_concat("GET ", reply_at(&r, "/sender/0/events/0/link/href") + strlen(l->app));
	check(l, get, NULL, 200, "/name", "New");
	reply_reset(&r);
	user_remove(u);
	lab_next_packet(l, "contact deleted;contact deleted;");
	check(l, "POST " LIST "/stop", NULL, 204, "/code", "");
	check(l, "GET " LIST, NULL, 200, "/state", "Disconnected");
	join(l, "late@lab.test");
	assert_int_equal(lab_do(l, "POST", "/me/note", "{\"message\":\"x\"}"), 204);
	lab_next_packet(l, "note updated;");
}

/* It ends by itself, and the phone is told in time. Extended, it lasts half an hour at most. */
static void test_list_expires(void **state)
{
	struct lab *l = *state;

	lab_bob(l);
	check(l, "POST " LIST "/start?duration=10", NULL, 201, "/state", "Connected");
	lab_advance(l, 10 * MINUTE - l->core_config.watch_warning_ms);
	lab_next_packet(l, "myContactsAndGroupsSubscription updated;");
	check(l, "POST " LIST "/start?duration=60", NULL, 201, "/state", "Connected");
	lab_advance(l, 30 * MINUTE - l->core_config.watch_warning_ms);
	lab_next_packet(l, "myContactsAndGroupsSubscription updated;");
	lab_advance(l, l->core_config.watch_warning_ms);
	check(l, "GET " LIST, NULL, 200, "/state", "Disconnected");
	check(l, "POST " LIST "/start?duration=9", NULL, 400, "/subcode",
	      "ParameterValidationFailure");
	check(l, "POST " LIST "/start?duration=61", NULL, 400, "/subcode",
	      "ParameterValidationFailure");
	check(l, "POST " LIST "/start", NULL, 400, "/subcode", "ParameterValidationFailure");
}

/* ---- what the application and a conversation say of themselves ---- */

static void test_instance_id(void **state)
{
	struct lab *l = *state;
	struct reply r;

	l->token = lab_sign_in(l, "bob@lab.test", "pass+word%261");
	lab_call(l,
		 &(struct call){ .method = "POST",
				 .path = "/ucwa/oauth/v1/applications",
				 .body = "{\"UserAgent\":\"a\",\"EndpointId\":\"e\","
					 "\"Culture\":\"en-US\",\"InstanceId\":\"i-1\"}" },
		 &r);
	assert_string_equal(reply_at(&r, "/instanceId"), "i-1");
	l->app = mem_strdup(r.location);
	reply_reset(&r);
	check(l, "GET ", NULL, 200, "/instanceId", "i-1");
}

/* The same time in the events and in the resource, also much later. */
static void test_created(void **state)
{
	struct lab *l = *state;
	CLEANUP(text_deinit) struct text events = TEXT_INIT, get = TEXT_INIT;
	CLEANUP(mem_free_string) char *created = NULL;
	struct caller *c;
	struct reply r;

	lab_bob(l);
	c = caller_invite(l, "Hi");
	lab_poll(l, &r);
	lab_packet(l, &r, &events);
	created = mem_strdup(reply_at(&r, "/sender/0/events/1/_embedded/conversation/created"));
	assert_int_equal(strncmp(created, "/Date(", 6), 0);
	reply_reset(&r);
	lab_advance(l, 5000);
	assert_int_equal(invitation_do(l, c, "POST", "/accept"), 204);
	lab_poll(l, &r);
	lab_packet(l, &r, &events);
	assert_string_equal(reply_at(&r, "/sender/2/events/0/_embedded/conversation/created"),
			    created);
	reply_reset(&r);
	text_addf(&get, "GET /communication/conversations/%llu",
		  (unsigned long long)c->conversation);
	check(l, text_str(&get), NULL, 200, "/created", created);
	leg_on_ended(&c->leg);
	lab_settle(l);
	caller_free(c);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, lab_setup, lab_teardown)
	const struct CMUnitTest tests[] = {
		CASE(policies),          CASE(network),          CASE(privacy),
		CASE(group_memberships), CASE(list_of_contacts), CASE(list_expires),
		CASE(instance_id),       CASE(created),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
