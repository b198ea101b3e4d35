/*
 * HTTP client
 *
 * libcurl names the sockets and the time that it waits for, and the loop calls it when they are ready.
 * libcurl must not be called from within its own callbacks, and one of them calls on_data(). So settle() does
 * what a handler asks for there, once libcurl has returned.
 */
#include "web/http/client.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/client_failure.h"
#include "web/http/client_handle.h"
#include "web/http/client_host.h"

#include <curl/curl.h>
#include <strings.h>

#define DEFAULT_BODY_BYTES   (INT64_C(16) << 20)
#define DEFAULT_HEADER_BYTES INT64_C(65536)
#define DEFAULT_CONNECT_MS   30000

/* Handles that are kept for later exchanges. */
enum { MAX_SPARE = 16 };

struct http_client {
	struct loop *loop;
	struct http_client_config config; /* with our own strings, and the defaults filled in */
	char *ca_file, *cert_file, *key_file, *unix_socket; /* for the config */
	CURLM *multi;
	struct loop_timer timer;
	struct idtab *exchanges;
	struct list done;    /* exchanges to free when libcurl has returned */
	struct list pending; /* exchanges to start then */
	struct list spare;   /* exchanges that have ended, for their handles */
	int64_t n_spare, max_spare;
	uint64_t post;
	int depth; /* of nested calls that may call a handler */
	bool in_curl;
	bool freed;
};

struct exchange {
	struct http_client *client;
	struct list node; /* in pending, done or spare */
	uint64_t id;      /* 0: cancelled */
	struct client_handle handle;
	struct text refusal; /* why libcurl is not to see it; empty: it is */
	bool added;          /* to the multi handle */
	http_data_h *on_data;
	http_result_h *on_result;
	void *magic;
	struct text answer;
	struct text answer_headers; /* "name: value", each followed by a NUL */
	const char *error;          /* replaces libcurl's */
	char error_text[CURL_ERROR_SIZE];
};

struct watch {
	struct http_client *client;
	struct loop_fd *fd;
};

static int64_t or_default(int64_t value, int64_t default_value)
{
	return value > 0 ? value : default_value;
}

/* ---- exchanges ---- */

static void exchange_free(struct exchange *x)
{
	list_remove(&x->node);
	client_handle_deinit(&x->handle);
	free(x);
}

static void exchange_end(struct exchange *x)
{
	struct http_client *c = x->client;

	if (x->added)
		curl_multi_remove_handle(c->multi, x->handle.easy);
	if (x->id)
		idtab_remove(c->exchanges, x->id);
	list_remove(&x->node);
	client_handle_clear(&x->handle);
	text_deinit(&x->refusal);
	text_deinit(&x->answer);
	text_deinit(&x->answer_headers);
	*x = (struct exchange){ .client = c, .handle = x->handle };
	if (c->freed || c->n_spare >= c->max_spare) {
		exchange_free(x);
		return;
	}
	list_append(&c->spare, &x->node);
	c->n_spare++;
}

static const char *find_header_at(const struct http_result *result, const char *name,
				  unsigned index)
{
	const struct exchange *x = result->private_data;
	size_t n = strlen(name);
	size_t at = 0;

	while (at < x->answer_headers.n) {
		const char *line = x->answer_headers.data + at;

		if (strncasecmp(line, name, n) == 0 && line[n] == ':' && index-- == 0)
			return line + n + 1 + strspn(line + n + 1, " \t");
		at += strlen(line) + 1;
	}
	return NULL;
}

static const char *find_header(const struct http_result *result, const char *name)
{
	return find_header_at(result, name, 0);
}

static void finish(struct exchange *x, CURLcode code)
{
	struct http_result result = { .header = find_header,
				      .header_at = find_header_at,
				      .private_data = x };
	long status = 0;

	if (code == CURLE_OK &&
	    curl_easy_getinfo(x->handle.easy, CURLINFO_RESPONSE_CODE, &status) == 0)
		result.status = (int)status;
	if (result.status == 0) {
		result.failure = client_failure_of(code);
		result.error = x->error           ? x->error
			       : x->error_text[0] ? x->error_text
						  : curl_easy_strerror(code);
	}
	if (result.status != 0 && !x->on_data) {
		result.body = text_str(&x->answer);
		result.n_body = x->answer.n;
	}
	idtab_remove(x->client->exchanges, x->id);
	x->id = 0;
	x->on_result(x->magic, &result);
}

/* ---- calling libcurl and handlers ---- */

static void client_destroy(struct http_client *c)
{
	struct exchange *x;

	c->freed = true;
	for (uint64_t cursor = 0; (x = idtab_next(c->exchanges, &cursor));)
		exchange_end(x);
	list_for_each_safe (node, &c->done)
		exchange_end(LIST_ENTRY(node, struct exchange, node));
	list_for_each_safe (node, &c->spare)
		exchange_free(LIST_ENTRY(node, struct exchange, node));
	curl_multi_cleanup(c->multi);
	loop_timer_stop(&c->timer);
	if (c->post)
		loop_unpost(c->loop, c->post);
	idtab_free(c->exchanges);
	free(c->ca_file);
	free(c->cert_file);
	free(c->key_file);
	free(c->unix_socket);
	free(c);
	curl_global_cleanup();
}

