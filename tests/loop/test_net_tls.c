/*
 * Streams with TLS: who is let in, and whom we believe
 */
#include "keys.h"
#include "net_fixture.h"

#include "mcxd/net/pki.h"
#include "mcxd/net/stream.h"
#include "mcxd/net/tls.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static void serve(struct fixture *f, enum tls_client client, const char *allow)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	const char *const ca[] = { keys_ours.ca.cert }, *const names[] = { allow };

	assert_int_equal(tls_server_new(&(struct tls_config){ .cert_file = keys_ours.server.cert,
							      .key_file = keys_ours.server.key,
							      .ca_files = ca,
							      .n_ca_files = 1,
							      .client = client,
							      .allow = names,
							      .n_allow = allow ? 1 : 0 },
					&why, &f->server_tls),
			 0);
	assert_int_equal(why.n, 0);
}

/* keys: whose certificate is shown; NULL: none. */
static void trust(struct fixture *f, const struct keys *authority, const struct keys *keys)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	const char *const ca[] = { authority->ca.cert };

	assert_int_equal(
		tls_client_new(&(struct tls_config){ .cert_file = keys ? keys->client.cert : NULL,
						     .key_file = keys ? keys->client.key : NULL,
						     .ca_files = ca,
						     .n_ca_files = 1 },
			       &why, &f->client_tls),
		0);
}

static void join(struct fixture *f, const char *name)
{
	net_listen(f, "127.0.0.1:0");
	net_connect(f, name);
}

/* A client is sure only when bytes come back: with TLS 1.3 its handshake is over before its certificate is judged. */
static void expect_talk(struct fixture *f)
{
	end_send(&f->client, "hello");
	assert_true(net_run_until_received(f, &f->server, 5));
	end_send(&f->server, "hi");
	assert_true(net_run_until_received(f, &f->client, 2));
}

static void expect_refusal(struct fixture *f, const struct end *by, const char *why)
{
	assert_true(net_run_until(f, &by->is_closed));
	assert_int_equal(by->reason, STREAM_HANDSHAKE_FAILED);
	if (!strstr(by->problem, why))
		fail_msg("\"%s\" does not say \"%s\"", by->problem, why);
	assert_true(net_run_until(f, &f->server.is_closed));
	assert_true(net_run_until(f, &f->client.is_closed));
	assert_int_equal(f->server.in.n, 0);
	assert_int_equal(f->client.reason, STREAM_HANDSHAKE_FAILED);
}

/* TLS 1.3: the client's handshake is over, and it has sent something, when the server looks at its certificate. */
static void a_refusal_in_place_of_an_answer(void **state)
{
	struct fixture *f = *state;

	serve(f, TLS_CLIENT_REQUIRED, "other.test");
	trust(f, &keys_ours, &keys_ours);
	join(f, "lab.test");
	end_send(&f->client, "hello");
	expect_refusal(f, &f->server, "not for a name on the list");
	assert_true(f->client.is_open);
	assert_non_null(strstr(f->client.problem, "alert"));
}

/* ---- the server's certificate ---- */

static void by_name(void **state)
{
	struct fixture *f = *state;

	serve(f, TLS_CLIENT_NONE, NULL);
	trust(f, &keys_ours, NULL);
	join(f, "lab.test");
	expect_talk(f);
}

static void by_address(void **state)
{
	struct fixture *f = *state;

	serve(f, TLS_CLIENT_NONE, NULL);
	trust(f, &keys_ours, NULL);
	join(f, "127.0.0.1");
	expect_talk(f);
}

static void another_name(void **state)
{
	struct fixture *f = *state;

	serve(f, TLS_CLIENT_NONE, NULL);
	trust(f, &keys_ours, NULL);
	join(f, "other.test");
	expect_refusal(f, &f->client, "hostname mismatch");
}

static void another_address(void **state)
{
	struct fixture *f = *state;

	serve(f, TLS_CLIENT_NONE, NULL);
	trust(f, &keys_ours, NULL);
	join(f, "127.0.0.2");
	expect_refusal(f, &f->client, "IP address mismatch");
}

/* RFC 5922 7.2 */
static void a_wildcard_is_for_no_name(void **state)
{
	static const char *const dns[] = { "*.lab.test" };
	const struct pki_names names = { .dns = dns, .n_dns = 1 };
	const struct pki_pair server = keys_ours.server;
	struct fixture *f = *state;
	struct pki_pair wild;

	assert_int_equal(
		pki_ensure_certificate(keys_ours.dir, "wild", &names, &keys_ours.ca, &wild), 0);
	keys_ours.server = wild;
	serve(f, TLS_CLIENT_NONE, NULL);
	keys_ours.server = server;
	unlink(wild.cert);
	unlink(wild.key);
	pki_pair_deinit(&wild);
	trust(f, &keys_ours, NULL);
	join(f, "edge.lab.test");
	expect_refusal(f, &f->client, "hostname mismatch");
}

