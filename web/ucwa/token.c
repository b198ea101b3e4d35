/*
 * HTTPS API: POST /WebTicket/oauthtoken
 *
 * The password grant of RFC 6749 4.3, as UCWA describes it ("Create an application", steps 5 and 6;
 * "Authentication in UCWA"). Its errors are OAuth's (5.2), whatever is wrong with the request. A request is parked
 * while wrong passwords delay it; see guess.h.
 */
#include "web/ucwa/token.h"

#include "mcxd/base/guess.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/core.h"
#include "mcxd/core/user.h"
#include "proto/diag.h"
#include "proto/text/form.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/ucwa/hal.h"
#include "proto/ucwa/login.h"
#include "web/http/http.h"
#include "web/ucwa/answer.h"
#include "web/ucwa/auth.h"
#include "web/ucwa/metrics.h"
#include "web/ucwa/private.h"
#include "web/ucwa/record.h"
#include "web/ucwa/request.h"
#include "web/ucwa/ucwa.h"

/* ---- errors ---- */

struct refusal {
	int status;
	const char *error;
	int id; /* of X-Ms-diagnostics: those that Microsoft documents */
	const char *reason;
};

static const struct refusal no_room = { 503, "temporarily_unavailable", 28020,
					"The limit of valid tokens is reached; try again later." };
static const struct refusal too_many = {
	429, "temporarily_unavailable", 28020,
	"Too many token requests for this user are waiting; try again later."
};
static const struct refusal wrong = { 400, "invalid_grant", 28020, "Wrong user name or password." };
static const struct refusal bad_type = { 400, "unsupported_grant_type", 28029,
					 "Authentication type not allowed." };
static const struct refusal bad_scope = { 400, "invalid_scope", 28020, "The only scope is all." };

/* q is NULL if the request did not come as far as a handler. */
static void refuse(struct ucwa *u, struct ucwa_request *q, struct http_request *r,
		   const struct refusal *refusal)
{
	struct hal *o = hal_new();
	const char *text;
	size_t n;

	metric_inc(&u->metrics.grants_refused_total);
	if (refusal->status < 500)
		ucwa_fault(u, q, http_peer(r), refusal->reason);
	hal_string(o, "error", refusal->error);
	hal_string(o, "error_description", refusal->reason);
	ucwa_diagnostics(u, r, refusal->id, refusal->reason);
	http_set_header(r, "Pragma", "no-cache");
	text = hal_text(o, &n);
	http_answer(r, refusal->status, JSON_CONTENT_TYPE, text, n);
	hal_free(o);
}

static void retry_after(struct ucwa_request *q, int64_t ms)
{
	char seconds[TEXT_NUMBER_SIZE];

	http_set_header(q->r, "Retry-After", text_number(seconds, (uint64_t)(ms + 999) / 1000));
}

static void refuse_request(struct ucwa_request *q, const char *reason)
{
	refuse(q->u, q, q->r, &(struct refusal){ 400, "invalid_request", 28020, reason });
}

void ucwa_token_fail(struct ucwa *u, struct http_request *r, int status, enum diag_code code,
		     const char *why)
{
	const struct diag_row *row = diag_row(code);
	struct refusal refusal = { status, "invalid_request", 28020, why };

	if (status >= 500 && status != 501)
		refusal.error = status == 503 ? "temporarily_unavailable" : "server_error";
	if (code == DIAG_ORIGIN) {
		refusal.id = row->id;
		refusal.reason = row->reason;
	}
	refuse(u, NULL, r, &refusal);
}

/* ---- the form ---- */

