/*
 * Subscriptions
 */
#include "mcxd/front_end/presence/subscription.h"

#include "mcxd/base/limit.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/base/random.h"
#include "mcxd/core/core.h"
#include "mcxd/core/route.h"
#include "mcxd/core/user.h"
#include "mcxd/front_end/address.h"
#include "mcxd/front_end/auth/auth.h"
#include "mcxd/front_end/field.h"
#include "mcxd/front_end/front_end.h"
#include "mcxd/front_end/presence/expires.h"
#include "mcxd/front_end/presence/interest.h"
#include "mcxd/front_end/presence/package.h"
#include "mcxd/front_end/private.h"
#include "mcxd/front_end/refuse.h"
#include "mcxd/sip/agent.h"
#include "proto/diag.h"
#include "proto/sip/category.h"
#include "proto/sip/uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sofia-sip/nta_tag.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_protos.h>
#include <sofia-sip/sip_tag.h>
#include <sofia-sip/su_tag.h>

struct sip_subscription {
	struct list of_all;
	struct front_end *front_end;
	const struct package *package;
	struct watcher *watcher;
	struct list interests; /* struct interest.of_subscription */
	nta_leg_t *dialog;
	nta_outgoing_t *notify; /* under way */
	struct loop_timer expiry;
	uint64_t post;
	char *event;        /* the package, with the id that the client gave it */
	char *route, *self; /* where the client is; in whose name we talk to it */
	const char *transport;
	const char *ended; /* why it has, as Subscription-State says it; NULL: it has not */
	char tag[17];
};

/* False: the watcher has too many. */
static bool add_interest(struct sip_subscription *b, const char *aor)
{
	struct interest *i = interest_new(&b->front_end->subscriptions.interests, b->watcher, aor);

	if (!i)
		return false;
	i->subscription = b;
	list_append(&b->interests, &i->of_subscription);
	return true;
}

static void sip_subscription_free(struct sip_subscription *b)
{
	struct front_end *s = b->front_end;

	list_remove(&b->of_all);
	list_for_each_safe (node, &b->interests)
		interest_free(&s->subscriptions.interests,
			      LIST_ENTRY(node, struct interest, of_subscription));
	watcher_rest(&s->subscriptions.interests, b->watcher);
	loop_timer_stop(&b->expiry);
	loop_unpost(s->loop, b->post);
	if (b->notify)
		nta_outgoing_destroy(b->notify);
	if (b->dialog)
		nta_leg_destroy(b->dialog);
	free(b->event);
	free(b->route);
	free(b->self);
	free(b);
	s->subscriptions.n--;
	metric_add(&s->metrics.subscriptions, -1);
}

void subscriptions_init(struct subscriptions *s)
{
	interests_init(&s->interests);
	list_init(&s->all);
}

void subscriptions_deinit(struct subscriptions *s)
{
	list_for_each_safe (node, &s->all)
		sip_subscription_free(LIST_ENTRY(node, struct sip_subscription, of_all));
	interests_deinit(&s->interests);
}

/* ---- NOTIFY ---- */

static struct interest *next_news(const struct sip_subscription *b)
{
	list_for_each (node, &b->interests) {
		struct interest *i = LIST_ENTRY(node, struct interest, of_subscription);

		if (i->news)
			return i;
	}
	return NULL;
}

static void state_of(const struct sip_subscription *b, char ret[64])
{
	int64_t left_ms = loop_timer_left_ms(&b->expiry);

	/* The last of several documents ends it. */
	if (b->ended && !next_news(b))
		text_join(ret, 64, "terminated;reason=", b->ended);
	else
		snprintf(ret, 64, "active;expires=%lld",
			 (long long)(left_ms > 0 ? (left_ms + 999) / 1000 : 0));
}

static nta_response_f on_notified;

