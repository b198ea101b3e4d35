/*
 * HTTPS API: POST /WebTicket/oauthtoken
 *
 * The password grant of RFC 6749 4.3, as UCWA describes it ("Create an application", steps 5 and 6).
 */
#include "web/ucwa/token.h"

#include "mcxd/base/metric.h"
#include "mcxd/core/core.h"
#include "mcxd/core/user.h"
#include "proto/text/form.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/ucwa/hal.h"
#include "web/http/http.h"
#include "web/ucwa/answer.h"
#include "web/ucwa/auth.h"
#include "web/ucwa/metrics.h"
#include "web/ucwa/private.h"
#include "web/ucwa/record.h"
#include "web/ucwa/request.h"
#include "web/ucwa/ucwa.h"

#include <strings.h>

/* The diagnostics id of the real service's refusals. */
#define REFUSED_ID 28020

static void refuse(struct ucwa_request *q, int status, const char *error, const char *description)
{
	const char *source = q->u->core->config->server_fqdn;
	CLEANUP(mem_free_string)
	char *diagnostics = text_format("%d;source=\"%s\";reason=\"%s\"", REFUSED_ID,
					source ? source : "", description);
	struct hal *o = hal_new();

	metric_inc(&q->u->metrics.grants_refused_total);
	ucwa_fault(q->u, q, http_peer(q->r), description);
	hal_string(o, "error", error);
	hal_string(o, "error_description", description);
	http_set_header(q->r, "X-Ms-diagnostics", diagnostics);
	ucwa_json(q, status, o);
}

static void grant(struct ucwa_request *q, const struct user *u)
{
	char token[AUTH_TOKEN_SIZE];
	struct hal *o;

	if (auth_issue(q->u->auth, u->aor, u->credentials, token)) {
		refuse(q, 503, "temporarily_unavailable",
		       "The limit of valid tokens is reached; try again later.");
		return;
	}
	q->aor = mem_strdup(u->aor);
	o = hal_new();
	hal_string(o, "access_token", token);
	hal_int(o, "expires_in", q->u->config.auth.token_lifetime_ms / 1000);
	hal_string(o, "ms_rtc_identityscope", "local");
	hal_string(o, "token_type", "Bearer");
	explicit_bzero(token, sizeof(token));
	http_set_header(q->r, "Pragma", "no-cache");
	ucwa_json(q, 200, o);
}

static void check_password(struct ucwa_request *q, const struct form *form)
{
	const char *name = form_get(form, "username"), *password = form_get(form, "password");
	struct user *user;

	if (!name || !*name || !password) {
		refuse(q, 400, "invalid_request", "The form must have username and password.");
		return;
	}
	if (!strncasecmp(name, "sip:", 4))
		name += 4;
	user = user_find(q->u->core, name);
	if (user && user_password_is(user, password))
		grant(q, user);
	else
		refuse(q, 400, "invalid_grant", "Wrong user name or password.");
}

void ucwa_post_token(struct ucwa_request *q)
{
	struct form form;
	const char *why, *type;

	if (form_decode(q->body, q->n_body, &form, &why) < 0) {
		refuse(q, 400, "invalid_request", why);
		return;
	}
	type = form_get(&form, "grant_type");
	if (!type || !*type)
		refuse(q, 400, "invalid_request", "The form must have grant_type=password.");
	else if (strcmp(type, "password") != 0)
		refuse(q, 400, "unsupported_grant_type",
		       "The only grant_type supported is password.");
	else
		check_password(q, &form);
	form_deinit(&form);
}
