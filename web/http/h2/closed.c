/*
 * HTTP/2 server: streams that are closed
 *
 * A client may never use a number again, nor one that it has left out. To remember all of them would let it fill our memory, so what
 * cannot be told apart any more is taken for the harmless case.
 */
#include "web/http/h2/closed.h"

#include <nghttp2/nghttp2.h>

void h2_closed_begin(struct h2_closed *c, int32_t id)
{
	const int32_t next = c->last ? c->last + 2 : 1;

	if (id <= c->last)
		return;
	if (id > next) {
		c->gap_first = next;
		c->gap_after = id;
	}
	c->last = id;
}

void h2_closed_reset(struct h2_closed *c, int32_t id)
{
	if (id > c->reset)
		c->reset = id;
}

bool h2_closed_is_over(const struct h2_closed *c, int32_t id, uint32_t *ret_error)
{
	bool is_left_out = id >= c->gap_first && id < c->gap_after;

	*ret_error = is_left_out ? NGHTTP2_PROTOCOL_ERROR : NGHTTP2_STREAM_CLOSED;
	return id <= c->last && (is_left_out || id > c->reset);
}
