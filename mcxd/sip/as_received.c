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

void as_received_keep(msg_t *msg, const char *head, size_t n)
{
	msg_pub_t *pub = msg_object(msg);
	struct head *copy;

	if (!pub)
		return;
	copy = mem_check(su_alloc(msg_home(msg), (isize_t)(sizeof(*copy) + n)));
	copy->n = n;
	memcpy(copy->bytes, head, n);
	pub->msg_user = copy;
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
