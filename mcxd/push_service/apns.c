/*
 * APNs: taking notifications
 *
 * With the checks and answers of the real service, as in Apple's "Sending notification requests to APNs" and "Handling notification
 * responses from APNs".
 */
#include "mcxd/push_service/apns.h"

#include "mcxd/base/fault.h"
#include "mcxd/base/log.h"
#include "mcxd/base/metric.h"
#include "mcxd/base/random.h"
#include "mcxd/push_service/apns_record.h"
#include "mcxd/push_service/carrier.h"
#include "mcxd/push_service/channel.h"
#include "mcxd/push_service/ended.h"
#include "mcxd/push_service/notice.h"
#include "mcxd/push_service/private.h"
#include "mcxd/push_service/provider.h"
#include "mcxd/push_service/push_service.h"
#include "proto/push/apns.h"
#include "proto/push/apns_payload.h"
#include "proto/text/chars.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/url.h"
#include "proto/text/uuid.h"
#include "web/http/h2/request.h"
#include "web/http/h2/server.h"
#include "web/http/h2/struck.h"

#include <stdbool.h>
#include <time.h>

/* As Apple's GOAWAY says why. */
#define GOAWAY_IDLE     "{\"reason\":\"IdleTimeout\"}"
#define GOAWAY_SHUTDOWN "{\"reason\":\"Shutdown\"}"

struct apns {
	struct push_service *service;
	struct h2_server *server;
	struct provider *provider;
	char *url;
};

/* One POST on its way through the checks, and what came of it. */
struct post {
	struct apns *apns;
	struct h2_request *request;
	const char *token;
	char id[RANDOM_UUID_SIZE]; /* apns-id: the sender's, or one that we make */
	struct apns_headers headers;
	struct channel *channel; /* NULL: not known yet, or there is none */
	enum apns_reason reason;
	const char *why;      /* a sentence for the log; NULL: the reason says it */
	int64_t timestamp_ms; /* since when the token has not been valid; -1 */
};

/* Returns false, which ends the checks. */
static bool refuse(struct post *p, enum apns_reason reason, const char *why)
{
	p->reason = reason;
	p->why = why;
	return false;
}

/* ---- checks, in the order in which they are made ---- */

static bool check_target(struct post *p)
{
	const char *path = h2_path(p->request);

	/* CONNECT has no path (RFC 9113 8.5). */
	if (strcmp(h2_method(p->request), "POST") != 0)
		return refuse(p, APNS_METHOD_NOT_ALLOWED, NULL);
	if (strncmp(path, APNS_PATH, strlen(APNS_PATH)) != 0)
		return refuse(p, APNS_BAD_PATH, NULL);
	p->token = path + strlen(APNS_PATH);
	if (!*p->token)
		return refuse(p, APNS_MISSING_DEVICE_TOKEN, NULL);
	return true;
}

static bool check_provider(struct post *p)
{
	const char *why = NULL;
	enum apns_reason reason = provider_check(p->apns->provider, p->request, &why);

	return reason == APNS_ACCEPTED || refuse(p, reason, why);
}

static bool check_headers(struct post *p)
{
	const struct h2_request *r = p->request;
	const struct apns_values values = {
		.topic = h2_header(r, APNS_HEADER_TOPIC),
		.id = h2_header(r, APNS_HEADER_ID),
		.collapse_id = h2_header(r, APNS_HEADER_COLLAPSE_ID),
		.push_type = h2_header(r, APNS_HEADER_PUSH_TYPE),
		.priority = h2_header(r, APNS_HEADER_PRIORITY),
		.expiration = h2_header(r, APNS_HEADER_EXPIRATION),
	};
	enum apns_reason reason;

	for (const char *const *name = apns_header_names; *name; name++)
		if (h2_header_is_repeated(r, *name))
			return refuse(p, APNS_DUPLICATE_HEADERS, *name);
	if (h2_header_is_repeated(r, "authorization"))
		return refuse(p, APNS_DUPLICATE_HEADERS, "authorization");
	reason = apns_headers_decode(&values, &p->headers);
	if (reason == APNS_ACCEPTED)
		reason = provider_topic(p->apns->provider, r, values.topic, &p->headers.topic);
	return reason == APNS_ACCEPTED || refuse(p, reason, NULL);
}

/* No documented reason fits a payload that is not what it should be better than that there is none. */
static bool check_payload(struct post *p)
{
	const size_t max = p->headers.push_type == APNS_VOIP ? APNS_MAX_VOIP_BYTES : APNS_MAX_BYTES;
	struct apns_payload payload;
	const char *why;
	size_t n;
	const void *body = h2_body(p->request, &n);

	if (n > max || h2_body_is_cut(p->request))
		return refuse(p, APNS_PAYLOAD_TOO_LARGE, NULL);
	if (n == 0)
		return refuse(p, APNS_PAYLOAD_EMPTY, NULL);
	if (apns_payload_decode(body, n, &payload, &why) < 0)
		return refuse(p, APNS_PAYLOAD_EMPTY, why);
	apns_payload_deinit(&payload);
	return true;
}

