/*
 * Core fixture
 */
#include "tests/unit/core_fixture.h"

#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/binding.h"
#include "mcxd/core/core.h"
#include "mcxd/core/delivery.h"
#include "mcxd/core/event.h"
#include "mcxd/core/foreign.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/life.h"
#include "mcxd/core/metrics.h"
#include "mcxd/core/party.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/push.h"
#include "mcxd/core/route.h"
#include "mcxd/core/session.h"
#include "mcxd/core/user.h"
#include "mcxd/store/store.h"
#include "proto/diag.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

/* ---- fake ports ---- */

static size_t screen_of(const struct fixture *f, const char *epid)
{
	size_t i = 0;

	while (*f->screens[i].epid && strcmp(f->screens[i].epid, epid) != 0)
		assert_true(++i < ARRAY_SIZE(f->screens));
	return i;
}

/* The slot of this toast, or with "" a free one. */
static char *toast_of(struct fixture *f, size_t screen, const char *uuid)
{
	for (size_t i = 0; i < ARRAY_SIZE(f->screens[screen].toasts); i++)
		if (!strcmp(f->screens[screen].toasts[i], uuid))
			return f->screens[screen].toasts[i];
	return NULL;
}

static void show_push(struct fixture *f, const struct push_message *n)
{
	size_t screen = screen_of(f, n->epid);
	char *slot = toast_of(f, screen, n->withdraws ? n->withdraws : "");

	snprintf(f->screens[screen].epid, sizeof(f->screens[screen].epid), "%s", n->epid);
	f->screens[screen].tile = n->missed;
	assert_true(slot || n->withdraws); /* one that never left is not there */
	if (slot)
		snprintf(slot, sizeof(f->screens[screen].toasts[0]), "%s",
			 n->withdraws ? "" : n->uuid);
}

unsigned fixture_tile(const struct fixture *f, const struct phone *p)
{
	return f->screens[screen_of(f, p->epid)].tile;
}

unsigned fixture_toasts(const struct fixture *f, const struct phone *p)
{
	size_t screen = screen_of(f, p->epid);
	unsigned n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(f->screens[screen].toasts); i++)
		n += *f->screens[screen].toasts[i] != '\0';
	return n;
}

static void fake_push(void *adapter, const struct push_message *n)
{
	struct fixture *f = adapter;

	f->last_push = n->id;
	assert_true(f->n_unanswered < ARRAY_SIZE(f->unanswered));
	f->unanswered[f->n_unanswered++] = n->id;
	text_addf(&f->pushes, "%s<-%s %s %u", n->user ? n->user : "-",
		  n->from_user ? n->from_user : "-", n->text ? n->text : "-", n->missed);
	if (n->withdraws)
		text_add(&f->pushes, " [takes back]");
	if (n->conference || strcmp(n->modality, "text") != 0 ||
	    strcmp(n->importance, "normal") != 0)
		text_addf(&f->pushes, " [%s%s %s]", n->conference ? "conference, " : "",
			  n->modality, n->importance);
	text_add(&f->pushes, "\n");
	if (n->epid)
		show_push(f, n);
}

static void fake_wake(void *adapter, uint64_t poll_id)
{
	struct fixture *f = adapter;

	assert_true(f->n_woken < ARRAY_SIZE(f->woken));
	f->woken[f->n_woken++] = poll_id;
}

static struct leg *fake_dial(void *adapter, const struct binding *contact)
{
	struct fixture *f = adapter;

	(void)contact;
	f->dialled = fake_leg_new();
	return &f->dialled->leg;
}

static const struct push_port push_port = { .send = fake_push };
static const struct poll_port poll_port = { .wake = fake_wake };
static const struct dial_port dial_port = { .dial = fake_dial };

/* ---- fake leg ---- */

static struct fake_leg *fake(struct leg *leg)
{
	return LIST_ENTRY(leg, struct fake_leg, leg);
}

