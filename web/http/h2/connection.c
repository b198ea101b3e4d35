/*
 * HTTP/2 server: one connection
 */
#include "mcxd/base/list.h"
#include "mcxd/base/log.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/net/address.h"
#include "mcxd/net/net.h"
#include "mcxd/net/stream.h"
#include "proto/text/mem.h"
#include "web/http/h2/head.h"
#include "web/http/h2/private.h"
#include "web/http/h2/server.h"

#include <nghttp2/nghttp2.h>
#include <sys/uio.h>

/* ---- its end ---- */

/* nghttp2 reports no stream closed when its session goes. */
static void connection_free(struct h2_connection *c)
{
	list_for_each_safe (node, &c->requests)
		h2_request_free(LIST_ENTRY(node, struct h2_request, of_connection));
	nghttp2_session_del(c->session);
	free(c->context);
	loop_timer_stop(&c->timer);
	net_write_never(&c->output);
	list_remove(&c->of_server);
	metric_add(&c->server->metrics.connections, -1);
	free(c);
}

static void on_closed(void *magic, const struct stream_end *end)
{
	struct h2_connection *c = magic;
	struct h2_metrics *metrics = &c->server->metrics;

	if (end->reason == STREAM_UNREAD)
		metric_inc(&metrics->unread_total);
	else if (end->reason == STREAM_HANDSHAKE_FAILED ||
		 end->reason == STREAM_HANDSHAKE_TIMEOUT || end->reason == STREAM_MESSAGE_TIMEOUT)
		metric_inc(&metrics->failed_handshakes_total);
	log_debug("http", c->peer, "%s: connection ended: %s", c->server->name, end->problem);
	connection_free(c);
}

static void end(struct h2_connection *c)
{
	if (c->ending == H2_IS_RESET) {
		stream_reset(c->stream);
		connection_free(c);
	} else if (!stream_is_ending(c->stream)) {
		stream_end(c->stream);
	}
}

/* ---- output ---- */

static void pull(struct h2_connection *c)
{
	const uint8_t *bytes;
	ssize_t n;

	while (!stream_is_ending(c->stream) &&
	       (n = nghttp2_session_mem_send(c->session, &bytes)) > 0) {
		const struct iovec piece = { .iov_base = mem_no_const(bytes),
					     .iov_len = (size_t)n };

		if (stream_send(c->stream, &piece, 1) < 0)
			return;
	}
}

static void on_write(struct net_output *output)
{
	struct h2_connection *c = LIST_ENTRY(output, struct h2_connection, output);

	if (c->ending == H2_GOES_ON)
		pull(c);
	if (!nghttp2_session_want_read(c->session) && !nghttp2_session_want_write(c->session) &&
	    c->ending == H2_GOES_ON)
		c->ending = H2_ENDS;
	if (c->ending != H2_GOES_ON)
		end(c);
}

static void say_goodbye(struct h2_connection *c, const char *words)
{
	nghttp2_submit_goaway(c->session, NGHTTP2_FLAG_NONE,
			      nghttp2_session_get_last_proc_stream_id(c->session), NGHTTP2_NO_ERROR,
			      (const uint8_t *)words, words ? strlen(words) : 0);
	pull(c);
}

void h2_connection_dismiss(struct h2_connection *c, const char *goodbye)
{
	if (c->has_settings && c->ending == H2_GOES_ON)
		say_goodbye(c, goodbye);
}

void h2_connection_close(struct h2_connection *c)
{
	stream_close(c->stream);
	connection_free(c);
}

/* ---- deadlines, by real time ---- */

static void watch(struct h2_connection *c);

/* Those that came first are the first to be late, so the rest of the list need not be looked at. */
static const struct h2_request *first_awaited(const struct h2_connection *c)
{
	list_for_each (node, &c->requests) {
		const struct h2_request *r = LIST_ENTRY(node, struct h2_request, of_connection);

		if (h2_request_is_awaited(r))
			return r;
	}
	return NULL;
}

static int64_t deadline(const struct h2_connection *c)
{
	const struct h2_request *r = first_awaited(c);

	if (r)
		return r->begun_ms + c->server->config.request_timeout_ms;
	/* What waits for its answer is under way, so the connection is not idle. */
	return list_empty(&c->requests)
		       ? c->asked_ms + c->server->config.idle_timeout_ms
		       : loop_real_ms(c->server->loop) + c->server->config.idle_timeout_ms;
}

