/*
 * HTTPS API: pages of other origins
 */
#include "web/ucwa/cors.h"

#include "mcxd/base/metric.h"
#include "proto/diag.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/words.h"
#include "proto/ucwa/origin.h"
#include "web/http/http.h"
#include "web/ucwa/metrics.h"
#include "web/ucwa/private.h"
#include "web/ucwa/refusal.h"

/* How long a browser may remember the answer to a preflight, in seconds. */
#define MAX_AGE "600"

/* What a page may read besides what it always may. */
#define EXPOSED                                                                                    \
	"Allow, ETag, Location, Retry-After, WWW-Authenticate, X-Ms-diagnostics, X-MS-UcwaVersion"

struct cors {
	char **origins;
	struct text list;
};

struct cors *cors_new(const char *allowed)
{
	struct cors *c = MEM_NEW(struct cors);
	char origin[ORIGIN_SIZE];
	const char *why;

	c->origins = words_split(allowed ? allowed : "");
	for (char **o = c->origins; *o; o++) {
		if (!origin_decode(*o, origin, &why))
			text_add_all(&c->list, c->list.n ? " " : "", origin);
	}
	free(c->origins);
	c->origins = words_split(text_str(&c->list));
	return c;
}

struct cors *cors_free(struct cors *c)
{
	if (!c)
		return NULL;
	free(c->origins);
	text_deinit(&c->list);
	free(c);
	return NULL;
}

const char *cors_origins(const struct cors *c)
{
	return text_str(&c->list);
}

static bool is_allowed(const struct cors *c, const char *origin)
{
	char **o = c->origins;

	while (*o && strcmp(*o, origin) != 0)
		o++;
	return *o;
}

static bool is(const char *url, const char *origin)
{
	char decoded[ORIGIN_SIZE];
	const char *why;

	return url && !origin_decode(url, decoded, &why) && !strcmp(decoded, origin);
}

/* A page that came from here, as the frame for other origins does. */
static bool is_own(const struct ucwa *u, const struct http_request *r, const char *origin)
{
	const char *host = http_host(r);
	CLEANUP(mem_free_string)
	char *base = host ? text_concat(http_is_tls(r) ? "https://" : "http://", host) : NULL;

	return is(base, origin) || is(u->public_url, origin);
}

static void refuse(struct ucwa *u, struct http_request *r, const char *origin)
{
	CLEANUP(mem_free_string)
	char *why = text_format("https.allowed_origins does not have %.*s.", ORIGIN_SIZE, origin);

	metric_inc(&u->metrics.origins_refused_total);
	ucwa_refuse(u, r, DIAG_ORIGIN, why);
}

/* False: it was no preflight that is to be answered. */
static bool answer_preflight(struct http_request *r)
{
	const char *method = http_header(r, "Access-Control-Request-Method");
	const char *headers = http_header(r, "Access-Control-Request-Headers");
	CLEANUP(mem_free_string) char *allow = NULL;

	if (strcmp(http_method(r), "OPTIONS") != 0 || !method || !(allow = http_allow(r)))
		return false;
	http_set_header(r, "Allow", allow);
	http_set_header(r, "Access-Control-Allow-Methods", allow);
	if (headers && *headers)
		http_set_header(r, "Access-Control-Allow-Headers", headers);
	http_set_header(r, "Access-Control-Max-Age", MAX_AGE);
	http_answer(r, 204, NULL, NULL, 0);
	return true;
}

enum page { PAGE_OWN, PAGE_ALLOWED, PAGE_FOREIGN };

/* Set the headers of the answer that a browser looks for, by the page that asks. */
static enum page mark(const struct ucwa *u, struct http_request *r)
{
	const char *sent = http_header(r, "Origin"), *why;
	char origin[ORIGIN_SIZE];

	if (sent || u->cors->list.n)
		http_set_header(r, "Vary", "Origin");
	if (!sent)
		return PAGE_OWN;
	if (origin_decode(sent, origin, &why))
		return PAGE_FOREIGN;
	if (is_own(u, r, origin))
		return PAGE_OWN;
	if (!is_allowed(u->cors, origin))
		return PAGE_FOREIGN;
	http_set_header(r, "Access-Control-Allow-Origin", sent);
	http_set_header(r, "Access-Control-Allow-Credentials", "true");
	http_set_header(r, "Access-Control-Expose-Headers", EXPOSED);
	return PAGE_ALLOWED;
}

void cors_mark(const struct ucwa *u, struct http_request *r)
{
	mark(u, r);
}

bool cors_admit(struct ucwa *u, struct http_request *r)
{
	switch (mark(u, r)) {
	case PAGE_OWN: return true;
	case PAGE_ALLOWED: return !answer_preflight(r);
	case PAGE_FOREIGN: refuse(u, r, http_header(r, "Origin")); break;
	}
	return false;
}

void cors_check(const char *allowed, struct text *why)
{
	CLEANUP(words_free) char **origins = words_split(allowed);
	char ignored[ORIGIN_SIZE];
	const char *phrase;

	for (char **o = origins; *o; o++) {
		if (!origin_decode(*o, ignored, &phrase))
			continue;
		if (!strcmp(*o, "*"))
			phrase = "every page of every site could then use the API, so the origins "
				 "must be listed, such as https://app.lab.test:8443";
		text_addf(why, "%s: %s", *o, phrase);
		return;
	}
}
