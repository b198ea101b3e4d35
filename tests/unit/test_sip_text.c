/*
 * SIP messages as text
 */
#include "proto/sip/text.h"
#include "proto/sip/text_answer.h"
#include "proto/sip/text_push.h"

#include "golden.h"
#include "proto/diag.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>

#define TOKEN     "K4iGOZHs_FqfXFaJVv4cXwAA"
#define IDENTITY  "0123456789abcdef0123456789abcdef"
#define PUSH_TYPE "application/vnd.microsoft.lync.pushNotification+xml; charset=\"Unicode (UTF-8)\""

/* ---- builder ---- */

static void test_builder(void **state)
{
	static const char expected[] = "INFO sip:bob@lab.test;transport=tcp SIP/2.0\r\n"
				       "X-One: a\tb\r\nX-Two: 2\r\n\r\na\0b";
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	struct sip_text m = SIP_TEXT_INIT;
	const char *why = NULL;

	(void)state;
	text_add(&t, "what was there before");
	sip_text_start_request(&m, "INFO", "sip:bob@lab.test;transport=tcp");
	sip_text_header(&m, "X-One", "a\tb");
	sip_text_header(&m, "X-None", NULL);
	sip_text_number(&m, "X-Two", 2);
	sip_text_body(&m, "a\0b", 3);
	assert_int_equal(sip_text_finish(&m, &t, &why), 0);
	assert_null(m.text.data);
	assert_int_equal(t.n, sizeof(expected) - 1);
	assert_memory_equal(t.data, expected, t.n);
}

static void test_without_body(void **state)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	struct sip_text m = SIP_TEXT_INIT;
	const char *why = NULL;

	(void)state;
	sip_text_start_answer(&m, 486, NULL);
	assert_int_equal(sip_text_finish(&m, &t, &why), 0);
	assert_string_equal(text_str(&t), "SIP/2.0 486 Busy Here\r\n\r\n");
}

/* The error of an invalid message. */
static void check_error(struct sip_text *m)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	const char *why = NULL;

	text_add(&t, "kept");
	sip_text_header(m, "X-Fine", "fine");
	assert_int_equal(sip_text_finish(m, &t, &why), -EINVAL);
	assert_non_null(why);
	assert_string_equal(text_str(&t), "kept");
	assert_null(m->text.data);
	assert_null(m->error);
}

static void test_injection(void **state)
{
	static const char *const values[] = { "a\r\nEvil: 1", "a\nEvil: 1", "a\rb",    "\r\n",
					      "a\x01",        "a\x7F",      "a\x1B[2J" };
	static const char *const names[] = { "", "A B", "A:", "A\r\nEvil", "A\xC3" };
	static const char *const uris[] = { "", "sip:a b", "sip:a\r\nEvil: 1", "sip:a\tb",
					    "<sip:a>" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		struct sip_text m = SIP_TEXT_INIT;

		sip_text_start_answer(&m, 200, NULL);
		sip_text_header(&m, "X", values[i]);
		check_error(&m);
		sip_text_start_answer(&m, 200, values[i]);
		check_error(&m);
		sip_text_start_answer(&m, 200, NULL);
		sip_text_pieces(&m, "X", "b", values[i]);
		check_error(&m);
	}
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct sip_text m = SIP_TEXT_INIT;

		sip_text_start_answer(&m, 200, NULL);
		sip_text_header(&m, names[i], "x");
		check_error(&m);
		sip_text_start_request(&m, names[i], "sip:a@lab");
		check_error(&m);
	}
	for (size_t i = 0; i < ARRAY_SIZE(uris); i++) {
		struct sip_text m = SIP_TEXT_INIT;

		sip_text_start_request(&m, "INFO", uris[i]);
		check_error(&m);
	}
}

