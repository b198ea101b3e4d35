/*
 * HTTP server, inside
 *
 * What a server consists of. From the bottom up, each file uses only those above it:
 *
 *	target route tls deadline linger        know nothing of a server
 *	shard conn arrival                      libmicrohttpd's daemons and their connections
 *	gzip                                    bodies as they go over the wire
 *	request head proxy                      one request, what its head must look like, and whose it is
 *	suspend park slow answer stream refusal how it waits and how it ends
 *	serve struck                            what libmicrohttpd calls, and what a fault does to it
 *	inner                                   requests inside a request
 *	listener http                           the way in, and the whole
 */
#pragma once

#include "web/http/arrival.h"
#include "web/http/deadline.h"
#include "web/http/http.h"
#include "web/http/linger.h"
#include "web/http/listener.h"
#include "web/http/metrics.h"
#include "web/http/suspend.h"

struct http_gzip;
struct http_router;
struct http_shard;
struct http_tls;
struct prefixes;
struct rates;
struct idtab;
struct loop;

struct http {
	struct loop *loop;
	char *name;
	struct http_config config; /* numbers, with the defaults filled in */
	char *cert_file, *key_file;
	struct http_args args; /* callbacks and routes */
	struct http_router *router;
	struct http_listener listener;
	struct http_shard *shards;
	int n_shards;
	int next_shard;
	struct http_tls *tls; /* NULL: plain */

	struct idtab *
		waiting; /* parked requests and open streams; that of args.ids_of if there is one */
	struct http_suspended suspended;
	struct http_deadlines deadlines;
	struct http_linger linger;
	struct http_gzip *gzip;
	struct rates *rates;      /* of requests by address; NULL: there is no limit */
	struct prefixes *trusted; /* proxies; NULL: none */
	struct http_arrivals arrivals;
	struct http_told told; /* of the connection that is being handed over */

	bool closing;
	struct http_metrics metrics;
};
