/*
 * HTTPS API: answers that wait for the store
 */
#include "web/ucwa/stored.h"

#include "mcxd/base/list.h"
#include "mcxd/core/phone.h"
#include "proto/diag.h"
#include "proto/text/mem.h"
#include "web/http/http.h"
#include "web/ucwa/answer.h"
#include "web/ucwa/app.h"
#include "web/ucwa/operation.h"
#include "web/ucwa/private.h"
#include "web/ucwa/request.h"

struct ucwa_stored {
	struct list of_ucwa;
	struct ucwa *u;
	struct http *http;
	uint64_t parked; /* 0: the client has hung up */
	uint64_t phone_id;
	ucwa_h *then;
};

struct ucwa_stored *ucwa_stored_new(struct ucwa_request *q, ucwa_h *then)
{
	struct ucwa_stored *s = MEM_NEW(struct ucwa_stored);

	s->u = q->u;
	s->http = q->listener->http;
	s->phone_id = q->phone->id;
	s->then = then;
	list_append(&q->u->stored, &s->of_ucwa);
	return s;
}

void ucwa_stored_free(struct ucwa_stored *s)
{
	list_remove(&s->of_ucwa);
	free(s);
}

void ucwa_stored_free_all(struct ucwa *u)
{
	list_for_each_safe (node, &u->stored)
		ucwa_stored_free(LIST_ENTRY(node, struct ucwa_stored, of_ucwa));
}

static void on_gone(void *magic, uint64_t id)
{
	struct ucwa_stored *s = magic;

	(void)id;
	s->parked = 0;
}

void ucwa_stored_wait(struct ucwa_stored *s, struct ucwa_request *q)
{
	s->parked = http_park(q->r, on_gone, s);
}

void ucwa_on_stored(void *magic, int err)
{
	struct ucwa_stored *s = magic;
	struct http_request *r = s->parked ? http_parked(s->http, s->parked) : NULL;
	struct ucwa_request *q = r ? http_context(r) : NULL;

	if (q) {
		q->phone = phone_get(s->u->core, s->phone_id);
		q->user = q->phone ? q->phone->user : NULL;
		q->app = q->phone ? ucwa_app_of(s->u, q->phone) : NULL;
		if (!q->phone)
			ucwa_fail(q, DIAG_APPLICATION_NOT_FOUND,
				  "The application has signed out or expired.");
		else if (err)
			ucwa_fail(q, DIAG_NOT_STORED, NULL);
		else
			s->then(q);
	}
	ucwa_stored_free(s);
}
