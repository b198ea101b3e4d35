/*
 * Push
 */
#include "mcxd/core/push.h"

#include "mcxd/core/conversation.h"
#include "mcxd/core/metrics.h"
#include "mcxd/core/note.h"
#include "mcxd/core/phone_leg.h"

static void push_free(struct core *c, struct push *push)
{
	idtab_remove(c->pushes, push->id);
	list_remove(&push->of_log);
	c->n_push_log--;
	free(push->user);
	free(push->platform);
	free(push->text);
	free(push->reason);
	free(push);
}

/* Those that wait for their answer stay: the adapter answers every one of them in bounded time. */
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

static struct push *push_new(struct core *c, const char *user)
{
	struct push *push = MEM_NEW(struct push);

	drop_oldest(c);
	push->id = idtab_add(c->pushes, push);
	push->user = mem_strdup(user);
	push->state = "sent";
	push->sent_us = loop_now_us(c->loop);
	push->sent_wall_us = loop_wall_us(c->loop);
	list_append(&c->push_log, &push->of_log);
	c->n_push_log++;
	metric_inc(&c->metrics->pushes_total);
	return push;
}

const char *push_obstacle(const struct phone *p)
{
	const struct core_config *config = p->user->core->config;
	const char *platform = p->subscription.platform;

	if (p->user->core->stopping)
		return "The server is shutting down";
	if (!p->user->policy.enable_push)
		return "Push notifications are not allowed for this user";
	if (!platform)
		return "No push subscription for target device";
	if (!strcmp(platform, "windowsPhone") && !config->enable_microsoft_push)
		return "Microsoft push notifications are turned off";
	if (!strcmp(platform, "apple") && !config->enable_apple_push)
		return "Apple push notifications are turned off";
	return NULL;
}

static void note_push(struct core *c, const struct push *push, const char *key, const char *detail)
{
	char push_key[NOTE_KEY_SIZE], diag[TEXT_NUMBER_SIZE];

	note_push_key(push_key, push->id);
	note_add(c,
		 &(struct note){
			 .kind = "push",
			 .user = push->user,
			 .key = push_key,
			 .link = key,
			 .fields = { { "state", push->state },
				     { "platform", push->platform },
				     { "diag", push->diag_id
						       ? text_number(diag, (uint64_t)push->diag_id)
						       : NULL } } },
		 "push %s%s%s", push->state, detail ? ": " : "", detail ? detail : "");
}

/* For the tile: what was missed, and what rings and will be missed if nobody comes. */
static unsigned count_waiting(const struct phone *p)
{
	unsigned n = (unsigned)p->n_missed;
	const struct phone_leg *l = NULL;

	while ((l = phone_leg_next(p, l)))
		n += phone_leg_get_state(l) == PHONE_LEG_OFFERED;
	return n;
}

uint64_t push_send(struct phone *p, const struct conversation *v, const char *text)
{
	struct core *c = p->user->core;
	struct push *push = push_new(c, p->user->aor);

	push->conversation = v->id;
	push->phone = p->id;
	push->platform = mem_strdup(p->subscription.platform);
	push->text = mem_strdup(text);
	note_push(c, push, v->key, text);
	c->ports.push->send(c->ports.push_adapter,
			    &(struct push_notice){
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
				    .from_user = v->from,
				    .from_name = v->from_name,
				    .text = text,
				    .modality = "text",
				    .importance = v->importance ? v->importance : "normal",
				    .missed = count_waiting(p),
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
	c->ports.push->send(c->ports.push_adapter, &(struct push_notice){
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

/* What the sender will read in the 408, should nobody come. */
static void tell_conversation(struct core *c, const struct push *push)
{
	struct conversation *v = conversation_find(c, push->conversation);
	char info[256];

	if (!v)
		return;
	if (answered_well(push)) {
		conversation_set_pushed(v);
		return;
	}
	snprintf(info, sizeof(info), "Push notification %s: %s", push->state,
		 push->reason ? push->reason : "no reason was given");
	conversation_set_obstacle(v, info);
}

void push_on_answer(struct core *c, uint64_t push_id, const struct push_answer *answer)
{
	struct push *push = idtab_get(c->pushes, push_id);
	push_test_h *on_test_done;

	if (!push || push->answered_wall_us)
		return;
	push->answered_wall_us = loop_wall_us(c->loop);
	push->answered_us = loop_now_us(c->loop);
	push->sip_status = answer->sip_status;
	push->diag_id = answer->diag_id;
	push->reason = mem_strdup(answer->reason);
	idtab_remove(c->pushes, push_id);
	if (answered_well(push))
		push->state = "accepted";
	else
		push->state = answer->sip_status ? "refused" : "unanswered";
	metric_inc(answered_well(push) ? &c->metrics->pushes_accepted_total
				       : &c->metrics->pushes_failed_total);
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

void pushes_forget(struct core *c)
{
	list_for_each_safe (node, &c->push_log)
		push_free(c, LIST_ENTRY(node, struct push, of_log));
}
