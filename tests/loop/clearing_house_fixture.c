/*
 * A clearing house between a real SIP peer and a push service that the test plays
 */
#include "tests/loop/clearing_house_fixture.h"

#include "mcxd/base/journal.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/clearing_house/clearing_house.h"
#include "mcxd/net/address.h"
#include "mcxd/net/hosts.h"
#include "mcxd/sip/agent.h"
#include "mcxd/sip/stack.h"
#include "proto/auth/webhook.h"
#include "proto/crypto/es256.h"
#include "proto/diag.h"
#include "proto/push/body.h"
#include "proto/push/mpns.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"

#include <sofia-sip/msg.h>
#include <sofia-sip/sip_header.h>

enum { PATIENCE_MS = 10000 };

#define IDENTITY "0123456789abcdef0123456789abcdef"
#define VERIFIED "ms-asserted-verification-level: ms-source-verified-user=verified\r\n"

/* ---- the push service ---- */

static const char *const kept[N_KEPT] = {
	"webhook-id",       "webhook-timestamp", "webhook-signature", "apns-id",
	"apns-topic",       "apns-push-type",    "apns-priority",     "apns-expiration",
	"apns-collapse-id", "authorization",
};

static void on_gone(void *magic, uint64_t id)
{
	struct received *p = magic;

	(void)id;
	p->parked = 0;
}

static void answer_post(struct http_request *r, const struct reply *reply)
{
	const struct {
		const char *name, *value;
	} headers[] = { { MPNS_HEADER_NOTIFICATION_STATUS, reply->notification },
			{ MPNS_HEADER_SUBSCRIPTION_STATUS, reply->subscription },
			{ "Retry-After", reply->retry_after },
			{ "Location", reply->location } };

	for (size_t i = 0; i < ARRAY_SIZE(headers); i++)
		if (headers[i].value)
			http_set_header(r, headers[i].name, headers[i].value);
	http_answer(r, reply->status, reply->body ? "application/json" : NULL, reply->body,
		    reply->body ? strlen(reply->body) : 0);
}

const char *received_header(const struct received *p, const char *name)
{
	for (size_t i = 0; i < N_KEPT; i++)
		if (!strcmp(kept[i], name))
			return p->values[i];
	fail_msg("the header %s is not kept", name);
	return NULL;
}

static void on_post(void *magic, struct http_request *r)
{
	struct fixture *f = magic;
	struct reply usual = { .status = f->http_status,
			       .park = f->park,
			       .notification = f->notification,
			       .subscription = f->subscription };
	const struct reply *reply = f->always                  ? f->always
				    : f->n_posts < f->n_script ? &f->script[f->n_posts]
							       : &usual;
	struct received *p = &f->posts[f->n_posts++];
	size_t n;

	assert_true(f->n_posts <= MAX_POSTS);
	p->at_ms = loop_now_ms(f->loop);
	p->path = mem_strdup(http_path(r));
	for (size_t i = 0; i < N_KEPT; i++)
		p->values[i] = mem_strdup(http_header(r, kept[i]));
	p->body = mem_strdup(http_body(r, &n));
	p->target = mem_strdup(http_header(r, MPNS_HEADER_TARGET));
	p->class = mem_strdup(http_header(r, MPNS_HEADER_CLASS));
	p->message_id = mem_strdup(http_header(r, MPNS_HEADER_MESSAGE_ID));
	p->type = mem_strdup(http_header(r, "Content-Type"));
	if (reply->park)
		p->parked = http_park(r, on_gone, p);
	else
		answer_post(r, reply);
}

void answer_parked(struct fixture *f, int post, const struct reply *r)
{
	struct http_request *request = http_parked(f->http, f->posts[post].parked);

	assert_non_null(request);
	f->posts[post].parked = 0;
	answer_post(request, r);
}

static const struct http_route routes[] = { { "POST", "/{rest*}", on_post, 0, "A phone." } };

