/*
 * Push service
 */
#include "mcxd/push_service/push_service.h"

#include "mcxd/base/fault.h"
#include "mcxd/base/idtab.h"
#include "mcxd/base/journal.h"
#include "mcxd/base/limit.h"
#include "mcxd/base/metric.h"
#include "mcxd/push_service/answer.h"
#include "mcxd/push_service/apns.h"
#include "mcxd/push_service/carrier.h"
#include "mcxd/push_service/channel.h"
#include "mcxd/push_service/channels.h"
#include "mcxd/push_service/ended.h"
#include "mcxd/push_service/mpns.h"
#include "mcxd/push_service/openapi.h"
#include "mcxd/push_service/private.h"
#include "proto/push/mpns.h"
#include "proto/record.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/url.h"
#include "web/http/http.h"
#include "web/http/openapi.h"
#include "web/http/struck.h"

#include <json-c/json.h>

static void on_health(void *magic, struct http_request *r)
{
	struct json_object *body = json_object_new_object();

	(void)magic;
	json_out_string(body, "status", "ok");
	http_answer_json(r, 200, NULL, body);
}

/* clang-format off */
static const struct http_route routes[] = {
	OPENAPI_ROUTE("POST", "/channels", channels_on_create, "Make a notification channel.",
	    NULL, "NewChannel", "201 Channel"),
	OPENAPI_ROUTE("GET", "/channels", channels_on_list, "List all channels.", NULL, NULL, "200 Channels"),
	OPENAPI_ROUTE("PUT", "/channels/{id}", channels_on_renew,
	    "Renew a channel: it gets another notification URI or device token, and keeps what waits.", NULL, NULL, "200 Channel"),
	OPENAPI_ROUTE("DELETE", "/channels/{id}", channels_on_delete, "End a channel.", NULL, NULL, "204"),
	OPENAPI_ROUTE("GET", "/channels/{id}/notifications", channels_on_carrier,
	    "The carrier connection: held until a notification comes.",
	    "after:int timeout:int", NULL, "200 Notifications"),
	OPENAPI_ROUTE("POST", MPNS_PATH "{token}", mpns_on_post, "Notify the phone of this channel (MPNS).",
	    NULL, NULL, "200"),
	OPENAPI_ROUTE("GET", "/health", on_health, "Whether the service is up.", NULL, NULL, "200 Health"),
	OPENAPI_ROUTE("GET", "/openapi.json", push_service_get_openapi, "This document.", NULL, NULL, "200 Document"),
};
/* clang-format on */

static void on_error(void *magic, struct http_request *r, int status, const char *why)
{
	(void)magic;
	push_service_refuse(r, status, why);
}

/* Carrier connection and MPNS record what travels on them themselves. */
static void after(void *magic, const struct http_request *r, int status)
{
	struct push_service *service = magic;
	const struct http_route *route = http_route(r);
	CLEANUP(mem_free_string) char *summary = NULL;
	char number[16];

	if (route && (!strcmp(http_method(r), "GET") || route->handler == mpns_on_post))
		return;
	summary = text_format("%s %s → %d", http_method(r), http_path(r), status);
	snprintf(number, sizeof(number), "%d", status);
	journal_add(service->journal,
		    &(struct record){
			    .kind = "http",
			    .from = http_peer(r),
			    .to = RECORD_HOP_PUSH_SERVICE,
			    .incoming = true,
			    .summary = summary,
			    .fields = (const struct record_field[]){ { "method", http_method(r) },
								     { "path", http_path(r) },
								     { "status", number },
								     { "resource", "channels" } },
			    .n_fields = 4,
		    });
}

/* What goes over none of the joints passes. */
static bool find_passing(struct push_service *service, const struct http_request *r,
			 const struct http_route *route, struct fault_passing *ret)
{
	const struct channel *c;

	if (route->handler == mpns_on_post) {
		ret->where = FAULT_CLEARING_HOUSE_PUSH_SERVICE;
		c = channel_of_token(service, CHANNEL_WINDOWS_PHONE, http_param(r, "token"));
	} else if (route->handler == channels_on_carrier) {
		ret->where = FAULT_PUSH_SERVICE_PHONE;
		c = strtab_get(service->channels, http_param(r, "id"));
	} else {
		return false;
	}
	ret->users[0] = c ? c->carrier.names.user : NULL;
	return true;
}

