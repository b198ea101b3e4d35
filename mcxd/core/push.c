/*
 * Push
 */
#include "mcxd/core/push.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/core.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/metrics.h"
#include "mcxd/core/note.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/user.h"
#include "proto/push/body.h"
#include "proto/push/notification_uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

static void push_free(struct core *c, struct push *push)
{
	idtab_remove(&c->pushes, push->id);
	list_remove(&push->of_log);
	c->n_push_log--;
	free(push->user);
	free(push->platform);
	free(push->text);
	free(push->reason);
	free(push);
}

/* Pushes that wait for their answer stay: the adapter answers each of them in bounded time. */
static void drop_oldest(struct core *c)
{
	list_for_each_safe (node, &c->push_log) {
		struct push *push = LIST_ENTRY(node, struct push, of_log);

		if (c->n_push_log < c->config->max_history)
			return;
		if (push->answered_wall_us)
			push_free(c, push);
	}
}

struct push *push_add(struct core *c)
{
	struct push *push = MEM_NEW(struct push);

	drop_oldest(c);
	list_append(&c->push_log, &push->of_log);
	c->n_push_log++;
	return push;
}

static struct push *push_new(struct core *c, const char *user)
{
	struct push *push = push_add(c);

	push->id = idtab_add(&c->pushes, push);
	push->user = mem_strdup(user);
	push->state = "sent";
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
	if (!p->subscription.platform)
		return p->user->policy.enable_push
			       ? "No push subscription for target device"
			       : "Push notifications are not allowed for this user";
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
	char key[NOTE_KEY_SIZE], diag[TEXT_NUMBER_SIZE];

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
				     { "diag", push->diag_id
						       ? text_number(diag, (uint64_t)push->diag_id)
						       : NULL } } },
		 "push %s%s%s", push->state, detail ? ": " : "", detail ? detail : "");
}

uint64_t push_send(struct phone *p, const struct leg *leg, const char *text, unsigned n_tile)
{
	const struct conversation *v = leg->conversation;
	struct core *c = p->user->core;
	struct push *push = push_new(c, p->user->aor);

	push->conversation = v->id;
	push->phone = p->id;
	push->platform = mem_strdup(p->subscription.platform);
	push->text = mem_strdup(text);
	note_push(c, push, v->key, text);
	c->ports.push->send(c->ports.push_adapter,
			    &(struct push_message){
				    .id = push->id,
				    .conversation = v->id,
				    .user = p->user->aor,
				    .display_name = p->user->display_name,
				    .epid = p->epid,
				    .push_identity = p->push_identity,
				    .gruu_token = p->gruu_token,
				    .platform = push->platform,
				    .notification_uri = p->subscription.notification_uri,
				    .device_token = p->subscription.device_token,
				    .from_user = conversation_peer_aor(v, leg),
				    .from_name = conversation_peer_name(v, leg),
				    .text = text,
				    .modality = "text",
				    .importance = v->importance ? v->importance : "normal",
				    .missed = n_tile,
				    .wall_us = push->sent_wall_us,
			    });
	return push->id;
}

void push_test(struct core *c, const char *next_hop, push_test_h *done, void *magic)
{
	struct push *push = push_new(c, NULL);

	push->on_test_done = done;
	push->test_magic = magic;
	note_push(c, push, NULL, "synthetic transaction");
	c->ports.push->send(c->ports.push_adapter, &(struct push_message){
							   .id = push->id,
							   .modality = "text",
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

	if (!v)
		return;
	if (answered_well(push)) {
		conversation_set_pushed(v);
		return;
	}
	snprintf(reason, sizeof(reason), "Push notification %s: %s", push->state,
		 push->reason ? push->reason : "no reason was given");
	conversation_set_timeout_reason(v, reason);
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
	idtab_remove(&c->pushes, push_id);
	if (answered_well(push))
		push->state = "accepted";
	else
		push->state = answer->sip_status ? "refused" : "unanswered";
	metric_inc(answered_well(push) ? &c->metrics.pushes_accepted_total
				       : &c->metrics.pushes_failed_total);
	note_push(c, push, NULL, push->reason);
	tell_conversation(c, push);
	on_test_done = push->on_test_done;
	push->on_test_done = NULL;
	if (on_test_done)
		on_test_done(push->test_magic, push);
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
