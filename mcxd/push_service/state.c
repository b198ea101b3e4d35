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
#include "mcxd/push_service/notice.h"
#include "mcxd/push_service/private.h"
#include "mcxd/push_service/push_service.h"
#include "proto/push/mpns.h"
#include "proto/text/base64.h"
#include "proto/text/chars.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

/* Numbers that every reader of JSON has exactly, and times from which no sum overflows. */
#define MAX_NUMBER ((INT64_C(1) << 53) - 1)
#define MAX_MS     (INT64_C(20) * 365 * 86400 * 1000)

/* ---- writing ---- */

static struct json_object *write_notice(const struct notice *n, int64_t moment_us)
{
	const struct mpns_notification *content = &n->content;
	struct json_object *o = json_object_new_object();
	CLEANUP(text_deinit) struct text raw = TEXT_INIT;

	json_out_int(o, "number", (int64_t)n->number);
	json_out_string(o, "kind", mpns_kind_name(content->kind));
	json_out_optional(o, "text1", content->text1);
	json_out_optional(o, "text2", content->text2);
	json_out_optional(o, "param", content->param);
	json_out_optional(o, "title", content->title);
	json_out_optional(o, "backgroundImage", content->background_image);
	json_out_int(o, "count", content->count);
	base64_encode(&raw, n->raw, n->n_raw);
	json_out_optional(o, "rawBase64", n->raw ? text_str(&raw) : NULL);
	json_out_optional(o, "messageId", n->message_id);
	json_out_int(o, "atUs", n->received_wall_us - moment_us);
	json_out_int(o, "deliveries", n->deliveries);
	json_out_int(o, "delayMs", n->number ? 0 : loop_timer_left_ms(&n->delay));
	return o;
}

static struct json_object *write_channel(const struct channel *c, int64_t moment_us)
{
	struct json_object *o = json_object_new_object(), *notices = json_object_new_array();

	list_for_each (node, &c->carrier.notices)
		json_object_array_add(
			notices,
			write_notice(LIST_ENTRY(node, struct notice, of_carrier), moment_us));
	json_out_string(o, "id", c->id);
	json_out_string(o, "token", c->token);
	json_out_optional(o, "deviceName", c->phone_name);
	json_out_optional(o, "userAgent", c->user_agent);
	json_out_optional(o, "user", c->user);
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
	return list;
}

/* ---- reading: members ---- */

struct member {
	const char *name;
	enum json_type type;
	bool is_optional;
	int64_t min, max; /* of a number */
};

/* Strings are all names, or what people read: within the limits and without control characters. */
static const struct member channel_members[] = {
	{ "id", json_type_string, false, 0, 0 },
	{ "token", json_type_string, false, 0, 0 },
	{ "deviceName", json_type_string, true, 0, 0 },
	{ "userAgent", json_type_string, true, 0, 0 },
	{ "user", json_type_string, true, 0, 0 },
	{ "idleMs", json_type_int, false, 0, MAX_MS },
	{ "today", json_type_int, false, 0, MAX_NUMBER },
	{ "dayMs", json_type_int, false, 0, MAX_MS },
	{ "lastNumber", json_type_int, false, 0, MAX_NUMBER },
	{ "notices", json_type_array, false, 0, 0 },
};

static const struct member notice_members[] = {
	{ "number", json_type_int, false, 0, MAX_NUMBER },
	{ "kind", json_type_string, false, 0, 0 },
	{ "text1", json_type_string, true, 0, 0 },
	{ "text2", json_type_string, true, 0, 0 },
	{ "param", json_type_string, true, 0, 0 },
	{ "title", json_type_string, true, 0, 0 },
	{ "backgroundImage", json_type_string, true, 0, 0 },
	{ "count", json_type_int, false, -1, MPNS_MAX_COUNT },
	{ "rawBase64", json_type_string, true, 0, 0 },
	{ "messageId", json_type_string, true, 0, 0 },
	{ "atUs", json_type_int, false, -MAX_MS * 1000, MAX_MS * 1000 },
	{ "deliveries", json_type_int, false, 0, INT32_MAX },
	{ "delayMs", json_type_int, false, 0, MAX_MS },
};

