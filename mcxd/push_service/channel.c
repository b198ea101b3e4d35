/*
 * Channel
 */
#include "mcxd/push_service/channel.h"

#include "mcxd/base/random.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

static bool is_expired(const struct channel *c)
{
	int64_t idle = loop_now_ms(c->push_service->loop) - c->last_seen_ms;

	return !c->held && idle >= c->push_service->config->expiry_ms;
}

/* Phones come back under new channels and rarely delete the old ones. */
static void make_room(struct push_service *p)
{
	void *cursor = NULL;
	struct channel *c;

	while ((c = strtab_next(p->channels, &cursor)))
		if (is_expired(c))
			channel_free(c, 404, "the channel has expired");
}

struct channel *channel_new(struct push_service *p, const char *device_name, const char *user_agent)
{
	struct channel *c;

	if (p->budget.used >= p->budget.max)
		make_room(p);
	if (!budget_take(&p->budget, 1))
		return NULL;
	c = MEM_NEW(struct channel);
	c->push_service = p;
	random_hex(CHANNEL_ID_BYTES, c->id);
	random_hex(CHANNEL_TOKEN_BYTES, c->token);
	c->device_name = mem_strdup(device_name);
	c->user_agent = mem_strdup(user_agent);
	c->hop = text_format("phone:%s", device_name ? device_name : c->id);
	list_init(&c->notices);
	c->queue.max = p->config->max_queue;
	c->last_seen_ms = c->day_start_ms = loop_now_ms(p->loop);
	c->created_wall_us = loop_wall_us(p->loop);
	strtab_add(p->channels, c->id, c);
	strtab_add(p->by_token, c->token, c);
	p->metrics[PUSH_SERVICE_CHANNELS].value++;
	return c;
}

void notice_free(struct notice *n)
{
	if (!n)
		return;
	if (list_linked(&n->of_channel)) {
		list_remove(&n->of_channel);
		budget_give(&n->channel->queue, 1);
	}
	loop_timer_stop(&n->delay);
	mpns_deinit(&n->body);
	free(n->raw);
	free(n->message_id);
	free(n);
}

void channel_free(struct channel *c, int status, const char *why)
{
	carrier_refuse(c, status, why);
	list_for_each_safe (node, &c->notices)
		notice_free(LIST_ENTRY(node, struct notice, of_channel));
	strtab_remove(c->push_service->channels, c->id);
	strtab_remove(c->push_service->by_token, c->token);
	budget_give(&c->push_service->budget, 1);
	c->push_service->metrics[PUSH_SERVICE_CHANNELS].value--;
	free(c->device_name);
	free(c->user_agent);
	free(c->hop);
	free(c);
}

const char *channel_connection(const struct channel *c)
{
	const struct push_service_config *config = c->push_service->config;
	int64_t idle = loop_now_ms(c->push_service->loop) - c->last_seen_ms;

	if (c->held || idle < config->connected_ms)
		return "Connected";
	return idle < config->inactive_ms ? "TempDisconnected" : "Inactive";
}

bool channel_count_notice(struct channel *c)
{
	int64_t now = loop_now_ms(c->push_service->loop);

	if (now - c->day_start_ms >= DAY_MS) {
		c->day_start_ms = now;
		c->n_today = 0;
	}
	if (c->n_today >= c->push_service->config->max_per_day)
		return false;
	c->n_today++;
	return true;
}

/* Numbered notices stand in front, in order of their numbers. */
static void make_ready(struct notice *n)
{
	struct list *at = &n->channel->notices;

	list_for_each (node, &n->channel->notices) {
		if (LIST_ENTRY(node, struct notice, of_channel)->number == 0) {
			at = node;
			break;
		}
	}
	n->number = ++n->channel->last_number;
	/* Appending to a node's own ring position puts it right before that node. */
	list_append(at, &n->of_channel);
	carrier_offer(n->channel);
}

static void on_delay_over(void *magic)
{
	struct notice *n = magic;

	list_remove(&n->of_channel);
	make_ready(n);
}

bool channel_add(struct channel *c, struct notice *n, int delay_s)
{
	if (!budget_take(&c->queue, 1)) {
		notice_free(n);
		return false;
	}
	n->channel = c;
	n->received_wall_us = loop_wall_us(c->push_service->loop);
	if (delay_s == 0) {
		make_ready(n);
		return true;
	}
	list_append(&c->notices, &n->of_channel);
	loop_timer_set(c->push_service->loop, &n->delay, delay_s * INT64_C(1000), on_delay_over, n);
	return true;
}

int64_t channel_pending(const struct channel *c)
{
	return c->queue.used;
}
