/*
 * Store rows: every column of every kind comes back as it was, from the store and into core.
 */
#include "tests/unit/core_fixture.h"
#include "tests/unit/store_rows.h"

#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/core/binding.h"
#include "mcxd/core/contact_list.h"
#include "mcxd/core/core.h"
#include "mcxd/core/life.h"
#include "mcxd/core/missed.h"
#include "mcxd/core/party.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/route.h"
#include "mcxd/core/session.h"
#include "mcxd/core/store_row.h"
#include "mcxd/core/user.h"
#include "mcxd/store/schema.h"
#include "mcxd/store/store.h"
#include "proto/text/mem.h"
#include "proto/text/message_format.h"
#include "proto/text/modality.h"
#include "proto/text/text.h"

static void test_every_column_of_every_kind(void **state)
{
	struct fixture *f = *state;
	struct loaded l;

	save_all(&store_memory_port, f->store);
	load_rows(&store_memory_port, f->store, &l);
	check_all(&l);
	free_loaded(&l);
}

static void test_a_row_is_replaced_and_removed(void **state)
{
	struct fixture *f = *state;
	const struct store_port *port = &store_memory_port;
	struct store_row row = { .kind = STORE_MISSED, .id = 7, .missed.subject = "first" };
	struct loaded l;

	save_row(port, f->store, &row);
	row.missed.subject = "second";
	save_row(port, f->store, &row);
	load_rows(port, f->store, &l);
	assert_int_equal(l.n, 1);
	assert_string_equal(l.rows[0]->missed.subject, "second");
	free_loaded(&l);
	port->remove(f->store, STORE_MISSED, 8, NULL, NULL);
	port->remove(f->store, STORE_PHONE, 7, NULL, NULL);
	load_rows(port, f->store, &l);
	assert_int_equal(l.n, 1);
	free_loaded(&l);
	port->remove(f->store, STORE_MISSED, 7, NULL, NULL);
	load_rows(port, f->store, &l);
	assert_int_equal(l.n, 0);
	free_loaded(&l);
}

static void on_stored(void *magic, int err)
{
	assert_int_equal(err, 0);
	*(bool *)magic = true;
}

static void test_without_rows_what_is_saved_is_answered(void **state)
{
	struct fixture *f = *state;
	const struct store_port *port = &store_memory_port;
	struct store *s = store_new(f->loop, false);
	struct store_row row = { .kind = STORE_MISSED, .id = 7 };
	bool stored = false;
	struct loaded l;

	port->save(s, &row, on_stored, &stored);
	while (!stored)
		loop_step(f->loop, 1);
	load_rows(port, s, &l);
	assert_int_equal(l.n, 0);
	free_loaded(&l);
	store_free(s);
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
	assert_string_equal(store_tables[STORE_MISSED].name, "missed");
	assert_string_equal(store_tables[STORE_PHONE].columns[0].name, "user");
}

/* An mcxd that does not know a column would drop it: so a file says by its version which columns it has. */
static void test_the_version_rises_with_the_columns(void **state)
{
	static const struct {
		int version;
		uint32_t columns;
	} known = { 16, 3689590249u };
	uint32_t hash = 2166136261; /* FNV-1a */

	(void)state;
	for (int kind = 0; kind < N_STORE_KINDS; kind++)
		for (size_t i = 0; i < store_tables[kind].n_columns; i++) {
			const struct store_column *c = &store_tables[kind].columns[i];
			CLEANUP(mem_free_string)
			char *line = text_format("%s.%s %d;", store_tables[kind].name, c->name,
						 (int)c->type);

			for (const char *p = line; *p; p++)
				hash = (hash ^ (unsigned char)*p) * 16777619;
		}
	if (SCHEMA_VERSION != known.version || hash != known.columns)
		fail_msg("the columns have changed: raise SCHEMA_VERSION, and note it here with %u",
			 hash);
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
	assert_int_equal(other->n_unread, 0);
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
				  .user_agent = mem_strdup("iPhoneLync/4.1"),
				  .ended_wall_us = 7 };
	static char phone_number[] = "tel:+1", preference[] = "PhoneAudio";
	struct phone *p;
	uint64_t id = 0;

	session_sign_in(f->bob,
			&(struct phone_spec){ .endpoint_id = "e1",
					      .user_agent = "iPhoneLync/4.0",
					      .culture = "en-GB",
					      .instance_id = "i1" },
			on_signed_in, &id);
	fixture_settle(f);
	p = phone_get(f->core, id);
	phone_make_available(p);
	p->renewed = true;
	contact_list_subscribe(p, CONTACT_LIST_MAX_MS);
	phone_set_media(p, &(struct phone_media){ .modalities = MODALITY_MESSAGING,
						  .formats = MESSAGE_PLAIN | MESSAGE_HTML,
						  .inactive_timeout_ms = 600000,
						  .phone_number = phone_number,
						  .audio_preference = preference });
	assert_int_equal(session_subscribe(p, &s), PHONE_OK);
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
	missed_read(LIST_ENTRY(p->missed.next, struct missed, of_phone));
	return p;
}

