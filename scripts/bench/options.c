/*
 * Options
 */
#include "scripts/bench/options.h"

#include "proto/text/mem.h"
#include "scripts/bench/times.h"
#include "scripts/bench/wire.h"

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { US_PER_S = 1000000, TICK_US = 1000, LAST_US = US_PER_S, BUFFER = 8 << 20, MAX_BYTES = 2048 };

struct run {
	int fd;
	unsigned long n, n_sent, n_answered;
	int64_t *sent_us; /* when request i was sent */
	int32_t *took_us; /* of those that were answered, in the order of the answers */
};

static void send_one(struct run *r, unsigned port)
{
	unsigned long i = r->n_sent++;
	char bytes[MAX_BYTES];
	int n = snprintf(bytes, sizeof(bytes),
			 "OPTIONS sip:lab.test SIP/2.0\r\n"
			 "Via: SIP/2.0/UDP 127.0.0.1:%u;branch=z9hG4bKo%lu;rport\r\n"
			 "Max-Forwards: 70\r\n"
			 "From: <sip:alice@lab.test>;tag=o%lu\r\n"
			 "To: <sip:lab.test>\r\n"
			 "Call-ID: o-%lu\r\n"
			 "CSeq: 1 OPTIONS\r\n"
			 "Content-Length: 0\r\n\r\n",
			 port, i, i, i);

	r->sent_us[i] = wire_now_us();
	if (send(r->fd, bytes, (size_t)n, 0) < 0 && errno != ECONNREFUSED)
		err(1, "send");
}

static void receive_all(struct run *r)
{
	char bytes[MAX_BYTES];
	ssize_t n;

	while ((n = recv(r->fd, bytes, sizeof(bytes) - 1, MSG_DONTWAIT)) > 0) {
		const char *id;
		unsigned long i;

		bytes[n] = '\0';
		id = strstr(bytes, "Call-ID: o-");
		i = id ? strtoul(id + sizeof("Call-ID: o-") - 1, NULL, 10) : r->n;
		if (i >= r->n || !r->sent_us[i])
			continue; /* answered before */
		r->took_us[r->n_answered++] = (int32_t)(wire_now_us() - r->sent_us[i]);
		r->sent_us[i] = 0;
	}
}

static int open_socket(const char *address, unsigned *ret_port)
{
	struct sockaddr_in a = wire_address(address), own = { 0 };
	socklen_t n = sizeof(own);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int size = BUFFER;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)) ||
	    connect(fd, (struct sockaddr *)&a, sizeof(a)) ||
	    getsockname(fd, (struct sockaddr *)&own, &n))
		err(1, "%s", address);
	*ret_port = ntohs(own.sin_port);
	return fd;
}

static void report(const struct run *r)
{
	printf("{\"sent\":%lu,\"answered\":%lu,", r->n_sent, r->n_answered);
	times_print(r->took_us, r->n_answered);
	puts("}");
}

void options_run(const char *address, unsigned long rate, unsigned long seconds)
{
	struct run r = { .n = rate * seconds };
	unsigned port;
	int64_t start, end;

	r.fd = open_socket(address, &port);
	r.sent_us = mem_zalloc(r.n * sizeof(*r.sent_us));
	r.took_us = mem_zalloc(r.n * sizeof(*r.took_us));
	start = wire_now_us();
	end = start + (int64_t)seconds * US_PER_S + LAST_US;
	for (int64_t now = start; now < end && r.n_answered < r.n; now = wire_now_us()) {
		struct pollfd wait = { .fd = r.fd, .events = POLLIN };
		unsigned long due = (unsigned long)(now - start) * rate / US_PER_S;

		while (r.n_sent < r.n && r.n_sent < due)
			send_one(&r, port);
		receive_all(&r);
		poll(&wait, 1, TICK_US / 1000);
	}
	report(&r);
	free(r.sent_us);
	free(r.took_us);
}