static const struct http_config http_config = {
	.listen = "127.0.0.1:0",
	.max_connections = 10,
	.max_body_bytes = 65536,
	.idle_timeout_ms = 60000,
};

/* ---- the SIP peer ---- */

static void on_request(void *magic, nta_incoming_t *irq, const sip_t *sip)
{
	struct fixture *f = magic;

	(void)sip;
	agent_reply(f->peer, irq, 405, NULL, NULL);
}

static int on_response(nta_outgoing_magic_t *magic, nta_outgoing_t *orq, const sip_t *sip)
{
	struct call *c = (struct call *)magic;
	struct fixture *f = c->fixture;
	const char *diag = agent_other_header(sip, "ms-diagnostics-public");
	msg_t *msg = nta_outgoing_getresponse(orq);

	c->status = nta_outgoing_status(orq);
	if (c->status < 200) {
		msg_destroy(msg);
		return 0;
	}
	c->answered_ms = loop_now_ms(f->loop);
	if (diag) {
		assert_int_equal(diag_decode(diag, &c->diag), 0);
		mem_set_string(&c->info, strstr(diag, ";info="));
	}
	if (sip) {
		free(f->answer);
		f->answer = text_format(
			"%s|%s|%s|%s",
			sip->sip_to && sip->sip_to->a_display ? sip->sip_to->a_display : "",
			sip->sip_server ? sip->sip_server->g_string : "",
			sip->sip_allow ? "allow" : (sip->sip_accept ? "accept" : ""),
			sip->sip_unsupported ? sip->sip_unsupported->k_items[0] : "");
	}
	msg_destroy(msg);
	nta_outgoing_destroy(orq);
	c->orq = NULL;
	return 0;
}

static char *make(const char *id, const char *platform, const char *uri, const char *text)
{
	struct text t = TEXT_INIT;
	struct push_body b = {
		.id = mem_strdup(id),
		.importance = mem_strdup("normal"),
		.modality = mem_strdup("text"),
		.from = mem_strdup("sip:alice@lab.test"),
		.from_name = mem_strdup("Alice"),
		.text = mem_strdup(text),
		.timestamp = mem_strdup("2012-01-18T05:00:43.101Z"),
		.platform = mem_strdup(platform),
		.notification_uri = mem_strdup(uri),
		.missed = 3,
	};

	if (!uri)
		b.device_token = mem_strdup("00fc13ad");
	push_body_encode(&t, &b);
	push_body_deinit(&b);
	return text_take(&t);
}

char *make_body(const char *platform, const char *uri, const char *text)
{
	return make(ID, platform, uri, text);
}

char *make_numbered(const char *uri, int n)
{
	CLEANUP(mem_free_string)
	char *id = text_format("%08d-7e3d-4c5a-9a53-0f6a5f1f7c11", n);
	CLEANUP(mem_free_string) char *text = text_format("%d", n);

	return make(id, "windowsPhone", uri, text);
}

void call_deinit(struct call *c)
{
	if (c->orq)
		nta_outgoing_destroy(c->orq);
	free(c->info);
	*c = (struct call){ 0 };
}

void begin_request(struct fixture *f, const struct request *q)
{
	begin_call(f, &f->last, q);
}

