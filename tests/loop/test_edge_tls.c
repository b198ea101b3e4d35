/*
 * The Edge whose next hop cannot be reached, or is not the one that it should be: what its sender is told, and when
 */
#include "keys.h"
#include "net_fixture.h"

#include "agent_limits.h"
#include "mcxd/base/journal.h"
#include "mcxd/base/log.h"
#include "mcxd/base/metric.h"
#include "mcxd/base/setting_map.h"
#include "mcxd/edge/edge.h"
#include "mcxd/net/address.h"
#include "mcxd/net/hosts.h"
#include "mcxd/net/pki.h"
#include "mcxd/net/tls.h"
#include "mcxd/sip/agent.h"
#include "mcxd/sip/stack.h"
#include "proto/diag.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "raw.h"

#include <sys/socket.h>
#include <unistd.h>

struct edge_end {
	struct fixture *net;
	struct hosts *hosts;
	struct stack *stack;
	struct journal *journal;
	struct metrics *metrics;
	struct tls_context *server, *client;
	struct edge_config config;
	struct edge *edge;
	struct raw front_end;
	char *hop;
};

static struct tls_config tls_of(const struct pki_pair *pair, const char *const *ca)
{
	return (struct tls_config){
		.cert_file = pair->cert, .key_file = pair->key, .ca_files = ca, .n_ca_files = 1
	};
}

static void start_edge(struct edge_end *e)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	const char *const ca[] = { keys_ours.ca.cert };
	const struct tls_config tls = tls_of(&keys_ours.client, ca);

	assert_int_equal(tls_server_new(&tls, &why, &e->server), 0);
	assert_int_equal(tls_client_new(&tls, &why, &e->client), 0);
	e->config = (struct edge_config){
		.agent = { .tcp = "127.0.0.1:0",
			   .tls = "127.0.0.1:0",
			   AGENT_LIMITS, },
		.allowed_domains = "push.lync.com",
		.fqdn = "edge.lab.test",
		.timeout_ms = 30000,
	};
	assert_int_equal(edge_new(&(struct edge_args){ .loop = e->net->loop,
						       .stack = e->stack,
						       .tls_server = e->server,
						       .tls_client = e->client,
						       .journal = e->journal,
						       .metrics = e->metrics,
						       .config = &e->config },
				  &e->edge),
			 0);
	raw_tcp(&e->front_end, e->net->loop, agent_tcp(edge_internal(e->edge)));
}

static int set_up(void **state)
{
	struct edge_end *e = MEM_NEW(struct edge_end);
	void *net;

	net_set_up(&net);
	e->net = net;
	e->hosts = hosts_new();
	assert_int_equal(stack_new(e->net->loop, e->hosts, &e->stack), 0);
	e->journal = journal_new(e->net->loop, &(struct journal_config){ 1000, 1 << 20 });
	e->metrics = metrics_new();
	start_edge(e);
	*state = e;
	return 0;
}

static int tear_down(void **state)
{
	struct edge_end *e = *state;
	void *net = e->net;

	edge_free(e->edge);
	raw_close(&e->front_end);
	stack_free(e->stack);
	hosts_free(e->hosts);
	tls_context_free(e->server);
	tls_context_free(e->client);
	metrics_free(e->metrics);
	journal_free(e->journal);
	net_tear_down(&net);
	free(e->hop);
	free(e);
	return 0;
}

/* ---- the next hop ---- */

static void serve(struct edge_end *e, const struct pki_pair *pair, enum tls_client client,
		  const char *allow)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	const char *const ca[] = { keys_ours.ca.cert }, *const names[] = { allow };
	struct tls_config config = tls_of(pair, ca);

	config.client = client;
	config.allow = names;
	config.n_allow = 1;
	e->net->server_tls = tls_context_free(e->net->server_tls);
	assert_int_equal(tls_server_new(&config, &why, &e->net->server_tls), 0);
}

static void go_to(struct edge_end *e, const char *address)
{
	free(e->hop);
	e->hop = text_format("sip:%s;transport=tls", address);
	e->config.next_hop = e->hop;
}

static void listen_at(struct edge_end *e, const char *address)
{
	char text[ADDRESS_TEXT_SIZE];

	net_listen(e->net, address);
	go_to(e, address_format(&e->net->address, text));
}