/* What the form asks for; false: it has been answered with the error. */
static bool read_form(struct ucwa_request *q, struct form *ret)
{
	const char *why, *type, *scope, *name;

	*ret = (struct form){ 0 };
	if (!q->n_body) {
		refuse_request(q, "The request has no body.");
		return false;
	}
	if (form_decode(http_header(q->r, "Content-Type"), q->body, q->n_body, ret, &why)) {
		refuse_request(q, why);
		return false;
	}
	type = form_get(ret, "grant_type");
	scope = form_get(ret, "scope");
	name = form_get(ret, "username");
	if (!type || !*type)
		refuse_request(q, "The form must have grant_type=password.");
	else if (strcmp(type, "password") != 0)
		refuse(q->u, q, q->r, &bad_type);
	else if (scope && *scope && strcmp(scope, "all") != 0)
		refuse(q->u, q, q->r, &bad_scope);
	else if (!name || !*name || !form_get(ret, "password"))
		refuse_request(q, "The form must have username and password.");
	else
		return true;
	return false;
}

/* A name without a domain, or with a short one, must mean exactly one user. An open one is made for the time of this
 * request. */
static struct user *find_user(struct core *c, const char *name)
{
	const char *address = login_address(name);
	struct user *u, *found = NULL;
	void *cursor = NULL;

	if (address)
		return user_meet(c, address, false);
	while ((u = user_next(c, &cursor))) {
		if (!login_may_mean(name, u->aor))
			continue;
		if (found)
			return NULL;
		found = u;
	}
	return found;
}

/* ---- the password ---- */

struct attempt {
	struct guess_wait wait;
	struct ucwa *u;
	struct http *http;
	uint64_t parked; /* 0: not yet */
};

static void grant(struct ucwa_request *q, const struct user *u)
{
	char token[AUTH_TOKEN_SIZE];
	struct hal *o;

	if (auth_issue(q->u->auth, u, token)) {
		retry_after(q, auth_room_ms(q->u->auth));
		refuse(q->u, q, q->r, &no_room);
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

static struct ucwa_request *request_of(const struct attempt *a)
{
	return http_context(http_parked(a->http, a->parked));
}

static void on_gone(void *magic, uint64_t id)
{
	struct attempt *a = magic;

	(void)id;
	guess_cancel(&a->wait);
	free(a);
}

static void park(struct ucwa_request *q, struct attempt *a)
{
	if (!a->parked)
		a->parked = http_park(q->r, on_gone, a);
}

static void on_wrong_told(void *magic)
{
	struct attempt *a = magic;
	struct ucwa_request *q = request_of(a);

	refuse(a->u, q, q->r, &wrong);
	free(a);
}

static void check(struct ucwa_request *q, struct attempt *a, const struct form *form)
{
	const char *name = form_get(form, "username");
	struct user *user = find_user(q->u->core, name);

	if (user && user_password_is(user, form_get(form, "password"))) {
		guess_right(q->u->guesses, user->aor, http_peer_host(q->r));
		free(a);
		grant(q, user);
		return;
	}
	a->wait.on_turn = on_wrong_told;
	if (guess_wrong(q->u->guesses, user ? user->aor : name, http_peer_host(q->r), &a->wait) ==
	    GUESS_LATER) {
		park(q, a);
		return;
	}
	free(a);
	refuse(q->u, q, q->r, &wrong);
}

static void on_turn(void *magic)
{
	struct attempt *a = magic;
	struct ucwa_request *q = request_of(a);
	struct form form;

	if (read_form(q, &form))
		check(q, a, &form);
	else
		free(a);
	form_deinit(&form);
}

static void ask(struct ucwa_request *q, const struct form *form)
{
	const char *name = form_get(form, "username"), *host = http_peer_host(q->r);
	const struct user *user = find_user(q->u->core, name);
	struct attempt *a = MEM_NEW(struct attempt);
	int64_t ms = 0;

	*a = (struct attempt){ .wait = { .on_turn = on_turn, .magic = a },
			       .u = q->u,
			       .http = q->listener->http };
	switch (guess_ask(q->u->guesses, user ? user->aor : name, host, &a->wait, &ms)) {
	case GUESS_NOW: check(q, a, form); return;
	case GUESS_LATER: park(q, a); return;
	case GUESS_TOO_MANY: break;
	}
	free(a);
	retry_after(q, ms);
	refuse(q->u, q, q->r, &too_many);
}

void ucwa_post_token(struct ucwa_request *q)
{
	struct form form;

	if (read_form(q, &form))
		ask(q, &form);
	form_deinit(&form);
}
