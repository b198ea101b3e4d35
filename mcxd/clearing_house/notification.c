/*
 * Clearing house: a notification on its way to its push service
 */
#include "mcxd/clearing_house/private.h"

#include "mcxd/base/log.h"
#include "proto/record.h"

void notification_free(struct notification *push)
{
	if (!push)
		return;
	http_client_cancel(push->clearing_house->http, push->exchange);
	if (push->irq)
		nta_incoming_destroy(push->irq);
	idtab_remove(push->clearing_house->pushes, push->id);
	budget_give(&push->clearing_house->pending, 1);
	push->clearing_house->metrics[CLEARING_HOUSE_PENDING].value--;
	push_body_deinit(&push->body);
	free(push->user);
	free(push->sip_key);
	free(push->mpns_key);
	free(push);
}

/* ---- what travelled ---- */

static void record_exchange(const struct notification *push, const struct http_exchange *x)
{
	CLEANUP(mem_free_string) char *summary = text_format("POST %s", x->url);
	bool tile = push->step == PUSH_TILE;

	journal_add(push->clearing_house->journal,
		    &(struct record){
			    .kind = "http",
			    .from = "clearing-house",
			    .to = "push-service",
			    .user = push->user,
			    .key = push->mpns_key,
			    .link = push->sip_key,
			    .summary = summary,
			    .raw = x->body,
			    .n_raw = x->n_body,
			    .fields = (const struct record_field[]){ { "method", x->method },
								     { "path", x->url },
								     { "resource",
								       tile ? "tile" : "toast" } },
			    .n_fields = 3,
		    });
}

static void record_result(const struct notification *push, const struct http_result *r,
			  const char *notification, const char *connection)
{
	CLEANUP(mem_free_string) char *summary = NULL;
	char status[16];

	snprintf(status, sizeof(status), "%d", r->status);
	summary = r->status ? text_format("POST → %d%s%s", r->status, notification ? " " : "",
					  notification ? notification : "")
			    : text_format("POST → no answer: %s", r->error ? r->error : "");
	journal_add(
		push->clearing_house->journal,
		&(struct record){
			.kind = "http",
			.from = "push-service",
			.to = "clearing-house",
			.incoming = true,
			.user = push->user,
			.key = push->mpns_key,
			.summary = summary,
			.fields = (const struct record_field[]){ { "status", status },
								 { "notification", notification },
								 { "connection", connection } },
			.n_fields = 3,
		});
}

/* How the journal calls this push, and what it becomes. */
static void record_push(const struct notification *push)
{
	CLEANUP(mem_free_string)
	char *summary = text_format("push %s for %s (%s)", push->body.id,
				    push->user ? push->user : "nobody", push->body.platform);

	journal_add(push->clearing_house->journal,
		    &(struct record){
			    .kind = "push",
			    .user = push->user,
			    .key = push->sip_key,
			    .link = push->mpns_key,
			    .summary = summary,
			    .fields = (const struct record_field[]){ { "push", push->body.id },
								     { "state", "forwarded" },
								     { "platform",
								       push->body.platform } },
			    .n_fields = 3,
		    });
}

/* ---- answers ---- */

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

static enum diag_code code_of_result(const struct notification *push, const struct http_result *r)
{
	if (r->status == 0)
		return DIAG_PUSH_UNREACHABLE;
	if (!strcmp(push->body.platform, "webhook"))
		return code_of_webhook(r->status);
	return code_of_mpns(mpns_status_of(r->status, r->header(r, MPNS_HEADER_NOTICE),
					   r->header(r, MPNS_HEADER_CHANNEL)));
}

static void answer(struct notification *push, enum diag_code code, const char *info)
{
	struct clearing_house *p = push->clearing_house;
	struct diag d = diag_because(code, info);
	nta_incoming_t *irq = push->irq;

	push->irq = NULL;
	p->metrics[code == DIAG_SUCCESS ? CLEARING_HOUSE_ACCEPTED : CLEARING_HOUSE_FAILED].value++;
	if (irq)
		clearing_house_answer(p, irq, &d, NULL);
}

/* ---- the exchanges ---- */

static void send_mpns(struct notification *push, enum mpns_kind kind);

