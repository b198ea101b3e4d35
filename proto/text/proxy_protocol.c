/*
 * PROXY protocol
 */
#include "proto/text/proxy_protocol.h"

#include "proto/text/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>

/* ---- version 1 ---- */

#define V1_START "PROXY "

enum { V1_MAX = 107, V1_MAX_FIELDS = 5 };

static bool read_port(const char *s, uint16_t *ret)
{
	int64_t port;

	if (!text_to_int(s, 0, UINT16_MAX, &port))
		return false;
	*ret = (uint16_t)port;
	return true;
}

/* fields: the family, then source, destination and their ports. */
static int take_v1(char *const *fields, int n_fields, struct proxy_protocol *ret)
{
	unsigned char destination[sizeof(ret->address)];
	uint16_t port;
	int family;

	if (strcmp(fields[0], "UNKNOWN") == 0)
		return 0;
	ret->is_v6 = strcmp(fields[0], "TCP6") == 0;
	if (n_fields != V1_MAX_FIELDS || (!ret->is_v6 && strcmp(fields[0], "TCP4") != 0))
		return -EINVAL;
	family = ret->is_v6 ? AF_INET6 : AF_INET;
	ret->has_address = inet_pton(family, fields[1], ret->address) == 1 &&
			   inet_pton(family, fields[2], destination) == 1 &&
			   read_port(fields[3], &ret->port) && read_port(fields[4], &port);
	return ret->has_address ? 0 : -EINVAL;
}

static int decode_v1(const char *p, size_t n, struct proxy_protocol *ret)
{
	const char *end = memmem(p, n < V1_MAX ? n : V1_MAX, "\r\n", 2);
	char line[V1_MAX + 1], *fields[V1_MAX_FIELDS + 1], *rest = line;
	size_t length;
	int n_fields = 0;

	if (!end)
		return n < V1_MAX ? 1 : -EINVAL;
	ret->n = (size_t)(end - p) + 2;
	length = (size_t)(end - p) - strlen(V1_START);
	memcpy(line, p + strlen(V1_START), length);
	line[length] = '\0';
	if (memchr(line, '\0', length))
		return -EINVAL;
	/* One field too many is enough to see it; a proxy that does not know the client may write anything
	 * behind UNKNOWN. */
	while (rest && n_fields <= V1_MAX_FIELDS)
		fields[n_fields++] = strsep(&rest, " ");
	return take_v1(fields, n_fields, ret);
}

/* ---- version 2 ---- */

static const unsigned char v2_start[12] = { '\r', '\n', '\r', '\n', 0,   '\r',
					    '\n', 'Q',  'U',  'I',  'T', '\n' };

enum {
	V2_HEAD = 16, /* signature, version and command, family and transport, length of the rest */
	V2_LOCAL = 0x20,
	V2_PROXY = 0x21,
	V2_TCP4 = 0x11,
	V2_TCP6 = 0x21,
};

static unsigned big_endian(const unsigned char *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

/* Source, destination, their ports; behind them come fields that say nothing of the address. Other families are
 * to be read as if the proxy did not say for whom it speaks. */
static int take_v2(const unsigned char *p, size_t n, unsigned family, struct proxy_protocol *ret)
{
	size_t length = family == V2_TCP6 ? 16 : 4;

	if (family != V2_TCP4 && family != V2_TCP6)
		return 0;
	if (n < 2 * length + 4)
		return -EINVAL;
	ret->has_address = true;
	ret->is_v6 = family == V2_TCP6;
	memcpy(ret->address, p, length);
	ret->port = (uint16_t)big_endian(p + 2 * length);
	return 0;
}

static int decode_v2(const unsigned char *p, size_t n, struct proxy_protocol *ret)
{
	unsigned command;
	size_t length;

	if (n < V2_HEAD)
		return 1;
	command = p[12];
	length = big_endian(p + 14);
	if ((command != V2_LOCAL && command != V2_PROXY) || V2_HEAD + length > PROXY_PROTOCOL_MAX)
		return -EINVAL;
	if (n < V2_HEAD + length)
		return 1;
	ret->n = V2_HEAD + length;
	return command == V2_LOCAL ? 0 : take_v2(p + V2_HEAD, length, p[13], ret);
}

static bool starts_with(const void *p, size_t n, const void *start, size_t n_start)
{
	return memcmp(p, start, n < n_start ? n : n_start) == 0;
}

int proxy_protocol_decode(const void *p, size_t n, struct proxy_protocol *ret)
{
	*ret = (struct proxy_protocol){ 0 };
	if (n == 0)
		return 1;
	if (starts_with(p, n, v2_start, sizeof(v2_start)))
		return decode_v2(p, n, ret);
	if (!starts_with(p, n, V1_START, strlen(V1_START)))
		return -EINVAL;
	return n < strlen(V1_START) ? 1 : decode_v1(p, n, ret);
}
