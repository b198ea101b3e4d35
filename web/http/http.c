/*
 * HTTP server
 */
#include "web/http/http.h"

#include "web/http/private.h"

#include <errno.h>

#define DEFAULT_CONNECTIONS  1000
#define DEFAULT_BODY_BYTES   INT64_C(65536)
#define DEFAULT_IDLE_MS      30000
#define DEFAULT_MEMORY_BYTES 8192
#define DEFAULT_STREAM_BYTES INT64_C(1048576)
#define DEFAULT_LINGER_MS    1000

static const struct {
	const char *name; /* behind "http_<server>_" */
	const char *help;
	enum metric_kind kind;
} metric_rows[N_HTTP_METRICS] = {
	[HTTP_REQUESTS] = { "requests_total", "Requests that were received whole.",
			    METRIC_COUNTER },
	[HTTP_CONNECTIONS] = { "connections", "Connections that are open.", METRIC_GAUGE },
	[HTTP_REFUSED_CONNECTIONS] = { "refused_connections_total",
				       "Connections closed at once because there were too many.",
				       METRIC_COUNTER },
	[HTTP_BAD_REQUESTS] = { "bad_requests_total",
				"Requests, handshakes and junk that were not understood.",
				METRIC_COUNTER },
	[HTTP_OVERSIZED_BODIES] = { "oversized_bodies_total",
				    "Requests whose body was larger than allowed.",
				    METRIC_COUNTER },
	[HTTP_TIMEOUTS] = { "timeouts_total",
			    "Connections closed because they were idle or too slow.",
			    METRIC_COUNTER },
	[HTTP_PARKED] = { "parked", "Requests that wait for their answer.", METRIC_GAUGE },
	[HTTP_STREAMS] = { "streams", "Answers that go on.", METRIC_GAUGE },
	[HTTP_SLOW_READERS] = { "slow_readers_total",
				"Streams ended because their reader was too slow.",
				METRIC_COUNTER },
	[HTTP_HANGUPS] = { "hangups_total",
			   "Clients that hung up while their request or stream was waiting.",
			   METRIC_COUNTER },
	[HTTP_BODY_BYTES] = { "body_bytes_total", "Bytes of request bodies.", METRIC_COUNTER },
	[HTTP_ANSWER_BYTES] = { "answer_bytes_total", "Bytes of answers' bodies.", METRIC_COUNTER },
};

void http_count(struct http *h, enum http_metric which, int64_t by)
{
	metric_add(&h->metrics[which], by);
}

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
		.shards = config->shards > 0 ? config->shards : 1,
	};
}

static void metrics_init(struct http *h)
{
	for (size_t i = 0; i < N_HTTP_METRICS; i++) {
		h->metric_names[i] = text_format("http_%s_%s", h->name, metric_rows[i].name);
		h->metrics[i] = (struct metric){
			.name = h->metric_names[i],
			.help = metric_rows[i].help,
			.kind = metric_rows[i].kind,
		};
	}
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
	h->gone_epoll = -1;
	config_init(h, args->config);
	metrics_init(h);
	list_init(&h->resumes);
	list_init(&h->deadlines);
	list_init(&h->lingering);
	h->router = http_router_new(args->routes, args->n_routes);
	h->waiting = idtab_new();
	h->watched = idtab_new();
	return h;
}

static int start(struct http *h, const char *listen)
{
	int err;

	if (!h->cert_file != !h->key_file)
		return -EINVAL;
	if (h->cert_file) {
		err = http_tls_load(h->cert_file, h->key_file, &h->tls);
		if (err)
			return err;
	}
	err = http_park_init(h);
	if (err)
		return err;
	h->shards = mem_zalloc((size_t)h->config.shards * sizeof(*h->shards));
	for (; h->n_shards < h->config.shards; h->n_shards++) {
		err = http_shard_start(h, &h->shards[h->n_shards]);
		if (err)
			return err;
	}
	return http_listener_open(h, listen);
}

int http_new(const struct http_args *args, struct http **ret_http)
{
	struct http *h = http_init(args);
	int err = start(h, args->config->listen);

	if (err) {
		http_free(h);
		return err;
	}
	http_check_interposed(h);
	if (args->metrics)
		metrics_add(args->metrics, h->metrics, N_HTTP_METRICS);
	log_info("http", h->name, "listening on %s%s", h->listener.address, h->tls ? ", TLS" : "");
	*ret_http = h;
	return 0;
}

struct http *http_free(struct http *h)
{
	if (!h)
		return NULL;
	h->closing = true;
	http_listener_close(h);
	http_park_end_all(h);
	for (int i = 0; i < h->n_shards; i++)
		http_shard_stop(&h->shards[i]);
	free(h->shards);
	http_linger_free_all(h);
	http_park_deinit(h);
	loop_timer_stop(&h->deadline_timer);
	idtab_free(h->waiting);
	idtab_free(h->watched);
	http_router_free(h->router);
	http_tls_unref(h->tls);
	for (size_t i = 0; i < N_HTTP_METRICS; i++)
		free(h->metric_names[i]);
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
	struct http_tls *fresh;
	int err;

	if (!h->tls)
		return 0;
	err = http_tls_load(h->cert_file, h->key_file, &fresh);
	if (err)
		return err;
	http_tls_unref(h->tls);
	h->tls = fresh;
	log_info("http", h->name, "certificate loaded again");
	return 0;
}
