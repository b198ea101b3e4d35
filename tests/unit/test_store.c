/*
 * Store rows: every column of every kind comes back as it was, from the store and into core.
 */
#include "tests/unit/core_fixture.h"

#include "mcxd/base/list.h"
#include "mcxd/core/binding.h"
#include "mcxd/core/core.h"
#include "mcxd/core/life.h"
#include "mcxd/core/missed.h"
#include "mcxd/core/party.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/route.h"
#include "mcxd/core/session.h"
#include "mcxd/core/store_row.h"
#include "mcxd/core/summary.h"
#include "mcxd/core/user.h"
#include "mcxd/store/store.h"
#include "proto/text/mem.h"

/* The value of a column: the same in all columns of a row except for the column's index, so that swapped
 * columns are noticed. */
enum value { ORDINARY, LOWEST, HIGHEST, N_VALUES };

static const char *text_of(enum value value, size_t i)
{
	static const char *const texts[] = { "a",   "bc",    "d e", "\xC3\xA9", "f'g",
					     "h;i", "\"j\"", "k\n", "lm",       "n",
					     "op",  "qr",    "s",   "t",        "u" };

	assert_true(i < ARRAY_SIZE(texts));
	if (value == LOWEST)
		return NULL;
	return value == HIGHEST ? "" : texts[i];
}

static void fill_column(struct store_row *row, const struct store_column *column, enum value value,
			size_t i)
{
	void *at = store_row_at(row, column);

	switch (column->type) {
	case STORE_TEXT: *(const char **)at = text_of(value, i); break;
	case STORE_NUMBER:
		*(uint64_t *)at = value == LOWEST ? 0 : value == HIGHEST ? UINT64_MAX : 1000 + i;
		break;
	case STORE_TIME:
		*(int64_t *)at = value == LOWEST    ? INT64_MIN
				 : value == HIGHEST ? INT64_MAX
						    : -1000 - (int64_t)i;
		break;
	case STORE_FLAG: *(bool *)at = value == HIGHEST || (value == ORDINARY && i % 2); break;
	}
}

static void check_column(struct store_row *have, struct store_row *want,
			 const struct store_column *column)
{
	const void *a = store_row_at(have, column), *b = store_row_at(want, column);
	const char *text;

	switch (column->type) {
	case STORE_TEXT:
		text = *(const char *const *)b;
		if (text)
			assert_string_equal(*(const char *const *)a, text);
		else
			assert_null(*(const char *const *)a);
		break;
	case STORE_NUMBER: assert_true(*(const uint64_t *)a == *(const uint64_t *)b); break;
	case STORE_TIME: assert_true(*(const int64_t *)a == *(const int64_t *)b); break;
	case STORE_FLAG: assert_int_equal(*(const bool *)a, *(const bool *)b); break;
	}
}

static struct store_row make_row(enum store_kind kind, enum value value)
{
	struct store_row row = { .kind = kind, .id = value == HIGHEST ? UINT64_MAX : value + 1 };
	const struct store_table *table = &store_tables[kind];

	for (size_t i = 0; i < table->n_columns; i++)
		fill_column(&row, &table->columns[i], value, i);
	return row;
}

struct loaded {
	struct store_row *rows[N_STORE_KINDS * N_VALUES];
	size_t n;
	bool done;
};

static void on_row(void *magic, const struct store_row *row)
{
	struct loaded *l = magic;

	assert_true(l->n < ARRAY_SIZE(l->rows));
	l->rows[l->n++] = store_row_copy(row);
}

static void on_loaded(void *magic, int err)
{
	assert_int_equal(err, 0);
	((struct loaded *)magic)->done = true;
}

static void load(struct fixture *f, struct loaded *ret)
{
	*ret = (struct loaded){ 0 };
	store_memory_port.load(f->store, on_row, on_loaded, ret);
	assert_false(ret->done);
	fixture_settle(f);
	assert_true(ret->done);
}

static void free_loaded(struct loaded *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->rows[i]);
}

static void save(struct fixture *f, const struct store_row *row)
{
	/* The store keeps only copies of what it was given. */
	struct store_row *copy = store_row_copy(row);

	store_memory_port.save(f->store, copy, NULL, NULL);
	free(copy);
}