/* ---- what the front end hears ---- */

static void send_push(struct edge_end *e, const char *branch)
{
	raw_sendf(&e->front_end,
		  "MESSAGE sip:push@push.lync.com SIP/2.0\nVia: SIP/2.0/TCP "
		  "127.0.0.1:5;branch=z9hG4bK%s\n"
		  "From: <sip:bob@lab.test>;tag=b\nTo: <sip:push@push.lync.com>\nCall-ID: %s\n"
		  "CSeq: 1 MESSAGE\nMax-Forwards: 69\nContent-Length: 0\n\n",
		  branch, branch);
}

static bool has_fault(const struct edge_end *e, const char *why)
{
	for (uint64_t i = journal_first(e->journal); i <= journal_last(e->journal); i++) {
		const struct record *r = journal_get(e->journal, i);

		if (r && !strcmp(r->kind, "fault") && strstr(record_value(r, "what"), why))
			return strstr(e->hop, record_value(r, "peer"));
	}
	return false;
}

/* Of the request that the Edge sent on. */
static const char *name_of_peer(const struct edge_end *e, const char *key)
{
	const char *name = NULL;

	for (uint64_t i = journal_first(e->journal); i <= journal_last(e->journal); i++) {
		const struct record *r = journal_get(e->journal, i);

		if (r && r->key && !strcmp(r->key, key) && !r->incoming)
			name = record_value(r, "peer_name");
	}
	return name;
}

/* Nothing here waits for a clock: the answer comes by itself. */
static void expect_504(struct edge_end *e, int id, const char *why)
{
	CLEANUP(mem_free_string)
	char *got = raw_expect(&e->front_end, "SIP/2.0 504 Server time-out\r\n");
	const char *value = sip_header(got, "ms-diagnostics", 0);
	struct diag_header h;

	assert_non_null(value);
	assert_int_equal(diag_decode(value, &h), 0);
	assert_int_equal(h.id, id);
	assert_string_equal(h.source, "edge.lab.test");
	if (!strstr(h.error_type, why))
		fail_msg("\"%s\" does not say \"%s\"", value, why);
	assert_true(has_fault(e, why));
}

static void expect_distrust(struct edge_end *e, const char *why)
{
	const struct metric *failed =
		metrics_find(e->metrics, "sip_edge_external_handshakes_failed_total");
	int64_t n = failed->value;

	send_push(e, "distrust");
	expect_504(e, 1010, why);
	assert_int_equal(failed->value, n + 1);
}

/* ---- tests ---- */

static void of_another_authority(void **state)
{
	struct edge_end *e = *state;

	serve(e, &keys_foreign.server, TLS_CLIENT_NONE, NULL);
	listen_at(e, "127.0.0.1:0");
	expect_distrust(e, "the TLS handshake failed: certificate: ");
}

static void for_another_name(void **state)
{
	struct edge_end *e = *state;

	serve(e, &keys_ours.server, TLS_CLIENT_NONE, NULL);
	listen_at(e, "127.0.0.3:0");
	expect_distrust(e, "IP address mismatch");
}

/* With TLS 1.3 the Edge has sent the push by the time that its certificate is refused. */
static void our_certificate_is_refused(void **state)
{
	struct edge_end *e = *state;

	serve(e, &keys_ours.server, TLS_CLIENT_REQUIRED, "other.test");
	listen_at(e, "127.0.0.1:0");
	expect_distrust(e, "alert");
	assert_true(net_run_until(e->net, &e->net->server.is_closed));
	assert_int_equal(e->net->server.in.n, 0);
}

static void nobody_listens(void **state)
{
	struct edge_end *e = *state;
	char hop[32];
	int listener = raw_listen(hop);

	close(listener);
	go_to(e, hop);
	send_push(e, "refused");
	expect_504(e, 1007, "Connection refused");
}

/* connect() itself says so, before the request has a transaction that could be told. */
static void no_way_there(void **state)
{
	struct edge_end *e = *state;

	go_to(e, "255.255.255.255:9");
	send_push(e, "no-way");
	expect_504(e, 1007, "cannot connect: Network is unreachable");
}