void begin_call(struct fixture *f, struct call *c, const struct request *q)
{
	CLEANUP(mem_free_string)
	char *route = text_format("sip:%s;transport=tcp",
				  agent_tcp(clearing_house_agent(f->clearing_house)));
	CLEANUP(mem_free_string) char *usual = make_body("windowsPhone", f->uri, "Hi Bob");
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	const char *method = q->method ? q->method : "MESSAGE";
	const char *body = q->body ? q->body : usual;
	size_t n_body = q->n_body ? q->n_body : strlen(body);
	static int n_calls;

	text_addf(&t,
		  "%s %s SIP/2.0\r\n"
		  "From: %s;epid=3470b22863;tag=b6d38c5ec0\r\n"
		  "To: <sip:push@push.lync.com>\r\n"
		  "CSeq: 21319 %s\r\n"
		  "Call-ID: call%d\r\n"
		  "Max-Forwards: 68\r\n",
		  method, q->target ? q->target : "sip:push@push.lync.com",
		  q->from ? q->from : "\"Bob\"<sip:McxUser" IDENTITY "bob@lab.test>", method,
		  ++n_calls);
	text_add(&t, q->headers ? q->headers : VERIFIED);
	text_addf(&t, "CONTENT-LENGTH: %zu\r\n", n_body);
	if (!q->type || *q->type)
		text_addf(&t, "CONTENT-TYPE: %s\r\n",
			  q->type ? q->type
				  : PUSH_BODY_CONTENT_TYPE "; charset=\"Unicode (UTF-8)\"");
	text_add(&t, "\r\n");
	text_add_bytes(&t, body, n_body);
	call_deinit(c);
	c->fixture = f;
	c->orq = agent_send_text(f->peer, route, &t, on_response, (nta_outgoing_magic_t *)c);
	assert_non_null(c->orq);
}

void run_until_answered(struct fixture *f, const struct call *c)
{
	int64_t end = loop_real_ms(f->loop) + PATIENCE_MS;

	while (c->orq && loop_real_ms(f->loop) < end)
		loop_step(f->loop, 100);
	assert_true(loop_real_ms(f->loop) < end);
}

void check_answer(struct fixture *f, struct call *c, enum diag_code code)
{
	run_until_answered(f, c);
	assert_int_equal(c->status, diag_row(code)->sip_status);
	assert_int_equal(c->diag.id, diag_row(code)->id);
	call_deinit(c);
}

static void on_advanced(void *magic)
{
	bool *done = magic;

	*done = true;
}

void advance(struct fixture *f, int64_t ms)
{
	bool done = false;

	loop_advance(f->loop, ms, on_advanced, &done);
	run_until(f, &done, 0);
}

void run_until(struct fixture *f, const bool *until, int n_posts)
{
	int64_t end = loop_real_ms(f->loop) + PATIENCE_MS;

	while (((until && !*until) || f->n_posts < n_posts || (!until && f->last.orq)) &&
	       loop_real_ms(f->loop) < end)
		loop_step(f->loop, 100);
	assert_true(loop_real_ms(f->loop) < end);
}

void await_answer(struct fixture *f)
{
	run_until(f, NULL, 0);
}

void submit(struct fixture *f, const struct request *q)
{
	begin_request(f, q);
	await_answer(f);
}

void expect(struct fixture *f, const struct request *q, enum diag_code code)
{
	submit(f, q);
	assert_int_equal(f->last.status, diag_row(code)->sip_status);
	assert_int_equal(f->last.diag.id, diag_row(code)->id);
}

void expect_body(struct fixture *f, char *body, enum diag_code code)
{
	expect(f, &(struct request){ .body = body }, code);
	free(body);
}

int64_t metric_of(const struct fixture *f, const char *name)
{
	const struct metric *m = metrics_find(f->metrics, name);

	assert_non_null(m);
	return m->value;
}

void settle(struct fixture *f, int64_t n_pending)
{
	int64_t end = loop_real_ms(f->loop) + PATIENCE_MS;

	while (metric_of(f, "clearing_house_pending") != n_pending && loop_real_ms(f->loop) < end)
		loop_step(f->loop, 10);
	assert_int_equal(metric_of(f, "clearing_house_pending"), n_pending);
}

/* ---- set-up ---- */

static const struct clearing_house_config clearing_house_config = {
	.agent = { .tcp = "127.0.0.1:0",
		   .max_connections = 100,
		   .trusted_peers = "127.0.0.1",
		   .max_message_bytes = 65536,
		   .message_timeout_ms = 10000,
		   .handshake_timeout_ms = 10000,
		   .max_transactions = 5000,
		   .max_unsent_bytes = 8 << 20,
		   .unread_timeout_ms = 30000 },
	.address = "push@push.lync.com",
	.allow_hosts = "127.0.0.1:* localhost:* [::1]:*",
	.deadline_ms = 5000,
	.outbox = { .per_host = 100, .per_channel = 100, .requests = 16 },
	.dead = { .max = 10, .memory_ms = 60000 },
	.backoff = { .max_attempts = 1 },
	.apns = { .topic = "test.app", .key_id = "KEY", .team_id = "TEAM", .expiry_ms = 3600000 },
	.max_pending = 100,
	.max_body_bytes = 4096,
	.max_preview_bytes = 256,
	.exchange_timeout_ms = 300,
};

