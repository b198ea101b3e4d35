/*
 * Presence over SIP: SUBSCRIBE, NOTIFY and PUBLISH
 */
#include "front_end_fixture.h"
#include "mcxd/core/core.h"
#include "mcxd/core/life.h"
#include "mcxd/core/presence.h"
#include "mcxd/core/user.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/raw.h"

/* A SUBSCRIBE of Alice's. */
struct asking {
	const char *uri, *call_id;
	unsigned cseq;
	const char *to, *headers, *body;
};

static void subscribe_with(struct raw *r, const struct asking *a)
{
	raw_sendf(r,
		  "SUBSCRIBE %s SIP/2.0\nVia: SIP/2.0/TCP %s;branch=z9hG4bK%s%u\n"
		  "From: <sip:alice@lab.test>;tag=a1\nTo: %s\nCall-ID: %s\n"
		  "CSeq: %u SUBSCRIBE\nContact: <sip:alice@%s;transport=tcp>\n%s"
		  "Content-Length: %zu\n\n%s",
		  a->uri, r->local, a->call_id, a->cseq, a->to, a->call_id, a->cseq, r->local,
		  a->headers, strlen(a->body), a->body);
}

static void subscribe(struct raw *r, const char *call_id, const char *headers)
{
	subscribe_with(r, &(struct asking){ "sip:bob@lab.test", call_id, 1, "<sip:bob@lab.test>",
					    headers, "" });
}

/* Bob's phone, and his presence with it. */
static void sign_in(struct front_end_fixture *f)
{
	fixture_phone(f, false);
	presence_join(f->phone);
}

/* Take a NOTIFY and answer it; free() it. */
static char *take_notify(struct raw *r, const char *status)
{
	char *notify = raw_expect(r, "NOTIFY ");

	fixture_answer(r, notify, status, "", "");
	return notify;
}

static void expect_document(struct raw *r, const char *state, const char *part)
{
	CLEANUP(mem_free_string) char *notify = take_notify(r, "200 OK");

	if (strncmp(sip_header(notify, "Subscription-State", 0), state, strlen(state)) != 0 ||
	    !strstr(sip_body(notify), part))
		fail_msg("no %s with %s in %s", state, part, notify);
}

static char *begin(struct raw *r, struct front_end_fixture *f, const char *headers)
{
	raw_tcp(r, f->loop, fixture_tcp(f));
	subscribe(r, "watch", headers);
	return raw_expect(r, "SIP/2.0 200 ");
}

#define OPEN   "<basic>open</basic>"
#define CLOSED "<basic>closed</basic>"

static void test_watch(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw r;
	CLEANUP(mem_free_string) char *answer = begin(&r, f, "Event: presence\nExpires: 600\n");

	assert_string_equal(sip_header(answer, "Expires", 0), "600");
	assert_non_null(sip_header(answer, "Contact", 0));
	CLEANUP(mem_free_string) char *first = take_notify(&r, "200 OK");
	assert_string_equal(sip_header(first, "Event", 0), "presence");
	assert_string_equal(sip_header(first, "Content-Type", 0), "application/pidf+xml");
	assert_string_equal(sip_tag(first, "From"), sip_tag(answer, "To"));
	assert_non_null(strstr(sip_body(first), "entity=\"sip:bob@lab.test\""));
	assert_non_null(strstr(sip_body(first), CLOSED));
	assert_null(strstr(sip_body(first), "mobile"));

	sign_in(f);
	expect_document(&r, "active;expires=", "<c:mobile/>");
	presence_set(f->bob, AVAILABILITY_BUSY);
	expect_document(&r, "active;expires=", "<r:busy/>");
	presence_set_note(f->bob, "a < b");
	expect_document(&r, "active;expires=", "<note>a &lt; b</note>");
	assert_int_equal(fixture_metric(f, "front_end_subscriptions"), 1);

	fixture_advance(f, 600000);
	expect_document(&r, "terminated;reason=timeout", "<presence ");
	run_rounds(f->loop, 3);
	assert_int_equal(fixture_metric(f, "front_end_subscriptions"), 0);
	raw_close(&r);
}

