/*
 * HTTP server: parked requests
 */
#include "web/http/park.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/metric.h"
#include "web/http/http.h"
#include "web/http/metrics.h"
#include "web/http/private.h"
#include "web/http/request.h"
#include "web/http/suspend.h"

uint64_t http_park(struct http_request *r, http_gone_h *on_gone, void *magic)
{
	if (!http_request_is_open(r, "parked") ||
	    (r->state != HTTP_RUNNING && r->state != HTTP_PARKED))
		return 0;
	r->on_gone = on_gone;
	r->gone_magic = magic;
	if (r->state == HTTP_PARKED)
		return r->id;
	r->state = HTTP_PARKED;
	r->id = idtab_add(r->http->waiting, r);
	metric_inc(&r->http->metrics.parked);
	return r->id;
}

struct http_request *http_parked(struct http *h, uint64_t id)
{
	struct http_request *r = idtab_get(h->waiting, id);

	return r && r->state == HTTP_PARKED ? r : NULL;
}

void http_unpark(struct http_request *r)
{
	struct http_metrics *m = &r->http->metrics;

	if (!r->id)
		return;
	metric_add(r->state == HTTP_STREAMING ? &m->streams : &m->parked, -1);
	idtab_remove(r->http->waiting, r->id);
	r->id = 0;
}

void http_park_gone(struct http_request *r)
{
	struct http *h = r->http;
	uint64_t id = r->id;
	bool was_streaming = r->state == HTTP_STREAMING;

	http_unpark(r);
	r->state = HTTP_GONE;
	/* A stream that breaks off has been answered in part; a parked request has not been answered. */
	if (was_streaming && h->args.after)
		h->args.after(h->args.magic, r, r->status);
	if (id && r->on_gone)
		r->on_gone(r->gone_magic, id);
}

void http_park_hung_up(struct http_request *r)
{
	metric_inc(&r->http->metrics.hangups_total);
	http_park_gone(r);
	/* libmicrohttpd then finds the end of the input, or our callbacks tell it to close. */
	http_resume(r);
}
