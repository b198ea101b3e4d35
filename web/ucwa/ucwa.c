/*
 * HTTPS API
 */
#include "web/ucwa/ucwa.h"

#include "mcxd/base/fault.h"
#include "mcxd/base/idtab.h"
#include "mcxd/base/list.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/core.h"
#include "mcxd/core/ports.h"
#include "proto/text/mem.h"
#include "web/http/http.h"
#include "web/http/struck.h"
#include "web/ucwa/app.h"
#include "web/ucwa/auth.h"
#include "web/ucwa/batch.h"
#include "web/ucwa/before.h"
#include "web/ucwa/cors.h"
#include "web/ucwa/metrics.h"
#include "web/ucwa/options.h"
#include "web/ucwa/poll.h"
#include "web/ucwa/private.h"
#include "web/ucwa/record.h"
#include "web/ucwa/refusal.h"
#include "web/ucwa/request.h"
#include "web/ucwa/routes.h"
#include "web/ucwa/sign_in.h"
#include "web/ucwa/stored.h"

static void free_request(void *magic)
{
	struct ucwa_request *q = magic;

	free(q->aor);
	free(q->app_id);
	free(q->key);
	free(q->own_body);
	free(q->callee);
	ucwa_batch_free(q->batch);
	free(q);
}

static bool is_struck(const struct ucwa_request *q)
{
	const struct http_joint joint = { q->u->faults, q->u->loop };

	return http_is_struck(q->r, &joint,
			      &(struct fault_passing){ .where = FAULT_PHONE_FRONT_END,
						       .users = { q->aor } }) &&
	       http_fault_takes(q->r);
}

static bool before(void *magic, struct http_request *r, const struct http_route *route)
{
	struct ucwa_listener *l = magic;
	struct ucwa_request *q = MEM_NEW(struct ucwa_request);

	q->u = l->u;
	q->listener = l;
	q->r = r;
	q->operation = route->extra;
	q->body = http_body(r, &q->n_body);
	http_set_context(r, q, free_request);
	return ucwa_before(q) && !is_struck(q);
}

static void after(void *magic, const struct http_request *r, int status)
{
	struct ucwa_listener *l = magic;
	struct ucwa_request *q = http_context(r);

	metric_inc(&l->u->metrics.requests_total);
	if (status >= 400)
		metric_inc(&l->u->metrics.errors_total);
	if (q && !q->recorded)
		ucwa_record(q, status);
	if (q)
		ucwa_record_answer(q);
}

static bool admit(void *magic, struct http_request *r)
{
	return ucwa_admit(magic, r);
}

/* What no route matches, and what the server refuses itself. */
static void on_error(void *magic, struct http_request *r, int status, const char *why)
{
	struct ucwa_listener *l = magic;

	/* It may have been refused before it was admitted. */
	ucwa_mark_version(r);
	cors_mark(l->u, r);
	ucwa_refuse_status(l->u, r, status, why);
}

static bool on_options(void *magic, struct http_request *r)
{
	(void)magic;
	return ucwa_answer_options(r);
}

static void on_fault(void *magic, const char *peer, const char *what)
{
	const struct ucwa_listener *l = magic;

	ucwa_fault(l->u, NULL, peer, what);
}

int ucwa_listen(struct ucwa *u, const char *name, const struct http_config *config,
		struct http **ret_http)
{
	struct ucwa_listener *l = MEM_NEW(struct ucwa_listener);
	int err;

	l->u = u;
	l->tls = config->cert_file != NULL;
	err = http_new(&(struct http_args){ .loop = u->loop,
					    .metrics = u->metric_set,
					    .name = name,
					    .config = config,
					    .routes = u->routes,
					    .n_routes = u->n_routes,
					    .admit = admit,
					    .on_options = on_options,
					    .before = before,
					    .after = after,
					    .on_error = on_error,
					    .on_fault = on_fault,
					    .magic = l },
		       &l->http);
	if (err) {
		free(l);
		return err;
	}
	list_append(&u->listeners, &l->of_ucwa);
	faults_attend(u->faults, FAULT_PHONE_FRONT_END, true);
	if (ret_http)
		*ret_http = l->http;
	return 0;
}

struct ucwa *ucwa_new(const struct ucwa_args *args)
{
	struct ucwa *u = MEM_NEW(struct ucwa);

	u->loop = args->loop;
	u->core = args->core;
	u->journal = args->journal;
	u->faults = args->faults;
	u->metric_set = args->metrics;
	u->routes = ucwa_routes_new(&u->n_routes);
	u->config = *args->config;
	u->public_url = mem_strdup(args->config->public_url);
	u->auth = auth_new(u->core, &u->config.auth, args->metrics);
	u->cors = cors_new(args->config->allowed_origins);
	u->config.allowed_origins = NULL;
	u->guesses = args->guesses;
	u->polls = idtab_new();
	u->apps = idtab_new();
	list_init(&u->sign_ins);
	list_init(&u->stored);
	list_init(&u->listeners);
	u->metrics = (struct ucwa_metrics)METRICS_INIT(UCWA_METRICS);
	METRICS_ADD(args->metrics, "ucwa", &u->metrics);
	core_set_poll_port(u->core, &ucwa_poll_port, u);
	return u;
}

void ucwa_apply_config(struct ucwa *u, const struct ucwa_config *config)
{
	u->config.max_batch = config->max_batch;
	u->config.max_batch_bytes = config->max_batch_bytes;
	u->config.max_contacts = config->max_contacts;
	u->config.max_held = config->max_held;
	u->config.max_held_per_user = config->max_held_per_user;
}

bool ucwa_is_idle(const struct ucwa *u)
{
	return list_empty(&u->stored);
}

static void wake_none(void *adapter, uint64_t poll_id)
{
	(void)adapter;
	(void)poll_id;
}

struct ucwa *ucwa_free(struct ucwa *u)
{
	static const struct poll_port none = { .wake = wake_none };

	if (!u)
		return NULL;
	core_set_poll_port(u->core, &none, NULL);
	/* This answers and drops the parked requests. */
	list_for_each_safe (node, &u->listeners) {
		struct ucwa_listener *l = LIST_ENTRY(node, struct ucwa_listener, of_ucwa);

		http_free(l->http);
		list_remove(&l->of_ucwa);
		free(l);
	}
	ucwa_sign_ins_free(u);
	ucwa_stored_free_all(u);
	ucwa_apps_free(u);
	idtab_free(u->apps);
	idtab_free(u->polls);
	cors_free(u->cors);
	auth_free(u->auth);
	free(u->public_url);
	free(u->routes);
	free(u);
	return NULL;
}