/* What changes while a NOTIFY is under way is told once, afterwards. */
static void test_one_at_a_time(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw r;

	sign_in(f);
	free(begin(&r, f, "Event: presence\n"));
	CLEANUP(mem_free_string) char *first = raw_expect(&r, "NOTIFY ");
	presence_set(f->bob, AVAILABILITY_BUSY);
	presence_set(f->bob, AVAILABILITY_AWAY);
	raw_expect_silence(&r, 3);
	fixture_answer(&r, first, "200 OK", "", "");
	expect_document(&r, "active", "<r:away/>");
	raw_expect_silence(&r, 3);
	raw_close(&r);
}

static void test_refresh_and_end(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw r;
	CLEANUP(mem_free_string) char *answer = begin(&r, f, "Event: presence;id=7\n");
	CLEANUP(mem_free_string) char *to = mem_strdup(sip_header(answer, "To", 0));

	CLEANUP(mem_free_string) char *first = take_notify(&r, "200 OK");
	assert_string_equal(sip_header(first, "Event", 0), "presence;id=7");
	subscribe_with(&r, &(struct asking){ "sip:bob@lab.test", "watch", 2, to,
					     "Event: presence;id=7\nExpires: 90\n", "" });
	free(raw_expect(&r, "SIP/2.0 200 "));
	expect_document(&r, "active;expires=90", CLOSED);
	subscribe_with(&r, &(struct asking){ "sip:bob@lab.test", "watch", 3, to,
					     "Event: presence;id=7\nExpires: 0\n", "" });
	free(raw_expect(&r, "SIP/2.0 200 "));
	expect_document(&r, "terminated", CLOSED);
	run_rounds(f->loop, 3);
	subscribe_with(&r, &(struct asking){ "sip:bob@lab.test", "watch", 4, to,
					     "Event: presence;id=7\n", "" });
	free(raw_expect(&r, "SIP/2.0 481 "));
	raw_close(&r);
}

/* A fetch (RFC 6665, 4.4.3). */
static void test_fetch(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw r;

	free(begin(&r, f, "Event: presence\nExpires: 0\n"));
	expect_document(&r, "terminated", CLOSED);
	run_rounds(f->loop, 3);
	assert_int_equal(fixture_metric(f, "front_end_subscriptions"), 0);
	raw_close(&r);
}

static void test_client_that_is_gone(void **state)
{
	static const char *const finals[] = { "481 Call Does Not Exist", "404 Not Found",
					      "489 Bad Event", "405 No", "408 Request Timeout" };
	struct front_end_fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(finals); i++) {
		struct raw r;

		free(begin(&r, f, "Event: presence\n"));
		free(take_notify(&r, finals[i]));
		run_rounds(f->loop, 3);
		assert_int_equal(fixture_metric(f, "front_end_subscriptions"), 0);
		raw_close(&r);
	}
}

static void test_user_that_is_removed(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw r;

	free(begin(&r, f, "Event: presence\n"));
	free(take_notify(&r, "200 OK"));
	user_remove(f->bob);
	expect_document(&r, "terminated;reason=noresource", CLOSED);
	raw_close(&r);
}

static void test_refusals(void **state)
{
	static const struct {
		const char *uri, *headers, *status, *header;
	} rows[] = {
		{ "sip:bob@lab.test", "Event: dialog\n", "489", "Allow-Events" },
		{ "sip:bob@lab.test", "", "489", "Allow-Events" },
		{ "sip:bob@lab.test", "Event: presence\nAccept: text/plain\n", "406" },
		{ "sip:bob@lab.test", "Event: presence\nExpires: 3\n", "423", "Min-Expires" },
		{ "sip:nobody@lab.test", "Event: presence\n", "404" },
		{ "sip:bob@elsewhere.test", "Event: presence\n", "404" },
		{ "sip:bob@lab.test", "Event: presence\nRequire: eventlist\n", "420",
		  "Unsupported" },
	};
	struct front_end_fixture *f = *state;
	struct raw r;

	raw_tcp(&r, f->loop, fixture_tcp(f));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(mem_free_string) char *answer = NULL;
		char call_id[16];

		snprintf(call_id, sizeof(call_id), "refused-%zu", i);
		subscribe_with(&r, &(struct asking){ rows[i].uri, call_id, 1, "<sip:bob@lab.test>",
						     rows[i].headers, "" });
		answer = raw_take(&r);
		assert_memory_equal(answer + strlen("SIP/2.0 "), rows[i].status, 3);
		if (rows[i].header)
			assert_non_null(sip_header(answer, rows[i].header, 0));
	}
	assert_int_equal(fixture_metric(f, "front_end_subscriptions"), 0);
	raw_close(&r);
}

