/*
 * The clearing house: a real SIP peer in front of it, a platform of the test's or the real one behind
 */
#include "mcxd/platform/platform.h"
#include "mcxd/pnch/pnch.h"
#include "mcxd/sip/agent.h"
#include "proto/diag.h"
#include "proto/mpns.h"
#include "proto/push_body.h"
#include "web/http.h"
#include "web/http_client.h"

#include <json-c/json.h>
#include <setjmp.h>
#include <sofia-sip/sip_header.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { PATIENCE_MS = 10000, MAX_POSTS = 4 };

#define ID       "0b5ce4f2-7e3d-4c5a-9a53-0f6a5f1f7c11"
#define IDENTITY "0123456789abcdef0123456789abcdef"
#define VERIFIED "ms-asserted-verification-level: ms-source-verified-user=verified\r\n"

/* A request that reached the platform of the test. */
struct post {
	char *body, *target, *class, *message_id, *type;
};

struct fixture {
	struct loop *loop;
	struct journal *journal;
	struct metrics *metrics;
	struct pnch_config config;
	struct pnch *pnch;
	struct agent *peer;

	struct http *http; /* the platform of the test */
	char *uri;         /* one of its */
	bool park;         /* it answers nothing */
	int http_status;
	const char *notification, *subscription;
	struct post posts[MAX_POSTS];
	int n_posts;

	/* the last answer */
	nta_outgoing_t *orq;
	int status;
	struct diag_header diag;
	char *answer; /* as text */
	char *info;
};

/* What a MESSAGE is made of; NULL: the usual. */
struct request {
	const char *method, *target, *from, *headers, *type, *body;
};

/* ---- the platform of the test ---- */

static void on_gone(void *magic, uint64_t id)
{
	(void)magic;
	(void)id;
}

static void on_post(void *magic, struct http_request *r)
{
	struct fixture *f = magic;
	struct post *p = &f->posts[f->n_posts++];
	size_t n;

	assert_true(f->n_posts <= MAX_POSTS);
	p->body = mem_strdup(http_body(r, &n));
	p->target = mem_strdup(http_header(r, MPNS_HEADER_TARGET));
	p->class = mem_strdup(http_header(r, MPNS_HEADER_CLASS));
	p->message_id = mem_strdup(http_header(r, MPNS_HEADER_MESSAGE_ID));
	p->type = mem_strdup(http_header(r, "Content-Type"));
	if (f->park) {
		http_park(r, on_gone, f);
		return;
	}
	if (f->notification)
		http_set_header(r, MPNS_HEADER_NOTICE, f->notification);
	if (f->subscription)
		http_set_header(r, MPNS_HEADER_CHANNEL, f->subscription);
	http_answer(r, f->http_status, NULL, NULL, 0);
}

static const struct http_route routes[] = { { "POST", "/{rest*}", on_post, 0, "A device." } };

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

static const char *unknown_header(const sip_t *sip, const char *name)
{
	for (const sip_unknown_t *h = sip->sip_unknown; h; h = h->un_next)
		if (!strcmp(h->un_name, name))
			return h->un_value;
	return NULL;
}

static int on_response(nta_outgoing_magic_t *magic, nta_outgoing_t *orq, const sip_t *sip)
{
	struct fixture *f = (struct fixture *)magic;
	const char *diag = sip ? unknown_header(sip, "ms-diagnostics-public") : NULL;
	msg_t *msg = nta_outgoing_getresponse(orq);

	f->status = nta_outgoing_status(orq);
	if (f->status < 200) {
		msg_destroy(msg);
		return 0;
	}
	if (diag) {
		assert_int_equal(diag_decode(diag, &f->diag), 0);
		mem_set_string(&f->info, strstr(diag, ";info="));
	}
	if (sip) {
		free(f->answer);
		f->answer = text_format(
			"%s|%s|%s",
			sip->sip_to && sip->sip_to->a_display ? sip->sip_to->a_display : "",
			sip->sip_server ? sip->sip_server->g_string : "",
			sip->sip_allow ? "allow" : (sip->sip_accept ? "accept" : ""));
	}
	msg_destroy(msg);
	nta_outgoing_destroy(orq);
	f->orq = NULL;
	return 0;
}

