/*
 * Resume
 */
#include "scripts/bench/resume.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "scripts/bench/wire.h"

#include <stdint.h>

enum { N_CONNECTIONS = 2 };

static struct {
	const char *address;
	struct conn *connections[N_CONNECTIONS];
	unsigned long n_sent, n_failed;
} resume;

static void on_answer(void *magic, struct conn *c, const struct wire_message *m)
{
	const char *space = strchr(m->head, ' ');

	(void)magic;
	(void)c;
	if (!space || space[1] != '2')
		resume.n_failed++;
}

/* The server counts only messages with a Via as its own. */
static void send_accept(void *magic)
{
	struct conn *c = resume.connections[resume.n_sent++ % N_CONNECTIONS];
	CLEANUP(text_deinit) struct text t = TEXT_INIT;

	text_addf(&t,
		  "POST /accept/m%lu HTTP/1.1\r\nHost: lab.test\r\nVia: SIP/2.0/TCP %s\r\n"
		  "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
		  (unsigned long)(uintptr_t)magic, resume.address);
	conn_send(c, t.data, t.n);
}

void resume_start(const char *address)
{
	struct conn_handler h = { .on_message = on_answer };

	resume.address = address;
	for (int i = 0; i < N_CONNECTIONS; i++)
		resume.connections[i] = wire_connect(address, &h);
}

void resume_push(unsigned long index)
{
	wire_later(send_accept, (void *)(uintptr_t)index); // NOLINT(performance-no-int-to-ptr)
}

unsigned long resume_failed(void)
{
	return resume.n_failed;
}
