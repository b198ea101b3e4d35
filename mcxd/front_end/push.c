/*
 * Pushes
 */
#include "mcxd/front_end/push.h"

#include "mcxd/base/list.h"
#include "mcxd/base/log.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/base/random.h"
#include "mcxd/core/core.h"
#include "mcxd/core/note.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/push.h"
#include "mcxd/front_end/front_end.h"
#include "mcxd/front_end/link.h"
#include "mcxd/front_end/private.h"
#include "mcxd/sip/agent.h"
#include "proto/diag.h"
#include "proto/push/body.h"
#include "proto/sip/text_push.h"
#include "proto/sip/uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/timestamp.h"

#include <errno.h>
#include <sofia-sip/sip_header.h>

enum { MAX_FORWARDS = 70 }; /* as a client sends it (RFC 3261 8.1.1.6) */

struct sip_push {
	struct list of_front_end;
	struct front_end *front_end;
	uint64_t id; /* core's */
	nta_outgoing_t *orq;
	struct loop_timer timer;
	uint64_t fail_post;
	enum diag_code failure;
};

static void sip_push_free(struct sip_push *p)
{
	list_remove(&p->of_front_end);
	loop_timer_stop(&p->timer);
	loop_unpost(p->front_end->loop, p->fail_post);
	if (p->orq)
		nta_outgoing_destroy(p->orq);
	free(p);
}

static void finish(struct sip_push *p, const struct push_answer *answer)
{
	struct core *c = p->front_end->core;
	uint64_t id = p->id;

	if (!answer->sip_status)
		metric_inc(&p->front_end->metrics.pushes_unanswered_total);
	sip_push_free(p);
	push_on_answer(c, id, answer);
}

/* ---- the answer ---- */

static void add_reason(struct text *out, const char *reason, const char *why)
{
	text_add_all(out, reason, *why ? ": " : "", why);
}

/* A request that sofia has ended. */
static enum diag_code explain(nta_outgoing_t *orq, int status, struct text *reason)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	enum diag_code code = agent_failure(orq, status, &why);

	if (code == DIAG_TEMPORARILY_NO_ROUTE)
		code = DIAG_UNREACHABLE;
	add_reason(reason, diag_row(code)->reason, text_str(&why));
	return code;
}

static int on_response(nta_outgoing_magic_t *magic, nta_outgoing_t *orq, const sip_t *sip)
{
	struct sip_push *p = (struct sip_push *)magic;
	const char *header = agent_other_header(sip, "ms-diagnostics-public");
	struct diag_header details = { 0 };
	CLEANUP(text_deinit) struct text reason = TEXT_INIT;
	struct push_answer answer = { .sip_status = sip->sip_status->st_status };

	if (answer.sip_status < 200)
		return 0;
	if (!header)
		header = agent_other_header(sip, "ms-diagnostics");
	if (nta_sip_is_internal(sip)) {
		answer.diag_id = diag_row(explain(orq, answer.sip_status, &reason))->id;
		answer.sip_status = 0;
		answer.reason = text_str(&reason);
	} else if (header && !diag_decode(header, &details)) {
		answer.diag_id = details.id;
		add_reason(&reason, details.reason, details.error_type);
		answer.reason = text_str(&reason);
	} else {
		answer.reason = diag_sip_phrase(answer.sip_status);
	}
	finish(p, &answer);
	return 0;
}

static void on_timeout(void *magic)
{
	struct sip_push *p = magic;

	finish(p, &(struct push_answer){ .reason = diag_row(DIAG_HOP_TIMEOUT)->reason });
}

static void on_failure(void *magic)
{
	struct sip_push *p = magic;
	const struct diag_row *row = diag_row(p->failure);

	p->fail_post = 0;
	finish(p, &(struct push_answer){ .diag_id = row->id, .reason = row->reason });
}

/* ---- the message ---- */

static char *aor_uri(const char *aor)
{
	struct text uri = TEXT_INIT;

	if (!aor)
		return NULL;
	uri_add_aor(&uri, aor);
	return text_take(&uri);
}

/* What a toast shows. */
static void add_notice(struct push_body *body, const struct push_message *n)
{
	body->importance = mem_strdup(n->importance ? n->importance : "normal");
	body->conference = n->conference;
	body->modality = mem_strdup(n->modality);
	body->from = aor_uri(n->from_user);
	body->from_name = mem_strdup(n->from_name);
	body->text = mem_strdup(n->text);
}

static void make_body(const struct push_message *n, struct text *out)
{
	struct text timestamp = TEXT_INIT;
	struct push_body body = {
		.id = mem_strdup(n->uuid),
		.withdraws = mem_strdup(n->withdraws),
		.synthetic = n->synthetic,
		.conversation = mem_strdup(n->thread),
		.platform = mem_strdup(n->platform),
		.notification_uri = mem_strdup(n->notification_uri),
		.device_token = mem_strdup(n->device_token),
		.missed = n->missed,
		.renewed = n->renewed,
	};

	if (!n->withdraws)
		add_notice(&body, n);
	timestamp_add(&timestamp, n->wall_us, TIMESTAMP_MS);
	body.timestamp = text_take(&timestamp);
	push_body_encode(out, &body);
	push_body_deinit(&body);
}