static bool before(void *magic, struct http_request *r, const struct http_route *route)
{
	struct push_service *service = magic;
	const struct http_joint joint = { service->faults, service->loop };
	CLEANUP(mem_free_string)
	char *key = route->handler == mpns_on_post ? mpns_key(r) : NULL;
	struct fault_passing p = { .key = key };
	bool is_post = route->handler == mpns_on_post, is_struck;
	int status;

	if (http_fault(r) || !find_passing(service, r, route, &p))
		return true;
	is_struck = http_is_struck(r, &joint, &p);
	if (is_post)
		mpns_record_request(service, r);
	status = http_fault_status(r);
	if (is_post && status) {
		mpns_answer_struck(service, r, status);
		return false;
	}
	return !is_struck || !http_fault_takes(r);
}

static int listen_http(struct push_service *service, struct metrics *metrics)
{
	const struct http_config config = {
		.listen = service->config->listen,
		.max_connections = service->config->max_connections,
		.max_body_bytes = service->config->max_body_bytes,
		.idle_timeout_ms = service->config->idle_timeout_ms,
	};
	const struct http_args args = {
		.loop = service->loop,
		.metrics = metrics,
		.name = RECORD_HOP_PUSH_SERVICE,
		.config = &config,
		.routes = routes,
		.n_routes = ARRAY_SIZE(routes),
		.before = before,
		.after = after,
		.on_error = on_error,
		.magic = service,
	};

	return http_new(&args, &service->http);
}

static char *make_url(const struct http *h)
{
	CLEANUP(mem_free_string) char *where = url_to_listener(http_listen(h));

	return text_concat("http://", where);
}

int push_service_new(const struct push_service_args *args, struct push_service **ret_push_service)
{
	struct push_service *service = MEM_NEW(struct push_service);
	const char *base = args->config->base_url;
	int r;

	service->loop = args->loop;
	service->journal = args->journal;
	service->faults = args->faults;
	service->config = args->config;
	service->routes = routes;
	service->n_routes = ARRAY_SIZE(routes);
	service->channels = strtab_new();
	service->by_token = strtab_new();
	service->ended = ended_new();
	service->metrics = (struct push_service_metrics)METRICS_INIT(PUSH_SERVICE_METRICS);
	service->budget.refused = &service->metrics.channels_refused_total;
	push_service_apply_config(service);
	r = listen_http(service, args->metrics);
	if (!r && args->config->apns && *args->config->apns)
		r = apns_new(service, args->metrics, args->apns_tls, &service->apns);
	if (r < 0) {
		push_service_free(service);
		return r;
	}
	faults_attend(service->faults, FAULT_CLEARING_HOUSE_PUSH_SERVICE, true);
	faults_attend(service->faults, FAULT_PUSH_SERVICE_PHONE, true);
	METRICS_ADD(args->metrics, "push_service", &service->metrics);
	service->url = base && *base ? mem_strdup(base) : make_url(service->http);
	*ret_push_service = service;
	return 0;
}

void push_service_apply_config(struct push_service *service)
{
	void *cursor = NULL;
	struct channel *c;

	service->budget.max = service->config->max_channels;
	ended_limit(service->ended, service->config->max_ended_tokens);
	while ((c = strtab_next(service->channels, &cursor)))
		channel_watch_expiry(c);
}

struct push_service *push_service_free(struct push_service *service)
{
	void *cursor = NULL;
	struct channel *c;

	if (!service)
		return NULL;
	apns_free(service->apns);
	while ((c = strtab_next(service->channels, &cursor)))
		channel_free(c, 503, "The push service is shutting down");
	http_free(service->http);
	strtab_free(service->channels);
	strtab_free(service->by_token);
	ended_free(service->ended);
	free(service->url);
	free(service);
	return NULL;
}

const char *push_service_url(const struct push_service *service)
{
	return service->url;
}

const char *push_service_apns_url(const struct push_service *service)
{
	return service->apns ? apns_url(service->apns) : NULL;
}
