/*
 * The push service: APNs, and what becomes of notifications for iPhones
 */
#include "tests/loop/push_service_fixture.h"

#include "mcxd/base/fault.h"
#include "mcxd/base/journal.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/push_service/push_service.h"
#include "mcxd/push_service/state.h"
#include "proto/auth/jwt.h"
#include "proto/crypto/es256.h"
#include "proto/push/apns.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/h2_fixture.h"
#include "tests/loop/raw.h"

#include <json-c/json.h>
#include <time.h>
#include <unistd.h>

#define HELLO "{\"aps\":{\"alert\":{\"title\":\"Alice\",\"body\":\"Hello\"},\"badge\":2}}"

struct apns_fixture {
	struct fixture *f;
	struct h2_fixture h2; /* its client only */
	struct faults *faults;
	struct es256_key *key;
	char key_file[32];
	char *path, *carrier;
	unsigned stream;
};

/* ---- set-up ---- */

static void connect_provider(struct apns_fixture *a)
{
	const char *url = push_service_apns_url(a->f->push_service);
	CLEANUP(text_deinit) struct text t = TEXT_INIT;

	if (a->h2.client.fd >= 0)
		raw_close(&a->h2.client);
	raw_tcp(&a->h2.client, a->f->loop, url + strlen("http://"));
	text_add(&t, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
	add_frame(&t, FRAME_SETTINGS, 0, 0, NULL, 0);
	raw_send(&a->h2.client, t.data, t.n);
	a->stream = 1;
}

static void write_key(struct apns_fixture *a)
{
	CLEANUP(mem_free_string) char *pem = NULL;
	int fd;

	a->key = es256_key_new();
	pem = es256_key_write_public(a->key);
	text_join(a->key_file, sizeof(a->key_file), "/tmp/mcxd-test-XXXXXX");
	fd = mkstemp(a->key_file);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, pem, strlen(pem)), strlen(pem));
	close(fd);
}

static void start(struct apns_fixture *a, struct fixture *f)
{
	*a = (struct apns_fixture){ .f = f, .h2 = { .loop = f->loop, .client.fd = -1 } };
	write_key(a);
	a->faults = faults_new(f->loop, f->journal);
	push_service_free(f->push_service);
	f->config.apns = "127.0.0.1:0";
	f->config.apns_key_file = a->key_file;
	assert_int_equal(push_service_new(&(struct push_service_args){ .loop = f->loop,
								       .journal = f->journal,
								       .faults = a->faults,
								       .config = &f->config },
					  &f->push_service),
			 0);
	connect_provider(a);
}

static void new_phone(struct apns_fixture *a)
{
	struct outcome o;

	exchange(a->f, "POST", "/channels", "{\"platform\":\"apple\",\"user\":\"bob@lab.test\"}",
		 &o);
	assert_int_equal(o.status, 201);
	a->path = text_concat(APNS_PATH, string_of(o.body, "deviceToken"));
	a->carrier = mem_strdup(string_of(o.body, "carrier"));
	outcome_deinit(&o);
}

static void end(struct apns_fixture *a)
{
	raw_close(&a->h2.client);
	/* It knows the faults. */
	a->f->push_service = push_service_free(a->f->push_service);
	faults_free(a->faults);
	es256_key_free(a->key);
	unlink(a->key_file);
	free(a->path);
	free(a->carrier);
}

/* ---- a provider ---- */

static char *make_token(struct apns_fixture *a, int64_t age_s)
{
	struct text token = TEXT_INIT;

	jwt_encode(&token, APNS_LAB_KEY_ID, APNS_LAB_TEAM_ID, time(NULL) - age_s, a->key);
	return text_take(&token);
}

