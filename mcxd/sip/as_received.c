/*
 * As received
 */
#include "mcxd/sip/as_received.h"

#include "mcxd/sip/agent.h"
#include "proto/sip/line.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sofia-sip/sip.h>
#include <sofia-sip/su_alloc.h>
#include <string.h>

struct head {
	size_t n;
	char bytes[];
};

/* One piece: each costs a message an entry in its list of what is to be freed, too. */
char *as_received_copy(msg_t *msg, const char *bytes, size_t n, size_t n_head)
{
	struct head *head =
		mem_check(su_alloc(msg_home(msg), (isize_t)(sizeof(*head) + n_head + n + 1)));
	msg_pub_t *pub = msg_object(msg);
	char *copy = head->bytes + n_head;

	head->n = n_head;
	memcpy(head->bytes, bytes, n_head);
	memcpy(copy, bytes, n);
	copy[n] = '\0';
	pub->msg_user = head;
	return copy;
}

void agent_add_as_received(struct text *out, const sip_t *sip, const char *name,
			   const char *compact, const void *header)
{
	const struct head *head = sip->sip_user;
	struct sip_line l;

	if (!head || !sip_line_find(head->bytes, head->n, name, compact, &l) ||
	    memchr(l.value, '\n', l.n_value)) {
		agent_add_field(out, header);
		return;
	}
	while (l.n_value > 0 && sip_line_is_space(l.value[l.n_value - 1]))
		l.n_value--;
	text_add_bytes(out, l.value, l.n_value);
}