static void hangs_up_in_the_handshake(void **state)
{
	struct edge_end *e = *state;
	struct raw hop = { .fd = -1 };
	char address[32];
	int listener = raw_listen(address);

	go_to(e, address);
	send_push(e, "hangs-up");
	raw_accept(&hop, e->net->loop, listener);
	raw_close(&hop);
	expect_504(e, 1010, "the peer closed the connection");
	close(listener);
}

static void speaks_plain_tcp(void **state)
{
	struct edge_end *e = *state;
	struct raw hop = { .fd = -1 };
	char address[32];
	int listener = raw_listen(address);

	go_to(e, address);
	send_push(e, "plain");
	raw_accept(&hop, e->net->loop, listener);
	raw_sendf(&hop, "SIP/2.0 400 Bad Request\nContent-Length: 0\n\n");
	expect_504(e, 1010, "the peer does not speak TLS");
	raw_close(&hop);
	close(listener);
}

/* All who share a connection are told, each with its own answer; and the next who comes tries anew. */
static void several_and_then_it_is_mended(void **state)
{
	struct edge_end *e = *state;

	serve(e, &keys_foreign.server, TLS_CLIENT_NONE, NULL);
	listen_at(e, "127.0.0.1:0");
	send_push(e, "one");
	send_push(e, "two");
	expect_504(e, 1010, "certificate: ");
	expect_504(e, 1010, "certificate: ");
	assert_true(net_run_until(e->net, &e->net->server.is_closed));
	e->net->server.is_closed = false;

	serve(e, &keys_ours.server, TLS_CLIENT_REQUIRED, "client.test");
	send_push(e, "three");
	assert_true(net_run_until_received(e->net, &e->net->server, 100));
	assert_memory_equal(e->net->server.in.data, "MESSAGE sip:push@push.lync.com ", 31);
	raw_expect_silence(&e->front_end, 3);
}

/* The name is what is checked, and what the journal shows; the table says only where it is. */
static void by_name(void **state)
{
	struct edge_end *e = *state;
	const char *port;
	char text[ADDRESS_TEXT_SIZE];
	CLEANUP(mem_free_string) char *right = NULL, *wrong = NULL;

	serve(e, &keys_ours.server, TLS_CLIENT_NONE, NULL);
	net_listen(e->net, "127.0.0.3:0");
	port = strrchr(address_format(&e->net->address, text), ':');
	right = text_concat("Lab.test", port);
	wrong = text_concat("other.test", port);
	go_to(e, right);
	send_push(e, "unknown");
	CLEANUP(mem_free_string) char *got = raw_expect(&e->front_end, "SIP/2.0 504 ");
	assert_non_null(strstr(sip_header(got, "ms-diagnostics", 0), "1014;reason="));

	assert_int_equal(hosts_add(e->hosts, "lab.test", "127.0.0.3"), 0);
	assert_int_equal(hosts_add(e->hosts, "other.test", "127.0.0.3"), 0);
	go_to(e, wrong);
	send_push(e, "wrong");
	free(raw_expect(&e->front_end, "SIP/2.0 504 "));
	assert_true(net_run_until(e->net, &e->net->server.is_closed));
	e->net->server.is_closed = false;
	go_to(e, right);
	send_push(e, "right");
	assert_true(net_run_until_received(e->net, &e->net->server, 100));
	assert_string_equal(name_of_peer(e, "sip:right"), "lab.test");
	assert_null(name_of_peer(e, "sip:unknown"));
}

/* The next hop vouches for the sender; returns what the front end is told. */
static char *answer_verified(struct edge_end *e)
{
	CLEANUP(text_deinit) struct text answer = TEXT_INIT;
	static const char *const names[] = { "From", "To", "Call-ID", "CSeq" };
	const char *push = text_str(&e->net->server.in);

	text_add(&answer, "SIP/2.0 200 OK\r\n");
	for (int i = 0; sip_header(push, "Via", i); i++)
		text_addf(&answer, "Via: %s\r\n", sip_header(push, "Via", i));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		text_addf(&answer, "%s: %s\r\n", names[i], sip_header(push, names[i], 0));
	text_add(&answer, "ms-asserted-verification-level: ms-source-verified-user=verified\r\n"
			  "Content-Length: 0\r\n\r\n");
	end_send(&e->net->server, text_str(&answer));
	text_reset(&e->net->server.in);
	return raw_expect(&e->front_end, "SIP/2.0 200 ");
}

