/*
 * Handshakes
 */
#include "scripts/bench/handshakes.h"

#include "scripts/bench/pace.h"
#include "scripts/bench/wire.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static struct {
	const char *address;
	unsigned long n, n_answered, n_closed;
} handshakes;

static void on_answer(void *magic, struct conn *c, const struct wire_message *m)
{
	(void)magic;
	handshakes.n_answered += !strncmp(m->head, "HTTP/1.1 200", 12);
	conn_close(c);
}

static void on_closed(void *magic, struct conn *c)
{
	(void)magic;
	(void)c;
	if (++handshakes.n_closed == handshakes.n)
		raise(SIGTERM); /* which is what ends wire_run() */
}

static void come(unsigned long i)
{
	static const char request[] = "GET /health HTTP/1.1\r\nHost: lab.test\r\n\r\n";
	const struct conn_handler h = { .on_message = on_answer, .on_closed = on_closed };

	(void)i;
	conn_send(wire_connect_tls(handshakes.address, &h), request, sizeof(request) - 1);
}

void handshakes_run(const char *address, unsigned long rate, unsigned long seconds)
{
	handshakes.address = address;
	handshakes.n = rate * seconds;
	wire_init();
	pace_start(rate, handshakes.n, come);
	wire_run();
	printf("{\"sent\":%lu,\"answered\":%lu}\n", handshakes.n, handshakes.n_answered);
}
