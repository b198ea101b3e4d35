/*
 * HTTP server: TLS
 */
#include "http_fixture.h"
#include "mcxd/base/loop.h"
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

#include <errno.h>
#include <gnutls/gnutls.h>
#include <sys/socket.h>
#include <unistd.h>

struct keys {
	char dir[32];
	struct pki_pair ca, server;
};

static void keys_make(struct keys *k)
{
	static const char *const dns[] = { "lab.test" };
	static const char *const ips[] = { "127.0.0.1" };
	const struct pki_names names = { dns, 1, ips, 1 };

	snprintf(k->dir, sizeof(k->dir), "/tmp/mcxd-test-XXXXXX");
	assert_non_null(mkdtemp(k->dir));
	assert_int_equal(pki_ensure_authority(k->dir, &k->ca), 0);
	assert_int_equal(pki_ensure_certificate(k->dir, "server", &names, &k->ca, &k->server), 0);
}

static void keys_remove(struct keys *k)
{
	unlink(k->ca.key);
	unlink(k->ca.cert);
	unlink(k->server.key);
	unlink(k->server.cert);
	assert_int_equal(rmdir(k->dir), 0);
	pki_pair_deinit(&k->ca);
	pki_pair_deinit(&k->server);
}

static void open_tls(struct site *s, const struct keys *k)
{
	const struct http_config config = { .cert_file = k->server.cert,
					    .key_file = k->server.key,
					    .parked_per_shard = 1 };

	site_open(s, &config, &(struct http_client_config){ .ca_file = k->ca.cert });
}

static void expect_hello(struct site *s)
{
	struct reply r;

	site_get(s, "GET", "/hello", NULL, &r);
	if (r.status != 200)
		fail_msg("got %d %s", r.status, r.error);
	assert_string_equal(r.body, "hello");
	reply_deinit(&r);
}

static void speaks_tls(void **state)
{
	CLEANUP(mem_free_string) char *large = text_format("%060000d", 1);
	const struct http_client_config system = { 0 };
	struct reply r;
	struct keys k;
	struct site s;

	(void)state;
	keys_make(&k);
	open_tls(&s, &k);
	expect_hello(&s);
	expect_hello(&s);
	assert_int_equal(site_metric(&s, "connections"), 1);
	site_get(&s, "POST", "/body", large, &r);
	assert_int_equal(r.status, 200);
	assert_string_equal(r.body, large);
	reply_deinit(&r);

	http_client_free(s.client);
	s.client = http_client_new(s.loop, &system);
	site_get(&s, "GET", "/hello", NULL, &r);
	assert_int_equal(r.status, 0);
	assert_non_null(r.error);
	reply_deinit(&r);
	site_close(&s);
	keys_remove(&k);
}

static void parks_over_tls(void **state)
{
	struct reply replies[2];
	struct http_request *parked;
	uint64_t second;
	struct keys k;
	struct site s;

	(void)state;
	keys_make(&k);
	open_tls(&s, &k);
	site_send(&s, "GET", "/park", NULL, &replies[0]);
	RUN_UNTIL(s.loop, s.n_waiting == 1);
	second = site_send(&s, "GET", "/park", NULL, &replies[1]);
	RUN_UNTIL(s.loop, s.n_waiting == 2);
	/* This closes the connection with a close_notify. */
	http_client_cancel(s.client, second);
	RUN_UNTIL(s.loop, s.n_gone == 1);
	assert_int_equal(s.last_gone, s.waiting[1]);
	parked = http_parked(s.http, s.waiting[0]);
	assert_non_null(parked);
	http_answer(parked, 200, "text/plain", "you", 3);
	RUN_UNTIL(s.loop, replies[0].done);
	assert_int_equal(replies[0].status, 200);
	assert_string_equal(replies[0].body, "you");
	reply_deinit(&replies[0]);
	RUN_UNTIL(s.loop, site_metric(&s, "connections") == 1);
	assert_int_equal(site_metric(&s, "bad_requests_total"), 0);

	site_send(&s, "GET", "/park", NULL, &replies[0]);
	site_send(&s, "GET", "/stream", NULL, &replies[1]);
	RUN_UNTIL(s.loop, s.n_waiting == 4);
	/* The rest is up to http_free(), after the client has gone. */
	site_close(&s);
	keys_remove(&k);
}

