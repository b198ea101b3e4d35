/*
 * HTTPS API: what is checked before a handler runs
 */
#include "web/ucwa/private.h"

#include "proto/text/chars.h"

/* ---- token and application ---- */

static const char *bearer(const struct ucwa_request *q)
{
	const char *value = http_header(q->r, "Authorization");

	if (!value || strncasecmp(value, "Bearer ", 7) != 0)
		return NULL;
	return value + 7 + strspn(value + 7, " ");
}

static bool check_token(struct ucwa_request *q)
{
	const char *token = bearer(q), *aor;
	uint64_t credentials;

	if (!token) {
		ucwa_unauthorized(q, "The request has no Authorization: Bearer header.");
		return false;
	}
	aor = auth_check(q->u->auth, token, &credentials);
	q->user = aor ? user_find(q->u->core, aor) : NULL;
	/* It was given for a password: a new one, or a new user of that name, is another. */
	if (!q->user || q->user->credentials != credentials) {
		ucwa_unauthorized(q, "The token is unknown or has expired.");
		return false;
	}
	q->aor = mem_strdup(q->user->aor);
	return true;
}

/* Somebody else's application does not exist for this user. */
static bool check_app(struct ucwa_request *q)
{
	const char *id = http_param(q->r, "app");
	struct phone *p = id ? phone_find(q->u->core, id) : NULL;

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
	size_t n = s ? strspn(s, "0123456789") : 0;

	if (!s)
		return true;
	if (n && !s[n] && n < 20 && *s != '0') {
		q->number = strtoull(s, NULL, 10);
		return true;
	}
	ucwa_fail(q, DIAG_NOT_FOUND, "There is no resource with this number.");
	return false;
}

/* ---- body ---- */

static const char *skip_blanks(const char *s)
{
	return s + strspn(s, " \t");
}

/* Only a charset matters: everything is UTF-8 here. */
static bool parameters_are_fine(const char *s)
{
	while (*(s = skip_blanks(s)) == ';') {
		size_t n;

		s = skip_blanks(s + 1);
		n = strcspn(s, ";");
		if (!strncasecmp(s, "charset=", 8)) {
			const char *value = s + 8 + strspn(s + 8, "\"'");

			if (strncasecmp(value, "utf-8", 5) != 0 || chars_is_alnum(value[5]) ||
			    value[5] == '-')
				return false;
		}
		s += n;
	}
	return !*s;
}

static bool type_is(const char *header, const char *type)
{
	size_t n = strlen(type);

	return header && !strncasecmp(header, type, n) && parameters_are_fine(header + n);
}

static bool check_body(struct ucwa_request *q)
{
	const char *header = http_header(q->r, "Content-Type"), *type = NULL;

	if (!q->n_body)
		return true;
	if (q->row->flags & UCWA_BODY_JSON)
		type = "application/json";
	else if (q->row->flags & UCWA_BODY_TEXT)
		type = "text/plain";
	else if (q->row->flags & UCWA_BODY_FORM)
		type = "application/x-www-form-urlencoded";
	if (!type) {
		ucwa_fail(q, DIAG_BAD_REQUEST, "This request takes no body.");
		return false;
	}
	if (type_is(header, type))
		return true;
	ucwa_failf(q, DIAG_BAD_TYPE, "The body of this request has to be %s in UTF-8.", type);
	return false;
}

bool ucwa_before(struct ucwa_request *q)
{
	unsigned flags = q->row->flags;

	return (!(flags & UCWA_TOKEN) || check_token(q)) && (!(flags & UCWA_APP) || check_app(q)) &&
	       check_number(q) && check_body(q);
}
