/*
 * Diagnostics
 */
#include "golden.h"

#include "proto/diag.h"
#include "proto/diag_table.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/words.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The enum and the table have the same order. */
static void test_rows(void **state)
{
	static const char *const names[] = {
#define X(name, id, sip, http, code, subcode, reason) #name,
		DIAG_TABLE(X)
#undef X
	};

	(void)state;
	assert_int_equal(ARRAY_SIZE(names), N_DIAG_CODES);
	for (unsigned i = 0; i < N_DIAG_CODES; i++) {
		const struct diag_row *row = diag_row((enum diag_code)i);

		assert_string_equal(row->name, names[i]);
		assert_true(strlen(row->reason) > 4);
		assert_null(strpbrk(row->reason, "\"\\\r\n"));
		assert_true(row->http_status >= 200 && row->http_status <= 504);
		/* Both sides, or only the HTTPS side, which has an id if Microsoft's is known. */
		assert_true(row->id != 0 || row->sip_status == 0);
		assert_true(row->sip_status == 0 ||
			    (row->sip_status >= 100 && row->sip_status <= 699));
		assert_true(row->http_status == 200 || row->ucwa_code[0]);
	}
	assert_ptr_equal(diag_row((enum diag_code)N_DIAG_CODES), diag_row(DIAG_SERVER_ERROR));
}

/* The first row with this id. */
static const struct diag_row *row_of(int id)
{
	unsigned i = 0;

	while (i < N_DIAG_CODES && diag_row((enum diag_code)i)->id != id)
		i++;
	assert_true(i < N_DIAG_CODES);
	return diag_row((enum diag_code)i);
}

static void test_ids_are_unique(void **state)
{
	(void)state;
	for (unsigned i = 0; i < N_DIAG_CODES; i++) {
		const struct diag_row *row = diag_row((enum diag_code)i);

		if (row->id)
			assert_ptr_equal(row_of(row->id), row);
	}
}

/* No two rows have the same reason. */
static void test_rows_differ(void **state)
{
	(void)state;
	for (unsigned i = 0; i < N_DIAG_CODES; i++) {
		for (unsigned k = 0; k < i; k++) {
			const struct diag_row *a = diag_row((enum diag_code)i);
			const struct diag_row *b = diag_row((enum diag_code)k);

			assert_true(strcmp(a->reason, b->reason) != 0);
		}
	}
}