static void test_limit(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw r;

	f->core_config.max_watched = 1;
	free(begin(&r, f, "Event: presence\n"));
	free(take_notify(&r, "200 OK"));
	subscribe(&r, "second", "Event: presence\n");
	CLEANUP(mem_free_string) char *refused = raw_expect(&r, "SIP/2.0 503 ");
	assert_non_null(strstr(refused, "core.max_watched"));
	raw_close(&r);
}

/* ---- Microsoft's ---- */

#define CATEGORIES "application/msrtc-event-categories+xml"

static void test_categories(void **state)
{
	static const char body[] =
		"<batchSub xmlns=\"http://schemas.microsoft.com/2006/01/sip/batch-subscribe\" "
		"uri=\"sip:alice@lab.test\" name=\"\"><action name=\"subscribe\" id=\"1\">"
		"<adhocList><resource uri=\"sip:bob@lab.test\"/>"
		"<resource uri=\"sip:alice@lab.test\"/></adhocList></action></batchSub>";
	struct front_end_fixture *f = *state;
	struct raw r;

	sign_in(f);
	raw_tcp(&r, f->loop, fixture_tcp(f));
	subscribe_with(&r,
		       &(struct asking){ "sip:alice@lab.test", "batch", 1, "<sip:alice@lab.test>",
					 "Event: presence\nRequire: adhoclist, categoryList\n"
					 "Accept: " CATEGORIES
					 ", application/pidf+xml, multipart/related\n"
					 "Supported: ms-benotify\nProxy-Require: ms-benotify\n"
					 "Content-Type: application/msrtc-adrl-categorylist+xml\n",
					 body });
	free(raw_expect(&r, "SIP/2.0 200 "));
	CLEANUP(mem_free_string) char *first = take_notify(&r, "200 OK");
	assert_string_equal(sip_header(first, "Content-Type", 0), CATEGORIES);
	assert_non_null(strstr(sip_body(first), "uri=\"sip:bob@lab.test\""));
	assert_non_null(strstr(sip_body(first), "<availability>3500</availability>"));
	assert_non_null(strstr(sip_body(first), "<device>Mobile</device>"));
	assert_non_null(strstr(sip_body(first), "<displayName>Bob</displayName>"));
	expect_document(&r, "active", "uri=\"sip:alice@lab.test\"");
	presence_set(f->bob, AVAILABILITY_DO_NOT_DISTURB);
	expect_document(&r, "active", "<availability>9500</availability>");
	raw_expect_silence(&r, 3);
	raw_close(&r);
}

/* Asked once for several: each is told before it ends. */
static void test_categories_once(void **state)
{
	static const char body[] =
		"<batchSub xmlns=\"http://schemas.microsoft.com/2006/01/sip/batch-subscribe\">"
		"<resource uri=\"sip:bob@lab.test\"/><resource uri=\"sip:x@elsewhere.test\"/>"
		"<resource uri=\"sip:alice@lab.test\"/></batchSub>";
	struct front_end_fixture *f = *state;
	struct raw r;

	raw_tcp(&r, f->loop, fixture_tcp(f));
	subscribe_with(&r,
		       &(struct asking){ "sip:alice@lab.test", "once", 1, "<sip:alice@lab.test>",
					 "Event: presence\nExpires: 0\nAccept: " CATEGORIES "\n"
					 "Content-Type: application/msrtc-adrl-categorylist+xml\n",
					 body });
	free(raw_expect(&r, "SIP/2.0 200 "));
	expect_document(&r, "active;expires=0", "uri=\"sip:bob@lab.test\"");
	expect_document(&r, "terminated;reason=timeout", "uri=\"sip:alice@lab.test\"");
	run_rounds(f->loop, 3);
	assert_int_equal(fixture_metric(f, "front_end_subscriptions"), 0);
	raw_close(&r);
}

