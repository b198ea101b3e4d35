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

/* ---- fields of version 2 ---- */

enum {
	FIELD_HEAD = 3, /* type and length */
	FIELD_CRC32C = 0x03,
	FIELD_TLS = 0x20, /* PP2_TYPE_SSL */
	TLS_MIN = 5,      /* flags, result of verifying the certificate; fields of its own follow */
	TLS_CLIENT = 0x01,
	CRC32C_SIZE = 4,
};

/* RFC 3720 B.4: reflected, of the polynomial 0x1EDC6F41. */
static uint32_t crc32c_add(uint32_t crc, const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		crc ^= p[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78 : 0);
	}
	return crc;
}

/* The checksum is that of the whole header with zeros in its place. */
static bool crc_is_right(const unsigned char *header, size_t n, const unsigned char *sum)
{
	static const unsigned char zeros[CRC32C_SIZE];
	size_t n_before = (size_t)(sum - header);
	uint32_t crc = crc32c_add(UINT32_MAX, header, n_before);

	crc = crc32c_add(crc, zeros, CRC32C_SIZE);
	crc = ~crc32c_add(crc, sum + CRC32C_SIZE, n - n_before - CRC32C_SIZE);
	return crc == ((uint32_t)big_endian(sum) << 16 | big_endian(sum + 2));
}

/* The fields from at on have to fill the n bytes. */
static bool are_fields(const unsigned char *p, size_t n, size_t at)
{
	while (n - at >= FIELD_HEAD) {
		size_t length = big_endian(p + at + 1);

		at += FIELD_HEAD;
		if (length > n - at)
			return false;
		at += length;
	}
	return at == n;
}

/* A field that must not come twice has seen set. */
static int take_field(const unsigned char *header, const unsigned char *field, bool *seen,
		      struct proxy_protocol *ret)
{
	const unsigned char *value = field + FIELD_HEAD;
	size_t length = big_endian(field + 1);

	switch (field[0]) {
	case FIELD_CRC32C:
		if (*seen || length != CRC32C_SIZE || !crc_is_right(header, ret->n, value))
			return -EINVAL;
		*seen = true;
		return 0;
	case FIELD_TLS:
		if (ret->has_tls || length < TLS_MIN || !are_fields(value, length, TLS_MIN))
			return -EINVAL;
		ret->has_tls = true;
		ret->is_tls = value[0] & TLS_CLIENT;
		return 0;
	default: return 0;
	}
}

static int take_fields(const unsigned char *header, size_t at, struct proxy_protocol *ret)
{
	bool has_crc = false;
	int err = are_fields(header, ret->n, at) ? 0 : -EINVAL;

	while (!err && at < ret->n) {
		err = take_field(header, header + at, &has_crc, ret);
		at += FIELD_HEAD + big_endian(header + at + 1);
	}
	return err;
}

/* ---- the whole of version 2 ---- */

/* Source, destination, their ports, fields. Other families are to be read as if the proxy did not say for whom it
 * speaks. */
static int take_v2(const unsigned char *header, struct proxy_protocol *ret)
{
	const unsigned char *p = header + V2_HEAD;
	unsigned family = header[13];
	size_t length = family == V2_TCP6 ? 16 : 4;
	size_t n_addresses = 2 * length + 4;

	if (family != V2_TCP4 && family != V2_TCP6)
		return 0;
	if (ret->n < V2_HEAD + n_addresses)
		return -EINVAL;
	ret->has_address = true;
	ret->is_v6 = family == V2_TCP6;
	memcpy(ret->address, p, length);
	ret->port = (uint16_t)big_endian(p + 2 * length);
	return take_fields(header, V2_HEAD + n_addresses, ret);
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
	return command == V2_LOCAL ? 0 : take_v2(p, ret);
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
