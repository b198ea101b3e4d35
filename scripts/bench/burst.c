/*
 * Burst
 */
#include "scripts/bench/burst.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "scripts/bench/invite.h"
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

static void on_answer(void *magic, struct conn *c, const struct wire_message *m)
{
	unsigned long status =
		strncmp(m->head, "SIP/2.0 ", 8) == 0 ? strtoul(m->head + 8, NULL, 10) : 0;

	(void)magic;
	burst.n_ringing += status == 180;
	if (status < 200 || status >= MAX_STATUS)
		return;
	burst.by_status[status]++;
	invite_acknowledge(c, m->head);
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
		invite_add(&all, i, user, n_users);
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
