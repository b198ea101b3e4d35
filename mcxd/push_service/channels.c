/*
 * Channels: the push client service
 */
#include "mcxd/push_service/channels.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/limit.h"
#include "mcxd/base/log.h"
#include "mcxd/push_service/answer.h"
#include "mcxd/push_service/carrier.h"
#include "mcxd/push_service/channel.h"
#include "mcxd/push_service/private.h"
#include "mcxd/push_service/push_service.h"
#include "proto/push/apns.h"
#include "proto/push/mpns.h"
#include "proto/text/chars.h"
#include "proto/text/json_in.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

/* POST /channels takes one object of strings; members that we do not know may nest one deeper. */
enum { BODY_DEPTH = 3 };

/* ---- out ---- */

/* Takes over the string. */
static void add_taken(struct json_object *o, const char *name, char *value)
{
	json_out_string(o, name, value);
	free(value);
}

static void add_suppressed(struct json_object *o, const struct channel *c)
{
	struct json_object *list = json_object_new_array();

	for (int kind = 0; kind < N_MPNS_KINDS; kind++)
		if (c->suppressed >> kind & 1)
			json_object_array_add(
				list, json_object_new_string(mpns_kind_name((enum mpns_kind)kind)));
	json_object_object_add(o, "suppress", list);
}

static struct json_object *channel_json(const struct channel *c)
{
	struct json_object *o = json_object_new_object();

	json_out_string(o, "channelId", c->id);
	json_out_string(o, "platform", channel_platform_name(c->platform));
	add_taken(o, "channel", text_format("/channels/%s", c->id));
	if (c->platform == CHANNEL_APPLE) {
		json_out_string(o, "deviceToken", c->token);
		json_out_string(o, "topic", c->topic);
	} else {
		add_taken(o, "notificationUri",
			  text_format("%s" MPNS_PATH "%s", c->service->url, c->token));
		add_suppressed(o, c);
	}
	add_taken(o, "carrier", text_format("/channels/%s/notifications", c->id));
	json_out_optional(o, "deviceName", c->phone_name);
	json_out_optional(o, "userAgent", c->user_agent);
	json_out_optional(o, "user", c->user);
	json_out_optional(o, "serviceName", c->service_name);
	return o;
}

/* ---- in ---- */

/* Control characters would break lines of the journal and the log. */
static bool is_name(const char *s, size_t n, int64_t max)
{
	return n > 0 && (int64_t)n <= max && strlen(s) == n && !chars_have_control(s, n);
}

/* An optional string of the body; *ret stays as it is if there is none. */
static bool read_name(const struct push_service *service, struct json_object *body,
		      const char *name, const char **ret)
{
	struct json_object *value = json_in_find(body, name);

	if (!value)
		return true;
	if (!json_object_is_type(value, json_type_string))
		return false;
	*ret = json_object_get_string(value);
	return is_name(*ret, (size_t)json_object_get_string_len(value),
		       service->config->max_name_bytes);
}

/* The body as an object of the caller's; an empty object if there is no body. Returns NULL after
 * refusing a malformed one. */
static struct json_object *read_body(struct http_request *r)
{
	CLEANUP(mem_free_string) char *message = NULL;
	struct json_object *body;
	const char *why;
	size_t n;
	const void *p = http_body(r, &n);

	if (n == 0)
		return json_object_new_object();
	if (json_in_object(p, n, BODY_DEPTH, &body, &why) == 0)
		return body;
	message = text_format("Invalid JSON body: %s", why);
	push_service_refuse(r, 400, message);
	return NULL;
}

/* ---- requests ---- */

static bool read_names(const struct push_service *service, struct json_object *body,
		       struct channel_traits *ret)
{
	return read_name(service, body, "deviceName", &ret->phone_name) &&
	       read_name(service, body, "userAgent", &ret->user_agent) &&
	       read_name(service, body, "user", &ret->user) &&
	       read_name(service, body, "topic", &ret->topic) &&
	       read_name(service, body, "serviceName", &ret->service_name);
}

