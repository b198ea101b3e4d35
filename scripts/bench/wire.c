/*
 * Wire
 */
#include "scripts/bench/wire.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdint.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { MAX_MESSAGE = 256 * 1024, MAX_LATER = 1 << 17, N_READY = 256, SOCKET_BUFFER = 8 << 20 };

enum conn_kind { LISTENER, STREAM, DATAGRAM };

struct conn {
	enum conn_kind kind;
	int fd;
	bool writing, closed;
	SSL *tls; /* NULL: none */
	struct conn_handler handler;
	struct sockaddr_in peer; /* DATAGRAM: of the message being handled */
	struct text in, out;
	struct conn *next_closed;
};

struct later {
	wire_later_h *fn;
	void *magic;
	int64_t due_us;
};

static struct {
	int epoll_fd, signal_fd, timer_fd;
	int64_t delay_us;
	struct later later[MAX_LATER];
	size_t first, last;
	struct conn *closed;
	SSL_CTX *tls;
} wire = { .delay_us = 20000 };

int64_t wire_now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

static void drop_front(struct text *t, size_t n)
{
	memmove(t->data, t->data + n, t->n - n);
	t->n -= n;
}

static void watch(int op, int fd, unsigned events, void *p)
{
	struct epoll_event e = { .events = events, .data = { .ptr = p } };

	if (epoll_ctl(wire.epoll_fd, op, fd, &e))
		err(1, "epoll_ctl");
}

struct sockaddr_in wire_address(const char *address)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	const char *colon = strrchr(address, ':');
	char host[64] = "";

	if (colon && (size_t)(colon - address) < sizeof(host)) {
		memcpy(host, address, (size_t)(colon - address));
		a.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
	}
	if (inet_pton(AF_INET, host, &a.sin_addr) != 1 || !a.sin_port)
		errx(2, "%s is not an address:port", address);
	return a;
}

static struct conn *conn_new(enum conn_kind kind, int fd, const struct conn_handler *h)
{
	struct conn *c = MEM_NEW(struct conn);

	c->kind = kind;
	c->fd = fd;
	c->handler = *h;
	watch(EPOLL_CTL_ADD, fd, EPOLLIN, c);
	return c;
}

static int bound_socket(int type, const char *address)
{
	struct sockaddr_in a = wire_address(address);
	int fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int one = 1;
	int n = SOCKET_BUFFER;

	if (type == SOCK_DGRAM)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &n, sizeof(n));
	else
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)))
		err(1, "%s", address);
	return fd;
}

void wire_listen_tcp(const char *address, const struct conn_handler *h)
{
	int fd = bound_socket(SOCK_STREAM, address);

	if (listen(fd, SOMAXCONN))
		err(1, "%s", address);
	conn_new(LISTENER, fd, h);
}

void wire_listen_udp(const char *address, const struct conn_handler *h)
{
	conn_new(DATAGRAM, bound_socket(SOCK_DGRAM, address), h);
}

static struct conn *stream_new(int fd, const struct conn_handler *h)
{
	int one = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return conn_new(STREAM, fd, h);
}

struct conn *wire_connect(const char *address, const struct conn_handler *h)
{
	struct sockaddr_in a = wire_address(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)))
		err(1, "%s", address);
	return stream_new(fd, h);
}

static SSL_CTX *tls_context(void)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());

	if (!context)
		errx(1, "SSL_CTX_new");
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
					  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	return context;
}

struct conn *wire_connect_tls(const char *address, const struct conn_handler *h)
{
	struct conn *c = wire_connect(address, h);

	if (!wire.tls)
		wire.tls = tls_context();
	c->tls = SSL_new(wire.tls);
	if (!c->tls || !SSL_set_fd(c->tls, c->fd))
		errx(1, "SSL_new");
	SSL_set_connect_state(c->tls);
	return c;
}

/* As read() and write() return; a handshake is made on the way. */
static ssize_t tls_result(struct conn *c, int n)
{
	int why = n > 0 ? SSL_ERROR_NONE : SSL_get_error(c->tls, n);

	ERR_clear_error();
	if (n > 0)
		return n;
	if (why == SSL_ERROR_ZERO_RETURN)
		return 0;
	errno = why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? EAGAIN : ECONNRESET;
	return -1;
}

