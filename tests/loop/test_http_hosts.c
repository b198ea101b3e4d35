/*
 * HTTP client: names come from the table of hosts
 */
#include "http_fixture.h"
#include "keys.h"
#include "mcxd/base/loop.h"
#include "mcxd/net/address.h"
#include "mcxd/net/hosts.h"
#include "mcxd/net/pki.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "raw.h"
#include "web/http/client.h"
#include "web/http/http.h"

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct bench {
	struct loop *loop;
	struct hosts *hosts;
	struct http_client *client;
	int listener;
	char local[32];
	const char *port;

	enum http_failure failure;
	bool done;
	int status;
	char *error;
};

static int setup(void **state)
{
	struct bench *b = MEM_NEW(struct bench);

	assert_int_equal(loop_new(&b->loop), 0);
	b->hosts = hosts_new();
	assert_int_equal(hosts_add(b->hosts, "push.lab.test", "127.0.0.1"), 0);
	b->client = http_client_new(b->loop, &(struct http_client_config){ .hosts = b->hosts });
	b->listener = raw_listen(b->local);
	b->port = strrchr(b->local, ':');
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	http_client_free(b->client);
	hosts_free(b->hosts);
	close(b->listener);
	free(b->error);
	loop_free(b->loop);
	free(b);
	return 0;
}

static void on_result(void *magic, const struct http_result *result)
{
	struct bench *b = magic;

	b->done = true;
	b->status = result->status;
	b->failure = result->failure;
	mem_set_string(&b->error, result->error);
}

static void get(struct bench *b, const char *url)
{
	b->done = false;
	http_client_send(b->client, &(struct http_exchange){ .method = "GET", .url = url }, NULL,
			 on_result, b);
}

/* One connection each: which name a connection was opened for is part of whether it fits. */
static void names_in_the_table(void **state)
{
	static const char *const hosts[] = { "push.lab.test", "Push.LAB.test", "localhost",
					     "LOCALHOST",     "127.0.0.1",     "127.1" };
	static const char *const sent[] = { "push.lab.test", "Push.LAB.test", "localhost",
					    "LOCALHOST",     "127.0.0.1",     "127.0.0.1" };
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
		CLEANUP(mem_free_string)
		char *url = text_format("http://%s%s/x", hosts[i], b->port);
		CLEANUP(mem_free_string) char *host = text_format("Host: %s%s", sent[i], b->port);
		struct address address;
		char text[ADDRESS_TEXT_SIZE];
		struct raw raw;

		/* what it says is where it connects to */
		assert_true(http_client_knows(b->client, url, &address));
		assert_int_equal(strncmp(address_format(&address, text), "127.0.0.1:", 10), 0);
		assert_string_equal(strchr(text, ':'), b->port);
		get(b, url);
		raw_accept(&raw, b->loop, b->listener);
		CLEANUP(mem_free_string) char *request = raw_expect(&raw, "GET /x ");
		if (!sip_has_line(request, host))
			fail_msg("no \"%s\" in %s", host, request);
		raw_sendf(&raw, "HTTP/1.1 204 No Content\nConnection: close\n\n");
		assert_true(run_until(b->loop, &b->done));
		assert_int_equal(b->status, 204);
		raw_close(&raw);
	}
}

static void other_names(void **state)
{
	static const struct {
		const char *url, *error;
	} rows[] = {
		{ "http://lab.test/", "the name lab.test is not in the table of hosts" },
		{ "https://lab.test:1/", "the name lab.test is not in the table of hosts" },
		{ "http://push.lab.test@lab.test/",
		  "the name lab.test is not in the table of hosts" },
		{ "http://a.push.lab.test/",
		  "the name a.push.lab.test is not in the table of hosts" },
		{ "http://push.lab.test./",
		  "the name push.lab.test. is not in the table of hosts" },
		{ "http://a.localhost/", "the name a.localhost is not in the table of hosts" },
		{ "push.lab.test/", "Bad scheme" },
		{ "http:///x", "the name x is not in the table of hosts" },
		{ "", NULL },
	};
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_false(http_client_knows(b->client, rows[i].url, NULL));
		get(b, rows[i].url);
		assert_false(b->done);
		assert_true(run_until(b->loop, &b->done));
		assert_int_equal(b->status, 0);
		assert_non_null(b->error);
		assert_int_equal(b->failure, HTTP_REFUSED_HERE);
		if (rows[i].error)
			assert_string_equal(b->error, rows[i].error);
	}
}

static void expect_failure(struct bench *b, enum http_failure failure)
{
	assert_true(run_until(b->loop, &b->done));
	assert_int_equal(b->status, 0);
	assert_int_equal(b->failure, failure);
	assert_null(strstr(http_failure_sentence(failure), b->port));
}

