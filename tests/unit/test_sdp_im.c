/*
 * Session descriptions of IM sessions
 */
#include "proto/sip/sdp_im.h"

#include "golden.h"
#include "proto/text/mem.h"
#include "proto/text/message_format.h"
#include "proto/text/text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define HEAD  "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=session\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
#define TYPES "a=accept-types:text/plain TEXT/html  multipart/alternative\r\n"

static int decode(const char *s, struct sdp_im *ret)
{
	const char *why = NULL;
	int r = sdp_im_decode(s, strlen(s), ret, &why);

	assert_true((r == 0) == (why == NULL));
	return r;
}

static void test_message(void **state)
{
	struct sdp_im sdp;

	(void)state;
	assert_int_equal(decode(HEAD "m=message 15061 sip null\r\n" TYPES, &sdp), 0);
	assert_true(sdp.im);
	assert_false(sdp.old_media || sdp.audio || sdp.video);
	assert_int_equal(sdp.port, 15061);
	assert_int_equal(sdp.reads, MESSAGE_PLAIN | MESSAGE_HTML);
}

static void test_without_types(void **state)
{
	struct sdp_im sdp;

	(void)state;
	assert_int_equal(decode("v=0\nm=x-ms-message 5060 sip sip:alice@lab.test", &sdp), 0);
	assert_true(sdp.im && sdp.old_media);
	assert_int_equal(sdp.reads, MESSAGE_PLAIN);
	assert_int_equal(decode("v=0\nm=message 5060 sip null\na=accept-types:*\n", &sdp), 0);
	assert_int_equal(sdp.reads, MESSAGE_PLAIN | MESSAGE_HTML | MESSAGE_RTF);
	assert_int_equal(
		decode("v=0\nm=message 5060 sip null\na=accept-types:application/RTF image/gif\n",
		       &sdp),
		0);
	assert_int_equal(sdp.reads, MESSAGE_RTF);
}

static void test_other_media(void **state)
{
	struct sdp_im sdp;

	(void)state;
	assert_int_equal(
		decode(HEAD "m=audio 49170 RTP/AVP 0 8\r\na=accept-types:text/html\r\n", &sdp), 0);
	assert_false(sdp.im);
	assert_true(sdp.audio);
	assert_false(sdp.video);
	assert_int_equal(sdp.reads, 0);
	assert_int_equal(decode(HEAD
				"m=audio 49170/2 RTP/AVP 0\r\nm=message 5060 sip null\r\n" TYPES
				"m=video 5000 RTP/AVP 31\r\na=accept-types:image/gif\r\n",
				&sdp),
			 0);
	assert_true(sdp.im && sdp.audio && sdp.video);
	assert_int_equal(sdp.reads, MESSAGE_PLAIN | MESSAGE_HTML);
	/* Port 0: the medium is rejected. */
	assert_int_equal(decode(HEAD "m=audio 0 RTP/AVP 0\r\nm=message 0 sip null\r\n", &sdp), 0);
	assert_false(sdp.im || sdp.audio);
	assert_int_equal(decode(HEAD "m=applicationsharing 5000 TCP/RTP/SAVP 127\r\n", &sdp), 0);
	assert_false(sdp.im);
	/* The first one counts. */
	assert_int_equal(decode("v=0\nm=message 1 sip null\nm=x-ms-message 2 sip null\n", &sdp), 0);
	assert_int_equal(sdp.port, 1);
	assert_false(sdp.old_media);
}

static void test_refusals(void **state)
{
	static const char *const bad[] = {
		"",
		"\r\n\r\n",
		"m=message 5060 sip null\r\n",
		"v=1\r\nm=message 5060 sip null\r\n",
		"v=0\r\n",
		HEAD "m=\r\n",
		HEAD "m=message\r\n",
		HEAD "m=message 5060 sip\r\n",
		HEAD "m=message x sip null\r\n",
		HEAD "m=message 65536 sip null\r\n",
		HEAD "m=message 99999999999999999999 sip null\r\n",
		HEAD "m=message 50x sip null\r\n",
		HEAD "m=message -1 sip null\r\n",
		HEAD "m=message 5060 sip null\r\njunk\r\n",
		HEAD "m=message 5060 sip null\r\n=x\r\n",
		HEAD "m=message 5060 sip null\r\na=x\x01\r\n",
		"v=0 \r\nm=message 5060 sip null\r\n",
	};
	struct sdp_im sdp = { .port = 7 };
	const char *why = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(decode(bad[i], &sdp), -EINVAL);
	assert_int_equal(sdp.port, 7);
	assert_int_equal(sdp_im_decode("v=0\nm=message 1 sip a\0b\n", 24, &sdp, &why), -EINVAL);
}

static void test_limits(void **state)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	struct sdp_im sdp;

	(void)state;
	text_add(&t, HEAD "m=message 5060 sip null\r\n");
	for (unsigned i = 0; i < SDP_IM_MAX_LINES; i++)
		text_add(&t, "a=x\r\n");
	assert_int_equal(decode(text_str(&t), &sdp), -EINVAL);
	text_reset(&t);
	text_addf(&t, HEAD "m=message 5060 sip null\r\na=%0*d\r\n", SDP_IM_MAX_BYTES, 0);
	assert_int_equal(decode(text_str(&t), &sdp), -EINVAL);
}