static ssize_t read_some(struct conn *c, char *p, int n)
{
	return c->tls ? tls_result(c, SSL_read(c->tls, p, n)) : read(c->fd, p, (size_t)n);
}

static ssize_t write_some(struct conn *c, const char *p, size_t n)
{
	return c->tls ? tls_result(c, SSL_write(c->tls, p, (int)n)) : write(c->fd, p, n);
}

/* Freed after the round, because later events of the same round may still point to it. */
void conn_close(struct conn *c)
{
	if (c->closed)
		return;
	c->closed = true;
	close(c->fd);
	c->next_closed = wire.closed;
	wire.closed = c;
}

static void free_closed(void)
{
	while (wire.closed) {
		struct conn *c = wire.closed;

		wire.closed = c->next_closed;
		if (c->handler.on_closed)
			c->handler.on_closed(c->handler.magic, c);
		SSL_free(c->tls);
		text_deinit(&c->in);
		text_deinit(&c->out);
		free(c);
	}
}

static void flush(struct conn *c)
{
	bool waits;

	while (c->out.n) {
		ssize_t n = write_some(c, c->out.data, c->out.n);

		if (n < 0 && errno != EAGAIN) {
			conn_close(c);
			return;
		}
		if (n < 0)
			break;
		drop_front(&c->out, (size_t)n);
	}
	waits = c->out.n > 0 && (!c->tls || SSL_want_write(c->tls));
	if (c->writing == waits)
		return;
	c->writing = waits;
	watch(EPOLL_CTL_MOD, c->fd, c->writing ? EPOLLIN | EPOLLOUT : EPOLLIN, c);
}

void conn_send(struct conn *c, const void *p, size_t n)
{
	if (c->closed)
		return;
	if (c->kind == DATAGRAM) {
		sendto(c->fd, p, n, 0, (struct sockaddr *)&c->peer, sizeof(c->peer));
		return;
	}
	text_add_bytes(&c->out, p, n);
	flush(c);
}

const char *wire_header(const char *head, const char *name, size_t *ret_n)
{
	size_t n_name = strlen(name);

	for (const char *line = strstr(head, "\r\n"); line; line = strstr(line + 2, "\r\n")) {
		const char *p = line + 2;

		if (strncasecmp(p, name, n_name) != 0 || p[n_name] != ':')
			continue;
		p += n_name + 1;
		p += strspn(p, " \t");
		*ret_n = strcspn(p, "\r\n");
		return p;
	}
	return NULL;
}

static size_t content_length(const char *head)
{
	size_t n;
	const char *p = wire_header(head, "Content-Length", &n);

	return p ? strtoul(p, NULL, 10) : 0;
}

/* Hand over the first message in the input. Returns its length, or 0 if it is not complete yet. */
static size_t take_message(struct conn *c, char *p, size_t n)
{
	char *end = strstr(p, "\r\n\r\n");
	struct wire_message m = { .head = p };
	size_t n_head, n_all;
	char saved;

	if (!end)
		return 0;
	n_head = (size_t)(end - p) + 4;
	end[2] = '\0';
	m.n_body = content_length(p);
	n_all = n_head + m.n_body;
	if (n_all > MAX_MESSAGE)
		errx(1, "a message of %zu bytes", n_all);
	if (n_all > n) {
		end[2] = '\r';
		return 0;
	}
	m.body = p + n_head;
	saved = p[n_all];
	p[n_all] = '\0';
	c->handler.on_message(c->handler.magic, c, &m);
	p[n_all] = saved;
	return n_all;
}

static void take_messages(struct conn *c)
{
	size_t done = 0;

	text_add_bytes(&c->in, "", 1); /* what reads a head stops at a NUL */
	c->in.n--;
	while (!c->closed && done < c->in.n) {
		size_t n = take_message(c, c->in.data + done, c->in.n - done);

		if (n == 0)
			break;
		done += n;
	}
	drop_front(&c->in, done);
}