static void op_offer(struct leg *leg, const struct invitation *inv)
{
	text_addf(&fake(leg)->told, "offer(%s) ", inv->first_line ? inv->first_line : "-");
}

static void op_cancel(struct leg *leg, enum leg_cancel why)
{
	text_addf(&fake(leg)->told, "cancel(%d) ", (int)why);
}

static void op_ring(struct leg *leg, const struct party *callee)
{
	text_addf(&fake(leg)->told, "ring(%s) ", callee->user_agent);
}

static void op_answer(struct leg *leg, const struct party *callee)
{
	text_addf(&fake(leg)->told, "answer(%s) ", callee->aor);
}

static void op_refuse(struct leg *leg, const struct diag *why, const struct foreign *as)
{
	text_addf(&fake(leg)->told, "refuse(%d%s%s) ", why->sip_status, as && as->target ? " " : "",
		  as && as->target ? as->target : "");
	if (why->info)
		snprintf(fake(leg)->info, sizeof(fake(leg)->info), "%s", why->info);
}

static void op_say(struct leg *leg, const struct im *im)
{
	fake(leg)->im_id = im->id;
	text_addf(&fake(leg)->told, "say(%.*s) ", (int)im->n_body, im->body);
}

static void op_said(struct leg *leg, uint64_t im_id, const struct diag *outcome)
{
	text_addf(&fake(leg)->told, "said(%d,%d) ", (int)im_id, outcome->sip_status);
}

static void op_typing(struct leg *leg, bool active)
{
	text_addf(&fake(leg)->told, "typing(%d) ", active);
}

static void op_end(struct leg *leg)
{
	text_add(&fake(leg)->told, "end ");
}

/* The test reads the leg after its conversation is gone, so it frees it itself. */
static void op_free(struct leg *leg)
{
	text_add(&fake(leg)->told, "free ");
}

static const struct leg_ops ops = {
	.name = "fake",
	.offer = op_offer,
	.cancel = op_cancel,
	.ring = op_ring,
	.answer = op_answer,
	.refuse = op_refuse,
	.say = op_say,
	.said = op_said,
	.typing = op_typing,
	.end = op_end,
	.free = op_free,
};

/* Kept until the end of the test, and freed there. */
static struct fake_leg *legs[256];
static size_t n_legs;

struct fake_leg *fake_leg_new(void)
{
	struct fake_leg *l = MEM_NEW(struct fake_leg);

	l->leg.ops = &ops;
	assert_true(n_legs < ARRAY_SIZE(legs));
	legs[n_legs++] = l;
	return l;
}

/* ---- fixture ---- */

int fixture_setup(void **state)
{
	struct fixture *f = MEM_NEW(struct fixture);
	struct user_spec spec = { .aor = "alice@lab.test",
				  .display_name = "Alice",
				  .password = "secret",
				  .policy = { .enable_mobility = true, .enable_push = true } };

	assert_int_equal(loop_new(&f->loop), 0);
	loop_freeze(
		f->loop); /* time passes by fixture_advance() alone, however busy the machine is */
	f->config = (struct core_config){
		.invite_timeout_ms = 60000,
		.phone_linger_ms = 10000,
		.hang_up_linger_ms = 2000,
		.poll_timeout_ms = 180000,
		.session_expiry_ms = 259200000,
		.session_short_expiry_ms = 3600000,
		.repeat_window_ms = 2000,
		.min_expires_s = 60,
		.default_expires_s = 600,
		.max_expires_s = 7200,
		.max_endpoints = 4,
		.max_phones = 4,
		.max_conversations = 8,
		.max_events = 40,
		.max_watches = 3,
		.max_watched = 4,
		.watch_warning_ms = 60000,
		.inactive_timeout_ms = 300000,
		.max_missed = 3,
		.max_recent = 3,
		.max_message_bytes = 100,
		.max_history = 5,
		.enable_microsoft_push = true,
		.max_preview = 255,
		.withdraw_pushes = true,
		.enable_apple_push = true,
		.max_waiting_pushes = 100,
	};
	f->store = store_new(f->loop, true);
	f->core = core_new(&(struct core_args){
		.loop = f->loop,
		.config = &f->config,
		.ports = &(struct ports){ .push = &push_port,
					  .push_adapter = f,
					  .poll = &poll_port,
					  .poll_adapter = f,
					  .dial = &dial_port,
					  .dial_adapter = f,
					  .store = &store_memory_port,
					  .store_adapter = f->store },
	});
	assert_int_equal(user_add(f->core, &spec, &f->alice), 0);
	spec.aor = "bob@lab.test";
	spec.display_name = "Bob";
	assert_int_equal(user_add(f->core, &spec, &f->bob), 0);
	*state = f;
	return 0;
}

