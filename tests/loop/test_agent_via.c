/*
 * Agent: where an answer goes, and what its Via says (RFC 3261 18.2, RFC 3581 4)
 */
#include "agent_fixture.h"
#include "mcxd/sip/agent.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/raw.h"

#include <strings.h>

/* The Via of a request, and whether that of its answer says where it came from. host, port: NULL: the sender's own; port "":
 * none. */
struct row {
	const char *host, *port, *params;
	bool rport, received;
};

/* Value of a parameter of the topmost Via, in a static buffer; NULL: it is not there. */
static const char *via_param(const char *message, const char *name)
{
	static char value[80];
	CLEANUP(mem_free_string) char *wanted = text_format(";%s=", name);
	const char *via = sip_header(message, "Via", 0), *p = via ? strstr(via, wanted) : NULL;

	if (!p)
		return NULL;
	p += strlen(wanted);
	snprintf(value, sizeof(value), "%.*s", (int)strcspn(p, ";, \r\n"), p);
	return value;
}

static int count(const char *message, const char *word)
{
	const char *end = strstr(message, "\r\n\r\n");
	int n = 0;

	for (const char *p = message; (p = strcasestr(p, word)) && p < end; p++)
		n++;
	return n;
}

static const char *port_of(const struct raw *r)
{
	return strrchr(r->local, ':') + 1;
}

static void ask(struct raw *r, const char *protocol, const char *via, int i)
{
	raw_sendf(r,
		  "OPTIONS sip:bob@lab.test SIP/2.0\nVia: SIP/2.0/%s %s;branch=z9hG4bKv%d\n"
		  "From: <sip:a@b>;tag=1\nTo: <sip:b@b>\nCall-ID: via-%d\nCSeq: 1 OPTIONS\n"
		  "Max-Forwards: 70\nContent-Length: 0\n\n",
		  protocol, via, i, i);
}

static void check(struct raw *r, const char *host, const struct row *row, const char *via)
{
	CLEANUP(mem_free_string) char *answer = raw_expect(r, "SIP/2.0 200");
	const char *rport = via_param(answer, "rport"), *received;

	if (!rport != !row->rport || (rport && strcmp(rport, port_of(r)) != 0))
		fail_msg("\"%s\": rport is %s", via, rport ? rport : "missing");
	received = via_param(answer, "received");
	if (!received != !row->received || (received && strcmp(received, host) != 0))
		fail_msg("\"%s\": received is %s", via, received ? received : "missing");
	assert_true(count(answer, "received=") <= 1);
	assert_true(count(answer, "rport") <= 1);
}

static struct agent_config listening_at(const char *udp, const char *tcp)
{
	struct agent_config config = agent_fixture_config;

	config.udp = udp;
	config.tcp = tcp;
	config.max_transactions = 1000;
	return config;
}

static void over_udp(struct agent_fixture *f, const char *to, const char *host, const char *bare)
{
	static const struct row rows[] = {
		{ NULL, NULL, "", false, false },
		{ NULL, NULL, ";rport", true, true },
		{ NULL, NULL, ";rport;received=192.0.2.1", true, true },
		{ "client.test", NULL, "", false, true },
		{ "client.test", NULL, ";rport", true, true },
		{ "192.0.2.9", NULL, "", false, true },
		/* only the source port leads back */
		{ "192.0.2.9", "9", ";rport", true, true },
		{ "[2001:db8::9]", "9", ";rport", true, true },
		{ NULL, "", ";rport", true, true },
	};
	struct raw r;

	raw_udp(&r, f->loop, to);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];
		const char *port = row->port ? row->port : port_of(&r);
		CLEANUP(mem_free_string)
		char *via = text_concat(row->host ? row->host : host, *port ? ":" : "", port,
					row->params);

		ask(&r, "UDP", via, (int)i);
		check(&r, bare, row, via);
	}
	raw_close(&r);
}

