/*
 * HTTPS API: answers
 */
#include "web/ucwa/answer.h"

#include "mcxd/base/list.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/core.h"
#include "mcxd/core/phone.h"
#include "proto/diag.h"
#include "proto/text/etag.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/ucwa/body.h"
#include "proto/ucwa/hal.h"
#include "web/http/http.h"
#include "web/ucwa/media.h"
#include "web/ucwa/metrics.h"
#include "web/ucwa/private.h"
#include "web/ucwa/record.h"
#include "web/ucwa/request.h"
#include "web/ucwa/stored.h"

#include <errno.h>
#include <strings.h>

static void refuse_unstored(struct ucwa_request *q)
{
	http_drop_header(q->r, "Location");
	http_drop_header(q->r, "ETag");
	q->recorded = false;
	ucwa_fail(q, DIAG_NOT_STORED, NULL);
}

void ucwa_answer(struct ucwa_request *q, int status, const char *type, const void *body, size_t n)
{
	if (!ucwa_stored_hold(q, status, type, body, n, refuse_unstored))
		http_answer(q->r, status, type, body, n);
}

/* The tag of what is answered, for conditional requests. Caches may keep the text, but have to ask each time. */
static void add_etag(struct ucwa_request *q, const char *etag)
{
	CLEANUP(mem_free_string) char *quoted = text_concat("\"", etag, "\"");

	http_set_header(q->r, "ETag", quoted);
	http_set_constant(q->r, "Cache-Control", "no-cache");
}

static bool reads(const struct ucwa_request *q)
{
	return !strcmp(http_method(q->r), "GET") || !strcmp(http_method(q->r), "HEAD");
}

/* etag NULL: what has none. */
static bool is_unchanged(const struct ucwa_request *q, int status, const char *etag)
{
	const char *known = etag && status == 200 ? http_header(q->r, "If-None-Match") : NULL;

	return known && reads(q) && etag_matches(known, etag);
}

void ucwa_json(struct ucwa_request *q, int status, struct hal *body)
{
	const char *type = ucwa_media_type(q), *etag = hal_etag(body);
	CLEANUP(text_deinit) struct text text = TEXT_INIT;

	if (etag && (status == 200 || status == 201))
		add_etag(q, etag);
	if (is_unchanged(q, status, etag))
		status = 304;
	hal_take(body, &text);
	hal_free(body);
	if (!ucwa_stored_hold(q, status, type, text.data, text.n, refuse_unstored))
		http_answer_text(q->r, status, type, &text);
}

bool ucwa_check_match(struct ucwa_request *q, struct hal *body)
{
	const char *wanted = http_header(q->r, "If-Match");
	bool matches = wanted && etag_matches(wanted, hal_etag(body));

	hal_free(body);
	if (!matches)
		ucwa_fail(q, wanted ? DIAG_PRECONDITION_FAILED : DIAG_PRECONDITION_REQUIRED, NULL);
	return matches;
}

void ucwa_no_content(struct ucwa_request *q)
{
	ucwa_answer(q, 204, NULL, NULL, 0);
}

void ucwa_created(struct ucwa_request *q, const char *path)
{
	http_set_header(q->r, "Location", path);
	ucwa_answer(q, 201, NULL, NULL, 0);
}

/* Whether the request itself was malformed. */
static bool is_fault(int status)
{
	return status == 400 || status == 413 || status == 415;
}

static void add_parameters(struct hal *o, const struct ucwa_problem *problem)
{
	hal_open(o, "parameters");
	for (size_t i = 0; i < problem->n_parameters; i++)
		hal_string(o, problem->parameters[i].name, problem->parameters[i].why);
	hal_close(o);
}

/* problem NULL: no parameter is wrong. */
static void fail(struct ucwa_request *q, enum diag_code code, const char *message,
		 const struct ucwa_problem *problem)
{
	const struct diag_row *row = diag_row(code);
	struct hal *o = hal_error(hal_new(), code, message);

	if (row->http_status == 429 || row->http_status == 503)
		http_set_header(q->r, "Retry-After", HTTP_RETRY_AFTER_S);
	if (code == DIAG_NOT_STORED)
		metric_inc(&q->u->metrics.not_stored_total);
	if (is_fault(row->http_status))
		ucwa_fault(q->u, q, http_peer(q->r), message ? message : row->reason);
	if (problem && problem->n_parameters)
		add_parameters(o, problem);
	ucwa_json(q, row->http_status, o);
}

void ucwa_fail(struct ucwa_request *q, enum diag_code code, const char *message)
{
	fail(q, code, message, NULL);
}

void ucwa_failf(struct ucwa_request *q, enum diag_code code, const char *fmt, ...)
{
	CLEANUP(text_deinit) struct text message = TEXT_INIT;
	va_list args;

	va_start(args, fmt);
	text_vaddf(&message, fmt, args);
	va_end(args);
	ucwa_fail(q, code, text_str(&message));
}

void ucwa_fail_body(struct ucwa_request *q, const struct ucwa_problem *problem)
{
	fail(q, problem->code, problem->message, problem);
}