static void test_order(void **state)
{
	struct sip_text m = SIP_TEXT_INIT;

	(void)state;
	sip_text_header(&m, "X", "before the start line");
	check_error(&m);
	sip_text_start_answer(&m, 200, NULL);
	sip_text_start_answer(&m, 200, NULL);
	check_error(&m);
	sip_text_start_answer(&m, 200, NULL);
	sip_text_body(&m, "x", 1);
	sip_text_header(&m, "X", "behind the body");
	check_error(&m);
	sip_text_start_answer(&m, 200, NULL);
	sip_text_body(&m, "x", 1);
	sip_text_body(&m, "y", 1);
	check_error(&m);
	sip_text_start_answer(&m, 99, NULL);
	check_error(&m);
	sip_text_start_answer(&m, 700, NULL);
	check_error(&m);
	check_error(&m);
}

static void test_first_error_counts(void **state)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	struct sip_text m = SIP_TEXT_INIT;
	const char *why = NULL;

	(void)state;
	sip_text_start_answer(&m, 200, NULL);
	sip_text_require(&m, true, "Not this one");
	sip_text_require(&m, false, "This one");
	sip_text_require(&m, false, "Too late");
	assert_int_equal(sip_text_finish(&m, &t, &why), -EINVAL);
	assert_string_equal(why, "This one");
}

/* ---- push ---- */

static const struct sip_push_message push = {
	.display_name = "Bob \"B\" Smith",
	.push_identity = IDENTITY,
	.aor = "bob.smith@lab.test",
	.epid = "3470B22863",
	.tag = "b6d38c5ec0",
	.call_id = "5f1e2d3c4b5a69788796a5b4c3d2e1f0",
	.cseq = 21319,
	.via = "SIP/2.0/TLS 127.0.0.1:49201;branch=z9hG4bK3753723F.FE580C552FA25BA9;branched=FALSE",
	.mcx_via = "SIP/2.0/TLS 127.0.0.1:49200;branch=z9hG4bK5f1e2d3c",
	.max_forwards = 69,
	.edge_fqdn = "edge.lab.test",
	.contact_token = TOKEN,
	.content_type = PUSH_TYPE,
	.body = "<pushNotification/>",
	.n_body = 19,
};

static void test_push(void **state)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	const char *why = NULL;

	(void)state;
	assert_int_equal(sip_text_push(&t, &push, &why), 0);
	golden_check("push_message.sip", t.data, t.n);
}

static void test_push_synthetic(void **state)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	struct sip_push_message p = push;
	const char *why = NULL;

	(void)state;
	p.push_identity = NULL;
	p.epid = NULL;
	p.cseq = 1;
	p.target = "sip:push@push.lab.test";
	p.via = NULL;
	p.mcx_via = NULL;
	p.max_forwards = 70;
	p.contact_token = NULL;
	assert_int_equal(sip_text_push_synthetic(&t, &p, &why), 0);
	golden_check("push_message_synthetic.sip", t.data, t.n);
}

static void check_push_refused(const struct sip_push_message *p)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	const char *why = NULL;

	assert_int_equal(sip_text_push(&t, p, &why), -EINVAL);
	assert_non_null(why);
	assert_null(t.data);
}

