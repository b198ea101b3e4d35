/*
 * Platform
 */
#include "mcxd/push_service/channel.h"

#include "mcxd/base/log.h"
#include "proto/record.h"
#include "proto/text/chars.h"
#include "proto/text/json_in.h"
#include "proto/text/json_out.h"

#include <errno.h>

/* Depth of what POST /channels takes: one object of strings. */
#define JSON_DEPTH 3

const struct push_service_config push_service_defaults = {
	.listen = "127.0.0.1:0",
	.max_connections = 2000,
	.idle_timeout_ms = 60000,
	.max_body_bytes = 16384,
	.max_channels = 2000,
	.max_name_bytes = 256,
	.max_queue = 30,
	.max_per_day = 500,
	.carrier_timeout_ms = 30000,
	.max_carrier_timeout_ms = 600000,
	.connected_ms = 5000,
	.inactive_ms = INT64_C(7) * 24 * 3600 * 1000,
	.expiry_ms = INT64_C(30) * 24 * 3600 * 1000,
};

static const struct metric metric_rows[N_PUSH_SERVICE_METRICS] = {
	[PUSH_SERVICE_CHANNELS] = { "push_service_channels", "Notification channels that exist.",
				    METRIC_GAUGE },
	[PUSH_SERVICE_CHANNELS_REFUSED] = { "push_service_channels_refused_total",
					    "Channels that were refused at the limit.",
					    METRIC_COUNTER },
	[PUSH_SERVICE_NOTICES] = { "push_service_notices_total",
				   "Notifications that were received.", METRIC_COUNTER },
	[PUSH_SERVICE_NOTICES_DROPPED] = { "push_service_notices_dropped_total",
					   "Notifications that were well formed and not taken.",
					   METRIC_COUNTER },
	[PUSH_SERVICE_NOTICES_BAD] = { "push_service_notices_bad_total",
				       "Notifications that were refused as malformed.",
				       METRIC_COUNTER },
	[PUSH_SERVICE_DELIVERIES] = { "push_service_deliveries_total",
				      "Notifications that were written to a carrier request.",
				      METRIC_COUNTER },
};

static const char *error_code(int status)
{
	switch (status) {
	case 404: return "NotFound";
	case 405: return "MethodNotAllowed";
	case 406: return "Throttled";
	case 409: return "Conflict";
	case 412: return "Inactive";
	case 413: return "EntityTooLarge";
	case 431: return "HeadersTooLarge";
	case 503: return "ServiceUnavailable";
	default: return status >= 500 ? "ServiceFailure" : "BadRequest";
	}
}

void push_service_refuse(struct http_request *r, int status, const char *why)
{
	struct json_object *body = json_object_new_object();

	json_object_object_add(body, "code", json_object_new_string(error_code(status)));
	json_object_object_add(body, "message", json_object_new_string(why ? why : ""));
	http_answer_json(r, status, NULL, body);
}

/* Takes over the string. */
static void add_taken(struct json_object *o, const char *name, char *value)
{
	json_out_optional(o, name, value);
	free(value);
}

static struct json_object *channel_json(const struct channel *c)
{
	struct json_object *o = json_object_new_object();

	json_out_optional(o, "channelId", c->id);
	add_taken(o, "channel", text_format("/channels/%s", c->id));
	add_taken(o, "notificationUri",
		  text_format("%s" MPNS_PATH "%s", c->push_service->url, c->token));
	add_taken(o, "carrier", text_format("/channels/%s/notifications", c->id));
	json_out_optional(o, "deviceName", c->device_name);
	json_out_optional(o, "userAgent", c->user_agent);
	return o;
}

/* Control characters would break lines in the journal and the log. */
static bool is_name(const char *s, size_t n, int64_t max)
{
	if (n == 0 || (int64_t)n > max || strlen(s) != n)
		return false;
	for (; *s; s++)
		if (chars_is_control(*s))
			return false;
	return true;
}

/* An optional member of the body. Returns 0, or -EINVAL. */
static int get_name(const struct push_service *p, struct json_object *body, const char *name,
		    const char **ret)
{
	struct json_object *value;

	if (!json_object_object_get_ex(body, name, &value) || !value)
		return 0;
	if (!json_object_is_type(value, json_type_string))
		return -EINVAL;
	*ret = json_object_get_string(value);
	return is_name(*ret, (size_t)json_object_get_string_len(value), p->config->max_name_bytes)
		       ? 0
		       : -EINVAL;
}

/* The body as an object, an empty one when there is no body. */
static int parse_body(const struct http_request *r, struct json_object **ret, const char **ret_why)
{
	size_t n;
	const void *p = http_body(r, &n);

	if (n > 0)
		return json_in_object(p, n, JSON_DEPTH, ret, ret_why);
	*ret = json_object_new_object();
	return 0;
}

static void on_create(void *magic, struct http_request *r)
{
	struct push_service *p = magic;
	const char *device_name = NULL, *user_agent = NULL, *why;
	struct json_object *body;
	struct channel *c;

	if (parse_body(r, &body, &why) < 0) {
		push_service_refuse(r, 400, why);
		return;
	}
	if (get_name(p, body, "deviceName", &device_name) < 0 ||
	    get_name(p, body, "userAgent", &user_agent) < 0) {
		json_object_put(body);
		push_service_refuse(r, 400, "deviceName and userAgent are short lines of text");
		return;
	}
	c = channel_new(p, device_name, user_agent);
	json_object_put(body);
	if (!c) {
		log_warn("push-service", NULL, "no more channels than %lld",
			 (long long)p->config->max_channels);
		push_service_refuse(r, 503, "there are as many channels as this service keeps");
		return;
	}
	http_answer_json(r, 201, NULL, channel_json(c));
}

