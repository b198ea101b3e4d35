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

enum { MAX_FORWARDS = 69 }; /* MCX's 70, minus the hop to the front end */

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
	};

	if (!n->withdraws)
		add_notice(&body, n);
	timestamp_add(&timestamp, n->wall_us, TIMESTAMP_MS);
	body.timestamp = text_take(&timestamp);
	push_body_encode(out, &body);
	push_body_deinit(&body);
}

/* The Via that MCX would have left: it runs next to the front end on the same machine, so the hop is not real
 * here, but published traces show it. */
static char *make_mcx_via(const struct front_end *s, const char *route)
{
	struct text via = TEXT_INIT;
	const char *port;

	agent_add_via(s->agent, route, &via);
	port = strchr(strchr(text_str(&via), ' '), ':');
	text_add(&via, ";ms-received-port=");
	if (port)
		text_add_bytes(&via, port + 1, strcspn(port + 1, ";"));
	text_add(&via, ";ms-received-cid=100");
	return text_take(&via);
}

/* Our own Via, above MCX's. */
static void insert_via(const struct front_end *s, const char *route, struct text *message)
{
	struct text whole = TEXT_INIT;
	const char *at = strstr(message->data, "\r\nVia: ");
	size_t n = at ? (size_t)(at - message->data) + 2 : 0;

	text_add_bytes(&whole, message->data, n);
	text_add(&whole, "Via: ");
	agent_add_via(s->agent, route, &whole);
	text_add(&whole, ";branched=FALSE\r\n");
	text_add_bytes(&whole, message->data + n, message->n - n);
	text_deinit(message);
	*message = whole;
}

static int make_message(struct front_end *s, const struct push_message *n, const char *route,
			const char *call_id, struct text *ret, const char **ret_why)
{
	CLEANUP(text_deinit) struct text body = TEXT_INIT;
	CLEANUP(mem_free_string) char *via = make_mcx_via(s, route);
	CLEANUP(mem_free_string)
	char *service = text_concat("mcx@", s->core->config->server_fqdn);
	char tag[11];
	struct sip_push_message m = {
		.target = s->config->push_target,
		.display_name = n->display_name,
		.push_identity = n->push_identity,
		.aor = n->user ? n->user : service,
		.epid = n->epid,
		.tag = tag,
		.call_id = call_id,
		/* The real synthetic transaction starts at 1 every time. */
		.cseq = n->synthetic ? 1 : ++s->push_cseq,
		.via = via,
		.max_forwards = MAX_FORWARDS,
		.edge_fqdn = s->config->edge_fqdn,
		.contact_token = n->gruu_token,
		.content_type = PUSH_BODY_CONTENT_TYPE "; charset=\"Unicode (UTF-8)\"",
	};
	int err;

	random_hex(5, tag);
	make_body(n, &body);
	m.body = body.data;
	m.n_body = body.n;
	err = (n->synthetic ? sip_text_push_synthetic : sip_text_push)(ret, &m, ret_why);
	if (!err)
		insert_via(s, route, ret);
	return err;
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
