/*
 * Publications
 */
#include "mcxd/front_end/presence/publication.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/limit.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/random.h"
#include "mcxd/core/core.h"
#include "mcxd/core/presence.h"
#include "mcxd/core/user.h"
#include "mcxd/front_end/field.h"
#include "mcxd/front_end/presence/expires.h"
#include "mcxd/front_end/private.h"
#include "mcxd/front_end/refuse.h"
#include "mcxd/sip/agent.h"
#include "proto/diag.h"
#include "proto/sip/pidf.h"
#include "proto/sip/uri.h"
#include "proto/text/content_type.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sofia-sip/sip_extra.h>
#include <sofia-sip/sip_header.h>
#include <strings.h>

enum { ETAG_SIZE = 17 }; /* eight random bytes */

struct publisher {
	char *aor;
	struct list publications; /* struct publication.of_publisher, the newest last */
	struct budget budget;
};

struct publication {
	struct list of_publisher;
	struct front_end *front_end;
	struct publisher *publisher;
	struct loop_timer expiry;
	char etag[ETAG_SIZE];
	enum pidf_activity activity;
	char note[PIDF_NOTE_SIZE];
};

/* ---- life ---- */

static struct publisher *publisher_meet(struct front_end *s, const char *aor)
{
	struct publisher *p = strtab_get(&s->publications.publishers, aor);

	if (!p) {
		p = MEM_NEW(struct publisher);
		p->aor = mem_strdup(aor);
		list_init(&p->publications);
		strtab_add(&s->publications.publishers, aor, p);
	}
	p->budget.max = s->core->config->max_endpoints;
	return p;
}

static void publisher_rest(struct front_end *s, struct publisher *p)
{
	if (!list_empty(&p->publications))
		return;
	strtab_remove(&s->publications.publishers, p->aor);
	free(p->aor);
	free(p);
}

static void publication_free(struct publication *p)
{
	struct front_end *s = p->front_end;

	list_remove(&p->of_publisher);
	strtab_remove(&s->publications.by_etag, p->etag);
	loop_timer_stop(&p->expiry);
	budget_give(&p->publisher->budget, 1);
	publisher_rest(s, p->publisher);
	free(p);
}

void publications_init(struct publications *p)
{
	strtab_init(&p->by_etag);
	strtab_init(&p->publishers);
}

void publications_deinit(struct publications *p)
{
	struct publication *one;
	void *cursor = NULL;

	while ((one = strtab_next(&p->by_etag, &cursor)))
		publication_free(one);
	strtab_deinit(&p->by_etag);
	strtab_deinit(&p->publishers);
}

/* ---- what it says ---- */

static const int availabilities[N_PIDF_ACTIVITIES] = {
	[PIDF_CLOSED] = -1,
	[PIDF_OPEN] = -1,
	[PIDF_BUSY] = AVAILABILITY_BUSY,
	[PIDF_DO_NOT_DISTURB] = AVAILABILITY_DO_NOT_DISTURB,
	[PIDF_BE_RIGHT_BACK] = AVAILABILITY_BE_RIGHT_BACK,
	[PIDF_AWAY] = AVAILABILITY_AWAY,
};

static void apply(const struct publication *p)
{
	struct user *u = user_meet(p->front_end->core, p->publisher->aor, true);

	if (!u)
		return;
	if (availabilities[p->activity] >= 0)
		presence_set(u, availabilities[p->activity]);
	if (*p->note)
		presence_set_note(u, p->note);
}

/* What it has set, if that still stands. */
static void take_back_from(struct user *u, enum pidf_activity activity, const char *note)
{
	if (availabilities[activity] >= 0 && u->presence.is_set &&
	    (int)u->presence.set == availabilities[activity])
		presence_take_back(u);
	if (*note && u->presence.note && !strcmp(u->presence.note, note))
		presence_set_note(u, NULL);
}

static void take_back(struct publication *p)
{
	struct user *u = user_find(p->front_end->core, p->publisher->aor);
	const struct publisher *by = p->publisher;
	bool is_last = list_length(&by->publications) == 1;

	if (u)
		take_back_from(u, p->activity, p->note);
	list_remove(&p->of_publisher);
	if (u && !is_last && !u->presence.is_set)
		apply(LIST_ENTRY(by->publications.prev, struct publication, of_publisher));
	publication_free(p);
}

void publication_forget(struct front_end *s, const char *aor)
{
	struct publisher *by;

	/* The last one takes its publisher with it. */
	while ((by = strtab_get(&s->publications.publishers, aor)))
		publication_free(
			LIST_ENTRY(by->publications.next, struct publication, of_publisher));
}

static void on_expiry(void *magic)
{
	take_back(magic);
}

/* ---- PUBLISH ---- */

struct request {
	struct front_end *s;
	nta_incoming_t *irq;
	const sip_t *sip;
	char aor[URI_MAX_AOR + 1];
	struct publication *before; /* NULL: it is the first */
	int64_t expires_s;
	enum pidf_activity activity;
	char note[PIDF_NOTE_SIZE];
};

static void fail(const struct request *r, enum diag_code code, const char *why, const char *headers)
{
	front_end_refuse(r->s, r->irq, code, why, headers);
}

