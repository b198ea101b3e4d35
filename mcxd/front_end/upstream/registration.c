/*
 * Upstream: a registration
 */
#include "mcxd/front_end/upstream/registration.h"

#include "mcxd/base/backoff.h"
#include "mcxd/base/fsm.h"
#include "mcxd/base/idtab.h"
#include "mcxd/base/list.h"
#include "mcxd/base/log.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/base/random.h"
#include "mcxd/core/core.h"
#include "mcxd/core/note.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/user.h"
#include "mcxd/front_end/address.h"
#include "mcxd/front_end/field.h"
#include "mcxd/front_end/front_end.h"
#include "mcxd/front_end/private.h"
#include "mcxd/front_end/upstream/upstream.h"
#include "mcxd/sip/agent.h"
#include "proto/auth/digest.h"
#include "proto/auth/params.h"
#include "proto/diag.h"
#include "proto/sip/text_register.h"
#include "proto/sip/uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_status.h>
#include <strings.h>

enum {
	ON_GRANTED,
	ON_AGAIN,   /* the registrar wants another request: with credentials, or for longer */
	ON_REFUSED, /* or there was no answer */
	ON_DUE,
	ON_LEAVE,
	ON_LEFT
};

/* With the first nonce, and with a new one that the registrar says is only that. */
enum { MAX_CHALLENGES = 3 };

/* ---- the request ---- */

static void add_credentials(struct upstream_registration *r, struct text *out)
{
	const struct user *user = user_find(r->upstream->front_end->core, r->aor);
	const char *password = user ? user_password(user) : NULL;
	char cnonce[DIGEST_CNONCE_SIZE];
	CLEANUP(mem_free_string) char *uri = text_concat("sip:", strchr(r->aor, '@') + 1);
	CLEANUP(mem_free_string)
	char *name = mem_memdup(r->aor, (size_t)(strchr(r->aor, '@') - r->aor));

	if (!r->digest.nonce)
		return;
	random_hex(16, cnonce);
	digest_session_answer(out, &r->digest, r->upstream->digest,
			      &(struct digest_request){ .username = name,
							.password = password ? password : "",
							.method = "REGISTER",
							.uri = uri,
							.cnonce = cnonce });
}

/* "sip:bob@127.0.0.1:5087;transport=tcp;opaque=user:epid:TOKEN;gruu": the token says which phone it is. */
void upstream_registration_add_contact(const struct upstream_registration *r, struct text *out)
{
	const struct front_end *s = r->upstream->front_end;
	CLEANUP(text_deinit) struct text value = TEXT_INIT;

	front_end_contact(s, r->aor, agent_route_transport(r->upstream->route), &value);
	text_add_bytes(out, value.data + 1, strcspn(value.data + 1, ">"));
	text_add_all(out, ";opaque=user:epid:", r->token, ";gruu");
}

static nta_response_f on_response;

static int send_register(struct upstream_registration *r, int64_t expires_s)
{
	struct front_end *s = r->upstream->front_end;
	CLEANUP(text_deinit) struct text credentials = TEXT_INIT, contact = TEXT_INIT;
	CLEANUP(text_deinit) struct text message = TEXT_INIT;
	const char *why = NULL;

	add_credentials(r, &credentials);
	upstream_registration_add_contact(r, &contact);
	if (r->orq)
		nta_outgoing_destroy(r->orq);
	r->orq = NULL;
	if (sip_text_register(
		    &message,
		    &(struct sip_register){
			    .aor = r->aor,
			    .display_name = r->display_name,
			    .epid = r->epid,
			    .tag = r->tag,
			    .call_id = r->call_id,
			    .contact = text_str(&contact),
			    .methods = FRONT_END_ALLOW,
			    .cseq = ++r->cseq,
			    .expires_s = expires_s,
			    .authorization =
				    credentials.n && !r->by_proxy ? text_str(&credentials) : NULL,
			    .proxy_authorization =
				    credentials.n && r->by_proxy ? text_str(&credentials) : NULL,
		    },
		    &why)) {
		log_error("front_end", r->aor, "cannot build a REGISTER: %s", why);
		return -1;
	}
	r->orq = agent_send_text(s->agent, r->upstream->route, &message, on_response, r);
	return r->orq ? 0 : -1;
}

/* ---- the machine ---- */

static void set_trouble(struct upstream_registration *r, const char *why)
{
	mem_set_string(&r->upstream->trouble, why);
}

static void post_failure(struct upstream_registration *r)
{
	set_trouble(r, "the REGISTER cannot be sent");
	fsm_feed(&r->fsm, ON_REFUSED, NULL);
}

static void do_register(void *object, void *data)
{
	struct upstream_registration *r = object;

	(void)data;
	if (send_register(r, r->expires_s))
		post_failure(r);
}

static void do_begin(void *object, void *data)
{
	struct upstream_registration *r = object;

	r->n_challenges = 0;
	do_register(object, data);
}

static void tell(const struct upstream_registration *r, const char *action, const char *words)
{
	note_add(r->upstream->front_end->core,
		 &(struct note){ .kind = "user",
				 .users = { r->aor },
				 .key = r->fsm.key,
				 .fields = { { "action", action } } },
		 "a phone of %s %s", r->aor, words);
}

