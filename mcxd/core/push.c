/*
 * Push
 */
#include "mcxd/core/push.h"

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
#include "mcxd/core/subscription.h"
#include "mcxd/core/user.h"
#include "proto/diag.h"
#include "proto/push/body.h"
#include "proto/push/notification_uri.h"
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
	push->state = "sent";
	c->n_waiting_pushes++;
	push->sent_us = loop_now_us(c->loop);
	push->sent_wall_us = loop_wall_us(c->loop);
	metric_inc(&c->metrics.pushes_total);
	return push;
}

static bool reaches(const struct core_config *config, const struct notification_uri *uri)
{
	CLEANUP(mem_free_string)
	char *host = text_format("%.*s", (int)uri->n_host, uri->authority);

	return !config->push_reaches || config->push_reaches(config->push_hosts, host);
}

static const char *refuse_uri(const struct core_config *config, const char *s)
{
	struct notification_uri uri;
	const char *why;

	if (notification_uri_decode(s, &uri, &why))
		return why;
	if (config->push_allow_hosts &&
	    !notification_uri_is_allowed(&uri, config->push_allow_hosts))
		return "The host of the notification URI is not among those that push.allow_hosts, "
		       "or "
		       "else clearing_house.allow_hosts, lists";
	if (!reaches(config, &uri))
		return "The host of the notification URI is a name that is not in [hosts]";
	return NULL;
}

const char *push_refusal(const struct user *u, const struct subscription *s)
{
	const struct core_config *config = u->core->config;

	if (!u->policy.enable_push)
		return "Push notifications are not allowed for this user";
	if (!strcmp(s->platform, PUSH_PLATFORM_WINDOWS_PHONE) && !config->enable_microsoft_push)
		return "Microsoft push notifications are turned off (push.microsoft)";
	if (!strcmp(s->platform, PUSH_PLATFORM_APPLE) && !config->enable_apple_push)
		return "Apple push notifications are turned off, or the clearing house of this "
		       "process "
		       "cannot deliver them (push.apple)";
	return s->notification_uri ? refuse_uri(config, s->notification_uri) : NULL;
}

