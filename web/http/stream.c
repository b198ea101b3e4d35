/*
 * HTTP server: streams
 *
 * What a room writes is queued here, and libmicrohttpd fetches it when the socket has room. While the
 * queue is empty the connection is suspended. A reader that lets the queue grow to the limit is dropped;
 * otherwise it could use up the memory of the process. A room that is asked for more when the queue is empty
 * never gets there, since one piece is taken whatever its length: its reader is dropped when it has taken nothing for
 * idle_timeout_ms.
 */
#include "web/http/stream.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/metric.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/answer.h"
#include "web/http/conn.h"
#include "web/http/http.h"
#include "web/http/metrics.h"
#include "web/http/park.h"
#include "web/http/private.h"
#include "web/http/request.h"
#include "web/http/suspend.h"

#include <errno.h>
#include <microhttpd.h>
#include <sys/socket.h>

/* libmicrohttpd allocates such a buffer for each stream, and uses it with HTTP/1.0 only. */
#define BLOCK_SIZE 1024

static size_t queued(const struct http_request *r)
{
	return r->queue.n - r->n_taken;
}

/* libmicrohttpd asks for bytes for the socket. */
static ssize_t on_read(void *cls, uint64_t pos, char *buf, size_t max)
{
	struct http_request *r = cls;
	size_t n;

	(void)pos;
	if (r->state == HTTP_STREAMING && r->on_room && queued(r) == 0)
		r->on_room(r->gone_magic);
	n = queued(r);
	if (r->state == HTTP_GONE)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (n == 0) {
		if (r->ended)
			return MHD_CONTENT_READER_END_OF_STREAM;
		http_suspend(r);
		return 0;
	}
	if (n > max)
		n = max;
	memcpy(buf, r->queue.data + r->n_taken, n);
	r->n_taken += n;
	if (r->n_taken == r->queue.n) {
		text_reset(&r->queue);
		r->n_taken = 0;
	}
	return (ssize_t)n;
}

uint64_t http_stream(struct http_request *r, int status, const char *type, http_gone_h *on_gone,
		     void *magic)
{
	struct http *h = r->http;

	if (!http_request_is_open(r, "streamed") ||
	    (r->state != HTTP_RUNNING && r->state != HTTP_PARKED))
		return 0;
	if (r->state == HTTP_PARKED)
		metric_add(&h->metrics.parked, -1);
	else
		r->id = idtab_add(h->waiting, r);
	metric_inc(&h->metrics.streams);
	r->state = HTTP_STREAMING;
	r->status = status;
	r->on_gone = on_gone;
	r->gone_magic = magic;
	r->response = mem_check(
		MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_SIZE, on_read, r, NULL));
	http_answer_add_headers(r, type);
	http_resume(r);
	return r->id;
}

static struct http_request *find(const struct http *h, uint64_t id)
{
	struct http_request *r = idtab_get(h->waiting, id);

	return r && r->state == HTTP_STREAMING ? r : NULL;
}

/* Drop the bytes that were taken, once they outnumber the rest: each byte is then moved at most
 * once. */
static void queue_compact(struct http_request *r)
{
	struct text *q = &r->queue;

	if (r->n_taken == 0 || r->n_taken < q->n - r->n_taken)
		return;
	memmove(q->data, q->data + r->n_taken, q->n - r->n_taken + 1);
	q->n -= r->n_taken;
	r->n_taken = 0;
}

static void drop_slow_reader(struct http_request *r)
{
	struct http *h = r->http;

	metric_inc(&h->metrics.slow_readers_total);
	http_unpark(r);
	r->state = HTTP_GONE;
	if (h->args.after)
		h->args.after(h->args.magic, r, r->status);
	/* It is usually not suspended but waiting for room in the socket. */
	http_resume(r);
	shutdown(r->conn->fd, SHUT_RDWR);
}

int http_stream_write(struct http *h, uint64_t id, const void *p, size_t n)
{
	struct http_request *r = find(h, id);

	if (!r)
		return -EPIPE;
	if (queued(r) > 0 && queued(r) + n > (size_t)r->http->config.max_stream_bytes) {
		drop_slow_reader(r);
		return -ENOBUFS;
	}
	queue_compact(r);
	text_add_bytes(&r->queue, p, n);
	metric_add(&r->http->metrics.answer_bytes_total, (int64_t)n);
	http_resume(r);
	return 0;
}

void http_stream_end_request(struct http_request *r)
{
	struct http *h = r->http;

	http_unpark(r);
	r->state = HTTP_ANSWERED;
	r->ended = true;
	if (h->args.after)
		h->args.after(h->args.magic, r, r->status);
	http_resume(r);
}

void http_stream_end(struct http *h, uint64_t id)
{
	struct http_request *r = find(h, id);

	if (r)
		http_stream_end_request(r);
}

void http_stream_on_room(struct http *h, uint64_t id, http_room_h *on_room)
{
	struct http_request *r = find(h, id);

	if (!r)
		return;
	r->on_room = on_room;
	http_resume(r);
}

void http_stream_wake(struct http *h, uint64_t id)
{
	struct http_request *r = find(h, id);

	if (r)
		http_resume(r);
}
