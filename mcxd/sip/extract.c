/*
 * Agent: how a message begins
 *
 * Clients keep connections alive with CRLF (RFC 5626, 3.5.1), which may precede a request in the same segment.
 * sofia skips such blanks; but if it is to keep the text of what it parses, as it is for the tap, it copies the
 * start line from where the blanks begin, and the message and its connection are lost. And of data that is not
 * SIP it waits for a blank line and a Content-Length, which may never come. So sofia's msg_extract() is called
 * only after the blanks are consumed, and not at all for data that is not SIP.
 */

#include "mcxd/base/interpose.h"
#include "proto/text/chars.h"

#include <sofia-sip/msg.h>
#include <sofia-sip/msg_buffer.h>
#include <string.h>

typedef typeof(msg_extract) extract_f;

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

/* RFC 3261, 7.1 and 7.2: both kinds of start line begin with a token and name the protocol. The version is left to
 * sofia, which has an answer for a wrong one. */
static bool may_be_start(const char *p, size_t n)
{
	const char *end = n > 0 ? memchr(p, '\n', n) : NULL;

	if (n > 0 && !chars_is_token(*p))
		return false;
	return !end || memmem(p, (size_t)(end - p), "SIP/", 4);
}

int msg_extract(msg_t *msg)
{
	static extract_f *original;

	INTERPOSE_ORIGINAL(original, "msg_extract");
	if (msg && msg_object(msg) && !(msg_object(msg)->msg_flags & MSG_FLG_HEADERS)) {
		const char *data;

		drop_blanks(msg, original);
		data = msg_buf_committed_data(msg);
		if (data && count_blanks(data, 1) == 0 &&
		    !may_be_start(data, msg_buf_committed(msg))) {
			msg_mark_as_complete(msg, MSG_FLG_ERROR);
			return -1;
		}
	}
	return original(msg);
}