/* Nobody publishes for somebody else. */
static bool decode_publisher(struct request *r)
{
	char from[URI_MAX_AOR + 1];

	if (field_aor(r->sip->sip_request->rq_url, r->aor) ||
	    field_aor(r->sip->sip_from->a_url, from)) {
		fail(r, DIAG_BAD_REQUEST, "From and request URI must be addresses of record", NULL);
		return false;
	}
	if (strcmp(from, r->aor) != 0) {
		fail(r, DIAG_FORBIDDEN, "A client publishes the presence of its own user only",
		     NULL);
		return false;
	}
	if (user_find(r->s->core, from) || user_is_open(r->s->core, from, agent_is_local(r->irq)))
		return true;
	fail(r, DIAG_USER_UNKNOWN, NULL, NULL);
	return false;
}

static bool decode_condition(struct request *r)
{
	const char *etag = agent_other_header(r->sip, "SIP-If-Match");

	if (!etag && r->sip->sip_if_match)
		etag = r->sip->sip_if_match->g_string;
	if (!etag)
		return true;
	r->before = strtab_get(&r->s->publications.by_etag, etag);
	if (r->before && !strcmp(r->before->publisher->aor, r->aor))
		return true;
	fail(r, DIAG_NO_PUBLICATION, NULL, NULL);
	return false;
}

static bool decode_document(struct request *r)
{
	const sip_payload_t *body = r->sip->sip_payload;
	CLEANUP(mem_free_string) char *type = field_text(r->sip->sip_content_type);
	struct content_type given;
	const char *why = "There is no document";

	if (!body || !body->pl_len) {
		if (!r->before)
			fail(r, DIAG_BAD_REQUEST, why, NULL);
		return r->before;
	}
	if (!type || content_type_decode(type, &given, &why) ||
	    strcmp(given.type, PIDF_CONTENT_TYPE) != 0) {
		fail(r, DIAG_BAD_TYPE, NULL, "Accept: " PIDF_CONTENT_TYPE "\r\n");
		return false;
	}
	if (!pidf_decode(body->pl_data, body->pl_len, &r->activity, r->note, &why))
		return true;
	fail(r, DIAG_BAD_REQUEST, why, NULL);
	return false;
}

static struct publication *publication_new(const struct request *r)
{
	struct publisher *by = publisher_meet(r->s, r->aor);
	struct publication *p;

	if (!budget_take(&by->budget, 1)) {
		publisher_rest(r->s, by);
		return NULL;
	}
	p = MEM_NEW(struct publication);
	p->front_end = r->s;
	p->publisher = by;
	list_append(&by->publications, &p->of_publisher);
	return p;
}

/* Each answer has another tag, also for a mere refresh (RFC 3903, 4.3). */
static void answer(const struct request *r, struct publication *p)
{
	CLEANUP(mem_free_string) char *headers = NULL;

	if (*p->etag)
		strtab_remove(&r->s->publications.by_etag, p->etag);
	random_hex(8, p->etag);
	strtab_add(&r->s->publications.by_etag, p->etag, p);
	loop_timer_set(r->s->loop, &p->expiry, r->expires_s * 1000, on_expiry, p);
	headers =
		text_format("SIP-ETag: %s\r\nExpires: %lld\r\n", p->etag, (long long)r->expires_s);
	agent_reply(r->s->agent, r->irq, 200, NULL, headers);
}

/* A client that says the same again and again does not undo what the user has set elsewhere. */
static void change(struct publication *p, const struct request *r)
{
	struct user *u = user_find(r->s->core, r->aor);
	bool is_same = r->before && p->activity == r->activity && !strcmp(p->note, r->note);

	if (is_same)
		return;
	if (u)
		take_back_from(u, p->activity, p->note);
	p->activity = r->activity;
	text_join(p->note, sizeof(p->note), r->note);
	list_remove(&p->of_publisher);
	list_append(&p->publisher->publications, &p->of_publisher);
	apply(p);
}

static void publish(const struct request *r)
{
	bool has_document = r->sip->sip_payload && r->sip->sip_payload->pl_len;
	struct publication *p = r->before ? r->before : publication_new(r);

	if (!p) {
		fail(r, DIAG_LIMIT,
		     "The user has as many publications as endpoints are allowed "
		     "(core.max_endpoints)",
		     NULL);
		return;
	}
	answer(r, p);
	if (has_document)
		change(p, r);
}

static void remove_publication(const struct request *r)
{
	if (r->before)
		take_back(r->before);
	agent_reply(r->s->agent, r->irq, 200, NULL, "Expires: 0\r\n");
}

void publication_on_request(struct front_end *s, nta_incoming_t *irq, const sip_t *sip)
{
	struct request r = { .s = s, .irq = irq, .sip = sip };

	if (!sip->sip_event || strcasecmp(sip->sip_event->o_type, "presence") != 0) {
		fail(&r, DIAG_BAD_EVENT, NULL, "Allow-Events: presence\r\n");
		return;
	}
	if (s->core->stopping) {
		fail(&r, DIAG_SHUTDOWN, NULL, FRONT_END_RETRY_AFTER);
		return;
	}
	if (!decode_publisher(&r) || !decode_condition(&r))
		return;
	r.expires_s = expires_wanted_s(s, irq, sip);
	if (!r.expires_s)
		remove_publication(&r);
	else if (r.expires_s > 0 && decode_document(&r))
		publish(&r);
}
