/*
 * HTTPS API: the frame for pages of other origins
 *
 * A page that another one loads into a frame and sends requests to, by postMessage ("Cross-domain IFRAME"). What it
 * does is in xframe.js. The browser lets only pages of https.allowed_origins frame it, it answers only them, and it can
 * connect to this server alone.
 */
#include "web/ucwa/xframe.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"
#include "web/ucwa/cors.h"
#include "web/ucwa/private.h"
#include "web/ucwa/request.h"

/* An origin has no character that HTML or the policy could take for its own. */
void ucwa_get_xframe(struct ucwa_request *q)
{
	const char *origins = cors_origins(q->u->cors);
	CLEANUP(text_deinit) struct text policy = TEXT_INIT;
	CLEANUP(text_deinit) struct text page = TEXT_INIT;

	text_add_all(&policy,
		     "default-src 'none'; script-src 'self'; connect-src 'self'; base-uri 'none'; "
		     "form-action 'none'; frame-ancestors ",
		     *origins ? origins : "'none'");
	text_add_all(&page,
		     "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
		     "<title>XFrame</title><script src=\"" UCWA_XFRAME_SCRIPT "\" data-origins=\"",
		     origins, "\"></script></head><body></body></html>\n");
	http_set_header(q->r, "Content-Security-Policy", text_str(&policy));
	http_set_header(q->r, "X-Content-Type-Options", "nosniff");
	http_answer(q->r, 200, "text/html; charset=utf-8", text_str(&page), page.n);
}

void ucwa_get_xframe_script(struct ucwa_request *q)
{
	http_set_header(q->r, "X-Content-Type-Options", "nosniff");
	http_answer(q->r, 200, "text/javascript; charset=utf-8", ucwa_xframe_script,
		    strlen(ucwa_xframe_script));
}
