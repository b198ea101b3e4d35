/*
 * HTTP server: listening
 */
#include "http_fixture.h"
#include "mcxd/base/loop.h"
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
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void limits_connections(void **state)
{
	struct raw raws[4];
	struct site s;

	(void)state;
	site_open(&s, &(struct http_config){ .max_connections = 3 }, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(raws); i++)
		raw_tcp(&raws[i], s.loop, http_listen(s.http));
	RUN_UNTIL(s.loop, site_metric(&s, "refused_connections_total") == 1);
	assert_int_equal(site_metric(&s, "connections"), 3);
	free(raw_expect(&raws[3], "HTTP/1.1 503 "));
	assert_true(raw_wait_closed(&raws[3]));
	raw_sendf(&raws[0], "GET /hello HTTP/1.1\nHost: x\n\n");
	free(raw_expect(&raws[0], "HTTP/1.1 200 "));
	for (size_t i = 0; i < ARRAY_SIZE(raws); i++)
		raw_close(&raws[i]);
	RUN_UNTIL(s.loop, site_metric(&s, "connections") == 0);
	site_expect(&s, "GET", "/hello", 200, "hello");
	site_close(&s);
}

static void listens_on_unix_sockets(void **state)
{
	char dir[] = "/tmp/mcxd-test-XXXXXX";
	CLEANUP(mem_free_string) char *path = NULL;
	struct http_client_config client = { 0 };
	struct http *first;
	struct site s;
	struct stat st;

	(void)state;
	assert_non_null(mkdtemp(dir));
	path = text_format("%s/lab.sock", dir);
	client.unix_socket = path;
	site_open(&s, &(struct http_config){ .listen = path }, &client);
	assert_string_equal(http_listen(s.http), path);
	assert_int_equal(stat(path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 0777, 0600);
	site_expect(&s, "GET", "/peer", 200, "unix");
	site_expect(&s, "GET", "/hello", 200, "hello");

	first = s.http;
	assert_int_equal(site_listen(&s, &(struct http_config){ .listen = path }), -EADDRINUSE);
	s.http = first;
	site_expect(&s, "GET", "/hello", 200, "hello");
	site_close(&s);
	assert_int_equal(stat(path, &st), -1);
	assert_int_equal(rmdir(dir), 0);
}

static void replaces_stale_sockets_only(void **state)
{
	char dir[] = "/tmp/mcxd-test-XXXXXX";
	CLEANUP(mem_free_string) char *path = NULL;
	CLEANUP(mem_free_string) char *file = NULL;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct http_config config = { 0 };
	struct site s;
	int fd;

	(void)state;
	assert_non_null(mkdtemp(dir));
	path = text_format("%s/lab.sock", dir);
	file = text_format("%s/file", dir);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	config.listen = path;
	site_open(&s, &config, NULL);
	site_close(&s);

	assert_int_equal(mknod(file, S_IFREG | 0600, 0), 0);
	config.listen = file;
	assert_int_equal(loop_new(&s.loop), 0);
	s.metrics = NULL;
	assert_int_equal(site_listen(&s, &config), -EADDRINUSE);
	config.listen = "127.0.0.1";
	assert_int_equal(site_listen(&s, &config), -EINVAL);
	config.listen = "nowhere:80";
	assert_int_equal(site_listen(&s, &config), -EINVAL);
	loop_free(s.loop);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(rmdir(dir), 0);
}

/* Out of descriptors it pauses instead of spinning, serves who is there, and goes on when there are some. */
static void pauses_without_descriptors(void **state)
{
	enum { WATCHED_MS = 300, MAX_ROUNDS = 100 };
	struct raw old, waiting;
	struct rlimit before, none;
	int64_t until_ms;
	int first_free, n_rounds = 0;
	struct site s;

	(void)state;
	site_open(&s, &(struct http_config){ 0 }, NULL);
	raw_tcp(&old, s.loop, http_listen(s.http));
	raw_sendf(&old, "GET /hello HTTP/1.1\nHost: x\n\n");
	free(raw_expect(&old, "HTTP/1.1 200 "));
	raw_tcp(&waiting, s.loop, http_listen(s.http));
	raw_sendf(&waiting, "GET /hello HTTP/1.1\nHost: x\n\n");
	first_free = dup(STDERR_FILENO);
	close(first_free);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){ .rlim_cur = (rlim_t)first_free, .rlim_max = before.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	for (until_ms = loop_real_ms(s.loop) + WATCHED_MS; loop_real_ms(s.loop) < until_ms;
	     n_rounds++)
		loop_step(s.loop, 50);
	assert_in_range(n_rounds, 1, MAX_ROUNDS);
	assert_in_range(site_metric(&s, "accepts_paused_total"), 1, MAX_ROUNDS);
	raw_sendf(&old, "GET /hello HTTP/1.1\nHost: x\n\n");
	free(raw_expect(&old, "HTTP/1.1 200 "));
	assert_int_equal(site_metric(&s, "connections"), 1);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	free(raw_expect(&waiting, "HTTP/1.1 200 "));
	raw_close(&old);
	raw_close(&waiting);
	RUN_UNTIL(s.loop, site_metric(&s, "connections") == 0);
	site_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_connections),
		cmocka_unit_test(listens_on_unix_sockets),
		cmocka_unit_test(replaces_stale_sockets_only),
		cmocka_unit_test(pauses_without_descriptors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
