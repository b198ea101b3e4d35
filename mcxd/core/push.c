/*
 * Push
 */
#include "mcxd/core/push.h"
#include "mcxd/core/push/policy.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/base/random.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/core.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/metrics.h"
#include "mcxd/core/note.h"
#include "mcxd/core/party.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/push/queue.h"
#include "mcxd/core/subscription.h"
#include "mcxd/core/user.h"
#include "proto/diag.h"
#include "proto/push/body.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/utf8.h"

static void push_free(struct core *c, struct push *push)
{
	idtab_remove(&c->pushes, push->id);
	list_remove(&push->of_log);
	list_remove(&push->of_answered);
	c->n_push_log--;
	if (!push->answered_wall_us)
		c->n_waiting_pushes--;
	free(push->user);
	free(push->platform);
	free(push->text);
	free(push->channel);
	free(push->reason);
	free(push);
}

/* Pushes that wait for their answer stay: the adapter answers each of them in bounded time. */
static void drop_oldest(struct core *c)
{
	while (c->n_push_log >= c->config->max_history && !list_empty(&c->answered_pushes))
		push_free(c, LIST_ENTRY(c->answered_pushes.next, struct push, of_answered));
}

static struct push *push_add(struct core *c)
{
	struct push *push = MEM_NEW(struct push);

	drop_oldest(c);
	list_append(&c->push_log, &push->of_log);
	c->n_push_log++;
	return push;
}

struct push *push_restore(struct core *c, uint64_t id)
{
	struct push *push = push_add(c);

	push->id = id;
	idtab_add_as(&c->pushes, id, push);
	list_append(&c->answered_pushes, &push->of_answered);
	return push;
}

static struct push *push_new(struct core *c, const char *user)
{
	struct push *push = push_add(c);

	push->id = idtab_add(&c->pushes, push);
	push->user = mem_strdup(user);
	random_uuid(push->uuid);
	push->state = "waiting";
	c->n_waiting_pushes++;
	push->sent_us = loop_now_us(c->loop);
	push->sent_wall_us = loop_wall_us(c->loop);
	return push;
}

void push_key(char ret[NOTE_KEY_SIZE], uint64_t id)
{
	note_key(ret, "push:", id);
}

/* link: the key of its conversation. */
static void note_push(struct core *c, const struct push *push, const char *link, const char *detail)
{
	const struct phone *p = phone_get(c, push->phone);
	char key[NOTE_KEY_SIZE], diag[TEXT_NUMBER_SIZE], withdraws[TEXT_NUMBER_SIZE];

	push_key(key, push->id);
	note_add(c,
		 &(struct note){
			 .kind = "push",
			 .users = { push->user },
			 .phone = p ? p->app_id : NULL,
			 .key = key,
			 .link = link,
			 .fields = { { "state", push->state },
				     { "platform", push->platform },
				     { "withdraws",
				       push->withdraws ? text_number(withdraws, push->withdraws)
						       : NULL },
				     { "diag", push->diag_id
						       ? text_number(diag, (uint64_t)push->diag_id)
						       : NULL } } },
		 "push %s%s%s", push->state, detail ? ": " : "", detail ? detail : "");
}

/* A word that no other conversation of this front end has, or has had. */
static char *thread_of(const struct conversation *v)
{
	return text_format("%llx-%llx", (unsigned long long)v->id,
			   (unsigned long long)v->began_wall_us);
}

static const char *modality_of(const struct conversation *v)
{
	switch (v->media) {
	case MEDIA_AUDIO: return PUSH_MODALITY_AUDIO;
	case MEDIA_VIDEO: return PUSH_MODALITY_VIDEO;
	case MEDIA_TEXT:
	case MEDIA_OTHER: break;
	}
	return PUSH_MODALITY_TEXT;
}

