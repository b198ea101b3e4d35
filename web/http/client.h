/*
 * HTTP client
 *
 * libcurl's multi interface on the loop. Nobody else names libcurl. It asks no name server: names are known from the table of
 * hosts only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct address;
struct hosts;
struct http_client;
struct loop;

struct http_client_config {
	const struct hosts
		*hosts; /* names that may be connected to; it outlives the client, NULL: none */
	const char *ca_file;        /* certificates to trust for https; NULL: the system's */
	const char *cert_file;      /* what we show if asked for a certificate; NULL: nothing */
	const char *key_file;       /* its key */
	const char *unix_socket;    /* connect to it instead of the URL's host; may be NULL */
	bool insecure;              /* do not check certificates */
	bool http2;                 /* offer HTTP/2 for https */
	int64_t max_body_bytes;     /* of an answer without on_data; 0: 16 MiB */
	int64_t max_header_bytes;   /* of an answer; 0: 64 KiB */
	int64_t connect_timeout_ms; /* 0: 30 s */
	int64_t max_idle; /* connections to keep for later exchanges; 0: libcurl's choice */
	/** End a connection whose peer has not acknowledged data for so long (RFC 5482): exchanges that share it would wait
	 *  for it in vain, each for its own time. 0: the kernel's time, a quarter of an hour. */
	int64_t unacknowledged_ms;
};

struct http_exchange {
	const char *method;
	const char *url;
	const char *const *headers; /* "Name: value", NULL-terminated; may be NULL */
	const void *body;
	size_t n_body;
	int64_t timeout_ms; /* whole exchange; 0: none */
};

enum http_failure {
	HTTP_ANSWERED,
	HTTP_REFUSED_HERE, /* nothing was sent: the URL cannot be used */
	HTTP_NOT_CONNECTED,
	HTTP_NO_TLS,
	HTTP_TIMED_OUT,
	HTTP_BROKEN_OFF,
	HTTP_TOO_LONG
};

/** A sentence for others; it says nothing that libcurl or the peer has said. */
const char *http_failure_sentence(enum http_failure failure);

struct http_result {
	int status; /* 0: no complete answer */
	enum http_failure failure;
	const char *error; /* why there is no answer, for a log: libcurl's own sentence */
	const void *body;  /* followed by a NUL */
	size_t n_body;
	/** Value of the answer's first header of this name, or NULL. Valid during the callback. */
	const char *(*header)(const struct http_result *r, const char *name);
	/** The same for the header of this name at index, counted from 0. */
	const char *(*header_at)(const struct http_result *r, const char *name, unsigned index);
	void *private_data;
};

typedef void http_result_h(void *magic, const struct http_result *result);
/** Bytes of an answer as they arrive, whatever its status; http_result then has no body. */
typedef void http_data_h(void *magic, const void *p, size_t n);

/** The config is copied. Redirects are not followed, and the environment's proxies are not used. */
struct http_client *http_client_new(struct loop *l, const struct http_client_config *config);
/** End all exchanges without calling on_result. Also from within on_data or on_result. NULL is fine. */
struct http_client *http_client_free(struct http_client *c);

/** Whether a URL is well formed and its host is an address or a known name; *ret (may be NULL) is then the address and port
 *  that an exchange is sent to, because hosts do not change. With a UNIX socket every URL is, and *ret is untouched. */
bool http_client_knows(const struct http_client *c, const char *url, struct address *ret);

/** Start an exchange; everything is copied. on_data may be NULL. Returns an id. on_result is called
 *  once, whatever happens, and always from the loop. */
uint64_t http_client_send(struct http_client *c, const struct http_exchange *wish,
			  http_data_h *on_data, http_result_h *on_result, void *magic);

/** Drop an exchange: its connection is closed, on_result is not called. The id of one that has ended is
 *  fine. */
void http_client_cancel(struct http_client *c, uint64_t id);
