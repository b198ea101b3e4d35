/*
 * Registrations (RFC 3261, 10.3).
 */
#include "tests/unit/core_fixture.h"

#include "mcxd/base/list.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/binding.h"
#include "mcxd/core/core.h"
#include "mcxd/core/metrics.h"
#include "mcxd/core/user.h"

struct answer {
	bool come;
	enum register_result result;
	unsigned n_bindings;
};

static void on_done(void *magic, enum register_result result, const struct user *u)
{
	struct answer *a = magic;

	a->come = true;
	a->result = result;
	if (!u)
		return;
	list_for_each (node, &u->bindings)
		a->n_bindings++;
}

static struct answer submit(struct fixture *f, const struct register_request *r)
{
	struct answer a = { 0 };

	binding_register(f->core, r, on_done, &a);
	assert_false(a.come);
	fixture_settle(f);
	assert_true(a.come);
	return a;
}

static struct register_request request(uint32_t cseq)
{
	return (struct register_request){ .aor = "Bob@LAB.test",
					  .call_id = "call",
					  .cseq = cseq,
					  .route = "sip:127.0.0.1:5080",
					  .expires_s = -1 };
}

static enum register_result put(struct fixture *f, uint32_t cseq, const char *uri,
				int64_t expires_s)
{
	struct register_contact contact = { .uri = uri, .expires_s = expires_s };
	struct register_request r = request(cseq);

	r.contacts = &contact;
	r.n_contacts = 1;
	return submit(f, &r).result;
}

static unsigned count(struct fixture *f)
{
	struct register_request r = request(99);

	return submit(f, &r).n_bindings;
}

static void test_register_refresh_remove(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(put(f, 1, "sip:bob@127.0.0.1:1", -1), REGISTER_OK);
	assert_int_equal(put(f, 2, "sip:bob@127.0.0.1:2", 300), REGISTER_OK);
	assert_int_equal(count(f), 2);
	assert_int_equal(put(f, 3, "sip:bob@127.0.0.1:1", 300), REGISTER_OK);
	assert_int_equal(count(f), 2);
	assert_int_equal(put(f, 4, "sip:bob@127.0.0.1:1", 0), REGISTER_OK);
	assert_int_equal(count(f), 1);
	assert_int_equal(f->core->metrics.bindings.value, 1);
}

static void test_expiry(void **state)
{
	struct fixture *f = *state;

	put(f, 1, "sip:bob@127.0.0.1:1", 100);
	put(f, 1, "sip:bob@127.0.0.1:2", 99999);
	fixture_advance(f, 90000);
	assert_int_equal(count(f), 2);
	fixture_advance(f, 10000);
	assert_int_equal(count(f), 1);
	fixture_advance(f, 7200000);
	assert_int_equal(count(f), 0);
}

static void test_too_brief(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(put(f, 1, "sip:bob@127.0.0.1:1", 59), REGISTER_TOO_BRIEF);
	assert_int_equal(put(f, 2, "sip:bob@127.0.0.1:1", 60), REGISTER_OK);
}

static void test_unknown(void **state)
{
	struct fixture *f = *state;
	struct register_request r = request(1);

	r.aor = "nobody@lab.test";
	assert_int_equal(submit(f, &r).result, REGISTER_UNKNOWN_USER);
	r.aor = "not an address";
	assert_int_equal(submit(f, &r).result, REGISTER_UNKNOWN_USER);
}

static void test_stale(void **state)
{
	struct fixture *f = *state;

	put(f, 5, "sip:bob@127.0.0.1:1", 100);
	assert_int_equal(put(f, 5, "sip:bob@127.0.0.1:1", 200), REGISTER_STALE);
	assert_int_equal(put(f, 4, "sip:bob@127.0.0.1:1", 0), REGISTER_STALE);
	assert_int_equal(count(f), 1);
}

static void test_star(void **state)
{
	struct fixture *f = *state;
	struct register_contact contact = { .uri = "sip:bob@127.0.0.1:3", .expires_s = -1 };
	struct register_request r = request(7);

	put(f, 1, "sip:bob@127.0.0.1:1", 100);
	put(f, 2, "sip:bob@127.0.0.1:2", 100);
	r.star = true;
	assert_int_equal(submit(f, &r).result, REGISTER_BAD);
	r.expires_s = 0;
	r.contacts = &contact;
	r.n_contacts = 1;
	assert_int_equal(submit(f, &r).result, REGISTER_BAD);
	assert_int_equal(count(f), 2);
	r.n_contacts = 0;
	assert_int_equal(submit(f, &r).result, REGISTER_OK);
	assert_int_equal(count(f), 0);
}

static void test_all_or_nothing(void **state)
{
	struct fixture *f = *state;
	const struct register_contact contacts[] = {
		{ .uri = "sip:bob@127.0.0.1:1", .expires_s = 100 },
		{ .uri = "sip:bob@127.0.0.1:2", .expires_s = 5 },
	};
	struct register_request r = request(1);

	r.contacts = contacts;
	r.n_contacts = 2;
	assert_int_equal(submit(f, &r).result, REGISTER_TOO_BRIEF);
	assert_int_equal(count(f), 0);
}

static void test_limit(void **state)
{
	struct fixture *f = *state;
	char uri[] = "sip:bob@127.0.0.1:1";

	for (; uri[18] < '5'; uri[18]++)
		assert_int_equal(put(f, 1, uri, -1), REGISTER_OK);
	assert_int_equal(put(f, 1, uri, -1), REGISTER_FULL);
	uri[18] = '1';
	assert_int_equal(put(f, 2, uri, -1), REGISTER_OK);
}

static void test_same_instance_moves(void **state)
{
	struct fixture *f = *state;
	struct register_contact contact = { .uri = "sip:bob@127.0.0.1:1",
					    .instance = "<urn:uuid:1>",
					    .expires_s = -1 };
	struct register_request r = request(1);

	r.contacts = &contact;
	r.n_contacts = 1;
	submit(f, &r);
	contact.uri = "sip:bob@127.0.0.1:2";
	r.call_id = "other";
	submit(f, &r);
	assert_int_equal(count(f), 1);
	assert_string_equal(LIST_ENTRY(f->bob->bindings.next, struct binding, of_user)->contact,
			    "sip:bob@127.0.0.1:2");
}

/* A client that has registered again since the INVITE went out can be reached elsewhere. */
static void test_lost(void **state)
{
	struct fixture *f = *state;
	const struct binding *b;
	uint64_t id, n_registers;

	assert_int_equal(put(f, 1, "sip:bob@127.0.0.1:5080", 600), REGISTER_OK);
	b = LIST_ENTRY(f->bob->bindings.next, struct binding, of_user);
	id = b->id;
	n_registers = b->n_registers;
	assert_int_equal(put(f, 2, "sip:bob@127.0.0.1:5080", 600), REGISTER_OK);
	binding_lost(f->core, id, n_registers);
	assert_int_equal(count(f), 1);
	binding_lost(f->core, id, n_registers + 1);
	assert_int_equal(count(f), 0);
	binding_lost(f->core, id, n_registers + 1);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		CASE(register_refresh_remove),
		CASE(expiry),
		CASE(too_brief),
		CASE(unknown),
		CASE(stale),
		CASE(star),
		CASE(all_or_nothing),
		CASE(limit),
		CASE(same_instance_moves),
		CASE(lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
