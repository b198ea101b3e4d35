/*
 * Channel
 */
#include "mcxd/push_service/channel.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/limit.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/base/random.h"
#include "mcxd/push_service/carrier.h"
#include "mcxd/push_service/private.h"
#include "mcxd/push_service/push_service.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

static bool is_expired(const struct channel *c)
{
	return !carrier_is_held(&c->carrier) &&
	       carrier_idle_ms(&c->carrier) >= c->service->config->expiry_ms;
}

/* Phones come back under new channels and rarely delete the old ones. */
static void make_room(struct push_service *service)
{
	void *cursor = NULL;
	struct channel *c;

	while ((c = strtab_next(service->channels, &cursor)))
		if (is_expired(c))
			channel_free(c, 404, "The channel has expired");
}

struct channel *channel_restore(struct push_service *service, const struct channel_names *names)
{
	const char *user = names->user;
	struct channel *c;

	if (!budget_take(&service->budget, 1))
		return NULL;
	c = MEM_NEW(struct channel);
	c->service = service;
	memcpy(c->id, names->id, sizeof(c->id));
	memcpy(c->token, names->token, sizeof(c->token));
	c->phone_name = mem_strdup(names->phone_name);
	c->user_agent = mem_strdup(names->user_agent);
	if (!user && names->phone_name && strchr(names->phone_name, '@'))
		user = names->phone_name;
	c->user = mem_strdup(user);
	if (!user)
		user = names->phone_name ? names->phone_name : c->id;
	c->hop = text_concat(RECORD_PHONE_PREFIX, user);
	carrier_init(&c->carrier, service,
		     &(struct carrier_names){
			     .channel = c->id,
			     .hop = c->hop,
			     .user = c->user,
		     });
	c->day_start_ms = loop_now_ms(service->loop);
	strtab_add(service->channels, c->id, c);
	strtab_add(service->by_token, c->token, c);
	metric_inc(&service->metrics.channels);
	return c;
}

struct channel *channel_new(struct push_service *service, const char *phone_name,
			    const char *user_agent, const char *user)
{
	char id[2 * CHANNEL_ID_BYTES + 1], token[2 * CHANNEL_TOKEN_BYTES + 1];

	if (service->budget.used >= service->budget.max)
		make_room(service);
	random_hex(CHANNEL_ID_BYTES, id);
	random_hex(CHANNEL_TOKEN_BYTES, token);
	return channel_restore(service,
			       &(struct channel_names){ id, token, phone_name, user_agent, user });
}

void channel_free(struct channel *c, int status, const char *why)
{
	struct push_service *service = c->service;

	carrier_deinit(&c->carrier, status, why);
	strtab_remove(service->channels, c->id);
	strtab_remove(service->by_token, c->token);
	budget_give(&service->budget, 1);
	metric_add(&service->metrics.channels, -1);
	free(c->phone_name);
	free(c->user_agent);
	free(c->user);
	free(c->hop);
	free(c);
}

const char *channel_connection(const struct channel *c)
{
	const struct push_service_config *config = c->service->config;
	int64_t idle_ms = carrier_idle_ms(&c->carrier);

	if (carrier_is_held(&c->carrier) || idle_ms < config->connected_ms)
		return "Connected";
	return idle_ms < config->inactive_ms ? "TempDisconnected" : "Inactive";
}

bool channel_count_notification(struct channel *c)
{
	int64_t now = loop_now_ms(c->service->loop);

	if (now - c->day_start_ms >= DAY_MS) {
		c->day_start_ms = now;
		c->n_today = 0;
	}
	if (c->n_today >= c->service->config->max_per_day)
		return false;
	c->n_today++;
	return true;
}