static void start_pending(struct http_client *c)
{
	while (!c->freed && !list_empty(&c->pending)) {
		struct exchange *x = LIST_ENTRY(c->pending.next, struct exchange, node);

		list_remove(&x->node);
		x->added = !x->refusal.n &&
			   curl_multi_add_handle(c->multi, x->handle.easy) == CURLM_OK;
		if (!x->added) {
			finish(x, CURLE_FAILED_INIT);
			list_append(&c->done, &x->node);
		}
	}
}

static void finish_done(struct http_client *c)
{
	CURLMsg *msg;
	int n_left;

	while (!c->freed && (msg = curl_multi_info_read(c->multi, &n_left))) {
		CURLcode code = msg->data.result;
		char *private_data = NULL;
		struct exchange *x;

		if (msg->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &private_data);
		x = (struct exchange *)(void *)private_data;
		/* This frees msg. */
		curl_multi_remove_handle(c->multi, x->handle.easy);
		x->added = false;
		if (!list_linked(&x->node))
			list_append(&c->done, &x->node);
		if (x->id)
			finish(x, code);
	}
}

/* Do what libcurl and handlers have left to do. */
static void settle(struct http_client *c)
{
	c->depth++;
	finish_done(c);
	start_pending(c);
	list_for_each_safe (node, &c->done)
		exchange_end(LIST_ENTRY(node, struct exchange, node));
	c->depth--;
	if (c->freed && c->depth == 0)
		client_destroy(c);
}

static void act(struct http_client *c, curl_socket_t fd, int mask)
{
	int n_running;

	c->depth++;
	c->in_curl = true;
	curl_multi_socket_action(c->multi, fd, mask, &n_running);
	c->in_curl = false;
	c->depth--;
	settle(c);
}

static void on_post(void *magic)
{
	struct http_client *c = magic;

	c->post = 0;
	settle(c);
}

static void settle_soon(struct http_client *c)
{
	if (c->depth == 0 && !c->post)
		c->post = loop_post(c->loop, on_post, c);
}

/* ---- what libcurl calls ---- */

static void on_timer(void *magic)
{
	act(magic, CURL_SOCKET_TIMEOUT, 0);
}

static int on_timer_wish(CURLM *multi, long timeout_ms, void *magic)
{
	struct http_client *c = magic;

	(void)multi;
	if (timeout_ms < 0)
		loop_timer_stop(&c->timer);
	else
		loop_timer_set_real(c->loop, &c->timer, timeout_ms, on_timer, c);
	return 0;
}

static void on_ready(void *magic, int fd, unsigned events)
{
	struct watch *w = magic;
	int mask = (events & LOOP_IN ? CURL_CSELECT_IN : 0) |
		   (events & LOOP_OUT ? CURL_CSELECT_OUT : 0) |
		   (events & LOOP_HUP ? CURL_CSELECT_ERR : 0);

	act(w->client, fd, mask);
}

static int on_socket_wish(CURL *easy, curl_socket_t fd, int what, void *magic, void *socket_magic)
{
	struct http_client *c = magic;
	struct watch *w = socket_magic;
	unsigned events =
		(what & CURL_POLL_IN ? LOOP_IN : 0) | (what & CURL_POLL_OUT ? LOOP_OUT : 0);

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (w)
			loop_fd_free(w->fd);
		free(w);
		curl_multi_assign(c->multi, fd, NULL);
		return 0;
	}
	if (w)
		return loop_fd_set_events(w->fd, events) < 0 ? -1 : 0;
	w = MEM_NEW(struct watch);
	w->client = c;
	if (loop_fd_add(c->loop, fd, events, on_ready, w, &w->fd) < 0) {
		free(w);
		return -1;
	}
	curl_multi_assign(c->multi, fd, w);
	return 0;
}

static size_t on_body(char *p, size_t size, size_t n, void *magic)
{
	struct exchange *x = magic;

	n *= size;
	if (!x->id || x->client->freed)
		return CURL_WRITEFUNC_ERROR;
	if (x->on_data) {
		x->on_data(x->magic, p, n);
		return x->id && !x->client->freed ? n : CURL_WRITEFUNC_ERROR;
	}
	if (x->answer.n + n > (size_t)x->client->config.max_body_bytes) {
		x->error = "the answer is larger than the limit";
		return CURL_WRITEFUNC_ERROR;
	}
	text_add_bytes(&x->answer, p, n);
	return n;
}

