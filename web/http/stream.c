/*
 * HTTP server: answers that go on
 */
#include "web/http/private.h"

#include <errno.h>
#include <sys/socket.h>

/* A buffer of libmicrohttpd's for each stream, which it uses with HTTP/1.0 only. */
#define BLOCK_SIZE 1024

/* libmicrohttpd wants bytes for the socket. */
static ssize_t on_read(void *cls, uint64_t pos, char *buf, size_t max)
{
	struct http_request *r = cls;
	size_t n = r->queue.n - r->n_taken;

	(void)pos;
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

	if (!http_answer_is_due(r, "streamed") ||
	    (r->state != HTTP_RUNNING && r->state != HTTP_WAITING))
		return 0;
	if (r->state == HTTP_WAITING)
		http_count(h, HTTP_PARKED, -1);
	else
		r->id = idtab_add(h->waiting, r);
	http_count(h, HTTP_STREAMS, 1);
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

static struct http_request *find(struct http *h, uint64_t id)
{
	struct http_request *r = idtab_get(h->waiting, id);

	return r && r->state == HTTP_STREAMING ? r : NULL;
}

/* The bytes that were taken go when there are more of them than others, so that each byte is moved
 * once at most. */
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

	http_count(h, HTTP_SLOW_READERS, 1);
	http_unpark(r);
	r->state = HTTP_GONE;
	if (h->args.after)
		h->args.after(h->args.magic, r, r->status);
	/* It is not suspended, but waits for room in the socket. */
	http_resume(r);
	shutdown(r->conn->fd, SHUT_RDWR);
}

int http_stream_write(struct http *h, uint64_t id, const void *p, size_t n)
{
	struct http_request *r = find(h, id);

	if (!r)
		return -EPIPE;
	if (r->queue.n - r->n_taken + n > (size_t)h->config.max_stream_bytes) {
		drop_slow_reader(r);
		return -ENOBUFS;
	}
	queue_compact(r);
	text_add_bytes(&r->queue, p, n);
	http_count(h, HTTP_ANSWER_BYTES, (int64_t)n);
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
