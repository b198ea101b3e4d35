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
#include "mcxd/push_service/ended.h"
#include "mcxd/push_service/private.h"
#include "mcxd/push_service/push_service.h"
#include "proto/push/apns.h"
#include "proto/push/body.h"
#include "proto/push/mpns.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <json-c/json.h>

#define DAY_MS (INT64_C(24) * 3600 * 1000)

static const struct platform_row {
	const char *name;
	int token_bytes;
} platforms[N_CHANNEL_PLATFORMS] = {
	[CHANNEL_WINDOWS_PHONE] = { PUSH_PLATFORM_WINDOWS_PHONE, CHANNEL_TOKEN_BYTES },
	[CHANNEL_APPLE] = { PUSH_PLATFORM_APPLE, CHANNEL_DEVICE_TOKEN_BYTES },
};

const char *channel_platform_name(enum channel_platform platform)
{
	return platforms[platform].name;
}

enum channel_platform channel_platform_of(const char *name)
{
	int i = 0;

	while (i < N_CHANNEL_PLATFORMS && strcmp(platforms[i].name, name) != 0)
		i++;
	return (enum channel_platform)i;
}

int channel_token_digits(enum channel_platform platform)
{
	return 2 * platforms[platform].token_bytes;
}

bool channel_kinds_read(struct json_object *list, unsigned *ret)
{
	unsigned set = 0;

	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *word = json_object_array_get_idx(list, i);
		enum mpns_kind kind = N_MPNS_KINDS;

		if (json_object_is_type(word, json_type_string))
			kind = mpns_kind_named(json_object_get_string(word));
		if (kind == N_MPNS_KINDS)
			return false;
		set |= 1U << kind;
	}
	*ret = set;
	return true;
}

/* ---- its end ---- */

/* What is asked for later is told that it has been. */
static void drop_token(struct channel *c, enum apns_reason reason)
{
	strtab_remove(c->service->by_token, c->token);
	if (c->platform == CHANNEL_APPLE)
		ended_add(c->service->ended, c->token, reason,
			  loop_wall_us(c->service->loop) / 1000);
}

static void end(struct channel *c, enum apns_reason reason, int status, const char *why)
{
	struct push_service *service = c->service;

	carrier_deinit(&c->carrier, status, why);
	loop_timer_stop(&c->expiry);
	drop_token(c, reason);
	strtab_remove(service->channels, c->id);
	budget_give(&service->budget, 1);
	metric_add(&service->metrics.channels, -1);
	free(c->phone_name);
	free(c->user_agent);
	free(c->user);
	free(c->hop);
	free(c->topic);
	free(c->service_name);
	free(c);
}

void channel_free(struct channel *c, int status, const char *why)
{
	end(c, APNS_UNREGISTERED, status, why);
}

static void on_expiry(void *magic)
{
	struct channel *c = magic;

	if (carrier_is_held(&c->carrier) ||
	    carrier_idle_ms(&c->carrier) < c->service->config->expiry_ms) {
		channel_watch_expiry(c);
		return;
	}
	metric_inc(&c->service->metrics.channels_expired_total);
	end(c, APNS_EXPIRED_TOKEN, 404, "The channel has expired");
}

/* The phone is seen often, so the timer stays where it is and looks again. */
void channel_watch_expiry(struct channel *c)
{
	int64_t expiry_ms = c->service->config->expiry_ms, left_ms = expiry_ms;

	if (!carrier_is_held(&c->carrier))
		left_ms -= carrier_idle_ms(&c->carrier);
	loop_timer_set(c->service->loop, &c->expiry, left_ms > 0 ? left_ms : 0, on_expiry, c);
}

/* ---- making one ---- */

static const char *user_of(const struct channel_traits *traits)
{
	if (!traits->user && traits->phone_name && strchr(traits->phone_name, '@'))
		return traits->phone_name;
	return traits->user;
}

struct channel *channel_restore(struct push_service *service, const struct channel_traits *traits)
{
	const char *user = user_of(traits);
	struct channel *c;

	if (!budget_take(&service->budget, 1))
		return NULL;
	c = MEM_NEW(struct channel);
	c->service = service;
	c->platform = traits->platform;
	text_join(c->id, sizeof(c->id), traits->id);
	text_join(c->token, sizeof(c->token), traits->token);
	c->phone_name = mem_strdup(traits->phone_name);
	c->user_agent = mem_strdup(traits->user_agent);
	c->user = mem_strdup(user);
	c->topic = mem_strdup(traits->topic);
	c->service_name = mem_strdup(traits->service_name);
	c->suppressed = traits->suppressed;
	if (!user)
		user = traits->phone_name ? traits->phone_name : c->id;
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
	channel_watch_expiry(c);
	return c;
}

struct channel *channel_new(struct push_service *service, const struct channel_traits *traits)
{
	char id[2 * CHANNEL_ID_BYTES + 1], token[2 * CHANNEL_DEVICE_TOKEN_BYTES + 1];
	struct channel_traits whole = *traits;

	random_hex(CHANNEL_ID_BYTES, id);
	random_hex((size_t)platforms[traits->platform].token_bytes, token);
	whole.id = id;
	whole.token = token;
	return channel_restore(service, &whole);
}

void channel_renew(struct channel *c)
{
	drop_token(c, APNS_UNREGISTERED);
	random_hex((size_t)platforms[c->platform].token_bytes, c->token);
	strtab_add(c->service->by_token, c->token, c);
}

/* ---- questions ---- */

struct channel *channel_of_token(const struct push_service *service, enum channel_platform platform,
				 const char *token)
{
	struct channel *c = strtab_get(service->by_token, token);

	return c && c->platform == platform ? c : NULL;
}

const char *channel_connection(const struct channel *c)
{
	const struct push_service_config *config = c->service->config;
	int64_t idle_ms = carrier_idle_ms(&c->carrier);

	if (carrier_is_held(&c->carrier) || idle_ms < config->connected_ms)
		return "Connected";
	return idle_ms < config->inactive_ms ? "TempDisconnected" : "Inactive";
}

bool channel_is_connected(const struct channel *c)
{
	return !strcmp(channel_connection(c), "Connected");
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