static nta_outgoing_t *notify(struct sip_subscription *b, const struct text *document)
{
	CLEANUP(text_deinit) struct text contact = TEXT_INIT;
	char state[64];

	state_of(b, state);
	front_end_contact(b->front_end, b->self, b->transport, &contact);
	return nta_outgoing_tcreate(
		b->dialog, on_notified, (nta_outgoing_magic_t *)b, agent_url(b->route),
		SIP_METHOD_NOTIFY, NULL, SIPTAG_EVENT_STR(b->event),
		SIPTAG_SUBSCRIPTION_STATE_STR(state), SIPTAG_CONTACT_STR(text_str(&contact)),
		TAG_IF(document->n, SIPTAG_CONTENT_TYPE_STR(b->package->type)),
		TAG_IF(document->n, SIPTAG_PAYLOAD_STR(text_str(document))), TAG_END());
}

/* Frees it if it has ended and has nothing more to say, or nobody can be told. */
static void send_news(struct sip_subscription *b)
{
	CLEANUP(text_deinit) struct text document = TEXT_INIT;
	struct interest *i = next_news(b);

	if (b->notify)
		return;
	if (!i) {
		if (b->ended)
			sip_subscription_free(b);
		return;
	}
	i->news = false;
	b->package->document(b->front_end->core, b->watcher->aor, i->watched->aor, &document);
	b->notify = notify(b, &document);
	if (!b->notify)
		sip_subscription_free(b);
}

/* RFC 6665, 4.2.2, with RFC 5057, 5.1: the client has none, or is gone. What else is wrong with a NOTIFY may be better with the
 * next one. */
static bool ends_subscription(const sip_t *sip)
{
	static const int statuses[] = { 404, 405, 408, 410, 416, 480, 481,
					482, 483, 484, 485, 489, 501, 604 };

	for (size_t i = 0; i < ARRAY_SIZE(statuses); i++)
		if (sip->sip_status->st_status == statuses[i])
			return true;
	return nta_sip_is_internal(sip);
}

static int on_notified(nta_outgoing_magic_t *magic, nta_outgoing_t *orq, const sip_t *sip)
{
	struct sip_subscription *b = (struct sip_subscription *)magic;
	bool ends = !sip || ends_subscription(sip);

	if (sip && sip->sip_status->st_status < 200)
		return 0;
	nta_outgoing_destroy(orq); /* and sip with it */
	b->notify = NULL;
	if (ends)
		sip_subscription_free(b);
	else
		send_news(b);
	return 0;
}

static void on_post(void *magic)
{
	struct sip_subscription *b = magic;

	b->post = 0;
	send_news(b);
}

static void post_news(struct sip_subscription *b)
{
	if (!b->post)
		b->post = loop_post(b->front_end->loop, on_post, b);
}

void sip_subscription_tell(struct front_end *s, const char *aor)
{
	const struct list *interests = interests_in(&s->subscriptions.interests, aor ? aor : "");

	if (!interests)
		return;
	list_for_each (node, interests) {
		struct interest *i = LIST_ENTRY(node, struct interest, of_watched);

		i->news = true;
		post_news(i->subscription);
	}
}

/* All of it is said again, as a SUBSCRIBE and the end require (RFC 6665, 4.2.1.2 and 4.4.1). */
static void say_all(struct sip_subscription *b)
{
	list_for_each (node, &b->interests)
		LIST_ENTRY(node, struct interest, of_subscription)->news = true;
	post_news(b);
}

static void end(struct sip_subscription *b, const char *reason)
{
	b->ended = reason;
	loop_timer_stop(&b->expiry);
	say_all(b);
}

static void on_expiry(void *magic)
{
	end(magic, "timeout");
}

static void end_once(struct sip_subscription *b, const char *reason)
{
	if (!b->ended)
		end(b, reason);
}

static bool watches_alone(const struct sip_subscription *b, const char *aor)
{
	const struct interest *only =
		LIST_ENTRY(b->interests.next, struct interest, of_subscription);

	return list_length(&b->interests) == 1 && !strcmp(only->watched->aor, aor);
}

void sip_subscription_forget(struct front_end *s, const char *aor, bool removed)
{
	list_for_each (node, &s->subscriptions.all) {
		struct sip_subscription *b = LIST_ENTRY(node, struct sip_subscription, of_all);

		if (removed && (!strcmp(b->watcher->aor, aor) || watches_alone(b, aor)))
			end_once(b, "noresource");
		else if (!strcmp(b->watcher->aor, aor))
			end_once(b, "deactivated");
	}
}

