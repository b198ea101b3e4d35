/*
 * Authentication: a whole handshake of NTLM, and what others may do with one that they have recorded
 */
#include "front_end_fixture.h"
#include "mcxd/base/list.h"
#include "mcxd/core/user.h"
#include "mcxd/front_end/auth/auth.h"
#include "mcxd/front_end/front_end.h"
#include "proto/auth/ntlm.h"
#include "proto/auth/params.h"
#include "proto/crypto/legacy.h"
#include "proto/crypto/md.h"
#include "proto/sip/signed.h"
#include "proto/text/base64.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/raw.h"

#define NTLM "NTLM realm=\"lab\", targetname=\"fe.lab.test\""

enum { NONCE_AT = 24, N_BLOB = 28, FLAGS_AT = 60 };

static void ask(struct front_end_config *config)
{
	config->auth = (struct front_end_auth_config){
		.tcp = "ntlm",
		.realm = "lab",
		.nonce_lifetime_ms = 60000,
		.max_nonces = 100,
		.association_lifetime_ms = 600000,
		.max_associations = 2,
	};
}

static int setup(void **state)
{
	return fixture_setup_with(state, ask);
}

/* ---- a client ---- */

struct client {
	struct raw r;
	struct ntlm_maker *maker;
	struct ntlm_keys keys;
	const char *password, *version;
	char *opaque;
	unsigned cseq, count;
};

static void client_init(struct client *c, const struct front_end_fixture *f)
{
	const char *why;

	*c = (struct client){ .password = "secret", .version = "4" };
	raw_tcp(&c->r, f->loop, fixture_tcp(f));
	c->maker = ntlm_maker_new(&why);
	assert_non_null(c->maker);
}

static void client_deinit(struct client *c)
{
	raw_close(&c->r);
	ntlm_maker_free(c->maker);
	free(c->opaque);
}

/* Without credentials, which go in front of the last line. */
static char *write_register(struct client *c)
{
	c->cseq++;
	return text_format(
		"REGISTER sip:lab.test SIP/2.0\r\nVia: SIP/2.0/TCP %s;branch=z9hG4bKn%u\r\n"
		"From: <sip:bob@lab.test>;tag=r1;epid=0a0b0c\r\nTo: <sip:bob@lab.test>\r\n"
		"Call-ID: ntlm\r\nCSeq: %u REGISTER\r\nContact: <sip:bob@%s;transport=tcp>\r\n"
		"Expires: 600\r\nContent-Length: 0\r\n\r\n",
		c->r.local, c->cseq, c->cseq, c->r.local);
}

/* free() the answer. */
static char *send_with(struct client *c, const char *request, const char *credentials)
{
	const char *last = strstr(request, "Content-Length");

	raw_sendf(&c->r, "%.*sAuthorization: %s\r\n%s", (int)(last - request), request, credentials,
		  last);
	return raw_take(&c->r);
}

static void expect(struct client *c, const char *request, const char *credentials,
		   const char *start)
{
	CLEANUP(mem_free_string) char *answer = send_with(c, request, credentials);

	assert_non_null(answer);
	if (strncmp(answer, start, strlen(start)) != 0)
		fail_msg("%s", answer);
}

static void put_field(struct text *m, size_t at, const void *p, size_t n)
{
	const unsigned char place[8] = { (unsigned char)n,    0,
					 (unsigned char)n,    0,
					 (unsigned char)m->n, (unsigned char)(m->n >> 8) };

	memcpy(m->data + at, place, sizeof(place));
	text_add_bytes(m, p, n);
}

