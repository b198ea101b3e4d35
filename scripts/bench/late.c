/*
 * Late
 */
#include "scripts/bench/late.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "scripts/bench/invite.h"
#include "scripts/bench/pace.h"
#include "scripts/bench/times.h"
#include "scripts/bench/wire.h"

#include <err.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
	struct late_config config;
	struct conn *conn;
	unsigned long n, n_final, n_408;
	int64_t *sent_us;
	int32_t *late_us;
} late;

static unsigned long number_of(const char *head)
{
	static const char prefix[] = "invite-";
	size_t n;
	const char *id = wire_header(head, "Call-ID", &n);
	unsigned long i =
		id && n >= sizeof(prefix) ? strtoul(id + sizeof(prefix) - 1, NULL, 10) : late.n;

	if (i >= late.n)
		errx(1, "an answer to something else: %s", head);
	return i;
}

static void on_answer(void *magic, struct conn *c, const struct wire_message *m)
{
	unsigned long status =
		strncmp(m->head, "SIP/2.0 ", 8) == 0 ? strtoul(m->head + 8, NULL, 10) : 0;
	int64_t took_us = wire_now_us() - late.sent_us[number_of(m->head)];

	(void)magic;
	if (status < 200)
		return;
	invite_acknowledge(c, m->head);
	if (status == 408)
		late.late_us[late.n_408++] =
			(int32_t)(took_us - (int64_t)late.config.wait_ms * 1000);
	if (++late.n_final == late.n)
		raise(SIGTERM); /* which is what ends wire_run() */
}

static void on_closed(void *magic, struct conn *c)
{
	(void)magic;
	(void)c;
	errx(1, "the connection was closed");
}

static void invite(unsigned long i)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;

	invite_add(&t, i, late.config.user, late.config.n_users);
	late.sent_us[i] = wire_now_us();
	conn_send(late.conn, t.data, t.n);
}

void late_run(const struct late_config *config)
{
	const struct conn_handler h = { .on_message = on_answer, .on_closed = on_closed };

	late.config = *config;
	late.n = config->rate * config->seconds;
	late.sent_us = mem_zalloc(late.n * sizeof(*late.sent_us));
	late.late_us = mem_zalloc(late.n * sizeof(*late.late_us));
	wire_init();
	late.conn = wire_connect(config->address, &h);
	pace_start(config->rate, late.n, invite);
	wire_run();
	printf("{\"sent\":%lu,\"408\":%lu,", late.n, late.n_408);
	times_print(late.late_us, late.n_408);
	puts("}");
}
