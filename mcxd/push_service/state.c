/*
 * State
 */
#include "mcxd/push_service/state.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/setting_map.h"
#include "mcxd/push_service/carrier.h"
#include "mcxd/push_service/channel.h"
#include "mcxd/push_service/ended.h"
#include "mcxd/push_service/notice.h"
#include "mcxd/push_service/private.h"
#include "mcxd/push_service/push_service.h"
#include "mcxd/push_service/state_ended.h"
#include "mcxd/push_service/state_member.h"
#include "mcxd/push_service/state_notice.h"
#include "proto/push/mpns.h"
#include "proto/text/chars.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

/* ---- writing ---- */

static struct json_object *write_channel(const struct channel *c, int64_t moment_us)
{
	struct json_object *o = json_object_new_object(), *notices = json_object_new_array();

	list_for_each (node, &c->carrier.notices)
		json_object_array_add(
			notices,
			state_notice_write(LIST_ENTRY(node, struct notice, of_carrier), moment_us));
	json_out_string(o, "id", c->id);
	json_out_string(o, "token", c->token);
	json_out_optional(o, "deviceName", c->phone_name);
	json_out_optional(o, "userAgent", c->user_agent);
	json_out_optional(o, "user", c->user);
	json_out_string(o, "platform", channel_platform_name(c->platform));
	json_out_optional(o, "topic", c->topic);
	json_out_optional(o, "serviceName", c->service_name);
	json_out_int(o, "suppressed", c->suppressed);
	json_out_int(o, "idleMs", carrier_is_held(&c->carrier) ? 0 : carrier_idle_ms(&c->carrier));
	json_out_int(o, "today", c->n_today);
	json_out_int(o, "dayMs", loop_now_ms(c->service->loop) - c->day_start_ms);
	json_out_int(o, "lastNumber", (int64_t)c->carrier.last_number);
	json_object_object_add(o, "notices", notices);
	return o;
}

struct json_object *push_service_write(void *magic, int64_t moment_us)
{
	const struct push_service *service = magic;
	struct json_object *list = json_object_new_array();
	void *cursor = NULL;
	const struct channel *c;

	while ((c = strtab_next(service->channels, &cursor)))
		json_object_array_add(list, write_channel(c, moment_us));
	state_ended_write(service, list, moment_us);
	return list;
}

/* ---- reading ---- */

/* Strings are all names, or what people read: within the limits and without control characters. */
static const struct state_member channel_members[] = {
	{ "id", json_type_string, false, 0, 0 },
	{ "token", json_type_string, false, 0, 0 },
	{ "deviceName", json_type_string, true, 0, 0 },
	{ "userAgent", json_type_string, true, 0, 0 },
	{ "user", json_type_string, true, 0, 0 },
	{ "platform", json_type_string, true, 0, 0 },
	{ "topic", json_type_string, true, 0, 0 },
	{ "serviceName", json_type_string, true, 0, 0 },
	{ "suppressed", json_type_int, true, 0, (1 << N_MPNS_KINDS) - 1 },
	{ "idleMs", json_type_int, false, 0, STATE_MAX_MS },
	{ "today", json_type_int, false, 0, STATE_MAX_NUMBER },
	{ "dayMs", json_type_int, false, 0, STATE_MAX_MS },
	{ "lastNumber", json_type_int, false, 0, STATE_MAX_NUMBER },
	{ "notices", json_type_array, false, 0, 0 },
};

static bool check_notices(const struct push_service *service, struct json_object *channel,
			  struct text *why)
{
	struct json_object *list = json_object_object_get(channel, "notices");
	int64_t after = 0;

	if ((int64_t)json_object_array_length(list) > service->config->max_queue) {
		text_addf(why, "notices: There can be %lld at a channel (push_service.max_queue).",
			  (long long)service->config->max_queue);
		return false;
	}
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		CLEANUP(text_deinit) struct text what = TEXT_INIT;

		if (state_notice_check(json_object_array_get_idx(list, i), &after,
				       state_number(channel, "lastNumber"), &what))
			continue;
		text_addf(why, "notices[%zu]: %s", i, text_str(&what));
		return false;
	}
	return true;
}

static bool is_hex(const char *s, int n)
{
	return (int)strlen(s) == n && (int)strspn(s, "0123456789abcdef") == n;
}

static bool is_name(const struct push_service *service, const char *s)
{
	size_t n = s ? strlen(s) : 0;

	return !s ||
	       (n && (int64_t)n <= service->config->max_name_bytes && !chars_have_control(s, n));
}

/* Without one it is of Windows Phone. */
static enum channel_platform platform_of(struct json_object *o)
{
	const char *name = state_string(o, "platform");

	return name ? channel_platform_of(name) : CHANNEL_WINDOWS_PHONE;
}

static bool check_channel(const struct push_service *service, struct json_object *o,
			  struct text *why)
{
	static const char *const names[] = { "deviceName", "userAgent", "user", "topic",
					     "serviceName" };
	enum channel_platform platform;