static void test_contacts(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw r;

	raw_tcp(&r, f->loop, fixture_tcp(f));
	subscribe_with(
		&r, &(struct asking){ "sip:alice@lab.test", "contacts", 1, "<sip:alice@lab.test>",
				      "Event: vnd-microsoft-roaming-contacts\n"
				      "Accept: application/vnd-microsoft-roaming-contacts+xml\n",
				      "" });
	free(raw_expect(&r, "SIP/2.0 200 "));
	expect_document(&r, "active", "<contact uri=\"bob@lab.test\" name=\"Bob\"");
	assert_int_equal(user_join(f->core, &(struct user_spec){ .aor = "new@lab.test" }, NULL), 0);
	expect_document(&r, "active", "<contact uri=\"new@lab.test\"");
	raw_close(&r);
}

/* ---- PUBLISH ---- */

#define PIDF(inner)                                                                                \
	"<presence xmlns=\"urn:ietf:params:xml:ns:pidf\" "                                         \
	"xmlns:dm=\"urn:ietf:params:xml:ns:pidf:data-model\" "                                     \
	"xmlns:rpid=\"urn:ietf:params:xml:ns:pidf:rpid\" entity=\"sip:bob@lab.test\">" inner       \
	"</presence>"
#define TUPLE "<tuple id=\"t\"><status><basic>open</basic></status></tuple>"
#define BUSY                                                                                       \
	PIDF(TUPLE "<dm:person id=\"p\"><rpid:activities><rpid:busy/></rpid:activities>"           \
		   "<dm:note>In a meeting</dm:note></dm:person>")

static char *publish(struct raw *r, const char *uri, const char *headers, const char *body)
{
	static unsigned number;

	number++;
	raw_sendf(r,
		  "PUBLISH %s SIP/2.0\nVia: SIP/2.0/TCP %s;branch=z9hG4bKp%u\n"
		  "From: <sip:bob@lab.test>;tag=b1\nTo: <sip:bob@lab.test>\nCall-ID: publish%u\n"
		  "CSeq: 1 PUBLISH\n%sContent-Length: %zu\n\n%s",
		  uri, r->local, number, number, headers, strlen(body), body);
	return raw_take(r);
}

#define EVENT "Event: presence\n"
#define TYPE  "Content-Type: application/pidf+xml\n"

static enum availability availability_of(const struct user *u)
{
	struct presence_view view;

	presence_view(u, &view);
	return view.availability;
}

static void test_publish(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw r;

	sign_in(f);
	raw_tcp(&r, f->loop, fixture_tcp(f));
	CLEANUP(mem_free_string)
	char *first = publish(&r, "sip:bob@lab.test", EVENT TYPE "Expires: 120\n", BUSY);
	assert_memory_equal(first, "SIP/2.0 200 ", 12);
	assert_string_equal(sip_header(first, "Expires", 0), "120");
	assert_int_equal(availability_of(f->bob), AVAILABILITY_BUSY);
	assert_string_equal(f->bob->presence.note, "In a meeting");

	/* A second client of his; then it goes. */
	CLEANUP(mem_free_string)
	char *second = publish(&r, "sip:bob@lab.test", EVENT TYPE, PIDF(TUPLE));
	assert_int_equal(availability_of(f->bob), AVAILABILITY_BUSY);
	CLEANUP(mem_free_string)
	char *condition = text_format(EVENT "SIP-If-Match: %s\nExpires: 0\n",
				      sip_header(second, "SIP-ETag", 0));
	free(publish(&r, "sip:bob@lab.test", condition, ""));
	assert_int_equal(availability_of(f->bob), AVAILABILITY_BUSY);

	/* A refresh has another tag, and the one before is not valid any more. */
	CLEANUP(mem_free_string)
	char *refresh = text_format(EVENT "SIP-If-Match: %s\nExpires: 120\n",
				    sip_header(first, "SIP-ETag", 0));
	fixture_advance(f, 100000);
	CLEANUP(mem_free_string) char *third = publish(&r, "sip:bob@lab.test", refresh, "");
	assert_memory_equal(third, "SIP/2.0 200 ", 12);
	CLEANUP(mem_free_string) char *again = publish(&r, "sip:bob@lab.test", refresh, "");
	assert_memory_equal(again, "SIP/2.0 412 ", 12);

	/* What he sets elsewhere meanwhile stays, whether the client says the same again or goes. */
	presence_set(f->bob, AVAILABILITY_AWAY);
	CLEANUP(mem_free_string)
	char *repeat = text_format(EVENT TYPE "SIP-If-Match: %s\nExpires: 120\n",
				   sip_header(third, "SIP-ETag", 0));
	free(publish(&r, "sip:bob@lab.test", repeat, BUSY));
	assert_int_equal(availability_of(f->bob), AVAILABILITY_AWAY);
	presence_set(f->bob, AVAILABILITY_BUSY);
	fixture_advance(f, 100000);
	assert_int_equal(availability_of(f->bob), AVAILABILITY_BUSY);
	fixture_advance(f, 20000);
	assert_int_not_equal(availability_of(f->bob), AVAILABILITY_BUSY);
	assert_null(f->bob->presence.note);
	raw_close(&r);
}