static void check_udp(struct agent_fixture *f, const char *listen, const char *host,
		      const char *bare)
{
	const struct agent_config config = listening_at(listen, "");
	struct agent *a = agent_fixture_another(f, &config);

	over_udp(f, agent_udp(a), host, bare);
	agent_free(a);
}

static void test_udp(void **state)
{
	check_udp(*state, "127.0.0.1:0", "127.0.0.1", "127.0.0.1");
}

static void test_udp_of_ipv6(void **state)
{
	check_udp(*state, "[::1]:0", "[::1]", "::1");
}

/* Without rport the answer goes to the port that the Via names, though the request came from another. */
static void test_to_the_port_of_the_via(void **state)
{
	struct agent_fixture *f = *state;
	struct raw sender, other;

	raw_udp(&sender, f->loop, agent_udp(f->agent));
	raw_bound_udp(&other, f->loop);
	ask(&sender, "UDP", other.local, 1);
	free(raw_expect(&other, "SIP/2.0 200"));
	raw_expect_silence(&sender, 3);
	/* With rport it does not. */
	CLEANUP(mem_free_string) char *via = text_concat(other.local, ";rport");
	ask(&sender, "UDP", via, 2);
	free(raw_expect(&sender, "SIP/2.0 200"));
	raw_expect_silence(&other, 3);
	raw_close(&sender);
	raw_close(&other);
}

/* Over a connection the answer takes the connection, whatever the Via says. */
static void over_tcp(struct agent_fixture *f, const char *to, const char *bare)
{
	static const char *const sent_by[] = { "client.test:9", "192.0.2.9:9", "[2001:db8::9]" };
	struct raw r;

	raw_tcp(&r, f->loop, to);
	for (size_t i = 0; i < ARRAY_SIZE(sent_by); i++) {
		ask(&r, "TCP", sent_by[i], 20 + (int)i);
		check(&r, bare, &(struct row){ .received = true }, sent_by[i]);
	}
	ask(&r, "TCP", r.local, 30);
	check(&r, bare, &(struct row){ .received = false }, r.local);
	CLEANUP(mem_free_string) char *via = text_concat(r.local, ";rport");
	ask(&r, "TCP", via, 31);
	check(&r, bare, &(struct row){ .rport = true, .received = true }, via);
	raw_close(&r);
}

static void test_tcp(void **state)
{
	struct agent_fixture *f = *state;

	over_tcp(f, agent_tcp(f->agent), "127.0.0.1");
}

static void test_tcp_of_ipv6(void **state)
{
	const struct agent_config config = listening_at("[::1]:0", "[::1]:0");
	struct agent_fixture *f = *state;
	struct agent *a = agent_fixture_another(f, &config);

	over_tcp(f, agent_tcp(a), "::1");
	agent_free(a);
}

/* The answer to a request that could not be parsed obeys the same rules. */
static void test_unparsed(void **state)
{
	struct agent_fixture *f = *state;
	struct raw r;

	raw_udp(&r, f->loop, agent_udp(f->agent));
	raw_sendf(&r,
		  "OPTIONS sip:a@b; x SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.9:9;rport;branch=z9hG4bKu\n"
		  "From: <sip:a@b>;tag=1\nTo: <sip:b@b>\nCall-ID: u\nCSeq: 1 OPTIONS\n\n");
	CLEANUP(mem_free_string) char *answer = raw_expect(&r, "SIP/2.0 400");
	assert_string_equal(via_param(answer, "rport"), port_of(&r));
	assert_string_equal(via_param(answer, "received"), "127.0.0.1");
	raw_close(&r);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, agent_fixture_setup, agent_fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_udp), TEST(test_udp_of_ipv6), TEST(test_to_the_port_of_the_via),
		TEST(test_tcp), TEST(test_tcp_of_ipv6), TEST(test_unparsed),
	};

	return cmocka_run_group_tests_name("agent_via", tests, NULL, NULL);
}
