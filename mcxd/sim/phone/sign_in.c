/*
 * Signing in: autodiscover, token, application, as in UCWA's "Create an application"
 */
#include "mcxd/sim/phone/phone.h"

#include "mcxd/base/random.h"
#include "proto/text/percent.h"

enum { MAX_REDIRECTS = 5 };

static void get(struct sim_phone *h, const char *href, bool plain, answer_h *on_answer)
{
	request_send(
		h, &(struct request_spec){
			   .method = "GET", .href = href, .plain = plain, .on_answer = on_answer });
}

static void fail(struct sim_phone *h, const struct http_result *r, struct json_object *body,
		 const char *what)
{
	CLEANUP(mem_free_string) char *problem = request_problem(r, body);

	sim_phone_fail(h, SIM_FAILED, "%s: %s", what, problem);
}

/* ---- token ---- */

static void token_end(struct sim_phone *h, bool ok)
{
	void (*on_token)(struct sim_phone *, bool) = h->on_token;

	h->renewing = false;
	h->on_token = NULL;
	on_token(h, ok);
}

static void on_token_answer(struct sim_phone *h, const struct http_result *r,
			    struct json_object *body, void *magic)
{
	const char *token = link_string(body, "access_token");

	(void)magic;
	if (r->status == 200 && token) {
		mem_set_string(&h->token, token);
		token_end(h, true);
		return;
	}
	if (r->status == 400 || r->status == 401)
		sim_phone_fail(
			h, SIM_FAILED, "the server does not accept %s with this password (%s)",
			h->options->user,
			link_string(body, "error") ? link_string(body, "error") : "no reason");
	else
		fail(h, r, body, "the token was refused");
	token_end(h, false);
}

void sign_in_renew(struct sim_phone *h, void (*on_token)(struct sim_phone *h, bool ok))
{
	CLEANUP(text_deinit) struct text form = TEXT_INIT;

	if (h->renewing)
		return;
	h->renewing = true;
	h->on_token = on_token;
	if (!h->token_href) {
		sim_phone_fail(h, SIM_FAILED, "the server asks for a token and has not said where");
		token_end(h, false);
		return;
	}
	text_add(&form, "grant_type=password&username=");
	percent_add(&form, h->options->user, strlen(h->options->user), "");
	text_add(&form, "&password=");
	percent_add(&form, h->options->password, strlen(h->options->password), "");
	request_send(h, &(struct request_spec){ .method = "POST",
						.href = h->token_href,
						.type = "application/x-www-form-urlencoded",
						.body = text_str(&form),
						.plain = true,
						.on_answer = on_token_answer });
}

/* ---- application ---- */

static void on_application(struct sim_phone *h, const struct http_result *r,
			   struct json_object *body, void *magic)
{
	const char *events = link_href(body, "events");

	(void)magic;
	if (r->status != 200 || !events) {
		fail(h, r, body, "the application could not be read");
		return;
	}
	json_object_put(h->application);
	h->application = json_object_get(body);
	if (!h->next_events)
		h->next_events = mem_strdup(events);
	sim_phone_on_signed_in(h);
}

static void read_application(struct sim_phone *h)
{
	const char *self = link_href(h->application, "self");

	if (self)
		get(h, self, false, on_application);
	else
		sim_phone_fail(h, SIM_FAILED, "the application has no link to itself");
}

static void on_available(struct sim_phone *h, const struct http_result *r, struct json_object *body,
			 void *magic)
{
	(void)magic;
	if (r->status < 200 || r->status >= 300)
		fail(h, r, body, "makeMeAvailable was refused");
	else
		read_application(h);
}

/* Somebody who signed in before under this endpoint id is available already. */
static void make_available(struct sim_phone *h)
{
	const char *href = link_href(link_embedded(h->application, "me", 0), "makeMeAvailable");

	if (!href) {
		read_application(h);
		return;
	}
	request_send(h, &(struct request_spec){ .method = "POST",
						.href = href,
						.body = "{\"SupportedModalities\":[\"Messaging\"]}",
						.on_answer = on_available });
}