static void loads_again(void **state)
{
	struct keys old, new;
	struct reply r;
	struct site s;

	(void)state;
	keys_make(&old);
	keys_make(&new);
	open_tls(&s, &old);
	expect_hello(&s);
	assert_int_equal(rename(new.server.key, old.server.key), 0);
	/* A certificate without a key, and the reverse. */
	assert_int_equal(http_reload(s.http), -EINVAL);
	assert_int_equal(rename(new.server.cert, old.server.cert), 0);
	assert_int_equal(http_reload(s.http), 0);
	/* On the old connection. */
	expect_hello(&s);

	http_client_free(s.client);
	s.client = http_client_new(s.loop, &(struct http_client_config){ .ca_file = old.ca.cert });
	site_get(&s, "GET", "/hello", NULL, &r);
	assert_int_equal(r.status, 0);
	reply_deinit(&r);
	http_client_free(s.client);
	s.client = http_client_new(s.loop, &(struct http_client_config){ .ca_file = new.ca.cert });
	expect_hello(&s);
	site_close(&s);
	keys_remove(&old);
	keys_remove(&new);
}

static void needs_good_files(void **state)
{
	struct http_config config = { 0 };
	struct keys k;
	struct site s = { 0 };

	(void)state;
	keys_make(&k);
	assert_int_equal(loop_new(&s.loop), 0);
	config.cert_file = k.server.cert;
	assert_int_equal(site_listen(&s, &config), -EINVAL);
	config.key_file = k.ca.key;
	assert_int_equal(site_listen(&s, &config), -EINVAL);
	config.key_file = "/nonexistent";
	assert_int_equal(site_listen(&s, &config), -EINVAL);
	loop_free(s.loop);
	keys_remove(&k);
}

static void survives_junk(void **state)
{
	struct raw raws[4];
	struct keys k;
	struct site s;

	(void)state;
	keys_make(&k);
	open_tls(&s, &k);
	for (size_t i = 0; i < ARRAY_SIZE(raws); i++)
		raw_tcp(&raws[i], s.loop, http_listen(s.http));
	raw_sendf(&raws[0], "GET /hello HTTP/1.1\nHost: x\n\n");
	raw_send(&raws[1], "\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03", 10);
	raw_send(&raws[2], "\x80\x2e\x01\x00\x02", 5);
	raw_close(&raws[2]);
	assert_true(raw_wait_closed(&raws[0]));
	assert_true(raw_wait_closed(&raws[1]));
	RUN_UNTIL(s.loop, site_metric(&s, "bad_requests_total") == 2);
	expect_hello(&s);
	for (size_t i = 0; i < ARRAY_SIZE(raws); i++)
		raw_close(&raws[i]);
	RUN_UNTIL(s.loop, site_metric(&s, "connections") == 1);
	site_close(&s);
	keys_remove(&k);
}

/* A client that uses GnuTLS directly, for what libcurl does not show. */
struct tls_client {
	struct raw raw;
	gnutls_certificate_credentials_t credentials;
	gnutls_session_t session;
};

static int tls_connect(struct tls_client *c, struct site *s, const char *priorities,
		       const gnutls_datum_t *resume)
{
	int64_t until_ms = loop_real_ms(s->loop) + 5000;
	int err;

	raw_tcp(&c->raw, s->loop, http_listen(s->http));
	gnutls_certificate_allocate_credentials(&c->credentials);
	gnutls_init(&c->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK);
	gnutls_credentials_set(c->session, GNUTLS_CRD_CERTIFICATE, c->credentials);
	assert_int_equal(gnutls_priority_set_direct(c->session, priorities, NULL), 0);
	gnutls_transport_set_int(c->session, c->raw.fd);
	if (resume)
		gnutls_session_set_data(c->session, resume->data, resume->size);
	do {
		loop_step(s->loop, 1);
		err = gnutls_handshake(c->session);
		assert_true(loop_real_ms(s->loop) < until_ms);
	} while (err == GNUTLS_E_AGAIN || err == GNUTLS_E_INTERRUPTED);
	return err;
}

static void tls_close(struct tls_client *c)
{
	gnutls_deinit(c->session);
	gnutls_certificate_free_credentials(c->credentials);
	raw_close(&c->raw);
}

