/*
 * Presence documents: PIDF, categories and roaming contacts
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/sip/category.h"
#include "proto/sip/pidf.h"
#include "proto/sip/roaming.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

#define HEAD                                                                                       \
	"<presence xmlns=\"urn:ietf:params:xml:ns:pidf\" "                                         \
	"xmlns:dm=\"urn:ietf:params:xml:ns:pidf:data-model\" "                                     \
	"xmlns:r=\"urn:ietf:params:xml:ns:pidf:rpid\" entity=\"sip:bob@lab.test\">"
#define OPEN    "<tuple id=\"t\"><status><basic>open</basic></status></tuple>"
#define CLOSED  "<tuple id=\"t\"><status><basic>closed</basic></status></tuple>"
#define ACT(x)  "<dm:person id=\"p\"><r:activities>" x "</r:activities></dm:person>"
#define TAIL    "</presence>"
#define DOCTYPE "<!DOCTYPE x [<!ENTITY a \"b\">]>"

/* What is written is read back as the same, but for what it has no word of its own for. */
static void test_round_trip(void **state)
{
	static const enum pidf_activity expected[N_PIDF_ACTIVITIES] = {
		[PIDF_CLOSED] = PIDF_CLOSED,      [PIDF_OPEN] = PIDF_OPEN,
		[PIDF_BUSY] = PIDF_BUSY,          [PIDF_DO_NOT_DISTURB] = PIDF_DO_NOT_DISTURB,
		[PIDF_BE_RIGHT_BACK] = PIDF_AWAY, [PIDF_AWAY] = PIDF_AWAY,
	};

	(void)state;
	for (int a = 0; a < N_PIDF_ACTIVITIES; a++) {
		const struct pidf p = { .aor = "bob&co@lab.test",
					.activity = (enum pidf_activity)a,
					.note = a % 2 ? "<\"1\" & '2'>" : NULL,
					.mobile = a % 2,
					.idle = a == PIDF_BUSY };
		CLEANUP(text_deinit) struct text out = TEXT_INIT;
		enum pidf_activity activity;
		char note[PIDF_NOTE_SIZE];
		const char *why = NULL;

		pidf_encode(&out, &p);
		assert_int_equal(pidf_decode(out.data, out.n, &activity, note, &why), 0);
		assert_int_equal(activity, expected[a]);
		assert_string_equal(note, p.note ? p.note : "");
		assert_non_null(strstr(out.data, "entity=\"sip:bob&amp;co@lab.test\""));
		assert_int_equal(strstr(out.data, "<c:mobile/>") != NULL, p.mobile);
		assert_int_equal(strstr(out.data, "<r:user-input>idle<") != NULL, p.idle);
	}
}