/* Members, each with values that it must not have. */
static void test_push_refusals(void **state)
{
	static const struct {
		size_t member;
		const char *value;
	} bad[] = {
		{ offsetof(struct sip_push_message, target), "sip:a b" },
		{ offsetof(struct sip_push_message, target), "sip:a\r\nEvil: 1" },
		{ offsetof(struct sip_push_message, push_identity), "0123" },
		{ offsetof(struct sip_push_message, aor), NULL },
		{ offsetof(struct sip_push_message, aor), "bob" },
		{ offsetof(struct sip_push_message, aor), "bob@lab.test>\r\nEvil: 1" },
		{ offsetof(struct sip_push_message, epid), "a;b" },
		{ offsetof(struct sip_push_message, tag), NULL },
		{ offsetof(struct sip_push_message, tag), "" },
		{ offsetof(struct sip_push_message, tag), "a;b" },
		{ offsetof(struct sip_push_message, call_id), NULL },
		{ offsetof(struct sip_push_message, call_id), "a b" },
		{ offsetof(struct sip_push_message, via), "x\r\nEvil: 1" },
		{ offsetof(struct sip_push_message, edge_fqdn), NULL },
		{ offsetof(struct sip_push_message, edge_fqdn), "edge>lab" },
		{ offsetof(struct sip_push_message, edge_fqdn), "x@edge.lab.test" },
		{ offsetof(struct sip_push_message, contact_token), NULL },
		{ offsetof(struct sip_push_message, contact_token), "AA" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct sip_push_message p = push;

		memcpy((char *)&p + bad[i].member, &bad[i].value, sizeof(bad[i].value));
		check_push_refused(&p);
	}
}

/* A display name cannot end its quotes, and does not fail the push. */
static void test_push_display_name(void **state)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	struct sip_push_message p = push;
	const char *why = NULL;

	(void)state;
	p.display_name = "x\"<sip:eve@lab.test>\r\nEvil: 1";
	assert_int_equal(sip_text_push(&t, &p, &why), 0);
	assert_non_null(strstr(t.data, "\r\nFrom: \"x\\\"<sip:eve@lab.test>Evil: 1\"<sip:McxUser"));
	p.display_name = NULL;
	assert_int_equal(sip_text_push(&t, &p, &why), 0);
	assert_non_null(strstr(t.data, "\r\nFrom: <sip:McxUser"));
}

/* ---- answers ---- */

static const char *const vias[] = {
	"SIP/2.0/TCP 127.0.0.1:5061;branch=z9hG4bKedge",
	"SIP/2.0/TCP 127.0.0.1:5060;branch=z9hG4bKfe;received=127.0.0.1",
	"SIP/2.0/TLS 127.0.0.1:49200;branch=z9hG4bK5f1e2d3c",
};

static void test_clearing_house(void **state)
{
	struct sip_clearing_house_answer a = {
		.request = { .vias = vias,
			     .n_vias = 3,
			     .from = "\"Bob\"<sip:McxUser" IDENTITY
				     "bob@lab.test>;epid=3470B22863;tag=b6d",
			     .to = "<sip:push@push.lync.com>",
			     .call_id = "5f1e2d3c4b5a6978",
			     .cseq = "21319 MESSAGE" },
		.to_tag = "c9d2",
		.content_type = PUSH_TYPE,
		.verified = true,
		.diag = diag_make(DIAG_SUCCESS),
	};
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	const char *why = NULL;

	(void)state;
	assert_int_equal(sip_text_clearing_house_answer(&t, &a, &why), 0);
	golden_check("clearing_house_200.sip", t.data, t.n);

	a.diag = diag_make(DIAG_PUSH_NO_CHANNEL);
	a.diag.info = "No such \"channel\"";
	a.content_type = NULL;
	a.verified = false;
	a.request.n_vias = 0;
	assert_int_equal(sip_text_clearing_house_answer(&t, &a, &why), 0);
	golden_check("clearing_house_410.sip", t.data, t.n);
}

static struct sip_mcx_answer mcx_answer(int status)
{
	static const char *const alice_via[] = { "SIP/2.0/tcp 127.0.0.1:47326;received=127.0.0.1" };
	static const char *const routes[] = { "<sip:fe.lab.test;lr>", "<sip:proxy.lab.test;lr>" };

	return (struct sip_mcx_answer){
		.request = { .vias = alice_via,
			     .n_vias = 1,
			     .record_routes = routes,
			     .n_record_routes = 2,
			     .from = "<sip:alice@lab.test>;tag=6293529694;epid=8e6a6acdd05a",
			     .to = "\"Bob\" <sip:Bob@lab.test;x=1>;epid=old",
			     .call_id = "1A2Bg3C4Da5E6F",
			     .cseq = "1 INVITE" },
		.status = status,
		.display_name = "Bob Smith",
		.aor = "bob@lab.test",
		.to_tag = "7aee15546a",
		.epid = "3102EB8BD1",
		.gruu_token = TOKEN,
		.user_agent = "WPLync/4.1.7947.0 (Microsoft Windows CE 7.10.7720; lab phone)",
	};
}

