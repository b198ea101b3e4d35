/*
 * HTTPS API: what is checked before a handler runs
 */
#include "web/ucwa/before.h"

#include "mcxd/core/core.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/user.h"
#include "proto/diag.h"
#include "proto/text/chars.h"
#include "proto/text/content_type.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"
#include "web/http/inner.h"
#include "web/ucwa/answer.h"
#include "web/ucwa/app.h"
#include "web/ucwa/auth.h"
#include "web/ucwa/cors.h"
#include "web/ucwa/media.h"
#include "web/ucwa/operation.h"
#include "web/ucwa/private.h"
#include "web/ucwa/query_body.h"
#include "web/ucwa/refusal.h"
#include "web/ucwa/request.h"
#include "web/ucwa/ucwa.h"

#include <stdlib.h>

/* ---- versions ---- */

/* Each resource has a revision ("Versioning"), and the reference has two of search and applications. */
static unsigned revision_of(const struct ucwa_operation *o)
{
	return o && o->flags & UCWA_REVISION_2 ? 2 : 1;
}

void ucwa_mark_version(struct http_request *r)
{
	const struct http_route *own = http_route(r);
	const struct http_route *route = own ? own : http_route_of(r, "GET");

	http_set_constant(r, "X-MS-UcwaVersion",
			  revision_of(route ? route->extra : NULL) == 2 ? "2" : "1");
}

/* Versions are compared as numbers that may have a fraction. */
static bool meets(unsigned revision, const char *wanted)
{
	char *end;
	double version = strtod(wanted, &end);

	return end != wanted && !*end && version <= revision;
}

static bool check_version(struct ucwa_request *q)
{
	const char *wanted = http_header(q->r, "X-MS-RequiresMinResourceVersion");
	unsigned revision = revision_of(q->operation);

	if (!wanted || meets(revision, wanted))
		return true;
	ucwa_failf(q, DIAG_VERSION, "This server has revision %u of %s.", revision,
		   q->operation->resource);
	return false;
}

/* ---- listener and page ---- */

/* A method that the resource does not have is answered as on the other listeners. */
static bool is_plain(const struct http_request *r)
{
	const struct http_route *own = http_route(r);
	const struct http_route *route = own ? own : http_route_of(r, "GET");
	const struct ucwa_operation *o = route ? route->extra : NULL;

	return o && (o->flags & UCWA_PLAIN);
}

static bool check_tls(const struct ucwa_listener *l, struct http_request *r)
{
	CLEANUP(mem_free_string) char *secure = NULL;

	if (!l->u->config.redirect_plain || http_is_tls(r) || is_plain(r))
		return true;
	secure = ucwa_secure_base(l, r);
	if (!secure)
		return true;
	ucwa_refuse(l->u, r, DIAG_TLS_REQUIRED,
		    "Over plain HTTP this server only says where to find it over HTTPS.");
	return false;
}

bool ucwa_admit(const struct ucwa_listener *l, struct http_request *r)
{
	ucwa_mark_version(r);
	return check_tls(l, r) && cors_admit(l->u, r);
}

/* ---- token and application ---- */

static bool check_token(struct ucwa_request *q)
{
	const char *token = http_bearer(q->r);

	if (!token) {
		ucwa_unauthorized(q, "The header \"Authorization: Bearer TOKEN\" is missing.");
		return false;
	}
	q->user = auth_check(q->u->auth, token);
	if (!q->user) {
		ucwa_unauthorized(q, "The token is unknown or has expired.");
		return false;
	}
	q->aor = mem_strdup(q->user->aor);
	return true;
}