/* The newest of what is left counts, and a reset forgets all of it. */
static void test_publish_and_reset(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw r;

	sign_in(f);
	raw_tcp(&r, f->loop, fixture_tcp(f));
	CLEANUP(mem_free_string) char *first = publish(&r, "sip:bob@lab.test", EVENT TYPE, BUSY);
	CLEANUP(mem_free_string)
	char *second = publish(&r, "sip:bob@lab.test", EVENT TYPE,
			       PIDF(TUPLE "<dm:person id=\"p\"><rpid:activities><rpid:away/>"
					  "</rpid:activities></dm:person>"));
	assert_int_equal(availability_of(f->bob), AVAILABILITY_AWAY);
	CLEANUP(mem_free_string)
	char *removal = text_format(EVENT "SIP-If-Match: %s\nExpires: 0\n",
				    sip_header(second, "SIP-ETag", 0));
	free(publish(&r, "sip:bob@lab.test", removal, ""));
	assert_int_equal(availability_of(f->bob), AVAILABILITY_BUSY);
	presence_clear(f->bob);
	CLEANUP(mem_free_string)
	char *refresh = text_format(EVENT "SIP-If-Match: %s\n", sip_header(first, "SIP-ETag", 0));
	CLEANUP(mem_free_string) char *gone = publish(&r, "sip:bob@lab.test", refresh, "");
	assert_memory_equal(gone, "SIP/2.0 412 ", 12);
	raw_close(&r);
}

static void test_publish_refusals(void **state)
{
	static const struct {
		const char *uri, *headers, *body, *status;
	} rows[] = {
		{ "sip:alice@lab.test", EVENT TYPE, BUSY, "403" },
		{ "sip:bob@lab.test", "Event: dialog\n" TYPE, BUSY, "489" },
		{ "sip:bob@lab.test", TYPE, BUSY, "489" },
		{ "sip:bob@lab.test", EVENT "Content-Type: text/plain\n", "x", "415" },
		{ "sip:bob@lab.test", EVENT TYPE, "<presence/>", "400" },
		{ "sip:bob@lab.test", EVENT TYPE, "", "400" },
		{ "sip:bob@lab.test", EVENT TYPE "SIP-If-Match: no-such\n", BUSY, "412" },
		{ "sip:bob@lab.test", EVENT TYPE "Expires: 1\n", BUSY, "423" },
	};
	struct front_end_fixture *f = *state;
	struct raw r;

	raw_tcp(&r, f->loop, fixture_tcp(f));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(mem_free_string)
		char *answer = publish(&r, rows[i].uri, rows[i].headers, rows[i].body);

		assert_memory_equal(answer + strlen("SIP/2.0 "), rows[i].status, 3);
		assert_non_null(sip_header(answer, "ms-diagnostics", 0));
	}
	assert_false(f->bob->presence.is_set);
	raw_close(&r);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_watch),
		TEST(test_one_at_a_time),
		TEST(test_refresh_and_end),
		TEST(test_fetch),
		TEST(test_client_that_is_gone),
		TEST(test_user_that_is_removed),
		TEST(test_refusals),
		TEST(test_limit),
		TEST(test_categories),
		TEST(test_categories_once),
		TEST(test_contacts),
		TEST(test_publish),
		TEST(test_publish_and_reset),
		TEST(test_publish_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
