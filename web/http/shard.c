/*
 * HTTP server: a shard, one daemon of libmicrohttpd on the loop
 */
#include "web/http/private.h"

#include <errno.h>

/* libmicrohttpd counts in seconds, and must come after our own deadline, which can tell the client
 * why. It is alone with readers that take nothing. */
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

	s->dirty = false;
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
	/* One that comes too early only looks again; setting it at every run would cost more. */
	if (set_ms < 0 || (uint64_t)set_ms > left_ms)
		loop_timer_set_real(s->http->loop, &s->timer, (int64_t)left_ms, on_timer, s);
}

/* What libmicrohttpd calls */

struct http_conn *http_conn_of(struct MHD_Connection *mhd)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info->socket_context;
}

PRINTF_LIKE(2, 0) static void on_log(void *cls, const char *fmt, va_list args)
{
	struct http_shard *s = cls;
	CLEANUP(text_deinit) struct text line = TEXT_INIT;

	if (!log_enabled(LOG_DEBUG, "http"))
		return;
	text_vaddf(&line, fmt, args);
	if (line.n > 0 && line.data[line.n - 1] == '\n')
		line.data[line.n - 1] = '\0';
	log_debug("http", s->http->name, "libmicrohttpd: %s", text_str(&line));
}

static void on_connection(void *cls, struct MHD_Connection *mhd, void **socket_context,
			  enum MHD_ConnectionNotificationCode code)
{
	struct http_shard *s = cls;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		*socket_context = http_conn_new(s, mhd);
	} else {
		http_conn_free(*socket_context);
		*socket_context = NULL;
	}
}

/* libmicrohttpd would go on to copy each parameter of the query into the connection's memory, and
 * when that is full it forgets its own refusal and leaves the client waiting. We have taken the
 * query apart here: cut it off. The bytes are those of its read buffer. */
static void *on_target(void *cls, const char *target, struct MHD_Connection *mhd)
{
	struct http_request *r = http_request_new(http_conn_of(mhd), target ? target : "");
	char *query = target ? strchr(target, '?') : NULL;

	(void)cls;
	if (query && query[1])
		query[1] = '\0';
	return r;
}

/* Hand over the answer, or wait for it. */
static enum MHD_Result settle(struct http_request *r)
{
	enum MHD_Result result;

	if (r->response) {
		result = http_queue_response(r);
		MHD_destroy_response(r->response);
		r->response = NULL;
		return result;
	}
	if (r->state != HTTP_WAITING)
		return MHD_NO;
	http_suspend(r);
	return MHD_YES;
}

/* NOLINTNEXTLINE(readability-function-size): the parameters are libmicrohttpd's. */
static enum MHD_Result on_access(void *cls, struct MHD_Connection *mhd, const char *url,
				 const char *method, const char *version, const char *upload_data,
				 size_t *upload_data_size, void **context)
{
	struct http_request *r = *context;

	(void)cls;
	(void)mhd;
	(void)url;
	if (r->state == HTTP_NEW) {
		if (http_request_head(r, method, version))
			return MHD_YES;
		return settle(r);
	}
	if (*upload_data_size > 0) {
		size_t n = *upload_data_size;

		*upload_data_size = 0;
		return http_request_body(r, upload_data, n) ? MHD_YES : MHD_NO;
	}
	if (r->state == HTTP_READING)
		http_request_run(r);
	return settle(r);
}

static void on_completed(void *cls, struct MHD_Connection *mhd, void **context,
			 enum MHD_RequestTerminationCode code)
{
	struct http_request *r = *context;

	(void)cls;
	(void)mhd;
	(void)code;
	*context = NULL;
	if (r)
		http_request_free(r);
}

int http_shard_start(struct http *h, struct http_shard *s)
{
	static const struct MHD_OptionItem none[] = { { MHD_OPTION_END, 0, NULL } };
	unsigned int flags = MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME |
			     MHD_USE_ERROR_LOG | (h->tls ? MHD_USE_TLS : 0);
	const union MHD_DaemonInfo *info;
	int err;

	s->http = h;
	errno = 0;
	/* The logger has to be the first option. */
	s->daemon = MHD_start_daemon(
		flags, 0, NULL, NULL, on_access, s, MHD_OPTION_EXTERNAL_LOGGER, on_log, s,
		MHD_OPTION_NOTIFY_CONNECTION, on_connection, s, MHD_OPTION_URI_LOG_CALLBACK,
		on_target, s, MHD_OPTION_NOTIFY_COMPLETED, on_completed, s,
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
	/* Answers that were given a moment ago: a round reads, the next writes the head, the next
	 * the body. */
	enum { LAST_ROUNDS = 4 };

	for (int i = 0; i < LAST_ROUNDS; i++)
		MHD_run(s->daemon);
	loop_timer_stop(&s->timer);
	if (s->post)
		loop_unpost(s->http->loop, s->post);
	s->watch = loop_fd_free(s->watch);
	MHD_stop_daemon(s->daemon);
	s->daemon = NULL;
}