static char *make_body(const char *platform, const char *uri, const char *text)
{
	struct text t = TEXT_INIT;
	struct push_body b = {
		.id = mem_strdup(ID),
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

static void begin(struct fixture *f, const struct request *q)
{
	CLEANUP(mem_free_string)
	char *route = text_format("sip:%s;transport=tcp", pnch_tcp(f->pnch));
	CLEANUP(mem_free_string) char *usual = make_body("windowsPhone", f->uri, "Hi Bob");
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	const char *method = q->method ? q->method : "MESSAGE";
	const char *body = q->body ? q->body : usual;
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
	text_addf(&t, "CONTENT-LENGTH: %zu\r\n", strlen(body));
	if (!q->type || *q->type)
		text_addf(&t, "CONTENT-TYPE: %s\r\n",
			  q->type ? q->type
				  : PUSH_BODY_CONTENT_TYPE "; charset=\"Unicode (UTF-8)\"");
	text_addf(&t, "\r\n%s", body);
	f->status = 0;
	f->diag = (struct diag_header){ 0 };
	mem_set_string(&f->info, NULL);
	f->orq = agent_send_text(f->peer, route, &t, on_response, (nta_outgoing_magic_t *)f);
	assert_non_null(f->orq);
}

static void run(struct fixture *f, const bool *until, int n_posts)
{
	int64_t end = loop_real_ms(f->loop) + PATIENCE_MS;

	while (((until && !*until) || f->n_posts < n_posts || (!until && f->orq)) &&
	       loop_real_ms(f->loop) < end)
		loop_step(f->loop, 100);
	assert_true(loop_real_ms(f->loop) < end);
}

static void await_answer(struct fixture *f)
{
	run(f, NULL, 0);
}

static void submit(struct fixture *f, const struct request *q)
{
	begin(f, q);
	await_answer(f);
}

static void expect(struct fixture *f, const struct request *q, enum diag_code code)
{
	submit(f, q);
	assert_int_equal(f->status, diag_row(code)->sip_status);
	assert_int_equal(f->diag.id, diag_row(code)->id);
}

static void expect_body(struct fixture *f, char *body, enum diag_code code)
{
	expect(f, &(struct request){ .body = body }, code);
	free(body);
}

static int64_t metric_of(const struct fixture *f, const char *name)
{
	const struct metric *m = metrics_find(f->metrics, name);

	assert_non_null(m);
	return m->value;
}

/* ---- set-up ---- */

static const struct agent_config peer_config = {
	.tcp = "127.0.0.1:0",
	.max_connections = 10,
	.max_message_bytes = 65536,
	.first_message_timeout_ms = 60000,
	.max_transactions = 100,
};

static void start(struct fixture *f)
{
	assert_int_equal(pnch_new(&(struct pnch_args){ .loop = f->loop,
						       .journal = f->journal,
						       .metrics = f->metrics,
						       .config = &f->config },
				  &f->pnch),
			 0);
	assert_int_equal(agent_new(&(struct agent_args){ .loop = f->loop,
							 .hop = "edge",
							 .server = "Test/1.0",
							 .config = &peer_config,
							 .on_request = on_request,
							 .magic = f },
				   &f->peer),
			 0);
	assert_int_equal(http_new(&(struct http_args){ .loop = f->loop,
						       .name = "test",
						       .config = &http_config,
						       .routes = routes,
						       .n_routes = 1,
						       .magic = f },
				  &f->http),
			 0);
	f->uri = text_format("http://%s" MPNS_PATH "abc", http_listen(f->http));
}

static int set_up(void **state)
{
	struct fixture *f = MEM_NEW(struct fixture);

	assert_int_equal(loop_new(&f->loop), 0);
	f->journal = journal_new(f->loop, &(struct journal_config){ 1000, 1000000 });
	f->metrics = metrics_new();
	f->config = pnch_defaults;
	f->config.exchange_timeout_ms = 300;
	f->config.max_pending = 2;
	f->config.max_body_bytes = 4096;
	f->http_status = 200;
	f->notification = "Received";
	f->subscription = "Active";
	start(f);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	if (f->orq)
		nta_outgoing_destroy(f->orq);
	pnch_free(f->pnch);
	agent_free(f->peer);
	http_free(f->http);
	for (int i = 0; i < f->n_posts; i++) {
		free(f->posts[i].body);
		free(f->posts[i].target);
		free(f->posts[i].class);
		free(f->posts[i].message_id);
		free(f->posts[i].type);
	}
	metrics_free(f->metrics);
	journal_free(f->journal);
	loop_free(f->loop);
	free(f->answer);
	free(f->info);
	free(f->uri);
	free(f);
	return 0;
}

/* ---- what is taken ---- */

static void test_toast_and_tile(void **state)
{
	struct fixture *f = *state;
	struct mpns_notice n;
	const char *why;

	expect(f, &(struct request){ 0 }, DIAG_SUCCESS);
	assert_string_equal(f->diag.reason, "Success");
	assert_string_equal(f->answer,
			    "\"Push Notification Clearing House\"|RTCC/4.0.0.0 PnchApplication|");
	run(f, NULL, 2);
	assert_string_equal(f->posts[0].target, "toast");
	assert_string_equal(f->posts[0].class, "2");
	assert_string_equal(f->posts[0].message_id, ID);
	assert_string_equal(f->posts[0].type, "text/xml");
	assert_int_equal(mpns_decode(f->posts[0].body, strlen(f->posts[0].body), &n, &why), 0);
	assert_string_equal(n.text1, "Alice");
	assert_string_equal(n.text2, "Hi Bob");
	mpns_deinit(&n);
	assert_string_equal(f->posts[1].target, "token");
	assert_string_equal(f->posts[1].class, "1");
	assert_int_equal(mpns_decode(f->posts[1].body, strlen(f->posts[1].body), &n, &why), 0);
	assert_int_equal(n.count, 3);
	mpns_deinit(&n);
	assert_int_equal(metric_of(f, "pnch_accepted_total"), 1);
}

static void on_story(void *magic, const struct journal_record *r)
{
	struct text *t = magic;

	text_addf(t, "%s%s ", r->e.kind, r->e.incoming ? "<" : "");
}

/* SIP request, what it became, and SIP answer are one story. */
static void test_journal(void **state)
{
	struct fixture *f = *state;
	CLEANUP(text_deinit) struct text t = TEXT_INIT;

	f->http_status = 404;
	f->notification = "Dropped";
	f->subscription = "Expired";
	expect(f, &(struct request){ 0 }, DIAG_PUSH_NO_CHANNEL);
	journal_story(f->journal, "mpns:" ID, on_story, &t);
	assert_string_equal(text_str(&t), "sip< push http http< sip ");
}

static void test_synthetic(void **state)
{
	struct fixture *f = *state;
	struct push_body b = {
		.id = mem_strdup(ID),
		.importance = mem_strdup("normal"),
		.synthetic = true,
		.modality = mem_strdup("text"),
		.timestamp = mem_strdup("2012-01-18T05:00:43.101Z"),
	};
	CLEANUP(text_deinit) struct text t = TEXT_INIT;

	push_body_encode(&t, &b);
	push_body_deinit(&b);
	expect(f,
	       &(struct request){
		       .body = text_str(&t), .from = "<sip:bob@lab.test>", .headers = "" },
	       DIAG_SYNTHETIC_SUCCESS);
	assert_string_equal(f->diag.reason, "Push Notification synthetic transaction succeeded");
	assert_int_equal(f->n_posts, 0);
}

static void test_webhook(void **state)
{
	struct fixture *f = *state;
	struct json_object *o, *value;

	expect_body(f, make_body("webhook", f->uri, "Hi \"Bob\""), DIAG_SUCCESS);
	assert_int_equal(f->n_posts, 1);
	assert_string_equal(f->posts[0].type, "application/json");
	o = json_tokener_parse(f->posts[0].body);
	assert_true(json_object_object_get_ex(o, "message", &value));
	assert_string_equal(json_object_get_string(value), "Hi \"Bob\"");
	assert_true(json_object_object_get_ex(o, "missed", &value));
	assert_int_equal(json_object_get_int(value), 3);
	json_object_put(o);
	f->http_status = 204;
	expect_body(f, make_body("webhook", f->uri, "x"), DIAG_SUCCESS);
	f->http_status = 500;
	expect_body(f, make_body("webhook", f->uri, "x"), DIAG_PUSH_UNAVAILABLE);
	f->http_status = 410;
	expect_body(f, make_body("webhook", f->uri, "x"), DIAG_PUSH_NO_CHANNEL);
}

/* What cannot be shown is cut in whole characters, and fits into what MPNS takes. */
static void test_preview(void **state)
{
	struct fixture *f = *state;
	struct mpns_notice n;
	char text[1200];
	const char *why;

	for (size_t i = 0; i + 3 < sizeof(text); i += 3)
		memcpy(text + i, "\xC3\xA9&", 4);
	f->config.max_preview_bytes = 1000;
	expect_body(f, make_body("windowsPhone", f->uri, text), DIAG_SUCCESS);
	assert_int_equal(mpns_decode(f->posts[0].body, strlen(f->posts[0].body), &n, &why), 0);
	assert_true(strlen(n.text2) > 100);
	assert_string_equal(n.text2 + strlen(n.text2) - 3, "\xE2\x80\xA6");
	mpns_deinit(&n);
	expect_body(f, make_body("windowsPhone", f->uri, "first\r\nsecond"), DIAG_SUCCESS);
	run(f, NULL, 3);
	assert_int_equal(mpns_decode(f->posts[2].body, strlen(f->posts[2].body), &n, &why), 0);
	assert_string_equal(n.text2, "first");
	mpns_deinit(&n);
}

/* ---- what is refused ---- */

static void test_refused_requests(void **state)
{
	static const struct {
		struct request request;
		enum diag_code code;
	} rows[] = {
		{ { .method = "OPTIONS" }, DIAG_BAD_METHOD },
		{ { .method = "INFO" }, DIAG_BAD_METHOD },
		{ { .target = "sip:pull@push.lync.com" }, DIAG_PUSH_BAD_TARGET },
		{ { .target = "sip:push@lab.test" }, DIAG_PUSH_BAD_TARGET },
		{ { .target = "sip:push.lync.com" }, DIAG_PUSH_BAD_TARGET },
		{ { .type = "" }, DIAG_PUSH_NO_HEADER },
		{ { .type = "text/plain" }, DIAG_PUSH_BAD_TYPE },
		{ { .body = "" }, DIAG_PUSH_MALFORMED },
		{ { .body = "<a/>" }, DIAG_PUSH_MALFORMED },
		{ { .body = "<pushNotification xmlns=\"urn:mcxd:push-notification:2\"/>" },
		  DIAG_PUSH_MALFORMED },
		{ { .from = "<sip:bob@lab.test>" }, DIAG_PUSH_NO_HEADER },
		{ { .from = "<sip:McxUser0123bob@lab.test>" }, DIAG_PUSH_NO_HEADER },
		{ { .headers = "" }, DIAG_PUSH_NO_HEADER },
		{ { .headers = "ms-asserted-verification-level: "
			       "ms-source-verified-user=unverified\r\n" },
		  DIAG_PUSH_UNVERIFIED },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		expect(f, &rows[i].request, rows[i].code);
	assert_int_equal(f->n_posts, 0);
	submit(f, &rows[0].request);
	assert_non_null(strstr(f->answer, "|allow"));
	submit(f, &rows[6].request);
	assert_non_null(strstr(f->answer, "|accept"));
	submit(f, &rows[9].request);
	assert_non_null(strstr(f->info, "version"));
}

static void test_refused_devices(void **state)
{
	static const char *const uris[] = {
		"ftp://127.0.0.1/x",
		"http://example.com/x",
		"http://127.0.0.1@example.com/x",
		"http://example.com#127.0.0.1",
		"http://127.0.0.1:0/x",
		"http://127.0.0.1:65536/x",
		"http://127.0.0.1:80x/x",
		"http://127.0.0.1\\@example.com/x",
		"http://127.0.0.1.example.com/x",
		"http:///x",
		"http://[::1/x",
		"http://127.0.0.1/\"x",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(uris); i++)
		expect_body(f, make_body("windowsPhone", uris[i], "x"), DIAG_PUSH_REJECTED);
	expect_body(f, make_body("apple", NULL, "x"), DIAG_PUSH_BAD_PLATFORM);
	assert_non_null(strstr(f->info, "Apple"));
	expect_body(f, make_body("android", f->uri, "x"), DIAG_PUSH_BAD_PLATFORM);
	expect_body(f, make_body("windowsPhone", NULL, "x"), DIAG_PUSH_MALFORMED);
	assert_int_equal(f->n_posts, 0);
}

static void test_allow_hosts(void **state)
{
	struct fixture *f = *state;
	CLEANUP(mem_free_string) char *pair = mem_strdup(http_listen(f->http));

	f->config.allow_hosts = "lab.test,127.0.0.1:1";
	expect(f, &(struct request){ 0 }, DIAG_PUSH_REJECTED);
	assert_non_null(strstr(f->info, "allow_hosts"));
	f->config.allow_hosts = pair;
	expect(f, &(struct request){ 0 }, DIAG_SUCCESS);
	run(f, NULL, 2);
	f->config.allow_hosts = "";
	expect(f, &(struct request){ 0 }, DIAG_PUSH_REJECTED);
	f->config.allow_hosts = "*";
	expect(f, &(struct request){ 0 }, DIAG_SUCCESS);
}

static void test_too_large(void **state)
{
	struct fixture *f = *state;
	CLEANUP(mem_free_string) char *big = mem_zalloc(5001);

	memset(big, ' ', 5000);
	expect(f, &(struct request){ .body = big }, DIAG_PUSH_TOO_LARGE);
}

/* ---- what the platform says ---- */

static void test_answers(void **state)
{
	static const struct {
		const char *notification, *subscription;
		int status;
		enum diag_code code;
	} rows[] = {
		{ "QueueFull", "Active", 200, DIAG_PUSH_QUEUE_FULL },
		{ "Suppressed", "Active", 200, DIAG_PUSH_SUPPRESSED },
		{ "Dropped", "Expired", 404, DIAG_PUSH_NO_CHANNEL },
		{ "Dropped", "Active", 406, DIAG_PUSH_THROTTLED },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		f->http_status = rows[i].status;
		f->notification = rows[i].notification;
		f->subscription = rows[i].subscription;
		expect(f, &(struct request){ 0 }, rows[i].code);
	}
	/* No tile where the toast was not taken. */
	assert_int_equal(f->n_posts, 4);
	assert_int_equal(metric_of(f, "pnch_failed_total"), 4);
}

static void test_other_answers(void **state)
{
	static const struct {
		int status;
		enum diag_code code;
	} rows[] = {
		{ 412, DIAG_PUSH_INACTIVE },
		{ 400, DIAG_PUSH_REFUSED },
		{ 302, DIAG_PUSH_REFUSED },
		{ 503, DIAG_PUSH_UNAVAILABLE },
	};
	struct fixture *f = *state;

	f->notification = f->subscription = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		f->http_status = rows[i].status;
		expect(f, &(struct request){ 0 }, rows[i].code);
	}
}

static void test_unreachable(void **state)
{
	struct fixture *f = *state;
	CLEANUP(mem_free_string) char *uri = mem_strdup(f->uri);

	http_free(f->http);
	f->http = NULL;
	expect_body(f, make_body("windowsPhone", uri, "x"), DIAG_PUSH_UNREACHABLE);
	assert_non_null(f->info);
}

/* A platform that says nothing: the limit of notifications at once, and the time that it has. */
static void test_silent_platform(void **state)
{
	struct fixture *f = *state;
	nta_outgoing_t *first;

	f->park = true;
	begin(f, &(struct request){ 0 });
	run(f, &f->park, 1);
	first = f->orq;
	f->config.exchange_timeout_ms = 60000;
	begin(f, &(struct request){ 0 });
	run(f, &f->park, 2);
	nta_outgoing_destroy(f->orq);
	assert_int_equal(metric_of(f, "pnch_pending"), 2);
	expect(f, &(struct request){ 0 }, DIAG_LIMIT);
	assert_int_equal(metric_of(f, "pnch_limited_total"), 1);
	f->orq = first;
	await_answer(f);
	assert_int_equal(f->status, diag_row(DIAG_PUSH_UNREACHABLE)->sip_status);
	assert_int_equal(metric_of(f, "pnch_pending"), 1);
}

/* The end of everything while a notification is on its way. */
static void test_end(void **state)
{
	struct fixture *f = *state;

	f->park = true;
	begin(f, &(struct request){ 0 });
	run(f, &f->park, 1);
	assert_int_equal(metric_of(f, "pnch_pending"), 1);
}

/* ---- the real platform ---- */

struct taken {
	bool come;
	char *body;
};

static void on_taken(void *magic, const struct http_result *r)
{
	struct taken *t = magic;

	t->come = true;
	t->body = mem_strdup(r->status ? r->body : "");
}

static char *exchange(struct fixture *f, struct http_client *http, const char *method,
		      const char *url)
{
	struct taken t = { 0 };

	http_client_send(http, &(struct http_exchange){ .method = method, .url = url }, NULL,
			 on_taken, &t);
	run(f, &t.come, 0);
	return t.body;
}

static void test_real_platform(void **state)
{
	struct fixture *f = *state;
	struct http_client *http = http_client_new(f->loop, &(struct http_client_config){ 0 });
	struct platform *platform;
	struct json_object *channel, *uri, *carrier;
	char *url, *answer;

	assert_int_equal(platform_new(&(struct platform_args){ .loop = f->loop,
							       .journal = f->journal,
							       .config = &platform_defaults },
				      &platform),
			 0);
	url = text_format("%s/channels", platform_url(platform));
	answer = exchange(f, http, "POST", url);
	channel = json_tokener_parse(answer);
	assert_true(json_object_object_get_ex(channel, "notificationUri", &uri));
	assert_true(json_object_object_get_ex(channel, "carrier", &carrier));
	free(url);
	free(answer);
	expect_body(f, make_body("windowsPhone", json_object_get_string(uri), "Hi Bob"),
		    DIAG_SUCCESS);
	url = text_format("%s%s?timeout=10", platform_url(platform),
			  json_object_get_string(carrier));
	answer = exchange(f, http, "GET", url);
	assert_non_null(strstr(answer, "\"Hi Bob\""));
	free(url);
	free(answer);
	json_object_put(channel);
	http_client_free(http);
	platform_free(platform);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_toast_and_tile, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_journal, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_synthetic, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_webhook, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_preview, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_refused_requests, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_refused_devices, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_allow_hosts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_too_large, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_answers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_other_answers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_unreachable, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_silent_platform, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_end, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_real_platform, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