static const struct binding *only_binding(const struct core *c)
{
	const struct user *u = user_find(c, "bob@lab.test");

	return LIST_ENTRY(u->bindings.next, struct binding, of_user);
}

static struct core *load_again(struct fixture *f)
{
	struct core *second = core_new(&(struct core_args){
		.loop = f->loop, .config = &f->config, .ports = &f->core->ports });

	user_add(second,
		 &(struct user_spec){ .aor = "bob@lab.test",
				      .policy = { .enable_mobility = true, .enable_push = true } },
		 NULL);
	assert_int_equal(core_load(second), 0);
	return second;
}

/* A row that has not expired, with no text but that of one column. */
static void save_bare(struct fixture *f, enum store_kind kind, uint64_t id, const char *name,
		      const char *text)
{
	const struct store_table *table = &store_tables[kind];
	struct store_row row = { .kind = kind, .id = id };

	for (size_t i = 0; i < table->n_columns; i++) {
		const struct store_column *column = &table->columns[i];

		if (column->type == STORE_TIME)
			*(int64_t *)store_row_at(&row, column) =
				loop_wall_us(f->loop) + INT64_C(60000000);
		if (column->type == STORE_TEXT && !strcmp(column->name, name))
			*(const char **)store_row_at(&row, column) = text;
	}
	save_row(&store_memory_port, f->store, &row);
}

/* Somebody has edited the file: what cannot be used is removed. */
static void test_rows_with_columns_missing(void **state)
{
	struct fixture *f = *state;
	struct core *second;
	struct loaded l;

	for (int kind = 0; kind < N_STORE_KINDS; kind++) {
		save_bare(f, (enum store_kind)kind, 7, "", NULL);
		save_bare(f, (enum store_kind)kind, 8, "user", "bob@lab.test");
	}
	second = load_again(f);
	assert_true(list_empty(&user_find(second, "bob@lab.test")->phones));
	assert_true(list_empty(&user_find(second, "bob@lab.test")->bindings));
	load_rows(&store_memory_port, f->store, &l);
	for (size_t i = 0; i < l.n; i++)
		assert_true(l.rows[i]->kind == STORE_COUNTER || l.rows[i]->kind == STORE_PRESENCE);
	free_loaded(&l);
	core_free(second);
}

static void test_core_brings_back_what_it_saved(void **state)
{
	struct fixture *f = *state;
	const struct phone *p = make_phone(f);
	struct core *second;

	register_contact(f);
	second = load_again(f);
	check_phone(p, phone_find(second, p->app_id));
	check_binding(only_binding(f->core), only_binding(second));
	core_free(second);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		CASE(every_column_of_every_kind),
		CASE(a_row_is_replaced_and_removed),
		CASE(the_version_rises_with_the_columns),
		CASE(names_are_unique),
		CASE(core_brings_back_what_it_saved),
		CASE(rows_with_columns_missing),
		CASE(without_rows_what_is_saved_is_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
