/*
 * MPNS: taking notifications
 *
 * With the checks and answers of the real service, as in Microsoft's "Sending push notifications for Windows
 * Phone" and "Push Notification service response codes for Windows Phone". A refusal is explained in a JSON
 * body as well.
 */
#include "mcxd/push_service/mpns.h"

#include "mcxd/base/journal.h"
#include "mcxd/base/log.h"
#include "mcxd/base/metric.h"
#include "mcxd/push_service/answer.h"
#include "mcxd/push_service/carrier.h"
#include "mcxd/push_service/channel.h"
#include "mcxd/push_service/notice.h"
#include "mcxd/push_service/private.h"
#include "proto/push/mpns.h"
#include "proto/record.h"
#include "proto/sip/text.h"
#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"
#include "web/http/struck.h"

#include <stdbool.h>

enum { MAX_MESSAGE_ID = 64 };

/* One POST on its way through the checks, and what came of it. */
struct post {
	struct push_service *service;
	struct http_request *request;
	struct channel *channel; /* NULL: no channel has this token */
	const char *message_id;  /* X-MessageID; NULL: absent or malformed */
	enum mpns_kind kind;
	struct mpns_notification content; /* toast, tile */
	int class;
	int delay_s;
	enum mpns_status status;
	const char *why; /* a sentence; NULL: accepted */
};

/* ---- checks ---- */

/* Returns false, which ends the checks. */
static bool refuse(struct post *p, enum mpns_status status, const char *why)
{
	p->status = status;
	p->why = why;
	return false;
}

/* A UUID, with or without braces. Other words of these characters pass, too: nothing depends on the form. */
static bool is_message_id(const char *s)
{
	if (!*s || strlen(s) > MAX_MESSAGE_ID)
		return false;
	for (; *s; s++)
		if (!chars_is_alnum(*s) && !strchr("-{}", *s))
			return false;
	return true;
}

static bool check_headers(struct post *p)
{
	struct http_request *r = p->request;
	const char *class = http_header(r, MPNS_HEADER_CLASS);
	const char *id = http_header(r, MPNS_HEADER_MESSAGE_ID);

	if (id && !is_message_id(id))
		return refuse(p, MPNS_BAD_REQUEST, MPNS_HEADER_MESSAGE_ID " is not a UUID");
	p->message_id = id;
	if (mpns_kind_of(http_header(r, MPNS_HEADER_TARGET), &p->kind) < 0)
		return refuse(p, MPNS_BAD_REQUEST,
			      MPNS_HEADER_TARGET
			      " must be toast or token, or absent for a raw notification");
	if (mpns_class_delay_s(p->kind, class, &p->delay_s) < 0)
		return refuse(p, MPNS_BAD_REQUEST,
			      MPNS_HEADER_CLASS " is not a class of this kind of notification");
	if (class)
		p->class = (int)strtol(class, NULL, 10);
	return true;
}

static bool check_body(struct post *p)
{
	const char *why;
	size_t n;
	const void *body = http_body(p->request, &n);

	if (n == 0)
		return refuse(p, MPNS_BAD_REQUEST, "The notification is empty");
	if (p->kind == MPNS_RAW)
		return true;
	if (mpns_decode(body, n, &p->content, &why) < 0)
		return refuse(p, MPNS_BAD_REQUEST, why);
	if (p->content.kind != p->kind)
		return refuse(p, MPNS_BAD_REQUEST,
			      "The document is not of the kind that " MPNS_HEADER_TARGET " names");
	return true;
}

static bool check_channel(struct post *p)
{
	if (!p->channel)
		return refuse(p, MPNS_EXPIRED, "No channel has this token; it may have ended");
	if (p->channel->service_name)
		return refuse(p, MPNS_UNAUTHORIZED,
			      "The channel is for a web service that shows its certificate");
	if (!strcmp(channel_connection(p->channel), "Inactive"))
		return refuse(p, MPNS_INACTIVE,
			      "The phone has been away for too long; try again in an hour");
	if (!channel_count_notification(p->channel))
		return refuse(p, MPNS_THROTTLED, "The channel's daily limit is reached");
	if (p->channel->suppressed >> p->kind & 1)
		return refuse(p, MPNS_SUPPRESSED, "The phone does not want this kind");
	return true;
}

static void queue(struct post *p)
{
	struct notice *n;
	size_t n_raw;
	const void *raw = http_body(p->request, &n_raw);

	p->content.kind = p->kind;
	n = notice_new(&p->content, p->message_id);
	n->class = p->class;
	if (p->kind == MPNS_RAW) {
		n->raw = mem_memdup(raw, n_raw);
		n->n_raw = n_raw;
	}
	if (carrier_add(&p->channel->carrier, n, p->delay_s))
		p->status = MPNS_RECEIVED;
	else
		refuse(p, MPNS_QUEUE_FULL, "Too many notifications wait for this phone");
}

/* ---- the journal ---- */

static bool is_from_clearing_house(const struct http_request *r)
{
	const char *agent = http_header(r, "User-Agent");

	return agent && strstr(agent, SIP_PRODUCT_CLEARING_HOUSE);
}

static const char *sender_hop(const struct http_request *r)
{
	return is_from_clearing_house(r) ? RECORD_HOP_CLEARING_HOUSE : http_peer(r);
}

char *mpns_key(const struct http_request *r)
{
	const char *id = http_header(r, MPNS_HEADER_MESSAGE_ID);

	return id && is_message_id(id) ? text_format("mpns:%s", id) : NULL;
}

