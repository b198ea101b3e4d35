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
#include "web/http/client_host.h"

#include <curl/curl.h>
#include <strings.h>

#define DEFAULT_BODY_BYTES   (INT64_C(16) << 20)
#define DEFAULT_HEADER_BYTES INT64_C(65536)
#define DEFAULT_CONNECT_MS   30000

struct http_client {
	struct loop *loop;
	const struct hosts *hosts;
	char *ca_file;
	char *unix_socket;
	struct http_client_config config; /* numbers, with the defaults filled in */
	CURLM *multi;
	struct loop_timer timer;
	struct idtab *exchanges;
	struct list done;    /* exchanges to free when libcurl has returned */
	struct list pending; /* exchanges to start then */
	uint64_t post;
	int depth; /* of nested calls that may call a handler */
	bool in_curl;
	bool freed;
};

struct exchange {
	struct http_client *client;
	struct list node; /* in pending or done */
	uint64_t id;      /* 0: cancelled */
	CURL *easy;
	bool added; /* to the multi handle */
	struct client_host host;
	struct text refusal; /* why libcurl is not to see it; empty: it is */
	struct curl_slist *headers;
	char *method;
	char *body;
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
	struct http_client *c = x->client;

	if (x->added)
		curl_multi_remove_handle(c->multi, x->easy);
	if (x->id)
		idtab_remove(c->exchanges, x->id);
	list_remove(&x->node);
	curl_easy_cleanup(x->easy);
	client_host_deinit(&x->host);
	text_deinit(&x->refusal);
	curl_slist_free_all(x->headers);
	text_deinit(&x->answer);
	text_deinit(&x->answer_headers);
	free(x->method);
	free(x->body);
	free(x);
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

	if (code == CURLE_OK && curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status) == 0)
		result.status = (int)status;
	if (result.status == 0)
		result.error = x->error           ? x->error
			       : x->error_text[0] ? x->error_text
						  : curl_easy_strerror(code);
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

	for (uint64_t cursor = 0; (x = idtab_next(c->exchanges, &cursor));)
		exchange_free(x);
	list_for_each_safe (node, &c->done)
		exchange_free(LIST_ENTRY(node, struct exchange, node));
	curl_multi_cleanup(c->multi);
	loop_timer_stop(&c->timer);
	if (c->post)
		loop_unpost(c->loop, c->post);
	idtab_free(c->exchanges);
	free(c->ca_file);
	free(c->unix_socket);
	free(c);
	curl_global_cleanup();
}

static void start_pending(struct http_client *c)
{
	while (!c->freed && !list_empty(&c->pending)) {
		struct exchange *x = LIST_ENTRY(c->pending.next, struct exchange, node);

		list_remove(&x->node);
		x->added = !x->refusal.n && curl_multi_add_handle(c->multi, x->easy) == CURLM_OK;
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
		curl_multi_remove_handle(c->multi, x->easy);
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
		exchange_free(LIST_ENTRY(node, struct exchange, node));
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

static void add_headers(struct exchange *x, const char *const *headers)
{
	/* Without this, libcurl labels every body as a form. */
	x->headers = mem_check(curl_slist_append(NULL, "Content-Type:"));
	for (; headers && *headers; headers++) {
		if (strncasecmp(*headers, "Content-Type:", 13) == 0) {
			curl_slist_free_all(x->headers);
			x->headers = NULL;
		}
	}
}

/* With a UNIX socket the host of the URL is not connected to. */
static void set_url(struct exchange *x, const char *url)
{
	const struct http_client *c = x->client;

	if (c->unix_socket) {
		curl_easy_setopt(x->easy, CURLOPT_URL, url);
		curl_easy_setopt(x->easy, CURLOPT_UNIX_SOCKET_PATH, c->unix_socket);
	} else if (client_host_find(c->hosts, url, &x->host, &x->refusal)) {
		curl_easy_setopt(x->easy, CURLOPT_CURLU, x->host.url);
		curl_easy_setopt(x->easy, CURLOPT_RESOLVE, x->host.pin);
	} else {
		x->error = text_str(&x->refusal);
	}
}

static void set_options(struct exchange *x, const struct http_exchange *wish)
{
	const struct http_client *c = x->client;
	CURL *easy = x->easy;

	curl_easy_setopt(easy, CURLOPT_PRIVATE, x);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, x->error_text);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	/* Without this, the first answer of TLS 1.3 is 45 ms late. */
	curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)wish->timeout_ms);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)c->config.connect_timeout_ms);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, x);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, x);
	if (c->ca_file) {
		curl_easy_setopt(easy, CURLOPT_CAINFO, c->ca_file);
		/* Else the system's folder would be trusted, too, and read for every connection: 20 ms of CPU. */
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	}
	if (c->config.insecure) {
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
	}
}