void ucwa_fail_parameter(struct ucwa_request *q, const char *name, const char *fmt, ...)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	struct ucwa_problem problem = { 0 };
	va_list args;

	va_start(args, fmt);
	text_vaddf(&why, fmt, args);
	va_end(args);
	ucwa_problem_add(&problem, name, text_str(&why));
	ucwa_fail_body(q, &problem);
}

void ucwa_diagnostics(const struct ucwa *u, struct http_request *r, int id, const char *reason)
{
	const char *source = u->core->config->server_fqdn;
	CLEANUP(mem_free_string)
	char *value =
		text_format("%d;source=\"%s\";reason=\"%s\"", id, source ? source : "", reason);

	http_set_header(r, "X-Ms-diagnostics", value);
}

void ucwa_finish(struct ucwa_request *q, enum phone_result result)
{
	switch (result) {
	case PHONE_OK: ucwa_no_content(q); return;
	case PHONE_FORBIDDEN: ucwa_fail(q, DIAG_MOBILITY_OFF, NULL); return;
	case PHONE_FULL:
		ucwa_fail(q, DIAG_LIMIT, "This application has reached a limit; try again later.");
		return;
	case PHONE_NOT_FOUND: ucwa_fail(q, DIAG_NOT_FOUND, NULL); return;
	case PHONE_CONFLICT: ucwa_fail(q, DIAG_INVALID_STATE, NULL); return;
	case PHONE_TOO_LARGE: ucwa_fail(q, DIAG_TOO_LARGE, NULL); return;
	case PHONE_BAD_TYPE: ucwa_fail(q, DIAG_BAD_TYPE, NULL); return;
	case PHONE_PUSH_OFF: ucwa_fail(q, DIAG_PUSH_OFF, NULL); return;
	case PHONE_NOT_STORED: ucwa_fail(q, DIAG_NOT_STORED, NULL); return;
	case PHONE_BUSY: ucwa_fail(q, DIAG_TOO_MANY_CONVERSATIONS, NULL); return;
	case PHONE_EXISTS: ucwa_fail(q, DIAG_ALREADY_EXISTS, NULL); return;
	case PHONE_THREAD_EXISTS: ucwa_fail(q, DIAG_THREAD_EXISTS, NULL); return;
	}
}

/* ---- links ---- */

static char *base_of(const struct ucwa_listener *l, const struct http_request *r)
{
	const char *host = http_host(r);

	if (l->u->public_url && *l->u->public_url)
		return mem_strdup(l->u->public_url);
	if (!host)
		host = http_listen(l->http);
	return text_format("%s://%s", http_is_tls(r) ? "https" : "http", host);
}

char *ucwa_base(const struct ucwa_request *q)
{
	return base_of(q->listener, q->r);
}

/* The host name that the client used, with the port of the TLS listener. */
char *ucwa_secure_base(const struct ucwa_listener *own, const struct http_request *r)
{
	const struct ucwa *u = own->u;
	const char *host = http_host(r);

	if (u->public_url && !strncasecmp(u->public_url, "https://", 8))
		return mem_strdup(u->public_url);
	if (http_is_tls(r))
		return base_of(own, r);
	/* TLS is then ended where the client asked, at the port that https has. */
	if (http_is_proxied(r) && host && *host != '[')
		return text_format("https://%.*s", (int)strcspn(host, ":"), host);
	list_for_each (node, &u->listeners) {
		const struct ucwa_listener *l = LIST_ENTRY(node, struct ucwa_listener, of_ucwa);
		const char *address = http_listen(l->http);
		const char *port = strrchr(address, ':');

		if (!l->tls || !port)
			continue;
		if (!host || *host == '[')
			return text_format("https://%s", address);
		return text_format("https://%.*s%s", (int)strcspn(host, ":"), host, port);
	}
	return NULL;
}

void ucwa_unauthorized(struct ucwa_request *q, const char *message)
{
	CLEANUP(mem_free_string) char *base = ucwa_base(q);
	CLEANUP(text_deinit) struct text value = TEXT_INIT;

	metric_inc(&q->u->metrics.unauthorized_total);
	text_addf(&value,
		  "Bearer trusted_issuers=\"00000002-0000-0ff1-ce00-000000000000@%s\","
		  "client_id=\"00000004-0000-0ff1-ce00-000000000000\"",
		  q->u->core->config->server_fqdn ? q->u->core->config->server_fqdn : "");
	http_set_header(q->r, "WWW-Authenticate", text_str(&value));
	text_reset(&value);
	text_addf(&value, "MsRtcOAuth href=\"%s/WebTicket/oauthtoken\",grant_type=\"password\"",
		  base);
	http_set_header(q->r, "WWW-Authenticate", text_str(&value));
	ucwa_fail(q, DIAG_UNAUTHORIZED, message);
}

/* ---- parameters ---- */

int ucwa_number(struct ucwa_request *q, const char *name, int64_t min, int64_t max, int64_t *ret)
{
	int r = http_query_int(q->r, name, min, max, ret);

	if (r < 0)
		ucwa_fail_parameter(q, name, "must be a number from %lld to %lld.", (long long)min,
				    (long long)max);
	return r;
}