static void on_stream(struct conn *c, unsigned events)
{
	char buffer[65536];
	ssize_t n;

	if (events & EPOLLOUT)
		flush(c);
	if (c->closed || !(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		return;
	do {
		n = read_some(c, buffer, sizeof(buffer));
		if (n > 0)
			text_add_bytes(&c->in, buffer, (size_t)n);
	} while (n > 0 && c->tls && SSL_pending(c->tls) > 0);
	if (n == 0 || (n < 0 && errno != EAGAIN))
		conn_close(c);
	else if (c->in.n > 0)
		take_messages(c);
	if (c->tls && c->out.n > 0 && !c->closed)
		flush(c); /* which may have waited for the handshake */
}

static void on_datagram(struct conn *c)
{
	char buffer[65536];

	for (;;) {
		socklen_t n_peer = sizeof(c->peer);
		ssize_t n = recvfrom(c->fd, buffer, sizeof(buffer) - 1, 0,
				     (struct sockaddr *)&c->peer, &n_peer);

		if (n < 0)
			return;
		buffer[n] = '\0';
		take_message(c, buffer, (size_t)n);
	}
}

static void on_connection(struct conn *listener)
{
	int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd >= 0)
		stream_new(fd, &listener->handler);
}

static void set_timer(void)
{
	struct itimerspec t = { 0 };
	int64_t left;

	if (wire.first != wire.last) {
		left = wire.later[wire.first % MAX_LATER].due_us - wire_now_us();
		left = left < 1 ? 1 : left;
		t.it_value.tv_sec = left / 1000000;
		t.it_value.tv_nsec = left % 1000000 * 1000;
	}
	timerfd_settime(wire.timer_fd, 0, &t, NULL);
}

static void run_later(void)
{
	uint64_t n;
	int64_t now = wire_now_us();

	if (read(wire.timer_fd, &n, sizeof(n)) < 0 && errno != EAGAIN)
		err(1, "timerfd");
	while (wire.first != wire.last && wire.later[wire.first % MAX_LATER].due_us <= now) {
		struct later *l = &wire.later[wire.first++ % MAX_LATER];

		l->fn(l->magic);
	}
	set_timer();
}

void wire_later(wire_later_h *fn, void *magic)
{
	if (wire.last - wire.first == MAX_LATER)
		errx(1, "too many delayed calls");
	wire.later[wire.last++ % MAX_LATER] =
		(struct later){ .fn = fn, .magic = magic, .due_us = wire_now_us() + wire.delay_us };
	if (wire.last - wire.first == 1)
		set_timer();
}

void wire_set_delay(int delay_ms)
{
	wire.delay_us = delay_ms * INT64_C(1000);
}

void wire_init(void)
{
	struct rlimit files;
	sigset_t signals;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	if (!getrlimit(RLIMIT_NOFILE, &files)) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	wire.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	wire.signal_fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
	wire.timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (wire.epoll_fd < 0 || wire.signal_fd < 0 || wire.timer_fd < 0)
		err(1, "epoll");
	watch(EPOLL_CTL_ADD, wire.signal_fd, EPOLLIN, &wire.signal_fd);
	watch(EPOLL_CTL_ADD, wire.timer_fd, EPOLLIN, &wire.timer_fd);
}

static void on_ready(struct conn *c, unsigned events)
{
	if (c->closed)
		return;
	if (c->kind == LISTENER)
		on_connection(c);
	else if (c->kind == DATAGRAM)
		on_datagram(c);
	else
		on_stream(c, events);
}

void wire_run(void)
{
	struct epoll_event ready[N_READY];

	for (;;) {
		int n = epoll_wait(wire.epoll_fd, ready, N_READY, -1);

		for (int i = 0; i < n; i++) {
			if (ready[i].data.ptr == &wire.signal_fd)
				return;
			if (ready[i].data.ptr == &wire.timer_fd)
				run_later();
			else
				on_ready(ready[i].data.ptr, ready[i].events);
		}
		free_closed();
	}
}
