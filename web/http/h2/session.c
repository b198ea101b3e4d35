/*
 * HTTP/2 server: what nghttp2 calls
 *
 * Nothing here may end the connection: nghttp2 is still at work with it. That waits in connection->ending.
 */
#include "mcxd/base/idtab.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/h2/closed.h"
#include "web/http/h2/head.h"
#include "web/http/h2/private.h"
#include "web/http/h2/server.h"

#include <nghttp2/nghttp2.h>

enum { FIELD_OVERHEAD = 32 }; /* RFC 9113, 6.5.2 */

static struct h2_request *request_of(nghttp2_session *session, int32_t stream_id)
{
	return nghttp2_session_get_stream_user_data(session, stream_id);
}

/* A frame that asks for nothing. A client that sends many of them between two requests makes work for nothing. */
static void count_idle(struct h2_connection *c)
{
	if (++c->n_idle_frames <= c->server->config.max_idle_frames || c->was_flooded)
		return;
	c->was_flooded = true;
	nghttp2_session_terminate_session(c->session, NGHTTP2_ENHANCE_YOUR_CALM);
}

/* ---- before nghttp2 ---- */

/* nghttp2 drops them, and the client would wait for an answer for ever. */
static void end_if_over(struct h2_connection *c, int32_t id)
{
	uint32_t error;

	if (request_of(c->session, id))
		return;
	if (h2_closed_is_over(&c->closed, id, &error))
		nghttp2_session_terminate_session(c->session, error);
	else if (id <= c->closed.last)
		count_idle(c);
}

void h2_session_on_head(struct h2_connection *c, const struct h2_head *head)
{
	if (head->type > NGHTTP2_CONTINUATION) {
		metric_inc(&c->server->metrics.unknown_frames_total);
		count_idle(c);
	}
	/* Clients have the odd numbers. */
	if ((head->type != NGHTTP2_HEADERS && head->type != NGHTTP2_DATA) ||
	    head->stream_id % 2 == 0)
		return;
	end_if_over(c, head->stream_id);
	if (head->type == NGHTTP2_HEADERS)
		h2_closed_begin(&c->closed, head->stream_id);
}

/* ---- the head ---- */

static int on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *magic)
{
	struct h2_connection *c = magic;

	if (frame->headers.cat == NGHTTP2_HCAT_REQUEST)
		nghttp2_session_set_stream_user_data(session, frame->hd.stream_id,
						     h2_request_new(c, frame->hd.stream_id));
	return 0;
}

/* The list is counted as it is unpacked: a reference of one byte can stand for a field of 4 kB, so the frames say nothing of its
 * size. Trailers are counted with it. */
/* NOLINTNEXTLINE(readability-function-size): as nghttp2 calls it */
static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
		     size_t n_name, const uint8_t *value, size_t n_value, uint8_t flags,
		     void *magic)
{
	struct h2_connection *c = magic;
	struct h2_request *r = request_of(session, frame->hd.stream_id);

	(void)flags;
	if (!r)
		return 0;
	r->n_list += (int64_t)(n_name + n_value) + FIELD_OVERHEAD;
	if (r->n_list > c->server->config.max_header_bytes) {
		metric_inc(&c->server->metrics.large_headers_total);
		count_idle(c);
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	}
	if (frame->headers.cat != NGHTTP2_HCAT_REQUEST)
		return 0;
	text_add_bytes(&r->fields, name, n_name + 1);
	text_add_bytes(&r->fields, value, n_value + 1);
	return 0;
}

/* ---- the body ---- */

static void hand_out(struct h2_request *r)
{
	struct h2_connection *c = r->connection;

	if (r->is_handed_out)
		return;
	r->is_handed_out = true;
	r->id = idtab_add(c->server->requests, r);
	c->asked_ms = loop_real_ms(c->server->loop);
	c->n_idle_frames = 0;
	metric_inc(&c->server->metrics.requests_total);
	c->server->on_request(c->server->magic, r);
}

/* Of a body that is too long the rest is dropped. curl 7.88 reports an error if it is answered before it has sent everything, so a
 * while is waited for its end. */
static void drop_data(struct h2_request *r, size_t n)
{
	if (!r->is_cut)
		metric_inc(&r->connection->server->metrics.large_bodies_total);
	r->is_cut = true;
	r->n_dropped += n;
	if ((int64_t)r->n_dropped > r->connection->server->config.max_dropped_bytes)
		hand_out(r);
}

/* The windows are opened again here; the stream's stays shut once a body that is too long was answered. */
static int on_data(nghttp2_session *session, uint8_t flags, int32_t stream_id, const uint8_t *data,
		   size_t n, void *magic)
{
	struct h2_connection *c = magic;
	struct h2_request *r = request_of(session, stream_id);

	(void)flags;
	if (!r || r->is_handed_out) {
		nghttp2_session_consume_connection(session, n);
		return 0;
	}
	if (r->is_cut || (int64_t)(r->body.n + n) > c->server->config.max_body_bytes)
		drop_data(r, n);
	else
		text_add_bytes(&r->body, data, n);
	nghttp2_session_consume(session, stream_id, n);
	return 0;
}

/* ---- frames ---- */

static void on_request_frame(nghttp2_session *session, const nghttp2_frame *frame)
{
	struct h2_request *r = request_of(session, frame->hd.stream_id);

	if (!r || !(frame->hd.flags & NGHTTP2_FLAG_END_STREAM))
		return;
	r->is_complete = true;
	hand_out(r);
}