static void test_answer(void **state)
{
	const struct sdp_im_session s = { .address = "127.0.0.1",
					  .port = 5060,
					  .reads = MESSAGE_PLAIN | MESSAGE_HTML,
					  .aor = "bob@lab.test" };
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	struct sdp_im sdp;

	(void)state;
	assert_int_equal(sdp_im_encode(&t, &s), 0);
	golden_check("sdp_im_answer.sdp", t.data, t.n);
	assert_int_equal(decode(text_str(&t), &sdp), 0);
	assert_true(sdp.im);
	assert_int_equal(sdp.port, 5060);
	assert_int_equal(sdp.reads, s.reads);
}

static void test_offer(void **state)
{
	const struct sdp_im_session s = {
		.address = "::1", .port = 5062, .reads = MESSAGE_PLAIN, .old_media = true
	};
	CLEANUP(text_deinit) struct text t = TEXT_INIT;

	(void)state;
	assert_int_equal(sdp_im_encode(&t, &s), 0);
	assert_string_equal(text_str(&t),
			    "v=0\r\no=- 0 0 IN IP6 ::1\r\ns=session\r\nc=IN IP6 ::1\r\n"
			    "t=0 0\r\nm=x-ms-message 5062 sip null\r\n"
			    "a=accept-types:text/plain multipart/alternative\r\n");
}

static void answer(const char *offer, unsigned version, struct text *ret)
{
	CLEANUP(text_deinit) struct text outline = TEXT_INIT;

	sdp_im_outline(offer, strlen(offer), &outline);
	assert_int_equal(sdp_im_encode(ret, &(struct sdp_im_session){ .address = "127.0.0.1",
								      .port = 5060,
								      .reads = MESSAGE_PLAIN,
								      .outline = text_str(&outline),
								      .version = version,
								      .aor = "bob@lab.test" }),
			 0);
}

/* As many media lines as offered; all but the first session of messages by SIP are refused, as they were offered. */
static void test_answer_outline(void **state)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;

	(void)state;
	answer("v=0\r\no=x 1 1 IN IP4 127.0.0.9\r\ns=-\r\nt=1 2\r\nr=7d 1h 0 25h\r\n"
	       "m=audio 4000/2 RTP/AVP 0 8\r\na=sendrecv\r\n"
	       "m=message 7654 TCP/MSRP *\r\na=path:msrp://127.0.0.1:7654/s;tcp\r\n"
	       "m=x-ms-message 5060 SIP null\r\na=accept-types:text/plain\r\n"
	       "m=message 5060 sip null\r\nm=video 0 RTP/AVP 31",
	       3, &t);
	assert_string_equal(text_str(&t), "v=0\r\no=- 0 3 IN IP4 127.0.0.1\r\ns=session\r\n"
					  "c=IN IP4 127.0.0.1\r\nt=1 2\r\n"
					  "m=audio 0 RTP/AVP 0 8\r\n"
					  "m=message 0 TCP/MSRP *\r\n"
					  "m=x-ms-message 5060 sip sip:bob@lab.test\r\n"
					  "a=accept-types:text/plain multipart/alternative\r\n"
					  "m=message 0 sip null\r\n"
					  "m=video 0 RTP/AVP 31\r\n");
	text_reset(&t);
	answer("v=0\nm=message 5060 sip null\n", 0, &t);
	assert_non_null(strstr(text_str(&t), "\r\nt=0 0\r\nm=message 5060 sip sip:bob@"));
}

/* Of another protocol it is another medium. */
static void test_other_protocol(void **state)
{
	struct sdp_im sdp;

	(void)state;
	assert_int_equal(decode(HEAD "m=message 7654 TCP/MSRP *\r\n" TYPES, &sdp), 0);
	assert_false(sdp.im);
	assert_int_equal(decode(HEAD "m=message 7654 TCP/MSRP *\r\nm=message 5 SIP null\r\n", &sdp),
			 0);
	assert_true(sdp.im);
	assert_int_equal(sdp.port, 5);
}

static void test_encode_refusals(void **state)
{
	static const struct sdp_im_session bad[] = {
		{ .address = "lab.test", .port = 1 },
		{ .address = "127.0.0.1\r\na=x", .port = 1 },
		{ .address = "127.0.0.1", .port = 65536 },
		{ .address = "127.0.0.1", .port = 1, .aor = "bob@lab.test\r\na=x" },
		{ .address = "127.0.0.1", .port = 1, .aor = "bob" },
	};
	CLEANUP(text_deinit) struct text t = TEXT_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(sdp_im_encode(&t, &bad[i]), -EINVAL);
		assert_int_equal(t.n, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answer_outline), cmocka_unit_test(test_other_protocol),
		cmocka_unit_test(test_message),        cmocka_unit_test(test_without_types),
		cmocka_unit_test(test_other_media),    cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_limits),         cmocka_unit_test(test_answer),
		cmocka_unit_test(test_offer),          cmocka_unit_test(test_encode_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