static void tls_hello(struct tls_client *c, struct site *s)
{
	static const char request[] = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";
	int64_t until_ms = loop_real_ms(s->loop) + 5000;
	char answer[4096] = "";
	ssize_t n;

	assert_int_equal(gnutls_record_send(c->session, request, sizeof(request) - 1),
			 sizeof(request) - 1);
	do {
		loop_step(s->loop, 1);
		n = gnutls_record_recv(c->session, answer, sizeof(answer) - 1);
		assert_true(loop_real_ms(s->loop) < until_ms);
	} while (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED);
	assert_true(n > 0);
	assert_memory_equal(answer, "HTTP/1.1 200 ", 13);
}

static void resumes_sessions(void **state)
{
	static const char *const versions[] = { "NORMAL:-VERS-ALL:+VERS-TLS1.2",
						"NORMAL:-VERS-ALL:+VERS-TLS1.3" };
	struct keys k;
	struct site s;

	(void)state;
	keys_make(&k);
	open_tls(&s, &k);
	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		struct tls_client first, second;
		gnutls_datum_t ticket = { 0 };

		assert_int_equal(tls_connect(&first, &s, versions[i], NULL), 0);
		tls_hello(&first, &s);
		assert_int_equal(gnutls_session_get_data2(first.session, &ticket), 0);
		tls_close(&first);
		assert_int_equal(tls_connect(&second, &s, versions[i], &ticket), 0);
		assert_int_not_equal(gnutls_session_is_resumed(second.session), 0);
		tls_hello(&second, &s);
		tls_close(&second);
		gnutls_free(ticket.data);
	}
	site_close(&s);
	keys_remove(&k);
}

static void refuses_old_versions(void **state)
{
	struct tls_client c;
	struct keys k;
	struct site s;

	(void)state;
	keys_make(&k);
	open_tls(&s, &k);
	assert_int_not_equal(
		tls_connect(&c, &s, "NORMAL:-VERS-ALL:+VERS-TLS1.1:+VERS-TLS1.0", NULL), 0);
	tls_close(&c);
	assert_int_equal(tls_connect(&c, &s, "NORMAL:-VERS-ALL:+VERS-TLS1.2:+VERS-TLS1.0", NULL),
			 0);
	assert_int_equal(gnutls_protocol_get_version(c.session), GNUTLS_TLS1_2);
	tls_hello(&c, &s);
	tls_close(&c);
	site_close(&s);
	keys_remove(&k);
}

/* Half of a handshake, or of a request, has the same time limit as without TLS. */
static void bounds_slow_handshakes(void **state)
{
	struct http_config config = { .idle_timeout_ms = 80 };
	struct tls_client half;
	struct raw silent;
	struct keys k;
	struct site s;
	ssize_t n;

	(void)state;
	keys_make(&k);
	config.cert_file = k.server.cert;
	config.key_file = k.server.key;
	site_open(&s, &config, NULL);
	raw_tcp(&silent, s.loop, http_listen(s.http));
	raw_send(&silent, "\x16\x03\x01", 3);
	assert_int_equal(tls_connect(&half, &s, "NORMAL", NULL), 0);
	gnutls_record_send(half.session, "GET /hello HTTP/1.1\r\n", 21);
	RUN_UNTIL(s.loop, site_metric(&s, "timeouts_total") == 2);
	assert_true(raw_wait_closed(&silent));
	do {
		char answer[4096] = "";

		n = gnutls_record_recv(half.session, answer, sizeof(answer) - 1);
		if (n > 0)
			assert_memory_equal(answer, "HTTP/1.1 408 ", 13);
	} while (n > 0 || n == GNUTLS_E_AGAIN);
	/* It ends with a close_notify. */
	assert_int_equal(n, 0);
	RUN_UNTIL(s.loop, site_metric(&s, "connections") == 0);
	raw_close(&silent);
	tls_close(&half);
	site_close(&s);
	keys_remove(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(speaks_tls),           cmocka_unit_test(parks_over_tls),
		cmocka_unit_test(loads_again),          cmocka_unit_test(needs_good_files),
		cmocka_unit_test(survives_junk),        cmocka_unit_test(resumes_sessions),
		cmocka_unit_test(refuses_old_versions), cmocka_unit_test(bounds_slow_handshakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
