/*
 * HTTP server: arrivals
 */
#include "web/http/arrival.h"

#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/net/address.h"
#include "proto/text/mem.h"
#include "proto/text/proxy_protocol.h"
#include "web/http/deadline.h"
#include "web/http/http.h"
#include "web/http/metrics.h"
#include "web/http/private.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

struct arrival {
	struct http *http;
	struct list node;
	struct http_deadline deadline;
	struct address proxy;
	int fd;
	struct loop_fd *watch;
	size_t n; /* bytes of the header that have been taken */
	char header[PROXY_PROTOCOL_MAX];
};

/* fd -1: it has been handed over. */
static void arrival_free(struct arrival *a)
{
	a->http->arrivals.n--;
	list_remove(&a->node);
	http_deadline_disarm(&a->deadline);
	loop_fd_free(a->watch);
	if (a->fd >= 0)
		close(a->fd);
	free(a);
}

static void refuse(struct arrival *a, const char *what)
{
	const struct http_args *args = &a->http->args;
	char peer[ADDRESS_TEXT_SIZE];

	metric_inc(&a->http->metrics.bad_requests_total);
	if (args->on_fault)
		args->on_fault(args->magic, address_format(&a->proxy, peer), what);
	arrival_free(a);
}

static void hand_over(struct arrival *a, const struct proxy_protocol *header)
{
	struct http *h = a->http;
	struct http_told told = { .is_told = header->has_tls, .is_tls = header->is_tls };
	struct address client = a->proxy;
	int fd = a->fd;

	if (header->has_address) {
		client = (struct address){ 0 };
		client.any.sa_family = header->is_v6 ? AF_INET6 : AF_INET;
		if (header->is_v6)
			memcpy(&client.v6.sin6_addr, header->address, sizeof(struct in6_addr));
		else
			memcpy(&client.v4.sin_addr, header->address, sizeof(struct in_addr));
		address_set_port(&client, header->port);
	}
	a->fd = -1;
	arrival_free(a);
	h->arrivals.on_arrived(h, fd, &client, told);
}

static void on_input(void *magic, int fd, unsigned events)
{
	struct arrival *a = magic;
	size_t room = sizeof(a->header) - a->n;
	ssize_t seen = recv(fd, a->header + a->n, room, MSG_PEEK | MSG_DONTWAIT);
	struct proxy_protocol header;
	size_t n_taken;
	int r;

	(void)events;
	if (seen < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (seen <= 0) {
		arrival_free(a);
		return;
	}
	r = proxy_protocol_decode(a->header, a->n + (size_t)seen, &header);
	n_taken = r == 0 ? header.n - a->n : (size_t)seen;
	if (r < 0 || recv(fd, a->header + a->n, n_taken, MSG_DONTWAIT) != (ssize_t)n_taken) {
		refuse(a, "received a connection without a valid PROXY header from a proxy");
		return;
	}
	a->n += n_taken;
	if (r == 0)
		hand_over(a, &header);
}

void http_arrival_add(struct http *h, int fd, const struct address *proxy)
{
	struct arrival *a = MEM_NEW(struct arrival);

	a->http = h;
	a->proxy = *proxy;
	a->fd = fd;
	h->arrivals.n++;
	list_append(&h->arrivals.all, &a->node);
	if (loop_fd_add(h->loop, fd, LOOP_IN, on_input, a, &a->watch) < 0) {
		arrival_free(a);
		return;
	}
	http_deadline_arm(&h->arrivals.deadlines, &a->deadline);
}

static void on_expired(struct http_deadline *d)
{
	struct arrival *a = LIST_ENTRY(d, struct arrival, deadline);

	metric_inc(&a->http->metrics.timeouts_total);
	arrival_free(a);
}

void http_arrivals_init(struct http *h, http_arrived_h *on_arrived)
{
	list_init(&h->arrivals.all);
	h->arrivals.on_arrived = on_arrived;
	http_deadlines_init(&h->arrivals.deadlines, h->loop, h->config.idle_timeout_ms, on_expired);
}

void http_arrivals_deinit(struct http *h)
{
	list_for_each_safe (node, &h->arrivals.all)
		arrival_free(LIST_ENTRY(node, struct arrival, node));
	http_deadlines_deinit(&h->arrivals.deadlines);
}