static void on_created(struct sim_phone *h, const struct http_result *r, struct json_object *body,
		       void *magic)
{
	(void)magic;
	if ((r->status != 201 && r->status != 200) || !body) {
		fail(h, r, body, "the application could not be created");
		return;
	}
	h->application = json_object_get(body);
	make_available(h);
}

static void create_application(struct sim_phone *h, const char *href)
{
	struct json_object *body = json_object_new_object();
	const struct phone_options *o = h->options;
	char uuid[RANDOM_UUID_SIZE];

	random_uuid(uuid);
	json_object_object_add(body, "UserAgent", json_object_new_string(o->user_agent));
	json_object_object_add(body, "EndpointId",
			       json_object_new_string(o->endpoint_id ? o->endpoint_id : uuid));
	json_object_object_add(body, "Culture", json_object_new_string("en-US"));
	request_send(h, &(struct request_spec){ .method = "POST",
						.href = href,
						.body = json_object_to_json_string(body),
						.on_answer = on_created });
	json_object_put(body);
}

/* ---- autodiscover ---- */

static void on_user(struct sim_phone *h, const struct http_result *r, struct json_object *body,
		    void *magic)
{
	const char *applications = link_href(body, "applications");

	(void)magic;
	if (r->status != 200 || !applications)
		fail(h, r, body, "the server does not say where applications are created");
	else
		create_application(h, applications);
}

static void on_first_token(struct sim_phone *h, bool ok)
{
	if (ok)
		get(h, h->user_href, false, on_user);
}

/* The value of href in `MsRtcOAuth href="…",grant_type="…"`, which may follow other challenges. */
static char *token_href(const char *challenge)
{
	const char *p = challenge ? strcasestr(challenge, "MsRtcOAuth") : NULL;

	p = p ? strcasestr(p, "href=\"") : NULL;
	if (!p)
		return NULL;
	p += strlen("href=\"");
	return mem_memdup(p, strcspn(p, "\""));
}

static void on_challenge(struct sim_phone *h, const struct http_result *r, struct json_object *body,
			 void *magic)
{
	(void)magic;
	if (r->status == 200) {
		on_user(h, r, body, NULL);
		return;
	}
	for (unsigned i = 0; r->status == 401 && !h->token_href; i++) {
		const char *challenge = r->header_at(r, "WWW-Authenticate", i);

		if (!challenge)
			break;
		h->token_href = token_href(challenge);
	}
	if (!h->token_href)
		fail(h, r, body, "the server does not say where tokens are to be had");
	else
		sign_in_renew(h, on_first_token);
}

static void on_root(struct sim_phone *h, const struct http_result *r, struct json_object *body,
		    void *magic);

static void go_to(struct sim_phone *h, const char *href)
{
	char *origin = link_origin(href);

	if (origin) {
		free(h->origin);
		h->origin = origin;
	}
	get(h, href, true, on_root);
}

static void on_root(struct sim_phone *h, const struct http_result *r, struct json_object *body,
		    void *magic)
{
	const char *user = link_href(body, "user");
	const char *redirect = link_href(body, "redirect");

	(void)magic;
	if (r->status == 200 && user) {
		char *origin = link_origin(user);

		if (origin) {
			free(h->origin);
			h->origin = origin;
		}
		h->user_href = mem_strdup(user);
		get(h, user, true, on_challenge);
	} else if (r->status == 200 && redirect && h->n_redirects++ < MAX_REDIRECTS) {
		go_to(h, redirect);
	} else {
		fail(h, r, body, "autodiscover has no answer for this user");
	}
}

/* A base URL becomes the autodiscover request of this user; anything else is one already. */
void sign_in_start(struct sim_phone *h)
{
	CLEANUP(text_deinit) struct text url = TEXT_INIT;
	const char *server = h->options->server;
	char *origin = link_origin(server);
	const char *path = server + strlen(origin);

	text_add(&url, server);
	if (!*path || !strcmp(path, "/")) {
		text_add(&url, *path ? "?sipuri=sip:" : "/?sipuri=sip:");
		percent_add_segment(&url, h->options->user);
	}
	free(origin);
	go_to(h, text_str(&url));
}