static void test_refusals(void **state)
{
	static const struct {
		int status;
		const char *subcode;
	} refusals[] = {
		{ 302, "Unreachable" },   { 401, "Unreachable" },
		{ 403, "NotAllowed" },    { 404, "DestinationNotFound" },
		{ 408, "Timeout" },       { 415, "UnsupportedMediaType" },
		{ 480, "Unreachable" },   { 486, "Busy" },
		{ 487, "Canceled" },      { 488, "NotAcceptable" },
		{ 499, "NotAcceptable" }, { 503, "Unreachable" },
		{ 504, "Timeout" },       { 600, "Busy" },
		{ 603, "Declined" },      { 604, "DestinationNotFound" },
		{ 606, "NotAcceptable" }, { 699, "Declined" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++)
		assert_string_equal(
			diag_row(diag_code_of_refusal(refusals[i].status))->ucwa_subcode,
			refusals[i].subcode);
}

static void test_published_ids(void **state)
{
	static const struct {
		int id, sip_status;
	} published[] = {
		{ 30000, 200 }, { 30007, 200 }, { 1003, 404 },  { 1005, 404 },
		{ 1007, 504 },  { 1008, 504 },  { 1009, 504 },  { 1010, 504 },
		{ 1014, 504 },  { 4005, 404 },  { 4006, 404 },  { 4010, 400 },
		{ 5001, 504 },  { 5002, 487 },  { 13004, 180 }, { 13006, 181 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(published); i++) {
		const struct diag_row *row = row_of(published[i].id);

		assert_int_equal(row->sip_status, published[i].sip_status);
	}
}

/* The codes that an HTTP status has (UCWA, "HTTP error codes returned"); others come in events only. */
static void test_ucwa_codes(void **state)
{
	static const struct {
		int status;
		const char *code;
	} codes[] = {
		{ 400, "BadRequest" },
		{ 401, "Unauthorized" },
		{ 403, "Forbidden" },
		{ 404, "NotFound" },
		{ 405, "MethodNotAllowed" },
		{ 406, "NotAcceptable" },
		{ 408, "ClientTimeout" },
		{ 409, "Conflict" },
		{ 410, "Gone" },
		{ 412, "PreconditionFailed" },
		{ 413, "EntityTooLarge" },
		{ 415, "UnsupportedMediaType" },
		{ 428, "PreconditionRequired" },
		{ 429, "TooManyRequests" },
		{ 500, "ServiceFailure" },
		{ 503, "ServiceUnavailable" },
		{ 504, "Timeout" },
	};

	(void)state;
	for (unsigned i = 0; i < N_DIAG_CODES; i++) {
		const struct diag_row *row = diag_row((enum diag_code)i);
		bool known = !row->ucwa_code[0] || !strcmp(row->ucwa_code, "RemoteFailure") ||
			     !strcmp(row->ucwa_code, "LocalFailure") ||
			     !strcmp(row->ucwa_code, "Informational");

		for (size_t k = 0; k < ARRAY_SIZE(codes); k++)
			known = known || (row->http_status == codes[k].status &&
					  !strcmp(row->ucwa_code, codes[k].code));
		assert_true(known);
	}
}

/* golden/ucwa_subcodes.txt has those of ErrorSubcode_ref; the generic synchronous errors have one more. */
static void test_ucwa_subcodes(void **state)
{
	CLEANUP(text_deinit) struct text all = golden_read("ucwa_subcodes.txt");
	CLEANUP(words_free) char **documented = NULL;

	(void)state;
	all.n--; /* the line end */
	text_add(&all, " ResourceNotFound");
	documented = words_split(text_str(&all));
	for (unsigned i = 0; i < N_DIAG_CODES; i++) {
		const char *subcode = diag_row((enum diag_code)i)->ucwa_subcode;
		bool known = !*subcode;

		for (char **word = documented; *word; word++)
			known = known || !strcmp(*word, subcode);
		if (!known)
			fail_msg("%s is no documented subcode", subcode);
	}
}

static void test_of_sip(void **state)
{
	(void)state;
	for (unsigned i = 0; i < N_DIAG_CODES; i++) {
		int status = diag_row((enum diag_code)i)->sip_status;

		if (status)
			assert_int_equal(diag_row(diag_code_of_sip(status))->sip_status, status);
	}
	assert_int_equal(diag_code_of_sip(200), DIAG_SUCCESS);
	assert_int_equal(diag_code_of_sip(404), DIAG_USER_UNKNOWN);
	assert_int_equal(diag_code_of_sip(408), DIAG_INVITE_TIMEOUT);
	assert_int_equal(diag_code_of_sip(480), DIAG_NOT_REGISTERED);
	assert_int_equal(diag_code_of_sip(487), DIAG_CANCELLED);
	assert_int_equal(diag_code_of_sip(603), DIAG_DECLINED);
	/* Without a row: as x00 of the class. */
	assert_int_equal(diag_code_of_sip(499), DIAG_BAD_REQUEST);
	assert_int_equal(diag_code_of_sip(599), DIAG_SERVER_ERROR);
	assert_int_equal(diag_code_of_sip(699), DIAG_DECLINED);
	assert_int_equal(diag_code_of_sip(302), DIAG_REDIRECTED);
	assert_int_equal(diag_code_of_sip(305), DIAG_NO_ROUTE);
	assert_int_equal(diag_code_of_sip(202), DIAG_SUCCESS);
	assert_int_equal(diag_code_of_sip(183), DIAG_PROXIED);
	assert_int_equal(diag_code_of_sip(0), DIAG_SERVER_ERROR);
	assert_int_equal(diag_code_of_sip(-408), DIAG_SERVER_ERROR);
}

static void test_of_http(void **state)
{
	static const int statuses[] = { 400, 401, 403, 404, 405, 408, 409, 410,
					412, 413, 415, 428, 429, 500, 503, 504 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(statuses); i++)
		assert_int_equal(diag_row(diag_code_of_http(statuses[i]))->http_status,
				 statuses[i]);
	assert_int_equal(diag_code_of_http(431), DIAG_BAD_REQUEST);
	assert_int_equal(diag_code_of_http(507), DIAG_SERVER_ERROR);
}

static void test_make(void **state)
{
	struct diag d = diag_make(DIAG_INVITE_TIMEOUT);

	(void)state;
	assert_int_equal(d.code, DIAG_INVITE_TIMEOUT);
	assert_int_equal(d.sip_status, 408);
	assert_null(d.info);
}

static void test_phrases(void **state)
{
	(void)state;
	assert_string_equal(diag_sip_phrase(180), "Ringing");
	assert_string_equal(diag_sip_phrase(408), "Request Timeout");
	assert_string_equal(diag_sip_phrase(504), "Server Time-out");
	assert_string_equal(diag_lync_phrase(504), "Server time-out");
	assert_string_equal(diag_lync_phrase(408), "Request Timeout");
	assert_string_equal(diag_sip_phrase(603), "Decline");
	assert_string_equal(diag_sip_phrase(499), "Unknown");
	assert_string_equal(diag_sip_phrase(299), "OK");
	for (unsigned i = 0; i < N_DIAG_CODES; i++) {
		int status = diag_row((enum diag_code)i)->sip_status;

		if (status)
			assert_string_not_equal(diag_sip_phrase(status), "Unknown");
	}
}

static void test_encode(void **state)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	struct diag d = diag_make(DIAG_USER_UNKNOWN);

	(void)state;
	diag_encode(&t, &d, "fe.lab.test");
	assert_string_equal(text_str(&t),
			    "1003;reason=\"User does not exist\";source=\"fe.lab.test\"");
	text_reset(&t);
	d.info = "No push\r\n \"x\" \\";
	diag_encode(&t, &d, NULL);
	assert_string_equal(text_str(&t), "1003;reason=\"User does not exist\";info=\"No push   "
					  "\\\"x\\\" \\\\\"");
	text_reset(&t);
	d = diag_make(DIAG_SUCCESS);
	diag_encode_public(&t, &d);
	assert_string_equal(text_str(&t), "30000;Reason=\"Success\"");
}

static void test_round_trip(void **state)
{
	(void)state;
	for (unsigned i = 0; i < N_DIAG_CODES; i++) {
		CLEANUP(text_deinit) struct text t = TEXT_INIT;
		struct diag d = diag_make((enum diag_code)i);
		struct diag_header h;

		d.info = "No \"push\" subscription";
		diag_encode(&t, &d, "fe.lab.test");
		assert_int_equal(diag_decode(text_str(&t), &h), 0);
		assert_int_equal(h.id, diag_row(d.code)->id);
		assert_string_equal(h.reason, diag_row(d.code)->reason);
		assert_string_equal(h.source, "fe.lab.test");
		assert_string_equal(h.info, d.info);
		text_reset(&t);
		diag_encode_public(&t, &d);
		assert_int_equal(diag_decode(text_str(&t), &h), 0);
		assert_string_equal(h.reason, diag_row(d.code)->reason);
		assert_string_equal(h.source, "");
	}
}

static void test_decode(void **state)
{
	struct diag_header h;

	(void)state;
	assert_int_equal(
		diag_decode(" 1010 ; ErrorType=\"x;y\" ;SOURCE = \"a.test\";tls-target=t.test"
			    ";Reason=\"Certificate trust\"",
			    &h),
		0);
	assert_int_equal(h.id, 1010);
	assert_string_equal(h.reason, "Certificate trust");
	assert_string_equal(h.source, "a.test");
	assert_string_equal(h.error_type, "x;y");
	assert_int_equal(diag_decode("15030.7;reason=plain;reason=\"second\";lr", &h), 0);
	assert_int_equal(h.id, 15030);
	assert_string_equal(h.reason, "plain");
	assert_int_equal(diag_decode("1;reason=\"a\tb\"", &h), 0);
	assert_string_equal(h.reason, "a b");
	/* The first of several values. */
	assert_int_equal(diag_decode("1034;source=\"a\",10003;source=\"b\"", &h), 0);
	assert_int_equal(h.id, 1034);
	assert_string_equal(h.source, "a");
}

static void test_decode_refusals(void **state)
{
	static const char *const bad[] = {
		"",
		"x",
		";reason=\"a\"",
		"1 2",
		"1;",
		"1;=x",
		"1;a=\"b",
		"1;a=\"b\\",
		"1;reason=a\"b\"",
		"1234567890",
		"1;reason=\"a\"b",
		"-1",
	};
	static const struct diag_header empty;
	struct diag_header h;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		memset(&h, 'x', sizeof(h));
		assert_int_equal(diag_decode(bad[i], &h), -EINVAL);
		assert_memory_equal(&h, &empty, sizeof(h));
	}
}

static void test_decode_long(void **state)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	struct diag_header h;

	(void)state;
	text_add(&t, "1;source=\"b\";reason=\"x");
	for (unsigned i = 0; i < 1000; i++)
		text_add(&t, "\xE2\x82\xAC");
	text_add(&t, "\"");
	assert_int_equal(diag_decode(text_str(&t), &h), 0);
	/* 255 bytes would cut the last character. */
	assert_int_equal(strlen(h.reason), 253);
	assert_string_equal(h.source, "b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_ids_are_unique),
		cmocka_unit_test(test_rows_differ),
		cmocka_unit_test(test_published_ids),
		cmocka_unit_test(test_ucwa_codes),
		cmocka_unit_test(test_ucwa_subcodes),
		cmocka_unit_test(test_of_sip),
		cmocka_unit_test(test_of_http),
		cmocka_unit_test(test_make),
		cmocka_unit_test(test_phrases),
		cmocka_unit_test(test_encode),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_decode_refusals),
		cmocka_unit_test(test_decode_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