int fixture_teardown(void **state)
{
	struct fixture *f = *state;

	fixture_settle(f);
	if (f->core)
		assert_int_equal(f->core->metrics.unexpected_events_total.value, 0);
	f->core = core_free(f->core);
	fixture_settle(f);
	store_free(f->store);
	loop_free(f->loop);
	text_deinit(&f->pushes);
	while (n_legs) {
		text_deinit(&legs[--n_legs]->told);
		free(legs[n_legs]);
	}
	free(f);
	return 0;
}

void fixture_answer_pushes(struct fixture *f)
{
	const struct push_answer taken = { .sip_status = 200 };

	for (size_t i = 0; i < f->n_unanswered; i++)
		push_on_answer(f->core, f->unanswered[i], &taken);
	f->n_unanswered = 0;
}

void fixture_settle(struct fixture *f)
{
	if (f->core && f->takes_pushes)
		fixture_answer_pushes(f);
	for (int i = 0; i < 5; i++)
		loop_step(f->loop, 0);
}

void fixture_advance(struct fixture *f, int64_t ms)
{
	loop_jump(f->loop, ms);
	fixture_settle(f);
}

static void on_signed_in(void *magic, enum phone_result result, uint64_t phone_id, bool is_new)
{
	(void)is_new;
	assert_int_equal(result, PHONE_OK);
	*(uint64_t *)magic = phone_id;
}

struct phone *fixture_phone(struct fixture *f, struct user *u, const char *endpoint_id)
{
	uint64_t id = 0;
	struct phone *p;

	session_sign_in(u,
			&(struct phone_spec){ .endpoint_id = endpoint_id,
					      .user_agent = "WPLync/4.1.7947.0" },
			on_signed_in, &id);
	fixture_settle(f);
	p = phone_get(f->core, id);
	assert_non_null(p);
	phone_make_available(p);
	return p;
}

void fixture_subscribe(struct phone *p)
{
	struct subscription s = { .platform = mem_strdup("windowsPhone"),
				  .notification_uri = mem_strdup("http://127.0.0.1:1/x") };

	assert_int_equal(session_subscribe(p, &s), PHONE_OK);
	free(s.platform);
	free(s.notification_uri);
}

static void on_registered(void *magic, enum register_result result, const struct user *u)
{
	(void)u;
	*(enum register_result *)magic = result;
}

void fixture_register(struct fixture *f, const char *uri)
{
	enum register_result result = REGISTER_FAILED;
	struct register_contact contact = { .uri = uri, .expires_s = -1 };

	binding_register(f->core,
			 &(struct register_request){ .aor = "bob@lab.test",
						     .call_id = "r1",
						     .cseq = 1,
						     .route = uri,
						     .expires_s = -1,
						     .contacts = &contact,
						     .n_contacts = 1 },
			 on_registered, &result);
	fixture_settle(f);
	assert_int_equal(result, REGISTER_OK);
}