void mpns_record_request(const struct push_service *service, const struct http_request *r)
{
	const char *target = http_header(r, MPNS_HEADER_TARGET);
	CLEANUP(mem_free_string) char *key = NULL;
	CLEANUP(mem_free_string) char *summary = NULL;
	size_t n;
	const void *body = http_body(r, &n);

	if (!journal_is_on(service->journal))
		return;
	key = mpns_key(r);
	summary = text_concat("POST ", http_path(r));
	journal_add(service->journal,
		    &(struct record){
			    .kind = "http",
			    .from = sender_hop(r),
			    .to = RECORD_HOP_PUSH_SERVICE,
			    .incoming = true,
			    .fault = http_fault(r),
			    .key = key,
			    .summary = summary,
			    .raw = n ? body : NULL,
			    .n_raw = n,
			    .fields = (const struct record_field[]){ { "method", "POST" },
								     { "path", http_path(r) },
								     { "resource", "mpns" },
								     { "target", target } },
			    .n_fields = 4,
		    });
}

void mpns_record_answer(const struct push_service *service, const struct http_request *r,
			int status, const char *notification, const char *connection)
{
	CLEANUP(mem_free_string) char *key = NULL;
	CLEANUP(mem_free_string) char *summary = NULL;
	char number[16];

	if (!journal_is_on(service->journal))
		return;
	key = mpns_key(r);
	summary = text_format("%d%s%s%s%s", status, notification ? " " : "",
			      notification ? notification : "", connection ? ", " : "",
			      connection ? connection : "");
	snprintf(number, sizeof(number), "%d", status);
	journal_add(
		service->journal,
		&(struct record){
			.kind = "http",
			.from = RECORD_HOP_PUSH_SERVICE,
			.to = sender_hop(r),
			.key = key,
			.summary = summary,
			.fields = (const struct record_field[]){ { "status", number },
								 { "resource", "mpns" },
								 { "notification", notification },
								 { "connection", connection } },
			.n_fields = 4,
		});
}

/* ---- the answer ---- */

static void count(const struct post *p)
{
	struct push_service_metrics *metrics = &p->service->metrics;

	switch (p->status) {
	case MPNS_RECEIVED: metric_inc(&metrics->notices_total); break;
	case MPNS_BAD_REQUEST: metric_inc(&metrics->notices_bad_total); break;
	case MPNS_QUEUE_FULL:
	case MPNS_SUPPRESSED:
	case MPNS_UNAUTHORIZED:
	case MPNS_EXPIRED:
	case MPNS_BAD_METHOD:
	case MPNS_THROTTLED:
	case MPNS_INACTIVE:
	case MPNS_UNAVAILABLE:
	case N_MPNS_STATUSES: metric_inc(&metrics->notices_dropped_total); break;
	}
}

static void set_header(struct post *p, const char *name, const char *value)
{
	if (value)
		http_set_header(p->request, name, value);
}

/* connection: how the phone was connected when the POST came; NULL without a channel. */
static void answer(struct post *p, const char *connection)
{
	const struct mpns_row *row = mpns_row(p->status);

	/* Where the table says Connected, the phone may be TempDisconnected as well. */
	if (!row->connection || strcmp(row->connection, "Connected") != 0)
		connection = row->connection;
	set_header(p, MPNS_HEADER_MESSAGE_ID, p->message_id);
	set_header(p, MPNS_HEADER_NOTIFICATION_STATUS, row->notification);
	set_header(p, MPNS_HEADER_CONNECTION_STATUS, connection);
	set_header(p, MPNS_HEADER_SUBSCRIPTION_STATUS, row->subscription);
	count(p);
	mpns_record_answer(p->service, p->request, row->http_status, row->notification, connection);
	if (p->why)
		log_info("push_service", p->channel ? p->channel->hop : NULL,
			 "notification not accepted: %d %s", row->http_status, p->why);
	if (row->http_status == 200)
		http_answer(p->request, 200, NULL, NULL, 0);
	else
		push_service_refuse(p->request, row->http_status, p->why);
}

/* MPNS documents no response code for this. */
static void refuse_large(struct post *p)
{
	CLEANUP(mem_free_string)
	char *why = text_format("A notification is limited to %d bytes", MPNS_MAX_BYTES);

	metric_inc(&p->service->metrics.notices_bad_total);
	mpns_record_answer(p->service, p->request, 413, NULL, NULL);
	push_service_refuse(p->request, 413, why);
}

void mpns_on_post(void *magic, struct http_request *r)
{
	struct push_service *service = magic;
	struct post p = { .service = service, .request = r, .content.count = -1 };
	const char *connection;
	size_t n;

	http_body(r, &n);
	if (n > MPNS_MAX_BYTES) {
		refuse_large(&p);
		return;
	}
	p.channel = channel_of_token(service, CHANNEL_WINDOWS_PHONE, http_param(r, "token"));
	/* Taken first: a notice ends the held carrier request, and with it the connection. */
	connection = p.channel ? channel_connection(p.channel) : NULL;
	/* The form is checked before anything is counted against the channel. */
	if (check_headers(&p) && check_body(&p) && check_channel(&p))
		queue(&p);
	answer(&p, connection);
	mpns_deinit(&p.content);
}

/* As the service itself would with this status, so that a sender sees the headers that belong to it. */
void mpns_answer_struck(struct push_service *service, struct http_request *r, int status)
{
	struct post p = { .service = service,
			  .request = r,
			  .status = mpns_status_of(status, NULL, NULL),
			  .why = "A fault of the lab" };

	if (mpns_row(p.status)->http_status == status) {
		answer(&p, "Connected");
		return;
	}
	mpns_record_answer(service, r, status, NULL, NULL);
	push_service_refuse(r, status, p.why);
}