static void expect_trust(struct edge_end *e, const char *branch, bool is_trusted)
{
	const struct metric *removed =
		metrics_find(e->metrics, "sip_edge_external_headers_untrusted_total");
	int64_t n = removed->value;
	CLEANUP(mem_free_string) char *got = answer_verified(e);
	const char *trust;

	assert_non_null(strstr(sip_header(got, "Via", 0), branch));
	trust = sip_header(got, "ms-edge-proxy-message-trust", 0);
	assert_non_null(trust);
	assert_int_equal(!strstr(trust, "=unverified;"), is_trusted);
	assert_int_equal(removed->value > n, !is_trusted);
}

static void wait_for_push(struct edge_end *e, const char *branch)
{
	send_push(e, branch);
	assert_true(net_run_until_received(e->net, &e->net->server, 100));
	net_run_rounds(e->net, 3);
}

/* That its certificate is for the name that was connected to is not enough: clients choose such names, too. */
static void only_a_next_hop_is_trusted(void **state)
{
	struct edge_end *e = *state;
	struct setting_map routes = { 0 };
	char address[ADDRESS_TEXT_SIZE];

	serve(e, &keys_ours.server, TLS_CLIENT_NONE, NULL);
	listen_at(e, "127.0.0.1:0");
	address_format(&e->net->address, address);
	CLEANUP(mem_free_string) char *by_tcp = text_concat("sip:", address);
	CLEANUP(mem_free_string)
	char *other_host = text_concat("sip:127.0.0.2", strrchr(address, ':'), ";transport=tls");
	const char *const others[] = { by_tcp, other_host, "sip:127.0.0.1:9;transport=tls", NULL };

	wait_for_push(e, "setting");
	expect_trust(e, "setting", true);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		e->config.next_hop = e->hop;
		wait_for_push(e, "other");
		e->config.next_hop = others[i];
		expect_trust(e, "other", false);
	}
	setting_map_set(&routes, "push.lync.com", e->hop);
	e->config.routes = &routes;
	e->config.next_hop = NULL;
	wait_for_push(e, "route");
	expect_trust(e, "route", true);
	e->config.routes = NULL;
	setting_map_deinit(&routes);
}

/* A thousand refusals are a thousand records, but not a thousand lines. */
static void refusals_do_not_fill_the_log(void **state)
{
	struct edge_end *e = *state;
	const char *address = agent_tls(edge_internal(e->edge));
	char lines[4096] = "";
	int ends[2], n_lines = 0;

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(log_set_levels("warn"), 0);
	log_set_fd(ends[1]);
	for (int i = 0; i < 20; i++) {
		struct raw r;

		raw_tcp(&r, e->net->loop, address);
		raw_sendf(&r, "OPTIONS sip:a SIP/2.0\n\n");
		assert_true(raw_wait_closed(&r));
		raw_close(&r);
	}
	log_set_fd(STDERR_FILENO);
	close(ends[1]);
	assert_true(read(ends[0], lines, sizeof(lines) - 1) > 0);
	close(ends[0]);
	for (const char *c = lines; *c; c++)
		n_lines += *c == '\n';
	assert_int_equal(n_lines, 1);
	assert_non_null(strstr(lines, " warn  sip 127.0.0.1:"));
	assert_non_null(strstr(lines, "the TLS handshake failed: "));
	assert_int_equal(metrics_find(e->metrics, "sip_edge_handshakes_failed_total")->value, 20);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(of_another_authority),
		TEST(for_another_name),
		TEST(our_certificate_is_refused),
		TEST(nobody_listens),
		TEST(no_way_there),
		TEST(hangs_up_in_the_handshake),
		TEST(speaks_plain_tcp),
		TEST(several_and_then_it_is_mended),
		TEST(by_name),
		TEST(only_a_next_hop_is_trusted),
		TEST(refusals_do_not_fill_the_log),
	};

	return cmocka_run_group_tests_name("edge_tls", tests, keys_set_up, keys_tear_down);
}