/* ---- SUBSCRIBE ---- */

static void take(struct sip_subscription *b, nta_incoming_t *irq, int64_t expires_s)
{
	struct front_end *s = b->front_end;
	CLEANUP(text_deinit) struct text contact = TEXT_INIT;
	CLEANUP(mem_free_string) char *headers = NULL;

	front_end_contact(s, b->self, b->transport, &contact);
	headers = text_format("Expires: %lld\r\nContact: %s\r\n", (long long)expires_s,
			      text_str(&contact));
	agent_reply(s->agent, irq, 200, NULL, headers);
	if (!expires_s) {
		end(b, "timeout");
		return;
	}
	loop_timer_set(s->loop, &b->expiry, expires_s * 1000, on_expiry, b);
	say_all(b);
}

static void refresh(struct sip_subscription *b, nta_incoming_t *irq, const sip_t *sip)
{
	int64_t expires_s;

	if (b->ended) {
		front_end_refuse(b->front_end, irq, DIAG_NOT_CONNECTED, NULL, NULL);
		return;
	}
	expires_s = expires_wanted_s(b->front_end, irq, sip);
	if (expires_s < 0)
		return;
	/* It is a target refresh (RFC 6665, 4.1.2.2), and may come by another connection. */
	CLEANUP(text_deinit) struct text route = TEXT_INIT;
	agent_source(b->front_end->agent, irq, &route);
	mem_set_string(&b->route, text_str(&route));
	b->transport = agent_came_by(b->front_end->agent);
	nta_leg_server_route(b->dialog, sip->sip_record_route, sip->sip_contact);
	take(b, irq, expires_s);
}

static int on_dialog_request(nta_leg_magic_t *magic, nta_leg_t *dialog, nta_incoming_t *irq,
			     const sip_t *sip)
{
	struct sip_subscription *b = (struct sip_subscription *)magic;
	struct front_end *s = b->front_end;

	(void)dialog;
	if (front_end_refuse_beyond(s, irq, sip, false) ||
	    !front_end_auth_admits(s, irq, sip, b->watcher->aor) ||
	    front_end_refuse_required(s, irq, sip))
		return 0;
	if (sip->sip_request->rq_method == sip_method_subscribe)
		refresh(b, irq, sip);
	else
		front_end_refuse(s, irq, DIAG_BAD_METHOD, NULL, "Allow: SUBSCRIBE\r\n");
	return 0;
}

static bool make_dialog(struct sip_subscription *b, nta_incoming_t *irq, const sip_t *sip)
{
	su_home_t home[1] = { SU_HOME_INIT(home) };
	sip_to_t *to;

	random_hex(8, b->tag);
	nta_incoming_tag(irq, b->tag);
	su_home_init(home);
	to = sip_to_dup(home, sip->sip_to);
	if (to && sip_to_tag(home, to, b->tag) == 0)
		b->dialog = nta_leg_tcreate(agent_nta(b->front_end->agent), on_dialog_request,
					    (nta_leg_magic_t *)b, SIPTAG_CALL_ID(sip->sip_call_id),
					    SIPTAG_FROM(to), SIPTAG_TO(sip->sip_from),
					    NTATAG_REMOTE_CSEQ(sip->sip_cseq->cs_seq), TAG_END());
	su_home_deinit(home);
	if (b->dialog)
		nta_leg_server_route(b->dialog, sip->sip_record_route, sip->sip_contact);
	return b->dialog;
}

struct request {
	struct front_end *s;
	nta_incoming_t *irq;
	const sip_t *sip;
	const struct package *package;
	char watcher[URI_MAX_AOR + 1], resource[URI_MAX_AOR + 1];
	int64_t expires_s;
};

static struct sip_subscription *sip_subscription_new(const struct request *r)
{
	struct sip_subscription *b = MEM_NEW(struct sip_subscription);
	struct text route = TEXT_INIT;