static size_t on_header(char *p, size_t size, size_t n, void *magic)
{
	struct exchange *x = magic;
	size_t n_line = n * size;

	/* Each status line begins another head (after a 100, for instance); the last one counts. */
	if (n_line >= 5 && memcmp(p, "HTTP/", 5) == 0) {
		text_reset(&x->answer_headers);
		return n_line;
	}
	if (x->answer_headers.n + n_line > (size_t)x->client->config.max_header_bytes) {
		x->error = "the headers of the answer are larger than the limit";
		return 0;
	}
	while (n_line > 0 && strchr("\r\n \t", p[n_line - 1]))
		n_line--;
	if (n_line > 0 && !memchr(p, '\0', n_line)) {
		text_add_bytes(&x->answer_headers, p, n_line);
		text_add_bytes(&x->answer_headers, "", 1);
	}
	return n * size;
}

/* ---- sending ---- */

static struct exchange *exchange_new(struct http_client *c)
{
	struct exchange *x;

	if (!list_empty(&c->spare)) {
		/* The last one is in the cache still. */
		x = LIST_ENTRY(c->spare.prev, struct exchange, node);
		list_remove(&x->node);
		c->n_spare--;
		return x;
	}
	x = MEM_NEW(struct exchange);
	x->client = c;
	client_handle_init(&x->handle, &(struct client_handle_args){ .config = &c->config,
								     .on_body = on_body,
								     .on_header = on_header,
								     .magic = x,
								     .ret_error = x->error_text });
	return x;
}

uint64_t http_client_send(struct http_client *c, const struct http_exchange *wish,
			  http_data_h *on_data, http_result_h *on_result, void *magic)
{
	struct exchange *x = exchange_new(c);

	x->id = idtab_add(c->exchanges, x);
	x->on_data = on_data;
	x->on_result = on_result;
	x->magic = magic;
	if (!client_handle_prepare(&x->handle, &c->config, wish, &x->refusal))
		x->error = text_str(&x->refusal);
	list_append(&c->pending, &x->node);
	settle_soon(c);
	return x->id;
}

bool http_client_knows(const struct http_client *c, const char *url, struct address *ret)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	CLEANUP(client_host_deinit) struct client_host host = { 0 };

	if (c->unix_socket)
		return true;
	if (!client_host_find(c->config.hosts, url, &host, &why))
		return false;
	if (ret)
		*ret = host.address;
	return true;
}

/* libcurl's own sentences name addresses, files and what a peer has sent. */
const char *http_failure_sentence(enum http_failure failure)
{
	static const char *const sentences[] = {
		[HTTP_ANSWERED] = "It answered",
		[HTTP_REFUSED_HERE] = "Its URL cannot be used",
		[HTTP_NOT_CONNECTED] = "No connection could be made",
		[HTTP_NO_TLS] = "No trusted TLS connection could be made",
		[HTTP_TIMED_OUT] = "It did not answer in time",
		[HTTP_BROKEN_OFF] = "The connection ended, or the answer was not HTTP",
		[HTTP_TOO_LONG] = "Its answer was too long",
	};

	return sentences[failure];
}

void http_client_cancel(struct http_client *c, uint64_t id)
{
	struct exchange *x = idtab_get(c->exchanges, id);

	if (!x)
		return;
	if (!c->in_curl) {
		exchange_end(x);
		return;
	}
	idtab_remove(c->exchanges, id);
	x->id = 0;
	list_remove(&x->node);
	list_append(&c->done, &x->node);
}

struct http_client *http_client_new(struct loop *l, const struct http_client_config *config)
{
	struct http_client *c = MEM_NEW(struct http_client);

	curl_global_init(CURL_GLOBAL_DEFAULT);
	c->loop = l;
	c->config = *config;
	c->config.ca_file = c->ca_file = mem_strdup(config->ca_file);
	c->config.cert_file = c->cert_file = mem_strdup(config->cert_file);
	c->config.key_file = c->key_file = mem_strdup(config->key_file);
	c->config.unix_socket = c->unix_socket = mem_strdup(config->unix_socket);
	c->max_spare = config->max_idle > MAX_SPARE ? config->max_idle : MAX_SPARE;
	c->config.max_body_bytes = or_default(config->max_body_bytes, DEFAULT_BODY_BYTES);
	c->config.max_header_bytes = or_default(config->max_header_bytes, DEFAULT_HEADER_BYTES);
	c->config.connect_timeout_ms = or_default(config->connect_timeout_ms, DEFAULT_CONNECT_MS);
	c->exchanges = idtab_new();
	list_init(&c->done);
	list_init(&c->pending);
	list_init(&c->spare);
	c->multi = mem_check(curl_multi_init());
	curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, on_socket_wish);
	curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
	curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, on_timer_wish);
	curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c);
	if (config->max_idle > 0)
		curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, (long)config->max_idle);
	return c;
}

struct http_client *http_client_free(struct http_client *c)
{
	if (!c)
		return NULL;
	if (c->depth > 0)
		c->freed = true;
	else
		client_destroy(c);
	return NULL;
}