static const struct agent_config peer_config = {
	.tcp = "127.0.0.1:0",
	.trusted_peers = "127.0.0.1",
	.max_connections = 10,
	.max_message_bytes = 65536,
	.message_timeout_ms = 60000,
	.handshake_timeout_ms = 10000,
	.max_unsent_bytes = 8 << 20,
	.unread_timeout_ms = 30000,
	.max_transactions = 100,
};

static bool is_own(const void *magic, const struct address *a)
{
	const struct fixture *f = magic;

	return f->own_port && address_port(a) == strtoul(f->own_port, NULL, 10);
}

static void start(struct fixture *f)
{
	struct webhook_secret secret;
	const char *why;

	assert_int_equal(webhook_secret_decode(WEBHOOK_SECRET, &secret, &why), 0);
	f->apns_key = es256_key_new();
	assert_int_equal(clearing_house_new(&(struct clearing_house_args){ .loop = f->loop,
									   .stack = f->stack,
									   .journal = f->journal,
									   .metrics = f->metrics,
									   .config = &f->config,
									   .webhook_secret = secret,
									   .apns_key = f->apns_key,
									   .own = { is_own, f } },
					    &f->clearing_house),
			 0);
	assert_int_equal(agent_new(&(struct agent_args){ .stack = f->stack,
							 .hop = "edge",
							 .server = "Test/1.0",
							 .config = &peer_config,
							 .on_request = on_request,
							 .magic = f },
				   &f->peer),
			 0);
	assert_int_equal(http_new(&(struct http_args){ .loop = f->loop,
						       .name = "test",
						       .metrics = f->metrics,
						       .config = &http_config,
						       .routes = routes,
						       .n_routes = 1,
						       .magic = f },
				  &f->http),
			 0);
	f->uri = text_format("http://%s" MPNS_PATH "abc", http_listen(f->http));
}

int clearing_house_set_up(void **state)
{
	return clearing_house_set_up_with(state, "127.0.0.1");
}

int clearing_house_set_up_with(void **state, const char *allow_peers)
{
	struct fixture *f = MEM_NEW(struct fixture);

	assert_int_equal(loop_new(&f->loop), 0);
	f->hosts = hosts_new();
	assert_int_equal(stack_new(f->loop, f->hosts, &f->stack), 0);
	f->journal = journal_new(f->loop, &(struct journal_config){ 1000, 1000000 });
	f->metrics = metrics_new();
	f->config = clearing_house_config;
	f->config.allow_peers = allow_peers;
	f->http_status = 200;
	f->notification = "Received";
	f->subscription = "Active";
	start(f);
	*state = f;
	return 0;
}

int clearing_house_tear_down(void **state)
{
	struct fixture *f = *state;

	call_deinit(&f->last);
	clearing_house_free(f->clearing_house);
	agent_free(f->peer);
	http_free(f->http);
	for (int i = 0; i < f->n_posts; i++) {
		free(f->posts[i].path);
		for (size_t k = 0; k < N_KEPT; k++)
			free(f->posts[i].values[k]);
		free(f->posts[i].body);
		free(f->posts[i].target);
		free(f->posts[i].class);
		free(f->posts[i].message_id);
		free(f->posts[i].type);
	}
	metrics_free(f->metrics);
	journal_free(f->journal);
	stack_free(f->stack);
	hosts_free(f->hosts);
	loop_free(f->loop);
	free(f->answer);
	free(f->uri);
	free(f->apns_url);
	free(f);
	return 0;
}
