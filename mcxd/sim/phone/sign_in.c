/*
 * Sign-in
 */
#include "mcxd/sim/phone/sign_in.h"

#include "mcxd/base/random.h"
#include "mcxd/sim/phone/config.h"
#include "mcxd/sim/phone/links.h"
#include "mcxd/sim/phone/request.h"
#include "mcxd/sim/sim.h"
#include "proto/text/form.h"
#include "proto/text/json_in.h"
#include "proto/text/mem.h"
#include "proto/text/percent.h"
#include "proto/text/text.h"
#include "proto/text/url.h"
#include "web/http/client.h"

enum { MAX_REDIRECTS = 5 };

void sim_sign_in_init(struct sim_sign_in *s, const struct sim_sign_in_args *args)
{
	*s = (struct sim_sign_in){ .args = *args };
}

void sim_sign_in_deinit(struct sim_sign_in *s)
{
	json_object_put(s->application);
	free(s->token_href);
	free(s->user_href);
}

static void get(struct sim_sign_in *s, const char *href, bool plain, sim_answer_h *on_answer)
{
	sim_request_send(s->args.requests, &(struct sim_request){ .method = "GET",
								  .href = href,
								  .plain = plain,
								  .on_answer = on_answer,
								  .magic = s });
}

static void post(struct sim_sign_in *s, const char *href, const char *body, sim_answer_h *on_answer)
{
	sim_request_send(s->args.requests, &(struct sim_request){ .method = "POST",
								  .href = href,
								  .body = body,
								  .on_answer = on_answer,
								  .magic = s });
}

static void fail(struct sim_sign_in *s, const struct http_result *r, struct json_object *body,
		 const char *what)
{
	CLEANUP(mem_free_string) char *problem = sim_request_problem(r, body);

	sim_requests_fail(s->args.requests, SIM_FAILED, "%s: %s", what, problem);
}

/* ---- application ---- */

static void on_application(void *magic, const struct http_result *r, struct json_object *body)
{
	struct sim_sign_in *s = magic;

	if (r->status != 200 || !sim_link_href(body, "events")) {
		fail(s, r, body, "cannot read the application");
		return;
	}
	json_object_put(s->application);
	s->application = json_object_get(body);
	s->args.on_signed_in(s->args.magic);
}

static void read_application(struct sim_sign_in *s, struct json_object *application)
{
	const char *self = sim_link_href(application, "self");

	if (self)
		get(s, self, false, on_application);
	else
		sim_requests_fail(s->args.requests, SIM_FAILED,
				  "the application has no link to itself");
}

static void on_available(void *magic, const struct http_result *r, struct json_object *body)
{
	struct sim_sign_in *s = magic;

	if (r->status < 200 || r->status >= 300)
		fail(s, r, body, "makeMeAvailable was refused");
	else
		read_application(s, s->application);
}

/* An application that still exists under this endpoint id is already available and has no such link. */
static void on_created(void *magic, const struct http_result *r, struct json_object *body)
{
	struct sim_sign_in *s = magic;
	const char *href = sim_link_href(sim_link_embedded(body, "me", 0), "makeMeAvailable");

	if ((r->status != 201 && r->status != 200) || !body) {
		fail(s, r, body, "cannot create the application");
		return;
	}
	s->application = json_object_get(body);
	s->is_back = r->status == 200;
	if (href)
		post(s, href, "{\"SupportedModalities\":[\"Messaging\"]}", on_available);
	else
		read_application(s, s->application);
}

static void create_application(struct sim_sign_in *s, const char *href)
{
	struct json_object *body = json_object_new_object();
	const struct sim_phone_config *c = s->args.config;
	char uuid[RANDOM_UUID_SIZE];

	random_uuid(uuid);
	json_object_object_add(body, "UserAgent", json_object_new_string(c->user_agent));
	json_object_object_add(body, "EndpointId",
			       json_object_new_string(c->endpoint_id ? c->endpoint_id : uuid));
	json_object_object_add(body, "Culture", json_object_new_string(SIM_PHONE_CULTURE));
	post(s, href, json_object_to_json_string(body), on_created);
	json_object_put(body);
}