/* The AUTHENTICATE_MESSAGE ([MS-NLMP] 2.2.1.3), with a session key of zeros. */
static void answer_challenge(struct client *c, const char *nonce, struct text *ret)
{
	static const unsigned char flags[] = { 0x75, 0x82, 0x88, 0xe2 };
	unsigned char key[NTLM_KEY_BYTES], digest[MD_MAX_BYTES], response[NTLM_KEY_BYTES + N_BLOB];
	unsigned char session_key[NTLM_KEY_BYTES] = { 0 }, input[NTLM_NONCE_BYTES + N_BLOB] = { 0 };
	struct md *md5 = md_new(MD_MD5);
	struct legacy *legacy;
	const char *why;

	ntlm_response_key(c->maker, c->password, "bob", "", key);
	memcpy(input, nonce, NTLM_NONCE_BYTES);
	md_hmac(md5, key, sizeof(key), input, sizeof(input), digest);
	memcpy(response, digest, NTLM_KEY_BYTES);
	memset(response + NTLM_KEY_BYTES, 0, N_BLOB);
	md_hmac(md5, key, sizeof(key), response, NTLM_KEY_BYTES, digest);
	ntlm_derive_keys(c->maker, session_key, &c->keys);
	legacy = legacy_new(&why);
	legacy_rc4(legacy, digest, session_key, sizeof(session_key), session_key);
	legacy_free(legacy);
	md_free(md5);
	text_add_bytes(ret, "NTLMSSP\0\3\0\0\0", 12);
	while (ret->n < FLAGS_AT)
		text_add_bytes(ret, "", 1);
	text_add_bytes(ret, flags, sizeof(flags));
	put_field(ret, 20, response, sizeof(response));
	put_field(ret, 28, "", 0);
	put_field(ret, 36, "b\0o\0b\0", 6);
	put_field(ret, 52, session_key, sizeof(session_key));
}

/* The parameters that sign a request. */
static void add_signature(struct client *c, const char *request, struct text *ret)
{
	CLEANUP(text_deinit) struct text string = TEXT_INIT;
	unsigned char signature[NTLM_SIGNATURE_BYTES];
	char count[TEXT_NUMBER_SIZE], hex[2 * NTLM_SIGNATURE_BYTES + 1];
	const struct sip_signed of = { "NTLM", "c0ffee00",    text_number(count, ++c->count),
				       "lab",  "fe.lab.test", 4 };

	assert_int_equal(sip_signed_add(&string, request, strlen(request), &of), 0);
	ntlm_sign(c->maker, &c->keys, NTLM_CLIENT, text_str(&string), string.n, signature);
	md_format_hex(signature, sizeof(signature), hex);
	text_addf(ret, ", opaque=\"%s\", crand=\"c0ffee00\", cnum=\"%s\", response=\"%s\"",
		  c->opaque, of.count, hex);
}

/* Be challenged, and write what proves the password. */
static void meet(struct client *c, const char *request, struct text *ret_credentials)
{
	CLEANUP(mem_free_string) char *first = write_register(c);
	CLEANUP(mem_free_string) char *answer = send_with(c, first, NTLM ", gssapi-data=\"\"");
	CLEANUP(auth_params_deinit) struct auth_params p = { 0 };
	CLEANUP(text_deinit) struct text challenge = TEXT_INIT, message = TEXT_INIT;
	CLEANUP(text_deinit) struct text data = TEXT_INIT;
	const char *value = sip_header(answer, "WWW-Authenticate", 0), *coded, *why;

	assert_int_equal(auth_params_decode(value, strlen(value), &p, &why), 0);
	coded = auth_params_get(&p, "gssapi-data");
	assert_int_equal(base64_decode(&challenge, coded, strlen(coded)), 0);
	mem_set_string(&c->opaque, auth_params_get(&p, "opaque"));
	c->count = 0;
	answer_challenge(c, challenge.data + NONCE_AT, &message);
	base64_encode(&data, message.data, message.n);
	text_addf(ret_credentials, NTLM ", gssapi-data=\"%s\", version=%s", text_str(&data),
		  c->version);
	add_signature(c, request, ret_credentials);
}

/* free() the credentials that did it. */
static char *sign_in(struct client *c, char **ret_request)
{
	struct text credentials = TEXT_INIT;

	*ret_request = write_register(c);
	meet(c, *ret_request, &credentials);
	expect(c, *ret_request, text_str(&credentials), "SIP/2.0 200 ");
	return text_take(&credentials);
}

/* ---- tests ---- */

