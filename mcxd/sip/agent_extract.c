/*
 * Agent: blank lines in front of a message
 *
 * Clients keep connections alive with CRLF (RFC 5626, 3.5.1), and one may stand in front of a request in the
 * same segment. Where it is to keep the text of what it parses, which the tap makes it do, sofia skips such
 * blanks but copies the start line from where they begin: the message is none then, and its connection
 * dead. The library calls this function through the dynamic linker; this definition takes the place of its
 * own, and has it consume the blanks first, as if nothing had come yet.
 */
#include "mcxd/sip/agent_private.h"

#include <dlfcn.h>
#include <sofia-sip/msg_buffer.h>

typedef int extract_f(msg_t *msg);

static size_t count_blanks(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && (p[i] == ' ' || p[i] == '\t' || p[i] == '\r' || p[i] == '\n'))
		i++;
	return i;
}

static void drop_blanks(msg_t *msg, extract_f *original)
{
	char *data = msg_buf_committed_data(msg);
	size_t n = data ? msg_buf_committed(msg) : 0;
	size_t n_blanks = count_blanks(data, n);
	char first;

	if (n_blanks == 0 || n_blanks == n)
		return;
	first = data[n_blanks];
	data[n_blanks] = '\0';
	original(msg);
	data[n_blanks] = first;
}

int msg_extract(msg_t *msg)
{
	static extract_f *original;

	if (!original)
		*(void **)&original = mem_check(dlsym(RTLD_NEXT, "msg_extract"));
	if (msg && msg_object(msg) && !(msg_object(msg)->msg_flags & MSG_FLG_HEADERS))
		drop_blanks(msg, original);
	return original(msg);
}

bool agent_extract_works(void)
{
	extract_f *called;

	*(void **)&called = dlsym(RTLD_DEFAULT, "msg_extract");
	return called == msg_extract;
}
