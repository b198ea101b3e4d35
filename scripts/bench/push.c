/*
 * Push
 */
#include "scripts/bench/push.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "scripts/bench/wire.h"

#include <strings.h>

static struct {
	push_h *on_push;
	unsigned long n;
} push;

static const char mark[] = "/n/";

static void copy_header(struct text *out, const char *head, const char *name, const char *more)
{
	size_t n;
	const char *value = wire_header(head, name, &n);

	if (value)
		text_addf(out, "%s: %.*s%s\r\n", name, (int)n, value, more);
}

/* Every Via, in order: wire_header() only knows the first. */
static void copy_vias(struct text *out, const char *head)
{
	for (const char *line = strstr(head, "\r\n"); line; line = strstr(line + 2, "\r\n")) {
		if (strncasecmp(line + 2, "Via:", 4) == 0)
			text_addf(out, "%.*s\r\n", (int)strcspn(line + 2, "\r\n"), line + 2);
	}
}

static void on_message(void *magic, struct conn *c, const struct wire_message *m)
{
	struct text answer = { 0 };
	const char *number;

	(void)magic;
	if (strncmp(m->head, "MESSAGE ", 8) != 0)
		return;
	push.n++;
	text_add(&answer, "SIP/2.0 200 OK\r\n");
	copy_vias(&answer, m->head);
	copy_header(&answer, m->head, "From", "");
	copy_header(&answer, m->head, "To", ";tag=c1");
	copy_header(&answer, m->head, "Call-ID", "");
	copy_header(&answer, m->head, "CSeq", "");
	text_add(&answer, "Server: RTCC/4.0.0.0 PnchApplication\r\n"
			  "ms-diagnostics-public: 30000;Reason=\"Success\"\r\n"
			  "Content-Length: 0\r\n\r\n");
	conn_send(c, answer.data, answer.n);
	text_deinit(&answer);
	number = strstr(m->body, mark);
	if (number)
		push.on_push(strtoul(number + sizeof(mark) - 1, NULL, 10));
}

void push_listen(const char *address, push_h *on_push)
{
	struct conn_handler h = { .on_message = on_message };

	push.on_push = on_push;
	wire_listen_udp(address, &h);
	wire_listen_tcp(address, &h);
}

unsigned long push_count(void)
{
	return push.n;
}