/* It counts as registered until a request is refused, or it leaves. */
static void count(struct upstream_registration *r, bool registered)
{
	int change = (int)registered - (int)r->is_counted;

	r->is_counted = registered;
	r->upstream->n_registered += change;
	metric_add(&r->upstream->front_end->metrics.upstream_registered, change);
}

static void do_granted(void *object, void *data)
{
	struct upstream_registration *r = object;

	(void)data;
	r->n_attempts = 0;
	if (!r->is_counted)
		tell(r, "registered-upstream", "is registered at the upstream registrar");
	count(r, true);
}

static void do_refused(void *object, void *data)
{
	struct upstream_registration *r = object;

	(void)data;
	count(r, false);
	r->n_attempts++;
	metric_inc(&r->upstream->front_end->metrics.upstream_failures_total);
	if (r->n_attempts > 1)
		return;
	log_warn("front_end", r->aor, "not registered at the upstream registrar: %s",
		 r->upstream->trouble);
	tell(r, "refused-upstream", "could not be registered at the upstream registrar");
}

static void do_leave(void *object, void *data)
{
	struct upstream_registration *r = object;

	(void)data;
	count(r, false);
	if (send_register(r, 0))
		fsm_feed(&r->fsm, ON_LEFT, NULL);
}

static void do_left(void *object, void *data)
{
	(void)data;
	tell(object, "left-upstream", "is not registered at the upstream registrar any more");
}

static int64_t refresh_ms(const void *object)
{
	return ((const struct upstream_registration *)object)->granted_s * 1000 / 2;
}

/* Asked on entry, before the action counts the attempt. */
static int64_t retry_ms(const void *object)
{
	const struct upstream_registration *r = object;
	uint32_t jitter;

	random_bytes(&jitter, sizeof(jitter));
	return backoff_delay(&r->upstream->front_end->config->upstream.backoff, r->n_attempts + 1,
			     -1, INT64_MAX, jitter);
}

static const struct fsm_state states[] = {
	[UPSTREAM_REGISTERING] = { "REGISTERING", .timeout_event = -1 },
	[UPSTREAM_REGISTERED] = { "REGISTERED", .timeout_event = ON_DUE, .timeout_ms = refresh_ms },
	[UPSTREAM_WAITING] = { "WAITING", .timeout_event = ON_DUE, .timeout_ms = retry_ms },
	[UPSTREAM_LEAVING] = { "LEAVING", .timeout_event = -1 },
	[UPSTREAM_OVER] = { "OVER", .final = true, .timeout_event = -1 },
};

static const char *const events[] = {
	[ON_GRANTED] = "granted", [ON_AGAIN] = "again", [ON_REFUSED] = "refused",
	[ON_DUE] = "due",         [ON_LEAVE] = "leave", [ON_LEFT] = "left",
};

static const struct fsm_row rows[] = {
	{ UPSTREAM_REGISTERING, ON_GRANTED, UPSTREAM_REGISTERED, do_granted },
	{ UPSTREAM_REGISTERING, ON_AGAIN, FSM_STAY, do_register },
	{ UPSTREAM_REGISTERING, ON_REFUSED, UPSTREAM_WAITING, do_refused },
	{ UPSTREAM_REGISTERED, ON_DUE, UPSTREAM_REGISTERING, do_begin },
	{ UPSTREAM_WAITING, ON_DUE, UPSTREAM_REGISTERING, do_begin },
	{ UPSTREAM_REGISTERING, ON_LEAVE, UPSTREAM_LEAVING, do_leave },
	{ UPSTREAM_REGISTERED, ON_LEAVE, UPSTREAM_LEAVING, do_leave },
	{ UPSTREAM_WAITING, ON_LEAVE, UPSTREAM_LEAVING, do_leave },
	{ UPSTREAM_LEAVING, ON_AGAIN, FSM_STAY, do_leave },
	{ UPSTREAM_LEAVING, ON_GRANTED, UPSTREAM_OVER, do_left },
	{ UPSTREAM_LEAVING, ON_REFUSED, UPSTREAM_OVER, do_left },
	{ UPSTREAM_LEAVING, ON_LEFT, UPSTREAM_OVER, do_left },
};

static const struct fsm_table table = FSM_TABLE("upstream", NULL);

/* ---- the answer ---- */

static bool is_same_contact(const sip_contact_t *m, const char *token)
{
	char text[URI_MAX_BYTES];

	return url_e(text, sizeof(text), m->m_url) < (issize_t)sizeof(text) && strstr(text, token);
}

static int64_t to_seconds(const char *s, int64_t otherwise)
{
	int64_t seconds;

	return s && text_to_int(s, 1, INT32_MAX, &seconds) ? seconds : otherwise;
}

/* RFC 3261, 10.2.4: what our Contact says, else Expires. */
static int64_t granted_s(const struct upstream_registration *r, const sip_t *sip)
{
	int64_t all = sip->sip_expires && sip->sip_expires->ex_delta
			      ? (int64_t)sip->sip_expires->ex_delta
			      : r->expires_s;

	for (const sip_contact_t *m = sip->sip_contact; m; m = m->m_next)
		if (m->m_url->url_type != url_any && is_same_contact(m, r->token))
			return to_seconds(m->m_expires, all);
	return all;
}

