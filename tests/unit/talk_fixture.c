/*
 * Talk fixture
 */
#include "tests/unit/talk_fixture.h"

#include "mcxd/base/list.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/core.h"
#include "mcxd/core/delivery.h"
#include "mcxd/core/event.h"
#include "mcxd/core/event_row.h"
#include "mcxd/core/life.h"
#include "mcxd/core/metrics.h"
#include "mcxd/core/party.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_callee.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/relay.h"
#include "mcxd/core/session.h"
#include "mcxd/core/store_row.h"
#include "mcxd/core/user.h"
#include "mcxd/store/store.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/unit/core_fixture.h"

#include <errno.h>

/* ---- a store that completes when the test says so ---- */

struct pending {
	struct list of_slow;
	store_done_h *done;
	void *magic;
	int err;
};

static struct slow {
	struct store *store;
	struct list pending;
	bool fails;
} slow;

static void wait_for_it(store_done_h *done, void *magic)
{
	struct pending *p = MEM_NEW(struct pending);

	*p = (struct pending){ .done = done, .magic = magic, .err = slow.fails ? -ENOSPC : 0 };
	list_append(&slow.pending, &p->of_slow);
}

static void slow_save(void *adapter, const struct store_row *row, store_done_h *done, void *magic)
{
	(void)adapter;
	if (!slow.fails)
		store_memory_port.save(slow.store, row, NULL, NULL);
	wait_for_it(done, magic);
}

static void slow_remove(void *adapter, enum store_kind kind, uint64_t id, store_done_h *done,
			void *magic)
{
	(void)adapter;
	store_memory_port.remove(slow.store, kind, id, NULL, NULL);
	wait_for_it(done, magic);
}

static int slow_load(void *adapter, store_row_h *on_row, void *magic)
{
	(void)adapter;
	return store_memory_port.load(slow.store, on_row, magic);
}

static void slow_sync(void *adapter, store_done_h *done, void *magic)
{
	(void)adapter;
	wait_for_it(done, magic);
}

static const struct store_port slow_port = { .save = slow_save,
					     .remove = slow_remove,
					     .load = slow_load,
					     .sync = slow_sync,
					     .durable = true };

void talk_complete(struct fixture *f)
{
	fixture_settle(f);
	while (!list_empty(&slow.pending)) {
		struct pending *p = LIST_ENTRY(slow.pending.next, struct pending, of_slow);

		list_remove(&p->of_slow);
		if (p->done)
			p->done(p->magic, p->err);
		free(p);
		fixture_settle(f);
	}
}

static void forget_pending(void)
{
	list_for_each_safe (node, &slow.pending) {
		struct pending *p = LIST_ENTRY(node, struct pending, of_slow);

		list_remove(&p->of_slow);
		free(p);
	}
}

/* ---- Bob's phone in a conversation with Alice ---- */

int talk_setup(void **state)
{
	struct talk *t = MEM_NEW(struct talk);

	assert_int_equal(fixture_setup((void **)&t->f), 0);
	t->f->core->ports.store = &slow_port;
	t->f->config.event_delay_ms = 0;
	slow = (struct slow){ .store = t->f->store };
	list_init(&slow.pending);
	*state = t;
	return 0;
}

int talk_teardown(void **state)
{
	struct talk *t = *state;

	if (t->f->core) {
		assert_int_equal(t->f->core->metrics.unexpected_events_total.value, 0);
		t->f->core = core_free(t->f->core);
	}
	forget_pending();
	fixture_teardown((void **)&t->f);
	free(t);
	return 0;
}

static void on_signed_in(void *magic, enum phone_result result, uint64_t phone_id, bool is_new)
{
	struct talk *t = magic;

	(void)is_new;
	assert_int_equal(result, PHONE_OK);
	t->phone = phone_get(t->f->core, phone_id);
}

/* Ask for a packet; the request is left open. */
void talk_ask(struct talk *t, uint64_t packet)
{
	assert_int_equal(delivery_poll(t->phone, packet, ++t->poll_id, 0), POLL_HELD);
}

bool talk_is_woken(const struct talk *t)
{
	return t->f->n_woken > 0 && t->f->woken[t->f->n_woken - 1] == t->poll_id;
}

/* What is in the packet that has been announced. */
uint64_t talk_take(struct talk *t, struct text *ret)
{
	uint64_t packet = 0;

	assert_true(talk_is_woken(t));
	assert_int_equal(delivery_take(t->f->core, t->phone->id, t->poll_id, &packet), POLL_PACKET);
	text_reset(ret);
	list_for_each (node, &t->phone->events.events) {
		const struct event *e = LIST_ENTRY(node, struct event, of_queue);

		if (e->packet == packet)
			text_addf(ret, "%s/%llu(%s) ", event_row_kind(e->kind),
				  (unsigned long long)e->message, e->text ? e->text : "");
	}
	return packet;
}

void talk_connect(struct talk *t)
{
	CLEANUP(text_deinit) struct text ignored = TEXT_INIT;

	session_sign_in(t->f->bob, &(struct phone_spec){ .endpoint_id = "e1" }, on_signed_in, t);
	talk_complete(t->f);
	phone_make_available(t->phone);
	t->alice = fixture_invite(t->f, NULL, &t->conversation);
	talk_complete(t->f);
	assert_int_equal(phone_callee_accept(t->phone, t->conversation), PHONE_OK);
	talk_ask(t, 1);
	talk_complete(t->f);
	assert_int_equal(talk_take(t, &ignored), 1);
	text_reset(&t->alice->told);
}

void talk_say(struct talk *t, uint64_t id, const char *words)
{
	leg_on_said(&t->alice->leg, &(struct im){ .id = id,
						  .content_type = "text/plain",
						  .body = words,
						  .n_body = strlen(words) });
	fixture_settle(t->f);
}

static void add_user(struct core *c, const char *aor, struct user **ret)
{
	user_add(c,
		 &(struct user_spec){ .aor = aor,
				      .policy = { .enable_mobility = true, .enable_push = true } },
		 ret);
}

/* The process ends, and another one begins. */
void talk_restart(struct talk *t)
{
	struct core_args args = { .loop = t->f->loop,
				  .config = &t->f->config,
				  .ports = &t->f->core->ports };
	struct ports ports = t->f->core->ports;
	char *app_id = mem_strdup(t->phone->app_id);

	args.ports = &ports;
	core_free(t->f->core);
	forget_pending();
	t->f->core = core_new(&args);
	add_user(t->f->core, "alice@lab.test", &t->f->alice);
	add_user(t->f->core, "bob@lab.test", &t->f->bob);
	assert_int_equal(core_load(t->f->core), 0);
	t->phone = phone_find(t->f->core, app_id);
	assert_non_null(t->phone);
	free(app_id);
}

void talk_fail_to_store(bool fails)
{
	slow.fails = fails;
}