static const char *string_of(struct json_object *o, const char *name)
{
	return json_object_get_string(json_object_object_get(o, name));
}

static int64_t number_of(struct json_object *o, const char *name)
{
	return json_object_get_int64(json_object_object_get(o, name));
}

static bool is_in_range(const struct member *m, struct json_object *value)
{
	int64_t n = json_object_get_int64(value);

	return m->type != json_type_int || (n >= m->min && n <= m->max);
}

/* What they are is checked by whoever uses them; a NUL would end one early. */
static bool is_text(const struct member *m, struct json_object *value)
{
	return m->type != json_type_string ||
	       strlen(json_object_get_string(value)) == (size_t)json_object_get_string_len(value);
}

static bool check_member(const struct member *m, struct json_object *o, struct text *why)
{
	struct json_object *value = json_object_object_get(o, m->name);

	if (!value && m->is_optional)
		return true;
	if (!value)
		text_addf(why, "\"%s\" is missing.", m->name);
	else if (!json_object_is_type(value, m->type))
		text_addf(why, "\"%s\" must be of type %s.", m->name, json_type_to_name(m->type));
	else if (!is_in_range(m, value))
		text_addf(why, "\"%s\" must be from %lld to %lld.", m->name, (long long)m->min,
			  (long long)m->max);
	else if (!is_text(m, value))
		text_addf(why, "\"%s\" must not have a NUL character.", m->name);
	return !why->n;
}

static bool is_member(const struct member *members, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(members[i].name, name))
			return true;
	return false;
}

static bool check_members(const struct member *members, size_t n, struct json_object *o,
			  struct text *why)
{
	json_object_object_foreach (o, name, value) {
		(void)value;
		if (is_member(members, n, name))
			continue;
		text_addf(why, "Unknown member \"%.40s\".", name);
		return false;
	}
	for (size_t i = 0; i < n; i++)
		if (!check_member(&members[i], o, why))
			return false;
	return true;
}

/* ---- reading: what they say together ---- */

static enum mpns_kind kind_of(const char *name)
{
	enum mpns_kind kind = MPNS_TOAST;

	while (kind < N_MPNS_KINDS && strcmp(mpns_kind_name(kind), name) != 0)
		kind++;
	return kind;
}

/* Those that are held back stand last, and have no number. */
static bool check_notice(struct json_object *o, int64_t *after, int64_t last, struct text *why)
{
	CLEANUP(text_deinit) struct text raw = TEXT_INIT;
	const char *encoded;
	int64_t number;

	if (!json_object_is_type(o, json_type_object)) {
		text_add(why, "A notice is an object.");
		return false;
	}
	if (!check_members(notice_members, ARRAY_SIZE(notice_members), o, why))
		return false;
	number = number_of(o, "number");
	encoded = string_of(o, "rawBase64");
	if (number ? number <= *after || number > last : *after < 0)
		text_add(why, "\"number\" must rise from notice to notice, up to lastNumber; those "
			      "that are held back have 0 and come last.");
	else if (kind_of(string_of(o, "kind")) == N_MPNS_KINDS)
		text_add(why, "\"kind\" must be toast, tile or raw.");
	else if (encoded && base64_decode(&raw, encoded, strlen(encoded)) < 0)
		text_add(why, "\"rawBase64\" must be base64.");
	*after = number ? number : MAX_NUMBER;
	return !why->n;
}

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

		if (check_notice(json_object_array_get_idx(list, i), &after,
				 number_of(channel, "lastNumber"), &what))
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

static bool check_channel(const struct push_service *service, struct json_object *o,
			  struct text *why)
{
	static const char *const names[] = { "deviceName", "userAgent", "user" };