/* Digits of a token may be in either case. */
static struct channel *find_channel(const struct push_service *service, const char *token,
				    char ret_lower[APNS_MAX_TOKEN + 1])
{
	size_t n = strlen(token);

	for (size_t i = 0; i <= n; i++)
		ret_lower[i] = chars_lower(token[i]);
	return channel_of_token(service, CHANNEL_APPLE, ret_lower);
}

static bool check_channel(struct post *p)
{
	const struct push_service *service = p->apns->service;
	char token[APNS_MAX_TOKEN + 1];
	enum apns_reason ended;

	if (!apns_is_device_token(p->token))
		return refuse(p, APNS_BAD_DEVICE_TOKEN, "It is not hex digits");
	p->channel = find_channel(service, p->token, token);
	if (!p->channel) {
		ended = ended_find(service->ended, token, &p->timestamp_ms);
		return refuse(p, ended == APNS_ACCEPTED ? APNS_BAD_DEVICE_TOKEN : ended,
			      "No phone has this token");
	}
	if (strcmp(p->channel->topic, p->headers.topic) != 0)
		return refuse(p, APNS_DEVICE_TOKEN_NOT_FOR_TOPIC, NULL);
	if (!channel_count_notification(p->channel))
		return refuse(p, APNS_TOO_MANY_REQUESTS, "The phone's daily limit is reached");
	return true;
}

/* ---- what becomes of it ---- */

/* Its date is the sender's, so it is by real time that it has some time left; that runs by the lab's clock. */
static int64_t left_ms(const struct apns_headers *h)
{
	int64_t left_s = h->expiration_s - (int64_t)time(NULL);

	if (left_s > APNS_MAX_STORED_S)
		left_s = APNS_MAX_STORED_S;
	return left_s > 0 ? left_s * 1000 : 0;
}

/* A phone that is away gets what is newest when it comes back. What is not to be stored is lost then; that is not the sender's
 * fault. */
static void queue(struct post *p)
{
	struct push_service *service = p->apns->service;
	struct carrier *carrier = &p->channel->carrier;
	const struct apns_headers *h = &p->headers;
	const bool is_away = !channel_is_connected(p->channel);
	struct notice *n;
	size_t n_body;
	const void *body = h2_body(p->request, &n_body);

	p->headers.id = p->id;
	if (h->collapse_id)
		carrier_replace(carrier, h->collapse_id);
	if (is_away && h->expiration_s >= 0 && left_ms(h) == 0) {
		metric_inc(&service->metrics.notices_expired_total);
		return;
	}
	if (is_away)
		carrier_keep_newest(carrier, service->config->apns_max_stored - 1);
	n = notice_new_apple(h, body, n_body);
	if (!carrier_add(carrier, n, 0))
		refuse(p, APNS_TOO_MANY_REQUESTS, "Too many notifications wait for this phone");
	else if (h->expiration_s > 0)
		carrier_keep_for(n, left_ms(h));
}

static void count(const struct post *p)
{
	struct push_service_metrics *metrics = &p->apns->service->metrics;

	if (p->reason == APNS_ACCEPTED)
		metric_inc(&metrics->notices_total);
	else if (apns_reason_status(p->reason) == 400 || apns_reason_status(p->reason) == 413)
		metric_inc(&metrics->notices_bad_total);
	else
		metric_inc(&metrics->notices_dropped_total);
	if (apns_reason_status(p->reason) == 403)
		metric_inc(&metrics->providers_refused_total);
}

static void answer(struct post *p)
{
	const bool is_good = p->reason == APNS_ACCEPTED;
	const int status = apns_reason_status(p->reason);
	CLEANUP(text_deinit) struct text body = TEXT_INIT;
	const struct h2_field fields[] = {
		{ APNS_HEADER_ID, p->id },
		{ "content-type", is_good ? NULL : JSON_CONTENT_TYPE },
	};

	count(p);
	apns_record_answer(p->apns->service, p->request, p->id, status,
			   apns_reason_name(p->reason));
	if (!is_good) {
		log_info("push_service", p->channel ? p->channel->hop : NULL,
			 "notification not accepted: %d %s%s%s", status,
			 apns_reason_name(p->reason), p->why ? ": " : "", p->why ? p->why : "");
		apns_answer_encode(&body, p->reason, p->timestamp_ms);
	}
	h2_answer(p->request, status, fields, ARRAY_SIZE(fields), is_good ? NULL : text_str(&body));
}

/* ---- faults ---- */

