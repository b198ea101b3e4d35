/*
 * Deaf
 */
#include "scripts/bench/deaf.h"

#include "proto/text/text.h"
#include "scripts/bench/wire.h"

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FULL_MS = 1000 }; /* nothing can be written for this long: the server has stopped reading */

static void add_request(struct text *out, unsigned long i)
{
	text_addf(out,
		  "OPTIONS sip:lab.test SIP/2.0\r\n"
		  "Via: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bKd%lu\r\n"
		  "Max-Forwards: 70\r\n"
		  "From: <sip:alice@lab.test>;tag=d%lu\r\n"
		  "To: <sip:lab.test>\r\n"
		  "Call-ID: deaf-%lu\r\n"
		  "CSeq: 1 OPTIONS\r\n"
		  "Content-Length: 0\r\n\r\n",
		  i, i, i);
}

static const char *send_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		struct pollfd wait = { .fd = fd, .events = POLLOUT };
		ssize_t k = send(fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (k < 0 && errno != EAGAIN)
			return "closed";
		if (k < 0 && poll(&wait, 1, FULL_MS) == 0)
			return "full";
		p += k > 0 ? k : 0;
		n -= k > 0 ? (size_t)k : 0;
	}
	return "sent";
}

void deaf_run(const char *address, unsigned long n)
{
	struct sockaddr_in a = wire_address(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct text all = { 0 };
	sigset_t end;
	int signal;

	sigemptyset(&end);
	sigaddset(&end, SIGTERM);
	sigprocmask(SIG_BLOCK, &end, NULL);
	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)))
		err(1, "%s", address);
	for (unsigned long i = 0; i < n; i++)
		add_request(&all, i);
	puts(send_all(fd, all.data, all.n));
	fflush(stdout);
	sigwait(&end, &signal);
	close(fd);
	text_deinit(&all);
}