/* The first challenge that we can answer (RFC 8760, 2.4). */
static bool take_challenge(struct upstream_registration *r, const sip_t *sip)
{
	const msg_auth_t *challenge = sip->sip_status->st_status == 407
					      ? sip->sip_proxy_authenticate
					      : sip->sip_www_authenticate;

	for (; challenge; challenge = challenge->au_next) {
		CLEANUP(mem_free_string) char *value = field_text(challenge);
		CLEANUP(auth_params_deinit) struct auth_params params = { 0 };
		const char *why;

		if (!auth_params_decode(value, strlen(value), &params, &why) &&
		    !digest_session_take(&r->digest, &params, &why))
			return true;
	}
	return false;
}

static bool answers_challenge(struct upstream_registration *r, const sip_t *sip)
{
	bool had_one = r->digest.nonce && r->n_challenges;

	if (r->n_challenges++ >= MAX_CHALLENGES || !take_challenge(r, sip))
		return false;
	r->by_proxy = sip->sip_status->st_status == 407;
	return !had_one || r->digest.stale;
}

static bool takes_longer(struct upstream_registration *r, const sip_t *sip)
{
	int64_t min_s = sip->sip_min_expires ? (int64_t)sip->sip_min_expires->me_delta : 0;

	if (min_s <= r->expires_s || min_s > INT32_MAX)
		return false;
	r->expires_s = min_s;
	return true;
}

static void explain(struct upstream_registration *r, nta_outgoing_t *orq, const sip_t *sip)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	int status = sip->sip_status->st_status;

	if (nta_sip_is_internal(sip)) {
		enum diag_code code = agent_failure(orq, status, &why);

		if (!why.n)
			text_add(&why, diag_row(code)->reason);
	} else {
		text_addf(&why, "it answered %d %s", status, diag_sip_phrase(status));
	}
	set_trouble(r, text_str(&why));
}

static int event_of(struct upstream_registration *r, nta_outgoing_t *orq, const sip_t *sip)
{
	int status = sip->sip_status->st_status;

	if (status < 300) {
		r->granted_s = granted_s(r, sip);
		return ON_GRANTED;
	}
	if ((status == 401 || status == 407) && !nta_sip_is_internal(sip) &&
	    answers_challenge(r, sip))
		return ON_AGAIN;
	if (status == 423 && takes_longer(r, sip))
		return ON_AGAIN;
	explain(r, orq, sip);
	return ON_REFUSED;
}

static int on_response(nta_outgoing_magic_t *magic, nta_outgoing_t *orq, const sip_t *sip)
{
	struct upstream_registration *r = (struct upstream_registration *)magic;
	int event;

	if (sip->sip_status->st_status < 200)
		return 0;
	event = event_of(r, orq, sip);
	nta_outgoing_destroy(orq);
	r->orq = NULL;
	fsm_feed(&r->fsm, event, NULL);
	if (r->fsm.state == UPSTREAM_OVER)
		upstream_registration_free(r);
	return 0;
}

/* ---- life ---- */

struct upstream_registration *upstream_registration_new(struct upstream *u, const struct phone *p)
{
	struct upstream_registration *r = MEM_NEW(struct upstream_registration);
	struct front_end *s = u->front_end;
	char key[40];

	r->upstream = u;
	r->phone = p->id;
	r->aor = mem_strdup(p->user->aor);
	r->display_name = mem_strdup(p->user->display_name);
	r->epid = mem_strdup(p->epid);
	r->token = mem_strdup(p->gruu_token);
	r->call_id = text_concat("mcx-", p->app_id, "@", s->core->config->server_fqdn);
	r->expires_s = s->config->upstream.expires_s;
	/* Seconds since 1970 rise over restarts, too, and leave room for years of requests (RFC 3261, 8.1.1.5). */
	r->cseq = (uint32_t)(loop_wall_us(s->loop) / 1000000) & INT32_MAX;
	random_hex(8, r->tag);
	list_append(&u->registrations, &r->of_upstream);
	text_join(key, sizeof(key), "upstream:", p->app_id);
	fsm_init(&r->fsm, &table, &s->fsm_env, r, p->id, key);
	do_begin(r, NULL);
	return r;
}

void upstream_registration_leave(struct upstream_registration *r)
{
	r->n_challenges = 0;
	fsm_feed(&r->fsm, ON_LEAVE, NULL);
	if (r->fsm.state == UPSTREAM_OVER)
		upstream_registration_free(r);
}

void upstream_registration_free(struct upstream_registration *r)
{
	count(r, false);
	strtab_remove(&r->upstream->by_token, r->token);
	list_remove(&r->of_upstream);
	fsm_deinit(&r->fsm);
	if (r->orq)
		nta_outgoing_destroy(r->orq);
	digest_session_deinit(&r->digest);
	free(r->aor);
	free(r->display_name);
	free(r->epid);
	free(r->token);
	free(r->call_id);
	free(r);
}
