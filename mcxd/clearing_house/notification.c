/*
 * Clearing house: a notification on its way to its push service
 */
#include "mcxd/clearing_house/notification.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/journal.h"
#include "mcxd/base/limit.h"
#include "mcxd/base/log.h"
#include "mcxd/base/metric.h"
#include "mcxd/clearing_house/answer.h"
#include "mcxd/clearing_house/clearing_house.h"
#include "mcxd/clearing_house/form.h"
#include "mcxd/clearing_house/private.h"
#include "mcxd/clearing_house/request.h"
#include "proto/diag.h"
#include "proto/push/body.h"
#include "proto/push/mpns.h"
#include "proto/record.h"
#include "proto/sip/ident.h"
#include "proto/sip/text.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/client.h"

#include <sofia-sip/sip.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* The alert is a toast or a webhook; the tile follows a toast. */
enum notification_step { NOTIFICATION_ALERT, NOTIFICATION_TILE };

struct notification {
	struct clearing_house *house;
	uint64_t id;
	nta_incoming_t *irq; /* NULL once it is answered */
	struct push_body body;
	char *user;     /* AoR of the phone's owner; NULL if unknown */
	char *sip_key;  /* "sip:<Call-ID>" */
	char *mpns_key; /* "mpns:<X-MessageID>" */
	enum notification_step step;
	uint64_t exchange; /* the HTTP request under way; 0: none */
};

void notification_free(struct notification *n)
{
	if (!n)
		return;
	http_client_cancel(n->house->http, n->exchange);
	if (n->irq)
		nta_incoming_destroy(n->irq);
	idtab_remove(n->house->notifications, n->id);
	budget_give(&n->house->pending, 1);
	metric_add(&n->house->metrics.pending, -1);
	push_body_deinit(&n->body);
	free(n->user);
	free(n->sip_key);
	free(n->mpns_key);
	free(n);
}

static bool is_for(const struct notification *n, const char *platform)
{
	return !strcmp(n->body.platform, platform);
}

/* ---- the journal ---- */

static void record_exchange(const struct notification *n, const struct http_exchange *x)
{
	CLEANUP(mem_free_string) char *summary = text_format("POST %s", x->url);
	const char *resource = n->step == NOTIFICATION_TILE ? "tile" : "toast";

	journal_add(n->house->journal,
		    &(struct record){
			    .kind = "http",
			    .from = RECORD_HOP_CLEARING_HOUSE,
			    .to = RECORD_HOP_PUSH_SERVICE,
			    .users = { n->user },
			    .key = n->mpns_key,
			    .link = n->sip_key,
			    .summary = summary,
			    .raw = x->body,
			    .n_raw = x->n_body,
			    .fields = (const struct record_field[]){ { "method", x->method },
								     { "path", x->url },
								     { "resource", resource } },
			    .n_fields = 3,
		    });
}

static void record_result(const struct notification *n, const struct http_result *r)
{
	const char *status_header =
		r->status ? r->header(r, MPNS_HEADER_NOTIFICATION_STATUS) : NULL;
	const char *connection = r->status ? r->header(r, MPNS_HEADER_CONNECTION_STATUS) : NULL;
	CLEANUP(mem_free_string) char *summary = NULL;
	char status[16];

	snprintf(status, sizeof(status), "%d", r->status);
	if (r->status)
		summary = text_format("POST → %d%s%s", r->status, status_header ? " " : "",
				      status_header ? status_header : "");
	else
		summary = text_format("POST → no answer: %s", r->error ? r->error : "");
	journal_add(
		n->house->journal,
		&(struct record){
			.kind = "http",
			.from = RECORD_HOP_PUSH_SERVICE,
			.to = RECORD_HOP_CLEARING_HOUSE,
			.incoming = true,
			.users = { n->user },
			.key = n->mpns_key,
			.summary = summary,
			.fields = (const struct record_field[]){ { "status", status },
								 { "notification", status_header },
								 { "connection", connection } },
			.n_fields = 3,
		});
}

/* Links this push to the MPNS message id in the journal. */
static void record_push(const struct notification *n)
{
	CLEANUP(mem_free_string)
	char *summary = text_format("push %s for %s (%s)", n->body.id, n->user ? n->user : "nobody",
				    n->body.platform);

	journal_add(
		n->house->journal,
		&(struct record){
			.kind = "push",
			.users = { n->user },
			.key = n->sip_key,
			.link = n->mpns_key,
			.summary = summary,
			.fields = (const struct record_field[]){ { "push", n->body.id },
								 { "state", "forwarded" },
								 { "platform", n->body.platform } },
			.n_fields = 3,
		});
}

/* ---- the answer ---- */

static enum diag_code code_of_mpns(enum mpns_status status)
{
	switch (status) {
	case MPNS_RECEIVED: return DIAG_SUCCESS;
	case MPNS_QUEUE_FULL: return DIAG_PUSH_QUEUE_FULL;
	case MPNS_SUPPRESSED: return DIAG_PUSH_SUPPRESSED;
	case MPNS_EXPIRED: return DIAG_PUSH_NO_CHANNEL;
	case MPNS_THROTTLED: return DIAG_PUSH_THROTTLED;
	case MPNS_INACTIVE: return DIAG_PUSH_INACTIVE;
	case MPNS_UNAVAILABLE: return DIAG_PUSH_UNAVAILABLE;
	case MPNS_BAD_REQUEST:
	case MPNS_UNAUTHORIZED:
	case MPNS_BAD_METHOD:
	case N_MPNS_STATUSES: break;
	}
	return DIAG_PUSH_REFUSED;
}