const char *push_obstacle(const struct phone *p)
{
	if (p->user->core->stopping)
		return "The server is shutting down";
	if (!p->subscription.platform && !p->user->policy.enable_push)
		return "Push notifications are not allowed for this user";
	if (!p->subscription.platform)
		return p->subscription.ended_wall_us
			       ? "Push subscription of target device has expired"
			       : "No push subscription for target device";
	return push_refusal(p->user, &p->subscription);
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

/* v: what it is about; NULL: a test. */
static struct push *push_to(struct phone *p, const struct conversation *v)
{
	const struct subscription *s = &p->subscription;
	struct push *push = push_new(p->user->core, p->user->aor);

	push->conversation = v ? v->id : 0;
	push->phone = p->id;
	push->platform = mem_strdup(s->platform);
	push->channel = mem_strdup(s->notification_uri ? s->notification_uri : s->device_token);
	return push;
}

/* What every push to a phone has; the rest says what it is about. */
static struct push_message message_to(const struct phone *p, const struct push *push)
{
	return (struct push_message){
		.id = push->id,
		.uuid = push->uuid,
		.user = p->user->aor,
		.display_name = p->user->display_name,
		.epid = p->epid,
		.push_identity = p->push_identity,
		.gruu_token = p->gruu_token,
		.platform = push->platform,
		.notification_uri = p->subscription.notification_uri,
		.device_token = p->subscription.device_token,
		.text = push->text,
		.importance = "normal",
		.wall_us = push->sent_wall_us,
	};
}

/* withdraws: the UUID of the push that it takes back; NULL: none. */
static void send_push(struct phone *p, const struct leg *leg, const struct push *push,
		      const char *withdraws, unsigned n_tile)
{
	const struct conversation *v = leg->conversation;
	const struct core *c = p->user->core;
	CLEANUP(mem_free_string) char *thread = thread_of(v);
	struct push_message m = message_to(p, push);

	m.conversation = v->id;
	m.withdraws = withdraws;
	m.thread = thread;
	m.from_user = conversation_peer_aor(v, leg);
	m.from_name = conversation_peer_name(v, leg);
	m.modality = modality_of(v);
	m.conference = v->conference;
	if (v->importance)
		m.importance = v->importance;
	m.missed = n_tile;
	c->ports.push->send(c->ports.push_adapter, &m);
}

uint64_t push_send(struct phone *p, const struct leg *leg, const char *text, unsigned n_tile)
{
	struct core *c = p->user->core;
	struct push *push = push_to(p, leg->conversation);

	push->text = preview_of(c, text);
	note_push(c, push, leg->conversation->key, push->text);
	send_push(p, leg, push, NULL, n_tile);
	return push->id;
}

const struct push *push_find(const struct core *c, uint64_t id)
{
	return idtab_get(&c->pushes, id);
}

void push_withdraw(struct phone *p, const struct leg *leg, uint64_t push_id, unsigned n_tile)
{
	struct core *c = p->user->core;
	const struct push *withdrawn = push_find(c, push_id);
	char uuid[RANDOM_UUID_SIZE];
	struct push *push;

	if (!withdrawn || !strcmp(withdrawn->state, "refused"))
		return;
	/* The new one may push it out of the log. */
	memcpy(uuid, withdrawn->uuid, sizeof(uuid));
	push = push_to(p, leg->conversation);
	push->withdraws = push_id;
	metric_inc(&c->metrics.pushes_withdrawn_total);
	note_push(c, push, leg->conversation->key, "takes back what was pushed before");
	send_push(p, leg, push, uuid, n_tile);
}

static void test_phone(struct phone *p, const struct push *push, unsigned n_tile,
		       const char *next_hop)
{
	const struct core *c = p->user->core;
	CLEANUP(mem_free_string) char *service = text_concat("mcx@", c->config->server_fqdn);
	struct push_message m = message_to(p, push);

	m.from_user = service;
	m.from_name = "Push notification test";
	m.modality = PUSH_MODALITY_TEXT;
	m.missed = n_tile;
	m.next_hop = next_hop;
	c->ports.push->send(c->ports.push_adapter, &m);
}

void push_test(struct core *c, struct phone *p, unsigned n_tile, const char *next_hop,
	       push_test_h *done, void *magic)
{
	struct push *push = p ? push_to(p, NULL) : push_new(c, NULL);

	push->on_test_done = done;
	push->test_magic = magic;
	if (p)
		push->text = mem_strdup("This is a test");
	note_push(c, push, NULL, p ? push->text : "synthetic transaction");
	if (p) {
		test_phone(p, push, n_tile, next_hop);
		return;
	}
	c->ports.push->send(c->ports.push_adapter, &(struct push_message){
							   .id = push->id,
							   .uuid = push->uuid,
							   .modality = PUSH_MODALITY_TEXT,
							   .importance = "normal",
							   .synthetic = true,
							   .wall_us = push->sent_wall_us,
							   .next_hop = next_hop,
						   });
}

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

/* The channel that it went to is dead, unless the app has given another one since. */
static void end_subscription(struct core *c, const struct push *push)
{
	struct phone *p = phone_get(c, push->phone);
	const char *channel = p ? p->subscription.notification_uri : NULL;

	if (p && !channel)
		channel = p->subscription.device_token;
	if (channel && push->channel && !strcmp(channel, push->channel))
		subscription_die(p);
}

void push_on_answer(struct core *c, uint64_t push_id, const struct push_answer *answer)
{
	struct push *push = idtab_get(&c->pushes, push_id);
	push_test_h *on_test_done;

	if (!push || push->answered_wall_us)
		return;
	push->answered_wall_us = loop_wall_us(c->loop);
	push->answered_us = loop_now_us(c->loop);
	push->sip_status = answer->sip_status;
	push->diag_id = answer->diag_id;
	push->reason = mem_strdup(answer->reason);
	c->n_waiting_pushes--;
	if (answered_well(push))
		push->state = "accepted";
	else
		push->state = answer->sip_status ? "refused" : "unanswered";
	metric_inc(answered_well(push) ? &c->metrics.pushes_accepted_total
				       : &c->metrics.pushes_failed_total);
	note_push(c, push, NULL, push->reason);
	tell_conversation(c, push);
	if (!answered_well(push) && push->diag_id == diag_row(DIAG_PUSH_NO_CHANNEL)->id)
		end_subscription(c, push);
	on_test_done = push->on_test_done;
	push->on_test_done = NULL;
	if (on_test_done)
		on_test_done(push->test_magic, push);
	/* Last, because a push that is sent meanwhile may drop what is in this list. */
	list_append(&c->answered_pushes, &push->of_answered);
}

void push_test_withdraw(struct core *c, void *magic)
{
	list_for_each (node, &c->push_log) {
		struct push *push = LIST_ENTRY(node, struct push, of_log);

		if (push->on_test_done && push->test_magic == magic)
			push->on_test_done = NULL;
	}
}

void push_forget(struct core *c, const char *aor)
{
	list_for_each_safe (node, &c->push_log) {
		struct push *push = LIST_ENTRY(node, struct push, of_log);

		if (!push->on_test_done && (!aor || (push->user && !strcmp(push->user, aor))))
			push_free(c, push);
	}
}

void push_free_all(struct core *c)
{
	list_for_each_safe (node, &c->push_log)
		push_free(c, LIST_ENTRY(node, struct push, of_log));
}
