/*
 * PROXY protocol
 */
#include "proto/text/mem.h"
#include "proto/text/proxy_protocol.h"
#include "proto/text/text.h"

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>

/* "192.0.2.1 51324", "-" if there is no address, "more", or "malformed"; behind an address " tls" or " plain" if that is
 * said. */
static char *summary(const void *p, size_t n, size_t *ret_n)
{
	struct proxy_protocol h;
	char host[INET6_ADDRSTRLEN];
	int r = proxy_protocol_decode(p, n, &h);

	*ret_n = h.n;
	if (r)
		return mem_strdup(r > 0 ? "more" : "malformed");
	if (!h.has_address)
		return mem_strdup("-");
	assert_non_null(inet_ntop(h.is_v6 ? AF_INET6 : AF_INET, h.address, host, sizeof(host)));
	return text_format("%s %d%s", host, h.port,
			   !h.has_tls ? "" : (h.is_tls ? " tls" : " plain"));
}

/* n_header 0: what the row says of all of its bytes. */
static void expect(const void *p, size_t n, size_t n_header, const char *expected)
{
	for (size_t length = n_header ? 0 : n; length <= n; length++) {
		size_t got_n;
		CLEANUP(mem_free_string) char *got = summary(p, length, &got_n);
		const char *due = length < n_header ? "more" : expected;

		if (strcmp(got, due) != 0)
			fail_msg("%zu bytes of \"%.*s\": got \"%s\"", length, (int)n,
				 (const char *)p, got);
		if (n_header && length >= n_header)
			assert_int_equal(got_n, n_header);
	}
}

static void reads_version_1(void **state)
{
	static const struct {
		const char *header, *expected;
	} rows[] = {
		{ "PROXY TCP4 192.0.2.1 127.0.0.1 51324 443\r\n", "192.0.2.1 51324" },
		{ "PROXY TCP4 255.255.255.255 0.0.0.0 65535 0\r\n", "255.255.255.255 65535" },
		{ "PROXY TCP6 2001:db8::1 ::1 1 443\r\n", "2001:db8::1 1" },
		{ "PROXY UNKNOWN\r\n", "-" },
		{ "PROXY UNKNOWN and what it likes to say of it 1 2\r\n", "-" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(mem_free_string)
		char *sent = text_concat(rows[i].header, "GET / HTTP/1.1\r\n");

		expect(sent, strlen(sent), strlen(rows[i].header), rows[i].expected);
	}
}

static void refuses_version_1(void **state)
{
	static const char *const bad[] = {
		"G",
		"PROXX",
		"PROXY\r\n",
		"PROXY \r\n",
		"proxy TCP4 1.2.3.4 1.2.3.4 1 2\r\n",
		"PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n",
		"PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n",
		"PROXY TCP4 1.2.3.4  1.2.3.4 1 2\r\n",
		"PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n",
		"PROXY TCP4 1.2.3.4 1.2.3.4 -1 2\r\n",
		"PROXY TCP4 1.2.3 1.2.3.4 1 2\r\n",
		"PROXY TCP4 1.2.3.4 x 1 2\r\n",
		"PROXY TCP4 ::1 ::1 1 2\r\n",
		"PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n",
		"PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n",
	};
	static const char nul[] = "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\0 3\r\n";
	CLEANUP(mem_free_string) char *longest = text_format("PROXY UNKNOWN %*d\r\n", 91, 1);
	CLEANUP(mem_free_string) char *too_long = text_format("PROXY UNKNOWN %*d\r\n", 92, 1);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		expect(bad[i], strlen(bad[i]), 0, "malformed");
	expect(nul, sizeof(nul) - 1, 0, "malformed");
	expect(longest, strlen(longest), 107, "-");
	expect(too_long, strlen(too_long), 0, "malformed");
	expect(too_long, 107, 0, "malformed");
}

#define START "\r\n\r\n\0\r\nQUIT\n"
#define V4    "\xC0\0\x02\x01\x7F\0\0\x01\xC8\x7C\x01\xBB"
#define V6    "\x20\x01\x0D\xB8\0\0\0\0\0\0\0\0\0\0\0\x01"

/* Fields: NOOP, AUTHORITY, UNIQUE_ID, SSL with its own VERSION and CN, the same with a VERSION that is cut, SSL of a plain
 * connection. */
#define NOOP      "\x04\0\x01\0"
#define AUTHORITY "\x02\0\x08lab.test"
#define UNIQUE_ID "\x05\0\x02id"
#define TLS                                                                                        \
	"\x20\0\x15\x01\0\0\0\0\x21\0\x07TLSv1.3\x22\0\x03"                                        \
	"bob"
#define TLS_CUT "\x20\0\x08\x01\0\0\0\0\x21\0\x02"
#define PLAIN   "\x20\0\x05\0\0\0\0\0"

static void reads_version_2(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *expected;
	} rows[] = {
#define ROW(bytes, expected) { bytes, sizeof(bytes) - 1, expected }
		ROW(START "\x21\x11\0\x0C" V4, "192.0.2.1 51324"),
		/* With a field behind the addresses. */
		ROW(START "\x21\x11\0\x10" V4 NOOP, "192.0.2.1 51324"),
		ROW(START "\x21\x11\0\x24" V4 TLS, "192.0.2.1 51324 tls"),
		ROW(START "\x21\x11\0\x14" V4 PLAIN, "192.0.2.1 51324 plain"),
		/* Bits of a client certificate say nothing of TLS. */
		ROW(START "\x21\x11\0\x14" V4 "\x20\0\x05\x06\0\0\0\0", "192.0.2.1 51324 plain"),
		ROW(START "\x21\x11\0\x37" V4 AUTHORITY TLS UNIQUE_ID "\xE0\0\0",
		    "192.0.2.1 51324 tls"),
		ROW(START "\x21\x21\0\x2C" V6 V6 "\0\x01\x01\xBB" PLAIN, "2001:db8::1 1 plain"),
		ROW(START "\x21\x11\0\x13" V4 "\x03\0\x04\x81\x19\x60\x17", "192.0.2.1 51324"),
		ROW(START "\x21\x11\0\x1B" V4 "\x03\0\x04\xFE\x56\x0E\x57" PLAIN,
		    "192.0.2.1 51324 plain"),
		ROW(START "\x21\x21\0\x24" V6 V6 "\0\x01\x01\xBB", "2001:db8::1 1"),
		ROW(START "\x20\0\0\0", "-"),
		ROW(START "\x20\x11\0\x0C" V4, "-"),
		ROW(START "\x20\x11\0\x17" V4 TLS_CUT, "-"),
		/* A UNIX socket, datagrams, and a family that may come one day. */
		ROW(START "\x21\x31\0\x01x", "-"),
		ROW(START "\x21\x12\0\x0C" V4, "-"),
		ROW(START "\x21\xF1\0\0", "-"),
#undef ROW
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(text_deinit) struct text sent = TEXT_INIT;

		text_add_bytes(&sent, rows[i].bytes, rows[i].n);
		text_add(&sent, "\x16\x03");
		expect(sent.data, sent.n, rows[i].n, rows[i].expected);
	}
}