	if (!json_object_is_type(o, json_type_object)) {
		text_add(why, "A channel is an object.");
		return false;
	}
	if (!check_members(channel_members, ARRAY_SIZE(channel_members), o, why))
		return false;
	if (!is_hex(string_of(o, "id"), 2 * CHANNEL_ID_BYTES) ||
	    !is_hex(string_of(o, "token"), 2 * CHANNEL_TOKEN_BYTES))
		text_addf(why, "\"id\" must be %d and \"token\" %d hexadecimal digits.",
			  2 * CHANNEL_ID_BYTES, 2 * CHANNEL_TOKEN_BYTES);
	for (size_t i = 0; i < ARRAY_SIZE(names) && !why->n; i++)
		if (!is_name(service, string_of(o, names[i])))
			text_addf(why, "\"%s\" must be a short line of text.", names[i]);
	return !why->n && check_notices(service, o, why);
}

/* Two of a name would be one. */
static bool is_first(struct setting_map *seen, struct json_object *o, struct text *why)
{
	static const char *const members[] = { "id", "token" };

	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		const char *value = string_of(o, members[i]);

		if (setting_map_get(seen, value)) {
			text_addf(why, "There are two with this \"%s\".", members[i]);
			return false;
		}
		setting_map_set(seen, value, "");
	}
	return true;
}

bool push_service_check(void *magic, struct json_object *channels, struct text *why)
{
	const struct push_service *service = magic;
	CLEANUP(setting_map_deinit) struct setting_map seen = { 0 };
	size_t n = json_object_array_length(channels);

	if ((int64_t)n > service->config->max_channels)
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

static struct notice *load_notice(struct json_object *o, int64_t moment_us)
{
	struct mpns_notification content = {
		.kind = kind_of(string_of(o, "kind")),
		.text1 = mem_strdup(string_of(o, "text1")),
		.text2 = mem_strdup(string_of(o, "text2")),
		.param = mem_strdup(string_of(o, "param")),
		.title = mem_strdup(string_of(o, "title")),
		.background_image = mem_strdup(string_of(o, "backgroundImage")),
		.count = (int)number_of(o, "count"),
	};
	struct notice *n = notice_new(&content, string_of(o, "messageId"));
	CLEANUP(text_deinit) struct text raw = TEXT_INIT;
	const char *encoded = string_of(o, "rawBase64");

	if (encoded && base64_decode(&raw, encoded, strlen(encoded)) >= 0) {
		n->raw = mem_memdup(text_str(&raw), raw.n);
		n->n_raw = raw.n;
	}
	n->number = (uint64_t)number_of(o, "number");
	n->received_wall_us = moment_us + number_of(o, "atUs");
	n->deliveries = (int)number_of(o, "deliveries");
	return n;
}

static void load_channel(struct push_service *service, struct json_object *o, int64_t moment_us)
{
	struct json_object *notices = json_object_object_get(o, "notices");
	int64_t now_ms = loop_now_ms(service->loop);
	struct channel *c =
		channel_restore(service, &(struct channel_names){
						 .id = string_of(o, "id"),
						 .token = string_of(o, "token"),
						 .phone_name = string_of(o, "deviceName"),
						 .user_agent = string_of(o, "userAgent"),
						 .user = string_of(o, "user"),
					 });

	if (!c)
		return;
	c->n_today = number_of(o, "today");
	c->day_start_ms = now_ms - number_of(o, "dayMs");
	c->carrier.last_seen_ms = now_ms - number_of(o, "idleMs");
	c->carrier.last_number = (uint64_t)number_of(o, "lastNumber");
	for (size_t i = 0; i < json_object_array_length(notices); i++) {
		struct json_object *notice = json_object_array_get_idx(notices, i);

		carrier_put_back(&c->carrier, load_notice(notice, moment_us),
				 number_of(notice, "delayMs"));
	}
}

void push_service_load(void *magic, struct json_object *channels, int64_t moment_us)
{
	struct push_service *service = magic;
	void *cursor = NULL;
	struct channel *c;

	while ((c = strtab_next(service->channels, &cursor)))
		channel_free(c, 503, "The lab has been imported");
	for (size_t i = 0; i < json_object_array_length(channels); i++)
		load_channel(service, json_object_array_get_idx(channels, i), moment_us);
}
