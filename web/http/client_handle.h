/*
 * HTTP client: an easy handle of libcurl's
 *
 * It serves one exchange after another: to make and to set up a handle costs about as much as an exchange by it.
 */
#pragma once

#include "web/http/client_host.h"

#include <curl/curl.h>
#include <stdbool.h>

struct http_client_config;
struct http_exchange;
struct text;

struct client_handle {
	CURL *easy;
	/* of the exchange */
	struct client_host host;
	struct curl_slist *headers;
	char *method, *body;
};

struct client_handle_args {
	const struct http_client_config *config;
	curl_write_callback on_body, on_header;
	void *magic;     /* of both; also the handle's CURLINFO_PRIVATE */
	char *ret_error; /* CURL_ERROR_SIZE bytes, for libcurl's sentence */
};

/** What is the same for all its exchanges. */
void client_handle_init(struct client_handle *h, const struct client_handle_args *args);
void client_handle_deinit(struct client_handle *h);

/** Get it ready for an exchange; everything is copied. Returns false, with a sentence in why, if libcurl must not see the
 *  URL. */
bool client_handle_prepare(struct client_handle *h, const struct http_client_config *config,
			   const struct http_exchange *wish, struct text *why);
/** Forget the exchange. The handle must be in no multi handle. */
void client_handle_clear(struct client_handle *h);
