/*
 * Raw peers
 */
#include "raw.h"

#include "mcxd/base/loop.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_MS = 5000 };

union name {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* "127.0.0.1:5060", "[::1]:5060" */
static union name address_of(const char *s)
{
	union name name = { 0 };
	char host[INET6_ADDRSTRLEN];
	const char *colon = strrchr(s, ':');
	bool v6 = *s == '[';
	size_t n;

	assert(colon);
	n = (size_t)(colon - s) - (v6 ? 2 : 0);
	assert(n < sizeof(host));
	memcpy(host, s + v6, n);
	host[n] = '\0';
	name.any.sa_family = v6 ? AF_INET6 : AF_INET;
	assert(inet_pton(name.any.sa_family, host,
			 v6 ? (void *)&name.v6.sin6_addr : (void *)&name.v4.sin_addr) == 1);
	*(v6 ? &name.v6.sin6_port : &name.v4.sin_port) =
		htons((uint16_t)strtol(colon + 1, NULL, 10));
	return name;
}

static socklen_t length_of(const union name *name)
{
	return name->any.sa_family == AF_INET6 ? sizeof(name->v6) : sizeof(name->v4);
}

static void note_local(int fd, char local[64])
{
	union name name = { 0 };
	socklen_t n = sizeof(name);
	char host[INET6_ADDRSTRLEN];
	bool v6;

	assert(getsockname(fd, &name.any, &n) == 0);
	v6 = name.any.sa_family == AF_INET6;
	inet_ntop(name.any.sa_family,
		  v6 ? (const void *)&name.v6.sin6_addr : (const void *)&name.v4.sin_addr, host,
		  sizeof(host));
	snprintf(local, 64, v6 ? "[%s]:%u" : "%s:%u", host,
		 ntohs(v6 ? name.v6.sin6_port : name.v4.sin_port));
}

static void set_up(struct raw *r, struct loop *l, int fd, bool stream)
{
	*r = (struct raw){ .loop = l, .fd = fd, .stream = stream };
	assert(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
	note_local(fd, r->local);
}

/* from, to: one of them may be NULL */
static void make(struct raw *r, struct loop *l, const char *from, const char *to, int type)
{
	const char *one = to ? to : from;
	union name addr;
	int fd, on = 1;

	assert(one);
	addr = address_of(one);
	fd = socket(addr.any.sa_family, type | SOCK_CLOEXEC, 0);
	assert(fd >= 0);
	if (type == SOCK_STREAM)
		assert(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0);
	if (from) {
		addr = address_of(from);
		assert(bind(fd, &addr.any, length_of(&addr)) == 0);
	}
	if (to) {
		addr = address_of(to);
		assert(connect(fd, &addr.any, length_of(&addr)) == 0);
	}
	set_up(r, l, fd, type == SOCK_STREAM);
}

void raw_tcp(struct raw *r, struct loop *l, const char *to)
{
	make(r, l, NULL, to, SOCK_STREAM);
}

void raw_tcp_from(struct raw *r, struct loop *l, const char *from, const char *to)
{
	make(r, l, from, to, SOCK_STREAM);
}

void raw_udp(struct raw *r, struct loop *l, const char *to)
{
	make(r, l, NULL, to, SOCK_DGRAM);
}

void raw_udp_from(struct raw *r, struct loop *l, const char *from, const char *to)
{
	make(r, l, from, to, SOCK_DGRAM);
}

void raw_bound_udp(struct raw *r, struct loop *l)
{
	make(r, l, "127.0.0.1:0", NULL, SOCK_DGRAM);
}

int raw_listen(char local[32])
{
	return raw_listen_at("127.0.0.1:0", local);
}

int raw_listen_at(const char *address, char local[32])
{
	const union name addr = address_of(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char name[64];

	assert(fd >= 0 && bind(fd, &addr.any, length_of(&addr)) == 0);
	assert(listen(fd, 8) == 0 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
	note_local(fd, name);
	text_join(local, 32, name);
	return fd;
}

void raw_accept(struct raw *r, struct loop *l, int listener)
{
	int64_t until_ms = loop_real_ms(l) + PATIENCE_MS;
	int fd;

	while ((fd = accept(listener, NULL, NULL)) < 0) {
		assert(loop_real_ms(l) < until_ms);
		loop_step(l, 1);
	}
	set_up(r, l, fd, true);
}

void raw_close(struct raw *r)
{
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
	text_deinit(&r->in);
}

/* Try once; if the socket is full, run the loop. */
static size_t send_some(struct raw *r, const char *bytes, size_t n)
{
	ssize_t sent = send(r->fd, bytes, n, MSG_NOSIGNAL);

	if (sent >= 0)
		return (size_t)sent;
	assert(errno == EAGAIN);
	loop_step(r->loop, 1);
	return 0;
}

void raw_send(struct raw *r, const char *bytes, size_t n)
{
	int64_t until_ms = loop_real_ms(r->loop) + PATIENCE_MS;

	while (n > 0) {
		size_t sent = send_some(r, bytes, n);

		bytes += sent;
		n -= sent;
		assert(n == 0 || loop_real_ms(r->loop) < until_ms);
	}
}

void raw_sendf(struct raw *r, const char *fmt, ...)
{
	CLEANUP(text_deinit) struct text plain = TEXT_INIT;
	CLEANUP(text_deinit) struct text out = TEXT_INIT;
	va_list args;

	va_start(args, fmt);
	text_vaddf(&plain, fmt, args);
	va_end(args);
	for (size_t i = 0; i < plain.n; i++) {
		if (plain.data[i] == '\n' && (i == 0 || plain.data[i - 1] != '\r'))
			text_add(&out, "\r");
		text_add_bytes(&out, &plain.data[i], 1);
	}
	raw_send(r, out.data, out.n);
}

void raw_poll(struct raw *r)
{
	char buf[65536];
	union name from;
	socklen_t n_from = sizeof(from);
	ssize_t n;

	while (!r->closed) {
		n = recvfrom(r->fd, buf, sizeof(buf), 0, &from.any, &n_from);
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0 && !r->stream)
			continue;
		if (n <= 0) {
			r->closed = true;
			return;
		}
		text_add_bytes(&r->in, buf, (size_t)n);
		if (!r->stream)
			assert(connect(r->fd, &from.any, n_from) == 0);
	}
}

/* Bytes of the first whole message; 0: there is none. */
static size_t first_length(const struct raw *r)
{
	const char *end = strstr(text_str(&r->in), "\r\n\r\n");
	const char *length;
	size_t n;

	if (!end)
		return 0;
	n = (size_t)(end - r->in.data) + 4;
	length = strcasestr(r->in.data, "\nContent-Length:");
	if (length && length < end)
		n += (size_t)strtol(length + strlen("\nContent-Length:"), NULL, 10);
	return n <= r->in.n ? n : 0;
}

char *raw_take(struct raw *r)
{
	int64_t until_ms = loop_real_ms(r->loop) + PATIENCE_MS;
	char *message;
	size_t n;

	for (;;) {
		raw_poll(r);
		while (r->in.n >= 2 && !memcmp(r->in.data, "\r\n", 2)) {
			memmove(r->in.data, r->in.data + 2, r->in.n - 1);
			r->in.n -= 2;
		}
		n = first_length(r);
		if (n > 0)
			break;
		if (r->closed || loop_real_ms(r->loop) > until_ms)
			return NULL;
		loop_step(r->loop, 1);
	}
	message = mem_memdup(r->in.data, n);
	memmove(r->in.data, r->in.data + n, r->in.n - n + 1);
	r->in.n -= n;
	return message;
}

static void complain(const char *wanted, const char *message)
{
	fprintf(stderr, "wanted \"%s…\", got %s\n", wanted, message ? message : "nothing");
}

char *raw_expect(struct raw *r, const char *start)
{
	char *message = raw_take(r);

	if (!message || strncmp(message, start, strlen(start)) != 0) {
		complain(start, message);
		abort();
	}
	return message;
}

char *raw_skip_to(struct raw *r, const char *start)
{
	char *message;

	while ((message = raw_take(r))) {
		if (!strncmp(message, start, strlen(start)))
			return message;
		free(message);
	}
	complain(start, NULL);
	abort();
}

void raw_expect_silence(struct raw *r, int rounds)
{
	run_rounds(r->loop, rounds);
	raw_poll(r);
	if (r->in.n > 0) {
		complain("(silence)", text_str(&r->in));
		abort();
	}
}

bool raw_wait_closed(struct raw *r)
{
	int64_t until_ms = loop_real_ms(r->loop) + PATIENCE_MS;

	while (!r->closed && loop_real_ms(r->loop) < until_ms) {
		loop_step(r->loop, 1);
		raw_poll(r);
	}
	return r->closed;
}

const char *sip_header(const char *message, const char *name, int nth)
{
	static char value[4096];
	const char *end = strstr(message, "\r\n\r\n");
	size_t n_name = strlen(name);

	for (const char *p = strstr(message, "\r\n"); p && p < end; p = strstr(p + 2, "\r\n")) {
		const char *line = p + 2;
		size_t n;

		if (strncmp(line, name, n_name) != 0 || line[n_name] != ':' || nth-- > 0)
			continue;
		line += n_name + 1;
		line += strspn(line, " ");
		n = strcspn(line, "\r");
		assert(n < sizeof(value));
		memcpy(value, line, n);
		value[n] = '\0';
		return value;
	}
	return NULL;
}

bool sip_has_line(const char *message, const char *line)
{
	CLEANUP(mem_free_string) char *whole = text_format("\r\n%s\r\n", line);
	const char *found = strstr(message, whole);

	return found && found < strstr(message, "\r\n\r\n") + 2;
}

const char *sip_tag(const char *message, const char *header)
{
	static char tag[256];
	const char *value = sip_header(message, header, 0);
	const char *p = value ? strstr(value, ";tag=") : NULL;

	if (!p)
		return NULL;
	snprintf(tag, sizeof(tag), "%.*s", (int)strcspn(p + 5, "; \t"), p + 5);
	return tag;
}

const char *sip_body(const char *message)
{
	const char *end = strstr(message, "\r\n\r\n");

	return end ? end + 4 : "";
}

bool run_until(struct loop *l, const bool *flag)
{
	int64_t until_ms = loop_real_ms(l) + PATIENCE_MS;

	while (!*flag && loop_real_ms(l) < until_ms)
		loop_step(l, 1);
	return *flag;
}

void run_rounds(struct loop *l, int rounds)
{
	while (rounds-- > 0)
		loop_step(l, 1);
}