static void test_read(void **state)
{
	static const struct {
		const char *document;
		enum pidf_activity activity;
		const char *note;
	} rows[] = {
		{ HEAD OPEN TAIL, PIDF_OPEN, "" },
		{ HEAD CLOSED TAIL, PIDF_CLOSED, "" },
		{ HEAD CLOSED OPEN TAIL, PIDF_OPEN, "" },
		{ HEAD CLOSED ACT("<r:busy/>") TAIL, PIDF_CLOSED, "" },
		{ HEAD OPEN ACT("<r:on-the-phone/>") TAIL, PIDF_BUSY, "" },
		{ HEAD OPEN ACT("<r:away/><r:busy/>") TAIL, PIDF_AWAY, "" },
		{ HEAD OPEN ACT("<r:lunch/>") TAIL, PIDF_BE_RIGHT_BACK, "" },
		{ HEAD OPEN ACT("<r:dnd/>") TAIL, PIDF_DO_NOT_DISTURB, "" },
		{ HEAD OPEN ACT("<r:juggling/>") TAIL, PIDF_OPEN, "" },
		{ HEAD ACT("<r:vacation/>") TAIL, PIDF_AWAY, "" },
		{ HEAD OPEN "<note>one</note><note>two</note>" TAIL, PIDF_OPEN, "one" },
		{ HEAD OPEN "<dm:person id=\"p\"><dm:note>&lt;3</dm:note></dm:person>" TAIL,
		  PIDF_OPEN, "<3" },
		{ HEAD TAIL, PIDF_OPEN, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		enum pidf_activity activity;
		char note[PIDF_NOTE_SIZE];
		const char *why = NULL;

		assert_int_equal(pidf_decode(rows[i].document, strlen(rows[i].document), &activity,
					     note, &why),
				 0);
		assert_int_equal(activity, rows[i].activity);
		assert_string_equal(note, rows[i].note);
	}
}

static void test_refused(void **state)
{
	static const char *const rows[] = {
		"",
		"open",
		"<presence/>",
		HEAD OPEN,
		HEAD "<tuple id=\"t\"><status><basic>ajar</basic></status></tuple>" TAIL,
		DOCTYPE HEAD OPEN TAIL,
		"<presence xmlns=\"urn:ietf:params:xml:ns:xpidf\"/>",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		enum pidf_activity activity = PIDF_OPEN;
		char note[PIDF_NOTE_SIZE];
		const char *why = NULL;

		assert_int_not_equal(pidf_decode(rows[i], strlen(rows[i]), &activity, note, &why),
				     0);
		assert_non_null(why);
		assert_string_equal(note, "");
	}
}

/* A note is cut between two characters. */
static void test_long_note(void **state)
{
	CLEANUP(text_deinit) struct text document = TEXT_INIT;
	enum pidf_activity activity;
	char note[PIDF_NOTE_SIZE];
	const char *why = NULL;

	(void)state;
	text_add(&document, HEAD OPEN "<note>x");
	for (int i = 0; i < 200; i++)
		text_add(&document, "\xC3\xBC");
	text_add(&document, "</note>" TAIL);
	assert_int_equal(pidf_decode(document.data, document.n, &activity, note, &why), 0);
	assert_int_equal(strlen(note), PIDF_NOTE_SIZE - 2);
}

/* ---- Microsoft's ---- */

static void test_category(void **state)
{
	const struct category known = { .aor = "bob@lab.test",
					.name = "Bob <B>",
					.availability = "Busy",
					.note = "a & b",
					.mobile = true,
					.wall_us = 1311595200000000 };
	const struct category unknown = { .aor = "bob@lab.test", .availability = "Offline" };
	CLEANUP(text_deinit) struct text out = TEXT_INIT;
	CLEANUP(text_deinit) struct text other = TEXT_INIT;

	(void)state;
	category_encode(&out, &known);
	assert_non_null(strstr(out.data, "<availability>6500</availability>"));
	assert_non_null(strstr(out.data, "<device>Mobile</device>"));
	assert_non_null(strstr(out.data, "<body type=\"personal\">a &amp; b</body>"));
	assert_non_null(strstr(out.data, "<displayName>Bob &lt;B&gt;</displayName>"));
	assert_non_null(strstr(out.data, "publishTime=\"2011-07-25T12:00:00.000Z\""));
	category_encode(&other, &unknown);
	assert_non_null(strstr(other.data, "<availability>18500</availability>"));
	assert_null(strstr(other.data, "name=\"note\""));
	assert_null(strstr(other.data, "contactCard"));
}

static const char *on_resource(void *magic, const char *aor)
{
	text_add_all(magic, aor, " ");
	return strcmp(aor, "full@lab.test") ? NULL : "full";
}

static void test_category_list(void **state)
{
#define LIST(resources)                                                                            \
	"<batchSub xmlns=\"http://schemas.microsoft.com/2006/01/sip/batch-subscribe\" "            \
	"uri=\"sip:a@lab.test\" name=\"\"><action name=\"subscribe\" "                             \
	"id=\"1\"><adhocList>" resources "</adhocList></action></batchSub>"
	static const struct {
		const char *document;
		int result;
		const char *expected;
	} rows[] = {
		{ LIST("<resource uri=\"sip:Bob@lab.test\"/><resource uri=\"sip:c@lab.test\"/>"), 0,
		  "bob@lab.test c@lab.test " },
		{ LIST(""), 0, "" },
		{ LIST("<resource uri=\"\"/>"), -1, "" },
		{ LIST("<resource/>"), -1, "" },
		{ LIST("<resource uri=\"sip:full@lab.test\"/><resource uri=\"sip:c@lab.test\"/>"),
		  -1, "full@lab.test " },
		{ "<other/>", -1, "" },
		{ "", -1, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(text_deinit) struct text names = TEXT_INIT;
		const char *why = NULL;
		int r = category_read_list(rows[i].document, strlen(rows[i].document), on_resource,
					   &names, &why);

		assert_int_equal(r != 0, rows[i].result != 0);
		assert_string_equal(text_str(&names), rows[i].expected);
		assert_int_equal(why != NULL, rows[i].result != 0);
	}
}

static void test_roaming(void **state)
{
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	(void)state;
	roaming_begin(&out);
	roaming_add(&out, "bob@lab.test", "Bob \"B\" <b>");
	roaming_end(&out);
	assert_string_equal(
		text_str(&out),
		"<contactList deltaNum=\"1\"><group id=\"1\" name=\"~\" externalURI=\"\"/>"
		"<contact uri=\"bob@lab.test\" name=\"Bob &quot;B&quot; &lt;b&gt;\" groups=\"1\" "
		"subscribed=\"true\" externalURI=\"\"/></contactList>");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip), cmocka_unit_test(test_read),
		cmocka_unit_test(test_refused),    cmocka_unit_test(test_long_note),
		cmocka_unit_test(test_category),   cmocka_unit_test(test_category_list),
		cmocka_unit_test(test_roaming),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
