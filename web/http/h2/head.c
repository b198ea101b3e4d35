/*
 * HTTP/2 server: where frames begin
 */
#include "web/http/h2/head.h"

#include <string.h>

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t h2_heads_take(struct h2_heads *h, const uint8_t *p, size_t n, struct h2_head *ret)
{
	const uint8_t *b = h->bytes;
	size_t taken = smaller(n, h->n_skip ? h->n_skip : H2_HEAD_BYTES - h->n);

	*ret = (struct h2_head){ .stream_id = -1 };
	if (h->n_skip) {
		h->n_skip -= taken;
		return taken;
	}
	memcpy(h->bytes + h->n, p, taken);
	h->n += taken;
	if (h->n < H2_HEAD_BYTES)
		return taken;
	h->n = 0;
	h->n_skip = (size_t)b[0] << 16 | (size_t)b[1] << 8 | b[2];
	ret->type = b[3];
	/* The highest bit is reserved (RFC 9113 4.1). */
	ret->stream_id = (int32_t)((uint32_t)(b[5] & 0x7F) << 24 | (uint32_t)b[6] << 16 |
				   (uint32_t)b[7] << 8 | b[8]);
	return taken;
}
