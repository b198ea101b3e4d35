/*
 * HTTP client: an easy handle of libcurl's
 */
#include "web/http/client_handle.h"

#include "proto/text/mem.h"
#include "web/http/client.h"
#include "web/http/client_host.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

/* libcurl asks for 0 (CURL_SOCKOPT_OK); a socket without the option works as well. */
static int on_new_socket(void *magic, curl_socket_t fd, curlsocktype purpose)
{
	const struct http_client_config *config = magic;
	unsigned ms = (unsigned)config->unacknowledged_ms;

	(void)purpose;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof(ms));
	return CURL_SOCKOPT_OK;
}

/* One connection carries all exchanges with a host: those that begin while it is being made wait for it. */
static void set_http2(CURL *easy)
{
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
}

static void set_identity(CURL *easy, const struct http_client_config *config)
{
	curl_easy_setopt(easy, CURLOPT_SSLCERT, config->cert_file);
	curl_easy_setopt(easy, CURLOPT_SSLKEY, config->key_file);
}

void client_handle_init(struct client_handle *h, const struct client_handle_args *args)
{
	const struct http_client_config *config = args->config;
	CURL *easy = mem_check(curl_easy_init());

	*h = (struct client_handle){ .easy = easy };
	curl_easy_setopt(easy, CURLOPT_PRIVATE, args->magic);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, args->ret_error);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	/* Without this, the first answer of TLS 1.3 is 45 ms late. */
	curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)config->connect_timeout_ms);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, args->on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, args->magic);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, args->on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, args->magic);
	if (config->unix_socket)
		curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, config->unix_socket);
	if (config->http2)
		set_http2(easy);
	if (config->cert_file)
		set_identity(easy, config);
	if (config->unacknowledged_ms > 0) {
		curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_new_socket);
		curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, mem_no_const(config));
	}
	if (config->ca_file) {
		curl_easy_setopt(easy, CURLOPT_CAINFO, config->ca_file);
		/* Else the system's folder would be trusted, too, and read for every connection: 20 ms of CPU. */
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	}
	if (config->insecure) {
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
	}
}

void client_handle_deinit(struct client_handle *h)
{
	client_handle_clear(h);
	curl_easy_cleanup(h->easy);
	h->easy = NULL;
}

/* ---- an exchange ---- */

static void set_headers(struct client_handle *h, const char *const *headers)
{
	bool has_type = false;

	for (; headers && *headers; headers++) {
		h->headers = mem_check(curl_slist_append(h->headers, *headers));
		has_type |= strncasecmp(*headers, "Content-Type:", strlen("Content-Type:")) == 0;
	}
	/* Without this, libcurl labels every body as a form. */
	if (!has_type)
		h->headers = mem_check(curl_slist_append(h->headers, "Content-Type:"));
	curl_easy_setopt(h->easy, CURLOPT_HTTPHEADER, h->headers);
}

/* With a UNIX socket the host of the URL is not connected to. */
static bool set_url(struct client_handle *h, const struct http_client_config *config,
		    const char *url, struct text *why)
{
	if (config->unix_socket) {
		curl_easy_setopt(h->easy, CURLOPT_URL, url);
		return true;
	}
	if (!client_host_find(config->hosts, url, &h->host, why))
		return false;
	curl_easy_setopt(h->easy, CURLOPT_CURLU, h->host.url);
	curl_easy_setopt(h->easy, CURLOPT_RESOLVE, h->host.pin);
	return true;
}

static void set_method(struct client_handle *h, const struct http_exchange *wish)
{
	size_t n = wish->body ? wish->n_body : 0;

	h->method = mem_strdup(wish->method);
	/* Undoes HEAD and POST of the exchange before. */
	curl_easy_setopt(h->easy, CURLOPT_HTTPGET, 1L);
	curl_easy_setopt(h->easy, CURLOPT_CUSTOMREQUEST, h->method);
	if (strcmp(h->method, "HEAD") == 0) {
		curl_easy_setopt(h->easy, CURLOPT_NOBODY, 1L);
		return;
	}
	/* POST and PUT send Content-Length even if it is 0, other methods only with a body. */
	if (n > 0 || strcmp(h->method, "POST") == 0 || strcmp(h->method, "PUT") == 0) {
		h->body = mem_memdup(n > 0 ? wish->body : "", n);
		curl_easy_setopt(h->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)n);
		curl_easy_setopt(h->easy, CURLOPT_POSTFIELDS, h->body);
	}
}

bool client_handle_prepare(struct client_handle *h, const struct http_client_config *config,
			   const struct http_exchange *wish, struct text *why)
{
	curl_easy_setopt(h->easy, CURLOPT_TIMEOUT_MS, (long)wish->timeout_ms);
	set_method(h, wish);
	set_headers(h, wish->headers);
	return set_url(h, config, wish->url, why);
}

void client_handle_clear(struct client_handle *h)
{
	client_host_deinit(&h->host);
	curl_slist_free_all(h->headers);
	free(h->method);
	free(h->body);
	h->headers = NULL;
	h->method = h->body = NULL;
}