static void send_push(struct apns_fixture *a, const char *token, const char *collapse_id,
		      const char *expiration)
{
	CLEANUP(mem_free_string) char *bearer = text_concat("bearer ", token);
	CLEANUP(text_deinit) struct text fields = TEXT_INIT;

	add_request(&fields, "POST", a->path);
	add_field(&fields, "authorization", bearer);
	add_field(&fields, APNS_HEADER_TOPIC, APNS_LAB_TOPIC);
	if (collapse_id)
		add_field(&fields, APNS_HEADER_COLLAPSE_ID, collapse_id);
	if (expiration)
		add_field(&fields, APNS_HEADER_EXPIRATION, expiration);
	send_frame(&a->h2, FRAME_HEADERS, END_HEADERS, a->stream, fields.data, fields.n);
	send_frame(&a->h2, FRAME_DATA, END_STREAM, a->stream, HELLO, strlen(HELLO));
	a->stream += 2;
}

/* The reason of the answer, "" if it is good; free() it. */
static char *take_answer(struct apns_fixture *a)
{
	struct frame frame;
	struct json_object *body;
	char *reason;

	assert_true(next_frame(&a->h2, FRAME_HEADERS, &frame));
	if (frame.flags & END_STREAM) {
		frame_deinit(&frame);
		return mem_strdup("");
	}
	frame_deinit(&frame);
	assert_true(next_frame(&a->h2, FRAME_DATA, &frame));
	body = json_tokener_parse(text_str(&frame.payload));
	reason = mem_strdup(string_of(body, "reason"));
	json_object_put(body);
	frame_deinit(&frame);
	return reason;
}

static void push(struct apns_fixture *a, const char *token, const char *collapse_id,
		 const char *expiration, const char *expected)
{
	CLEANUP(mem_free_string) char *reason = NULL;

	send_push(a, token, collapse_id, expiration);
	reason = take_answer(a);
	assert_string_equal(reason, expected);
}

/* "collapse id; collapse id; " of what waits. */
static char *waiting(struct apns_fixture *a)
{
	CLEANUP(mem_free_string) char *path = text_concat(a->carrier, "?timeout=0");
	struct text all = TEXT_INIT;
	struct outcome o;

	exchange(a->f, "GET", path, NULL, &o);
	for (size_t i = 0; i < json_object_array_length(notices_of(&o)); i++)
		text_add_all(&all, string_of(notice_at(&o, i), "collapseId"), "; ");
	outcome_deinit(&o);
	return text_take(&all);
}

static void assert_waiting(struct apns_fixture *a, const char *expected)
{
	CLEANUP(mem_free_string) char *got = waiting(a);

	assert_string_equal(got, expected);
}

/* ---- tests ---- */

static int64_t n_verified(struct apns_fixture *a)
{
	const struct metric *m =
		metrics_find(a->f->metrics, "push_service_provider_tokens_verified_total");

	assert_non_null(m);
	return m->value;
}

static void restart_with_metrics(struct apns_fixture *a)
{
	struct fixture *f = a->f;

	push_service_free(f->push_service);
	metrics_free(f->metrics);
	f->metrics = metrics_new();
	assert_int_equal(push_service_new(&(struct push_service_args){ .loop = f->loop,
								       .metrics = f->metrics,
								       .faults = a->faults,
								       .config = &f->config },
					  &f->push_service),
			 0);
	connect_provider(a);
}

static void test_tokens_are_remembered(void **state)
{
	struct apns_fixture a;
	CLEANUP(mem_free_string) char *one = NULL;
	CLEANUP(mem_free_string) char *expired = NULL;

	start(&a, *state);
	restart_with_metrics(&a);
	new_phone(&a);
	one = make_token(&a, 0);
	expired = make_token(&a, 3700);
	for (int i = 0; i < 3; i++)
		push(&a, one, "x", NULL, "");
	connect_provider(&a);
	push(&a, one, "x", NULL, "");
	assert_int_equal(n_verified(&a), 1);
	/* What is remembered is that it was signed; its age is looked at each time. */
	for (int i = 0; i < 3; i++) {
		connect_provider(&a);
		push(&a, expired, "x", NULL, "ExpiredProviderToken");
	}
	assert_int_equal(n_verified(&a), 2);
	/* There is room for three. */
	for (int i = 1; i < 4; i++) {
		CLEANUP(mem_free_string) char *other = make_token(&a, i);

		connect_provider(&a);
		push(&a, other, "x", NULL, "");
	}
	connect_provider(&a);
	push(&a, one, "x", NULL, "");
	assert_int_equal(n_verified(&a), 6);
	end(&a);
}

