/*
 * HTTP server: shards
 */
#include "web/http/shard.h"

#include "mcxd/base/list.h"
#include "mcxd/base/log.h"
#include "mcxd/base/loop.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"
#include "web/http/private.h"
#include "web/http/tls.h"

#include <errno.h>

/* libmicrohttpd counts whole seconds. Its timeout must come after our deadline, which can tell the
 * client why; it is needed only for readers that take nothing. */
static unsigned int daemon_timeout_s(const struct http *h)
{
	return (unsigned int)(h->config.idle_timeout_ms / 1000 + 2);
}

static void on_post(void *magic)
{
	struct http_shard *s = magic;

	s->post = 0;
	http_shard_run(s);
}

static void on_timer(void *magic)
{
	http_shard_run(magic);
}

static void on_ready(void *magic, int fd, unsigned events)
{
	(void)fd;
	(void)events;
	http_shard_run(magic);
}

void http_shard_run(struct http_shard *s)
{
	unsigned MHD_LONG_LONG left_ms;
	int64_t set_ms = loop_timer_left_ms(&s->timer);

	list_remove(&s->resumed);
	MHD_run(s->daemon);
	if (MHD_get_timeout(s->daemon, &left_ms) != MHD_YES) {
		loop_timer_stop(&s->timer);
		return;
	}
	if (left_ms == 0) {
		if (!s->post)
			s->post = loop_post(s->http->loop, on_post, s);
		return;
	}
	/* A timer that fires too early costs one run; setting it again at every run costs more. */
	if (set_ms < 0 || (uint64_t)set_ms > left_ms)
		loop_timer_set_real(s->http->loop, &s->timer, (int64_t)left_ms, on_timer, s);
}

/* How libmicrohttpd begins to log, once a connection, that it answers by itself and will close; and what stands before the
 * status there. */
#define REFUSAL "Error processing request"
#define STATUS  "code is "

static void on_refusal(struct http_shard *s, const char *line)
{
	const char *status = strstr(line, STATUS);

	if (!status || !s->calls->on_refusal(s, (int)strtol(status + strlen(STATUS), NULL, 10)))
		s->n_refusals++;
}

PRINTF_LIKE(2, 0) static void on_log(void *cls, const char *fmt, va_list args)
{
	struct http_shard *s = cls;
	CLEANUP(text_deinit) struct text line = TEXT_INIT;
	bool is_refusal = strncmp(fmt, REFUSAL, strlen(REFUSAL)) == 0;

	if (!is_refusal && !log_enabled(LOG_DEBUG, "http"))
		return;
	text_vaddf(&line, fmt, args);
	if (line.n > 0 && line.data[line.n - 1] == '\n')
		line.data[line.n - 1] = '\0';
	log_debug("http", s->http->name, "libmicrohttpd: %s", text_str(&line));
	if (is_refusal)
		on_refusal(s, text_str(&line));
}

int http_shard_start(struct http *h, struct http_shard *s, const struct http_shard_calls *calls)
{
	static const struct MHD_OptionItem none[] = { { MHD_OPTION_END, 0, NULL } };
	unsigned int flags = MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME |
			     MHD_USE_ERROR_LOG | (h->tls ? MHD_USE_TLS : 0);
	const union MHD_DaemonInfo *info;
	int err;

	s->http = h;
	s->calls = calls;
	list_init(&s->incoming);
	errno = 0;
	/* The logger has to be the first option. */
	s->daemon = MHD_start_daemon(
		flags, 0, NULL, NULL, calls->on_access, s, MHD_OPTION_EXTERNAL_LOGGER, on_log, s,
		MHD_OPTION_NOTIFY_CONNECTION, calls->on_connection, s, MHD_OPTION_URI_LOG_CALLBACK,
		calls->on_target, s, MHD_OPTION_NOTIFY_COMPLETED, calls->on_completed, s,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)h->config.memory_bytes,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned int)h->config.max_connections,
		MHD_OPTION_CONNECTION_TIMEOUT, daemon_timeout_s(h), MHD_OPTION_ARRAY,
		h->tls ? http_tls_options() : none, MHD_OPTION_END);
	if (!s->daemon) {
		err = errno ? -errno : -EIO;
		log_error("http", h->name, "cannot start a server: %s", strerror(-err));
		return err;
	}
	info = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	err = loop_fd_add(h->loop, info->epoll_fd, LOOP_IN, on_ready, s, &s->watch);
	if (err) {
		log_error("http", h->name, "cannot watch a server: %s", strerror(-err));
		MHD_stop_daemon(s->daemon);
		s->daemon = NULL;
	}
	return err;
}

void http_shard_stop(struct http_shard *s)
{
	/* Answers that were given a moment ago take a round for reading, one for the head and one for
	 * the body. */
	enum { LAST_ROUNDS = 4 };

	for (int i = 0; i < LAST_ROUNDS; i++)
		MHD_run(s->daemon);
	list_remove(&s->resumed);
	loop_timer_stop(&s->timer);
	if (s->post)
		loop_unpost(s->http->loop, s->post);
	s->watch = loop_fd_free(s->watch);
	MHD_stop_daemon(s->daemon);
	s->daemon = NULL;
}