static void set_method(struct exchange *x, const struct http_exchange *wish)
{
	size_t n = wish->body ? wish->n_body : 0;

	if (strcmp(x->method, "HEAD") == 0) {
		curl_easy_setopt(x->easy, CURLOPT_NOBODY, 1L);
		return;
	}
	/* POST and PUT send Content-Length even if it is 0, other methods only with a body. */
	if (n > 0 || strcmp(x->method, "POST") == 0 || strcmp(x->method, "PUT") == 0) {
		x->body = mem_memdup(n > 0 ? wish->body : "", n);
		curl_easy_setopt(x->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)n);
		curl_easy_setopt(x->easy, CURLOPT_POSTFIELDS, x->body);
	}
	curl_easy_setopt(x->easy, CURLOPT_CUSTOMREQUEST, x->method);
}

uint64_t http_client_send(struct http_client *c, const struct http_exchange *wish,
			  http_data_h *on_data, http_result_h *on_result, void *magic)
{
	struct exchange *x = MEM_NEW(struct exchange);

	x->client = c;
	x->id = idtab_add(c->exchanges, x);
	x->easy = mem_check(curl_easy_init());
	x->method = mem_strdup(wish->method);
	x->on_data = on_data;
	x->on_result = on_result;
	x->magic = magic;
	set_url(x, wish->url);
	set_options(x, wish);
	set_method(x, wish);
	add_headers(x, wish->headers);
	for (const char *const *header = wish->headers; header && *header; header++)
		x->headers = mem_check(curl_slist_append(x->headers, *header));
	curl_easy_setopt(x->easy, CURLOPT_HTTPHEADER, x->headers);
	list_append(&c->pending, &x->node);
	settle_soon(c);
	return x->id;
}

bool http_client_knows(const struct http_client *c, const char *url)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	CLEANUP(client_host_deinit) struct client_host host = { 0 };

	return c->unix_socket || client_host_find(c->hosts, url, &host, &why);
}

void http_client_cancel(struct http_client *c, uint64_t id)
{
	struct exchange *x = idtab_get(c->exchanges, id);

	if (!x)
		return;
	if (!c->in_curl) {
		exchange_free(x);
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
	c->hosts = config->hosts;
	c->ca_file = mem_strdup(config->ca_file);
	c->unix_socket = mem_strdup(config->unix_socket);
	c->config.insecure = config->insecure;
	c->config.max_body_bytes = or_default(config->max_body_bytes, DEFAULT_BODY_BYTES);
	c->config.max_header_bytes = or_default(config->max_header_bytes, DEFAULT_HEADER_BYTES);
	c->config.connect_timeout_ms = or_default(config->connect_timeout_ms, DEFAULT_CONNECT_MS);
	c->exchanges = idtab_new();
	list_init(&c->done);
	list_init(&c->pending);
	c->multi = mem_check(curl_multi_init());
	curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, on_socket_wish);
	curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
	curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, on_timer_wish);
	curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c);
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
