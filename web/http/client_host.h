/*
 * HTTP client: the host of a URL
 *
 * libcurl would ask a name server, in a thread of its own for each name. Here it is given the address of every name that it
 * is to connect to, and a URL with another name never reaches it. The name stays what TLS checks, what SNI carries and what
 * the Host header says.
 */
#pragma once

#include "mcxd/net/address.h"

#include <curl/curl.h>
#include <stdbool.h>

struct hosts;
struct text;

struct client_host {
	CURLU *url; /* as libcurl reads it, so that it connects to nothing else than what was looked at */
	struct curl_slist *pin; /* for CURLOPT_RESOLVE; NULL: the host is an address */
	struct address address; /* what it then connects to */
};

/** Returns false, with the reason in why, if the URL is malformed or its host is neither an address nor in the table; *ret
 *  is then all zero. hosts may be NULL: no names but localhost. */
bool client_host_find(const struct hosts *hosts, const char *url, struct client_host *ret,
		      struct text *why);
/** All zero is fine. */
void client_host_deinit(struct client_host *h);
