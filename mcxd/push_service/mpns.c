/*
 * MPNS
 *
 * Takes notifications for channels, with the checks and answers of the real service: "Sending push
 * notifications for Windows Phone" and "Push Notification service response codes for Windows
 * Phone".
 */
#include "mcxd/push_service/channel.h"

#include "mcxd/base/log.h"
#include "proto/record.h"
#include "proto/text/chars.h"

enum { MAX_MESSAGE_ID = 64 };

/* One POST on its way through the checks. */
struct post {
	struct push_service *push_service;
	struct http_request *request;
	struct channel *channel; /* NULL: unknown token */
	const char *message_id;  /* NULL: none, or not usable */
	struct mpns_notification body;
	enum mpns_kind kind;
	int delay_s;
	enum mpns_status status;
	const char *why;
};

static bool is_message_id(const char *s)
{
	if (!*s || strlen(s) > MAX_MESSAGE_ID)
		return false;
	for (; *s; s++)
		if (!chars_is_alnum(*s) && !strchr("-{}", *s))
			return false;
	return true;
}

static void refuse(struct post *p, enum mpns_status status, const char *why)
{
	p->status = status;
	p->why = why;
}

/* A wrong form is told before anything is counted against the channel. */
static bool check_form(struct post *p)
{
	struct http_request *r = p->request;
	const char *id = http_header(r, MPNS_HEADER_MESSAGE_ID);
	size_t n;
	const void *body = http_body(r, &n);

	if (id && !is_message_id(id)) {
		refuse(p, MPNS_BAD_REQUEST, MPNS_HEADER_MESSAGE_ID " is not a UUID");
		return false;
	}
	p->message_id = id;
	if (mpns_kind_of(http_header(r, MPNS_HEADER_TARGET), &p->kind) < 0) {
		refuse(p, MPNS_BAD_REQUEST,
		       MPNS_HEADER_TARGET " is toast or token, or absent for a raw notification");
		return false;
	}
	if (mpns_class_delay_s(p->kind, http_header(r, MPNS_HEADER_CLASS), &p->delay_s) < 0) {
		refuse(p, MPNS_BAD_REQUEST,
		       MPNS_HEADER_CLASS " does not belong to this kind of notification");
		return false;
	}
	if (n == 0) {
		refuse(p, MPNS_BAD_REQUEST, "the notification is empty");
		return false;
	}
	if (p->kind == MPNS_RAW)
		return true;
	if (mpns_decode(body, n, &p->body, &p->why) < 0) {
		p->status = MPNS_BAD_REQUEST;
		return false;
	}
	if (p->body.kind != p->kind) {
		refuse(p, MPNS_BAD_REQUEST,
		       "the document is not what " MPNS_HEADER_TARGET " announces");
		return false;
	}
	return true;
}

static bool check_channel(struct post *p)
{
	if (!p->channel) {
		refuse(p, MPNS_EXPIRED, "no channel has this token (any more)");
		return false;
	}
	if (!strcmp(channel_connection(p->channel), "Inactive")) {
		refuse(p, MPNS_INACTIVE, "the device has not been seen for long; try in an hour");
		return false;
	}
	if (!channel_count_notice(p->channel)) {
		refuse(p, MPNS_THROTTLED, "the channel has had its notifications for today");
		return false;
	}
	return true;
}

/* Takes over the decoded body. */
static void queue(struct post *p)
{
	struct notice *n = MEM_NEW(struct notice);
	size_t n_raw;
	const void *raw = http_body(p->request, &n_raw);

	n->body = p->body;
	n->body.kind = p->kind;
	p->body = (struct mpns_notification){ 0 };
	if (p->kind == MPNS_RAW) {
		n->raw = mem_memdup(raw, n_raw);
		n->n_raw = n_raw;
	}
	n->message_id = mem_strdup(p->message_id);
	if (channel_add(p->channel, n, p->delay_s))
		refuse(p, MPNS_RECEIVED, NULL);
	else
		refuse(p, MPNS_QUEUE_FULL, "too many notifications wait for this device");
}