static enum diag_code code_of_webhook(int status)
{
	if (status >= 200 && status < 300)
		return DIAG_SUCCESS;
	switch (status) {
	case 404:
	case 410: return DIAG_PUSH_NO_CHANNEL;
	case 429: return DIAG_PUSH_THROTTLED;
	default: return status >= 500 ? DIAG_PUSH_UNAVAILABLE : DIAG_PUSH_REFUSED;
	}
}

static enum diag_code code_of_result(const struct notification *n, const struct http_result *r)
{
	if (r->status == 0)
		return DIAG_PUSH_UNREACHABLE;
	if (is_for(n, PUSH_PLATFORM_WEBHOOK))
		return code_of_webhook(r->status);
	return code_of_mpns(mpns_status_of(r->status, r->header(r, MPNS_HEADER_NOTIFICATION_STATUS),
					   r->header(r, MPNS_HEADER_SUBSCRIPTION_STATUS)));
}

static void answer(struct notification *n, enum diag_code code, const char *info)
{
	struct clearing_house_metrics *metrics = &n->house->metrics;
	struct diag diag = diag_because(code, info);
	nta_incoming_t *irq = n->irq;

	n->irq = NULL;
	metric_inc(code == DIAG_SUCCESS ? &metrics->accepted_total : &metrics->failed_total);
	if (irq)
		clearing_house_answer(n->house, irq, &diag, NULL);
}

/* The transaction ended before we answered: its connection broke, or sofia gave up on it. */
static int on_transaction(nta_incoming_magic_t *magic, nta_incoming_t *irq, const sip_t *sip)
{
	struct notification *n = (struct notification *)magic;

	if (!sip && n->irq == irq) {
		n->irq = NULL;
		nta_incoming_destroy(irq);
	}
	return 0;
}

/* ---- the exchanges ---- */

static void send_mpns(struct notification *n, enum mpns_kind kind);

static void on_result(void *magic, const struct http_result *r)
{
	struct notification *n = magic;
	enum diag_code code = code_of_result(n, r);
	bool is_alert = n->step == NOTIFICATION_ALERT;

	n->exchange = 0;
	record_result(n, r);
	if (code != DIAG_SUCCESS)
		log_warn("clearing_house", n->mpns_key,
			 "the push service did not take the %s: %d %s",
			 is_alert ? "notification" : "tile", r->status,
			 r->error ? r->error : diag_row(code)->reason);
	if (is_alert)
		answer(n, code, r->status ? NULL : r->error);
	if (is_alert && code == DIAG_SUCCESS && is_for(n, PUSH_PLATFORM_WINDOWS_PHONE)) {
		n->step = NOTIFICATION_TILE;
		send_mpns(n, MPNS_TILE);
		return;
	}
	notification_free(n);
}

static void send_post(struct notification *n, const struct text *body, const char *const *headers)
{
	const struct http_exchange x = {
		.method = "POST",
		.url = n->body.notification_uri,
		.headers = headers,
		.body = text_str(body),
		.n_body = body->n,
		.timeout_ms = n->house->config->exchange_timeout_ms,
	};

	record_exchange(n, &x);
	n->exchange = http_client_send(n->house->http, &x, NULL, on_result, n);
}

static void send_mpns(struct notification *n, enum mpns_kind kind)
{
	CLEANUP(text_deinit) struct text body = TEXT_INIT;
	CLEANUP(mem_free_string)
	char *id = text_format(MPNS_HEADER_MESSAGE_ID ": %s", n->body.id);
	CLEANUP(mem_free_string)
	char *target = text_format(MPNS_HEADER_TARGET ": %s", mpns_target(kind));
	CLEANUP(mem_free_string)
	char *class = text_format(MPNS_HEADER_CLASS ": %d", mpns_class(kind));
	const char *const headers[] = {
		"Content-Type: " MPNS_CONTENT_TYPE,
		"User-Agent: " SIP_SERVER_CLEARING_HOUSE,
		id,
		target,
		class,
		NULL,
	};

	if (kind == MPNS_TOAST)
		form_toast(&body, &n->body, n->house->config->max_preview_bytes);
	else
		form_tile(&body, &n->body);
	send_post(n, &body, headers);
}

static void send_webhook(struct notification *n)
{
	CLEANUP(text_deinit) struct text body = TEXT_INIT;
	CLEANUP(mem_free_string) char *id = text_format("Webhook-Id: %s", n->body.id);
	const char *const headers[] = { "Content-Type: " JSON_CONTENT_TYPE,
					"User-Agent: " SIP_SERVER_CLEARING_HOUSE, id, NULL };

	form_webhook(&body, &n->body);
	send_post(n, &body, headers);
}

void notification_start(struct clearing_house *house, nta_incoming_t *irq,
			struct clearing_house_request *r)
{
	struct notification *n = MEM_NEW(struct notification);

	n->house = house;
	n->id = idtab_add(house->notifications, n);
	n->irq = irq;
	n->body = r->body;
	r->body = (struct push_body){ 0 };
	n->user = *r->from.aor ? mem_strdup(r->from.aor) : NULL;
	n->sip_key = text_format("sip:%s", r->sip->sip_call_id->i_id);
	n->mpns_key = text_format("mpns:%s", n->body.id);
	metric_inc(&house->metrics.pending);
	nta_incoming_bind(irq, on_transaction, (nta_incoming_magic_t *)n);
	record_push(n);
	if (is_for(n, PUSH_PLATFORM_WEBHOOK))
		send_webhook(n);
	else
		send_mpns(n, MPNS_TOAST);
}