/* What is too long ends in an ellipsis, which counts. */
static char *preview_of(const struct core *c, const char *text)
{
	size_t max = (size_t)c->config->max_preview, n;
	struct text preview = TEXT_INIT;

	if (!text || !max)
		return NULL;
	if (utf8_first(text, max) == strlen(text))
		return mem_strdup(text);
	n = utf8_cut(text, max - 1);
	text_add_bytes(&preview, text, n);
	text_add(&preview, "\u2026");
	return text_take(&preview);
}

/* ---- the end of one ---- */

static bool answered_well(const struct push *push)
{
	return push->sip_status / 100 == 2;
}

/* The sender will read it in the 408 if nobody comes. */
static void tell_conversation(struct core *c, const struct push *push)
{
	struct conversation *v = conversation_find(c, push->conversation);
	char reason[256];

	if (!v || push->withdraws)
		return;
	if (answered_well(push)) {
		conversation_set_pushed(v);
		return;
	}
	snprintf(reason, sizeof(reason), "Push notification %s: %s", push->state,
		 push->reason ? push->reason : "no reason was given");
	conversation_set_timeout_reason(v, reason);
}

static void settle(struct core *c, struct push *push, const char *state, const char *reason)
{
	push->answered_wall_us = loop_wall_us(c->loop);
	push->answered_us = loop_now_us(c->loop);
	push->state = state;
	push->reason = mem_strdup(reason);
	c->n_waiting_pushes--;
	note_push(c, push, NULL, reason);
}

/* At the very end of one, because a push that is sent meanwhile may drop what is in the list of the answered ones. */
static void rest(struct core *c, struct push *push)
{
	push_test_h *on_test_done = push->on_test_done;

	push->on_test_done = NULL;
	if (on_test_done)
		on_test_done(push->test_magic, push);
	list_append(&c->answered_pushes, &push->of_answered);
}

/* One that has not left its queue. */
static void drop(struct core *c, struct queued_push *e, const char *why, bool tells_caller)
{
	struct push *push = idtab_get(&c->pushes, e->message.id);

	queued_push_free(e);
	settle(c, push, "dropped", why);
	if (tells_caller)
		tell_conversation(c, push);
	rest(c, push);
}

void push_drop_waiting(struct phone *p, const char *why)
{
	struct queued_push *e;

	while ((e = push_queue_take(&p->pushes, 0)))
		drop(p->user->core, e, why, false);
}

/* ---- sending ---- */

/* v: what it is about; NULL: a test. */
static struct push *push_to(struct phone *p, const struct conversation *v)
{
	struct push *push = push_new(p->user->core, p->user->aor);

	push->conversation = v ? v->id : 0;
	push->phone = p->id;
	return push;
}

static void send_now(struct core *c, struct push *push, const struct push_message *m,
		     const char *link)
{
	push->state = "sent";
	push->sent_us = loop_now_us(c->loop);
	push->sent_wall_us = m->wall_us;
	metric_inc(&c->metrics.pushes_total);
	note_push(c, push, link,
		  push->withdraws ? "takes back what was pushed before" : push->text);
	c->ports.push->send(c->ports.push_adapter, m);
}

/* What a push says of its phone is what holds when it leaves. */
static void leave(struct phone *p, struct push *push, struct push_message *m, const char *link)
{
	const struct subscription *s = &p->subscription;

	mem_set_string(&push->platform, s->platform);
	mem_set_string(&push->channel, s->notification_uri ? s->notification_uri : s->device_token);
	m->uuid = push->uuid;
	m->user = p->user->aor;
	m->display_name = p->user->display_name;
	m->epid = p->epid;
	m->push_identity = p->push_identity;
	m->gruu_token = p->gruu_token;
	m->platform = s->platform;
	m->notification_uri = s->notification_uri;
	m->device_token = s->device_token;
	m->text = push->text;
	m->wall_us = loop_wall_us(p->user->core->loop);
	m->renewed = push->renewed = p->renewed;
	p->pushes.under_way = push->id;
	send_now(p->user->core, push, m, link);
}

