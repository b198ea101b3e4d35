/*
 * HTTPS API: refusals before a handler
 */
#include "web/ucwa/refusal.h"

#include "proto/diag.h"
#include "proto/text/json_out.h"
#include "proto/ucwa/hal.h"
#include "web/http/http.h"
#include "web/ucwa/answer.h"
#include "web/ucwa/operation.h"
#include "web/ucwa/private.h"
#include "web/ucwa/record.h"
#include "web/ucwa/token.h"

/* Whether it is for the token resource, with whatever method. */
static bool wants_token(const struct http_request *r)
{
	const struct http_route *route = http_route_of(r, "POST");
	const struct ucwa_operation *o = route ? route->extra : NULL;

	return o && o->handler == ucwa_post_token;
}

static void refuse(struct ucwa *u, struct http_request *r, int status, enum diag_code code,
		   const char *why)
{
	const struct diag_row *row = diag_row(code);
	struct hal *o;
	const char *text;
	size_t n;

	if (wants_token(r)) {
		ucwa_token_fail(u, r, status, code, why);
		return;
	}
	if (status < 500)
		ucwa_fault(u, NULL, http_peer(r), why);
	if (code == DIAG_ORIGIN)
		ucwa_diagnostics(u, r, row->id, row->reason);
	o = hal_error(hal_new(), code, why);
	text = hal_text(o, &n);
	http_answer(r, status, JSON_CONTENT_TYPE, text, n);
	hal_free(o);
}

void ucwa_refuse(struct ucwa *u, struct http_request *r, enum diag_code code, const char *why)
{
	refuse(u, r, diag_row(code)->http_status, code, why);
}

/* Some statuses of HTTP have no code of UCWA's: 431, 501. */
void ucwa_refuse_status(struct ucwa *u, struct http_request *r, int status, const char *why)
{
	refuse(u, r, status, diag_code_of_http(status), why);
}
