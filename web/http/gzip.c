/*
 * HTTP server: gzip
 */
#include "web/http/gzip.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <limits.h>
#include <zlib.h>

enum {
	GZIP = 16, /* added to the window's bits: gzip, and not zlib's own format */
	PACK_WINDOW_BITS = 12,
	MEMORY_LEVEL = 5,
	FIRST_BYTES = 4096, /* that are unpacked at once; then as many as there are already */
};

struct http_gzip {
	z_stream out, in;
};

struct http_gzip *http_gzip_new(void)
{
	struct http_gzip *z = MEM_NEW(struct http_gzip);

	if (deflateInit2(&z->out, Z_DEFAULT_COMPRESSION, Z_DEFLATED, PACK_WINDOW_BITS + GZIP,
			 MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK ||
	    inflateInit2(&z->in, MAX_WBITS + GZIP) != Z_OK)
		mem_check(NULL);
	return z;
}

struct http_gzip *http_gzip_free(struct http_gzip *z)
{
	if (!z)
		return NULL;
	deflateEnd(&z->out);
	inflateEnd(&z->in);
	free(z);
	return NULL;
}

/* zlib only reads what it is given, and does not say so in its types without ZLIB_CONST. */
static void give(z_stream *s, const void *p, size_t n)
{
	union {
		const void *given;
		Bytef *wanted;
	} u = { .given = p };

	s->next_in = u.wanted;
	s->avail_in = (uInt)n;
}

bool http_gzip_pack(struct http_gzip *z, const void *p, size_t n, struct text *ret)
{
	if (n > UINT_MAX)
		return false;
	deflateReset(&z->out);
	give(&z->out, p, n);
	text_reserve(ret, n);
	z->out.next_out = (Bytef *)ret->data;
	z->out.avail_out = (uInt)n;
	if (deflate(&z->out, Z_FINISH) != Z_STREAM_END)
		return false;
	ret->n = z->out.total_out;
	ret->data[ret->n] = '\0';
	return true;
}

/* Into the room that the text gets for it, at most one byte more than max. */
static int unpack_some(z_stream *s, size_t max, struct text *ret)
{
	size_t room = ret->n > FIRST_BYTES ? ret->n : FIRST_BYTES;
	int r;

	if (room > max + 1 - ret->n)
		room = max + 1 - ret->n;
	text_reserve(ret, room);
	s->next_out = (Bytef *)ret->data + ret->n;
	s->avail_out = (uInt)room;
	r = inflate(s, Z_NO_FLUSH);
	ret->n += room - s->avail_out;
	ret->data[ret->n] = '\0';
	return r;
}

int http_gzip_unpack(struct http_gzip *z, const void *p, size_t n, size_t max, struct text *ret)
{
	int r = Z_OK;

	if (n > UINT_MAX || max >= UINT_MAX)
		return -E2BIG;
	inflateReset(&z->in);
	give(&z->in, p, n);
	while (r == Z_OK) {
		r = unpack_some(&z->in, max, ret);
		if (ret->n > max)
			return -E2BIG;
		/* RFC 1952 2.2: members follow each other. */
		if (r == Z_STREAM_END && z->in.avail_in > 0)
			r = inflateReset(&z->in);
	}
	return r == Z_STREAM_END ? 0 : -EINVAL;
}