static void test_signs_in(void **state)
{
	struct front_end_fixture *f = *state;
	CLEANUP(mem_free_string) char *request = NULL, *again = NULL;
	CLEANUP(text_deinit) struct text signature = TEXT_INIT;
	struct client c;

	client_init(&c, f);
	free(sign_in(&c, &request));
	assert_int_equal(fixture_metric(f, "sip_auth_associations"), 1);
	again = write_register(&c);
	text_add(&signature, NTLM);
	add_signature(&c, again, &signature);
	expect(&c, again, text_str(&signature), "SIP/2.0 200 ");
	expect(&c, again, text_str(&signature), "SIP/2.0 403 "); /* its cnum has come */
	client_deinit(&c);
}

/* Who has recorded a handshake: as it was, and once the client has gone through another, which must go on. */
static void test_replayed(void **state)
{
	struct front_end_fixture *f = *state;
	CLEANUP(mem_free_string) char *request = NULL, *recorded = NULL, *next = NULL;
	CLEANUP(mem_free_string) char *last = NULL;
	CLEANUP(text_deinit) struct text signature = TEXT_INIT;
	struct client c, mallory;

	client_init(&c, f);
	client_init(&mallory, f);
	recorded = sign_in(&c, &request);
	expect(&mallory, request, recorded, "SIP/2.0 401 ");
	free(sign_in(&c, &next));
	expect(&mallory, request, recorded, "SIP/2.0 401 ");
	assert_int_equal(fixture_metric(f, "sip_auth_replayed_total"), 2);
	assert_int_equal(fixture_metric(f, "sip_auth_associations"), 1);
	last = write_register(&c);
	text_add(&signature, NTLM);
	add_signature(&c, last, &signature);
	expect(&c, last, text_str(&signature), "SIP/2.0 200 ");
	client_deinit(&mallory);
	client_deinit(&c);
}

/* A proof that no signature ties to its request makes no binding. */
static void test_lowered(void **state)
{
	static const char *const versions[] = { "3", "2", "0", "5" };
	struct front_end_fixture *f = *state;
	struct client c;

	client_init(&c, f);
	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		CLEANUP(mem_free_string) char *request = write_register(&c);
		CLEANUP(text_deinit) struct text credentials = TEXT_INIT;

		c.version = versions[i];
		meet(&c, request, &credentials);
		expect(&c, request, text_str(&credentials), "SIP/2.0 400 ");
	}
	assert_true(list_empty(&f->bob->bindings));
	assert_int_equal(fixture_metric(f, "sip_auth_associations"), 0);
	client_deinit(&c);
}

/* A proof in another request than it was made for: the challenge is not used up by that. */
static void test_other_request(void **state)
{
	struct front_end_fixture *f = *state;
	CLEANUP(mem_free_string) char *request = NULL, *other = NULL;
	CLEANUP(text_deinit) struct text credentials = TEXT_INIT;
	struct client c;

	client_init(&c, f);
	request = write_register(&c);
	other = write_register(&c);
	meet(&c, request, &credentials);
	expect(&c, other, text_str(&credentials), "SIP/2.0 403 ");
	assert_int_equal(fixture_metric(f, "sip_auth_associations"), 0);
	expect(&c, request, text_str(&credentials), "SIP/2.0 200 ");
	client_deinit(&c);
}

/* Refusals are signed for the client alone, not for who asks in its name. */
static void test_signatures_for_others(void **state)
{
	struct front_end_fixture *f = *state;
	CLEANUP(mem_free_string) char *request = NULL;
	struct client c, mallory;

	client_init(&c, f);
	client_init(&mallory, f);
	free(sign_in(&c, &request));
	for (int i = 0; i < 2; i++) {
		struct client *sender = i ? &mallory : &c;
		CLEANUP(mem_free_string)
		char *answer =
			send_with(sender, request, NTLM ", opaque=\"0\", gssapi-data=\"***\", x");

		assert_memory_equal(answer, "SIP/2.0 400 ", 12);
		assert_int_equal(sip_header(answer, "Authentication-Info", 0) != NULL,
				 sender == &c);
	}
	client_deinit(&mallory);
	client_deinit(&c);
}

