/*
 * HTTP server: connections
 */
#include "web/http/conn.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/metric.h"
#include "mcxd/net/address.h"
#include "mcxd/net/prefixes.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/deadline.h"
#include "web/http/http.h"
#include "web/http/linger.h"
#include "web/http/metrics.h"
#include "web/http/private.h"
#include "web/http/shard.h"
#include "web/http/suspend.h"
#include "web/http/tls.h"

#include <errno.h>
#include <poll.h>
#include <sys/ioctl.h>

void http_conn_arm(struct http_conn *c)
{
	http_deadline_arm(&c->http->deadlines, &c->deadline);
}

void http_conn_disarm(struct http_conn *c)
{
	http_deadline_disarm(&c->deadline);
}

struct http_conn *http_conn_of(struct MHD_Connection *mhd)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info->socket_context;
}

static void take_peer(struct http_conn *c, const struct sockaddr *from)
{
	struct address a;
	char name[ADDRESS_TEXT_SIZE];

	if (!address_from_sockaddr(from, sizeof(a), &a)) {
		text_join(c->peer, sizeof(c->peer), "unix");
		text_join(c->peer_host, sizeof(c->peer_host), "unix");
		return;
	}
	address_unmap(&a);
	text_join(c->peer, sizeof(c->peer), address_format(&a, name));
	text_join(c->peer_host, sizeof(c->peer_host), address_format_host(&a, false, name));
	c->is_trusted = prefixes_contain(c->http->trusted, &a);
}

struct http_conn *http_conn_new(struct http_shard *s, struct MHD_Connection *mhd)
{
	struct http *h = s->http;
	struct http_conn *c = MEM_NEW(struct http_conn);
	gnutls_session_t session = http_tls_session(mhd);

	c->http = h;
	c->shard = s;
	c->mhd = mhd;
	c->told = h->told;
	c->fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	take_peer(c, MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr);
	metric_inc(&h->metrics.connections);
	/* A connection cannot be refused from here; without credentials its handshake fails. */
	if (session && http_tls_begin(h->tls, session) == 0)
		c->tls = http_tls_ref(h->tls);
	http_conn_arm(c);
	return c;
}

/* Whether libmicrohttpd closes it because of bytes that never became a request. libmicrohttpd does not say so. It is so
 * if neither we nor the client have ended the connection; and if the client has, maybe in answer to libmicrohttpd's end of
 * it, one that libmicrohttpd has refused must be it. */
static bool ended_in_junk(const struct http_conn *c)
{
	struct pollfd peer = { .fd = c->fd, .events = POLLRDHUP };

	if (c->request || c->last || c->timed_out || c->http->closing)
		return false;
	return c->shard->n_refusals > 0 ||
	       (poll(&peer, 1, 0) >= 0 && !(peer.revents & (POLLRDHUP | POLLERR)));
}

void http_conn_fault(struct http_conn *c)
{
	const struct http_args *args = &c->http->args;

	metric_inc(&c->http->metrics.bad_requests_total);
	if (c->shard->n_refusals > 0)
		c->shard->n_refusals--;
	c->last = true;
	c->linger = true;
	if (args->on_fault)
		args->on_fault(args->magic, c->peer, "received data that is not HTTP");
}

static bool has_unread_input(const struct http_conn *c)
{
	int n = 0;

	return ioctl(c->fd, FIONREAD, &n) == 0 && n > 0;
}

void http_conn_free(struct http_conn *c)
{
	struct http *h = c->http;

	http_conn_disarm(c);
	idtab_remove(h->suspended.watched, c->watched);
	if (ended_in_junk(c))
		http_conn_fault(c);
	if (!h->closing && (c->linger || has_unread_input(c)))
		http_linger_add(&h->linger, c->fd);
	metric_add(&h->metrics.connections, -1);
	http_tls_unref(c->tls);
	free(c);
}

static ssize_t send_over_tls(gnutls_session_t session, const char *p, size_t n)
{
	ssize_t sent = gnutls_record_send(session, p, n);

	if (sent >= 0)
		return sent;
	return sent == GNUTLS_E_AGAIN || sent == GNUTLS_E_INTERRUPTED ? -EAGAIN : -EPIPE;
}

ssize_t http_conn_write(struct http_conn *c, const char *p, size_t n)
{
	gnutls_session_t session = http_tls_session(c->mhd);
	ssize_t sent;

	if (session)
		return send_over_tls(session, p, n);
	sent = send(c->fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT);
	return sent < 0 ? -errno : sent;
}

void http_conn_shut_down(struct http_conn *c)
{
	gnutls_session_t session = http_tls_session(c->mhd);

	if (session)
		gnutls_bye(session, GNUTLS_SHUT_WR);
	shutdown(c->fd, SHUT_RDWR);
}