static void test_mcx_ringing(void **state)
{
	struct sip_mcx_answer a = mcx_answer(180);
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	const char *why = NULL;

	(void)state;
	assert_int_equal(sip_text_mcx_answer(&t, &a, &why), 0);
	golden_check("mcx_180.sip", t.data, t.n);
}

static void test_mcx_accepted(void **state)
{
	struct sip_mcx_answer a = mcx_answer(200);
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	const char *why = NULL;

	(void)state;
	a.sdp = "v=0\r\nm=message 5060 sip null\r\n";
	a.n_sdp = strlen(a.sdp);
	a.text_format = true;
	a.request.n_record_routes = 0;
	assert_int_equal(sip_text_mcx_answer(&t, &a, &why), 0);
	golden_check("mcx_200.sip", t.data, t.n);
}

static void test_mcx_timeout(void **state)
{
	struct diag d = diag_make(DIAG_INVITE_TIMEOUT);
	struct sip_mcx_answer a = mcx_answer(408);
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	const char *why = NULL;

	(void)state;
	d.info = "No push subscription for target device";
	a.diag = &d;
	a.diag_source = "fe.lab.test";
	a.gruu_token = NULL;
	a.epid = NULL;
	a.user_agent = NULL;
	a.request.n_record_routes = 0;
	assert_int_equal(sip_text_mcx_answer(&t, &a, &why), 0);
	golden_check("mcx_408.sip", t.data, t.n);
}

/* Whatever the phone calls itself, the header is valid. */
static void test_mcx_user_agent(void **state)
{
	struct sip_mcx_answer a = mcx_answer(180);
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	const char *why = NULL;

	(void)state;
	a.user_agent = "x\r\nEvil: 1\r\n\r\n";
	assert_int_equal(sip_text_mcx_answer(&t, &a, &why), 0);
	assert_non_null(strstr(t.data, "\r\nSERVER: " SIP_SERVER_MCX " x Evil 1\r\n"));
}

static void test_mcx_refusals(void **state)
{
	static const char *const evil = "x\r\nEvil: 1";
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	struct sip_mcx_answer bad[14];
	const char *why;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		bad[i] = mcx_answer(180);
	bad[0].request.from = evil;
	bad[1].request.to = evil;
	bad[2].request.call_id = evil;
	bad[3].request.cseq = evil;
	bad[4].request.vias = &evil;
	bad[5].request.record_routes = &evil;
	bad[5].request.n_record_routes = 1;
	bad[6].request.to = NULL;
	bad[7].request.from = NULL;
	bad[8].to_tag = NULL;
	bad[9].epid = "a b";
	bad[10].aor = "bob";
	bad[11].gruu_token = "x";
	bad[12].status = 1800;
	bad[13].phrase = evil;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		why = NULL;
		assert_int_equal(sip_text_mcx_answer(&t, &bad[i], &why), -EINVAL);
		assert_non_null(why);
		assert_null(t.data);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_builder),
		cmocka_unit_test(test_without_body),
		cmocka_unit_test(test_injection),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_first_error_counts),
		cmocka_unit_test(test_push),
		cmocka_unit_test(test_push_synthetic),
		cmocka_unit_test(test_push_refusals),
		cmocka_unit_test(test_push_display_name),
		cmocka_unit_test(test_clearing_house),
		cmocka_unit_test(test_mcx_ringing),
		cmocka_unit_test(test_mcx_accepted),
		cmocka_unit_test(test_mcx_timeout),
		cmocka_unit_test(test_mcx_user_agent),
		cmocka_unit_test(test_mcx_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