static const struct channel *addressee(const struct post *p)
{
	const char *path = h2_path(p->request);
	char token[APNS_MAX_TOKEN + 1];

	if (strncmp(path, APNS_PATH, strlen(APNS_PATH)) != 0 ||
	    !apns_is_device_token(path + strlen(APNS_PATH)))
		return NULL;
	return find_channel(p->apns->service, path + strlen(APNS_PATH), token);
}

/* Apple documents no reason for every status. */
static void answer_fault(struct post *p, int status)
{
	p->reason = apns_reason_of(status, NULL);
	p->why = "A fault of the lab";
	if (apns_reason_status(p->reason) == status) {
		answer(p);
		return;
	}
	apns_record_answer(p->apns->service, p->request, p->id, status, "");
	h2_answer(p->request, status, NULL, 0, NULL);
}

/* Whether a fault has dealt with it. */
static bool is_struck(struct post *p)
{
	const struct channel *c = addressee(p);
	CLEANUP(mem_free_string) char *key = apns_record_key(p->id);
	const struct fault_passing passing = {
		.where = FAULT_CLEARING_HOUSE_PUSH_SERVICE,
		.users = { c ? c->user : NULL },
		.key = key,
	};
	bool strikes = h2_is_struck(p->request, p->apns->service->faults, &passing);

	apns_record_request(p->apns->service, p->request, p->id);
	if (!strikes)
		return false;
	if (!h2_fault_status(p->request))
		return h2_fault_takes(p->request);
	answer_fault(p, h2_fault_status(p->request));
	return true;
}

/* One that we make stays with the request: after a delay it is handled once more. */
static void take_id(struct post *p)
{
	void **own = h2_request_context(p->request);
	const char *id = h2_header(p->request, APNS_HEADER_ID);

	if (!id || !uuid_is(id)) {
		if (!*own)
			random_uuid(*own = mem_zalloc(RANDOM_UUID_SIZE));
		id = *own;
	}
	text_join(p->id, sizeof(p->id), id);
}

static void on_request(void *magic, struct h2_request *r)
{
	struct post p = { .apns = magic, .request = r, .timestamp_ms = -1 };

	take_id(&p);
	if (!h2_fault(r) && is_struck(&p))
		return;
	if (check_target(&p) && check_provider(&p) && check_headers(&p) && check_payload(&p) &&
	    check_channel(&p))
		queue(&p);
	answer(&p);
}

/* ---- the listener ---- */

static int listen_h2(struct apns *a, struct metrics *metrics, struct tls_context *tls)
{
	const struct push_service_config *config = a->service->config;
	const struct h2_config h2 = {
		.listen = config->apns,
		.tls = tls,
		.max_connections = config->max_connections,
		.max_streams = config->apns_max_streams,
		.max_header_bytes = config->apns_max_header_bytes,
		.max_body_bytes = APNS_MAX_VOIP_BYTES,
		.max_resets = config->apns_max_resets,
		.resets_per_s = config->apns_resets_per_s,
		.max_idle_frames = config->apns_max_idle_frames,
		.max_settings = config->apns_max_settings,
		.max_unsent_acks = config->apns_max_unsent_acks,
		.max_continuations = config->apns_max_continuations,
		.max_dropped_bytes = config->apns_max_dropped_bytes,
		.handshake_timeout_ms = config->apns_handshake_timeout_ms,
		.request_timeout_ms = config->apns_request_timeout_ms,
		.unread_timeout_ms = config->apns_unread_timeout_ms,
		.idle_timeout_ms = config->apns_idle_timeout_ms,
	};

	return h2_server_new(&(struct h2_args){ .loop = a->service->loop,
						.metrics = metrics,
						.name = "apns",
						.config = &h2,
						.on_request = on_request,
						.magic = a,
						.goaway_idle = GOAWAY_IDLE,
						.goaway_shutdown = GOAWAY_SHUTDOWN },
			     &a->server);
}

int apns_new(struct push_service *service, struct metrics *metrics, struct tls_context *tls,
	     struct apns **ret)
{
	struct apns *a = MEM_NEW(struct apns);
	CLEANUP(mem_free_string) char *where = NULL;
	int err;

	a->service = service;
	err = provider_new(service->config, &service->metrics.provider_tokens_verified_total,
			   &a->provider);
	if (!err)
		err = listen_h2(a, metrics, tls);
	if (err) {
		apns_free(a);
		return err;
	}
	where = url_to_listener(h2_server_listen(a->server));
	a->url = text_concat(tls ? "https://" : "http://", where);
	*ret = a;
	return 0;
}

struct apns *apns_free(struct apns *a)
{
	if (!a)
		return NULL;
	h2_server_free(a->server);
	provider_free(a->provider);
	free(a->url);
	free(a);
	return NULL;
}

const char *apns_url(const struct apns *a)
{
	return a->url;
}
