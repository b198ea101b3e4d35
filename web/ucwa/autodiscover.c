/*
 * HTTPS API: autodiscover
 *
 * And the status page of McxService, which old autodiscover answers point to.
 */
#include "web/ucwa/autodiscover.h"

#include "mcxd/core/user.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/ucwa/autodiscover.h"
#include "proto/ucwa/body.h"
#include "web/http/http.h"
#include "web/ucwa/answer.h"
#include "web/ucwa/private.h"
#include "web/ucwa/request.h"
#include "web/ucwa/ucwa.h"

static void answer(struct ucwa_request *q, enum autodiscover_answer what, const char *base,
		   const char *domain)
{
	CLEANUP(text_deinit) struct text xml = TEXT_INIT;

	if (what != AUTODISCOVER_DOMAIN && !autodiscover_wants_xml(http_header(q->r, "Accept"))) {
		ucwa_json(q, 200, autodiscover_json(what, base, domain));
		return;
	}
	autodiscover_xml(&xml, what, base, domain);
	http_answer(q->r, 200, AUTODISCOVER_XML_TYPE, text_str(&xml), xml.n);
}

static bool get_query(struct ucwa_request *q, struct autodiscover_query *ret)
{
	struct ucwa_problem problem;

	if (autodiscover_query_decode(http_query(q->r, "sipuri"),
				      http_query(q->r, "originalDomain"), ret, &problem) == 0)
		return true;
	ucwa_fail_body(q, &problem);
	return false;
}

/* [MS-OCDISCWS] 3.1.5.2: over plain HTTP the answer is only a redirection. */
void ucwa_get_root(struct ucwa_request *q)
{
	CLEANUP(mem_free_string) char *base = NULL;
	bool redirect = q->u->config.redirect_plain && !http_is_tls(q->r);
	struct autodiscover_query query;
	struct user *user;

	if (!get_query(q, &query))
		return;
	user = *query.aor ? user_find(q->u->core, query.aor) : NULL;
	if (user)
		q->aor = mem_strdup(user->aor);
	base = redirect ? ucwa_secure_base(q->listener, q->r) : NULL;
	if (base) {
		answer(q, AUTODISCOVER_REDIRECT, base, query.domain);
		return;
	}
	base = ucwa_base(q);
	answer(q, AUTODISCOVER_ROOT, base, query.domain);
}

void ucwa_get_domain(struct ucwa_request *q)
{
	CLEANUP(mem_free_string) char *base = ucwa_base(q);
	struct autodiscover_query query;

	if (get_query(q, &query))
		answer(q, AUTODISCOVER_DOMAIN, base, query.domain);
}

void ucwa_get_user(struct ucwa_request *q)
{
	CLEANUP(mem_free_string) char *base = ucwa_base(q);
	struct autodiscover_query query;

	if (get_query(q, &query))
		answer(q, AUTODISCOVER_USER, base, query.domain);
}

void ucwa_get_mcx_page(struct ucwa_request *q)
{
	static const char page[] =
		"<!DOCTYPE html>\n<html lang=\"en\"><head><title>McxService</title></head><body>"
		"<h1>McxService</h1><p>The mobility service of this front end is running. It does "
		"not support the MCX protocol: clients find UCWA by autodiscover.</p>"
		"</body></html>\n";

	http_answer(q->r, 200, "text/html; charset=utf-8", page, sizeof(page) - 1);
}