/* The number on the tile is right without the oldest, and its conversation is the one that has waited longest. */
static void make_room(struct phone *p)
{
	struct core *c = p->user->core;

	while (p->pushes.n_waiting && p->pushes.n_waiting >= c->config->max_waiting_pushes) {
		metric_inc(&c->metrics.pushes_dropped_total);
		drop(c, push_queue_take(&p->pushes, 0), "Too many pushes wait for this phone",
		     true);
	}
}

/* link: the key of its conversation; NULL: a test. */
static void send_push(struct phone *p, struct push *push, struct push_message *m, const char *link)
{
	m->id = push->id;
	if (!push_queue_is_busy(&p->pushes)) {
		leave(p, push, m, link);
		return;
	}
	make_room(p);
	push->platform = mem_strdup(p->subscription.platform);
	push_queue_add(&p->pushes, m);
	note_push(p->user->core, push, link, "another one to this phone has no answer yet");
}

static void send_next(struct phone *p)
{
	struct core *c = p->user->core;
	struct queued_push *e;

	while (!p->pushes.under_way && (e = push_queue_take(&p->pushes, 0))) {
		const char *obstacle = push_obstacle(p);

		if (obstacle) {
			drop(c, e, obstacle, true);
			continue;
		}
		leave(p, idtab_get(&c->pushes, e->message.id), &e->message, NULL);
		queued_push_free(e);
	}
}

/* withdraws: the UUID of the push that it takes back; NULL: none. */
static void push_about(struct phone *p, const struct leg *leg, struct push *push,
		       const char *withdraws, unsigned n_tile)
{
	const struct conversation *v = leg->conversation;
	CLEANUP(mem_free_string) char *thread = thread_of(v);

	send_push(p, push,
		  &(struct push_message){
			  .conversation = v->id,
			  .withdraws = withdraws,
			  .thread = thread,
			  .from_user = conversation_peer_aor(v, leg),
			  .from_name = conversation_peer_name(v, leg),
			  .modality = modality_of(v),
			  .conference = v->conference,
			  .importance = v->importance ? v->importance : "normal",
			  .missed = n_tile,
		  },
		  v->key);
}

uint64_t push_send(struct phone *p, const struct leg *leg, const char *text, unsigned n_tile)
{
	struct push *push = push_to(p, leg->conversation);
	uint64_t id = push->id;

	push->text = preview_of(p->user->core, text);
	push_about(p, leg, push, NULL, n_tile);
	return id;
}

const struct push *push_find(const struct core *c, uint64_t id)
{
	return idtab_get(&c->pushes, id);
}

/* One that still waits does not leave at all; the push that takes it back does, because it has the new number for the tile. */
void push_withdraw(struct phone *p, const struct leg *leg, uint64_t push_id, unsigned n_tile)
{
	struct core *c = p->user->core;
	const struct push *withdrawn = push_find(c, push_id);
	struct queued_push *waiting;
	char uuid[RANDOM_UUID_SIZE];
	struct push *push;

	if (!withdrawn || !strcmp(withdrawn->state, "refused") ||
	    !strcmp(withdrawn->state, "dropped"))
		return;
	waiting = push_queue_take(&p->pushes, push_id);
	if (waiting)
		drop(c, waiting, "It was taken back before it was sent", false);
	/* The new one may push it out of the log. */
	memcpy(uuid, withdrawn->uuid, sizeof(uuid));
	push = push_to(p, leg->conversation);
	push->withdraws = push_id;
	metric_inc(&c->metrics.pushes_withdrawn_total);
	push_about(p, leg, push, uuid, n_tile);
}

