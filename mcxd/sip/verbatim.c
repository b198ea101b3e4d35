/*
 * Agent: messages that are sent as a text of ours
 *
 * sofia sends a message that it has parsed from text as that text. But parsing a message just to send it is most of its
 * cost. So such a message is built: of the headers that sofia reads, and the whole text as the bytes of the first one.
 */
#include "mcxd/sip/private.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sofia-sip/msg_buffer.h>
#include <sofia-sip/sip_header.h>

enum { PRELOAD = 1024 /* in one piece, besides the text: the headers */ };

msg_t *agent_verbatim_new(struct agent *a, const struct text *text, char **ret_bytes)
{
	msg_t *msg = mem_check(msg_create(sip_default_mclass(), 0));
	sip_t *sip = sip_object(msg);
	char *bytes;
	const char *end;

	su_home_preload(msg_home(msg), 1, (isize_t)text->n + PRELOAD);
	bytes = mem_check(su_alloc(msg_home(msg), (isize_t)text->n + 1));
	end = bytes + text->n;
	memcpy(bytes, text->data, text->n + 1);
	msg_buf_set(msg, a->no_more_bytes, sizeof(a->no_more_bytes));
	sip->sip_flags |= MSG_FLG_EXTRACT_COPY;
	sip->sip_content_length = agent_verbatim_header(msg, sip_content_length_class, end);
	sip->sip_separator = agent_verbatim_header(msg, sip_separator_class, end);
	*ret_bytes = bytes;
	return msg;
}

void *agent_verbatim_header(msg_t *msg, msg_hclass_t *class, const char *end)
{
	msg_header_t *h = mem_check(msg_header_alloc(msg_home(msg), class, 0));

	h->sh_data = end;
	return h;
}
