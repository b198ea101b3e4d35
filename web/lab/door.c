/*
 * Lab API: the door
 *
 * Everybody on this machine can reach the TCP listener: every page that is open in a browser here, and our own clearing
 * house, which posts wherever a subscription says. Neither must be able to move the lab, or to read it.
 *
 *  - A page can make simple requests to any address, without being asked; so whatever changes something must be JSON, for
 *    which a browser asks first (https://fetch.spec.whatwg.org/#http-cors-protocol), and is not answered.
 *  - A browser says which page makes a request: Origin, and Sec-Fetch-Site with those that have no Origin.
 *  - A name that an attacker's name server moves to 127.0.0.1 makes the attacker's page one of this origin (DNS
 *    rebinding); but the name is still in Host.
 *  - A push is JSON and comes from no page; it has Webhook-Id.
 *
 * What comes by the UNIX socket is from who may open it, and is let in.
 */
#include "web/lab/door.h"

#include "mcxd/base/metric.h"
#include "proto/text/content_type.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/words.h"
#include "proto/ucwa/origin.h"
#include "web/http/http.h"
#include "web/lab/json.h"
#include "web/lab/lab.h"
#include "web/lab/private.h"
#include "web/lab/sign_in.h"

#include <strings.h>

/* What may be in an answer's page, unless its handler says otherwise, and who may use the answer. */
static void protect(struct http_request *r)
{
	http_set_header(r, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
	http_set_header(r, "Cross-Origin-Resource-Policy", "same-origin");
	http_set_header(r, "X-Content-Type-Options", "nosniff");
	/* With no-referrer, a form would be sent with "Origin: null". */
	http_set_header(r, "Referrer-Policy", "same-origin");
}

/* ---- pushes ---- */

static bool check_push(struct lab *l, struct http_request *r)
{
	if (!http_header(r, "Webhook-Id"))
		return true;
	metric_inc(&l->door.pushes_refused_total);
	lab_error(r, 403, "The lab API takes no pushes: the request has the header Webhook-Id.");
	return false;
}

/* ---- Host ---- */

/* Its host, without the port; free() it. */
static char *host_of(const char *host_port)
{
	const char *end = *host_port == '[' ? strchr(host_port, ']') : strchr(host_port, ':');

	if (end && *end == ']')
		end++;
	return end ? mem_memdup(host_port, (size_t)(end - host_port)) : mem_strdup(host_port);
}

/* No name looks like it: browsers take what ends in a number for an address. */
static bool is_numeric(const char *host)
{
	return *host == '[' || !host[strspn(host, "0123456789.")];
}

static bool is_own_host(const struct lab *l, const char *host)
{
	CLEANUP(mem_free_string) char *own = host_of(lab_listen(l));

	if (!strcasecmp(host, "localhost") || !strcasecmp(host, own))
		return true;
	/* It listens at every address. */
	return (!strcmp(own, "0.0.0.0") || !strcmp(own, "[::]")) && is_numeric(host);
}

/* A list has IPv6 addresses without brackets. */
static bool is_same_host(const char *host, const char *listed)
{
	size_t n = strlen(listed);

	if (*host == '[' && *listed != '[')
		return !strncasecmp(host + 1, listed, n) && !strcmp(host + 1 + n, "]");
	return !strcasecmp(host, listed);
}

static bool is_listed_host(const struct lab *l, const char *host)
{
	CLEANUP(words_free) char **hosts = words_split(l->config->hosts ? l->config->hosts : "");

	for (char **one = hosts; *one; one++)
		if (is_same_host(host, *one))
			return true;
	return false;
}

static bool check_host(struct lab *l, struct http_request *r)
{
	const char *value = http_host(r);
	CLEANUP(mem_free_string) char *host = value ? host_of(value) : NULL;

	if (host && (is_own_host(l, host) || is_listed_host(l, host)))
		return true;
	metric_inc(&l->door.hosts_refused_total);
	lab_error(r, 421,
		  "The Host of the request must be localhost, the address %s, or one of "
		  "lab.hosts; it is %s.",
		  lab_listen(l), host ? host : "missing");
	return false;
}

/* ---- who makes the request ---- */

static bool is_own_origin(const struct http_request *r, const char *origin)
{
	CLEANUP(mem_free_string)
	char *base = text_concat(http_is_tls(r) ? "https://" : "http://", http_host(r));
	char own[ORIGIN_SIZE], theirs[ORIGIN_SIZE];
	const char *why;

	return !origin_decode(base, own, &why) && !origin_decode(origin, theirs, &why) &&
	       !strcmp(own, theirs);
}

static bool check_origin(struct lab *l, struct http_request *r)
{
	const char *origin = http_header(r, "Origin");
	const char *site = http_header(r, "Sec-Fetch-Site");

	/* none: a person typed the address. */
	if ((!origin || is_own_origin(r, origin)) &&
	    (!site || !strcmp(site, "same-origin") || !strcmp(site, "none")))
		return true;
	metric_inc(&l->door.origins_refused_total);
	lab_error(r, 403,
		  "Only pages of the lab itself may use it, not those of %.*s; to come here from "
		  "there, type the address.",
		  ORIGIN_SIZE, origin ? origin : "other sites");
	return false;
}

/* ---- Content-Type ---- */

static bool is_form(const struct http_request *r)
{
	const struct http_route *route = http_route(r);

	return route && route->handler == lab_post_sign_in;
}

/* A browser asks before it sends any other method than GET, HEAD and POST, whose body may also be none. */
static bool check_type(struct lab *l, struct http_request *r)
{
	const char *method = http_method(r);
	size_t n_body;

	http_body(r, &n_body);
	if (is_form(r) || content_type_is(http_header(r, "Content-Type"), JSON_CONTENT_TYPE) ||
	    (!n_body && strcmp(method, "POST") != 0))
		return true;
	metric_inc(&l->door.types_refused_total);
	lab_error(r, 415,
		  "%s needs the header \"Content-Type: application/json\", %s; with curl: -H "
		  "'Content-Type: application/json', or --json.",
		  method, n_body ? "and a body of JSON" : "also without a body");
	return false;
}

/* ---- the token ---- */

/* What says nothing about the lab, and what a person needs to sign in. */
static bool is_open(const struct http_request *r)
{
	static http_h *const open[] = { lab_get_sign_in, lab_post_sign_in, lab_get_style,
					lab_get_healthz, lab_get_readyz };
	const struct http_route *route = http_route(r);

	for (size_t i = 0; route && i < ARRAY_SIZE(open); i++)
		if (route->handler == open[i])
			return true;
	return false;
}

static bool check_token(struct lab *l, struct http_request *r)
{
	if (!l->config->token || is_open(r) || lab_is_signed_in(l, r))
		return true;
	metric_inc(&l->door.tokens_refused_total);
	lab_ask_for_token(l, r);
	return false;
}

bool lab_door_admit(struct lab *l, struct http_request *r)
{
	protect(r);
	return check_push(l, r) && check_host(l, r) && check_origin(l, r) && check_type(l, r) &&
	       check_token(l, r);
}