static void test_tokens_change_too_often(void **state)
{
	struct apns_fixture a;
	CLEANUP(mem_free_string) char *one = NULL;
	CLEANUP(mem_free_string) char *two = NULL;

	start(&a, *state);
	new_phone(&a);
	one = make_token(&a, 0);
	two = make_token(&a, 1);
	push(&a, one, NULL, NULL, "");
	push(&a, two, NULL, NULL, "TooManyProviderTokenUpdates");
	push(&a, one, NULL, NULL, "");
	connect_provider(&a);
	push(&a, two, NULL, NULL, "");
	end(&a);
}

static void set_fault(struct apns_fixture *a, enum fault_what what, int status, int64_t ms)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	const struct fault_rule rule = {
		.where = FAULT_CLEARING_HOUSE_PUSH_SERVICE,
		.what = what,
		.status = status,
		.ms = ms,
		.times = 1,
		.user = "bob@lab.test",
	};

	assert_int_equal(faults_set(a->faults, &rule, 1, 1, &why), 0);
}

/* What the journal says of it. */
static const char *last_answer(const struct journal *j)
{
	for (uint64_t seq = journal_last(j); seq >= journal_first(j); seq--) {
		const struct record *r = journal_get(j, seq);

		if (!strcmp(r->kind, "http") && !strcmp(r->from, RECORD_HOP_PUSH_SERVICE))
			return r->summary;
	}
	return "none";
}

static void test_faults(void **state)
{
	struct apns_fixture a;
	CLEANUP(mem_free_string) char *token = NULL;
	CLEANUP(mem_free_string) char *late = NULL;

	start(&a, *state);
	new_phone(&a);
	token = make_token(&a, 0);
	set_fault(&a, FAULT_STATUS, 410, 0);
	push(&a, token, "a", NULL, "Unregistered");
	set_fault(&a, FAULT_STATUS, 503, 0);
	push(&a, token, "a", NULL, "ServiceUnavailable");
	push(&a, token, "b", NULL, "");
	assert_waiting(&a, "b; ");
	/* Apple documents no reason for it: the answer has no body. */
	set_fault(&a, FAULT_STATUS, 502, 0);
	push(&a, token, "a", NULL, "");
	assert_string_equal(last_answer(a.f->journal), "502");
	assert_waiting(&a, "b; ");

	set_fault(&a, FAULT_DELAY, 0, 60000);
	send_push(&a, token, "c", NULL);
	run_rounds(a.f->loop, 20);
	assert_waiting(&a, "b; ");
	loop_jump(a.f->loop, 60000);
	late = take_answer(&a);
	assert_string_equal(late, "");
	/* The phone was asked for meanwhile, a minute ago: it is away, and the newest is kept. */
	assert_waiting(&a, "c; ");

	set_fault(&a, FAULT_RESET, 0, 0);
	send_push(&a, token, "d", NULL);
	assert_true(raw_wait_closed(&a.h2.client));
	connect_provider(&a);
	set_fault(&a, FAULT_SILENCE, 0, 0);
	send_push(&a, token, "e", NULL);
	run_rounds(a.f->loop, 20);
	faults_reset(a.faults, NULL);
	assert_true(raw_wait_closed(&a.h2.client));
	assert_waiting(&a, "c; ");
	end(&a);
}

static void delete_phone(struct apns_fixture *a)
{
	CLEANUP(mem_free_string)
	char *channel = mem_memdup(a->carrier, strlen(a->carrier) - strlen("/notifications"));
	struct outcome o;

	exchange(a->f, "DELETE", channel, NULL, &o);
	assert_int_equal(o.status, 204);
	outcome_deinit(&o);
}