static void count(const struct post *p)
{
	struct metric *m = p->push_service->metrics;

	switch (p->status) {
	case MPNS_RECEIVED: m[PUSH_SERVICE_NOTICES].value++; break;
	case MPNS_BAD_REQUEST: m[PUSH_SERVICE_NOTICES_BAD].value++; break;
	case MPNS_QUEUE_FULL:
	case MPNS_SUPPRESSED:
	case MPNS_UNAUTHORIZED:
	case MPNS_EXPIRED:
	case MPNS_BAD_METHOD:
	case MPNS_THROTTLED:
	case MPNS_INACTIVE:
	case MPNS_UNAVAILABLE:
	case N_MPNS_STATUSES: m[PUSH_SERVICE_NOTICES_DROPPED].value++; break;
	}
}

static bool is_from_clearing_house(const struct http_request *r)
{
	const char *agent = http_header(r, "User-Agent");

	return agent && strstr(agent, "PnchApplication");
}

static char *journal_key(const struct http_request *r)
{
	const char *id = http_header(r, MPNS_HEADER_MESSAGE_ID);

	return id && is_message_id(id) ? text_format("mpns:%s", id) : NULL;
}

static void record_request(const struct post *p)
{
	const struct http_request *r = p->request;
	const char *target = http_header(r, MPNS_HEADER_TARGET);
	CLEANUP(mem_free_string) char *key = journal_key(r);
	CLEANUP(mem_free_string) char *summary = text_format("POST %s", http_path(r));
	size_t n;
	const void *body = http_body(r, &n);

	journal_add(p->push_service->journal,
		    &(struct record){
			    .kind = "http",
			    .from = is_from_clearing_house(r) ? "clearing-house" : http_peer(r),
			    .to = "push-service",
			    .incoming = true,
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

static void record_answer(const struct post *p, int status, const char *notification,
			  const char *connection)
{
	CLEANUP(mem_free_string) char *key = journal_key(p->request);
	CLEANUP(mem_free_string)
	char *summary = text_format("%d%s%s%s%s", status, notification ? " " : "",
				    notification ? notification : "", connection ? ", " : "",
				    connection ? connection : "");
	char number[16];

	snprintf(number, sizeof(number), "%d", status);
	journal_add(
		p->push_service->journal,
		&(struct record){
			.kind = "http",
			.from = "push-service",
			.to = is_from_clearing_house(p->request) ? "clearing-house"
								 : http_peer(p->request),
			.key = key,
			.summary = summary,
			.fields = (const struct record_field[]){ { "status", number },
								 { "resource", "mpns" },
								 { "notification", notification },
								 { "connection", connection } },
			.n_fields = 4,
		});
}

static void set_header(struct post *p, const char *name, const char *value)
{
	if (value)
		http_set_header(p->request, name, value);
}

static void answer(struct post *p, const char *connection)
{
	const struct mpns_row *row = mpns_row(p->status);

	/* Only the service itself knows whether the device is there. */
	if (!row->connection || strcmp(row->connection, "Connected") != 0)
		connection = row->connection;
	set_header(p, MPNS_HEADER_MESSAGE_ID, p->message_id);
	set_header(p, MPNS_HEADER_NOTIFICATION_STATUS, row->notification);
	set_header(p, MPNS_HEADER_CONNECTION_STATUS, connection);
	set_header(p, MPNS_HEADER_SUBSCRIPTION_STATUS, row->subscription);
	count(p);
	record_answer(p, row->http_status, row->notification, connection);
	if (p->why)
		log_info("push-service", p->channel ? p->channel->hop : NULL,
			 "notification: %d, %s", row->http_status, p->why);
	if (row->http_status == 200)
		http_answer(p->request, 200, NULL, NULL, 0);
	else
		push_service_refuse(p->request, row->http_status, p->why);
}

void mpns_service_on_post(struct push_service *push_service, struct http_request *r)
{
	struct post p = { .push_service = push_service, .request = r };
	const char *connection;
	size_t n;

	http_body(r, &n);
	record_request(&p);
	p.channel = strtab_get(push_service->by_token, http_param(r, "token"));
	/* Before the notice wakes the carrier request, which ends it. */
	connection = p.channel ? channel_connection(p.channel) : NULL;
	if (n > MPNS_MAX_BYTES) {
		push_service->metrics[PUSH_SERVICE_NOTICES_BAD].value++;
		record_answer(&p, 413, NULL, NULL);
		push_service_refuse(r, 413, "a notification has 3072 bytes at most");
		return;
	}
	if (check_form(&p) && check_channel(&p))
		queue(&p);
	answer(&p, connection);
	mpns_deinit(&p.body);
}
