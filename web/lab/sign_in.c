/*
 * Lab API: signing in
 */
#include "web/lab/sign_in.h"

#include "proto/crypto/sha256.h"
#include "proto/text/form.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"
#include "web/lab/json.h"
#include "web/lab/lab.h"
#include "web/lab/private.h"

#define PATH     "/lab/v1/sign-in"
#define LIFETIME "2592000" /* s */

/* Cookies do not know ports, so that several labs on one machine need names of their own. */
static char *cookie_name(const struct lab *l)
{
	const char *colon = strrchr(lab_listen(l), ':');

	return text_concat("mcxd_lab_", colon ? colon + 1 : "");
}

static void cookie_value(const struct lab *l, char ret[HEX_DIGEST_SIZE])
{
	sha256_hmac_hex(l->config->token, "cookie", ret);
}

/* Takes as long for what is nearly right: the digests of both are compared. */
static bool is_equal(const struct lab *l, const char *a, const char *b)
{
	char digests[2][HEX_DIGEST_SIZE];

	sha256_hmac_hex(l->config->token, a, digests[0]);
	sha256_hmac_hex(l->config->token, b, digests[1]);
	return !strcmp(digests[0], digests[1]);
}

static bool has_cookie(const struct lab *l, const char *header)
{
	CLEANUP(mem_free_string) char *copy = mem_strdup(header);
	CLEANUP(mem_free_string) char *name = cookie_name(l);
	char value[HEX_DIGEST_SIZE];
	char *rest = copy, *pair;
	size_t n = strlen(name);

	cookie_value(l, value);
	while ((pair = strsep(&rest, ";"))) {
		pair += strspn(pair, " ");
		if (!strncmp(pair, name, n) && pair[n] == '=' && is_equal(l, pair + n + 1, value))
			return true;
	}
	return false;
}

bool lab_is_signed_in(const struct lab *l, const struct http_request *r)
{
	const char *token = http_bearer(r), *cookies = http_header(r, "Cookie");

	return (token && is_equal(l, token, l->config->token)) ||
	       (cookies && has_cookie(l, cookies));
}

/* ---- the form ---- */

/* Only to a page of ours, so that nobody can send people elsewhere with a link to the form. */
static const char *target(const struct http_request *r)
{
	static const char *const pages[] = { LAB_CONSOLE, "/lab/v1/" };
	const char *to = http_query(r, "to");

	for (size_t i = 0; to && i < ARRAY_SIZE(pages); i++)
		if (!strcmp(to, pages[i]))
			return pages[i];
	return LAB_CONSOLE;
}

static void answer_form(struct http_request *r, int status, const char *to, const char *what)
{
	CLEANUP(text_deinit) struct text page = TEXT_INIT;

	text_add_all(&page,
		     "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
		     "<meta name=\"viewport\" content=\"width=device-width\"><title>mcxd: sign "
		     "in</title>"
		     "<link rel=\"stylesheet\" href=\"" LAB_STYLE "\"></head><body><main>\n"
		     "<h1>mcxd: sign in</h1>\n<p>",
		     what, "</p>\n<form method=\"post\" action=\"" PATH "?to=", to,
		     "\">\n<label>Token <input type=\"password\" name=\"token\" required autofocus "
		     "autocomplete=\"current-password\"></label>\n"
		     "<button>Sign in</button>\n</form>\n</main></body></html>\n");
	http_set_header(
		r, "Content-Security-Policy",
		"default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
		"frame-ancestors 'none'");
	http_answer(r, status, "text/html; charset=utf-8", text_str(&page), page.n);
}

void lab_ask_for_token(const struct lab *l, struct http_request *r)
{
	const char *accept = http_header(r, "Accept");

	(void)l;
	http_set_header(r, "WWW-Authenticate", "Bearer realm=\"lab\"");
	if (!strcmp(http_method(r), "GET") && accept && strstr(accept, "text/html"))
		answer_form(r, 401, strcmp(http_path(r), "/lab/v1/") ? LAB_CONSOLE : "/lab/v1/",
			    "This lab asks for the token in lab.token_file.");
	else
		lab_error(r, 401, "%s: \"Authorization: Bearer TOKEN\".",
			  http_header(r, "Authorization")
				  ? "This is not the token of lab.token_file; show that"
				  : "Show the token of lab.token_file");
}

void lab_get_sign_in(void *magic, struct http_request *r)
{
	(void)magic;
	answer_form(r, 200, target(r), "This lab asks for the token in lab.token_file.");
}

static void set_cookie(const struct lab *l, struct http_request *r)
{
	CLEANUP(mem_free_string) char *name = cookie_name(l);
	CLEANUP(mem_free_string) char *cookie = NULL;
	char value[HEX_DIGEST_SIZE];

	cookie_value(l, value);
	cookie = text_format("%s=%s; Path=/; Max-Age=" LIFETIME "; HttpOnly; SameSite=Strict%s",
			     name, value, http_is_tls(r) ? "; Secure" : "");
	http_set_header(r, "Set-Cookie", cookie);
}

void lab_post_sign_in(void *magic, struct http_request *r)
{
	const struct lab *l = magic;
	CLEANUP(form_deinit) struct form f = { 0 };
	const char *token, *why;
	size_t n;
	const void *body = http_body(r, &n);

	if (l->config->token) {
		if (form_decode(http_header(r, "Content-Type"), body, n, &f, &why)) {
			lab_error(r, 400, "%s", why);
			return;
		}
		token = form_get(&f, "token");
		if (!token || !is_equal(l, token, l->config->token)) {
			answer_form(r, 401, target(r), "That is not the token in lab.token_file.");
			return;
		}
		set_cookie(l, r);
	}
	http_set_header(r, "Location", target(r));
	http_answer(r, 303, NULL, NULL, 0);
}

/* ---- what pages look like ---- */

void lab_get_style(void *magic, struct http_request *r)
{
	static const char style[] =
		":root{color-scheme:light dark}\n"
		"body{font:16px/1.5 system-ui,sans-serif;margin:0}\n"
		"main{max-width:60rem;margin:2rem auto;padding:0 1rem}\n"
		"h1,h2,h3{line-height:1.2}\n"
		"code,pre{font-family:ui-monospace,monospace;font-size:.9em}\n"
		"pre{overflow-x:auto;padding:.5rem;border:1px solid #8888}\n"
		"section{margin:1.5rem 0;border-top:1px solid #8888}\n"
		"table{border-collapse:collapse;width:100%}\n"
		"th,td{text-align:left;vertical-align:top;padding:.2rem .6rem .2rem 0;"
		"overflow-wrap:anywhere}\n"
		"input,button{font:inherit;padding:.3rem .6rem}\n";

	(void)magic;
	http_answer(r, 200, "text/css; charset=utf-8", style, sizeof(style) - 1);
}
