/*
 * Lab API: what a request needs of the daemon, and where that listens
 */
#include "mcxd/base/journal.h"
#include "mcxd/base/metric.h"
#include "proto/mask.h"
#include "proto/record.h"
#include "web/http/http.h"
#include "web/lab/door.h"
#include "web/lab/json.h"
#include "web/lab/lab.h"
#include "web/lab/private.h"

const char *lab_listen(const struct lab *l)
{
	return l->tcp ? http_listen(l->tcp) : "";
}

struct core *lab_core(const struct lab *l, struct http_request *r)
{
	if (!l->core)
		lab_error(r, 404, "This daemon does not run a front end.");
	return l->core;
}

bool lab_has_journal(const struct lab *l, struct http_request *r)
{
	if (journal_is_on(l->journal))
		return true;
	lab_error(r, 409, "The journal is off: journal.max_records is 0.");
	return false;
}

bool lab_may_wait(struct lab *l, struct http_request *r)
{
	if (l->n_waiting < l->config->max_waiting)
		return true;
	metric_inc(&l->door.limits_refused_total);
	lab_error(r, 429, "Too many requests are waiting; the limit is %lld.",
		  (long long)l->config->max_waiting);
	return false;
}

void lab_refuse_ending(struct http_request *r)
{
	http_set_header(r, "Retry-After", HTTP_RETRY_AFTER_S);
	lab_error(r, 503, "The server is shutting down.");
}

void lab_answer_ending(const struct lab *l, uint64_t parked)
{
	struct http_request *r = http_parked(l->http, parked);

	if (r)
		lab_refuse_ending(r);
}

bool lab_is_local(const struct http_request *r)
{
	return strcmp(http_peer_host(r), "unix") == 0;
}

struct json_object *lab_encode_record(const struct record *r, bool is_local)
{
	struct record *masked = is_local ? NULL : mask_record(r);
	struct json_object *o = record_encode(masked ? masked : r);

	free(masked);
	return o;
}

struct lab_info lab_get_info(const struct lab *l)
{
	struct lab_info info = { 0 };

	if (l->info)
		l->info(l->magic, &info);
	return info;
}
