/*
 * HTTP server: gzip
 *
 * Of an application resource of 2,048 bytes, gzip leaves 429. To set up a compressor for each answer takes 70 us, most of it
 * to clear its 268 kB; one that is kept and reset takes 15 us, with half the window and the same outcome. Of 200 bytes,
 * 140 remain, which is not worth it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct http_gzip;
struct text;

enum { HTTP_GZIP_MIN = 500 }; /* shorter answers are sent as they are */

struct http_gzip *http_gzip_new(void);
struct http_gzip *http_gzip_free(struct http_gzip *z); /* NULL is fine */

/** Compress n bytes; ret is empty. False, and ret is of no use, if that does not make them fewer. */
bool http_gzip_pack(struct http_gzip *z, const void *p, size_t n, struct text *ret);

/** Decompress, to max bytes at most; ret is empty. Returns 0; -E2BIG if it is more; -EINVAL if it is not gzip, or not all
 *  of it. */
int http_gzip_unpack(struct http_gzip *z, const void *p, size_t n, size_t max, struct text *ret);