static void refuses_version_2(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
	} rows[] = {
#define ROW(bytes) { bytes, sizeof(bytes) - 1 }
		ROW("\r\n\r\n\0\r\nQUIX"),
		ROW(START "\x11\x11\0\x0C" V4),
		ROW(START "\x22\x11\0\x0C" V4),
		ROW(START "\x21\x11\0\x0B" V4),
		ROW(START "\x21\x21\0\x0C" V4),
		ROW(START "\x21\x11\xFF\xFF"),
		/* Fields that are cut, in their head or in their value, or go beyond what holds them. */
		ROW(START "\x21\x11\0\x0D" V4 "\x04"),
		ROW(START "\x21\x11\0\x0E" V4 "\x04\0"),
		ROW(START "\x21\x11\0\x10" V4 "\x04\0\x02\0"),
		ROW(START "\x21\x11\0\x11" V4 NOOP "x"),
		ROW(START "\x21\x11\0\x13" V4 "\x20\0\x04\x01\0\0\0"),
		ROW(START "\x21\x11\0\x15" V4 "\x20\0\x06\x01\0\0\0\0\x21"),
		ROW(START "\x21\x11\0\x17" V4 TLS_CUT),
		/* What comes once comes twice. */
		ROW(START "\x21\x11\0\x1C" V4 PLAIN PLAIN),
		/* A checksum of another length, and one that is wrong. */
		ROW(START "\x21\x11\0\x12" V4 "\x03\0\x03\0\0\0"),
		ROW(START "\x21\x11\0\x13" V4 "\x03\0\x04\0\0\0\0"),
#undef ROW
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		expect(rows[i].bytes, rows[i].n, 0, "malformed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_version_1),
		cmocka_unit_test(refuses_version_1),
		cmocka_unit_test(reads_version_2),
		cmocka_unit_test(refuses_version_2),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