static void another_authority(void **state)
{
	struct fixture *f = *state;

	serve(f, TLS_CLIENT_NONE, NULL);
	trust(f, &keys_foreign, NULL);
	join(f, "lab.test");
	expect_refusal(f, &f->client, "certificate");
}

/* ---- the client's certificate ---- */

static void required_and_shown(void **state)
{
	struct fixture *f = *state;

	serve(f, TLS_CLIENT_REQUIRED, "client.test");
	trust(f, &keys_ours, &keys_ours);
	join(f, "lab.test");
	expect_talk(f);
}

static void required_and_not_shown(void **state)
{
	struct fixture *f = *state;

	serve(f, TLS_CLIENT_REQUIRED, "client.test");
	trust(f, &keys_ours, NULL);
	join(f, "lab.test");
	expect_refusal(f, &f->server, "peer did not return a certificate");
}

static void not_on_the_list(void **state)
{
	struct fixture *f = *state;

	serve(f, TLS_CLIENT_REQUIRED, "other.test");
	trust(f, &keys_ours, &keys_ours);
	join(f, "lab.test");
	expect_refusal(f, &f->server, "not for a name on the list");
}

static void an_empty_list_allows_nobody(void **state)
{
	struct fixture *f = *state;

	serve(f, TLS_CLIENT_REQUIRED, NULL);
	trust(f, &keys_ours, &keys_ours);
	join(f, "lab.test");
	expect_refusal(f, &f->server, "not for a name on the list");
}

static void of_another_authority(void **state)
{
	struct fixture *f = *state;

	serve(f, TLS_CLIENT_REQUIRED, "client.test");
	trust(f, &keys_ours, &keys_foreign);
	join(f, "lab.test");
	expect_refusal(f, &f->server, "certificate");
}

static void optional_and_not_shown(void **state)
{
	struct fixture *f = *state;

	serve(f, TLS_CLIENT_OPTIONAL, NULL);
	trust(f, &keys_ours, NULL);
	join(f, "lab.test");
	expect_talk(f);
}

static void optional_and_wrong(void **state)
{
	struct fixture *f = *state;

	serve(f, TLS_CLIENT_OPTIONAL, "other.test");
	trust(f, &keys_ours, &keys_ours);
	join(f, "lab.test");
	expect_refusal(f, &f->server, "not for a name on the list");
}

static void optional_and_right(void **state)
{
	struct fixture *f = *state;

	serve(f, TLS_CLIENT_OPTIONAL, "127.0.0.1");
	trust(f, &keys_ours, &keys_ours);
	join(f, "lab.test");
	expect_talk(f);
}

/* With none the list is not used, and a certificate is not even asked for. */
static void none_and_shown(void **state)
{
	struct fixture *f = *state;

	serve(f, TLS_CLIENT_NONE, "other.test");
	trust(f, &keys_ours, &keys_ours);
	join(f, "lab.test");
	expect_talk(f);
}

/* ---- streams ---- */

static void much_both_ways(void **state)
{
	struct fixture *f = *state;
	enum { N = 3 * 1000 * 1000 };
	char *block = mem_realloc(NULL, N + 1);

	memset(block, 'b', N);
	block[N] = '\0';
	serve(f, TLS_CLIENT_NONE, NULL);
	trust(f, &keys_ours, NULL);
	join(f, "lab.test");
	end_send(&f->client, block); /* before the handshake */
	assert_true(net_run_until_received(f, &f->server, N));
	end_send(&f->server, block);
	assert_true(net_run_until_received(f, &f->client, N));
	assert_memory_equal(f->client.in.data, block, N);
	free(block);
}

static void last_words(void **state)
{
	struct fixture *f = *state;

	serve(f, TLS_CLIENT_NONE, NULL);
	trust(f, &keys_ours, NULL);
	join(f, "lab.test");
	expect_talk(f);
	end_send(&f->server, "goodbye");
	stream_end(f->server.stream);
	assert_true(net_run_until(f, &f->client.is_closed));
	assert_string_equal(f->client.in.data, "higoodbye");
	assert_int_equal(f->client.reason, STREAM_PEER_CLOSED);
	assert_true(net_run_until(f, &f->server.is_closed));
}

