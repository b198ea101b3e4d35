/*
 * HTTP/2 server
 */
#include "web/http/h2/server.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/list.h"
#include "mcxd/base/log.h"
#include "mcxd/base/metric.h"
#include "mcxd/net/address.h"
#include "mcxd/net/listener.h"
#include "mcxd/net/net.h"
#include "mcxd/net/stream.h"
#include "proto/text/mem.h"
#include "web/http/h2/private.h"

#include <errno.h>
#include <unistd.h>

/* Answers are short, so a client for which much waits is one that does not read. */
enum { MAX_UNSENT_BYTES = 256 * 1024, PAUSE_UNSENT_BYTES = 64 * 1024, LINGER_MS = 1000 };

static void on_accept(void *magic, int fd, const struct address *peer)
{
	struct h2_server *s = magic;

	if (s->metrics.connections.value < s->config.max_connections) {
		h2_connection_accept(s, fd, peer);
		return;
	}
	metric_inc(&s->metrics.refused_connections_total);
	close(fd);
}

static int open_listener(struct h2_server *s)
{
	struct listener_args args = { .net = s->net,
				      .on_accept = on_accept,
				      .magic = s,
				      .pauses = &s->metrics.accept_pauses_total };

	if (!address_read(s->config.listen, &args.local))
		return -EINVAL;
	return listener_open(&args, &s->listener);
}

int h2_server_new(const struct h2_args *args, struct h2_server **ret)
{
	struct h2_server *s = MEM_NEW(struct h2_server);
	int err;

	s->loop = args->loop;
	s->name = mem_strdup(args->name);
	s->config = *args->config;
	s->on_request = args->on_request;
	s->magic = args->magic;
	s->goaway_idle = args->goaway_idle;
	s->goaway_shutdown = args->goaway_shutdown;
	s->limits = (struct stream_limits){
		.max_kept = NET_READ_SIZE,
		.max_unsent = MAX_UNSENT_BYTES,
		.pause_unsent = PAUSE_UNSENT_BYTES,
		.handshake_ms = s->config.handshake_timeout_ms,
		.message_ms = s->config.handshake_timeout_ms,
		.unread_ms = s->config.unread_timeout_ms,
		.linger_ms = LINGER_MS,
	};
	s->net = net_new(s->loop);
	s->requests = idtab_new();
	list_init(&s->connections);
	s->metrics = (struct h2_metrics)METRICS_INIT(H2_METRICS);
	h2_session_init(s);
	err = open_listener(s);
	if (err) {
		log_error("http", NULL, "%s: cannot listen at %s: %s", s->name, s->config.listen,
			  strerror(-err));
		h2_server_free(s);
		return err;
	}
	address_format(listener_local(s->listener), s->listen);
	METRICS_ADD(args->metrics, s->name, &s->metrics);
	*ret = s;
	return 0;
}

struct h2_server *h2_server_free(struct h2_server *s)
{
	if (!s)
		return NULL;
	listener_close(s->listener);
	list_for_each (node, &s->connections)
		h2_connection_dismiss(LIST_ENTRY(node, struct h2_connection, of_server),
				      s->goaway_shutdown);
	/* Connections whose client has gone already end by that, and leave the list. */
	net_flush(s->net);
	list_for_each_safe (node, &s->connections)
		h2_connection_close(LIST_ENTRY(node, struct h2_connection, of_server));
	h2_session_deinit(s);
	idtab_free(s->requests);
	net_free(s->net);
	free(s->name);
	free(s);
	return NULL;
}

const char *h2_server_listen(const struct h2_server *s)
{
	return s->listen;
}

struct h2_request *h2_server_find(struct h2_server *s, uint64_t id)
{
	return idtab_get(s->requests, id);
}

const struct h2_metrics *h2_server_metrics(const struct h2_server *s)
{
	return &s->metrics;
}