/* An application of another user is treated as one that does not exist. */
static bool check_app(struct ucwa_request *q)
{
	const char *id = http_param(q->r, "app");
	CLEANUP(mem_free_string) char *lower = mem_strdup(id);
	struct phone *p;

	for (char *c = lower; c && *c; c++)
		*c = chars_lower(*c);
	p = lower ? phone_find(q->u->core, lower) : NULL;

	if (!p || p->user != q->user) {
		ucwa_fail(q, DIAG_APPLICATION_NOT_FOUND,
			  "This user has no application with this id; sign in again.");
		return false;
	}
	q->phone = p;
	q->app_id = mem_strdup(p->app_id);
	q->app = ucwa_app_of(q->u, p);
	phone_touch(p);
	return true;
}

/* ---- {n} ---- */

static bool check_number(struct ucwa_request *q)
{
	const char *s = http_param(q->r, "n");
	int64_t number;

	if (!s)
		return true;
	if (*s != '0' && text_to_int(s, 1, INT64_MAX, &number)) {
		q->number = (uint64_t)number;
		return true;
	}
	ucwa_fail(q, DIAG_NOT_FOUND, "There is no resource with this number.");
	return false;
}

/* ---- Content-Type ---- */

static bool check_body(struct ucwa_request *q)
{
	const char *const *types = ucwa_operation_body_types(q->operation);
	const char *type = http_header(q->r, "Content-Type");

	/* The errors of forms are not UCWA's. And clients send bodies where none is meant: a goodbye with terminate,
	 * "{}" with accept. */
	if (!q->n_body || !types || (q->operation->flags & UCWA_BODY_FORM))
		return true;
	/* Microsoft's samples send JSON without saying so. A message is then plain text (RFC 9110 8.3: what does not say
	 * what it is may be looked at). */
	if (!type && q->operation->flags & (UCWA_BODY_JSON | UCWA_BODY_TEXT))
		return true;
	for (const char *const *one = types; *one; one++)
		if (content_type_is(type, *one))
			return true;
	ucwa_failf(q, DIAG_BAD_TYPE, "%sContent-Type must be %s or %s (UTF-8).",
		   type && strcasestr(type, "xml") ? "XML is not spoken here. " : "", types[0],
		   types[1]);
	return false;
}

static bool check_accept(struct ucwa_request *q)
{
	if (ucwa_accepts(q))
		return true;
	ucwa_fail(q, DIAG_NOT_ACCEPTABLE,
		  "XML is not spoken here; accept application/json or "
		  "application/vnd.microsoft.com.ucwa+json.");
	return false;
}

/* "Batching requests": no event requests, photos and batches, and nothing that is not for an application. */
static bool check_batch(struct ucwa_request *q)
{
	unsigned flags = q->operation->flags;

	if (!http_is_inner(q->r) || (flags & UCWA_TOKEN && !(flags & UCWA_ALONE)))
		return true;
	ucwa_fail(q, DIAG_NOT_IN_BATCH, NULL);
	return false;
}

static bool take_query(struct ucwa_request *q)
{
	ucwa_take_query(q);
	return true;
}

/* What changes something is not begun while it could not be kept (removing works, and makes room), nor while the server is
 * shutting down, which waits for what has begun. */
static bool check_store(struct ucwa_request *q)
{
	const struct core *c = q->u->core;
	const char *method = http_method(q->r);
	unsigned flags = q->operation->flags;

	if (!(flags & UCWA_TOKEN) || flags & UCWA_BODY_BATCH || !strcmp(method, "GET") ||
	    !strcmp(method, "HEAD"))
		return true;
	if (c->stopping)
		ucwa_fail(q, DIAG_SHUTDOWN, NULL);
	else if (core_store_is_failing(c) && strcmp(method, "DELETE") != 0)
		ucwa_fail(q, DIAG_NOT_STORED, NULL);
	else
		return true;
	return false;
}

bool ucwa_before(struct ucwa_request *q)
{
	unsigned flags = q->operation->flags;

	return check_batch(q) && (!(flags & UCWA_TOKEN) || check_token(q)) &&
	       (!(flags & UCWA_APP) || check_app(q)) && check_version(q) && check_number(q) &&
	       check_accept(q) && check_body(q) && check_store(q) && take_query(q);
}