static void test_every_column_of_every_kind(void **state)
{
	struct fixture *f = *state;
	struct loaded l;
	size_t n = 0;

	/* saved backwards, and loaded by kind and id */
	for (int kind = N_STORE_KINDS - 1; kind >= 0; kind--)
		for (int value = N_VALUES - 1; value >= 0; value--) {
			struct store_row row = make_row((enum store_kind)kind, (enum value)value);

			save(f, &row);
		}
	load(f, &l);
	for (int kind = 0; kind < N_STORE_KINDS; kind++)
		for (int value = 0; value < N_VALUES; value++, n++) {
			struct store_row want = make_row((enum store_kind)kind, (enum value)value);

			assert_int_equal(l.rows[n]->kind, kind);
			assert_true(l.rows[n]->id == want.id);
			for (size_t i = 0; i < store_tables[kind].n_columns; i++)
				check_column(l.rows[n], &want, &store_tables[kind].columns[i]);
		}
	assert_int_equal(l.n, n);
	free_loaded(&l);
}

static void test_a_row_is_replaced_and_removed(void **state)
{
	struct fixture *f = *state;
	struct store_row row = { .kind = STORE_MISSED, .id = 7, .missed.subject = "first" };
	struct loaded l;

	save(f, &row);
	row.missed.subject = "second";
	save(f, &row);
	load(f, &l);
	assert_int_equal(l.n, 1);
	assert_string_equal(l.rows[0]->missed.subject, "second");
	free_loaded(&l);
	store_memory_port.remove(f->store, STORE_MISSED, 8, NULL, NULL);
	store_memory_port.remove(f->store, STORE_PHONE, 7, NULL, NULL);
	load(f, &l);
	assert_int_equal(l.n, 1);
	free_loaded(&l);
	store_memory_port.remove(f->store, STORE_MISSED, 7, NULL, NULL);
	load(f, &l);
	assert_int_equal(l.n, 0);
	free_loaded(&l);
}

/* A database makes columns of these names. */
static void test_names_are_unique(void **state)
{
	(void)state;
	for (int kind = 0; kind < N_STORE_KINDS; kind++) {
		const struct store_table *table = &store_tables[kind];

		assert_true(table->name && table->n_columns > 0);
		for (size_t i = 0; i < table->n_columns; i++)
			for (size_t k = 0; k < i; k++)
				assert_string_not_equal(table->columns[i].name,
							table->columns[k].name);
	}
	assert_string_equal(store_tables[STORE_CONVERSATION].name, "conversation");
	assert_string_equal(store_tables[STORE_PHONE].columns[0].name, "user");
}

/* ---- from the noun to the row and back ---- */

#define SAME(type, column, member) SAME_##type(object->member, other->member);
#define SAME_TEXT(a, b)            (assert_non_null(a), assert_non_null(b), assert_string_equal(a, b))
#define SAME_NUMBER(a, b)          (assert_true((a) != 0), assert_true((a) == (b)))
#define SAME_TIME(a, b)            (assert_true((a) != 0), assert_true((a) == (b)))
#define SAME_FLAG(a, b)            (assert_true(a), assert_true(b))

static void check_binding(const struct binding *object, const struct binding *other)
{
	STORE_BINDING_COLUMNS(SAME, STORE_SKIP)
	assert_int_equal(binding_expires_s(object), binding_expires_s(other));
	assert_string_equal(object->user->aor, other->user->aor);
}

static void check_missed(const struct missed *object, const struct missed *other)
{
	STORE_MISSED_COLUMNS(SAME, STORE_SKIP)
	assert_int_equal(object->id, other->id);
}

static void check_phone(const struct phone *object, const struct phone *other)
{
	STORE_PHONE_COLUMNS(SAME, STORE_SKIP)
	assert_int_equal(object->id, other->id);
	assert_string_equal(object->app_id, other->app_id);
	assert_string_equal(object->user->aor, other->user->aor);
	assert_int_equal(object->n_missed, 1);
	assert_int_equal(other->n_missed, 1);
	check_missed(LIST_ENTRY(object->missed.next, struct missed, of_phone),
		     LIST_ENTRY(other->missed.next, struct missed, of_phone));
}

static void on_registered(void *magic, enum register_result result, const struct user *u)
{
	(void)magic;
	(void)u;
	assert_int_equal(result, REGISTER_OK);
}

static void register_contact(struct fixture *f)
{
	const struct register_contact contact = { .uri = "sip:bob@127.0.0.1:5062",
						  .instance = "<urn:uuid:1>",
						  .gruu = "sip:bob@lab.test;gruu",
						  .expires_s = 7000 };

	binding_register(f->core,
			 &(struct register_request){ .aor = "bob@lab.test",
						     .call_id = "call",
						     .cseq = UINT32_MAX,
						     .epid = "0123456789",
						     .user_agent = "desktop",
						     .route = "sip:127.0.0.1:5062",
						     .expires_s = -1,
						     .contacts = &contact,
						     .n_contacts = 1 },
			 on_registered, NULL);
	fixture_settle(f);
}

