/*
 * HTTP server: connections
 *
 * A connection owes us bytes from its beginning, or the end of its last answer, until a request is
 * complete. libmicrohttpd's timeout starts again with every byte, so that a client could keep a
 * connection for hours with a byte a second; ours does not. All have the same time, so that the
 * connections in the order of their last arming are in the order of their deadlines.
 */
#include "web/http/private.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

void http_conn_peer(const struct sockaddr *address, char *ret, size_t size)
{
	union {
		const struct sockaddr *any;
		const struct sockaddr_in *v4;
		const struct sockaddr_in6 *v6;
	} a = { .any = address };
	char host[INET6_ADDRSTRLEN] = "";

	switch (address->sa_family) {
	case AF_INET:
		inet_ntop(AF_INET, &a.v4->sin_addr, host, sizeof(host));
		snprintf(ret, size, "%s:%u", host, ntohs(a.v4->sin_port));
		break;
	case AF_INET6:
		inet_ntop(AF_INET6, &a.v6->sin6_addr, host, sizeof(host));
		snprintf(ret, size, "[%s]:%u", host, ntohs(a.v6->sin6_port));
		break;
	default: snprintf(ret, size, "unix"); break;
	}
}

/* Deadlines */

static void on_deadline(void *magic);

static void deadline_set_timer(struct http *h)
{
	const struct http_conn *first;
	int64_t left_ms;

	if (list_empty(&h->deadlines) || loop_timer_is_set(&h->deadline_timer))
		return;
	first = LIST_ENTRY(h->deadlines.next, struct http_conn, deadline);
	left_ms = first->due_ms - loop_real_ms(h->loop);
	loop_timer_set_real(h->loop, &h->deadline_timer, left_ms > 0 ? left_ms : 0, on_deadline, h);
}

static void time_out(struct http_conn *c)
{
	gnutls_session_t session = http_tls_session(c->mhd);

	http_conn_disarm(c);
	c->timed_out = true;
	http_count(c->http, HTTP_TIMEOUTS, 1);
	if (c->request)
		http_refuse_raw(c->request, 408);
	if (session)
		gnutls_bye(session, GNUTLS_SHUT_WR);
	/* libmicrohttpd sees the end of it and cleans up. */
	shutdown(c->fd, SHUT_RDWR);
}

static void on_deadline(void *magic)
{
	struct http *h = magic;
	int64_t now_ms = loop_real_ms(h->loop);

	while (!list_empty(&h->deadlines)) {
		struct http_conn *c = LIST_ENTRY(h->deadlines.next, struct http_conn, deadline);

		if (c->due_ms > now_ms)
			break;
		time_out(c);
	}
	deadline_set_timer(h);
}

void http_conn_arm(struct http_conn *c)
{
	struct http *h = c->http;

	list_remove(&c->deadline);
	c->due_ms = loop_real_ms(h->loop) + h->config.idle_timeout_ms;
	list_append(&h->deadlines, &c->deadline);
	deadline_set_timer(h);
}

void http_conn_disarm(struct http_conn *c)
{
	list_remove(&c->deadline);
}

/* Life */

struct http_conn *http_conn_new(struct http_shard *s, struct MHD_Connection *mhd)
{
	struct http *h = s->http;
	struct http_conn *c = MEM_NEW(struct http_conn);
	gnutls_session_t session = http_tls_session(mhd);

	c->http = h;
	c->shard = s;
	c->mhd = mhd;
	c->fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	http_conn_peer(
		MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr,
		c->peer, sizeof(c->peer));
	http_count(h, HTTP_CONNECTIONS, 1);
	/* Without credentials the handshake fails, which is all that can be done about it here. */
	if (session && http_tls_begin(h->tls, session) == 0)
		c->tls = http_tls_ref(h->tls);
	http_conn_arm(c);
	return c;
}

/* Did libmicrohttpd close it over something that never became a request? It does not say. */
static bool ended_in_junk(const struct http_conn *c)
{
	struct pollfd peer = { .fd = c->fd, .events = POLLRDHUP };

	if (c->request || c->last || c->timed_out || c->http->closing)
		return false;
	return poll(&peer, 1, 0) >= 0 && !(peer.revents & (POLLRDHUP | POLLERR));
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
	idtab_remove(h->watched, c->watched);
	if (ended_in_junk(c)) {
		http_count(h, HTTP_BAD_REQUESTS, 1);
		c->linger = true;
	}
	if (!h->closing && (c->linger || has_unread_input(c)))
		http_linger(h, c->fd);
	http_count(h, HTTP_CONNECTIONS, -1);
	http_tls_unref(c->tls);
	free(c);
}

void http_conn_write(struct http_conn *c, const char *p, size_t n)
{
	gnutls_session_t session = http_tls_session(c->mhd);

	if (session)
		gnutls_record_send(session, p, n);
	else
		send(c->fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT);
}