	b->front_end = r->s;
	b->package = r->package;
	b->watcher = watcher_meet(&r->s->subscriptions.interests, r->watcher,
				  r->s->core->config->max_watched);
	list_init(&b->interests);
	list_append(&r->s->subscriptions.all, &b->of_all);
	r->s->subscriptions.n++;
	metric_add(&r->s->metrics.subscriptions, 1);
	b->event = field_text(r->sip->sip_event);
	b->self = mem_strdup(r->resource);
	agent_source(r->s->agent, r->irq, &route);
	b->route = text_take(&route);
	b->transport = agent_came_by(r->s->agent);
	return b;
}

/* Of other domains nothing is known, and nothing ever will be. */
static const char *on_resource(void *magic, const char *aor)
{
	const struct sip_subscription *b = magic;

	if (*aor && !user_domain_is_ours(b->front_end->core, aor))
		return NULL;
	return add_interest(magic, aor) ? NULL
					: "More users are watched than core.max_watched allows";
}

/* The resources that the body names, else the one that the request is for. Returns what is wrong, or NULL. */
static const char *add_resources(struct sip_subscription *b, const struct request *r)
{
	CLEANUP(mem_free_string) char *type = field_text(r->sip->sip_content_type);
	const char *why = NULL;

	if (b->package->takes_list && r->sip->sip_payload && type &&
	    !strncasecmp(type, CATEGORY_LIST_CONTENT_TYPE, strlen(CATEGORY_LIST_CONTENT_TYPE)) &&
	    category_read_list(r->sip->sip_payload->pl_data, r->sip->sip_payload->pl_len,
			       on_resource, b, &why))
		return why;
	if (!list_empty(&b->interests))
		return NULL;
	return on_resource(b, b->package->is_about_all ? "" : r->resource);
}

static void subscribe(const struct request *r)
{
	struct sip_subscription *b = sip_subscription_new(r);
	const char *why = add_resources(b, r);

	if (!why && make_dialog(b, r->irq, r->sip)) {
		take(b, r->irq, r->expires_s);
		return;
	}
	front_end_refuse(r->s, r->irq,
			 b->watcher->interests.used >= r->s->core->config->max_watched
				 ? DIAG_LIMIT
				 : DIAG_BAD_REQUEST,
			 why, NULL);
	sip_subscription_free(b);
}

/* Why it is refused; DIAG_SUCCESS: it is not. */
static enum diag_code check(const struct request *r)
{
	const struct front_end *s = r->s;
	bool is_local = agent_is_local(r->irq);
	enum diag_code code;

	if (s->core->stopping)
		return DIAG_SHUTDOWN;
	if (s->subscriptions.n >= s->config->max_subscriptions)
		return DIAG_LIMIT;
	if (!user_find(s->core, r->watcher) && !user_is_open(s->core, r->watcher, is_local))
		return DIAG_NOT_FEDERATED;
	code = route_check(s->core, r->resource, is_local);
	return code == DIAG_NOT_REGISTERED || code == DIAG_LIMIT ? DIAG_SUCCESS : code;
}

void sip_subscription_on_request(struct front_end *s, nta_incoming_t *irq, const sip_t *sip)
{
	struct request r = { .s = s, .irq = irq, .sip = sip };
	enum diag_code code;
	bool is_known;

	r.package = package_find(sip, &is_known);
	if (!r.package && !is_known) {
		front_end_refuse(s, irq, DIAG_BAD_EVENT, NULL,
				 "Allow-Events: " PACKAGE_EVENTS "\r\n");
		return;
	}
	if (!r.package) {
		front_end_refuse(s, irq, DIAG_NOT_ACCEPTED, NULL, NULL);
		return;
	}
	if (field_aor(sip->sip_from->a_url, r.watcher) ||
	    field_aor(sip->sip_request->rq_url, r.resource) || !sip->sip_contact) {
		front_end_refuse(s, irq, DIAG_BAD_REQUEST,
				 "From and request URI must be addresses of record, and there must "
				 "be a Contact",
				 NULL);
		return;
	}
	code = check(&r);
	if (code != DIAG_SUCCESS) {
		front_end_refuse(s, irq, code, NULL, NULL);
		return;
	}
	r.expires_s = expires_wanted_s(s, irq, sip);
	if (r.expires_s >= 0)
		subscribe(&r);
}