static void on_signed_in(void *magic, enum phone_result result, uint64_t phone_id, bool is_new)
{
	(void)is_new;
	assert_int_equal(result, PHONE_OK);
	*(uint64_t *)magic = phone_id;
}

/* A phone with a value in every column, which has missed a conversation. */
static struct phone *make_phone(struct fixture *f)
{
	struct subscription s = { .platform = mem_strdup("apple"),
				  .notification_uri = mem_strdup("https://push.test/"),
				  .device_token = mem_strdup("token"),
				  .phone_name = mem_strdup("Bob's phone"),
				  .user_agent = mem_strdup("iPhoneLync/4.1") };
	struct phone *p;
	uint64_t id = 0;
	bool is_new;

	session_sign_in(f->bob,
			&(struct phone_spec){ .endpoint_id = "e1",
					      .user_agent = "iPhoneLync/4.0",
					      .culture = "en-GB" },
			on_signed_in, &id);
	fixture_settle(f);
	p = phone_get(f->core, id);
	phone_make_available(p);
	assert_int_equal(session_subscribe(p, &s, &is_new), PHONE_OK);
	free(s.platform);
	free(s.notification_uri);
	free(s.device_token);
	free(s.phone_name);
	free(s.user_agent);
	route_invite(f->core, &fake_leg_new()->leg,
		     &(struct invitation){ .from = "alice@lab.test",
					   .from_name = "Alice",
					   .to = "bob@lab.test",
					   .subject = "Lunch",
					   .importance = "urgent",
					   .thread_id = "AcE=",
					   .first_line = "Hungry?",
					   .first_line_type = "text/plain",
					   .key = "sip:test" });
	fixture_advance(f, 60000);
	return p;
}

static const struct binding *only_binding(const struct core *c)
{
	const struct user *u = user_find(c, "bob@lab.test");

	return LIST_ENTRY(u->bindings.next, struct binding, of_user);
}

static void test_core_brings_back_what_it_saved(void **state)
{
	struct fixture *f = *state;
	const struct phone *p = make_phone(f);
	struct loaded l = { 0 };
	struct core *second;

	register_contact(f);
	second = core_new(&(struct core_args){
		.loop = f->loop, .config = &f->config, .ports = &f->core->ports });
	user_add(second,
		 &(struct user_spec){ .aor = "bob@lab.test",
				      .policy = { .enable_mobility = true, .enable_push = true } },
		 NULL);
	core_load(second, on_loaded, &l);
	fixture_settle(f);
	assert_true(l.done);
	check_phone(p, phone_find(second, p->app_id));
	check_binding(only_binding(f->core), only_binding(second));
	core_free(second);
}

/* Core writes no row of an ended conversation; a store's archive is made by the same list. */
static struct store_row row_of(const struct conversation_summary *object)
{
	return (struct store_row){
		.kind = STORE_CONVERSATION,
		.id = object->id,
		.conversation = { STORE_CONVERSATION_COLUMNS(STORE_SAVE, STORE_SKIP) },
	};
}

static void fill_summary(struct conversation_summary *object, const struct conversation_row *row)
{
	STORE_CONVERSATION_COLUMNS(STORE_RESTORE, STORE_SKIP)
}

static void check_summary(const struct conversation_summary *object,
			  const struct conversation_summary *other)
{
	STORE_CONVERSATION_COLUMNS(SAME, STORE_SKIP)
}

static void test_summary_to_row_and_back(void **state)
{
	struct conversation_summary *kept, *again;
	struct fixture *f = *state;
	struct store_row row;
	struct loaded l;

	kept = summary_add(f->core);
	kept->id = 3;
	kept->from = mem_strdup("alice@lab.test");
	kept->to = mem_strdup("bob@lab.test");
	kept->first_line = mem_strdup("Hi");
	kept->sip_status = 603;
	kept->reason = mem_strdup("Declined");
	kept->began_wall_us = INT64_MIN;
	kept->answered_wall_us = 1;
	kept->ended_wall_us = INT64_MAX;
	kept->n_messages = UINT32_MAX;
	row = row_of(kept);
	save(f, &row);
	load(f, &l);
	assert_int_equal(l.n, 1);
	again = summary_add(f->core);
	fill_summary(again, &l.rows[0]->conversation);
	free_loaded(&l);
	check_summary(kept, again);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		CASE(every_column_of_every_kind), CASE(a_row_is_replaced_and_removed),
		CASE(names_are_unique),           CASE(core_brings_back_what_it_saved),
		CASE(summary_to_row_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