/* Where Lync's mobility service takes the SIP of clients outside by default. */
#define MCX_PORT "5087"

/* Runs next to the front end in the same process, so that there is no hop between the two. But every published trace shows one, and
 * so do we: with the address that the service would have, this machine's and its own port. */
static void make_mcx_via(const char *front_end_via, struct text *ret)
{
	const char *params = strchr(front_end_via, ';');
	const char *end = params ? params : front_end_via + strlen(front_end_via);
	char branch[17];

	while (end > front_end_via && *end != ':')
		end--;
	random_hex(8, branch);
	text_add_bytes(ret, front_end_via, (size_t)(end - front_end_via));
	text_add_all(ret, ":" MCX_PORT ";branch=z9hG4bK", branch,
		     ";ms-received-port=" MCX_PORT ";ms-received-cid=100");
}

/* A push has come from the mobility service, and the front end passes it on. The synthetic one starts here: Test-CsMcxPushNotification
 * is a client of the Edge. */
static void make_vias(const struct front_end *s, const struct push_message *n, const char *route,
		      struct text *ret_own, struct text *ret_mcx)
{
	char branch[9];

	if (n->synthetic) {
		random_hex(4, branch);
		agent_add_sent_by(s->agent, route, ret_own);
		text_add_all(ret_own, ";branch=z9hG4bK", branch);
		return;
	}
	agent_add_via(s->agent, route, ret_own);
	make_mcx_via(text_str(ret_own), ret_mcx);
	text_add(ret_own, ";branched=FALSE");
}

static int make_message(struct front_end *s, const struct push_message *n, const char *route,
			const char *call_id, struct text *ret, const char **ret_why)
{
	CLEANUP(text_deinit) struct text body = TEXT_INIT;
	CLEANUP(text_deinit) struct text via = TEXT_INIT;
	CLEANUP(text_deinit) struct text mcx_via = TEXT_INIT;
	CLEANUP(mem_free_string)
	char *service = text_concat("mcx@", s->core->config->server_fqdn);
	char tag[11], epid[11];
	struct sip_push_message m = {
		.target = s->config->push_target,
		.display_name = n->display_name,
		.push_identity = n->push_identity,
		.aor = n->user ? n->user : service,
		.epid = n->epid ? n->epid : epid,
		.tag = tag,
		.call_id = call_id,
		/* The real synthetic transaction starts at 1 every time. */
		.cseq = n->synthetic ? 1 : ++s->push_cseq,
		.max_forwards = n->synthetic ? MAX_FORWARDS : MAX_FORWARDS - 1,
		.edge_fqdn = s->config->edge_fqdn,
		.contact_token = n->gruu_token,
		.content_type = PUSH_BODY_CONTENT_TYPE "; charset=\"Unicode (UTF-8)\"",
	};

	random_hex(n->synthetic ? 4 : 5, tag);
	random_hex_upper(5, epid);
	make_vias(s, n, route, &via, &mcx_via);
	m.via = text_str(&via);
	m.mcx_via = n->synthetic ? NULL : text_str(&mcx_via);
	make_body(n, &body);
	m.body = body.data;
	m.n_body = body.n;
	return (n->synthetic ? sip_text_push_synthetic : sip_text_push)(ret, &m, ret_why);
}

/* ---- sending ---- */

static void link_stories(struct front_end *s, uint64_t push_id, const char *call_id)
{
	char key[NOTE_KEY_SIZE];

	push_key(key, push_id);
	front_end_link(s, key, call_id, "sent as a MESSAGE");
}

static bool start(struct sip_push *p, const struct push_message *n)
{
	CLEANUP(text_deinit) struct text message = TEXT_INIT;
	CLEANUP(text_deinit) struct text route = TEXT_INIT;
	struct front_end *s = p->front_end;
	char call_id[33];
	const char *why;
	int err = agent_make_route(s->agent, n->next_hop ? n->next_hop : s->config->push_next_hop,
				   &route);

	if (err) {
		p->failure = err == -EHOSTUNREACH ? DIAG_DNS_A : DIAG_UNREACHABLE;
		return false;
	}
	p->failure = DIAG_SERVER_ERROR;
	random_hex(16, call_id);
	if (make_message(s, n, text_str(&route), call_id, &message, &why)) {
		log_warn("front_end", n->user, "cannot build the push: %s", why);
		return false;
	}
	link_stories(s, n->id, call_id);
	p->orq = agent_send_own(s->agent, text_str(&route), &message, on_response, p);
	return p->orq;
}

static void send_push(void *adapter, const struct push_message *message)
{
	struct front_end *s = adapter;
	struct sip_push *p = MEM_NEW(struct sip_push);

	p->front_end = s;
	p->id = message->id;
	list_append(&s->pushes, &p->of_front_end);
	if (start(p, message))
		loop_timer_set(s->loop, &p->timer, s->config->push_timeout_ms, on_timeout, p);
	else
		p->fail_post = loop_post(s->loop, on_failure, p);
}

const struct push_port front_end_push_port = { .send = send_push };

void sip_push_forget(struct front_end *s)
{
	list_for_each_safe (node, &s->pushes) {
		sip_push_free(LIST_ENTRY(node, struct sip_push, of_front_end));
	}
}