static bool read_platform(struct json_object *body, struct channel_traits *ret)
{
	struct json_object *value = json_in_find(body, "platform");

	if (!value)
		return true;
	if (!json_object_is_type(value, json_type_string))
		return false;
	ret->platform = channel_platform_of(json_object_get_string(value));
	return ret->platform < N_CHANNEL_PLATFORMS;
}

static bool read_suppressed(struct json_object *body, struct channel_traits *ret)
{
	struct json_object *list = json_in_find(body, "suppress");

	if (!list)
		return true;
	return json_object_is_type(list, json_type_array) &&
	       channel_kinds_read(list, &ret->suppressed);
}

/* NULL, or what is wrong. */
static const char *read_traits(const struct push_service *service, struct json_object *body,
			       struct channel_traits *ret)
{
	if (!read_names(service, body, ret))
		return "deviceName, userAgent, user, topic and serviceName must be short lines of "
		       "text";
	if (!read_platform(body, ret))
		return "platform must be windowsPhone or apple";
	if (!read_suppressed(body, ret))
		return "suppress must be a list of toast, tile and raw";
	if (ret->platform == CHANNEL_APPLE && !ret->topic)
		ret->topic = APNS_LAB_TOPIC;
	if (ret->platform == CHANNEL_APPLE ? ret->suppressed || ret->service_name
					   : ret->topic != NULL)
		return "suppress and serviceName are of windowsPhone, topic is of apple";
	return NULL;
}

void channels_on_create(void *magic, struct http_request *r)
{
	struct push_service *service = magic;
	struct channel_traits traits = { 0 };
	struct json_object *body;
	struct channel *c;
	const char *why;

	/* A notification URI of platform webhook may lead here. */
	if (http_header(r, "Webhook-Id")) {
		push_service_refuse(r, 403, "A webhook makes no channel.");
		return;
	}
	body = read_body(r);
	if (!body)
		return;
	why = read_traits(service, body, &traits);
	c = why ? NULL : channel_new(service, &traits);
	json_object_put(body);
	if (why) {
		push_service_refuse(r, 400, why);
		return;
	}
	if (!c) {
		log_warn("push_service", NULL, "channel limit reached (%lld)",
			 (long long)service->config->max_channels);
		push_service_refuse(r, 503, "Channel limit reached");
		return;
	}
	http_answer_json(r, 201, NULL, channel_json(c));
}

void channels_on_list(void *magic, struct http_request *r)
{
	struct push_service *service = magic;
	struct json_object *body = json_object_new_object();
	struct json_object *list = json_object_new_array();
	void *cursor = NULL;
	struct channel *c;

	while ((c = strtab_next(service->channels, &cursor))) {
		struct json_object *o = channel_json(c);

		json_out_string(o, "connection", channel_connection(c));
		json_out_int(o, "pending", c->carrier.queue.used);
		json_out_int(o, "today", c->n_today);
		json_object_array_add(list, o);
	}
	json_object_object_add(body, "channels", list);
	http_answer_json(r, 200, NULL, body);
}

/* The channel that the path names, or NULL after refusing the request. */
static struct channel *find_channel(struct push_service *service, struct http_request *r)
{
	struct channel *c = strtab_get(service->channels, http_param(r, "id"));

	if (!c)
		push_service_refuse(r, 404, "The channel does not exist or has ended");
	return c;
}

void channels_on_renew(void *magic, struct http_request *r)
{
	struct channel *c = find_channel(magic, r);

	if (!c)
		return;
	channel_renew(c);
	http_answer_json(r, 200, NULL, channel_json(c));
}

void channels_on_delete(void *magic, struct http_request *r)
{
	struct channel *c = find_channel(magic, r);

	if (!c)
		return;
	channel_free(c, 404, "The channel was deleted");
	http_answer(r, 204, NULL, NULL, 0);
}

void channels_on_carrier(void *magic, struct http_request *r)
{
	struct channel *c = find_channel(magic, r);

	if (c)
		carrier_on_request(&c->carrier, r);
}