static void test_phone(struct phone *p, struct push *push, unsigned n_tile, const char *next_hop)
{
	CLEANUP(mem_free_string)
	char *service = text_concat("mcx@", p->user->core->config->server_fqdn);

	push->text = mem_strdup("This is a test");
	send_push(p, push,
		  &(struct push_message){
			  .from_user = service,
			  .from_name = "Push notification test",
			  .modality = PUSH_MODALITY_TEXT,
			  .importance = "normal",
			  .missed = n_tile,
			  .next_hop = next_hop,
		  },
		  NULL);
}

void push_test(struct core *c, struct phone *p, unsigned n_tile, const char *next_hop,
	       push_test_h *done, void *magic)
{
	struct push *push = p ? push_to(p, NULL) : push_new(c, NULL);

	push->on_test_done = done;
	push->test_magic = magic;
	if (p) {
		test_phone(p, push, n_tile, next_hop);
		return;
	}
	send_now(c, push,
		 &(struct push_message){
			 .id = push->id,
			 .uuid = push->uuid,
			 .modality = PUSH_MODALITY_TEXT,
			 .importance = "normal",
			 .synthetic = true,
			 .wall_us = push->sent_wall_us,
			 .next_hop = next_hop,
		 },
		 NULL);
}

/* ---- answers ---- */

/* Unless the app has given another one since. */
static bool is_its_channel(const struct phone *p, const struct push *push)
{
	const char *channel = p->subscription.notification_uri;

	if (!channel)
		channel = p->subscription.device_token;
	return channel && push->channel && !strcmp(channel, push->channel);
}

/* Whoever refuses on the way to the clearing house, or there before it has read the push, leaves the channel among the dead. */
static void learn_of_channel(struct phone *p, const struct push *push)
{
	bool is_dead = !answered_well(push) && push->diag_id == diag_row(DIAG_PUSH_NO_CHANNEL)->id;

	if ((!answered_well(push) && !is_dead) || !is_its_channel(p, push))
		return;
	if (push->renewed && p->renewed) {
		p->renewed = false;
		phone_store(p, NULL, NULL);
	}
	if (is_dead)
		subscription_die(p);
}

void push_on_answer(struct core *c, uint64_t push_id, const struct push_answer *answer)
{
	struct push *push = idtab_get(&c->pushes, push_id);
	struct phone *p = push ? phone_get(c, push->phone) : NULL;
	const char *state = answer->sip_status ? "refused" : "unanswered";

	if (!push || push->answered_wall_us)
		return;
	push->sip_status = answer->sip_status;
	push->diag_id = answer->diag_id;
	settle(c, push, answered_well(push) ? "accepted" : state, answer->reason);
	metric_inc(answered_well(push) ? &c->metrics.pushes_accepted_total
				       : &c->metrics.pushes_failed_total);
	tell_conversation(c, push);
	if (p)
		learn_of_channel(p, push);
	rest(c, push);
	if (p) {
		p->pushes.under_way = 0;
		send_next(p);
	}
}

void push_test_withdraw(struct core *c, void *magic)
{
	list_for_each (node, &c->push_log) {
		struct push *push = LIST_ENTRY(node, struct push, of_log);

		if (push->on_test_done && push->test_magic == magic)
			push->on_test_done = NULL;
	}
}

static void leave_queue(struct core *c, const struct push *push)
{
	struct phone *p = phone_get(c, push->phone);
	struct queued_push *e = p ? push_queue_take(&p->pushes, push->id) : NULL;

	if (e)
		queued_push_free(e);
	if (p && p->pushes.under_way == push->id)
		p->pushes.under_way = 0;
}

void push_forget(struct core *c, const char *aor)
{
	list_for_each_safe (node, &c->push_log) {
		struct push *push = LIST_ENTRY(node, struct push, of_log);

		if (push->on_test_done || (aor && (!push->user || strcmp(push->user, aor) != 0)))
			continue;
		leave_queue(c, push);
		push_free(c, push);
	}
}

void push_free_all(struct core *c)
{
	list_for_each_safe (node, &c->push_log)
		push_free(c, LIST_ENTRY(node, struct push, of_log));
}