static void garbage(void **state)
{
	struct fixture *f = *state;

	serve(f, TLS_CLIENT_NONE, NULL);
	join(f, NULL);
	end_send(&f->client, "OPTIONS sip:a SIP/2.0\r\n\r\n");
	assert_true(net_run_until(f, &f->server.is_closed));
	assert_int_equal(f->server.reason, STREAM_HANDSHAKE_FAILED);
	assert_true(net_run_until(f, &f->client.is_closed));
}

static void silence(void **state)
{
	struct fixture *f = *state;

	f->limits.handshake_ms = 50;
	serve(f, TLS_CLIENT_NONE, NULL);
	join(f, NULL);
	assert_true(net_run_until(f, &f->server.is_closed));
	assert_int_equal(f->server.reason, STREAM_HANDSHAKE_TIMEOUT);
}

/* ---- contexts ---- */

static void reload_keeps_connections(void **state)
{
	struct fixture *f = *state;
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	CLEANUP(mem_free_string) char *aside = text_format("%s/aside", keys_ours.dir);

	serve(f, TLS_CLIENT_NONE, NULL);
	trust(f, &keys_ours, NULL);
	join(f, "lab.test");
	expect_talk(f);
	assert_int_equal(tls_context_reload(f->server_tls, &why), 0);
	assert_int_equal(rename(keys_ours.server.cert, aside), 0);
	assert_int_equal(tls_context_reload(f->server_tls, &why), -22);
	assert_int_equal(rename(aside, keys_ours.server.cert), 0);
	assert_non_null(strstr(text_str(&why), keys_ours.server.cert));
	end_send(&f->client, "on we go");
	assert_true(net_run_until_received(f, &f->server, 13));
}

static void bad_files(void **state)
{
	struct fixture *f = *state;
	struct tls_config config = { .cert_file = keys_ours.server.cert,
				     .key_file = keys_ours.client.key };
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	const char *const missing[] = { "/nonexistent/ca.pem" };

	assert_int_equal(tls_server_new(&config, &why, &f->server_tls), -22);
	assert_non_null(strstr(text_str(&why), keys_ours.client.key));
	text_reset(&why);
	config.key_file = keys_ours.server.key;
	config.ca_files = missing;
	config.n_ca_files = 1;
	assert_int_equal(tls_server_new(&config, &why, &f->server_tls), -22);
	assert_non_null(strstr(text_str(&why), missing[0]));
	assert_null(f->server_tls);
}

static void key_log(void **state)
{
	struct fixture *f = *state;
	CLEANUP(mem_free_string) char *path = text_format("%s/keys.log", keys_ours.dir);
	char line[256] = "";
	struct stat st;
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	struct tls_context *none = NULL;
	int fd;

	assert_null(tls_key_log_path());
	setenv("SSLKEYLOGFILE", keys_ours.dir, 1);
	assert_int_equal(tls_client_new(&(struct tls_config){ 0 }, &why, &none), -EISDIR);
	assert_null(none);
	assert_non_null(strstr(text_str(&why), keys_ours.dir));
	setenv("SSLKEYLOGFILE", path, 1);
	serve(f, TLS_CLIENT_NONE, NULL);
	trust(f, &keys_ours, NULL);
	unsetenv("SSLKEYLOGFILE");
	join(f, "lab.test");
	expect_talk(f);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	fd = open(path, O_RDONLY);
	assert_true(read(fd, line, sizeof(line) - 1) > 0);
	close(fd);
	assert_non_null(strstr(line, "SECRET "));
	unlink(path);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, net_set_up, net_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(by_name),
		TEST(by_address),
		TEST(another_name),
		TEST(another_address),
		TEST(a_wildcard_is_for_no_name),
		TEST(another_authority),
		TEST(required_and_shown),
		TEST(required_and_not_shown),
		TEST(not_on_the_list),
		TEST(a_refusal_in_place_of_an_answer),
		TEST(an_empty_list_allows_nobody),
		TEST(of_another_authority),
		TEST(optional_and_not_shown),
		TEST(optional_and_wrong),
		TEST(optional_and_right),
		TEST(none_and_shown),
		TEST(much_both_ways),
		TEST(last_words),
		TEST(garbage),
		TEST(silence),
		TEST(reload_keeps_connections),
		TEST(bad_files),
		TEST(key_log),
	};

	return cmocka_run_group_tests_name("net_tls", tests, keys_set_up, keys_tear_down);
}