static void on_deadline(void *magic)
{
	struct h2_connection *c = magic;
	const struct h2_request *late = first_awaited(c);

	if (c->ending != H2_GOES_ON)
		return;
	if (deadline(c) > loop_real_ms(c->server->loop)) {
		watch(c);
		return;
	}
	if (late) {
		metric_inc(&c->server->metrics.late_requests_total);
		nghttp2_submit_rst_stream(c->session, NGHTTP2_FLAG_NONE, late->stream_id,
					  NGHTTP2_CANCEL);
		net_write_later(c->server->net, &c->output);
		/* The stream is closed when that is sent; a peer that does not read has a deadline of its own. */
		loop_timer_set_real(c->server->loop, &c->timer, 1, on_deadline, c);
		return;
	}
	metric_inc(&c->server->metrics.idle_total);
	say_goodbye(c, c->server->goaway_idle);
	c->ending = H2_ENDS;
	end(c);
}

static void watch(struct h2_connection *c)
{
	int64_t left = deadline(c) - loop_real_ms(c->server->loop);

	/* Deadlines mostly move later; the timer then stays where it is and looks again. */
	if (!loop_timer_is_set(&c->timer) || loop_timer_left_ms(&c->timer) > left)
		loop_timer_set_real(c->server->loop, &c->timer, left > 0 ? left : 0, on_deadline,
				    c);
}

/* ---- input ---- */

static void on_open(void *magic)
{
	struct h2_connection *c = magic;

	h2_session_start(c);
	watch(c);
}

/* A browser, or somebody who does not know of HTTP/2, understands this. */
static void refuse_other_protocol(struct h2_connection *c)
{
	static const char answer[] = "HTTP/1.1 505 HTTP Version Not Supported\r\n"
				     "Content-Type: text/plain\r\n"
				     "Content-Length: 22\r\n"
				     "Connection: close\r\n\r\n"
				     "HTTP/2 is spoken here\n";
	const struct iovec piece = { .iov_base = mem_no_const(answer),
				     .iov_len = sizeof(answer) - 1 };

	stream_send(c->stream, &piece, 1);
}

/* What nghttp2 has no GOAWAY for. */
static void on_failure(struct h2_connection *c, ssize_t error)
{
	if (error == NGHTTP2_ERR_FLOODED || error == NGHTTP2_ERR_TOO_MANY_CONTINUATIONS)
		metric_inc(&c->server->metrics.floods_total);
	else
		metric_inc(&c->server->metrics.malformed_total);
	if (error == NGHTTP2_ERR_BAD_CLIENT_MAGIC)
		refuse_other_protocol(c);
	log_debug("http", c->peer, "%s: connection ended: %s", c->server->name,
		  nghttp2_strerror((int)error));
	c->ending = H2_ENDS;
}

static void take_bytes(struct h2_connection *c, const uint8_t *p, size_t n)
{
	struct h2_head head;
	ssize_t r = 0;

	while (n > 0 && r >= 0) {
		size_t taken = h2_heads_take(&c->heads, p, n, &head);

		if (head.stream_id >= 0)
			h2_session_on_head(c, &head);
		r = nghttp2_session_mem_recv(c->session, p, taken);
		p += taken;
		n -= taken;
	}
	if (r < 0)
		on_failure(c, r);
}

static size_t on_bytes(void *magic, const char *bytes, size_t n)
{
	struct h2_connection *c = magic;

	if (c->ending != H2_GOES_ON)
		return n;
	take_bytes(c, (const uint8_t *)bytes, n);
	if (c->has_settings)
		stream_heard(c->stream);
	net_write_later(c->server->net, &c->output);
	watch(c);
	return n;
}

static const struct stream_handlers handlers = {
	.on_open = on_open,
	.on_bytes = on_bytes,
	.on_closed = on_closed,
};

void h2_connection_accept(struct h2_server *s, int fd, const struct address *peer)
{
	struct h2_connection *c = MEM_NEW(struct h2_connection);

	c->server = s;
	c->output.write = on_write;
	c->asked_ms = loop_real_ms(s->loop);
	c->heads = (struct h2_heads)H2_HEADS_INIT;
	list_init(&c->requests);
	list_append(&s->connections, &c->of_server);
	address_format(peer, c->peer);
	metric_inc(&s->metrics.connections);
	c->stream = stream_accept(&(struct stream_args){ .net = s->net,
							 .tls = s->config.tls,
							 .limits = &s->limits,
							 .handlers = &handlers,
							 .magic = c },
				  fd, peer);
	if (!c->stream)
		connection_free(c);
	else if (!s->config.tls)
		on_open(c);
}