static void on_list(void *magic, struct http_request *r)
{
	struct push_service *p = magic;
	struct json_object *body = json_object_new_object();
	struct json_object *list = json_object_new_array();
	void *cursor = NULL;
	struct channel *c;

	while ((c = strtab_next(p->channels, &cursor))) {
		struct json_object *o = channel_json(c);

		json_out_optional(o, "connection", channel_connection(c));
		json_object_object_add(o, "pending", json_object_new_int64(channel_pending(c)));
		json_object_object_add(o, "today", json_object_new_int64(c->n_today));
		json_object_array_add(list, o);
	}
	json_object_object_add(body, "channels", list);
	http_answer_json(r, 200, NULL, body);
}

/* The channel of the path, or NULL when the request has been answered. */
static struct channel *find_channel(struct push_service *p, struct http_request *r)
{
	struct channel *c = strtab_get(p->channels, http_param(r, "id"));

	if (!c)
		push_service_refuse(r, 404, "there is no such channel (any more)");
	return c;
}

static void on_delete(void *magic, struct http_request *r)
{
	struct channel *c = find_channel(magic, r);

	if (!c)
		return;
	channel_free(c, 404, "the channel was deleted");
	http_answer(r, 204, NULL, NULL, 0);
}

static void on_carrier(void *magic, struct http_request *r)
{
	struct channel *c = find_channel(magic, r);

	if (c)
		carrier_on_request(c, r);
}

static void on_post(void *magic, struct http_request *r)
{
	mpns_service_on_post(magic, r);
}

static void on_health(void *magic, struct http_request *r)
{
	struct json_object *body = json_object_new_object();

	(void)magic;
	json_out_optional(body, "status", "ok");
	http_answer_json(r, 200, NULL, body);
}

static const struct http_route routes[] = {
	{ "POST", "/channels", on_create, 0, "Make a notification channel." },
	{ "GET", "/channels", on_list, 0, "All channels." },
	{ "DELETE", "/channels/{id}", on_delete, 0, "End a channel." },
	{ "GET", "/channels/{id}/notifications", on_carrier, 0,
	  "The carrier connection: held until a notification comes." },
	{ "POST", MPNS_PATH "{token}", on_post, 0, "Notify the phone of this channel (MPNS)." },
	{ "GET", "/health", on_health, 0, "Whether the service is up." },
};

static void on_error(void *magic, struct http_request *r, int status, const char *why)
{
	(void)magic;
	push_service_refuse(r, status, why);
}

/* What travelled on the carrier, and through MPNS, is recorded where it happens. */
static void after(void *magic, const struct http_request *r, int status)
{
	struct push_service *p = magic;
	const struct http_route *route = http_route(r);
	CLEANUP(mem_free_string) char *summary = NULL;
	char number[16];

	if (route && (!strcmp(http_method(r), "GET") || route->handler == on_post))
		return;
	summary = text_format("%s %s → %d", http_method(r), http_path(r), status);
	snprintf(number, sizeof(number), "%d", status);
	journal_add(p->journal,
		    &(struct record){
			    .kind = "http",
			    .from = http_peer(r),
			    .to = "push-service",
			    .incoming = true,
			    .summary = summary,
			    .fields = (const struct record_field[]){ { "method", http_method(r) },
								     { "path", http_path(r) },
								     { "status", number },
								     { "resource", "channels" } },
			    .n_fields = 4,
		    });
}

static int listen_http(struct push_service *p, struct metrics *metrics)
{
	const struct http_args args = {
		.loop = p->loop,
		.metrics = metrics,
		.name = "push-service",
		.config = &p->http_config,
		.routes = routes,
		.n_routes = ARRAY_SIZE(routes),
		.after = after,
		.on_error = on_error,
		.magic = p,
	};

	return http_new(&args, &p->http);
}

int push_service_new(const struct push_service_args *args, struct push_service **ret_push_service)
{
	struct push_service *p = MEM_NEW(struct push_service);
	const char *base = args->config->base_url;
	int r;

	p->loop = args->loop;
	p->journal = args->journal;
	p->config = args->config;
	p->http_config = (struct http_config){
		.listen = p->config->listen,
		.max_connections = p->config->max_connections,
		.max_body_bytes = p->config->max_body_bytes,
		.idle_timeout_ms = p->config->idle_timeout_ms,
	};
	p->channels = strtab_new();
	p->by_token = strtab_new();
	memcpy(p->metrics, metric_rows, sizeof(metric_rows));
	p->budget.max = args->config->max_channels;
	p->budget.refused = &p->metrics[PUSH_SERVICE_CHANNELS_REFUSED];
	r = listen_http(p, args->metrics);
	if (r < 0) {
		push_service_free(p);
		return r;
	}
	if (args->metrics)
		metrics_add(args->metrics, p->metrics, N_PUSH_SERVICE_METRICS);
	p->url = base && *base ? mem_strdup(base) : text_format("http://%s", http_listen(p->http));
	*ret_push_service = p;
	return 0;
}

struct push_service *push_service_free(struct push_service *p)
{
	void *cursor = NULL;
	struct channel *c;

	if (!p)
		return NULL;
	while ((c = strtab_next(p->channels, &cursor)))
		channel_free(c, 503, "the service goes down");
	http_free(p->http);
	strtab_free(p->channels);
	strtab_free(p->by_token);
	free(p->url);
	free(p);
	return NULL;
}

const char *platform_listen(const struct push_service *p)
{
	return http_listen(p->http);
}

const char *push_service_url(const struct push_service *p)
{
	return p->url;
}
