/*
 * Random
 */
#include "mcxd/base/random.h"

#include "proto/text/chars.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define CHUNK 32

/* A conversation needs a dozen identifiers, so bytes are taken from the kernel in stock. */
static struct {
	unsigned char bytes[512];
	size_t n_left;
} stock;

static void fetch(void *p, size_t n)
{
	unsigned char *at = p;

	while (n > 0) {
		ssize_t got = getrandom(at, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			/* Guessable identifiers are worse than none. */
			perror("mcxd: getrandom");
			abort();
		}
		at += got;
		n -= (size_t)got;
	}
}

void random_bytes(void *p, size_t n)
{
	unsigned char *from;

	if (n > sizeof(stock.bytes)) {
		fetch(p, n);
		return;
	}
	if (n > stock.n_left) {
		fetch(stock.bytes, sizeof(stock.bytes));
		stock.n_left = sizeof(stock.bytes);
	}
	/* Bytes that were handed out are wiped here. */
	stock.n_left -= n;
	from = stock.bytes + stock.n_left;
	memcpy(p, from, n);
	explicit_bzero(from, n);
}

void random_hex(size_t n_bytes, char *ret)
{
	unsigned char bytes[CHUNK];

	while (n_bytes > 0) {
		size_t n = n_bytes < CHUNK ? n_bytes : CHUNK;

		random_bytes(bytes, n);
		for (size_t i = 0; i < n; i++, ret += 2)
			chars_put_hex(bytes[i], ret);
		n_bytes -= n;
	}
	*ret = '\0';
}

void random_hex_upper(size_t n_bytes, char *ret)
{
	random_hex(n_bytes, ret);
	for (; *ret; ret++)
		*ret = chars_upper(*ret);
}

void random_uuid(char ret[RANDOM_UUID_SIZE])
{
	char hex[33];
	const char *from = hex;

	random_hex(16, hex);
	hex[12] = '4';
	hex[16] = "89ab"[hex[16] & 3];
	memcpy(ret, "........-....-....-....-............", RANDOM_UUID_SIZE);
	for (char *at = ret; *at; at++)
		if (*at == '.')
			*at = *from++;
}