/* Why there is no answer, in words that are not libcurl's. */
static void failures(void **state)
{
	struct bench *b = *state;
	CLEANUP(mem_free_string) char *url = text_format("http://127.0.0.1%s/x", b->port);
	CLEANUP(mem_free_string) char *https = text_format("https://127.0.0.1%s/x", b->port);
	struct raw raw;

	get(b, url);
	raw_accept(&raw, b->loop, b->listener);
	raw_close(&raw);
	expect_failure(b, HTTP_BROKEN_OFF);
	get(b, https);
	raw_accept(&raw, b->loop, b->listener);
	raw_sendf(&raw, "this is no TLS\n");
	expect_failure(b, HTTP_NO_TLS);
	raw_close(&raw);
	b->done = false;
	http_client_send(b->client,
			 &(struct http_exchange){ .method = "GET", .url = url, .timeout_ms = 50 },
			 NULL, on_result, b);
	expect_failure(b, HTTP_TIMED_OUT);
	close(b->listener);
	get(b, url);
	expect_failure(b, HTTP_NOT_CONNECTED);
	b->listener = raw_listen(b->local);
}

static void a_table_is_needed(void **state)
{
	struct bench *b = *state;

	http_client_free(b->client);
	b->client = http_client_new(b->loop, &(struct http_client_config){ 0 });
	assert_false(http_client_knows(b->client, "http://push.lab.test/", NULL));
	assert_true(http_client_knows(b->client, "http://localhost/", NULL));
	assert_true(http_client_knows(b->client, "http://[::1]:80/", NULL));
	get(b, "http://push.lab.test/");
	assert_true(run_until(b->loop, &b->done));
	assert_string_equal(b->error, "the name push.lab.test is not in the table of hosts");
	/* one that is refused may be cancelled, and the client freed, before that is told */
	get(b, "http://push.lab.test/");
	b->client = http_client_free(b->client);
	run_rounds(b->loop, 3);
	assert_false(b->done);
}

/* Of the server name indication in a ClientHello (RFC 6066 3), which is not encrypted. */
static void tls_is_told_the_name(void **state)
{
	struct bench *b = *state;
	CLEANUP(mem_free_string) char *url = text_format("https://push.lab.test%s/", b->port);
	unsigned char hello[4096];
	ssize_t n = -1;
	struct raw raw;

	get(b, url);
	raw_accept(&raw, b->loop, b->listener);
	for (int i = 0; i < 5000 && n <= 0; i++) {
		run_rounds(b->loop, 1);
		n = recv(raw.fd, hello, sizeof(hello), MSG_DONTWAIT);
	}
	assert_true(n > 0);
	assert_non_null(memmem(hello, (size_t)n, "push.lab.test", strlen("push.lab.test")));
	raw_close(&raw);
	assert_true(run_until(b->loop, &b->done));
	assert_int_equal(b->status, 0);
}

static int get_by_name(struct site *s, const char *name)
{
	char *address = s->base;
	struct reply r;
	int status;

	s->base = text_format("https://%s%s", name, strrchr(address, ':'));
	site_get(s, "GET", "/hello", NULL, &r);
	status = r.status;
	if (!status)
		assert_non_null(r.error);
	reply_deinit(&r);
	free(s->base);
	s->base = address;
	return status;
}

static void tls_checks_the_name(void **state)
{
	struct hosts *hosts = hosts_new();
	struct http_config config = { 0 };
	struct keys k;
	struct site s;

	(void)state;
	assert_int_equal(hosts_add(hosts, "lab.test", "127.0.0.1"), 0);
	assert_int_equal(hosts_add(hosts, "other.lab.test", "127.0.0.1"), 0);
	keys_make(&k);
	config.cert_file = k.server.cert;
	config.key_file = k.server.key;
	site_open(&s, &config,
		  &(struct http_client_config){ .hosts = hosts, .ca_file = k.ca.cert });
	assert_int_equal(get_by_name(&s, "lab.test"), 200);
	assert_int_equal(get_by_name(&s, "other.lab.test"), 0);
	assert_int_equal(get_by_name(&s, "127.0.0.1"), 200);
	site_close(&s);
	keys_remove(&k);
	hosts_free(hosts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(names_in_the_table, setup, teardown),
		cmocka_unit_test_setup_teardown(other_names, setup, teardown),
		cmocka_unit_test_setup_teardown(failures, setup, teardown),
		cmocka_unit_test_setup_teardown(a_table_is_needed, setup, teardown),
		cmocka_unit_test_setup_teardown(tls_is_told_the_name, setup, teardown),
		cmocka_unit_test(tls_checks_the_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