	if (!json_object_is_type(o, json_type_object)) {
		text_add(why, "A channel is an object.");
		return false;
	}
	if (state_is_ended(o))
		return state_ended_check(o, why);
	if (!state_check_members(channel_members, ARRAY_SIZE(channel_members), o, why))
		return false;
	platform = platform_of(o);
	if (platform == N_CHANNEL_PLATFORMS) {
		text_add(why, "\"platform\" must be windowsPhone or apple.");
		return false;
	}
	if (!is_hex(state_string(o, "id"), 2 * CHANNEL_ID_BYTES) ||
	    !is_hex(state_string(o, "token"), channel_token_digits(platform)))
		text_addf(why, "\"id\" must be %d and \"token\" %d hexadecimal digits.",
			  2 * CHANNEL_ID_BYTES, channel_token_digits(platform));
	else if (platform == CHANNEL_APPLE && !state_string(o, "topic"))
		text_add(why, "\"topic\" is missing.");
	for (size_t i = 0; i < ARRAY_SIZE(names) && !why->n; i++)
		if (!is_name(service, state_string(o, names[i])))
			text_addf(why, "\"%s\" must be a short line of text.", names[i]);
	return !why->n && check_notices(service, o, why);
}

/* Two of a name would be one. */
static bool is_first(struct setting_map *seen, struct json_object *o, struct text *why)
{
	static const char *const members[] = { "id", "token" };

	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		const char *value = state_string(o, members[i]);

		if (!value)
			continue;
		if (setting_map_get(seen, value)) {
			text_addf(why, "There are two with this \"%s\".", members[i]);
			return false;
		}
		setting_map_set(seen, value, "");
	}
	return true;
}

/* Of device tokens that have been, those beyond the limit are dropped. */
static int64_t count_live(struct json_object *channels)
{
	int64_t n = 0;

	for (size_t i = 0; i < json_object_array_length(channels); i++)
		n += !state_is_ended(json_object_array_get_idx(channels, i));
	return n;
}

bool push_service_check(void *magic, struct json_object *channels, struct text *why)
{
	const struct push_service *service = magic;
	CLEANUP(setting_map_deinit) struct setting_map seen = { 0 };
	size_t n = json_object_array_length(channels);

	if (count_live(channels) > service->config->max_channels)
		text_addf(why, "channels: There can be %lld (push_service.max_channels).",
			  (long long)service->config->max_channels);
	for (size_t i = 0; i < n && !why->n; i++) {
		struct json_object *o = json_object_array_get_idx(channels, i);
		CLEANUP(text_deinit) struct text what = TEXT_INIT;

		if (!check_channel(service, o, &what) || !is_first(&seen, o, &what))
			text_addf(why, "channels[%zu]: %s", i, text_str(&what));
	}
	return !why->n;
}

/* ---- loading ---- */

static void put_back(struct channel *c, struct notice *n, struct json_object *o)
{
	int64_t left_ms = state_notice_left_ms(o);

	if (carrier_put_back(&c->carrier, n, state_number(o, "delayMs")) && left_ms >= 0)
		carrier_keep_for(n, left_ms);
}

static void load_channel(struct push_service *service, struct json_object *o, int64_t moment_us)
{
	struct json_object *notices = json_object_object_get(o, "notices");
	int64_t now_ms = loop_now_ms(service->loop);
	struct channel *c = channel_restore(
		service, &(struct channel_traits){
				 .id = state_string(o, "id"),
				 .token = state_string(o, "token"),
				 .platform = platform_of(o),
				 .topic = state_string(o, "topic"),
				 .service_name = state_string(o, "serviceName"),
				 .suppressed = (unsigned)state_number(o, "suppressed"),
				 .phone_name = state_string(o, "deviceName"),
				 .user_agent = state_string(o, "userAgent"),
				 .user = state_string(o, "user"),
			 });

	if (!c)
		return;
	c->n_today = state_number(o, "today");
	c->day_start_ms = now_ms - state_number(o, "dayMs");
	c->carrier.last_seen_ms = now_ms - state_number(o, "idleMs");
	channel_watch_expiry(c);
	c->carrier.last_number = (uint64_t)state_number(o, "lastNumber");
	for (size_t i = 0; i < json_object_array_length(notices); i++) {
		struct json_object *notice = json_object_array_get_idx(notices, i);

		put_back(c, state_notice_load(notice, moment_us), notice);
	}
}

void push_service_load(void *magic, struct json_object *channels, int64_t moment_us)
{
	struct push_service *service = magic;
	void *cursor = NULL;
	struct channel *c;

	while ((c = strtab_next(service->channels, &cursor)))
		channel_free(c, 503, "The lab has been imported");
	ended_clear(service->ended);
	for (size_t i = 0; i < json_object_array_length(channels); i++) {
		struct json_object *o = json_object_array_get_idx(channels, i);

		if (state_is_ended(o))
			state_ended_load(service, o, moment_us);
		else
			load_channel(service, o, moment_us);
	}
}