/* It will be reset, or is refused. */
static int on_invalid(nghttp2_session *session, const nghttp2_frame *frame, int error, void *magic)
{
	struct h2_connection *c = magic;

	(void)session;
	(void)error;
	h2_closed_reset(&c->closed, frame->hd.stream_id);
	return 0;
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *magic)
{
	struct h2_connection *c = magic;

	switch (frame->hd.type) {
	case NGHTTP2_DATA:
		/* Padding is no content: RFC 9113 10.5 names such frames. */
		if (frame->hd.length <= frame->data.padlen &&
		    !(frame->hd.flags & NGHTTP2_FLAG_END_STREAM))
			count_idle(c);
		on_request_frame(session, frame);
		break;
	case NGHTTP2_HEADERS: on_request_frame(session, frame); break;
	case NGHTTP2_RST_STREAM:
		metric_inc(&c->server->metrics.resets_total);
		count_idle(c);
		break;
	case NGHTTP2_SETTINGS:
		c->has_settings = true;
		count_idle(c);
		break;
	default: count_idle(c); break;
	}
	return 0;
}

/* A client that was answered before it has sent everything need not go on (RFC 9113, 8.1). */
static void on_answered(nghttp2_session *session, const nghttp2_frame *frame)
{
	const struct h2_request *r = request_of(session, frame->hd.stream_id);

	if (r && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) && h2_request_is_awaited(r))
		nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id,
					  NGHTTP2_NO_ERROR);
}

/* nghttp2 resets streams that break the rules, and ends connections, by itself. That is noticed by the frames that say so. The code of
 * its GOAWAY for too many resets is for nothing else. */
static int on_sent(nghttp2_session *session, const nghttp2_frame *frame, void *magic)
{
	struct h2_connection *c = magic;
	struct h2_metrics *metrics = &c->server->metrics;

	if (frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA)
		on_answered(session, frame);
	if (frame->hd.type == NGHTTP2_RST_STREAM)
		h2_closed_reset(&c->closed, frame->hd.stream_id);
	if (frame->hd.type == NGHTTP2_RST_STREAM &&
	    frame->rst_stream.error_code == NGHTTP2_PROTOCOL_ERROR) {
		metric_inc(&metrics->bad_requests_total);
		count_idle(c);
	}
	if (frame->hd.type == NGHTTP2_RST_STREAM &&
	    frame->rst_stream.error_code == NGHTTP2_REFUSED_STREAM)
		metric_inc(&metrics->refused_streams_total);
	if (frame->hd.type != NGHTTP2_GOAWAY || frame->goaway.error_code == NGHTTP2_NO_ERROR)
		return 0;
	if (frame->goaway.error_code == NGHTTP2_ENHANCE_YOUR_CALM ||
	    frame->goaway.error_code == NGHTTP2_INTERNAL_ERROR)
		metric_inc(&metrics->floods_total);
	else
		metric_inc(&metrics->malformed_total);
	return 0;
}

static int on_stream_close(nghttp2_session *session, int32_t stream_id, uint32_t error, void *magic)
{
	(void)error;
	(void)magic;
	h2_request_free(request_of(session, stream_id));
	return 0;
}

/* ---- set-up ---- */

void h2_session_init(struct h2_server *s)
{
	const struct h2_config *config = &s->config;

	if (nghttp2_session_callbacks_new(&s->callbacks) || nghttp2_option_new(&s->options))
		mem_check(NULL);
	nghttp2_session_callbacks_set_on_begin_headers_callback(s->callbacks, on_begin_headers);
	nghttp2_session_callbacks_set_on_header_callback(s->callbacks, on_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(s->callbacks, on_data);
	nghttp2_session_callbacks_set_on_frame_recv_callback(s->callbacks, on_frame);
	nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(s->callbacks, on_invalid);
	nghttp2_session_callbacks_set_on_frame_send_callback(s->callbacks, on_sent);
	nghttp2_session_callbacks_set_on_stream_close_callback(s->callbacks, on_stream_close);
	/* Closed streams are kept for a tree of priorities that nobody uses. */
	nghttp2_option_set_no_closed_streams(s->options, 1);
	nghttp2_option_set_no_auto_window_update(s->options, 1);
	nghttp2_option_set_max_settings(s->options, (size_t)config->max_settings);
	nghttp2_option_set_max_outbound_ack(s->options, (size_t)config->max_unsent_acks);
	nghttp2_option_set_max_continuations(s->options, (size_t)config->max_continuations);
	nghttp2_option_set_stream_reset_rate_limit(s->options, (uint64_t)config->max_resets,
						   (uint64_t)config->resets_per_s);
}

void h2_session_deinit(struct h2_server *s)
{
	nghttp2_session_callbacks_del(s->callbacks);
	nghttp2_option_del(s->options);
}

void h2_session_start(struct h2_connection *c)
{
	const struct h2_config *config = &c->server->config;
	const nghttp2_settings_entry entries[] = {
		{ NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, (uint32_t)config->max_streams },
		{ NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, (uint32_t)config->max_header_bytes },
		{ NGHTTP2_SETTINGS_ENABLE_PUSH, 0 },
	};

	if (nghttp2_session_server_new2(&c->session, c->server->callbacks, c, c->server->options))
		mem_check(NULL);
	/* They are sent after the client's first bytes: a client of another protocol would get garbage in front of the answer. */
	nghttp2_submit_settings(c->session, NGHTTP2_FLAG_NONE, entries, ARRAY_SIZE(entries));
}