struct fake_leg *fixture_invite(struct fixture *f, const char *first_line, uint64_t *ret_id)
{
	struct fake_leg *l = fake_leg_new();
	uint64_t id = route_invite(f->core, &l->leg,
				   &(struct invitation){
					   .from = "alice@lab.test",
					   .from_name = "Alice",
					   .to = "bob@lab.test",
					   .first_line = first_line,
					   .first_line_type = first_line ? "text/plain" : NULL,
					   .key = "sip:test",
					   .may_repeat = true,
				   });

	if (ret_id)
		*ret_id = id;
	fixture_settle(f);
	return l;
}

static const char *const event_names[N_EVENT_KINDS] = {
	[EVENT_INVITATION_STARTED] = "invited",
	[EVENT_INVITATION_UPDATED] = "invited=",
	[EVENT_INVITATION_COMPLETED] = "completed",
	[EVENT_CONVERSATION_ADDED] = "conv+",
	[EVENT_CONVERSATION_UPDATED] = "conv=",
	[EVENT_CONVERSATION_DELETED] = "conv-",
	[EVENT_PARTICIPANT_ADDED] = "participant+",
	[EVENT_PARTICIPANT_UPDATED] = "participant=",
	[EVENT_PARTICIPANT_DELETED] = "participant-",
	[EVENT_LOCAL_DELETED] = "local-",
	[EVENT_LOCAL_ADDED] = "local+",
	[EVENT_LOCAL_MESSAGING] = "localIM+",
	[EVENT_PARTICIPANT_MESSAGING] = "IM+",
	[EVENT_LOCAL_MESSAGING_DELETED] = "localIM-",
	[EVENT_PARTICIPANT_MESSAGING_DELETED] = "IM-",
	[EVENT_MESSAGING_UPDATED] = "messaging",
	[EVENT_MESSAGE_COMPLETED] = "message",
	[EVENT_TYPING_ADDED] = "typing+",
	[EVENT_TYPING_DELETED] = "typing-",
	[EVENT_MISSED_UPDATED] = "missed",
	[EVENT_COMMUNICATION] = "communication",
	[EVENT_ME] = "me",
	[EVENT_MY_PRESENCE] = "my-presence",
	[EVENT_MY_NOTE] = "my-note",
	[EVENT_MY_LOCATION] = "my-location",
	[EVENT_WATCH_ADDED] = "watch+",
	[EVENT_WATCH_UPDATED] = "watch=",
	[EVENT_WATCH_DELETED] = "watch-",
	[EVENT_CONTACT_ADDED] = "contact+",
	[EVENT_CONTACT_DELETED] = "contact-",
	[EVENT_CONTACT_PRESENCE] = "presence",
	[EVENT_CONTACT_NOTE] = "note",
	[EVENT_CONTACT_LOCATION] = "location",
	[EVENT_CONTACT_MODALITIES] = "modalities",
	[EVENT_LIST_UPDATED] = "list=",
	[EVENT_LIST_JOINED] = "list+",
	[EVENT_LIST_LEFT] = "list-",
};

static void add_event(struct text *ret, const struct event *e)
{
	bool ends = e->kind == EVENT_INVITATION_COMPLETED;

	text_add(ret, event_names[e->kind]);
	if (e->text && !ends)
		text_addf(ret, "(%s)", e->text);
	else if (e->reason)
		text_addf(ret, "(%s)", e->reason);
	else if (e->state)
		text_addf(ret, "(%s)", e->state);
	text_add(ret, " ");
}

void fixture_events(struct fixture *f, struct phone *p, struct text *ret)
{
	static uint64_t poll_id = 1000;
	uint64_t packet = 0, phone_id = p->id;

	if (!p->poll_id && delivery_poll(p, p->events.packet + 1, ++poll_id, 0) == POLL_WRONG_ACK)
		fail();
	assert_int_equal(delivery_take(f->core, phone_id, p->poll_id, &packet), POLL_PACKET);
	text_reset(ret);
	list_for_each (node, &p->events.events)
		add_event(ret, LIST_ENTRY(node, struct event, of_queue));
}
