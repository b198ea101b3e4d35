/*
 * HTTP server: suspended connections
 */
#include "web/http/suspend.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "web/http/conn.h"
#include "web/http/private.h"
#include "web/http/request.h"
#include "web/http/shard.h"

#include <errno.h>
#include <microhttpd.h>
#include <sys/epoll.h>
#include <unistd.h>

#define GONE_BATCH 64

/* A daemon that resumes one connection walks all of its suspended ones, and each that is resumed then
 * runs its handler and writes: 10,000 at once blocked the loop for 115 ms. */
#define RESUME_BATCH 256

/* ---- resuming ---- */

static void on_resume(void *magic);

static void resume_soon(struct http *h)
{
	if (!h->suspended.post && !list_empty(&h->suspended.resumes))
		h->suspended.post = loop_post(h->loop, on_resume, h);
}

static void resume_batch(struct http *h)
{
	struct list *due = &h->suspended.resumes;

	for (int i = 0; i < RESUME_BATCH && !list_empty(due); i++) {
		struct http_request *r = LIST_ENTRY(due->next, struct http_request, of_list);

		list_remove(&r->of_list);
		r->suspended = false;
		if (!list_linked(&r->conn->shard->resumed))
			list_append(&h->suspended.resumed, &r->conn->shard->resumed);
		MHD_resume_connection(r->conn->mhd);
	}
	while (!list_empty(&h->suspended.resumed))
		http_shard_run(LIST_ENTRY(h->suspended.resumed.next, struct http_shard, resumed));
}

static void on_resume(void *magic)
{
	struct http *h = magic;

	h->suspended.post = 0;
	resume_batch(h);
	resume_soon(h);
}

void http_resume(struct http_request *r)
{
	if (!r->suspended || list_linked(&r->of_list))
		return;
	list_append(&r->http->suspended.resumes, &r->of_list);
	resume_soon(r->http);
}

void http_resume_all(struct http *h)
{
	while (!list_empty(&h->suspended.resumes))
		resume_batch(h);
	if (h->suspended.post)
		loop_unpost(h->loop, h->suspended.post);
	h->suspended.post = 0;
}

/* ---- hang-ups ---- */

static void watch(struct http_request *r)
{
	struct epoll_event event = { .events = EPOLLRDHUP | EPOLLET };
	struct http_suspended *s = &r->http->suspended;
	struct http_conn *c = r->conn;
	bool is_new = c->watched == 0;

	if (!is_new && !c->hung_up)
		return;
	if (is_new)
		c->watched = idtab_add(s->watched, c);
	event.data.u64 = c->watched;
	/* If this fails, a hang-up is noticed when the answer is sent. */
	epoll_ctl(s->epoll, is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, c->fd, &event);
}

static void on_gone(void *magic, int fd, unsigned events)
{
	struct http *h = magic;
	struct epoll_event gone[GONE_BATCH];
	int n = epoll_wait(fd, gone, GONE_BATCH, 0);

	(void)events;
	for (int i = 0; i < n; i++) {
		struct http_conn *c = idtab_get(h->suspended.watched, gone[i].data.u64);

		if (!c)
			continue;
		c->hung_up = true;
		if (c->request && c->request->id)
			h->suspended.on_hang_up(c->request);
	}
}

void http_suspend(struct http_request *r)
{
	watch(r);
	r->suspended = true;
	MHD_suspend_connection(r->conn->mhd);
}

/* ---- life ---- */

void http_suspended_init(struct http *h, http_hang_up_h *on_hang_up)
{
	struct http_suspended *s = &h->suspended;

	*s = (struct http_suspended){ .epoll = -1, .on_hang_up = on_hang_up };
	s->watched = idtab_new();
	list_init(&s->resumes);
	list_init(&s->resumed);
}

int http_suspended_start(struct http *h)
{
	struct http_suspended *s = &h->suspended;

	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (s->epoll < 0)
		return -errno;
	return loop_fd_add(h->loop, s->epoll, LOOP_IN, on_gone, h, &s->watch);
}

void http_suspended_deinit(struct http *h)
{
	struct http_suspended *s = &h->suspended;

	s->watch = loop_fd_free(s->watch);
	if (s->epoll >= 0)
		close(s->epoll);
	idtab_free(s->watched);
}
