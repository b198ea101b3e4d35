/*
 * HTTP server: the listening socket
 */
#include "web/http/listener.h"

#include "mcxd/base/log.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/net/address.h"
#include "mcxd/net/prefixes.h"
#include "proto/text/mem.h"
#include "web/http/arrival.h"
#include "web/http/http.h"
#include "web/http/linger.h"
#include "web/http/metrics.h"
#include "web/http/private.h"
#include "web/http/serve.h"
#include "web/http/shard.h"

#include <errno.h>
#include <microhttpd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG      1024
#define ACCEPT_BATCH 64
#define RETRY_MS     100

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* ---- accepting ---- */

static void refuse(struct http *h, int fd)
{
	static const char answer[] = "HTTP/1.1 503 Service Unavailable\r\n"
				     "Content-Type: text/plain\r\n"
				     "Content-Length: 21\r\n"
				     "Retry-After: " HTTP_RETRY_AFTER_S "\r\n"
				     "Cache-Control: no-store\r\n"
				     "Connection: close\r\n\r\n"
				     "Too many connections\n";

	metric_inc(&h->metrics.refused_connections_total);
	if (!h->tls) {
		char unread[4096];

		send(fd, answer, sizeof(answer) - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
		/* Closing with unread input would send a reset, and the client would lose the
		 * answer. */
		recv(fd, unread, sizeof(unread), MSG_DONTWAIT);
	}
	close(fd);
}

/* Use as few shards as the parked requests need: each active shard costs a run of its own in every
 * round of the loop. If another one cannot be started, those that run share what comes. */
static struct http_shard *pick_shard(struct http *h)
{
	int64_t n_in_use = 1 + h->metrics.parked.value / h->config.parked_per_shard;

	if (n_in_use > HTTP_MAX_SHARDS)
		n_in_use = HTTP_MAX_SHARDS;
	if (n_in_use > h->n_shards &&
	    !http_shard_start(h, &h->shards[h->n_shards], &http_serve_calls))
		h->n_shards++;
	if (n_in_use > h->n_shards)
		n_in_use = h->n_shards;
	h->next_shard = (int)((h->next_shard + 1) % n_in_use);
	return &h->shards[h->next_shard];
}

/* The shard then runs by itself, since its epoll set reports the new socket. If this fails, it has closed the socket. */
static void hand_over(struct http *h, int fd, const struct sockaddr *address, socklen_t n_address)
{
	if (MHD_add_connection(pick_shard(h)->daemon, fd, address, n_address) != MHD_YES)
		metric_inc(&h->metrics.refused_connections_total);
}

void http_listener_on_arrived(struct http *h, int fd, const struct address *client,
			      struct http_told told)
{
	/* libmicrohttpd takes no more than the address along; it reports the connection before it returns. */
	h->told = told;
	hand_over(h, fd, &client->any, address_length(client));
	h->told = (struct http_told){ 0 };
}

static void admit(struct http *h, int fd, const struct sockaddr *address, socklen_t n_address)
{
	struct address peer;

	if (h->metrics.connections.value + h->arrivals.n + h->linger.n_sockets >=
	    h->config.max_connections)
		refuse(h, fd);
	else if (h->config.proxy_protocol && address_from_sockaddr(address, n_address, &peer) &&
		 prefixes_contain(h->trusted, &peer))
		http_arrival_add(h, fd, &peer);
	else
		hand_over(h, fd, address, n_address);
}

static void on_retry(void *magic)
{
	struct http *h = magic;

	if (loop_fd_set_events(h->listener.watch, LOOP_IN) < 0)
		loop_timer_set_real(h->loop, &h->listener.retry, RETRY_MS, on_retry, h);
}

/* Out of descriptors or memory: the socket stays readable, so without a pause the loop would spin. */
static void pause_accepting(struct http *h)
{
	int error = errno;
	int64_t n_left_out;

	metric_inc(&h->metrics.accepts_paused_total);
	if (log_throttle_passes(&h->listener.shortages, loop_real_ms(h->loop), &n_left_out))
		log_warn("http", h->name,
			 "cannot accept connections: %s; trying again until it works",
			 strerror(error));
	loop_fd_set_events(h->listener.watch, 0);
	loop_timer_set_real(h->loop, &h->listener.retry, RETRY_MS, on_retry, h);
}

static void on_accept(void *magic, int fd, unsigned events)
{
	struct http *h = magic;

	(void)events;
	for (int i = 0; i < ACCEPT_BATCH; i++) {
		struct sockaddr_storage address = { 0 };
		socklen_t n_address = sizeof(address);
		int client = accept4(fd, (struct sockaddr *)&address, &n_address,
				     SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (client >= 0) {
			admit(h, client, (struct sockaddr *)&address, n_address);
			continue;
		}
		if (errno == ECONNABORTED || errno == EINTR)
			continue;
		if (errno != EAGAIN && errno != EWOULDBLOCK)
			pause_accepting(h);
		return;
	}
}

/* ---- opening ---- */

static int listen_at(struct http *h, const struct sockaddr *address, socklen_t n_address)
{
	struct http_listener *l = &h->listener;
	int on = 1;

	l->fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (l->fd < 0)
		return -errno;
	if (address->sa_family != AF_UNIX)
		setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	else if (fchmod(l->fd, S_IRUSR | S_IWUSR) < 0) /* before it has a path */
		return -errno;
	if (bind(l->fd, address, n_address) < 0 || listen(l->fd, BACKLOG) < 0)
		return -errno;
	return loop_fd_add(h->loop, l->fd, LOOP_IN, on_accept, h, &l->watch);
}

/* Remove a socket that an ended process left behind. One that answers, and any other kind of file, is
 * left alone: -EADDRINUSE. */
static int clear_stale(const struct sockaddr_un *address)
{
	struct stat st;
	int fd, err;

	if (lstat(address->sun_path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EADDRINUSE;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	err = connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 ? errno : 0;
	close(fd);
	if (err != ECONNREFUSED)
		return -EADDRINUSE;
	return unlink(address->sun_path) < 0 ? -errno : 0;
}

static int open_unix(struct http *h, const char *path)
{
	struct http_listener *l = &h->listener;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t n = strlen(path);
	struct stat st;
	int err;

	if (n >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, n + 1);
	err = clear_stale(&address);
	if (!err)
		err = listen_at(h, (const struct sockaddr *)&address, sizeof(address));
	if (err)
		return err;
	if (stat(address.sun_path, &st) < 0)
		return -errno;
	l->is_unix = true;
	l->dev = st.st_dev;
	l->ino = st.st_ino;
	l->address = mem_strdup(path);
	return 0;
}

static int open_inet(struct http *h, const char *listen)
{
	struct address local, bound = { 0 };
	socklen_t n_bound = sizeof(bound);
	char address[ADDRESS_TEXT_SIZE];
	int err;

	if (!address_read(listen, &local))
		return -EINVAL;
	err = listen_at(h, &local.any, address_length(&local));
	if (err)
		return err;
	if (getsockname(h->listener.fd, &bound.any, &n_bound) < 0)
		return -errno;
	h->listener.address = mem_strdup(address_format(&bound, address));
	return 0;
}

int http_listener_open(struct http *h, const char *listen)
{
	int err = -EINVAL;

	if (listen)
		err = listen[0] == '/' ? open_unix(h, listen) : open_inet(h, listen);
	if (err)
		log_error("http", h->name, "cannot listen on %s: %s",
			  listen ? listen : "(no address)", strerror(-err));
	return err;
}

void http_listener_close(struct http *h)
{
	struct http_listener *l = &h->listener;
	struct stat st;

	loop_timer_stop(&l->retry);
	l->watch = loop_fd_free(l->watch);
	/* Another process may have put its own socket in this place. */
	if (l->is_unix && stat(l->address, &st) == 0 && st.st_dev == l->dev && st.st_ino == l->ino)
		unlink(l->address);
	close_fd(&l->fd);
	free(l->address);
	l->address = NULL;
}
