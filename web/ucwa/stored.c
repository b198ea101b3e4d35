/*
 * HTTPS API: answers that wait for the store
 */
#include "web/ucwa/stored.h"

#include "mcxd/base/list.h"
#include "mcxd/core/core.h"
#include "proto/text/mem.h"
#include "web/http/http.h"
#include "web/ucwa/operation.h"
#include "web/ucwa/private.h"
#include "web/ucwa/request.h"

struct ucwa_stored {
	struct list of_ucwa;
	struct http *http;
	uint64_t parked; /* 0: the client has hung up */
	int status;
	char *type; /* may be NULL */
	char *body;
	size_t n;
	ucwa_h *refuse;
};

static void stored_free(struct ucwa_stored *s)
{
	list_remove(&s->of_ucwa);
	free(s->type);
	free(s->body);
	free(s);
}

void ucwa_stored_free_all(struct ucwa *u)
{
	list_for_each_safe (node, &u->stored)
		stored_free(LIST_ENTRY(node, struct ucwa_stored, of_ucwa));
}

void ucwa_stored_begin(struct ucwa_request *q)
{
	q->n_written = q->u->core->n_written;
}

static void on_gone(void *magic, uint64_t id)
{
	struct ucwa_stored *s = magic;

	(void)id;
	s->parked = 0;
}

static void on_stored(void *magic, int err)
{
	struct ucwa_stored *s = magic;
	struct http_request *r = s->parked ? http_parked(s->http, s->parked) : NULL;

	if (r && err)
		s->refuse(http_context(r));
	else if (r)
		http_answer(r, s->status, s->type, s->body, s->n);
	stored_free(s);
}

/* What only reads may write too, such as the time of the newest request, and does not say so. */
static bool says_it_is_done(const struct ucwa_request *q, int status)
{
	return status < 300 && strcmp(http_method(q->r), "GET") != 0 &&
	       strcmp(http_method(q->r), "HEAD") != 0;
}

bool ucwa_stored_hold(struct ucwa_request *q, int status, const char *type, const void *body,
		      size_t n, ucwa_h *refuse)
{
	struct core *c = q->u->core;
	struct ucwa_stored *s;

	if (!core_is_durable(c) || c->n_written == q->n_written || !says_it_is_done(q, status))
		return false;
	s = MEM_NEW(struct ucwa_stored);
	*s = (struct ucwa_stored){ .http = q->listener->http,
				   .status = status,
				   .type = mem_strdup(type),
				   .body = mem_memdup(body, n),
				   .n = n,
				   .refuse = refuse };
	list_append(&q->u->stored, &s->of_ucwa);
	s->parked = http_park(q->r, on_gone, s);
	core_sync(c, on_stored, s);
	return true;
}
