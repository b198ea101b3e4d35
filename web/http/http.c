/*
 * HTTP server
 */
#include "web/http/http.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/log.h"
#include "mcxd/base/metric.h"
#include "mcxd/base/rate.h"
#include "mcxd/net/prefixes.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/arrival.h"
#include "web/http/deadline.h"
#include "web/http/gzip.h"
#include "web/http/linger.h"
#include "web/http/listener.h"
#include "web/http/metrics.h"
#include "web/http/park.h"
#include "web/http/private.h"
#include "web/http/refusal.h"
#include "web/http/request.h"
#include "web/http/route.h"
#include "web/http/serve.h"
#include "web/http/shard.h"
#include "web/http/slow.h"
#include "web/http/stream.h"
#include "web/http/suspend.h"
#include "web/http/tls.h"

#include <errno.h>

#define DEFAULT_CONNECTIONS      1000
#define DEFAULT_BODY_BYTES       INT64_C(65536)
#define DEFAULT_IDLE_MS          30000
#define DEFAULT_MEMORY_BYTES     10240
#define DEFAULT_STREAM_BYTES     INT64_C(1048576)
#define DEFAULT_LINGER_MS        1000
#define DEFAULT_PARKED_PER_SHARD 32

static int64_t or_default(int64_t value, int64_t default_value)
{
	return value > 0 ? value : default_value;
}

static void config_init(struct http *h, const struct http_config *config)
{
	h->cert_file = mem_strdup(config->cert_file);
	h->key_file = mem_strdup(config->key_file);
	h->config = (struct http_config){
		.max_connections = or_default(config->max_connections, DEFAULT_CONNECTIONS),
		.max_body_bytes = or_default(config->max_body_bytes, DEFAULT_BODY_BYTES),
		.idle_timeout_ms = or_default(config->idle_timeout_ms, DEFAULT_IDLE_MS),
		.memory_bytes = or_default(config->memory_bytes, DEFAULT_MEMORY_BYTES),
		.max_stream_bytes = or_default(config->max_stream_bytes, DEFAULT_STREAM_BYTES),
		.linger_ms = or_default(config->linger_ms, DEFAULT_LINGER_MS),
		.parked_per_shard = config->parked_per_shard > 0 ? config->parked_per_shard
								 : DEFAULT_PARKED_PER_SHARD,
		.proxy_protocol = config->proxy_protocol,
	};
}

static struct http *http_init(const struct http_args *args)
{
	struct http *h = MEM_NEW(struct http);

	h->loop = args->loop;
	h->name = mem_strdup(args->name);
	h->args = *args;
	h->args.name = NULL;
	h->args.config = NULL;
	h->listener.fd = -1;
	h->metrics = (struct http_metrics)METRICS_INIT(HTTP_METRICS);
	config_init(h, args->config);
	http_suspended_init(h, http_park_hung_up);
	http_deadlines_init(&h->deadlines, h->loop, h->config.idle_timeout_ms, http_serve_expired);
	http_linger_init(&h->linger, h->loop, h->config.linger_ms);
	http_arrivals_init(h, http_listener_on_arrived);
	h->router = http_router_new(args->routes, args->n_routes);
	h->waiting = args->ids_of ? args->ids_of->waiting : idtab_new();
	h->gzip = http_gzip_new();
	if (args->config->max_rate > 0)
		h->rates = rates_new(args->config->max_rate);
	return h;
}

static int load_tls(struct http *h)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	int err;

	if (!h->cert_file != !h->key_file) {
		log_error("http", h->name, "a certificate and its key must be given together");
		return -EINVAL;
	}
	if (!h->cert_file)
		return 0;
	err = http_tls_load(h->cert_file, h->key_file, &why, &h->tls);
	if (err)
		log_error("http", h->name, "%s", text_str(&why));
	return err;
}

static int read_proxies(struct http *h, const char *list)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;

	if (!list || !*list)
		return 0;
	h->trusted = prefixes_read(list, &why);
	if (h->trusted)
		return 0;
	log_error("http", h->name, "trusted proxies: %s", text_str(&why));
	return -EINVAL;
}

static int start(struct http *h, const struct http_config *config)
{
	int err = load_tls(h);

	if (!err)
		err = read_proxies(h, config->trusted_proxies);
	if (err)
		return err;
	err = http_suspended_start(h);
	if (err) {
		log_error("http", h->name, "cannot watch connections: %s", strerror(-err));
		return err;
	}
	h->shards = mem_zalloc(HTTP_MAX_SHARDS * sizeof(*h->shards));
	err = http_shard_start(h, &h->shards[0], &http_serve_calls);
	if (err)
		return err;
	h->n_shards = 1;
	return http_listener_open(h, config->listen);
}

static void add_metrics(struct http *h, struct metrics *set)
{
	CLEANUP(mem_free_string) char *prefix = text_concat("http_", h->name);

	METRICS_ADD(set, prefix, &h->metrics);
}

int http_new(const struct http_args *args, struct http **ret_http)
{
	struct http *h = http_init(args);
	int err = start(h, args->config);

	if (err) {
		http_free(h);
		return err;
	}
	add_metrics(h, args->metrics);
	log_info("http", h->name, "listening on %s%s", h->listener.address, h->tls ? " (TLS)" : "");
	*ret_http = h;
	return 0;
}

/* Answer parked requests with 503, end streams, and tell their holders. */
static void end_waiting(struct http *h)
{
	struct http_request *r;

	for (uint64_t cursor = 0; (r = idtab_next(h->waiting, &cursor));) {
		http_gone_h *on_gone = r->on_gone;
		void *magic = r->gone_magic;
		uint64_t id = r->id;

		if (r->http != h)
			continue;
		if (r->state == HTTP_SLOW) {
			http_slow_end(r);
			continue;
		}
		if (r->state == HTTP_STREAMING)
			http_stream_end_request(r);
		else
			http_refuse(r, 503, NULL);
		if (on_gone)
			on_gone(magic, id);
	}
	http_resume_all(h);
}

struct http *http_free(struct http *h)
{
	if (!h)
		return NULL;
	h->closing = true;
	http_listener_close(h);
	http_arrivals_deinit(h);
	end_waiting(h);
	for (int i = 0; i < h->n_shards; i++)
		http_shard_stop(&h->shards[i]);
	free(h->shards);
	http_linger_deinit(&h->linger);
	http_suspended_deinit(h);
	http_deadlines_deinit(&h->deadlines);
	if (!h->args.ids_of)
		idtab_free(h->waiting);
	http_router_free(h->router);
	http_tls_unref(h->tls);
	http_gzip_free(h->gzip);
	rates_free(h->rates);
	prefixes_free(h->trusted);
	free(h->cert_file);
	free(h->key_file);
	free(h->name);
	free(h);
	return NULL;
}

const char *http_listen(const struct http *h)
{
	return h->listener.address;
}

int http_reload(struct http *h)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	struct http_tls *fresh;
	int err;

	if (!h->tls)
		return 0;
	err = http_tls_load(h->cert_file, h->key_file, &why, &fresh);
	if (err) {
		log_error("http", h->name, "%s; the old certificate stays in use", text_str(&why));
		return err;
	}
	http_tls_unref(h->tls);
	h->tls = fresh;
	log_info("http", h->name, "reloaded the certificate");
	return 0;
}