static void test_state(void **state)
{
	struct apns_fixture a;
	struct fixture *f = *state;
	CLEANUP(mem_free_string) char *token = NULL;
	CLEANUP(mem_free_string) char *until = NULL;
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	struct json_object *file, *again;
	int64_t moment_us;

	start(&a, f);
	new_phone(&a);
	token = make_token(&a, 0);
	until = text_format("%lld", (long long)time(NULL) + 100);
	push(&a, token, "kept", "2000000000000", "");
	push(&a, token, "expires", until, "");
	moment_us = loop_wall_us(f->loop);
	file = push_service_write(f->push_service, moment_us);
	assert_true(push_service_check(f->push_service, file, &why));
	push_service_load(f->push_service, file, moment_us);
	again = push_service_write(f->push_service, moment_us);
	assert_string_equal(string_of(json_object_array_get_idx(again, 0), "token"),
			    string_of(json_object_array_get_idx(file, 0), "token"));
	assert_waiting(&a, "kept; expires; ");
	/* Its device token is what it was, and a newer one takes the place of one from the file. */
	push(&a, token, "kept", NULL, "");
	assert_waiting(&a, "expires; kept; ");
	loop_jump(f->loop, 101000);
	assert_waiting(&a, "kept; ");
	json_object_put(file);
	json_object_put(again);
	/* Of one that has ended it is still known that it was there. */
	delete_phone(&a);
	push(&a, token, "late", NULL, "Unregistered");
	assert_string_equal(last_answer(f->journal), "410 Unregistered");
	moment_us = loop_wall_us(f->loop);
	file = push_service_write(f->push_service, moment_us);
	assert_true(push_service_check(f->push_service, file, &why));
	push_service_load(f->push_service, file, moment_us);
	push(&a, token, "late", NULL, "Unregistered");
	json_object_object_add(json_object_array_get_idx(file, 0), "ended",
			       json_object_new_string("BadDeviceToken"));
	assert_false(push_service_check(f->push_service, file, &why));
	json_object_put(file);
	end(&a);
}

static void refuse_state(struct apns_fixture *a, struct json_object *file, struct json_object *o,
			 const char *name, struct json_object *value)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	struct json_object *before = json_object_get(json_object_object_get(o, name));

	json_object_object_add(o, name, value);
	assert_false(push_service_check(a->f->push_service, file, &why));
	if (!strstr(text_str(&why), name))
		fail_msg("%s: %s", name, text_str(&why));
	json_object_object_add(o, name, before);
}

static void test_bad_state(void **state)
{
	struct apns_fixture a;
	CLEANUP(mem_free_string) char *token = NULL;
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	struct json_object *file, *channel, *notice, *apple;

	start(&a, *state);
	new_phone(&a);
	token = make_token(&a, 0);
	push(&a, token, "x", NULL, "");
	file = push_service_write(a.f->push_service, loop_wall_us(a.f->loop));
	channel = json_object_array_get_idx(file, 0);
	notice = json_object_array_get_idx(json_object_object_get(channel, "notices"), 0);
	apple = json_object_object_get(notice, "apple");
	refuse_state(&a, file, channel, "platform", json_object_new_string("webhook"));
	refuse_state(&a, file, channel, "token", json_object_new_string("00"));
	refuse_state(&a, file, channel, "topic", NULL);
	refuse_state(&a, file, notice, "apple", json_object_new_string("x"));
	refuse_state(&a, file, notice, "messageId", json_object_new_string("x"));
	refuse_state(&a, file, notice, "rawBase64", json_object_new_string("eA=="));
	refuse_state(&a, file, apple, "priority", json_object_new_int(11));
	refuse_state(&a, file, apple, "topic", NULL);
	json_object_object_add(apple, "pushType", json_object_new_string("banner"));
	assert_false(push_service_check(a.f->push_service, file, &why));
	json_object_put(file);
	end(&a);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, push_service_set_up, push_service_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_tokens_are_remembered),
		TEST(test_tokens_change_too_often),
		TEST(test_faults),
		TEST(test_state),
		TEST(test_bad_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