static void on_result(void *magic, const struct http_result *r)
{
	struct notification *push = magic;
	enum diag_code code = code_of_result(push, r);
	bool is_mpns = !strcmp(push->body.platform, "windowsPhone");

	push->exchange = 0;
	record_result(push, r, r->status ? r->header(r, MPNS_HEADER_NOTICE) : NULL,
		      r->status ? r->header(r, MPNS_HEADER_CONNECTION) : NULL);
	if (code != DIAG_SUCCESS)
		log_warn("clearing_house", push->mpns_key,
			 "the push service did not take it: %d %s", r->status,
			 r->error ? r->error : diag_row(code)->reason);
	if (push->step == PUSH_NOTIFY)
		answer(push, code, r->status ? NULL : r->error);
	/* The tile is an extra: what becomes of it changes no answer. */
	if (push->step == PUSH_NOTIFY && is_mpns && code == DIAG_SUCCESS) {
		push->step = PUSH_TILE;
		send_mpns(push, MPNS_TILE);
		return;
	}
	notification_free(push);
}

static void send_post(struct notification *push, const struct text *body,
		      const char *const *headers)
{
	const struct http_exchange x = {
		.method = "POST",
		.url = push->body.notification_uri,
		.headers = headers,
		.body = text_str(body),
		.n_body = body->n,
		.timeout_ms = push->clearing_house->config->exchange_timeout_ms,
	};

	record_exchange(push, &x);
	push->exchange = http_client_send(push->clearing_house->http, &x, NULL, on_result, push);
}

static void send_mpns(struct notification *push, enum mpns_kind kind)
{
	CLEANUP(text_deinit) struct text body = TEXT_INIT;
	CLEANUP(mem_free_string)
	char *id = text_format(MPNS_HEADER_MESSAGE_ID ": %s", push->body.id);
	CLEANUP(mem_free_string)
	char *target = text_format(MPNS_HEADER_TARGET ": %s", mpns_target(kind));
	CLEANUP(mem_free_string)
	char *class = text_format(MPNS_HEADER_CLASS ": %d", mpns_class(kind));
	const char *const headers[] = {
		"Content-Type: " MPNS_CONTENT_TYPE,
		"User-Agent: " CLEARING_HOUSE_SERVER,
		id,
		target,
		class,
		NULL,
	};

	if (kind == MPNS_TOAST)
		clearing_house_toast(&body, &push->body,
				     push->clearing_house->config->max_preview_bytes);
	else
		clearing_house_tile(&body, &push->body);
	send_post(push, &body, headers);
}

static void send_webhook(struct notification *push)
{
	static const char *const headers[] = { "Content-Type: application/json",
					       "User-Agent: " CLEARING_HOUSE_SERVER, NULL };
	CLEANUP(text_deinit) struct text body = TEXT_INIT;

	clearing_house_webhook(&body, &push->body);
	send_post(push, &body, headers);
}

/* The transaction ended without us: its connection broke, or sofia gave it up. */
static int on_transaction(nta_incoming_magic_t *magic, nta_incoming_t *irq, const sip_t *sip)
{
	struct notification *push = (struct notification *)magic;

	if (!sip && push->irq == irq) {
		push->irq = NULL;
		nta_incoming_destroy(irq);
	}
	return 0;
}

void notification_start(struct clearing_house *p, nta_incoming_t *irq,
			struct clearing_house_request *r)
{
	struct notification *push = MEM_NEW(struct notification);

	push->clearing_house = p;
	push->id = idtab_add(p->pushes, push);
	push->irq = irq;
	push->body = r->body;
	r->body = (struct push_body){ 0 };
	push->user = *r->from.aor ? mem_strdup(r->from.aor) : NULL;
	push->sip_key = text_format("sip:%s", r->sip->sip_call_id->i_id);
	push->mpns_key = text_format("mpns:%s", push->body.id);
	p->metrics[CLEARING_HOUSE_PENDING].value++;
	nta_incoming_bind(irq, on_transaction, (nta_incoming_magic_t *)push);
	record_push(push);
	if (!strcmp(push->body.platform, "webhook"))
		send_webhook(push);
	else
		send_mpns(push, MPNS_TOAST);
}
