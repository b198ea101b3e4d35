/*
 * Burst
 */
#include "scripts/bench/burst.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "scripts/bench/wire.h"

#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_STATUS = 700 };

static struct {
	unsigned long n, n_final, n_ringing, by_status[MAX_STATUS];
} burst;

static void add_invite(struct text *out, unsigned long i, const char *user, unsigned long n_users)
{
	static const char sdp[] = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=session\r\n"
				  "c=IN IP4 127.0.0.1\r\nt=0 0\r\nm=message 5060 sip null\r\n"
				  "a=accept-types:text/plain\r\n";

	text_addf(out,
		  "INVITE sip:%s%lu@lab.test SIP/2.0\r\n"
		  "Via: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bK%lu\r\n"
		  "Max-Forwards: 70\r\n"
		  "From: <sip:alice@lab.test>;tag=%lu;epid=a11ce\r\n"
		  "To: <sip:%s%lu@lab.test>\r\n"
		  "Call-ID: burst-%lu\r\n"
		  "CSeq: 1 INVITE\r\n"
		  "Contact: <sip:alice@127.0.0.1:9;transport=tcp>\r\n"
		  "Content-Type: application/sdp\r\n"
		  "Content-Length: %zu\r\n\r\n%s",
		  user, i % n_users, i, i, user, i % n_users, i, sizeof(sdp) - 1, sdp);
}

static void copy(struct text *out, const char *head, const char *name)
{
	size_t n;
	const char *value = wire_header(head, name, &n);

	if (value)
		text_addf(out, "%s: %.*s\r\n", name, (int)n, value);
}

static void acknowledge(struct conn *c, const char *head)
{
	struct text ack = { 0 };

	text_add(&ack, "ACK sip:m0@lab.test SIP/2.0\r\n");
	copy(&ack, head, "Via");
	copy(&ack, head, "From");
	copy(&ack, head, "To");
	copy(&ack, head, "Call-ID");
	text_add(&ack, "Max-Forwards: 70\r\nCSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n");
	conn_send(c, ack.data, ack.n);
	text_deinit(&ack);
}

static void on_answer(void *magic, struct conn *c, const struct wire_message *m)
{
	unsigned long status =
		strncmp(m->head, "SIP/2.0 ", 8) == 0 ? strtoul(m->head + 8, NULL, 10) : 0;

	(void)magic;
	burst.n_ringing += status == 180;
	if (status < 200 || status >= MAX_STATUS)
		return;
	burst.by_status[status]++;
	acknowledge(c, m->head);
	if (++burst.n_final == burst.n)
		raise(SIGTERM); /* which is what ends wire_run() */
}

static void on_closed(void *magic, struct conn *c)
{
	(void)magic;
	(void)c;
	errx(1, "the connection was closed after %lu of %lu final answers", burst.n_final, burst.n);
}

void burst_run(const char *address, unsigned long n, const char *user, unsigned long n_users)
{
	struct conn_handler h = { .on_message = on_answer, .on_closed = on_closed };
	struct text all = { 0 };
	struct conn *c;

	burst.n = n;
	wire_init();
	for (unsigned long i = 0; i < n; i++)
		add_invite(&all, i, user, n_users);
	c = wire_connect(address, &h);
	conn_send(c, all.data, all.n);
	text_deinit(&all);
	wire_run();
	printf("{\"sent\":%lu,\"ringing\":%lu", n, burst.n_ringing);
	for (size_t i = 0; i < MAX_STATUS; i++)
		if (burst.by_status[i])
			printf(",\"%zu\":%lu", i, burst.by_status[i]);
	puts("}");
}