static void on_user(void *magic, const struct http_result *r, struct json_object *body)
{
	const char *applications = sim_link_href(body, "applications");

	if (r->status != 200 || !applications)
		fail(magic, r, body, "the server does not say where to create an application");
	else
		create_application(magic, applications);
}

/* ---- token ---- */

static void on_token(void *magic, const struct http_result *r, struct json_object *body)
{
	struct sim_sign_in *s = magic;
	const char *token = json_in_string(body, "access_token");
	const char *error = json_in_string(body, "error");

	if (r->status == 200 && token) {
		sim_requests_set_token(s->args.requests, token);
		if (!s->application)
			get(s, s->user_href, false, on_user);
		return;
	}
	if (r->status == 400 || r->status == 401)
		sim_requests_fail(s->args.requests, SIM_FAILED,
				  "the server does not accept this password for %s (%s)",
				  s->args.config->user, error ? error : "no reason given");
	else
		fail(s, r, body, "the request for a token was refused");
	sim_requests_set_token(s->args.requests, NULL);
}

void sim_sign_in_renew(struct sim_sign_in *s)
{
	CLEANUP(text_deinit) struct text form = TEXT_INIT;

	text_add(&form, "grant_type=password&username=");
	percent_add(&form, s->args.config->user, strlen(s->args.config->user), "");
	text_add(&form, "&password=");
	percent_add(&form, s->args.config->password, strlen(s->args.config->password), "");
	sim_request_send(s->args.requests, &(struct sim_request){ .method = "POST",
								  .href = s->token_href,
								  .type = FORM_CONTENT_TYPE,
								  .body = text_str(&form),
								  .plain = true,
								  .on_answer = on_token,
								  .magic = s });
}

/* ---- autodiscover ---- */

/* The value of href in `MsRtcOAuth href="…",grant_type="…"`, which may follow other challenges. */
static char *find_token_href(const char *challenge)
{
	const char *p = challenge ? strcasestr(challenge, "MsRtcOAuth") : NULL;

	p = p ? strcasestr(p, "href=\"") : NULL;
	if (!p)
		return NULL;
	p += strlen("href=\"");
	return mem_memdup(p, strcspn(p, "\""));
}

static void on_challenge(void *magic, const struct http_result *r, struct json_object *body)
{
	struct sim_sign_in *s = magic;

	if (r->status == 200) {
		on_user(s, r, body);
		return;
	}
	for (unsigned i = 0; r->status == 401 && !s->token_href; i++) {
		const char *challenge = r->header_at(r, "WWW-Authenticate", i);

		if (!challenge)
			break;
		s->token_href = find_token_href(challenge);
	}
	if (!s->token_href)
		fail(s, r, body, "the server does not say where to get a token");
	else
		sim_sign_in_renew(s);
}

static void on_root(void *magic, const struct http_result *r, struct json_object *body)
{
	struct sim_sign_in *s = magic;
	const char *user = sim_link_href(body, "user");
	const char *redirect = sim_link_href(body, "redirect");

	if (r->status == 200 && user) {
		sim_requests_set_origin(s->args.requests, user);
		s->user_href = mem_strdup(user);
		get(s, user, true, on_challenge);
	} else if (r->status == 200 && redirect && s->n_redirects++ < MAX_REDIRECTS) {
		sim_requests_set_origin(s->args.requests, redirect);
		get(s, redirect, true, on_root);
	} else {
		fail(s, r, body, "autodiscover has no answer for this user");
	}
}

/* A base URL becomes the autodiscover request of this user; anything else is one already. */
void sim_sign_in_start(struct sim_sign_in *s)
{
	CLEANUP(text_deinit) struct text url = TEXT_INIT;
	const char *server = s->args.config->server;
	CLEANUP(mem_free_string) char *origin = url_origin(server);
	const char *path = server + (origin ? strlen(origin) : 0);

	if (!origin) {
		sim_requests_fail(s->args.requests, SIM_FAILED, "%s is not a URL", server);
		return;
	}
	text_add(&url, server);
	if (!*path || !strcmp(path, "/")) {
		text_add(&url, *path ? "?sipuri=sip:" : "/?sipuri=sip:");
		percent_add_segment(&url, s->args.config->user);
	}
	sim_requests_set_origin(s->args.requests, origin);
	get(s, text_str(&url), true, on_root);
}