/* What is checked in place of a password that is not there signs nobody in. */
static void test_no_password(void **state)
{
	static const char *const passwords[] = { "", "no password" };
	struct front_end_fixture *f = *state;
	struct client c;

	user_set(f->bob, &(struct user_spec){ .aor = "bob@lab.test", .display_name = "Bob" });
	client_init(&c, f);
	for (size_t i = 0; i < ARRAY_SIZE(passwords); i++) {
		CLEANUP(mem_free_string) char *request = write_register(&c);
		CLEANUP(text_deinit) struct text credentials = TEXT_INIT;
		const char *last = strstr(request, "Content-Length");

		c.password = passwords[i];
		meet(&c, request, &credentials);
		raw_sendf(&c.r, "%.*sAuthorization: %s\r\n%s", (int)(last - request), request,
			  text_str(&credentials), last);
		raw_expect_silence(&c.r, 5);
		fixture_advance(f, 1000 << i);
		free(raw_expect(&c.r, "SIP/2.0 401 "));
	}
	assert_int_equal(fixture_metric(f, "sip_auth_wrong_total"), 2);
	client_deinit(&c);
}

/* ---- what is malformed ---- */

static char *register_with(struct client *c, const char *lines)
{
	return fixture_register(&c->r, "auth", ++c->cseq, lines);
}

static void test_broken(void **state)
{
	static const struct {
		const char *line, *start, *counter;
	} rows[] = {
		{ "", "SIP/2.0 401 ", "challenged" },
		{ "Authorization: " NTLM ", gssapi-data=\"\"\n", "SIP/2.0 401 ", "challenged" },
		{ "Authorization: " NTLM ", gssapi-data=\"TlRMTVNTUAADAAAA\"\n", "SIP/2.0 400 ",
		  "malformed" },
		{ "Authorization: " NTLM ", gssapi-data=\"TlRMTVNTUAADAAAA\", opaque=\"0\"\n",
		  "SIP/2.0 401 ", "stale" },
		{ "Authorization: " NTLM "\n", "SIP/2.0 400 ", "malformed" },
		{ "Authorization: " NTLM
		  ", opaque=\"0\", crand=\"0\", cnum=\"1\", response=\"0\"\n",
		  "SIP/2.0 401 ", "stale" },
	};
	struct front_end_fixture *f = *state;
	struct client c;

	client_init(&c, f);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(mem_free_string)
		char *counter = text_concat("sip_auth_", rows[i].counter, "_total");
		int64_t before = fixture_metric(f, counter);
		CLEANUP(mem_free_string) char *answer = register_with(&c, rows[i].line);

		assert_memory_equal(answer, rows[i].start, strlen(rows[i].start));
		assert_int_equal(fixture_metric(f, counter), before + 1);
	}
	client_deinit(&c);
}

/* With the opaque of a challenge, but not an answer to it. */
static void test_answers_nothing(void **state)
{
	static const char *const data[] = { "***", "", "TlRMTVNTUAADAAAA" };
	struct front_end_fixture *f = *state;
	struct client c;

	client_init(&c, f);
	for (size_t i = 0; i < ARRAY_SIZE(data); i++) {
		CLEANUP(mem_free_string)
		char *challenge = register_with(&c, "Authorization: " NTLM ", gssapi-data=\"\"\n");
		const char *value = sip_header(challenge, "WWW-Authenticate", 0), *why;
		CLEANUP(auth_params_deinit) struct auth_params p = { 0 };

		assert_int_equal(auth_params_decode(value, strlen(value), &p, &why), 0);
		assert_non_null(auth_params_get(&p, "gssapi-data"));
		CLEANUP(mem_free_string)
		char *line = text_format("Authorization: " NTLM
					 ", version=4, opaque=\"%s\", gssapi-data=\"%s\"\n",
					 auth_params_get(&p, "opaque"), data[i]);
		CLEANUP(mem_free_string) char *answer = register_with(&c, line);
		assert_memory_equal(answer, *data[i] ? "SIP/2.0 400 " : "SIP/2.0 401 ", 12);
	}
	assert_int_equal(fixture_metric(f, "sip_auth_associations"), 0);
	client_deinit(&c);
}

#define LOOP_TEST(f) cmocka_unit_test_setup_teardown(f, setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOOP_TEST(test_signs_in),
		LOOP_TEST(test_replayed),
		LOOP_TEST(test_lowered),
		LOOP_TEST(test_other_request),
		LOOP_TEST(test_signatures_for_others),
		LOOP_TEST(test_no_password),
		LOOP_TEST(test_broken),
		LOOP_TEST(test_answers_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
