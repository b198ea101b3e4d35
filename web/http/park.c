/*
 * HTTP server: requests that wait
 *
 * libmicrohttpd takes a suspended connection out of its epoll set and sees nothing of it any more.
 * A second set of ours listens for the end of its input alone: a client may well send its next
 * request already, and that has to stay where it is. A connection stays in that set, which tells of the end
 * once.
 */
#include "web/http/private.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#define GONE_BATCH 64

/* A daemon that resumes walks all its suspended connections, and each of them then runs its handler
 * and writes: more at once would hold up the loop. */
#define RESUME_BATCH 256

/* Resuming */

static void on_resume(void *magic);

static void resume_soon(struct http *h)
{
	if (!h->resume_post && !list_empty(&h->resumes))
		h->resume_post = loop_post(h->loop, on_resume, h);
}

static void resume_batch(struct http *h)
{
	for (int i = 0; i < RESUME_BATCH && !list_empty(&h->resumes); i++) {
		struct http_request *r = LIST_ENTRY(h->resumes.next, struct http_request, resume);

		list_remove(&r->resume);
		r->suspended = false;
		r->conn->shard->dirty = true;
		MHD_resume_connection(r->conn->mhd);
	}
	for (int i = 0; i < h->n_shards; i++) {
		if (h->shards[i].dirty)
			http_shard_run(&h->shards[i]);
	}
}

static void on_resume(void *magic)
{
	struct http *h = magic;

	h->resume_post = 0;
	resume_batch(h);
	resume_soon(h);
}

void http_resume(struct http_request *r)
{
	if (!r->suspended || list_linked(&r->resume))
		return;
	list_append(&r->http->resumes, &r->resume);
	resume_soon(r->http);
}

/* Hang-ups */

static void watch(struct http_request *r)
{
	struct epoll_event event = { .events = EPOLLRDHUP | EPOLLET };
	struct http_conn *c = r->conn;
	bool is_new = c->watched == 0;

	/* What was told when nothing was suspended is asked for again. */
	if (!is_new && !c->hung_up)
		return;
	if (is_new)
		c->watched = idtab_add(r->http->watched, c);
	event.data.u64 = c->watched;
	/* On failure, a hang-up is noticed when the answer is sent. */
	epoll_ctl(r->http->gone_epoll, is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, c->fd, &event);
}

static void on_hang_up(void *magic, int fd, unsigned events)
{
	struct http *h = magic;
	struct epoll_event gone[GONE_BATCH];
	int n = epoll_wait(fd, gone, GONE_BATCH, 0);

	(void)events;
	for (int i = 0; i < n; i++) {
		struct http_conn *c = idtab_get(h->watched, gone[i].data.u64);
		struct http_request *r = c ? c->request : NULL;

		if (c)
			c->hung_up = true;
		if (!r || !r->id)
			continue;
		http_count(h, HTTP_HANGUPS, 1);
		http_park_gone(r);
		/* libmicrohttpd finds the end of the input, or is told by our callbacks. */
		http_resume(r);
	}
}

void http_suspend(struct http_request *r)
{
	watch(r);
	r->suspended = true;
	MHD_suspend_connection(r->conn->mhd);
}

/* Parking */

static enum http_metric gauge_of(const struct http_request *r)
{
	return r->state == HTTP_STREAMING ? HTTP_STREAMS : HTTP_PARKED;
}

uint64_t http_park(struct http_request *r, http_gone_h *on_gone, void *magic)
{
	if (!http_answer_is_due(r, "parked") || r->state != HTTP_RUNNING)
		return 0;
	r->state = HTTP_WAITING;
	r->id = idtab_add(r->http->waiting, r);
	r->on_gone = on_gone;
	r->gone_magic = magic;
	http_count(r->http, HTTP_PARKED, 1);
	return r->id;
}

struct http_request *http_parked(struct http *h, uint64_t id)
{
	struct http_request *r = idtab_get(h->waiting, id);

	return r && r->state == HTTP_WAITING ? r : NULL;
}

void http_unpark(struct http_request *r)
{
	if (!r->id)
		return;
	http_count(r->http, gauge_of(r), -1);
	idtab_remove(r->http->waiting, r->id);
	r->id = 0;
}

void http_park_gone(struct http_request *r)
{
	struct http *h = r->http;
	uint64_t id = r->id;

	http_unpark(r);
	r->state = HTTP_GONE;
	/* Half an answer is one; a request that was parked has none. */
	if (r->status != 0 && h->args.after)
		h->args.after(h->args.magic, r, r->status);
	if (id && r->on_gone)
		r->on_gone(r->gone_magic, id);
}

int http_park_init(struct http *h)
{
	h->gone_epoll = epoll_create1(EPOLL_CLOEXEC);
	if (h->gone_epoll < 0)
		return -errno;
	return loop_fd_add(h->loop, h->gone_epoll, LOOP_IN, on_hang_up, h, &h->gone_watch);
}

void http_park_deinit(struct http *h)
{
	h->gone_watch = loop_fd_free(h->gone_watch);
	if (h->gone_epoll >= 0)
		close(h->gone_epoll);
}

void http_park_end_all(struct http *h)
{
	struct http_request *r;

	for (uint64_t cursor = 0; (r = idtab_next(h->waiting, &cursor));) {
		http_gone_h *on_gone = r->on_gone;
		void *magic = r->gone_magic;
		uint64_t id = r->id;

		if (r->state == HTTP_STREAMING)
			http_stream_end_request(r);
		else
			http_refuse(r, 503, NULL);
		if (on_gone)
			on_gone(magic, id);
	}
	while (!list_empty(&h->resumes))
		resume_batch(h);
	if (h->resume_post)
		loop_unpost(h->loop, h->resume_post);
	h->resume_post = 0;
}
